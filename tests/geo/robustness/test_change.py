"""The smallest change of weights: by hand, against a linear programme, and against every weight of a fine grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.robustness.change import smallest_change
from tests.geo.robustness.made import drawn, made, scores_under


def test_by_hand() -> None:
    """Leader ahead by 0.4 in a, behind by 0.2 in b; weights 0.6 : 0.4. Level where 0.4 a = 0.2 b: a = 1/3, so 0.2667 moves."""
    got = smallest_change(made([[0.9, 0.3], [0.5, 0.5]], [6, 4]))
    assert got is not None and got.rival == "N-1" and got.exact
    assert got.moved == pytest.approx(0.6 - 1 / 3) and got.weights == pytest.approx({"a": 1 / 3, "b": 2 / 3})


def test_none_where_no_weights_unseat() -> None:
    assert smallest_change(made([[0.9, 0.8], [0.5, 0.8]])) is None
    assert smallest_change(made([[0.9, 0.8]])) is None and smallest_change(made([[0.9]], verdicts=["fail"])) is None


@given(st.integers(0, 500))
@settings(max_examples=40, deadline=None)
def test_the_least_l1_distance_is_that_of_a_linear_programme(seed: int) -> None:
    one = drawn(seed, criteria=5)
    best = np.inf
    for rival in one.rivals:
        gain = one.values[rival] - one.values[one.leader]
        found = linprog(np.ones(10), A_ub=-np.r_[gain, -gain][None], b_ub=[gain @ one.weights],
                        A_eq=np.r_[np.ones(5), -np.ones(5)][None], b_eq=[0], bounds=[(0, None)] * 5 + [(0, w) for w in one.weights])
        best = min(best, found.fun / 2 if found.status == 0 else np.inf)
    got = smallest_change(one)
    if got is None:
        assert not np.isfinite(best)
        return
    assert got.moved == pytest.approx(best, abs=1e-9)
    weights = np.array(list(got.weights.values()))
    assert weights.sum() == pytest.approx(1) and (weights >= -1e-12).all()
    assert np.abs(weights - one.weights).sum() / 2 == pytest.approx(got.moved)
    scores = scores_under(one, weights)
    assert scores[one.ids.index(got.rival)] == pytest.approx(scores[one.leader])


@pytest.mark.parametrize("seed", range(8))
def test_sites_that_know_different_criteria_against_a_grid_of_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random((3, 3))
    values[0, 0] = values[1, 2] = np.nan
    one = made(values, rng.uniform(1, 3, 3).tolist())
    step = 100
    grid = np.array([(i, j, step - i - j) for i in range(step + 1) for j in range(step + 1 - i)]) / step
    grid = grid[(grid > 0).sum(axis=1) > 1]     # at a corner nothing might be known of a site
    moved = np.abs(grid - one.weights).sum(axis=1) / 2
    ahead = np.array([(s[one.rivals] > s[one.leader]).any() for s in (scores_under(one, w) for w in grid)])
    got = smallest_change(one)
    if got is None:
        assert not ahead.any()
        return
    scores = scores_under(one, np.array(list(got.weights.values())))
    assert scores[one.ids.index(got.rival)] == pytest.approx(scores[one.leader], abs=1e-4)
    assert got.moved <= moved[ahead].min() + 1e-4 and got.moved >= moved[ahead].min() - 2 / step
