"""The Coverage page: where the county stands, who is served and who is not, which village needs a venue first, and why.

Everything stands in one fragment: a filter, a click on the map or in a table runs it again without the rest.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from reports.coverage import coverage_zip
from reports.workbook import workbook_bytes
from ui import state
from ui.components import coverage_tables as tables
from ui.components import coverage_view as view
from ui.components import documents, standing
from ui.components.again import run_again
from ui.components.coverage_map import review_map, village_of_click
from ui.components.coverage_state import Review, review_of
from ui.components.formats import as_markdown
from ui.errors import boundary
from ui.maps import Click, fresh_click, not_on_map
from ui.state import Session

MAP_HEIGHT_PX = 450
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAP = "coverage-map"
_TURNS = "cz_coverage_turns"


def render(session: Session) -> None:
    """Draw the page for what is open in the session."""
    _body(session.language)


@st.fragment
def _body(language: str) -> None:
    """Everything that follows from the filter and the selection: it runs again by itself."""
    with boundary(language):
        state.follow("coverage")
        session = state.current()
        if session.county.villages is None or session.county.villages.empty:
            st.subheader(session.say("app.coverage.title"), anchor=False)
            st.info(session.say("coverage_page.no_villages"))
            return
        with st.spinner(session.say("coverage_page.working")):
            review = review_of(session, unknown_counted=bool(st.session_state.get("coverage_unknown")))
        if _heed_map(session, review, fresh_click(st.session_state.get(_MAP))):
            session = state.current()
        _heading(session, review)
        view.figures_row(session, review)
        view.warnings(session, review)
        _next(session, review)
        left, right = st.columns([0.46, 0.54], gap="medium")
        with right:
            _need(session, review)   # before the map, which takes longer to come
        with left:
            _map(session, review)
        _selection(session, review)
        _figures(session, review)


def _heading(session: Session, review: Review) -> None:
    """Where the county stands in one sentence and one bar; beside it what the page is filtered by, and what can be taken along."""
    stand, filters, tables_place, report = st.columns([0.51, 0.15, 0.16, 0.18], vertical_alignment="top")
    with stand:
        standing.headline(session, review)
    with filters:
        _township(session)
    with tables_place.popover(session.say("coverage_page.downloads"), icon=":material/download:", width="stretch"):
        st.download_button(
            session.say("app.coverage.report"), key="coverage_report", mime=XLSX, on_click="ignore", width="stretch",
            data=lambda: workbook_bytes(session.study, session.county, session.language),
            file_name=session.say("sites.report.file", county=session.county.name), help=session.say("app.coverage.report_help"))
        st.download_button(
            session.say("coverage_page.download"), key="coverage_tables", mime="application/zip", on_click="ignore",
            width="stretch", data=lambda: coverage_zip(review.coverage, session.language),
            help=session.say("coverage_page.download_help"),
            file_name=session.say("coverage_page.file", county=session.county.name))
    with report:
        documents.county_button(session, review)


def _township(session: Session) -> None:
    villages = session.study.villages
    names = villages.dropna(subset=["township_code"]).drop_duplicates("township_code").sort_values("township_code")
    names = dict(zip(names["township_code"], names["township_name"].fillna(names["township_code"]), strict=True))
    if not names:
        return
    st.session_state["coverage_township"] = session.township or ""
    st.selectbox(
        session.say("app.coverage.township"), ["", *names], key="coverage_township", label_visibility="collapsed",
        format_func=lambda code: names.get(code) or session.say("app.coverage.all_townships"),
        on_change=lambda: state.select_township(st.session_state["coverage_township"] or None))


def _next(session: Session, review: Review) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        text = st.container(width="stretch", gap=None)
        first, *others = view.next_steps(session, review)
        text.markdown(f"**{session.say('coverage_page.next.title')}** {as_markdown(first)}")
        if others:
            text.caption(view.paragraph(others, session))
        if st.button(session.say("coverage_page.next.open_plan"), key="coverage_open_plan", type="primary"):
            state.go("plan")


def _map(session: Session, review: Review) -> None:
    dots_place, unknown_place = st.columns([0.5, 0.5])
    minutes = f"{review.coverage.served_min:g}"
    dots = dots_place.toggle(session.say("coverage_page.map.dots", minutes=minutes), value=True, key="coverage_dots",
                             help=session.say("coverage_page.map.dots_help", minutes=minutes))
    if (session.study.villages["venue"] == "unknown").any():
        unknown_place.toggle(session.say("coverage_page.map.unknown"), key="coverage_unknown",
                             help=session.say("coverage_page.map.unknown_help"))
    missing = not_on_map(session.study.villages, session.study.candidates)
    if missing == len(session.study.villages):
        st.info(session.say("app.coverage.not_drawn_all"))
        return
    click = review_map(session, review, dots=dots, height=MAP_HEIGHT_PX, key=_MAP)
    if _heed_map(session, review, click):   # it came while the page was being drawn
        run_again()
    if missing:
        st.caption(session.say("app.coverage.not_drawn", count=f"{missing:,}"))


def _heed_map(session: Session, review: Review, click: Click | None) -> bool:
    """Select what was just clicked on the map, before anything is drawn: afterwards would draw everything twice."""
    if click is None:
        return False
    if click.kind == "candidate":   # a parcel of the tiles: its village is selected with it
        row = session.candidate_row(click.id)
        _select(None if row is None or pd.isna(row["village_code"]) else row["village_code"], "map")
        state.select_candidate(click.id)
        return True
    village = village_of_click(review, click)
    if village is None or village == session.village:
        return False
    _select(village, "map")
    return True


def _need(session: Session, review: Review) -> None:
    say, counts = session.say, {which: len(tables.needing(review, session.township, which)) for which in tables.NEEDS}
    # Where the venue of no village is "none", the list of those below standard is the work there is.
    first = next((which for which in tables.NEEDS if len(tables.needing(review, None, which))), "none")
    which = st.segmented_control(
        say("coverage_page.need.show"), tables.NEEDS, default=first, key="coverage_need", required=True,
        label_visibility="collapsed",
        format_func=lambda item: say(f"coverage_page.need.{item}", count=f"{counts[item]:,}")) or "none"
    rows = tables.need_table(session, review, which)
    st.markdown(f"**{say(f'coverage_page.need.title_{which}', count=f'{len(rows):,}')}**", help=say("coverage_page.need.help"))
    if rows.empty:
        st.info(say("coverage_page.need.empty"))
        return
    # a column that says the same in every row takes room from the reasons
    same = [name for name in ("township_name", "venue") if rows[name].nunique(dropna=False) == 1]
    _rows(session, "need", rows.drop(columns=["village_code", *same]), rows["village_code"].tolist(), height=MAP_HEIGHT_PX - 44,
          config=tables.need_columns(session), about=(*review.mark, which))


def _rows(session: Session, name: str, shown: object, codes: list[str], *, height: int, config: dict, about: tuple) -> None:
    """A table whose rows select a village. It keeps its own selection; one made elsewhere gives it a fresh key with that row."""
    turn = st.session_state.get(_TURNS, {}).get(name, 0)
    key = f"coverage_{name}_{session.stamp}_{session.language}_{session.township}_{about}_{turn}"
    chosen = [codes.index(session.village)] if session.village in codes else []
    st.dataframe(
        shown, key=key, height=min(height, 39 + 30 * len(codes)), width="stretch", hide_index=True, row_height=30, placeholder="",
        on_select=lambda: _row_chosen(key, name, codes), selection_mode="single-row",
        selection_default={"selection": {"rows": chosen}}, column_config=config)


def _row_chosen(key: str, name: str, codes: list[str]) -> None:
    """Select the village of a row just ticked. An empty selection is no wish: a table drawn anew may report one of itself."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        _select(codes[rows[0]], name)


