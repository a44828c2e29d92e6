"""Bound, search and what they rule out, against all plans; the proof claims no more than is so; time limits are kept."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest

from geo.choice import Instance, Objective, Quota, Rules, Times, choose
from geo.choice.exchange import begin_plan, merit_of, plan_of
from geo.choice.formulate import formulate
from geo.choice.lagrangian import climb
from geo.choice.median import Sum, keeps
from geo.choice.program import Clock, Expression
from geo.choice.search import NOTHING, _descend, explore
from geo.choice.solve import _Run
from geo.choice.terms import Held, Spent
from geo.choice.warm import compile_kernels
from tests.geo.choice.made import county, dense, plans, worth

NONE = Expression(np.zeros(0, dtype=np.int64), np.zeros(0))
RULES = {
    "each": {}, "at_most": {"per_village": "at_most", "count_min": 1, "count_max": 2},
    "free": {"per_village": "free", "count_max": 2},
    "quota": {"per_village": "at_most", "quotas": (Quota(1, 1, "T0"), Quota(0, 1, "T1"))}, "budget": {"budget_yuan": 520_000.0},
    "spacing": {"spacing_m": 1200.0}, "fixed": {"fixed": ("S0002",)}, "sharing": {"share_walk_min": 40.0, "count_max": 2},
}


def problem(name: str, seed: int, **more) -> tuple[Instance, Rules, list[np.ndarray]]:
    instance = county(seed, villages=3, sites=3, existing=seed % 2, reach_min=np.inf, fail=0.0)
    rules = Rules(objectives=(Objective("walk"),), allow_verify=True, **RULES[name], **more)
    return instance, rules, list(plans(instance, rules))


@pytest.mark.parametrize("name", RULES)
def test_the_bound_is_below_every_plan_and_rules_out_no_good_one(name: str) -> None:
    rng = np.random.default_rng(1)
    for seed in range(3):
        instance, rules, every = problem(name, seed)
        if not every:
            continue
        form = formulate(instance, rules)
        work = Sum(form.program, form, spent=Spent(walk=1.0), own=NONE, left_out=0.0)
        served = [plan for plan in every if worth(instance, plan, "walk")[0] == 0]
        cost = np.array([worth(instance, plan, "walk")[1] for plan in served])
        a, state = work.problem.arrays, work.state
        for turn in range(3):
            price, toll = rng.uniform(0, 2, len(a.people)) * state.price, rng.uniform(0, 500, len(a.side_limit))
            rounds, none = 1 + 40 * turn, np.zeros(0)
            bound, *_, price, toll, levy, _ = climb(a, price, toll, none, 1.0, none, rounds, 1e-9, np.inf, -np.inf, 2.0)
            assert bound <= cost.min() + 1e-6
            state.price, state.toll, state.levy, state.bound = price, toll, levy, bound
            for at_most in (cost.min(), np.median(cost)):
                narrowed = work.narrowed(float(at_most))
                sites = len(instance.sites)
                pairs = set(zip(narrowed.times.point.tolist(), narrowed.times.site.tolist(), strict=True))
                for plan, value in zip(served, cost, strict=True):
                    if value <= at_most:
                        assert (narrowed.low[:sites] <= plan).all() and (plan <= narrowed.high[:sites]).all()
                        nearest = np.where(plan, dense(instance), np.inf)
                        assert all(nearest[i].min() in [nearest[i, j] for j in np.flatnonzero(plan) if (i, j) in pairs]
                                   for i in range(len(instance.people)))


@pytest.mark.parametrize("name", RULES)
def test_the_search_keeps_every_rule_and_knows_what_its_plan_costs(name: str) -> None:
    for seed in range(3):
        instance, rules, every = problem(name, seed)
        if not every:
            continue
        form = formulate(instance, rules)
        work = Sum(form.program, form, spent=Spent(walk=1.0), own=NONE, left_out=0.0)
        work._any_plan(Clock(10.0))
        for strength in range(3):
            work.search(None, 30, strength=strength)
        values = work.state.values
        assert keeps(form.program, values)
        assert any((values[:len(instance.sites)] > 0.5).tolist() == plan.tolist() for plan in every)
        assert work.state.best == pytest.approx(worth(instance, values[:len(instance.sites)] > 0.5, "walk")[1])
        assert work.state.best == pytest.approx(work.problem.cost(values))


@pytest.mark.parametrize("error", [-1e6, -1.0, 1.0, 1e6])
def test_the_search_ends_whatever_its_bookkeeping_says(error: float) -> None:
    """On a real county rounding alone made two exchanges look worth while for ever: none is kept that does not save in truth."""
    instance, rules, _ = problem("at_most", 1)
    form = formulate(instance, rules)
    work = Sum(form.program, form, spent=Spent(walk=1.0), own=NONE, left_out=0.0)
    work._any_plan(Clock(10.0))
    a, order = work.problem.arrays, work.order
    far = np.full(len(a.people), 1000.0 * a.cost.max())
    merit = merit_of(order, a.own, pair=a.cost, far=far, soft=a.own)
    plan = plan_of(a, work.state.values > 0.5)
    plan.stale[:] = 2
    begin_plan(a, order, merit, plan)
    before = plan.near.sum()
    plan.loss[:] += error
    _descend(a, order, a.own, merit, plan, NOTHING)
    assert plan.near.sum() <= before
    fresh = plan_of(a, plan.picked)
    begin_plan(a, order, merit, fresh)
    assert plan.near == pytest.approx(fresh.near) and plan.used == pytest.approx(fresh.used)


def test_a_sum_that_is_held_is_kept_and_its_bound_holds() -> None:
    for seed in range(6):
        instance, rules, every = problem("at_most", seed)
        form = formulate(instance, rules)
        total = instance.people.sum()
        beyond = np.array([total + worth(instance, plan, "cover")[0] for plan in every])
        walk = np.array([worth(instance, plan, "walk")[1] for plan in every])
        for limit in np.quantile(beyond, (0.0, 0.3, 0.8)):
            held = (Held(Spent(beyond=((15.0, 1.0),)), float(limit)),)
            start = np.zeros(form.program.columns)
            start[:len(instance.sites)] = every[int(np.argmin(beyond))]
            work = Sum(form.program, form, spent=Spent(walk=1.0), own=NONE, left_out=0.0, held=held, start=start)
            answer = work.least(Clock(30.0))
            assert answer.status == "optimal"
            assert answer.objective == pytest.approx(walk[beyond <= limit + 1e-6].min(), rel=1e-7)
            assert work.state.bound <= answer.objective + 1e-6


@pytest.mark.parametrize("kinds", [("walk",), ("cover",), ("cover", "walk"), ("worst_walk", "walk"), ("walk", "score")],
                         ids="_then_".join)
@pytest.mark.parametrize("limit_s", [0.05, 0.3])
def test_a_tiny_time_limit_gives_a_plan_and_a_bound_that_hold(kinds: tuple[str, ...], limit_s: float) -> None:
    """Best found and gap come within the limit; the gap is true: a proven run is between bound and value."""
    instance = county(7, villages=12, sites=8, points=4, existing=2, reach_min=60.0)
    rules = Rules(objectives=tuple(map(Objective, kinds)), allow_verify=True, budget_yuan=1_700_000.0)
    compile_kernels()
    began = time.perf_counter()
    quick = choose(instance, rules, time_limit_s=limit_s)
    # other work may hold the machine: what is checked is that it does not go on as if there were no limit
    assert time.perf_counter() - began < limit_s + 8.0
    long = choose(instance, rules, time_limit_s=15.0)
    first, sign = quick.stages[0], rules.objectives[0].sign
    assert sign * first.bound <= sign * long.stages[0].value + 1e-6 * abs(long.stages[0].value)
    assert sign * first.value >= sign * long.stages[0].bound - 1e-6 * abs(long.stages[0].bound)
    assert quick.proven == all(stage.gap == 0 for stage in quick.stages)
    if first.status == "optimal" and long.stages[0].status == "optimal":
        assert first.value == pytest.approx(long.stages[0].value)


@pytest.mark.parametrize("kinds", [("walk",), ("cover", "walk"), ("score", "walk"), ("worst_walk", "cover")], ids="_then_".join)
def test_with_capacities_a_plan_and_a_bound_come_in_time_too(kinds: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the solver is not asked for want of time, what is best without capacities bounds what is best with them."""
    instance = county(7, villages=6, sites=4, points=4, existing=1, reach_min=60.0)
    room = np.full(len(instance.sites), 1.3 * instance.people.sum() / 7)
    instance = dataclasses.replace(instance, sites=instance.sites.assign(capacity_people=room))
    rules = Rules(objectives=tuple(map(Objective, kinds)), allow_verify=True, capacity=True)
    long = choose(instance, rules, time_limit_s=30.0)
    monkeypatch.setattr("geo.choice.solve.FLOWS_A_SECOND", 0)
    quick = choose(instance, rules, time_limit_s=2.0)
    load = quick.visits.groupby("site")["people"].sum()
    assert (load <= room[load.index] + 1e-6).all() and quick.coverage.served <= instance.people.sum() + 1e-6
    assert long.proven
    sign, first, best = rules.objectives[0].sign, quick.stages[0], long.stages[0].value
    assert sign * first.bound <= sign * best + 1e-6 * abs(best)
    assert sign * first.value >= sign * best - 1e-6 * abs(best) or quick.coverage.served < long.coverage.served - 1e-3
    if first.status == "optimal":
        assert first.value == pytest.approx(best)


