"""Compiled: walks of a village's homes to its places, put together from those between the ends of their edges. Minutes, people."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.kernels import straight_along

KEPT_WALKS = 1 << 20
"""Walks from homes to ends of places' edges that are kept for the places that follow: 8 MB a thread."""


@njit(nogil=True, cache=True)
def sum_up(
    h0, h1, p0, p1, table, columns, column_of, row_of, bound, home_edge, home_u, home_v, home_along, home_from_u, home_to_u,
    home_to_v, home_leg, home_people, place_u, place_v, edge, along, from_u, from_v, to_u, leg, sum_minutes, sum_reached, worst,
):
    """Add the walks of the homes h0..h1 to the places p0..p1.

    The walks of all homes to an end of a place's edge are put together once and kept for the places and edges that follow at it.
    """
    homes, ends = h1 - h0, row_of.size
    slots = min(ends, max(KEPT_WALKS // max(homes, 1), 2))
    kept, end_in, slot_of, free = np.empty((slots, homes)), np.full(slots, -1, np.int64), np.full(ends, -1, np.int64), 0
    walk = np.empty(homes)
    i = p0
    while i < p1:
        e, first = edge[i], i
        while i < p1 and edge[i] == e:
            i += 1
        for which in range(2):
            end = place_u[first] if which == 0 else place_v[first]
            if slot_of[end] >= 0:
                continue
            other = place_v[first] if which == 0 else place_u[first]
            if end_in[free] == other and slots > 1:
                free = (free + 1) % slots
            if end_in[free] >= 0:
                slot_of[end_in[free]] = -1
            end_in[free], slot_of[end] = end, free
            times = table[row_of[end]]
            for k in range(homes):
                h = h0 + k
                kept[free, k] = home_leg[h] + min(
                    home_to_u[h] + times[column_of[home_u[h]]], home_to_v[h] + times[column_of[home_v[h]]])
            free = (free + 1) % slots
        own0 = h0 + np.searchsorted(home_edge[h0:h1], e)
        own1 = h0 + np.searchsorted(home_edge[h0:h1], e, side="right")
        for p in range(first, i):
            _shorter(kept[slot_of[place_u[first]]], leg[p] + from_u[p], kept[slot_of[place_v[first]]], leg[p] + from_v[p], walk)
            for h in range(own0, own1):
                direct = straight_along(home_along[h], home_from_u[h], home_to_u[h], along[p], from_u[p], to_u[p])
                walk[h - h0] = min(walk[h - h0], leg[p] + direct + home_leg[h])
            _add_up(walk, home_people[h0:h1], bound, p, sum_minutes, sum_reached, worst)


@njit(nogil=True, cache=True)
def _shorter(by_u, over_u, by_v, over_v, walk):
    for k in range(walk.size):
        walk[k] = min(by_u[k] + over_u, by_v[k] + over_v)


@njit(nogil=True, cache=True)
def _add_up(walk, people, bound, place, sum_minutes, sum_reached, worst):
    """Add walks, those over the bound left out, to the sums of a place; the longest is put in `worst`."""
    minutes, reached, longest = sum_minutes[place], sum_reached[place], worst[place]
    for k in range(walk.size):
        within = walk[k] <= bound
        minutes += people[k] * walk[k] if within else 0.0
        reached += people[k] if within else 0.0
        longest = max(longest, walk[k] if within else 0.0)
    sum_minutes[place], sum_reached[place], worst[place] = minutes, reached, longest
