"""Restrictions: areas and lines, their kind, the voltage of power lines."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.open import open_county
from layers.restrictions import voltage_kv


@pytest.mark.parametrize(("text", "kv"), [
    ("110kV", 110), ("110 KV", 110), ("10千伏", 10), ("110000", 110), ("110000;35000", 110), ("35000;110000", 110), ("380V", 0.38),
    ("220", 220), ("10.5", 10.5), ("500千伏 双回", 500), ("高压线", np.nan),
])
def test_voltage(text: str, kv: float) -> None:
    np.testing.assert_allclose(voltage_kv(text), kv)


def test_power_lines_are_read_as_lines_with_their_voltage(tmp_path: Path) -> None:
    lines = [shapely.LineString([(500_000, 3_850_000 + 10 * n), (500_900, 3_850_000 + 10 * n)]) for n in range(3)]
    gpd.GeoDataFrame({"电压等级": ["110kV", "10千伏", None]}, geometry=lines, crs=4547).to_file(tmp_path / "lines.gpkg")
    gpd.GeoDataFrame({"MC": ["x"]}, geometry=[shapely.box(500_000, 3_850_000, 500_500, 3_850_500)], crs=4547).to_file(
        tmp_path / "land.gpkg")
    (tmp_path / "county.toml").write_text(
        '[county]\nname = "x"\n[layers.parcels]\nsource = "land.gpkg"\n'
        '[layers.restrictions.power]\nsource = "lines.gpkg"\nkind = "power_line"\n', encoding="utf-8")
    county = open_county(tmp_path / "county.toml")
    assert county.restrictions.geom_type.tolist() == ["LineString"] * 3
    np.testing.assert_array_equal(county.restrictions["voltage_kv"], [110, 10, np.nan])
    told = [finding for finding in county.findings if finding.code == "power_line_voltage"]
    assert [(finding.count, finding.layer, finding.field) for finding in told] == [(1, "restrictions.power", "电压等级")]
    assert not [finding for finding in county.findings if finding.code == "geometry_kind"]
