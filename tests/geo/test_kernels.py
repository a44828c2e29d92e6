"""The compiled searches against networkx, on random hilly one-way graphs with points anywhere on their edges."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from affine import Affine
from shapely import LineString

from geo import catchment, people_kernels
from geo.access import take, time_to_nearest, times_between
from geo.catchment import people_within
from geo.coverage import walk_pairs
from geo.kernels import drop_first, nearest_source, push
from geo.network import RoadNetwork, build_network
from geo.snapping import Snaps, snap
from geo.terrain import Grid
from tests.geo.gridtown import ORIGIN, at, roads, rules


def hilly_network(seed: int) -> RoadNetwork:
    """Crooked roads over bumpy ground, some one-way, some for walkers only, in several disconnected parts."""
    rng = np.random.default_rng(seed)
    lines = [LineString(rng.uniform(0, 900, 2) + np.cumsum(rng.normal(0, 130, (4, 2)), axis=0)) for _ in range(22)]
    classes = rng.choice(["street", "county", "path"], len(lines)).tolist()
    oneway = rng.choice(["no", "no", "forward", "backward"], len(lines)).tolist()
    ground = Grid(rng.uniform(0, 25, (90, 90)).astype("float32"), Affine(30, 0, ORIGIN[0] - 900, 0, -30, ORIGIN[1] + 1800))
    return build_network(roads(lines, road_class=classes, oneway=oneway), terrain=ground, travel=rules(walk_limit_min=30.0))


def with_points(network: RoadNetwork, mode: str, **groups: Snaps) -> nx.DiGraph:
    """The network as a networkx graph in which every point is a node of its own, in a chain along its edge."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(network.nodes))
    how, last = network.mode(mode), network.vertex_start[1:] - 1
    whole = (network.walk_out_min[last], network.walk_back_min[last]) if mode == "walk" else (network.drive_min[last],) * 2
    on_edge: dict[int, list[tuple[float, float, object]]] = {e: [] for e in range(network.edges)}
    for name, points in groups.items():
        for i in np.flatnonzero(points.connected):
            share = points.along_m[i] / network.edge_length_m[points.edge[i]]
            on_edge[points.edge[i]].append((points.along_m[i], share, (name, i)))
            graph.add_edge(("in", name, i), (name, i), minutes=points.leg_to_road_min[i])
            graph.add_edge((name, i), ("out", name, i), minutes=points.leg_from_road_min[i])
    start = network.vertex_start

    def cumulated(values: np.ndarray, e: int, along: float) -> float:
        span = slice(start[e], start[e + 1])
        return float(np.interp(along, network.vertex_m[span], values[span]))

    def arc(a: object, b: object, minutes: float) -> None:
        if not graph.has_edge(a, b) or graph[a][b]["minutes"] > minutes:
            graph.add_edge(a, b, minutes=max(minutes, 0.0))

    out, back = (network.walk_out_min, network.walk_back_min) if mode == "walk" else (network.drive_min, network.drive_min)
    for e, points in on_edge.items():
        if not (how.forward[e] or how.backward[e]):
            continue
        chain = [(0.0, int(network.edge_u[e]))] + [(a, n) for a, _, n in sorted(points, key=lambda p: p[0])]
        chain.append((float(network.edge_length_m[e]), int(network.edge_v[e])))
        for (a, first), (b, second) in zip(chain, chain[1:], strict=False):
            if how.forward[e]:
                arc(first, second, cumulated(out, e, b) - cumulated(out, e, a))
            if b - a < 1e-6:   # one and the same place
                arc(first, second, 0.0)
                arc(second, first, 0.0)
            if how.backward[e]:
                arc(second, first, cumulated(back, e, b) - cumulated(back, e, a))
    assert np.isfinite(whole[0][how.forward]).all() and np.isfinite(whole[1][how.backward]).all()
    return graph


def oracle_matrix(network: RoadNetwork, mode: str, origins: Snaps, destinations: Snaps) -> np.ndarray:
    graph = with_points(network, mode, o=origins, d=destinations)
    out = np.full((len(origins), len(destinations)), np.inf)
    for i in np.flatnonzero(origins.connected):
        found = nx.single_source_dijkstra_path_length(graph, ("in", "o", i), weight="minutes")
        for j in range(len(destinations)):
            out[i, j] = found.get(("out", "d", j), np.inf)
    return out


def random_points(seed: int, count: int, network: RoadNetwork, mode: str) -> Snaps:
    rng = np.random.default_rng(seed)
    points = at(*rng.uniform(-100, 1000, (count - 6, 2)))
    same_edge = np.repeat(points[:2], 3, axis=0) + rng.uniform(-25, 25, (6, 2))
    return snap(np.concatenate([points, same_edge]), network, mode=mode, limit_m=150.0)


