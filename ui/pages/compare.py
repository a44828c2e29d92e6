"""The Compare page: two to four candidates side by side, from one village or several; at the desk, in a meeting and on paper."""

from __future__ import annotations

import streamlit as st

from geo.evidence import evidence
from ui import state
from ui.components import charts, compare_paper, compare_plot, compare_steps, comparison, evidence_view, measures_view
from ui.components.compare_columns import show_columns
from ui.components.compare_sheet import Site
from ui.components.compare_steps import BEST
from ui.components.compare_style import MEETING_PX, apply_compare_style, is_dark
from ui.components.empty_view import village_name
from ui.components.formats import is_missing, number
from ui.components.kept import kept, weighed_by
from ui.components.picker import ordered_villages, village_option
from ui.components.reasons_view import sentences_html, site_sentences
from ui.components.robustness_view import badge_html
from ui.components.style import apply_style
from ui.state import COMPARE_LIMIT, Session

LEGEND_COLUMNS = {"zh": 4, "en": 3}
"""Names of groups side by side below the chart: what fits half a page on the smallest screen."""

OPTIONS_LIMIT = 300
"""Candidates of a village offered in the list, best first."""


def render(session: Session) -> None:
    """Draw the page for the session's comparison list."""
    apply_style()
    apply_compare_style(meeting=session.meeting)
    span = 0.0
    with st.container(key="compare_screen"):
        if session.study.villages.empty or session.study.candidates.empty:
            _title(session)
            st.info(session.say("sites.picker.none"))
            return
        sites = _sites(session)
        if not session.meeting:
            _title(session)
            _pick(session)
        asked = _bar(session, sites)
        if not sites:
            st.info(f"**{session.say('sites.compare.empty')}** {session.say('sites.compare.empty_how')}")
            return
        span = comparison.common_span_m(site.row["geometry"] for site in sites)
        show_columns(session, sites, span)
        st.caption(session.say("compare.map.same"))
        if len(sites) == 1:
            st.info(session.say("sites.compare.one_more"))
        else:
            _figures(session, sites)
    compare_paper.lay_out(session, sites, span)
    if asked:
        compare_paper.print_now()


def _title(session: Session) -> None:
    st.subheader(session.say("sites.compare.title"))
    st.caption(session.say("sites.compare.lead"))


def _sites(session: Session) -> tuple[Site, ...]:
    """What is said of each compared site, reckoned once for these weights."""
    def make() -> tuple[Site, ...]:
        return tuple(_site(session, candidate) for candidate in session.compare)

    return kept("compare", (*weighed_by(session), session.language, session.compare), make)


def _site(session: Session, candidate: str) -> Site:
    row = session.candidate_row(candidate)
    head = f"{'' if is_missing(row['village_name']) else row['village_name']} {candidate}".strip()
    return Site(
        candidate, head, row, measures_view.measure_rows(session.study, candidate), tuple(evidence(session.study, candidate)),
        site_sentences(session, row), badge_html(session, row),
    )


def _bar(session: Session, sites: tuple[Site, ...]) -> bool:
    """Meeting mode, the steps by button or key, and the ways to paper; True where printing was asked for just now."""
    say = session.say
    with st.container(key="compare_bar"):
        meeting, village_back, back, on, village_on, paper, pdf = st.columns([1.25, 1.4, 1.15, 1.15, 1.4, 0.85, 0.8], gap="xsmall")
    meeting.button(
        say("compare.meeting.off" if session.meeting else "compare.meeting.on"), key="compare_meeting", width="stretch",
        icon=":material/co_present:", help=say("compare.meeting.help"), on_click=state.set_meeting, args=(not session.meeting,))
    steps = (
        (village_back, "previous_village", "pageup", compare_steps.show_village, compare_steps.neighbour_village(session, -1)),
        (back, "previous_site", "left", compare_steps.show_site, compare_steps.neighbour_site(session, -1)),
        (on, "next_site", "right", compare_steps.show_site, compare_steps.neighbour_site(session, 1)),
        (village_on, "next_village", "pagedown", compare_steps.show_village, compare_steps.neighbour_village(session, 1)),
    )
    for place, name, key, show, target in steps:
        place.button(
            say(f"compare.step.{name}"), key=f"compare_{name}", shortcut=key, width="stretch", disabled=target is None,
            help=say(f"compare.step.{name.split('_')[1]}_help"), on_click=show, args=(session, target))
    asked = compare_paper.print_buttons(session, sites, paper, pdf)
    if sites and not session.meeting:
        st.caption(say("compare.keys", count=len(sites)))
    return asked


