"""A score that can be defended, on the Sites page: reasons, curves, robustness, remedies, second opinion, weights by comparison."""

from __future__ import annotations

from html import unescape

import pytest

from geo.reasons import reasons
from geo.remedies import plans
from geo.robustness.badge import county_badges, village_badge
from geo.robustness.contest import contest_of
from geo.scenario import GROUPS
from geo.weighting.ahp import priorities
from layers.words import LANGUAGES, catalogue, say
from reports.reasons import plan_text, sentence_text
from tests.toytown import QINGSHI
from tests.ui.sites_town import html_of, open_page, scenario, sites_page, town, words_of
from ui.components import charts, curves, details, judging, measures_view, robustness_view
from ui.components.weights_from import WAYS
from ui.judgements import Judge, groups_of
from ui.rules import Given
from ui.scenario_file import scenario_text

LEADER = "N-P01"


def section(app, name: str):
    return app.button_group(key="sites_section").set_value(name).run()


def opened_panel(monkeypatch, way: str = WAYS[0], **query):
    app = open_page(monkeypatch, sites_page, **query)
    app.session_state["defend_weights"] = True
    app.session_state["defend_way"] = way
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_come_first_and_are_those_of_the_engine(monkeypatch, language):
    app = open_page(monkeypatch, sites_page, lang=language)
    county, study = town()
    for sentence in reasons(study, county, [LEADER])[LEADER][:4]:
        assert sentence_text(sentence, language) in unescape(html_of(app))
    assert sentence_text(reasons(study, county, [LEADER])[LEADER][0], language) in app.code[0].value     # to be copied


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("candidate", ["N-P01", "N-P02", "N-P03", "N-P04", "N-P05", "N-P06"])
def test_no_section_of_any_site_leaves_a_hole(monkeypatch, candidate, language):
    app = open_page(monkeypatch, sites_page, candidate=candidate, lang=language)
    for name in details.SECTIONS:
        section(app, name)
        assert not app.exception and not app.error
        text = html_of(app).split("</style>")[-1]
        assert "{" not in text and ">nan" not in text and "None" not in text


def test_badge_stands_beside_the_verdict_of_the_leader_only(monkeypatch):
    county, study = town()
    badge = village_badge(study, QINGSHI).iloc[0]
    everywhere = county_badges(study).set_index("village_code").loc[QINGSHI]
    assert badge["leader"] == LEADER and badge["share_first"] == everywhere["share_first"] and badge["badge"] == everywhere["badge"]
    word = f'cz-firm-{badge["badge"]}'
    assert f'class="cz-badge {word}"' in html_of(open_page(monkeypatch, sites_page, candidate=LEADER))
    assert f'class="cz-badge {word}"' not in html_of(open_page(monkeypatch, sites_page, candidate="N-P03"))


def test_robustness_says_at_which_share_the_lead_is_lost(monkeypatch):
    from geo.robustness.thresholds import thresholds

    county, study = town()
    table = thresholds(contest_of(study, QINGSHI))
    app = section(open_page(monkeypatch, sites_page, candidate="N-P03", lang="en"), "firm")
    text = unescape(html_of(app))
    lost = table[table["below"].notna() | table["above"].notna()]
    for row in lost.itertuples():
        side = "above" if row.above == row.above else "below"
        told = say(f"robustness.bound.{side}", "en", name=say(f"criteria.group.{row.id}", "en"), share=f"{row.share:.0%}",
                   bound=f"{getattr(row, side):.0%}", rival=getattr(row, f"{side}_to"))
        assert told in text
    assert say("defend.firm.of_leader", "en", leader=LEADER) in words_of(app)
    assert sum(contest_of(study, QINGSHI).tier > 0) == 6


def test_shares_of_first_places_are_shown_with_the_selected_site(monkeypatch):
    from geo.robustness.acceptability import acceptability

    found = acceptability(contest_of(town()[1], QINGSHI), draws=500)
    app = open_page(monkeypatch, sites_page, lang="en")
    assert not app.exception
    html = robustness_view.shares_html(_Speaker("en"), found, found.first.sort_values().index[0])
    assert html.count("cz-me") == 1 and f"{found.first.max():.1%}" in html


