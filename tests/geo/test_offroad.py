"""The way off the road: round water and steep ground, against closed forms and networkx over the cells."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from affine import Affine
from shapely import LineString, box

from geo.access import times_between
from geo.network import RoadNetwork, build_network
from geo.offroad import surface_of, water_areas
from geo.snapping import Snaps, snap
from geo.speeds import walk_min_per_m
from geo.terrain import Grid
from tests.geo.gridtown import ORIGIN, WALK_M_PER_MIN, at, roads, rules, streets

CELL = 10.0
OFF_M_PER_MIN = 0.6 * WALK_M_PER_MIN
ROAD = LineString([(-200, 0), (1200, 0)])


def ground(heights: np.ndarray, *, cell: float = CELL, left: float = -300, top: float = 700) -> Grid:
    """Heights by (row, column) from the top left corner, metres from `ORIGIN`."""
    return Grid(heights.astype("float32"), Affine(cell, 0, ORIGIN[0] + left, 0, -cell, ORIGIN[1] + top))


FLAT = ground(np.zeros((100, 160)))


def moved(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array([shapely.transform(shape, lambda xy: xy + ORIGIN) for shape in shapes], dtype=object)


def town(*water: shapely.Geometry, terrain: Grid = FLAT, lines: tuple[LineString, ...] = (ROAD,), **columns: object) -> RoadNetwork:
    return build_network(roads(list(lines), **columns), terrain=terrain, travel=rules(), water=moved(*water))


def one(network: RoadNetwork, *xy: tuple[float, float], **options: object) -> Snaps:
    return snap(at(*xy), network, mode="walk", **options)


def test_nothing_between_leaves_the_straight_way() -> None:
    with_terrain, without = one(town(), (305, 403)), one(build_network(roads([ROAD]), terrain=None, travel=rules()), (305, 403))
    assert with_terrain.leg_to_road_min[0] == pytest.approx(without.leg_to_road_min[0]) == pytest.approx(403 / OFF_M_PER_MIN)
    assert with_terrain.along_m[0] == pytest.approx(without.along_m[0])


def test_a_river_is_walked_round_by_its_end() -> None:
    # a river 20 m wide from far in the west to x = 500: the way from (305, 200) leads round its corner
    river = box(-290, 90, 500, 110)
    here = one(town(river), (305, 200))
    shortest_m = np.hypot(500 - 305, 200 - 110) + 20 + 90
    walked_m = here.leg_to_road_min[0] * OFF_M_PER_MIN
    assert shortest_m <= walked_m <= 1.085 * shortest_m + 2 * CELL
    assert here.x[0] - ORIGIN[0] == pytest.approx(500, abs=2 * CELL)   # it joins the road below the river's end
    assert here.distance_m[0] == pytest.approx(200)                    # as the crow flies
    assert one(town(river), (305, 200), straight_only=True).connected.tolist() == [False]
    assert one(town(river), (305, 80)).leg_to_road_min[0] == pytest.approx(80 / OFF_M_PER_MIN)   # on this side nothing is between


def test_a_river_without_end_shuts_off_and_a_bridge_opens_the_way() -> None:
    river = box(-400, 90, 1400, 110)
    assert one(town(river), (305, 200)).connected.tolist() == [False]
    bridge = LineString([(700, 0), (700, 300)])
    here = one(town(river, lines=(ROAD, bridge)), (305, 200))
    assert here.leg_to_road_min[0] == pytest.approx(395 / OFF_M_PER_MIN, rel=0.01)     # over to the road that crosses
    tagged = (LineString([(700, 0), (700, 80)]), LineString([(700, 80), (700, 130)]), LineString([(700, 130), (700, 300)]))
    network = town(river, lines=(ROAD, *tagged), bridge=[False, False, True, False])
    there = one(network, (690, 100), (305, 200))
    assert there.connected.tolist() == [True, True]                          # the first stands in the river as drawn: let out
    assert there.leg_to_road_min[1] == pytest.approx(395 / OFF_M_PER_MIN, rel=0.01)
    minutes = times_between(network, there, one(network, (305, -50)), mode="walk")
    assert minutes[1, 0] == pytest.approx(395 / OFF_M_PER_MIN + (200 + 395) / WALK_M_PER_MIN + 50 / OFF_M_PER_MIN, rel=0.01)


def test_a_road_drawn_in_its_river_s_edge_is_still_joined() -> None:
    road_in_water = box(-290, -6, 1290, 4)
    here = one(town(road_in_water), (305, 60), (305, 3))
    assert here.connected.tolist() == [True, True]
    assert here.leg_to_road_min == pytest.approx(np.array([60, 3]) / OFF_M_PER_MIN)


def wall(*, gap: tuple[int, int] | None) -> Grid:
    """A ridge of 60 m, two cells wide each way and steeper than 45 degrees, along y = 100, with a level gap between two columns."""
    heights = np.zeros((100, 160))
    heights[58:62] = [[30.0], [60.0], [60.0], [30.0]]
    if gap is not None:
        heights[:, slice(*gap)] = 0.0
    return ground(heights)


def test_steep_ground_is_walked_round() -> None:
    assert one(town(terrain=wall(gap=None)), (305, 250)).connected.tolist() == [False]
    here = one(town(terrain=wall(gap=(100, 116))), (305, 250))      # the gap: x = 700 .. 860
    assert here.connected.tolist() == [True]
    assert 700 <= here.x[0] - ORIGIN[0] <= 860
    shortest_m = np.hypot(700 - 305, 250 - 120) + 120
    assert shortest_m <= here.leg_to_road_min[0] * OFF_M_PER_MIN <= 1.085 * shortest_m + 6 * CELL


@pytest.mark.parametrize("grade", [0.08, -0.3])
def test_up_is_not_down_off_the_road(grade: float) -> None:
    y = 700 - (np.arange(100) + 0.5) * CELL
    network = town(terrain=ground(np.tile((y * grade)[:, None], (1, 160))))
    here = one(network, (305, 400))
    assert here.leg_from_road_min[0] == pytest.approx(400 * walk_min_per_m(grade, walk_kmh=3.0), rel=1e-4)
    assert here.leg_to_road_min[0] == pytest.approx(400 * walk_min_per_m(-grade, walk_kmh=3.0), rel=1e-4)


def test_times_on_a_tilted_grid_of_streets_are_known() -> None:
    """East is up by 12 %: every shortest way takes the steps east or west on the slope and those north or south on the level."""
    x = (np.arange(160) + 0.5) * CELL - 300
    network = build_network(streets(9, 5), terrain=ground(np.tile(x * 0.12, (100, 1))), travel=rules())
    origins, ends = [(0, 0), (100, 300), (700, 200), (300, 500)], [(600, 400), (0, 100), (300, 200)]
    minutes = times_between(network, one(network, *origins), one(network, *ends), mode="walk")
    for i, (ax, ay) in enumerate(origins):
        for j, (bx, by) in enumerate(ends):
            slope = walk_min_per_m(0.12 if bx > ax else -0.12, walk_kmh=5.0)
            assert minutes[i, j] == pytest.approx(abs(bx - ax) * slope + abs(by - ay) / WALK_M_PER_MIN, rel=1e-5)
    assert minutes[0, 0] > times_between(network, one(network, ends[0]), one(network, origins[0]), mode="walk")[0, 0]


def cell_graph(network: RoadNetwork, water: np.ndarray) -> nx.DiGraph:
    """Every move between middles of cells that shapely says is dry, its minutes off the road from Tobler's formula."""
    field, (left, top, wide, _) = network.ground, network.ground.frame
    rows, columns = field.height.shape
    middles = {(r, c): (left + (c + 0.5) * wide, top - (r + 0.5) * wide) for r in range(rows) for c in range(columns)}
    edges = shapely.boundary(water)
    graph = nx.DiGraph()
    for (r, c), a in middles.items():
        for dr, dc in ((0, 1), (1, 1), (1, 0), (1, -1)):
            other = (r + dr, c + dc)
            if other not in middles:
                continue
            move = LineString([a, middles[other]])
            if shapely.intersects(edges, move).any() or dr and dc and field.steep[r, c + dc] and field.steep[r + dr, c]:
                continue
            grade = float(field.height[other] - field.height[r, c]) / move.length
            for tail, head, up in (((r, c), other, grade), (other, (r, c), -grade)):
                if not field.steep[tail]:   # towards the road: a steep cell is not come through
                    graph.add_edge(tail, head, there=move.length * walk_min_per_m(up, walk_kmh=3.0),
                                   back=move.length * walk_min_per_m(-up, walk_kmh=3.0))
    for _, _, data in graph.edges(data=True):
        data["both"] = data["there"] + data["back"]
    return graph


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_surface_agrees_with_networkx_over_the_cells(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heights = rng.uniform(0, 1, (30, 36)) * (12 if seed > 1 else 6)
    terrain = ground(heights, left=0, top=300)
    ponds = shapely.buffer(shapely.points(rng.uniform(30, 330, (6, 2))), rng.uniform(5, 40, 6), quad_segs=3)
    water = moved(shapely.union_all(ponds), box(0, 140, 170, 143))
    network = build_network(roads([LineString([(5, 20), (355, 60)]), LineString([(200, 40), (260, 290)])]), terrain=terrain,
                            travel=rules(), water=water)
    surface = surface_of(network.ground, network.walk.segments, network.travel)
    assert np.isfinite(surface.cells[..., :3]).all(axis=-1).sum() == (surface.root >= 0).sum() > 500
    alone = surface_of(network.ground, network.walk.segments, rules(offroad_limit_m=0.1))   # hardly more than the sources
    graph = cell_graph(network, water)
    sources = build_sources(network)
    for cell, (there, back) in sources.items():
        graph.add_edge(cell, "road", there=there, back=back, both=there + back)
    total = nx.single_source_dijkstra_path_length(graph.reverse(copy=False), "road", weight="both")
    got = surface.cells[..., 0] + surface.cells[..., 1]
    steep_only = network.ground.steep & np.isinf(alone.cells[..., 0])
    for cell in np.ndindex(*heights.shape):
        if not steep_only[cell]:
            assert got[cell] == pytest.approx(total.get(cell, np.inf), rel=1e-4), cell
    assert np.isinf(got[steep_only]).all()


def build_sources(network: RoadNetwork) -> dict[tuple[int, int], tuple[float, float]]:
    """Cells that the road's pieces pass near, with the minutes to the nearest point of the best piece and from it."""
    segments, (left, top, wide, _) = network.walk.segments, network.ground.frame
    surface = surface_of(network.ground, segments, network.travel)
    out = {}
    for r, c in np.ndindex(*network.ground.height.shape):
        middle = shapely.Point(left + (c + 0.5) * wide, top - (r + 0.5) * wide)
        for k in segments.vertex:
            piece = LineString([(segments.x[k], segments.y[k]), (segments.x[k + 1], segments.y[k + 1])])
            if middle.distance(piece) <= 0.75 * wide:
                way = shapely.shortest_line(middle, piece)
                end = Grid(network.ground.height, Affine(wide, 0, left, 0, -wide, top))
                rise = height_at(end, way.coords[1]) - float(network.ground.height[r, c])
                grade = rise / way.length if way.length > 1 else 0.0
                legs = (way.length * walk_min_per_m(grade, walk_kmh=3.0), way.length * walk_min_per_m(-grade, walk_kmh=3.0))
                if sum(legs) < sum(out.get((r, c), (np.inf, np.inf))):
                    out[r, c] = legs
    assert len(out) >= len(np.unique(surface.root[surface.root >= 0])) > 30
    return out


def height_at(grid: Grid, xy: tuple[float, float]) -> float:
    from geo.terrain import sample_bilinear

    return float(sample_bilinear(grid, np.array([xy]))[0])


def test_a_shift_by_whole_cells_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    heights, pond = rng.uniform(0, 8, (100, 160)), box(280, 60, 420, 110)
    first = one(town(pond, terrain=ground(heights)), (305, 203), (341, 130), (50, 320))
    shift = np.array([30 * CELL, -20 * CELL])
    frame = roads([ROAD])
    frame.geometry = frame.geometry.translate(*shift)
    far = build_network(frame, terrain=ground(heights, left=-300 + shift[0], top=700 + shift[1]), travel=rules(),
                        water=[shapely.transform(moved(pond)[0], lambda xy: xy + shift)])
    second = snap(at((305, 203), (341, 130), (50, 320)) + shift, far, mode="walk")
    np.testing.assert_allclose(first.leg_to_road_min, second.leg_to_road_min, rtol=1e-6)
    np.testing.assert_allclose(first.leg_from_road_min, second.leg_from_road_min, rtol=1e-6)


def test_beyond_the_limit_there_is_no_way_round() -> None:
    river = box(-290, 90, 500, 110)
    assert one(town(river), (305, 200), limit_m=400.0).connected.tolist() == [True]
    assert one(town(river), (305, 200), limit_m=250.0).connected.tolist() == [False]


def test_missing_heights_are_level_and_places_off_the_terrain_go_straight() -> None:
    network = town(terrain=ground(np.full((100, 160), np.nan)))
    here = one(network, (305, 403), (1500, 0))
    assert here.leg_to_road_min == pytest.approx(np.array([403, 300]) / OFF_M_PER_MIN)


def test_water_is_taken_from_the_restrictions() -> None:
    frame = gpd.GeoDataFrame({"kind": ["water", "hazard", "water"]}, geometry=[box(0, 0, 1, 1), box(2, 2, 3, 3), None], crs=4547)
    assert [shape.area for shape in water_areas(frame)] == [1.0]
    assert len(water_areas(None)) == 0


def test_without_terrain_the_way_is_straight_and_level() -> None:
    network = build_network(roads([ROAD]), terrain=None, travel=rules(), water=moved(box(0, 50, 500, 60)))
    assert network.ground is None
    assert one(network, (305, 200)).leg_to_road_min == pytest.approx(200 / OFF_M_PER_MIN)


def test_a_search_around_places_finds_what_the_whole_does() -> None:
    """Places that ask for a way round get it from the ground around them; the whole county's surface gives the same."""
    rng = np.random.default_rng(8)
    heights = rng.uniform(0, 9, (100, 160))
    network = town(box(-290, 90, 500, 110), box(100, 200, 900, 205), terrain=ground(heights))
    points = rng.uniform((-100, 120), (1100, 600), (60, 2))
    together = one(network, *points)
    for i in range(0, 60, 6):
        alone = one(network, points[i])
        assert (alone.edge[0], alone.leg_to_road_min[0]) == (together.edge[i], together.leg_to_road_min[i])
    assert together.connected.all()


def test_a_study_notes_what_limits_the_figures() -> None:
    from geo.measures import notes

    small = SimpleNamespace(terrain=FLAT, roads=object())
    frame = gpd.pd.DataFrame({"slope_cells": [0.4, 2.0, np.nan]})
    assert notes(frame, small) == {"slope_coarse": 1}
    assert notes(frame, SimpleNamespace(terrain=None, roads=object())) == {"offroad_straight": 3}
    assert notes(frame, SimpleNamespace(terrain=None, roads=None)) == {}
