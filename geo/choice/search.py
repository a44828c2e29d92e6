"""Good plans by exchange of sites, with kicks out of local optima: compiled, seeded, and within every rule. No proof.

A venue enters, leaves, or takes another's place as long as that saves (Teitz and Bart 1968), by the bookkeeping of
`geo.choice.exchange`. Then a few venues of one neighbourhood are exchanged at random and the descent starts again (iterated local
search). It ends: an exchange is kept only where what all points then pay, looked up anew, has fallen, and both the exchanges of a
descent and the looks of a search are limited by number, so that the same input gives the same plan on any machine.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.choice.exchange import begin_plan, exchange, fits
from geo.choice.lagrangian import plan_cost

NOTHING = np.int64(0)
"""Level of staleness beyond which a column is looked at in the end."""

NOBODY, BARRED = np.int64(-1), np.int64(-2)
"""Nobody has to leave; it may not enter."""

MOST_MOVES = 10
"""Exchanges of one descent at most, per column."""

MOST_REFUSED = 50
"""Exchanges of one descent at most that turn out not to save what the bookkeeping says; rounding is all that can part the two."""

EFFORT = 40_000_000
"""Looks at pairs in one search at most: a fraction of a second."""


@njit(nogil=True, cache=True)
def _may_go(a, p, column):
    return p.picked[column] and a.low[column] < 0.5 and (a.counted[column] or a.group[column] >= 0)


@njit(nogil=True, cache=True)
def _best_exchange(a, o, own, m, p, enters, opened):
    """What taking a column in changes at best, and which leaves for it."""
    place = a.group[enters]
    held = p.holder[place] if place >= 0 else NOBODY
    if held >= 0 and not _may_go(a, p, held):
        return 0.0, BARRED
    gain = 0.0
    p.number[1] += o.begin[enters + 1] - o.begin[enters] + (opened if held < 0 else 0)
    for k in range(o.begin[enters], o.begin[enters + 1]):
        point, new = o.point_of[k], m.paid[k]
        if new < p.near[point]:
            gain += p.near[point] - new
            if p.who[point] >= 0:
                p.relief[p.who[point]] += p.second[point] - p.near[point]
        elif new < p.second[point] and p.who[point] >= 0:
            p.relief[p.who[point]] += p.second[point] - new
    best, leaves = np.inf, BARRED
    change = own[enters] - gain
    if held >= 0:
        if fits(a, o, p, enters, held):
            best, leaves = change + p.loss[held] - p.relief[held] - own[held], held
    else:
        if fits(a, o, p, enters, NOBODY):
            best, leaves = change, NOBODY
        for k in range(opened):
            other = p.opened[k]
            if not p.picked[other] or (a.group[other] >= 0 and a.must[a.group[other]]):
                continue
            trade = p.loss[other] - p.relief[other] + change - own[other]
            if trade < best and fits(a, o, p, enters, other):
                best, leaves = trade, other
    for k in range(o.begin[enters], o.begin[enters + 1]):
        if p.who[o.point_of[k]] >= 0:
            p.relief[p.who[o.point_of[k]]] = 0.0
    return best, leaves


@njit(nogil=True, cache=True)
def _open_ones(a, p):
    opened = 0
    for column in range(p.picked.size):
        if p.picked[column] and a.counted[column] and a.low[column] < 0.5:
            p.opened[opened] = column
            opened += 1
    return opened


@njit(nogil=True, cache=True)
def _saves(a, o, own, m, p, enters, leaves):
    """Make an exchange, and keep it only where it saves: never a second time the same plan."""
    change = exchange(a, o, m, p, enters, leaves)
    change += (own[enters] if enters >= 0 else 0.0) - (own[leaves] if leaves >= 0 else 0.0)
    if change < -0.5 * m.least:
        return True
    exchange(a, o, m, p, leaves, enters)
    begin_plan(a, o, m, p)
    return False


@njit(nogil=True, cache=True)
def _descend(a, o, own, m, p, level):
    """Exchanges as long as they save. Columns are looked at that are stale beyond `level`."""
    moved, moves, refused = True, 0, 0
    while moved:
        moved, opened = False, -1
        for column in range(p.picked.size):
            if p.stale[column] <= level:
                continue
            p.stale[column] = level
            if p.picked[column] or a.high[column] < 0.5 or not a.counted[column] or o.begin[column + 1] == o.begin[column]:
                continue
            if opened < 0 and (a.group[column] < 0 or p.holder[a.group[column]] < 0):
                opened = _open_ones(a, p)
            change, leaves = _best_exchange(a, o, own, m, p, column, opened)
            if leaves != BARRED and change < -m.least:
                if _saves(a, o, own, m, p, column, leaves):
                    moved, opened, moves = True, -1, moves + 1
                else:
                    refused += 1
                if moves > MOST_MOVES * p.picked.size or refused > MOST_REFUSED or p.number[1] > EFFORT:
                    return
        for column in range(p.picked.size):
            if p.picked[column] and a.counted[column] and a.low[column] < 0.5:
                done = _spare(a, o, own, m, p, column)
                moves, refused, moved = moves + (done > 0), refused + (done < 0), moved or done > 0
                if moves > MOST_MOVES * p.picked.size or refused > MOST_REFUSED:
                    return


@njit(nogil=True, cache=True)
def _spare(a, o, own, m, p, column):
    """Do without a venue where that saves: with none, or with a place at a neighbour's. 1 done, 0 nothing to do, -1 taken back."""
    place, saved = a.group[column], own[column] - p.loss[column]
    if place < 0 or not a.must[place]:
        if saved > m.least and fits(a, o, p, NOBODY, column):
            return 1 if _saves(a, o, own, m, p, NOBODY, column) else -1
        return 0
    for k in range(o.mate_begin[place], o.mate_begin[place + 1]):
        mate = o.mate[k]
        if a.high[mate] > 0.5 and saved - own[mate] > m.least and fits(a, o, p, mate, column):
            return 1 if _saves(a, o, own, m, p, mate, column) else -1
    return 0


