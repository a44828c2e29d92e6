"""The choice itself: objectives one after the other or as one sum, solved exactly, with bound and gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.choice.center import least_longest_walk, nobody_beyond
from geo.choice.conflict import Conflict, find_conflict
from geo.choice.formulate import Formulation, formulate
from geo.choice.instance import Instance
from geo.choice.median import least_walk
from geo.choice.plan import Choice, Stage, coverage_of, nearest_visits, value_of, village_table
from geo.choice.program import Answer, Clock, Expression, Program
from geo.choice.rules import Objective, Rules
from geo.choice.terms import cover_expression, reach, term
from geo.inputs import GeoError

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
    # the solver looks at its clock between steps only, and the plan must still be told
    clock = Clock(0.85 * time_limit_s)
    form = formulate(instance, rules)
    if extra is not None:
        extra(form.program, form)
    try:
        run = _Run(form, clock)
        for stage in _stages(rules):
            run.solve(stage)
    except NoPlanError:
        if extra is not None:
            raise
        raise ContradictionError(find_conflict(form, time_limit_s=max(time_limit_s, 10.0))) from None
    return _choice(run)


def _stages(rules: Rules) -> list[tuple[Objective, ...]]:
    if rules.combine == "weighted" and len(rules.objectives) > 1:
        return [rules.objectives]
    return [(objective,) for objective in rules.objectives]


@dataclass
class _Run:
    """A solve under way: the programme with what earlier stages settled, the values found, the stages done."""

    form: Formulation
    clock: Clock

    def __post_init__(self) -> None:
        self.program = self.form.program.copy()
        self.found: np.ndarray | None = None
        self.done: list[tuple[tuple[Objective, ...], Answer]] = []
        self.left_out = 0.0
        walked = any(objective.kind in ("walk", "worst_walk") for objective in self.form.rules.objectives)
        if walked:
            self._serve_first()

    @property
    def values(self) -> np.ndarray:
        """The values found last."""
        if self.found is None:
            raise NoPlanInTimeError(f"no plan was found in {self.clock.limit_s:g} s; give it more time")
        return self.found

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
        within = reach(self.form)
        unsure = within.possible & ~within.certain
        if self.form.flow is None and not unsure.any():
            return
        people = self.form.instance.people
        work = self.program.copy()
        served = cover_expression(work, self.form, limit_min=np.inf)
        answer = work.solve(-served.dense(work.columns), constant=-served.constant, time_limit_s=self._share(), start=None)
        self._keep(answer, work)
        reachable = float(people[within.possible].sum())
        self.left_out = max(reachable - served.at(self.values), 0.0)
        if self.left_out <= 1e-7 * max(1.0, reachable):
            self.left_out = 0.0
        if self.left_out == 0.0 and self.form.flow is None:
            # everybody can be served: ask so of the sites alone, which leaves a programme without further columns
            times = self.form.times.only(unsure[self.form.times.point])
            points, row = np.unique(times.point, return_inverse=True)
            self.program.add_rows(row, times.site, 1.0, count=len(points), lower=1.0)
            self.found = self.values[:self.program.columns]
            return
        work.limit(Expression(served.column, -served.factor, -served.constant), at_most=-served.at(self.values))
        self.program = work

    def _share(self) -> float:
        """Seconds for one of several stages: part of what is left, so that something is left for the next."""
        return 0.6 * self.clock.left_s

    def solve(self, stage: tuple[Objective, ...]) -> None:
        """One stage, and what it settles for the next."""
        last = stage == _stages(self.form.rules)[-1]
        clock = self.clock if last else Clock(self._share())
        kinds = {objective.kind for objective in stage}
        alone = len(stage) == 1
        if alone and kinds == {"worst_walk"}:
            answer = least_longest_walk(self.program, self.form, left_out=self.left_out, clock=clock)
            program = self.program.copy()
            self._keep(answer, program)
            nobody_beyond(program, self.form, minutes=answer.objective * (1 + stage[0].give_up), left_out=self.left_out)
            self._settle(stage, answer, program)
        elif self.form.flow is None and "walk" in kinds and kinds <= {"walk", "score", "venues", "cost"}:
            self._solve_walk(stage, clock)
        else:
            self._solve_whole(stage, clock)

    def _solve_walk(self, stage: tuple[Objective, ...], clock: Clock) -> None:
        own = _sum([(o.sign * _weight(o, stage), term(self.program, self.form, o)) for o in stage if o.kind != "walk"])
        weight = sum(_weight(o, stage) for o in stage if o.kind == "walk")
        if weight <= 0:
            self._solve_whole(stage, clock)
            return
        answer = least_walk(self.program, self.form, own=own, weight=weight, left_out=self.left_out, clock=clock)
        program = self.program.copy()
        self._keep(answer, program)
        if len(self.done) + 1 < len(_stages(self.form.rules)):
            expression = self._expression(program, stage)
            self._limit(program, expression, answer, stage)
        self._settle(stage, answer, program)

    def _solve_whole(self, stage: tuple[Objective, ...], clock: Clock) -> None:
        work = self.program.copy()
        expression = self._expression(work, stage)
        start = None if self.found is None else self.found[:self.form.program.columns]
        answer = work.solve(expression.dense(work.columns), constant=expression.constant, time_limit_s=clock.left_s, start=start)
        self._keep(answer, work)
        if answer.values is not None:
            exact = expression.at(self.values)
            answer = Answer(answer.status, self.values, exact, exact if answer.status == "optimal" else min(answer.bound, exact))
            self._limit(work, expression, answer, stage)
            self._settle(stage, answer, work)
        else:
            self._settle(stage, answer, self.program)

    def _expression(self, program: Program, stage: tuple[Objective, ...]) -> Expression:
        """The sum that a stage makes small."""
        return _sum([(o.sign * _weight(o, stage), term(program, self.form, o, left_out=self.left_out)) for o in stage])

    def _limit(self, program: Program, expression: Expression, answer: Answer, stage: tuple[Objective, ...]) -> None:
        give_up = stage[0].give_up if len(stage) == 1 else 0.0
        program.limit(expression, at_most=answer.objective + give_up * abs(answer.objective))

    def _settle(self, stage: tuple[Objective, ...], answer: Answer, program: Program) -> None:
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


def _flow(form: Formulation) -> np.ndarray:
    return np.zeros(0, dtype=np.int64) if form.flow is None else form.flow


def _flow_visits(run: _Run) -> pd.DataFrame:
    """With capacities: send as many as can be to the plan's sites, then with the fewest minutes, losing nothing that was won."""
    form, program = run.form, run.program.copy()
    sites = len(form.instance.sites)
    lower, upper = program.bounds()
    lower, upper = lower.copy(), upper.copy()
    lower[:sites] = upper[:sites] = run.values[:sites]
    program.set_bounds(lower, upper)
    people, flow = form.instance.people[form.times.point], _flow(form)
    share = run.values[flow]
    served = Expression(flow, people)
    answer = program.solve(-served.dense(program.columns), relaxed=True)
    if answer.values is not None:
        program.limit(Expression(flow, -people), at_most=-served.at(answer.values))
        quickest = program.solve(Expression(flow, people * form.times.minutes).dense(program.columns), relaxed=True)
        share = (answer.values if quickest.values is None else quickest.values)[flow]
    used = np.flatnonzero(share * people > 1e-9)
    return pd.DataFrame({"point": form.times.point[used], "site": form.times.site[used], "people": (share * people)[used],
                         "minutes": form.times.minutes[used]})


