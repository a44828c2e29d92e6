"""How it looks: the colours (`reports.styles`), the page's style, and figures in words."""

from __future__ import annotations

import streamlit as st

from reports.figures import figure
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
    VERDICT_INKS,
    VERIFY_RAMP,
    mix,
    score_colour,
)

__all__ = ["FAIL_FILL", "GROUP_COLOURS", "PASS_RAMP", "RAMP_SPAN", "SELECTED_COLOUR", "STATUS_COLOURS", "STATUS_HATCHED",
           "STATUS_OPACITY", "UNSERVED_COLOUR", "VERDICT_COLOURS", "VERDICT_INKS", "VERIFY_RAMP", "apply_style", "figure", "mix",
           "score_colour"]

GROUP_COLOURS = {
    "collective": "#5b4a8a", "courtyard": "#0b6470", "transport": "#4f9bd1", "population": "#c8431f",
    "facilities": "#efa64b", "terrain": "#7f8f4e", "readiness": "#8d9499",
}
"""One colour per group of criteria, for charts."""

_STYLE = """
<style>
.block-container {padding: 2.2rem 2rem 2rem 2rem; max-width: 1900px;}
[data-testid="stSidebar"] {min-width: 230px; max-width: 270px;}
[data-testid="stMetric"] {border-left: 3px solid rgba(128,128,128,.35); padding: .1rem 0 .1rem .75rem;}
[data-testid="stMetricLabel"] p {font-size: .86rem; opacity: .78;}
[data-testid="stMetricValue"] {font-size: 1.55rem; font-variant-numeric: tabular-nums; line-height: 1.25;}
:is(a, button, summary, [role="tab"], [role="radio"], [role="slider"]):focus-visible {outline: 2px solid #d4006e !important;
  outline-offset: 2px;}
[data-testid="stSidebar"] :is([data-testid="stBaseButton-tertiary"], [data-testid="stBaseLinkButton-tertiary"]) {
  padding-left: .2rem; min-height: 2rem;}
[data-testid="stSidebar"] :is([data-testid="stBaseButton-tertiary"], [data-testid="stBaseLinkButton-tertiary"]) :is(div, span) {
  justify-content: flex-start;}
h1, h2, h3 {letter-spacing: 0;}
h2 {padding-top: .4rem;}
[data-testid="stDataFrame"] {font-variant-numeric: tabular-nums;}
iframe[title="streamlit_folium.st_folium"] {border: 1px solid rgba(128,128,128,.35); border-radius: 6px;}
</style>
"""


_LATIN = """
<style>
html {font-feature-settings: "pwid", "halt";}
</style>
"""
"""Chinese fonts set quotation marks and the middle dot a whole character wide; between Latin letters they must not be."""


def apply_style(language: str) -> None:
    """Put the page's style sheet on the page; call once per run."""
    st.html(_STYLE if language == "zh" else _STYLE + _LATIN)
