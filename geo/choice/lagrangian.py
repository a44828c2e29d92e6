"""A lower bound for problems of choice by Lagrangian relaxation, with plans found on the way. Compiled; the unit of the sum sought.

Each point's demand for one venue is priced (`price`), every rule that counting does not keep is (`toll`, one per row), and every
further sum over walks that has a limit is (`levy`). What is left is solved by looking at each column alone: its reduced cost is its
own cost plus what every point saves by it. Prices climb by subgradients (Beasley 1993; Held, Wolfe and Crowder 1974).
"""

from __future__ import annotations

import numpy as np
from numba import njit

PATIENCE = 25
"""Rounds without a better bound before the steps are shortened."""

LOOKS = 3
"""Rounds between two looks at what the columns picked cost as a plan."""

SMALLEST_STEP = 1e-4
"""Steps shorter than this no longer raise the bound."""


@njit(nogil=True, cache=True)
def reduced_costs(a, price, toll, levy, out):
    """Reduced cost of every column into `out`; pairs of a point must stand cheapest first."""
    for column in range(out.size):
        out[column] = a.own[column]
    for row in range(toll.size):
        if toll[row] > 0.0:
            for entry in range(a.side_start[row], a.side_start[row + 1]):
                out[a.side_column[entry]] += toll[row] * a.side_factor[entry]
    for point in range(price.size):
        for entry in range(a.start[point], a.start[point + 1]):
            paid = a.cost[entry]
            for limit in range(levy.size):
                paid += levy[limit] * a.extra[limit, entry]
            if paid >= price[point]:
                break
            out[a.site[entry]] += paid - price[point]


@njit(nogil=True, cache=True)
def options(a, reduced, counted_best, other_best, other, settled):
    """The cheapest counted and the cheapest other column of each group (-1 none), what the group costs without a counted one.

    `settled` groups hold a column that is certain, and nothing else.
    """
    counted_best[:] = -1
    other_best[:] = -1
    settled[:] = False
    for column in range(reduced.size):
        place = a.group[column]
        if place < 0 or a.high[column] < 0.5:
            continue
        if a.low[column] > 0.5:
            settled[place] = True
        elif a.counted[column]:
            if counted_best[place] < 0 or reduced[column] < reduced[counted_best[place]]:
                counted_best[place] = column
        elif other_best[place] < 0 or reduced[column] < reduced[other_best[place]]:
            other_best[place] = column
    for place in range(settled.size):
        if settled[place]:
            counted_best[place] = -1
            other_best[place] = -1
        if other_best[place] >= 0 and not a.must[place] and reduced[other_best[place]] > 0.0:
            other_best[place] = -1
        other[place] = np.inf if a.must[place] and not settled[place] else 0.0
        if other_best[place] >= 0:
            other[place] = reduced[other_best[place]]


