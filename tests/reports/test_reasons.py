"""Reasons in words: what a planner reads, in both languages, and that every figure in it stands in the study."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import openpyxl
import pytest

from geo.phrases import Figure, Listing, Part, Phrase, Said, Term
from geo.reasons import Sentence, reasons
from geo.remedies import Obstacle, levers, plans
from geo.remedies.choices import _CHOICES
from geo.remedy_phrases import outlooks_of
from geo.results import Study
from geo.robustness.badge import county_badges
from geo.study import study
from geo.village_reasons import county_reasons, village_reasons
from layers.county import County
from layers.words import LANGUAGES, catalogue
from reports.reasons import (
    COLUMNS,
    lever_text,
    obstacle_text,
    plan_text,
    reasons_table,
    rests_on_text,
    sentence_text,
    sentences_text,
    step_text,
)
from reports.tables import csv_bytes
from reports.workbook import workbook_bytes
from tests import toytown
from tests.geo.standard import default_scenario
from tests.toytown import QINGSHI
from ui.engine import Outcome

IN_TEMPLATES = {"100", "1", "2"}
"""Numbers that stand in the sentences themselves: of 100 points, the first, the second."""
SAMPLE = 300


@cache
def town_study() -> tuple[County, Study]:
    county = toytown.toytown()
    return county, study(county, default_scenario())


def _text(candidate: str, language: str) -> str:
    county, found = town_study()
    return sentences_text(reasons(found, county, [candidate])[candidate], language)


def test_a_passing_site_as_a_minute_would_have_it() -> None:
    text = _text("N-P01", "zh")
    assert text.startswith("该地块符合全部 5 项门槛：登记资料表明土地属本村集体所有（占 100%）；")
    assert "宗地 400 平方米、可用院落 400 平方米（要求不少于 200 平方米）" in text and "距可通车道路 10 米。" in text
    assert "比第 2 位（N-P03）高 " in text
    english = _text("N-P01", "en")
    assert english.startswith("The parcel passes all 5 gates: by registered papers the land is the village collective's own (100%)")
    assert "a parcel of 400 m² with a usable courtyard of 400 m² (at least 200 m² asked for)" in english


def test_a_failing_site_says_what_would_mend_it() -> None:
    assert "若院落再扩大 10 平方米，即可符合全部门槛" in _text("N-P02", "zh")
    assert "would pass every gate if the parties were to enlarge the yard by 10 m²" in _text("N-P02", "en")
    assert "土地属国家所有" in _text("N-P06", "zh") and "无法通过整改改变" in _text("N-P06", "zh")


def test_evidence_is_told_in_the_units_of_the_minute() -> None:
    assert "宗地 190 平方米" in _text("N-P02", "zh") and "m²" not in _text("N-P02", "zh")
    assert "距可通车道路 110 米" in _text("N-P10", "zh")


def test_far_and_unknown_are_words() -> None:
    county = toytown.toytown(facilities=None, terrain=None)
    found = study(county, default_scenario())
    text = sentences_text(reasons(found, county, ["N-P14"])["N-P14"], "en")
    assert "nan" not in text.lower() and "inf" not in text.lower()
    unreachable = Sentence("lacks", Phrase("passed.road", {"distance": Figure(float("inf"), "m", "road_distance_m")}))
    assert sentence_text(unreachable, "zh") == "距可通车道路不可达"
    assert sentence_text(Sentence("lacks", Phrase("passed.road", {"distance": Figure(np.nan, "m", "x")})), "en") \
        == "Not known from a road for vehicles"


@pytest.mark.parametrize(("value", "unit", "zh", "en"), [
    (1234.4, "m2", "约 1,234 平方米", "about 1,234 m²"), (1234.0, "m2", "1,234 平方米", "1,234 m²"),
    (12.34, "m2", "约 12.3 平方米", "about 12.3 m²"), (0.3333, "share", "33.3%", "33.3%"), (1.0, "share", "100%", "100%"),
    (17.52, "min", "约 18 分钟", "about 18 min"), (4.5, "min", "4.5 分钟", "4.5 min"), (15.5, "min", "15.5 分钟", "15.5 min"),
    (1234.5678, "points", "1,234.6 分", "1,234.6 points"), (3.0, "kinds", "3 种", "3"), (12.0, "count", "12", "12"),
    (0.0, "m", "0 米", "0 m"), (-0.0001, "m", "0 米", "0 m"),
])
def test_figures(value: float, unit: str, zh: str, en: str) -> None:
    for language, text in (("zh", zh), ("en", en)):
        phrase = Phrase("passed.road", {"distance": Figure(value, unit, "x")})
        assert text in sentence_text(Sentence("has", phrase), language) or en == text
        assert sentence_text(Sentence("has", phrase), language).lower().count(text.lower()) == 1


def test_parts_for_the_pages() -> None:
    county, found = town_study()
    by_id = {plan.candidate_id: plan for plan in plans(found, county)}
    assert plan_text(by_id["N-P02"], "en") == "enlarge the yard by 10 m²" and plan_text(by_id["N-P01"], "zh") == ""
    assert plan_text(by_id["N-P08"], "zh") == "占用生态保护红线"
    assert step_text(by_id["N-P10"].steps[0], "zh") == "修建进场道路 60 米（进场道路方案）"
    assert obstacle_text(Obstacle("collective", "level_state"), "en") == "the land is state-owned"
    assert obstacle_text(Obstacle("collective", "made_up"), "en") == "the condition that it fails"
    (lever,) = levers(found, county, "N-P03")
    assert lever_text(lever, "en") == f"enlarge the usable courtyard to {lever.needed:.0f} m² (by {lever.amount:.0f} m²)"


def test_every_answer_has_its_words() -> None:
    for language in LANGUAGES:
        texts = catalogue(language)
        for (gate, reason), actions in _CHOICES.items():
            assert all(f"reasons.step.{action}" in texts for action in actions), (gate, reason)


# ------------------------------------------------------------------------------------------------------------- all that is said
def _parts(part: Part) -> Iterator[Part]:
    yield part
    inner = part.parts if isinstance(part, Listing) else tuple(part.values.values()) if isinstance(part, Phrase) else ()
    for one in inner:
        yield from _parts(one)


def _without_names(sentence: Sentence, text: str, language: str) -> str:
    """The text less everything whose digits are a name's: ids, names of criteria, codes that evidence quotes."""
    names: list[str] = []
    for part in _parts(sentence.phrase):
        if isinstance(part, str):
            names.append(part)
        elif isinstance(part, Term):
            names.append(catalogue(language).get(f"{part.table}.{part.code}", part.code))
        elif isinstance(part, Said):
            names += [value for value in part.evidence.params.values() if isinstance(value, str)]
    text = text.lower()
    for name in sorted((name.lower() for name in names if name), key=len, reverse=True):
        text = text.replace(name, "")
    return text


