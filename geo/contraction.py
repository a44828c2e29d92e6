"""A road graph with most of its nodes taken out: searches go over the few that are left, the others follow in one sweep. Minutes.

A node with few neighbours is taken out and its neighbours joined to each other by the ways over it, again and again (Geisberger et
al. 2008, contraction hierarchies; here without searches for better ways, as in Dibbelt, Strasser & Wagner 2016, and only while the
graph stays sparse). What is left is the *core*. A shortest way climbs from its start over ever later nodes, crosses the core, and
comes down to its end, so that times from one place to many need a search in the core alone: the nodes that were taken out get
theirs from the later ones they were joined to, the latest first (Delling et al. 2011, PHAST).

Times of arcs are multiples of `geo.network.GRAIN_MIN`, so the sums along shortcuts are exact: times between nodes are the same bit
for bit as in the whole graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

MOST_NEIGHBOURS = 5
"""Nodes with more neighbours stay in the core: beyond this, shortcuts cost more than the nodes they save."""


@dataclass(frozen=True)
class Contraction:
    """Arcs of the contracted graph by node, in minutes.

    Node `v` is joined to ``to[start[v]:start[v + 1]]``: for a node that was taken out, those of its neighbours that were left then;
    for one of the core its neighbours in the core. `forth` is the time from `v` to them, `back` from them to it (inf: no way).
    `rank` is the number at which a node was taken out, the number of nodes for the core.
    """

    start: np.ndarray
    to: np.ndarray
    forth: np.ndarray
    back: np.ndarray
    rank: np.ndarray


def contracted(indptr: np.ndarray, indices: np.ndarray, minutes: np.ndarray) -> Contraction:
    """The contracted form of a graph in CSR arrays; minutes of arcs, not negative.

    Examples
    --------
    >>> line = contracted(np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1], dtype=np.int32), np.array([2.0, 2.0, 3.0, 3.0]))
    >>> line.rank.tolist(), line.to.tolist(), line.forth.tolist()
    ([0, 2, 1], [1, 1], [2.0, 3.0])
    """
    return Contraction(*_contract(indptr, indices, minutes, MOST_NEIGHBOURS))


@njit(nogil=True, cache=True)
def _contract(indptr, indices, minutes, most):
    nodes = indptr.size - 1
    size = 2 * indices.size + 64
    to, after = np.empty(size, np.int32), np.empty(size, np.int64)
    forth, back = np.empty(size), np.empty(size)
    head, degree = np.full(nodes, -1, np.int64), np.zeros(nodes, np.int64)
    used, free = 0, -1
    for node in range(nodes):
        for arc in range(indptr[node], indptr[node + 1]):
            other = indices[arc]
            if other != node:
                used, free = _join(node, other, minutes[arc], np.inf, to, after, forth, back, head, degree, used, free)
                used, free = _join(other, node, np.inf, minutes[arc], to, after, forth, back, head, degree, used, free)
    rank, taken, turn = np.full(nodes, nodes, np.int64), 0, 0
    blocked, listed = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    work, coming = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    for limit in range(1, most + 1):
        waiting = 0
        for node in range(nodes):
            if rank[node] == nodes and degree[node] <= limit:
                work[waiting] = node
                waiting += 1
        while waiting:
            # neighbours are not taken out in one turn: ways over what was taken out stay short
            turn += 1
            next_ = 0
            for w in range(waiting):
                node = work[w]
                if degree[node] > limit:
                    continue
                if blocked[node] == turn:
                    if listed[node] != turn:
                        listed[node] = turn
                        coming[next_] = node
                        next_ += 1
                    continue
                if used + degree[node] * degree[node] > to.size:
                    to, after, forth, back = _longer(to), _longer(after), _longer(forth), _longer(back)
                used, free = _take_out(node, to, after, forth, back, head, degree, used, free)
                rank[node] = taken
                taken += 1
                at = head[node]
                while at >= 0:
                    other = to[at]
                    blocked[other] = turn
                    if listed[other] != turn and degree[other] <= limit:
                        listed[other] = turn
                        coming[next_] = other
                        next_ += 1
                    at = after[at]
            work, coming, waiting = coming, work, next_
    start = np.zeros(nodes + 1, np.int64)
    for node in range(nodes):
        start[node + 1] = start[node] + degree[node]
    row_to = np.empty(start[nodes], np.int32)
    row_forth, row_back = np.empty(start[nodes]), np.empty(start[nodes])
    for node in range(nodes):
        at, k = head[node], start[node]
        while at >= 0:
            row_to[k], row_forth[k], row_back[k] = to[at], forth[at], back[at]
            at, k = after[at], k + 1
    return start, row_to, row_forth, row_back, rank


@njit(nogil=True, cache=True)
def _join(node, other, there, here, to, after, forth, back, head, degree, used, free):
    """Join a node to another, or shorten the way if they are joined; the entries used and the first free one afterwards."""
    at = head[node]
    while at >= 0:
        if to[at] == other:
            forth[at], back[at] = min(forth[at], there), min(back[at], here)
            return used, free
        at = after[at]
    if free >= 0:
        entry, free = free, after[free]
    else:
        entry, used = used, used + 1
    to[entry], forth[entry], back[entry], after[entry] = other, there, here, head[node]
    head[node] = entry
    degree[node] += 1
    return used, free


@njit(nogil=True, cache=True)
def _take_out(node, to, after, forth, back, head, degree, used, free):
    """Join the neighbours of a node to each other by the ways over it, and take it off their lists; it keeps its own."""
    one = head[node]
    while one >= 0:
        a = to[one]
        at, before = head[a], -1
        while to[at] != node:
            at, before = after[at], at
        if before < 0:
            head[a] = after[at]
        else:
            after[before] = after[at]
        after[at], free = free, at
        degree[a] -= 1
        one = after[one]
    one = head[node]
    while one >= 0:
        a, two = to[one], after[one]
        while two >= 0:
            b = to[two]
            there, here = back[one] + forth[two], back[two] + forth[one]
            if there < np.inf or here < np.inf:
                used, free = _join(a, b, there, here, to, after, forth, back, head, degree, used, free)
                used, free = _join(b, a, here, there, to, after, forth, back, head, degree, used, free)
            two = after[two]
        one = after[one]
    return used, free


@njit(nogil=True, cache=True)
def _longer(array):
    out = np.empty(2 * array.size, array.dtype)
    out[: array.size] = array
    return out
