"""Compiled searches on a road graph: nearest of many sources, one source to all, and people within reach. Minutes throughout.

All graphs are CSR arrays. A binary heap with late deletion holds the frontier; at most one entry is pushed per arc, so its room is
known beforehand. Nothing here checks its input: `geo.access` and `geo.catchment` do.
"""

from __future__ import annotations

import numpy as np
from numba import njit

LIMIT_SLACK_MIN = 1e-7
"""A time this little over a limit is within it: sums of minutes carry rounding of about 1e-12."""


@njit(nogil=True, cache=True)
def push(keys, items, size, key, item):
    """Add an entry to the heap; its new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i], items[i] = keys[parent], items[parent]
        i = parent
    keys[i], items[i] = key, item
    return size + 1


@njit(nogil=True, cache=True)
def drop_first(keys, items, size):
    """Take the smallest entry off the heap; its new size."""
    size -= 1
    key, item = keys[size], items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i], items[i] = keys[child], items[child]
        i = child
    keys[i], items[i] = key, item
    return size


@njit(nogil=True, cache=True)
def nearest_source(indptr, indices, minutes, source_node, source_min, source_label, limit, needed):
    """Time from the nearest source to every node along the arcs, and that source's label (-1 and inf: none within the limit).

    The search ends when all `needed` nodes (each once) are reached, and times of others may then be too long; none: it goes on to
    the end.
    """
    nodes = indptr.size - 1
    time = np.full(nodes, np.inf)
    label = np.full(nodes, -1, np.int64)
    keys = np.empty(indices.size + source_node.size + 1)
    items = np.empty(keys.size, np.int64)
    size, pending = 0, needed.size
    wanted = np.zeros(nodes if pending else 0, np.uint8)
    wanted[needed] = 1
    for s in range(source_node.size):
        node = source_node[s]
        if source_min[s] <= limit and source_min[s] < time[node]:
            time[node], label[node] = source_min[s], source_label[s]
            size = push(keys, items, size, source_min[s], node)
    while size > 0:
        now, node = keys[0], items[0]
        size = drop_first(keys, items, size)
        if now > time[node]:
            continue
        if wanted.size and wanted[node]:
            wanted[node] = 0
            pending -= 1
            if pending == 0:
                break
        for arc in range(indptr[node], indptr[node + 1]):
            then, other = now + minutes[arc], indices[arc]
            if then < time[other] and then <= limit:
                time[other], label[other] = then, label[node]
                size = push(keys, items, size, then, other)
    return time, label


@njit(nogil=True, cache=True)
def straight_along(first_along, first_from_u, first_to_u, second_along, second_from_u, second_to_u):
    """Time from a first to a second point of one edge without leaving it, inf where that way is closed."""
    if second_along == first_along:
        return 0.0
    if second_along > first_along:
        if np.isfinite(first_from_u) and np.isfinite(second_from_u):
            return max(second_from_u - first_from_u, 0.0)
    elif np.isfinite(first_to_u) and np.isfinite(second_to_u):
        return max(first_to_u - second_to_u, 0.0)
    return np.inf


@njit(nogil=True, cache=True)
def nearest_from_places(
    start, stop, node_min, node_label, edge_u, edge_v, edge, along, from_u, to_u, to_v, leg,
    target_start, target_along, target_from_u, target_to_u, target_leg, target_label, out_min, out_label,
):
    """Time from each place to its nearest target: over either end of its edge, or straight along the edge to a target on it.

    The targets on edge `e` are ``target_start[e]:target_start[e + 1]``; `target_leg` is the way from the road to the target.
    """
    for i in range(start, stop):
        e = edge[i]
        if e < 0 or not np.isfinite(leg[i]):
            continue
        u, v = edge_u[e], edge_v[e]
        best, label = to_u[i] + node_min[u], node_label[u]
        if to_v[i] + node_min[v] < best:
            best, label = to_v[i] + node_min[v], node_label[v]
        for k in range(target_start[e], target_start[e + 1]):
            direct = target_leg[k] + straight_along(along[i], from_u[i], to_u[i], target_along[k], target_from_u[k], target_to_u[k])
            if direct < best:
                best, label = direct, target_label[k]
        if np.isfinite(best):
            out_min[i], out_label[i] = leg[i] + best, label


@njit(nogil=True, cache=True)
def outward(search, one, one_min, two, two_min, bound, indptr, indices, minutes, time, seen, final, order, keys, items):
    """Nodes within `bound` of a place on an edge, nearest first in `order`, with their `time`; how many.

    The ends of its edge are `one` and `two`, with the minutes between them and the place. Of the arrays only what bears the number
    of this `search` counts (`seen`: has a time, `final`: it is the least), so that nothing is cleared between searches.
    """
    size, settled = 0, 0
    for end in range(2):
        node, first = (one, one_min) if end == 0 else (two, two_min)
        if first <= bound and (seen[node] != search or first < time[node]):
            time[node], seen[node] = first, search
            size = push(keys, items, size, first, node)
    while size > 0:
        now, node = keys[0], items[0]
        size = drop_first(keys, items, size)
        if final[node] == search:
            continue
        final[node] = search
        order[settled] = node
        settled += 1
        for arc in range(indptr[node], indptr[node + 1]):
            then, other = now + minutes[arc], indices[arc]
            if then <= bound and (seen[other] != search or then < time[other]):
                time[other], seen[other] = then, search
                size = push(keys, items, size, then, other)
    return settled


@njit(nogil=True, cache=True)
def people_around(
    start, stop, indptr, indices, minutes, edge_u, edge_v, peopled_start, peopled_edge,
    home_start, home_along, home_from_u, home_to_u, home_to_v, home_leg, home_people, home_village,
    edge, along, from_u, from_v, to_u, leg, village, limits, out_all, out_own,
):
    """People who can walk to each place within rising limits: one bounded search a place, outward over arcs reversed.

    Homes are sorted by edge: those on edge `e` are ``home_start[e]:home_start[e + 1]``; `peopled_*` lists for each node the edges
    at it that have homes. A home is counted once, with the times of both ends of its edge known as far as they can matter.
    """
    nodes = indptr.size - 1
    bound = limits[limits.size - 1] + LIMIT_SLACK_MIN
    time = np.empty(nodes)
    seen = np.full(nodes, -1, np.int64)
    final = np.full(nodes, -1, np.int64)
    handled = np.full(edge_u.size, -1, np.int64)
    order = np.empty(nodes, np.int64)
    keys = np.empty(indices.size + 4)
    items = np.empty(indices.size + 4, np.int64)
    for i in range(start, stop):
        e = edge[i]
        if e < 0 or not np.isfinite(leg[i]):
            continue
        settled = outward(i, edge_u[e], leg[i] + from_u[i], edge_v[e], leg[i] + from_v[i], bound, indptr, indices, minutes,
                          time, seen, final, order, keys, items)
        if home_start[e + 1] > home_start[e]:
            handled[e] = i
            time_u = time[edge_u[e]] if seen[edge_u[e]] == i else np.inf
            time_v = time[edge_v[e]] if seen[edge_v[e]] == i else np.inf
            for k in range(home_start[e], home_start[e + 1]):
                direct = leg[i] + straight_along(home_along[k], home_from_u[k], home_to_u[k], along[i], from_u[i], to_u[i])
                total = home_leg[k] + min(direct, min(home_to_u[k] + time_u, home_to_v[k] + time_v))
                _count(out_all, out_own, i, total, limits, home_people[k], home_village[k] == village[i])
        for position in range(settled):
            node = order[position]
            for p in range(peopled_start[node], peopled_start[node + 1]):
                other_edge = peopled_edge[p]
                if handled[other_edge] == i:
                    continue
                handled[other_edge] = i
                u, v = edge_u[other_edge], edge_v[other_edge]
                time_u = time[u] if seen[u] == i else np.inf
                time_v = time[v] if seen[v] == i else np.inf
                for k in range(home_start[other_edge], home_start[other_edge + 1]):
                    total = home_leg[k] + min(home_to_u[k] + time_u, home_to_v[k] + time_v)
                    _count(out_all, out_own, i, total, limits, home_people[k], home_village[k] == village[i])


@njit(nogil=True, cache=True)
def _count(out_all, out_own, i, total, limits, people, own):
    """Add people who walk `total` minutes to place `i` to every limit that lets them in."""
    column = limits.size - 1
    while column >= 0 and total <= limits[column] + LIMIT_SLACK_MIN:
        out_all[i, column] += people
        if own:
            out_own[i, column] += people
        column -= 1
