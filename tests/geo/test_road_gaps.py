"""Suspected gaps: found where they are and nowhere else; what a join changes, against a network built anew with the join in it."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box
from shapely.affinity import translate

from geo.access import take, time_to_class, time_to_nearest
from geo.measures import seats_of, townships_of
from geo.measures.residents import Residents, residents_of
from geo.network import build_network
from geo.road_effects import effects, join_class
from geo.road_gaps import dead_end_gaps
from geo.road_review import GAP_COLUMNS, PART_COLUMNS, RoadReview
from geo.snapping import snap
from geo.study import study
from layers.schema import conform
from tests.geo.gridtown import roads, rules
from tests.geo.standard import default_scenario
from tests.toytown import ORIGIN, QINGSHI, TOWN_CRS, toytown

GAPS = default_scenario().road_gaps


def found(lines: list[LineString], *, water: list = (), closed: list = (), **columns: object) -> list[tuple[str, float, float]]:
    """Kind, length and way round of the gaps of some lines (metres from the grid's origin)."""
    frame = roads(lines, **columns)
    shift = frame.geometry.iloc[0].coords[0][0] - lines[0].coords[0][0], frame.geometry.iloc[0].coords[0][1] - lines[0].coords[0][1]
    areas = [translate(shape, *shift) for shape in water], [translate(shape, *shift) for shape in closed]
    gaps = dead_end_gaps(build_network(frame, terrain=None, travel=rules()), GAPS, water=areas[0], closed=areas[1])
    return sorted((str(k), round(float(m), 2), round(float(d), 1)) for k, m, d in
                  zip(gaps.kind, gaps.length_m, gaps.detour_m, strict=True))


def test_dead_ends_a_few_metres_apart_are_one_gap_beyond_the_tolerance() -> None:
    def pair(gap_m: float) -> list[LineString]:
        return [LineString([(0, 0), (400, 0)]), LineString([(400 + gap_m, 0), (900, 0)])]

    assert found(pair(1.5)) == []                                          # joined already
    assert found(pair(12)) == [("dead_ends", 12.0, np.inf)]
    assert found(pair(31)) == []
    assert found(pair(12), water=[box(403, -50, 406, 50)]) == []           # a stream without a bridge
    assert found(pair(12), closed=[LineString([(400, 0), (412, 0)])]) == []
    assert found(pair(12), closed=[LineString([(400, 0), (400, 50)])]) == [("dead_ends", 12.0, np.inf)]


def test_a_dead_end_near_a_road_is_a_gap_where_the_way_round_is_long() -> None:
    near = [LineString([(0, 0), (1000, 0)]), LineString([(500, 20), (500, 400)])]
    assert found(near) == [("dead_end_road", 20.0, np.inf)]
    # out at the far end, across, down, and back along the road
    long_way = [*near, LineString([(500, 400), (1000, 400), (1000, 0)])]
    assert found(long_way) == [("dead_end_road", 20.0, 380 + 500 + 400 + 500)]
    short_way = [LineString([(0, 0), (1000, 0)]), LineString([(500, 20), (500, 60), (560, 60), (560, 0)])]
    assert found(short_way) == []
    assert found(near, bridge=[True, False]) == [] and found(near, road_class=["expressway", "street"]) == []


def review_of(frame: gpd.GeoDataFrame, **changes: object) -> RoadReview:
    scenario = default_scenario()
    county = toytown(roads=frame, terrain=None, **changes)
    network = build_network(county.roads, terrain=None, travel=scenario.travel)
    return RoadReview(county, scenario, network, residents_of(county))


def town_roads(rows: list[tuple[str, str, LineString]], **columns: object) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"road_id": [r[0] for r in rows], "road_class": [r[1] for r in rows], "oneway": "no", "bridge": False, "closed": False}
        | columns, geometry=[translate(r[2], *ORIGIN) for r in rows], crs=TOWN_CRS)
    return conform(frame, "roads")


def test_a_street_that_stops_short_of_the_county_road_is_told_with_whom_it_cuts_off() -> None:
    # Qingshi's street begins 12 m off the county road; 600 + 400 people live on it, the seat is 1000 m along the county road
    frame = town_roads([
        ("X001", "county", LineString([(0, 0), (4000, 0)])), ("C101", "village", LineString([(1000, 12), (1000, 1500)])),
        ("C102", "village", LineString([(3000, 0), (3000, 2500)]))])
    review = review_of(frame)
    gap = review.gaps.set_index("kind").loc["dead_end_road"]
    assert (gap["length_m"], gap["road_m"]) == pytest.approx((12, 1488))
    assert (gap["people"], gap["people_seat"], gap["people_through"], gap["people_nearer"]) == (1000, 1000, 1000, 0)
    assert (gap["mode"], gap["road_class"], gap["village_code"], gap["village_people"]) == ("drive", "village", QINGSHI, 1000)
    assert np.isinf(gap["detour_m"]) and gap["gap_id"] == "G-001" and bool(gap["computed"])
    middle = gpd.GeoSeries([Point(gap["lon"], gap["lat"])], crs=4326).to_crs(TOWN_CRS).iloc[0]
    assert (middle.x - ORIGIN[0], middle.y - ORIGIN[1]) == pytest.approx((1000, 6), abs=0.02)
    assert list(review.gaps) == list(GAP_COLUMNS)