@pytest.mark.parametrize("mode", ["walk", "drive"])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_times_agree_with_networkx(seed: int, mode: str) -> None:
    network = hilly_network(seed)
    places = random_points(seed + 10, 60, network, mode)
    facilities = take(places, np.arange(0, 60, 7))
    facilities = facilities if seed % 2 else random_points(seed + 20, 12, network, mode)
    expected = oracle_matrix(network, mode, places, facilities)
    assert 0 < np.isfinite(expected).mean() < 1   # both the reachable and the unreachable occur
    np.testing.assert_allclose(times_between(network, places, facilities, mode=mode), expected, atol=1e-9)
    nearest = time_to_nearest(network, facilities, places, mode=mode)
    np.testing.assert_allclose(nearest.minutes, expected.min(axis=1), atol=1e-9)
    reached = np.flatnonzero(nearest.facility >= 0)
    np.testing.assert_allclose(expected[reached, nearest.facility[reached]], nearest.minutes[reached], atol=1e-9)
    assert (nearest.facility[~np.isfinite(nearest.minutes)] == -1).all()


@pytest.mark.parametrize(("homes", "places"), [(50, 12), (12, 50)])
def test_pairs_agree_with_networkx_from_whichever_side_they_are_sought(homes: int, places: int) -> None:
    network = hilly_network(2)
    first, second = random_points(31, homes, network, "walk"), random_points(31, places, network, "walk")   # some on one edge
    expected = oracle_matrix(network, "walk", first, second)
    walks = walk_pairs(network, first, second, limit_min=9.0)
    found = np.full(expected.shape, np.inf)
    found[walks.home, walks.place] = walks.minutes
    np.testing.assert_allclose(found, np.where(expected <= 9.0, expected, np.inf), atol=1e-9)
    assert 0 < len(walks.place) < np.isfinite(expected).sum()


def test_what_is_kept_of_homes_around_nodes_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    network = hilly_network(3)
    places, homes = random_points(31, 120, network, "walk"), random_points(41, 40, network, "walk")
    people = np.arange(1.0, len(homes) + 1)
    village = dict(resident_village=np.arange(len(homes)) % 3, place_village=np.arange(len(places)) % 3)
    kept = people_within(network, places, homes, people, limits_min=(9.0, 25.0), **village)
    monkeypatch.setattr(people_kernels, "ROOM", 1)     # so little room that most of it is written over before it is needed again
    monkeypatch.setattr(catchment, "people_around", people_kernels.people_around.py_func)
    sought_again = people_within(network, places, homes, people, limits_min=(9.0, 25.0), **village)
    assert kept.people_all.max() > 100 and kept.people_own.max() > 0
    np.testing.assert_array_equal(sought_again.people_all, kept.people_all)
    np.testing.assert_array_equal(sought_again.people_own, kept.people_own)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_people_agree_with_networkx(seed: int) -> None:
    network = hilly_network(seed)
    rng = np.random.default_rng(seed + 100)
    places, homes = random_points(seed + 30, 50, network, "walk"), random_points(seed + 40, 80, network, "walk")
    people = rng.integers(0, 9, len(homes)).astype(float)
    home_village = rng.choice(np.array(["a", "b", None], dtype=object), len(homes))
    place_village = rng.choice(np.array(["a", "b", "z", None], dtype=object), len(places))
    limits, longest = (12.0, 3.0), 20.0 if seed % 2 else 2.0   # the mean's limit beyond and below the others
    got = people_within(network, places, homes, people, resident_village=home_village, place_village=place_village,
                        limits_min=limits, mean_limit_min=longest)
    minutes = oracle_matrix(network, "walk", homes, places)
    assert not np.isclose(minutes[:, :, None], [*limits, longest], atol=1e-6).any()
    for p in range(len(places)):
        own = np.array([v is not None and v == place_village[p] for v in home_village])
        for column, limit in enumerate(limits):
            within = minutes[:, p] <= limit
            assert got.people_all[p, column] == people[within].sum()
            assert got.people_own[p, column] == people[within & own].sum()
        reached = own & (minutes[:, p] <= longest) & (people > 0)
        if people[own].sum() == 0:
            assert np.isnan([got.own_mean_min[p], got.own_worst_min[p], got.own_share_reached[p]]).all()
        elif not reached.any():
            assert np.isinf([got.own_mean_min[p], got.own_worst_min[p]]).all() and got.own_share_reached[p] == 0
        else:
            assert got.own_mean_min[p] == pytest.approx(np.average(minutes[reached, p], weights=people[reached]))
            assert got.own_worst_min[p] == pytest.approx(minutes[reached, p].max())
            assert got.own_share_reached[p] == pytest.approx(people[reached].sum() / people[own].sum())


