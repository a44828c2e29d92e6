"""Which geometries are valid, as GEOS says, told at once for the many that are plainly simple.

Most parcels, buildings and restricted areas are single rings. That such a ring neither crosses nor touches itself is decided here
by signs of cross products that rounding cannot turn; wherever one is too near zero to be sure, and for shapes with holes or of
several parts, GEOS is asked. A ring of many corners is halved again and again, and only halves whose boxes meet are looked into.
"""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

from geo.shapes import Shapes, flatten, on_all_cores, spread

FEW_CORNERS = 32
"""In rings of no more corners every side is compared with every other."""

LEAF_SIDES = 4
"""Sides of a longer ring that are not halved further."""

MOST_PAIRS = 64
"""Pairs of runs of sides to look into, per side; a ring that winds so much that it needs more is left to GEOS."""

ROUNDING = 4e-16
"""Of the sum of its two products: a cross product larger than this has its true sign (Shewchuk 1997, bound A: 3.33e-16)."""


def are_valid(geometries: np.ndarray, flat: Shapes | None = None) -> np.ndarray:
    """Whether each geometry is valid, as `shapely.is_valid`; missing ones are not. `flat` are their coordinates, where at hand.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> are_valid(np.array([shapely.box(0, 0, 1, 1), bow_tie, None])).tolist()
    [True, False, False]
    """
    geometries = np.asarray(geometries, dtype=object)
    flat = flatten(geometries) if flat is None else flat
    out = np.zeros(len(geometries), dtype=bool)
    long = bool((np.diff(flat.ring_start) > FEW_CORNERS + 1).any())
    spread(lambda start, stop: _plainly_simple(start, stop, flat.x, flat.y, flat.ring_start, flat.ring_area, flat.shape_start, out),
           len(geometries), smallest=1 if long else None)
    asked = np.flatnonzero(~out)
    out[asked] = on_all_cores(shapely.is_valid, geometries[asked], dtype=bool)
    return out


@njit(nogil=True, cache=True)
def _plainly_simple(start, stop, x, y, ring_start, ring_area, shape_start, out):
    """Whether each shape is one ring that surely does not meet itself; False also where that is too close to tell."""
    for shape in range(start, stop):
        ring = shape_start[shape]
        if shape_start[shape + 1] - ring != 1 or not ring_area[ring]:
            continue
        first, last = ring_start[ring], ring_start[ring + 1] - 1
        simple = last - first >= 3
        for k in range(first, last):
            simple = simple and np.isfinite(x[k]) and np.isfinite(y[k])
        if simple and last - first > FEW_CORNERS:
            out[shape] = _long_and_simple(x, y, first, last)
            continue
        k = first
        while simple and k < last:
            after = k + 1 if k + 1 < last else first
            simple = _turns(x, y, k, k + 1, after + 1)
            other = k + 2
            while simple and other < last:
                simple = (k == first and other == last - 1) or _apart(x, y, k, other)
                other += 1
            k += 1
        out[shape] = simple


