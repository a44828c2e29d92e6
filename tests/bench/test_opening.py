"""Opening a county stays near the reading of its files. Seconds are no test, processor seconds in one process nearly are."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from layers.open import open_county

CRS = "EPSG:4547"
ACROSS, DOWN, SIDE_M = 250, 200, 20.0
MOST_TIMES = 13.0
"""Measured: 6.5 with every check on; a check that works row by row in Python costs more than all of it."""


@pytest.fixture(scope="module")
def toml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50,000 parcels of 20 x 20 m that fit edge by edge, in four villages."""
    folder = tmp_path_factory.mktemp("opening")
    x, y = (grid.ravel() * SIDE_M for grid in np.meshgrid(np.arange(ACROSS), np.arange(DOWN)))
    x, y = x + 500_000, y + 3_800_000
    rows = np.arange(len(x))
    papers = {
        "ZDDM": [f"429901100{1 + row % 4:03d}{('JA', 'JB', 'JC', 'GB')[row % 4]}{row:05d}" for row in rows],
        "QSDWDM": [f"429901100{200 + row % 4}" for row in rows],
        "QSXZ": np.array(["30", "31", "32", "20"])[rows % 4], "QLLX": np.array(["1", "7", "5", "3"])[rows % 4],
        "QLXZ": np.array(["200", "200", "200", "102"])[rows % 4], "DLBM": np.array(["0702", "1101", "0101"])[rows % 3],
        "QSDCJS": np.array(["权属清楚,无争议", "与邻宗存在界址纠纷"])[(rows % 97 == 0).astype(int)],
        "ZDMJ": np.where(rows % 50 == 0, 500.0, 400.0),
    }
    parcels = gpd.GeoDataFrame(papers, geometry=shapely.box(x, y, x + SIDE_M, y + SIDE_M), crs=CRS)
    parcels.to_file(folder / "p.gpkg", layer="p", use_arrow=True)
    left, bottom, right, top = parcels.total_bounds
    middle = (left + right) / 2 + 5, (bottom + top) / 2 + 5   # the limits run through parcels
    boxes = [shapely.box(left, bottom, *middle), shapely.box(middle[0], bottom, right, middle[1]),
             shapely.box(left, middle[1], middle[0], top), shapely.box(*middle, right, top)]
    names = {"XZCDM": [f"429901100{200 + at}" for at in range(4)], "XZCMC": [f"{name}村" for name in "甲乙丙丁"]}
    gpd.GeoDataFrame(names, geometry=boxes, crs=CRS).to_file(folder / "v.gpkg", layer="v")
    text = f'[county]\nname = "甲县"\ncrs = "{CRS}"\n[layers.villages]\nsource = "v.gpkg"\n[layers.parcels]\nsource = "p.gpkg"\n'
    (folder / "county.toml").write_text(text, encoding="utf-8")
    return folder / "county.toml"


def _processor_s(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def test_opening_takes_a_few_times_what_reading_takes(toml: Path) -> None:
    open_county(toml)   # what is loaded once
    reading = min(_processor_s(lambda: pyogrio.read_dataframe(toml.parent / "p.gpkg", use_arrow=True)) for _ in range(3))
    opening = min(_processor_s(lambda: open_county(toml)) for _ in range(3))
    assert opening < MOST_TIMES * reading


def test_every_check_is_on_at_that_size(toml: Path) -> None:
    """The findings counted by hand: each parcel of the middle row and column is cut, one in 97 is disputed, one in 50 differs."""
    county = open_county(toml)
    found = {finding.code: finding for finding in county.findings}
    assert found["parcels_across_limits"].count == ACROSS + DOWN - 1
    assert float(found["parcels_across_limits"].params["area_m2"].replace(",", "")) == pytest.approx(
        (ACROSS - 1) * SIDE_M * 5 + (DOWN - 1) * SIDE_M * 5 + SIDE_M**2 - 15 * 15, abs=1)
    assert (county.parcels["dispute"] == "yes").sum() == -(-ACROSS * DOWN // 97)
    assert found["area_differs"].count == ACROSS * DOWN // 50
    assert "shapes_overlap" not in found and "shape_sliver" not in found
