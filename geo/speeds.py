"""How fast one walks and drives on a slope: minutes per metre from grade and road class.

Walking follows Tobler's hiking function, W = 6 exp(-3.5 |S + 0.05|) km/h with S the grade (rise over run) in the direction of
travel (Tobler, W. 1993, Three presentations on geographical analysis and modeling, NCGIA technical report 93-1), scaled so that
flat ground gives the stated speed. It is anisotropic: fastest slightly downhill (5 %), slower up than down. Off the path Tobler
takes 3/5 of the speed. Not valid for stairs, climbing or ground under water.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

NO_WALKING = ("expressway",)
"""Road classes closed to walkers; they also cannot be entered between their junctions."""


def walk_min_per_m(grade: np.ndarray | float, *, walk_kmh: float) -> np.ndarray:
    """Walking time in minutes per metre of map distance at a grade (rise / run, uphill positive in the direction walked).

    Raises
    ------
    ValueError
        When `walk_kmh` is not a positive number.

    Examples
    --------
    >>> float(walk_min_per_m(0.0, walk_kmh=5.0) * 1250)
    15.0
    >>> bool(walk_min_per_m(0.10, walk_kmh=5.0) > walk_min_per_m(-0.10, walk_kmh=5.0))
    True
    """
    if not 0 < walk_kmh < np.inf:
        raise ValueError(f"walking speed must be positive km/h, not {walk_kmh}")
    relative = np.exp(-3.5 * (np.abs(np.asarray(grade, dtype=float) + 0.05) - 0.05))
    return 60.0 / (1000.0 * walk_kmh * relative)


def drive_grade_share(grade: np.ndarray, curve: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Share of a class's speed that is left on a grade, 0..1; the same up and down.

    `curve` holds (slope in percent, share), rising in slope, interpolated linearly, its last value kept beyond.

    Examples
    --------
    >>> drive_grade_share(np.array([0.0, -0.05, 0.4]), ((0, 1.0), (10, 0.6))).tolist()
    [1.0, 0.8, 0.6]
    """
    percent, share = np.array(curve, dtype=float).T
    return np.interp(np.abs(grade) * 100.0, percent, share)


def class_speeds_kmh(classes: np.ndarray, drive_kmh: Mapping[str, float]) -> np.ndarray:
    """Driving speed in km/h of each road class name; NaN where the class has none, that is, is not for vehicles.

    Examples
    --------
    >>> class_speeds_kmh(np.array(["county", "path"], dtype=object), {"county": 40}).tolist()
    [40.0, nan]
    """
    code, names = pd.factorize(np.asarray(classes, dtype=object))
    return np.array([*(float(drive_kmh.get(name, np.nan)) for name in names), np.nan])[code]
