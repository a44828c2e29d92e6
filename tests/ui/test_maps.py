"""What the maps hand to the browser: every village and candidate at its place, coloured by what the study says, names as data."""

from __future__ import annotations

import dataclasses
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from geo.score import reweight
from tests.toytown import LIUWAN, ORIGIN, QINGSHI, TOWN_CRS, YUNTAI
from tests.ui.sessions import opened_town, town_session
from ui import map_shapes, maps
from ui.basemap import basemap
from ui.map_base import base_of_county, base_of_village, worth_seeing
from ui.map_ground import GROUPS, online
from ui.theme import FAIL_FILL, PASS_RAMP, STATUS_COLOURS, VERIFY_RAMP, figure, mix, score_colour


def layer_of(base: dict, name: str) -> dict:
    return next(layer for layer in base["layers"] if layer["name"] == name)


def test_county_map_draws_each_village_where_it_lies():
    data = layer_of(base_of_county(town_session()), "villages")["data"]
    assert [feature["id"] for feature in data["features"]] == [QINGSHI, LIUWAN, YUNTAI]
    shape = shapely.from_geojson(json.dumps(data["features"][0]["geometry"]))
    # The middle of the first village's limits, 1000 m east and 1250 m north of the origin, by pyproj alone.
    expected = Transformer.from_crs(TOWN_CRS, 4326, always_xy=True).transform(ORIGIN[0] + 1000, ORIGIN[1] + 1250)
    assert shape.centroid.x == pytest.approx(expected[0], abs=2e-5)
    assert shape.centroid.y == pytest.approx(expected[1], abs=2e-5)


def test_village_map_holds_the_candidates_of_the_village_and_no_other():
    session = town_session()
    drawn = {feature["id"] for feature in layer_of(base_of_village(session, QINGSHI), "candidates")["data"]["features"]}
    candidates = session.study.candidates
    assert drawn == set(candidates.loc[candidates["village_code"] == QINGSHI, "candidate_id"])


def test_best_candidate_is_drawn_last_so_that_it_lies_on_top():
    session = town_session()
    features = layer_of(base_of_village(session, QINGSHI), "candidates")["data"]["features"]
    assert features[-1]["id"] == session.village_row(QINGSHI)["best_candidate"]


def test_paint_follows_verdict_rank_and_filter():
    session = town_session()
    paint = maps.candidate_paint(session, QINGSHI, selected="N-P01")
    colour_of = {item: paint["palette"][key]["fillColor"] for item, key in paint["styles"].items()}
    assert colour_of["N-P02"] == FAIL_FILL
    assert colour_of["N-P04"] not in (FAIL_FILL, colour_of["N-P01"])
    assert paint["chosen"] == "N-P01"
    assert [badge["text"] for badge in paint["badges"]][-1] == "1"
    only = maps.candidate_paint(session, QINGSHI, shown=["N-P03"])
    assert list(only["styles"]) == ["N-P03"]


def test_other_weights_change_the_paint_but_not_the_base():
    session = town_session()
    weights = {criterion.id: 0.0 for criterion in session.scenario.criteria} | {"courtyard": 1.0}
    moved = dataclasses.replace(session, study=reweight(session.study, weights))
    assert maps.candidate_paint(moved, QINGSHI) != maps.candidate_paint(session, QINGSHI)
    assert base_of_village(moved, QINGSHI) == base_of_village(session, QINGSHI)


def test_names_reach_the_browser_as_data_that_cannot_end_the_script():
    county = opened_town().county
    evil = "</script><img src=x onerror=alert(1)>"
    settlements = county.settlements.assign(settlement_name=evil)
    session = town_session(county=dataclasses.replace(county, settlements=settlements))
    text = map_shapes.to_json(base_of_village(session, QINGSHI))
    assert "<" not in text and ">" not in text
    marks = layer_of(json.loads(text), "settlement-names")["marks"]
    assert marks[0]["text"] == evil


def test_json_refuses_what_the_browser_cannot_read():
    with pytest.raises(ValueError, match="not JSON compliant"):
        map_shapes.to_json({"score": float("nan")})


def test_village_without_limits_stands_where_its_candidates_are():
    session = town_session()
    villages = session.study.villages.copy()
    villages.geometry = gpd.GeoSeries([None, *villages.geometry[1:]], crs=villages.crs)
    place = map_shapes.village_places(villages, session.study.candidates).iloc[0]
    own = session.candidates_of(QINGSHI)
    lon, lat = Transformer.from_crs(villages.crs, 4326, always_xy=True).transform(place.x, place.y)
    assert lon == pytest.approx(np.median(own["lon"]), abs=1e-9)
    assert lat == pytest.approx(np.median(own["lat"]), abs=1e-9)
    none_there = session.study.candidates.iloc[:0]
    assert maps.not_on_map(villages, none_there) == 1


def test_clip_keeps_only_what_touches_the_box():
    roads = opened_town().county.roads
    box = (ORIGIN[0] + 900, ORIGIN[1] + 400, ORIGIN[0] + 1100, ORIGIN[1] + 600)
    near = map_shapes.within(roads, box)
    assert near["road_id"].tolist() == ["C101"]
    assert near.geometry.iloc[0].length == pytest.approx(200.0)
    assert map_shapes.within(roads, (0, 0, 1, 1)) is None
    assert map_shapes.within(None, box) is None


