"""Compiled draws: what is unknown, and how often a leader comes first. Nothing here checks its input: its callers do.

A random number is told by seed, draw, site and criterion alone (SplitMix64: Steele, Lea and Flood 2014), so a figure does not
depend on which sites are looked at, or in which order.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

LEVEL = 1e-12
"""Scores this close (of 1) are a tie."""


@njit(nogil=True, cache=True)
def chance(seed, draw, site, criterion):
    """A number evenly drawn from 0..1."""
    mixed = uint64(seed) * uint64(0x9E3779B97F4A7C15) + uint64(draw) * uint64(0xD1B54A32D192ED03)
    mixed += (uint64(site) * uint64(4096) + uint64(criterion)) * uint64(0x8CB92BA72F3D8DD7)
    mixed = (mixed ^ (mixed >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> uint64(27))) * uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> uint64(31))) >> uint64(11)) * (1.0 / 9007199254740992.0)


@njit(nogil=True, cache=True)
def add_unknown(scores, values, drawn, seed):
    """Add to every draw's scores what the unknown values, drawn anew each time, give."""
    sites, criteria = values.shape
    for d in range(len(drawn)):
        for i in range(sites):
            for j in range(criteria):
                if values[i, j] != values[i, j]:
                    scores[d, i] += drawn[d, j] * chance(seed, d, i, j)


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _weighed(weights, row):
    """Sum of products, in whatever order is quickest: the same on every run."""
    total = 0.0
    for j in range(len(row)):
        total += weights[j] * row[j]
    return total


@njit(nogil=True, cache=True)
def first_share(known, blank, drawn, sampled, seed, sites):
    """Share of draws in which the first row comes first; a tie counts as its part.

    `known` (rows x criteria) holds the values with 0 for what is unknown, `blank` 1 where it is; `sites` tells each row's number
    for `chance`. A rival's unknown values are drawn only while it could still come ahead.
    """
    rows, criteria = known.shape
    total = 0.0
    gaps = np.zeros(rows, np.bool_)
    for n in range(rows):
        gaps[n] = blank[n].sum() > 0.0
    for d in range(len(drawn)):
        ties, lost = 0, False
        lead = 0.0
        for n in range(rows):
            score = _weighed(drawn[d], known[n])
            if gaps[n]:
                lacking = _weighed(drawn[d], blank[n])
                if not sampled:
                    score = score / (1.0 - lacking) if lacking < 1.0 - LEVEL else -1.0
                elif n == 0 or score + lacking >= lead - LEVEL:
                    for j in range(criteria):
                        if blank[n, j] > 0.0:
                            score += drawn[d, j] * chance(seed, d, sites[n], j)
            if n == 0:
                lead = score
            elif score > lead + LEVEL:
                lost = True
                break
            elif score >= lead - LEVEL:
                ties += 1
        if not lost:
            total += 1.0 / (1 + ties)
    return total / len(drawn)
