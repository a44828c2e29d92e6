"""A lower bound for p-median problems by Lagrangian relaxation, with good plans found on the way. Compiled; person-minutes.

Each point's demand for one venue is priced (`price`, one per point), and so is every rule that is not about one venue per village
or the number of venues (`toll`, one per rule row). What is left is solved by looking at each site alone: its reduced cost is its
own cost plus what every point saves by it. Prices climb by subgradients (Beasley 1993; Held, Wolfe and Crowder 1974).
"""

from __future__ import annotations

import numpy as np
from numba import njit

PATIENCE = 25
"""Rounds without a better bound before the steps are shortened."""

SMALLEST_STEP = 1e-4
"""Steps shorter than this no longer raise the bound."""


@njit(nogil=True, cache=True)
def reduced_costs(start, site, cost, price, own, side_start, side_column, side_factor, toll, out):
    """Reduced cost of every column into `out`; pairs of a point must stand cheapest first."""
    out[:] = own
    for row in range(toll.size):
        if toll[row] > 0.0:
            for entry in range(side_start[row], side_start[row + 1]):
                out[side_column[entry]] += toll[row] * side_factor[entry]
    for point in range(price.size):
        for entry in range(start[point], start[point + 1]):
            if cost[entry] >= price[point]:
                break
            out[site[entry]] += cost[entry] - price[point]


@njit(nogil=True, cache=True)
def pick(reduced, group, must, counted, low, high, least, most, picked):
    """The cheapest columns that hold one per group (of `must` ones), `least` to `most` counted ones; their sum.

    A group gives one at most; columns of no group stand alone. `low` and `high` are the bounds 0 or 1 of each column.
    """
    columns, groups = reduced.size, must.size
    picked[:] = False
    best = np.full(groups, -1, np.int64)
    total, count = 0.0, 0
    optional = np.empty(columns, np.int64)
    options = 0
    for column in range(columns):
        if high[column] < 0.5:
            continue
        if low[column] > 0.5:
            picked[column] = True
            total += reduced[column]
            count += counted[column]
            if group[column] >= 0:
                best[group[column]] = -2
        elif not counted[column] and group[column] < 0:
            if reduced[column] < 0.0:
                picked[column] = True
                total += reduced[column]
        elif group[column] < 0:
            optional[options] = column
            options += 1
    for column in range(columns):
        place = group[column]
        if place >= 0 and high[column] > 0.5 and low[column] < 0.5 and best[place] != -2 and (
                best[place] == -1 or reduced[column] < reduced[best[place]]):
            best[place] = column
    for place in range(groups):
        if best[place] < 0:
            continue
        if must[place]:
            picked[best[place]] = True
            total += reduced[best[place]]
            count += counted[best[place]]
        else:
            optional[options] = best[place]
            options += 1
    order = np.argsort(reduced[optional[:options]], kind="mergesort")
    for place in order:
        column = optional[place]
        if count >= most or (count >= least and reduced[column] >= 0.0):
            break
        picked[column] = True
        total += reduced[column]
        count += 1
    return total


@njit(nogil=True, cache=True)
def assigned(start, site, cost, picked, people, left_out):
    """Cost of sending every point to its cheapest picked site; inf where more than `left_out` people have none."""
    total, without = 0.0, 0.0
    for point in range(people.size):
        found = False
        for entry in range(start[point], start[point + 1]):
            if picked[site[entry]]:
                total += cost[entry]
                found = True
                break
        if not found and start[point + 1] > start[point]:
            without += people[point]
    return total if without <= left_out + 1e-9 * max(1.0, left_out) else np.inf


@njit(nogil=True, cache=True)
def climb(start, site, cost, people, unserved_cost, left_out, own, group, must, counted, low, high, least, most, side_start,
          side_column, side_factor, side_limit, constant, price, toll, toll_scale, rounds, close, known, best,
          factor):
    """Raise the bound for some rounds.

    Gives the best bound, the best cost found with its columns, the columns picked last, prices and tolls of the best bound, and
    the length of step to go on with. Stops when cost and bound are within `close`.
    `unserved_cost` is inf for points that must be served. `known` is the cost of a
    plan found before (inf: none), `best` the bound that the given prices are known to prove (-inf: none yet).
    """
    columns, points, rows = own.size, people.size, side_limit.size
    reduced, picked, found = np.empty(columns), np.zeros(columns, np.bool_), np.zeros(columns, np.bool_)
    best_price, best_toll = price.copy(), toll.copy()
    slope, side_slope = np.empty(points), np.empty(rows)
    cheapest, waiting = known, 0
    for _ in range(rounds):
        reduced_costs(start, site, cost, price, own, side_start, side_column, side_factor, toll, reduced)
        bound = constant + pick(reduced, group, must, counted, low, high, least, most, picked)
        for row in range(rows):
            bound -= toll[row] * side_limit[row]
        steep = 0.0
        for point in range(points):
            if start[point + 1] == start[point]:
                slope[point] = 0.0
                continue
            served = 0.0
            for entry in range(start[point], start[point + 1]):
                if cost[entry] >= price[point]:
                    break
                if picked[site[entry]]:
                    served += 1.0
            bound += price[point]
            if price[point] > unserved_cost[point]:
                bound += unserved_cost[point] - price[point]
                served += 1.0
            slope[point] = 1.0 - served
            steep += slope[point] * slope[point]
        holds = True
        for row in range(rows):
            used = -side_limit[row]
            for entry in range(side_start[row], side_start[row + 1]):
                if picked[side_column[entry]]:
                    used += side_factor[entry]
            holds = holds and used <= 1e-9
            side_slope[row] = used if (used > 0.0 or toll[row] > 0.0) else 0.0
            steep += side_slope[row] * side_slope[row] * toll_scale
        if holds:
            total = assigned(start, site, cost, picked, people, left_out)
            for column in range(columns):
                if picked[column]:
                    total += own[column]
            if total < cheapest - 1e-12:
                cheapest = total
                found[:] = picked
        if bound > best + 1e-9 * max(1.0, abs(best)) if best > -np.inf else True:
            best, waiting = bound, 0
            best_price[:] = price
            best_toll[:] = toll
        else:
            waiting += 1
            if waiting >= PATIENCE:
                factor, waiting = factor * 0.6, 0
                price[:] = best_price
                toll[:] = best_toll
                continue
        if steep == 0.0 or cheapest - best <= close or factor < SMALLEST_STEP:
            break
        target = cheapest if cheapest < np.inf else best + 0.05 * abs(best) + 1.0
        step = factor * max(target - bound, 1e-6 * max(1.0, abs(best))) / steep
        for point in range(points):
            price[point] = max(price[point] + step * slope[point], 0.0)
        for row in range(rows):
            toll[row] = max(toll[row] + step * side_slope[row] * toll_scale, 0.0)
    return best, cheapest, found, picked, best_price, best_toll, factor


