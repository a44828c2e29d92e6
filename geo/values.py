"""Value functions: how a raw measure becomes a value from 0 (worst) to 1 (best).

Keeney and Raiffa (1976), *Decisions with Multiple Objectives*: a value function states how much a planner prefers one level of a
measure to another. An unknown measure (NaN) stays unknown; an unreachable one (inf) takes the value at its end of the curve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

KINDS = {
    "linear": ("zero", "one"),
    "piecewise": ("points",),
    "step": ("steps",),
    "s_curve": ("zero", "one", "half"),
    "ideal": ("low", "ideal", "high"),
    "classes": ("classes",),
}
"""Kinds of value function, and the keys each has in a standards file (`half` may be left out)."""


@dataclass(frozen=True)
class ValueFunction:
    """A curve through `points` (measure, value), flat beyond its ends, or a table of `classes` (name, value).

    Between its points a *linear*, *piecewise* or *ideal* curve runs straight. A *step* keeps the value of the last point passed; at
    a point itself the better of both holds (200 m2 meets 200 m2, 15 minutes are within 15). An *s_curve* has three points: where
    it is 0, one half and 1.

    Examples
    --------
    >>> nearer_is_better = value_function({"kind": "linear", "zero": 30, "one": 3})
    >>> nearer_is_better(np.array([3.0, 16.5, 30.0, np.inf, np.nan])).tolist()
    [1.0, 0.5, 0.0, 0.0, nan]
    """

    kind: str
    points: tuple[tuple[float, float], ...] = ()
    classes: tuple[tuple[str, float], ...] = ()

    def __call__(self, measure: np.ndarray | pd.Series) -> np.ndarray:
        """Values 0..1 (float64, same length); NaN where the measure is missing or its class is not in the table."""
        if self.kind == "classes":
            table = dict(self.classes)
            at, names = pd.factorize(measure if isinstance(measure, pd.Series) else np.asarray(measure, dtype=object))
            return np.array([*(table.get(name, np.nan) for name in names), np.nan])[at]   # -1, missing: the last
        x, y = np.array(self.points, dtype="float64").T
        numbers = np.asarray(measure, dtype="float64")
        curve = {"step": _stepped, "s_curve": _s_shaped}.get(self.kind, np.interp)
        return curve(numbers, x, y)

    @property
    def direction(self) -> int:
        """1 where a larger measure is never worse, -1 where it is never better, 0 for neither and for classes."""
        values = [value for _, value in self.points]
        if not values or (sorted(values) != values and sorted(values, reverse=True) != values):
            return 0
        return 1 if values[0] <= values[-1] else -1


def _stepped(numbers: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The value of the last point passed, at a point the better of both; NaN stays NaN, as it does in the other curves."""
    last = len(x) - 1
    reached = np.clip(np.searchsorted(x, numbers, side="right") - 1, 0, last)
    passed = np.clip(np.searchsorted(x, numbers, side="left") - 1, 0, last)
    return np.where(np.isnan(numbers), np.nan, np.maximum(y[reached], y[passed]))


