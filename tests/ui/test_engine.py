"""The engine: from a county.toml to an outcome, with progress that only rises and every problem at once."""

from __future__ import annotations

import pytest

from geo.inputs import NotMetricError
from geo.scenario import ScenarioError
from layers.findings import InputError
from layers.words import LANGUAGES
from reports.writing import OutputError
from tests.ui.townfiles import write_town
from ui.engine import Unusable, open_and_study, problem_texts, step_text


def test_it_opens_and_studies_and_tells_how_far_it_is(tmp_path):
    steps = []
    outcome = open_and_study(write_town(tmp_path), progress=lambda step, share: steps.append((step, share)))
    assert outcome.county.name == outcome.study.county_name == "双溪县"
    assert len(outcome.study.candidates) == 18 and outcome.scenario.id == "default" and outcome.scenario_file is None
    assert set(outcome.seconds) == {"open", "study_total"}
    shares = [share for _, share in steps]
    assert shares == sorted(shares) and shares[-1] == 1.0
    for language in LANGUAGES:
        assert [step for step, _ in steps if step_text(step, language) == step] == []


def test_what_chooses_sites_is_loaded_only_where_a_plan_is_next(tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr("ui.ahead.load_choice", lambda: begun.append(1))
    town = write_town(tmp_path)
    open_and_study(town)
    assert begun == []
    open_and_study(town, plan_next=True)
    assert begun == [1]


def test_a_layer_being_read_is_not_taken_for_a_step_of_the_analysis():
    assert step_text("open.terrain", "en") != step_text("terrain", "en")
    assert step_text("open.restrictions.redline", "en") == step_text("open.restrictions", "en")
    assert step_text("report.xlsx", "zh") == "report.xlsx"


def test_steps_of_the_demo_have_their_own_words():
    from layers.demo import STEPS

    for language in LANGUAGES:
        texts = [step_text(step, language, task="demo") for step in STEPS]
        assert len(set(texts)) == len(STEPS) and not set(texts) & set(STEPS)


def test_a_scenario_file_decides(tmp_path):
    (tmp_path / "small.toml").write_text('base = "default"\n[gates.courtyard]\nmin_area_m2 = 180\n', encoding="utf-8")
    outcome = open_and_study(write_town(tmp_path), scenario_path=tmp_path / "small.toml")
    verdicts = outcome.study.candidates.set_index("candidate_id")["verdict"]
    assert verdicts["N-P02"] == "pass"     # 190 m2: fails at 200
    assert outcome.scenario_file["file"] == "small.toml"


def test_problems_of_both_files_are_found_at_once(tmp_path):
    (tmp_path / "bad.toml").write_text('base = "moon"\n', encoding="utf-8")
    with pytest.raises(Unusable, match="moon") as caught:
        open_and_study(tmp_path / "nowhere.toml", scenario_path=tmp_path / "bad.toml")
    assert [type(error) for error in caught.value.errors[:1]] == [ScenarioError]
    texts = problem_texts(caught.value, "en")
    assert len(texts) == 2 and "moon" in texts[0] and "nowhere.toml" in texts[1]


def test_one_unusable_file_raises_its_own_error(tmp_path):
    with pytest.raises(InputError, match="nowhere.toml"):
        open_and_study(tmp_path / "nowhere.toml")
    with pytest.raises(ScenarioError, match="scenario_missing"):
        open_and_study(write_town(tmp_path), scenario_path=tmp_path / "none.toml")


def test_every_expected_error_has_words(tmp_path):
    assert "full" in problem_texts(OutputError(tmp_path, "full"), "zh")[0]
    assert problem_texts(NotMetricError("lengths are off"), "zh") == ["lengths are off"]
