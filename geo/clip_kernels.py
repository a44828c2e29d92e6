"""Compiled parts of `geo.clipping`: how a ring lies to a polygon, and the loops around what is common or around the rest.

The ring and those of the polygon have their inside to the left (outer rings run counter-clockwise, holes clockwise). Where their
sides cross properly, and only so, what is common is bounded by the sides of each that lie in the other, walked forward; the rest of
the ring by its own sides that lie outside, walked forward, and those of the polygon that lie inside, walked backward (Weiler and
Atherton 1977; Greiner and Hormann 1998). Coordinates are taken relative to the ring's first corner, so that places far from the
origin lose no digits. Whatever touches, runs along, or crosses too near to a corner is said to be unsure.
"""

from __future__ import annotations

import numpy as np
from numba import njit

APART, WITHIN, AROUND, CROSSED, UNSURE = 0, 1, 2, 3, 4
"""A ring and a polygon: nothing in common; it lies in the polygon; around it; their sides cross; GEOS must be asked."""

MOST_CORNERS = 512
"""Corners of a ring up to which it is looked at here, and of the polygon that may lie in it."""
MOST_CROSSINGS = 32
RUN = 8
"""Sides of a polygon's ring whose common box is looked at first."""
NEAR_M = 1e-6
"""A crossing nearer than this to a corner is unsure."""
ROUNDING = 4e-16
"""Of the sum of its two products: a cross product larger than this has its true sign (Shewchuk 1997, bound A: 3.33e-16)."""


@njit(nogil=True, cache=True)
def relate(start, stop, shape, piece, sx, sy, s_ring, s_shape, s_area, px, py, p_ring, p_shape, p_run, run_box,
           relation, common_m2, size):
    """Relation of each pair, the area in common, and how many corners and loops go around the rest of the shape."""
    room = scratch()
    for pair in range(start, stop):
        first, rings = s_shape[shape[pair]], (p_shape[piece[pair]], p_shape[piece[pair] + 1])
        told = UNSURE
        if s_shape[shape[pair] + 1] == first + 1 and s_area[first]:
            told, found, ring = _relation(room, sx, sy, s_ring[first], s_ring[first + 1], px, py, p_ring, rings, p_run, run_box)
        if told == CROSSED:
            begin, end, sides = p_ring[ring], p_ring[ring + 1], s_ring[first + 1] - s_ring[first] - 1
            ox, oy = sx[s_ring[first]], sy[s_ring[first]]
            corners, loops, area_m2 = _loops(room, found, sides, px, py, begin, end, ox, oy, False)
            size[pair, 0], size[pair, 1], rest_m2 = _loops(room, found, sides, px, py, begin, end, ox, oy, True)
            if loops and size[pair, 1]:
                common_m2[pair] = area_m2
            else:
                told = UNSURE
        relation[pair] = told


@njit(nogil=True, cache=True)
def write(start, stop, shape, piece, sx, sy, s_ring, s_shape, px, py, p_ring, p_shape, p_run, run_box,
          corner_start, loop_start, xy, loop_end):
    """The loops around the rest of crossed shapes into their places; `loop_end` is where each loop ends."""
    room = scratch()
    out, ends = room[6], room[7]
    for pair in range(start, stop):
        first, rings = s_shape[shape[pair]], (p_shape[piece[pair]], p_shape[piece[pair] + 1])
        ox, oy = sx[s_ring[first]], sy[s_ring[first]]
        told, found, ring = _relation(room, sx, sy, s_ring[first], s_ring[first + 1], px, py, p_ring, rings, p_run, run_box)
        sides = s_ring[first + 1] - s_ring[first] - 1
        corners, loops, area_m2 = _loops(room, found, sides, px, py, p_ring[ring], p_ring[ring + 1], ox, oy, True)
        at = corner_start[pair]
        for k in range(corners):
            xy[at + k, 0], xy[at + k, 1] = out[k, 0] + ox, out[k, 1] + oy
        for loop in range(loops):
            loop_end[loop_start[pair] + loop] = at + ends[loop]


