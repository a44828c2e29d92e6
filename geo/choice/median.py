"""The p-median problem under rules, to its proven optimum: Lagrangian bound, sites and walks ruled out by it, HiGHS on the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from geo.choice.formulate import Formulation
from geo.choice.instance import Times
from geo.choice.lagrangian import SMALLEST_STEP, assigned, climb, exchange, pick, reduced_costs
from geo.choice.program import Answer, Clock, Expression, Program
from geo.choice.terms import reach, walk_expression

ROUNDS = 1500
"""Most rounds of the bound; it stops earlier where it no longer rises."""

ROUNDS_AT_ONCE = 50
"""Rounds between two looks at what swaps of sites make of the plan."""

SWAPS, SWAPS_EVERY = 100, 3
"""Most swaps in a row, and after how many such looks they are tried."""

TRY, WIDE = 0.2, 0.003
"""Share of the distance between bound and best plan within which a better plan is sought first, where that distance is over a
share `WIDE` of the best."""


@dataclass(frozen=True)
class _Relaxed:
    """The problem as the relaxation sees it: pairs by point, columns with their groups, the other rules as rows ``<= limit``."""

    times: Times
    cost: np.ndarray
    people: np.ndarray
    unserved_cost: np.ndarray
    left_out: float
    own: np.ndarray
    group: np.ndarray
    must: np.ndarray
    counted: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least: int
    most: int
    side: sparse.csr_array
    limit: np.ndarray
    constant: float

    @cached_property
    def by_site(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs by column: where each begins, points, costs."""
        order = np.argsort(self.times.site, kind="stable")
        begin = np.searchsorted(self.times.site[order], np.arange(len(self.own) + 1)).astype(np.int64)
        return begin, self.times.point[order], self.cost[order]

    @cached_property
    def by_column(self) -> sparse.csc_array:
        """The rules' rows by column."""
        return sparse.csc_array(self.side)


def least_walk(program: Program, form: Formulation, *, own: Expression, weight: float, left_out: float, clock: Clock) -> Answer:
    """Minimise ``weight * person-minutes + own`` over a programme without capacities; proven unless time runs out.

    First a Lagrangian bound with plans found on the way. A site, or a walk of a point, whose use would raise the bound above the
    best plan is in no better plan and is left out; HiGHS settles what remains. The answer's values are those of the programme's own
    columns; its bound holds for the whole problem, since nothing that was left out can be better than the best plan.

    Parameters
    ----------
    program : Program
        Rules over the sites and further columns of earlier stages; not changed.
    form : Formulation
    own : Expression
        What is minimised besides the walk (costs of sites), already in the same unit; its constant is added.
    weight : float
        Of one person-minute, over 0.
    left_out : float
        People who could walk to some site and yet cannot be served, the fewest possible.
    clock : Clock

    Returns
    -------
    Answer
        Objective and bound include `own` and the weight.
    """
    problem = _relaxed(program, form, own, weight, left_out)
    state = _climbed(problem, program, clock)
    if state is None:
        return Answer("infeasible", None, np.inf, np.inf)
    if state.values is not None and state.bound > state.best - _step(problem):
        return Answer("optimal", state.values, state.best + own.constant, state.best + own.constant)
    return _settled(problem, state, program, form, own, weight, clock)


def _relaxed(program: Program, form: Formulation, own: Expression, weight: float, left_out: float) -> _Relaxed:
    times, sites = reach(form).times, len(form.instance.sites)
    low, high = program.bounds()
    low, high = low.copy(), high.copy()
    low[np.flatnonzero(form.open)] = 1.0
    group = np.full(program.columns, -1)
    must = np.zeros(len(form.instance.villages), dtype=bool)
    counted = np.zeros(program.columns, dtype=bool)
    counted[:sites] = form.counted
    if form.rules.per_village != "free":
        group[:sites] = np.where(form.counted, form.instance.site_village, -1)
        inside = form.sure[(form.sure >= 0) & (form.sure < len(must))]
        must[inside] = True
        # a village with a host needs one of its own sites or its place at the host's
        _, guest, column = form.shares
        group[column] = guest
        must[guest] = True
    else:
        must = np.zeros(1, dtype=bool)
    people = np.where(np.diff(times.start) > 0, form.instance.people, 0.0)
    cost = weight * people[times.point] * times.minutes
    longest = float(times.minutes.max(initial=0.0))
    certain = reach(form).certain | (left_out <= 0)
    unserved = np.where(certain, np.inf, weight * people * longest)
    side, limit = _side_rows(program, group)
    rules = form.rules
    return _Relaxed(
        times, cost, people, unserved, left_out, own.dense(program.columns), group, must, counted, low, high,
        int(np.ceil(rules.count_min or 0)), sites if rules.count_max is None else int(rules.count_max), side, limit,
        -weight * longest * left_out,
    )