@njit(nogil=True, cache=True)
def pick(a, reduced, picked):
    """The cheapest columns that hold one per group (of `must` ones) and the numbers per district and in all; their sum.

    A greedy choice is exact, since districts divide the columns (a laminar matroid). Where certain columns alone pass a number, the
    sum is a bound all the same.
    """
    columns, groups = reduced.size, a.must.size
    picked[:] = False
    counted_best, other_best = np.empty(groups, np.int64), np.empty(groups, np.int64)
    other, settled = np.empty(groups), np.empty(groups, np.bool_)
    options(a, reduced, counted_best, other_best, other, settled)
    inside = np.zeros(a.district_least.size + 1, np.int64)
    total, count, units = 0.0, 0, 0
    unit, worth = np.empty(columns, np.int64), np.empty(columns)
    for column in range(columns):
        if a.high[column] < 0.5:
            continue
        if a.low[column] > 0.5:
            picked[column] = True
            total += reduced[column]
            if a.counted[column]:
                count += 1
                inside[a.district[column]] += 1
        elif a.group[column] < 0:
            if a.counted[column]:
                unit[units], worth[units] = column, reduced[column]
                units += 1
            elif reduced[column] < 0.0:
                picked[column] = True
                total += reduced[column]
    for place in range(groups):
        best = counted_best[place]
        if np.isinf(other[place]):
            if best >= 0:
                picked[best] = True
                total += reduced[best]
                count += 1
                inside[a.district[best]] += 1
            else:
                total = np.inf
            continue
        total += other[place]
        if other_best[place] >= 0:
            picked[other_best[place]] = True
        if best >= 0:
            unit[units], worth[units] = best, reduced[best] - other[place]
            units += 1
    order = np.argsort(worth[:units], kind="mergesort")
    taken = np.zeros(units, np.bool_)
    least, most = a.district_least, a.district_most
    for k in order:
        where = a.district[unit[k]]
        if where >= 0 and inside[where] < least[where]:
            taken[k] = True
            inside[where] += 1
            count += 1
    for k in order:
        where = a.district[unit[k]]
        if not taken[k] and worth[k] < 0.0 and (where < 0 or inside[where] < most[where]):
            taken[k] = True
            inside[where] += 1
            count += 1
    if count > a.most:
        for k in order[::-1]:
            where = a.district[unit[k]]
            if count > a.most and taken[k] and (where < 0 or inside[where] > least[where]):
                taken[k] = False
                inside[where] -= 1
                count -= 1
    elif count < a.least:
        for k in order:
            where = a.district[unit[k]]
            if count < a.least and not taken[k] and (where < 0 or inside[where] < most[where]):
                taken[k] = True
                inside[where] += 1
                count += 1
    for k in range(units):
        if taken[k]:
            column = unit[k]
            total += worth[k]
            picked[column] = True
            if a.group[column] >= 0 and other_best[a.group[column]] >= 0:
                picked[other_best[a.group[column]]] = False
    return total


@njit(nogil=True, cache=True)
def plan_cost(a, picked):
    """What a set of columns costs; inf where it leaves out too many people or breaks a sum that has a limit."""
    total, without = 0.0, 0.0
    used = np.zeros(a.extra_limit.size)
    for point in range(a.people.size):
        found = False
        for entry in range(a.start[point], a.start[point + 1]):
            if picked[a.site[entry]]:
                total += a.cost[entry]
                for limit in range(used.size):
                    used[limit] += a.extra[limit, entry]
                found = True
                break
        if not found:
            total += a.left_cost[point]
            without += a.people[point]
            for limit in range(used.size):
                used[limit] += a.extra_unserved[limit, point]
    for limit in range(used.size):
        if used[limit] > a.extra_limit[limit]:
            return np.inf
    if without > a.left_out + 1e-7 * max(1.0, a.left_out):
        return np.inf
    for column in range(picked.size):
        if picked[column]:
            total += a.own[column]
    return total


