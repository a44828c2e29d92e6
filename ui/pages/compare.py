"""The Compare page: two to four candidates side by side, from one village or several."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from geo.evidence import evidence
from ui import state
from ui.components import charts, comparison, evidence_view, measures_view
from ui.components.empty_view import village_name
from ui.components.formats import band, is_missing, number
from ui.components.picker import ordered_villages, village_option
from ui.components.style import apply_style
from ui.maps import site_map
from ui.state import COMPARE_LIMIT, Session

BEST = 3
"""How many of a village's best the shortcut compares."""

OPTIONS_LIMIT = 300
"""Candidates of a village offered in the list, best first."""


def render(session: Session) -> None:
    """Draw the page for the session's comparison list."""
    apply_style()
    st.subheader(session.say("sites.compare.title"))
    st.caption(session.say("sites.compare.lead"))
    if session.study.villages.empty or session.study.candidates.empty:
        st.info(session.say("sites.picker.none"))
        return
    _pick(session)
    if not session.compare:
        st.info(f"**{session.say('sites.compare.empty')}** {session.say('sites.compare.empty_how')}")
        return
    rows = {candidate: session.candidate_row(candidate) for candidate in session.compare}
    heads = _heads(rows)
    _side_by_side(session, rows)
    if len(rows) == 1:
        st.info(session.say("sites.compare.one_more"))
        return
    measures = {heads[c]: measures_view.measure_rows(session.study, c) for c in rows}
    st.markdown(f"#### {session.say('sites.compare.scores')}")
    st.altair_chart(charts.stacked_chart(measures, session.language), width="stretch", key="compare_chart")
    only = st.toggle(session.say("sites.compare.only_differences"), key="compare_only_differences")
    st.markdown(f"#### {session.say('sites.compare.measures')}")
    st.caption(session.say("sites.compare.measures_note"))
    _show(session, comparison.measures_side_by_side(measures, session.language, only_differences=only))
    st.markdown(f"#### {session.say('sites.compare.evidence')}")
    judged = {heads[c]: (evidence_view.gate_verdicts(row), evidence(session.study, c)) for c, row in rows.items()}
    _show(session, comparison.evidence_side_by_side(judged, session.language, only_differences=only))


def _show(session: Session, table: str) -> None:
    if table:
        st.html(table)
    else:
        st.caption(session.say("sites.compare.no_differences"))


def _heads(rows: dict[str, pd.Series]) -> dict[str, str]:
    """Column heads: the village's name with the id, so that sites of several villages are told apart."""
    return {candidate: f"{'' if is_missing(row['village_name']) else row['village_name']} {candidate}".strip()
            for candidate, row in rows.items()}


def _pick(session: Session) -> None:
    """Choose a village and one of its candidates, or its best at one go."""
    villages = ordered_villages(session.study.villages, None).set_index("village_code")
    has_sites = set(session.study.candidates["village_code"].dropna())
    codes = [code for code in villages.index if code in has_sites]
    if not codes:
        st.info(session.say("sites.empty.no_layer"))
        return
    village_place, candidate_place, add_place, clear_place = st.columns([0.36, 0.40, 0.12, 0.12], vertical_alignment="bottom")
    with village_place:
        at = codes.index(session.village) if session.village in codes else 0
        village = st.selectbox(session.say("sites.compare.pick_village"), codes, index=at, key="compare_village",
                               format_func=lambda code: village_option(villages.loc[code].rename(code), session))
    rows = session.candidates_of(village).head(OPTIONS_LIMIT)
    labels = {row["candidate_id"]: _option(session, row) for row in rows.to_dict("records")}
    free = [candidate for candidate in labels if candidate not in session.compare]
    with candidate_place:
        candidate = st.selectbox(session.say("sites.compare.pick_candidate"), free, key="compare_candidate",
                                 format_func=lambda one: labels.get(one, one))
    full = len(session.compare) >= COMPARE_LIMIT
    add_place.button(
        session.say("sites.compare.add"), key="compare_add", disabled=full or candidate is None, width="stretch", type="primary",
        help=session.say("sites.compare_list.full", limit=COMPARE_LIMIT) if full else None,
        on_click=state.add_to_comparison, args=(candidate,),
    )
    clear_place.button(session.say("sites.compare.clear"), key="compare_clear", disabled=not session.compare, width="stretch",
                       on_click=state.set_comparison, args=((),))
    if not session.compare and len(rows) > 1:
        best = rows["candidate_id"].tolist()[:BEST]
        st.button(session.say("sites.compare.best_of", village=village_name(session, village), count=len(best)), key="compare_best",
                  on_click=state.set_comparison, args=(tuple(best),))


def _option(session: Session, row: dict) -> str:
    rank = session.say("sites.compare.unranked") if is_missing(row["rank_in_village"]) else number(row["rank_in_village"])
    score = session.say("criteria.state.unknown") if is_missing(row["score"]) else number(row["score"], decimals=1)
    return session.say("sites.compare.pick_option", rank=rank, id=row["candidate_id"], score=score,
                       kind=session.say(f"criteria.kind.{row['kind']}"), verdict=session.say(f"criteria.verdict.{row['verdict']}"))


def _side_by_side(session: Session, rows: dict[str, pd.Series]) -> None:
    """Who they are: verdict, score with band, and maps at one scale."""
    span = comparison.common_span_m(row["geometry"] for row in rows.values())
    columns = st.columns(max(len(rows), 2), gap="small")
    for column, (candidate, row) in zip(columns, rows.items(), strict=False):
        with column:
            _card(session, candidate, row, span)
    st.caption(session.say("sites.compare.same_scale"))


def _card(session: Session, candidate: str, row: pd.Series, span: float) -> None:
    village = "" if is_missing(row["village_name"]) else str(row["village_name"])
    kind = session.say(f"criteria.kind.{row['kind']}")
    rank = (session.say("sites.detail.unranked") if is_missing(row["rank_in_county"]) else session.say(
        "sites.detail.rank", county=number(row["rank_in_county"]),
        village=session.say("sites.dash") if is_missing(row["rank_in_village"]) else number(row["rank_in_village"])))
    score = band(row["score"], row["score_low"], row["score_high"], session.language)
    st.html(f'<div><span class="cz-title">{escape(village)}</span>{evidence_view.badge(row["verdict"], session.language)}</div>'
            f'<div class="cz-source">{escape(candidate)} · {escape(kind)}</div>'
            f'<div><span class="cz-score">{escape(score)}</span></div>'
            f'<div class="cz-source">{escape(rank)}</div>')
    st.html(charts.band_html(row["score"], row["score_low"], row["score_high"], session.language))
    if not is_missing(row["village_code"]):
        site_map(session, candidate, span_m=span, height=250, key=f"compare-map-{candidate}-{span:.0f}")
    look, remove = st.columns(2)
    if look.button(session.say("sites.compare.open"), key=f"compare_open_{candidate}", width="stretch"):
        state.select_candidate(candidate)
        state.go("sites")
    remove.button(session.say("sites.compare.remove"), key=f"compare_remove_{candidate}", width="stretch",
                  on_click=state.remove_from_comparison, args=(candidate,))
