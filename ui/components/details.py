"""One candidate of the Sites page: who it is, and section by section why it stands where it stands.

Only the section that is looked at is reckoned and drawn, so that a slider is answered at once.
"""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from geo.evidence import evidence
from ui import state
from ui.components import charts, curves, documents, evidence_view, measures_view, opinion_view, reasons_view, robustness_view
from ui.components.formats import is_missing, number
from ui.state import COMPARE_LIMIT, Session

SECTIONS = ("reasons", "evidence", "measures", "firm", "better", "opinion")
"""Reasons first: they are what is said in the meeting; the rest is what they rest on."""


def show(session: Session, candidate_id: str) -> None:
    """Headline and the section chosen."""
    row = session.candidate_row(candidate_id)
    if row is None:
        return
    st.divider()
    _headline(session, row)
    st.session_state.setdefault("sites_section", SECTIONS[0])
    chosen = st.segmented_control(
        session.say("sites.detail.heading"), SECTIONS, key="sites_section", label_visibility="collapsed",
        format_func=lambda section: session.say(f"defend.section.{section}"),
    ) or SECTIONS[0]
    {
        "reasons": reasons_view.show_reasons, "evidence": _evidence, "measures": _measures,
        "firm": robustness_view.show_robustness, "better": reasons_view.show_better, "opinion": opinion_view.show_opinion,
    }[chosen](session, row)


def _evidence(session: Session, row: pd.Series) -> None:
    """The verdict of each gate with what it rests on."""
    items = evidence(session.study, str(row["candidate_id"]))
    st.html(evidence_view.evidence_html(
        items, session.language, verdicts=evidence_view.gate_verdicts(row), fields=evidence_view.file_fields(session.county)))


def _measures(session: Session, row: pd.Series) -> None:
    """Value curves with the site's dot on them, then measures, weights and points as a table."""
    rows = measures_view.measure_rows(session.study, str(row["candidate_id"]))
    st.markdown(f"**{session.say('defend.curves.heading')}**", help=session.say("defend.curves.help"))
    st.vega_lite_chart(curves.curves_spec(rows, session.study.scenario, session.language), width="content", key="sites_curves")
    st.html(charts.band_html(row["score"], row["score_low"], row["score_high"], session.language))
    st.markdown(f"**{session.say('sites.detail.measures')}**")
    st.html(measures_view.measures_html(rows, session.scenario, session.language))


def _headline(session: Session, row: pd.Series) -> None:
    """Who it is, its verdict, score and ranks, how firm its lead is, and the way to the comparison."""
    parts = [session.say(f"criteria.kind.{row['kind']}")]
    parts += [session.say(f"sites.detail.{name}", id=row[f"{name}_id"]) for name in ("parcel", "building", "venue")
              if not is_missing(row[f"{name}_id"])]
    parts.append(session.say("sites.detail.area", value=session.figure(row["parcel_area_m2"], "m2")))
    if is_missing(row["rank_in_county"]):
        parts.append(session.say("sites.detail.unranked"))
    else:
        village = session.say("sites.dash") if is_missing(row["rank_in_village"]) else number(row["rank_in_village"])
        parts.append(session.say("sites.detail.rank", village=village, county=number(row["rank_in_county"])))
    score = session.say("criteria.state.unknown") if is_missing(row["score"]) else session.say(
        "sites.score.band", score=number(row["score"], decimals=1))
    village_name = "" if is_missing(row["village_name"]) else row["village_name"]
    title = session.say("sites.detail.title", village=village_name, id=row["candidate_id"]).strip()
    words, actions = st.columns([0.66, 0.34], vertical_alignment="center")
    words.html(f'<div><span class="cz-title">{escape(title)}</span>{evidence_view.badge(row["verdict"], session.language)} '
               f'{robustness_view.badge_html(session, row)}'
               f'<span class="cz-score">&ensp;{escape(score)}</span></div>'
               f'<div class="cz-source" style="overflow-wrap:anywhere">{escape(" · ".join(parts))}</div>')
    with actions:
        _comparison_buttons(session, str(row["candidate_id"]))
        documents.site_button(session, row)


def _comparison_buttons(session: Session, candidate_id: str) -> None:
    add, leave = st.columns(2)
    listed = candidate_id in session.compare
    full = len(session.compare) >= COMPARE_LIMIT and not listed
    add.button(
        session.say("sites.compare_list.remove" if listed else "sites.compare_list.add"), key="sites_compare_add", disabled=full,
        help=session.say("sites.compare_list.full", limit=COMPARE_LIMIT) if full else None, width="stretch",
        on_click=state.remove_from_comparison if listed else state.add_to_comparison, args=(candidate_id,),
    )
    if leave.button(session.say("sites.compare_list.open", count=len(session.compare)), key="sites_compare_open", width="stretch",
                    disabled=not session.compare):
        state.go("compare")
