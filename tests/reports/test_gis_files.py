"""GIS files as other programs read them: styles held to the rows, GeoJSON to RFC 7946, GeoParquet to the table."""

from __future__ import annotations

import json
import re
import sqlite3
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest

from geo.results import VENUE_STATUS
from reports.geopackage import write_geopackage
from reports.gis_files import UNREACHABLE, geojson_sites, write_geojson, write_geoparquet
from reports.layer_styles import styles_of
from reports.qml import Label, Symbol, single_qml
from reports.styles import score_bands, score_colour
from reports.tables import candidates_table, villages_table
from tests.reports.smallstudy import small_study
from ui import theme

QGIS_COLUMNS = ["id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML", "styleSLD",
                "useAsDefault", "description", "owner", "ui", "update_time"]
"""The table as QGIS 3 makes it itself (qgsogrprovider)."""


@pytest.fixture
def package(tmp_path):
    write_geopackage(small_study(), tmp_path / "a.gpkg", language="en")
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        yield database
    database.close()


def test_the_style_table_is_the_one_that_qgis_looks_for(package):
    assert [row[1] for row in package.execute("pragma table_info(layer_styles)")] == QGIS_COLUMNS
    assert package.execute("select data_type from gpkg_contents where table_name = 'layer_styles'").fetchall() == [("attributes",)]
    rows = package.execute("select f_table_name, f_geometry_column, useAsDefault from layer_styles").fetchall()
    shapes = dict(package.execute("select table_name, column_name from gpkg_geometry_columns").fetchall())
    assert {name for name, _, _ in rows} == {"candidates", "villages"} == set(shapes)
    assert all(shapes[name] == column for name, column, _ in rows)
    for name in shapes:
        assert sum(default for layer, _, default in rows if layer == name) == 1
    assert package.execute("select distinct f_table_catalog || f_table_schema from layer_styles").fetchall() == [("",)]


def test_every_site_is_drawn_by_exactly_one_rule(package):
    """The rules are SQL as well: the database itself counts the rows that each one takes."""
    (text,) = package.execute("select styleQML from layer_styles where f_table_name = 'candidates' and useAsDefault").fetchone()
    rules = ElementTree.fromstring(text.split("\n", 1)[1]).findall(".//rule")
    taken = [package.execute(f"select candidate_id from candidates where {rule.get('filter')}").fetchall() for rule in rules]
    ids = sorted(row[0] for rows in taken for row in rows)
    assert ids == sorted(small_study().candidates["candidate_id"])
    label = dict(zip((rule.get("label") for rule in rules), taken, strict=True))
    assert [row[0] for row in label["Pass 78–89"]] == ["N-P1"]            # 80.5 points
    assert [row[0] for row in label["To verify –"]] == ["U-V1"]           # score unknown
    edges = [(low, high) for low, high, _ in score_bands()]
    assert edges[0][0] == 0 and edges[-1][1] == 100 and all(a[1] == b[0] for a, b in zip(edges, edges[1:], strict=False))


def test_styles_are_well_formed_and_in_the_colours_of_the_app(package):
    for name, text in package.execute("select f_table_name, styleQML from layer_styles").fetchall():
        root = ElementTree.fromstring(text.split("\n", 1)[1])
        symbols = {symbol.get("name") for symbol in root.findall(".//symbols/symbol")}
        used = {node.get("symbol") for node in root.iter() if node.get("symbol") is not None}
        assert used and used <= symbols, name
        assert root.get("labelsEnabled") == "1" and root.find(".//text-style").get("fieldName")
    assert theme.score_colour is score_colour
    (text,) = package.execute("select styleQML from layer_styles where f_table_name = 'villages'").fetchone()
    for status in VENUE_STATUS:
        rgb = ",".join(str(int(theme.STATUS_COLOURS[status][i:i + 2], 16)) for i in (1, 3, 5))
        assert f'value="{rgb},255"' in text and f'value="{status}"' in text


def test_labels_show_from_their_scale_inwards():
    """QGIS calls the far end `scaleMax`; the other way round labels would vanish on zooming in."""
    text = single_qml(Symbol("fill", "#ffffff"), Label('"name"', scale=25000))
    assert 'scaleMin="0" scaleMax="25000"' in text
    assert styles_of("roads", gpd.GeoDataFrame(geometry=[]), "en") == ()


def test_symbols_follow_the_kind_of_shape():
    villages = villages_table(small_study())
    points = villages.set_geometry(villages.geometry.centroid)
    lines = villages.set_geometry(villages.geometry.boundary)
    for frame, kind in ((villages, "fill"), (points, "marker"), (lines, "line")):
        assert set(re.findall(r'<symbol type="(\w+)"', styles_of("villages", frame, "zh")[0].qml)) == {kind}


def test_geojson_is_what_rfc_7946_asks_for(tmp_path):
    table = candidates_table(small_study())
    write_geojson(geojson_sites(table), tmp_path / "sites.geojson")
    found = json.loads((tmp_path / "sites.geojson").read_text(encoding="utf-8"))
    assert found["type"] == "FeatureCollection" and "crs" not in found
    assert {one["properties"]["verdict"] for one in found["features"]} == {"pass", "verify"}
    to_degrees = pyproj.Transformer.from_crs(table.crs, 4326, always_xy=True)
    shapes = table.set_index("candidate_id").geometry
    for one in found["features"]:
        ring = np.array(one["geometry"]["coordinates"][0])
        x, y = ring.T
        assert ((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) > 0, "outer rings run counterclockwise"
        inside = to_degrees.transform(*shapes[one["properties"]["candidate_id"]].centroid.coords[0])
        assert ring[:-1].mean(axis=0) == pytest.approx(inside, abs=2e-7)
        assert all(len(number) <= 7 for number in re.findall(r"\.(\d+)", json.dumps(one["geometry"])))


def test_geojson_says_what_cannot_be_reached(tmp_path):
    write_geojson(villages_table(small_study()), tmp_path / "v.geojson")
    rows = {one["properties"]["village_code"]: one["properties"] for one in
            json.loads((tmp_path / "v.geojson").read_text(encoding="utf-8"))["features"]}
    told = {code: (row["nearest_venue_min"], row[UNREACHABLE]) for code, row in rows.items()}
    assert sorted(told.values(), key=str) == sorted([(None, "nearest_venue_min"), (5.0, None), (None, None)], key=str)


def test_geoparquet_is_the_table_in_the_countys_crs(tmp_path):
    table = candidates_table(small_study())
    for name in "ab":
        write_geoparquet(table, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    back = gpd.read_parquet(tmp_path / "a")
    assert back.crs == table.crs and back.geometry.geom_equals(table.geometry).all()
    pd.testing.assert_frame_equal(pd.DataFrame(back.drop(columns="geometry")), pd.DataFrame(table.drop(columns="geometry")),
                                  check_dtype=False)
