"""Walking and driving times and catchments against the closed form of a grid of streets."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from geo.access import take, time_to_class, time_to_nearest, times_between
from geo.catchment import PeopleError, people_within
from geo.network import RoadNetwork, build_network
from geo.snapping import SnapError, snap, snap_both
from tests.geo.gridtown import WALK_M_PER_MIN, at, roads, rules, streets, way_m

GRID = build_network(streets(20, 20), terrain=None, travel=rules())
STREET_M_PER_MIN = 500.0


def on_streets(rng: np.random.Generator, count: int) -> np.ndarray:
    """Random points on the streets of a 20 x 20 grid, metres from its corner, to the decimetre."""
    line, along = rng.integers(0, 21, count) * 100.0, np.round(rng.uniform(0, 2000, count), 1)
    north = rng.random(count) < 0.5
    return np.where(north[:, None], np.column_stack([line, along]), np.column_stack([along, line]))


def test_the_closed_form_itself() -> None:
    assert way_m((0, 0), (300, 250)) == 550
    assert way_m((30, 0), (40, 100)) == 100 + 70        # round by the nearer cross street, not diagonally
    assert way_m((30, 0), (90, 100)) == 100 + 80
    assert way_m((0, 30), (100, 40)) == 100 + 70
    assert way_m((30, 0), (90, 0)) == 60


@pytest.mark.parametrize(("mode", "metres_per_min"), [("walk", WALK_M_PER_MIN), ("drive", STREET_M_PER_MIN)])
def test_times_on_a_grid_are_city_block_times(mode: str, metres_per_min: float) -> None:
    rng = np.random.default_rng(11)
    origins, destinations = on_streets(rng, 300), on_streets(rng, 12)
    origins[:3] = [(30, 0), (90, 100), (30, 0)]
    destinations[:2] = [(40, 100), (90, 0)]
    minutes = times_between(GRID, snap(at(*origins), GRID, mode=mode), snap(at(*destinations), GRID, mode=mode), mode=mode)
    expected = np.array([[way_m(tuple(o), tuple(d)) for d in destinations] for o in origins]) / metres_per_min
    np.testing.assert_allclose(minutes, expected, atol=1e-8)


def test_the_nearest_facility_is_the_nearest_and_legs_are_added() -> None:
    facilities = snap(at((500, 500), (1500, 1530)), GRID, mode="walk")   # the second stands on a street going north
    places = snap(at((500, 520), (1520, 1530), (540, 560)), GRID, mode="walk")
    found = time_to_nearest(GRID, facilities, places, mode="walk")
    off = 0.6 * WALK_M_PER_MIN
    assert found.facility.tolist() == [0, 1, 0]
    assert found.minutes[0] == pytest.approx(20 / WALK_M_PER_MIN)
    assert found.minutes[1] == pytest.approx(20 / off)
    # (540, 560): 40 m west to the street x = 500 or 40 m north to y = 600; the tie goes to the smaller x
    assert found.minutes[2] == pytest.approx(40 / off + 60 / WALK_M_PER_MIN)


@pytest.mark.parametrize("classes", [["county", "county"], ["county", "path"]])
def test_both_modes_at_one_go_are_each_by_itself(classes: list[str]) -> None:
    network = build_network(roads([LineString([(0, 0), (1000, 0)]), LineString([(0, 300), (1000, 300)])], road_class=classes),
                            terrain=None, travel=rules())
    assert (network.walk.segments is network.drive.segments) == (classes[1] != "path")
    places = shapely.points(at((10, 20), (500, 299), (500, 160), (5000, 90_000)))
    for both in snap_both(places, network):
        for name, alone in vars(snap(places, network, mode=both.mode)).items():
            np.testing.assert_array_equal(getattr(both, name), alone, err_msg=name)


def test_no_facility_and_no_way_are_infinite() -> None:
    places = snap(at((500, 520)), GRID, mode="walk")
    none = time_to_nearest(GRID, take(places, np.zeros(0, np.int64)), places, mode="walk")
    assert np.isinf(none.minutes).all() and none.facility.tolist() == [-1]
    apart = roads([LineString([(0, 0), (500, 0)]), LineString([(0, 900), (500, 900)])])
    islands = build_network(apart, terrain=None, travel=rules())
    here, there = snap(at((100, 0)), islands, mode="walk"), snap(at((100, 900)), islands, mode="walk")
    assert np.isinf(time_to_nearest(islands, here, there, mode="walk").minutes).all()
    far = snap(at((5000, 5000)), GRID, mode="walk")
    assert np.isinf(time_to_nearest(GRID, places, far, mode="walk").minutes).all()
    assert np.isinf(time_to_nearest(GRID, far, places, mode="walk").minutes).all()


def test_a_limit_turns_longer_times_into_infinite_ones() -> None:
    facility, places = snap(at((0, 0)), GRID, mode="walk"), snap(at((0, 100), (0, 2000), (30, 0)), GRID, mode="walk")
    minutes = time_to_nearest(GRID, facility, places, mode="walk", limit_min=2.0).minutes
    assert minutes.tolist() == pytest.approx([1.2, np.inf, 0.36])


def ring_road() -> RoadNetwork:
    """A one-way ring of 400 m for vehicles, counter-clockwise from its corner."""
    return build_network(roads([LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])], oneway="forward"), terrain=None,
                         travel=rules())


def test_one_way_rings_are_driven_round() -> None:
    ring = ring_road()
    drive = times_between(ring, *[snap(at((30, 0), (70, 0)), ring, mode="drive")] * 2, mode="drive")
    walk = times_between(ring, *[snap(at((30, 0), (70, 0)), ring, mode="walk")] * 2, mode="walk")
    np.testing.assert_allclose(drive, np.array([[0, 40], [360, 0]]) / STREET_M_PER_MIN, atol=1e-9)
    np.testing.assert_allclose(walk, np.array([[0, 40], [40, 0]]) / WALK_M_PER_MIN, atol=1e-9)


def test_time_to_a_road_class_ends_where_that_road_is_joined() -> None:
    lines = [LineString([(0, 0), (1000, 0)]), LineString([(500, 0), (500, 600)]), LineString([(0, 700), (1000, 700)])]
    network = build_network(roads(lines, road_class=["county", "street", "county"]), terrain=None, travel=rules())
    places = snap(at((500, 500), (200, 30), (200, 690)), network, mode="drive")
    off = 0.6 * WALK_M_PER_MIN
    minutes = time_to_class(network, places, classes=["county"], mode="drive")
    # from (500, 500) back to the first county road, though the second is nearer as the crow flies
    assert minutes.tolist() == pytest.approx([500 / STREET_M_PER_MIN, 30 / off, 10 / off])
    assert np.isinf(time_to_class(network, places, classes=["national"], mode="drive")).all()


def test_snaps_of_another_mode_are_refused() -> None:
    walk = snap(at((0, 0)), GRID, mode="walk")
    with pytest.raises(SnapError, match="snapped for 'walk', the times asked are for 'drive'"):
        time_to_nearest(GRID, walk, walk, mode="drive")


def grid_people(limit_min: float, place: tuple[float, float]) -> tuple[float, float, float]:
    """One person at every crossing: people within the limit, their mean walk, the longest walk of all within an hour."""
    metres = np.array([way_m((x, y), place) for x in range(0, 2001, 100) for y in range(0, 2001, 100)])
    hour = metres[metres <= 60 * WALK_M_PER_MIN + 1e-6]
    return float((metres <= limit_min * WALK_M_PER_MIN + 1e-6).sum()), hour.mean() / WALK_M_PER_MIN, hour.max() / WALK_M_PER_MIN


def test_people_within_a_walk_on_a_grid() -> None:
    crossings = [(x, y) for x in range(0, 2001, 100) for y in range(0, 2001, 100)]
    homes = snap(at(*crossings), GRID, mode="walk")
    villages = np.array(["west" if x < 1000 else "east" for x, _ in crossings], dtype=object)
    where = [(1000.0, 1000.0), (0.0, 0.0), (730.0, 400.0)]
    places = snap(at(*where), GRID, mode="walk")
    got = people_within(GRID, places, homes, np.ones(len(crossings)), resident_village=np.full(len(crossings), "all", dtype=object),
                        place_village=np.full(3, "all", dtype=object), limits_min=(15, 6), mean_limit_min=60)
    for p, place in enumerate(where):
        # 15 minutes are 1250 m, 6 minutes exactly 500 m: those at 500 m count
        for column, limit in enumerate((15, 6)):
            assert got.people_all[p, column] == got.people_own[p, column] == grid_people(limit, place)[0]
        assert got.own_mean_min[p] == pytest.approx(grid_people(15, place)[1])
        assert got.own_worst_min[p] == pytest.approx(grid_people(15, place)[2])
    assert got.people_all[0, 1] == 61   # crossings within 5 blocks: 1 + 2 * 5 * 6
    split = people_within(GRID, places, homes, np.ones(len(crossings)), resident_village=villages,
                          place_village=np.array(["west", "west", None], dtype=object), mean_limit_min=60)
    assert split.people_all[1, 0] == 13 * 14 / 2           # i + j <= 12 blocks
    assert split.people_own[1, 0] == 13 * 14 / 2 - 6       # less those with i >= 10
    assert split.own_share_reached[1] == 1.0
    assert split.people_own[2, 0] == 0 and np.isnan(split.own_mean_min[2])


def test_a_place_off_the_network_draws_nobody() -> None:
    homes, places = snap(at((0, 0)), GRID, mode="walk"), snap(at((6000, 6000), (0, 50)), GRID, mode="walk")
    got = people_within(GRID, places, homes, np.array([7.0]), resident_village=np.array([4]), place_village=np.array([4, -1]))
    assert got.people_all.ravel().tolist() == [0, 7]
    assert got.own_mean_min[0] == np.inf and got.own_share_reached[0] == 0
    assert np.isnan(got.own_mean_min[1]) and np.isnan(got.own_share_reached[1])


def test_people_must_be_known() -> None:
    homes = snap(at((0, 0), (100, 0)), GRID, mode="walk")
    two = np.array(["a", "a"], dtype=object)
    with pytest.raises(PeopleError, match="missing or negative at 1 resident points"):
        people_within(GRID, homes, homes, np.array([1.0, np.nan]), resident_village=two, place_village=two)
    with pytest.raises(PeopleError, match="limits must be"):
        people_within(GRID, homes, homes, np.ones(2), resident_village=two, place_village=two, limits_min=(-1,))
    with pytest.raises(PeopleError, match="2 resident points, 3 numbers"):
        people_within(GRID, homes, homes, np.ones(3), resident_village=two, place_village=two)
    with pytest.raises(PeopleError, match="2 places, 1 village"):
        people_within(GRID, homes, homes, np.ones(2), resident_village=two, place_village=two[:1])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), limit=st.floats(0.5, 30))
def test_people_are_conserved(seed: int, limit: float) -> None:
    """Summed over villages, each place's own people are all its people; with time to spare everybody is reached."""
    rng = np.random.default_rng(seed)
    homes, place = snap(at(*on_streets(rng, 30)), GRID, mode="walk"), snap(at(*on_streets(rng, 1)), GRID, mode="walk")
    people, village = rng.integers(0, 50, 30).astype(float), rng.integers(0, 3, 30)
    three = take(place, np.zeros(3, np.int64))
    got = people_within(GRID, three, homes, people, resident_village=village, place_village=np.arange(3), limits_min=(limit, 500.0))
    assert got.people_own[:, 0].sum() == got.people_all[0, 0]
    assert got.people_all[0, 1] == people.sum()
    assert got.people_all[0, 0] <= got.people_all[0, 1]
