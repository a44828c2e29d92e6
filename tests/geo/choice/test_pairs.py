"""Every objective under every pair of rules, and with capacities, against enumeration of all plans on small random counties."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from geo.choice import ContradictionError, Instance, Objective, Quota, Rules, choose
from tests.geo.choice.made import allowed, county, plans, room, sent, worth

KINDS = ("score", "cover", "walk", "worst_walk", "venues", "cost")
RULES = {
    "at_most": {"per_village": "at_most"},
    "free": {"per_village": "free"},
    "may_close": {"existing": "may_close"},
    "count": {"count_min": 2, "count_max": 2},
    "budget": {"budget_yuan": 480_000.0},
    "fixed": {"fixed": ("S0001",)},
    "excluded": {"excluded": ("S0002",)},
    "sharing": {"share_walk_min": 30.0},
    "quota": {"quotas": (Quota(0, 1),)},
    "spacing": {"spacing_m": 900.0},
    "cover_all": {"cover_all_within_min": 25.0},
    "upgrade": {"below_standard": "may"},
}
APART = {("at_most", "free")}
"""Pairs that set the same rule."""


def make(seed: int) -> Instance:
    return county(seed, villages=3, sites=2, existing=seed % 2, reach_min=(20.0, 45.0, 90.0)[seed % 3], whole=seed % 4 == 0)


@pytest.mark.parametrize("one", RULES)
def test_no_plan_does_better_under_any_pair_of_rules(one: str) -> None:
    names = list(RULES)
    for other in names[names.index(one) + 1:]:
        if (one, other) in APART:
            continue
        instance = make(names.index(one) * 5 + names.index(other))
        base = Rules(**RULES[one], **RULES[other], allow_verify=True)
        every = list(plans(instance, base))
        for kind in KINDS:
            rules = dataclasses.replace(base, objectives=(Objective(kind),))
            if not every:
                with pytest.raises(ContradictionError, match="cannot hold together"):
                    choose(instance, rules)
                break
            choice, best = choose(instance, rules), min(worth(instance, plan, kind) for plan in every)
            assert choice.proven and allowed(instance, rules, choice.opened), (other, kind)
            assert worth(instance, choice.opened, kind) == pytest.approx(best, rel=1e-7, abs=1e-6), (other, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_capacities_under_every_objective(kind: str) -> None:
    """People sent to a venue are never more than it holds, the others count as not served, and no plan does better so."""
    for seed, rule in itertools.product(range(2), ({}, {"per_village": "at_most", "count_max": 2}, {"budget_yuan": 500_000.0})):
        instance = make(seed)
        base = Rules(**rule, allow_verify=True)
        every = list(plans(instance, base))
        if not every:
            continue
        choice = choose(instance, dataclasses.replace(base, capacity=True, objectives=(Objective(kind),)))
        load = choice.visits.groupby("site")["people"].sum()
        assert (load <= instance.sites["capacity_people"][load.index] + 1e-6).all()
        by_point = choice.visits.groupby("point")["people"].sum()
        assert (by_point <= instance.people[by_point.index] + 1e-6).all()
        assert choice.opened[choice.visits["site"]].all()
        assert choice.coverage.served + choice.coverage.out_of_reach == pytest.approx(instance.people.sum())
        assert choice.proven and allowed(instance, base, choice.opened)
        assert held(instance, choice.opened, kind) == pytest.approx(min(held(instance, plan, kind) for plan in every), abs=2e-3)
        if kind == "walk":
            most, least = sent(instance, choice.opened)
            assert (choice.coverage.served, choice.coverage.person_min) == pytest.approx((most, least), rel=1e-5)


def held(instance: Instance, opened: np.ndarray, kind: str) -> tuple[float, ...]:
    """Worth of a plan with capacities, smaller is better: by linear programmes written apart from the solver's."""
    if kind in ("score", "venues", "cost"):
        return worth(instance, opened, kind)
    if kind == "cover":
        return (-round(room(instance, opened, 15.0), 4),)
    most, least = sent(instance, opened)
    if kind == "walk":
        return -round(most, 4), least
    longest = next((m for m in np.unique(instance.times.minutes) if room(instance, opened, m) >= most - 1e-6), 0.0)
    return -round(most, 4), float(longest if most > 0 else 0.0)


def test_everybody_within_reach_with_capacities() -> None:
    """With `cover_all` and capacities a plan must have room for everybody within the walk."""
    checked = 0
    for seed in range(6):
        instance = make(seed)
        base = Rules(per_village="free", capacity=True, allow_verify=True, cover_all_within_min=30.0,
                     objectives=(Objective("venues"),))
        usable = instance.sites["verdict"].ne("fail").to_numpy()[instance.times.site]
        could = np.unique(instance.times.point[(instance.times.minutes <= 30.0) & usable])
        needed = float(instance.people[could].sum())
        free = Rules(per_village="free", allow_verify=True)
        enough = [plan for plan in plans(instance, free) if room(instance, plan, 30.0) >= needed - 1e-6]
        if not enough:
            with pytest.raises(ContradictionError, match="cannot hold together"):
                choose(instance, base)
            continue
        choice = choose(instance, base)
        assert choice.stages[0].value == min(worth(instance, plan, "venues")[0] for plan in enough)
        assert choice.visits.loc[choice.visits["minutes"] <= 30.0, "people"].sum() == pytest.approx(needed)
        checked += 1
    assert checked >= 2


def test_a_longer_shared_walk_is_never_worse() -> None:
    instance = county(4, villages=6, sites=3, points=3, existing=0, fail=0.0)
    base = Rules(objectives=(Objective("cost"),), allow_verify=True)
    walks = (0.0, 10.0, 20.0, 40.0)
    costs = [choose(instance, dataclasses.replace(base, share_walk_min=minutes)).stages[0].value for minutes in walks]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1]
    assert costs[0] == choose(instance, base).stages[0].value
