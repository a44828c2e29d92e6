"""Compiled search for the largest rectangle inside a polygon, at any rotation, in metres. `geo.fit` is the way in.

A rectangle's direction is tried at the longest edges of the polygon and at even steps between them. For one direction the turned
polygon is cut into level strips; in each strip only the ranges of x count that no edge touches anywhere in the strip, so whatever
is found lies inside, holes and hollows included. The best one is then moved, stretched and turned in ever smaller steps.
"""

from __future__ import annotations

import numpy as np
from numba import njit

EDGE_DIRECTIONS = 4
"""Directions tried that are those of the longest edges."""
STEPS = 7
"""Even steps of direction in the quarter turn; a rectangle turned by a quarter is the same rectangle."""
MOST_LEVELS = 48
"""Room for levels: even ones and corners."""
FEW_CORNERS = 16
"""A polygon of no more corners than this is cut level with each corner."""
EVEN_LEVELS = 9
FINE_LEVELS = 24
"""Level strips for polygons of few corners, and of many."""
ROUNDS = 4
"""Rounds of refinement, each with steps half as large."""
FINE_STEPS = 2
"""Steps to each side of the lower and the upper side of the rectangle in one round."""
EDGE_SLACK_M = 1e-3
"""An edge that reaches less than this, in m, into a strip counts as lying on its limit: a rectangle may stick out so much."""
ENOUGH = 0.99
"""A rectangle that fills this share of the polygon is not searched further."""


@njit(nogil=True, cache=True)
def search(start, stop, x, y, ring_start, shape_start, house_m2, side_m, house_only, out):
    """Largest rectangle of the polygons `start`..`stop`, and the largest one with both sides at least `side_m`.

    `out` (rows, 7) takes area m2, long side m, short side m, centre x, y, direction of the long side in radians, and the area of
    the largest one with both sides at least `side_m`, sought until it reaches `house_m2`. With `house_only` the last alone is
    asked for, and a polygon is done with as soon as it is found.
    """
    best, house = np.empty(6), np.empty(6)
    levels = np.empty(MOST_LEVELS)
    directions = np.empty(EDGE_DIRECTIONS + STEPS)
    room = 0
    for shape in range(start, stop):
        room = max(room, ring_start[shape_start[shape + 1]] - ring_start[shape_start[shape]])
    edges, turned, work, marks, odd = _room(room)   # once: arrays that may change within the loop make each round slow
    for shape in range(start, stop):
        if shape_start[shape] == shape_start[shape + 1]:
            continue
        outer = shape_start[shape]
        first = _least_corner(x, y, ring_start[outer], ring_start[outer + 1] - 1)
        m, area = _edges(x, y, ring_start, shape_start[shape], shape_start[shape + 1], edges)
        best[:] = 0.0
        house[:] = 0.0
        if m < 3 or area <= 0.0:
            continue
        if area < house_m2:
            if house_only:
                continue
            house[0] = house_m2          # no house fits: not sought
        aligned, found = _directions(edges, m, directions)
        for d in range(found):
            _turn(edges, m, directions[d], turned)
            n = _levels(turned, m, levels, d < aligned)
            _scan(turned, m, levels, n, directions[d], house_m2, side_m, best, house, work, marks, odd)
            if best[0] >= ENOUGH * area or (house_only and house[0] >= house_m2):
                break
        if house_only and house[0] >= house_m2:
            out[shape, 6] = house[0]
            continue
        _refine(edges, turned, m, levels, house_m2, side_m, best, house, best, area, work, marks, odd)
        if house[0] < house_m2 and house[0] > 0.6 * house_m2:
            _refine(edges, turned, m, levels, house_m2, side_m, best, house, house, area, work, marks, odd)
        out[shape, 0] = best[0]
        along, across = best[3], best[4]
        direction = best[5] if along >= across else best[5] + 0.5 * np.pi
        out[shape, 1], out[shape, 2] = max(along, across), min(along, across)
        c, s = np.cos(best[5]), np.sin(best[5])
        out[shape, 3] = x[first] + best[1] * c - best[2] * s
        out[shape, 4] = y[first] + best[1] * s + best[2] * c
        out[shape, 5] = direction % np.pi
        out[shape, 6] = house[0] if area >= house_m2 else 0.0


