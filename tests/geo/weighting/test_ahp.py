"""AHP: published matrices to their printed digits, consistency, and the judgement to revisit by brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.weighting.ahp import SCALE, JudgementError, checked, judged, priorities, random_index, revisions, synthesis
from layers.words import catalogue
from tests.geo.weighting import published

ANSWER = st.sampled_from(SCALE)


def matrix_of(answers: list[float], items: int) -> np.ndarray:
    return judged([str(n) for n in range(items)],
                  {(str(i), str(j)): a for (i, j), a in zip(itertools.combinations(range(items), 2), answers, strict=True)})


def test_saatys_house() -> None:
    found = priorities(published.HOUSE)
    np.testing.assert_allclose(found.weights, published.HOUSE_WEIGHTS, atol=5e-4)
    assert found.lambda_max == pytest.approx(published.HOUSE_LAMBDA, abs=5e-4)
    assert found.ci == pytest.approx(published.HOUSE_CI, abs=5e-4) and found.cr == pytest.approx(published.HOUSE_CR, abs=5e-4)
    assert not found.consistent


def test_saatys_drinks() -> None:
    found = priorities(published.DRINKS)
    np.testing.assert_allclose(found.weights, published.DRINKS_WEIGHTS, atol=5e-4)
    assert found.cr == pytest.approx(published.DRINKS_CR, abs=5e-4) and found.consistent


def test_the_published_hierarchy_of_papathanasiou_and_ploskas() -> None:
    case = published.example("ahp_papathanasiou_ploskas_2018")
    criteria = priorities(case["criteria_pairwise"])
    np.testing.assert_allclose(criteria.weights, case["criteria_weights_recomputed"], atol=1e-6)
    assert criteria.lambda_max == pytest.approx(case["criteria_lambda_max"], abs=1e-9)
    assert criteria.cr == pytest.approx(case["criteria_CR_recomputed"], abs=1e-9)
    ratios = [priorities(one).cr for one in case["alternatives_pairwise"]]
    np.testing.assert_allclose(ratios, case["alternatives_CR_recomputed"], atol=5e-5)
    got = synthesis(case["criteria_pairwise"], case["alternatives_pairwise"])
    np.testing.assert_allclose(got, case["expected"], atol=case["tol"])


def test_the_eigenvector_agrees_with_repeated_multiplication() -> None:
    weights = np.ones(8)
    for _ in range(200):
        weights = np.array(published.HOUSE) @ weights
        weights /= weights.sum()
    np.testing.assert_allclose(priorities(published.HOUSE).weights, weights, atol=1e-12)


@given(st.lists(st.floats(0.05, 1), min_size=2, max_size=7))
def test_consistent_judgements_give_back_their_weights(weights: list[float]) -> None:
    share = np.array(weights) / sum(weights)
    for method in ("eigenvector", "geometric"):
        found = priorities(share[:, None] / share[None, :], method=method)
        np.testing.assert_allclose(found.weights, share, atol=1e-9)
        assert found.cr == pytest.approx(0, abs=1e-9) and found.gci == pytest.approx(0, abs=1e-12)


@given(st.lists(ANSWER, min_size=3, max_size=3))
def test_both_methods_agree_on_three_items(answers: list[float]) -> None:
    matrix = matrix_of(answers, 3)
    np.testing.assert_allclose(priorities(matrix).weights, priorities(matrix, method="geometric").weights, atol=1e-9)


@given(st.lists(ANSWER, min_size=10, max_size=10), st.permutations(range(5)))
@settings(max_examples=30, deadline=None)
def test_the_order_of_items_is_irrelevant(answers: list[float], order: list[int]) -> None:
    matrix = matrix_of(answers, 5)
    turned = matrix[np.ix_(order, order)]
    np.testing.assert_allclose(priorities(turned).weights, priorities(matrix).weights[order], atol=1e-9)
    assert priorities(turned).cr == pytest.approx(priorities(matrix).cr, abs=1e-9)


def test_the_judgement_to_revisit_in_saatys_house_is_neighbourhood_against_condition() -> None:
    names = ["size", "transport", "neighbourhood", "age", "yard", "modern", "condition", "finance"]
    first = revisions(published.HOUSE, labels=names).iloc[0]
    assert (first["first"], first["second"], first["given"]) == ("neighbourhood", "condition", 6.0)
    assert first["proposed"] == 0.5 and first["cr_after"] < 0.1 < first["cr"]
    assert first["implied"] == pytest.approx(0.188 / 0.167, abs=0.01)


@given(st.lists(ANSWER, min_size=6, max_size=6))
@settings(max_examples=15, deadline=None)
def test_no_other_single_answer_makes_judgements_more_consistent(answers: list[float]) -> None:
    matrix = matrix_of(answers, 4)
    table = revisions(matrix)
    best = min(priorities(matrix_of([*answers[:k], answer, *answers[k + 1:]], 4)).cr for k in range(6) for answer in SCALE)
    assert table["cr_after"].iloc[0] == pytest.approx(min(best, priorities(matrix).cr), abs=1e-9)
    assert table["cr_after"].is_monotonic_increasing and len(table) == 6
    kept = table["cr_after"].eq(table["cr"])
    assert (table.loc[kept, "proposed"] == table.loc[kept, "given"]).all()


def test_two_items_cannot_contradict_each_other() -> None:
    assert revisions([[1, 5], [0.2, 1]]).empty
    two = priorities([[1, 5], [0.2, 1]])
    assert two.by(["yard", "road"]) == pytest.approx({"yard": 5 / 6, "road": 1 / 6}) and two.cr == 0 and two.gci == 0
    assert priorities([[1.0]]).weights.tolist() == [1.0]


def test_geometric_consistency_by_hand() -> None:
    """n = 3: the three errors are each a third of ln(a12 a23 / a13), and GCI = 2/2 * 3 * e^2."""
    error = np.log(3 * 2 / 4) / 3
    assert priorities([[1, 3, 4], [1 / 3, 1, 2], [1 / 4, 1 / 2, 1]], method="geometric").gci == pytest.approx(3 * error**2)


def test_random_index_rises_beyond_saatys_table() -> None:
    assert random_index(4) == 0.90 and random_index(15) == 1.59
    assert random_index(16) == pytest.approx((2.7699 * 16 - 4.3513 - 16) / 15) and random_index(40) > random_index(16) > 1.5


@pytest.mark.parametrize(("matrix", "code"), [
    ([[1, 2]], "not_square"), ([], "not_square"), ([[1, -2], [-0.5, 1]], "not_positive"),
    ([[1, float("nan")], [1, 1]], "not_positive"),
    ([[1, 2], [2, 1]], "not_reciprocal"), ([[2, 1], [1, 1]], "not_reciprocal"),
])
def test_what_is_wrong_with_a_matrix_is_named(matrix: list, code: str) -> None:
    with pytest.raises(JudgementError, match=code) as error:
        checked(matrix)
    for language in ("zh", "en"):
        assert catalogue(language)[f"robustness.judgement_error.{code}"].format(**error.value.params)


@pytest.mark.parametrize(("answers", "code"), [
    ({("a", "b"): 2, ("a", "x"): 3}, "unknown_item"), ({("a", "b"): 2, ("b", "a"): 2}, "judged_twice"),
    ({("a", "b"): 0}, "not_positive"), ({("a", "b"): 2, ("b", "c"): 2}, "not_judged"),
])
def test_what_is_wrong_with_answers_is_named(answers: dict, code: str) -> None:
    with pytest.raises(JudgementError, match=code) as error:
        judged(["a", "b", "c"], answers)
    for language in ("zh", "en"):
        assert catalogue(language)[f"robustness.judgement_error.{code}"].format(**error.value.params)


def test_rounded_thirds_pass_and_are_made_reciprocal() -> None:
    table = checked([[1, 3], [0.333, 1]])
    assert table[0, 1] * table[1, 0] == pytest.approx(1, abs=1e-12)


def test_other_misuse_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown method 'mean'"):
        priorities([[1.0]], method="mean")
    with pytest.raises(JudgementError, match="not_one_each"):
        synthesis([[1, 2], [0.5, 1]], [[[1.0]]])
