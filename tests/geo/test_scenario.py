"""The scenario: the default standard says what the policies say, and every fault of a file is reported at once."""

import math

import pytest

from geo.results import MEASURES
from geo.scenario import GATES, GROUPS, ScenarioError, scenario_from
from tests.geo.standard import default_scenario, standard_mapping


def test_default_standard_holds_the_figures_of_the_policies() -> None:
    scenario = default_scenario()
    assert scenario.courtyard.min_area_m2 == 200 and scenario.courtyard.clause == "A 2.2 ④"
    assert scenario.building.min_floor_area_m2 == 90 and scenario.venues.min_courtyard_m2 == 200
    assert scenario.travel.walk_kmh == 5.0 and scenario.travel.catchment_min == 15
    assert "path" not in scenario.travel.drive_kmh
    assert scenario.dispute.marks == {"yes": "fail", "undetermined": "verify", "no_sign": "pass"}


def test_every_criterion_reads_a_measure_of_the_study_and_belongs_to_a_group() -> None:
    criteria = default_scenario().criteria
    assert {c.measure for c in criteria} <= set(MEASURES)
    assert {c.group for c in criteria} <= set(GROUPS)
    assert all(c.clause for c in criteria)
    assert {c.group for c in criteria} >= {"collective", "courtyard", "transport", "population", "facilities"}
    assert len(set(GATES)) == 6


def test_weights_sum_to_one_and_keep_their_ratio() -> None:
    weights = default_scenario().weights
    assert math.isclose(sum(weights.values()), 1.0)
    assert math.isclose(weights["courtyard"] / weights["slope"], 15 / 3)


def test_equal_files_make_equal_scenarios() -> None:
    assert scenario_from(standard_mapping()) == default_scenario()


def test_with_weights_changes_those_named_only() -> None:
    scenario = default_scenario().with_weights({"slope": 0, "courtyard": 30})
    weights = {c.id: c.weight for c in scenario.criteria}
    assert weights["slope"] == 0 and weights["courtyard"] == 30 and weights["road_time"] == 7
    assert default_scenario().weights["slope"] > 0


@pytest.mark.parametrize(("weights", "message"), [
    ({"beauty": 1}, "weights.beauty: unknown_criterion"),
    ({"slope": -1}, "criteria.slope.weight: bad_weight"),
    ({"slope": math.inf}, "criteria.slope.weight: bad_weight"),
    ({"slope": math.nan}, "criteria.slope.weight: bad_weight"),
])
def test_bad_weights_are_refused(weights: dict, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        default_scenario().with_weights(weights)


def test_all_weights_zero_are_refused() -> None:
    with pytest.raises(ScenarioError, match="no_weight"):
        default_scenario().with_weights({c.id: 0 for c in default_scenario().criteria})


def test_every_fault_is_reported_at_once() -> None:
    mapping = standard_mapping()
    del mapping["gates"]["road"]["pass_distance_m"]
    mapping["gates"]["courtyard"]["basis"] = "lawn"
    mapping["gates"]["courtyard"]["min_area_m2"] = -1
    mapping["travel"]["walk_khm"] = 4
    mapping["travel"]["drive_grade_factor"] = [[5, 1.0], [0, 0.5]]
    mapping["criteria"][0]["value"] = {"kind": "cubic"}
    mapping["criteria"][2]["group"] = "beauty"
    mapping["criteria"].append(dict(mapping["criteria"][3]))
    with pytest.raises(ScenarioError, match="missing_key") as caught:
        scenario_from(mapping)
    faults = {(problem.where, problem.code) for problem in caught.value.problems}
    assert faults == {
        ("gates.road.pass_distance_m", "missing_key"), ("gates.courtyard.basis", "bad_choice"),
        ("gates.courtyard.min_area_m2", "bad_number"), ("travel.walk_khm", "unknown_key"),
        ("travel.drive_grade_factor", "bad_curve"), ("criteria[collective_share].value", "bad_value_function"),
        ("criteria[evidence_strength].group", "bad_choice"), ("criteria", "double_criterion"),
    }


@pytest.mark.parametrize(("key", "value", "message"), [
    ("limits_min", [], "coverage.limits_min: bad_limits"), ("limits_min", [10, 5], "coverage.limits_min: bad_limits"),
    ("limits_min", [5, 5], "coverage.limits_min: bad_limits"), ("limits_min", [0, 5], "coverage.limits_min: bad_limits"),
    ("limits_min", ["5"], "coverage.limits_min: bad_limits"), ("zones_min", [10, 20], "coverage.zone_weights: bad_zone_weights"),
    ("zone_weights", [0.2, 0.6, 1.0], "coverage.zone_weights: bad_zone_weights"),
    ("zone_weights", [1.0, 0.5, 0.0], "coverage.zone_weights: bad_zone_weights"),
])
def test_limits_of_coverage_rise_and_zone_weights_fall(key: str, value: list, message: str) -> None:
    mapping = standard_mapping()
    mapping["coverage"][key] = value
    with pytest.raises(ScenarioError, match=message):
        scenario_from(mapping)


def test_coverage_is_told_at_the_limits_of_the_standard() -> None:
    rules = default_scenario().coverage
    assert rules.limits_min == (5, 10, 15, 30)
    assert dict(zip(rules.zones_min, rules.zone_weights, strict=True)) == {10: 1.0, 20: 0.68, 30: 0.22}, "Luo & Qi 2009"


def test_an_empty_file_is_refused_with_its_missing_keys() -> None:
    with pytest.raises(ScenarioError, match="criteria: missing_key"):
        scenario_from({})
