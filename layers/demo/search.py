"""Least-cost search on the working grid: who reaches a cell first, and the cheapest way from a place to a road."""

from __future__ import annotations

import numpy as np
from numba import njit

from layers.demo.flow import STEP_COL, STEP_ROW, pop, push


@njit(cache=True)
def allocate(sources, z, slowness, rows, cols, cell_m):
    """For every cell the source (its number) that reaches it at the least cost, and that cost (metres of easy ground)."""
    n = rows * cols
    cost = np.full(n, np.inf)
    owner = np.full(n, -1, np.int64)
    done = np.zeros(n, np.bool_)
    keys = np.empty(8 * n, np.float64)
    items = np.empty(8 * n, np.int64)
    size = 0
    for i in range(len(sources)):
        cost[sources[i]] = 0.0
        owner[sources[i]] = i
        size = push(keys, items, size, 0.0, sources[i])
    while size > 0:
        cell = items[0]
        size = pop(keys, items, size)
        if done[cell]:
            continue
        done[cell] = True
        r = cell // cols
        c = cell - r * cols
        for d in range(8):
            rr = r + STEP_ROW[d]
            cc = c + STEP_COL[d]
            if rr < 0 or cc < 0 or rr >= rows or cc >= cols:
                continue
            other = rr * cols + cc
            if done[other]:
                continue
            length = cell_m
            if STEP_ROW[d] != 0 and STEP_COL[d] != 0:
                length = cell_m * 1.4142135623730951
            grade = abs(z[other] - z[cell]) / length
            new = cost[cell] + length * (1.0 + 12.0 * grade) * 0.5 * (slowness[cell] + slowness[other])
            if new < cost[other]:
                cost[other] = new
                owner[other] = owner[cell]
                size = push(keys, items, size, new, other)
    return owner, cost


@njit(cache=True)
def find_way(
    start, goal, marks, goal_mask, banned, z, slowness, rows, cols, cell_m, steepness, reuse, stamp, stamps, cost, back, keys, items
):
    """Cells of the cheapest way from `start` to a goal, start first; empty where there is none.

    The goal is the cell `goal`, or (when it is -1) any cell that already carries a road in `goal_mask`. `marks` holds eight bits a
    cell: the directions in which a road leaves it. Along existing roads a step costs `reuse` times less; crossing one between its
    cells is not allowed, so that roads meet at cells only. `stamps`, `cost`, `back`, `keys`, `items` are scratch arrays, valid
    where `stamps` equals `stamp`.
    """
    size = push(keys, items, 0, 0.0, start)
    stamps[start] = stamp
    cost[start] = 0.0
    back[start] = -1
    end = -1
    while size > 0:
        cell = items[0]
        key = keys[0]
        size = pop(keys, items, size)
        if key > cost[cell]:
            continue
        if cell == goal or (goal < 0 and cell != start and goal_mask[cell]):
            end = cell
            break
        r = cell // cols
        c = cell - r * cols
        for d in range(8):
            rr = r + STEP_ROW[d]
            cc = c + STEP_COL[d]
            if rr < 1 or cc < 1 or rr >= rows - 1 or cc >= cols - 1:
                continue
            other = rr * cols + cc
            if banned[other]:
                continue
            on_road = (marks[cell] >> d) & 1
            length = cell_m
            if STEP_ROW[d] != 0 and STEP_COL[d] != 0:
                length = cell_m * 1.4142135623730951
                if not on_road:
                    beside = r * cols + cc
                    blocked = False
                    for e in range(8):
                        if STEP_ROW[e] == STEP_ROW[d] and STEP_COL[e] == -STEP_COL[d]:
                            blocked = (marks[beside] >> e) & 1
                    if blocked:
                        continue
            grade = abs(z[other] - z[cell]) / length
            step = length * (1.0 + steepness * grade * grade) * 0.5 * (slowness[cell] + slowness[other])
            if on_road:
                step *= reuse
            new = cost[cell] + step
            if stamps[other] != stamp or new < cost[other] - 1e-9:
                stamps[other] = stamp
                cost[other] = new
                back[other] = cell
                if size < len(keys):
                    size = push(keys, items, size, new, other)
    if end < 0:
        return np.empty(0, np.int64)
    count = 0
    cell = end
    while cell >= 0:
        count += 1
        cell = back[cell]
    way = np.empty(count, np.int64)
    cell = end
    for i in range(count - 1, -1, -1):
        way[i] = cell
        cell = back[cell]
    return way


@njit(cache=True)
def mark_way(way, marks, has_road, cols):
    """Enter a way into the eight-bit marks (in place): both ends of each step remember its direction."""
    for i in range(len(way)):
        has_road[way[i]] = True
    for i in range(len(way) - 1):
        dr = way[i + 1] // cols - way[i] // cols
        dc = way[i + 1] % cols - way[i] % cols
        for d in range(8):
            if STEP_ROW[d] == dr and STEP_COL[d] == dc:
                marks[way[i]] |= 1 << d
                marks[way[i + 1]] |= 1 << (7 - d)
