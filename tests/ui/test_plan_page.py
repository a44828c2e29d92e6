"""The Plan page run without a browser on the toy town, and its parts by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from geo.choice import RuleName, RulesError
from geo.choice.alternatives import compare
from geo.planning import Plan, plan
from layers.words import LANGUAGES, catalogue
from tests.geo.test_what_if import at
from tests.ui.sessions import opened_town, town_session
from ui import map_shapes, plan_map
from ui.components import plan_later, plan_near, plan_table, plan_trial, plan_view
from ui.plan_state import AIMS, Wishes, bordering, rules_of
from ui.planning import load_rules


def _page() -> None:
    from ui import state
    from ui.pages import plan

    state.follow_url()
    plan.render(state.current())


@pytest.fixture
def opened(monkeypatch):
    """The toy town instead of a county file."""
    town = opened_town()
    monkeypatch.setattr("ui.state.open_with_progress", lambda *_: town)
    monkeypatch.delenv("CUNZHI_LANG", raising=False)
    return town


def _run(**query: str) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def _solve(app: AppTest) -> AppTest:
    app.button[0].click().run()
    assert not app.exception and not app.error, [item.value for item in (*app.exception, *app.error)]
    return app


@pytest.fixture(scope="module")
def made() -> tuple[Plan, object]:
    """A plan of the toy town that may use sites to verify, and the session it is looked at in."""
    session = town_session()
    rules = rules_of(Wishes(allow_verify=True, every_village=False), load_rules(None, session.scenario), session.study.villages)
    return plan(session.county, session.study, rules), session


def test_the_page_asks_first_and_then_shows_the_plan(opened):
    app = _run()
    assert not app.exception and "求解方案" in app.info[0].value and not app.metric
    _solve(app)
    figures = {metric.label: metric.value for metric in app.metric}
    assert list(figures) == ["15 分钟内（人）", "走不到（人）", "总造价（万元）", "奖补（万元）", "仍无场所（村）"]
    heads = [list(frame.value.columns) for frame in app.dataframe]
    assert "reason" in heads[0] and app.dataframe[0].value["reason"].str.len().gt(0).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_draw_the_whole_page(opened, language):
    app = _solve(_run(lang=language))
    labels = [metric.label for metric in app.metric] + [str(text.value) for text in app.markdown]
    if language == "en":
        assert not any("\u4e00" <= character <= "\u9fff" for label in labels[:5] for character in label)


def test_excluding_a_site_changes_the_plan_and_puts_both_side_by_side(opened):
    app = _solve(_run())
    table = app.dataframe[0].value
    got = table[table["venue"] == "本村一处"].iloc[0]
    village = next(code for code, name in zip(opened.study.villages["village_code"], opened.study.villages["village_name"],
                                              strict=True) if name == got["village"])
    app.query_params["village"] = village
    app.run()
    app.button(key="plan_forbid").click().run()
    assert not app.exception and not app.error
    again = app.dataframe[0].value
    assert got["site"] not in set(again["site"].dropna())
    assert app.multiselect(key="plan_excluded").value == [got["site"]]
    app.multiselect(key="plan_excluded").set_value([]).run()
    assert got["site"] in set(app.dataframe[0].value["site"].dropna())


def test_rules_that_contradict_each_other_are_named(opened):
    app = _run()
    app.number_input(key="plan_budget").set_value(1.0)
    app.button[0].click().run()
    assert not app.exception and not app.error
    words = "\n".join(item.value for item in (*app.warning, *app.markdown))
    assert "这些规则不能同时成立" in words and "1 万元" in words


def test_figures_are_those_of_the_coverage(made):
    found, session = made
    table = plan_view.plan_figures(found, 15.0)
    after = found.coverage_after
    assert table.at["covered", "after"] == pytest.approx(float(after.county["people_15min"].iloc[0]))
    assert table.at["covered", "after"] + table.at["unserved", "after"] == pytest.approx(after.residents["people"].sum())
    assert table.at["covered", "after"] >= table.at["covered", "before"]
    assert table.at["without", "before"] == (session.study.villages["venue"] == "none").sum()


def test_dots_lose_nobody_and_lines_lead_to_the_site(made):
    found, _ = made
    still, newly = plan_map.unserved_dots(found.coverage_before, found.coverage_after, 15.0)
    before = plan_view.people_within(found.coverage_before, 15.0)[1]
    assert still["people"].sum() + newly["people"].sum() == pytest.approx(before)
    lines = plan_map.walk_lines(found, 15.0)
    homes = found.coverage_after.residents
    near = homes[(homes["walk_min"] <= 15).to_numpy() & homes["venue_id"].isin(found.choice.built).to_numpy()]
    assert sum(len(shape.geoms) for shape in lines) == len(near)


def test_many_homes_become_few_dots(made):
    found, _ = made
    rng = np.random.default_rng(5)
    import geopandas as gpd

    homes = gpd.GeoDataFrame({"people": rng.uniform(1, 9, 9000)}, crs=found.coverage_after.residents.crs,
                             geometry=gpd.points_from_xy(rng.uniform(0, 3e4, 9000), rng.uniform(0, 3e4, 9000)))
    dots = map_shapes.gathered(homes, most=plan_map.MOST_DOTS)
    assert len(dots) <= plan_map.MOST_DOTS and dots["people"].sum() == pytest.approx(homes["people"].sum())


def test_before_and_after_differ_in_paint_only(made):
    found, session = made
    first, second = (plan_map.plan_paint(session, found, after=after) for after in (False, True))
    helped = set(found.chosen)
    assert helped and all(second["styles"][code] == "planned" and first["styles"][code] != "planned" for code in helped)
    assert first["groups"]["newly"] and not second["groups"]["newly"] and second["groups"]["walks"]
    names = [layer["name"] for layer in plan_map.layers_of_plan(session, found, within_min=15.0, notes={})]
    assert {"areas-before", "areas-after", "walks", "still", "newly", "sites"} <= set(names)


def test_every_village_has_its_reason_in_both_languages(made):
    found, _ = made
    for language in LANGUAGES:
        session = town_session(language)
        why = plan_table.reasons(session, found)
        assert set(why) == set(found.villages["village_code"]) and all(why.values())
        assert len(plan_table.plan_table(session, found, why)) <= len(found.villages)
        assert len(plan_later.centres_table(session, found, found.choice)) >= len(found.choice.built) - 1


def test_wishes_become_rules():
    session = town_session()
    base = load_rules(None, session.scenario)
    for aim in AIMS:
        rules = rules_of(Wishes(aim=aim, budget_wan=300.0, within_min=10.0, most_per_township=2), base, session.study.villages)
        assert rules.choice.objectives[0].kind in (aim, "cover") and rules.choice.budget_yuan == 3_000_000
        assert rules.choice.quotas[0].maximum == 2
    fewest = rules_of(Wishes(aim="venues"), base, session.study.villages)
    assert fewest.choice.cover_all_within_min == 15.0 and fewest.choice.per_village == "at_most"
    by_hand = rules_of(Wishes(), base, session.study.villages, fixed=("a",), excluded=("a", "b"))
    assert by_hand.choice.fixed == ("a",) and by_hand.choice.excluded == ("b",)
    with pytest.raises(RulesError, match="negative"):
        rules_of(Wishes(budget_wan=-1.0), base, session.study.villages)


def test_neighbours_touch_and_one_of_them_lacks_a_venue():
    villages = town_session().study.villages
    areas = villages.set_index("village_code")
    for one, two in bordering(villages):
        assert areas.geometry[one].intersects(areas.geometry[two])
        assert "none" in (areas.at[one, "venue"], areas.at[two, "venue"])


def test_rules_of_a_kind_are_told_together(made):
    found, session = made
    codes = session.study.villages["village_code"].tolist()
    many = [RuleName("each_village", (code,)) for code in codes + codes[:1]]
    refused = replace(found, rules=found.rules.but(budget_yuan=2e6))
    lines = plan_view.conflict_lines(session, refused, (*many, RuleName("budget")))
    assert len(lines) == 2 and "200 万元" in lines[0] and f"共 {len(many)} 个" in lines[1]


def test_large_numbers_in_sentences_are_grouped():
    assert plan_view.grouped("198326 of 380000, 12.5 and 5683.5") == "198,326 of 380,000, 12.5 and 5683.5"


def test_words_have_equal_keys():
    first, second = ({key for key in catalogue(language) if key.startswith("plan_page.")} for language in LANGUAGES)
    assert first == second


def _clicked(app: AppTest, kind: str, site: str, lon: float, lat: float) -> AppTest:
    """What the map reports, as the component hands it over."""
    app.session_state["plan-map"] = {"kind": kind, "id": site, "lon": lon, "lat": lat, "nonce": f"{kind}{site}{lon}{lat}"}
    app.run()
    assert not app.exception and not app.error, [item.value for item in (*app.exception, *app.error)]
    return app


def _site_of(app: AppTest, village: str) -> str:
    table = app.dataframe[0].value
    return table[table["village"] == village]["site"].iloc[0]


def test_a_pin_dropped_on_the_map_is_set_and_can_be_taken_back(opened):
    """At (1100, 500), on no parcel, 100 m off Qingshi's street."""
    app = _solve(_run())
    place = at(1100, 500)
    assert _site_of(app, "青石村") == "N-P01" and app.button(key="plan_undo").disabled
    _clicked(app, "pin", "", place.lon, place.lat)
    assert _site_of(app, "青石村") == "W-1" and app.multiselect(key="plan_pins").value == ["W-1"]
    note = next(text.value for text in app.markdown if "在青石村：" in text.value)
    assert "不在已知宗地内" in note and "100 米" in note
    assert any("上一方案" in item.label for item in app.expander)
    app.button(key="plan_undo").click().run()
    assert not app.exception and _site_of(app, "青石村") == "N-P01"
    assert not [item for item in app.multiselect if item.key in ("plan_pins", "plan_fixed")]
    _clicked(app, "pin", "", place.lon, place.lat + 1e-6)
    assert _site_of(app, "青石村") == "W-2"   # a name is not given twice
    app.multiselect(key="plan_pins").set_value([]).run()
    assert _site_of(app, "青石村") == "N-P01" and not app.exception


