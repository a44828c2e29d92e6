"""Parcels drawn as pixels: exact cover of each pixel by each parcel, so that a million of them blend instead of flicker.

The fill sums signed areas along the edges (the accumulation buffer of font rasterisers), which gives the covered share of every
pixel in one pass over the vertices. Covers are added, not painted over each other: the picture does not depend on the order of the
parcels and leaves no seams between neighbours.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

TILE_PX = 256
MARGIN_PX = 4
"""Ground drawn around a tile and cut off again, so that lines at its edge are as at its middle."""

PLANES = 7
"""Of the sums: red, green, blue, opacity (each times weight), weight, cover, thin outline."""

_OUTLINE_FROM_PX = 5.0


@njit(nogil=True, cache=True)
def bent(xy: np.ndarray, left: float, bottom: float, step: float, grid: np.ndarray) -> np.ndarray:
    """Coordinates taken through a known grid by bilinear interpolation, in the grid's own unit; float64 (n, 2).

    Parameters
    ----------
    xy : array (n, 2)
        In metres, within the grid.
    left, bottom, step : float
        Place of ``grid[0, 0]`` and distance of its points in metres.
    grid : array (rows, columns, 2)
        What the points of the grid become; rows run north.
    """
    out = np.empty((len(xy), 2))
    rows, columns = grid.shape[0] - 2, grid.shape[1] - 2
    for n in range(len(xy)):
        across, up = (xy[n, 0] - left) / step, (xy[n, 1] - bottom) / step
        column, row = min(max(int(across), 0), columns), min(max(int(up), 0), rows)
        u, v = across - column, up - row
        for axis in range(2):
            low = grid[row, column, axis] * (1 - u) + grid[row, column + 1, axis] * u
            high = grid[row + 1, column, axis] * (1 - u) + grid[row + 1, column + 1, axis] * u
            out[n, axis] = low * (1 - v) + high * v
    return out


@njit(nogil=True, cache=True)
def ring_areas(xy: np.ndarray, ring_start: np.ndarray) -> np.ndarray:
    """Signed area of each ring in the square of the coordinates' unit, counter-clockwise positive; float64 (rings,)."""
    areas = np.zeros(len(ring_start) - 1)
    for ring in range(len(areas)):
        begin, end = ring_start[ring], ring_start[ring + 1]
        for n in range(begin, end - 1):   # from the first vertex, or small differences of large products are lost
            ax, ay = xy[n, 0] - xy[begin, 0], xy[n, 1] - xy[begin, 1]
            bx, by = xy[n + 1, 0] - xy[begin, 0], xy[n + 1, 1] - xy[begin, 1]
            areas[ring] += (ax * by - bx * ay) / 2
    return areas


@njit(nogil=True, cache=True)
def shape_bounds(xy: np.ndarray, ring_start: np.ndarray, shape_start: np.ndarray) -> np.ndarray:
    """Left, bottom, right and top of each shape in the coordinates' unit; float32 (shapes, 4)."""
    bounds = np.empty((len(shape_start) - 1, 4), dtype=np.float32)
    for shape in range(len(bounds)):
        begin, end = ring_start[shape_start[shape]], ring_start[shape_start[shape + 1]]
        left, bottom, right, top = math.inf, math.inf, -math.inf, -math.inf
        for n in range(begin, end):
            left, right = min(left, xy[n, 0]), max(right, xy[n, 0])
            bottom, top = min(bottom, xy[n, 1]), max(top, xy[n, 1])
        bounds[shape] = (left, bottom, right, top)
    return bounds


