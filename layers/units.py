"""Units of area and length that files use, in square metres and metres."""

from __future__ import annotations

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
}
"""What `units` in county.toml may name, with its size in m2 or m. One mu 亩 is 1/15 hectare; the acre is the international one."""

UNIT_WORDS = {
    "m2": "m2",
    "m^2": "m2",
    "平方米": "m2",
    "平米": "m2",
    "平方": "m2",
    "sqm": "m2",
    "亩": "mu",
    "mu": "mu",
    "公顷": "ha",
    "ha": "ha",
    "hm2": "ha",
    "平方公里": "km2",
    "km2": "km2",
    "acre": "acre",
    "acres": "acre",
    "m": "m",
    "米": "m",
    "公里": "km",
    "千米": "km",
    "km": "km",
    "ft": "ft",
    "'": "ft",
    "cm": "cm",
    "厘米": "cm",
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
