"""Scenario files: what they change, what they leave, and that every fault is said in both languages."""

from __future__ import annotations

import hashlib
import string

import pytest

from geo.scenario import Problem, ScenarioError
from layers.words import LANGUAGES, catalogue
from ui.rules import load_scenario, problem_text, scenario_stamp, standards

CODES = (
    "missing_key", "bad_number", "bad_choice", "bad_text", "bad_table", "unknown_key", "bad_curve", "bad_limits",
    "bad_zone_weights", "bad_weight", "no_weight", "bad_list",
    "bad_value_function", "double_criterion", "no_criteria", "unknown_criterion", "no_base", "unknown_base", "scenario_missing",
    "scenario_unreadable", "scenario_not_toml",
)


def _file(folder, text, name="ours.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_default_standard_holds():
    scenario = load_scenario()
    assert scenario.id == "default" and scenario.courtyard.min_area_m2 == 200 and "default" in standards()


def test_a_file_changes_what_it_says_and_nothing_else(tmp_path):
    path = _file(tmp_path, 'base = "default"\n[gates.courtyard]\nmin_area_m2 = 150\n[travel.drive_kmh]\ntrack = 10\n')
    ours, default = load_scenario(path), load_scenario()
    assert ours.courtyard.min_area_m2 == 150 and ours.courtyard.basis == default.courtyard.basis
    assert ours.travel.drive_kmh == {**default.travel.drive_kmh, "track": 10.0}
    assert ours.criteria == default.criteria and ours.restrictions == default.restrictions
    assert ours.id == "ours" and ours.name["zh"].endswith("ours") and ours.version == default.version


def test_weights_have_a_short_form(tmp_path):
    ours = load_scenario(_file(tmp_path, 'base = "default"\n[weights]\ncourtyard = 20\nslope = 0\n'))
    default = {c.id: c.weight for c in load_scenario().criteria}
    assert {c.id: c.weight for c in ours.criteria} == {**default, "courtyard": 20.0, "slope": 0.0}


def test_criteria_are_laid_over_by_id_and_new_ones_added(tmp_path):
    ours = load_scenario(_file(tmp_path, """
base = "default"
id = "yunling"
[[criteria]]
id = "slope"
value = { kind = "linear", zero = 30, one = 0 }
[[criteria]]
id = "police_walk"
group = "facilities"
measure = "police_walk_min"
unit = "min"
weight = 1
clause = "D 3.3.3"
value = { kind = "linear", zero = 60, one = 5 }
"""))
    default = {c.id: c for c in load_scenario().criteria}
    slope = next(c for c in ours.criteria if c.id == "slope")
    assert slope.value.points == ((0.0, 1.0), (30.0, 0.0)) and slope.weight == default["slope"].weight
    assert [c.id for c in ours.criteria] == [*default, "police_walk"] and ours.id == "yunling"


def test_a_complete_standards_file_needs_no_base(tmp_path):
    from ui.rules import STANDARDS

    copy = _file(tmp_path, (STANDARDS / "default.toml").read_text(encoding="utf-8"), "whole.toml")
    assert load_scenario(copy) == load_scenario()


@pytest.mark.parametrize(("text", "expected"), [
    ("[weights]\ncourtyard = 20\n", {("base", "no_base")}),
    ('base = "moon"\n', {("base", "unknown_base")}),
    ('base = "default"\n[weights]\nyard = 1\n[gates.courtyard]\nmin_area_m2 = "big"\nmax_area_m2 = 3\n',
     {("weights.yard", "unknown_criterion"), ("gates.courtyard.min_area_m2", "bad_number"),
      ("gates.courtyard.max_area_m2", "unknown_key")}),
    ('base = "default"\n[weights]\ncourtyard = -1\n', {("criteria[courtyard].weight", "bad_number")}),
    ('base = "default"\ntravel = 3\n', {("travel", "bad_table")}),
    ('base = "default"\nweights = 3\n', {("weights", "bad_table")}),
    ('base = "default"\n[[criteria]]\nweight = 3\n', {("criteria[1].id", "missing_key")}),
    ('base = "default"\n[[criteria]]\nid = "slope"\nvalue = { kind = "wave" }\n',
     {("criteria[slope].value", "bad_value_function")}),
])
def test_every_fault_is_found_at_its_place(tmp_path, text, expected):
    with pytest.raises(ScenarioError, match=r"\w: ") as caught:
        load_scenario(_file(tmp_path, text))
    assert {(problem.where, problem.code) for problem in caught.value.problems} == expected
    for language in LANGUAGES:
        for problem in caught.value.problems:
            said = problem_text(problem, language)
            assert problem.where in said and "{" not in said and f"cli.problems.{problem.code}" in catalogue(language)


def test_a_file_that_is_missing_or_not_toml_is_said(tmp_path):
    with pytest.raises(ScenarioError, match="scenario_missing"):
        load_scenario(tmp_path / "none.toml")
    with pytest.raises(ScenarioError, match="scenario_not_toml"):
        load_scenario(_file(tmp_path, "base = \n"))
    with pytest.raises(ScenarioError, match="scenario_unreadable"):
        load_scenario(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence_that_any_problem_can_fill(code, language):
    text = catalogue(language)[f"cli.problems.{code}"]
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    assert names <= {"where", "value", "low", "high", "choices", "name", "reason"}
    assert "x.y" in problem_text(Problem("x.y", code), language)


def test_a_number_is_shown_as_it_is_written():
    problem = Problem("travel.walk_kmh", "bad_number", {"value": -3.0, "low": 0.1, "high": float("inf")})
    assert problem_text(problem, "en") == "travel.walk_kmh: -3 is not a number from 0.1 to ∞."


def test_the_stamp_of_a_scenario_is_its_content(tmp_path):
    path = _file(tmp_path, 'base = "default"\n')
    assert scenario_stamp(path) == {"file": "ours.toml", "content_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert scenario_stamp(None) is None
