"""A first plan made in a moment keeps every rule, and no time limit is too short for it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from geo.choice import NoPlanInTimeError, Objective, Quota, Rules, Times, choose
from geo.choice.first import first_plan, send
from geo.choice.formulate import formulate
from geo.choice.median import keeps
from geo.choice.program import Answer, Program
from tests.geo.choice.made import allowed, county, plans, room

COVERING = Rules(objectives=(Objective("venues"),), per_village="free", allow_verify=True, cover_all_within_min=25.0)
RULES = {
    "each": Rules(), "walk": Rules(objectives=(Objective("walk"),)), "covering": COVERING, "budget": Rules(budget_yuan=520_000.0),
    "quota": Rules(per_village="at_most", quotas=(Quota(1, 2),)), "spacing": Rules(spacing_m=800.0),
    "sharing": Rules(share_walk_min=40.0, count_max=2), "fixed": Rules(fixed=("S0002",), excluded=("S0000",)),
    "count": dataclasses.replace(COVERING, count_max=3), "cost": dataclasses.replace(COVERING, objectives=(Objective("cost"),)),
}


@pytest.mark.parametrize("name", RULES)
def test_a_first_plan_keeps_every_rule(name: str) -> None:
    """It is among all plans, and mostly there is one where any exists."""
    found = possible = 0
    for seed in range(12):
        instance = county(seed, villages=3, sites=3, existing=seed % 2)
        rules = dataclasses.replace(RULES[name], allow_verify=True)
        form = formulate(instance, rules)
        values, some = first_plan(form, form.program), any(True for _ in plans(instance, rules))
        possible += some
        if values is not None:
            found += 1
            assert some and keeps(form.program, values)
            assert allowed(instance, rules, values[:len(instance.sites)] > 0.5)
    assert found >= 0.7 * possible > 0


def test_a_first_plan_holds_everybody_whom_it_must() -> None:
    """With capacities: wherever opening all sites is enough a plan is found, and no venue in it can be done without."""
    checked = 0
    for seed in range(20):
        instance = county(seed, villages=3, sites=3, existing=seed % 2)
        form = formulate(instance, dataclasses.replace(COVERING, capacity=True))
        usable = form.permitted
        near = (instance.times.minutes <= 25.0) & usable[instance.times.site]
        needed = float(instance.people[np.unique(instance.times.point[near])].sum())
        values = first_plan(form, form.program)
        assert (values is not None) == (room(instance, usable, 25.0) >= needed - 1e-6)
        if values is None:
            continue
        opened = values[:len(instance.sites)] > 0.5
        assert room(instance, opened, 25.0) == pytest.approx(needed)
        for site in np.flatnonzero(opened & form.counted):
            less = opened.copy()
            less[site] = False
            assert room(instance, less, 25.0) < needed - 1e-6
        checked += 1
    assert checked >= 5


def test_people_are_moved_on_where_that_makes_room() -> None:
    """Two points, two places: who could go to both gives way to who cannot, and the dead end is told."""
    times = Times.from_dense(np.array([[1.0, 2.0], [1.0, np.inf], [3.0, np.inf]]))
    order = np.argsort(times.site, kind="stable")
    begin = np.searchsorted(times.site[order], np.arange(3)).astype(np.int64)
    sent, left, free = np.zeros(4), np.array([10.0, 10.0, 4.0]), np.array([10.0, 12.0])
    dead = send(times.start, times.site, begin, times.point[order], order, sent, left, free, np.ones(2, dtype=bool), 1e-9)
    assert sent.tolist() == [0.0, 10.0, 10.0, 0.0]
    assert left.tolist() == [0.0, 0.0, 4.0] and free.tolist() == [0.0, 2.0]
    assert dead.tolist() == [False, True, True]


@pytest.mark.parametrize("rule", ["none", "budget", "quota", "spacing", "sharing", "capacity", "covering", "crowded"])
@pytest.mark.parametrize("kind", ["score", "walk", "cover", "worst_walk", "venues", "cost"])
def test_a_plan_comes_though_the_solver_finds_none(kind: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with the shortest of limits: each solve ends without a plan of its own, and still one comes whose gap is true."""
    rules = {"none": Rules(), "budget": Rules(budget_yuan=2_000_000.0),
             "quota": Rules(per_village="at_most", quotas=(Quota(1, 5),)), "spacing": Rules(spacing_m=300.0),
             "sharing": Rules(share_walk_min=15.0), "capacity": Rules(capacity=True), "covering": COVERING,
             "crowded": dataclasses.replace(COVERING, capacity=True)}[rule]
    instance = county(7, villages=8, sites=6, points=3, existing=2, fail=0.0)
    instance = dataclasses.replace(instance, sites=instance.sites.assign(capacity_people=500.0))
    rules = dataclasses.replace(rules, objectives=(Objective(kind),), allow_verify=True)
    long = choose(instance, rules, time_limit_s=20.0)

    def nothing(program: Program, cost: np.ndarray, **options) -> Answer:
        return Answer("time_limit", None, np.inf, -np.inf)

    monkeypatch.setattr(Program, "solve", nothing)
    quick = choose(instance, rules, time_limit_s=0.01)
    assert allowed(instance, dataclasses.replace(rules, capacity=False), quick.opened)
    sign, mine, best = rules.objectives[0].sign, quick.stages[0], long.stages[0]
    if best.status == "optimal":
        slack = 1e-6 * abs(best.value)
        assert sign * mine.bound <= sign * best.value + slack
        assert sign * mine.value >= sign * best.value - slack or quick.coverage.served < long.coverage.served - 1e-3
    if rules.capacity:
        load = quick.visits.groupby("site")["people"].sum()
        assert (load <= 500.0 + 1e-6).all()


def test_what_is_not_decided_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for all within the walk: a contradiction where there is time to see it, else no plan in the time."""
    instance = county(3, villages=3, sites=2, existing=0, fail=0.0)
    instance = dataclasses.replace(instance, sites=instance.sites.assign(capacity_people=1.0))
    monkeypatch.setattr(Program, "solve", lambda *a, **k: Answer("time_limit", None, np.inf, -np.inf))
    with pytest.raises(NoPlanInTimeError, match="no plan was found in"):
        choose(instance, dataclasses.replace(COVERING, capacity=True), time_limit_s=0.01)
