"""Style sheet of tables, badges and bars that the Sites and Compare pages draw as HTML; readable on light and dark grounds."""

from __future__ import annotations

import streamlit as st

from ui.theme import SELECTED_COLOUR, VERDICT_COLOURS

_STYLE = """
<style>
.cz-table {border-collapse: collapse; width: 100%%; font-size: .875rem; line-height: 1.45; font-variant-numeric: tabular-nums;}
.cz-table th, .cz-table td {border: none; border-bottom: 1px solid rgba(128,128,128,.22);
  padding: .28rem .5rem; vertical-align: top;}
.cz-table th {text-align: left; font-weight: 600; opacity: .78;
  border-bottom: 1px solid rgba(128,128,128,.55); white-space: nowrap;}
.cz-table .num {text-align: right; white-space: nowrap;}
.cz-table th.num {text-align: right;}
.cz-table tr.cz-group td {font-weight: 600; background: rgba(128,128,128,.10); padding-top: .32rem;}
.cz-table td.cz-value {white-space: nowrap; width: 7.2rem;}
.cz-clause {opacity: .6; font-size: .78rem; white-space: nowrap;}
.cz-muted {opacity: .7; font-style: normal;}
.cz-table td.cz-muted {white-space: normal; max-width: 12rem;}
.cz-small {font-size: .8rem; margin-left: .4rem;}
.cz-bar {display: inline-block; width: 4.2rem; height: .55rem; background: rgba(128,128,128,.25); border-radius: 2px;
  vertical-align: middle; overflow: hidden;}
.cz-bar > span {display: block; height: 100%%; background: %(pass)s;}
.cz-bar-unknown {background: repeating-linear-gradient(45deg, rgba(128,128,128,.35) 0 2px, transparent 2px 5px);}
.cz-badge {display: inline-block; padding: .02rem .5rem; border-radius: 3px; font-size: .82rem; font-weight: 600;
  white-space: nowrap;}
.cz-pass {background: %(pass)s; color: #fff;}
.cz-verify {background: #fbeac6; color: #5f3c04; border: 1px solid %(verify)s;}
.cz-fail {background: #e6e8e9; color: #3d4448; border: 1px solid %(fail)s;}
.cz-evidence td.cz-gate {width: 8.5rem; min-width: 8.5rem;}
.cz-evidence td.cz-gate > * {display: block; width: fit-content; margin-bottom: .12rem;}
.cz-source {opacity: .62; font-size: .78rem; overflow-wrap: anywhere; margin-bottom: .2rem;}
.cz-paper {font-size: .82rem; border-left: 3px solid %(verify)s; padding-left: .45rem; margin: .1rem 0 .3rem 0;}
.cz-evidence summary {font-size: .8rem; opacity: .75; cursor: pointer;}
.cz-better {font-weight: 700; box-shadow: inset 3px 0 0 %(pass)s;}
.cz-scale {position: relative; height: 1.05rem; background: rgba(128,128,128,.18); border-radius: 3px; margin: .3rem 0 .1rem 0;}
.cz-scale .cz-range {position: absolute; top: 0; bottom: 0; background: rgba(79,155,209,.45); border-radius: 3px;}
.cz-scale .cz-tick {position: absolute; top: -3px; bottom: -3px; width: 3px; background: %(selected)s; border-radius: 1px;}
.cz-ends {display: flex; justify-content: space-between; font-size: .74rem; opacity: .65; font-variant-numeric: tabular-nums;}
.cz-title {font-size: 1.1rem; font-weight: 600; margin-right: .6rem;}
.cz-score {font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums;}
.cz-facts {display: flex; flex-wrap: wrap; gap: .2rem 1.6rem;
  font-size: .92rem; font-variant-numeric: tabular-nums; align-items: baseline;}
.cz-facts b {font-size: 1.05rem; margin-left: .3rem;}
.cz-facts span.cz-label {opacity: .72;}
.st-key-sites_weights [data-testid="stSlider"] {padding-bottom: 0;}
.st-key-sites_weights [data-testid="stSlider"] [data-testid="stSliderTickBar"] {display: none;}
.st-key-sites_weights [data-testid="stVerticalBlock"] {gap: .1rem;}
</style>
"""


def apply_style() -> None:
    """Put the style sheet on the page; call once per run."""
    st.html(_STYLE % {**VERDICT_COLOURS, "selected": SELECTED_COLOUR})
