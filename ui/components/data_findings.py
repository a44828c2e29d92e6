"""Findings by severity, each with its place on the map, the setting that would mend it, and the choice to lay it aside."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import streamlit as st

from layers.county import County
from layers.findings import SEVERITIES, Finding, InputError
from layers.mending import ignored_findings, undo, undoable
from layers.schema import RASTER_ROLES, RESTRICTION_KINDS, ROLES
from layers.words import say
from ui import state
from ui.components.data_choices import FOCUS, aside_button, show_button
from ui.components.data_gaps import road_gaps_panel
from ui.components.data_mend import known_mends, mend_form
from ui.components.data_places import Spot, base_of_spot, has_place, spot_of
from ui.errors import boundary
from ui.map_shapes import to_json
from ui.maps import ground, show_map
from ui.state import Session

HEIGHT = 620
"""Of the list and of the map beside it, in pixels."""

OPENED = "cz_data_mend"
FINDING_STYLE = """
<style>
.cz-finding {font-size: .9rem; line-height: 1.5; border-left: 3px solid #8d9499; padding-left: .6rem; overflow-wrap: anywhere;}
.cz-finding.cz-error {border-color: #c8431f;} .cz-finding.cz-warning {border-color: #efa64b;}
.cz-finding-head {display: flex; justify-content: space-between; gap: 1rem;} .cz-finding-head span {opacity: .7;}
.cz-card-file {font-size: .88rem; overflow-wrap: anywhere;}
.cz-card-facts {font-size: .8rem; opacity: .75; line-height: 1.5; overflow-wrap: anywhere;}
.cz-finding-ids {font-size: .8rem; opacity: .7; max-height: 3.2em; overflow-y: auto;}
</style>
"""
"""Style sheet of the cards."""

_MARKS = {"error": "✕", "warning": "!", "info": "i"}


def role_name(role: str, language: str) -> str:
    """The name of a layer in words; one of several, such as ``restrictions.redline``, keeps its own name behind it."""
    general, _, own = role.partition(".")
    if general not in (*ROLES, *RASTER_ROLES):
        return role
    name = say(f"criteria.role.{general}", language)
    return f"{name} · {say(f'app.restriction.{own}', language) if own in RESTRICTION_KINDS else own}" if own else name


def finding_html(finding: Finding, language: str) -> str:
    """A finding as HTML: layer and count, what it is, the ids concerned; every part is escaped."""
    layer = escape(role_name(finding.layer.removeprefix("layers."), language))
    count = "" if finding.count is None else escape(say("data_page.findings.count", language, count=f"{finding.count:,}"))
    ids = escape(say("data_page.findings.ids", language, ids="  ".join(finding.rows))) if finding.rows else ""
    return (f'<div class="cz-finding cz-{finding.severity}"><div class="cz-finding-head"><b>{layer}</b><span>{count}</span></div>'
            f'<div>{escape(finding.text(language))}</div><div class="cz-finding-ids">{ids}</div></div>')


def findings_panel() -> None:
    """Draw the findings and the suspected gaps between roads, with the map beside them."""
    st.html(FINDING_STYLE)
    _panel()


@st.fragment
def _panel() -> None:
    """A click on one finding draws this part anew, not the page."""
    with boundary(state.language()):
        session = state.current()
        tell = session.say
        undo_button(session.county_path, session.language)
        left, right = st.columns([0.54, 0.46] if st.session_state.get(FOCUS) else [0.76, 0.24], gap="medium")
        with left, st.container(height=HEIGHT, border=False):
            if session.county.findings:
                _listed(session)
            else:
                st.success(tell("app.data.findings_none"))
            roads = st.container()
        of_roads = str(st.session_state.get(FOCUS)).startswith(("gap:", "part:"))
        if not of_roads:
            with right:
                _map(session, {})   # what the gaps are is sought only after the map is drawn
        with roads:
            spots = road_gaps_panel(session)
        if of_roads:
            with right:
                _map(session, spots)


def list_findings(findings: tuple[Finding, ...], session_county: County | None, language: str, ignored: frozenset[str]) -> None:
    """Findings by severity, those laid aside folded at the end. Without a county there is no place to show."""
    mends = known_mends()
    for severity in SEVERITIES:
        of_kind = [finding for finding in findings if finding.severity == severity and finding.key not in ignored]
        if of_kind:
            label = f"{_MARKS[severity]}  {say(f'app.data.severity_{severity}', language)} · {len(of_kind):,}"
            with st.expander(label, expanded=severity != "info"):
                st.caption(say(f"app.data.severity_{severity}_note", language))
                for finding in _once(of_kind):
                    _card(finding, session_county, language, mends, ignored=False)
    aside = [finding for finding in findings if finding.key in ignored]
    if aside:
        with st.expander(f"{say('data_page.findings.ignored', language)} · {len(aside):,}", expanded=False):
            st.caption(say("data_page.findings.ignored_note", language))
            for finding in _once(aside):
                _card(finding, session_county, language, mends, ignored=True)


def _once(findings: list[Finding]) -> list[Finding]:
    """Findings that say the same are one card."""
    return list({finding.key: finding for finding in findings}.values())


def _listed(session: Session) -> None:
    ignored = ignored_findings(session.county_path)
    list_findings(session.county.findings, session.county, session.language, ignored)


def _card(finding: Finding, county: County | None, language: str, mends: Mapping, *, ignored: bool) -> None:
    key = finding.key
    with st.container(border=True):
        st.html(finding_html(finding, language))
        with st.container(horizontal=True, gap="small"):
            if county is not None and has_place(county, finding):
                show_button(key, language)
            options = mends(finding)
            if options:
                st.button(say("data_page.findings.mend", language), key=f"mend-{key}", icon=":material/build:",
                          on_click=_toggle_mend, args=(key,))
            if county is not None:
                aside_button(key, language, ignored=ignored)
        if options and st.session_state.get(OPENED) == key:
            mend_form(options, language, key=key)


def _toggle_mend(key: str) -> None:
    st.session_state[OPENED] = None if st.session_state.get(OPENED) == key else key


def undo_button(path: Path, language: str) -> None:
    """Offer to take back the last change of county.toml that was made here, where there is one."""
    if undoable(path) is None or not st.button(say("data_page.findings.undo", language), key="data_undo", icon=":material/undo:"):
        return
    try:
        if undo(path):
            st.toast(say("data_page.findings.undone", language))
    except InputError as error:
        for finding in error.findings:
            st.error(finding.text(language))
        return
    st.rerun()


def _map(session: Session, gaps: Mapping[str, Spot]) -> None:
    tell, wanted = session.say, st.session_state.get(FOCUS)
    finding = next((one for one in session.county.findings if one.key == wanted), None)
    spot = gaps.get(str(wanted)) if finding is None else spot_of(session.county, finding)
    if spot is None:
        with st.container(border=True, horizontal_alignment="center", vertical_alignment="center"):
            st.caption(tell("data_page.map.hint" if finding is None else "data_page.map.nowhere"))
        return
    chosen: int | None = None
    if len(spot.rows) > 1:
        picked = st.selectbox(tell("data_page.map.which"), range(len(spot.rows)), key=f"which-{wanted}",
                              format_func=lambda number: f"{number + 1} / {len(spot.rows)}   {spot.ids[number]}")
        chosen = spot.rows[picked]
    elif spot.rows:
        chosen = spot.rows[0]
    base, drawn = base_of_spot(session, spot, chosen)
    if chosen is None and spot.point is None:
        st.caption(tell("data_page.map.whole"))
    if drawn is not None and spot.role is not None and spot.point is None and chosen is None:
        every = len(getattr(session.county, spot.role))
        st.caption(tell("data_page.map.sample", shown=f"{drawn:,}", all=f"{every:,}"))
    paint = {"name": "concerned", "chosen": None, "still": True}
    show_map(to_json(base | ground(session)), paint, height=HEIGHT - 90, key=f"data-map-{session.stamp}-{wanted}-{chosen}")
