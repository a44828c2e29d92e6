"""Ownership: share, level and strength of evidence, computed by hand on squares."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.candidates import candidates
from geo.ownership import ownership
from geo.scenario import Scenario, scenario_from
from layers.schema import conform
from tests import toytown
from tests.toytown import LIUWAN, ORIGIN, QINGSHI, TOWN_CRS

STANDARD = Path(__file__).resolve().parents[2] / "data" / "standards" / "default.toml"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return scenario_from(tomllib.loads(STANDARD.read_text(encoding="utf-8")))


def _box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    return shapely.box(ORIGIN[0] + left, ORIGIN[1] + bottom, ORIGIN[0] + right, ORIGIN[1] + top)


def _parcel(**papers: object) -> gpd.GeoDataFrame:
    """One parcel of 20 x 20 m in Qingshi, known to the papers named and to nobody else."""
    row = {"parcel_id": "P", **papers}
    return conform(gpd.GeoDataFrame([row], geometry=[_box(100, 100, 120, 120)], crs=TOWN_CRS), "parcels")


def _layer(*rows: tuple) -> gpd.GeoDataFrame:
    return conform(gpd.GeoDataFrame(
        [{"ownership_id": f"o{n}", "owner_level": level, "owner_code": unit, "dispute": dispute}
         for n, (level, unit, dispute, _) in enumerate(rows)], geometry=[shape for *_, shape in rows], crs=TOWN_CRS), "ownership")


def _found(scenario: Scenario, parcels: gpd.GeoDataFrame, layer: gpd.GeoDataFrame | None, **changes: object) -> pd.Series:
    county = toytown.toytown(parcels=parcels, ownership=layer, buildings=None, venues=None, **changes)
    return ownership(candidates(county, scenario), county, scenario).iloc[0]


UNIT = QINGSHI + "0000000"


def test_share_is_the_part_in_undisputed_polygons_of_the_own_village(scenario: Scenario) -> None:
    layer = _layer(
        ("village", UNIT, "no_sign", _box(100, 100, 110, 120)),           # half, its own
        ("villager_group", QINGSHI + "0100000", None, _box(105, 100, 115, 120)),   # a group of the same village: 1/4 more
        ("village", LIUWAN + "0000000", "no_sign", _box(115, 100, 118, 120)),      # another village's
        ("village", UNIT, "yes", _box(118, 100, 120, 120)),               # disputed
    )
    row = _found(scenario, _parcel(), layer)
    assert row["collective_share"] == pytest.approx(0.75)
    assert row["polygon_collective_share"] == pytest.approx(1.0)
    assert row["polygon_disputed_share"] == pytest.approx(0.1)
    assert (row["owner_level"], row["evidence_strength"]) == ("village", "polygon")


def test_strongest_source_decides_and_the_next_one_refines(scenario: Scenario) -> None:
    village = _layer(("village", UNIT, "no_sign", _box(0, 0, 500, 500)))
    row = _found(scenario, _parcel(title_owner="collective", survey_owner="villager_group"), village)
    assert (row["owner_level"], row["evidence_strength"]) == ("village", "title")
    row = _found(scenario, _parcel(title_owner="collective", survey_owner="villager_group", owner_code=UNIT), None)
    assert (row["owner_level"], row["evidence_strength"], row["collective_share"]) == ("villager_group", "title", 1.0)
    row = _found(scenario, _parcel(title_owner="unknown", survey_owner="village", owner_code=UNIT), None)
    assert (row["owner_level"], row["evidence_strength"]) == ("village", "survey")
    row = _found(scenario, _parcel(), None)
    assert pd.isna(row["owner_level"]) and pd.isna(row["evidence_strength"]) and np.isnan(row["collective_share"])


@pytest.mark.parametrize(("papers", "share", "unit"), [
    ({"title_owner": "village", "owner_code": UNIT}, 1.0, "own"),
    ({"title_owner": "village", "owner_name": "青石村农民集体"}, 1.0, "own"),
    ({"survey_owner": "village", "owner_code": LIUWAN + "0000000"}, 0.0, "other"),
    ({"survey_owner": "village", "owner_code": "419901100999" + "0000000"}, np.nan, "unlisted"),
    ({"title_owner": "village"}, 1.0, None),
    ({"survey_owner": "collective"}, np.nan, None),
    ({"survey_owner": "state"}, 0.0, None),
    ({"survey_owner": "township", "owner_code": "4199011000000000000"}, 0.0, "unlisted"),
])
def test_share_by_papers_where_there_are_no_polygons(scenario: Scenario, papers: dict, share: float, unit: str | None) -> None:
    row = _found(scenario, _parcel(**papers), None)
    np.testing.assert_equal(row["collective_share"], share)
    assert (row["owner_unit"] == unit) if unit else pd.isna(row["owner_unit"])


@pytest.mark.parametrize(("papers", "covered", "conflict"), [
    ({"title_owner": "village", "title_conflict": True}, True, "title_papers"),
    ({"title_owner": "state"}, True, "title_polygon"),
    ({"title_owner": "village"}, False, "title_polygon"),
    ({"title_owner": "village", "survey_owner": "state"}, True, "title_survey"),
    ({"survey_owner": "state"}, True, "polygon_survey"),
    ({"survey_owner": "collective"}, False, "polygon_survey"),
    ({"title_owner": "village", "survey_owner": "collective"}, True, None),
    ({"title_owner": "state", "survey_owner": "state"}, False, None),
    ({"title_owner": "collective", "survey_owner": "villager_group"}, True, "levels"),
    ({"title_owner": "township", "survey_owner": "township"}, True, "levels"),
    ({"title_owner": "villager_group", "survey_owner": "township"}, False, "title_polygon"),
])
def test_contradictions_are_named(scenario: Scenario, papers: dict, covered: bool, conflict: str | None) -> None:
    shape = _box(0, 0, 500, 500) if covered else _box(300, 300, 500, 500)
    row = _found(scenario, _parcel(**papers), _layer(("village", UNIT, "no_sign", shape)))
    assert (row["owner_conflict"] == conflict) if conflict else pd.isna(row["owner_conflict"])


def test_enclave_is_seen_in_polygon_and_papers(scenario: Scenario) -> None:
    layer = _layer(("village", LIUWAN + "0000000", "no_sign", _box(0, 0, 500, 500)))
    row = _found(scenario, _parcel(owner_code=LIUWAN + "0000000"), layer)
    assert (row["polygon_unit"], row["owner_unit"], row["collective_share"]) == ("other", "other", 0.0)


def test_no_village_leaves_the_share_unknown(scenario: Scenario) -> None:
    layer = _layer(("village", UNIT, "no_sign", _box(0, 0, 500, 500)))
    row = _found(scenario, _parcel(title_owner="village"), layer, villages=None)
    assert np.isnan(row["collective_share"]) and row["owner_level"] == "village"


def test_a_candidate_known_as_a_point_is_looked_up_too(scenario: Scenario) -> None:
    point = _parcel().set_geometry([shapely.Point(ORIGIN[0] + 110, ORIGIN[1] + 110)], crs=TOWN_CRS)
    row = _found(scenario, point, _layer(("village", UNIT, "no_sign", _box(0, 0, 500, 500))))
    assert row["collective_share"] == pytest.approx(1.0)


def test_empty_layer_of_polygons_covers_nothing(scenario: Scenario) -> None:
    row = _found(scenario, _parcel(title_owner="village"), _layer())
    assert (row["collective_share"], row["owner_conflict"]) == (0.0, "title_polygon")