def near_ties(seed: int) -> Instance:
    """People and costs of which a single person, or a yuan, in a million decides."""
    rng = np.random.default_rng(seed)
    instance = county(seed, villages=3, sites=3, existing=0, reach_min=np.inf, verify=0.0, fail=0.0)
    people = 1_000_000.0 + rng.integers(0, 3, len(instance.demand))
    sites = instance.sites.assign(cost_yuan=50_000_000.0 + rng.integers(0, 3, len(instance.sites)),
                                  score=60 + rng.integers(0, 3, len(instance.sites)) * 1e-4)
    minutes = np.where(dense(instance) < np.median(dense(instance)), 10.0, 20.0) + rng.integers(0, 3, dense(instance).shape) * 1e-5
    return dataclasses.replace(instance, demand=instance.demand.assign(people=people), sites=sites, times=Times.from_dense(minutes))


@pytest.mark.parametrize("kinds", [("cover",), ("walk",), ("cost",), ("score",), ("cover", "cost"), ("cover", "walk"),
                                   ("cost", "cover"), ("worst_walk", "cover"), ("score", "walk")], ids="_then_".join)
def test_nothing_is_called_proven_that_a_single_person_or_yuan_disproves(kinds: tuple[str, ...]) -> None:
    """A tolerance as wide as the solver's on sums of millions would hide these differences."""
    for seed in range(4):
        instance = near_ties(seed)
        base = Rules(per_village="at_most", count_min=2, count_max=2)
        choice = choose(instance, dataclasses.replace(base, objectives=tuple(map(Objective, kinds))))

        def rank(plan: np.ndarray, instance=instance) -> tuple[float, ...]:
            return tuple(worth(instance, plan, kind)[-1] for kind in kinds)

        assert choice.proven
        # a stage may give up what the solver's own tolerance is, a ten-millionth of its value, and no more
        best, mine = min(map(rank, plans(instance, base))), rank(choice.opened)
        assert mine[0] == pytest.approx(best[0], rel=1e-9 if len(kinds) == 1 else 2.5e-7)
        if len(kinds) == 1:
            assert mine == pytest.approx(best, rel=1e-12)