def test_a_dragged_site_goes_to_the_candidate_near_by_or_becomes_a_pin(opened):
    app = _solve(_run())
    near, far, back = at(1025, 725), at(1300, 1000), at(1030, 520)
    _clicked(app, "drag", "N-P01", near.lon, near.lat)
    assert _site_of(app, "青石村") == "N-P03" and app.multiselect(key="plan_fixed").value == ["N-P03"]
    _clicked(app, "drag", "N-P03", far.lon, far.lat)
    assert _site_of(app, "青石村") == "W-1" and app.multiselect(key="plan_fixed").value == ["W-1"]
    _clicked(app, "drag", "W-1", back.lon, back.lat)
    assert _site_of(app, "青石村") == "N-P01" and not [item for item in app.multiselect if item.key == "plan_pins"]
    _clicked(app, "drag", "N-P01", at(1012, 512).lon, at(1012, 512).lat)
    assert any("仍在原处" in text.value for text in app.markdown) and _site_of(app, "青石村") == "N-P01"


def test_a_place_in_no_village_changes_nothing_and_is_said(opened):
    app = _solve(_run())
    _clicked(app, "pin", "", 100.0, 30.0)
    assert any("不在任何行政村内" in text.value for text in app.markdown) and _site_of(app, "青石村") == "N-P01"
    app.toggle(key="plan_trying").set_value(True).run()
    app.text_input(key="plan_degrees").set_value("up there").run()
    app.button(key="plan_degrees_add").click().run()
    assert any("请写成" in text.value for text in app.markdown) and not app.exception
    place = at(1100, 500)
    app.text_input(key="plan_degrees").set_value(f"{place.lon:.6f}，{place.lat:.6f}").run()
    app.button(key="plan_degrees_add").click().run()
    assert _site_of(app, "青石村") == "W-1"


