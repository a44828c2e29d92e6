"""Compiled parts of the topology against plain ways to the same: numpy's unique and lexsort, networkx, and the curve's own rule."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from geo.kernels import nearest_source
from geo.topology_kernels import centimetres, distances_along, first_at_place, hilbert_keys, in_order, parts_of, settle_ties


def test_rows_of_one_place_are_found_and_counted() -> None:
    rng = np.random.default_rng(1)
    xy = rng.integers(0, 12, (400, 2)) * 0.01 + [500_000.0, 3_850_000.0]
    cm = centimetres(xy)
    np.testing.assert_array_equal(cm, np.round(xy * 100).astype(np.int64))
    place, crowd = np.empty(400, np.int32), np.zeros(400, np.int32)
    first_at_place(cm, np.full(1024, -1, np.int32), place, crowd)
    _, first, inverse, count = np.unique(cm, axis=0, return_index=True, return_inverse=True, return_counts=True)
    np.testing.assert_array_equal(place, first[inverse.reshape(-1)])
    np.testing.assert_array_equal(crowd[first], count)


def test_parts_are_those_of_networkx_numbered_by_their_first_things() -> None:
    rng = np.random.default_rng(2)
    one, two = rng.integers(0, 200, 90), rng.integers(0, 200, 90)
    graph = nx.empty_graph(200)
    graph.add_edges_from(zip(one.tolist(), two.tolist(), strict=True))
    expected = np.empty(200, dtype=int)
    for number, members in enumerate(sorted(nx.connected_components(graph), key=min)):
        expected[list(members)] = number
    np.testing.assert_array_equal(parts_of(200, one, two), expected)
    assert parts_of(0, one[:0], two[:0]).size == 0


def test_neighbours_on_the_hilbert_curve_are_neighbours_on_the_ground() -> None:
    cells = 16
    xy = np.stack(np.meshgrid(np.arange(cells), np.arange(cells)), axis=-1).reshape(-1, 2).astype(float)
    key = hilbert_keys(xy, 0.0, 0.0, float(cells - 1), cells)
    assert np.sort(key).tolist() == list(range(cells * cells))
    assert (np.abs(np.diff(xy[np.argsort(key)], axis=0)).sum(axis=1) == 1).all()


def test_ties_are_settled_as_by_lexsort() -> None:
    rng = np.random.default_rng(3)
    key, one, two = rng.integers(0, 60, 300), rng.integers(0, 3, 300).astype(float), rng.integers(0, 3, 300).astype(float)
    order = np.argsort(key)
    settle_ties(key, order, one, two)
    np.testing.assert_array_equal(order, np.lexsort((two, one, key)))


def test_vertices_put_in_stand_where_they_belong_and_repeated_places_go() -> None:
    xy = np.array([[0, 0], [10, 0], [20, 0], [0, 5], [9, 5]], dtype=float)
    line = np.array([0, 0, 0, 1, 1])
    along = distances_along(xy, line)
    assert along.tolist() == [0, 10, 20, 0, 9]
    extra_line, extra_along = np.array([1, 0, 0]), np.array([4.0, 10.0, 12.0])
    cm = centimetres(np.vstack([xy, [[4, 5], [10, 0], [12, 0]]]))
    rows = in_order(line, along, extra_line, extra_along, np.lexsort((extra_along, extra_line)), cm)
    assert rows.tolist() == [0, 1, 7, 2, 3, 5, 4]     # the second one put in repeats vertex 1


@pytest.mark.parametrize("seed", [1, 2])
def test_times_from_many_sources_are_those_of_networkx_and_ties_go_to_the_smallest_label(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = nx.gnm_random_graph(120, 360, seed=seed, directed=True)
    for _, _, data in graph.edges(data=True):
        data["weight"] = float(rng.integers(0, 6)) if rng.random() < 0.95 else 4_000.0     # zero and very long arcs among them
    tail, head = np.array(graph.edges).T
    minutes = np.array([data["weight"] for _, _, data in graph.edges(data=True)])
    order = np.argsort(tail, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=120))])
    source, first = rng.choice(120, 9).astype(np.int64), rng.integers(0, 5, 9).astype(float)
    none = np.zeros(0, dtype=np.int64)
    arrays = (indptr, head[order].astype(np.int32), minutes[order], source, first, np.arange(9))
    time, label = nearest_source(*arrays, np.inf, none)
    each = [nx.single_source_dijkstra_path_length(graph, node) for node in source.tolist()]
    table = np.array([[start + ways.get(node, np.inf) for node in range(120)] for start, ways in zip(first, each, strict=True)])
    np.testing.assert_array_equal(time, table.min(axis=0))
    np.testing.assert_array_equal(label, np.where(np.isinf(time), -1, table.argmin(axis=0)))
    short, _ = nearest_source(*arrays, 6.0, none)
    np.testing.assert_array_equal(short, np.where(time <= 6.0, time, np.inf))
    wanted = np.flatnonzero(np.isfinite(time))[:5]
    np.testing.assert_array_equal(nearest_source(*arrays, np.inf, wanted)[0][wanted], time[wanted])