def test_parts_say_whom_they_strand_and_add_up_to_the_network() -> None:
    parts = review_of(town_roads([
        ("X001", "county", LineString([(0, 0), (4000, 0)])), ("C101", "village", LineString([(1000, 300), (1000, 1500)]))])).parts
    assert list(parts) == list(PART_COLUMNS) and parts["length_m"].tolist() == pytest.approx([4000, 1200])
    cut_off = parts.iloc[1]
    assert (cut_off["people"], cut_off["settlements"], cut_off["settlement_names"]) == (1000, 2, "上青石; 青石街")
    assert parts["leads_through"].tolist() == [True, False] and parts["share"].sum() == pytest.approx(1)


def test_a_piece_with_people_is_joined_where_it_comes_nearest_and_a_lonely_one_is_not() -> None:
    def review(y: float) -> RoadReview:
        return review_of(town_roads([
            ("X001", "county", LineString([(0, 0), (4000, 0)])),
            ("C101", "village", LineString([(800, y + 50), (1000, y), (1000, 1500)]))]))

    gap = review(120).gaps.set_index("kind").loc["piece"]
    assert (gap["length_m"], gap["people_through"], gap["village_name"]) == (pytest.approx(120), 1000, "青石村")
    assert "piece" not in set(review(250).gaps["kind"])
    # nobody on it: nothing to tell
    empty = town_roads([("X001", "county", LineString([(0, 0), (4000, 0)])), ("T", "track", LineString([(2000, 90), (2100, 90)]))])
    assert "piece" not in set(review_of(empty).gaps["kind"])


def test_settlements_with_people_and_no_road_are_told_most_people_first() -> None:
    gaps = review_of(town_roads([("X001", "county", LineString([(0, 0), (4000, 0)]))])).gaps
    far = gaps[gaps["kind"] == "settlement"]
    assert dict(zip(far["place"], far["people"], strict=True)) == {
        "青石街": 600, "上青石": 400, "柳湾街": 400, "岭上": 200, "云台": 50}
    assert far["length_m"].min() == pytest.approx(500)
    assert not far["computed"].any() and far["mode"].isna().all()
    assert (gaps["people"].to_numpy() == np.sort(gaps["people"])[::-1]).all()


def test_only_so_many_are_joined_and_the_rest_says_so() -> None:
    review = review_of(town_roads([
        ("X001", "county", LineString([(0, 0), (4000, 0)])), ("C101", "village", LineString([(1000, 12), (1000, 1500)])),
        ("C102", "village", LineString([(3000, 10), (3000, 2500)]))]))
    one = dataclasses.replace(review.scenario, road_gaps=dataclasses.replace(review.scenario.road_gaps, most_joined=1))
    few = dataclasses.replace(review, scenario=one).gaps
    few = few[few["kind"] != "settlement"]
    assert few["computed"].tolist() == [True, False]
    assert few["people"].iloc[0] == 1000 and np.isnan(few["people"].iloc[1]) and few["possible_people"].iloc[1] == 600