def _spellings(value: float) -> set[str]:
    return {f"{number:,.{digits}f}" for number in (value, 100 * value) for digits in (0, 1)} | {
        f"{number:,.1f}".removesuffix(".0") for number in (value, 100 * value)}


def _check(sentences: tuple[Sentence, ...], language: str) -> None:
    for sentence in sentences:
        text = sentence_text(sentence, language)
        assert not re.search(r"[{}]|\bnan\b|\binf\b|[:(=] ?None|<NA>", text), text
        assert text[-1] in "。." and "  " not in text and not re.search(r"[，、；：（]\s|。。|\.\.$", text), text
        known = IN_TEMPLATES.union(*(
            _spellings(float(fact.value)) for fact in sentence.rests_on if isinstance(fact.value, int | float)))
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?", _without_names(sentence, text, language)):
            assert number.rstrip(",") in known, (number, text)
        assert all("=" in one for one in rests_on_text(sentence).split("; ") if one)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_the_toy_town_stands_in_the_study(language: str) -> None:
    county, found = town_study()
    for sentences in reasons(found, county, list(found.candidates["candidate_id"])).values():
        _check(sentences, language)
    _check(village_reasons(found, county, QINGSHI), language)
    _check(county_reasons(found), language)


@pytest.fixture(scope="module")
def demo_study(demo: Outcome) -> tuple[County, Study]:
    county = demo.county
    drawn = np.random.default_rng(7).choice(len(county.parcels), SAMPLE, replace=False)
    fewer = dataclasses.replace(county, parcels=county.parcels.iloc[np.sort(drawn)].reset_index(drop=True))
    return fewer, study(fewer, default_scenario())


def test_every_figure_of_hundreds_of_sites_of_the_demo_stands_in_the_study(demo_study: tuple[County, Study]) -> None:
    county, found = demo_study
    ids = list(found.candidates["candidate_id"])
    assert len(ids) >= SAMPLE and set(found.candidates["verdict"]) == {"pass", "verify", "fail"}
    outlooks = outlooks_of(county_badges(found), found.scenario.robustness)
    said = reasons(found, county, ids, outlooks=outlooks)
    for n, sentences in enumerate(said.values()):
        assert 2 <= len(sentences) <= 5
        _check(sentences, LANGUAGES[n % 2])
    for n, code in enumerate(found.villages["village_code"].iloc[:12]):
        _check(village_reasons(found, county, code), LANGUAGES[n % 2])


# ------------------------------------------------------------------------------------------------------------------ the table
def test_the_table_and_its_bytes() -> None:
    county, found = town_study()
    table = reasons_table(found, county, "en")
    assert tuple(table.columns) == COLUMNS
    assert table.loc[0, "about"] == "county" and (table.loc[1, ["candidate_id", "village_code"]] == ["", QINGSHI]).all()
    listed = list(dict.fromkeys(table.loc[(table["village_code"] == QINGSHI) & (table["candidate_id"] != ""), "candidate_id"]))
    assert listed == ["N-P01", "N-P03", "N-P04", "N-P11", "N-P10", "N-P02"]   # five ranked, then the failing one nearest to passing
    assert (table.groupby(["village_code", "candidate_id"])["sentence_no"].diff().dropna() == 1).all()
    again = study(toytown.toytown(), default_scenario())
    assert csv_bytes(reasons_table(again, county, "en")) == csv_bytes(table)


def test_the_sheet_has_a_paragraph_for_each_place() -> None:
    county, found = town_study()
    table = reasons_table(found, county, "zh")
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(found, county, "zh", reasons=table)))
    rows = [[cell.value for cell in row] for row in book["理由"].iter_rows(min_row=4)]
    assert len(rows) == table[["village_code", "candidate_id"]].drop_duplicates().shape[0]
    told = {row[2]: row[4] for row in rows if row[2]}
    assert told["N-P02"] == "".join(table.loc[table["candidate_id"] == "N-P02", "text"])
    assert "理由" not in openpyxl.load_workbook(io.BytesIO(workbook_bytes(found, county, "zh"))).sheetnames


def test_names_from_the_data_stay_plain_text() -> None:
    parcels = toytown.parcels()
    parcels.loc[3, "dispute_source"] = "{village} =1+1 <b>"
    county = toytown.toytown(parcels=parcels)
    text = sentences_text(reasons(study(county, default_scenario()), county, ["N-P04"])["N-P04"], "en")
    assert "({village} =1+1 <b>)" in text
