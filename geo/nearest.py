"""The nearest point on a road to a point, line or polygon, exactly, for many at once. Distances in metres.

Pieces of road are kept by the cells of a square grid they pass through; a search looks at rings of cells around the shape until no
unseen cell can hold anything nearer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from geo.shapes import Shapes, spread

TIE_M = 1e-9
"""Distances this close are equal; then the point with the smaller x, then y, is taken, whatever the order of rows."""

ROUNDING_M = 1e-6
"""What rounding may do to a distance that is only told to see what need not be compared."""

LARGEST_CELL_M = 150.0
"""Cells are no larger than this unless the area asks for more than four million of them."""

TILES = 256
"""Rows and columns of tiles by which shapes are put into order; their product is no more than 65536."""

FAR_RINGS = 3
"""Empty rings of cells around a shape from which on it is worth asking first how far the neighbour's nearest piece is."""


@dataclass(frozen=True)
class SegmentIndex:
    """Straight pieces of polylines by grid cell. Piece `s` runs from vertex `vertex[s]` to the next one of edge `edge[s]`."""

    vertex: np.ndarray
    edge: np.ndarray
    x: np.ndarray
    y: np.ndarray
    left: float
    bottom: float
    cell_m: float
    columns: int
    rows: int
    cell_start: np.ndarray
    cell_segment: np.ndarray
    empty_rings: np.ndarray
    """For each cell how many rings of cells around it, itself the first, hold no piece; uint16."""
    longest_m: float
    """Length of the longest piece: none reaches further beyond a cell that it passes through."""


def index_segments(start: np.ndarray, x: np.ndarray, y: np.ndarray, *, usable: np.ndarray) -> SegmentIndex:
    """Index of the pieces of the usable polylines; polyline `e` has the vertices ``start[e]:start[e + 1]``, in metres."""
    vertex, edge = _pieces(np.asarray(start, dtype=np.int64), np.asarray(usable, dtype=bool))
    if not len(vertex):
        return SegmentIndex(vertex, edge, x, y, 0.0, 0.0, 1.0, 1, 1, np.zeros(2, np.int64), np.zeros(0, np.int64),
                            np.ones(1, np.uint16), 0.0)
    left, bottom, right, top, length, longest = _extent(vertex, x, y)
    area = max((right - left) * (top - bottom), 1.0)
    # where roads lie thick in few places (islands, a few townships), the mean density would make cells of kilometres
    cell_m = float(max(min(area / max(length, 1.0) / 2, LARGEST_CELL_M), np.sqrt(area / 4e6), 1.0))
    columns, rows = int((right - left) / cell_m) + 1, int((top - bottom) / cell_m) + 1
    count, cell_start, cell_segment = _binned(vertex, x, y, left, bottom, cell_m, columns, rows)
    rings = _empty_rings(count.reshape(rows, columns))
    return SegmentIndex(vertex, edge, x, y, float(left), float(bottom), cell_m, columns, rows, cell_start, cell_segment, rings,
                        float(longest))


@njit(nogil=True, cache=True)
def _pieces(start, usable):
    """The first vertex of every piece of the usable polylines, and which polyline it is of."""
    count = 0
    for e in range(usable.size):
        count += max(start[e + 1] - start[e] - 1, 0) if usable[e] else 0
    vertex, edge = np.empty(count, np.int64), np.empty(count, np.int64)
    at = 0
    for e in range(usable.size):
        if usable[e]:
            for k in range(start[e], start[e + 1] - 1):
                vertex[at], edge[at] = k, e
                at += 1
    return vertex, edge


@njit(nogil=True, cache=True)
def _extent(vertex, x, y):
    """Least and greatest x and y of the pieces, as left, bottom, right, top, their length in all and that of the longest."""
    left, bottom, right, top, length, longest = np.inf, np.inf, -np.inf, -np.inf, 0.0, 0.0
    for s in range(vertex.size):
        k = vertex[s]
        left, right = min(left, x[k], x[k + 1]), max(right, x[k], x[k + 1])
        bottom, top = min(bottom, y[k], y[k + 1]), max(top, y[k], y[k + 1])
        this = np.hypot(x[k + 1] - x[k], y[k + 1] - y[k])
        length, longest = length + this, max(longest, this)
    return left, bottom, right, top, length, longest