@njit(nogil=True, cache=True)
def turned(x, y, ring_start, ring_hole):
    """Turn rings in place so that their inside is to the left; where the runs of sides of each begin, and the box of each run."""
    start = np.zeros(ring_start.size, np.int64)
    for r in range(ring_start.size - 1):
        start[r + 1] = start[r] + (ring_start[r + 1] - ring_start[r] - 2 + RUN) // RUN
    box = np.empty((start[-1], 4))                          # left, bottom, right, top
    for r in range(ring_start.size - 1):
        first, last = ring_start[r], ring_start[r + 1] - 1
        twice = 0.0
        for k in range(first, last):
            twice += (x[k] - x[first]) * (y[k + 1] - y[first]) - (x[k + 1] - x[first]) * (y[k] - y[first])
        if (twice > 0.0) == ring_hole[r]:
            for k in range((last - first + 1) // 2):
                x[first + k], x[last - k] = x[last - k], x[first + k]
                y[first + k], y[last - k] = y[last - k], y[first + k]
        for run in range(start[r], start[r + 1]):
            begin = first + (run - start[r]) * RUN
            left, bottom, right, top = x[begin], y[begin], x[begin], y[begin]
            for k in range(begin + 1, min(begin + RUN, last) + 1):
                left, bottom, right, top = min(left, x[k]), min(bottom, y[k]), max(right, x[k]), max(top, y[k])
            box[run, 0], box[run, 1], box[run, 2], box[run, 3] = left, bottom, right, top
    return start, box


@njit(nogil=True, cache=True)
def scratch():
    """Room for a pair: the ring; of each crossing its x, y and places along both rings, its sides, its neighbours; loops."""
    ring_x, ring_y = np.empty(MOST_CORNERS + 1), np.empty(MOST_CORNERS + 1)
    place = np.empty((MOST_CROSSINGS, 4))
    side = np.empty((MOST_CROSSINGS, 3), np.int64)     # of the polygon, of the ring; 1 where that of the polygon enters
    after = np.empty((MOST_CROSSINGS, 3), np.int64)    # next along polygon and ring, and the one before along the polygon
    order = np.empty(MOST_CROSSINGS, np.int64)
    return (ring_x, ring_y, place, side, after, order, np.empty((2 * MOST_CORNERS + 3 * MOST_CROSSINGS, 2)),
            np.empty(MOST_CROSSINGS, np.int64))


@njit(nogil=True, cache=True)
def _relation(room, sx, sy, s0, s1, px, py, p_ring, rings, p_run, run_box):
    """How the ring s0..s1 lies to a polygon; how often they cross, and which of the polygon's rings it is that crosses."""
    ring_x, ring_y, place, side = room[0], room[1], room[2], room[3]
    sides = _taken(sx, sy, s0, s1, ring_x, ring_y)
    if sides == 0:
        return UNSURE, 0, -1
    ox, oy = sx[s0], sy[s0]
    low_x, high_x = ring_x[:sides].min(), ring_x[:sides].max()
    low_y, high_y = ring_y[:sides].min(), ring_y[:sides].max()
    found, crossing, inner = 0, -1, 0
    for r in range(rings[0], rings[1]):
        near, before = False, found
        for run in range(p_run[r], p_run[r + 1]):
            if (run_box[run, 2] - ox < low_x or run_box[run, 0] - ox > high_x
                    or run_box[run, 3] - oy < low_y or run_box[run, 1] - oy > high_y):
                continue
            begin = p_ring[r] + (run - p_run[r]) * RUN
            for k in range(begin, min(begin + RUN, p_ring[r + 1] - 1)):
                ax, ay, bx, by = px[k] - ox, py[k] - oy, px[k + 1] - ox, py[k + 1] - oy
                if max(ax, bx) < low_x or min(ax, bx) > high_x or max(ay, by) < low_y or min(ay, by) > high_y:
                    continue
                near = True
                for j in range(sides):
                    if (max(ax, bx) < min(ring_x[j], ring_x[j + 1]) or min(ax, bx) > max(ring_x[j], ring_x[j + 1])
                            or max(ay, by) < min(ring_y[j], ring_y[j + 1]) or min(ay, by) > max(ring_y[j], ring_y[j + 1])):
                        continue
                    turn = _meet(ax, ay, bx, by, ring_x[j], ring_y[j], ring_x[j + 1], ring_y[j + 1], place[found])
                    if turn == 0:
                        continue
                    if turn == 2 or found + 1 == MOST_CROSSINGS:
                        return UNSURE, 0, -1
                    side[found, 0], side[found, 1], side[found, 2] = k, j, max(turn, 0)
                    place[found, 2] += k - p_ring[r]
                    place[found, 3] += j
                    found += 1
        if found > before:
            if before > 0:
                return UNSURE, 0, -1
            crossing = r
        elif near:
            inside = _inside(px[p_ring[r]] - ox, py[p_ring[r]] - oy, ring_x, ring_y, 0, sides, 0.0, 0.0)
            if inside < 0 or (inside and r > rings[0]):     # a hole in the ring
                return UNSURE, 0, -1
            inner += inside
    if found:
        return (UNSURE if inner else CROSSED), found, crossing
    if inner:
        return AROUND, 0, -1
    within = 0
    for r in range(rings[0], rings[1]):
        for run in range(p_run[r], p_run[r + 1]):
            if run_box[run, 1] > oy or run_box[run, 3] <= oy or run_box[run, 2] < ox:
                continue                                    # wholly above, below or left of the corner
            begin = p_ring[r] + (run - p_run[r]) * RUN
            inside = _inside(0.0, 0.0, px, py, begin, min(begin + RUN, p_ring[r + 1] - 1), ox, oy)
            if inside < 0:
                return UNSURE, 0, -1
            within ^= inside
    return (WITHIN if within else APART), 0, -1


@njit(nogil=True, cache=True)
def _taken(sx, sy, s0, s1, ring_x, ring_y):
    """Copy a ring, counter-clockwise and relative to its first corner; how many sides it has, 0 where it cannot be used."""
    sides = s1 - s0 - 1
    if sides < 3 or sides > MOST_CORNERS:
        return 0
    twice = 0.0
    for k in range(sides + 1):
        ring_x[k], ring_y[k] = sx[s0 + k] - sx[s0], sy[s0 + k] - sy[s0]
        if k:
            twice += ring_x[k - 1] * ring_y[k] - ring_x[k] * ring_y[k - 1]
    if not abs(twice) > 0.0:                                # no area, or not numbers
        return 0
    if twice < 0.0:
        for k in range(1, (sides + 1) // 2):
            ring_x[k], ring_x[sides - k] = ring_x[sides - k], ring_x[k]
            ring_y[k], ring_y[sides - k] = ring_y[sides - k], ring_y[k]
    return sides


@njit(nogil=True, cache=True)
def _side(ax, ay, bx, by, x, y):
    """Twice the area of the triangle a, b, p, positive where p surely lies to the left of a-b; 0 where it is too close."""
    one, two = (bx - ax) * (y - ay), (x - ax) * (by - ay)
    return 0.0 if abs(one - two) <= ROUNDING * (abs(one) + abs(two)) else one - two


@njit(nogil=True, cache=True)
def _meet(ax, ay, bx, by, cx, cy, dx, dy, place):
    """Of sides whose boxes meet: 1 where a-b crosses c-d from right to left, -1 from left to right, 0 apart, 2 unsure.

    Of a crossing `place` becomes x, y and the shares of a-b and c-d at which it lies.
    """
    a, b = _side(cx, cy, dx, dy, ax, ay), _side(cx, cy, dx, dy, bx, by)
    if (a > 0.0 and b > 0.0) or (a < 0.0 and b < 0.0):
        return 0
    c, d = _side(ax, ay, bx, by, cx, cy), _side(ax, ay, bx, by, dx, dy)
    if (c > 0.0 and d > 0.0) or (c < 0.0 and d < 0.0):
        return 0
    if a == 0.0 or b == 0.0 or c == 0.0 or d == 0.0:
        return 2
    t, u = a / (a - b), c / (c - d)
    if min(t, 1.0 - t) * np.hypot(bx - ax, by - ay) < NEAR_M or min(u, 1.0 - u) * np.hypot(dx - cx, dy - cy) < NEAR_M:
        return 2
    place[0], place[1], place[2], place[3] = ax + t * (bx - ax), ay + t * (by - ay), t, u
    return 1 if b > 0.0 else -1


@njit(nogil=True, cache=True)
def _inside(x, y, ring_x, ring_y, first, last, ox, oy):
    """1 where sides first..last of a ring, less the origin, lie an odd number of times to the right of a point; -1 unsure.

    With all sides of the ring: whether it encloses the point.
    """
    inside = 0
    for k in range(first, last):
        ay, by = ring_y[k] - oy, ring_y[k + 1] - oy
        if (ay > y) != (by > y):
            turn = _side(ring_x[k] - ox, ay, ring_x[k + 1] - ox, by, x, y)
            if turn == 0.0:
                return -1
            if (turn > 0.0) == (by > ay):                   # the side lies to the right of the point
                inside ^= 1
    return inside


@njit(nogil=True, cache=True)
def _loops(room, found, sides, px, py, begin, end, ox, oy, rest):
    """Loops around what is common, or around the rest: how many corners and loops (0 where they do not close), and the area."""
    ring_x, ring_y, place, side, after, order, out, ends = room
    if not _linked(place, side, after, order, found):
        return 0, 0, 0.0
    corners, loops, seen, area_m2 = 0, 0, 0, 0.0
    for start in range(found):
        if not side[start, 2] or (seen >> start) & 1:
            continue
        first, entering = corners, start
        while True:
            seen |= 1 << entering
            leaving = after[entering, 1 if rest else 0]
            following = after[leaving, 2 if rest else 1]
            out[corners, 0], out[corners, 1] = place[entering, 0], place[entering, 1]
            corners += 1
            if rest:
                corners = _along(out, corners, ring_x, ring_y, 0, sides, place, side, 1, entering, leaving, 0.0, 0.0)
            else:
                corners = _along(out, corners, px, py, begin, end - 1 - begin, place, side, 0, entering, leaving, ox, oy)
            if corners < 0:
                return 0, 0, 0.0
            out[corners, 0], out[corners, 1] = place[leaving, 0], place[leaving, 1]
            corners += 1
            back = corners
            if rest:
                corners = _along(out, corners, px, py, begin, end - 1 - begin, place, side, 0, following, leaving, ox, oy)
                out[back:corners] = out[back:corners][::-1].copy()
            else:
                corners = _along(out, corners, ring_x, ring_y, 0, sides, place, side, 1, leaving, following, 0.0, 0.0)
            if corners < 0:
                return 0, 0, 0.0
            entering = following
            if entering == start:
                break
            if (seen >> entering) & 1:
                return 0, 0, 0.0
        out[corners] = out[first]
        corners += 1
        twice = 0.0
        for k in range(first, corners - 1):
            twice += out[k, 0] * out[k + 1, 1] - out[k + 1, 0] * out[k, 1]
        if not twice > 0.0:
            return 0, 0, 0.0
        ends[loops], area_m2 = corners, area_m2 + 0.5 * twice
        loops += 1
    return corners, loops, area_m2


@njit(nogil=True, cache=True)
def _along(out, corners, x, y, first, sides, place, side, which, one, other, ox, oy):
    """Add the corners of a ring between two crossings, walking forward, less the origin; how many there are then, -1 too many."""
    begin = side[one, which] - first
    count = side[other, which] - side[one, which]
    if place[other, 2 + which] < place[one, 2 + which]:
        count += sides
    if corners + count > out.shape[0] - 3:
        return -1
    for k in range(begin + 1, begin + 1 + count):
        at = first + (k if k < sides else k - sides)
        out[corners, 0], out[corners, 1] = x[at] - ox, y[at] - oy
        corners += 1
    return corners


@njit(nogil=True, cache=True)
def _linked(place, side, after, order, found):
    """Tell each crossing its neighbours along both rings; False where entering and leaving ones do not take turns."""
    for which in range(2):
        for c in range(found):
            at = c
            while at and place[order[at - 1], 2 + which] > place[c, 2 + which]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = c
        for at in range(found):
            one, other = order[at], order[at + 1 if at + 1 < found else 0]
            if side[one, 2] == side[other, 2]:
                return False
            after[one, which] = other
            if which == 0:
                after[other, 2] = one
    return True
