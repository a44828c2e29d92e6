"""How it looks: colours that a colour-blind reader and a grey printer can tell apart, the page's style, and figures in words.

Colours are hex strings. Lightness, not hue alone, separates the classes: in grey print they keep their order.
"""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from layers.words import say

STATUS_COLOURS = {"none": "#c8431f", "below_standard": "#efa64b", "adequate": "#b9dcd6", "unknown": "#a9aeb1",
                  "planned": "#57aca6"}
"""Fill of a village by what venue it has, or is planned to have."""

STATUS_OPACITY = {"none": 0.8, "below_standard": 0.75, "adequate": 0.5, "unknown": 0.6, "planned": 0.62}
"""What asks for action covers the relief, what is in order lets it through."""

STATUS_HATCHED = frozenset({"below_standard"})
"""Statuses drawn with a hatch as well, for print in grey."""

VERDICT_COLOURS = {"pass": "#0b6470", "verify": "#b9770e", "fail": "#8d9499"}
"""Plain colour of a verdict: in text, tables and legends."""

PASS_RAMP = ("#d3ebe6", "#85c4bd", "#3f959a", "#0b6470", "#053b48")
VERIFY_RAMP = ("#fbeac6", "#f3cb7e", "#dfa13f", "#b9770e", "#7d4e05")
FAIL_FILL = "#cfd3d4"
RAMP_SPAN = (50.0, 95.0)
"""Scores at which the ramps start and end."""

GROUP_COLOURS = {
    "collective": "#5b4a8a", "courtyard": "#0b6470", "transport": "#4f9bd1", "population": "#c8431f",
    "facilities": "#efa64b", "terrain": "#7f8f4e", "readiness": "#8d9499",
}
"""One colour per group of criteria, for charts."""

SELECTED_COLOUR = "#d4006e"

UNSERVED_COLOUR = "#6a1fb0"
"""Dots of people without a venue: apart from every village fill, from the dark dots of venues and from the selection."""

_PLAIN_DECIMALS = {"people": 0, "m2": 0, "m": 0, "min": 1, "deg": 1, "kinds": 0, "households": 0, "score": 1, "share": 1, "km": 1}

_STYLE = """
<style>
.block-container {padding: 2.2rem 2rem 2rem 2rem; max-width: 1900px;}
[data-testid="stSidebar"] {min-width: 230px; max-width: 270px;}
[data-testid="stMetric"] {border-left: 3px solid var(--cz-rule, #d9ddd8); padding: .1rem 0 .1rem .75rem;}
[data-testid="stMetricLabel"] p {font-size: .86rem; opacity: .78;}
[data-testid="stMetricValue"] {font-size: 1.55rem; font-variant-numeric: tabular-nums; line-height: 1.25;}
h1, h2, h3 {letter-spacing: 0;}
h2 {padding-top: .4rem;}
[data-testid="stDataFrame"] {font-variant-numeric: tabular-nums;}
iframe[title="streamlit_folium.st_folium"] {border: 1px solid rgba(128,128,128,.35); border-radius: 6px;}
</style>
"""


def apply_style() -> None:
    """Put the page's style sheet on the page; call once per run."""
    st.html(_STYLE)


def mix(low: str, high: str, share: float) -> str:
    """The colour `share` of the way (0..1) from one hex colour to another."""
    first, last = (tuple(int(colour[i:i + 2], 16) for i in (1, 3, 5)) for colour in (low, high))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(first, last, strict=True))


def score_colour(verdict: str | None, score: float | None) -> str:
    """Fill of a candidate by its verdict and score (0..100): teal where it passes, amber to verify, grey where it fails.

    A score that is not known takes the lightest colour of its verdict.
    """
    ramp = {"pass": PASS_RAMP, "verify": VERIFY_RAMP}.get(verdict or "")
    if ramp is None:
        return FAIL_FILL
    if score is None or math.isnan(score):
        return ramp[0]
    low, high = RAMP_SPAN
    place = min(max((score - low) / (high - low), 0.0), 1.0) * (len(ramp) - 1)
    step = min(int(place), len(ramp) - 2)
    return mix(ramp[step], ramp[step + 1], place - step)


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
