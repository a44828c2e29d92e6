"""Courtyard areas, computed by hand on rectangles."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.candidates import candidates
from geo.courtyard import areas
from geo.scenario import Scenario, scenario_from
from layers.schema import conform
from tests import toytown
from tests.toytown import ORIGIN, TOWN_CRS

STANDARD = Path(__file__).resolve().parents[2] / "data" / "standards" / "default.toml"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return scenario_from(tomllib.loads(STANDARD.read_text(encoding="utf-8")))


def _box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    return shapely.box(ORIGIN[0] + left, ORIGIN[1] + bottom, ORIGIN[0] + right, ORIGIN[1] + top)


def _areas(county: object, scenario: Scenario) -> pd.DataFrame:
    found = candidates(county, scenario)
    return areas(found, county, scenario).set_index(found["candidate_id"])[["parcel_area_m2", "building_area_m2", "courtyard_m2"]]


def test_toy_town(scenario: Scenario) -> None:
    found = _areas(toytown.toytown(), scenario)
    assert found.loc["N-P01"].tolist() == pytest.approx([400, 0, 400])
    assert found.loc["N-P02", "parcel_area_m2"] == pytest.approx(190)
    assert found.loc["N-P13"].tolist() == pytest.approx([400, 225, 175])
    assert found.loc["N-P08"].tolist() == pytest.approx([400, 0, 0])          # inside the red line
    assert found.loc["R-B16"].tolist() == pytest.approx([800, 120, 680])


def test_what_lies_on_top_of_one_another_is_taken_off_once(scenario: Scenario) -> None:
    parcel = conform(gpd.GeoDataFrame({"parcel_id": ["P"]}, geometry=[_box(100, 100, 120, 120)], crs=TOWN_CRS), "parcels")
    houses = conform(gpd.GeoDataFrame(
        {"building_id": ["a", "b", "c"]},
        geometry=[_box(100, 100, 110, 110), _box(105, 100, 115, 110), _box(118, 118, 130, 130)], crs=TOWN_CRS), "buildings")
    red_line = conform(gpd.GeoDataFrame(
        {"restriction_id": ["r", "h"], "kind": ["ecological_redline", "highway_control"]},
        geometry=[_box(110, 0, 200, 104), _box(0, 0, 200, 200)], crs=TOWN_CRS), "restrictions")
    county = toytown.toytown(parcels=parcel, buildings=houses, venues=None, restrictions=red_line)
    row = _areas(county, scenario).loc["N-P"]
    # houses: 15 x 10 together and 2 x 2 of the third; red line 10 x 4, of which 5 x 4 under a house; the control zone takes nothing
    assert row.tolist() == pytest.approx([400, 154, 400 - 154 - 20])


def test_yard_is_unknown_without_a_parcel_and_declared_for_a_venue(scenario: Scenario) -> None:
    found = _areas(toytown.toytown(parcels=None), scenario)
    np.testing.assert_array_equal(found.loc["R-B16"], [np.nan, 120.0, np.nan])
    np.testing.assert_array_equal(found.loc["U-V1"], [np.nan, np.nan, 300.0])


def test_without_buildings_their_area_is_unknown_not_zero(scenario: Scenario) -> None:
    found = _areas(toytown.toytown(buildings=None), scenario)
    assert np.isnan(found.loc["N-P13", "building_area_m2"]) and found.loc["N-P13", "courtyard_m2"] == pytest.approx(400)


def test_parcel_given_as_a_point_has_no_measured_area(scenario: Scenario) -> None:
    parcels = toytown.parcels()
    points = parcels.set_geometry(parcels.geometry.centroid)
    assert _areas(toytown.toytown(parcels=points), scenario).loc["N-P01"].isna().tolist() == [True, True, True]


def test_areas_are_conserved(scenario: Scenario) -> None:
    """Over all parcels: yards + buildings = parcels, where nothing is restricted and houses stand wholly on a parcel."""
    county = toytown.toytown(restrictions=None)
    found = _areas(county, scenario)
    new = found[found.index.str.startswith("N-")]
    assert new["parcel_area_m2"].sum() == pytest.approx(toytown.parcels().area.sum())
    assert new["building_area_m2"].sum() == pytest.approx(toytown.buildings().area.sum())
    assert (new["courtyard_m2"] + new["building_area_m2"]).sum() == pytest.approx(new["parcel_area_m2"].sum())