def _figures(session: Session, sites: tuple[Site, ...]) -> None:
    """What the sites are made of, why they stand where they stand, and row by row which one is better."""
    say, language = session.say, session.language
    heads = {f"{letter}  {site.head}": site for letter, site in zip(compare_plot.LETTERS, sites, strict=False)}
    measures = {head: site.measures for head, site in heads.items()}
    _points(session, measures)
    st.markdown(f"#### {say('compare.part.reasons')}")
    with st.container(key="compare_reasons"):
        for at, (column, site) in enumerate(zip(st.columns(len(sites), gap="medium"), sites, strict=True)):
            column.html(f'<div class="cz-letter">{compare_plot.chip(at)}</div>{sentences_html(session, site.sentences)}')
    only = False if session.meeting else st.toggle(say("sites.compare.only_differences"), key="compare_only_differences")
    st.markdown(f"#### {say('sites.compare.measures')}")
    st.caption(say("sites.compare.measures_note"))
    _show(session, comparison.measures_side_by_side(measures, session.scenario, language, only_differences=only))
    st.markdown(f"#### {say('sites.compare.evidence')}")
    judged = {head: (evidence_view.gate_verdicts(site.row), site.evidence) for head, site in heads.items()}
    _show(session, comparison.evidence_side_by_side(judged, language, only_differences=only))


def _points(session: Session, measures: dict[str, tuple[measures_view.MeasureRow, ...]]) -> None:
    """The groups as a parallel plot; at the desk beside the points that make up each score."""
    say, language = session.say, session.language
    if session.meeting:
        st.markdown(f"#### {say('compare.part.plot')}")
        st.caption(say("compare.part.plot_note"))
        st.html(compare_plot.parallel_html(measures, language, font_px=MEETING_PX, width_px=1300, dark=is_dark()))
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"#### {say('compare.part.plot')}", help=say("compare.part.plot_note"))
        st.html(compare_plot.parallel_html(measures, language, dark=is_dark()))
    with right:
        st.markdown(f"#### {say('sites.compare.scores')}")
        letters = dict(zip(measures, compare_plot.LETTERS, strict=False))
        st.altair_chart(charts.stacked_chart(measures, language, legend_columns=LEGEND_COLUMNS[language], labels=letters),
                        width="stretch", key="compare_chart")


def _show(session: Session, table: str) -> None:
    if table:
        st.html(table)
    else:
        st.caption(session.say("sites.compare.no_differences"))


def _pick(session: Session) -> None:
    """Choose a village and one of its candidates, or its best at one go."""
    villages = ordered_villages(session.study.villages, None)
    has_sites = set(session.study.candidates["village_code"].dropna())
    named = villages[["village_code", "village_name", "township_name", "venue"]].to_dict("records")
    options = {row["village_code"]: village_option(row, session) for row in named if row["village_code"] in has_sites}
    codes = list(options)
    if not codes:
        st.info(session.say("sites.empty.no_layer"))
        return
    village_place, candidate_place, add_place, clear_place = st.columns([0.36, 0.40, 0.12, 0.12], vertical_alignment="bottom")
    with village_place:
        at = codes.index(session.village) if session.village in codes else 0
        village = st.selectbox(session.say("sites.compare.pick_village"), codes, index=at, key="compare_village",
                               format_func=options.__getitem__)
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
