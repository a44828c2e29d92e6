"""Trying out a plan by hand on its map: pins for sites that are no candidates, chosen sites dragged elsewhere, and the way back."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from geo.choice import RulesError
from geo.planning import Plan
from geo.snapping import snap
from geo.what_if import Pin, nearest_site, pin_rows
from ui import plan_state, state
from ui.components import plan_rules
from ui.components.formats import as_markdown
from ui.maps import Click
from ui.plan_state import Desk, Note
from ui.state import Session

DROP_NEAR_M = 60.0
"""A site let go at most so far from a candidate, metres from its edge, goes to that candidate; further off it becomes a pin."""

_DEGREES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*°?\s*[,，;；\s]\s*(-?\d+(?:\.\d+)?)\s*°?\s*")


def switch(session: Session) -> bool:
    """The switch that turns the map into a sketch; whether it is on."""
    return bool(st.toggle(session.say("plan_page.trial.switch"), key="plan_trying",
                          help=session.say("plan_page.trial.help", metres=f"{DROP_NEAR_M:g}")))


def undo(session: Session, desk: Desk) -> None:
    """The way back to the plan before the last change."""
    st.button(session.say("plan_page.trial.undo"), key="plan_undo", on_click=_back, disabled=not desk.past, width="stretch",
              icon=":material/undo:", help=session.say("plan_page.trial.undo_help"))


def told(session: Session, desk: Desk, *, trying: bool) -> None:
    """What the last change on the map came to, or what can be done; beside it a place by its degrees."""
    if desk.note is None and not trying:
        return
    words, degrees = st.columns([0.79, 0.21], vertical_alignment="center")
    if desk.note is not None:
        words.markdown(f":material/push_pin: {as_markdown(_note_text(session, desk, desk.note))}")
    else:
        words.caption(session.say("plan_page.trial.hint", metres=f"{DROP_NEAR_M:g}"))
    with degrees.popover(session.say("plan_page.trial.degrees"), width="stretch"):
        st.text_input(session.say("plan_page.trial.degrees_text"), key="plan_degrees", placeholder="107.3615, 29.2904")
        st.button(session.say("plan_page.trial.degrees_add"), key="plan_degrees_add", on_click=_typed, args=(session, desk),
                  type="primary", width="stretch")


def act(session: Session, desk: Desk, click: Click) -> bool:
    """Do what was tried out on the map; whether there was anything to do."""
    if click.lon is None or click.lat is None:
        return False
    if click.kind == "pin":
        _pin(session, desk, click.lon, click.lat)
    elif click.kind == "drag":
        _drag(session, desk, click.id, click.lon, click.lat)
    else:
        return False
    return True


def degrees_of(text: str) -> tuple[float, float] | None:
    """Longitude and latitude as typed; None for what is no pair of numbers.

    Examples
    --------
    >>> degrees_of("107.3615, 29.2904"), degrees_of("107.3615，29.2904"), degrees_of("here")
    ((107.3615, 29.2904), (107.3615, 29.2904), None)
    """
    found = _DEGREES.fullmatch(text)
    return None if found is None else (float(found.group(1)), float(found.group(2)))


def _typed(session: Session, desk: Desk) -> None:
    place = degrees_of(st.session_state["plan_degrees"])
    if place is None:
        plan_state.say_only(Note("not_degrees", {}))
        return
    _pin(session, desk, *place)
    st.session_state["plan_degrees"] = ""


def _back() -> None:
    plan_state.undo()
    plan_rules.show(plan_state.kept().wishes)


def _pin(session: Session, desk: Desk, lon: float, lat: float, *, dragged: str | None = None) -> None:
    """A pin there, set by hand in its village."""
    try:
        code = str(pin_rows(session.county, session.study, [Pin("?", lon, lat)])["village_code"].iloc[0])
    except RulesError:
        plan_state.say_only(Note("outside", {"lon": f"{lon:.5f}", "lat": f"{lat:.5f}"}))
        return
    plan_state.propose(lon, lat, let_go={*_sites_of(session, desk, code), *([dragged] if dragged else [])}, dropped=dragged)
    state.select_village(code)


def _drag(session: Session, desk: Desk, site: str, lon: float, lat: float) -> None:
    """The site to the nearest candidate that the rules permit, or to a pin."""
    verdicts = ("pass", "verify") if desk.wishes.allow_verify else ("pass",)
    near = nearest_site(session.study, lon, lat, within_m=DROP_NEAR_M, verdicts=verdicts, without=desk.excluded)
    if near == site:
        plan_state.say_only(Note("put_back", {"site": site, "metres": f"{DROP_NEAR_M:g}"}))
    elif near is None:
        _pin(session, desk, lon, lat, dragged=site)
    else:
        code = session.candidate_row(near)["village_code"]
        plan_state.move(near, {*_sites_of(session, desk, code), site}, dropped=site,
                        note=Note("moved", {"site": near, "village": _name(session, code)}))
        state.select_village(code)


def _sites_of(session: Session, desk: Desk, village_code: str) -> list[str]:
    """Candidates and pins of a village: of these only one can be set."""
    rows = [session.study.candidates] if desk.plan is None else [session.study.candidates, desk.plan.offered.candidates]
    return [site for frame in rows for site in frame["candidate_id"][frame["village_code"].eq(village_code).fillna(False)]]


def _name(session: Session, village_code: str) -> str:
    row = session.village_row(village_code)
    return str(village_code) if row is None or pd.isna(row["village_name"]) else str(row["village_name"])


def _note_text(session: Session, desk: Desk, note: Note) -> str:
    """The sentence; of a pin also its village, its parcel with the verdict, and how far it is from a road."""
    plan = desk.refused or desk.plan
    if note.key != "pin" or plan is None:
        return session.say(f"plan_page.trial.{note.key}", **note.values)
    rows = plan.offered.candidates
    rows = rows[rows["candidate_id"].eq(note.values["pin"]).to_numpy(bool)]
    if rows.empty:
        return session.say("plan_page.trial.pin_waits", **note.values)
    row = rows.iloc[0]
    return session.say("plan_page.trial.pin", pin=row["candidate_id"], village=row["village_name"], land=_land(session, row),
                       road=_road(session, plan, row))


def _land(session: Session, row: pd.Series) -> str:
    if pd.isna(row["parcel_id"]):
        return session.say("plan_page.trial.no_parcel")
    gates = ";".join(row[name] for name in ("failed_gates", "unverified_gates") if isinstance(row[name], str) and row[name])
    words = session.say("sites.list_comma").join(session.say(f"criteria.gate.{gate}") for gate in gates.split(";") if gate)
    verdict = session.say(f"criteria.verdict.{row['verdict']}")
    return session.say("plan_page.trial.parcel" if words else "plan_page.trial.parcel_clear", parcel=row["parcel_id"],
                       verdict=verdict, gates=words)


def _road(session: Session, plan: Plan, row: pd.Series) -> str:
    """How a pin joins the network."""
    network = plan.prepared.ground.network
    if network is None:
        return session.say("plan_page.trial.no_roads")
    joined = snap([row["geometry"]], network, mode="walk")
    away = session.figure(float(joined.distance_m[0]), "m", decimals=0)
    return session.say("plan_page.trial.road" if joined.connected[0] else "plan_page.trial.off_road", metres=away)
