"""Shapes of parcels: an uneven pattern of seeds and the regions nearest to each; borders are shared and not quite straight."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import Voronoi


def voronoi_cells(xy: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Regions of the wanted seeds as polygons; a border longer than 9 m bends a little, the same for both its sides.

    Parameters
    ----------
    xy : (n, 2) array
        Seeds in metres.
    wanted : (n,) bool array
        Seeds whose regions are asked for; each must be closed, so wanted seeds lie inside a ring of others.

    Returns
    -------
    Array of polygons, one per wanted seed in order; they do not overlap.
    """
    origin = xy.mean(axis=0)
    net = Voronoi(xy - origin)
    regions = [net.regions[i] for i in net.point_region[np.nonzero(wanted)[0]]]
    size = np.array([len(region) for region in regions])
    here = np.concatenate([np.asarray(region) for region in regions])
    if (here < 0).any():
        raise ValueError("a wanted seed lies on the outer rim of the pattern")
    start = np.concatenate([[0], np.cumsum(size)])
    ring = np.repeat(np.arange(len(size)), size)
    following = np.arange(len(here)) + 1
    following[start[1:] - 1] = start[:-1]
    there = here[following]
    key = np.minimum(here, there).astype(np.int64) * (len(net.vertices) + 1) + np.maximum(here, there)
    edge = np.unique(key, return_inverse=True)[1]
    bend = rng.uniform(-0.055, 0.055, edge.max() + 1)
    place = rng.uniform(0.38, 0.62, edge.max() + 1)
    for _ in range(4):
        polygons = _outline(net.vertices + origin, here, there, ring, edge, bend, place)
        broken = ~shapely.is_valid(polygons)
        if not broken.any():
            break
        bend[edge[broken[ring]]] = 0.0
    return polygons


def _outline(
    vertices: np.ndarray,
    here: np.ndarray,
    there: np.ndarray,
    ring: np.ndarray,
    edge: np.ndarray,
    bend: np.ndarray,
    place: np.ndarray,
) -> np.ndarray:
    low, high = vertices[np.minimum(here, there)], vertices[np.maximum(here, there)]
    along = high - low
    middle = low + place[edge, None] * along + bend[edge, None] * np.column_stack([-along[:, 1], along[:, 0]])
    bent = (np.hypot(*along.T) > 9.0) & (bend[edge] != 0.0)
    xy = np.empty((len(here) * 2, 2))
    xy[0::2], xy[1::2] = vertices[here], middle
    keep = np.ones(len(xy), bool)
    keep[1::2] = bent
    owner = np.repeat(ring, 2)
    return shapely.polygons(shapely.linearrings(xy[keep], indices=owner[keep]))


def largest_part(shapes: np.ndarray) -> np.ndarray:
    """Each shape's largest polygon, so that a parcel is one piece; what is empty stays an empty polygon."""
    shapes = np.asarray(shapes)
    single = shapely.get_type_id(shapes) == 3
    out = shapes.copy()
    for i in np.nonzero(~single)[0].tolist():
        parts = [part for part in shapely.get_parts(shapes[i]) if part.geom_type == "Polygon"]
        out[i] = max(parts, key=lambda part: part.area) if parts else shapely.Polygon()
    return out


def take_away(shapes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Shapes less everything of `others` that crosses them, as single polygons."""
    tree = shapely.STRtree(shapes)
    other, shape = tree.query(others, predicate="intersects")
    order = np.lexsort((other, shape))
    other, shape = other[order], shape[order]
    touched, start, count = np.unique(shape, return_index=True, return_counts=True)
    out = np.asarray(shapes).copy()
    for turn in range(int(count.max(initial=0))):
        more = count > turn
        at = touched[more]
        out[at] = shapely.difference(out[at], others[other[start[more] + turn]])
    out[touched] = largest_part(out[touched])
    return out


def bands(lines: np.ndarray, half_width_m: np.ndarray, *, vertices: int = 5) -> np.ndarray:
    """Bands of a half width (m) along lines, in short overlapping pieces: cutting with few corners is cheap."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    start = np.searchsorted(line, np.arange(len(lines)))
    count = np.bincount(line, minlength=len(lines))
    pieces = -(-(count - 1) // (vertices - 1))
    which = np.repeat(np.arange(len(lines)), pieces)
    rank = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    first = start[which] + rank * (vertices - 1)
    size = np.minimum(vertices, start[which] + count[which] - first)
    take = np.repeat(first, size) + np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    short = shapely.linestrings(xy[take], indices=np.repeat(np.arange(len(which)), size))
    return shapely.buffer(short, np.asarray(half_width_m, dtype=float)[which], quad_segs=2)
