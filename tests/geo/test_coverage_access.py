"""Walk pairs against the searches one by one; floating catchments against PySAL; Gini against its double sum."""

import numpy as np
import pandas as pd
import pytest
from access import fca, weights
from hypothesis import given
from hypothesis import strategies as st

from geo.access import time_to_nearest, times_between
from geo.coverage import Walks, ZoneError, floating_access, gini, walk_pairs
from geo.network import build_network
from geo.snapping import SnapError, snap
from tests.geo.gridtown import ORIGIN, at, rules, streets, way_m

GRID = build_network(streets(12, 9), terrain=None, travel=rules())
ZONES = {"zones_min": (10.0, 20.0, 30.0), "zone_weights": (1.0, 0.68, 0.22)}


def _snapped(count: int, seed: int, *, spread: tuple[float, float] = (1200.0, 900.0)):
    xy = ORIGIN + np.random.default_rng(seed).random((count, 2)) * spread
    return snap(xy, GRID, mode="walk")


@pytest.mark.parametrize("limit_min", [0.0, 4.0, 12.5, 60.0])
def test_pairs_are_the_walks_of_single_searches(limit_min: float) -> None:
    homes, places = _snapped(150, 1), _snapped(40, 2)
    dense = times_between(GRID, homes, places, mode="walk")
    walks = walk_pairs(GRID, homes, places, limit_min=limit_min)
    home, place = np.nonzero(dense <= limit_min)
    assert len(walks.place) == len(home)
    found = np.full(dense.shape, np.inf)
    found[walks.home, walks.place] = walks.minutes
    np.testing.assert_allclose(found[home, place], dense[home, place], atol=1e-9)
    minutes, _ = walks.nearest()
    near = time_to_nearest(GRID, places, homes, mode="walk", limit_min=limit_min)
    np.testing.assert_allclose(minutes, near.minutes, atol=1e-9)
    for row in range(walks.homes):
        assert (np.diff(walks.minutes[walks.start[row]:walks.start[row + 1]]) >= 0).all(), "quickest first"


def test_pairs_in_closed_form_and_what_is_not_connected() -> None:
    points = [(50.0, 0.0), (250.0, 100.0), (600.0, 300.0), (50.0, 100.0)]
    homes = snap(np.vstack([at(*points), ORIGIN + (1e5, 1e5)]), GRID, mode="walk")
    walks = walk_pairs(GRID, homes, homes, limit_min=60.0)
    found = np.full((5, 5), np.inf)
    found[walks.home, walks.place] = walks.minutes
    for row, a in enumerate(points):
        for column, b in enumerate(points):
            assert found[row, column] == pytest.approx(way_m(a, b) * 60 / 5000, abs=1e-9)
    assert np.isinf(found[4]).all() and np.isinf(found[:, 4]).all()
    none = walk_pairs(GRID, homes, snap(np.empty((0, 2)), GRID, mode="walk"), limit_min=60.0)
    assert len(none.place) == 0 and none.nearest()[0].tolist() == [np.inf] * 5
    assert walk_pairs(GRID, snap(np.empty((0, 2)), GRID, mode="walk"), homes, limit_min=9.0).homes == 0
    with pytest.raises(SnapError, match="drive"):
        walk_pairs(GRID, homes, snap(at((0, 0)), GRID, mode="drive"), limit_min=9.0)


