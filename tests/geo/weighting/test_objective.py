"""Entropy and CRITIC: published cases, scikit-criteria on complete tables, and what unknown values do."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skcriteria.preprocessing import weighters

from geo.weighting.objective import critic_weights, entropy_weights
from tests.geo.weighting import published


def frame(matrix: list) -> pd.DataFrame:
    return pd.DataFrame(matrix, columns=[f"c{n}" for n in range(len(matrix[0]))], dtype="float64")


@pytest.mark.parametrize("name", ["entropy_xu_2004", "entropy_lee_chang_2018"])
def test_published_entropy_weights(name: str) -> None:
    case = published.example(name)
    np.testing.assert_allclose(entropy_weights(frame(case["matrix"])), case["expected"], atol=case["tol"])


def test_entropy_weights_of_hwang_and_yoon() -> None:
    np.testing.assert_allclose(entropy_weights(frame(published.FIGHTERS)), published.FIGHTER_ENTROPY, atol=2e-3)


def test_critic_weights_of_diakoulaki() -> None:
    np.testing.assert_allclose(critic_weights(frame(published.COMPANIES)), published.COMPANIES_CRITIC, atol=5e-3)


@given(st.integers(0, 1000), st.integers(3, 20), st.integers(2, 6))
@settings(max_examples=30, deadline=None)
def test_both_agree_with_scikit_criteria_where_all_is_known(seed: int, sites: int, criteria: int) -> None:
    table = frame(np.random.default_rng(seed).uniform(0.01, 1, (sites, criteria)).tolist())
    np.testing.assert_allclose(entropy_weights(table), weighters.entropy_weights(table.to_numpy()), atol=1e-9)
    np.testing.assert_allclose(critic_weights(table), weighters.critic_weights(table.to_numpy(), np.ones(criteria)), atol=1e-9)
    costs = np.where(np.arange(criteria) % 2, 1, -1)
    np.testing.assert_allclose(critic_weights(table, costs=[f"c{n}" for n in range(0, criteria, 2)]),
                               weighters.critic_weights(table.to_numpy(), costs), atol=1e-9)


def test_what_is_unknown_for_all_or_the_same_for_all_weighs_nothing() -> None:
    table = pd.DataFrame({"a": [0.1, 0.9, 0.5, np.nan], "b": [np.nan] * 4, "c": [0.7] * 4, "d": [0.2, 0.3, 0.9, 0.1]})
    for weights in (entropy_weights(table), critic_weights(table)):
        assert weights[["b", "c"]].tolist() == [0, 0] and weights.sum() == pytest.approx(1) and weights[["a", "d"]].gt(0).all()
    same = pd.DataFrame({"a": [0.5, 0.5], "b": [1.0, 1.0]})
    assert entropy_weights(same).tolist() == critic_weights(same).tolist() == [0.5, 0.5]


def test_a_criterions_unknown_rows_do_not_touch_the_others_diversity() -> None:
    full = frame([[0.1, 0.2], [0.9, 0.4], [0.5, 0.9]])
    more = pd.concat([full, pd.DataFrame({"c0": [0.5], "c1": [np.nan]})], ignore_index=True)
    ratio = entropy_weights(full)["c1"] / entropy_weights(full)["c0"]
    assert entropy_weights(more)["c1"] / entropy_weights(more)["c0"] > ratio   # c0 became more even, c1 stayed


@pytest.mark.parametrize(("values", "message"), [
    ([[np.nan], [1.0]], "nothing to weigh by"), ([[np.inf], [1.0]], "must be finite"), ([[-1.0], [1.0]], "not negative"),
])
def test_what_cannot_be_weighed_is_refused(values: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        entropy_weights(frame(values))
