"""Suspected gaps between roads on the Data page: what each would change, its place, and the join that a person can accept."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd
import streamlit as st

from geo.road_review import RoadReview
from layers.findings import InputError
from layers.mending import ignored_findings, with_join
from reports.road_gaps import gap_text
from ui.components.data_choices import aside_button, show_button
from ui.components.data_mend import offer
from ui.components.data_places import Spot
from ui.components.waiting import wait_for
from ui.jobs import Job, Tell
from ui.state import Session

MOST_SHOWN = 30
"""Gaps listed, those with most people concerned first; the file of a run has them all."""

PARTS_SHOWN = 12
"""Parts of the network listed besides the longest."""

_OPENED, _LEFT = "cz_data_join", "cz_data_gaps_left"


def gap_spots(gaps: pd.DataFrame | None) -> dict[str, Spot]:
    """Suspected gaps between roads as places to look at, by key.

    Parameters
    ----------
    gaps : DataFrame, optional
        `lon`, `lat` in degrees, `kind`, `text`, and where known the ends `lon1`, `lat1`, `lon2`, `lat2`; one row a gap.
    """
    if gaps is None:
        return {}
    has_ends = {"lon1", "lat1", "lon2", "lat2"} <= set(gaps.columns)
    return {
        f"gap:{row.kind}:{row.lon:.5f}:{row.lat:.5f}": Spot(
            "roads", point=(float(row.lon), float(row.lat)), tip=(str(row.text),),
            line=((row.lon1, row.lat1), (row.lon2, row.lat2)) if has_ends else None)
        for row in gaps.itertuples()
    }


def road_gaps_panel(session: Session) -> dict[str, Spot]:
    """Draw the gaps and the parts of the network; the places of the gaps by key. Nothing without roads."""
    review, tell = session.base_study.road_review, session.say
    if review is None:
        return {}
    found = _searched(session, review)
    if found is None:
        return {}
    gaps, parts = found
    worth = gaps["people"].gt(0) | gaps["people"].isna()
    listed = gaps[worth].head(MOST_SHOWN)
    listed = listed.assign(text=[gap_text(row, session.language) for row in listed.to_dict("records")])
    spots = gap_spots(listed)
    ignored = ignored_findings(session.county_path)
    rows = dict(zip(spots, listed.to_dict("records"), strict=True))
    with st.expander(f"{tell('data_page.findings.gaps')} · {int(worth.sum()):,}", expanded=False):
        st.caption(tell("data_page.findings.gaps_note"))
        st.caption(f"{_counts(session, review)} {_rules(session)}")
        for key, row in rows.items():
            if key not in ignored:
                _card(session, key, row, ignored=False)
        if worth.sum() > len(listed):
            st.caption(tell("roads.page.more", shown=f"{len(listed):,}", all=f"{int(worth.sum()):,}"))
        if not worth.all():
            st.caption(tell("roads.page.minor", count=f"{int((~worth).sum()):,}"))
        aside = [key for key in rows if key in ignored]
        if aside:
            st.caption(tell("data_page.findings.ignored"))
        for key in aside:
            _card(session, key, rows[key], ignored=True)
    _parts(session, parts)
    return spots | part_spots(parts, session)


@st.cache_resource(show_spinner=False, max_entries=4)
def _search(stamp: str, _review: RoadReview) -> Job[tuple[pd.DataFrame, pd.DataFrame]]:
    """The search, begun: seconds in a large county, which nobody else waits for."""
    def work(tell: Tell) -> tuple[pd.DataFrame, pd.DataFrame]:
        tell("gaps", 0.1)
        gaps = _review.gaps
        tell("parts", 0.8)
        return gaps, _review.parts

    return Job(work).start()


def _searched(session: Session, review: RoadReview) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Gaps and parts; None while they are sought, which the page shows, or where the search was given up."""
    tell = session.say
    if st.session_state.get(_LEFT) == session.stamp:
        if not st.button(tell("roads.page.search"), key="data_gaps_search", icon=":material/search:"):
            return None
        del st.session_state[_LEFT]

    def left() -> None:
        st.session_state[_LEFT] = session.stamp
        _search.clear(session.stamp, review)

    job = _search(session.stamp, review)
    if not wait_for(job, session.language, step_text=lambda step: tell("roads.page.searching"), key="data_gaps", on_cancel=left):
        return None
    return job.result()


