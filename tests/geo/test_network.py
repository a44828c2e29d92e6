"""The network: where roads meet, what hangs together, and the minutes on each edge, against hand computation."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from shapely import LineString, Point, box

from geo.inputs import NotMetricError
from geo.nearest import nearest_segments
from geo.network import NetworkError, build_network
from geo.shapes import flatten
from geo.snapping import SnapError, snap
from geo.speeds import drive_grade_share, walk_min_per_m
from tests.geo.gridtown import ORIGIN, WALK_M_PER_MIN, at, roads, rules, streets


@dataclass(frozen=True)
class Heights:
    values: np.ndarray
    transform: Affine
    cell_size_m: float = 30.0


def ramp(grade: float) -> Heights:
    """A plane that rises to the east."""
    x = (np.arange(100) + 0.5) * 30 - 500
    return Heights(np.tile(x * grade, (100, 1)).astype("float32"), Affine(30, 0, ORIGIN[0] - 500, 0, -30, ORIGIN[1] + 1500))


def build(lines: list[LineString], **columns: object):
    return build_network(roads(lines, **columns), terrain=None, travel=rules())


def test_streets_that_cross_meet() -> None:
    network = build_network(streets(4, 3), terrain=None, travel=rules())
    assert network.nodes == 5 * 4
    assert network.edges == 5 * 3 + 4 * 4
    assert network.counts.crossings_split == 3 * 2   # the others are T-junctions and corners
    assert network.edge_length_m.sum() == pytest.approx(5 * 300 + 4 * 400)
    assert network.walk.component_length_m.tolist() == pytest.approx([3100.0])


def test_streets_do_not_meet_where_splitting_is_off() -> None:
    cross = roads([LineString([(0, 0), (200, 0)]), LineString([(100, -100), (100, 100)])])
    apart = build_network(cross, terrain=None, travel=rules(), split_crossings=False)
    assert (apart.nodes, apart.edges, len(apart.walk.component_length_m)) == (4, 2, 2)


@pytest.mark.parametrize("shared_vertex", [False, True])
def test_a_bridge_does_not_meet_what_it_crosses(shared_vertex: bool) -> None:
    middle = [(100, 0)] if shared_vertex else []
    lines = [LineString([(0, 0), *middle, (200, 0)]), LineString([(100, -100), *middle, (100, 100)])]
    assert build(lines).edges == 4
    network = build(lines, bridge=[False, True])
    assert network.edges == 2
    assert len(network.walk.component_length_m) == 2


def test_a_bridge_meets_the_road_that_begins_at_its_end() -> None:
    network = build([LineString([(0, 0), (100, 0)]), LineString([(100, 0), (200, 0)])], bridge=[True, False])
    assert network.nodes == 3
    assert network.walk.component_length_m.tolist() == [200.0]


def test_loose_ends_within_the_tolerance_are_joined() -> None:
    gap_at_end = build([LineString([(0, 0), (100, 0)]), LineString([(101.5, 0), (200, 0)])])
    assert gap_at_end.counts.ends_joined == 1 and len(gap_at_end.walk.component_length_m) == 1
    side = build([LineString([(0, 0), (200, 0)]), LineString([(100, 1.5), (100, 100)])])
    assert side.counts.ends_joined == 1 and side.edges == 3 and len(side.walk.component_length_m) == 1
    assert side.edge_length_m.sum() == pytest.approx(300)   # the gap is walked, too
    apart = build([LineString([(0, 0), (200, 0)]), LineString([(100, 2.5), (100, 100)])])
    assert apart.counts.ends_joined == 0 and len(apart.walk.component_length_m) == 2


def test_ends_that_touch_a_line_without_a_vertex_meet_it() -> None:
    network = build([LineString([(0, 0), (200, 0)]), LineString([(100, 0), (100, 100)]), LineString([(100, 0), (100, -100)])])
    assert network.nodes == 5
    assert network.walk.component_length_m.tolist() == [400.0]


def test_closed_and_empty_rows_are_left_out_and_counted() -> None:
    lines = [LineString([(0, 0), (100, 0)]), LineString([(0, 0), (0, 100)]), LineString([(5, 5), (5, 5)]), LineString()]
    network = build(lines, closed=[False, True, False, False], road_class=["street", "street", "street", None])
    assert network.edges == 1
    assert (network.counts.roads, network.counts.closed, network.counts.unusable, network.counts.without_class) == (4, 1, 2, 1)


def test_nothing_usable_and_wrong_crs_are_refused() -> None:
    line = [LineString([(0, 0), (100, 0)])]
    with pytest.raises(NetworkError, match="no usable road among 1 rows"):
        build(line, closed=[True])
    with pytest.raises(NotMetricError, match="not projected"):
        build_network(gpd.GeoDataFrame(roads(line)).to_crs(4326), terrain=None, travel=rules())


def test_paths_are_for_walkers_and_expressways_for_vehicles() -> None:
    lines = [LineString([(0, 0), (1000, 0)]), LineString([(1000, 0), (2000, 0)]), LineString([(2000, 0), (3000, 0)])]
    network = build(lines, road_class=["path", "street", "expressway"])
    assert sorted(network.walk.component_length_m.tolist()) == [2000.0]
    assert sorted(network.drive.component_length_m.tolist()) == [2000.0]
    assert snap(at((500, 0)), network, mode="drive").x[0] == pytest.approx(ORIGIN[0] + 1000)
    assert snap(at((2500, 0)), network, mode="drive").x[0] == pytest.approx(ORIGIN[0] + 2000)
    assert snap(at((500, 0)), network, mode="walk").distance_m[0] == pytest.approx(0)
    with pytest.raises(ValueError, match="no mode 'fly'"):
        network.mode("fly")


def test_walking_up_is_not_down() -> None:
    terrain = ramp(0.10)
    network = build_network(roads([LineString([(0, 0), (1000, 0)])]), terrain=terrain, travel=rules())
    here = snap(at((250, 0)), network, mode="walk")
    east_is_v = network.node_x[network.edge_v[0]] > network.node_x[network.edge_u[0]]
    up = (here.to_v_min if east_is_v else here.to_u_min)[0]
    down = (here.to_u_min if east_is_v else here.to_v_min)[0]
    # Tobler: 6 exp(-3.5 |0.10 + 0.05|) and 6 exp(-3.5 |-0.10 + 0.05|) km/h, over 6 exp(-3.5 * 0.05) at 5 km/h
    flat = 6 * np.exp(-3.5 * 0.05)
    assert up == pytest.approx(0.75 / (5 * 6 * np.exp(-3.5 * 0.15) / flat) * 60, rel=1e-5)
    assert down == pytest.approx(0.25 / (5 * 6 * np.exp(-3.5 * 0.05) / flat) * 60, rel=1e-5)
    assert network.counts.without_height == 0
    # driving 30 km/h at 10 %: half the speed, both ways
    drive = snap(at((250, 0)), network, mode="drive")
    assert drive.to_u_min[0] + drive.to_v_min[0] == pytest.approx(1.0 / 15 * 60, rel=1e-5)


def test_missing_heights_count_as_level_and_are_counted() -> None:
    terrain = Heights(np.full((100, 100), np.nan, "float32"), ramp(0).transform)
    network = build_network(roads([LineString([(0, 0), (300, 0)])]), terrain=terrain, travel=rules())
    assert network.counts.without_height == 10
    assert network.walk_out_min[-1] == pytest.approx(300 / WALK_M_PER_MIN)


def test_a_bridge_runs_straight_over_the_valley() -> None:
    x = (np.arange(100) + 0.5) * 30 - 500
    valley = Heights(np.tile(np.abs(x - 500), (100, 1)).astype("float32"), ramp(0).transform)
    line = [LineString([(0, 0), (1000, 0)])]
    ground = build_network(roads(line), terrain=valley, travel=rules())
    bridge = build_network(roads(line, bridge=True), terrain=valley, travel=rules())
    assert ground.walk_out_min[-1] > 3 * bridge.walk_out_min[-1]
    assert bridge.walk_out_min[-1] == pytest.approx(1000 / WALK_M_PER_MIN, rel=1e-2)


def test_the_leg_off_the_road_is_slower_and_knows_its_slope() -> None:
    flat = build([LineString([(0, 0), (0, 1000)])])
    place = snap(at((300, 500)), flat, mode="walk")
    assert place.distance_m[0] == pytest.approx(300)
    assert place.leg_to_road_min[0] == pytest.approx(300 / (0.6 * WALK_M_PER_MIN))
    steep = build_network(roads([LineString([(0, 0), (0, 1000)])]), terrain=ramp(0.2), travel=rules())
    place = snap(at((300, 500)), steep, mode="walk")
    assert place.leg_from_road_min[0] == pytest.approx(300 * walk_min_per_m(0.2, walk_kmh=3.0), rel=1e-5)
    assert place.leg_from_road_min[0] > place.leg_to_road_min[0] > 0


def test_too_far_from_any_road_is_not_connected_and_says_how_far() -> None:
    network = build([LineString([(0, 0), (100, 0)])])
    place = snap(at((50, 1200), (50, 900)), network, mode="walk")
    assert place.connected.tolist() == [False, True]
    assert place.distance_m.tolist() == pytest.approx([1200, 900])
    assert np.isinf(place.leg_to_road_min[0]) and np.isinf(place.to_u_min[0]) and place.component.tolist() == [-1, 0]
    missing = snap(gpd.GeoSeries([None, Point(), Point(*at((0, 0))[0])], crs=4547), network, mode="walk")
    assert missing.connected.tolist() == [False, False, True]
    assert missing.edge.tolist() == [-1, -1, 0]


def test_a_network_without_roads_for_vehicles_connects_nothing() -> None:
    network = build([LineString([(0, 0), (100, 0)])], road_class="path")
    assert snap(at((0, 0), (1, 1)), network, mode="drive").connected.tolist() == [False, False]


def test_places_in_another_crs_are_refused() -> None:
    network = build([LineString([(0, 0), (100, 0)])])
    with pytest.raises(SnapError, match="bring them into one CRS"):
        snap(gpd.GeoSeries([Point(0, 0)], crs=4548), network, mode="walk")


def test_one_way_binds_vehicles_only() -> None:
    network = build([LineString([(0, 0), (600, 0)])], oneway="forward")
    drive, walk = snap(at((150, 0)), network, mode="drive"), snap(at((150, 0)), network, mode="walk")
    assert network.node_x[network.edge_u[0]] < network.node_x[network.edge_v[0]]   # drawn from west to east
    assert drive.to_v_min[0] == pytest.approx(450 / 500) and np.isinf(drive.to_u_min[0])
    assert drive.from_u_min[0] == pytest.approx(150 / 500) and np.isinf(drive.from_v_min[0])
    assert walk.to_u_min[0] == pytest.approx(150 / WALK_M_PER_MIN)


def random_shapes(rng: np.random.Generator, count: int) -> np.ndarray:
    xy = rng.uniform(-300, 1300, (count, 2)) + ORIGIN
    size = rng.uniform(1, 120, count)
    shapes = np.array([
        (Point(p), Point(p).buffer(s), box(*p, *(p + s)).difference(Point(p + s / 2).buffer(s / 5)), LineString([p, p + s]))[i % 4]
        for i, (p, s) in enumerate(zip(xy, size, strict=True))
    ], dtype=object)
    shapes[5] = shapely.union(shapes[5], shapes[9])
    return shapes


def test_nearest_point_on_a_road_agrees_with_geos() -> None:
    rng = np.random.default_rng(7)
    lines = [LineString(rng.uniform(0, 1000, (int(rng.integers(2, 6)), 2))) for _ in range(40)]
    lines.append(LineString([(400, 400), (401, 401)]))
    network = build_network(roads(lines), terrain=None, travel=rules())
    shapes = random_shapes(rng, 400)
    near = nearest_segments(flatten(shapes), network.walk.segments)
    everything = shapely.union_all(roads(lines).geometry.array)
    # nodes of the network lie on the centimetre, so crossings move by as much
    np.testing.assert_allclose(near.distance_m, shapely.distance(shapes, everything), atol=0.02)
    on_road = shapely.points(near.road_x, near.road_y)
    assert shapely.distance(on_road, everything).max() < 0.02
    np.testing.assert_allclose(shapely.distance(on_road, shapes), near.distance_m, atol=1e-6)


def test_far_from_all_roads_neighbours_change_nothing() -> None:
    rng = np.random.default_rng(8)
    angle = np.linspace(0, 6, 400)
    ring = LineString(np.column_stack([np.cos(angle), np.sin(angle)]) * 900)
    frame = roads([ring, LineString([(5000, 0), (5100, 90)])])
    network = build_network(frame, terrain=None, travel=rules())
    corners = rng.uniform(-400, 6000, (60, 2)) + ORIGIN
    shapes = np.array([box(*corner, *(corner + (25, 40))) for corner in corners], dtype=object)
    together = nearest_segments(flatten(shapes), network.walk.segments)
    np.testing.assert_allclose(together.distance_m, shapely.distance(shapes, shapely.union_all(frame.geometry.array)), atol=0.02)
    for row, shape in enumerate(shapes):
        alone = nearest_segments(flatten(np.array([shape])), network.walk.segments)
        assert (alone.segment[0], alone.distance_m[0], alone.share[0]) == (
            together.segment[row], together.distance_m[row], together.share[row])


def test_the_network_does_not_depend_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(3)
    frame = roads([LineString(rng.uniform(0, 1000, (3, 2))) for _ in range(30)])
    one = build_network(frame, terrain=None, travel=rules())
    two = build_network(frame.iloc[rng.permutation(30)].reset_index(drop=True), terrain=None, travel=rules())
    points = at(*rng.uniform(0, 1000, (50, 2)))
    first, second = snap(points, one, mode="walk"), snap(points, two, mode="walk")
    np.testing.assert_array_equal(first.x, second.x)
    assert np.sort(one.edge_length_m).tolist() == pytest.approx(np.sort(two.edge_length_m).tolist())
    np.testing.assert_array_equal(one.node_x, two.node_x)


def test_speeds_by_hand() -> None:
    assert walk_min_per_m(-0.05, walk_kmh=5.0) < walk_min_per_m(0.0, walk_kmh=5.0)
    assert 60 / walk_min_per_m(-0.05, walk_kmh=6 * np.exp(-0.175)) / 1000 == pytest.approx(6.0)   # Tobler's own maximum
    assert drive_grade_share(np.array([0.05, -0.05, 9.0]), ((0, 1.0), (10, 0.5))).tolist() == pytest.approx([0.75, 0.75, 0.5])
    with pytest.raises(ValueError, match="must be positive"):
        walk_min_per_m(0.0, walk_kmh=0.0)