def test_site_map_is_as_wide_as_asked():
    base = base_of_village(town_session(), QINGSHI, around=("N-P01", 600.0))
    (south, west), (north, east) = base["view"]
    to_metres = Transformer.from_crs(4326, TOWN_CRS, always_xy=True)
    left, bottom = to_metres.transform(west, south)
    right, top = to_metres.transform(east, north)
    assert right - left == pytest.approx(600, abs=1)
    assert top - bottom == pytest.approx(600, abs=1)


def test_basemap_covers_the_terrain_and_is_drawn_once():
    ground = basemap(opened_town().county)
    (south, west), (north, east) = ground.bounds
    middle = Transformer.from_crs(TOWN_CRS, 4326, always_xy=True).transform(ORIGIN[0] + 3400, ORIGIN[1] + 1000)
    assert west < middle[0] < east and south < middle[1] < north
    assert basemap(opened_town().county) == ground
    assert basemap(dataclasses.replace(opened_town().county, terrain=None)) is None


def test_village_map_opens_on_what_can_be_chosen_large_enough_to_be_seen():
    session = town_session()
    own = session.candidates_of(QINGSHI)
    chosen = worth_seeing(own)
    assert set(chosen["verdict"]) <= {"pass", "verify"} and chosen["rank_in_village"].iloc[0] == 1
    far = own.iloc[[-1]].assign(verdict="pass")
    far.geometry = far.geometry.translate(5000, 0)
    crowd = gpd.GeoDataFrame(pd.concat([*[own.iloc[[0]]] * 4, far]), crs=own.crs)
    assert len(worth_seeing(crowd)) == 4   # the fifth would shrink the others to a dot
    assert len(worth_seeing(gpd.GeoDataFrame(pd.concat([own.iloc[[0]], far]), crs=own.crs))) == 2
    failing = own.assign(verdict="fail")
    assert len(worth_seeing(failing)) == len(own)


def test_online_maps_are_options_and_the_key_is_the_users(monkeypatch):
    session = town_session()
    for name in ("CUNZHI_TILES", "CUNZHI_TIANDITU_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert [one["id"] for one in online(session)] == ["osm"]
    assert not any(one.get("on") for one in online(session))
    monkeypatch.setenv("CUNZHI_TIANDITU_KEY", "a&b")
    monkeypatch.setenv("CUNZHI_TILES", "http://tiles.example/{z}/{x}/{y}.png")
    found = {one["id"]: one for one in online(session)}
    assert list(found) == ["custom", "tianditu", "osm"] and found["custom"]["on"]
    assert all(url.endswith("&tk=a%26b") and "{z}" in url for url in found["tianditu"]["urls"])


def test_every_layer_that_can_be_switched_is_drawn_under_such_a_name():
    session = town_session()
    drawn = {layer["name"] for base in (base_of_county(session), base_of_village(session, QINGSHI)) for layer in base["layers"]}
    for group, starts in GROUPS.items():
        assert group in ("parcels", "restrictions") or any(name.startswith(start) for name in drawn for start in starts), group


def test_a_candidate_that_is_not_drawn_can_still_be_marked():
    session = town_session()
    shape = maps.candidate_paint(session, QINGSHI, shown=["N-P03"], selected="N-P01")["chosenShape"]
    assert [feature["id"] for feature in shape["features"]] == ["N-P01"]


def test_a_click_counts_once():
    value = {"kind": "candidate", "id": "N-P01", "nonce": "test-click-1"}
    assert maps.fresh_click(value) == maps.Click("candidate", "N-P01")
    assert maps.fresh_click(value) is None
    assert maps.fresh_click({}) is None and maps.fresh_click(None) is None


def grey(colour: str) -> float:
    red, green, blue = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_classes_stay_apart_in_grey_print():
    shades = sorted(grey(STATUS_COLOURS[status]) for status in ("none", "below_standard", "adequate"))
    assert min(np.diff(shades)) > 25
    for ramp in (PASS_RAMP, VERIFY_RAMP):
        assert all(a > b for a, b in zip(map(grey, ramp), list(map(grey, ramp))[1:], strict=False))


def test_a_higher_score_is_never_lighter():
    for verdict in ("pass", "verify"):
        shades = [grey(score_colour(verdict, score)) for score in range(0, 101, 5)]
        assert all(a >= b for a, b in zip(shades, shades[1:], strict=False))
    assert score_colour("fail", 99.0) == FAIL_FILL
    assert score_colour("pass", None) == score_colour("pass", float("nan")) == PASS_RAMP[0]
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


@pytest.mark.parametrize(("value", "unit", "expected"), [
    (1234.4, "m2", "1,234 m²"), (0.4537, "share", "45.4%"), (float("nan"), "min", "unknown"), (float("inf"), "min", "unreachable"),
    (None, "people", "unknown"), (12, "", "12"), (-0.04, "deg", "0.0°"),
])
def test_figures_in_words(value, unit, expected):
    assert figure(value, unit, language="en") == expected
