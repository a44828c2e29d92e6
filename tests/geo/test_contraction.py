"""The contracted graph has the times of the whole one, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo.ahead import run_study_kernels
from geo.contraction import Contraction, contracted
from geo.network import GRAIN_MIN


def random_graph(seed: int, nodes: int, *, oneway: float, far: int) -> csr_matrix:
    """Arcs between neighbours on a line and some shortcuts, some of them open one way only."""
    rng = np.random.default_rng(seed)
    u = np.concatenate([np.arange(nodes - 1), rng.integers(0, nodes, nodes)])
    v = np.concatenate([np.arange(1, nodes), np.minimum(u[nodes - 1:] + rng.integers(1, far, nodes), nodes - 1)])
    u, v = u[(kept := (u != v) & (rng.uniform(size=len(u)) > 0.1))], v[kept]
    both = rng.uniform(size=len(u)) >= oneway
    tail, head = np.concatenate([u, v[both]]), np.concatenate([v, u[both]])
    pair = np.unique(tail * nodes + head)
    minutes = rng.integers(1, 1 << 40, len(pair)) * GRAIN_MIN
    return csr_matrix((minutes, (pair // nodes, pair % nodes)), shape=(nodes, nodes))


def all_times(graph: Contraction) -> np.ndarray:
    """Times between all nodes over the contracted arcs alone: up from each node, and down to each."""
    nodes = len(graph.rank)
    tail = np.repeat(np.arange(nodes), np.diff(graph.start))
    core = graph.rank[tail] == nodes
    up = np.full((nodes, nodes), np.inf)
    down = up.copy()
    np.minimum.at(up, (tail, graph.to), graph.forth)
    np.minimum.at(down, (graph.to[~core], tail[~core]), graph.back[~core])
    np.minimum.at(down, (tail[core], graph.to[core]), graph.forth[core])
    climb, fall = (dijkstra(csr_matrix(np.where(np.isfinite(way), way, 0.0))) for way in (up, down))
    return (climb[:, :, None] + fall[None, :, :]).min(axis=1)


@pytest.mark.parametrize(("seed", "oneway", "far", "core"), [(1, 0.0, 9, False), (2, 0.3, 80, True), (3, 1.0, 80, True)])
def test_times_are_those_of_the_whole_graph(seed: int, oneway: float, far: int, core: bool) -> None:
    graph = random_graph(seed, 90, oneway=oneway, far=far)
    found = contracted(graph.indptr.astype(np.int64), graph.indices.astype(np.int32), graph.data)
    left = int((found.rank == 90).sum())
    assert (left > 0) == core and left < 45
    np.testing.assert_array_equal(all_times(found), dijkstra(graph))


def test_parallel_arcs_and_loops_do_no_harm() -> None:
    found = contracted(np.array([0, 3, 4]), np.array([0, 1, 1, 0], dtype=np.int32), np.array([1.0, 7.0, 5.0, 6.0]))
    assert found.to.tolist() == [1] and found.forth.tolist() == [5.0] and found.back.tolist() == [6.0]


def test_what_is_begun_ahead_is_the_contraction_that_is_asked_for() -> None:
    network, _ = run_study_kernels()
    graph = network.walk.out
    network.walk.contract_ahead()
    known = network.walk.contraction
    assert network.walk.contraction is known
    for name, values in vars(contracted(graph.indptr, graph.indices, graph.minutes)).items():
        assert np.array_equal(getattr(known, name), values)
