"""The Coverage page: which villages have no venue, where they lie, how many people they are, and their best candidates."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo.results import VENUE_STATUS
from reports import workbook_bytes
from ui import state
from ui.components.again import run_again
from ui.errors import boundary
from ui.maps import county_map, not_on_map
from ui.state import Session

MAP_HEIGHT_PX = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAP_CLICKS = "cz_coverage_map_clicks"


def render(session: Session) -> None:
    """Draw the page for what is open in the session."""
    _body(session.language)


@st.fragment
def _body(language: str) -> None:
    """Everything that follows from the filter and the selection: it runs again by itself."""
    with boundary(language):
        state.follow("coverage")
        session = state.current()
        title, filters, download = st.columns([0.54, 0.24, 0.22], vertical_alignment="center")
        title.subheader(session.say("app.coverage.title"), anchor=False)
        with filters:
            villages = _of_township(session)
        with download:
            _report(session)
        _figures(session, villages)
        left, right = st.columns(2, gap="medium")
        with left:
            _map(session)
        with right:
            _table(session, villages)
        _selection(session)
        _townships(session)


def coverage_figures(villages: pd.DataFrame) -> dict[str, float]:
    """Villages by venue status, people, and people within the catchment walk of an adequate venue.

    `people` and `covered` are NaN where no village has the figure; `share` is covered / people over the villages that have both.
    """
    counts = {status: float((villages["venue"] == status).sum()) for status in VENUE_STATUS}
    people, covered = villages["population"], villages["people_covered_15min"]
    both = people.notna() & covered.notna()
    total = people[both].sum()
    return {
        "villages": float(len(villages)), **counts, "people": people.sum(min_count=1), "covered": covered.sum(min_count=1),
        "share": float(covered[both].sum() / total) if total > 0 else float("nan"),
    }


def _report(session: Session) -> None:
    st.download_button(
        session.say("app.coverage.report"), key="coverage_report", mime=XLSX, on_click="ignore", width="stretch",
        data=lambda: workbook_bytes(session.study, session.county, session.language),
        file_name=session.say("sites.report.file", county=session.county.name), help=session.say("app.coverage.report_help"),
    )


def _of_township(session: Session) -> gpd.GeoDataFrame:
    """The township filter; the villages of the township chosen."""
    villages = session.study.villages
    names = villages.dropna(subset=["township_code"]).drop_duplicates("township_code").sort_values("township_code")
    names = dict(zip(names["township_code"], names["township_name"].fillna(names["township_code"]), strict=True))
    if names:
        st.session_state["coverage_township"] = session.township or ""
        st.selectbox(
            session.say("app.coverage.township"), ["", *names], key="coverage_township", label_visibility="collapsed",
            format_func=lambda code: names.get(code) or session.say("app.coverage.all_townships"),
            on_change=lambda: state.select_township(st.session_state["coverage_township"] or None),
        )
    if session.township is None:
        return villages
    return villages[(villages["township_code"] == session.township).fillna(False).to_numpy(dtype=bool)]


def _figures(session: Session, villages: pd.DataFrame) -> None:
    figures = coverage_figures(villages)
    columns = st.columns([1, 1, 1, 1, 1, 1.7])
    for column, name in zip(columns, ("villages", *VENUE_STATUS), strict=False):
        column.metric(session.say(f"app.coverage.{name}"), session.figure(figures[name], decimals=0))
    help_text = session.say("app.coverage.covered_help", minutes=session.figure(session.scenario.travel.catchment_min))
    if pd.isna(figures["covered"]):
        columns[-1].metric(session.say("app.coverage.covered"), "—", help=help_text,
                           delta=session.say("app.coverage.covered_unknown"), delta_color="off", delta_arrow="off")
        return
    share = session.say("app.coverage.covered_share", share=session.figure(figures["share"], "share"))
    people = session.figure(figures["covered"], "people")
    name = session.say("app.coverage.covered")
    columns[-1].metric(name, people, help=help_text, delta=share, delta_color="off", delta_arrow="off")


def _map(session: Session) -> None:
    missing = not_on_map(session.study.villages, session.study.candidates)
    if missing == len(session.study.villages):
        st.info(session.say("app.coverage.not_drawn_all"))
        return
    click = county_map(session, township=session.township, selected=session.village, height=MAP_HEIGHT_PX, key="coverage-map")
    if missing:
        st.caption(session.say("app.coverage.not_drawn", count=f"{missing:,}"))
    if click is not None and click.kind == "village" and click.id != session.village:
        state.select_village(click.id)
        st.session_state[_MAP_CLICKS] = st.session_state.get(_MAP_CLICKS, 0) + 1
        run_again()   # a click that arrives while the page is still being drawn finds the whole page running


def village_table(villages: pd.DataFrame, status: str) -> pd.DataFrame:
    """Villages of a status, most people first, with the columns of the page's table; equal ones by code."""
    rows = pd.DataFrame(villages[(villages["venue"] == status).to_numpy(dtype=bool)].drop(columns="geometry", errors="ignore"))
    rows = rows.sort_values(["population", "village_code"], ascending=[False, True], na_position="last", kind="stable")
    columns = ["village_code", "village_name", "township_name", "population", "passing", "verifying", "best_score",
               "best_candidate"]
    return rows[columns].reset_index(drop=True)


