"""Value functions: how a raw measure becomes a value from 0 (worst) to 1 (best).

Keeney and Raiffa (1976), *Decisions with Multiple Objectives*: a value function states how much a planner prefers one level of a
measure to another. An unknown measure (NaN) stays unknown; an unreachable one (inf) takes the value at its end of the curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class ValueFunction:
    """A curve through `points` (measure, value), flat beyond its ends, or a table of `classes` (name, value).

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
            codes = pd.Series(np.asarray(measure, dtype=object))
            return codes.map(dict(self.classes)).to_numpy(dtype="float64", na_value=np.nan)
        x, y = np.array(self.points, dtype="float64").T
        numbers = np.asarray(measure, dtype="float64")
        return np.where(np.isnan(numbers), np.nan, np.interp(numbers, x, y))


def _listed(table: Mapping[str, object], key: str) -> list:
    rows = table.get(key)
    return rows if isinstance(rows, list) else []


def value_function(table: Mapping[str, object]) -> ValueFunction:
    """A value function from its table in a standards file.

    Parameters
    ----------
    table : Mapping
        ``{kind = "linear", zero, one}``: 0 at `zero`, 1 at `one`, whichever is larger; ``{kind = "piecewise", points}``;
        ``{kind = "classes", classes}``.

    Raises
    ------
    ValueError
        Naming what is wrong: unknown kind, missing figure, points not rising, a value outside 0..1.
    """
    kind = table.get("kind")
    if kind == "linear":
        zero, one = table.get("zero"), table.get("one")
        if not isinstance(zero, int | float) or not isinstance(one, int | float) or zero == one:
            raise ValueError("linear needs two different numbers, zero and one")
        points = sorted([(float(zero), 0.0), (float(one), 1.0)])
        return ValueFunction("linear", points=tuple(points))
    if kind == "piecewise":
        try:
            points = [(float(x), float(y)) for x, y in _listed(table, "points")]
        except (TypeError, ValueError):
            points = []
        if len(points) < 2 or any(a[0] >= b[0] for a, b in zip(points, points[1:], strict=False)):
            raise ValueError("piecewise needs points [[measure, value], ...] with rising measures")
        if any(not 0 <= y <= 1 for _, y in points):
            raise ValueError("values of piecewise points must lie in 0..1")
        return ValueFunction("piecewise", points=tuple(points))
    if kind == "classes":
        classes = table.get("classes")
        if not isinstance(classes, Mapping) or not classes:
            raise ValueError("classes needs a table of names and values")
        if any(not isinstance(y, int | float) or not 0 <= y <= 1 for y in classes.values()):
            raise ValueError("values of classes must lie in 0..1")
        return ValueFunction("classes", classes=tuple((str(name), float(y)) for name, y in classes.items()))
    raise ValueError(f"unknown kind {kind!r}: linear, piecewise or classes")
