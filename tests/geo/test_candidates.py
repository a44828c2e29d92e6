"""Candidates: which parcels, buildings and venues become one, with which facts, in which village."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.candidates import COLUMNS, ESTIMATED_FLOOR_AREA, CandidateOptionError, candidates
from geo.land_class import fitness
from geo.scenario import Scenario, scenario_from
from layers.schema import conform
from tests import toytown
from tests.toytown import LIUWAN, ORIGIN, QINGSHI

STANDARD = Path(__file__).resolve().parents[2] / "data" / "standards" / "default.toml"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return scenario_from(tomllib.loads(STANDARD.read_text(encoding="utf-8")))


def _ids(county: object, scenario: Scenario) -> list[str]:
    return candidates(county, scenario)["candidate_id"].tolist()


def test_every_parcel_idle_building_and_weak_venue(scenario: Scenario) -> None:
    found = candidates(toytown.toytown(), scenario)
    assert found["candidate_id"].tolist() == [f"N-P{n:02d}" for n in range(1, 17)] + ["R-B16", "U-V1"]
    assert list(found.columns) == [*COLUMNS, "geometry"]
    assert found.crs == toytown.TOWN_CRS
    by_id = found.set_index("candidate_id")
    assert by_id.loc["N-P01", "village_code"] == QINGSHI and by_id.loc["N-P12", "village_code"] == LIUWAN
    reuse, upgrade = by_id.loc["R-B16"], by_id.loc["U-V1"]
    assert (reuse["parcel_id"], reuse["building_id"], reuse["floor_area_m2"]) == ("P16", "B16", 240.0)
    assert reuse["geometry"].area == pytest.approx(800.0)
    assert (upgrade["parcel_id"], upgrade["venue_id"], upgrade["floor_area_m2"]) == ("P15", "V1", 70.0)
    assert pd.isna(by_id.loc["N-P01", "building_id"]) and pd.isna(by_id.loc["N-P01", "floor_area_m2"])


def test_place_in_degrees_lies_where_it_should(scenario: Scenario) -> None:
    """At the central meridian (500 km east) longitude is 114 degrees; 1020 m east of it, cos(lat) * 111.32 km a degree."""
    row = candidates(toytown.toytown(), scenario).iloc[0]
    assert row["lon"] == pytest.approx(114 + 1020 / (111_320 * np.cos(np.radians(row["lat"]))), abs=2e-5)


def test_parcel_with_an_adequate_venue_is_no_candidate(scenario: Scenario) -> None:
    good = toytown.venues().assign(floor_area_m2=90.0, courtyard_m2=200.0)
    assert "N-P15" not in _ids(toytown.toytown(venues=good), scenario)
    assert not any(name.startswith("U-") for name in _ids(toytown.toytown(venues=good), scenario))
    for changed in (good.assign(planned=True), good.assign(courtyard_m2=np.nan)):
        ids = _ids(toytown.toytown(venues=changed), scenario)
        assert "N-P15" in ids and "U-V1" not in ids


def test_idle_building_on_the_parcel_of_an_adequate_venue_is_no_candidate(scenario: Scenario) -> None:
    good = toytown.venues().assign(floor_area_m2=90.0, courtyard_m2=200.0)
    moved = good.set_geometry([shapely.Point(ORIGIN[0] + 3018, ORIGIN[1] + 310)], crs=good.crs)
    assert "R-B16" not in _ids(toytown.toytown(venues=moved), scenario)
    assert "R-B16" not in _ids(toytown.toytown(venues=moved, parcels=None), scenario)


def test_without_parcels_every_building_may_be_asked_for(scenario: Scenario) -> None:
    county = toytown.toytown(parcels=None)
    found = candidates(dataclasses.replace(county, options={"candidates": {"buildings": "all"}}), scenario)
    assert found["candidate_id"].tolist() == ["R-B13", "R-B16", "U-V1"]
    assert found["parcel_id"].isna().all() and found["village_code"].tolist() == [LIUWAN] * 3
    assert found.geometry.iloc[0].area == pytest.approx(225.0)
    none = dataclasses.replace(county, options={"candidates": {"buildings": "none"}})
    assert _ids(none, scenario) == ["U-V1"]


def test_bad_option_is_said(scenario: Scenario) -> None:
    county = dataclasses.replace(toytown.toytown(), options={"candidates": {"buildings": "some"}})
    with pytest.raises(CandidateOptionError, match="candidates.buildings must be one of idle, all, none, not 'some'"):
        candidates(county, scenario)


def test_yard_by_the_papers_comes_before_the_place(scenario: Scenario) -> None:
    buildings = toytown.buildings()
    code = toytown.parcels().set_index("parcel_id").loc["P12", "parcel_code"]
    named = buildings.assign(parcel_code=pd.Series([None, code], dtype="str"))
    found = candidates(toytown.toytown(buildings=named), scenario).set_index("candidate_id")
    assert found.loc["R-B16", "parcel_id"] == "P12"


def test_smallest_of_overlapping_parcels_is_the_yard(scenario: Scenario) -> None:
    parcels = toytown.parcels()
    large = shapely.box(ORIGIN[0] + 2000, ORIGIN[1], ORIGIN[0] + 4000, ORIGIN[1] + 3000)
    village = gpd.GeoDataFrame({"parcel_id": ["JA"]}, geometry=[large], crs=parcels.crs)
    both = conform(pd.concat([conform(village, "parcels"), parcels], ignore_index=True), "parcels")
    found = candidates(toytown.toytown(parcels=both), scenario).set_index("candidate_id")
    assert (found.loc["R-B16", "parcel_id"], found.loc["U-V1", "parcel_id"]) == ("P16", "P15")


def test_floor_area_is_reckoned_from_the_footprint_and_said(scenario: Scenario) -> None:
    bare = toytown.buildings().assign(floor_area_m2=np.nan, floor_area_source=pd.Series([None, None], dtype="str"))
    row = candidates(toytown.toytown(buildings=bare), scenario).set_index("candidate_id").loc["R-B16"]
    assert (row["floor_area_m2"], row["floor_area_source"]) == (240.0, ESTIMATED_FLOOR_AREA)
    unknown = bare.assign(floors=np.nan)
    row = candidates(toytown.toytown(buildings=unknown), scenario).set_index("candidate_id").loc["R-B16"]
    assert np.isnan(row["floor_area_m2"])


def test_missing_layers_leave_an_empty_frame_of_the_same_shape(scenario: Scenario) -> None:
    empty = candidates(toytown.toytown(parcels=None, buildings=None, venues=None), scenario)
    assert len(empty) == 0 and list(empty.columns) == [*COLUMNS, "geometry"] and empty.crs == toytown.TOWN_CRS
    assert candidates(toytown.toytown(villages=None), scenario)["village_code"].isna().all()


def test_row_order_of_the_parcels_does_not_matter(scenario: Scenario) -> None:
    turned = toytown.parcels().iloc[::-1].reset_index(drop=True)
    one = candidates(toytown.toytown(), scenario).sort_values("candidate_id", ignore_index=True)
    two = candidates(toytown.toytown(parcels=turned), scenario).sort_values("candidate_id", ignore_index=True)
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two))


@pytest.mark.parametrize(("system", "code", "fit"), [
    ("survey3", "1201", "suitable"), ("survey3", "08H2A", "suitable"), ("survey3", "0303", "unsuitable"),
    ("survey3", "0301K", "conditional"), ("survey3", "0103", "farmland"), ("survey3", "0702", "suitable"),
    ("landuse_sea", "0701", "conditional"),
    ("landuse_sea", "0704", "suitable"), ("survey2", "204", "unsuitable"), ("survey2", "203", "suitable"),
    ("survey3", "1201,0103", "farmland"), ("other", "1201", None),
    (None, "1201", None), ("survey3", None, None), ("survey3", "9999", None),
])
def test_land_class_by_the_longest_prefix_of_its_own_system(scenario: Scenario, system: str, code: str, fit: str) -> None:
    frame = pd.DataFrame({"land_class_system": [system], "land_class": [code]}, index=[7]).astype("str")
    found = fitness(frame, scenario)
    assert found.index.tolist() == [7]
    assert (found.iloc[0] == fit) if fit else pd.isna(found.iloc[0])
