"""Compiled parts of `geo.topology`: which vertices stand at one place, and how vertices become nodes and edges. Metres.

Vertices are told by their row: those of the lines as drawn first, in order, then those put in between. A place is told by the row
of its first vertex.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.meetings import same_place


@njit(nogil=True, cache=True)
def centimetres(xy):
    """Places in whole centimetres, int64 (n, 2)."""
    out = np.empty(xy.shape, np.int64)
    for k in range(xy.shape[0]):
        out[k, 0], out[k, 1] = int(np.rint(xy[k, 0] * 100)), int(np.rint(xy[k, 1] * 100))
    return out


@njit(nogil=True, cache=True)
def distances_along(xy, line):
    """Distance in m of each vertex from the start of its line."""
    out, total, begun = np.zeros(line.size), 0.0, 0.0
    for k in range(1, line.size):
        if line[k] == line[k - 1]:
            total += np.hypot(xy[k, 0] - xy[k - 1, 0], xy[k, 1] - xy[k - 1, 1])
            out[k] = total - begun
        else:
            begun = total
    return out


@njit(nogil=True, cache=True)
def first_at_place(cm, table, out, count):
    """For each row the first row of the same place, into `out`, and how many rows are there, into `count` of that first row.

    `table` has open addresses: its size is a power of two and at least twice the rows, all entries -1.
    """
    last = table.size - 1
    for k in range(out.size):
        slot = ((cm[k, 0] * 73_856_093 ^ cm[k, 1] * 19_349_663) * 2_685_821_657_736_338_717 >> 20) & last
        while table[slot] >= 0 and not same_place(cm, table[slot], k):
            slot = (slot + 1) & last
        if table[slot] < 0:
            table[slot] = k
        out[k] = table[slot]
        count[out[k]] += 1


@njit(nogil=True, cache=True)
def parts_of(size, one, two):
    """What hangs together among `size` things, ``one[i]`` joined to ``two[i]``: the number of each one's part, by first things."""
    root = np.arange(size)
    for k in range(one.size):
        a, b = one[k], two[k]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        root[max(a, b)] = min(a, b)
    out, parts = np.empty(size, np.int64), 0
    for k in range(size):   # a root is the first thing of its part
        if root[k] == k:
            out[k], parts = parts, parts + 1
        else:
            root[k] = root[root[k]]
            out[k] = out[root[k]]
    return out


@njit(nogil=True, cache=True)
def in_order(line, along_m, extra_line, extra_along, extra_order, cm):
    """Rows of all vertices in the order of their lines and along them, those left out that repeat the place before them.

    The vertices as drawn stand in order; `extra_order` is the order of those put in between, which come after equal ones. Their
    rows follow those of the drawn ones.
    """
    drawn, put_in, count, before = line.size, 0, 0, -1
    rows = np.empty(drawn + extra_line.size, np.int64)
    for k in range(drawn + 1):
        while put_in < extra_order.size:
            extra = extra_order[put_in]
            if k < drawn and (extra_line[extra] > line[k] or (extra_line[extra] == line[k] and extra_along[extra] >= along_m[k])):
                break
            row = drawn + extra
            if before < 0 or _line(line, extra_line, before) != extra_line[extra] or not same_place(cm, before, row):
                rows[count] = row
                count += 1
            before, put_in = row, put_in + 1
        if k < drawn:
            if before < 0 or _line(line, extra_line, before) != line[k] or not same_place(cm, before, k):
                rows[count] = k
                count += 1
            before = k
    return rows[:count]


@njit(nogil=True, cache=True)
def _line(line, extra_line, row):
    return line[row] if row < line.size else extra_line[row - line.size]


@njit(nogil=True, cache=True)
def meeting_places(rows, line, place, bridge):
    """For each vertex in order the number of the place at which lines may meet there, and whether a node stands on it.

    Vertices inside a bridge where no line ends get a place to themselves: numbers from that of the last row on.
    """
    count, ended = np.zeros(place.size, np.int32), np.zeros(place.size, np.uint8)
    last = rows.size - 1
    at, node, own = np.empty(rows.size, np.int64), np.zeros(rows.size, np.bool_), place.size
    for k in range(rows.size):
        if k == 0 or k == last or line[rows[k]] != line[rows[k - 1]] or line[rows[k]] != line[rows[k + 1]]:
            ended[place[rows[k]]] = 1
    for k in range(rows.size):
        at[k] = place[rows[k]]
        if bridge[line[rows[k]]] and not ended[at[k]]:
            at[k] = -1
        else:
            count[at[k]] += 1
    for k in range(rows.size):
        if at[k] < 0:
            at[k], own = own, own + 1
        else:
            node[k] = count[at[k]] > 1
        if k == 0 or k == last or line[rows[k]] != line[rows[k - 1]] or line[rows[k]] != line[rows[k + 1]]:
            node[k] = True
    return at, node, own


@njit(nogil=True, cache=True)
def cut_at_nodes(rows, line, at, node, places):
    """Edges between the nodes along each line: first and last vertex (positions in the order), and the numbers of their two nodes.

    Also the vertex at which each node was met first.
    """
    number, met = np.full(places, -1, np.int32), 0
    first, last = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    u, v, where = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    edges, begun = 0, -1
    for k in range(rows.size):
        if not node[k]:
            continue
        if begun >= 0 and line[rows[begun]] == line[rows[k]]:
            for end in (begun, k):
                if number[at[end]] < 0:
                    number[at[end]], where[met] = met, end
                    met += 1
            first[edges], last[edges], u[edges], v[edges] = begun, k, number[at[begun]], number[at[k]]
            edges += 1
        begun = k
    return first[:edges].copy(), last[:edges].copy(), u[:edges].copy(), v[:edges].copy(), where[:met].copy()


@njit(nogil=True, cache=True)
def hilbert_keys(xy, left, bottom, span, cells):
    """Places of points along a Hilbert curve over a square of `cells` by `cells` (a power of two); int64."""
    out = np.empty(xy.shape[0], np.int64)
    for k in range(xy.shape[0]):
        x, y = int((xy[k, 0] - left) / span * (cells - 1)), int((xy[k, 1] - bottom) / span * (cells - 1))
        key, side = 0, cells >> 1
        while side:
            right, upper = (x & side) > 0, (y & side) > 0
            key += side * side * ((3 if right else 0) ^ (1 if upper else 0))
            if right and not upper:
                x, y = cells - 1 - x, cells - 1 - y
            if not upper:
                x, y = y, x
            side >>= 1
        out[k] = key
    return out


@njit(nogil=True, cache=True)
def settle_ties(key, order, one, two):
    """Put rows of equal keys, which stand together in `order`, in the order of `one`, then `two`, then their number; in place."""
    for k in range(1, order.size):
        row, at = order[k], k
        while at > 0:
            other = order[at - 1]
            if key[other] != key[row] or one[other] < one[row] or (one[other] == one[row] and (
                    two[other] < two[row] or (two[other] == two[row] and other < row))):
                break
            order[at] = other
            at -= 1
        order[at] = row
