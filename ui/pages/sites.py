"""The Sites page: one village, its parcels judged and scored on the map, ranked, explained, and weighed anew at once.

Everything that follows from weights, filters and the selection stands in one fragment: a slider's move re-colours the map and
re-orders the table without drawing the page again, and the map keeps its view.
"""

from __future__ import annotations

import time
import zlib
from html import escape

import geopandas as gpd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from geo.results import KINDS, VENUE_STATUS
from geo.scenario import VERDICTS
from reports.workbook import workbook_bytes
from ui import state
from ui.components import details, empty_view, tables, weights, weights_from
from ui.components.formats import VERDICT_MARKS, is_missing, number
from ui.components.picker import village_picker
from ui.components.style import apply_style
from ui.components.table_echo import is_echo, noted
from ui.errors import boundary
from ui.maps import fresh_click, village_map
from ui.state import Session

_TABLE_TURN, _TABLE_DRAWN, _DETAILS = "sites_table_turn", "sites_table_drawn", "sites_details_drawn"
_TOOK_S = "sites_took_s"
_ECHO_S = 3.0
_ECHO_TURNS = 6.0
_MAP = "village-map"
MAP_HEIGHT_PX = 440
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def render(session: Session) -> None:
    """Draw the page for what is open and selected in the session."""
    apply_style()
    village = village_picker(session)
    if village is None:
        st.info(session.say("sites.picker.none"))
        return
    _workspace(village, session.language)


@st.fragment
def _workspace(village_code: str, language: str) -> None:
    with boundary(language):   # a fragment that runs by itself is outside the app's own boundary
        _heed_map()
        session = state.current()
        if session.village is not None and session.village != village_code:
            st.rerun()   # a parcel of another village was clicked: the whole page goes there
        begun = time.monotonic()
        _work_on(session, village_code)
        st.session_state[_TOOK_S] = time.monotonic() - begun


def _heed_map() -> None:
    """Select what was just clicked on the map, before anything is drawn: afterwards would draw everything twice."""
    click = fresh_click(st.session_state.get(_MAP))
    if click is not None and click.kind == "candidate":
        state.select_candidate(click.id)


def _work_on(session: Session, village_code: str) -> None:
    said = weights.follow(session)
    session = state.weighed(session)   # by the weights the sliders say now
    _village(session, village_code, said)
    weights_from.panel(session)


def _village(session: Session, village_code: str, said: weights.Said) -> None:
    """Everything on the village in its place; drawn first is what the user waits for: the details after a click on another site,
    the ranking after a slider's move, the map of another village."""
    top, middle = st.container(), st.container()
    everything = session.candidates_of(village_code)
    if everything.empty:
        with top:
            _heading(session, village_code)
        with middle:
            empty_view.no_candidates(session, village_code)
        return
    map_place, weight_place = st.columns([0.64, 0.36], gap="medium")
    table_area, details_area = st.container(), st.container()
    with map_place:
        rows = _filtered(session, everything)
        selected = _selected(session, rows)
        map_area = st.container()
    before = st.session_state.get(_DETAILS)
    st.session_state[_DETAILS] = (village_code, selected)
    clicked = before is not None and before[0] == village_code and before[1] != selected
    if clicked:
        _details(session, selected, details_area)
    with top:
        _heading(session, village_code)
    if not (everything["verdict"] == "pass").any():
        with middle:
            empty_view.none_passes(session, village_code)
    with table_area:   # before the map: after a slider's move the ranking is what is waited for
        _ranking(session, rows, selected)
    with map_area:
        village_map(session, village_code, shown=rows["candidate_id"].tolist(), selected=selected, height=MAP_HEIGHT_PX, key=_MAP)
    if not clicked:
        _details(session, selected, details_area)
    with weight_place:
        st.markdown(f"**{session.say('sites.weights.heading')}**", help=session.say("sites.weights.note"))
        weights.sliders(session, said)


def _details(session: Session, selected: str | None, place: DeltaGenerator) -> None:
    if selected is not None:
        with place:
            details.show(session, selected)


def _heading(session: Session, village_code: str) -> None:
    facts, download = st.columns([0.86, 0.14], vertical_alignment="center")
    with facts:
        _facts(session, village_code, session.candidates_of(village_code))
    with download:
        _download(session)


def _download(session: Session) -> None:
    """The report by the weights of this moment: inside the fragment, or it would keep those of the last whole page."""
    st.download_button(
        session.say("sites.report.button"), data=lambda: workbook_bytes(session.study, session.county, session.language),
        file_name=session.say("sites.report.file", county=session.county.name), mime=XLSX, key="sites_report",
        help=session.say("sites.report.help"), icon=":material/download:", on_click="ignore", width="stretch",
    )


