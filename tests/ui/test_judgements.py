"""Officials' judgements: how they are kept, saved with the scenario, read back, and what weights they give."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.scenario import GROUPS, ScenarioError
from geo.weighting.ahp import JudgementError
from geo.weighting.groups import group_weights
from layers.words import LANGUAGES
from ui.judgements import Judge, common_matrix, groups_of, judge_rows, judges_from, nearest_answers, weights_by
from ui.rules import Given, given_in, load_scenario, problem_text
from ui.scenario_file import scenario_text, toml_text


def consistent(name: str, weights: dict[str, float], say: float = 1.0) -> Judge:
    """A judge whose answers are exactly the ratios of these weights."""
    judge = Judge(name, say=say)
    for place, first in enumerate(GROUPS):
        for second in GROUPS[place + 1:]:
            judge = judge.answered(first, second, weights[first] / weights[second])
    return judge


ONE = dict(zip(GROUPS, (8.0, 4.0, 4.0, 2.0, 2.0, 1.0, 1.0), strict=True))
OTHER = dict(zip(GROUPS, (1.0, 4.0, 1.0, 2.0, 8.0, 1.0, 4.0), strict=True))


def test_an_answer_gives_the_other_way_round_too():
    judge = Judge("A").answered("transport", "courtyard", 4)
    assert judge.times("transport", "courtyard") == 4 and judge.times("courtyard", "transport") == 0.25
    assert judge.answered("courtyard", "transport", 2).times("transport", "courtyard") == 0.5
    assert judge.answered("transport", "courtyard", None).answers == {}
    assert judge.times("transport", "terrain") is None and judge.times("terrain", "terrain") == 1
    assert len(judge.open_pairs(GROUPS)) == 20


def test_consistent_answers_give_back_the_weights_they_came_from():
    scenario = load_scenario()
    found = group_weights(scenario.with_weights(weights_by([consistent("A", ONE)], scenario)))
    assert found == pytest.approx({group: weight / 22 for group, weight in ONE.items()})


def test_two_officials_meet_in_the_geometric_mean_with_their_say():
    matrix = common_matrix([consistent("A", ONE), consistent("B", OTHER, say=3.0)], GROUPS)
    assert matrix[0, 1] == pytest.approx((8 / 4) ** 0.25 * (1 / 4) ** 0.75)
    alone = common_matrix([consistent("A", ONE), consistent("B", OTHER, say=0.0)], GROUPS)
    assert alone[0, 1] == pytest.approx(2.0)


def test_half_a_table_weighs_nothing():
    scenario = load_scenario()
    half = Judge("A").answered("collective", "courtyard", 3)
    assert weights_by([half], scenario) is None
    with pytest.raises(JudgementError, match="no_judges"):
        common_matrix([half], GROUPS)


def test_a_table_begun_from_the_weights_has_whole_answers_near_them():
    scenario = load_scenario()
    judge = nearest_answers(scenario, "A", scenario.weights)
    shares = group_weights(scenario)
    assert not judge.open_pairs(groups_of(scenario))
    for (first, second), times in judge.answers.items():
        more = max(times, 1 / times)
        ratio = max(shares[first], shares[second]) / min(shares[first], shares[second])
        assert more == pytest.approx(round(more)) and abs(more - ratio) <= 0.5 + 1e-9
        assert (times >= 1) == (shares[first] >= shares[second]) or more == pytest.approx(1)


def saved(tmp_path, judges, weights, given=None, name="ours.toml"):
    path = tmp_path / name
    path.write_text(scenario_text(given or Given(), weights, judges), encoding="utf-8")
    return path


def test_a_saved_scenario_restores_weights_and_judgements(tmp_path):
    scenario = load_scenario()
    judges = (consistent("\u9547\u957f \"A\"\n#", ONE), Judge("B").answered("terrain", "readiness", 1 / 3))
    weights = {criterion.id: criterion.weight for criterion in scenario.criteria} | {"courtyard": 40.0}
    path = saved(tmp_path, judges, weights)
    loaded, kept = load_scenario(path), given_in(path).judges
    assert loaded.weights == pytest.approx(scenario.with_weights(weights).weights)
    assert loaded.courtyard == scenario.courtyard and [judge.name for judge in kept] == [judge.name for judge in judges]
    for ours, theirs in zip(judges, kept, strict=True):
        assert theirs.answers == pytest.approx(ours.answers)


def test_what_else_the_scenario_changes_stays(tmp_path):
    first = tmp_path / "first.toml"
    first.write_text('base = "default"\n[gates.courtyard]\nmin_area_m2 = 150\n[[criteria]]\nid = "road_distance"\n'
                     'value = { kind = "step", steps = [[0, 1.0], [100, 0.2]] }\n', encoding="utf-8")
    scenario = load_scenario(first)
    loaded = load_scenario(saved(tmp_path, (), scenario.weights, given_in(first)))
    assert loaded.courtyard.min_area_m2 == 150
    assert [criterion.value for criterion in loaded.criteria] == [criterion.value for criterion in scenario.criteria]
    assert loaded.weights == pytest.approx(scenario.weights)


def test_judges_alone_give_the_weights_and_stated_weights_win(tmp_path):
    rows = toml_text({"base": "default", "judges": judge_rows([consistent("A", ONE)])})
    path = tmp_path / "judged.toml"
    path.write_text(rows, encoding="utf-8")
    assert group_weights(load_scenario(path))["collective"] == pytest.approx(8 / 22)
    stated = rows.replace('base = "default"', 'base = "default"\nweights = { courtyard = 15 }')
    path.write_text(stated, encoding="utf-8")
    assert load_scenario(path).weights == pytest.approx(load_scenario().weights)


def test_every_fault_of_the_judges_is_reported_at_once_in_both_languages(tmp_path):
    path = tmp_path / "bad.toml"
    answers = [["collective", "garden", 3], ["collective", "terrain", 12], ["terrain"], ["courtyard", "terrain", 2],
               ["terrain", "courtyard", 2]]
    path.write_text(toml_text({"base": "default", "judges": [{"name": "", "answers": answers, "rank": 1}],
                               "gates": {"courtyard": {"min_area_m2": -1}}}), encoding="utf-8")
    with pytest.raises(ScenarioError, match="answer_group") as caught:
        load_scenario(path)
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["bad_number", "unknown_key", "bad_judge_name", "answer_group", "answer_scale", "answer_shape", "answer_twice"]
    for language in LANGUAGES:
        for problem in caught.value.problems:
            text = problem_text(problem, language)
            assert problem.code not in text and "{" not in text


@pytest.mark.parametrize("rows", ["A", 3, [1], [{"name": "A"}] * 31])
def test_judges_that_are_no_tables(rows):
    found, problems = judges_from(rows)
    assert not found and [problem.code for problem in problems] == ["bad_judges"]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12))
@settings(max_examples=60, deadline=None)
def test_what_is_written_as_toml_is_read_back(value):
    mapping = {"given": value}
    assert tomllib.loads(toml_text(mapping)) == mapping
