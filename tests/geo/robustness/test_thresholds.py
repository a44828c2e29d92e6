"""The weight at which the leader loses its lead: by hand, and by walking along the weights step by step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.robustness.thresholds import thresholds
from tests.geo.robustness.made import drawn, made, scores_under


def test_by_hand() -> None:
    """A = (1, 0), B = (0, 1) with weights 0.7 : 0.3 - level at one half."""
    got = thresholds(made([[1.0, 0.0], [0.0, 1.0]], [7, 3]), by="criterion").set_index("id")
    assert got.loc["a", "share"] == pytest.approx(0.7) and got.loc["a", "below"] == pytest.approx(0.5)
    assert got.loc["a", "below_to"] == "N-1" and np.isnan(got.loc["a", "above"]) and got["above_to"].isna()["a"]
    assert got.loc["b", "above"] == pytest.approx(0.5) and got.loc["b", "above_to"] == "N-1" and np.isnan(got.loc["b", "below"])


def test_a_group_moves_as_one() -> None:
    """Group g (a, b at 2 : 1) is 0.6 of the weight; inside it the leader is worth 0.2 less, outside 0.7 more: level at 7/9."""
    one = made([[0.5, 0.2, 1.0], [0.7, 0.4, 0.3]], [4, 2, 4], groups=["g", "g", "h"])
    got = thresholds(one).set_index("id")
    assert list(got.index) == ["g", "h"] and got.loc["g", "share"] == pytest.approx(0.6)
    assert got.loc["g", "above"] == pytest.approx(7 / 9) and got.loc["h", "below"] == pytest.approx(2 / 9)


def test_a_leader_that_is_better_in_everything_never_loses_and_one_alone_has_no_rival() -> None:
    assert thresholds(made([[0.9, 0.8], [0.5, 0.8]]), by="criterion")[["below", "above"]].isna().all(axis=None)
    assert thresholds(made([[0.9, 0.8]]))[["below", "above"]].isna().all(axis=None)
    assert thresholds(made([[0.9, 0.8]], verdicts=["fail"])).empty


def test_twins_never_unseat_and_a_tie_loses_at_once() -> None:
    assert thresholds(made([[0.5, 0.7], [0.5, 0.7]]), by="criterion")[["below", "above"]].isna().all(axis=None)
    tie = thresholds(made([[1.0, 0.0], [0.0, 1.0]]), by="criterion").set_index("id")
    assert tie.loc["a", "below"] == pytest.approx(0.5) and np.isnan(tie.loc["a", "above"])


@given(st.integers(0, 500), st.floats(0, 0.4))
@settings(max_examples=25, deadline=None)
def test_against_a_walk_along_the_weights(seed: int, unknown: float) -> None:
    one = drawn(seed, unknown=unknown)
    if one.leader is None:
        return
    table = thresholds(one, by="criterion")
    steps = np.linspace(0.00125, 0.99875, 400)
    for j, row in enumerate(table.itertuples()):
        def ahead(t: float, j: int = j) -> bool:
            weights = one.weights * (1 - t) / (1 - one.weights[j])
            weights[j] = t
            scores = scores_under(one, weights)
            return bool((scores[one.rivals] > scores[one.leader] + 1e-9).any())
        above = next((t for t in steps if t > row.share and ahead(t)), np.nan)
        below = next((t for t in steps[::-1] if t < row.share and ahead(t)), np.nan)
        for walked, exact in ((above, row.above), (below, row.below)):
            if np.isnan(exact):
                assert np.isnan(walked)
            elif np.isnan(walked):      # beyond the last step of the walk, or a lead too small for it
                assert exact < 0.0025 or exact > 0.9975 or not ahead(exact + 2e-3 * np.sign(exact - row.share))
            else:
                assert abs(walked - exact) <= 0.0027
