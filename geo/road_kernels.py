"""Compiled searches about joins between roads: the way round between two places, and times that a new join makes shorter."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.kernels import drop_first, outward, push


@njit(nogil=True, cache=True)
def ways_round(source_node, pair_start, pair_edge, pair_along, edge_u, edge_v, edge_length, indptr, indices, metres, bound, out_m):
    """Metres along the roads from each source node to the places paired with it; inf where that is more than `bound`.

    The places of source `s` are ``pair_start[s]:pair_start[s + 1]``, each `pair_along` metres from the start of its edge.
    """
    nodes = indptr.size - 1
    time = np.empty(nodes)
    seen = np.full(nodes, -1, np.int64)
    final = np.full(nodes, -1, np.int64)
    order = np.empty(nodes, np.int64)
    keys = np.empty(indices.size + 4)
    items = np.empty(indices.size + 4, np.int64)
    for s in range(source_node.size):
        if pair_start[s] == pair_start[s + 1]:
            continue
        outward(s, source_node[s], 0.0, source_node[s], 0.0, bound, indptr, indices, metres, time, seen, final, order, keys, items)
        for k in range(pair_start[s], pair_start[s + 1]):
            edge = pair_edge[k]
            best = np.inf
            if seen[edge_u[edge]] == s:
                best = time[edge_u[edge]] + pair_along[k]
            if seen[edge_v[edge]] == s:
                best = min(best, time[edge_v[edge]] + edge_length[edge] - pair_along[k])
            out_m[k] = best if best <= bound else np.inf


@njit(nogil=True, cache=True)
def made_shorter(node_min, seed_node, seed_min, indptr, indices, minutes):
    """Times of all nodes after some got a shorter one; the arcs lead from a node to those from which it is reached."""
    time = node_min.copy()
    keys = np.empty(indices.size + seed_node.size + 1)
    items = np.empty(keys.size, np.int64)
    size = 0
    for s in range(seed_node.size):
        if seed_min[s] < time[seed_node[s]]:
            time[seed_node[s]] = seed_min[s]
            size = push(keys, items, size, seed_min[s], seed_node[s])
    while size > 0:
        now, node = keys[0], items[0]
        size = drop_first(keys, items, size)
        if now > time[node]:
            continue
        for arc in range(indptr[node], indptr[node + 1]):
            then, other = now + minutes[arc], indices[arc]
            if then < time[other]:
                time[other] = then
                size = push(keys, items, size, then, other)
    return time
