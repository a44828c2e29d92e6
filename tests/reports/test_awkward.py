"""What real counties lack: townships, limits, villages in need, areas; figures of one; words longer than their column."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pandas as pd
import pytest

from layers.words import LANGUAGES, say
from reports.document.county import county_document
from reports.document.model import Cell, Heading, Picture, Table
from reports.document.parts import Subject
from reports.document.pdf import _broken
from reports.document.site import _within, place_text
from reports.evidence_words import without_unknown_area
from reports.figures import figure
from reports.map_layers import _together
from reports.plan_words import _grouped
from tests.reports.smallstudy import county, small_study


def subject(study=None, language: str = "en") -> Subject:
    return Subject(study or small_study(), county(), language, datetime.date(2026, 3, 5))


def without(**columns: object):
    """The small study whose villages say something else."""
    study = small_study()
    return dataclasses.replace(study, villages=study.villages.assign(**columns))


def test_one_of_a_thing_has_its_own_word():
    told = [figure(count, "kinds", language="en") for count in (0, 1, 2)]
    assert told == ["0 kinds", "1 kind", "2 kinds"]
    assert [figure(count, "people", language="zh") for count in (1, 2)] == ["1 人", "2 人"]


@pytest.mark.parametrize(("language", "expected"), [("en", "72.09620° W, 12.13498° S"), ("zh", "西经 72.09620°，南纬 12.13498°")])
def test_places_west_and_south_are_called_so(language, expected):
    assert place_text(pd.Series({"lon": -72.0962, "lat": -12.13498}), subject(language=language)) == expected


def test_an_area_that_is_not_known_is_left_out():
    for language, known in (("en", "100% (5 m²) lies in water"), ("zh", "占用水域 100%，约 5 m²")):
        whole = say("evidence.restriction.in_water", language, percent="100", taken_m2=say("evidence.unknown", language),
                    tolerated="1", tolerated_m2="10")
        told = without_unknown_area(whole, language)
        assert say("evidence.unknown", language) not in told and "100%" in told and len(told) < len(whole)
        assert without_unknown_area(known, language) == known


def test_numbers_in_sentences_have_separators():
    values = [210832, "5541904", "5440.8", "15", "0.3", 59.3, "-", "a1"]
    assert [_grouped(value) for value in values] == ["210,832", "5,541,904", "5,440.8", "15", "0.3", "59.3", "-", "a1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_county_without_townships_has_no_column_of_them(language):
    def heads(study) -> list[str]:
        made = county_document(subject(study, language), None).blocks
        return [text for block in made for text in (block.head if isinstance(block, Table) else ())] + [
            block.text for block in made if isinstance(block, Heading)]

    none = pd.Series(pd.NA, index=small_study().villages.index, dtype="str")
    word, section = say("document.table.township", language), say("document.head.townships", language)
    assert word in heads(small_study()) and section in heads(small_study())
    bare = heads(without(township_code=none, township_name=none))
    assert word not in bare and section not in bare


def test_words_longer_than_their_column_may_break_and_others_do_not():
    table = Table(("a", "b"), ((Cell("Nioumachoua-Nioumachoua-Nioumachoua"), Cell("N-529901001018JB00002 桂滩村")),), (1, 6))
    ((long, whole),) = _broken(table).rows
    assert "\u200b" in long.text and long.text.replace("\u200b", "") == "Nioumachoua-Nioumachoua-Nioumachoua"
    assert whole.text == "N-529901001018JB00002 桂滩村"


def test_a_page_takes_the_first_sentences_that_it_has_room_for():
    said = ("one.", "two.", "three.")
    assert [_within(said, width, subject()) for width in (-5, 8, 100)] == ["one.", "one. two.", "one. two. three."]
    assert _within(("一。", "二。"), 100, subject(language="zh")) == "一。二。"


def test_people_taken_together_are_all_there_and_stay_where_they_live():
    rng = np.random.default_rng(3)
    at, people = rng.uniform(0, 1000, (5000, 2)), rng.integers(0, 9, 5000).astype(float)
    dots, counted = _together(at, people)
    assert len(dots) < 5000 and counted.sum() == people.sum()
    assert np.allclose(counted @ dots, people @ at, rtol=1e-6)
    assert (dots.min(axis=0) >= at.min(axis=0)).all() and (dots.max(axis=0) <= at.max(axis=0)).all()


def test_villages_without_limits_have_no_map_but_a_word_about_it():
    from geo.coverage import coverage

    town = county()
    found = coverage(town, small_study().scenario)
    study = small_study()
    bare = dataclasses.replace(study, villages=study.villages.set_geometry([None] * len(study.villages), crs=study.villages.crs))
    blocks = county_document(Subject(bare, town, "en", datetime.date(2026, 3, 5)), found).blocks
    assert not any(isinstance(block, Picture) for block in blocks)
    assert any(getattr(block, "text", "").startswith("The villages have no limits") for block in blocks)