@njit(nogil=True, cache=True)
def climb(a, price, toll, levy, toll_scale, levy_scale, rounds, close, known, best, factor):
    """Raise the bound for some rounds.

    Gives the best bound, the best cost found with its columns, the columns picked last, the prices, tolls and levies of the best
    bound, and the length of step to go on with. Stops when cost and bound are within `close`. `known` is the cost of a plan found
    before (inf: none), `best` the bound that the given prices are known to prove (-inf: none yet).
    """
    columns, points, rows, limits = a.own.size, a.people.size, a.side_limit.size, a.extra_limit.size
    reduced, picked, found = np.empty(columns), np.zeros(columns, np.bool_), np.zeros(columns, np.bool_)
    best_price, best_toll, best_levy = price.copy(), toll.copy(), levy.copy()
    slope, side_slope, over = np.empty(points), np.empty(rows), np.empty(limits)
    cheapest, waiting = known, 0
    for turn in range(rounds):
        reduced_costs(a, price, toll, levy, reduced)
        bound = a.constant + pick(a, reduced, picked)
        if np.isinf(bound):
            best = bound
            break
        for row in range(rows):
            bound -= toll[row] * a.side_limit[row]
        for limit in range(limits):
            bound -= levy[limit] * a.extra_limit[limit]
            over[limit] = -a.extra_limit[limit]
        steep = 0.0
        for point in range(points):
            if a.start[point + 1] == a.start[point]:
                slope[point] = 0.0
                bound += a.left_cost[point]
                for limit in range(limits):
                    bound += levy[limit] * a.extra_unserved[limit, point]
                    over[limit] += a.extra_unserved[limit, point]
                continue
            served = 0.0
            for entry in range(a.start[point], a.start[point + 1]):
                paid = a.cost[entry]
                for limit in range(limits):
                    paid += levy[limit] * a.extra[limit, entry]
                if paid >= price[point]:
                    break
                if picked[a.site[entry]]:
                    served += 1.0
                    for limit in range(limits):
                        over[limit] += a.extra[limit, entry]
            bound += price[point]
            alone = a.unserved[point]
            for limit in range(limits):
                alone += levy[limit] * a.extra_unserved[limit, point]
            if price[point] > alone:
                bound += alone - price[point]
                served += 1.0
                for limit in range(limits):
                    over[limit] += a.extra_unserved[limit, point]
            slope[point] = 1.0 - served
            steep += slope[point] * slope[point]
        holds = True
        for row in range(rows):
            used = -a.side_limit[row]
            for entry in range(a.side_start[row], a.side_start[row + 1]):
                if picked[a.side_column[entry]]:
                    used += a.side_factor[entry]
            holds = holds and used <= 1e-9
            side_slope[row] = used if (used > 0.0 or toll[row] > 0.0) else 0.0
            steep += side_slope[row] * side_slope[row] * toll_scale
        for limit in range(limits):
            if over[limit] <= 0.0 and levy[limit] <= 0.0:
                over[limit] = 0.0
            steep += over[limit] * over[limit] * levy_scale[limit]
        if holds and turn % LOOKS == LOOKS - 1:
            total = plan_cost(a, picked)
            if total < cheapest - 1e-12:
                cheapest = total
                found[:] = picked
        if bound > best + 1e-9 * max(1.0, abs(best)) if best > -np.inf else True:
            best, waiting = bound, 0
            best_price[:] = price
            best_toll[:] = toll
            best_levy[:] = levy
        else:
            waiting += 1
            if waiting >= PATIENCE:
                factor, waiting = factor * 0.6, 0
                price[:] = best_price
                toll[:] = best_toll
                levy[:] = best_levy
                continue
        if steep == 0.0 or cheapest - best <= close or factor < SMALLEST_STEP:
            break
        target = cheapest if cheapest < np.inf else best + 0.05 * abs(best) + 1.0
        step = factor * max(target - bound, 1e-6 * max(1.0, abs(best))) / steep
        for point in range(points):
            price[point] = max(price[point] + step * slope[point], 0.0)
        for row in range(rows):
            toll[row] = max(toll[row] + step * side_slope[row] * toll_scale, 0.0)
        for limit in range(limits):
            levy[limit] = max(levy[limit] + step * over[limit] * levy_scale[limit], 0.0)
    return best, cheapest, found, picked, best_price, best_toll, best_levy, factor


