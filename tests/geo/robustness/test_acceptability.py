"""Rank acceptability against exact volumes of the weight simplex, plain loops, and its own laws."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.robustness.acceptability import acceptability
from geo.robustness.draws import drawn_scores, half_width, weight_draws
from geo.robustness.thresholds import thresholds
from tests.geo.robustness.made import drawn, made, scores_under


def test_two_criteria_in_closed_form() -> None:
    """A = (1, 0), B = (0.25, 0.5): A is first where w > 0.5 - 0.25 w ... that is where 1.25 w > 0.5, so for w > 0.4."""
    got = acceptability(made([[1.0, 0.0], [0.25, 0.5]]), space="uniform", draws=40_000)
    assert got.first["N-0"] == pytest.approx(0.6, abs=3 * got.error["N-0"]) and got.first.sum() == pytest.approx(1)
    assert got.central_weights.loc["N-0", "a"] == pytest.approx(0.7, abs=0.01)     # mean of 0.4..1
    assert got.central_weights.loc["N-1", "a"] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_three_criteria_against_exact_areas(seed: int) -> None:
    one = drawn(seed, sites=4, criteria=3)
    simplex = shapely.Polygon([(0, 0), (1, 0), (0, 1)])
    got = acceptability(one, space="uniform", draws=40_000, seed=seed)
    for n, row in enumerate(one.values):
        area = simplex
        for m, other in enumerate(one.values):
            if m == n:
                continue
            a, b, c = (row - other)[0] - (row - other)[2], (row - other)[1] - (row - other)[2], (row - other)[2]
            box = [(-2.0, -2.0), (3.0, -2.0), (3.0, 3.0), (-2.0, 3.0)]
            area = area.intersection(shapely.Polygon(_clip(box, a, b, c))) if len(_clip(box, a, b, c)) > 2 else shapely.Polygon()
        exact = area.area / simplex.area
        assert got.first.iloc[n] == pytest.approx(exact, abs=max(3 * got.error.iloc[n], 1e-3))


def _clip(ring: list[tuple[float, float]], a: float, b: float, c: float) -> list[tuple[float, float]]:
    """The part of a convex ring in which ``a x + b y + c >= 0``."""
    kept = []
    for p, q in zip(ring, ring[1:] + ring[:1], strict=True):
        f, g = a * p[0] + b * p[1] + c, a * q[0] + b * q[1] + c
        if f >= 0:
            kept.append(p)
        if f * g < 0:
            t = f / (f - g)
            kept.append((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])))
    return kept


def test_two_criteria_within_a_spread_in_closed_form() -> None:
    """Weights u, v even in 0.8..1.2: A is first where u / v > 0.9, that is but in the corner v > u / 0.9."""
    got = acceptability(made([[1.0, 0.0], [0.0, 0.9]]), spread=0.2, draws=40_000)
    top, bottom = min(1.2 * 0.9, 1.2), 0.8
    corner = (1.2 * (top - bottom) - (top**2 - bottom**2) / 1.8) / 0.16
    assert got.first["N-0"] == pytest.approx(1 - corner, abs=3 * got.error["N-0"])


@given(st.integers(0, 300), st.sampled_from(["spread", "uniform"]), st.floats(0, 0.5))
@settings(max_examples=25, deadline=None)
def test_against_plain_loops(seed: int, space: str, unknown: float) -> None:
    one = drawn(seed, unknown=unknown)
    if one.leader is None:
        return
    got = acceptability(one, space=space, spread=0.3, draws=200, seed=seed, top=99)
    weights = weight_draws(one.weights, space=space, spread=0.3, draws=200, seed=seed)
    counts = np.zeros((6, 6))
    for row in weights:
        for rank, n in enumerate(np.argsort(-scores_under(one, row), kind="stable")):
            counts[n, rank] += 1
    if not np.isnan(one.values).all(axis=1).sum() > 1:     # sites of which nothing is known tie
        np.testing.assert_allclose(got.ranks.to_numpy(), counts / 200)
    np.testing.assert_allclose(got.ranks.sum(axis=0), 1)
    np.testing.assert_allclose(got.ranks.sum(axis=1), 1)
    assert got.mean_rank.sum() == pytest.approx(21)


def test_sites_to_verify_never_come_before_those_that_pass() -> None:
    got = acceptability(made([[0.1, 0.1], [0.9, 0.9], [0.2, 0.1]], verdicts=["pass", "verify", "pass"]), space="uniform", draws=500)
    assert got.first["N-1"] == 0 and got.ranks.loc["N-1", 3] == 1 and got.ranks.loc["N-0", [1, 2]].sum() == 1
    assert got.central_weights.loc["N-1"].isna().all()


def test_twins_share_the_first_rank() -> None:
    got = acceptability(made([[0.5, 0.7], [0.5, 0.7], [0.1, 0.1]]), draws=10_000)
    assert got.first["N-0"] == pytest.approx(0.5, abs=0.02) and got.first["N-2"] == 0


def test_unknown_values_that_are_drawn_in_closed_form() -> None:
    """Certain 0.7 against 0.5 + 0.5 u with weights alike: the first leads where u < 0.4."""
    one = made([[0.7, 0.7], [1.0, np.nan]])
    got = acceptability(one, spread=0.0, draws=40_000, unknown="sampled")
    assert got.first["N-0"] == pytest.approx(0.4, abs=3 * got.error["N-0"])
    assert acceptability(one, spread=0.0, draws=10).first["N-0"] == 0          # left out, the other has 1.0
    by_all = acceptability(made([[0.7, np.nan], [0.6, np.nan]]), spread=0.0, draws=40_000, unknown="sampled")
    assert by_all.first["N-0"] == pytest.approx(1 - 0.9**2 / 2, abs=3 * by_all.error["N-0"])   # u2 - u1 < 0.1


def test_same_seed_same_figures_and_another_seed_within_the_error() -> None:
    one = drawn(3, unknown=0.2)
    for unknown in ("left_out", "sampled"):
        a, b = (acceptability(one, draws=2_000, seed=5, unknown=unknown).first for _ in range(2))
        assert a.equals(b)
        other = acceptability(one, draws=2_000, seed=6, unknown=unknown)
        assert ((other.first - a).abs() <= 3 * other.error).all()


def test_draws_are_weights_within_their_space() -> None:
    weights = np.array([0.5, 0.3, 0.2, 0.0])
    near = weight_draws(weights, space="spread", spread=0.2, draws=2_000, seed=1)
    assert near.sum(axis=1) == pytest.approx(1) and (near[:, 3] == 0).all()
    ratio = near[:, 0] / near[:, 1] / (0.5 / 0.3)
    assert ratio.min() >= 0.8 / 1.2 and ratio.max() <= 1.2 / 0.8
    wide = weight_draws(weights, space="uniform", spread=0.2, draws=20_000, seed=1)
    assert wide.mean(axis=0) == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0], abs=0.01)
    assert (wide[:, 0] > 0.5).mean() == pytest.approx(0.25, abs=0.01)    # (1 - 1/2)^2 on the simplex of three


@pytest.mark.parametrize("wrong", [{"space": "cube"}, {"spread": 1.5}, {"draws": 0}])
def test_wrong_settings_are_named(wrong: dict) -> None:
    with pytest.raises(ValueError, match="needs space spread or uniform, spread 0..1 and one draw or more"):
        acceptability(made([[0.5]]), **wrong)


def test_wrong_ways_with_the_unknown_are_named() -> None:
    with pytest.raises(ValueError, match="left_out or sampled, not 'guess'"):
        drawn_scores(np.array([[np.nan, 1.0]]), np.array([[0.5, 0.5]]), unknown="guess")
    with pytest.raises(ValueError, match="group or criterion, not 'all'"):
        thresholds(made([[0.5]]), by="all")


def test_the_error_is_wilsons_and_covers() -> None:
    assert half_width(0.5, 10_000) == pytest.approx(0.0098, abs=1e-4) and 0 < half_width(1.0, 1_000) < 0.003


def test_no_sites_give_an_empty_answer() -> None:
    got = acceptability(made([[0.5]], verdicts=["fail"]))
    assert got.first.empty and got.ranks.empty


def test_ten_thousand_draws_on_four_hundred_sites_are_quick() -> None:
    one = drawn(1, sites=400, criteria=10, unknown=0.1)
    acceptability(one, draws=10)
    seconds = []
    for _ in range(3):
        began = time.process_time()
        acceptability(one, draws=10_000, space="uniform")
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.3, f"took {min(seconds):.2f} s at best"
