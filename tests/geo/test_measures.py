"""Measures of the toy town against hand computation, and what a missing layer leaves unknown."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geo.candidates import candidates
from geo.measures import ON_NETWORK, measure, roles_lacking
from geo.measures.facilities import kinds_known
from geo.measures.residents import residents_of, settlement_points, spread_totals, village_people
from geo.measures.terrain import hazard_areas, hazard_distance_m
from geo.network import build_network
from geo.results import MEASURES
from layers.schema import conform
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


def test_where_the_township_is_not_known_the_nearest_seat_counts() -> None:
    listed = toytown.facilities()
    one = listed.iloc[[4]]
    two = one.assign(geometry=[toytown._at(Point(4000, 0))])
    alone = [_measured(facilities=seat, villages=None)["township_time_min"] for seat in (one, two)]
    both = _measured(facilities=pd.concat([one, two], ignore_index=True), villages=None)["township_time_min"]
    assert (alone[0] < alone[1]).any() and (alone[1] < alone[0]).any()
    np.testing.assert_allclose(both, np.minimum(*alone), rtol=1e-12)


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


def test_far_hazards_of_short_and_long_sides_against_shapely() -> None:
    # shapes many empty cells away, one beside the other: what is near the one is looked for near the next
    rng = np.random.default_rng(7)
    ponds = shapely.buffer(shapely.points(rng.uniform(0, 4000, (12, 2))), rng.uniform(30, 200, 12), quad_segs=16)
    hazards = np.append(ponds, shapely.Polygon([(-6000, 9000), (9000, 5200), (9000, 9000)]))
    corner = rng.uniform(-5000, 9000, (300, 2))
    shapes = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + rng.uniform(1, 80, 300), corner[:, 1] + 20)
    expected = shapely.distance(shapes[:, None], hazards[None, :]).min(axis=1)
    assert (expected > 1500).sum() > 50
    np.testing.assert_allclose(hazard_distance_m(shapes, hazards), expected, atol=1e-6)


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


def _houses(count: int) -> gpd.GeoDataFrame:
    """Dwellings along Qingshi's street, every fourth without a floor area, one of them empty, and one house in Liuwan."""
    rng = np.random.default_rng(2)
    at = [Point(1005, 20 + 1400 * i / count) for i in range(count)] + [Point(3005, 400)]
    area = np.where(np.arange(count + 1) % 4 == 3, np.nan, rng.uniform(60, 200, count + 1))
    frame = {"building_id": [f"h{i}" for i in range(count + 1)], "floor_area_m2": area, "footprint_m2": 90.0,
             "idle": [i == 1 for i in range(count + 1)]}
    return conform(gpd.GeoDataFrame(frame, geometry=[toytown._at(p).buffer(4) for p in at], crs=toytown.TOWN_CRS), "buildings")


def test_village_totals_are_spread_over_dwellings_and_nobody_is_lost() -> None:
    houses = _houses(120)
    county = toytown.toytown(settlements=None, buildings=houses)
    residents = residents_of(county)
    assert residents.source == "buildings"
    # Qingshi's 1000 people live in 119 houses (one is empty); Liuwan's 600 not in one house, so they stay at the village's point
    assert np.bincount(residents.village).tolist() == [119, 1, 1]
    np.testing.assert_allclose(village_people(residents, 3), [1000, 600, 50], atol=1e-9)
    area = houses["floor_area_m2"].fillna(90.0).to_numpy()[np.r_[0, 2:120]]
    np.testing.assert_allclose(residents.people[:119], 1000 * area / area.sum())
    few = residents_of(toytown.toytown(settlements=None, buildings=_houses(80)))
    assert few.source == "villages", "80 houses for 1,000 people are not all the dwellings there are"


