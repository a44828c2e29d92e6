"""The choice itself: objectives one after the other or as one sum, solved exactly, with bound and gap."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from geo.choice.center import least_longest_walk, longest_walk, nobody_beyond
from geo.choice.conflict import Conflict, find_conflict
from geo.choice.first import first_plan
from geo.choice.flows import flow_visits, has_room, room_for_all, sent_to
from geo.choice.formulate import Formulation, formulate
from geo.choice.instance import Instance, Times
from geo.choice.median import Sum
from geo.choice.plan import Choice, Stage, choice_of, nearest_visits, value_of
from geo.choice.program import FEASIBLE, Answer, Clock, Expression, Program
from geo.choice.reach import TIE_MIN
from geo.choice.rules import Objective, Rules
from geo.choice.terms import (
    Held,
    Spent,
    cover_expression,
    flow_walk,
    longest_column,
    rows_of_walks,
    site_expression,
    spent_of,
)
from geo.choice.warm import compile_kernels
from geo.inputs import GeoError

WITHOUT = 0.4
"""Share of the time in which a plan without capacities is sought before one with them."""

FLOWS_A_SECOND = 40_000
"""Columns of people sent from a point to a site that the solver takes up in a second; with more it keeps no limit of time."""

TELLING = 0.15
"""Share of the time that is kept for telling the plan: the solver looks at its clock between steps only."""

Extra = Callable[[Program, Formulation], None]
"""Adds rows of its own to a programme before it is solved."""


class NoPlanError(GeoError, ValueError):
    """No plan keeps the rules."""


class ContradictionError(NoPlanError):
    """The rules cannot hold together; `conflict` names the smallest set of them that cannot."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        names = ", ".join(f"{rule.rule}({'; '.join(rule.subject)})" if rule.subject else rule.rule for rule in conflict.rules)
        super().__init__(f"these rules cannot hold together: {names}; give up one of them")


class NoPlanInTimeError(GeoError, RuntimeError):
    """No plan was found within the time limit; give it more time."""


def choose(instance: Instance, rules: Rules, *, time_limit_s: float = 30.0, extra: Extra | None = None) -> Choice:
    """One site for every village that needs one (or as the rules say), best by the objectives, with its proof.

    Exact: HiGHS with one thread and a fixed seed, helped by a Lagrangian bound where people's walks are minimised. The same input
    gives the same plan as long as the time limit does not bite; where it does, the best plan found is returned with its gap.

    Parameters
    ----------
    instance : Instance
    rules : Rules
    time_limit_s : float
        For all objectives together.
    extra : callable, optional
        Adds further rows to the programme (`geo.choice.alternatives` does).

    Returns
    -------
    Choice

    Raises
    ------
    RulesError
        When the rules name what is not there, or need a cost or score that is missing.
    ContradictionError
        When the rules cannot hold together; it names the smallest set of them that cannot.
    NoPlanError
        When they can, but not with `extra`.
    NoPlanInTimeError
        When time runs out before any plan is found.

    Notes
    -----
    A proof is about the figures it was given: walks on the mapped roads, people as counted, sites as offered.
    """
    compile_kernels()
    whole, clock = Clock(time_limit_s), Clock((1.0 - TELLING) * time_limit_s)
    form = formulate(instance, rules)
    if extra is not None:
        extra(form.program, form)
    try:
        run = _Run(form, clock, extra)
        run.solve_all()
    except NoPlanError:
        if extra is not None:
            raise
        raise ContradictionError(find_conflict(form, time_limit_s=max(time_limit_s, 10.0))) from None
    return _choice(run, Clock(max(whole.left_s, 0.5 * TELLING * time_limit_s)))


def _stages(rules: Rules) -> list[tuple[Objective, ...]]:
    if rules.combine == "weighted" and len(rules.objectives) > 1:
        return [rules.objectives]
    return [(objective,) for objective in rules.objectives]


