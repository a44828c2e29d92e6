"""Weights of groups spread over their criteria: shares within kept, and back again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.scenario import GROUPS
from geo.weighting.groups import group_weights, spread
from tests.geo.standard import default_scenario


def test_the_standards_own_groups_give_the_standard_back() -> None:
    scenario = default_scenario()
    weights = spread(group_weights(scenario), scenario)
    assert weights == pytest.approx({c.id: c.weight for c in scenario.criteria})
    assert sum(group_weights(scenario).values()) == pytest.approx(1) and set(group_weights(scenario)) == set(GROUPS)


@given(st.lists(st.floats(0.01, 9), min_size=7, max_size=7), st.floats(0.1, 100))
def test_groups_get_their_weight_and_criteria_keep_their_share(weights: list[float], factor: float) -> None:
    scenario = default_scenario()
    asked = dict(zip(GROUPS, weights, strict=True))
    after = scenario.with_weights(spread(asked, scenario))
    assert group_weights(after) == pytest.approx({name: weight / sum(weights) for name, weight in asked.items()})
    inside = [c for c in after.criteria if c.group == "transport"]
    before = {c.id: c.weight for c in scenario.criteria}
    assert len({round(c.weight / before[c.id], 9) for c in inside}) == 1
    assert spread({name: weight * factor for name, weight in asked.items()}, scenario) == pytest.approx(spread(asked, scenario))


def test_a_group_without_weight_in_the_standard_is_spread_evenly() -> None:
    scenario = default_scenario()
    unweighted = tuple(replace(c, weight=0.0 if c.group == "terrain" else c.weight) for c in scenario.criteria)
    without = replace(scenario, criteria=unweighted)
    weights = spread(dict.fromkeys(GROUPS, 1.0), without)
    assert len({weights[c.id] for c in scenario.criteria if c.group == "terrain"}) == 1 and weights["slope"] > 0


@pytest.mark.parametrize(("groups", "message"), [
    ({"terrain": 1.0}, "exactly these groups: .*; see collective"), (dict.fromkeys((*GROUPS, "beauty"), 1.0), "see beauty"),
    (dict.fromkeys(GROUPS, 0.0), "not all zero"), (dict.fromkeys(GROUPS, 1.0) | {"terrain": -1.0}, "see terrain"),
])
def test_groups_that_do_not_fit_are_named(groups: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spread(groups, default_scenario())