class _Speaker:
    """What the HTML makers ask of a session: words and figures."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def figure(self, value: object, unit: str = "", *, decimals: int | None = None, with_unit: bool = True) -> str:
        from ui.theme import figure

        return figure(value, unit, language=self.language, decimals=decimals, with_unit=with_unit)


def test_what_would_make_it_pass_is_the_plan_of_the_engine(monkeypatch):
    county, study = town()
    app = section(open_page(monkeypatch, sites_page, candidate="N-P02", lang="en"), "better")
    plan = plans(study, county, ["N-P02"])[0]
    assert plan.possible and plan_text(plan, "en") in unescape(html_of(app))
    leader = section(open_page(monkeypatch, sites_page, candidate=LEADER, lang="en"), "better")
    assert say("defend.better.leads", "en") in html_of(leader)


def test_second_opinion_ranks_the_same_sites(monkeypatch):
    app = section(open_page(monkeypatch, sites_page, lang="en"), "opinion")
    text = html_of(app)
    assert "TOPSIS" in text and "VIKOR" in text and LEADER in text


# ------------------------------------------------------------------------------------------------------------------ curves
def test_the_dot_stands_on_its_curve():
    study = town()[1]
    rules = study.scenario
    for candidate in study.candidates["candidate_id"]:
        for row in measures_view.measure_rows(study, candidate):
            dot = curves.dot_of(row, rules)
            assert (dot is None) == (row.state != measures_view.KNOWN)
            if dot is None or row.measure == "mean_walk_min":     # its value is that of the curve times the share who can reach it
                continue
            function = next(c.value for c in rules.criteria if c.id == row.criterion)
            assert float(function([dot[0]])[0]) == pytest.approx(dot[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_curves_are_drawn_for_every_criterion(language):
    study = town("terrain")[1]
    rows = measures_view.measure_rows(study, LEADER)
    spec = curves.curves_spec(rows, study.scenario, language)
    parts = [part for line in spec["vconcat"] for part in line["hconcat"]]
    assert [part["title"]["text"] for part in parts] == [say(f"criteria.criterion.{row.criterion}", language) for row in rows]
    dots = sum(any(layer["mark"]["type"] == "point" for layer in part["layer"]) for part in parts)
    assert dots == sum(row.state == measures_view.KNOWN for row in rows) < len(rows)


def test_bars_of_the_groups_show_points_and_what_is_left():
    rows = measures_view.measure_rows(town()[1], LEADER)
    html = charts.groups_html(rows, "en")
    for row in charts.group_points(rows, "en").itertuples():
        assert f"<b>{row.points:.1f}</b> / {row.points + row.left:.1f}" in html


# ----------------------------------------------------------------------------------------------------------------- weights
def judge(name: str = "A") -> Judge:
    answers = Judge(name)
    for place, first in enumerate(GROUPS):
        for second in GROUPS[place + 1:]:
            answers = answers.answered(first, second, 3.0 if first == "transport" else 1 / 3 if second == "transport" else 1.0)
    return answers


def test_closed_panel_reckons_nothing(monkeypatch):
    app = open_page(monkeypatch, sites_page)
    assert not [one for one in app.button if one.key == "defend_add"]


def test_matrix_is_begun_filled_in_and_applied(monkeypatch):
    app = opened_panel(monkeypatch, lang="en")
    app.button(key="defend_add_begun").click().run()
    assert not app.exception and len(app.session_state["cz_judges"]) == 1
    app.session_state["cz_judges"] = (judge(),)
    app.run()
    assert say("robustness.consistency.good", "en", cr="0.00") in [one.value for one in app.success]
    app.button(key="defend_apply_ahp").click().run()
    weights = app.session_state["cz_weights"]
    rules = scenario()
    shares = {group: sum(weights[c.id] for c in rules.criteria if c.group == group) for group in GROUPS}
    whole = sum(shares.values())
    assert shares["transport"] / whole == pytest.approx(1 / 3) and shares["terrain"] / whole == pytest.approx(1 / 9)
    assert app.slider(key="sites_weight_transport").value == round(100 / 3)
    app.run()      # a slider left alone keeps the exact weight
    assert app.session_state["cz_weights"] == pytest.approx(weights)
    app.button(key="sites_weights_reset").click().run()
    assert not app.session_state["cz_weights"]


def test_a_group_beyond_its_slider_keeps_its_share(monkeypatch):
    app = opened_panel(monkeypatch)
    extreme = judge()
    for group in GROUPS:
        extreme = extreme.answered("transport", group, 9.0)
    app.session_state["cz_judges"] = (extreme,)
    app.run()
    app.button(key="defend_apply_ahp").click().run()
    weights = app.session_state["cz_weights"]
    transport = sum(weights[c.id] for c in scenario().criteria if c.group == "transport")
    assert app.slider(key="sites_weight_transport").value == 50
    assert transport / sum(weights.values()) == pytest.approx(9 / 15)


def test_contradictory_answers_name_the_one_to_revisit(monkeypatch):
    app = opened_panel(monkeypatch, lang="en")
    odd = judge().answered("courtyard", "terrain", 9.0).answered("terrain", "population", 9.0)
    odd = odd.answered("population", "courtyard", 9.0)
    app.session_state["cz_judges"] = (odd,)
    app.run()
    found = priorities(odd.matrix(GROUPS))
    assert not found.consistent
    note = " ".join(one.value for one in app.warning)
    assert f"{found.cr:.2f}".replace(".", "\\.") in note and "Look again at" in note


def test_several_officials_have_a_consensus_and_differences(monkeypatch):
    app = opened_panel(monkeypatch, lang="en")
    app.session_state["cz_judges"] = (judge("A"), judge("<b>B").answered("transport", "terrain", 1 / 9), Judge("C"))
    app.run()
    text = words_of(app)
    assert any(say(f"robustness.consensus.{word}", "en") in text for word in ("low", "moderate", "high", "very_high"))
    assert say("defend.ahp.ready", "en", ready=2, all=3) in text
    assert "differs most on" in text and "<b>B" not in text.replace("\\<b\\>B", "")


def test_answers_of_the_editor_fill_in_their_reciprocal():
    groups, speaker = groups_of(scenario()), _Speaker("zh")
    table = judging.table_of(Judge("A"), groups, speaker)
    assert table["collective"].tolist() == ["1 同等", *([None] * 6)]
    edits = {0: {"courtyard": "3 稍重要", "collective": "9 极端重要"}, 2: {"courtyard": "1/5"}}
    filled = judging.with_edits(Judge("A"), edits, groups, speaker)
    assert filled.times("collective", "courtyard") == 3 and filled.times("courtyard", "transport") == pytest.approx(5)
    shown = judging.table_of(filled, groups, speaker)
    assert shown.loc[1, "collective"] == "1/3" and shown.loc[1, "transport"] == "5 明显重要"
    assert judging.with_edits(filled, {0: {"courtyard": None}}, groups, speaker).times("courtyard", "collective") is None
    for language in LANGUAGES:
        texts = [judging.answer_text(times, _Speaker(language)) for times in judging.ANSWERS]
        assert len(set(texts)) == 17


@pytest.mark.parametrize("method", ["entropy", "critic"])
def test_weights_suggested_by_the_data_are_applied(monkeypatch, method):
    app = opened_panel(monkeypatch, "suggested")
    app.button(key=f"defend_apply_{method}").click().run()
    assert not app.exception and sum(app.session_state["cz_weights"].values()) > 0


def test_saved_scenario_restores_weights_and_judgements(monkeypatch, tmp_path):
    app = opened_panel(monkeypatch, "file")
    assert not app.exception
    rules = scenario()
    weights = {c.id: c.weight for c in rules.criteria} | {"courtyard": 40.0}
    content = scenario_text(Given(), weights, (judge(),)).encode()
    told, session_weights, judges = _take_over(monkeypatch, tmp_path, content)
    assert told[0], told
    whole = sum(weights.values())
    assert session_weights["courtyard"] / sum(session_weights.values()) == pytest.approx(40 / whole)
    assert judges[0].answers == pytest.approx(judge().answers)


def test_a_scenario_that_cannot_be_used_says_every_fault(monkeypatch, tmp_path):
    told, weights, judges = _take_over(monkeypatch, tmp_path, b'base = "default"\n[weights]\ngarden = 3\n[[judges]]\nsay = -1\n')
    assert not told[0] and len(told[1]) == 3 and not weights and not judges


def _take_over(monkeypatch, tmp_path, content: bytes):
    """The scenario file taken over by a session on the toy town: what it tells, the weights and the judges then."""
    from streamlit.testing.v1 import AppTest

    from ui.opening import Opened

    county, study = town()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("ui.state.open_with_progress", lambda *args, **kwargs: Opened("town", county, study, study.scenario))

    def script() -> None:
        import streamlit as st

        from ui import state
        from ui.components.weights_from import take_over

        if "told" not in st.session_state:
            st.session_state["told"] = take_over(state.current(), "../ours 1.toml", st.session_state["content"])

    app = AppTest.from_function(script, default_timeout=30)
    app.session_state["content"] = content
    app.run()
    assert not app.exception
    weights, judges = (app.session_state[key] if found else None for key in ("cz_weights", "cz_judges")
                       for found in [key in app.session_state])
    return app.session_state["told"], weights, judges


def test_words_of_the_page_are_there_for_everything_it_names():
    for language in LANGUAGES:
        texts = catalogue(language)
        assert all(f"defend.section.{name}" in texts for name in details.SECTIONS)
        assert all(f"defend.weights.{name}" in texts for name in WAYS)
        assert all(f"defend.scale.{number}" in texts for number in range(1, 10))