def test_a_change_that_contradicts_the_rules_is_taken_back_with_the_wishes(opened):
    app = _solve(_run())
    app.number_input(key="plan_budget").set_value(1.0)
    next(item for item in app.button if item.label == "求解方案").click().run()
    assert any("这些规则不能同时成立" in item.value for item in app.warning)
    app.button(key="plan_undo").click().run()
    assert not app.warning and app.number_input(key="plan_budget").value is None and _site_of(app, "青石村") == "N-P01"


def test_alternatives_are_sought_compared_and_taken(opened, monkeypatch):
    app = _solve(_run())
    app.button(key="plan_near").click().run()
    assert not app.exception
    ways = next(frame.value for frame in app.dataframe if "loss" in frame.value.columns)
    assert ways["way"].tolist()[0] == "青石村换一处地块" and ways["gain"].iloc[0] == 400 and ways["lose"].iloc[0] == 1200
    session = town_session()
    desk = app.session_state["cz_plan_desk"]
    told = compare(desk.plan.choice, desk.plan.alternatives[0].choice)
    rows = plan_near.village_rows(session, told)
    assert rows["name"].tolist()[0] == "青石村" and rows["site"].tolist()[0] == "N-P01 → N-P03"
    assert rows["gain"].sum() == 400 and rows["lose"].sum() == 1200
    monkeypatch.setattr(plan_near, "picked_rows", lambda event: [0])
    app.run()
    app.button(key="plan_adopt").click().run()
    assert not app.exception and _site_of(app, "青石村") == "N-P03" and app.multiselect(key="plan_fixed").value == ["N-P03"]
    assert any("采用的近优方案" in item.value for item in app.caption)
    app.button(key="plan_undo").click().run()
    assert _site_of(app, "青石村") == "N-P01" and not app.exception


def test_a_township_shows_its_own_catchments_and_dots(made):
    found, session = made
    town = session.study.villages["township_code"].iloc[0]
    areas = plan_map.plan_paint(town_session(township=town), found, after=True)["groups"]
    homes = found.coverage_after.venues
    of_town = set(session.study.villages["village_code"][session.study.villages["township_code"] == town])
    assert set(areas["areas-after"]) == set(homes["venue_id"][homes["village_code"].isin(of_town)])
    assert areas["still"] == f"{town}|" and areas["areas-before"] is False and areas["newly"] is False
    drawn = plan_map.layers_of_plan(session, found, within_min=15.0, notes={})
    layers = {layer["name"]: layer["data"]["features"] for layer in drawn}
    codes = set(session.study.villages["township_code"])
    assert all(one["id"].split("|")[0] in codes for name in ("still", "newly") for one in layers[name])
    hidden = plan_map.plan_paint(session, found, after=True, shown=())["groups"]
    assert not any(hidden[name] for name in ("areas-after", "walks", "still")) and hidden["sites"]


@pytest.mark.parametrize(("text", "place"), [("107.3615, 29.2904", (107.3615, 29.2904)), (" 1；-2 ", (1.0, -2.0)), ("1", None)])
def test_degrees_as_they_are_typed(text, place):
    assert plan_trial.degrees_of(text) == place
