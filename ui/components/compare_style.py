"""Style of the comparison: on a screen, in a meeting (large, calm, nothing beside it), and on paper (one A4 for each site)."""

from __future__ import annotations

import streamlit as st

MEETING_PX = 21
"""Size of the text in a meeting: from the last row of a room a projector's 20 px are about what 10 pt are at the desk."""

_GROUND = {"dark": "#171614", "light": "#ffffff"}
"""Streamlit's own, where the settings name none."""

_STYLE = """
<style>
.cz-chip {display: inline-block; min-width: 1.5em; padding: 0 .25em; border-radius: .25em; color: #fff; font-weight: 700;
  text-align: center; margin-right: .45rem; box-shadow: 0 0 0 1px rgba(255,255,255,.6);}
.cz-card {border-top: 4px solid rgba(128,128,128,.3); padding-top: .45rem; overflow-wrap: anywhere;}
.cz-card.cz-turn {border-top-color: var(--cz-letter);}
.cz-card .cz-badge {margin: 0 .35rem .15rem 0;} .cz-card .cz-badge.cz-pass {border: 1px solid transparent;}
.cz-card .cz-score {margin-right: .7rem;}
.cz-plot {display: block; width: 100%; height: auto; max-width: 1100px;}
.cz-letter {font-weight: 600; margin-bottom: .1rem;}
.st-key-compare_reasons ul.cz-reasons li {display: block;}
.st-key-compare_reasons .cz-part {line-height: 1.4;}
.st-key-compare_screen .cz-side {table-layout: fixed;}
.st-key-compare_screen .cz-side th, .st-key-compare_screen .cz-side td {overflow-wrap: anywhere; white-space: normal;}
.st-key-compare_screen .cz-side thead th {position: sticky; top: 0; z-index: 3; background: GROUND; opacity: 1;}
@media screen {.st-key-compare_sheets {display: none;}}
</style>
"""

_MEETING = """
<style>
@media screen {
html {font-size: SIZEpx !important;}
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"], [data-testid="stSidebarCollapsedControl"],
header[data-testid="stHeader"] {display: none !important;}
.block-container {padding: .8rem 1.4rem 2rem 1.4rem !important; max-width: none !important;}
.stApp .cz-table, .stApp .cz-badge, .stApp .cz-source, .stApp .cz-clause, .stApp .cz-small, .stApp .cz-part, .stApp .cz-paper,
.stApp .cz-why, .stApp [data-testid="stCaptionContainer"] p, .stApp [data-testid="stCaptionContainer"], .stApp button p,
.stApp label p, .stApp button kbd, .stApp button span {font-size: 1rem !important; opacity: 1;}
.stApp .cz-muted {opacity: .85;}
.stApp .cz-title {font-size: 1.35rem;} .stApp .cz-score {font-size: 1.6rem; line-height: 1.2;}
.stApp .cz-ends, .stApp .cz-facts-of {display: none;}
.stApp .cz-card .cz-source {line-height: 1.35; margin: 0;} .stApp .cz-scale {height: .7rem; margin: .25rem 0;}
.stApp ul.cz-reasons {font-size: 1.05rem; line-height: 1.5;}
.stApp .cz-plot {max-width: none;}
.stApp .cz-table th {opacity: 1;} .stApp .cz-table td, .stApp .cz-table th {padding: .35rem .5rem;}
.stApp .cz-better {box-shadow: inset 6px 0 0 #0b6470;}
.stApp [data-testid="stVerticalBlock"] {gap: .6rem;}
.st-key-compare_bar button {padding: .2rem .3rem;}
}
</style>
"""

_PAPER = """
<style>
@media print {
@page {size: A4 portrait; margin: 9mm 12mm;}
html {font-size: 12px !important;}
body *:not(:has(.cz-sheet)):not(.cz-sheet):not(.cz-sheet *) {display: none !important;}
body, body *:has(.cz-sheet) {display: block !important; position: static !important; overflow: visible !important;
  width: auto !important; min-width: 0 !important; max-width: none !important; height: auto !important; min-height: 0 !important;
  margin: 0 !important; padding: 0 !important; border: none !important; background: #fff !important; transform: none !important;
  gap: 0 !important;}
.cz-sheet {width: 186mm; height: 278mm; overflow: hidden; break-after: page; break-inside: avoid; color: #16201f; background: #fff;
  font-size: 8.4pt; line-height: 1.32; print-color-adjust: exact; -webkit-print-color-adjust: exact; display: flex;
  flex-direction: column; gap: 1.8mm;}
.cz-sheet:last-child {break-after: auto;}
.cz-sheet-head {display: flex; justify-content: space-between; border-bottom: .4mm solid #16201f; padding-bottom: 1mm;}
.cz-sheet .cz-title {font-size: 15pt; line-height: 1.2;} .cz-sheet .cz-score {font-size: 13pt;}
.cz-sheet .cz-badge, .cz-sheet .cz-chip {font-size: 9pt;} .cz-sheet .cz-chip {font-size: 13pt;}
.cz-sheet-top {display: grid; grid-template-columns: 72mm 1fr; gap: 5mm;}
.cz-sheet-map {display: block; width: 72mm; height: 72mm;}
.cz-sheet ul.cz-reasons {font-size: 8.9pt; line-height: 1.36; margin: 0;}
.cz-sheet ul.cz-reasons li {display: block; padding: .5mm 0;}
.cz-sheet .cz-part {font-size: 8pt; line-height: 1.2; opacity: .75;}
.cz-sheet .cz-facts-of {display: none;}
.cz-sheet-two {column-count: 2; column-gap: 6mm;} .cz-sheet-two > div {break-inside: avoid; margin-bottom: .9mm;}
.cz-sheet-row {display: grid; grid-template-columns: minmax(24mm, 1fr) minmax(0, auto) 9mm; gap: 2mm;
  border-bottom: .15mm solid #c6ccca;}
.cz-sheet-row.cz-sum {font-weight: 700; border-bottom: .3mm solid #7b8283;}
.cz-sheet-row > :nth-child(n+2) {text-align: right; font-variant-numeric: tabular-nums;}
.cz-sheet-gates {display: grid; grid-template-columns: 30mm 1fr; gap: .9mm 3mm;} .cz-sheet-gates .cz-badge {font-size: 8pt;}
.cz-sheet h3 {font-size: 10pt; margin: 0; padding: 0; font-weight: 700;}
.cz-sheet-foot {margin-top: auto; border-top: .25mm solid #7b8283; padding-top: 1mm;}
.cz-sheet .cz-note {font-size: 7.8pt; opacity: .8;}
}
</style>
"""


def apply_compare_style(*, meeting: bool) -> None:
    """Put the style of the comparison on the page, that of a meeting where there is one."""
    theme = "dark" if is_dark() else "light"
    ground = st.get_option(f"theme.{theme}.backgroundColor") or _GROUND[theme]
    st.html(_STYLE.replace("GROUND", ground) + (_MEETING.replace("SIZE", str(MEETING_PX)) if meeting else ""))


def paper_style() -> str:
    """The style that turns the page into the sheets on it when it is printed; belongs beside the sheets, never without them."""
    return _PAPER


def is_dark() -> bool:
    """Whether the page stands on a dark ground."""
    return st.context.theme.type == "dark"
