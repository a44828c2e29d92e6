"""Figures in words: thousands separators and units; unknown and unreachable said so, never as 0."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from layers.words import say

DECIMALS = {"people": 0, "m2": 0, "m": 0, "min": 1, "deg": 1, "kinds": 0, "households": 0, "score": 1, "share": 1, "km": 1}
"""Digits after the point by unit."""

COUNTED = ("kinds", "people", "households")
"""Units that are things counted: of one there is another word."""


def is_missing(value: object) -> bool:
    """Whether a cell says nothing (None, NaN, NA)."""
    return value is None or bool(pd.isna(value))   # type: ignore[call-overload]


def figure(value: object, unit: str = "", *, language: str, decimals: int | None = None, with_unit: bool = True) -> str:
    """A figure with its unit as text: ``1,234 m²``; unknown and unreachable in words, never as 0.

    Parameters
    ----------
    value : number, text or missing
        Text is returned as it is. Shares are 0..1 and shown in percent.
    unit : str
        As in the standards file: m2, m, min, deg, people, kinds, share, households, km, score or empty.
    language : {"zh", "en"}
        Language of the unit and of the words.
    decimals : int, optional
        Digits after the point; by default what the unit needs.
    with_unit : bool
        False leaves the unit out, for a column whose head has it.
    """
    if is_missing(value):
        return say("app.figures.unknown", language)
    if isinstance(value, str):
        return value
    number = float(value)   # type: ignore[arg-type]
    if math.isinf(number):
        return say("app.figures.unreachable", language)
    digits = DECIMALS.get(unit, 1 if number % 1 else 0) if decimals is None else decimals
    text = f"{number * 100 if unit == 'share' else number:,.{digits}f}"
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    if not with_unit or unit in ("", "score"):
        return text
    return say(f"app.units.{unit}_one" if text == "1" and unit in COUNTED else f"app.units.{unit}", language, value=text)


def measured(value: object, unit: str, language: str, *, measure: str = "") -> str:
    """One raw measure in words; a measure whose unit is *class* is named as in ``criteria.<measure>``."""
    if unit == "class" and not is_missing(value):
        return say(f"criteria.{measure}.{value}", language)
    return figure(value, unit, language=language)


def points(value: float, language: str) -> str:
    """Points of a score to one decimal, without unit; *unknown* where there is none."""
    return figure(value, "score", language=language)


def listed(parts: Sequence[str], language: str) -> str:
    """Names in one line, with the comma of the language; a dash where there are none."""
    return say("sites.list_comma", language).join(parts) or say("sites.dash", language)
