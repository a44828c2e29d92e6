"""Restricted ground: how far each kind reaches, and what of it is known."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.zones import line_reach_m, road_width_m, road_zones, zones
from tests import toytown
from tests.geo.standard import default_scenario

SCENARIO = default_scenario()
KINDS = [rule.kind for rule in SCENARIO.restrictions]


def test_power_lines_reach_as_the_regulation_says() -> None:
    """电力设施保护条例 art. 10: 5, 10, 15, 20 m from the outer wire; and half the width between the outer wires."""
    kv = np.array([0.38, 1.0, 10.0, 34.9, 35.0, 110.0, 153.0, 154.0, 220.0, 330.0, 500.0, 1000.0, np.nan])
    law = np.array([0, 5, 5, 5, 10, 10, 10, 15, 15, 15, 20, 20, 10])
    half = np.array([0, 1, 1, 1, 3, 3, 3, 6, 6, 6, 10, 10, 3])
    np.testing.assert_array_equal(line_reach_m(kv, SCENARIO.line_zones), law + half)


def test_roads_of_one_class_and_width_are_joined_before_they_are_widened() -> None:
    roads = toytown.roads()
    shapes, classes = road_zones(roads, SCENARIO.road_land)
    assert classes.tolist() == ["county"]                                            # village roads, tracks and paths have none
    assert shapely.bounds(shapes[0]) - np.tile(toytown.ORIGIN, 2) == pytest.approx([-14.5, -14.5, 4014.5, 14.5], abs=1e-6)
    assert road_width_m(roads.assign(width_m=[8.0, np.nan, 0.0, 2.0, 3.0]), SCENARIO.road_land).tolist() == [8, 5, 5, 2, 3]
    assert len(road_zones(None, SCENARIO.road_land)[0]) == len(road_zones(roads.iloc[1:], SCENARIO.road_land)[0]) == 0


def test_what_the_county_has_data_of() -> None:
    def known(**changes: object) -> set[str]:
        return {KINDS[rule] for rule in zones(toytown.toytown(**changes), SCENARIO).known}
    assert known() == {"ecological_redline", "hazard", "highway_control"}
    assert known(roads=None) == {"ecological_redline", "hazard"}
    assert known(restrictions=None) == {"highway_control"}
    assert known(restrictions=toytown.restrictions().assign(kind="unheard_of"), roads=None) == {"other"}
    assert known(restrictions=None, roads=None) == set()


def test_lines_and_points_without_a_zone_are_a_hairline() -> None:
    layer = toytown.restrictions()
    thin = layer.set_geometry([shapely.LineString([(0, 0), (100, 0)]), shapely.Point(0, 0)], crs=layer.crs)
    found = zones(toytown.toytown(restrictions=thin, roads=None), SCENARIO)
    assert shapely.area(found.shape) == pytest.approx([20 + np.pi * 0.01, np.pi * 0.01], rel=0.02)
