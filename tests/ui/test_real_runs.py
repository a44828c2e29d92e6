"""The same job on real data: `cunzhi run` on counties that lack layers, checked against the files themselves."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyogrio
import pytest
from typer.testing import CliRunner

from ui.cli import build

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT / ".." / "shared" / "realdata"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the real data stands beside the project, and not here")


def _run(name: str, folder: Path, *options: str) -> tuple[dict, list[dict[str, str]]]:
    county = ROOT / "tests" / "realdata" / f"{name}.toml"
    result = CliRunner().invoke(build("en"), ["run", str(county), "--out", str(folder), *options])
    assert result.exit_code == 0, result.stderr
    table = (folder / "candidates.csv").read_text(encoding="utf-8-sig")
    return json.loads((folder / "run.json").read_text(encoding="utf-8")), list(csv.DictReader(io.StringIO(table)))


def test_qishan_is_judged_on_what_it_has_and_says_what_it_lacks(tmp_path):
    record, rows = _run("qishan", tmp_path)
    assert len(rows) == pyogrio.read_info(REAL / "qishan" / "development.shp")["features"] == record["counts"]["candidates"]["all"]
    lacking = {one["id"]: one["missing_layers"] for one in record["not_assessed"]}
    assert {"people_share", "facilities", "slope", "venue"} <= set(lacking) and "terrain" in lacking["slope"]
    assert {row["people_15min"] for row in rows} == {row["slope_deg"] for row in rows} == {""}
    assert all(row["score"] == "" or float(row["score_high"]) - float(row["score_low"]) > 30 for row in rows)
    findings = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    assert any("29" in one["text"]["zh"] and one["severity"] == "warning" for one in findings)   # owner villages not on the list


def test_washington_counts_its_yards_less_the_buildings(tmp_path):
    record, rows = _run("washington_nh", tmp_path)
    assert len(rows) == record["counts"]["layers"]["parcels"]
    yards = [(float(row["parcel_area_m2"]), float(row["building_area_m2"]), float(row["courtyard_m2"])) for row in rows]
    assert sum(building > 0 for _, building, _ in yards) > 100
    assert all(courtyard <= area - building + 0.1 for area, building, courtyard in yards)


def test_washington_judges_what_is_left_of_the_yard_where_its_scenario_says_so(tmp_path):
    _, rows = _run("washington_nh", tmp_path, "--scenario", str(ROOT / "tests" / "realdata" / "washington_nh_scenario.toml"))
    left = {verdict: [float(row["courtyard_m2"]) for row in rows if row["gate_courtyard"] == verdict]
            for verdict in ("pass", "fail")}
    assert min(left["pass"]) >= 200 > max(left["fail"])
    assert len(left["fail"]) == 32