def test_fewest_venues_have_a_bound_at_once() -> None:
    """Set covering: in a moment the gap is small already, and it is true of the plan that more time finds."""
    instance = county(11, villages=25, sites=8, points=6, existing=2, reach_min=60.0)
    rules = Rules(objectives=(Objective("venues"),), per_village="free", cover_all_within_min=20.0, allow_verify=True)
    compile_kernels()
    quick, long = choose(instance, rules, time_limit_s=0.4), choose(instance, rules, time_limit_s=20.0)
    assert long.proven and quick.stages[0].bound <= long.stages[0].value <= quick.stages[0].value
    assert quick.stages[0].bound == int(quick.stages[0].bound) > 0
    near = (dense(instance) <= 20.0)[instance.people > 0]
    could = near[:, instance.sites["verdict"].ne("fail")].any(axis=1)
    for plan in (quick, long):
        assert near[could][:, plan.opened].any(axis=1).all()


def test_a_plan_is_not_proven_where_it_is_not_known_how_many_can_be_served() -> None:
    instance = county(1, villages=3, sites=2, reach_min=15.0)
    run = _Run(formulate(instance, Rules(objectives=(Objective("walk"),), per_village="at_most", allow_verify=True)), Clock(20.0))
    run.served_surely = False
    run.solve((Objective("walk"),))
    assert run.done[0][1].status == "time_limit" and run.done[0][1].bound == -np.inf


def test_compiled_once_whatever_the_problem() -> None:
    """What was compiled ahead has the types that are used, else a planner's first click would wait."""
    compile_kernels()
    objectives = (Objective("cover"), Objective("walk"))
    choose(county(3, existing=1), Rules(objectives=objectives, allow_verify=True, share_walk_min=10.0, spacing_m=500.0))
    assert len(climb.signatures) == len(explore.signatures) == 1
