"""Where drawn lines meet: at crossings and T-junctions, not at bridges; ends are joined within the stated tolerance, not beyond."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from shapely import LineString

from geo.topology import _pairs_within, node_lines


def nodes(lines: list[LineString], *, bridge: list[bool] | None = None, tolerance_m: float = 2.0, split: bool = True):
    flags = np.array([False] * len(lines) if bridge is None else bridge)
    return node_lines(np.array(lines, dtype=object), bridge=flags, tolerance_m=tolerance_m, split_crossings=split)


def degrees(topology) -> dict[tuple[float, float], int]:
    """How many edges end at each node, by its place."""
    count = np.bincount(np.concatenate([topology.edge_u, topology.edge_v]), minlength=len(topology.node_x))
    return {(round(float(x), 1), round(float(y), 1)): int(n)
            for x, y, n in zip(topology.node_x, topology.node_y, count, strict=True)}


CROSS = [LineString([(0, 0), (200, 0)]), LineString([(100, -100), (100, 100)])]


def test_a_crossing_is_a_node_of_four_edges_and_a_junction_of_three() -> None:
    assert degrees(nodes(CROSS)) == {(0, 0): 1, (200, 0): 1, (100, -100): 1, (100, 100): 1, (100, 0): 4}
    tee = [CROSS[0], LineString([(100, 0), (100, 100)])]
    assert degrees(nodes(tee)) == {(0, 0): 1, (200, 0): 1, (100, 100): 1, (100, 0): 3}


def test_a_bridge_or_tunnel_meets_nothing_between_its_ends() -> None:
    assert degrees(nodes(CROSS, bridge=[False, True])) == {(0, 0): 1, (200, 0): 1, (100, -100): 1, (100, 100): 1}
    over_end = [LineString([(0, 0), (200, 0)]), LineString([(100, 0), (100, 100)])]
    # the road ends where the bridge passes overhead: it does not reach the bridge
    assert degrees(nodes(over_end, bridge=[True, False]))[(100, 0)] == 1
    ramp = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (200, 0)]), LineString([(100, -50), (100, 50)])]
    assert degrees(nodes(ramp, bridge=[False, True, False]))[(100, 0)] == 4   # what passes where it lands is met


@pytest.mark.parametrize(("gap_m", "tolerance_m", "joined"), [
    (1.9, 2.0, True), (2.1, 2.0, False), (2.1, 3.0, True), (0.5, 0.0, False), (0.004, 0.0, True)])
def test_ends_are_joined_within_the_tolerance_and_not_beyond(gap_m: float, tolerance_m: float, joined: bool) -> None:
    end_to_end = [LineString([(0, 0), (100, 0)]), LineString([(100 + gap_m, 0), (200, 0)])]
    end_to_side = [LineString([(0, 0), (200, 0)]), LineString([(100, gap_m), (100, 100)])]
    for lines, ends in ((end_to_end, 2), (end_to_side, 3)):
        found = degrees(nodes(lines, tolerance_m=tolerance_m))
        assert (sum(n == 1 for n in found.values()) == ends) is joined
    assert nodes(end_to_end, tolerance_m=tolerance_m).ends_joined == int(joined and gap_m > 0.01)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.sampled_from([0.01, 1.0, 2.0, 7.5]))
def test_points_within_reach_are_those_that_a_tree_finds(seed: int, count: int, reach_m: float) -> None:
    random = np.random.default_rng(seed)
    xy = (470_000.0, 3_800_000.0) + random.integers(0, 40, (count, 2)) * 0.5     # many at exactly the reach, many at one place
    asking = np.flatnonzero(random.random(count) < 0.5)
    one, other = _pairs_within(xy, asking, reach_m)
    found = cKDTree(xy).query_ball_point(xy[asking], reach_m) if count else []
    assert sorted(zip(one, other, strict=True)) == sorted((a, b) for a, near in zip(asking, found, strict=True) for b in near)


def test_ends_are_not_dragged_onto_a_bridge_within_the_tolerance() -> None:
    lines = [LineString([(0, 0), (200, 0)]), LineString([(100, 1), (100, 100)])]
    assert nodes(lines, bridge=[True, False]).ends_joined == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-400, 400), st.booleans())
def test_neither_order_nor_direction_nor_place_changes_what_meets(seed: int, shift: float, turn: bool) -> None:
    rng = np.random.default_rng(seed)
    lines = [LineString(np.round(rng.uniform(0, 300, (3, 2)))) for _ in range(8)]
    lines = [line for line in lines if line.length > 0]
    bridge = (rng.random(len(lines)) < 0.2).tolist()
    one = nodes(lines, bridge=bridge)
    order = rng.permutation(len(lines))
    moved = [LineString(np.array(lines[i].coords)[:: -1 if turn else 1] + round(shift)) for i in order]
    two = nodes(moved, bridge=[bridge[i] for i in order])
    counts = [sorted(np.bincount(np.concatenate([found.edge_u, found.edge_v])).tolist()) for found in (one, two)]
    assert counts[0] == counts[1]