@njit(nogil=True, cache=True)
def _empty_rings(count):
    """Chessboard distance of each cell to the nearest one that holds something, in two passes over the grid."""
    rows, columns = count.shape
    out = np.full((rows, columns), 65_000, np.uint16)
    for r in range(rows):
        for c in range(columns):
            near = np.uint16(0) if count[r, c] else out[r, c]
            for rr, cc in ((r, c - 1), (r - 1, c - 1), (r - 1, c), (r - 1, c + 1)):
                if rr >= 0 and 0 <= cc < columns:
                    near = min(near, np.uint16(out[rr, cc] + 1))
            out[r, c] = near
    for r in range(rows - 1, -1, -1):
        for c in range(columns - 1, -1, -1):
            near = out[r, c]
            for rr, cc in ((r, c + 1), (r + 1, c + 1), (r + 1, c), (r + 1, c - 1)):
                if rr < rows and 0 <= cc < columns:
                    near = min(near, np.uint16(out[rr, cc] + 1))
            out[r, c] = near
    return out.ravel()


@njit(nogil=True, cache=True)
def _binned(vertex, x, y, left, bottom, cell, columns, rows):
    """The cells that each piece passes through: how many pieces are in each cell, where its list begins, and the lists."""
    count = np.zeros(columns * rows, np.int64)
    met, cells = np.empty(vertex.size + 1, np.int64), np.empty(2 * vertex.size + 1024, np.int32)
    entries = 0
    for s in range(vertex.size):
        met[s] = entries
        k = vertex[s]
        xa, ya, xb, yb = (x[k] - left) / cell, (y[k] - bottom) / cell, (x[k + 1] - left) / cell, (y[k + 1] - bottom) / cell
        if ya > yb:
            xa, ya, xb, yb = xb, yb, xa, ya
        for r in range(min(int(ya), rows - 1), min(int(yb), rows - 1) + 1):
            x0, x1 = xa, xb
            if yb - ya > 0.0 and int(ya) != int(yb):
                x0 = xa + (max(ya, float(r)) - ya) / (yb - ya) * (xb - xa)
                x1 = xa + (min(yb, r + 1.0) - ya) / (yb - ya) * (xb - xa)
            low = max(int(min(x0, x1) - 1e-9), 0)
            high = min(int(max(x0, x1) + 1e-9), columns - 1)
            if entries + high - low + 1 > cells.size:
                longer = np.empty(2 * cells.size + high - low + 1, np.int32)
                longer[: cells.size] = cells
                cells = longer
            for c in range(low, high + 1):
                cells[entries] = r * columns + c
                count[cells[entries]] += 1
                entries += 1
    met[vertex.size] = entries
    start = np.zeros(count.size + 1, np.int64)
    for at in range(count.size):
        start[at + 1] = start[at] + count[at]
    free, segment = start[:-1].copy(), np.empty(entries, np.int64)
    for s in range(vertex.size):
        for entry in range(met[s], met[s + 1]):
            segment[free[cells[entry]]] = s
            free[cells[entry]] += 1
    return count, start, segment


@dataclass(frozen=True)
class Nearest:
    """For each shape: the piece of road nearest to it (-1: none), where on the piece (0..1), the distance in m, and both points."""

    segment: np.ndarray
    share: np.ndarray
    distance_m: np.ndarray
    road_x: np.ndarray
    road_y: np.ndarray
    shape_x: np.ndarray
    shape_y: np.ndarray


def nearest_segments(shapes: Shapes, index: SegmentIndex) -> Nearest:
    """Nearest piece of road to every shape; distance 0 where a road crosses it or lies in it, inf where there is none."""
    count = len(shapes)
    segment, numbers = np.full(count, -1, dtype=np.int64), np.full((count, 6), np.nan)
    numbers[:, 1] = np.inf
    if len(index.vertex):
        order = _by_tile(shapes, index)
        spread(lambda start, stop: _search(
            start, stop, order, shapes.x, shapes.y, shapes.ring_start, shapes.ring_area, shapes.shape_start,
            index.vertex, index.x, index.y, index.left, index.bottom, index.cell_m, index.columns, index.rows,
            index.cell_start, index.cell_segment, index.empty_rings, index.longest_m, segment, numbers), len(order))
    return Nearest(segment, *(np.ascontiguousarray(column) for column in numbers.T))


