"""Compiled: how many people can walk to each of many places within time limits. Minutes and people.

Places on one edge of the network, and edges that meet, draw on much the same homes. So the homes within reach are sought once for
each node at the end of an edge with places, and kept for a while; a place's walk from a home is the shorter of those over the two
ends of its edge.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.kernels import LIMIT_SLACK_MIN, drop_first, edges_at, ends_min, push, straight_along

ROOM = 1 << 21
"""Homes in reach of nodes that are kept, over all nodes, for other edges at them: 25 MB a thread."""

ROUNDING_MIN = 1e-9
"""A search goes on this much longer than can matter, so that rounding cuts nothing off."""


@njit(nogil=True, cache=True)
def least_at_ends(edge_u, edge_v, edge, from_u, from_v, leg, least):
    """Put the least minutes from each node to a place on an edge at it into `least`."""
    for i in range(edge.size):
        e = edge[i]
        if e >= 0:
            least[edge_u[e]] = min(least[edge_u[e]], leg[i] + from_u[i])
            least[edge_v[e]] = min(least[edge_v[e]], leg[i] + from_v[i])


@njit(nogil=True, cache=True)
def people_around(
    start, stop, indptr, indices, minutes, edge_u, edge_v, peopled_start, peopled_edge,
    home_start, home_along, home_from_u, home_to_u, home_to_v, home_leg, home_people, home_village,
    edge, along, from_u, from_v, to_u, leg, village, limits, least, out_all, out_own,
):
    """People who can walk to each place within rising limits; bounded searches go outward over arcs reversed.

    Places are sorted by edge, and so are homes: those on edge `e` are ``home_start[e]:home_start[e + 1]``; `peopled_*` lists for
    each node the edges at it that have homes; `least` is that of `least_at_ends` for all places. A home is counted once.
    """
    nodes, homes = indptr.size - 1, home_leg.size
    bound = limits[limits.size - 1] + LIMIT_SLACK_MIN + ROUNDING_MIN
    graph = (indptr, indices, minutes, edge_u, edge_v, peopled_start, peopled_edge, home_start, home_to_u, home_to_v, home_leg)
    work = (np.empty(nodes), np.full(nodes, -1, np.int64), np.full(nodes, -1, np.int64), np.full(edge_u.size, -1, np.int64),
            np.empty(edge_u.size, np.int64), np.empty(nodes, np.int64), np.empty(indices.size + 4),
            np.empty(indices.size + 4, np.int64))
    room = max(ROOM, 4 * homes)
    kept_home, kept_min = np.empty(room, np.int32), np.empty(room)
    kept_at, kept_count = np.full(nodes, -1, np.int64), np.zeros(nodes, np.int64)
    written = 0                                             # in all; what lies further back than `room` is written over
    by_u, by_v, people, of = np.empty(homes), np.empty(homes), np.empty(homes), np.empty(homes, np.int64)
    stamp, place_in = np.full(homes, -1, np.int64), np.empty(homes, np.int64)
    i = start
    while i < stop:
        e, first = edge[i], i
        while i < stop and edge[i] == e:
            i += 1
        if e < 0:
            continue
        own = home_start[e + 1] - home_start[e]
        for k in range(own):
            h = home_start[e] + k
            by_u[k], by_v[k], stamp[h], place_in[h], people[k], of[k] = np.inf, np.inf, e, k, home_people[h], home_village[h]
        count = own
        for end in range(2):
            node = edge_u[e] if end == 0 else edge_v[e]
            if kept_at[node] < 0 or kept_at[node] < written - room:
                if written % room + homes > room:
                    written += room - written % room
                kept_at[node] = written
                kept_count[node] = _homes_around(node, bound - least[node], graph, work, kept_home, kept_min, written % room)
                written += kept_count[node]
            begin = kept_at[node] % room
            for n in range(begin, begin + kept_count[node]):
                h = kept_home[n]
                if stamp[h] != e:
                    stamp[h], place_in[h], people[count], of[count] = e, count, home_people[h], home_village[h]
                    by_u[count] = by_v[count] = np.inf
                    count += 1
                if end == 0:
                    by_u[place_in[h]] = kept_min[n]
                else:
                    by_v[place_in[h]] = kept_min[n]
        for p in range(first, i):
            if not np.isfinite(leg[p]):
                continue
            over_u, over_v = leg[p] + from_u[p], leg[p] + from_v[p]
            for k in range(own):
                h = home_start[e] + k
                direct = leg[p] + straight_along(home_along[h], home_from_u[h], home_to_u[h], along[p], from_u[p], to_u[p])
                total = min(home_leg[h] + direct, min(by_u[k] + over_u, by_v[k] + over_v))
                for column in range(limits.size):
                    if total <= limits[column] + LIMIT_SLACK_MIN:
                        out_all[p, column] += people[k]
                        out_own[p, column] += people[k] if of[k] == village[p] else 0.0
            for column in range(limits.size):
                out_all[p, column], out_own[p, column] = _add_up(
                    by_u[own:count], by_v[own:count], people[own:count], of[own:count], over_u, over_v, village[p],
                    limits[column] + LIMIT_SLACK_MIN, out_all[p, column], out_own[p, column])


@njit(nogil=True, cache=True)
def _add_up(by_u, by_v, people, of, over_u, over_v, village, limit, all_, own):
    """People of the homes within a limit, of all villages and of one, added to what is there."""
    for k in range(by_u.size):
        here = people[k] if min(by_u[k] + over_u, by_v[k] + over_v) <= limit else 0.0
        all_ += here
        own += here if of[k] == village else 0.0
    return all_, own


@njit(nogil=True, cache=True)
def _homes_around(source, bound, graph, work, kept_home, kept_min, at):
    """Homes within `bound` of a node and their minutes to it, the way off the road in them, put down from `at` on; how many.

    Of the arrays to work in only what bears the number of the node counts (`seen`: has a time, `final`: it is the least), so that
    nothing is cleared between searches.
    """
    indptr, indices, minutes, edge_u, edge_v, peopled_start, peopled_edge, home_start, home_to_u, home_to_v, home_leg = graph
    time, seen, final, handled, edges, order, keys, items = work
    size, settled, found = 0, 0, 0
    if bound >= 0.0:
        time[source], seen[source] = 0.0, source
        size = push(keys, items, size, 0.0, source)
    while size > 0:
        now, node = keys[0], items[0]
        size = drop_first(keys, items, size)
        if final[node] == source:
            continue
        final[node] = source
        order[settled] = node
        settled += 1
        for arc in range(indptr[node], indptr[node + 1]):
            then, other = now + minutes[arc], indices[arc]
            if then <= bound and (seen[other] != source or then < time[other]):
                time[other], seen[other] = then, source
                size = push(keys, items, size, then, other)
    for p in range(edges_at(source, order[:settled], peopled_start, peopled_edge, handled, edges)):
        e = edges[p]
        time_u, time_v = ends_min(source, e, edge_u, edge_v, time, seen)
        for h in range(home_start[e], home_start[e + 1]):
            total = home_leg[h] + min(home_to_u[h] + time_u, home_to_v[h] + time_v)
            if total <= bound:
                kept_home[at + found], kept_min[at + found] = h, total
                found += 1
    return found