@njit(nogil=True, cache=True)
def _room(size):
    """Room to work in for polygons of up to `size` corners: edges, turned edges, ranges and rectangles under way, places, flags."""
    size = max(size, 32)
    spans = size * MOST_LEVELS
    return (np.empty((4, size)), np.empty((4, size)), np.empty((4, spans)),
            np.empty((2, spans), np.int64), np.empty(spans, np.bool_))


@njit(nogil=True, cache=True)
def _edges(x, y, ring_start, first_ring, last_ring, edges):
    """Edges of all rings, relative to the least corner, and the area they enclose (holes are taken off), in m2.

    Each ring's edges begin at its least corner, wherever the ring itself does.
    """
    m, area = 0, 0.0
    least = _least_corner(x, y, ring_start[first_ring], ring_start[first_ring + 1] - 1)
    x0, y0 = x[least], y[least]
    for ring in range(first_ring, last_ring):
        begin, end = ring_start[ring], ring_start[ring + 1] - 1
        turn, twice = _least_corner(x, y, begin, end), 0.0
        for i in range(begin, end):
            k = i + turn - begin if i + turn - begin < end else i + turn - end
            ax, ay, bx, by = _fixed(x[k] - x0), _fixed(y[k] - y0), _fixed(x[k + 1] - x0), _fixed(y[k + 1] - y0)
            twice += ax * by - bx * ay
            if ax != bx or ay != by:
                edges[0, m], edges[1, m], edges[2, m], edges[3, m] = ax, ay, bx, by
                m += 1
        area += abs(twice) / 2 if ring == first_ring else -abs(twice) / 2
    return m, area


@njit(nogil=True, cache=True)
def _least_corner(x, y, begin, end):
    """Position of the corner with the least x, of several the least y."""
    least = begin
    for k in range(begin + 1, end):
        if x[k] < x[least] or (x[k] == x[least] and y[k] < y[least]):
            least = k
    return least


@njit(nogil=True, cache=True)
def _fixed(length_m):
    """A length to 0.1 mm: what rounding of coordinates far from the origin leaves must not lead the search another way."""
    return np.rint(length_m * 1e4) / 1e4


@njit(nogil=True, cache=True)
def _directions(edges, m, directions):
    """Directions to try, in radians within a quarter turn: those of the longest edges, then even steps from the longest one."""
    quarter = 0.5 * np.pi
    count = 0
    used = np.inf
    for _ in range(EDGE_DIRECTIONS):
        longest, at = 0.0, -1
        for e in range(m):
            dx, dy = edges[2, e] - edges[0, e], edges[3, e] - edges[1, e]
            length = dx * dx + dy * dy
            if length > longest and length < used:
                longest, at = length, e
        if at < 0:
            break
        used = longest
        angle = np.arctan2(edges[3, at] - edges[1, at], edges[2, at] - edges[0, at]) % quarter
        if _is_new(directions, count, angle, 0.005):
            directions[count] = angle
            count += 1
    base, aligned = directions[0], count
    for step in range(1, STEPS):
        angle = (base + step * quarter / STEPS) % quarter
        if _is_new(directions, count, angle, 0.03):
            directions[count] = angle
            count += 1
    return aligned, count


@njit(nogil=True, cache=True)
def _is_new(directions, count, angle, apart):
    quarter = 0.5 * np.pi
    for d in range(count):
        gap = abs(directions[d] - angle)
        if min(gap, quarter - gap) < apart:
            return False
    return True


@njit(nogil=True, cache=True)
def _turn(edges, m, angle, turned):
    """Edges seen with `angle` as the level direction."""
    c, s = np.cos(angle), np.sin(angle)
    for e in range(m):
        turned[0, e] = edges[0, e] * c + edges[1, e] * s
        turned[1, e] = edges[1, e] * c - edges[0, e] * s
        turned[2, e] = edges[2, e] * c + edges[3, e] * s
        turned[3, e] = edges[3, e] * c - edges[2, e] * s


