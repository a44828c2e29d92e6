"""Compiled sums and ranks of `geo.score`: one pass over a county's values, so that a slider answers at once.

Every row is summed on its own, criterion after criterion, so a score never depends on where its row stands. Results go into arrays
that the caller made, since NumPy asks the system for large pages and numba does not: a third of the time at a million rows. Nothing
here checks its input: `geo.score` and `geo.standing` do.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BLOCK = 1024
"""Rows summed at a time: their sums stay in the processor's nearest cache while the criteria pass by."""


@njit(nogil=True, cache=True)
def weigh(values, weights, score, low, high):
    """Score, lowest and highest score 0..100 of every candidate, into the last three arrays.

    `values` is criteria x candidates, 0..1 with NaN unknown; `weights` sum to 1.
    """
    criteria, count = values.shape
    gained, known = np.empty(BLOCK), np.empty(BLOCK)
    for first in range(0, count, BLOCK):
        size = min(BLOCK, count - first)
        gained[:] = 0.0
        known[:] = 0.0
        for j in range(criteria):
            weight = weights[j]
            row = values[j, first:first + size]
            for i in range(size):
                there = row[i] == row[i]
                gained[i] += weight * row[i] if there else 0.0
                known[i] += weight if there else 0.0
        for i in range(size):
            share = min(known[i], 1.0)
            best = 100.0 * min(gained[i] + (1.0 - share), 1.0)
            worst = 100.0 * gained[i]
            if share > 0.0:
                mean = 100.0 * min(gained[i] / share, 1.0)
                score[first + i], low[first + i], high[first + i] = mean, min(worst, mean), max(best, mean)
            else:
                score[first + i], low[first + i], high[first + i] = np.nan, worst, best


@njit(nogil=True, cache=True)
def share_out(values, weights, points):
    """Points that each criterion contributes to the score, criteria x candidates, into `points`; NaN where a value is unknown."""
    criteria, count = values.shape
    known = np.empty(BLOCK)
    for first in range(0, count, BLOCK):
        size = min(BLOCK, count - first)
        known[:] = 0.0
        for j in range(criteria):
            row = values[j, first:first + size]
            for i in range(size):
                known[i] += weights[j] if row[i] == row[i] else 0.0
        for j in range(criteria):
            for i in range(size):
                share = min(known[i], 1.0)
                points[j, first + i] = 100.0 * weights[j] * values[j, first + i] / share if share > 0.0 else np.nan


@njit(nogil=True, cache=True)
def sort_keys(score, tier, position, bits, steps, keys):
    """One number per candidate with a rank, the smaller the better, into `keys`: verdict, then score in `steps` per point, then id.

    Returns how many there are.
    """
    worst = np.int64(100 * steps)
    at = 0
    for i in range(len(score)):
        if tier[i] > 0:
            below = worst - np.int64(np.rint(score[i] * steps)) if score[i] == score[i] else worst + 1
            keys[at] = (((np.int64(2 - tier[i]) << 37) | below) << bits) | position[i]
            at += 1
    return at


@njit(nogil=True, cache=True)
def count_off(keys, bits, row_at, in_order, village, villages, in_village, in_county):
    """Rank in village and in county from the sorted keys, into the last two arrays, which hold 0.

    `in_order` says that rows stand in the order of ids, which spares looking each up in `row_at`.
    """
    told = np.zeros(villages, np.int64)
    mask = (np.int64(1) << bits) - 1
    for n in range(len(keys)):
        row = keys[n] & mask
        if not in_order:
            row = row_at[row]
        in_county[row] = n + 1
        own = village[row]
        if own >= 0:
            told[own] += 1
            in_village[row] = told[own]
