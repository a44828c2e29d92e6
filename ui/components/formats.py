"""Measures as a planner reads them: `ui.theme.figure` for figures, and names for measures that are classes."""

from __future__ import annotations

from layers.words import say
from reports.figures import is_missing
from ui import theme

VERDICT_MARKS = {"pass": "✓", "verify": "?", "fail": "✕"}
"""A mark beside the colour of each verdict, so that a verdict reads without colour."""


def number(value: float, *, decimals: int = 0) -> str:
    """A figure with thousands separators and no unit.

    Examples
    --------
    >>> number(12345.62, decimals=1)
    '12,345.6'
    """
    return theme.figure(float(value), language="en", decimals=decimals)


def figure(value: object, unit: str, language: str, *, measure: str = "", with_unit: bool = True) -> str:
    """One raw measure in words: with its unit, or as *unknown* or *unreachable*.

    Parameters
    ----------
    value : object
        A figure, a class, or missing. NaN is unknown, inf is unreachable; neither is ever shown as 0.
    unit : str
        Unit of the criterion: share, class, m2, m, min, people, kinds, deg.
    language : {"zh", "en"}
        Language of unit and words.
    measure : str
        Name of the measure, for one whose unit is class: it says which table of names to look in.
    with_unit : bool
        Whether the unit follows the figure (a column's head may carry it instead).
    """
    if is_missing(value):
        return theme.figure(None, language=language)
    if unit == "class":
        return say(f"criteria.{measure}.{value}", language)
    return theme.figure(value, unit, language=language, with_unit=with_unit)


def band(score: float, low: float, high: float, language: str) -> str:
    """The score with its band, points: ``71.4`` where all is known, else ``71.4 (60.2–84.0)``."""
    if is_missing(score):
        return say("criteria.state.unknown", language)
    if high - low < 0.05:
        return number(score, decimals=1)
    return f"{number(score, decimals=1)} ({number(low, decimals=1)}–{number(high, decimals=1)})"


def listed(parts: list[str] | tuple[str, ...], language: str) -> str:
    """Names in one line, with the comma of the language; a dash where there are none."""
    return say("sites.list_comma", language).join(parts) or say("sites.dash", language)


def as_markdown(name: object) -> str:
    """A name from the data as plain text in Markdown: none of its characters marks anything up."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]()#+-.!<>|~$:" else character for character in str(name))