def _side_rows(program: Program, group: np.ndarray) -> tuple[sparse.csr_array, np.ndarray]:
    """Rows the relaxation does not keep by itself, each as ``row <= limit`` and scaled to a largest factor of 1."""
    matrix, (lower, upper) = program.matrix(), program.row_bounds()
    below, above = program.row_rules()
    names = np.array([rule.rule for rule in program.rules] + [""], dtype=object)
    entries = np.diff(matrix.indptr)
    sites_only = np.ones(program.rows, dtype=bool)
    row_of = np.repeat(np.arange(program.rows), entries)
    np.logical_and.at(sites_only, row_of, group[matrix.indices] >= 0)
    single = entries == 1
    kept_above = (np.isin(names[above], ("count_min", "count_max")) | ((names[above] == "only_one") & sites_only))
    kept_below = (np.isin(names[below], ("count_min", "count_max", "fixed", "existing_kept")) & (single | ~np.isin(
        names[below], ("fixed", "existing_kept")))) | (np.isin(names[below], ("each_village", "upgrade")) & sites_only)
    parts = [(matrix[np.isfinite(upper) & ~kept_above], upper[np.isfinite(upper) & ~kept_above]),
             (-matrix[np.isfinite(lower) & ~kept_below], -lower[np.isfinite(lower) & ~kept_below])]
    side = sparse.vstack([rows for rows, _ in parts]).tocsr()
    limit = np.concatenate([bound for _, bound in parts])
    if not len(limit):
        return sparse.csr_array(side), limit
    largest = np.maximum.reduceat(np.append(np.abs(side.data), 0.0), side.indptr[:-1])
    scale = 1.0 / np.where((largest > 0) & (np.diff(side.indptr) > 0), largest, 1.0)
    return sparse.csr_array(sparse.diags_array(scale) @ side), limit * scale


@dataclass
class _State:
    """Where the relaxation stands: bound, best plan with its cost, and the prices and tolls of the bound."""

    price: np.ndarray
    toll: np.ndarray
    bound: float = -np.inf
    best: float = np.inf
    values: np.ndarray | None = None
    raised: float = -np.inf
    """The bound as raised by the solver; `bound` is the one that `price` and `toll` prove."""


def _step(problem: _Relaxed) -> float:
    """What a better plan must at least save: a unit (less rounding) where all costs are whole numbers, else next to nothing."""
    whole = np.array_equal(problem.cost, np.rint(problem.cost)) and np.array_equal(problem.own, np.rint(problem.own))
    return 1.0 - 1e-5 if whole else 1e-9 * max(1.0, float(problem.cost.max(initial=0.0)))


