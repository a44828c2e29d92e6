"""A plan and its bookkeeping: what every point pays at its nearest and second nearest open site, and what an exchange changes.

After Whitaker (1983): what each point pays tells what any exchange is worth. Arguments: `a` the problem (`Arrays`), `o` the
same by column (`Order`), `m` what the search counts (`Merit`), `p` the plan and its bookkeeping (`Plan`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

LEAST_SAVING = 1e-9
"""Share of the dearest pair below which an exchange is not worth making."""


class Order(NamedTuple):
    """The same problem read by column: pairs (`point_of`, with their places among the pairs) and rows of the rules.

    `mate` are by group the columns that stand for a venue without being one (a place at a neighbour's).
    """

    begin: np.ndarray
    point_of: np.ndarray
    pair: np.ndarray
    row_begin: np.ndarray
    row: np.ndarray
    factor: np.ndarray
    mate_begin: np.ndarray
    mate: np.ndarray


class Merit(NamedTuple):
    """What the search counts: each pair (`pair`, and `paid` in the order of columns), and a point that has no open site (`far`).

    `soft` is what columns cost with the tolls of the rules: after a kick it goes down by that first, which makes room under a rule
    that is tight, then by the true cost. Savings under `least` are none.
    """

    pair: np.ndarray
    paid: np.ndarray
    far: np.ndarray
    soft: np.ndarray
    tolled: bool
    least: float


class Plan(NamedTuple):
    """Columns picked, and what follows from them.

    `holder` of each group, venues `inside` each district, use of the rules' rows; each point's `near` and `second` cost and the
    columns they are from; what is lost with each column; columns to be looked at again; room for lists; `number` of venues, and
    of looks at pairs so far.
    """

    picked: np.ndarray
    holder: np.ndarray
    inside: np.ndarray
    used: np.ndarray
    near: np.ndarray
    second: np.ndarray
    who: np.ndarray
    who2: np.ndarray
    loss: np.ndarray
    relief: np.ndarray
    stale: np.ndarray
    opened: np.ndarray
    number: np.ndarray


@njit(nogil=True, cache=True)
def _look(a, m, p, point):
    """The two cheapest open sites of a point."""
    p.near[point], p.second[point], p.who[point], p.who2[point] = m.far[point], m.far[point], -1, -1
    for entry in range(a.start[point], a.start[point + 1]):
        if p.picked[a.site[entry]]:
            if p.who[point] < 0:
                p.near[point], p.who[point] = m.pair[entry], a.site[entry]
            else:
                p.second[point], p.who2[point] = m.pair[entry], a.site[entry]
                break


@njit(nogil=True, cache=True)
def begin_plan(a, o, m, p):
    """The bookkeeping of a plan from its columns alone, without what rounding has gathered in it."""
    p.holder[:] = -1
    p.inside[:] = 0
    p.used[:] = 0.0
    p.loss[:] = 0.0
    p.number[0] = 0
    for column in range(p.picked.size):
        if p.picked[column]:
            if a.group[column] >= 0:
                p.holder[a.group[column]] = column
            if a.counted[column]:
                p.number[0] += 1
                p.inside[a.district[column]] += 1
            for entry in range(o.row_begin[column], o.row_begin[column + 1]):
                p.used[o.row[entry]] += o.factor[entry]
    for point in range(p.near.size):
        _look(a, m, p, point)
        if p.who[point] >= 0:
            p.loss[p.who[point]] += p.second[point] - p.near[point]


@njit(nogil=True, cache=True)
def _rows_hold(a, o, p, one, other, sign):
    """Whether the rows of a column that comes (`sign` 1) or goes (-1) hold while another does the opposite."""
    for entry in range(o.row_begin[one], o.row_begin[one + 1]):
        change = sign * o.factor[entry]
        if other >= 0:
            for k in range(o.row_begin[other], o.row_begin[other + 1]):
                if o.row[k] == o.row[entry]:
                    change -= sign * o.factor[k]
        if change > 0.0 and p.used[o.row[entry]] + change > a.side_limit[o.row[entry]] + 1e-9:
            return False
    return True


@njit(nogil=True, cache=True)
def fits(a, o, p, enters, leaves):
    """Whether an exchange keeps the numbers in all and by district, and every row (columns that are no venues do not count)."""
    comes, goes = enters >= 0 and a.counted[enters], leaves >= 0 and a.counted[leaves]
    come, go = (a.district[enters] if comes else -1), (a.district[leaves] if goes else -1)
    if comes and not goes and p.number[0] >= a.most or goes and not comes and p.number[0] <= a.least:
        return False
    if come != go and (come >= 0 and p.inside[come] >= a.district_most[come] or go >= 0 and p.inside[go] <= a.district_least[go]):
        return False
    return (enters < 0 or _rows_hold(a, o, p, enters, leaves, 1.0)) and (leaves < 0 or _rows_hold(a, o, p, leaves, enters, -1.0))


@njit(nogil=True, cache=True)
def _recount(a, o, p, column, comes):
    sign = 1 if comes else -1
    if a.counted[column]:
        p.inside[a.district[column]] += sign
        p.number[0] += sign
    for entry in range(o.row_begin[column], o.row_begin[column + 1]):
        p.used[o.row[entry]] += sign * o.factor[entry]


@njit(nogil=True, cache=True)
def exchange(a, o, m, p, enters, leaves):
    """Make an exchange (-1: none enters, or none leaves); by how much what all points pay changes.

    Columns whose worth may have changed become stale.
    """
    change = 0.0
    if enters >= 0:
        p.picked[enters] = True
        _recount(a, o, p, enters, True)
        if a.group[enters] >= 0:
            p.holder[a.group[enters]] = enters
    if leaves >= 0:
        p.picked[leaves] = False
        p.stale[leaves] = 2
        _recount(a, o, p, leaves, False)
        if a.group[leaves] >= 0 and p.holder[a.group[leaves]] == leaves:
            p.holder[a.group[leaves]] = -1
    for side in range(2):
        column = enters if side == 0 else leaves
        if column < 0:
            continue
        for place in range(o.begin[column], o.begin[column + 1]):
            point = o.point_of[place]
            if side == 0 and m.paid[place] > p.second[point]:
                continue
            if side == 1 and p.who[point] != column and p.who2[point] != column:
                continue
            if p.who[point] >= 0:
                p.loss[p.who[point]] -= p.second[point] - p.near[point]
            before = p.second[point]
            change -= p.near[point]
            _look(a, m, p, point)
            if p.who[point] >= 0:
                p.loss[p.who[point]] += p.second[point] - p.near[point]
            change += p.near[point]
            reach = max(before, p.second[point])
            for entry in range(a.start[point], a.start[point + 1]):
                if m.pair[entry] > reach:
                    break
                p.stale[a.site[entry]] = 2
    return change


def plan_of(a, columns: np.ndarray) -> Plan:
    """A plan to be worked on: `columns` picked, room for its bookkeeping."""
    size, points = len(columns), len(a.people)
    return Plan(
        columns.copy(), np.empty(len(a.must), np.int64), np.empty(len(a.district_least) + 1, np.int64), np.empty(len(a.side_limit)),
        np.empty(points), np.empty(points), np.empty(points, np.int64), np.empty(points, np.int64), np.empty(size), np.zeros(size),
        np.empty(size, np.uint8), np.empty(size, np.int64), np.zeros(2, np.int64),
    )


def merit_of(o: Order, own: np.ndarray, *, pair: np.ndarray, far: np.ndarray, soft: np.ndarray) -> Merit:
    """What the search counts by pair, for a point without an open site, and for a column with its tolls."""
    least = LEAST_SAVING * max(float(pair.max(initial=0.0)), float(np.abs(own).max(initial=0.0)), 1e-9)
    return Merit(pair, pair[o.pair], far, soft, bool((soft != own).any()), least)
