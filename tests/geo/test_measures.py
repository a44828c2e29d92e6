"""Measures of the toy town against hand computation, and what a missing layer leaves unknown."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point, box

from geo.candidates import candidates
from geo.measures import ON_NETWORK, measure, roles_lacking
from geo.measures.facilities import kinds_known
from geo.measures.residents import residents_of, settlement_points, village_people
from geo.measures.terrain import hazard_areas, hazard_distance_m
from geo.network import build_network
from geo.results import MEASURES
from tests import toytown
from tests.geo.standard import default_scenario


def _measured(**changes: object) -> pd.DataFrame:
    county, scenario = toytown.toytown(**changes), default_scenario()
    found = candidates(county, scenario)
    network = None
    if county.roads is not None:
        network = build_network(county.roads, terrain=county.terrain, travel=scenario.travel)
    frame = measure(found, county, scenario, network=network, residents=residents_of(county))
    assert frame.index.equals(found.index)
    return frame.set_index(found["candidate_id"])


@pytest.fixture(scope="module")
def town() -> pd.DataFrame:
    return _measured()


def test_p1_by_hand(town: pd.DataFrame) -> None:
    for name, expected in toytown.EXPECTED_P1.items():
        if name in town.columns:
            assert town.loc["N-P01", name] == pytest.approx(expected, abs=1e-6), name


def test_the_nearest_road_and_whether_it_leads_through(town: pd.DataFrame) -> None:
    assert town.loc["N-P09", "road_distance_m"] == pytest.approx(400)
    assert town.loc["N-P10", "road_distance_m"] == pytest.approx(110)
    assert town.loc["N-P14", "road_distance_m"] == pytest.approx(np.hypot(10, 800))  # footpaths do not count
    assert town.loc["N-P01", "road_class"] == "village" and bool(town.loc["N-P01", "road_leads_through"])
    parcel = toytown.parcels().iloc[[0]].assign(geometry=[toytown._at(box(2010, 1100, 2030, 1120))])
    beside_the_track = _measured(parcels=parcel, buildings=None, venues=None)
    assert beside_the_track["road_class"].tolist() == ["track"] and not beside_the_track["road_leads_through"].any()
    assert beside_the_track["road_time_min"].tolist() == [np.inf]


def test_walks_of_the_second_village(town: pd.DataFrame) -> None:
    door = 20 / toytown.OFFROAD_M_PER_MIN
    walk = (400 * door + 200 * (door + 1900 / toytown.WALK_M_PER_MIN)) / 600
    assert town.loc["N-P12", "mean_walk_min"] == pytest.approx(walk)
    assert town.loc["N-P12", "worst_walk_min"] == pytest.approx(door + 1900 / toytown.WALK_M_PER_MIN)
    assert town.loc["N-P12", "people_15min"] == 400 and town.loc["N-P12", "people_share_15min"] == pytest.approx(400 / 600)
    assert town.loc["N-P12", "reached_share"] == 1.0


def test_kinds_that_the_data_has_nowhere_are_unknown_and_not_counted(town: pd.DataFrame) -> None:
    assert town["police_walk_min"].isna().all() and town["kindergarten_walk_min"].isna().all()
    assert town.loc["N-P01", "school_walk_min"] == town.loc["N-P01", "primary_school_walk_min"]
    assert kinds_known(toytown.facilities()) == ("primary_school", "clinic", "shop", "bus_stop")
    assert kinds_known(None) == ()
    assert town.loc["N-P01", "facilities_5min"] == 1.0


def test_hazard_distance_runs_from_the_edge(town: pd.DataFrame) -> None:
    # P11 ends at y = 1220 below the hazard that begins at y = 2000
    assert town.loc["N-P11", "hazard_distance_m"] == pytest.approx(780)


def test_a_walk_limit_makes_far_people_unreachable() -> None:
    far = toytown.settlements()
    far.loc[far["settlement_id"] == "a2", "geometry"] = toytown._at(Point(1000, 2900))  # 1,400 m past the road's end
    town = _measured(settlements=far)
    assert town.loc["N-P01", "worst_walk_min"] == np.inf
    assert town.loc["N-P01", "reached_share"] == pytest.approx(0.6)
    assert town.loc["N-P01", "mean_walk_min"] == pytest.approx(0.4)


def test_population_points_come_before_settlements_and_the_longest_walk_stays_with_the_settlements() -> None:
    points = gpd.GeoDataFrame({"people": [300.0, 100.0, 0.0, 7.0]}, crs=toytown.TOWN_CRS, geometry=[
        toytown._at(Point(1000, 500)), toytown._at(Point(1000, 1000)), toytown._at(Point(1000, 900)), toytown._at(Point(9000, 0))])
    county = toytown.toytown(population=points)
    residents = residents_of(county)
    assert residents.source == "population" and residents.people.tolist() == [300.0, 100.0, 7.0]
    assert residents.village.tolist() == [0, 0, -1]
    assert village_people(residents, 3).tolist() == [400.0, 0.0, 0.0]
    town = _measured(population=points)
    assert town.loc["N-P01", "mean_walk_min"] == pytest.approx(0.4 + 0.25 * 6.0)
    assert town.loc["N-P01", "worst_walk_min"] == pytest.approx(0.4 + 10.8)
    assert np.isnan(town.loc["N-P12", "people_15min"]), "a village in which no layer puts anybody is unknown, not empty"


def test_villages_stand_in_where_nothing_finer_says_where_people_live() -> None:
    county = toytown.toytown(settlements=None)
    residents = residents_of(county)
    assert residents.source == "villages" and residents.people.sum() == 1650
    assert settlement_points(county) is None
    bare = toytown.villages().assign(population=np.nan)
    assert residents_of(toytown.toytown(settlements=None, villages=bare)) is None


def test_without_roads_only_the_ground_is_measured() -> None:
    town = _measured(roads=None)
    assert town[[name for name in ON_NETWORK if name in town]].isna().all(axis=None)
    assert town["slope_deg"].notna().all() and town["hazard_distance_m"].notna().all()


def test_a_map_without_any_through_road_says_nothing_about_the_way_to_one() -> None:
    roads = toytown.roads()
    town = _measured(roads=roads.assign(road_class=roads["road_class"].replace("county", "village")))
    assert town["road_time_min"].isna().all() and town["road_leads_through"].isna().all()
    assert town["road_distance_m"].notna().all()


def test_steep_ground_is_measured_and_slows_the_way_up() -> None:
    town = _measured(terrain=toytown.terrain(rise=0.1))
    np.testing.assert_allclose(town.loc["N-P01", "slope_deg"], np.degrees(np.arctan(0.1)), atol=1e-3)
    # Tobler: up 10 % at exp(-3.5 x 0.10) of the speed on the flat, down 10 % as fast as on the flat
    assert town.loc["N-P01", "primary_school_walk_min"] == pytest.approx(0.4 + 6.0 / np.exp(-0.35), abs=0.01)
    assert town.loc["N-P11", "shop_walk_min"] == pytest.approx(0.4 + 710 / toytown.WALK_M_PER_MIN, abs=0.05)


def test_a_township_s_own_seat_comes_before_a_nearer_one() -> None:
    seats = pd.concat([toytown.facilities(), toytown.facilities().iloc[[4]].assign(
        geometry=[toytown._at(Point(4000, 0))])], ignore_index=True)
    villages = toytown.villages()
    villages.loc[2, "geometry"] = toytown._at(box(3900, -500, 6000, 3000))
    villages.loc[1, "geometry"] = toytown._at(box(2000, -500, 3900, 3000))
    town = _measured(facilities=seats, villages=villages)
    drive = 0.4 + 1.5 + 3000 / (40_000 / 60)
    assert town.loc["N-P12", "township_time_min"] == pytest.approx(drive), "the other township's seat is 2 km nearer"


@pytest.mark.parametrize("seed", range(3))
def test_hazard_distance_against_shapely(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 900, endpoint=False)
    ragged = shapely.Polygon(np.column_stack([
        (500 + 80 * rng.random(900)) * np.cos(angles), (500 + 80 * rng.random(900)) * np.sin(angles)]))
    hazards = np.array([shapely.make_valid(ragged), box(2000, 2000, 2100, 2050), Point(2500, 0)], dtype=object)
    corner = rng.random((50, 2)) * 3000 - 500
    shapes = np.array([*(box(x, y, x + 20, y + 30) for x, y in corner), None, shapely.Polygon()], dtype=object)
    expected = [min(shape.distance(hazard) for hazard in hazards) for shape in shapes[:50]]
    got = hazard_distance_m(shapes, hazards)
    np.testing.assert_allclose(got[:50], expected, atol=1e-6)
    assert np.isnan(got[50:]).all()
    assert len(hazard_areas(None)) == 0


@pytest.mark.parametrize(("name", "county", "expected"), [
    ("people_15min", {"roads": None, "villages": 1}, ("roads", "population")),
    ("people_15min", {"roads": 1, "villages": 1}, ("population",)),
    ("people_15min", {"roads": None, "villages": None}, ("roads", "population", "villages")),
    ("clinic_walk_min", {"roads": 1, "facilities": 1}, ("facilities",)),
    ("road_time_min", {"roads": 1}, ("roads",)),
    ("facilities_10min", {"roads": 1, "facilities": None}, ("facilities",)),
    ("slope_deg", {"terrain": None}, ("terrain",)),
    ("worst_walk_min", {"roads": 1, "villages": 1}, ("population",)),
    ("courtyard_m2", {"parcels": None}, ("parcels",)),
])
def test_the_layers_that_are_wanting_are_named(name: str, county: dict, expected: tuple) -> None:
    layers = SimpleNamespace(**{"population": None, "villages": 1, **county})
    assert roles_lacking(name, layers, None) == expected


def test_every_measure_has_a_source_to_name() -> None:
    nothing = SimpleNamespace(**dict.fromkeys(
        ("roads", "facilities", "population", "villages", "terrain", "restrictions", "parcels", "ownership", "buildings")))
    free = {"parcel_area_m2", "building_area_m2"}
    assert all(roles_lacking(name, nothing, None) for name in MEASURES if name not in free)


def test_a_candidate_without_geometry_stays_unknown() -> None:
    county, scenario = toytown.toytown(), default_scenario()
    found = candidates(county, scenario)
    found = found.set_geometry(gpd.GeoSeries([None, *found.geometry.iloc[1:]], crs=found.crs))
    network = build_network(county.roads, terrain=None, travel=scenario.travel)
    frame = measure(found, county, scenario, network=network, residents=residents_of(county))
    assert frame.iloc[0].isna().all() and frame.iloc[1]["road_distance_m"] == 10
