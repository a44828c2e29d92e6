"""Real roads (Comoros, from OpenStreetMap): times against networkx on the raw vertices, and parts that stay apart."""

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

ROADS = Path(__file__).resolve().parents[2] / ".." / "shared" / "realdata" / "comoros" / "roads.gpkg"
pytestmark = pytest.mark.skipif(not ROADS.exists(), reason="real data (shared/realdata/comoros) is not on this machine")


@pytest.fixture(scope="module")
def comoros() -> gpd.GeoDataFrame:
    frame = gpd.read_file(ROADS).to_crs(32738)
    return gpd.GeoDataFrame(
        {"road_class": "street", "oneway": "no", "bridge": False, "closed": False}, geometry=frame.geometry.array, crs=frame.crs,
        index=range(len(frame)),
    )


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


def test_times_on_real_roads_agree_with_networkx(comoros: gpd.GeoDataFrame) -> None:
    network = build_network(comoros, terrain=None, travel=rules(snap_tolerance_m=0.0), split_crossings=False)
    rng = np.random.default_rng(9)
    on_line = comoros.geometry.array[rng.integers(0, len(comoros), 25)]
    places = shapely.line_interpolate_point(on_line, rng.random(25), normalized=True)
    snapped = snap(places, network, mode="walk")
    minutes = times_between(network, snapped, snapped, mode="walk")
    graph = raw_graph(comoros, places)
    expected = np.full((25, 25), np.inf)
    for i in range(25):
        for j, metres in nx.single_source_dijkstra_path_length(graph, i, weight="m").items():
            if isinstance(j, int):
                expected[i, j] = metres / WALK_M_PER_MIN
    assert 0.2 < np.isfinite(expected).mean() < 0.8      # several islands
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
