"""Save and export, in the sidebar: the study as one file, the offline map, the GIS files; and opening a saved study again."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from geo.planning import Plan
from geo.settled import settled_of
from layers.findings import CunzhiError
from reports.geopackage import write_geopackage
from reports.gis_files import geojson_sites, write_geojson, write_geoparquet
from reports.moves import Moves, moves_between
from reports.replay import SavedPlan, SavedStudy, SavedStudyError, read_saved, saved_bytes, saved_from
from reports.tables import candidates_table, villages_table
from reports.web_map import web_map
from ui import plan_state, state
from ui.components import weights
from ui.components.formats import as_markdown
from ui.judgements import judge_rows, judges_from
from ui.replaying import change_texts, desk_parts, fault_texts, kept_scenario, move_texts
from ui.state import Session

PLAN_TIME_LIMIT_S = 10.0
_PENDING, _TOLD = "cz_saved_pending", "cz_saved_told"
_SHOWN = ["village_name", "candidate_id", "move", "rank_before", "rank_now", "score_before", "score_now"]


def panel(session: Session, *, expanded: bool = False) -> None:
    """Draw the panel at its place; a study that was just loaded is put into the session first, and what changed is told."""
    if _PENDING in st.session_state:
        _take_over(session, st.session_state.pop(_PENDING))
        st.rerun()
    with st.expander(session.say("replay.app.heading"), icon=":material/save:", key="study_file_open" if expanded else "study_file",
                     expanded=expanded, on_change="rerun") as box:
        if box.open:
            _buttons(session)
    if isinstance(st.session_state.get(_TOLD), Moves):
        _tell(session, st.session_state.pop(_TOLD))


def _buttons(session: Session) -> None:
    say, name, plan, save = session.say, session.county.name, _plan(session), saver(session)
    downloads = (   # made when pressed, in a thread that knows nothing of the session's state
        ("save", lambda: saved_bytes(save()), "application/zip", ":material/save:"),
        ("map", lambda: web_map(session.study, session.county, language=session.language, plan=plan), "text/html",
         ":material/map:"),
        ("gis", lambda: gis_zip(session), "application/zip", ":material/layers:"),
    )
    for key, data, mime, icon in downloads:
        st.download_button(
            say(f"replay.app.{key}"), data=data, file_name=say(f"replay.app.{key}_name", county=name), mime=mime,
            key=f"study_{key}", help=say(f"replay.app.{key}_help"), icon=icon, on_click="ignore", width="stretch")
    st.file_uploader(say("replay.app.load"), type="zip", key="study_load", help=say("replay.app.load_help"), on_change=_loaded,
                     args=(session,))
    for text in st.session_state.get(_TOLD, ()) if isinstance(st.session_state.get(_TOLD), list) else ():
        st.error(as_markdown(text))


def saver(session: Session) -> Callable[[], SavedStudy]:
    """What makes the saved study of the session as it stands: rules, weights, judgements, plan, selection and results."""
    path = state.scenario_path()
    standing = plan_state.standing(plan_state.about_of(session))
    return partial(
        saved_from, session.study, session.county, language=session.language,
        scenario_name=None if path is None else path.name, scenario_text=None if path is None else path.read_bytes(),
        weights=state.weights(session) if session.study is not session.base_study else None,
        judges=tuple(judge_rows(state.judges())), plan=None if standing is None else _saved_plan(standing),
        view={"township": session.township, "village": session.village, "candidate": session.candidate,
              "compare": list(session.compare)},
    )


def _saved_plan(desk: plan_state.Desk) -> SavedPlan:
    choice = desk.plan.choice
    said = {"wishes": asdict(desk.plan_wishes or desk.wishes), "fixed": list(desk.fixed), "excluded": list(desk.excluded),
            "pins": [{"name": pin.name, "lon": pin.lon, "lat": pin.lat} for pin in desk.pins]}
    return SavedPlan(tuple(choice.built), bool(choice.proven), PLAN_TIME_LIMIT_S, desk=said, settled=settled_of(desk.plan))


def _plan(session: Session) -> Plan | None:
    """The plan on the desk where it is complete: its sites go onto the offline map."""
    standing = plan_state.standing(plan_state.about_of(session))
    return None if standing is None or standing.plan.centres is None else standing.plan


def gis_zip(session: Session) -> bytes:
    """candidates and villages as GeoPackage with styles, GeoParquet and GeoJSON, in one zip; equal studies give equal bytes."""
    table, villages = candidates_table(session.study), villages_table(session.study, full=True)
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="cunzhi-") as folder, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        made = Path(folder)
        write_geopackage(session.study, made / "candidates.gpkg", candidates=table, language=session.language)
        write_geoparquet(table, made / "candidates.parquet")
        write_geojson(geojson_sites(table), made / "candidates.geojson")
        write_geojson(villages, made / "villages.geojson")
        for path in sorted(made.iterdir()):
            bundle.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _loaded(session: Session) -> None:
    """A file was put into the uploader: look at it, and work by its rules from the next run on."""
    uploaded = st.session_state.get("study_load")
    if uploaded is None:
        st.session_state.pop(_TOLD, None)
        return
    try:
        saved = read_saved(uploaded.getvalue())
        if (saved.county["name"], saved.county["code"]) != (session.county.name, session.county.code):
            raise SavedStudyError("other_county", saved=str(saved.county["name"]), county=session.county.name)
        if saved.plan is not None and saved.plan.desk is not None:
            desk_parts(saved.plan.desk)   # a damaged one is told now, not on the Plan page
        state.use_scenario(kept_scenario(saved))
    except CunzhiError as error:
        st.session_state[_TOLD] = fault_texts(error, session.language)
        return
    st.session_state[_PENDING] = saved


def _take_over(session: Session, saved: SavedStudy) -> None:
    """Weights, judgements, selection and the rules of the plan as they were saved; then say what came out otherwise."""
    own = {criterion.id: float(criterion.weight) for criterion in session.scenario.criteria}
    chosen = {name: (saved.weights or own).get(name, weight) for name, weight in own.items()}
    weights.apply(session.scenario, chosen if sum(chosen.values()) > 0 else own)
    judges, faults = judges_from(list(saved.judges))
    if not faults:
        state.set_judges(judges)
    view = saved.view
    state.select_township(view.get("township"))
    state.select_village(view.get("village"))
    state.select_candidate(view.get("candidate"))
    state.set_comparison(view.get("compare") or ())
    now = state.current()
    moves = moves_between(saved, now.county, now.study)
    if saved.plan is not None and saved.plan.desk is not None:
        wishes, fixed, excluded, pins = desk_parts(saved.plan.desk)
        plan_state.put(plan_state.Desk(plan_state.about_of(now), wishes=wishes, fixed=fixed, excluded=excluded, pins=pins,
                                       pins_made=len(pins), asked=True,
                                       settled=saved.plan.settled if moves.same_ground else None))
    st.session_state[_TOLD] = moves
    st.session_state["cz_saved_has_plan"] = saved.plan is not None and saved.plan.desk is not None


def _tell(session: Session, moves: Moves) -> None:
    say = session.say

    @st.dialog(say("replay.app.title"), width="large")
    def told() -> None:
        st.markdown(f"**{say('replay.app.changes')}**")
        for text in change_texts(moves, session.language):
            st.markdown(as_markdown(text))
        st.markdown(f"**{say('replay.app.ranking')}**")
        for text in move_texts(moves, session.language):
            st.markdown(as_markdown(text.strip()))
        if not moves.sites.empty:
            st.markdown(f"**{say('replay.app.sites')}**")
            st.dataframe(moves_table(session, moves), hide_index=True, width="stretch", height=260, row_height=30, placeholder="")
        if st.session_state.get("cz_saved_has_plan"):
            st.caption(say("replay.app.plan_waits"))
        if st.button(say("replay.app.close"), key="study_told"):
            st.rerun()

    told()


def moves_table(session: Session, moves: Moves) -> pd.DataFrame:
    """The sites that moved, in words; those that became or ceased to be the first of a village on top."""
    first = moves.sites["rank_before"].eq(1).fillna(False) ^ moves.sites["rank_now"].eq(1).fillna(False)
    table = moves.sites.assign(first=~first.to_numpy(bool)).sort_values("first", kind="stable")[_SHOWN]
    table = table.assign(move=table["move"].map(lambda move: session.say(f"replay.move.{move}")),
                         score_before=table["score_before"].round(2), score_now=table["score_now"].round(2))
    return table.rename(columns={name: session.say(f"replay.columns.{name}") for name in _SHOWN})
