"""Units of area and length that files use, in square metres and metres."""

from __future__ import annotations

import numpy as np

UNITS = {
    "m2": 1.0,
    "mu": 2000 / 3,
    "ha": 10_000.0,
    "km2": 1_000_000.0,
    "acre": 4046.8564224,
    "ft2": 0.09290304,
    "m": 1.0,
    "km": 1000.0,
    "ft": 0.3048,
    "cm": 0.01,
    "yuan": 1.0,
    "wan_yuan": 10_000.0,
}
"""What `units` in county.toml may name, with its size in m2, m or yuan. One mu 亩 is 1/15 ha; the acre is the international one."""

UNIT_WORDS = {
    "m2": "m2",
    "m^2": "m2",
    "平方米": "m2",
    "平米": "m2",
    "平方": "m2",
    "㎡": "m2",
    "sqm": "m2",
    "sq m": "m2",
    "square metres": "m2",
    "亩": "mu",
    "市亩": "mu",
    "mu": "mu",
    "公顷": "ha",
    "ha": "ha",
    "hm2": "ha",
    "hectare": "ha",
    "hectares": "ha",
    "平方公里": "km2",
    "平方千米": "km2",
    "km2": "km2",
    "acre": "acre",
    "acres": "acre",
    "英亩": "acre",
    "m": "m",
    "米": "m",
    "公里": "km",
    "千米": "km",
    "km": "km",
    "ft": "ft",
    "'": "ft",
    "cm": "cm",
    "厘米": "cm",
    "元": "yuan",
    "万元": "wan_yuan",
    "万": "wan_yuan",
    "人": "",
    "户": "",
    "层": "",
    "f": "",
    "间": "",
}
"""What may stand behind a number in a cell, and the unit it means (empty: a count)."""

AREA_UNIT_CODES = {"1": "m2", "2": "mu", "3": "ha"}
"""MJDW 面积单位 of the cadastre: 1 平方米, 2 亩, 3 公顷; the word itself also occurs."""


def area_factor(unit: object) -> float | None:
    """Square metres in one unit named by an MJDW code or word; None for what is no unit of area.

    Examples
    --------
    >>> area_factor("1"), area_factor("公顷"), area_factor("?")
    (1.0, 10000.0, None)
    """
    if not isinstance(unit, str):
        return None
    name = AREA_UNIT_CODES.get(unit.removesuffix(".0"), UNIT_WORDS.get(unit.casefold().strip()))
    return UNITS[name] if name in ("m2", "mu", "ha", "km2", "acre") else None


def clear_area_unit(declared: np.ndarray, measured_m2: np.ndarray, *, tolerance: float = 0.05) -> np.ndarray:
    """Unit in which a declared area agrees with the area measured in m2: m2, mu or ha; None where none does.

    The units lie so far apart (a factor of fifteen at least) that no number agrees in two of them.

    Parameters
    ----------
    declared, measured_m2 : array of float
        Same length; NaN where not known.
    tolerance : float
        Share by which the two may differ.

    Examples
    --------
    >>> clear_area_unit(np.array([300.0, 0.45, 0.03, 17.0]), np.full(4, 300.0)).tolist()
    ['m2', 'mu', 'ha', None]
    """
    out = np.full(len(declared), None, dtype=object)
    with np.errstate(invalid="ignore", divide="ignore"):
        for name in ("m2", "mu", "ha"):
            out[np.abs(declared * UNITS[name] / measured_m2 - 1) <= tolerance] = name
    return out
