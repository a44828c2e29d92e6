"""The road network of the benchmark county: a jittered lattice with a third of its edges taken away, never a part cut off."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

EDGES_PER_NODE = 1.3
CLASSES = ((64, "national"), (32, "provincial"), (16, "county"), (8, "township"), (4, "village"))
"""Every so manieth line of the lattice is a road of this class; the others are streets, tracks and paths."""


def road_lattice(side_m: float, nodes: int, rng: np.random.Generator, *, origin: tuple[float, float], crs: str) -> gpd.GeoDataFrame:
    """Roads of a square, one row an edge with two bends, all parts connected; lengths in m.

    Parameters
    ----------
    side_m : float
        Side of the square.
    nodes : int
        About how many nodes.
    rng : Generator
        Of numpy.
    origin : (x, y)
        Lower left corner.
    crs : str
        Of the frame.

    Returns
    -------
    GeoDataFrame
        `道路编号`, `road_class` as in the standard columns, `oneway`, lines.
    """
    across = round(np.sqrt(nodes))
    step = side_m / across
    column, row = (part.ravel() for part in np.meshgrid(np.arange(across), np.arange(across)))
    xy = (np.column_stack([column, row]) + 0.5 + rng.uniform(-0.22, 0.22, (across**2, 2))) * step + origin
    east = np.flatnonzero(column < across - 1)
    north = np.flatnonzero(row < across - 1)
    u = np.concatenate([east, north])
    v = np.concatenate([east + 1, north + across])
    line = np.concatenate([row[east], column[north]])
    kept = _kept(u, v, line, across**2, rng)
    u, v, line = u[kept], v[kept], line[kept]
    road_class = np.full(len(u), "", dtype=object)
    for every, name in CLASSES:
        road_class[(line % every == 0) & (road_class == "")] = name
    small = road_class == ""
    road_class[small] = rng.choice(["street", "track", "path"], small.sum(), p=[0.5, 0.35, 0.15])
    return gpd.GeoDataFrame({"道路编号": [f"L{number:07d}" for number in range(len(u))], "road_class": road_class, "oneway": "no"},
                            geometry=_bent(xy[u], xy[v], rng), crs=crs)


def _kept(u: np.ndarray, v: np.ndarray, line: np.ndarray, nodes: int, rng: np.random.Generator) -> np.ndarray:
    """The larger roads, a spanning tree, and as many others as make up the number of edges."""
    weight = rng.uniform(0.5, 1.5, len(u))
    main = line % CLASSES[-1][0] == 0
    tree = minimum_spanning_tree(coo_matrix((np.where(main, 0.01, weight), (u, v)), shape=(nodes, nodes))).tocoo()
    kept = main | np.isin(u * nodes + v, tree.row.astype("int64") * nodes + tree.col)
    others = rng.permutation(np.flatnonzero(~kept))
    kept[others[: max(int(EDGES_PER_NODE * nodes) - int(kept.sum()), 0)]] = True
    return kept


def _bent(first: np.ndarray, last: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lines from first to last with two bends up to 6 % of their length aside; too little for two lines to cross."""
    along = last - first
    aside = np.column_stack([-along[:, 1], along[:, 0]])
    share, bend = rng.uniform([0.25, 0.6], [0.4, 0.75], (len(along), 2)), rng.uniform(-0.06, 0.06, (len(along), 2))
    inner = [first + share[:, [k]] * along + bend[:, [k]] * aside for k in (0, 1)]
    return shapely.linestrings(np.stack([first, *inner, last], axis=1))
