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
.cz-help summary {cursor: pointer; list-style: none;}
.cz-help summary::after {content: "ⓘ"; opacity: .5; font-size: .8rem; margin-left: .3rem;}
.cz-help summary::-webkit-details-marker {display: none;}
.cz-help p {font-size: .82rem; margin: .15rem 0 .15rem .2rem; max-width: 46rem; line-height: 1.5;}
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
.cz-groups > div {display: grid; grid-template-columns: 8.6rem 1fr 6rem; gap: .6rem; align-items: center; font-size: .86rem;
  line-height: 1.75;}
.cz-groups .num {text-align: right; font-variant-numeric: tabular-nums; opacity: .85;}
.cz-group-bar {position: relative; height: .8rem; display: block;}
.cz-group-bar > span {position: absolute; left: 0; top: 0; bottom: 0; border-radius: 2px;}
.cz-group-bar > span.cz-left {background: rgba(128,128,128,.22);}
ul.cz-reasons {list-style: none; padding: 0 !important; margin: .3rem 0 .6rem 0; font-size: 1.06rem; line-height: 1.7;
  max-width: 62rem;}
.cz-reasons li {display: grid; grid-template-columns: 4.6rem 1fr; gap: .8rem;
  padding: .45rem 0; margin: 0 !important;
  border-bottom: 1px solid rgba(128,128,128,.18);}
.cz-part {font-size: .86rem; opacity: .68; line-height: 2.1;}
.cz-facts-of {font-size: .78rem; opacity: .62; overflow-wrap: anywhere; line-height: 1.45;}
.cz-facts-of summary {cursor: pointer;}
.cz-step {border-left: 3px solid rgba(128,128,128,.4); padding: .1rem 0 .1rem .6rem; margin: .25rem 0 .55rem 0; line-height: 1.6;}
.cz-step .cz-step {border-left: none; padding-left: 0; margin: 0;}
.cz-firm {font-size: 1.15rem; margin: .1rem 0 .5rem 0;}
.cz-firm-only, .cz-firm-steady {background: #e3efe9; color: #053b48; border: 1px solid %(pass)s;}
.cz-firm-contested {background: #fbeac6; color: #5f3c04; border: 1px solid %(verify)s;}
.cz-firm-coin_toss {background: transparent; color: inherit; border: 1px dashed currentColor;}
.cz-table td.cz-wide {width: 45%%;}
.cz-table td.cz-wide .cz-bar {width: 100%%;}
.cz-table td.cz-nowrap {white-space: nowrap; width: 6.5rem;}
.cz-bounds td.cz-wide {width: auto;}
.cz-table tr.cz-me td {font-weight: 600; box-shadow: inset 0 -2px 0 %(selected)s;}
.cz-table td.cz-apart {background: rgba(239,166,75,.28);}
.cz-table td.cz-id {white-space: nowrap;}
.cz-facts {display: flex; flex-wrap: wrap; gap: .2rem 1.15rem;
  font-size: .92rem; font-variant-numeric: tabular-nums; align-items: baseline;}
.cz-facts b {font-size: 1.05rem; margin-left: .3rem;}
.cz-facts span.cz-label {opacity: .72;}
.st-key-sites_weights [data-testid="stSlider"] {padding-bottom: 0;}
.st-key-sites_weights [data-testid="stSlider"] [data-testid="stSliderTickBar"] {display: none;}
.st-key-sites_weights [data-testid="stVerticalBlock"] {gap: .1rem;}
.st-key-sites_weights [data-testid="stMarkdownContainer"] p {font-size: .92rem; white-space: nowrap;}
</style>
"""


def apply_style() -> None:
    """Put the style sheet on the page; call once per run."""
    st.html(_STYLE % {**VERDICT_COLOURS, "selected": SELECTED_COLOUR})