def _table(session: Session, villages: pd.DataFrame) -> None:
    say = session.say
    # Where the status of no village is "none", most likely nobody knows: begin with a status that has villages.
    first = next((status for status in VENUE_STATUS if (session.study.villages["venue"] == status).any()), "none")
    status = st.segmented_control(
        say("app.coverage.status"), VENUE_STATUS, default=first, key="coverage_status", required=True,
        label_visibility="collapsed", format_func=lambda item: say(f"criteria.venue.{item}"),
    ) or "none"
    rows = village_table(villages, status)
    count = f"{len(rows):,}"
    heading = (say("app.coverage.table_title", count=count) if status == "none" else
               say("app.coverage.table_other_title", status=say(f"criteria.venue.{status}"), count=count))
    st.markdown(f"**{heading}**", help=say("app.coverage.table_note"))
    if rows.empty:
        st.info(say("app.coverage.table_empty" if status == "none" else "app.coverage.table_empty_other"))
        return
    codes = rows["village_code"].tolist()
    # The table keeps its own selection; one made on the map gives it a fresh key with that row chosen.
    key = f"coverage_rows_{session.stamp}_{status}_{session.township}_{st.session_state.get(_MAP_CLICKS, 0)}"
    chosen = [codes.index(session.village)] if session.village in codes else []
    config = st.column_config
    st.dataframe(
        rows.drop(columns="village_code"), key=key, height=min(MAP_HEIGHT_PX - 84, 37 + 30 * len(rows)), width="stretch",
        hide_index=True, row_height=30, placeholder="", on_select=lambda: _row_chosen(key, codes), selection_mode="single-row",
        selection_default={"selection": {"rows": chosen}},
        column_config={
            "village_name": config.TextColumn(say("app.coverage.column_village"), width=92, pinned=True),
            "township_name": config.TextColumn(say("app.coverage.column_township"), width=84),
            "population": config.NumberColumn(say("app.coverage.column_people"), format="localized", width=84),
            "passing": config.NumberColumn(say("app.coverage.column_passing"), format="localized", width=58),
            "verifying": config.NumberColumn(say("app.coverage.column_verifying"), format="localized", width=66),
            "best_score": config.NumberColumn(say("app.coverage.column_score"), format="%.1f", width=58),
            "best_candidate": config.TextColumn(say("app.coverage.column_best"), width=190),
        },
    )


def _row_chosen(key: str, codes: list[str]) -> None:
    """Select the village of a row just ticked. An empty selection is no wish: a table drawn anew may report one of itself."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        state.select_village(codes[rows[0]])


def _selection(session: Session) -> None:
    """The selected village in a line, with the way to its sites."""
    row = session.village_row(session.village)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if row is None:
            st.markdown(session.say("app.coverage.pick"))
            return
        township = row["township_name"] if pd.notna(row["township_name"]) else session.say("app.figures.unknown")
        name = row["village_name"] if pd.notna(row["village_name"]) else row["village_code"]
        facts = session.say(
            "app.coverage.selected_facts", status=session.say(f"criteria.venue.{row['venue']}"),
            people=session.figure(row["population"], "people"), candidates=session.figure(row["candidates"]),
            passing=session.figure(row["passing"]), verifying=session.figure(row["verifying"]),
        )
        best = session.say("app.coverage.selected_none") if pd.isna(row["best_candidate"]) else session.say(
            "app.coverage.selected_best", candidate=row["best_candidate"], score=session.figure(row["best_score"], "score"))
        text = st.container(width="stretch", gap=None)
        text.text(session.say("app.coverage.selected", village=name, township=township))
        text.caption(f"{facts} {best}".replace("*", "\\*").replace("_", "\\_"))
        st.button(session.say("app.coverage.clear"), key="coverage_clear", on_click=_clear)
        if st.button(session.say("app.coverage.open_sites"), key="coverage_open_sites", type="primary"):
            state.go("sites")


def _clear() -> None:
    state.select_village(None)
    st.session_state[_MAP_CLICKS] = st.session_state.get(_MAP_CLICKS, 0) + 1


def township_table(villages: pd.DataFrame) -> pd.DataFrame:
    """Villages of each township by venue status, those without a venue that have a site that passes; most behind first."""
    known = villages[villages["township_code"].notna().to_numpy()]
    grouped = known.groupby("township_code", sort=True)
    table = pd.DataFrame({"township_name": grouped["township_name"].first(), "villages": grouped.size()})
    for status in VENUE_STATUS:
        table[status] = (known["venue"] == status).groupby(known["township_code"]).sum()
    with_site = (known["venue"] == "none") & (known["passing"].fillna(0) > 0)
    table["with_site"] = with_site.groupby(known["township_code"]).sum()
    return table.sort_values(["none", "below_standard"], ascending=False, kind="stable").reset_index(drop=True)


def _townships(session: Session) -> None:
    table = township_table(session.study.villages)
    if table.empty:
        return
    names = {"township_name": "column_township", "villages": "column_villages", "none": "column_none",
             "with_site": "column_with_site",
             "below_standard": "column_below", "adequate": "column_adequate", "unknown": "column_unknown"}
    with st.expander(session.say("app.coverage.township_table")):
        st.dataframe(
            table[list(names)], hide_index=True, width="stretch", row_height=30,
            column_config={column: st.column_config.Column(session.say(f"app.coverage.{word}")) for column, word in names.items()},
        )
