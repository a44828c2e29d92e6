"""Several judges: geometric mean by hand, Goepel's consensus at its ends and by hand, and who differs on what."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.weighting.ahp import SCALE, JudgementError, priorities
from geo.weighting.consensus import combined, consensus, disagreements, level, similarity
from tests.geo.weighting.test_ahp import matrix_of

ANSWERS = st.lists(st.sampled_from(SCALE), min_size=6, max_size=6)


def test_the_geometric_mean_of_two_and_of_unequal_say() -> None:
    two, eight = [[1, 2], [0.5, 1]], [[1, 8], [0.125, 1]]
    np.testing.assert_allclose(combined([two, eight]), [[1, 4], [0.25, 1]])
    np.testing.assert_allclose(combined([two, eight], importance=[3, 1]), [[1, 2 * 4**0.25], [1 / (2 * 4**0.25), 1]])
    np.testing.assert_allclose(combined([two]), two)


@given(st.lists(ANSWERS, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_combined_matrix_is_reciprocal_whatever_the_order_of_judges(answers: list, shuffle: object) -> None:
    matrices = [matrix_of(one, 4) for one in answers]
    table = combined(matrices)
    np.testing.assert_allclose(table * table.T, 1)
    shuffle.shuffle(matrices)  # type: ignore[attr-defined]
    np.testing.assert_allclose(combined(matrices), table)


def test_consensus_at_its_ends_and_by_hand() -> None:
    assert consensus([[0.5, 0.3, 0.2]] * 3) == pytest.approx(1.0)
    extreme = np.full((3, 3), 1 / 11) + np.eye(3) * 8 / 11   # each holds another item nine times as important
    assert consensus(extreme) == pytest.approx(0.0, abs=1e-12)
    p, q = np.array([0.7, 0.3]), np.array([0.4, 0.6])

    def entropy(x: np.ndarray) -> float:
        return float(-(x * np.log(x)).sum())
    beta = np.exp(entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2)
    floor = np.exp(entropy(np.array([0.9, 0.1]))) / 2
    assert consensus([p, q]) == pytest.approx((1 / beta - floor) / (1 - floor))


@given(st.lists(ANSWERS, min_size=2, max_size=5))
@settings(max_examples=30, deadline=None)
def test_consensus_lies_in_0_to_1_and_levels_follow_it(answers: list) -> None:
    weights = np.array([priorities(matrix_of(one, 4)).weights for one in answers])
    figure = consensus(weights)
    assert 0 <= figure <= 1 and figure == pytest.approx(consensus(weights[::-1]))
    assert figure <= consensus(np.vstack([weights.mean(axis=0)] * 2)) + 1e-12


def test_words_for_consensus() -> None:
    assert [level(x) for x in (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)] == ["very_low", "low", "moderate", "high", "very_high", "very_high"]


def test_who_differs_most_on_which_pair() -> None:
    agree = matrix_of([2, 4, 2], 3)
    judges = {"A": agree, "B": agree, "C": matrix_of([2, 1 / 5, 2], 3)}
    table = disagreements(judges, labels=["yard", "road", "people"])
    worst = table.iloc[0]
    assert (worst["judge"], worst["first"], worst["second"]) == ("C", "yard", "people")
    assert worst["judged"] == pytest.approx(0.2) and worst["others"] == pytest.approx(4) and worst["factor"] == pytest.approx(20)
    assert len(table) == 9 and table["factor"].min() == pytest.approx(1)
    alike = similarity(judges)
    assert alike.loc["A", "B"] == pytest.approx(1) and alike.loc["A", "C"] < 1 and alike.loc["C", "A"] == alike.loc["A", "C"]


@pytest.mark.parametrize(("call", "code"), [
    (lambda: combined([]), "no_judges"), (lambda: combined([[[1.0]], [[1, 2], [0.5, 1]]]), "different_sizes"),
    (lambda: combined([[[1.0]]], importance=[0]), "bad_importance"),
    (lambda: disagreements({"A": [[1.0]]}, labels=["a"]), "no_judges"),
    (lambda: disagreements({"A": [[1.0]], "B": [[1.0]]}, labels=["a", "b"]), "different_sizes"),
])
def test_what_cannot_be_combined_is_named(call: object, code: str) -> None:
    with pytest.raises(JudgementError, match=code):
        call()  # type: ignore[operator]


def test_consensus_needs_two_items() -> None:
    with pytest.raises(ValueError, match="two items or more"):
        consensus([[1.0], [1.0]])
