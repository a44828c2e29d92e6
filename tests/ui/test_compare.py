"""The Compare page on the toy town: side by side across villages, the better one marked, the list filled and emptied."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from layers.words import LANGUAGES, say
from tests.toytown import LIUWAN
from tests.ui.sites_town import compare_page, compared, html_of, open_page, town, words_of
from ui.components import comparison, measures_view


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_sites_of_two_villages_side_by_side(monkeypatch, language):
    app = open_page(monkeypatch, compare_page, compare=["N-P01", "R-B16"], lang=language)
    assert not app.exception
    text = html_of(app)
    assert "青石村 N-P01" in text and "柳湾村 R-B16" in text
    assert say("sites.compare.not_applicable", language) in text      # the building gate for a new build
    assert say("sites.compare.better", language) in text


def test_empty_list_teaches_and_offers_the_best(monkeypatch):
    app = open_page(monkeypatch, compare_page, village=LIUWAN, lang="en")
    assert say("sites.compare.empty", "en") in words_of(app)
    app.button(key="compare_best").click().run()
    ranked = town()[1].candidates.query("village_code == @LIUWAN").sort_values("rank_in_village")["candidate_id"].tolist()
    assert compared(app) == ranked[:3]


def test_one_site_asks_for_another(monkeypatch):
    app = open_page(monkeypatch, compare_page, compare=["N-P01"])
    assert say("sites.compare.one_more", "zh") in words_of(app)


def test_add_remove_clear(monkeypatch):
    app = open_page(monkeypatch, compare_page, compare=["N-P01"])
    app.selectbox(key="compare_candidate").set_value("N-P03").run()
    app.button(key="compare_add").click().run()
    assert compared(app) == ["N-P01", "N-P03"]
    app.button(key="compare_remove_N-P01").click().run()
    assert compared(app) == ["N-P03"]
    app.button(key="compare_clear").click().run()
    assert compared(app) == []


def test_no_more_than_four(monkeypatch):
    app = open_page(monkeypatch, compare_page, compare=["N-P01", "N-P03", "N-P04", "R-B16"])
    assert app.button(key="compare_add").disabled
    assert not app.exception


def test_only_differences_leaves_out_equal_rows(monkeypatch):
    app = open_page(monkeypatch, compare_page, compare=["N-P01", "N-P04"], lang="en")
    everything = html_of(app)
    app.toggle(key="compare_only_differences").set_value(True).run()
    less = html_of(app)
    slope, dispute = say("criteria.criterion.slope", "en"), say("criteria.gate.dispute", "en")
    assert slope in everything and slope not in less                  # the town is flat
    assert dispute in less                                            # the two differ in it


def test_better_marks_by_hand():
    nan = math.nan
    assert comparison.better([0.2, 0.8, nan, 0.8]) == (False, True, False, True)
    assert comparison.better([nan, 0.8]) == (False, False)
    assert comparison.better([0.5, 0.5, 0.5]) == (False, False, False)


@given(st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), min_size=2, max_size=4))
def test_better_never_marks_all_nor_an_unknown(values):
    marks = comparison.better(values)
    assert not all(marks)
    assert not any(mark and math.isnan(value) for mark, value in zip(marks, values, strict=True))


def test_better_measure_stands_where_the_points_are_more():
    _, result = town()
    rows = {c: measures_view.measure_rows(result, c) for c in ("N-P01", "N-P03")}
    html = comparison.measures_side_by_side(rows, "en")
    courtyard = next(line for line in html.split("<tr>") if say("criteria.criterion.courtyard", "en") in line)
    first, second = courtyard.split("<td")[2:4]
    assert "cz-better" in first and "cz-better" not in second         # 400 m2 against 210 m2
    assert "400 m²" in first and "210 m²" in second


def test_common_span_holds_the_largest():
    assert comparison.common_span_m([box(0, 0, 20, 20)]) == comparison.MIN_SPAN_M
    assert comparison.common_span_m([box(0, 0, 20, 20), box(0, 0, 500, 40)]) == 1500
    assert comparison.common_span_m([]) == comparison.MIN_SPAN_M