@njit(nogil=True, cache=True)
def _value(a, p):
    total = 0.0
    for point in range(p.near.size):
        total += p.near[point]
    for column in range(p.picked.size):
        if p.picked[column]:
            total += a.own[column]
    return total


@njit(nogil=True, cache=True)
def _draw(state):
    """The next of a row of pseudo-random numbers (xorshift)."""
    x = state[0]
    x ^= (x << np.uint64(13))
    x ^= (x >> np.uint64(7))
    x ^= (x << np.uint64(17))
    state[0] = x
    return np.int64(x >> np.uint64(2))


@njit(nogil=True, cache=True)
def _kick_mate(a, o, m, p, state):
    """A village gives up its own venue for a place at a neighbour's; every other guest may then have one of its own."""
    enters = o.mate[_draw(state) % o.mate.size]
    leaves = p.holder[a.group[enters]]
    if a.high[enters] < 0.5 or leaves < 0 or leaves == enters or not _may_go(a, p, leaves) or not fits(a, o, p, enters, leaves):
        return
    exchange(a, o, m, p, enters, leaves)
    for column in range(p.picked.size):
        place = a.group[column]
        if place >= 0 and p.holder[place] >= 0 and not a.counted[p.holder[place]]:
            p.stale[column] = 2


@njit(nogil=True, cache=True)
def _kick(a, o, m, p, state, strength):
    """A few exchanges at random round one point, dear ones more often than others, within the rules."""
    points = p.near.size
    point = _draw(state) % points
    if _draw(state) % 2:
        for _ in range(3):
            other = _draw(state) % points
            if p.near[other] > p.near[point]:
                point = other
    length = a.start[point + 1] - a.start[point]
    if length == 0:
        return
    width = min(length, max(8, length // 6)) if _draw(state) % 4 else length
    for _ in range(2 + _draw(state) % (3 + strength)):
        enters = a.site[a.start[point] + _draw(state) % width]
        if p.picked[enters] or a.high[enters] < 0.5 or not a.counted[enters]:
            continue
        place = a.group[enters]
        leaves = p.holder[place] if place >= 0 else NOBODY
        if leaves < 0:
            near = o.point_of[o.begin[enters] + _draw(state) % (o.begin[enters + 1] - o.begin[enters])]
            other = p.who[near] if _draw(state) % 2 else p.who2[near]
            must = other >= 0 and a.group[other] >= 0 and a.must[a.group[other]]
            leaves = NOBODY if must else other
        if (leaves < 0 or _may_go(a, p, leaves)) and fits(a, o, p, enters, leaves):
            exchange(a, o, m, p, enters, leaves)


@njit(nogil=True, cache=True)
def explore(a, o, m, p, kicks, strength, seed):
    """The best plan met from `p` on that keeps the rules: its columns and its cost (inf: none keeps the limited sums).

    `p` is worked on; the more `strength`, the more exchanges a kick makes. The same input gives the same plan.
    """
    state = np.array([np.uint64(seed * 2654435769 + 88172645463325252)])
    p.stale[:] = 2
    begin_plan(a, o, m, p)
    _descend(a, o, a.own, m, p, NOTHING)
    kept, kept_value = p.picked.copy(), _value(a, p)
    best, best_plan = plan_cost(a, p.picked), p.picked.copy()
    for _ in range(kicks if p.near.size else 0):
        if p.number[1] > EFFORT:
            break
        p.stale[:] = 0
        if o.mate.size and _draw(state) % 2:
            _kick_mate(a, o, m, p, state)
        _kick(a, o, m, p, state, strength)
        for level in range(1 if m.tolled else 0, -1, -1):
            _descend(a, o, m.soft if level > 0 else a.own, m, p, level)
        value = _value(a, p)
        if value < kept_value - m.least:
            cost = plan_cost(a, p.picked)
            if cost < best - 1e-12:
                best = cost
                best_plan[:] = p.picked
        if value < kept_value + m.least:
            kept[:] = p.picked
            kept_value = value
        else:
            p.picked[:] = kept
            begin_plan(a, o, m, p)
    return best_plan, best