def _by_tile(shapes: Shapes, index: SegmentIndex) -> np.ndarray:
    """Positions of the shapes, neighbours after each other: they read the same pieces, which the processor then has at hand."""
    some = np.flatnonzero(np.diff(shapes.shape_start) > 0)
    first = shapes.ring_start[shapes.shape_start[some]]
    tile = np.zeros(len(some), np.uint16)   # numbers as small as these are sorted in a few passes
    for values, least, cells in ((shapes.y, index.bottom, index.rows), (shapes.x, index.left, index.columns)):
        at = np.nan_to_num((values[first] - least) * (TILES / (cells * index.cell_m)))
        tile = tile * np.uint16(TILES) + np.clip(at, 0, TILES - 1).astype(np.uint16)
    return some[np.argsort(tile, kind="stable")]


@njit(nogil=True, cache=True)
def _search(start, stop, order, sx, sy, ring_start, ring_area, shape_start, vertex, x, y, left, bottom, cell, columns, rows,
            cell_start, cell_segment, empty_rings, longest, segment, numbers):
    best = np.empty(6)
    near, away = np.empty(cell_segment.size, np.int64), np.empty(cell_segment.size)   # room that is hardly ever touched
    grid = (left, bottom, cell, columns, rows, cell_start, cell_segment, empty_rings, longest)
    before = np.int64(-1)
    for n in range(start, stop):
        shape = order[n]
        first, last = ring_start[shape_start[shape]], ring_start[shape_start[shape + 1]]
        if first == last or not np.isfinite(sx[first]):
            continue
        low_x, high_x, low_y, high_y = np.inf, -np.inf, np.inf, -np.inf
        for k in range(first, last):
            low_x, high_x, low_y, high_y = min(low_x, sx[k]), max(high_x, sx[k]), min(low_y, sy[k]), max(high_y, sy[k])
        box = (low_x, high_x, low_y, high_y)
        c0, c1 = int(np.floor((low_x - left) / cell)), int(np.floor((high_x - left) / cell))
        r0, r1 = int(np.floor((low_y - bottom) / cell)), int(np.floor((high_y - bottom) / cell))
        # no point of the shape is further than this from the middle of its bounds
        reach = np.hypot(0.5 * (high_x - low_x), 0.5 * (high_y - low_y)) + ROUNDING_M
        best[:] = np.nan
        best[1] = np.inf
        # rings of cells that lie wholly outside the grid need no look
        ring = max(0, -c1 - 1, c0 - columns, -r1 - 1, r0 - rows)
        if c0 >= 0 and c1 < columns and r0 >= 0 and r1 < rows:
            ring = rows + columns
            for r in range(r0, r1 + 1):
                for c in range(c0, c1 + 1):
                    ring = min(ring, int(empty_rings[r * columns + c]))
        # where all is far, what was nearest to the neighbour says from how far on pieces need no look
        upper = np.inf
        if before >= 0 and ring >= FAR_RINGS:
            k = vertex[before]
            upper = _no_further(sx, sy, first, last, x[k], y[k], x[k + 1], y[k + 1])
        while True:
            low_c, high_c, low_r, high_r = c0 - ring, c1 + ring, r0 - ring, r1 + ring
            count, nearest = _around((c0, c1, r0, r1), ring, grid, vertex, x, y, box, best[1] + ROUNDING_M,
                                     min(best[1], upper) + ROUNDING_M, near, away)
            bound = upper
            if count > 1:
                # the piece nearest to the middle says how near the others must be to be worth comparing
                k = vertex[near[nearest]]
                bound = min(_no_further(sx, sy, first, last, x[k], y[k], x[k + 1], y[k + 1]), bound)
            for i in range(count):
                k, enough = vertex[near[i]], min(best[1], bound) + ROUNDING_M
                if away[i] <= (enough + reach) ** 2 and _least_apart(
                        sx, sy, first, last, 0.5 * (low_x + high_x), 0.5 * (low_y + high_y), x[k], y[k], x[k + 1], y[k + 1],
                        away[i]) <= enough and _compare(
                        best, sx, sy, ring_start, ring_area, shape_start[shape], shape_start[shape + 1],
                        x[k], y[k], x[k + 1], y[k + 1], bound):
                    segment[shape] = near[i]
            everything = low_c <= 0 and high_c >= columns - 1 and low_r <= 0 and high_r >= rows - 1
            if best[1] < ring * cell or everything:
                break
            ring += 1
        numbers[shape], before = best, segment[shape]