@dataclass
class _Run:
    """A solve under way: the programme with what earlier stages settled, the values found, the stages done.

    Without capacities `held` are the sums over walks that earlier stages settled, and `within` the walks that may still be used.
    """

    form: Formulation
    clock: Clock
    extra: Extra | None = None

    def __post_init__(self) -> None:
        self.program = self.form.program.copy()
        self.found: np.ndarray | None = None
        self.done: list[tuple[tuple[Objective, ...], Answer]] = []
        self.held: tuple[Held, ...] = ()
        self.within: Times | None = None
        walked = any(objective.kind in ("walk", "worst_walk") for objective in self.form.rules.objectives)
        self.left_out = 0.0 if walked else np.inf
        self.served_surely = True
        self.without: _Run | None = None
        if self.form.flow is not None and self._without_capacities():
            return
        if walked:
            self._with_a_plan(self._serve_first)

    @property
    def values(self) -> np.ndarray:
        """The values found last."""
        if self.found is None:
            raise NoPlanInTimeError(f"no plan was found in {self.clock.limit_s:g} s; give it more time")
        return self.found

    def _with_a_plan(self, work: Callable[[], None]) -> None:
        """Do something again from a plan made in a moment, where time ran out before any was found."""
        try:
            work()
        except NoPlanInTimeError:
            self.found = self._first(None)
            if self.found is None:
                raise
            work()

    def _first(self, near: np.ndarray | None) -> np.ndarray | None:
        """A plan made in a moment, with capacities and an objective about walks people sent as far as there is room."""
        made = first_plan(self.form, self.program, near=near)
        if made is None or self.form.flow is None or not self.form.walked:
            return made
        sent = sent_to(self.form, self.program, made, time_limit_s=0.3 * self.clock.left_s)
        return made if sent is None else sent

    def _keep(self, answer: Answer, program: Program) -> None:
        """The values of an answer; without any, those of the stage before stand."""
        if answer.status == "infeasible" and self.found is None:
            raise NoPlanError("no plan keeps the rules and what was asked beyond them")
        if answer.values is not None:
            self.found = np.where(np.concatenate(program.integer), np.rint(answer.values), answer.values)
        elif self.found is None:
            raise NoPlanInTimeError(f"no plan was found in {self.clock.limit_s:g} s; give it more time")

    def _serve_first(self) -> None:
        """As many people as can be served at all; only where the rules do not make sure of everybody anyway."""
        here = self.form.reach
        unsure = here.possible & ~here.certain
        people = self.form.instance.people
        if self.form.flow is not None:
            work = self.program.copy()
            served = cover_expression(self.form, limit_min=np.inf)
            least_out = 0.0 if self.without is None else self.without.left_out
            short = np.inf if self.found is None else float(people[here.possible].sum()) - served.at(self.found) - least_out
            if short > FEASIBLE * max(1.0, float(people.sum())):
                answer = self._flows_solved(work, -served.dense(work.columns), 0.0, Clock(self._share()))
                self._keep(answer, work)
                self.served_surely = answer.status == "optimal"
            self.left_out = max(float(people[here.possible].sum()) - served.at(self.values), 0.0)
            work.limit(Expression(served.column, -served.factor, -served.constant), at_most=-served.at(self.values))
            self.program = work
            return
        if not unsure.any():
            return
        everywhere = Spent(beyond=((np.inf, 1.0),))
        nowhere = float(people[~here.possible].sum())
        first = Sum(self.program, self.form, spent=everywhere, own=_sum([]), left_out=np.inf)
        answer = first.least(Clock(self._share()))
        self._keep(answer, self.program)
        self.served_surely = answer.status == "optimal"
        self.left_out = max(answer.objective - nowhere, 0.0)
        if self.left_out <= FEASIBLE * max(1.0, float(people.sum())):
            self.left_out = 0.0
            # everybody can be served: ask so of the sites alone
            times = self.form.times.only(unsure[self.form.times.point])
            points, row = np.unique(times.point, return_inverse=True)
            self.program.add_rows(row, times.site, 1.0, count=len(points), lower=1.0, implied=True)

    def _share(self) -> float:
        """Seconds for one of several stages: part of what is left, so that something is left for the next."""
        return 0.6 * self.clock.left_s

    def solve_all(self) -> None:
        """Every stage that is not done yet."""
        for stage in _stages(self.form.rules)[len(self.done):]:
            self._with_a_plan(partial(self.solve, stage))

    def solve(self, stage: tuple[Objective, ...]) -> None:
        """One stage, and what it settles for the next."""
        last = self._is_last()
        clock = self.clock if last else Clock(self._share())
        kinds = {objective.kind for objective in stage}
        near_only = self._near_only(kinds)
        walks = bool(kinds & {"walk", "cover"}) or bool(self.held) or self.within is not None or 0 < self.left_out < np.inf
        if kinds == {"worst_walk"} and len(stage) == 1:
            self._solve_longest(stage, clock)
        elif self.form.flow is None and (walks or near_only) and "worst_walk" not in kinds:
            self._solve_sum(stage, clock, last=last, near_only=near_only)
        else:
            self._solve_whole(stage, clock)

    def _is_last(self) -> bool:
        return len(self.done) + 1 == len(_stages(self.form.rules))

    def _solve_longest(self, stage: tuple[Objective, ...], clock: Clock) -> None:
        """The shortest longest walk; afterwards further walks are no longer used."""
        work = self._whole_program()
        if self._too_many_flows(clock):
            longest = longest_walk(self.form, self.values)
            answer = self._bounded_without(Answer("time_limit", self.values, longest, 0.0), stage, clock)
        else:
            answer = least_longest_walk(work, self.form, left_out=self.left_out, start=self.found, clock=clock)
        if answer.values is not None:
            columns = self.program.columns
            answer = Answer(answer.status, answer.values[:columns], answer.objective, answer.bound)
        self._keep(answer, self.program)
        at_most = answer.objective * (1 + stage[0].give_up)
        if self.form.flow is None:
            times = self.form.reach.times if self.within is None else self.within
            self.within = times.only(times.minutes <= at_most + TIE_MIN)
            self._settle(stage, answer, self.program)
            return
        program = self.program.copy()
        nobody_beyond(program, self.form, minutes=at_most, left_out=self.left_out)
        self._settle(stage, answer, program)

    def _near_only(self, kinds: set[str]) -> bool:
        """Whether walks matter to a stage only in that everybody must have one within a limit: set covering."""
        settled = bool(self.held) or self.within is not None or np.isfinite(self.left_out)
        return self.form.rules.cover_all_within_min is not None and kinds <= {"venues", "cost", "score", "changes"} and not settled

    def _solve_sum(self, stage: tuple[Objective, ...], clock: Clock, *, last: bool, near_only: bool) -> None:
        """A stage whose walks add up, or one under sums that earlier stages settled."""
        weighted = len(stage) > 1
        by_site = [o for o in stage if o.kind not in ("walk", "cover")]
        own = _sum([(o.sign * _weight(o, stage), site_expression(self.form, o.kind)) for o in by_site])
        spent = spent_of(stage, weighted=weighted)
        covered = sum(weight for _, weight in spent.beyond) * float(self.form.instance.people.sum())
        own = Expression(own.column, own.factor, own.constant - covered)
        start = None if self.found is None else self.found[:self.program.columns]
        minutes = any(part.walk for part in (spent, *(one.spent for one in self.held)))
        counting = self.left_out == 0 and self.within is None and not minutes
        # where people are only counted, rules and rows over sites make sure that everybody is served
        left_out = 0.0 if near_only else np.inf if counting else self.left_out
        work = Sum(self.program, self.form, spent=spent, own=own, left_out=left_out, held=self.held, within=self.within,
                   start=start, near_only=near_only)
        answer = work.least(clock)
        self._keep(answer, self.program)
        if not last and answer.values is not None:
            self._hold(stage[0], work, own, answer)
        self._settle(stage, answer, self.program)

    def _hold(self, objective: Objective, work: Sum, own: Expression, answer: Answer) -> None:
        """Keep what a stage settled: the value it reached, and what a plan of that value cannot use."""
        at_most = answer.objective + objective.give_up * abs(answer.objective)
        program = self.program.copy()
        narrowed = work.narrowed(at_most)
        program.set_bounds(narrowed.low, narrowed.high)
        if objective.kind in ("walk", "cover"):
            self.held = (*self.held, Held(work.problem.spent, at_most - own.constant))
        else:
            program.limit(own, at_most=at_most)
        self.within = narrowed.times
        self.program = program

    def _whole_program(self) -> Program:
        """The programme with rows for the sums over walks that are held."""
        work = self.program.copy()
        if self.held:
            sums = [one.spent for one in self.held]
            rows = rows_of_walks(work, self.form, sums, left_out=self.left_out, within=self.within)
            for one in self.held:
                work.limit(rows.expression(one.spent, self.form.instance.people), at_most=one.at_most)
        return work

    def _solve_whole(self, stage: tuple[Objective, ...], clock: Clock) -> None:
        work = self._whole_program()
        expression = self._expression(work, stage)
        cost = expression.dense(work.columns)
        if self.form.flow is None:
            start = None if self.found is None else self.found[:self.form.program.columns]
            answer = work.solve(cost, constant=expression.constant, time_limit_s=clock.left_s, start=start)
            if answer.values is None and answer.status == "time_limit" and self.found is not None:
                answer = self._at_hand(work, cost, expression.constant, answer.bound)
        else:
            answer = self._bounded_without(self._flows_solved(work, cost, expression.constant, clock), stage, clock)
        self._keep(answer, work)
        if answer.values is None:
            self._settle(stage, answer, self.program)
            return
        exact = expression.at(self.values)
        answer = Answer(answer.status, self.values, exact, exact if answer.status == "optimal" else min(answer.bound, exact))
        if self.form.flow is None:
            self.found = self.values[:self.program.columns]
            work = self.program.copy()
        if not self._is_last():
            work.limit(expression, at_most=answer.objective + stage[0].give_up * abs(answer.objective))
        self._settle(stage, answer, work)

    def _expression(self, program: Program, stage: tuple[Objective, ...]) -> Expression:
        """The sum that a stage makes small, with the columns and rows it needs."""
        form, terms = self.form, []
        if form.flow is None and "worst_walk" in {o.kind for o in stage}:
            spent = spent_of(stage, weighted=True)
            rows = rows_of_walks(program, form, (Spent(walk=1.0), spent), left_out=self.left_out, within=self.within)
            covered = sum(weight for _, weight in spent.beyond) * float(form.instance.people.sum())
            walk = rows.expression(spent, form.instance.people)
            terms.append((1.0, Expression(walk.column, walk.factor, walk.constant - covered)))
            longest = longest_column(program, form, rows)
            terms += [(o.weight, longest) for o in stage if o.kind == "worst_walk"]
        for o in stage:
            if o.kind in ("score", "venues", "cost", "changes"):
                terms.append((o.sign * _weight(o, stage), site_expression(form, o.kind)))
            elif form.flow is not None:
                part = (cover_expression(form, limit_min=o.limit_min) if o.kind == "cover"
                        else flow_walk(program, form, left_out=self.left_out))
                terms.append((o.sign * _weight(o, stage), part))
        return _sum(terms)

    def _without_capacities(self) -> bool:
        """The plan as if there were no capacities. True where everybody finds room in it: it is then the plan sought.

        No plan with capacities is better than the best without them. Else it is a plan to begin with, people sent as far as there
        is room, and its bound holds here too.
        """
        run = self._bare_run(self.form.rules.objectives, Clock(WITHOUT * self.clock.left_s))
        if run is None:
            self.found = self._first(None)
            return False
        self.without, flows, bare, plan = run, len(self.form.flows), run.form, run.values
        before = int(self.form.flows[0]) if flows else bare.program.columns
        values = np.concatenate([plan[:before], np.zeros(flows), plan[before:bare.program.columns]])
        sites = values[:len(bare.instance.sites)] > 0.5
        if has_room(bare.instance, nearest_visits(bare.instance, sites)):
            self.found, self.done = values, run.done
            return True
        self.found = sent_to(self.form, self.program, values, time_limit_s=0.5 * self.clock.left_s)
        if self.found is None or not self.form.walked:
            # opening where room is lacking, and closing what is not needed, may do better than the plan as it is
            made = self._first(values)
            if self.found is None or made is None:
                self.found = made if self.found is None else self.found
            elif self._first_value(made) < self._first_value(self.found):
                self.found = made
        return False

    def _first_value(self, values: np.ndarray) -> float:
        """What the first objective, one about sites, counts a plan; smaller is better."""
        objective = self.form.rules.objectives[0]
        return objective.sign * site_expression(self.form, objective.kind).at(values)

    def _bare_run(self, objectives: tuple[Objective, ...], clock: Clock) -> _Run | None:
        """The same problem without capacities, solved for some objectives; None where there was no time for a plan."""
        bare = formulate(self.form.instance, dataclasses.replace(self.form.rules, capacity=False, objectives=objectives))
        room_for_all(bare)
        if self.extra is not None:
            self.extra(bare.program, bare)
        try:
            run = _Run(bare, clock, self.extra)
            run.solve_all()
        except NoPlanInTimeError:
            return None
        return run if run.found is not None else None

    def _too_many_flows(self, clock: Clock) -> bool:
        """Whether the solver would not even get to its first look at the clock; there must be a plan already."""
        return self.found is not None and len(self.form.flows) > FLOWS_A_SECOND * clock.left_s

    def _flows_solved(self, work: Program, cost: np.ndarray, constant: float, clock: Clock) -> Answer:
        """With capacities: the solver's answer, or the plan at hand where it would take too long."""
        start = None if self.found is None else self.found[:self.form.program.columns]
        if start is None or not self._too_many_flows(clock):
            answer = work.solve(cost, constant=constant, time_limit_s=clock.left_s, start=start)
            if answer.values is not None or start is None or answer.status == "infeasible":
                return answer
        return self._at_hand(work, cost, constant, -np.inf)

    def _at_hand(self, work: Program, cost: np.ndarray, constant: float, bound: float) -> Answer:
        """The plan found before as an answer."""
        start = self.values[:self.form.program.columns]
        values = np.concatenate([start, np.zeros(work.columns - len(start))])
        return Answer("time_limit", values, float(cost @ values) + constant, bound)

    def _bounded_without(self, answer: Answer, stage: tuple[Objective, ...], clock: Clock) -> Answer:
        """The answer with the bound of its stage without capacities, where as many people are served with them."""
        if self.without is None or answer.status != "time_limit" or answer.values is None:
            return answer
        # a later stage is bounded by what its objectives reach alone
        run = self._bare_run(stage, Clock(0.7 * clock.left_s)) if self.done else self.without
        if run is None:
            return answer
        alike = self.left_out <= run.left_out + FEASIBLE * max(1.0, float(self.form.instance.people.sum()))
        if not run.served_surely or not alike:
            return answer
        bound = max(answer.bound, min(run.done[0][1].bound, answer.objective))
        status = "optimal" if answer.objective - bound <= FEASIBLE * max(1.0, abs(bound)) * 1e-2 else "time_limit"
        return Answer(status, answer.values, answer.objective, bound)

    def _settle(self, stage: tuple[Objective, ...], answer: Answer, program: Program) -> None:
        if answer.status == "infeasible" or not self.served_surely:
            # a plan is there all the same; without it, or without knowing how many can be served, there is no telling how far it is
            answer = Answer("time_limit", answer.values, answer.objective, -np.inf)
        self.program = program
        self.done.append((stage, answer))


