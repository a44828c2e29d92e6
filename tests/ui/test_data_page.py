"""The Data page without a browser: findings with their place, mends and what is laid aside, a folder recognised and opened."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
import shapely
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo.study import study
from layers.config import read_config
from layers.findings import Finding
from layers.mending import ignored_findings
from layers.words import LANGUAGES, say
from tests import toytown
from tests.ui.sessions import opened_town, town_session
from tests.ui.townfiles import write_town
from ui.components.data_bring import UNDECIDED, role_of_item
from ui.components.data_findings import finding_html, role_name
from ui.components.data_gaps import gap_spots
from ui.components.data_places import Spot, base_of_spot, spot_of
from ui.components.data_thumbs import _picture, _picture_of_raster

APP = str(Path(__file__).resolve().parents[2] / "app.py")


def a_parcel() -> str:
    return str(toytown.parcels()["parcel_id"].iloc[0])


def findings() -> tuple[Finding, ...]:
    return (
        Finding("title_conflict", "warning", "parcels", "ZDDM", (a_parcel(),), 1),
        Finding("datum_suspected", "warning", "facilities", "datum", params={
            "datum": "gcj02", "shown": "GCJ02", "other": "buildings", "as_is_m": "500", "shifted_m": "4"}),
        Finding("config_missing", "info", "layers.roads", params={"path": "<script>x</script>"}),
    )


@pytest.fixture
def town(tmp_path, monkeypatch) -> Path:
    """The county.toml of the toy town, which the app takes for opened with the findings above."""
    st.cache_resource.clear()
    st.cache_data.clear()
    path = write_town(tmp_path)
    opened = opened_town()
    county = dataclasses.replace(opened.county, findings=findings(), source=path)
    monkeypatch.setattr("ui.state.open_with_progress", lambda *_: dataclasses.replace(opened, county=county))
    monkeypatch.setenv("CUNZHI_COUNTY", str(path))
    monkeypatch.delenv("CUNZHI_LANG", raising=False)
    return path


def _page() -> None:
    from ui import state
    from ui.pages import data

    state.follow_url()
    data.render(state.current())


def run() -> AppTest:
    app = AppTest.from_function(_page, default_timeout=90).run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in (*app.markdown, *app.text, *app.caption, *app.info, *app.error, *app.warning))


def test_a_finding_is_laid_aside_remembered_and_taken_up_again(town):
    key = findings()[0].key
    app = run()
    app.button(key=f"ignore-{key}").click().run()
    assert not app.exception and ignored_findings(town) == {key}
    assert any(say("data_page.findings.ignored", "zh") in box.label for box in app.expander)
    app.button(key=f"restore-{key}").click().run()
    assert not app.exception and ignored_findings(town) == frozenset()
    app.button(key="data_undo").click().run()
    assert ignored_findings(town) == {key}


def test_a_mend_is_shown_then_written_then_undone(town):
    before, key = town.read_bytes(), findings()[1].key
    app = run()
    app.button(key=f"mend-{key}").click().run()
    assert '+datum = "gcj02"' in app.code[0].value and town.read_bytes() == before
    app.button(key=f"apply-{key}").click().run()
    assert not app.exception and town.read_text(encoding="utf-8").count('datum = "gcj02"') == 1
    app.button(key="data_undo").click().run()
    assert town.read_bytes() == before


def test_the_place_of_a_finding_is_the_row_it_names(town):
    session = town_session(county=dataclasses.replace(opened_town().county, findings=findings()))
    spot = spot_of(session.county, findings()[0])
    parcels = session.county.parcels
    assert spot.role == "parcels" and parcels["parcel_id"].iloc[spot.rows[0]] == a_parcel()
    base, _ = base_of_spot(session, spot, spot.rows[0])
    concerned = next(layer for layer in base["layers"] if layer["name"] == "concerned")
    middle = shapely.from_geojson(str(concerned["data"]["features"][0]["geometry"]).replace("'", '"').replace("(", "[")
                                  .replace(")", "]")).centroid
    expected = parcels.geometry.iloc[[spot.rows[0]]].to_crs(4326).iloc[0].centroid
    assert middle.distance(expected) < 1e-5
    (south, west), (north, east) = base["view"]
    assert south < expected.y < north and west < expected.x < east
    app = run()
    app.button(key=f"show-{findings()[0].key}").click().run()
    assert not app.exception


def test_what_has_no_row_on_the_map_shows_the_layer_and_what_has_no_layer_a_point():
    session = town_session()
    whole = spot_of(session.county, Finding("id_repeated", "info", "parcels", rows=("no such",)))
    assert whole == Spot("parcels")
    base, _ = base_of_spot(session, whole, None)
    others = next(layer for layer in base["layers"] if layer["name"] == "others")
    assert len(others["data"]["features"]) == len(session.county.parcels)
    point = spot_of(session.county, Finding("layer_elsewhere", "warning", "nothing", place=(110.5, 30.5)))
    assert base_of_spot(session, point, None)[0]["layers"][-1]["marks"][0]["lon"] == 110.5
    assert spot_of(session.county, Finding("config_missing", "error", "county.toml")) is None


def test_gaps_between_roads_are_places_as_well():
    lon, lat = toytown.roads().to_crs(4326).geometry.iloc[0].coords[0]
    gaps = pd.DataFrame([{"lon": lon, "lat": lat, "kind": "dead_ends", "length_m": 7.0, "people": 40, "text": "<b>7 m</b>"}])
    (spot,) = gap_spots(gaps).values()
    base, _ = base_of_spot(town_session(), spot, None)
    assert base["layers"][-1]["marks"][0]["tip"][-1] == "<b>7 m</b>" and gap_spots(None) == {}


def gap_town(tmp_path, monkeypatch) -> Path:
    """The toy town with Qingshi's street beginning 12 m off the county road; a street's name is markup."""
    roads = toytown.roads()
    x, y = toytown.ORIGIN
    short = shapely.LineString([(x + 1000, y + 12), (x + 1000, y + 1500)])
    roads = roads.set_geometry(roads.geometry.where(roads["road_id"] != "C101", short))
    villages = toytown.villages()
    villages["village_name"] = villages["village_name"].where(villages["village_name"] != "青石村", "<b>青石村</b>")
    county = toytown.toytown(roads=roads, villages=villages)
    opened = opened_town()
    outcome = study(county, opened.scenario)
    monkeypatch.setattr("ui.state.open_with_progress", lambda *_: dataclasses.replace(
        opened, stamp="gaps", county=county, study=outcome))
    st.cache_resource.clear()
    path = write_town(tmp_path)
    monkeypatch.setenv("CUNZHI_COUNTY", str(path))
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gap_is_told_with_its_effect_shown_and_accepted(tmp_path, monkeypatch, language):
    monkeypatch.setenv("CUNZHI_LANG", language)
    path = gap_town(tmp_path, monkeypatch)
    app = run()
    html = "\n".join(str(part.proto.body) for part in app.get("html"))
    assert "1,000" in html and "&lt;b&gt;青石村" in html and "<b>青石村" not in html
    assert say("roads.mode.drive", language) in html and say("roads.kind_name.settlement", language) in html
    key = next(button.key.removeprefix("accept-") for button in app.button if str(button.key).startswith("accept-gap:"))
    assert not any(str(button.key).startswith("accept-gap:settlement") for button in app.button)
    app.button(key=f"show-{key}").click().run()
    assert not app.exception
    app.button(key=f"accept-{key}").click().run()
    assert "+join = [[" in app.code[0].value and read_config(path).joins == ()
    app.button(key=f"apply-{key}").click().run()
    (join,) = read_config(path).joins
    assert not app.exception and shapely.LineString([join[:2], join[2:]]).length < 0.0002   # 12 m in degrees
    app.button(key="data_undo").click().run()
    assert read_config(path).joins == ()


def test_a_gap_laid_aside_stays_there_to_be_taken_up_again(tmp_path, monkeypatch):
    monkeypatch.delenv("CUNZHI_LANG", raising=False)
    path = gap_town(tmp_path, monkeypatch)
    app = run()
    key = next(button.key.removeprefix("ignore-") for button in app.button if str(button.key).startswith("ignore-gap:"))
    app.button(key=f"ignore-{key}").click().run()
    assert not app.exception and ignored_findings(path) == {key}
    app.button(key=f"restore-{key}").click().run()
    assert not app.exception and ignored_findings(path) == frozenset()


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_are_escaped(language):
    html = finding_html(findings()[2], language)
    assert "&lt;script&gt;" in html and "<script>" not in html and role_name("roads", language) in html


def test_a_county_that_cannot_be_opened_says_why_and_what_could_be_set(tmp_path, monkeypatch):
    st.cache_resource.clear()
    path = write_town(tmp_path)
    source = 'source = "town.gpkg|roads"'
    path.write_text(path.read_text(encoding="utf-8").replace(source, f'{source}\ndatum = "moon"'), encoding="utf-8")
    monkeypatch.setenv("CUNZHI_COUNTY", str(path))
    monkeypatch.setenv("CUNZHI_LANG", "en")

    def closed() -> None:
        from layers.config import read_config
        from layers.findings import InputError
        from ui import state
        from ui.pages import data

        try:
            read_config(state.county_path())
        except InputError as error:
            data.render_closed(error, "en")

    app = AppTest.from_function(closed, default_timeout=60).run()
    assert not app.exception
    assert say("data_page.closed.note", "en") in shown(app) and app.button(key="bring-look")


def test_a_folder_is_recognised_settled_and_opened(town, tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    write_town(folder).unlink()
    app = run()
    app.text_input(key="bring-path").set_value(str(folder)).run()
    app.button(key="bring-look").click().run()
    assert not app.exception
    boxes = [box for box in app.selectbox if str(box.key).startswith(f"role-{folder}")]
    assert len(boxes) == len([role for role in ("villages", "settlements", "parcels", "ownership", "buildings", "venues", "roads",
                                                "facilities", "restrictions")])
    taken = {str(box.key).split("|")[1].removesuffix("-"): box.value for box in boxes}
    assert taken["villages"] == "villages" and taken["parcels"] == "parcels" and taken["roads"] == "roads"
    next(box for box in boxes if "|roads" in str(box.key)).set_value("").run()
    app.button(key="bring-open").click().run()
    text = (folder / "county.toml").read_text(encoding="utf-8")
    assert "[layers.parcels]" in text and "[layers.roads]" not in text
    assert app.session_state["cz_county_path"] == str(folder / "county.toml")


def test_a_path_that_is_not_there_is_said(town):
    app = run()
    app.text_input(key="bring-path").set_value("/no/such/folder").run()
    app.button(key="bring-look").click().run()
    assert not app.exception and app.error


def test_ties_are_undecided_until_a_person_settles_them(tmp_path):
    from layers.recognise import recognise

    frame = toytown.roads()[["geometry"]]
    for name in ("road_a", "road_b"):
        frame.to_file(tmp_path / f"{name}.geojson")
    found = recognise(tmp_path)
    if found.ties:
        assert role_of_item(found, found.ties[0].items[0])[0] == UNDECIDED
    settled = recognise(tmp_path, settled={"road_a.geojson": "roads", "road_b.geojson": ""})
    assert [role_of_item(settled, item)[0] for item in settled.items] == ["roads", ""]


def test_thumbnails_show_the_layer_where_it_is():
    import io

    from PIL import Image

    county = opened_town().county
    image = Image.open(io.BytesIO(_picture(county.parcels, county.villages)))
    colours = {colour for _, colour in image.getcolors(100_000)}
    assert image.size == (480, 300) and len(colours) > 2
    assert _picture(county.parcels.iloc[:0], None) is None


def test_thumbnail_of_heights():
    import numpy as np
    from affine import Affine
    from pyproj import CRS

    from layers.county import Raster

    values = np.linspace(0, 500, 12_000, dtype=np.float32).reshape(100, 120)
    assert _picture_of_raster(Raster(values, Affine(30, 0, 0, 0, -30, 0), CRS.from_epsg(4547)))[:4] == b"\x89PNG"
    assert _picture_of_raster(Raster(values * np.nan, Affine(30, 0, 0, 0, -30, 0), CRS.from_epsg(4547))) is None
