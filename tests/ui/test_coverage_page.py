"""The Coverage page run without a browser on the toy town, and its parts by hand.

Toy town as it stands: Qingshi (1,000 people) has no venue, Liuwan (600) one below standard, Yuntai (50) none and no way in, so no
venue counts. With a venue of 120 m2 at Liuwan's in its place: 400 people are 4.8 minutes from it, 200 are 18 (`tests/toytown.py`).
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import streamlit as st
from shapely import Point
from streamlit.testing.v1 import AppTest

from geo.coverage import Coverage, coverage, need_reasons
from geo.planning import plan
from geo.study import study
from layers.schema import conform
from layers.words import LANGUAGES, catalogue
from reports.coverage import COVERAGE_FILES, column_text, coverage_files, coverage_zip, reason_texts
from tests import toytown
from tests.toytown import LIUWAN, QINGSHI, YUNTAI
from tests.ui.sessions import opened_town, town_session
from ui import map_shapes, plan_state
from ui.components import coverage_map, coverage_tables, coverage_view
from ui.components.coverage_state import Review, review_of
from ui.maps import Click
from ui.opening import Opened
from ui.plan_state import Desk, Wishes, rules_of
from ui.planning import load_rules
from ui.state import Session

NAN, INF = float("nan"), float("inf")


def _page() -> None:
    from ui import state
    from ui.pages import coverage

    state.follow_url()
    coverage.render(state.current())


def _venues(*rows: tuple) -> gpd.GeoDataFrame:
    """Rows of id, village, floor area, courtyard, place."""
    frame = pd.DataFrame([row[:4] for row in rows], columns=["venue_id", "village_code", "floor_area_m2", "courtyard_m2"])
    shapes = [toytown._at(Point(*row[4])) for row in rows]
    return conform(gpd.GeoDataFrame(frame.assign(planned=False), geometry=shapes, crs=toytown.TOWN_CRS), "venues")


@cache
def _served_town() -> Opened:
    """The toy town with an adequate venue in Liuwan, and one of unknown size in Qingshi's street."""
    town = toytown.toytown(venues=_venues(("V1", LIUWAN, 120.0, 400.0, (3000, 900)), ("V2", QINGSHI, NAN, NAN, (1000, 500))))
    scenario = opened_town().scenario
    return Opened("served-town", town, study(town, scenario), scenario)


def _session(opened: Opened, language: str = "zh", **changes: object) -> Session:
    return town_session(language, stamp=opened.stamp, county=opened.county, base_study=opened.study, study=opened.study, **changes)


@cache
def _coverage(served: bool = True) -> Coverage:
    opened = _served_town() if served else opened_town()
    return coverage(opened.county, opened.scenario)


def _review(served: bool = True) -> Review:
    return Review(_coverage(served), None, ("test", served))


@pytest.fixture
def on_town(monkeypatch):
    """The page on the toy town instead of a county file; caches empty."""
    def open_it(opened: Opened) -> None:
        st.cache_resource.clear()
        monkeypatch.setattr("ui.state.open_with_progress", lambda *_: opened)
        monkeypatch.delenv("CUNZHI_LANG", raising=False)

    open_it(opened_town())
    return open_it


def _run(**query: str) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception and not app.error, [item.value for item in (*app.exception, *app.error)]
    return app


def _metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_the_first_view_says_where_the_county_stands(on_town):
    app = _run()
    assert list(_metrics(app).items()) == [
        ("无场所（村）", "2"), ("未达标（村）", "1"), ("情况不明（村）", "0"), ("15 分钟内走到（人）", "0"),
        ("15 分钟内走不到（人）", "1,650"), ("步行不可达（人）", "1,650")]
    words = "\n".join(str(item.value) for item in (*app.markdown, *app.caption))
    assert "下一步" in words and "青石村（双溪镇）" in words and "仍无场所的村（2）" in words


