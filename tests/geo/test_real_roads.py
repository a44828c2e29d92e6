"""Real roads (Comoros from OpenStreetMap, Qishan as published): times against networkx on the raw vertices; parts stay apart."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from geo.access import times_between
from geo.network import build_network
from geo.snapping import snap
from tests.geo.gridtown import WALK_M_PER_MIN, rules

REALDATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "realdata"
ROADS = {"comoros": REALDATA / "comoros" / "roads.gpkg", "qishan": REALDATA / "qishan" / "road.shp"}
METRIC = {"comoros": 32738, "qishan": 4544}


def read_roads(county: str) -> gpd.GeoDataFrame:
    """The lines of a county, all of one class, in metres."""
    if not ROADS[county].exists():
        pytest.skip(f"real data (shared/realdata/{county}) is not on this machine")
    lines = gpd.read_file(ROADS[county]).to_crs(METRIC[county]).explode(ignore_index=True)
    return gpd.GeoDataFrame(
        {"road_class": "street", "oneway": "no", "bridge": False, "closed": False}, geometry=lines.geometry.array, crs=lines.crs,
        index=range(len(lines)),
    )


@pytest.fixture(scope="module")
def comoros() -> gpd.GeoDataFrame:
    return read_roads("comoros")


def raw_graph(roads: gpd.GeoDataFrame, places: np.ndarray) -> nx.Graph:
    """Every vertex a node, every piece of line an edge, every place a node on the piece nearest to it."""
    pieces: dict[tuple[tuple[float, ...], tuple[float, ...]], None] = {}
    for line in roads.geometry:
        vertices = [tuple(np.round(xy, 2)) for xy in line.coords]
        pieces.update(dict.fromkeys(pair for pair in zip(vertices, vertices[1:], strict=False) if pair[0] != pair[1]))
    ends = list(pieces)
    lines = shapely.linestrings(np.array(ends))
    graph = nx.Graph()
    on_piece: dict[int, list[tuple[float, int]]] = {}
    for place, nearest in zip(*shapely.STRtree(lines).query_nearest(places, all_matches=False), strict=True):
        on_piece.setdefault(int(nearest), []).append((float(lines[nearest].project(places[place])), int(place)))
    for i, (a, b) in enumerate(ends):
        chain = [(0.0, a), *sorted(on_piece.get(i, [])), (lines[i].length, b)]
        for (start, first), (stop, second) in zip(chain, chain[1:], strict=False):
            if not graph.has_edge(first, second) or graph[first][second]["m"] > stop - start:
                graph.add_edge(first, second, m=stop - start)
    return graph


@pytest.mark.parametrize("county", ["comoros", "qishan"])
def test_times_on_real_roads_agree_with_networkx(county: str) -> None:
    roads = read_roads(county)
    network = build_network(roads, terrain=None, travel=rules(snap_tolerance_m=0.0), split_crossings=False)
    rng = np.random.default_rng(9)
    on_line = roads.geometry.array[rng.integers(0, len(roads), 25)]
    places = shapely.line_interpolate_point(on_line, rng.random(25), normalized=True)
    snapped = snap(places, network, mode="walk")
    minutes = times_between(network, snapped, snapped, mode="walk")
    graph = raw_graph(roads, places)
    expected = np.full((25, 25), np.inf)
    for i in range(25):
        for j, metres in nx.single_source_dijkstra_path_length(graph, i, weight="m").items():
            if isinstance(j, int):
                expected[i, j] = metres / WALK_M_PER_MIN
    share = np.isfinite(expected).mean()
    assert 0.2 < share < 0.8 if county == "comoros" else share == 1.0      # Comoros are several islands
    assert (np.isfinite(minutes) == np.isfinite(expected)).all()
    there = np.isfinite(expected)
    np.testing.assert_allclose(minutes[there], expected[there], rtol=1e-4, atol=0.002)


def test_islands_stay_apart(comoros: gpd.GeoDataFrame) -> None:
    network = build_network(comoros, terrain=None, travel=rules())
    assert network.edge_length_m.sum() == pytest.approx(comoros.length.sum(), rel=2e-3)
    largest = np.argsort(network.walk.component_length_m)[::-1][:3]
    assert network.walk.component_length_m[largest].sum() > 0.95 * network.edge_length_m.sum()
    eastings = [network.node_x[network.walk.component == c] for c in largest]
    spans = sorted((x.min(), x.max()) for x in eastings)
    assert spans[0][1] < spans[1][0] and spans[1][1] < spans[2][0]     # Ngazidja, Mwali, Ndzuwani from west to east
