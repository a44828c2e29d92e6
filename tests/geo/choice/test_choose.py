"""Every objective and rule against plain enumeration of all plans on small random counties."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from geo.choice import ContradictionError, Funding, Objective, Quota, Rules, RulesError, choose
from tests.geo.choice.made import allowed, county, plans, sent, worth

KINDS = ("score", "cover", "walk", "worst_walk", "venues", "cost")
RULES = {
    "each": {},
    "at_most": {"per_village": "at_most", "count_min": 2, "count_max": 2},
    "free": {"per_village": "free", "count_min": 2, "count_max": 3},
    "budget": {"budget_yuan": 480_000.0},
    "funding": {"funding": Funding(subsidy_by_kind_yuan={"new": 90_000.0, "reuse": 90_000.0},
                                   village_funds_yuan={"V000": 50_000.0}),
                "other_limit_yuan": 260_000.0, "subsidy_limit_yuan": 270_000.0},
    "may_close": {"per_village": "at_most", "existing": "may_close", "count_max": 2},
    "fixed": {"fixed": ("S0001",), "excluded": ("S0003",)},
    "sharing": {"share_walk_min": 25.0, "count_max": 2},
    "quota": {"per_village": "at_most", "quotas": (Quota(1, 1),)},
    "quota_one": {"per_village": "at_most", "quotas": (Quota(0, 1, "T0"),)},
    "spacing": {"spacing_m": 900.0},
    "cover_all": {"per_village": "free", "cover_all_within_min": 20.0},
}


def make(seed: int):
    return county(seed, existing=seed % 2, reach_min=(20.0, 45.0, 90.0)[seed % 3], whole=seed % 4 == 0)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("verify", [False, True], ids=["passing", "verify_too"])
def test_no_plan_does_better_under_any_rule(rule: str, verify: bool) -> None:
    for seed in range(2):
        instance, base = make(seed), Rules(**RULES[rule], allow_verify=verify)
        every = list(plans(instance, base))
        for kind in KINDS:
            rules = dataclasses.replace(base, objectives=(Objective(kind),))
            if not every:
                with pytest.raises(ContradictionError, match="cannot hold together"):
                    choose(instance, rules)
                break
            choice = choose(instance, rules)
            assert allowed(instance, rules, choice.opened)
            assert choice.proven and choice.stages[0].gap == 0
            best = min(worth(instance, plan, kind) for plan in every)
            assert worth(instance, choice.opened, kind) == pytest.approx(best, rel=1e-7, abs=1e-6)
            assert choice.stages[0].value == pytest.approx(choice.value(kind), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("pair", [("cover", "walk"), ("score", "walk"), ("walk", "score"), ("worst_walk", "walk"),
                                  ("venues", "cover"), ("cost", "worst_walk")], ids="_then_".join)
def test_objectives_by_rank(pair: tuple[str, str]) -> None:
    walked = set(pair) & {"walk", "worst_walk"}
    for seed in range(3):
        instance = make(seed)
        base = Rules(per_village="at_most", count_max=2, allow_verify=True)
        choice = choose(instance, dataclasses.replace(base, objectives=tuple(map(Objective, pair))))

        def rank(plan: np.ndarray, instance=instance) -> tuple[float, ...]:
            served = worth(instance, plan, "walk")[:1] if walked else ()
            return tuple(np.round([*served, *(worth(instance, plan, kind)[-1] for kind in pair)], 5))

        assert rank(choice.opened) == pytest.approx(min(map(rank, plans(instance, base))), rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("kinds", [("score", "walk"), ("walk", "worst_walk"), ("cover", "cost", "walk"), ("score", "cover")],
                         ids="+".join)
def test_weighted_sums(kinds: tuple[str, ...]) -> None:
    weights = {"score": 30.0, "walk": 1.0, "worst_walk": 100.0, "cover": 5.0, "cost": 0.01}
    for seed in range(3):
        instance, base = make(seed), Rules(per_village="at_most", count_max=2, allow_verify=True)
        objectives = tuple(Objective(kind, weight=weights[kind]) for kind in kinds)
        choice = choose(instance, dataclasses.replace(base, objectives=objectives, combine="weighted"))

        def total(plan: np.ndarray, instance=instance) -> tuple[float, float]:
            left = worth(instance, plan, "walk")[0] if set(kinds) & {"walk", "worst_walk"} else 0.0
            return round(left, 5), sum(weights[kind] * worth(instance, plan, kind)[-1] for kind in kinds)

        best = min(map(total, plans(instance, base)))
        assert total(choice.opened) == pytest.approx(best, rel=1e-6, abs=1e-4)
        assert choice.stages[0].value == pytest.approx(best[1], rel=1e-6, abs=1e-4)


def test_capacities_are_kept_and_used_as_well_as_can_be() -> None:
    for seed in range(4):
        instance = make(seed)
        base = Rules(per_village="at_most", count_max=2, allow_verify=True)
        choice = choose(instance, dataclasses.replace(base, capacity=True, objectives=(Objective("walk"),)))
        load = choice.visits.groupby("site")["people"].sum()
        assert (load <= instance.sites["capacity_people"][load.index] + 1e-6).all()
        most, least = min(((-served, minutes) for served, minutes in (sent(instance, plan) for plan in plans(instance, base))),
                          key=lambda pair: (round(pair[0], 4), pair[1]))
        assert choice.coverage.served == pytest.approx(-most, abs=1e-3)
        assert choice.coverage.person_min == pytest.approx(least, rel=1e-5)


@pytest.mark.parametrize("policy", ["leave", "may", "must"])
def test_venues_below_standard_and_villages_that_have_one(policy: str) -> None:
    instance = make(0)
    sites = instance.sites.copy()
    sites.loc[sites["village_code"].eq("V001"), "kind"] = ["upgrade", "upgrade", "new"]
    villages = instance.villages.assign(need=["one", "upgrade", "no"])
    instance = dataclasses.replace(instance, sites=sites, villages=villages)
    base = Rules(below_standard=policy, allow_verify=True, objectives=(Objective("walk"),))
    every = list(plans(instance, base))
    choice = choose(instance, base)
    assert worth(instance, choice.opened, "walk") == pytest.approx(min(worth(instance, plan, "walk") for plan in every))
    built = choice.villages.set_index("village_code")["cost_yuan"]
    assert built["V002"] == 0
    assert (built["V001"] > 0) == (policy != "leave")


def test_more_money_never_covers_fewer() -> None:
    instance = county(11, villages=8, sites=4, points=4, existing=1)
    base = Rules(objectives=(Objective("cover"),), per_village="at_most", allow_verify=True)
    covered = [choose(instance, dataclasses.replace(base, budget_yuan=yuan)).stages[0].value
               for yuan in (0.0, 200_000.0, 400_000.0, 700_000.0, 1_100_000.0, 3_000_000.0)]
    assert covered == sorted(covered)
    assert covered[0] < covered[-1]


@pytest.mark.parametrize("kind", ["walk", "cover", "score"])
def test_everybody_is_served_once_or_listed(kind: str) -> None:
    instance = county(5, villages=10, sites=5, points=6, existing=3, reach_min=15.0)
    choice = choose(instance, Rules(objectives=(Objective(kind),), allow_verify=True))
    coverage = choice.coverage
    assert coverage.served + coverage.out_of_reach == pytest.approx(instance.people.sum())
    assert coverage.out_of_reach > 0
    assert choice.visits["point"].is_unique
    assert choice.villages["served"].sum() == pytest.approx(coverage.served)
    assert choice.before.served <= coverage.served
    assert choice.cost_yuan["cost"] == pytest.approx(sum(choice.cost_yuan[name] for name in ("subsidy", "village", "other")))
    assert choice.cost_yuan["cost"] == pytest.approx(choice.villages["cost_yuan"].sum())


def test_a_shared_venue_names_guest_and_host() -> None:
    instance = make(1)
    choice = choose(instance, Rules(share_walk_min=60.0, count_max=2, allow_verify=True, objectives=(Objective("cost"),)))
    guests = choice.villages[choice.villages["venue"].eq("shared")]
    assert len(guests) >= 1
    host = instance.sites.set_index("site_id").loc[list(guests["site_id"]), "village_code"].tolist()
    assert guests["host_code"].tolist() == host


def test_the_same_input_gives_the_same_plan() -> None:
    instance = county(3, villages=12, sites=6, points=5, existing=3)
    rules = Rules(objectives=(Objective("walk"), Objective("score")), allow_verify=True, budget_yuan=2_000_000.0)
    first, second = choose(instance, rules), choose(instance, rules)
    assert first.built == second.built and first.stages == second.stages


def test_a_time_limit_gives_the_best_found_with_its_gap() -> None:
    instance = county(7, villages=60, sites=20, points=10, existing=0, reach_min=40.0)
    choice = choose(instance, Rules(objectives=(Objective("walk"),), allow_verify=True, budget_yuan=7_500_000.0), time_limit_s=1.0)
    stage = choice.stages[0]
    assert stage.value == pytest.approx(choice.coverage.person_min)
    assert stage.bound <= stage.value
    assert stage.gap == pytest.approx((stage.value - stage.bound) / stage.value)
    assert choice.proven == (stage.gap == 0)


def test_what_the_rules_need_and_the_instance_lacks_is_said_at_once() -> None:
    instance = make(1)
    instance = dataclasses.replace(instance, sites=instance.sites.assign(cost_yuan=np.nan, score=np.nan))
    rules = Rules(objectives=(Objective("score"),), budget_yuan=1.0, fixed=("nowhere",), quotas=(Quota(1, 2, "T9"),))
    with pytest.raises(RulesError, match=r"no_such_site.*no_such_township.*cost_unknown.*score_unknown"):
        choose(instance, rules)


def test_rules_are_checked_when_made() -> None:
    with pytest.raises(RulesError, match=r"combine: not_one_of.*fixed: also_excluded.*budget_yuan: negative"):
        Rules(combine="best", fixed=("a",), excluded=("a",), budget_yuan=-1.0)