def _choice(run: _Run) -> Choice:
    form, instance = run.form, run.form.instance
    opened = run.values[:len(instance.sites)] > 0.5
    visits = nearest_visits(instance, opened) if form.flow is None else _flow_visits(run)
    built = opened & ~instance.existing
    site, guest, column = form.shares
    hosts = {int(g): int(s) for s, g, c in zip(site, guest, column, strict=True) if run.values[c] > 0.5}
    choice = Choice(
        instance=instance, rules=form.rules, opened=opened, built=tuple(instance.sites["site_id"].to_numpy(object)[built]),
        villages=village_table(instance, opened, hosts, visits, form.costs), visits=visits, stages=(),
        coverage=coverage_of(instance, visits), before=coverage_of(instance, nearest_visits(instance, instance.existing)),
        cost_yuan={name: float(getattr(form.costs, name)[built].sum()) for name in ("cost", "subsidy", "village", "other")},
        permitted=int((form.permitted & form.counted).sum()), seconds=0.0,
    )
    stages = tuple(_stage(choice, stage, answer) for stage, answer in run.done)
    return Choice(**{**vars(choice), "stages": stages, "seconds": round(run.clock.spent_s, 3)})


def _stage(choice: Choice, stage: tuple[Objective, ...], answer: Answer) -> Stage:
    if len(stage) > 1:
        value, bound, objective = answer.objective, answer.bound, None
    else:
        objective = stage[0]
        value, bound = objective.sign * answer.objective, objective.sign * answer.bound
        if answer.values is None:
            value = value_of(choice, objective)
    gap = 0.0 if answer.status == "optimal" else abs(bound - value) / max(abs(value), 1e-12)
    return Stage(objective, value, value if answer.status == "optimal" else bound, gap, answer.status)
