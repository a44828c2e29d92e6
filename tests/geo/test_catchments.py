"""Catchment areas: by hand for homes on a line, and nobody lost, nothing overlapping on a plan."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.catchments import CATCHMENT_COLUMNS, catchments, reach_of
from geo.planning import plan
from tests.toytown import TOWN_CRS
from tests.ui.sites_town import scenario, town
from ui.planning import load_rules


def line(walks: list[float], venues: list[str], people: float = 10.0, *, step_m: float = 100.0):
    """Homes on a line `step_m` apart, each with its walk and venue."""
    homes = gpd.GeoDataFrame(
        {"people": people, "walk_min": walks, "venue_id": venues},
        geometry=gpd.points_from_xy(step_m * np.arange(len(walks)), np.zeros(len(walks))), crs=TOWN_CRS)
    ids = sorted(set(venues))
    places = gpd.GeoDataFrame({"venue_id": ids, "village_code": [f"c{v}" for v in ids], "planned": [v == "W" for v in ids]})
    return SimpleNamespace(residents=homes, venues=places, served_min=15.0)


def test_neighbours_meet_halfway_and_end_at_the_reach():
    """Homes at 0, 100, 200 m; reach 2.5 x 100 m. Two walk to V, one to W: the border stands at x = 150."""
    areas = catchments(line([1.0, 5.0, 2.0], ["V", "V", "W"])).set_index("venue_id")
    left, right = areas.geometry["V"], areas.geometry["W"]
    assert left.bounds[2] == pytest.approx(150) and right.bounds[0] == pytest.approx(150)
    assert (left.bounds[0], right.bounds[2]) == pytest.approx((-250, 450))
    assert left.intersection(right).area == pytest.approx(0, abs=1e-6)
    assert areas.loc["V", ["people", "mean_walk_min", "worst_walk_min"]].tolist() == [20.0, 3.0, 5.0]
    assert areas["planned"].tolist() == [False, True] and areas["village_code"].tolist() == ["cV", "cW"]


def test_who_walks_too_far_has_ground_of_their_own():
    """The home at 100 m is served by nobody: its ground, 50 to 150 m, belongs to no area."""
    areas = catchments(line([1.0, 16.0, 2.0], ["V", "V", "V"]))
    area = areas.geometry.iloc[0]
    assert not area.contains(shapely.Point(100, 0)) and area.contains(shapely.Point(10, 0)) and area.contains(shapely.Point(190, 0))
    assert catchments(line([1.0, 16.0, 2.0], ["V", "V", "V"]), within_min=20.0)["people"].tolist() == [30.0]


def test_one_home_two_at_one_place_and_none():
    one = catchments(line([1.0], ["V"]))
    assert one.geometry.iloc[0].area == pytest.approx(np.pi * 500**2, rel=0.03)   # a polygon of 16 corners in the circle
    twice = catchments(line([1.0, 1.0], ["V", "V"], step_m=0.0))
    assert twice["people"].tolist() == [20.0] and twice.geometry.iloc[0].area == pytest.approx(one.geometry.iloc[0].area)
    none = catchments(line([np.inf], ["V"]))
    assert none.empty and set(CATCHMENT_COLUMNS) < set(none.columns)
    assert reach_of(np.array([[0.0, 0.0], [10.0, 0.0]])) == 100.0


def test_areas_of_a_plan_hold_the_homes_they_serve_and_lose_nobody():
    county, study = town()
    found = plan(county, study, load_rules(None, scenario()), details=False)
    for coverage in (found.coverage_before, found.coverage_after):
        areas = catchments(coverage)
        homes = coverage.residents[coverage.residents["served"].to_numpy(bool)]
        assert areas["people"].sum() == pytest.approx(coverage.county["people_served"][0])
        for venue, area in zip(areas["venue_id"], areas.geometry, strict=True):
            mine = homes[homes["venue_id"] == venue]
            assert mine.within(area).all() and homes[homes["venue_id"] != venue].disjoint(area).all()
