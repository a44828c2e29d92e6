"""What must never change a verdict: order of rows, where the county lies, its CRS and units, how a polygon was
cut, a layer it does not rest on."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.county import County, Raster
from layers.open import open_county
from layers.schema import conform
from tests import toytown
from tests.geo.test_gates import judged
from tests.toytown import ORIGIN, TOWN_CRS
from tests.ui.townfiles import write_town

ROLES = ("villages", "settlements", "parcels", "ownership", "buildings", "venues", "roads", "facilities", "restrictions")


def _restrictions() -> gpd.GeoDataFrame:
    """The town's own, farmland over corners of two yards, and a power line and a stream drawn as lines."""
    rows = [
        ("basic_farmland", np.nan, shapely.box(1000, 485, 1016, 497)), ("water", np.nan, shapely.box(1022, 695, 1050, 712)),
        ("power_line", 10.0, shapely.LineString([(1036, 480), (1020, 900)])),
        ("water", np.nan, shapely.LineString([(3018, 480), (3022, 640)])),
    ]
    columns = {"restriction_id": [f"x{n}" for n in range(len(rows))], "kind": [kind for kind, _, _ in rows],
               "voltage_kv": [kv for _, kv, _ in rows]}
    shapes = [shapely.transform(shape, lambda xy: xy + np.array(ORIGIN)) for _, _, shape in rows]
    drawn = conform(gpd.GeoDataFrame(columns, geometry=shapes, crs=TOWN_CRS), "restrictions")
    return gpd.GeoDataFrame(pd.concat([toytown.restrictions(), drawn], ignore_index=True), crs=TOWN_CRS)


def _town(**changes: object) -> County:
    return toytown.toytown(**{"restrictions": _restrictions(), **changes})


EXPECTED = judged(_town())
VERDICTS = [name for name in EXPECTED if name.startswith("gate_")] + ["verdict"]


def _same(county: County) -> None:
    pd.testing.assert_frame_equal(judged(county).sort_index(), EXPECTED.sort_index())


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_row_order_changes_no_verdict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers = {role: getattr(_town(), role) for role in ("parcels", "ownership", "restrictions", "roads")}
    _same(_town(**{role: layer.iloc[rng.permutation(len(layer))].reset_index(drop=True) for role, layer in layers.items()}))


@settings(max_examples=8, deadline=None)
@given(st.floats(-20_000, 20_000), st.floats(-200_000, 200_000))
def test_a_shift_of_the_whole_county_changes_no_verdict(east: float, north: float) -> None:
    town = _town()
    moved = {role: getattr(town, role).assign(geometry=lambda layer: layer.geometry.translate(east, north)) for role in ROLES}
    ground = town.terrain
    moved["terrain"] = Raster(ground.values, ground.transform.translation(east, north) * ground.transform, TOWN_CRS)
    _same(_town(**moved))


@settings(max_examples=8, deadline=None)
@given(st.floats(1005.0, 1200.0), st.floats(480.0, 1140.0), st.sampled_from(["restrictions", "ownership"]))
def test_a_polygon_cut_into_touching_pieces_changes_no_verdict(x: float, y: float, role: str) -> None:
    layer = getattr(_town(), role)
    east, north = ORIGIN[0] + x, ORIGIN[1] + y
    quarters = [shapely.box(0, 0, east, north), shapely.box(east, 0, 1e7, north), shapely.box(0, north, east, 1e7),
                shapely.box(east, north, 1e7, 1e7)]
    areal = layer.geometry.area > 0
    pieces = [layer[~areal]]
    for quarter in quarters:
        part = layer[areal].assign(geometry=lambda rows, quarter=quarter: rows.geometry.intersection(quarter))
        pieces.append(part[part.geometry.area > 0])
    cut = gpd.GeoDataFrame(pd.concat(pieces, ignore_index=True), crs=TOWN_CRS)
    key = f"{role.removesuffix('s')}_id"
    _same(_town(**{role: cut.assign(**{key: [f"{n}" for n in range(len(cut))]})}))


@pytest.mark.parametrize(("role", "fed"), [
    ("terrain", set()), ("facilities", set()), ("settlements", set()),
    ("restrictions", {"gate_restriction", "gate_courtyard", "verdict"}),
    ("ownership", {"gate_collective", "gate_dispute", "verdict"}),
    ("roads", {"gate_restriction", "verdict"}),          # `judged` is told the distances to the road
])
def test_a_layer_that_is_gone_changes_only_what_it_feeds(role: str, fed: set[str]) -> None:
    without = judged(_town(**{role: None}))
    kept = [name for name in VERDICTS if name not in fed]
    pd.testing.assert_frame_equal(without[kept], EXPECTED[kept])


@pytest.mark.parametrize(("code", "size_m2"), [("1", 1.0), ("2", 2000 / 3), ("3", 10_000.0)])
def test_the_unit_of_the_declared_area_changes_no_verdict(code: str, size_m2: float, tmp_path: Path) -> None:
    """The same parcels from a file that declares their area in m2, mu or hectares, by the cadastre's own code."""
    parcels = toytown.parcels()
    declared = parcels.area * np.linspace(0.9, 1.1, len(parcels))
    layer = gpd.GeoDataFrame(
        {"ZDDM": parcels["parcel_code"], "QSXZ": parcels["owner_nature"], "QSDWDM": parcels["owner_code"], "MJDW": code,
         "ZDMJ": declared / size_m2}, geometry=parcels.geometry, crs=TOWN_CRS)
    layer.to_file(tmp_path / "land.gpkg")
    (tmp_path / "county.toml").write_text('[county]\nname = "x"\n[layers.parcels]\nsource = "land.gpkg"\n', encoding="utf-8")
    read = open_county(tmp_path / "county.toml").parcels
    np.testing.assert_allclose(read["declared_area_m2"], declared, rtol=1e-9)
    found = judged(_town(parcels=read, buildings=None, venues=None))
    expected = judged(_town(parcels=read.assign(declared_area_m2=declared.to_numpy()), buildings=None, venues=None))
    pd.testing.assert_frame_equal(found, expected)
    assert "declared_differs" in set(found["reason_courtyard"])


@pytest.mark.parametrize(("crs", "working_crs"), [
    ("EPSG:4490", "EPSG:4547"),      # degrees
    ("EPSG:4526", "EPSG:4547"),      # eastings with the zone in front
    ("EPSG:32649", "EPSG:4547"),     # another projection
    ("EPSG:4547", "EPSG:4526"),      # and another to compute in
])
def test_the_crs_of_the_files_changes_no_verdict(crs: str, working_crs: str, tmp_path: Path) -> None:
    expected = judged(open_county(write_town(tmp_path / "as_drawn")))
    found = judged(open_county(write_town(tmp_path / "in_another_crs", crs=crs, working_crs=working_crs)))
    assert set(expected["verdict"]) == {"pass", "verify", "fail"}
    pd.testing.assert_frame_equal(found[VERDICTS], expected[VERDICTS])


def test_the_cases_show_what_they_are_for() -> None:
    """So that the properties above are about verdicts of every sort."""
    assert set(EXPECTED["verdict"]) == {"pass", "verify", "fail"}
    assert {"beside_basic_farmland", "in_ecological_redline", "clear"} <= set(EXPECTED["reason_restriction"])