def _select(village_code: str | None, source: str) -> None:
    """Select a village; every table but the one it was chosen in follows."""
    state.select_village(village_code)
    turns = st.session_state.get(_TURNS, {})
    st.session_state[_TURNS] = {name: turns.get(name, 0) + (name != source) for name in ("need", "villages")}


def _selection(session: Session, review: Review) -> None:
    """The selected village: its figures, why it needs a venue, its best site, and the way to its sites."""
    row = session.village_row(session.village)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if row is None:
            st.markdown(session.say("app.coverage.pick"))
            return
        township = row["township_name"] if pd.notna(row["township_name"]) else session.say("app.figures.unknown")
        name = row["village_name"] if pd.notna(row["village_name"]) else row["village_code"]
        best = session.say("app.coverage.selected_none") if pd.isna(row["best_candidate"]) else session.say(
            "app.coverage.selected_best", candidate=row["best_candidate"], score=session.figure(row["best_score"], "score"))
        sites = session.say("coverage_page.village.sites", candidates=session.figure(row["candidates"]),
                            passing=session.figure(row["passing"]), verifying=session.figure(row["verifying"]), best=best)
        text = st.container(width="stretch", gap=None)
        text.text(session.say("app.coverage.selected", village=name, township=township))
        for line in (*view.village_texts(session, review, session.village), sites):
            text.caption(as_markdown(line))
        st.button(session.say("app.coverage.clear"), key="coverage_clear", on_click=_select, args=(None, "button"))
        if st.button(session.say("app.coverage.open_sites"), key="coverage_open_sites", type="primary"):
            state.go("sites")


def _figures(session: Session, review: Review) -> None:
    """Who is served, by village, by township, and as a whole with what is counted twice and how unequal it is."""
    say, found = session.say, review.coverage
    levels = [level for level in tables.LEVELS if level != "townships" or found.townships["township_code"].notna().any()]
    level = st.segmented_control(
        say("coverage_page.level.show"), levels, default=levels[-2], key="coverage_level", required=True,
        label_visibility="collapsed", format_func=lambda item: say(f"coverage_page.level.{item}")) or levels[-2]
    table = tables.figures_table(session, review, level)
    if level == "county":
        _whole(session, review, table)
        return
    names = [name for name in table.columns if name not in ("village_code", "township_code", "too_far")]
    hidden = [name for name in ("village_code", "township_code") if name in table]
    looks = tables.styled(session, table.drop(columns=hidden))
    config = tables.figure_columns(session, names)
    st.markdown(f"**{say(f'coverage_page.level.title_{level}')}**", help=say("coverage.caveat.walk"))
    if level == "villages":
        _rows(session, "villages", looks, table["village_code"].tolist(), height=420, config=config, about=review.mark)
    else:
        st.dataframe(looks, hide_index=True, width="stretch", row_height=30, height=39 + 30 * min(len(table), 20),
                     column_config=config)
    st.caption(say("coverage_page.level.once", minutes=f"{found.served_min:g}"))
    st.caption(as_markdown(view.floating_text(session, review)))


def _whole(session: Session, review: Review, table: pd.DataFrame) -> None:
    say = session.say
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{say('coverage_page.level.title_county')}**", help=say("coverage.caveat.walk"))
        rows = tables.county_rows(session, table)
        st.dataframe(rows, hide_index=True, width="stretch", row_height=30, height=39 + 30 * len(rows), column_config={
            "figure": say("coverage_page.level.figure"), "value": say("coverage_page.level.value")})
        st.caption(say("coverage.caveat.people"))
    with right:
        view.overlap_view(session, review)
        view.reasons_view(session, review)
        view.inequality_view(session, review)
        st.caption(as_markdown(view.floating_text(session, review)))
