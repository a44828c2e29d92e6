"""How it looks: the colours (`reports.styles`), the page's style, and figures in words."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from layers.words import say
from reports.styles import (
    FAIL_FILL,
    PASS_RAMP,
    RAMP_SPAN,
    SELECTED_COLOUR,
    STATUS_COLOURS,
    STATUS_HATCHED,
    STATUS_OPACITY,
    UNSERVED_COLOUR,
    VERDICT_COLOURS,
    VERIFY_RAMP,
    mix,
    score_colour,
)

__all__ = ["FAIL_FILL", "GROUP_COLOURS", "PASS_RAMP", "RAMP_SPAN", "SELECTED_COLOUR", "STATUS_COLOURS", "STATUS_HATCHED",
           "STATUS_OPACITY", "UNSERVED_COLOUR", "VERDICT_COLOURS", "VERIFY_RAMP", "apply_style", "figure", "mix", "score_colour"]

GROUP_COLOURS = {
    "collective": "#5b4a8a", "courtyard": "#0b6470", "transport": "#4f9bd1", "population": "#c8431f",
    "facilities": "#efa64b", "terrain": "#7f8f4e", "readiness": "#8d9499",
}
"""One colour per group of criteria, for charts."""

_PLAIN_DECIMALS = {"people": 0, "m2": 0, "m": 0, "min": 1, "deg": 1, "kinds": 0, "households": 0, "score": 1, "share": 1, "km": 1}

_STYLE = """
<style>
.block-container {padding: 2.2rem 2rem 2rem 2rem; max-width: 1900px;}
[data-testid="stSidebar"] {min-width: 230px; max-width: 270px;}
[data-testid="stMetric"] {border-left: 3px solid var(--cz-rule, #d9ddd8); padding: .1rem 0 .1rem .75rem;}
[data-testid="stMetricLabel"] p {font-size: .86rem; opacity: .78;}
[data-testid="stMetricValue"] {font-size: 1.55rem; font-variant-numeric: tabular-nums; line-height: 1.25;}
:is(a, button, summary, [role="tab"], [role="radio"], [role="slider"]):focus-visible {outline: 2px solid #d4006e !important;
  outline-offset: 2px;}
[data-testid="stSidebar"] [data-testid="stBaseButton-tertiary"] {justify-content: flex-start; padding-left: .2rem;}
[data-testid="stSidebar"] [data-testid="stBaseLinkButton-tertiary"] {justify-content: flex-start; padding-left: .2rem;}
h1, h2, h3 {letter-spacing: 0;}
h2 {padding-top: .4rem;}
[data-testid="stDataFrame"] {font-variant-numeric: tabular-nums;}
iframe[title="streamlit_folium.st_folium"] {border: 1px solid rgba(128,128,128,.35); border-radius: 6px;}
</style>
"""


def apply_style() -> None:
    """Put the page's style sheet on the page; call once per run."""
    st.html(_STYLE)


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
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return say("app.figures.unknown", language)
    if isinstance(value, str):
        return value
    number = float(value)
    if math.isinf(number):
        return say("app.figures.unreachable", language)
    digits = _PLAIN_DECIMALS.get(unit, 1 if number % 1 else 0) if decimals is None else decimals
    text = f"{number * 100 if unit == 'share' else number:,.{digits}f}"
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    if not with_unit or unit in ("", "score"):
        return text
    return say(f"app.units.{unit}", language, value=text)
