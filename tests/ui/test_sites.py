"""The Sites page on the toy town: what it shows first, what a slider does, what it says where something is missing."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.evidence import evidence
from geo.scenario import GROUPS
from layers.words import LANGUAGES, say
from tests.toytown import LIUWAN, QINGSHI, YUNTAI, parcels, toytown
from tests.ui.sites_town import compared, html_of, open_page, scenario, sites_page, town, words_of
from ui.components import charts, evidence_view, measures_view, picker, tables, weights
from ui.components.formats import band, figure


def ranking_of(app) -> pd.DataFrame:
    return app.dataframe[0].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_opens_on_a_village_without_a_venue(monkeypatch, language):
    app = open_page(monkeypatch, sites_page, lang=language)
    assert not app.exception
    assert app.selectbox(key="sites_village").value == QINGSHI
    table = ranking_of(app)
    assert len(table) == 11
    assert table["candidate_id"].iloc[0] == "N-P01"
    text = words_of(app)
    assert say("criteria.venue.none", language) in text
    assert say("app.figures.unreachable", language) in text     # no adequate venue anywhere in the toy town
    assert "{" not in html_of(app).split("</style>")[-1]


def test_failing_sites_come_last_and_have_no_rank(monkeypatch):
    table = ranking_of(open_page(monkeypatch, sites_page, lang="en"))
    failing = table["verdict"].str.contains("Fail")
    assert failing.sum() == 5                                   # P02, P05, P06, P08, P09
    assert failing.tolist() == sorted(failing.tolist())
    assert (table.loc[failing, "rank"] == "—").all()
    assert table.loc[~failing, "rank"].str.strip("\u2007").tolist() == [str(n) for n in range(1, 7)]


def test_slider_ranks_anew_by_hand_computed_scores(monkeypatch):
    app = open_page(monkeypatch, sites_page)
    before = ranking_of(app).set_index("candidate_id")
    for group in GROUPS:
        app.slider(key=f"sites_weight_{group}").set_value(50 if group == "courtyard" else 0)
        app.run()
    app.number_input(key="sites_weight_of_rectangle").set_value(0.0).run()
    after = ranking_of(app).set_index("candidate_id")
    assert after.loc["N-P01", "score"] == pytest.approx(80.0)   # 400 m2: on the curve (400, 0.8)
    assert after.loc["N-P03", "score"] == pytest.approx(42.0)   # 210 m2: 0.4 + 10/200 * 0.4
    assert after.loc["N-P02", "score"] == pytest.approx(38.0)   # 190 m2: 190/200 * 0.4
    assert before.loc["N-P01", "score"] != pytest.approx(80.0)
    app.button(key="sites_weights_reset").click().run()
    pd.testing.assert_frame_equal(ranking_of(app).set_index("candidate_id"), before)


def test_criterion_field_shares_out_the_weight_of_its_group(monkeypatch):
    app = open_page(monkeypatch, sites_page)
    for group in GROUPS:
        app.slider(key=f"sites_weight_{group}").set_value(50 if group == "facilities" else 0)
    for name in ("facilities", "clinic_walk", "shop_walk"):
        app.number_input(key=f"sites_weight_of_{name}").set_value(0.0)
    app.run()
    # all weight on the walk to school: P01 walks 6.4 min to the primary school, on a line from 40 min (0) to 5 min (1)
    score = ranking_of(app).set_index("candidate_id").loc["N-P01", "score"]
    assert score == pytest.approx(100 * (40 - 6.4) / 35)
    assert not app.exception


def test_several_sliders_moved_at_once_all_count(monkeypatch):
    app = open_page(monkeypatch, sites_page)
    for group in GROUPS:
        app.slider(key=f"sites_weight_{group}").set_value(50 if group == "courtyard" else 0)
    app.number_input(key="sites_weight_of_rectangle").set_value(0.0)
    app.run()
    assert ranking_of(app).set_index("candidate_id").loc["N-P01", "score"] == pytest.approx(80.0)


def test_all_weights_zero_is_said_and_changes_nothing(monkeypatch):
    app = open_page(monkeypatch, sites_page, lang="en")
    before = ranking_of(app)
    for group in GROUPS:
        app.slider(key=f"sites_weight_{group}").set_value(0).run()
    assert say("sites.weights.all_zero", "en") in words_of(app)
    pd.testing.assert_series_equal(ranking_of(app)["score"], before["score"])


def test_linked_candidate_is_explained_with_the_paper_it_lacks(monkeypatch):
    app = open_page(monkeypatch, sites_page, candidate="N-P05")
    text = html_of(app)
    assert "青石村 N-P05" in text
    assert say("evidence.papers.homestead_surrender", "zh") in text
    assert say("sites.detail.title", "zh", village="青石村", id="N-P05") in text


def test_filters_hide_failing_sites_and_say_when_nothing_is_left(monkeypatch):
    app = open_page(monkeypatch, sites_page, lang="en")
    app.button_group(key="sites_verdicts").set_value(["pass"]).run()
    assert ranking_of(app)["candidate_id"].tolist() == ["N-P01", "N-P03"]
    app.button_group(key="sites_verdicts").set_value([]).run()
    assert say("sites.empty.filtered", "en") in words_of(app)


def test_village_without_candidates_says_why(monkeypatch):
    app = open_page(monkeypatch, sites_page, village=YUNTAI, lang="en")
    assert "云台村 has no candidate sites" in words_of(app)
    assert not app.dataframe


def test_village_where_nothing_passes_names_gates_and_papers(monkeypatch):
    from geo.study import study

    some = parcels()
    some = some[some["parcel_id"].isin(["P02", "P04", "P05"])].reset_index(drop=True)
    county = toytown(parcels=some)
    app = open_page(monkeypatch, sites_page, opened=(county, study(county, scenario())), village=QINGSHI)
    note = app.warning[0].value
    assert "青石村" in note
    assert say("criteria.gate.courtyard", "zh") in note
    assert say("evidence.papers.dispute_settlement", "zh") in note


def test_missing_layer_is_named_and_never_zero(monkeypatch):
    app = open_page(monkeypatch, sites_page, opened=town("terrain"), lang="en")
    app.button_group(key="sites_section").set_value("measures").run()
    text = html_of(app)
    assert "Not assessed (no data: Terrain)" in text
    assert "0.0°" not in text
    assert ranking_of(app)["band"].iloc[0] != "—"


def test_township_filter_and_steps(monkeypatch):
    app = open_page(monkeypatch, sites_page)
    assert app.button(key="sites_previous").disabled
    app.button(key="sites_next").click().run()
    assert app.selectbox(key="sites_village").value == YUNTAI        # none before below_standard
    app.selectbox(key="sites_township").set_value("419901100").run()
    assert app.selectbox(key="sites_village").value == QINGSHI
    assert len(app.selectbox(key="sites_village").options) == 2


def test_comparison_list_fills_from_the_page(monkeypatch):
    app = open_page(monkeypatch, sites_page, candidate="N-P03")
    app.button(key="sites_compare_add").click().run()
    assert compared(app) == ["N-P03"]
    app.button(key="sites_compare_add").click().run()
    assert compared(app) == []


def test_no_candidate_of_the_town_leaves_a_hole_in_its_words():
    county, result = town()
    fields = evidence_view.file_fields(county)
    for candidate in result.candidates["candidate_id"]:
        items = evidence(result, candidate)
        for language in LANGUAGES:
            html = evidence_view.evidence_html(items, language, fields=fields)
            assert "(&#x27;" not in html and "{" not in html and "nan" not in html
            assert measures_view.measures_html(measures_view.measure_rows(result, candidate), result.scenario, language)


def test_verdict_of_a_gate_is_the_studys():
    _, result = town()
    for _, row in result.candidates.iterrows():
        judged = evidence_view.gate_verdicts(row)
        shown = {gate: evidence_view.verdict_of(some) for gate, some in
                 evidence_view.by_gate(evidence(result, row["candidate_id"])).items()}
        assert set(judged) == set(shown)


def test_points_sum_to_the_score_and_possible_to_hundred():
    for opened in (town(), town("terrain", "facilities")):
        result = opened[1]
        for _, row in result.candidates.iterrows():
            rows = measures_view.measure_rows(result, row["candidate_id"])
            groups = charts.group_points(rows, "en")
            assert groups["points"].sum() == pytest.approx(row["score"])
            assert (groups["points"] + groups["left"]).sum() == pytest.approx(100)
            known = sum(r.weight for r in rows if r.state == measures_view.KNOWN)
            assert known * groups["points"].sum() == pytest.approx(row["score_low"])   # low = 100 sum(wv) / sum(w)


def test_unknown_candidate_is_an_error():
    with pytest.raises(KeyError, match="no candidate 'N-X'"):
        measures_view.measure_rows(town()[1], "N-X")


@given(st.lists(st.floats(0, 50), min_size=len(scenario().criteria), max_size=len(scenario().criteria)), st.floats(0, 50))
@settings(max_examples=60, deadline=None)
def test_a_group_shares_its_weight_out_in_proportion(numbers, points):
    rules = scenario()
    parts = {c.id: part for c, part in zip(rules.criteria, numbers, strict=True)}
    shared = weights.shared_out(rules, "transport", points, parts)
    assert set(shared) == {c.id for c in weights.members(rules, "transport")}
    assert sum(shared.values()) == pytest.approx(points)
    given_parts = sum(parts[name] for name in shared)
    if given_parts > 1e-6:
        assert all(shared[name] == pytest.approx(parts[name] * points / given_parts) for name in shared)


def test_villages_without_a_venue_come_first():
    villages = town()[1].villages
    assert picker.ordered_villages(villages, None)["village_code"].tolist() == [QINGSHI, YUNTAI, LIUWAN]
    assert picker.ordered_villages(villages, "419901100")["village_code"].tolist() == [QINGSHI, LIUWAN]


def test_figures_in_words():
    assert figure(float("nan"), "min", "zh") == "未知"
    assert figure(float("inf"), "min", "en") == "unreachable"
    assert figure(1250.4, "m2", "zh") == "1,250 平方米"
    assert figure("villager_group", "class", "zh", measure="owner_level") == "村民小组"
    assert figure(None, "class", "en", measure="owner_level") == "unknown"
    assert band(70.0, 60.0, 80.0, "en") == "70.0 (60.0–80.0)"
    assert band(70.0, 70.0, 70.0, "en") == "70.0"


def test_table_is_cut_and_names_of_gates_are_words():
    rows = town()[1].candidates
    many = pd.concat([rows] * 40, ignore_index=True)
    assert len(tables.ranking(many, "en")) == tables.ROW_LIMIT
    p02 = rows.set_index("candidate_id").loc["N-P02"]
    assert tables.gates_text(p02, "zh") == "✕ 院落面积"


def test_names_are_data_not_markup():
    from dataclasses import replace

    item = evidence(town()[1], "N-P01")[0]
    html = evidence_view.evidence_html([replace(item, value="<script>alert(1)</script>", field="<b>")], "en")
    assert "<script>" not in html and "<b>:" not in html