def test_the_figures_are_those_of_a_hand_count(on_town):
    on_town(_served_town())
    figures = _metrics(_run())
    # 400 live 4.8 minutes from Liuwan's venue; 200 live 18 off, 1,000 some 40 down and up the streets, 50 have no way
    assert figures["15 分钟内走到（人）"] == "400" and figures["15 分钟内走不到（人）"] == "1,250"
    assert figures["步行不可达（人）"] == "50" and figures["情况不明（村）"] == "1"


def test_unknown_venues_count_only_when_asked(on_town):
    on_town(_served_town())
    app = _run()
    app.toggle(key="coverage_unknown").set_value(True).run()
    # all of Qingshi is within 11 minutes of the venue of unknown size: a bound, and said to be one
    assert _metrics(app)["15 分钟内走到（人）"] == "1,400"
    assert "上限" in app.info[0].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_is_drawn_in_both_languages(on_town, language):
    on_town(_served_town())
    app = _run(lang=language, village=LIUWAN)
    for level, tables in (("villages", 2), ("townships", 2), ("county", 5)):
        app.segmented_control(key="coverage_level").set_value(level).run()
        assert not app.exception and not app.error and len(app.dataframe) == tables
    if language == "en":
        assert not any("\u4e00" <= character <= "\u9fff" for metric in app.metric for character in metric.label)


def test_a_township_narrows_every_figure(on_town):
    on_town(_served_town())
    figures = _metrics(_run(township="419901101"))
    assert (figures["无场所（村）"], figures["15 分钟内走不到（人）"], figures["步行不可达（人）"]) == ("1", "50", "50")


def test_a_county_without_roads_is_told_so_and_not_given_noughts(on_town):
    town = replace(opened_town().county, roads=None)
    on_town(Opened("no-roads", town, study(town, opened_town().scenario), opened_town().scenario))
    app = _run()
    assert _metrics(app)["15 分钟内走到（人）"] == "—" and "没有道路图层" in app.warning[0].value
    for level in ("villages", "townships", "county"):
        app.segmented_control(key="coverage_level").set_value(level).run()
        assert not app.exception and not app.error
    assert "未知" in set(app.dataframe[1].value["value"])


def test_a_county_without_villages_is_told_what_to_bring(on_town):
    town = replace(opened_town().county, villages=None)
    on_town(Opened("no-villages", town, opened_town().study, opened_town().scenario))
    assert "没有行政村图层" in _run().info[0].value


def test_the_order_of_need_follows_people_and_names_its_reasons():
    session, review = _session(_served_town()), _review()
    rows = coverage_tables.need_table(session, review, "none")
    assert rows["village_code"].tolist() == [YUNTAI] and "50 人" in rows["reason"].iloc[0]
    rows = coverage_tables.need_table(town_session(), _review(False), "all")
    assert rows["village_code"].tolist() == [QINGSHI, LIUWAN, YUNTAI] and rows["order"].tolist() == [1, 2, 3]
    assert rows["people_unserved"].tolist() == [1000, 600, 50]
    assert "建筑面积不足" in rows["reason"].iloc[1] and "全村 1,000 人" in rows["reason"].iloc[0]
    assert coverage_tables.need_table(replace(town_session(), township="419901101"), _review(False), "all")["order"].tolist() == [1]


def test_village_figures_by_hand():
    table = coverage_tables.figures_table(_session(_served_town()), _review(), "villages").set_index("village_code")
    assert table.loc[LIUWAN, ["people", "people_5min", "people_10min", "people_15min", "people_30min"]].tolist() == [
        600, 400, 400, 400, 600]
    assert table.loc[LIUWAN, "served_share"] == pytest.approx(400 / 600)
    assert table.loc[LIUWAN, "mean_walk_min"] == pytest.approx((400 * 4.8 + 200 * 18) / 600)
    assert table.loc[LIUWAN, ["settlements", "settlements_beyond", "settlements_beyond_people"]].tolist() == [2, 1, 200]
    assert table.loc[LIUWAN, ["total_people", "unique_people"]].tolist() == [400, 400]
    assert table.loc[QINGSHI, "total_people"] == 0 and np.isinf(table.loc[YUNTAI, "worst_walk_min"])
    towns = coverage_tables.figures_table(_session(_served_town()), _review(), "townships")
    assert towns["people"].sum() == 1650 and towns["settlements_beyond_people"].tolist() == [50, 1200]
    whole = coverage_tables.figures_table(_session(_served_town()), _review(), "county").iloc[0]
    assert whole["people_15min"] == 400 and whole["settlements_beyond_people"] == 1250 and whole["total_people"] == 400