# --------------------------------------------------------------------------------------------- against a network built anew
def tangle(seed: int) -> tuple[gpd.GeoDataFrame, Residents, gpd.GeoDataFrame]:
    """Random roads that nearly meet, people and seats on them."""
    rng = np.random.default_rng(seed)
    lines = [LineString(np.round(rng.uniform((0, -400), (5900, 2900), (4, 2)), 2)) for _ in range(9)]
    kept = []
    for line in lines:   # spurs that end a few metres short of the line they run to, and lines cut in two with a gap
        cut, gap = rng.uniform(0.3, 0.7), rng.uniform(4, 28) / line.length
        kept += [shapely.ops.substring(line, 0, cut, normalized=True), shapely.ops.substring(line, cut + gap, 1, normalized=True)]
        foot = line.interpolate(rng.uniform(0.1, 0.2), normalized=True)
        kept.append(LineString([(foot.x, foot.y + rng.uniform(4, 25)), (foot.x + rng.uniform(-300, 300), foot.y + 400)]))
    classes = rng.choice(["county", "village", "track", "path"], len(kept), p=[0.2, 0.5, 0.2, 0.1])
    frame = town_roads([(f"r{i}", str(c), line) for i, (c, line) in enumerate(zip(classes, kept, strict=True))],
                       oneway=rng.choice(["no", "forward", "backward"], len(kept), p=[0.8, 0.1, 0.1]).tolist())
    places = np.array([frame.geometry.iloc[i].interpolate(rng.random(), normalized=True)
                       for i in rng.integers(0, len(frame), 150)], dtype=object)
    xy = shapely.get_coordinates(places)
    village = np.clip((xy[:, 0] - ORIGIN[0]) // 2000, 0, 2).astype(np.int64)
    people = Residents(xy[:120], rng.integers(1, 50, 120).astype(float), village[:120], "settlements")
    seats = conform(gpd.GeoDataFrame({"facility_id": [f"s{i}" for i in range(3)], "category": "township_seat"},
                                     geometry=list(places[120:123]), crs=TOWN_CRS), "facilities")
    return frame, people, seats


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_what_a_join_changes_is_what_a_network_with_the_join_in_it_says(seed: int) -> None:
    frame, people, seats = tangle(seed)
    scenario, county = default_scenario(), toytown(roads=frame, terrain=None, facilities=seats)

    def times(road_frame: gpd.GeoDataFrame, mode: str) -> tuple[np.ndarray, np.ndarray]:
        network = build_network(road_frame, terrain=None, travel=scenario.travel)
        homes = snap(people.xy, network, mode=mode)
        targets = snap(np.asarray(seats_of(county).geometry.array, dtype=object), network, mode=mode)
        own = county.villages["township_code"].to_numpy(object)[people.village]
        of_seat = townships_of(seats_of(county), county)
        seat_min = np.full(len(people), np.inf)
        for code in np.unique(own.astype(str)):
            rows = np.flatnonzero(own == code)
            these = np.flatnonzero(of_seat == code)
            these = these if len(these) else np.arange(len(targets))
            seat_min[rows] = time_to_nearest(network, take(targets, these), take(homes, rows), mode=mode).minutes
        return seat_min, time_to_class(network, homes, classes=scenario.road.through_classes, mode=mode)

    network = build_network(frame, terrain=None, travel=scenario.travel)
    gaps = dead_end_gaps(network, GAPS)
    assert len(gaps) >= 6
    told = effects(gaps, network, county, scenario, people)
    classes = join_class(network, gaps, dict(scenario.travel.drive_kmh))
    concerned = 0
    for row in range(len(gaps)):
        join = LineString([(gaps.first.x[row], gaps.first.y[row]), (gaps.second.x[row], gaps.second.y[row])])
        added = conform(gpd.GeoDataFrame({"road_id": ["join"], "road_class": [classes[row]], "oneway": "no", "bridge": False,
                                          "closed": False}, geometry=[join], crs=TOWN_CRS), "roads")
        whole = gpd.GeoDataFrame(pd.concat([frame, added], ignore_index=True), geometry="geometry", crs=TOWN_CRS)
        mode = told["mode"].iloc[row]
        (seat, through), (seat_then, through_then) = times(frame, mode), times(whole, mode)
        gained = np.isinf(seat) & np.isfinite(seat_then), np.isinf(through) & np.isfinite(through_then)
        with np.errstate(invalid="ignore"):
            saved = np.where(np.isfinite(seat), seat - seat_then, 0.0)
        nearer = saved >= GAPS.least_saving_min
        assert told["people_seat"].iloc[row] == people.people[gained[0]].sum()
        assert told["people_through"].iloc[row] == people.people[gained[1]].sum()
        assert told["people_nearer"].iloc[row] == people.people[nearer].sum()
        assert told["people"].iloc[row] == people.people[gained[0] | gained[1] | nearer].sum()
        if nearer.any():
            assert told["saved_min"].iloc[row] == pytest.approx(np.average(saved[nearer], weights=people.people[nearer]), abs=2e-3)
        concerned += told["people"].iloc[row] > 0
    assert concerned >= 2


def test_the_table_does_not_depend_on_the_order_of_roads_and_a_study_pays_only_when_asked() -> None:
    frame, _, seats = tangle(5)
    one = review_of(frame, facilities=seats).gaps
    order = np.random.default_rng(0).permutation(len(frame))
    two = review_of(frame.iloc[order].reset_index(drop=True), facilities=seats).gaps
    same = ["kind", "lon", "lat", "length_m", "detour_m", "people", "people_seat", "village_code"]
    pd.testing.assert_frame_equal(one[same].round(6), two[same].round(6))
    whole = study(toytown(roads=frame, facilities=seats, terrain=None), default_scenario())
    assert "gaps" not in vars(whole.road_review)
    pd.testing.assert_frame_equal(whole.road_gaps, one)
    assert study(toytown(roads=None), default_scenario()).road_gaps is None
