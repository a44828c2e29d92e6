"""How parcels are divided among villages: which of them lie in several, and how much of them in each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from layers.cores import on_all_cores
from layers.crs import boxes_of

_FEWEST_CELLS, _MOST_CELLS = 64, 2048
_WHOLE = 1 - 1e-6
"""A share of a parcel from which on it may lie in one village as a whole."""


def shares_of(parcels: np.ndarray, villages: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Area (m2) that the parcels at the villages' limits have in each of the villages they meet.

    Of a parcel between two villages that lie side by side only one part is cut out: the other one is the rest. That they do is
    seen by their edges: where every edge of one village is the edge of another in the opposite direction, and no other edges are
    near, each point of a parcel across such an edge lies in exactly one of the two.

    Parameters
    ----------
    parcels, villages : arrays of areas
        In metres.

    Returns
    -------
    tuple of arrays
        Position of the parcel, position of the village, and the area; sorted by parcel, then village. Only parcels that meet
        several villages are there.
    """
    near = np.flatnonzero(_near_a_limit(boxes_of(parcels), villages))
    # the few large areas are asked for the many small ones: it is the asking side that GEOS prepares
    village, at = shapely.STRtree(parcels[near]).query(villages, predicate="intersects")
    several = (np.bincount(at, minlength=len(near)) > 1)[at]
    village, at = village[several], near[at[several]]
    order = np.lexsort((village, at))
    village, at = village[order], at[order]
    area = np.full(len(at), np.nan)
    rest = _rests(parcels, villages, at)
    cut = ~rest
    area[cut] = on_all_cores(_shared, parcels[at[cut]], villages[village[cut]])
    before = np.flatnonzero(rest) - 1   # the other part of the same parcel
    whole = shapely.area(parcels[at[rest]])
    area[rest] = whole - area[before]
    again = np.flatnonzero(rest)[area[before] > _WHOLE * whole]   # it may lie in one village and touch, or overlap, the other
    area[again] = _shared(parcels[at[again]], villages[village[again]])
    return at, village, area


def _shared(parcels: np.ndarray, villages: np.ndarray) -> np.ndarray:
    return shapely.area(shapely.intersection(parcels, villages))


def _rests(parcels: np.ndarray, villages: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Mask of the second parts of parcels between two villages with no loose edge near; `at` is sorted."""
    rest = np.zeros(len(at), dtype=bool)
    _, first, count = np.unique(at, return_index=True, return_counts=True)
    second = first[count == 2] + 1
    if len(second):
        loose = shapely.STRtree(_loose_edges(villages))
        at_loose = np.unique(loose.query(shapely.box(*boxes_of(parcels)[at[second]].T))[0])
        rest[np.delete(second, at_loose)] = True
    return rest


def _loose_edges(villages: np.ndarray) -> np.ndarray:
    """Edges that are not the edge of exactly one other village in the opposite direction, as lines."""
    rings = shapely.get_rings(shapely.orient_polygons(villages))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inner = ring[1:] == ring[:-1]
    one, other = points[:-1][inner], points[1:][inner]
    forth = (one[:, 0] < other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] < other[:, 1]))
    low, high = np.where(forth[:, None], one, other), np.where(forth[:, None], other, one)
    edges = pd.DataFrame({"x0": low[:, 0], "y0": low[:, 1], "x1": high[:, 0], "y1": high[:, 1]})
    same = pd.Series(np.where(forth, 1, -1)).groupby([edges[name] for name in edges], sort=False)
    loose = (same.transform("size") != 2) | (same.transform("sum") != 0)
    ends = np.stack([one[loose.to_numpy()], other[loose.to_numpy()]], axis=1)
    return shapely.linestrings(ends)


def _near_a_limit(boxes: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Mask of the boxes near a village limit: those that meet a cell of a coarse grid through which a limit runs."""
    left, bottom, right, top = shapely.total_bounds(limits)
    cells = int(np.clip(2 * np.sqrt(len(boxes)), _FEWEST_CELLS, _MOST_CELLS))   # no larger than a parcel
    size = max(right - left, top - bottom, 1.0) / (cells - 2)
    lines = shapely.get_parts(shapely.segmentize(shapely.boundary(limits), size / 2))
    x, y = (np.floor((shapely.get_coordinates(lines) - (left, bottom)) / size).astype("int64") + 1).T
    grid = np.zeros((cells + 1, cells + 1), dtype="int32")
    grid[np.clip(x, 1, cells - 1), np.clip(y, 1, cells - 1)] = 1
    total = grid.cumsum(axis=0, dtype="int32").cumsum(axis=1, dtype="int32").ravel()

    def cell(ends: np.ndarray, origin: float, beyond: int) -> np.ndarray:
        return np.fmin(np.fmax((ends - origin) / size + beyond, 0), cells).astype("int32")   # what has no box lies at 0

    x0, y0 = cell(boxes[:, 0], left, -1) * (cells + 1), cell(boxes[:, 1], bottom, -1)
    x1, y1 = cell(boxes[:, 2], left, 2) * (cells + 1), cell(boxes[:, 3], bottom, 2)
    return total[x1 + y1] - total[x0 + y1] - total[x1 + y0] + total[x0 + y0] > 0