def test_unreachable_is_a_word_and_a_walk_too_long_another():
    session = _session(_served_town())
    assert coverage_tables.cell_text(session, "worst_walk_min", INF) == "不可达"
    assert coverage_tables.cell_text(session, "worst_walk_min", INF, too_far=True) == "超过 120"
    assert coverage_tables.cell_text(session, "mean_walk_min", NAN, too_far=True) == "未知"
    assert coverage_tables.cell_text(session, "mean_walk_min", 12.34, too_far=True) == "12.3"
    table = coverage_tables.figures_table(session, _review(), "villages")
    html = coverage_tables.styled(session, table).to_html()
    assert "不可达" in html and "inf" not in html and "nan" not in html


def test_a_walk_too_long_is_a_reason_of_its_own():
    row = _coverage().villages.drop(columns="geometry").iloc[2].to_dict()
    far = {**row, "people_unreachable": 50.0, "people_beyond_walk_limit": 20.0}
    found = {reason.code: reason.params for reason in need_reasons(far, 15.0)}
    assert found["unreachable"] == {"people": 30.0} and found["beyond_walk_limit"] == {"people": 20.0}
    for language in LANGUAGES:
        assert all("{" not in text for text in reason_texts(far, 15.0, language))


def test_dots_are_the_natural_villages_beyond_reach():
    dots = coverage_map.unserved_dots(_coverage()).set_index("name")
    assert set(dots.index) == {"青石街", "上青石", "岭上", "云台"} and dots["people"].sum() == 1250
    assert dots.loc["云台", "kind"] == "unreachable" and dots.loc["岭上", "kind"] == "beyond"
    assert dots.loc["岭上", "township_code"] == "419901100" and dots.index[0] == "青石街"
    review, item = _review(), dots.loc["岭上", "id"]
    assert coverage_map.village_of_click(review, Click("settlement", item)) == LIUWAN
    assert coverage_map.village_of_click(review, Click("settlement", "s-none")) is None


def test_where_natural_villages_are_not_counted_the_dots_are_homes():
    found = _coverage()
    uncounted = found.settlements.assign(population=NAN)
    dots = coverage_map.unserved_dots(replace(found, settlements=uncounted))
    assert "name" not in dots and dots["people"].sum() == pytest.approx(found.unserved["people"].sum())
    assert set(dots["kind"]) == {"beyond", "unreachable"}


def test_gathered_homes_lose_nobody_and_stay_apart():
    rng = np.random.default_rng(7)
    places = gpd.points_from_xy(*rng.uniform(0, 3e4, (2, 5000)))
    homes = gpd.GeoDataFrame({"people": rng.uniform(0, 9, 5000), "kind": rng.choice(["a", "b"], 5000)}, geometry=places,
                             crs=toytown.TOWN_CRS)
    dots = map_shapes.gathered(homes, most=800, by=("kind",))
    assert 50 < len(dots) <= 800
    assert dots.groupby("kind")["people"].sum().to_dict() == pytest.approx(homes.groupby("kind")["people"].sum().to_dict())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_has_a_layer_of_dots_a_township_and_its_legend(language):
    session, review = _session(_served_town(), language), _review()
    base = coverage_map.base_of_review(session, review)
    layers = {layer["name"]: layer for layer in base["layers"]}
    assert len(layers["unserved-419901100"]["data"]["features"]) == 3
    assert len(layers["unserved-419901101"]["data"]["features"]) == 1
    assert map_shapes.to_json(base)
    tip = next(f["properties"]["t"] for f in layers["villages"]["data"]["features"] if f["id"] == LIUWAN)
    assert any("400" in str(line) for line in tip)


