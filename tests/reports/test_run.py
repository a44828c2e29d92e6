"""A run's folder: all files or none, the record in full, the GeoPackage the same as the CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math

import pyogrio
import pytest

import reports.run
from layers.findings import Finding
from reports.geopackage import write_geopackage
from reports.run import FILES, OutputError, require_writable, write_run
from reports.tables import candidates_table
from tests.reports.smallstudy import ROWS, county, small_study
from tests.toytown import TOWN_CRS

FOUND = (
    Finding("config_missing", "info", "parcels", params={"path": "a"}),
    Finding("config_missing", "error", "roads", "TYPE", ("3",), 1, {"path": "b"}, (114.0, 34.5)),
)


@pytest.fixture
def written(tmp_path):
    steps = []
    paths = write_run(small_study(), county(findings=FOUND), tmp_path / "out", language="en", seconds={"open": 1.23456},
                      progress=lambda name, share: steps.append((name, share)))
    return tmp_path / "out", paths, steps


def test_it_writes_every_file_and_nothing_else(written):
    folder, paths, steps = written
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert [path.name for path in paths] == list(FILES)
    assert [share for _, share in steps] == sorted(share for _, share in steps) and steps[-1][1] == 1.0


def test_the_record_says_what_the_figures_rest_on(written):
    record = json.loads((written[0] / "run.json").read_text(encoding="utf-8"))
    assert record["scenario"]["courtyard"]["min_area_m2"] == 200
    assert len(record["scenario"]["criteria"]) == len(small_study().scenario.criteria)
    assert record["inputs"][0] == {
        "role": "parcels", "source": "parcels.gpkg", "layer": None, "driver": "GPKG", "content_sha256": "ab" * 32,
        "crs_as_read": "EPSG:4547", "encoding_as_read": None, "rows_in": 7, "rows_out": 6, "fields": {"parcel_id": "ZDDM"},
    }
    assert {"cunzhi", "python", "geopandas", "shapely", "gdal", "proj", "geos"} <= set(record["versions"])
    assert record["seconds"]["open"] == 1.235 and record["seconds"]["study"] == {"candidates": 0.1}
    assert record["seconds"]["write"] > 0
    assert record["counts"]["candidates"] == {"all": 6, "pass": 2, "verify": 2, "fail": 2}
    assert record["counts"]["candidates_without_village"] == 1
    assert record["counts"]["villages"] == {"all": 3, "none": 2, "below_standard": 1, "adequate": 0, "unknown": 0}
    assert record["counts"]["findings"] == {"error": 1, "warning": 0, "info": 1}
    assert record["counts"]["layers"]["parcels"] == 16
    reasons = {one["id"]: one for one in record["not_assessed"]}
    assert reasons["slope"]["missing_layers"] == ["terrain"] and reasons["slope"]["kind"] == "criterion"
    assert reasons["slope"]["weight_share"] == pytest.approx(3 / 106, abs=1e-6) and reasons["venue"]["kind"] == "status"
    assert reasons["people_share"]["text"]["zh"] and reasons["people_share"]["text"]["en"]
    assert record["outputs"]["candidates.csv"] == hashlib.sha256((written[0] / "candidates.csv").read_bytes()).hexdigest()


def test_findings_are_data_and_text_in_both_languages_worst_first(written):
    rows = json.loads((written[0] / "findings.json").read_text(encoding="utf-8"))
    assert [row["severity"] for row in rows] == ["error", "info"]
    assert set(rows[0]) == {"code", "severity", "layer", "field", "rows", "count", "place", "text"}
    assert rows[0]["place"] == {"lon": 114.0, "lat": 34.5} and rows[0]["rows"] == ["3"] and rows[1]["place"] is None
    assert rows[0]["text"] == {"zh": FOUND[1].text("zh"), "en": FOUND[1].text("en")}


def test_the_geopackage_says_what_the_csv_says(written):
    path = written[0] / "candidates.gpkg"
    assert {name for name, _ in pyogrio.list_layers(path)} == {"candidates", "villages", "layer_styles"}
    frame = pyogrio.read_dataframe(path, layer="candidates")
    assert frame.crs == TOWN_CRS and len(frame) == len(ROWS)
    assert frame.geometry.area.tolist() == pytest.approx([400.0] * 6)
    rows = list(csv.DictReader(io.StringIO((written[0] / "candidates.csv").read_text(encoding="utf-8-sig"), newline="")))
    assert list(rows[0]) == [name for name in frame.columns if name != "geometry"]
    for name in ("score", "courtyard_m2", "road_time_min", "rank_in_county", "lon"):
        for text, value in zip((row[name] for row in rows), frame[name], strict=True):
            assert math.isnan(value) if text == "" else float(text) == value
    info = pyogrio.read_info(path, layer="candidates")
    types = dict(zip(info["fields"], info["dtypes"], strict=True))
    assert types["rank_in_village"].startswith("int") and types["village_code"] == "object"
    assert len(pyogrio.read_dataframe(path, layer="villages")) == 3


def test_two_runs_give_the_same_tables_byte_for_byte(written, tmp_path):
    write_run(small_study(), county(findings=FOUND), tmp_path / "again", language="en")
    for name in ("candidates.csv", "villages.csv", "reasons.csv", "report.xlsx", "candidates.gpkg", "findings.json"):
        assert (tmp_path / "again" / name).read_bytes() == (written[0] / name).read_bytes(), name


def test_the_date_setting_of_gdal_is_put_back(tmp_path):
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    write_geopackage(small_study(), tmp_path / "a.gpkg")
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before


def test_villages_without_limits_and_mixed_shapes_can_be_written(tmp_path):
    from dataclasses import replace

    study = small_study()
    bare = replace(study, villages=study.villages.set_geometry([None] * 3, crs=TOWN_CRS))
    table = candidates_table(bare)
    shapes = table.geometry.tolist()
    shapes[0] = shapes[0].centroid
    write_geopackage(bare, tmp_path / "a.gpkg", candidates=table.set_geometry(shapes, crs=TOWN_CRS))
    assert pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="candidates").geometry.iloc[0].geom_type == "Point"
    assert pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="villages")["village_name"].tolist() == ["青石村", "柳湾村", "云台村"]


def test_a_run_that_breaks_off_leaves_the_earlier_results_whole(written, monkeypatch):
    folder = written[0]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reports.run, "workbook_bytes", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_run(small_study(), county(), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_is_a_file_is_refused_with_its_name(tmp_path):
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot write to .*taken"):
        require_writable(tmp_path / "taken")