def test_the_result_does_not_depend_on_the_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    network = hilly_network(1)
    places, homes = random_points(5, 60, network, "walk"), random_points(6, 60, network, "walk")
    villages = np.full(60, "a", dtype=object)
    results = []
    for cores, chunk in ((1, 512), (3, 7)):
        monkeypatch.setattr("geo.shapes.cores", lambda cores=cores: cores)
        monkeypatch.setattr("geo.shapes.MIN_CHUNK", chunk)
        people = np.linspace(1, 2, 60)
        results.append(people_within(network, places, homes, people, resident_village=villages, place_village=villages))
    np.testing.assert_array_equal(results[0].people_all, results[1].people_all)
    np.testing.assert_array_equal(results[0].own_mean_min, results[1].own_mean_min)


def test_a_place_alone_has_the_figures_it_has_among_others() -> None:
    """Searches are shared between places; that must not show."""
    network = hilly_network(2)
    places, homes = random_points(7, 40, network, "walk"), random_points(8, 40, network, "walk")
    villages = np.arange(40) % 3
    whole = people_within(network, places, homes, np.ones(40), resident_village=villages, place_village=villages)
    for i in range(0, 40, 5):
        alone = people_within(network, take(places, np.array([i])), homes, np.ones(40), resident_village=villages,
                              place_village=villages[[i]])
        np.testing.assert_array_equal(alone.own_mean_min[0], whole.own_mean_min[i])


@pytest.mark.parametrize("seed", [2, 5])
def test_a_table_taken_in_parts_gives_the_same_walks(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network = hilly_network(seed)
    places, homes = random_points(7, 50, network, "walk"), random_points(8, 70, network, "walk")
    village = np.full(70, "a", dtype=object)
    for few in (places, take(places, np.arange(9))):     # searched from the homes' side and from the places'
        whole = people_within(network, few, homes, np.arange(70.0), resident_village=village, place_village=village[: len(few)])
        monkeypatch.setattr(catchment, "TABLE_ROOM", 60)
        parts = people_within(network, few, homes, np.arange(70.0), resident_village=village, place_village=village[: len(few)])
        monkeypatch.undo()
        for name in ("own_mean_min", "own_worst_min", "own_share_reached"):
            np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


def test_the_heap_gives_its_entries_in_order() -> None:
    values = np.random.default_rng(0).uniform(size=200)
    keys, items, size = np.empty(200), np.empty(200, np.int64), 0
    for item, value in enumerate(values):
        size = push(keys, items, size, value, item)
    given = []
    while size:
        given.append((keys[0], items[0]))
        size = drop_first(keys, items, size)
    assert [key for key, _ in given] == np.sort(values).tolist()
    assert [item for _, item in given] == np.argsort(values).tolist()


def test_nothing_to_search_from_reaches_nothing() -> None:
    none = np.zeros(0, np.int64)
    time, label = nearest_source(np.zeros(4, np.int64), none.astype(np.int32), np.zeros(0), none, np.zeros(0), none, np.inf, none)
    assert np.isinf(time).all() and (label == -1).all()


WARM = """
import sys
from numba.core.dispatcher import Dispatcher
from geo.warmup import compile_kernels
compile_kernels()
def compiled():
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith("geo.")]
    found = {f"{k.__module__}.{k.__name__}": k for m in modules for k in vars(m).values() if isinstance(k, Dispatcher)}
    return {name: len(kernel.signatures) for name, kernel in found.items()}
before = compiled()
import shapely
from geo.study import study
from layers.schema import conform
from tests import toytown
from tests.geo.standard import default_scenario
pond = toytown.restrictions().iloc[[0]].assign(
    restriction_id="pond", kind="water", geometry=[toytown._at(shapely.box(1015, 300, 1018, 700))])
import geopandas as gpd, pandas as pd
restrictions = gpd.GeoDataFrame(pd.concat([toytown.restrictions(), pond], ignore_index=True), crs=toytown.TOWN_CRS)
done = study(toytown.toytown(terrain=toytown.terrain(rise=0.1), restrictions=restrictions), default_scenario())
after = compiled()
assert len(before) > 20 and len(done.candidates) > 10
print(sorted(name for name in after if after[name] != before.get(name)))
"""


def test_after_warming_up_a_study_compiles_nothing() -> None:
    """In a process of its own: what `compile_kernels` ran is all that the planner's first study needs."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-W", "error", "-c", WARM], cwd=root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