@njit(nogil=True, cache=True)
def rises(a, reduced, picked, enter, leave):
    """By how much the bound rises at least when a column is taken in (`enter`), or left out (`leave`).

    One exchange suffices, since the sets that keep the numbers are convex in the sense of Murota (2003): taking a column in costs
    at most one other its place, of the same district where that is full. inf: there is no such plan.
    """
    columns, groups, districts = reduced.size, a.must.size, a.district_least.size
    counted_best, other_best = np.empty(groups, np.int64), np.empty(groups, np.int64)
    other, settled = np.empty(groups), np.empty(groups, np.bool_)
    options(a, reduced, counted_best, other_best, other, settled)
    counted_next, other_next = np.full(groups, np.inf), np.full(groups, np.inf)
    count, inside = 0, np.zeros(districts + 1, np.int64)
    for column in range(columns):
        if picked[column] and a.counted[column]:
            count += 1
            inside[a.district[column]] += 1
        place = a.group[column]
        if place < 0 or a.high[column] < 0.5 or a.low[column] > 0.5 or settled[place]:
            continue
        if a.counted[column]:
            if column != counted_best[place]:
                counted_next[place] = min(counted_next[place], reduced[column])
        elif column != other_best[place]:
            other_next[place] = min(other_next[place], reduced[column])
    # dearest that could make room and cheapest that could step in: everywhere and by district
    dearest, cheapest = np.full(districts + 1, -np.inf), np.full(districts + 1, np.inf)
    dearest_all, cheapest_all = -np.inf, np.inf
    for column in range(columns):
        if not a.counted[column] or a.high[column] < 0.5 or a.low[column] > 0.5:
            continue
        place = a.group[column]
        if place >= 0 and (settled[place] or np.isinf(other[place])):
            continue
        worth = reduced[column] - (other[place] if place >= 0 else 0.0)
        where = a.district[column]
        if picked[column]:
            dearest[where] = max(dearest[where], worth)
            dearest_all = max(dearest_all, worth)
        elif place < 0 or not picked[counted_best[place]]:
            cheapest[where] = min(cheapest[where], worth)
            cheapest_all = min(cheapest_all, worth)
    for column in range(columns):
        enter[column], leave[column] = 0.0, 0.0
        if a.high[column] < 0.5 or a.low[column] > 0.5:
            continue
        place, where = a.group[column], a.district[column]
        if place >= 0 and settled[place]:
            enter[column] = np.inf
            continue
        gives, steps_in = max(dearest_all, 0.0), min(cheapest_all, 0.0)
        if where >= 0 and inside[where] >= a.district_most[where]:
            gives = dearest[where]
        elif count >= a.most:
            gives = dearest_all
        if where >= 0 and inside[where] <= a.district_least[where]:
            steps_in = cheapest[where]
        elif count <= a.least:
            steps_in = cheapest_all
        if place < 0:
            if a.counted[column]:
                enter[column], leave[column] = reduced[column] - gives, steps_in - reduced[column]
            else:
                enter[column], leave[column] = reduced[column], -reduced[column]
        elif a.counted[column]:
            best = counted_best[place]
            if picked[best]:
                enter[column] = reduced[column] - reduced[best]
                without = other[place] - reduced[best] + steps_in if np.isfinite(other[place]) else np.inf
                leave[column] = min(counted_next[place] - reduced[best], without)
            else:
                enter[column] = reduced[column] - other[place] - gives
        else:
            best = counted_best[place]
            if best >= 0 and picked[best]:
                if where < 0:
                    where = a.district[best]
                    steps_in = min(cheapest_all, 0.0) if count > a.least else cheapest_all
                    if where >= 0 and inside[where] <= a.district_least[where]:
                        steps_in = cheapest[where]
                enter[column] = reduced[column] - reduced[best] + steps_in
            else:
                enter[column] = reduced[column] - other[place]
                instead = min(other_next[place], np.inf if a.must[place] else 0.0) - reduced[column]
                counted = reduced[best] - reduced[column] - _makes_room(a, best, inside, count, dearest, dearest_all) \
                    if best >= 0 else np.inf
                leave[column] = min(instead, counted)


@njit(nogil=True, cache=True)
def _makes_room(a, column, inside, count, dearest, dearest_all):
    where = a.district[column]
    if where >= 0 and inside[where] >= a.district_most[where]:
        return dearest[where]
    return dearest_all if count >= a.most else max(dearest_all, 0.0)