def test_people_are_the_same_from_points_settlements_and_totals() -> None:
    """The county's people, told by raster cells, by natural villages, by dwellings or by totals: each moved without loss."""
    rng = np.random.default_rng(3)
    boxes = [(0, 2000), (2000, 4000), (4000, 6000)]
    cells, people = [], []
    for (left, right), total in zip(boxes, (1000, 600, 50), strict=True):
        cells += [toytown._at(Point(*xy)) for xy in rng.uniform((left + 1, -499), (right - 1, 2999), (400, 2))]
        people += (total * rng.dirichlet(np.ones(400))).tolist()
    points = gpd.GeoDataFrame({"people": people}, geometry=cells, crs=toytown.TOWN_CRS)
    layers = {"population": {"population": points}, "settlements": {}, "villages": {"settlements": None},
              "buildings": {"settlements": None, "buildings": _houses(120)}}
    for source, changes in layers.items():
        residents = residents_of(toytown.toytown(**changes))
        assert residents.source == source
        np.testing.assert_allclose(village_people(residents, 3), [1000, 600, 50], atol=1e-6)
        assert round(residents.people.sum()) == 1650


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), points=st.integers(1, 60), missing=st.floats(0, 1))
def test_spreading_conserves_to_the_person(seed: int, points: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    village = np.sort(rng.integers(0, 5, points))
    weight = np.where(rng.random(points) < missing, np.nan, rng.choice([0.0, 1.0, 250.0, 1e4], points))
    total = rng.integers(0, 5000, 5).astype(float)
    people = spread_totals(total, village, weight)
    assert (people >= 0).all()
    there = np.unique(village)
    np.testing.assert_allclose(np.bincount(village, people, minlength=5)[there], total[there], rtol=1e-12, atol=1e-9)


def test_times_to_every_class_of_road_and_to_the_seat_on_foot(town: pd.DataFrame) -> None:
    # the county road is 500 m down the street at 20 km/h; there is no other through road in the town
    assert town.loc["N-P01", "road_time_county_min"] == pytest.approx(0.4 + 1.5) == town.loc["N-P01", "road_time_min"]
    for name in ("expressway", "national", "provincial", "township"):
        assert town[f"road_time_{name}_min"].isna().all()
    assert town.loc["N-P01", "township_walk_min"] == pytest.approx(0.4 + 1500 / toytown.WALK_M_PER_MIN)
    assert town.loc["N-P01", "facilities_15min"] == 2.0
    counts = town[["facilities_5min", "facilities_10min", "facilities_15min"]].to_numpy()
    assert (np.diff(counts, axis=1) >= 0).all()
    far = _measured(facilities=toytown.facilities().assign(geometry=[toytown._at(Point(1000, 500 + 150 * i)) for i in range(5)]))
    assert far.loc["N-P01", "facilities_15min"] == 4.0     # 0, 150, 300 and 450 m up the street: 15 min are 1,250 m


def test_relief_and_cells_covered_by_hand() -> None:
    town = _measured(terrain=toytown.terrain(rise=0.1))
    cell = toytown.terrain().cell_size_m
    assert town.loc["N-P01", "slope_cells"] == pytest.approx(400 / cell**2)
    # a circle of 20 ha is 252 m in radius: 10 % over its width, to within a cell at each end
    assert town.loc["N-P01", "relief_m"] == pytest.approx(0.1 * 2 * np.sqrt(200_000 / np.pi), abs=0.1 * 2 * cell)
    assert _measured(terrain=None)[["slope_cells", "relief_m"]].isna().all(axis=None)


def _on_hills(**changes: object) -> pd.DataFrame:
    return _measured(terrain=toytown.terrain(rise=0.07), **changes)


@pytest.fixture(scope="module")
def hills() -> pd.DataFrame:
    return _on_hills()


@settings(max_examples=4, deadline=None)
@given(along=st.floats(50, 1900), side=st.booleans())
def test_a_further_road_never_lengthens_the_way(hills: pd.DataFrame, along: float, side: bool) -> None:
    """A new road from Qingshi's street to anywhere: no site gets further from any road or facility on foot or by car."""
    line = toytown._at(LineString([(1000, 800), (along, 800 + (600 if side else -500))]))
    more = pd.concat([toytown.roads(), toytown.roads().iloc[[0]].assign(road_id="new", geometry=[line])], ignore_index=True)
    before, after = hills, _on_hills(roads=more)
    for name in ("road_distance_m", "road_time_min", "road_time_county_min"):
        known = before[name].notna()
        assert (after.loc[known, name] <= before.loc[known, name] + 1e-6).all(), name


@settings(max_examples=4, deadline=None)
@given(extra=st.integers(1, 500), x=st.floats(100, 1900), y=st.floats(-400, 2500))
def test_more_people_never_lower_what_is_counted(hills: pd.DataFrame, extra: int, x: float, y: float) -> None:
    before = hills
    row = toytown.settlements().iloc[[0]].assign(settlement_id="new", population=float(extra), geometry=[toytown._at(Point(x, y))])
    after = _on_hills(settlements=pd.concat([toytown.settlements(), row], ignore_index=True))
    for name in ("people_15min", "people_all_15min"):
        known = before[name].notna()
        assert (after.loc[known, name] >= before.loc[known, name] - 1e-9).all(), name
