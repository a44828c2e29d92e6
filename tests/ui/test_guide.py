"""The user guide and the help on criteria: whole in both languages, told from the scenario in force, and safe."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PIL import Image
from typer.testing import CliRunner

from layers.words import LANGUAGES, say
from ui.cli import build
from ui.components.steps import WAY, next_of
from ui.components.tour import STOPS
from ui.criterion_help import PARTS, help_text, parts_of, scored_text
from ui.guide import PICTURES, guide_html
from ui.rules import load_scenario
from ui.state import PAGES

SCENARIO = load_scenario(None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("criterion", SCENARIO.criteria, ids=lambda one: one.id)
def test_every_criterion_says_what_why_how_by_which_clause_and_its_limit(criterion, language: str) -> None:
    told = parts_of(criterion, language)
    assert tuple(told) == PARTS
    text = help_text(criterion, language)
    assert all(part in text for part in told.values()) and criterion.clause in text


def test_the_score_is_told_as_the_standards_file_has_it() -> None:
    criteria = {one.id: one for one in SCENARIO.criteria}
    yard = scored_text(criteria["courtyard"], "zh")
    assert yard.startswith("0 平方米 得 0，200 平方米 得 0.4，400 平方米 得 0.8，800 平方米 得 1。")
    proof = scored_text(criteria["evidence_strength"], "en")
    assert "Registered title 1, Collective-ownership polygon 0.7, Land survey 0.4" in proof


def test_a_criterion_without_words_of_its_own_still_has_its_clause() -> None:
    told = parts_of(replace(SCENARIO.criteria[0], id="of_another_county", clause="X 9"), "en")
    assert set(told) == {"scored", "clause"} and told["clause"] == "X 9"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_is_whole_and_loads_nothing(language: str, tmp_path) -> None:
    (tmp_path / f"plan-{language}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    page = guide_html(SCENARIO, language, pictures=tmp_path)
    assert page.count("<img") == 1 and "data:image/png;base64," in page
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    for key in [f"tour.stop.{name}" for name in WAY] + [f"criteria.criterion.{one.id}" for one in SCENARIO.criteria]:
        assert say(key, language).replace("'", "&#x27;") in page
    if language == "en":
        assert not re.search("[\u4e00-\u9fff]", re.sub(r"<dt>Clause</dt><dd>[^<]*</dd>", "", page).replace("Noto Sans", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_of_the_app_shows_every_page(language: str) -> None:
    for page in WAY:
        with Image.open(PICTURES / f"{page}-{language}.webp") as picture:
            assert picture.width == 1200 and picture.height > 600
    html = guide_html(SCENARIO, language, pictures=PICTURES)
    assert html.count("data:image/webp;base64,") == len(WAY) and len(html) < 2_000_000


def test_names_of_another_standard_are_no_markup() -> None:
    page = guide_html(replace(SCENARIO, name={"en": "<script>alert(1)</script>"}), "en")
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_the_command_writes_both_languages(tmp_path) -> None:
    result = CliRunner().invoke(build("en"), ["guide", "--out", str(tmp_path / "guide")])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "guide").iterdir()) == ["guide-en.html", "guide-zh.html"]


def test_the_way_and_the_tour_lead_past_every_page() -> None:
    assert set(WAY) == set(STOPS) == set(PAGES)
    assert [next_of(name) for name in WAY] == [*WAY[1:], None]