@njit(nogil=True, cache=True)
def _around(cells, ring, grid, vertex, x, y, box, bound, upper, near, away):
    """Pieces in a frame of cells that may come within `upper` of a box, and the squares of their distances from its middle.

    The frame is what lies `ring` cells around the cells of the box (first and last column and row; these themselves for 0). Columns
    further away than `bound` are passed over; it must not depend on other shapes, so that of pieces equally near always the same is
    met first. Gives back how many pieces there are (some twice), and which is the nearest.
    """
    left, bottom, cell, columns, rows, cell_start, cell_segment, empty_rings, longest = grid
    low_x, high_x, low_y, high_y = box
    middle_x, middle_y = 0.5 * (low_x + high_x), 0.5 * (low_y + high_y)
    low_c, high_c, low_r, high_r = cells[0] - ring, cells[1] + ring, cells[2] - ring, cells[3] + ring
    count, nearest, least = 0, 0, np.inf
    r = max(low_r, 0)
    while r <= min(high_r, rows - 1):
        sides_only = ring > 0 and low_r < r < high_r
        c, clear = max(low_c, 0), rows + columns
        while c <= min(high_c, columns - 1):
            if sides_only and low_c < c < high_c:
                c = high_c
                continue
            at = r * columns + c
            gap = np.int64(empty_rings[at])
            clear = min(clear, gap)
            c += max(gap, 1)
            if gap or max(left + (c - 1) * cell - high_x, low_x - left - c * cell) > bound:
                continue
            if ring >= FAR_RINGS and _beyond(
                    left + (at - r * columns) * cell, bottom + r * cell, cell, longest + ROUNDING_M, box, upper):
                continue
            for i in range(cell_start[at], cell_start[at + 1]):
                k = vertex[cell_segment[i]]
                aside = max(min(x[k], x[k + 1]) - high_x, low_x - max(x[k], x[k + 1]), 0.0)
                beyond = max(min(y[k], y[k + 1]) - high_y, low_y - max(y[k], y[k + 1]), 0.0)
                if aside * aside + beyond * beyond > upper * upper:
                    continue
                near[count], away[count] = cell_segment[i], _away(middle_x, middle_y, x[k], y[k], x[k + 1], y[k + 1])
                if away[count] < least:
                    least, nearest = away[count], count
                count += 1
        # where no piece is near either side, rows are passed over, but not the last one
        r = min(r + max(clear, 1), high_r) if sides_only else r + 1
    return count, nearest


@njit(nogil=True, cache=True)
def _beyond(x, y, cell, overhang, box, upper):
    """Whether all pieces in a cell, whose corner is x, y, lie further than `upper` from a box, reaching over it by `overhang`."""
    low_x, high_x, low_y, high_y = box
    aside = max(x - overhang - high_x, low_x - x - cell - overhang, 0.0)
    beyond = max(y - overhang - high_y, low_y - y - cell - overhang, 0.0)
    return aside * aside + beyond * beyond > upper * upper


@njit(nogil=True, cache=True)
def _away(px, py, ax, ay, bx, by):
    """Square of the distance from p to a-b."""
    t = _project(px, py, ax, ay, bx, by)
    gx, gy = ax + t * (bx - ax) - px, ay + t * (by - ay) - py
    return gx * gx + gy * gy


@njit(nogil=True, cache=True)
def _no_further(sx, sy, first, last, ax, ay, bx, by):
    """A distance that a shape is at most from a-b: that of its nearest vertex."""
    square = np.inf
    for k in range(first, last):
        square = min(square, _away(sx[k], sy[k], ax, ay, bx, by))
    return np.sqrt(square)


@njit(nogil=True, cache=True)
def _least_apart(sx, sy, first, last, px, py, ax, ay, bx, by, square):
    """A distance that a shape is at least from a-b; `square` is that of p from it, any point.

    All of a-b lies beyond the line square to the way from p to its nearest point, as all convex figures do; what of the shape
    reaches furthest that way tells how much nearer it can be than p.
    """
    if square == 0.0:
        return 0.0
    t = _project(px, py, ax, ay, bx, by)
    gx, gy, reach = ax + t * (bx - ax) - px, ay + t * (by - ay) - py, -np.inf
    for k in range(first, last):
        reach = max(reach, (sx[k] - px) * gx + (sy[k] - py) * gy)
    return (square - reach) / np.sqrt(square)