def _counts(session: Session, review: RoadReview) -> str:
    counts = review.network.counts
    return session.say(
        "roads.page.counts", roads=f"{counts.roads:,}", ends=f"{counts.ends_joined:,}", crossings=f"{counts.crossings_split:,}",
        closed=f"{counts.closed:,}", tolerance=session.figure(review.network.travel.snap_tolerance_m, with_unit=False))


def _rules(session: Session) -> str:
    rules = session.base_study.scenario.road_gaps

    def metres(value: float) -> str:
        return session.figure(value, with_unit=False)

    return session.say(
        "roads.page.closer", clause=rules.clause, longest=metres(rules.longest_m), detour=metres(rules.detour_m),
        reach=metres(rules.piece_reach_m), settlement=metres(rules.settlement_m))


def _card(session: Session, key: str, row: Mapping, *, ignored: bool) -> None:
    """One gap: its sentence, and the buttons. A settlement without a road is mended by better data, not by a straight line."""
    tell = session.say
    with st.container(border=True):
        head = f"{row['gap_id']} · {tell('roads.kind_name.' + row['kind'])}"
        concerned = "" if pd.isna(row["people"]) else session.figure(row["people"], "people", decimals=0)
        st.html(f'<div class="cz-finding cz-warning"><div class="cz-finding-head"><b>{escape(head)}</b>'
                f'<span>{escape(concerned)}</span></div><div>{escape(str(row["text"]))}</div></div>')
        with st.container(horizontal=True, gap="small"):
            show_button(key, session.language)
            if row["kind"] != "settlement" and not ignored:
                st.button(tell("roads.page.accept"), key=f"accept-{key}", icon=":material/add_road:", on_click=_toggle, args=(key,))
            aside_button(key, session.language, ignored=ignored)
        if st.session_state.get(_OPENED) == key and not ignored:
            _accept(session, key, row)


def _toggle(key: str) -> None:
    st.session_state[_OPENED] = None if st.session_state.get(_OPENED) == key else key


def _accept(session: Session, key: str, row: Mapping) -> None:
    """What accepting would write, and the button that writes it."""
    try:
        change = with_join(session.county_path, (row["lon1"], row["lat1"], row["lon2"], row["lat2"]))
    except InputError as error:
        for finding in error.findings:
            st.text(finding.text(session.language))
        return
    offer(change, session.language, key=key, note=session.say("roads.page.accept_note"))


def part_spots(parts: pd.DataFrame, session: Session) -> dict[str, Spot]:
    """Parts of the network besides the longest as places to look at, by key."""
    return {
        f"part:{row.lon:.5f}:{row.lat:.5f}": Spot(
            "roads", point=(float(row.lon), float(row.lat)),
            tip=(session.say("roads.page.part", number=row.part, length=f"{row.length_m:,.0f}"),))
        for row in parts.iloc[1:].itertuples()
    }


def _parts(session: Session, parts: pd.DataFrame) -> None:
    tell = session.say
    if len(parts) < 2:
        st.caption(tell("roads.page.joined"))
        return
    carrying = parts.iloc[1:]
    carrying = carrying[carrying["people"].ge(0.5) | carrying["settlements"].gt(0)]
    carrying = carrying.sort_values(["people", "length_m"], ascending=False, na_position="last").head(PARTS_SHOWN)
    with st.expander(f"{tell('roads.page.parts')} · {len(parts) - 1:,}", expanded=False):
        share = session.figure(float(parts["share"].iloc[0]), "share")
        st.caption(tell("roads.page.parts_note", count=f"{len(parts):,}", share=share))
        if carrying.empty:
            st.caption(tell("roads.page.parts_none"))
        for row in carrying.to_dict("records"):
            with st.container(border=True):
                st.html(f'<div class="cz-finding">{escape(_part_text(session, row))}</div>')
                show_button(f"part:{row['lon']:.5f}:{row['lat']:.5f}", session.language)


def _part_text(session: Session, row: Mapping) -> str:
    tell = session.say
    said = [tell("roads.page.part", number=row["part"], length=f"{row['length_m']:,.0f}")]
    if row["people"] >= 0.5:
        said.append(tell("roads.page.part_people", people=f"{row['people']:,.0f}"))
    if row["settlements"]:
        said.append(tell("roads.page.part_settlements", count=f"{row['settlements']:,}", names=row["settlement_names"]))
    if row["leads_through"] is False:
        said.append(tell("roads.page.part_through"))
    return tell("roads.text.separator").join(said) + tell("roads.text.end")