@njit(nogil=True, cache=True)
def _edge(area: np.ndarray, height: int, width: int, ax: float, ay: float, bx: float, by: float, sign: float) -> None:
    """Add one edge to the signed areas: what lies right of it, in pixels of each row, as differences along the row."""
    if ay == by:
        return
    if ay > by:
        ax, ay, bx, by, sign = bx, by, ax, ay, -sign
    if by <= 0 or ay >= height:
        return
    lean = (bx - ax) / (by - ay)
    x = ax if ay >= 0 else ax - ay * lean
    for row in range(max(0, int(math.floor(ay))), min(height, int(math.ceil(by)))):
        tall = min(row + 1.0, by) - max(float(row), ay)
        after = x + lean * tall
        low, high, share = min(x, after), max(x, after), tall * sign
        x = after
        if low >= width:
            continue
        if low < 0:   # what lies left of the tile covers its whole row
            beyond = share if high <= 0 else share * low / (low - high)
            area[row, 0] += beyond
            share -= beyond
            if high <= 0:
                continue
            low = 0.0
        if high > width:
            share *= (width - low) / (high - low)
            high = float(width)
        first, last = int(math.floor(low)), int(math.ceil(high))
        if last <= first + 1:
            middle = (low + high) / 2 - first
            area[row, first] += share * (1 - middle)
            area[row, first + 1] += share * middle
            continue
        slope = 1 / (high - low)
        covered, previous = 0.0, 0.0
        for column in range(first, last):   # the part of the edge's strip that is left of each pixel's right side
            begin, end = max(low, float(column)), min(high, column + 1.0)
            part = slope * (end - begin)
            covered += part
            inside = covered - part * ((begin + end) / 2 - column)
            area[row, column] += share * (inside - previous)
            previous = inside
        area[row, last] += share * (1 - previous)


@njit(nogil=True, cache=True)
def _stroke(line: np.ndarray, half: float, ax: float, ay: float, bx: float, by: float, strength: float) -> None:
    """Darken the pixels along one edge: by how much of a pixel lies within `half` pixels of it."""
    side = line.shape[0]
    reach = half + 1
    if max(ax, bx) < -reach or max(ay, by) < -reach or min(ax, bx) > side + reach or min(ay, by) > side + reach:
        return
    dx, dy = bx - ax, by - ay
    long2 = dx * dx + dy * dy
    for row in range(max(0, int(min(ay, by) - reach)), min(side, int(max(ay, by) + reach) + 1)):
        for column in range(max(0, int(min(ax, bx) - reach)), min(side, int(max(ax, bx) + reach) + 1)):
            px, py = column + 0.5 - ax, row + 0.5 - ay
            along = 0.0 if long2 == 0 else min(max((px * dx + py * dy) / long2, 0.0), 1.0)
            off = math.hypot(px - along * dx, py - along * dy)
            cover = min(max(half + 0.5 - off, 0.0), 1.0) * strength
            if cover > line[row, column]:
                line[row, column] = cover


