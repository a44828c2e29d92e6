"""Value functions: published shape, ends of the curve, what is unknown, and every way to write one wrongly."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.values import curve_of, value_function

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
    ({"kind": "piecewise", "points": [[1, 0], [2, 1.5]]}, "must lie in 0..1"),
    ({"kind": "classes", "classes": {}}, "table of names"),
    ({"kind": "classes", "classes": {"a": 2}}, "lie in 0..1"),
    ({"kind": "cubic"}, "unknown kind 'cubic': linear, piecewise, step, s_curve, ideal, classes"),
    ({"kind": "linear", "zero": 1, "one": 2, "half": 1}, "linear has no key half: it takes zero, one"),
    ({"kind": "linear", "zero": float("inf"), "one": 2}, "two different numbers"),
    ({"kind": "step", "steps": [[0, 1.0]]}, "step needs steps"),
    ({"kind": "step", "steps": [[0, 1.0], [5, 2]]}, "step steps must lie in 0..1"),
    ({"kind": "s_curve", "zero": 1, "one": 1}, "s_curve needs two different numbers"),
    ({"kind": "s_curve", "zero": 0, "one": 10, "half": 10}, "must lie between zero and one"),
    ({"kind": "ideal", "low": 5, "ideal": 4, "high": 9}, "ideal needs rising numbers"),
    ({"kind": "ideal", "low": 5, "ideal": [6, 7, 8], "high": 9}, "ideal needs rising numbers"),
    ({"kind": "ideal", "low": 5, "high": 9}, "ideal needs rising numbers"),
])
def test_what_is_wrong_is_named(table: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        value_function(table)


def test_step_by_hand_and_at_its_edges_the_better_holds() -> None:
    yard = value_function({"kind": "step", "steps": [[0, 0.0], [200, 0.6], [400, 1.0]]})
    assert yard(np.array([-5, 0, 199.9, 200, 399, 400, np.inf])).tolist() == [0.0, 0.0, 0.0, 0.6, 0.6, 1.0, 1.0]
    walk = value_function({"kind": "step", "steps": [[0, 1.0], [15, 0.5], [30, 0.0]]})
    assert walk(np.array([0, 15, 15.1, 30, 30.1, np.inf])).tolist() == [1.0, 1.0, 0.5, 0.5, 0.0, 0.0]
    assert np.isnan(walk(np.array([np.nan]))[0])


def test_s_curve_is_zadehs_s_function() -> None:
    """Zadeh's S(u; a, b, c): 2((u-a)/(c-a))^2 up to b = (a+c)/2, then 1 - 2((u-c)/(c-a))^2."""
    a, c = 10.0, 50.0
    u = np.linspace(0, 60, 61)
    rising, levelling = 2 * ((u - a) / (c - a)) ** 2, 1 - 2 * ((u - c) / (c - a)) ** 2
    expected = np.select([u <= a, u <= (a + c) / 2, u <= c], [0.0, rising, levelling], 1.0)
    np.testing.assert_allclose(value_function({"kind": "s_curve", "zero": a, "one": c})(u), expected, atol=1e-12)
    falling = value_function({"kind": "s_curve", "zero": c, "one": a})
    np.testing.assert_allclose(falling(u), 1 - expected, atol=1e-12)
    assert falling(np.array([np.inf, np.nan]))[0] == 0.0 and np.isnan(falling(np.array([np.nan]))[0])


def test_s_curve_is_one_half_where_asked() -> None:
    walk = value_function({"kind": "s_curve", "zero": 30, "one": 0, "half": 10})
    np.testing.assert_allclose(walk(np.array([0, 5, 10, 20, 30])), [1.0, 0.875, 0.5, 0.125, 0.0])


def test_ideal_value_falls_to_both_sides() -> None:
    yard = value_function({"kind": "ideal", "low": 100, "ideal": 400, "high": 1000})
    np.testing.assert_allclose(yard(np.array([50, 100, 250, 400, 700, 1000, np.inf])), [0, 0, 0.5, 1, 0.5, 0, 0])
    broad = value_function({"kind": "ideal", "low": 0, "ideal": [300, 500], "high": 1000})
    np.testing.assert_allclose(broad(np.array([150, 300, 400, 500, 750])), [0.5, 1, 1, 1, 0.5])


@pytest.mark.parametrize(("table", "direction"), [
    ({"kind": "linear", "zero": 0, "one": 3}, 1), ({"kind": "linear", "zero": 3, "one": 0}, -1),
    ({"kind": "step", "steps": [[0, 0.2], [1, 0.2], [2, 0.9]]}, 1), ({"kind": "s_curve", "zero": 3, "one": 0}, -1),
    ({"kind": "ideal", "low": 0, "ideal": 1, "high": 2}, 0), ({"kind": "classes", "classes": {"a": 1}}, 0),
])
def test_direction(table: dict, direction: int) -> None:
    assert value_function(table).direction == direction


@given(st.sampled_from(["linear", "s_curve", "step", "piecewise"]), st.booleans(), st.lists(FINITE, min_size=2, max_size=30))
def test_monotone_kinds_never_turn_back(kind: str, falling: bool, xs: list[float]) -> None:
    points = [[0.0, 0.0], [40.0, 0.3], [100.0, 1.0]]
    if falling:
        points = [[x, 1 - y] for x, y in points]
    table = {"linear": {"zero": 100.0 * falling, "one": 100.0 * (not falling)}, "step": {"steps": points},
             "s_curve": {"zero": 100.0 * falling, "one": 100.0 * (not falling), "half": 70.0}, "piecewise": {"points": points}}
    function = value_function({"kind": kind, **table[kind]})
    value = function(np.sort(xs))
    assert ((value >= 0) & (value <= 1)).all() and (np.diff(value) * function.direction >= 0).all()


@pytest.mark.parametrize("table", [
    {"kind": "linear", "zero": 30, "one": 3}, {"kind": "piecewise", "points": [[0, 0.0], [200, 0.4], [800, 1.0]]},
    {"kind": "s_curve", "zero": 0, "one": 60, "half": 20}, {"kind": "ideal", "low": 0, "ideal": [3, 5], "high": 9},
])
def test_a_drawn_curve_runs_through_the_values(table: dict) -> None:
    function = value_function(table)
    drawn = curve_of(function, include=(1234.0, np.inf, np.nan))
    assert drawn["measure"].is_monotonic_increasing and drawn["measure"].max() == 1234.0 and drawn["measure"].min() >= 0
    np.testing.assert_allclose(drawn["value"], function(drawn["measure"].to_numpy()))
    at = np.linspace(drawn["measure"].min(), 1234, 501)
    np.testing.assert_allclose(np.interp(at, drawn["measure"], drawn["value"]), function(at), atol=2e-4)


def test_a_drawn_step_has_upright_edges_and_classes_are_bars() -> None:
    drawn = curve_of(value_function({"kind": "step", "steps": [[0, 0.0], [200, 0.6], [400, 1.0]]}), margin=0.25)
    assert drawn["measure"].tolist() == [0, 200, 200, 400, 400, 500] and drawn["value"].tolist() == [0, 0, 0.6, 0.6, 1, 1]
    bars = curve_of(value_function({"kind": "classes", "classes": {"village": 1.0, "state": 0}}))
    assert bars.to_dict("list") == {"measure": ["village", "state"], "value": [1.0, 0.0]}