def _s_shaped(numbers: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Zadeh's S-function: a parabola from each end, meeting at the value one half."""
    low, half, high = x
    risen = np.clip((numbers - low) / (half - low), 0.0, 1.0)
    left = np.clip((high - numbers) / (high - half), 0.0, 1.0)
    value = np.where(numbers < half, 0.5 * risen**2, 1.0 - 0.5 * left**2)
    return value if y[0] < y[-1] else 1.0 - value


def value_function(table: Mapping[str, object]) -> ValueFunction:
    """A value function from its table in a standards file.

    Parameters
    ----------
    table : Mapping
        One of

        - ``{kind = "linear", zero, one}``: 0 at `zero`, 1 at `one`, whichever is larger;
        - ``{kind = "piecewise", points = [[measure, value], ...]}``: straight between the points;
        - ``{kind = "step", steps = [[measure, value], ...]}``: each value holds from its measure on to the next;
        - ``{kind = "s_curve", zero, one, half}``: flat at both ends and steep between, with 1/2 at `half` (midway where it is not
          given). With a, m, b for zero, half, one: ``v = ((x-a)/(m-a))^2 / 2`` up to m and ``1 - ((b-x)/(b-m))^2 / 2`` beyond: the
          S-function of Zadeh (1975), *Calculus of fuzzy restrictions*, which has m midway;
        - ``{kind = "ideal", low, ideal, high}``: 1 at `ideal` (a number, or from..to as ``[from, to]``), falling straight to 0 at
          `low` and at `high`: Keeney and Raiffa's non-monotonic value;
        - ``{kind = "classes", classes = {name = value}}``.

    Raises
    ------
    ValueError
        Naming what is wrong: unknown kind or key, missing figure, points not rising, a value outside 0..1.
    """
    kind = table.get("kind")
    makers: dict[object, Callable[[Mapping[str, object]], ValueFunction]] = {
        "linear": _linear, "piecewise": _piecewise, "step": _step, "s_curve": _s_curve, "ideal": _ideal, "classes": _classes,
    }
    if kind not in makers:
        raise ValueError(f"unknown kind {kind!r}: {', '.join(KINDS)}")
    foreign = sorted(set(table) - {"kind", *KINDS[str(kind)]})
    if foreign:
        raise ValueError(f"{kind} has no key {foreign[0]}: it takes {', '.join(KINDS[str(kind)])}")
    return makers[kind](table)


def _number(value: object) -> float | None:
    """The number it is, if it is a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        return None
    return float(value)


def _pairs(table: Mapping[str, object], key: str, least: int) -> tuple[tuple[float, float], ...]:
    rows = table.get(key)
    pairs = [tuple(map(_number, row)) if isinstance(row, list | tuple) else () for row in (rows if isinstance(rows, list) else [])]
    points = [(p[0], p[1]) for p in pairs if len(p) == 2 and p[0] is not None and p[1] is not None]
    whole = len(points) == len(pairs) and len(points) >= least
    if not whole or any(a[0] >= b[0] for a, b in zip(points, points[1:], strict=False)):
        raise ValueError(f"{table['kind']} needs {key} [[measure, value], ...] with rising measures")
    if any(not 0 <= y <= 1 for _, y in points):
        raise ValueError(f"values of {table['kind']} {key} must lie in 0..1")
    return tuple(points)


def _ends(table: Mapping[str, object]) -> tuple[float, float]:
    zero, one = _number(table.get("zero")), _number(table.get("one"))
    if zero is None or one is None or zero == one:
        raise ValueError(f"{table['kind']} needs two different numbers, zero and one")
    return zero, one


def _linear(table: Mapping[str, object]) -> ValueFunction:
    zero, one = _ends(table)
    return ValueFunction("linear", points=tuple(sorted([(zero, 0.0), (one, 1.0)])))


def _piecewise(table: Mapping[str, object]) -> ValueFunction:
    return ValueFunction("piecewise", points=_pairs(table, "points", 2))


def _step(table: Mapping[str, object]) -> ValueFunction:
    return ValueFunction("step", points=_pairs(table, "steps", 2))


def _s_curve(table: Mapping[str, object]) -> ValueFunction:
    zero, one = _ends(table)
    half = _number(table.get("half", (zero + one) / 2))
    if half is None or not min(zero, one) < half < max(zero, one):
        raise ValueError("half of an s_curve must lie between zero and one")
    return ValueFunction("s_curve", points=tuple(sorted([(zero, 0.0), (half, 0.5), (one, 1.0)])))


def _ideal(table: Mapping[str, object]) -> ValueFunction:
    given = table.get("ideal")
    best = [_number(item) for item in (given if isinstance(given, list) else [given])]
    low, high = _number(table.get("low")), _number(table.get("high"))
    numbers = [low, *best, high]
    if len(best) > 2 or any(number is None for number in numbers) or any(
            a >= b for a, b in zip(numbers, numbers[1:], strict=False)):  # type: ignore[operator]
        raise ValueError("ideal needs rising numbers: low, ideal (a number or [from, to]), high")
    return ValueFunction("ideal", points=((low, 0.0), *((at, 1.0) for at in best), (high, 0.0)))  # type: ignore[arg-type]


def _classes(table: Mapping[str, object]) -> ValueFunction:
    classes = table.get("classes")
    if not isinstance(classes, Mapping) or not classes:
        raise ValueError("classes needs a table of names and values")
    if any(_number(y) is None or not 0 <= y <= 1 for y in classes.values()):
        raise ValueError("values of classes must lie in 0..1")
    return ValueFunction("classes", classes=tuple((str(name), float(y)) for name, y in classes.items()))


def curve_of(function: ValueFunction, *, include: tuple[float, ...] = (), margin: float = 0.1, count: int = 97) -> pd.DataFrame:
    """The points to draw a value function by (measure in its own unit, value 0..1).

    Parameters
    ----------
    function : ValueFunction
    include : tuple of float
        Measures that must lie within the drawn range, such as a site's own; what is not finite is left out.
    margin : float
        Share of the range drawn flat beyond either end.
    count : int
        Points of an s_curve; the other kinds need only their corners.

    Returns
    -------
    DataFrame
        `measure`, `value`, in drawing order: a line, for a step with its upright edges; for classes one row per class, its name as
        measure.

    Examples
    --------
    >>> curve_of(value_function({"kind": "step", "steps": [[0, 0.2], [200, 1.0]]}), margin=0).to_dict("list")
    {'measure': [0.0, 200.0, 200.0], 'value': [0.2, 0.2, 1.0]}
    """
    if function.kind == "classes":
        return pd.DataFrame(list(function.classes), columns=["measure", "value"])
    x, y = np.array(function.points, dtype="float64").T
    within = np.array([*x, *(at for at in include if np.isfinite(at))])
    pad = margin * (x[-1] - x[0])
    low, high = min(within.min(), x[0] - pad), max(within.max(), x[-1] + pad)
    if x[0] >= 0 and within.min() >= 0:
        low = max(low, 0.0)  # no measure of these is negative: nothing is drawn where nothing can be
    if function.kind == "step":
        inner, values = np.repeat(x[1:], 2), np.column_stack([y[:-1], y[1:]]).ravel()
        measures, values = np.r_[low, inner, high], np.r_[y[0], values, y[-1]]
    else:
        inner = np.linspace(x[0], x[-1], count) if function.kind == "s_curve" else x
        measures = np.r_[low, inner, high]
        values = function(measures)
    keep = np.r_[True, (np.diff(measures) > 0) | (np.diff(values) != 0)]
    return pd.DataFrame({"measure": measures[keep], "value": values[keep]})