def test_with_a_plan_its_villages_are_planned_and_still_not_served(monkeypatch):
    opened = opened_town()
    session = town_session()
    rules = rules_of(Wishes(allow_verify=True, every_village=False), load_rules(None, session.scenario), session.study.villages)
    made = plan(opened.county, opened.study, rules)
    assert made.chosen
    monkeypatch.setattr(plan_state, "about_of", lambda _: ("here",))
    monkeypatch.setattr(plan_state, "standing", lambda _: Desk(("here",), plan=made, mark="m1"))
    st.cache_resource.clear()
    review = review_of(session)
    venues = review.coverage.villages.set_index("village_code")["venue"]
    assert {code for code, venue in venues.items() if venue == "planned"} == set(made.chosen)
    assert review.coverage.county["people_served"].iloc[0] == 0   # nobody walks to a plan
    counts = coverage_view.standing_counts(review, None)
    assert counts["none"] == 2 and counts["planned"] == len(made.chosen)
    assert set(review.need(None)["village_code"]) == {QINGSHI, LIUWAN, YUNTAI}
    rows = review.need(None).set_index("village_code")
    assert all("planned_not_built" in rows.loc[code, "reasons"] for code in made.chosen)
    served = made.coverage_after.county["people_served"].iloc[0]
    assert any(f"{served:,.0f} 人" in text for text in coverage_view.next_steps(session, review))


def test_a_plan_for_a_village_that_is_not_there_is_refused():
    opened = opened_town()
    with pytest.raises(ValueError, match="no village 000"):
        coverage(opened.county, opened.scenario, decided=["000"])


def test_the_zip_holds_the_tables_and_no_formula():
    found = _coverage()
    named = found.villages.assign(village_name=["=cmd()", *found.villages["village_name"].iloc[1:]])
    files = coverage_files(replace(found, villages=named), "zh")
    assert tuple(files) == COVERAGE_FILES and all(content.startswith(b"\xef\xbb\xbf") for content in files.values())
    assert "'=cmd()" in files["villages.csv"].decode("utf-8-sig")
    villages = pd.read_csv(io.BytesIO(files["villages.csv"]), dtype={"village_code": str}, encoding="utf-8-sig")
    assert villages["people_15min"].sum() == 400 and villages["village_code"].tolist() == sorted(villages["village_code"])
    county = pd.read_csv(io.BytesIO(files["county.csv"]), encoding="utf-8-sig").iloc[0]
    assert county["people_served"] + county["people_unserved"] == 1650
    need = pd.read_csv(io.BytesIO(files["need.csv"]), encoding="utf-8-sig")
    assert "50 人" in need["reasons"].iloc[0]
    first, second = (coverage_zip(found, "en") for _ in range(2))
    assert first == second and zipfile.ZipFile(io.BytesIO(first)).namelist() == list(COVERAGE_FILES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_of_the_tables_is_explained(language):
    found = _coverage()
    for frame in (found.villages, found.townships, found.county, found.need, found.settlements, found.overlap, found.inequality):
        for column in frame.columns.drop("geometry", errors="ignore"):
            assert column_text(column, language) != column, column


def test_words_have_equal_keys():
    first, second = ({key for key in catalogue(language) if key.startswith("coverage_page.")} for language in LANGUAGES)
    assert first == second


def test_a_county_of_which_no_venue_is_known_is_not_said_to_lack_none(on_town):
    town = toytown.toytown(venues=None)
    on_town(Opened("no-venues", town, study(town, opened_town().scenario), opened_town().scenario))
    head = next(item.proto.body for item in _run().get("html") if 'class="cz-headline"' in item.proto.body)
    assert "3 个村，<b>3</b> 个有没有活动场所还不清楚" in head and "最多的乡镇" not in head