def _scattered(seed: int = 3) -> tuple[Walks, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    homes, places = _snapped(120, seed, spread=(1200.0, 900.0)), _snapped(9, seed + 1)
    walks = walk_pairs(GRID, homes, places, limit_min=30.0)
    return walks, rng.integers(1, 200, walks.homes).astype(float), rng.integers(60, 300, 9).astype(float)


def test_floating_access_is_that_of_pysal() -> None:
    walks, people, area = _scattered()
    zones = {"zones_min": (4.0, 8.0, 14.0), "zone_weights": (1.0, 0.68, 0.22)}
    ours = floating_access(walks, people, area, **zones)
    cost = pd.DataFrame({"origin": walks.home, "dest": walks.place, "cost": walks.minutes})
    demand = pd.DataFrame({"geoid": np.arange(walks.homes), "demand": people}).set_index("geoid")
    supply = pd.DataFrame({"geoid": np.arange(walks.places), "supply": area}).set_index("geoid")
    theirs = fca.two_stage_fca(
        demand, supply, cost, max_cost=14, demand_index=True, demand_name="demand", supply_index=True, supply_name="supply",
        weight_fn=weights.step_fn({4: 1.0, 8: 0.68, 14: 0.22}),
    ).reindex(range(walks.homes)).fillna(0)
    assert (ours > 0).any() and len(np.unique(ours.round(9))) > 20
    np.testing.assert_allclose(ours, theirs.to_numpy(), rtol=1e-9)


def test_floating_access_hands_out_every_square_metre_once() -> None:
    walks, people, area = _scattered(7)
    assert floating_access(walks, people, area, **ZONES) @ people == pytest.approx(area.sum())
    area[2] = np.nan
    assert floating_access(walks, people, area, **ZONES) @ people == pytest.approx(np.nansum(area)), "unknown is left out"
    assert (floating_access(walks, people, 2 * area, **ZONES) == 2 * floating_access(walks, people, area, **ZONES)).all()


def test_no_capacity_known_is_not_no_capacity() -> None:
    walks, people, area = _scattered()
    assert np.isnan(floating_access(walks, people, area * np.nan, **ZONES)).all()
    empty = Walks(np.zeros(3, np.int64), np.zeros(0, np.int64), np.zeros(0), 0)
    assert floating_access(empty, np.ones(2), np.zeros(0), **ZONES).tolist() == [0, 0], "without any venue there is none to share"


def test_floating_access_by_hand_and_at_the_edges_of_zones() -> None:
    walks = Walks(np.array([0, 1, 3, 4]), np.array([0, 0, 1, 1]), np.array([10.0, 20.0, 5.0, 30.0 + 1e-3]), 2)
    got = floating_access(walks, np.array([100.0, 50.0, 70.0]), np.array([134.0, 25.0]), **ZONES)
    shared = 134 / (100 + 0.68 * 50)
    assert got.tolist() == pytest.approx([shared, 0.68 * shared + 25 / 50, 0.0])


@pytest.mark.parametrize(("changes", "message"), [
    ({"zones_min": (10, 5, 30)}, "zones must rise"), ({"zones_min": (10, 20)}, "each have a weight"),
    ({"people": np.ones(2)}, "2 known numbers of people"), ({"capacity": np.ones(3)}, "3 capacities"),
    ({"people": np.array([1.0])}, "1 known"), ({"people": np.array([np.nan, 1, 1])}, "3 homes"),
])
def test_floating_access_refuses_what_it_cannot_use(changes: dict, message: str) -> None:
    walks = Walks(np.array([0, 1, 1, 1]), np.array([0]), np.array([3.0]), 2)
    values = {"people": np.ones(3), "capacity": np.ones(2), **ZONES} | changes
    with pytest.raises(ZoneError, match=message):
        floating_access(walks, values.pop("people"), values.pop("capacity"), **values)


GROUPS = st.lists(st.tuples(st.floats(0, 100), st.integers(1, 1000)), min_size=2, max_size=12)


@given(GROUPS)
def test_gini_is_its_double_sum(groups: list) -> None:
    value, people = (np.array(column, dtype=float) for column in zip(*groups, strict=True))
    total = (people * value).sum()
    if total <= 1e-6:
        return
    double = (people[:, None] * people * np.abs(value[:, None] - value)).sum() / (2 * total * people.sum())
    assert gini(value, people) == pytest.approx(double, abs=1e-9)
    assert gini(3 * value, people) == pytest.approx(gini(value, people), abs=1e-9)
    assert gini(np.repeat(value, 2), np.repeat(people / 2, 2)) == pytest.approx(double, abs=1e-9), "halving a group changes nothing"


def test_gini_of_the_edges() -> None:
    assert gini(np.array([3.0, 3.0, 3.0]), np.array([1.0, 5.0, 2.0])) == pytest.approx(0.0)
    assert gini(np.array([0.0] * 9 + [1.0]), np.ones(10)) == pytest.approx(0.9)
    assert gini(np.array([1.0, np.nan, 3.0, 99.0]), np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(0.25)
    for nothing in ([], [1.0], [0.0, 0.0], [np.nan, 1.0]):
        assert np.isnan(gini(np.array(nothing), np.ones(len(nothing))))
