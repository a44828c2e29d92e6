"""Value functions: published shape, ends of the curve, what is unknown, and every way to write one wrongly."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.values import value_function

FINITE = st.floats(-1e4, 1e4, allow_nan=False)


def test_linear_by_hand() -> None:
    walk = value_function({"kind": "linear", "zero": 30, "one": 3})
    assert walk(np.array([3.0, 30.0, 16.5, 0.0, 99.0])).tolist() == [1.0, 0.0, 0.5, 1.0, 0.0]


def test_unreachable_takes_the_end_of_the_curve_and_unknown_stays_unknown() -> None:
    walk = value_function({"kind": "linear", "zero": 30, "one": 3})
    distance = value_function({"kind": "linear", "zero": 0, "one": 300})
    assert walk(np.array([np.inf]))[0] == 0.0
    assert distance(np.array([np.inf]))[0] == 1.0
    assert np.isnan(walk(np.array([np.nan]))[0])
    assert walk(np.array([])).shape == (0,)


def test_piecewise_by_hand() -> None:
    yard = value_function({"kind": "piecewise", "points": [[0, 0.0], [200, 0.4], [400, 0.8], [800, 1.0]]})
    np.testing.assert_allclose(yard(np.array([0, 100, 200, 300, 600, 5000])), [0, 0.2, 0.4, 0.6, 0.9, 1.0])


def test_classes_and_a_class_that_is_not_listed() -> None:
    owner = value_function({"kind": "classes", "classes": {"village": 1.0, "state": 0}})
    got = owner(pd.Series(["village", "state", "unknown", None]))
    assert got[:2].tolist() == [1.0, 0.0] and np.isnan(got[2:]).all()


@given(st.lists(FINITE, min_size=1, max_size=20), FINITE, FINITE)
def test_linear_stays_in_0_to_1_and_runs_one_way(xs: list[float], zero: float, one: float) -> None:
    if abs(zero - one) < 1e-3:
        return
    value = value_function({"kind": "linear", "zero": zero, "one": one})(np.sort(xs))
    assert ((value >= 0) & (value <= 1)).all()
    assert (np.diff(value) * np.sign(one - zero) >= 0).all()


@pytest.mark.parametrize(("table", "message"), [
    ({"kind": "linear", "zero": 3, "one": 3}, "two different numbers"),
    ({"kind": "linear", "zero": "a", "one": 3}, "two different numbers"),
    ({"kind": "piecewise", "points": [[1, 0]]}, "rising measures"),
    ({"kind": "piecewise", "points": [[2, 0], [1, 1]]}, "rising measures"),
    ({"kind": "piecewise", "points": [[1, 0], "x"]}, "rising measures"),
    ({"kind": "piecewise", "points": [[1, 0], [2, 1.5]]}, "lie in 0..1"),
    ({"kind": "classes", "classes": {}}, "table of names"),
    ({"kind": "classes", "classes": {"a": 2}}, "lie in 0..1"),
    ({"kind": "cubic"}, "unknown kind 'cubic'"),
])
def test_what_is_wrong_is_named(table: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        value_function(table)
