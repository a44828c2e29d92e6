"""OR-Library's p-median problems to their published optima, and spopt as a second opinion on random ones."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from geo.choice import Objective, Rules, choose
from tests.geo.choice.classic import ORLIB, instance_of, published, read_pmed

NAMES = [f"pmed{number}" for number in range(1, 11)]


@pytest.mark.skipif(not ORLIB.is_dir(), reason="needs ../shared/realdata/orlib_pmed")
@pytest.mark.parametrize("name", NAMES)
def test_published_optima(name: str) -> None:
    cost, medians = read_pmed(ORLIB / f"{name}.txt")
    rules = Rules(objectives=(Objective("walk"),), per_village="free", count_min=medians, count_max=medians)
    choice = choose(instance_of(cost), rules, time_limit_s=120)
    assert choice.proven
    assert choice.stages[0].value == pytest.approx(published()[name])
    assert cost[:, choice.opened].min(axis=1).sum() == pytest.approx(published()[name])
    assert choice.opened.sum() == medians


@pytest.mark.parametrize("seed", range(2))
def test_the_same_optima_as_spopt(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost, people = rng.uniform(1, 60, (30, 20)), rng.integers(1, 50, 30).astype(float)
    cost[np.arange(30), rng.integers(0, 20, 30)] = 9.0  # everybody can be covered
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pulp = pytest.importorskip("pulp")
        locate = pytest.importorskip("spopt.locate")
        solver = pulp.HiGHS(msg=False)
        peers = {
            "walk": locate.PMedian.from_cost_matrix(cost, people, p_facilities=4).solve(solver),
            "cover": locate.MCLP.from_cost_matrix(cost, people, 18, p_facilities=4).solve(solver),
            "worst_walk": locate.PCenter.from_cost_matrix(cost, p_facilities=4).solve(solver),
            "venues": locate.LSCP.from_cost_matrix(cost, 18).solve(solver),
        }
    instance = instance_of(cost, people)
    for kind, peer in peers.items():
        count = None if kind == "venues" else 4
        rules = Rules(objectives=(Objective(kind, limit_min=18),), per_village="free", count_min=count, count_max=count,
                      cover_all_within_min=18 if kind == "venues" else None)
        assert choose(instance, rules).stages[0].value == pytest.approx(peer.problem.objective.value(), rel=1e-6), kind