@njit(nogil=True, cache=True)
def _levels(turned, m, levels, aligned):
    """Limits of the strips, rising: even steps over the height and, along an edge, the corners' own."""
    low, high = turned[1, 0], turned[1, 0]
    for e in range(m):
        low, high = min(low, turned[1, e]), max(high, turned[1, e])
    steps = EVEN_LEVELS if m <= FEW_CORNERS else FINE_LEVELS
    for k in range(steps + 1):
        levels[k] = low + (high - low) * k / steps
    n = steps + 1
    if aligned and m <= FEW_CORNERS:
        for e in range(m):
            levels[n] = turned[1, e]
            n += 1
    return _sorted(levels, n, EDGE_SLACK_M)


@njit(nogil=True, cache=True)
def _sorted(levels, n, apart):
    """The first `n` levels in rising order, those closer than `apart` to the one before left out."""
    for i in range(1, n):
        value, j = levels[i], i
        while j > 0 and levels[j - 1] > value:
            levels[j] = levels[j - 1]
            j -= 1
        levels[j] = value
    kept = 1
    for i in range(1, n):
        if levels[i] - levels[kept - 1] > apart:
            levels[kept] = levels[i]
            kept += 1
    return kept


@njit(nogil=True, cache=True)
def _refine(edges, turned, m, levels, house_m2, side_m, best, house, goal, area, work, marks, odd):
    """Move, stretch and turn the rectangle `goal` (`best` or `house`) in ever smaller steps while it grows."""
    if goal[0] <= 0.0:
        return
    reach = max(goal[3], goal[4]) / EVEN_LEVELS
    swing = 0.25 * np.pi / STEPS
    for _ in range(ROUNDS):
        if best[0] >= ENOUGH * area and house[0] >= house_m2:
            return
        c, s = np.cos(goal[5]), np.sin(goal[5])
        middle_x, middle_y = goal[1] * c - goal[2] * s, goal[1] * s + goal[2] * c
        angle, half = goal[5], goal[4] / 2
        for turn in (0.0, swing, -swing):
            _turn(edges, m, angle + turn, turned)
            y = middle_y * np.cos(angle + turn) - middle_x * np.sin(angle + turn)
            n = 0
            for k in range(-FINE_STEPS, FINE_STEPS + 1):
                levels[n], levels[n + 1] = y - half + k * reach / FINE_STEPS, y + half + k * reach / FINE_STEPS
                n += 2
            n = _sorted(levels, n, 1e-4)
            _scan(turned, m, levels, n, angle + turn, house_m2, side_m, best, house, work, marks, odd)
        reach *= 0.45
        swing *= 0.5


@njit(nogil=True, cache=True, error_model="numpy")
def _scan(turned, m, levels, n, angle, house_m2, side_m, best, house, work, marks, odd):
    """Largest level rectangle with its lower and upper side on two of the levels; `best` and `house` take it where it is larger."""
    strips = n - 1
    if strips < 1:
        return
    left, right, last = work[0], work[1], marks[0]
    for k in range(strips):
        last[k] = k * m
    for e in range(m):
        ax, ay, bx, by = turned[0, e], turned[1, e], turned[2, e], turned[3, e]
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        if by <= levels[0] + EDGE_SLACK_M or ay >= levels[strips] - EDGE_SLACK_M:
            continue
        k = 0
        while levels[k + 1] - EDGE_SLACK_M <= ay:
            k += 1
        if levels[k] + EDGE_SLACK_M >= by:
            continue                     # it lies on the limit between two strips
        level = ay == by
        per = 0.0 if level else (bx - ax) / (by - ay)
        p = ax if level or ay >= levels[k] else ax + (levels[k] - ay) * per
        while True:
            high = levels[k + 1]
            q = bx if by <= high else ax + (high - ay) * per
            low_x, high_x = min(p, q), max(p, q)
            i = last[k]
            while i > k * m and left[i - 1] > low_x:
                left[i], right[i], odd[i] = left[i - 1], right[i - 1], odd[i - 1]
                i -= 1
            middle = 0.5 * (levels[k] + high)
            left[i], right[i], odd[i] = low_x, high_x, ay <= middle and by > middle
            last[k] += 1
            k += 1
            if k == strips or levels[k] + EDGE_SLACK_M >= by:
                break
            p = q
    most = _free(m, left, right, odd, strips, last, levels) * (1.0 + 1e-9)     # rounding cuts nothing off
    if most <= best[0] and (most <= house[0] or house[0] >= house_m2):
        return
    _stack(m, last, left, right, levels, strips, angle, house_m2, side_m, best, house, marks[1], work[2], work[3])