@njit(nogil=True, cache=True)
def exchange(start, site, cost, by_site_start, by_site_point, by_site_cost, people, left_out, own, group, low, high, picked,
             side_start, side_row, side_factor, side_used, side_limit, rounds):
    """Swap one picked site for another of its group (or, without groups, for any) as long as the cost falls; the cost.

    Best swap of each entering site by Whitaker's bookkeeping: what each leaving site would cost is kept per site. Changes `picked`
    and `side_used` in place. `side_*` are the rules' rows by column; no swap may break them.
    """
    columns, points = own.size, people.size
    near, second = np.empty(points), np.empty(points)
    who = np.empty(points, np.int64)
    loss, relief = np.empty(columns), np.zeros(columns)
    # a point without a venue counts as this; whether any is left out is judged at the end
    far = 4.0 * (np.max(cost) if cost.size else 0.0) + 1.0
    holder = np.full(max(np.max(group) + 1, 1), -1, np.int64)
    alone = np.empty(columns, np.int64)
    for _ in range(rounds):
        loss[:] = 0.0
        holder[:] = -1
        single = 0
        for column in range(columns):
            if picked[column] and low[column] < 0.5:
                if group[column] >= 0:
                    holder[group[column]] = column
                else:
                    alone[single] = column
                    single += 1
        for point in range(points):
            near[point], second[point], who[point] = far, far, -1
            for entry in range(start[point], start[point + 1]):
                if picked[site[entry]]:
                    if who[point] < 0:
                        near[point], who[point] = cost[entry], site[entry]
                    else:
                        second[point] = cost[entry]
                        break
            if who[point] >= 0:
                loss[who[point]] += second[point] - near[point]
        best, enters, leaves = -1e-9 * far, -1, -1
        for column in range(columns):
            if picked[column] or high[column] < 0.5 or by_site_start[column + 1] == by_site_start[column]:
                continue
            if group[column] >= 0 and holder[group[column]] < 0:
                continue
            gain = 0.0
            for entry in range(by_site_start[column], by_site_start[column + 1]):
                point, new = by_site_point[entry], by_site_cost[entry]
                if new < near[point]:
                    gain += near[point] - new
                    if who[point] >= 0:
                        relief[who[point]] += second[point] - near[point]
                elif new < second[point]:
                    relief[who[point]] += second[point] - new
            for place in range(1 if group[column] >= 0 else single):
                other = holder[group[column]] if group[column] >= 0 else alone[place]
                change = loss[other] - relief[other] - gain + own[column] - own[other]
                if change < best and _fits(column, other, side_start, side_row, side_factor, side_used, side_limit):
                    best, enters, leaves = change, column, other
            for entry in range(by_site_start[column], by_site_start[column + 1]):
                if who[by_site_point[entry]] >= 0:
                    relief[who[by_site_point[entry]]] = 0.0
        if enters < 0:
            break
        picked[enters], picked[leaves] = True, False
        for entry in range(side_start[enters], side_start[enters + 1]):
            side_used[side_row[entry]] += side_factor[entry]
        for entry in range(side_start[leaves], side_start[leaves + 1]):
            side_used[side_row[entry]] -= side_factor[entry]
    total = assigned(start, site, cost, picked, people, left_out)
    for column in range(columns):
        if picked[column]:
            total += own[column]
    return total


@njit(nogil=True, cache=True)
def _fits(enters, leaves, side_start, side_row, side_factor, side_used, side_limit):
    """Whether a swap keeps every rule's row."""
    for entry in range(side_start[enters], side_start[enters + 1]):
        row = side_row[entry]
        change = side_factor[entry]
        for other in range(side_start[leaves], side_start[leaves + 1]):
            if side_row[other] == row:
                change -= side_factor[other]
        if side_used[row] + change > side_limit[row] + 1e-9:
            return False
    for entry in range(side_start[leaves], side_start[leaves + 1]):
        if side_factor[entry] < 0.0:
            row = side_row[entry]
            change = -side_factor[entry]
            for other in range(side_start[enters], side_start[enters + 1]):
                if side_row[other] == row:
                    change += side_factor[other]
            if side_used[row] + change > side_limit[row] + 1e-9:
                return False
    return True