@njit(nogil=True, cache=True)
def _long_and_simple(x, y, first, last):
    """Whether the ring of the sides first..last surely does not meet itself, by a tree of boxes around its runs of sides."""
    sides = last - first
    leaves = 1
    while leaves * LEAF_SIDES < sides:
        leaves *= 2
    boxes = np.empty((2 * leaves, 4))                       # run 1 is the ring, 2 i and 2 i + 1 the halves of run i
    for run in range(2 * leaves - 1, 0, -1):
        if run < leaves:
            for axis in range(2):
                boxes[run, axis] = min(boxes[2 * run, axis], boxes[2 * run + 1, axis])
                boxes[run, axis + 2] = max(boxes[2 * run, axis + 2], boxes[2 * run + 1, axis + 2])
            continue
        boxes[run, 0], boxes[run, 1], boxes[run, 2], boxes[run, 3] = np.inf, np.inf, -np.inf, -np.inf
        begin = first + (run - leaves) * LEAF_SIDES
        for k in range(begin, min(begin + LEAF_SIDES, last) + 1 if begin < last else begin):
            boxes[run, 0], boxes[run, 2] = min(boxes[run, 0], x[k]), max(boxes[run, 2], x[k])
            boxes[run, 1], boxes[run, 3] = min(boxes[run, 1], y[k]), max(boxes[run, 3], y[k])
    waiting = np.empty((MOST_PAIRS, 2), np.int64)           # depth first: three more wait for each halving
    waiting[0, :], size, looked = 1, 1, 0
    while size:
        size -= 1
        one, two = waiting[size, 0], waiting[size, 1]
        looked += 1
        if looked > MOST_PAIRS * sides or size + 4 > MOST_PAIRS:
            return False
        if one != two and (boxes[one, 2] < boxes[two, 0] or boxes[two, 2] < boxes[one, 0]
                           or boxes[one, 3] < boxes[two, 1] or boxes[two, 3] < boxes[one, 1]):
            continue
        if one >= leaves:
            a, b = first + (one - leaves) * LEAF_SIDES, first + (two - leaves) * LEAF_SIDES
            if not _sides_apart(x, y, first, last, a, min(a + LEAF_SIDES, last), b, min(b + LEAF_SIDES, last)):
                return False
            continue
        for i in range(2):
            for j in range(i if one == two else 0, 2):
                waiting[size, 0], waiting[size, 1] = 2 * one + i, 2 * two + j
                size += 1
    return True


@njit(nogil=True, cache=True)
def _sides_apart(x, y, first, last, a, a_end, b, b_end):
    """Whether the sides a..a_end of a ring surely meet none of b..b_end (the same run or a later one) but at corners they share."""
    for k in range(a, a_end):
        for other in range(max(b, k + 1), b_end):
            if other == k + 1:
                apart = _turns(x, y, k, other, other + 1)
            elif k == first and other == last - 1:
                apart = _turns(x, y, other, first, first + 1)
            else:
                apart = _apart(x, y, k, other)
            if not apart:
                return False
    return True


@njit(nogil=True, cache=True)
def _turns(x, y, a, b, c):
    """Whether the sides a-b and b-c have only b in common: they turn by less than 90 degrees, or surely are not in line."""
    dx, dy, ex, ey = x[b] - x[a], y[b] - y[a], x[c] - x[b], y[c] - y[b]
    if (dx == 0.0 and dy == 0.0) or (ex == 0.0 and ey == 0.0):
        return False
    return _side(x, y, a, b, c) != 0 or dx * ex + dy * ey > 1e-9 * (abs(dx * ex) + abs(dy * ey))


@njit(nogil=True, cache=True)
def _side(x, y, a, b, p):
    """+1 or -1 by the side of the line a-b on which p surely lies, 0 where it is too close to tell."""
    one = (x[b] - x[a]) * (y[p] - y[a])
    two = (x[p] - x[a]) * (y[b] - y[a])
    if abs(one - two) <= ROUNDING * (abs(one) + abs(two)):
        return 0
    return 1 if one > two else -1


@njit(nogil=True, cache=True)
def _apart(x, y, a, b):
    """Whether the sides from a to a + 1 and from b to b + 1 surely have no point in common."""
    if max(x[a], x[a + 1]) < min(x[b], x[b + 1]) or min(x[a], x[a + 1]) > max(x[b], x[b + 1]):
        return True
    if max(y[a], y[a + 1]) < min(y[b], y[b + 1]) or min(y[a], y[a + 1]) > max(y[b], y[b + 1]):
        return True
    p, q = _side(x, y, a, a + 1, b), _side(x, y, a, a + 1, b + 1)
    if p != 0 and p == q:
        return True
    p, q = _side(x, y, b, b + 1, a), _side(x, y, b, b + 1, a + 1)
    return p != 0 and p == q
