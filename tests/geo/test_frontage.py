"""Frontage by hand: which pieces of a parcel's boundary face which road."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.candidates import candidates
from geo.frontage import frontage
from layers.schema import conform
from tests import toytown
from tests.geo.standard import default_scenario
from tests.toytown import ORIGIN, TOWN_CRS

SCENARIO = default_scenario()


def _moved(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy + np.array(ORIGIN))


def _roads(*rows: tuple) -> gpd.GeoDataFrame:
    frame = [{"road_id": f"r{n}", "road_class": name, "width_m": width, "oneway": "no", "bridge": False, "closed": False, **more}
             for n, (name, width, _, more) in enumerate(rows)]
    return conform(gpd.GeoDataFrame(frame, geometry=[_moved(line) for _, _, line, _ in rows], crs=TOWN_CRS), "roads")


def _found(shape: shapely.Geometry, roads: gpd.GeoDataFrame | None) -> pd.Series:
    parcel = conform(gpd.GeoDataFrame({"parcel_id": ["P"]}, geometry=[_moved(shape)], crs=TOWN_CRS), "parcels")
    county = toytown.toytown(parcels=parcel, roads=roads, buildings=None, venues=None)
    return frontage(candidates(county, SCENARIO), county, SCENARIO).iloc[0]


LOT = shapely.box(100, 100, 130, 120)
SOUTH = shapely.LineString([(0, 92), (300, 92)])
WEST = shapely.LineString([(94, 0), (94, 300)])


def test_toy_town() -> None:
    """P01 is 20 m of street, 10 m off its centre line; half of the usual 5 m and a gap of 10 m reach it."""
    county = toytown.toytown()
    found = candidates(county, SCENARIO)
    shown = frontage(found, county, SCENARIO).set_index(found["candidate_id"])
    assert shown.loc["N-P01"].tolist() == [pytest.approx(20.0), 5.0, "village"]
    assert shown.loc["N-P09", "frontage_m"] == 0.0 and pd.isna(shown.loc["N-P09", "frontage_class"])


@pytest.mark.parametrize(("rows", "length_m", "road_class", "width_m"), [
    ([("village", np.nan, SOUTH, {})], 30.0, "village", 5.0),
    ([("village", np.nan, SOUTH, {}), ("county", 8.0, WEST, {})], 50.0, "village", 5.0),         # a corner lot: 30 and 20 m
    ([("village", np.nan, shapely.LineString([(0, 87), (300, 87)]), {})], 0.0, None, np.nan),    # 13 m away, 12.5 reach
    ([("national", 20.0, shapely.LineString([(0, 81), (300, 81)]), {})], 30.0, "national", 20.0),
    ([("village", np.nan, shapely.LineString([(115, 0), (115, 99)]), {})], 0.0, None, np.nan),   # ends at it: runs across the side
    ([("path", np.nan, SOUTH, {})], 0.0, None, np.nan),
    ([("expressway", np.nan, SOUTH, {})], 0.0, None, np.nan),
    ([("village", np.nan, SOUTH, {"bridge": True})], 0.0, None, np.nan),
    ([("village", np.nan, SOUTH, {"closed": True})], 0.0, None, np.nan),
    ([("village", np.nan, shapely.LineString([(110, 95), (122, 95)]), {})], 12 + 2 * np.sqrt(12.5**2 - 25), "village", 5.0),
])
def test_frontage_by_hand(rows: list, length_m: float, road_class: str | None, width_m: float) -> None:
    shown = _found(LOT, _roads(*rows))
    assert shown["frontage_m"] == pytest.approx(min(length_m, 30.0 if len(rows) == 1 else length_m), abs=2.0)
    np.testing.assert_equal(shown["frontage_width_m"], width_m)
    assert shown["frontage_class"] == road_class if road_class else pd.isna(shown["frontage_class"])


def test_only_the_near_side_faces_the_road() -> None:
    thin = shapely.box(100, 100, 130, 103)                                # both long sides lie within reach
    assert _found(thin, _roads(("village", np.nan, SOUTH, {})))["frontage_m"] == pytest.approx(30.0)


def test_direction_of_the_ring_and_of_the_road_do_not_matter() -> None:
    road = _roads(("village", np.nan, SOUTH.reverse(), {}))
    assert _found(LOT.reverse(), road)["frontage_m"] == pytest.approx(30.0)


def test_without_roads_or_area_it_is_unknown() -> None:
    assert np.isnan(_found(LOT, None)["frontage_m"])
    assert np.isnan(_found(shapely.Point(110, 110), _roads(("village", np.nan, SOUTH, {})))["frontage_m"])


@settings(max_examples=6, deadline=None)
@given(st.floats(0, 360), st.floats(60, 98))
def test_turning_town_and_road_together_changes_little(angle: float, y: float) -> None:
    line = shapely.LineString([(0, y), (300, y)])
    turned = [shapely.affinity.rotate(shape, angle, origin=(115, 110)) for shape in (LOT, line)]
    here = _found(LOT, _roads(("village", np.nan, line, {})))["frontage_m"]
    assert _found(turned[0], _roads(("village", np.nan, turned[1], {})))["frontage_m"] == pytest.approx(here, abs=1.0)