@njit(nogil=True, cache=True)
def _compare(best, sx, sy, ring_start, ring_area, first_ring, last_ring, ax, ay, bx, by, bound):
    """Put the piece a-b into `best` (share, distance, road x, y, shape x, y) if it is nearer to the shape; say whether it was.

    Sides of the shape further away than `bound` are passed over.
    """
    better = False
    inside = False
    low_x, high_x, low_y, high_y = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
    for ring in range(first_ring, last_ring):
        k0, k1 = ring_start[ring], ring_start[ring + 1]
        if ring_area[ring]:
            inside ^= _within(sx, sy, k0, k1, ax, ay)
        if k1 - k0 == 1:
            t = _project(sx[k0], sy[k0], ax, ay, bx, by)
            better |= _keep(best, t, ax, ay, bx, by, sx[k0], sy[k0])
            continue
        for k in range(k0, k1 - 1):
            px, py, qx, qy = sx[k], sy[k], sx[k + 1], sy[k + 1]
            aside = max(min(px, qx) - high_x, low_x - max(px, qx), 0.0)
            beyond = max(min(py, qy) - high_y, low_y - max(py, qy), 0.0)
            if aside * aside + beyond * beyond > (min(best[1], bound) + 2 * TIE_M) ** 2:
                continue
            t = _crossing(ax, ay, bx, by, px, py, qx, qy) if max(aside, beyond) <= ROUNDING_M else -1.0
            if t >= 0.0:
                better |= _keep(best, t, ax, ay, bx, by, ax + t * (bx - ax), ay + t * (by - ay))
                continue
            better |= _keep(best, _project(px, py, ax, ay, bx, by), ax, ay, bx, by, px, py)
            better |= _keep(best, _project(qx, qy, ax, ay, bx, by), ax, ay, bx, by, qx, qy)
            s = _project(ax, ay, px, py, qx, qy)
            better |= _keep(best, 0.0, ax, ay, bx, by, px + s * (qx - px), py + s * (qy - py))
            s = _project(bx, by, px, py, qx, qy)
            better |= _keep(best, 1.0, ax, ay, bx, by, px + s * (qx - px), py + s * (qy - py))
    if inside:
        better |= _keep(best, 0.0, ax, ay, bx, by, ax, ay)
    return better


@njit(nogil=True, cache=True)
def _keep(best, t, ax, ay, bx, by, px, py):
    x, y = ax + t * (bx - ax), ay + t * (by - ay)
    square, most = (px - x) * (px - x) + (py - y) * (py - y), best[1] + ROUNDING_M
    if square > most * most:
        return False                     # told without the root
    distance = np.hypot(px - x, py - y)
    if distance > best[1] + TIE_M:
        return False
    if distance >= best[1] - TIE_M and not (x < best[2] - TIE_M or (x <= best[2] + TIE_M and y < best[3] - TIE_M)):
        return False
    best[0], best[1], best[2], best[3], best[4], best[5] = t, distance, x, y, px, py
    return True


@njit(nogil=True, cache=True)
def _project(px, py, ax, ay, bx, by):
    """Where on a-b (0..1) the point nearest to p lies."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    if square == 0.0:
        return 0.0
    return min(max(((px - ax) * dx + (py - ay) * dy) / square, 0.0), 1.0)


@njit(nogil=True, cache=True)
def _crossing(ax, ay, bx, by, px, py, qx, qy):
    """Where on a-b (0..1) p-q crosses it, -1 where it does not or the two are parallel."""
    dx, dy, ex, ey = bx - ax, by - ay, qx - px, qy - py
    turn = dx * ey - dy * ex
    if turn == 0.0:
        return -1.0
    t = ((px - ax) * ey - (py - ay) * ex) / turn
    s = ((px - ax) * dy - (py - ay) * dx) / turn
    return t if 0.0 <= t <= 1.0 and 0.0 <= s <= 1.0 else -1.0


@njit(nogil=True, cache=True)
def _within(sx, sy, k0, k1, x, y):
    """Whether a ring encloses a point (even-odd rule)."""
    inside = False
    for k in range(k0, k1 - 1):
        if (sy[k] > y) != (sy[k + 1] > y) and x < (sx[k + 1] - sx[k]) * (y - sy[k]) / (sy[k + 1] - sy[k]) + sx[k]:
            inside = not inside
    return inside
