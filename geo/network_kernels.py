"""Compiled parts of `geo.network`: vertices where heights are taken, times along edges, arcs by node. Minutes and metres."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.terrain import height_at


@njit(nogil=True, cache=True)
def densified(start, x, y, step_m):
    """Polylines with vertices at most `step_m` apart: their offsets, x and y; polyline `e` has ``start[e]:start[e + 1]``."""
    longer, pieces = np.zeros(start.size, np.int64), np.ones(x.size, np.int32)
    for edge in range(start.size - 1):
        count = 1
        for k in range(start[edge], start[edge + 1] - 1):
            pieces[k] = max(int(np.ceil(np.hypot(x[k + 1] - x[k], y[k + 1] - y[k]) / step_m)), 1)
            count += pieces[k]
        longer[edge + 1] = longer[edge] + count
    new_x, new_y, at = np.empty(longer[-1]), np.empty(longer[-1]), 0
    for edge in range(start.size - 1):
        for k in range(start[edge], start[edge + 1]):
            dx, dy = (x[k + 1] - x[k], y[k + 1] - y[k]) if k + 1 < start[edge + 1] else (0.0, 0.0)
            for piece in range(pieces[k]):
                share = piece / pieces[k]
                new_x[at], new_y[at], at = x[k] + share * dx, y[k] + share * dy, at + 1
    return longer, new_x, new_y


@njit(nogil=True, cache=True)
def times_along(first, last, start, x, y, straight, values, left, top, wide, high, flat_min_per_m, speed_kmh, percent, share,
                metres, out_min, back_min, drive_min, unknown):
    """Metres and minutes from the start of each of the edges first..last to its vertices; by edge, so that none feels the others.

    `values` are heights on a grid with the frame left, top, wide, high (no cell: all is level). Edges that are `straight` (bridges)
    rise evenly from end to end. `percent` and `share` are the curve of `geo.speeds.drive_grade_share`, `speed_kmh` is NaN where
    vehicles may not go. `unknown` counts the pieces of each edge taken as level for want of a height.
    """
    room = 64
    heights = np.empty(room)
    for edge in range(first, last):
        a, b = start[edge], start[edge + 1]
        if b - a > room:
            room = 2 * (b - a)
            heights = np.empty(room)
        metres[a] = 0.0
        for k in range(a + 1, b):
            metres[k] = metres[k - 1] + np.hypot(x[k] - x[k - 1], y[k] - y[k - 1])
        for k in range(a, b):
            heights[k - a] = height_at(values, left, top, wide, high, x[k], y[k]) if values.size else 0.0
        if straight[edge]:
            low, rise = heights[0], heights[b - 1 - a] - heights[0]
            length = metres[b - 1] if metres[b - 1] > 0 else 1.0
            for k in range(a, b):
                heights[k - a] = low + rise * metres[k] / length
        drivable = not np.isnan(speed_kmh[edge])
        out_min[a], back_min[a], drive_min[a] = 0.0, 0.0, 0.0 if drivable else np.nan
        for k in range(a + 1, b):
            step = np.hypot(x[k] - x[k - 1], y[k] - y[k - 1])
            rise = heights[k - a] - heights[k - 1 - a]
            grade = rise / step if step > 0.0 else np.nan
            if not np.isfinite(grade):
                grade = 0.0
                unknown[edge] += 1 if values.size else 0
            # as geo.speeds.walk_min_per_m
            out_min[k] = out_min[k - 1] + step * (60.0 / (flat_min_per_m * np.exp(-3.5 * (abs(grade + 0.05) - 0.05))))
            back_min[k] = back_min[k - 1] + step * (60.0 / (flat_min_per_m * np.exp(-3.5 * (abs(-grade + 0.05) - 0.05))))
            if drivable:
                pace = step * 60 / (1000 * speed_kmh[edge] * _between(abs(grade) * 100.0, percent, share))
                drive_min[k] = drive_min[k - 1] + pace
            else:
                drive_min[k] = np.nan


@njit(nogil=True, cache=True)
def _between(value, xs, ys):
    """Linear interpolation over rising `xs`, its first and last values kept beyond."""
    if value <= xs[0]:
        return ys[0]
    for k in range(1, xs.size):
        if value < xs[k]:
            return (ys[k] - ys[k - 1]) / (xs[k] - xs[k - 1]) * (value - xs[k - 1]) + ys[k - 1]
    return ys[-1]


@njit(nogil=True, cache=True)
def arcs_by_node(u, v, forward, backward, ahead_min, astern_min, nodes, grain):
    """Arcs of edges u-v in CSR form, by the node they lead to and their minutes, which are rounded to whole multiples of `grain`.

    `forward` says whether an edge is an arc from u to v, of `ahead_min`; `backward` whether from v to u, of `astern_min`.
    """
    indptr = np.zeros(nodes + 1, np.int64)
    for edge in range(u.size):
        if forward[edge]:
            indptr[u[edge] + 1] += 1
        if backward[edge]:
            indptr[v[edge] + 1] += 1
    for node in range(nodes):
        indptr[node + 1] += indptr[node]
    free = indptr[:-1].copy()
    indices, minutes = np.empty(indptr[nodes], np.int32), np.empty(indptr[nodes])
    for way in range(2):
        for edge in range(u.size):
            if not (forward[edge] if way == 0 else backward[edge]):
                continue
            tail, head = (u[edge], v[edge]) if way == 0 else (v[edge], u[edge])
            time = np.rint((ahead_min[edge] if way == 0 else astern_min[edge]) / grain) * grain
            first, at = indptr[tail], free[tail]
            free[tail] += 1
            while at > first and (indices[at - 1] > head or (indices[at - 1] == head and minutes[at - 1] > time)):
                indices[at], minutes[at] = indices[at - 1], minutes[at - 1]
                at -= 1
            indices[at], minutes[at] = head, time
    return indptr, indices, minutes
