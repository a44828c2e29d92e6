"""Plans nearly as good, and who gains and loses: against enumeration and conservation."""

from __future__ import annotations

import numpy as np
import pytest

from geo.choice import Objective, Rules, choose
from geo.choice.alternatives import compare, near_best
from tests.geo.choice.made import county, dense, plans, worth

RULES = Rules(objectives=(Objective("walk"),), per_village="at_most", count_min=2, count_max=2, allow_verify=True)


def setting(seed: int = 2):
    instance = county(seed, villages=4, sites=3, points=3, existing=1, reach_min=np.inf)
    return instance, choose(instance, RULES)


def venues_in(instance, plan: np.ndarray, column: str) -> dict[str, int]:
    built = instance.sites[plan & instance.sites["kind"].ne("existing").to_numpy()]
    codes = built["village_code"].map(instance.villages.set_index("village_code", drop=False)[column])
    return codes.value_counts().to_dict()


@pytest.mark.parametrize("seed", [4])
def test_each_way_gives_the_best_plan_that_differs_so(seed: int) -> None:
    instance, choice = setting(seed)
    best = worth(instance, choice.opened, "walk")[-1]
    found = {one.way: one for one in near_best(choice, loss=1.0)}
    every = [(worth(instance, plan, "walk")[-1], plan) for plan in plans(instance, RULES)]

    def least(differs) -> float:
        return min((value for value, plan in every if differs(plan)), default=np.inf)

    mine, split = venues_in(instance, choice.opened, "village_code"), venues_in(instance, choice.opened, "township_code")
    villages = least(lambda plan: set(mine) - set(venues_in(instance, plan, "village_code")))
    townships = least(lambda plan: venues_in(instance, plan, "township_code") != split)
    for way, value in (("other_village", villages), ("other_township", townships)):
        assert found[way].choice.coverage.person_min == pytest.approx(value)
        assert found[way].loss == pytest.approx((value - best) / best)
        assert found[way].about
    code = found["other_site"].about[0]
    here = choice.opened & instance.sites["village_code"].eq(code).to_numpy() & ~instance.existing
    others = [plan for value, plan in every if value <= 1.999999 * best + 1e-6 and not (plan & here).any()]
    fewest = min(((plan != choice.opened).sum(), worth(instance, plan, "score")[0]) for plan in others)
    taken = found["other_site"].choice
    assert ((taken.opened != choice.opened).sum(), -taken.value("score")) == pytest.approx(fewest)
    assert taken.value("changes") == fewest[0] and fewest[0] >= 2


@pytest.mark.parametrize("seed", range(4))
def test_another_site_of_a_village_moves_no_other_where_none_has_to(seed: int) -> None:
    """The best plan without a site may move its neighbours too; the one nearest to the plan at hand is asked for."""
    instance = county(seed, villages=5, sites=3, points=3, existing=1, reach_min=np.inf, fail=0.0)
    choice = choose(instance, Rules(objectives=(Objective("cover"), Objective("walk")), allow_verify=True))
    for code in instance.villages["village_code"]:
        (found,) = near_best(choice, loss=0.5, ways=("other_site",), village_code=code)
        assert found.about == (code,) and found.loss <= 0.5
        changed = instance.sites["village_code"][found.choice.opened != choice.opened]
        assert set(changed) == {code} and len(changed) == 2


def test_cheaper_and_fairer_within_the_loss() -> None:
    instance, choice = setting()
    best = worth(instance, choice.opened, "walk")[-1]
    within = [plan for plan in plans(instance, RULES) if worth(instance, plan, "walk")[-1] <= best * 1.25 + 1e-6]
    for way, kind in (("cheaper", "cost"), ("fairer", "worst_walk")):
        (found,) = near_best(choice, loss=0.25, ways=(way,))
        value = min(worth(instance, plan, kind)[-1] for plan in within)
        if value < worth(instance, choice.opened, kind)[-1] - 1e-9:
            assert worth(instance, found.choice.opened, kind)[-1] == pytest.approx(value)
            assert 0 <= found.loss <= 0.25 + 1e-9
        else:
            assert found.choice is None


def test_no_plan_within_no_loss_is_said() -> None:
    _, choice = setting()
    assert all(one.choice is None for one in near_best(choice, loss=0.0, ways=("other_site", "other_village")))


def test_a_way_there_is_not() -> None:
    _, choice = setting()
    with pytest.raises(ValueError, match="differs by one of"):
        near_best(choice, ways=("nicer",))
    with pytest.raises(ValueError, match="share from 0 to 1"):
        near_best(choice, loss=2.0)


def test_everybody_is_in_one_group_of_a_comparison() -> None:
    instance = county(6, villages=6, sites=4, points=5, existing=1, reach_min=18.0)
    a = choose(instance, Rules(objectives=(Objective("cost"),), allow_verify=True, per_village="at_most", count_min=3))
    b = choose(instance, Rules(objectives=(Objective("walk"),), allow_verify=True))
    both = compare(a, b)
    groups = (both.gain, both.lose, both.same, both.newly_served, both.no_longer_served, both.served_by_neither)
    assert sum(groups) == pytest.approx(both.people) == pytest.approx(instance.people.sum())
    times = dense(instance)
    walk_a, walk_b = times[:, a.opened].min(axis=1), times[:, b.opened].min(axis=1)
    served = np.isfinite(walk_a) & np.isfinite(walk_b)
    assert both.gain == pytest.approx(instance.people[served][walk_b[served] < walk_a[served] - 1e-6].sum())
    saved = (instance.people[served] * (walk_a[served] - walk_b[served])).sum()
    assert both.gained_min - both.lost_min == pytest.approx(saved)
    assert both.villages[["gain_people", "lose_people"]].sum().tolist() == pytest.approx([both.gain, both.lose])
    assert both.worst_b[2] == pytest.approx(walk_b[np.isfinite(walk_b)].max())
    back = compare(b, a)
    assert (back.gain, back.lost_min) == pytest.approx((both.lose, both.gained_min))


def test_plans_about_other_people_are_not_compared() -> None:
    with pytest.raises(ValueError, match="not about the same people"):
        compare(setting(2)[1], setting(4)[1])
