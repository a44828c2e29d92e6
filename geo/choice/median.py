"""What people's walks add up to, made as small as can be under rules: bound, search, sites and walks ruled out, HiGHS on the rest.

The p-median problem, maximal covering, both weighted against each other or against what sites cost, and any of them while others
keep a value: each is a sum that never falls as a walk grows longer, and is solved the same way.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from geo.choice.exchange import Order, merit_of, plan_of
from geo.choice.formulate import Formulation
from geo.choice.instance import Times
from geo.choice.lagrangian import SMALLEST_STEP, climb, pick, reduced_costs, rises
from geo.choice.program import FEASIBLE, Answer, Clock, Expression, Program
from geo.choice.relaxed import Arrays, Relaxed, relax
from geo.choice.search import explore
from geo.choice.terms import Held, Spent, rows_of_walks

ROUNDS = 1500
"""Most rounds of the bound; it stops earlier where it no longer rises."""

ROUNDS_AT_ONCE = 50
"""Rounds between two looks at what exchanges of sites make of the plan."""

SEARCH_AT = (1, 4, 8, 16)
"""Looks at which exchanges are made from the plan of the bound too."""

LINEAR = 1_000_000
"""Most pairs of a linear programme that prices are taken from."""

SMALL = 12_000
"""Pairs up to which the solver is quick by itself: a short bound and search will do before it."""

LARGE = 150_000
"""Pairs from which on the solver overruns its time."""

KICKS, IDLE = 100, 6
"""Kicks of the search between two looks at the clock, and how many such looks without a better plan end it."""

CLIMB, SEARCH = 0.25, 0.4
"""Shares of the time that the first bound and the search may take at most."""

TRIES, WIDE = (0.05, 0.2), 0.003
"""Shares of the distance between bound and best plan within which a better plan is sought first, where that distance is over a
share `WIDE` of the best."""


@dataclass(frozen=True)
class Narrowed:
    """What a stage has ruled out for those after it: bounds of the columns, and the walks that may still be used."""

    low: np.ndarray
    high: np.ndarray
    times: Times


@dataclass
class State:
    """Where the solution stands: bound, best plan with its cost, and the prices, tolls and levies of the bound."""

    price: np.ndarray
    toll: np.ndarray
    levy: np.ndarray
    bound: float = -np.inf
    best: float = np.inf
    values: np.ndarray | None = None
    raised: float = -np.inf
    """The bound as raised by the solver; `bound` is the one that prices, tolls and levies prove."""

    def take(self, cost: float, values: np.ndarray) -> None:
        """Keep a plan if it is better."""
        if cost < self.best:
            self.best, self.values = cost, values


class Sum:
    """One sum over walks to be made small; what was found and ruled out stays with it for the stages after."""

    def __init__(self, program: Program, form: Formulation, *, spent: Spent, own: Expression, left_out: float,
                 held: tuple[Held, ...] = (), within: Times | None = None, start: np.ndarray | None = None,
                 near_only: bool = False) -> None:
        self.program, self.form, self.own, self.within, self.near_only = program, form, own, within, near_only
        self.problem = relax(program, form, spent=spent, own=own, left_out=left_out, held=held, within=within, near_only=near_only)
        self.whole = self.problem
        self.whole_state: State | None = None
        a = self.problem.arrays
        self.state = State(_first_prices(self.problem), np.zeros(len(a.side_limit)), np.zeros(len(held)))
        if start is not None:
            self.state.take(self.problem.cost(start), start)
        self.all_whole = bool(np.concatenate(program.integer).all())
        self.kicked = 0
        self._order()

    def _order(self) -> None:
        self.order = Order(*self.problem.by_site, *self.problem.by_column, *self.problem.mates)

    def least(self, clock: Clock) -> Answer:
        """The plan with the least sum, proven unless time runs out.

        First a bound with plans found on the way. A site, or a walk of a point, whose use would raise the bound above the best plan
        is in no better plan and is left out; bound and search go on with what is left, and HiGHS settles it. The bound holds for
        the whole problem, since nothing that was left out can be better than the best plan.

        Returns
        -------
        Answer
            Objective and bound include what sites cost; values of the programme's own columns.
        """
        self._priced(Clock(CLIMB * clock.left_s))
        if not self._climbed(Clock(CLIMB * clock.left_s), clock):
            return Answer("infeasible", None, np.inf, np.inf)
        self._shrink()
        searching, idle, room = Clock(SEARCH * clock.left_s), 0, self.state.best - self.state.bound
        small = len(self.problem.times.site) <= SMALL
        while not self._done() and idle < (1 if small else IDLE) and searching.spent_s < searching.limit_s:
            before = self.state.best
            self.search(None, KICKS // 4 if small else KICKS, strength=idle)
            idle = 0 if self.state.best < before else idle + 1
            if self.state.best - self.state.bound < 0.7 * room:
                self._shrink()
                room = self.state.best - self.state.bound
        if not self._done() and not small:
            self._climbed(Clock(0.1 * clock.left_s), clock)
            self._shrink()
        if not self._done():
            self._settle(clock)
        return self._answer()

    def narrowed(self, at_most: float) -> Narrowed:
        """What a plan may use whose sum is at most a value (as in the answer)."""
        state = self.whole_state or self.state
        room = at_most - self.own.constant - state.bound
        low, high, keep = _left_over(self.whole, state, room + FEASIBLE * max(1.0, abs(at_most)))
        if self.near_only:
            return Narrowed(low, high, self.form.reach.times)
        if not self.whole.trimmed:
            return Narrowed(low, high, self.whole.times.only(keep))
        times = self.form.reach.times if self.within is None else self.within
        limits = [limit for part in (self.whole.spent, *(one.spent for one in self.whole.held)) for limit, _ in part.beyond]
        # a point that cannot be left beyond the last limit does not use walks over it
        a = self.whole.arrays
        alone = a.left_cost + state.levy @ a.extra_unserved
        needed = (np.diff(a.start) > 0) & (alone - state.price > room + FEASIBLE * max(1.0, abs(at_most)))
        return Narrowed(low, high, times.only(~(needed[times.point] & (times.minutes > max(limits)))) if limits else times)

    def _done(self) -> bool:
        return max(self.state.bound, self.state.raised) > self.state.best - self.problem.step

    def _answer(self) -> Answer:
        state, constant = self.state, self.own.constant
        bound = max(state.bound, state.raised)
        if self.problem.step > 0.5 and np.isfinite(bound):
            # all sums are whole numbers, so none lies below the next one
            bound = np.ceil(bound - 1e-5)
        if state.values is None:
            return Answer("time_limit", None, np.inf, bound + constant)
        if self._done():
            return Answer("optimal", state.values, state.best + constant, state.best + constant)
        return Answer("time_limit", state.values, state.best + constant, bound + constant)

    def _priced(self, clock: Clock) -> None:
        """Prices from the linear programme where people are only counted: it is small then, and subgradients do badly."""
        a, problem, state = self.problem.arrays, self.problem, self.state
        if self.near_only:
            self._priced_near(clock)
            return
        if not problem.trimmed or len(problem.spent.beyond) != 1 or problem.held or not 0 < len(a.site) <= LINEAR:
            return
        work = self.program.copy()
        work.set_bounds(a.low, a.high)
        first = work.rows
        rows = rows_of_walks(work, self.form, (problem.spent,), left_out=a.left_out, within=problem.times)
        walk = rows.expression(problem.spent, self.form.instance.people)
        cost = walk.dense(work.columns) + np.pad(a.own, (0, work.columns - len(a.own)))
        price = work.solve(cost, time_limit_s=clock.left_s, relaxed=True).row_price
        if price is not None:
            state.price[rows.point] = np.maximum(price[first:], 0.0)
            self._toll(price)

    def _priced_near(self, clock: Clock) -> None:
        """The same where everybody must have a venue within a walk: of the rules' own rows, one a point."""
        a = self.problem.arrays
        if not 0 < len(a.site) <= LINEAR:
            return
        work = self.program.copy()
        work.set_bounds(a.low, a.high)
        price = work.solve(a.own, time_limit_s=clock.left_s, relaxed=True).row_price
        names = np.array([rule.rule for rule in work.rules] + [""], dtype=object)
        served = np.flatnonzero(names[work.row_rules()[0]] == "cover_all")
        points = np.flatnonzero(np.diff(a.start) > 0)
        if price is not None and len(served) == len(points):
            self.state.price[points] = np.maximum(price[served], 0.0)
            self._toll(price)

    def _toll(self, price: np.ndarray) -> None:
        """Tolls from what one unit more of each row of the programme costs."""
        scale = np.where(self.problem.side_scale == 0, 1.0, self.problem.side_scale)
        self.state.toll[:] = np.maximum(-price[self.problem.side_row] / scale, 0.0)

    def _climbed(self, limit: Clock, clock: Clock) -> bool:
        """The bound raised, and the best plan met on the way; False where the solver finds that no plan keeps the rules."""
        a, state = self.problem.arrays, self.state
        toll_scale, levy_scale = _scales(self.problem, state)
        factor = 2.0 if self.problem is self.whole else 0.5
        rounds = ROUNDS // 10 if len(self.problem.times.site) <= SMALL else ROUNDS
        for turn in range(rounds // ROUNDS_AT_ONCE):
            state.bound, best, found, last, state.price, state.toll, state.levy, factor = climb(
                a, state.price, state.toll, state.levy, toll_scale, levy_scale, ROUNDS_AT_ONCE, self.problem.step, state.best,
                state.bound, factor)
            if best < state.best and keeps(self.program, found.astype(float)):
                state.take(best, found.astype(float))
            if state.values is None and not self._any_plan(clock):
                return False
            if turn in SEARCH_AT:
                self.search(last, 0)
            if self._done() or limit.spent_s > limit.limit_s or factor < SMALLEST_STEP:
                break
        return True

    def _shrink(self) -> None:
        """Leave out what no better plan uses."""
        state = self.state
        if not np.isfinite(state.best) or self._done():
            return
        if self.whole_state is None:
            self.whole_state = dataclasses.replace(state, price=state.price.copy(), toll=state.toll.copy(), levy=state.levy.copy())
        self.problem = self.problem.narrowed(*_left_over(self.problem, state, state.best - state.bound))
        self._order()

    def _any_plan(self, clock: Clock) -> bool:
        """A plan where there is none yet: the rules' own optimum at the present prices. False: no plan keeps the rules."""
        a, state = self.problem.arrays, self.state
        reduced = np.empty(len(a.own))
        reduced_costs(a, state.price, np.zeros_like(state.toll), state.levy, reduced)
        answer = self.program.solve(reduced, time_limit_s=clock.left_s)
        if answer.values is not None:
            values = np.where(np.concatenate(self.program.integer), np.rint(answer.values), answer.values)
            state.take(self.problem.cost(values), values)
        return answer.status != "infeasible"

    def search(self, plan: np.ndarray | None, kicks: int, *, strength: int = 0) -> None:
        """Better plans by exchange of sites, from the best one and from another that keeps the rules, after `kicks` kicks each."""
        a, state = self.problem.arrays, self.state
        if not self.all_whole or not len(a.site):
            return
        starts = [] if state.values is None else [state.values > 0.5]
        if plan is not None and keeps(self.program, plan.astype(float)):
            starts.append(plan)
        soft = a.own + self.problem.side.T @ state.toll
        for begin in starts:
            for weight in _weights(self.problem, state):
                pair = a.cost + weight @ a.extra
                self.kicked += 1
                merit = merit_of(self.order, a.own, pair=pair, far=_far(a, pair, weight), soft=soft)
                found, cost = explore(a, self.order, merit, plan_of(a, begin), kicks, strength, self.kicked)
                if cost < state.best and keeps(self.program, found.astype(float)):
                    state.take(float(cost), found.astype(float))

    def _settle(self, clock: Clock) -> None:
        """HiGHS on what the bound has not ruled out, first for plans close to the bound only.

        Every plan within `room` of the bound is in the reduced problem, so the best of it is the best of all if it is that good,
        and the bound rises by `room` if it is not.
        """
        state, step = self.state, self.problem.step
        far = not np.isfinite(state.best) or state.best - state.bound > WIDE * abs(state.best)
        wide = far and len(self.problem.times.site) > SMALL
        for share in ((*TRIES, 1.0) if wide else (1.0,)):
            room = share * (state.best - state.bound) if np.isfinite(state.best) else np.inf
            if room < step:
                continue
            bound, floor = state.bound, state.bound + room
            answer = self._reduced(room, clock if share == 1.0 else Clock(0.4 * clock.left_s))
            if answer.values is not None:
                state.take(self.problem.cost(answer.values), answer.values)
            if answer.status == "infeasible" and not np.isfinite(state.best):
                return
            state.raised = max(state.raised, bound, min(floor, answer.bound - self.own.constant))
            if answer.status != "time_limit" and (state.best <= floor + step or share == 1.0):
                state.raised = state.best
            if self._done() or clock.left_s < 0.05 or not np.isfinite(state.best):
                break

    def _reduced(self, room: float, clock: Clock) -> Answer:
        """The best plan within `room` of the bound, by HiGHS; infeasible where there is none."""
        a, state, problem = self.problem.arrays, self.state, self.problem
        low, high, keep = _left_over(problem, state, room)
        walks = problem.times.only(keep)
        left = a.left_out
        if np.isfinite(left):
            emptied = float(a.people[(np.diff(a.start) > 0) & (np.diff(walks.start) == 0)].sum())
            if emptied > left + FEASIBLE * max(1.0, left):
                return Answer("infeasible", None, np.inf, np.inf)
            left = left - emptied if left - emptied > FEASIBLE * max(1.0, left) else 0.0
        work = self.program.copy()
        work.set_bounds(low, high)
        sums = (problem.spent, *(one.spent for one in problem.held))
        rows = rows_of_walks(work, self.form, sums, left_out=left, within=walks)
        people = self.form.instance.people
        for one in problem.held:
            work.limit(rows.expression(one.spent, people), at_most=one.at_most)
        walk = rows.expression(problem.spent, people)
        cost = walk.dense(work.columns) + np.pad(a.own, (0, work.columns - len(a.own)))
        # the solver looks at its clock between steps only, and those of a large programme are long
        limit_s = clock.left_s * (1.0 if len(walks.site) <= SMALL else 0.85 if len(walks.site) <= LARGE else 0.7)
        answer = work.solve(cost, constant=walk.constant + self.own.constant, time_limit_s=limit_s, start=state.values,
                            plain=state.best - state.bound < WIDE * abs(state.best))
        if answer.values is None:
            return answer
        values = answer.values[:self.program.columns]
        return Answer(answer.status, np.where(np.concatenate(self.program.integer), np.rint(values), values), answer.objective,
                      answer.bound)


def keeps(program: Program, values: np.ndarray) -> bool:
    """Whether a plan keeps every row; the relaxation cannot tell where its own limits contradict each other."""
    (lower, upper), used = program.row_bounds(), program.matrix() @ values
    slack = FEASIBLE * np.maximum(1.0, np.abs(used))
    return bool(((used >= lower - slack) & (used <= upper + slack)).all())


def _first_prices(problem: Relaxed) -> np.ndarray:
    """Prices to start from: for each point the cost of its second cheapest site."""
    start, cost = problem.times.start, problem.arrays.cost
    return np.where(np.diff(start) > 0, np.append(cost, 0.0)[second_pairs(start)], 0.0)


def second_pairs(start: np.ndarray) -> np.ndarray:
    """Place of each point's second cheapest pair (the first where there is one only)."""
    return np.minimum(start[:-1] + 1, np.maximum(start[1:] - 1, start[:-1]))


def _scales(problem: Relaxed, state: State) -> tuple[float, np.ndarray]:
    """Lengths of the steps of tolls and levies beside those of prices.

    A toll is worth about what all prices are per venue; a levy about what all prices are per unit of the sum it is on.
    """
    a = problem.arrays
    picks = max(int(a.must.sum()), int(a.district_least.sum()), a.least, 1)
    toll = (float(state.price.sum()) / picks) ** 2 / max(float((state.price**2).sum()) / max(len(state.price), 1), 1e-12)
    if not len(a.extra_limit):
        return toll, np.zeros(0)
    second = second_pairs(a.start)
    some = np.diff(a.start) > 0
    held = np.array([np.maximum(np.where(some, np.append(row, 0.0)[second], 0.0), left).sum()
                     for row, left in zip(a.extra, a.extra_unserved, strict=True)])
    return toll, (len(a.people) / np.maximum(held, 1e-12)) ** 2


def _weights(problem: Relaxed, state: State) -> list[np.ndarray]:
    """How the search counts the sums that are held: so much that they never give way, and as the bound does."""
    a = problem.arrays
    if not len(a.extra_limit):
        return [np.zeros(0)]
    cost = max(float(a.cost.max(initial=0.0)), float(np.abs(a.own).max(initial=0.0)), 1e-9)
    largest = np.maximum(np.maximum(a.extra.max(axis=1, initial=0.0), a.extra_unserved.max(axis=1, initial=0.0)), 1e-12)
    return [1e4 * cost / largest, 1.5 * state.levy]


def _far(a: Arrays, merit: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What the search counts for a point that no open site serves: never less than for its dearest site."""
    must = 1000.0 * float(merit.max(initial=0.0)) + 1.0
    left = a.left_cost + weight @ a.extra_unserved
    if 0 < a.left_out < np.inf:
        left = left + 10.0 * a.unserved
    far = np.where(np.isfinite(a.unserved) & np.isfinite(left), left, must)
    some = np.diff(a.start) > 0
    far[some] = np.maximum(far[some], merit[a.start[1:][some] - 1])
    return far


def _left_over(problem: Relaxed, state: State, room: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bounds of the columns, and which walks, that a plan within `room` of the bound may use."""
    a, times = problem.arrays, problem.times
    if not np.isfinite(room):
        return a.low, a.high, np.ones(len(a.site), dtype=bool)
    room += 1e-9 * max(1.0, abs(state.best) if np.isfinite(state.best) else abs(state.bound))
    reduced, picked = np.empty(len(a.own)), np.zeros(len(a.own), dtype=bool)
    reduced_costs(a, state.price, state.toll, state.levy, reduced)
    pick(a, reduced, picked)
    enter, leave = np.empty(len(reduced)), np.empty(len(reduced))
    rises(a, reduced, picked, enter, leave)
    free = (a.high > 0.5) & (a.low < 0.5) & (a.counted | (a.group >= 0))
    low, high = np.where(free & picked & (leave > room), 1.0, a.low), np.where(free & ~picked & (enter > room), 0.0, a.high)
    # sending a point to a site dearer than its price raises the bound by the difference at least
    paid = a.cost + state.levy @ a.extra
    keep = (paid <= state.price[times.point] + room) & (high[times.site] > 0.5)
    return low, high, keep
