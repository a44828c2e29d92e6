"""Ground: slope from a height model, heights at points, and means over polygons by exact cell coverage.

Not valid below the cell size: a 30 m model cannot show the slope of a single 200 m2 yard, only that of the ground around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine
from numba import njit

from geo.inputs import RasterLike
from geo.shapes import Shapes, shapes_of, spread


@dataclass(frozen=True)
class Grid:
    """A north-up grid in a metric CRS: float32 (rows, columns), NaN where unknown; `transform` maps (column, row) to x, y."""

    values: np.ndarray
    transform: Affine

    @property
    def cell_size_m(self) -> float:
        """Edge of a cell in metres."""
        return float(abs(self.transform.a))


def slope_deg(terrain: RasterLike) -> Grid:
    """Slope in degrees of every cell, after Horn (1981): weighted differences over the 3 x 3 neighbourhood.

    Horn, B.K.P. 1981, Hill shading and the reflectance map, Proc. IEEE 69(1). A neighbour that is missing (edge of the grid, no
    data) is extended from the opposite one; where that is missing too, a side is taken as level and a corner from its two sides.
    A cell without height has no slope.

    Parameters
    ----------
    terrain : RasterLike
        Heights in metres.

    Returns
    -------
    Grid
        Same shape and transform, degrees, NaN where the height is.

    Examples
    --------
    >>> plane = np.tile(np.arange(4, dtype="float32") * 30, (3, 1))
    >>> slope_deg(Grid(plane, Affine(30, 0, 0, 0, -30, 90))).values[1].tolist()
    [45.0, 45.0, 45.0, 45.0]
    """
    values = np.ascontiguousarray(terrain.values, dtype=np.float32)
    return Grid(_horn(values, abs(terrain.transform.a), abs(terrain.transform.e)), terrain.transform)


@njit(nogil=True, cache=True)
def _horn(z, cell_x, cell_y):
    rows, columns = z.shape
    out = np.full((rows, columns), np.nan, np.float32)
    near = np.empty((3, 3))
    for r in range(rows):
        for c in range(columns):
            centre = z[r, c]
            if np.isnan(centre):
                continue
            if 0 < r < rows - 1 and 0 < c < columns - 1:     # most cells have all their neighbours
                dx = (np.float64(z[r - 1, c + 1]) + 2 * np.float64(z[r, c + 1]) + z[r + 1, c + 1] - z[r - 1, c - 1]
                      - 2 * np.float64(z[r, c - 1]) - z[r + 1, c - 1]) / (8 * cell_x)
                dy = (np.float64(z[r + 1, c - 1]) + 2 * np.float64(z[r + 1, c]) + z[r + 1, c + 1] - z[r - 1, c - 1]
                      - 2 * np.float64(z[r - 1, c]) - z[r - 1, c + 1]) / (8 * cell_y)
                if not np.isnan(dx + dy):
                    out[r, c] = np.degrees(np.arctan(np.sqrt(dx * dx + dy * dy)))
                    continue
            for i in range(3):
                for j in range(3):
                    rr, cc = r + i - 1, c + j - 1
                    inside = 0 <= rr < rows and 0 <= cc < columns
                    near[i, j] = z[rr, cc] if inside else np.nan
            for corner in range(2):   # sides first, for a corner without an opposite lies in the plane of its two sides
                for i in range(3):
                    for j in range(3):
                        if not np.isnan(near[i, j]) or (abs(i - 1) + abs(j - 1) == 2) != (corner == 1):
                            continue
                        rr, cc = r + 1 - i, c + 1 - j
                        inside = 0 <= rr < rows and 0 <= cc < columns
                        opposite = z[rr, cc] if inside else np.nan
                        if not np.isnan(opposite):
                            near[i, j] = 2.0 * centre - opposite
                        else:
                            near[i, j] = near[i, 1] + near[1, j] - centre if corner == 1 else centre
            dx = (near[0, 2] + 2 * near[1, 2] + near[2, 2] - near[0, 0] - 2 * near[1, 0] - near[2, 0]) / (8 * cell_x)
            dy = (near[2, 0] + 2 * near[2, 1] + near[2, 2] - near[0, 0] - 2 * near[0, 1] - near[0, 2]) / (8 * cell_y)
            out[r, c] = np.degrees(np.arctan(np.sqrt(dx * dx + dy * dy)))
    return out


def sample_bilinear(raster: RasterLike, xy: np.ndarray) -> np.ndarray:
    """Values of a grid at points, interpolated linearly between the four nearest cell centres (unit of the grid).

    Parameters
    ----------
    raster : RasterLike
        Any grid, e.g. heights in metres.
    xy : ndarray, shape (n, 2)
        Metres, in the grid's CRS.

    Returns
    -------
    ndarray, shape (n,)
        NaN outside the grid and where a cell that counts has no value; in the outer half cell the edge's value holds.
    """
    points = np.ascontiguousarray(np.asarray(xy, dtype=float).reshape(-1, 2))
    transform, out = raster.transform, np.empty(len(points))
    frame = (float(transform.c), float(transform.f), float(transform.a), float(-transform.e))
    values = np.ascontiguousarray(raster.values, dtype=np.float32)
    spread(lambda start, stop: _heights(start, stop, values, *frame, points, out), len(points))
    return out


@njit(nogil=True, cache=True)
def _heights(start, stop, values, left, top, wide, high, xy, out):
    for i in range(start, stop):
        out[i] = height_at(values, left, top, wide, high, xy[i, 0], xy[i, 1])


@njit(nogil=True, cache=True)
def height_at(values, left, top, wide, high, x, y):
    """Value at a point, linear between the four nearest middles of cells; NaN outside and where one that counts is unknown."""
    rows, columns = values.shape
    column, row = (x - left) / wide, (top - y) / high
    if not (0.0 <= column <= columns and 0.0 <= row <= rows):
        return np.nan
    column, row = min(max(column - 0.5, 0.0), columns - 1.0), min(max(row - 0.5, 0.0), rows - 1.0)
    c0, r0 = min(int(column), max(columns - 2, 0)), min(int(row), max(rows - 2, 0))
    c1, r1 = min(c0 + 1, columns - 1), min(r0 + 1, rows - 1)
    fx, fy = column - c0, row - r0
    total = 0.0
    if (1 - fx) * (1 - fy) > 0:
        total += values[r0, c0] * (1 - fx) * (1 - fy)
    if fx * (1 - fy) > 0:
        total += values[r0, c1] * fx * (1 - fy)
    if (1 - fx) * fy > 0:
        total += values[r1, c0] * (1 - fx) * fy
    if fx * fy > 0:
        total += values[r1, c1] * fx * fy
    return total


def height_range(terrain: RasterLike, xy: np.ndarray, *, radius_m: float) -> np.ndarray:
    """Highest less lowest value of the cells whose middle lies within `radius_m` of each point (unit of the grid).

    Returns
    -------
    ndarray, shape (n,)
        NaN for a missing point and where no such cell has a value.

    Examples
    --------
    >>> grid = Grid(np.array([[1, 5, 9]], dtype="float32"), Affine(10, 0, 0, 0, -10, 10))
    >>> height_range(grid, np.array([[5.0, 5.0], [15.0, 5.0]]), radius_m=10).tolist()
    [4.0, 8.0]
    """
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    transform, out = terrain.transform, np.full(len(points), np.nan)
    values = np.ascontiguousarray(terrain.values, dtype=np.float32)
    column, row = (points[:, 0] - transform.c) / transform.a - 0.5, (points[:, 1] - transform.f) / transform.e - 0.5
    reach = (radius_m / abs(transform.a), radius_m / abs(transform.e))
    spread(lambda start, stop: _ranges(start, stop, values, column, row, *reach, out), len(points))
    return out


@njit(nogil=True, cache=True)
def _ranges(start, stop, values, column, row, wide, high, out):
    rows, columns = values.shape
    for i in range(start, stop):
        if not (np.isfinite(column[i]) and np.isfinite(row[i])):
            continue
        low, top = np.inf, -np.inf
        for r in range(max(int(np.ceil(row[i] - high)), 0), min(int(np.floor(row[i] + high)), rows - 1) + 1):
            aside = wide * np.sqrt(max(1.0 - ((r - row[i]) / high) ** 2, 0.0))
            for c in range(max(int(np.ceil(column[i] - aside)), 0), min(int(np.floor(column[i] + aside)), columns - 1) + 1):
                value = values[r, c]
                if value < low:
                    low = value
                if value > top:
                    top = value
        if top >= low:
            out[i] = top - low


def zonal_mean(geometries: object, raster: RasterLike, *, min_known_share: float = 0.5) -> np.ndarray:
    """Mean of a grid over each polygon, every cell weighted by the exact area the polygon covers of it (unit of the grid).

    Parameters
    ----------
    geometries : Shapes, GeoSeries, GeoDataFrame or array of geometries
        Polygons (holes honoured); a point or line gets the value of the cell its first vertex lies in.
    raster : RasterLike
        Grid in the same CRS.
    min_known_share : float, 0..1
        Least share of a polygon's area that must lie on cells with a value.

    Returns
    -------
    ndarray, shape (n,)
        NaN for missing geometry and where too little of it is on known cells. A polygon within one cell has that cell's value.

    Examples
    --------
    >>> import shapely
    >>> grid = Grid(np.array([[1, 5]], dtype="float32"), Affine(10, 0, 0, 0, -10, 10))
    >>> zonal_mean(np.array([shapely.box(8, 0, 18, 10), shapely.box(1, 1, 2, 2), None]), grid).tolist()
    [4.2, 1.0, nan]
    """
    shapes = geometries if isinstance(geometries, Shapes) else shapes_of(geometries)
    transform = raster.transform
    frame = (float(transform.c), float(transform.f), float(transform.a), float(transform.e))
    values = np.ascontiguousarray(raster.values, dtype=np.float32)
    mean, known = np.full(len(shapes), np.nan), np.zeros(len(shapes))
    spread(lambda start, stop: _cover_means(start, stop, values, *frame, shapes.x, shapes.y, shapes.ring_start, shapes.ring_hole,
                                            shapes.shape_start, mean, known), len(shapes))
    return np.where(known >= min_known_share - 1e-9, mean, np.nan)


@njit(nogil=True, cache=True)
def _cover_means(start, stop, values, origin_x, origin_y, wide, high, east, north, ring_start, ring_hole, shape_start, mean, known):
    rows, columns = values.shape
    scratch = np.zeros(64)
    vertices = ring_start[shape_start[start: stop + 1]]
    most = np.max(np.diff(vertices))
    x, y = np.empty(most), np.empty(most)       # of one shape, in cells
    for shape in range(start, stop):
        base, count = vertices[shape - start], vertices[shape - start + 1] - vertices[shape - start]
        if count == 0:
            continue
        for k in range(count):
            x[k], y[k] = (east[base + k] - origin_x) / wide, (north[base + k] - origin_y) / high
        area = 0.0
        for ring in range(shape_start[shape], shape_start[shape + 1]):
            area += (-1.0 if ring_hole[ring] else 1.0) * abs(_ring_area(x, y, ring_start[ring] - base, ring_start[ring + 1] - base))
        if area <= 1e-12:
            c, r = int(np.floor(x[0])), int(np.floor(y[0]))
            if 0 <= r < rows and 0 <= c < columns and not np.isnan(values[r, c]):
                mean[shape], known[shape] = values[r, c], 1.0
            continue
        left, right = max(int(np.floor(x[:count].min())), 0), min(int(np.floor(x[:count].max())), columns - 1)
        top, bottom = max(int(np.floor(y[:count].min())), 0), min(int(np.floor(y[:count].max())), rows - 1)
        if left > right or top > bottom:
            continue
        width = right - left + 2
        if width * (bottom - top + 1) > scratch.size:
            scratch = np.zeros(width * (bottom - top + 1) * 2)
        scratch[: width * (bottom - top + 1)] = 0.0
        for ring in range(shape_start[shape], shape_start[shape + 1]):
            turn = _ring_area(x, y, ring_start[ring] - base, ring_start[ring + 1] - base)
            sign = (1.0 if turn > 0 else -1.0) * (-1.0 if ring_hole[ring] else 1.0)
            for k in range(ring_start[ring] - base, ring_start[ring + 1] - base - 1):
                _add_edge(scratch, x[k], y[k], x[k + 1], y[k + 1], sign, left, right, top, bottom)
        total, weight = 0.0, 0.0
        for r in range(top, bottom + 1):
            cover = 0.0
            for c in range(left, right + 1):
                cover += scratch[(r - top) * width + c - left]
                if cover > 1e-9 * area and not np.isnan(values[r, c]):
                    total += cover * values[r, c]
                    weight += cover
        if weight > 0.0:
            mean[shape], known[shape] = total / weight, weight / area


@njit(nogil=True, cache=True)
def _ring_area(x, y, start, stop):
    """Signed area of a ring in cells, positive where `_add_edge` counts it as inside."""
    area = 0.0
    for k in range(start, stop - 1):
        area += (x[k] - x[start]) * (y[k + 1] - y[start]) - (x[k + 1] - x[start]) * (y[k] - y[start])
    return -0.5 * area


@njit(nogil=True, cache=True)
def _add_edge(scratch, xa, ya, xb, yb, sign, left, right, top, bottom):
    """Add one ring edge to the signed cover: its share of the cells it crosses, and all of the cells to their right in each row.

    Summed along a row from the left, the entries give the area of each cell that lies inside the rings.
    """
    if ya == yb:
        return
    if ya > yb:
        xa, ya, xb, yb, sign = xb, yb, xa, ya, -sign
    width = right - left + 2
    per_row = (xb - xa) / (yb - ya)
    for r in range(max(int(np.floor(ya)), top), min(int(np.floor(yb)), bottom) + 1):
        y0, y1 = max(ya, float(r)), min(yb, r + 1.0)
        if y1 <= y0:
            continue
        x0, x1 = xa + (y0 - ya) * per_row, xa + (y1 - ya) * per_row
        low, high = min(x0, x1), max(x0, x1)
        height = (y1 - y0) * sign
        row = (r - top) * width
        if high <= left:
            scratch[row] += height
            continue
        if low >= right + 1:
            continue
        span = high - low
        if low < left:
            scratch[row] += height * (left - low) / span
        for c in range(max(int(np.floor(low)), left), min(int(np.floor(high)), right) + 1):
            inner_low, inner_high = max(low, float(c)), min(high, c + 1.0)
            part = height if span < 1e-12 else height * max(inner_high - inner_low, 0.0) / span
            middle = 0.5 * (inner_low + inner_high) - c
            scratch[row + c - left] += part * (1.0 - middle)
            scratch[row + c - left + 1] += part * middle
            if span < 1e-12:
                break
