"""Water on a grid: where it flows, how much of it, and what it carves. Compiled kernels on flat arrays.

A grid of `rows x cols` cells is a flat array in row order. Everything is plain arithmetic in a fixed order, so the same input gives
the same output bit for bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit

STEP_ROW = np.array([-1, -1, -1, 0, 0, 1, 1, 1])
STEP_COL = np.array([-1, 0, 1, -1, 1, -1, 0, 1])
"""The eight neighbours; the opposite of direction d is 7 - d."""


@njit(cache=True)
def push(keys, items, size, key, item):
    """Push onto a binary heap held in two arrays; returns the new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i] = keys[parent]
        items[i] = items[parent]
        i = parent
    keys[i] = key
    items[i] = item
    return size + 1


@njit(cache=True)
def pop(keys, items, size):
    """Remove the smallest of a binary heap (read it at place 0 first); returns the new size."""
    size -= 1
    key = keys[size]
    item = items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i] = keys[child]
        items[i] = items[child]
        i = child
    keys[i] = key
    items[i] = item
    return size


@njit(cache=True)
def route(z, rows, cols, outlet):
    """Flow over a surface in metres: cells from the outlet up, the cell each drains to, and the surface without pits (m).

    Priority flood (Barnes 2014) with a small rise, so that every cell but the outlet has a lower neighbour; then steepest descent.
    """
    n = rows * cols
    filled = z.copy()
    order = np.empty(n, np.int64)
    receiver = np.arange(n)
    seen = np.zeros(n, np.bool_)
    keys = np.empty(n, np.float64)
    items = np.empty(n, np.int64)
    seen[outlet] = True
    size = push(keys, items, 0, filled[outlet], outlet)
    count = 0
    while size > 0:
        cell = items[0]
        size = pop(keys, items, size)
        order[count] = cell
        count += 1
        r = cell // cols
        c = cell - r * cols
        best = 0.0
        for d in range(8):
            rr = r + STEP_ROW[d]
            cc = c + STEP_COL[d]
            if rr < 0 or cc < 0 or rr >= rows or cc >= cols:
                continue
            other = rr * cols + cc
            if not seen[other]:
                seen[other] = True
                if filled[other] < filled[cell] + 1e-3:
                    filled[other] = filled[cell] + 1e-3
                size = push(keys, items, size, filled[other], other)
            else:
                drop = filled[cell] - filled[other]
                if STEP_ROW[d] != 0 and STEP_COL[d] != 0:
                    drop *= 0.7071067811865476
                if drop > best:
                    best = drop
                    receiver[cell] = other
    return order, receiver, filled


@njit(cache=True)
def gather(order, receiver, cell_area):
    """Area that drains through each cell, in the unit of `cell_area`."""
    area = np.full(len(order), cell_area)
    for i in range(len(order) - 1, 0, -1):
        cell = order[i]
        area[receiver[cell]] += area[cell]
    return area


@njit(cache=True)
def carve(z, uplift, erodibility, rows, cols, outlet, cell_m, rounds, spread):
    """A surface in metres after `rounds` of uplift, stream-power erosion (implicit, Braun & Willett 2013, m = 0.5) and soil creep.

    `uplift` is metres a round; `erodibility` is K times the length of a round; `spread` is the creep number (below 0.2 is stable).
    """
    z = z.copy()
    for _ in range(rounds):
        order, receiver, _ = route(z, rows, cols, outlet)
        area = gather(order, receiver, cell_m * cell_m)
        for i in range(1, len(order)):
            cell = order[i]
            to = receiver[cell]
            length = cell_m
            if abs(cell // cols - to // cols) + abs(cell % cols - to % cols) == 2:
                length = cell_m * 1.4142135623730951
            power = erodibility[cell] * np.sqrt(area[cell]) / length
            z[cell] = (z[cell] + uplift[cell] + power * z[to]) / (1.0 + power)
        smooth = z.copy()
        for r in range(1, rows - 1):
            for c in range(1, cols - 1):
                i = r * cols + c
                smooth[i] = z[i] + spread * (z[i - 1] + z[i + 1] + z[i - cols] + z[i + cols] - 4.0 * z[i])
        smooth[outlet] = z[outlet]
        z = smooth
    return z


@njit(cache=True)
def above_stream(order, receiver, z, area, threshold):
    """Height above the stream that a cell drains to (m), and the area (same unit as `area`) of that stream there."""
    base = z.copy()
    size = area.copy()
    for i in range(1, len(order)):
        cell = order[i]
        if area[cell] < threshold:
            base[cell] = base[receiver[cell]]
            size[cell] = size[receiver[cell]]
    return z - base, size