def _weight(objective: Objective, stage: tuple[Objective, ...]) -> float:
    return objective.weight if len(stage) > 1 else 1.0


def _sum(terms: list[tuple[float, Expression]]) -> Expression:
    """A weighted sum of expressions."""
    if not terms:
        return Expression(np.zeros(0, dtype=np.int64), np.zeros(0))
    return Expression(np.concatenate([e.column for _, e in terms]), np.concatenate([f * e.factor for f, e in terms]),
                      sum(f * e.constant for f, e in terms))


def _choice(run: _Run, clock: Clock) -> Choice:
    form, instance = run.form, run.form.instance
    opened = run.values[:len(instance.sites)] > 0.5
    visits = nearest_visits(instance, opened)
    if form.rules.capacity and not has_room(instance, visits):
        visits = flow_visits(form, run.program, run.values, time_limit_s=clock.left_s)
    shares = form.shares
    # of the host's sites where both may meet, the first that stands
    meets = np.flatnonzero(opened[shares.site] & (run.values[shares.column[shares.pair]] > 0.5))
    hosts = {int(shares.guest[shares.pair[k]]): int(shares.site[k]) for k in meets[::-1]}
    choice = choice_of(form, opened, hosts, visits)
    stages = tuple(_stage(choice, stage, answer) for stage, answer in run.done)
    return Choice(**{**vars(choice), "stages": stages, "seconds": round(run.clock.spent_s, 3)})


def _stage(choice: Choice, stage: tuple[Objective, ...], answer: Answer) -> Stage:
    if len(stage) > 1:
        value, bound, objective = answer.objective, answer.bound, None
    else:
        objective = stage[0]
        value, bound = objective.sign * answer.objective, objective.sign * answer.bound
        if answer.values is None or (choice.rules.capacity and answer.status != "optimal"):
            value = value_of(choice, objective)   # by who is sent where in the end
    gap = 0.0 if answer.status == "optimal" else abs(bound - value) / max(abs(value), 1e-12)
    return Stage(objective, value, value if answer.status == "optimal" else bound, gap, answer.status)