@njit(nogil=True, cache=True)
def _free(m, left, right, odd, strips, last, levels):
    """Turn the ranges that edges touch, strip by strip, into the free ones between them that lie inside; `last` is their end.

    Gives back the area of the widest one of each strip, added up: no rectangle has more.
    """
    most = 0.0
    for k in range(strips):
        w, widest = k * m, 0.0
        reach, inside = -1e300, False
        for i in range(k * m, last[k]):
            a, b, crosses = left[i], right[i], odd[i]
            if inside and a > reach:
                left[w], right[w] = reach, a
                widest = max(widest, a - reach)
                w += 1
            reach = max(reach, b)
            inside ^= crosses
        last[k] = w
        most += widest * (levels[k + 1] - levels[k])
    return most


@njit(nogil=True, cache=True)
def _stack(m, last, left, right, levels, strips, angle, house_m2, side_m, best, house, at, lefts, rights):
    """Every free range carried upwards through the strips as far as it stays open; the largest area wins."""
    top = levels[strips]
    most_m2, house_has_m2 = best[0], house[0]      # told apart from the arrays, which are read from memory at every use
    for low in range(strips):
        bottom = levels[low]
        for i in range(low * m, last[low]):
            a, b = left[i], right[i]
            if not _may_win((b - a) * (top - bottom), b - a, most_m2, house_has_m2, house_m2, side_m):
                continue
            if low and _open_below(left, right, (low - 1) * m, last[low - 1], a, b):
                continue
            k, depth, going = low, 0, True
            while going:
                width, going = b - a, False
                if _may_win(width * (top - bottom), width, most_m2, house_has_m2, house_m2, side_m):
                    k += 1
                    height = levels[k] - bottom
                    area = width * height
                    if area > most_m2:
                        most_m2 = area
                        _put(best, area, a, b, bottom, levels[k], angle)
                    if house_has_m2 < house_m2 and area > house_has_m2 and min(width, height) >= side_m:
                        house_has_m2 = area
                        _put(house, area, a, b, bottom, levels[k], angle)
                    if k < strips:
                        low_x, high_x = a, b
                        for j in range(k * m, last[k]):
                            c, d = max(low_x, left[j]), min(high_x, right[j])
                            if d > c:
                                if going:
                                    at[depth], lefts[depth], rights[depth] = k, a, b
                                    depth += 1
                                a, b, going = c, d, True
                if not going and depth:
                    depth -= 1
                    k, a, b, going = at[depth], lefts[depth], rights[depth], True


@njit(nogil=True, cache=True)
def _may_win(most, width, most_m2, house_has_m2, house_m2, side_m):
    """Whether a range of this width may still become the largest rectangle, `most` being the area if it stayed open to the top."""
    return most > most_m2 or (house_has_m2 < house_m2 and width >= side_m and most > house_has_m2)


@njit(nogil=True, cache=True)
def _put(into, area, a, b, low, high, angle):
    into[0], into[1], into[2], into[3], into[4], into[5] = area, 0.5 * (a + b), 0.5 * (low + high), b - a, high - low, angle


@njit(nogil=True, cache=True)
def _open_below(left, right, first, last, a, b):
    """Whether the strip below is free over all of a..b: what starts here could start there and be higher."""
    open_ = False
    for j in range(first, last):
        open_ |= left[j] <= a and right[j] >= b
    return open_
