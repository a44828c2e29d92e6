"""A point inside each of many shapes, in metres: the middle of the widest stretch of a line across it, as GEOS finds it.

For the many that are a single ring it is reckoned here, from their coordinates and to the same bits; GEOS is asked about others.
"""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

from geo.shapes import Shapes, on_all_cores, spread


def points_inside(geometries: np.ndarray, flat: Shapes) -> np.ndarray:
    """x and y in metres of a point inside each shape, as `shapely.point_on_surface`.

    The line runs west-east, halfway between the corners next above and below the middle of the shape's height.

    Parameters
    ----------
    geometries : array of geometries, shape (n,)
        In a metric CRS.
    flat : Shapes
        Their coordinates.

    Returns
    -------
    float64 array, shape (n, 2)
        NaN where a shape is missing or empty.

    Examples
    --------
    >>> from geo.shapes import flatten
    >>> shapes = np.array([shapely.box(0, 0, 20, 10), shapely.Point(3, 4), None])
    >>> points_inside(shapes, flatten(shapes)).tolist()
    [[10.0, 5.0], [3.0, 4.0], [nan, nan]]
    """
    xy = np.full((len(geometries), 2), np.nan)
    spread(lambda start, stop: _across(start, stop, flat.x, flat.y, flat.ring_start, flat.ring_area, flat.shape_start, xy), len(xy))
    asked = np.flatnonzero(np.isnan(xy[:, 0]))
    points = on_all_cores(shapely.point_on_surface, geometries[asked])
    there = ~(shapely.is_missing(points) | shapely.is_empty(points))
    xy[asked[there]] = shapely.get_coordinates(points[there])
    return xy


@njit(nogil=True, cache=True)
def _across(start, stop, x, y, ring_start, ring_area, shape_start, xy):
    """The point of each shape that is one ring with a line across it; others are left as they are."""
    crossing = np.empty(64)
    for shape in range(start, stop):
        ring = shape_start[shape]
        if shape_start[shape + 1] - ring != 1 or not ring_area[ring]:
            continue
        first, last = ring_start[ring], ring_start[ring + 1] - 1
        if last - first > crossing.size:
            crossing = np.empty(2 * (last - first))
        low, high = np.inf, -np.inf
        for k in range(first, last):
            low, high = min(low, y[k]), max(high, y[k])
        middle = (low + high) / 2.0
        for k in range(first, last):
            if y[k] <= middle:
                low = max(low, y[k])
            else:
                high = min(high, y[k])
        level, count = (high + low) / 2.0, 0
        for k in range(first, last):
            if (y[k] < level) == (y[k + 1] < level):     # a corner on the line belongs to what lies above it
                continue
            at = x[k]
            if x[k] != x[k + 1]:
                at = x[k] + (level - y[k]) / ((y[k + 1] - y[k]) / (x[k + 1] - x[k]))
            i, count = count, count + 1
            while i > 0 and crossing[i - 1] > at:        # kept in order: there are hardly ever more than two
                crossing[i] = crossing[i - 1]
                i -= 1
            crossing[i] = at
        widest = 0.0
        for i in range(0, count - 1, 2):
            if crossing[i + 1] - crossing[i] > widest:
                widest = crossing[i + 1] - crossing[i]
                xy[shape, 0], xy[shape, 1] = (crossing[i] + crossing[i + 1]) / 2.0, level
