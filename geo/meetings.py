"""Compiled: where lines meet that have no vertex in common. Metres.

Both searches go over the cells of a `geo.nearest.SegmentIndex` of all lines. Places are told apart to the centimetre: `cm` holds
the rounded coordinates of every vertex in whole centimetres.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def crossing_pieces(vertex, line, level, x, y, cm, cell_start, cell_segment):
    """Pairs of pieces of different level lines that meet where at most one of them has a vertex.

    `vertex[s]` is the vertex piece `s` starts from, `line` and `level` are by vertex.

    Returns
    -------
    first, second : ndarray of int64
        Vertices from which the two pieces start; a pair that shares several cells comes several times.
    share_first, share_second : ndarray of float64
        Where on each piece they meet, 0..1.
    """
    first, second = np.empty(1024, np.int64), np.empty(1024, np.int64)
    shares = np.empty((1024, 2))
    count = 0
    for cell in range(cell_start.size - 1):
        for i in range(cell_start[cell], cell_start[cell + 1]):
            a = vertex[cell_segment[i]]
            if not level[a]:
                continue
            ax, ay, dx, dy = x[a], y[a], x[a + 1] - x[a], y[a + 1] - y[a]
            low_x, high_x = min(ax, ax + dx), max(ax, ax + dx)
            low_y, high_y = min(ay, ay + dy), max(ay, ay + dy)
            for j in range(i + 1, cell_start[cell + 1]):
                b = vertex[cell_segment[j]]
                if line[a] == line[b] or not level[b]:
                    continue
                if max(x[b], x[b + 1]) < low_x or min(x[b], x[b + 1]) > high_x:
                    continue
                if max(y[b], y[b + 1]) < low_y or min(y[b], y[b + 1]) > high_y:
                    continue
                ex, ey = x[b + 1] - x[b], y[b + 1] - y[b]
                turn = dx * ey - dy * ex
                if turn == 0.0 or same_place(cm, a, b) or same_place(cm, a, b + 1):
                    continue
                if same_place(cm, a + 1, b) or same_place(cm, a + 1, b + 1):
                    continue
                t, s = ((x[b] - ax) * ey - (y[b] - ay) * ex) / turn, ((x[b] - ax) * dy - (y[b] - ay) * dx) / turn
                if not (0.0 <= t <= 1.0 and 0.0 <= s <= 1.0):
                    continue
                if count == first.size:
                    first, second, shares = _longer(first), _longer(second), _longer(shares)
                first[count], second[count], shares[count, 0], shares[count, 1] = a, b, t, s
                count += 1
    return first[:count], second[:count], shares[:count, 0].copy(), shares[:count, 1].copy()


@njit(nogil=True, cache=True)
def near_lines(end, reach, vertex, line, x, y, cm, left, bottom, cell, columns, rows, cell_start, cell_segment):
    """Lines that pass within `reach` of each of the vertices `end` without having a vertex at the same place.

    Returns
    -------
    which, other : ndarray of int64
        Position in `end`, and the line; each pair once.
    """
    which, other = np.empty(1024, np.int64), np.empty(1024, np.int64)
    met, has_vertex = np.empty(64, np.int64), np.empty(64, np.int64)
    count = 0
    for i in range(end.size):
        k, lines = end[i], 0
        far = max(reach[i], 0.015)   # two places of one centimetre are up to 14 mm apart
        r0, r1 = max(int((y[k] - far - bottom) / cell), 0), min(int((y[k] + far - bottom) / cell), rows - 1)
        c0, c1 = max(int((x[k] - far - left) / cell), 0), min(int((x[k] + far - left) / cell), columns - 1)
        for r in range(r0, r1 + 1):
            for c in range(c0, c1 + 1):
                for n in range(cell_start[r * columns + c], cell_start[r * columns + c + 1]):
                    a = vertex[cell_segment[n]]
                    if line[a] == line[k] or max(x[a], x[a + 1]) < x[k] - far or min(x[a], x[a + 1]) > x[k] + far:
                        continue
                    if _apart(x[k], y[k], x[a], y[a], x[a + 1], y[a + 1]) > far:
                        continue
                    at = 0
                    while at < lines and met[at] != line[a]:
                        at += 1
                    if at == lines:
                        if lines == met.size:
                            met, has_vertex = _longer(met), _longer(has_vertex)
                        met[lines], has_vertex[lines] = line[a], 0
                        lines += 1
                    if same_place(cm, a, k) or same_place(cm, a + 1, k):
                        has_vertex[at] = 1
        for at in range(lines):
            if not has_vertex[at]:
                if count == which.size:
                    which, other = _longer(which), _longer(other)
                which[count], other[count] = i, met[at]
                count += 1
    return which[:count], other[:count]


@njit(nogil=True, cache=True)
def same_place(cm, a, b):
    """Whether two vertices stand at one place, to the centimetre."""
    return cm[a, 0] == cm[b, 0] and cm[a, 1] == cm[b, 1]


@njit(nogil=True, cache=True)
def _apart(px, py, ax, ay, bx, by):
    """Distance from a point to a straight piece."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    t = 0.0 if square == 0.0 else min(max(((px - ax) * dx + (py - ay) * dy) / square, 0.0), 1.0)
    return np.hypot(ax + t * dx - px, ay + t * dy - py)


@njit(nogil=True, cache=True)
def _longer(array):
    out = np.empty((2 * array.shape[0],) + array.shape[1:], array.dtype)
    out[: array.shape[0]] = array
    return out
