"""Compiled searches on a road graph: the nearest of many sources, and one source to all. Minutes throughout.

All graphs are CSR arrays. In bounded searches a binary heap with late deletion holds the frontier; at most one entry is pushed per
arc, so its room is known beforehand. Nothing here checks its input: `geo.access` and `geo.catchment` do.
"""

from __future__ import annotations

import numpy as np
from numba import njit

LIMIT_SLACK_MIN = 1e-7
"""A time this little over a limit is within it: sums of minutes carry rounding of about 1e-12."""

MOST_BUCKETS = 100_000.0
"""The longest arc (or the latest start) is no longer than this many buckets."""


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

    Of sources equally near the one of the smallest label counts. The search ends when all `needed` nodes (each once) are reached,
    and times of others may then be too long; none: it goes on to the end. The frontier lies in buckets, as wide as the mean arc, in
    each of which nodes are taken up in any order and again when their time gets less (Dial 1969; Meyer & Sanders 2003): times are
    those of Dijkstra's search bit for bit, in a third of the time.
    """
    nodes = indptr.size - 1
    time, label = np.full(nodes, np.inf), np.full(nodes, -1, np.int64)
    last = 0.0
    for s in range(source_node.size):
        node, first = source_node[s], source_min[s]
        if first <= limit and (first < time[node] or (first == time[node] and source_label[s] < label[node])):
            time[node], label[node] = first, source_label[s]
            last = max(last, first) if first < np.inf else last
    per_min, slots = _buckets(minutes, last)
    # each bucket is a list both ways; put and take stand written out, for as functions they would double the time
    head, where = np.full(slots, -1, np.int32), np.full(nodes, -1, np.int32)
    after, before = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    bucket, waiting, pending = 0, 0, needed.size
    wanted = np.zeros(nodes if pending else 0, np.uint8)
    wanted[needed] = 1
    for s in range(source_node.size):
        node = source_node[s]
        if where[node] < 0 and time[node] < np.inf:
            into = int(time[node] * per_min) % slots
            where[node], after[node], before[node] = into, head[into], -1
            if head[into] >= 0:
                before[head[into]] = node
            head[into] = node
            waiting += 1
    while waiting > 0:
        slot = bucket % slots
        while head[slot] >= 0:
            node = head[slot]
            head[slot] = after[node]
            if head[slot] >= 0:
                before[head[slot]] = -1
            where[node] = -1
            waiting -= 1
            if wanted.size and wanted[node]:
                wanted[node] = 0
                pending -= 1
            now, mine = time[node], label[node]
            for arc in range(indptr[node], indptr[node + 1]):
                then, other = now + minutes[arc], indices[arc]
                known = time[other]
                if then > known or then > limit or (then == known and mine >= label[other]):
                    continue
                time[other], label[other] = then, mine
                into, left = int(then * per_min) % slots, where[other]
                if left == into:
                    continue
                if left < 0:
                    waiting += 1
                else:
                    if before[other] >= 0:
                        after[before[other]] = after[other]
                    else:
                        head[left] = after[other]
                    if after[other] >= 0:
                        before[after[other]] = before[other]
                where[other], after[other], before[other] = into, head[into], -1
                if head[into] >= 0:
                    before[head[into]] = other
                head[into] = other
        if wanted.size and pending == 0:
            break
        bucket += 1
    return time, label


@njit(nogil=True, cache=True)
def _buckets(minutes, last):
    """How many buckets a minute takes, and how many a ring of them must have; `last` is the latest minute a search begins at."""
    total, longest = 0.0, last
    for arc in range(minutes.size):
        total += minutes[arc]
        longest = max(longest, minutes[arc])
    width = max(total / max(minutes.size, 1), longest / MOST_BUCKETS)
    per_min = 1.0 / width if width > 0.0 else 1.0
    return per_min, int(longest * per_min) + 3


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
def around(search, one, one_min, two, two_min, bound, per_min, indptr, indices, minutes, time, seen, met, head, where, after,
           before):
    """Nodes within `bound` of a place on an edge in `met`, in no order, with their least `time`; how many.

    As `outward`, but with the frontier in buckets (`per_min` a minute) as in `nearest_source`: for long searches. `where`, `head`
    must hold -1 throughout, and do so again afterwards; `head` has a place for each bucket up to `bound` and one more.
    """
    reached, bucket, last = 0, head.size, -1
    for end in range(2):
        node, first = (one, one_min) if end == 0 else (two, two_min)
        if first <= bound and (seen[node] != search or first < time[node]):
            if seen[node] != search:
                seen[node], met[reached] = search, node
                reached += 1
            elif where[node] >= 0:
                _leave(node, head, where, after, before)
            time[node] = first
            into = int(first * per_min)
            _enter(node, into, head, where, after, before)
            bucket, last = min(bucket, into), max(last, into)
    while bucket <= last:
        while head[bucket] >= 0:
            node = head[bucket]
            _leave(node, head, where, after, before)
            now = time[node]
            for arc in range(indptr[node], indptr[node + 1]):
                then, other = now + minutes[arc], indices[arc]
                if then > bound:
                    continue
                if seen[other] != search:
                    seen[other], met[reached] = search, other
                    reached += 1
                elif then >= time[other]:
                    continue
                time[other] = then
                into = int(then * per_min)
                if where[other] != into:
                    if where[other] >= 0:
                        _leave(other, head, where, after, before)
                    _enter(other, into, head, where, after, before)
                    last = max(last, into)
        bucket += 1
    return reached


@njit(nogil=True, cache=True)
def _enter(node, bucket, head, where, after, before):
    """Put a node at the head of a bucket."""
    follows = head[bucket]
    where[node], after[node], before[node], head[bucket] = bucket, follows, -1, node
    if follows >= 0:
        before[follows] = node


@njit(nogil=True, cache=True)
def _leave(node, head, where, after, before):
    """Take a node out of its bucket."""
    leads, follows = before[node], after[node]
    if leads >= 0:
        after[leads] = follows
    else:
        head[where[node]] = follows
    if follows >= 0:
        before[follows] = leads
    where[node] = -1


@njit(nogil=True, cache=True)
def edges_at(search, nodes, at_start, at_edge, listed_in, edges):
    """Put the edges listed at some nodes into `edges`, each once; how many.

    Those at node `v` are ``at_edge[at_start[v]:at_start[v + 1]]``; one that bears the number of this `search` in `listed_in` is
    passed over.
    """
    count = 0
    for node in nodes:
        for p in range(at_start[node], at_start[node + 1]):
            e = at_edge[p]
            if listed_in[e] != search:
                listed_in[e] = search
                edges[count] = e
                count += 1
    return count


@njit(nogil=True, cache=True)
def ends_min(search, e, edge_u, edge_v, time, seen):
    """Times of both ends of an edge, inf for one that this `search` did not see."""
    u, v = edge_u[e], edge_v[e]
    return time[u] if seen[u] == search else np.inf, time[v] if seen[v] == search else np.inf