def _climbed(problem: _Relaxed, program: Program, clock: Clock) -> _State | None:
    """The bound raised, and the best plan met on the way; None where the solver finds that no plan keeps the rules."""
    times, side = problem.times, problem.side
    state = _State(_first_prices(problem), np.zeros(len(problem.limit)))
    picks = max(int(problem.must.sum()), problem.least, 1)
    # a toll is worth about what all prices are per venue: its steps are scaled accordingly
    toll_scale = (float(state.price.sum()) / picks) ** 2 / max(float((state.price**2).sum()) / max(len(state.price), 1), 1e-12)
    factor, rows = 2.0, (side.indptr.astype(np.int64), side.indices.astype(np.int64), side.data)
    fixed = (times.start, times.site, problem.cost, problem.people, problem.unserved_cost, problem.left_out, problem.own,
             problem.group, problem.must, problem.counted, problem.low, problem.high, problem.least, problem.most,
             *rows, problem.limit, problem.constant)
    for turn in range(ROUNDS // ROUNDS_AT_ONCE):
        state.bound, best, found, last, state.price, state.toll, factor = climb(
            *fixed, state.price, state.toll, toll_scale, ROUNDS_AT_ONCE, _step(problem), state.best, state.bound, factor)
        if best < state.best and _keeps(program, found.astype(float)):
            state.best, state.values = best, found.astype(float)
        if state.values is None and not _any_plan(problem, state, program, clock):
            return None
        if turn % SWAPS_EVERY == SWAPS_EVERY - 1:
            _swap(problem, state, program, last)
        if state.bound > state.best - _step(problem) or clock.spent_s > 0.3 * clock.limit_s or factor < SMALLEST_STEP:
            break
    return state


def _first_prices(problem: _Relaxed) -> np.ndarray:
    """Prices to start from: for each point the cost of its second cheapest site."""
    start = problem.times.start
    second = np.minimum(start[:-1] + 1, np.maximum(start[1:] - 1, start[:-1]))
    return np.where(np.diff(start) > 0, np.append(problem.cost, 0.0)[second], 0.0)


def _any_plan(problem: _Relaxed, state: _State, program: Program, clock: Clock) -> bool:
    """A plan where there is none yet: the rules' own optimum at the present prices. False: no plan keeps the rules."""
    times, side = problem.times, problem.side
    reduced = np.empty(program.columns)
    reduced_costs(times.start, times.site, problem.cost, state.price, problem.own, side.indptr.astype(np.int64),
                  side.indices.astype(np.int64), side.data, np.zeros(len(problem.limit)), reduced)
    answer = program.solve(reduced, time_limit_s=clock.left_s)
    if answer.values is not None:
        values = np.where(np.concatenate(program.integer), np.rint(answer.values), answer.values)
        best = _cost(problem, values)
        if best < state.best:
            state.best, state.values = best, values
    return answer.status != "infeasible"


def _keeps(program: Program, values: np.ndarray) -> bool:
    """Whether a plan keeps every row; the relaxation cannot tell where its own limits contradict each other."""
    (lower, upper), used = program.row_bounds(), program.matrix() @ values
    slack = 1e-7 * np.maximum(1.0, np.abs(used))
    return bool(((used >= lower - slack) & (used <= upper + slack)).all())


def _cost(problem: _Relaxed, values: np.ndarray) -> float:
    picked = values > 0.5
    walk = assigned(problem.times.start, problem.times.site, problem.cost, picked, problem.people, problem.left_out)
    return float(walk + problem.own @ values)


def _swap(problem: _Relaxed, state: _State, program: Program, plan: np.ndarray) -> None:
    """A plan with swaps of sites made as long as they save; only where all columns are sites, since others would have to follow."""
    if not np.concatenate(program.integer).all() or (problem.group[~problem.counted] >= 0).any() or not len(problem.times.site):
        return
    times, side = problem.times, problem.by_column
    picked = plan.copy()
    exchange(
        times.start, times.site, problem.cost, *problem.by_site, problem.people, problem.left_out, problem.own, problem.group,
        problem.low, problem.high, picked, side.indptr.astype(np.int64), side.indices.astype(np.int64), side.data,
        problem.side @ picked.astype(float), problem.limit, SWAPS,
    )
    values = picked.astype(float)
    best = _cost(problem, values)
    if best < state.best and _keeps(program, values):
        state.best, state.values = best, values


def _settled(problem: _Relaxed, state: _State, program: Program, form: Formulation, own: Expression, weight: float,
             clock: Clock) -> Answer:
    """HiGHS on what the bound has not ruled out, first for plans close to the bound only.

    Every plan within `room` of the bound is in the reduced problem, so the best of it is the best of all if it is that good, and
    the bound rises by `room` if it is not.
    """
    wide = not np.isfinite(state.best) or state.best - state.bound > WIDE * abs(state.best)
    for share in ((TRY, 1.0) if wide else (1.0,)):
        room = share * (state.best - state.bound) if np.isfinite(state.best) else np.inf
        if room < _step(problem):
            continue
        bound, floor = state.bound, state.bound + room
        answer = _reduced(problem, state, program, form, own, weight, room, clock if share == 1.0 else Clock(0.5 * clock.left_s))
        if answer.values is not None:
            found = _cost(problem, answer.values)
            if found < state.best:
                state.best, state.values = found, answer.values
        if answer.status == "infeasible" and not np.isfinite(state.best):
            return Answer("infeasible", None, np.inf, np.inf)
        state.raised = max(state.raised, bound, min(floor, answer.bound - own.constant))
        if answer.status != "time_limit" and (state.best <= floor + _step(problem) or share == 1.0):
            state.raised = state.best
        if state.raised > state.best - _step(problem) or clock.left_s < 0.05 or not np.isfinite(state.best):
            break
    best, raised = state.best + own.constant, state.raised + own.constant
    if state.raised > state.best - _step(problem):
        return Answer("optimal", state.values, best, best)
    return Answer("time_limit", state.values, best, raised)


def _reduced(problem: _Relaxed, state: _State, program: Program, form: Formulation, own: Expression, weight: float, room: float,
             clock: Clock) -> Answer:
    """The best plan within `room` of the bound, by HiGHS; infeasible where there is none."""
    low, high, walks = _left_over(problem, state, room)
    used = np.diff(problem.times.start) > 0
    emptied = float(problem.people[used & (np.diff(walks.start) == 0)].sum())
    if emptied > problem.left_out + 1e-9 * max(1.0, problem.left_out):
        return Answer("infeasible", None, np.inf, np.inf)
    left = problem.left_out - emptied
    work = program.copy()
    work.set_bounds(low, high)
    walk = walk_expression(work, form, left_out=left if left > 1e-9 * max(1.0, problem.left_out) else 0.0, walks=walks)
    cost = weight * walk.dense(work.columns) + own.dense(work.columns)
    answer = work.solve(cost, constant=weight * walk.constant + own.constant, time_limit_s=clock.left_s, start=state.values,
                        plain=state.best - state.bound < WIDE * abs(state.best))
    if answer.values is None:
        return answer
    values = answer.values[:program.columns]
    return Answer(answer.status, np.where(np.concatenate(program.integer), np.rint(values), values), answer.objective, answer.bound)


def _left_over(problem: _Relaxed, state: _State, room: float) -> tuple[np.ndarray, np.ndarray, Times]:
    """Bounds of the columns, and the walks, that a plan within `room` of the bound may use."""
    if not np.isfinite(room):
        return problem.low, problem.high, problem.times
    room += 1e-9 * max(1.0, abs(state.best))
    times, side = problem.times, problem.side
    reduced = np.empty(len(problem.own))
    reduced_costs(times.start, times.site, problem.cost, state.price, problem.own, side.indptr.astype(np.int64),
                  side.indices.astype(np.int64), side.data, state.toll, reduced)
    picked = np.zeros(len(reduced), dtype=bool)
    pick(reduced, problem.group, problem.must, problem.counted, problem.low, problem.high, problem.least, problem.most, picked)
    enter, leave = _raises(problem, reduced, picked)
    free = (problem.high > 0.5) & (problem.low < 0.5)
    whole = problem.counted | (problem.group >= 0)
    low = np.where(free & whole & picked & (leave > room), 1.0, problem.low)
    high = np.where(free & whole & ~picked & (enter > room), 0.0, problem.high)
    # sending a point to a site dearer than its price raises the bound by the difference at least
    keep = (problem.cost <= state.price[times.point] + room) & (high[times.site] > 0.5)
    return low, high, times.only(keep)


def _raises(problem: _Relaxed, reduced: np.ndarray, picked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By how much the bound rises at least when a column is forced in, or out."""
    free = (problem.high > 0.5) & (problem.low < 0.5)
    group, grouped = problem.group, problem.group >= 0
    groups = len(problem.must)
    settled = np.zeros(groups, dtype=bool)
    settled[group[grouped & (problem.low > 0.5)]] = True
    order = np.lexsort((reduced, group))
    order = order[(grouped & free)[order]]
    first = np.r_[True, np.diff(group[order]) != 0] if len(order) else np.zeros(0, bool)
    best, second = np.full(groups, np.inf), np.full(groups, np.inf)
    best[group[order[first]]] = reduced[order[first]]
    runners = order[np.r_[False, first[:-1]] & ~first] if len(order) else order
    second[group[runners]] = reduced[runners]
    must = np.zeros(len(reduced), dtype=bool)
    must[grouped] = problem.must[group[grouped]]
    held = np.zeros(groups, dtype=bool)
    held[group[grouped & picked]] = True
    optional = free & ~must & (problem.counted | grouped)
    count = int((picked & problem.counted).sum())
    last = float(reduced[optional & picked].max(initial=-np.inf))
    outside = optional & ~picked & ~np.where(grouped, held[group], False)
    following = float(reduced[outside].min(initial=np.inf))
    full, scarce = count >= problem.most, count <= problem.least
    given_up = (last if np.isfinite(last) else -np.inf) if full else max(last, 0.0)
    taken_in = following if scarce else min(0.0, following)
    enter = np.where(grouped & (must | held[group]), reduced - best[group], reduced - given_up)
    leave = np.where(must, second[group] - reduced, np.minimum(np.where(grouped, second[group], np.inf), taken_in) - reduced)
    if (grouped & ~problem.counted).any():
        # such a change alters the number of venues, which may let another site in or out
        spare = (max(-following, 0.0) if full else 0.0) + (max(last, 0.0) if scarce and np.isfinite(last) else 0.0)
        enter, leave = enter - spare, leave - spare
    return np.where(settled[group] & grouped, np.inf, enter), leave