def _facts(session: Session, village_code: str, rows: gpd.GeoDataFrame) -> None:
    """The village in one line: its venue, its people, how many candidates and how they are judged."""
    row = session.village_row(village_code)
    facts = []
    if row is not None and row["venue"] in VENUE_STATUS:
        facts.append(("venue", session.say(f"criteria.venue.{row['venue']}")))
        facts.append(("population", session.figure(row["population"], "people", with_unit=False)))
        if not is_missing(row["nearest_venue_min"]):
            facts.append(("nearest_venue", session.figure(row["nearest_venue_min"], "min")))
    facts.append(("candidates", number(len(rows))))
    facts += [(verdict, number((rows["verdict"] == verdict).sum())) for verdict in reversed(VERDICTS)]
    cells = "".join(f'<span><span class="cz-label">{VERDICT_MARKS.get(key, "")} {escape(session.say(f"sites.facts.{key}"))}</span>'
                    f"<b>{escape(value)}</b></span>" for key, value in facts)
    st.html(f'<div class="cz-facts">{cells}</div>')


def _filtered(session: Session, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Filters by verdict and kind above the map; the rows that are left."""
    kinds = [kind for kind in KINDS if (rows["kind"] == kind).any()]
    left, right = st.columns([0.6, 0.4])
    verdicts = left.pills(
        session.say("sites.filter.verdicts"), list(reversed(VERDICTS)), selection_mode="multi", default=list(VERDICTS),
        key="sites_verdicts", label_visibility="collapsed",
        format_func=lambda verdict: f"{VERDICT_MARKS[verdict]} {session.say(f'criteria.verdict.{verdict}')}",
    )
    wanted = kinds
    if len(kinds) > 1:
        wanted = right.pills(
            session.say("sites.filter.kinds"), kinds, selection_mode="multi", default=kinds, key="sites_kinds",
            label_visibility="collapsed", format_func=lambda kind: session.say(f"criteria.kind.{kind}"),
        )
    return tables.chosen(rows, verdicts=verdicts, kinds=wanted)


def _selected(session: Session, rows: gpd.GeoDataFrame) -> str | None:
    """The selected candidate where it is among the rows, else the best of them."""
    ids = rows["candidate_id"]
    if session.candidate is not None and (ids == session.candidate).any():
        return session.candidate
    return None if rows.empty else str(ids.iloc[0])


def _ranking(session: Session, rows: gpd.GeoDataFrame, selected: str | None) -> None:
    """The ranked table; its selected row and the map's selected parcel are the same candidate."""
    if rows.empty:
        st.info(session.say("sites.empty.filtered"))
        return
    table = tables.ranking(rows, session.language)
    ids = table["candidate_id"].tolist()
    chosen = [ids.index(selected)] if selected in ids else []
    key = _table_key(ids, chosen)
    st.markdown(f"**{session.say('sites.table.heading')}**")
    st.dataframe(
        tables.styled(table, rows["verdict"].tolist(), session.language), column_config=tables.columns(session.language, table),
        column_order=tables.order(table, session.language),
        hide_index=True, width="stretch", height=min(36 * (len(table) + 1) + 2, 290), key=key, selection_mode="single-row",
        selection_default={"selection": {"rows": chosen}},
        placeholder=session.say("criteria.state.unknown"), on_select=lambda: _row_chosen(key, ids),
    )
    if len(rows) > len(table):
        st.caption(session.say("sites.table.cut", shown=number(len(table)), all=number(len(rows))))


def _table_key(ids: list[str], chosen: list[int]) -> str:
    """A key of its own for each order of the rows, and a fresh one where the selection was made elsewhere.

    The browser tells a selection by its place in the table; told late, after a slider has re-ranked the rows, the same place would
    name another candidate. Under another key it is nobody's.
    """
    order = zlib.crc32("\n".join(ids).encode())
    turn = st.session_state.get(_TABLE_TURN, 0)
    shown = st.session_state.get(f"sites_table_{order}_{turn}")
    if shown is not None and list(shown["selection"]["rows"]) != chosen:
        turn += 1
        st.session_state[_TABLE_TURN] = turn
    key = f"sites_table_{order}_{turn}"
    st.session_state[_TABLE_DRAWN] = noted(st.session_state.get(_TABLE_DRAWN, ()), key, chosen, time.monotonic())
    return key


def _row_chosen(key: str, ids: list[str]) -> None:
    """Select what was chosen in the table, where it is no echo of a table before.

    A moment is `_ECHO_S`, or as long as drawing the page takes `_ECHO_TURNS` times over: where the server is slow, the browser
    mostly is as well.
    """
    rows = list(st.session_state[key]["selection"]["rows"])
    moment_s = max(_ECHO_S, _ECHO_TURNS * st.session_state.get(_TOOK_S, 0.0))
    if is_echo(st.session_state.get(_TABLE_DRAWN, ()), key, rows, time.monotonic(), moment_s):
        return
    if rows and rows[0] < len(ids):
        state.select_candidate(ids[rows[0]])
