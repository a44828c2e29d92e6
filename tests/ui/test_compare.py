"""The Compare page on the toy town: side by side across villages, the better one marked, the list filled and emptied."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from layers.words import LANGUAGES, say
from tests.toytown import LIUWAN
from tests.ui.sites_town import compare_page, compared, html_of, open_page, town, words_of
from ui.components import compare_picture, compare_plot, comparison, measures_view


def tables_of(app) -> str:
    """The tables of the screen, without what stands there for the printer."""
    return "\n".join(element.proto.body for element in app.get("html") if '<table class="cz-table cz-side"' in element.proto.body)


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
    everything = tables_of(app)
    app.toggle(key="compare_only_differences").set_value(True).run()
    less = tables_of(app)
    slope, dispute = say("criteria.criterion.slope", "en"), say("criteria.gate.dispute", "en")
    assert slope in everything and slope not in less                  # the town is flat
    assert dispute in less                                            # the two differ in it


def test_next_and_previous_site_of_the_marked_column(monkeypatch):
    line = town()[1].candidates.query("village_code == @LIUWAN").sort_values("rank_in_village")["candidate_id"].tolist()
    app = open_page(monkeypatch, compare_page, compare=line[:2])
    assert app.button(key="compare_previous_site").disabled, "the first stands in the other column"
    app.button(key="compare_next_site").click().run()
    assert compared(app) == [line[0], line[2]]
    app.button(key="compare_mark_0").click().run()
    app.button(key="compare_next_site").click().run()
    assert compared(app) == [line[1], line[2]], "the first column goes on to the next site that is free"
    app.button(key="compare_previous_site").click().run()
    assert compared(app) == [line[0], line[2]]


def test_next_village_brings_its_best(monkeypatch):
    candidates = town()[1].candidates
    app = open_page(monkeypatch, compare_page, village=LIUWAN, lang="en")
    app.button(key="compare_best").click().run()
    seen = {tuple(compared(app))}
    for key in ("compare_next_village", "compare_previous_village"):
        while not app.button(key=key).disabled:
            app.button(key=key).click().run()
            sites = compared(app)
            villages = set(candidates.set_index("candidate_id").loc[sites, "village_code"])
            assert len(villages) == 1 and 2 <= len(sites) <= 3
            seen.add(tuple(sites))
    many = candidates["village_code"].value_counts()
    assert len(seen) == (many > 1).sum()


@pytest.mark.parametrize("language", LANGUAGES)
def test_meeting_is_in_the_address_and_leaves_the_choosing_away(monkeypatch, language):
    app = open_page(monkeypatch, compare_page, compare=["N-P01", "R-B16"], meeting="1", lang=language)
    assert not [box for box in app.selectbox if box.key in ("compare_village", "compare_candidate")]
    app.button(key="compare_meeting").click().run()
    assert "meeting" not in app.query_params and app.selectbox(key="compare_village")
    app.button(key="compare_meeting").click().run()
    assert app.query_params["meeting"] in ("1", ["1"]) and compared(app) == ["N-P01", "R-B16"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_for_each_site(monkeypatch, language):
    app = open_page(monkeypatch, compare_page, compare=["N-P01", "R-B16", "N-P03"], lang=language)
    sheets = html_of(app).split('<section class="cz-sheet">')[1:]
    assert len(sheets) == 3
    for at, (sheet, site) in enumerate(zip(sheets, ("N-P01", "R-B16", "N-P03"), strict=True)):
        assert site in sheet and say("compare.print.page", language, at=at + 1, count=3) in sheet
        assert say("criteria.gate.dispute", language) in sheet and "data:image/svg+xml" in sheet


def test_plot_has_every_known_group_of_every_site():
    _, result = town()
    rows = [measures_view.measure_rows(result, c) for c in ("N-P01", "N-P03")]
    svg = compare_plot.parallel_svg(rows, "en")
    drawn = ElementTree.fromstring(svg)
    names = {node.text for node in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {say(f"criteria.group.{group}", "en") for group in compare_plot.reached(rows[0])} <= names
    known = sum(share is not None for one in rows for share in compare_plot.reached(one).values())
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == known
    for one in rows:   # what a group reached and what it left behind are its weight's share of the points
        for group, share in compare_plot.reached(one).items():
            members = [row for row in one if row.group == group and row.state == "known"]
            if members:
                weight = sum(row.weight for row in members)
                assert share == pytest.approx(sum(row.weight * row.value for row in members) / weight)


def test_unknown_group_is_a_question_mark_and_no_dot():
    _, result = town()
    rows = measures_view.measure_rows(result, "N-P01")
    lost = tuple(replace(row, state="unknown", points=math.nan, possible=math.nan) if row.group == "transport" else row
                 for row in rows)
    whole, less = (compare_plot.parallel_svg([one], "en") for one in (rows, lost))
    assert less.count("<circle") == whole.count("<circle") - 1 and ">A ?<" in less and ">A ?<" not in whole


def test_map_on_paper_stands_to_scale():
    base = {"view": [[30.0, 100.0], [30.003, 100.003]], "hatches": [], "layers": [
        {"name": "candidates", "pane": "shapes", "style": {}, "data": {"features": [
            {"id": "x<y", "properties": {}, "geometry": {"type": "Point", "coordinates": [100.0015, 30.0015]}}]}},
        {"name": "names", "pane": "labels", "marks": [{"lat": 30.001, "lon": 100.001, "text": "<b>&", "cls": "label"}]}]}
    paint = {"name": "candidates", "styles": {"x<y": "k"}, "palette": {"k": {"color": "#000000"}}, "chosen": "x<y",
             "chosenColour": "#d4006e"}
    svg = compare_picture.site_svg(base, paint)
    drawn = ElementTree.fromstring(svg)                                # well-formed: the name marked nothing up
    dot = next(iter(drawn.iter("{http://www.w3.org/2000/svg}circle")))
    assert (float(dot.get("cx")), float(dot.get("cy"))) == (300, 300), "the middle of the view is the middle of the map"
    bar = re.search(r"V\d+H([\d.]+)V", svg)
    metres = float(re.search(r">(\d+) m<", svg).group(1))
    long = float(bar.group(1)) - 20
    assert long / 600 * 0.003 * 111_320 == pytest.approx(metres, rel=0.01)   # 600 units are 0.003 degrees of latitude


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
    html = comparison.measures_side_by_side(rows, result.scenario, "en")
    courtyard = next(line for line in html.split("<tr>") if say("criteria.criterion.courtyard", "en") in line)
    first, second = courtyard.split("<td")[2:4]
    assert "cz-better" in first and "cz-better" not in second         # 400 m2 against 210 m2
    assert "400 m²" in first and "210 m²" in second
    assert say("guide.why.courtyard", "en") in courtyard              # the name opens the whole help, as on the Sites page


def test_common_span_holds_the_largest():
    assert comparison.common_span_m([box(0, 0, 20, 20)]) == comparison.MIN_SPAN_M
    assert comparison.common_span_m([box(0, 0, 20, 20), box(0, 0, 500, 40)]) == 1500
    assert comparison.common_span_m([]) == comparison.MIN_SPAN_M