@njit(nogil=True, cache=True)
def draw(
    xy: np.ndarray, ring_start: np.ndarray, ring_sign: np.ndarray, shape_start: np.ndarray, bounds: np.ndarray,
    blocks: np.ndarray, block: int, style: np.ndarray, palette: np.ndarray, left: float, top: float, scale: float,
) -> np.ndarray:
    """Sums of all shapes over the pixels of a tile with its margin; float32 (`PLANES`, side, side), rows run south.

    Parameters
    ----------
    xy, ring_start, ring_sign, shape_start, bounds, blocks, block
        Of `ui.tiles.Shapes`.
    style : array (shapes,)
        Row of `palette` of each shape; a negative one is not drawn.
    palette : array (styles, 6)
        Red, green, blue and opacity 0..1, weight, width of the outline in pixels.
    left, top : float
        Of the tile's margin, in the unit of `xy`.
    scale : float
        Pixels to a unit of `xy`.
    """
    side = TILE_PX + 2 * MARGIN_PX
    sums = np.zeros((PLANES, side, side), dtype=np.float32)
    area = np.zeros((side, side + 2))
    right, bottom = left + side / scale, top - side / scale
    for number in range(len(blocks)):
        if blocks[number, 0] > right or blocks[number, 2] < left or blocks[number, 1] > top or blocks[number, 3] < bottom:
            continue
        for shape in range(number * block, min((number + 1) * block, len(bounds))):
            if bounds[shape, 0] > right or bounds[shape, 2] < left or bounds[shape, 1] > top or bounds[shape, 3] < bottom:
                continue
            if style[shape] < 0:
                continue
            tint = palette[style[shape]]
            first, last = shape_start[shape], shape_start[shape + 1]
            if ring_start[last] - ring_start[first] == 1:
                point = xy[ring_start[first]]
                _dot(sums, (point[0] - left) * scale, (top - point[1]) * scale, tint)
                continue
            x0 = max(0, int(math.floor((bounds[shape, 0] - left) * scale)) - 1)
            x1 = min(side, int(math.ceil((bounds[shape, 2] - left) * scale)) + 1)
            y0 = max(0, int(math.floor((top - bounds[shape, 3]) * scale)) - 1)
            y1 = min(side, int(math.ceil((top - bounds[shape, 1]) * scale)) + 1)
            for ring in range(first, last):
                for n in range(ring_start[ring], ring_start[ring + 1] - 1):
                    _edge(area, side, side, (xy[n, 0] - left) * scale, (top - xy[n, 1]) * scale,
                          (xy[n + 1, 0] - left) * scale, (top - xy[n + 1, 1]) * scale, ring_sign[ring])
            for row in range(y0, y1):
                inside = 0.0
                for column in range(x0, x1):
                    inside += area[row, column]
                    area[row, column] = 0.0
                    cover = min(abs(inside), 1.0)
                    if cover > 1e-4:
                        weight = cover * tint[4]
                        for band in range(4):
                            sums[band, row, column] += weight * tint[band]
                        sums[4, row, column] += weight
                        sums[5, row, column] += cover
                area[row, x1] = 0.0
                area[row, min(x1 + 1, side + 1)] = 0.0
            wide = max(bounds[shape, 2] - bounds[shape, 0], bounds[shape, 3] - bounds[shape, 1]) * scale
            if wide < _OUTLINE_FROM_PX:
                continue
            strength = min(1.0, (wide - _OUTLINE_FROM_PX) / 10) * min(1.0, 0.45 + 0.3 * tint[5]) * (0.5 + 0.5 * tint[3])
            for ring in range(first, last):
                for n in range(ring_start[ring], ring_start[ring + 1] - 1):
                    _stroke(sums[6], tint[5] / 2, (xy[n, 0] - left) * scale, (top - xy[n, 1]) * scale,
                            (xy[n + 1, 0] - left) * scale, (top - xy[n + 1, 1]) * scale, strength)
    return sums


@njit(nogil=True, cache=True)
def _dot(sums: np.ndarray, x: float, y: float, tint: np.ndarray) -> None:
    """A shape without area as a dot of three pixels' radius."""
    side = sums.shape[1]
    for row in range(max(0, int(y) - 4), min(side, int(y) + 5)):
        for column in range(max(0, int(x) - 4), min(side, int(x) + 5)):
            cover = min(max(3.5 - math.hypot(column + 0.5 - x, row + 0.5 - y), 0.0), 1.0)
            for band in range(4):
                sums[band, row, column] += cover * tint[4] * tint[band]
            sums[4, row, column] += cover * tint[4]
            sums[5, row, column] += cover


@njit(nogil=True, cache=True)
def shape_at(
    xy: np.ndarray, ring_start: np.ndarray, shape_start: np.ndarray, bounds: np.ndarray, blocks: np.ndarray, block: int,
    x: float, y: float, near: float,
) -> int:
    """The shape that a place lies in, the smallest where several do; a point counts within `near`. -1 for none."""
    found, smallest = -1, math.inf
    for number in range(len(blocks)):
        if blocks[number, 0] > x + near or blocks[number, 2] < x - near:
            continue
        if blocks[number, 1] > y + near or blocks[number, 3] < y - near:
            continue
        for shape in range(number * block, min((number + 1) * block, len(bounds))):
            left, bottom, right, top = bounds[shape]
            if left > x + near or right < x - near or bottom > y + near or top < y - near:
                continue
            first, last = shape_start[shape], shape_start[shape + 1]
            size = (right - left) * (top - bottom)
            if size >= smallest:
                continue
            if ring_start[last] - ring_start[first] == 1:
                if math.hypot(left - x, bottom - y) <= near:
                    found, smallest = shape, size
                continue
            inside = False
            for ring in range(first, last):
                for n in range(ring_start[ring], ring_start[ring + 1] - 1):
                    ax, ay, bx, by = xy[n, 0], xy[n, 1], xy[n + 1, 0], xy[n + 1, 1]
                    if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                        inside = not inside
            if inside:
                found, smallest = shape, size
    return found
