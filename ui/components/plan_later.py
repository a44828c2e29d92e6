"""What follows from a plan: planned service centres, pilot villages, the order of works, and the plan to take along."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo.choice.plan import Choice
from geo.pilots import pilots as choose_pilots
from geo.planning import Plan, with_pins
from geo.planning_rules import SERVICES
from reports.centre_names import named
from reports.plan_files import plan_zip
from ui.components.formats import listed
from ui.state import Session

_MARKS = {"covered": "✓", "housed": "●", "gap": "✕", "unknown": "?"}


def _heads(session: Session, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns={name: session.say(f"centres.column.{name}") for name in frame.columns})


def _words(session: Session, cells: pd.Series, place: str) -> list[str]:
    """Cells that hold keys, joined by ``;`` where they are several, as words."""
    return [listed([session.say(f"centres.{place}.{key}") for key in str(cell).split(";")], session.language)
            if pd.notna(cell) and str(cell) else session.say("sites.dash") for cell in cells]


def _of_township(session: Session, frame: pd.DataFrame) -> pd.DataFrame:
    if session.township is None:
        return frame
    return frame[(frame["township_code"] == session.township).fillna(False).to_numpy(bool)]


def centres_table(session: Session, plan: Plan, choice: Choice) -> pd.DataFrame:
    """Centres that the plan builds or adds: name, village, place, people, and the seven services by a mark each."""
    every = pd.DataFrame(plan.centres.centres.drop(columns="geometry"))
    every = every[(every["candidate_id"].isin(choice.built) | (every["number"] > 1)).to_numpy(bool)]
    rows = _of_township(session, every)
    table = pd.DataFrame({
        "centre_name": named(rows, session.language).to_numpy(), "village_name": rows["village_name"].to_numpy(object),
        "township_name": rows["township_name"].to_numpy(object), "place": _words(session, rows["place"], "place"),
        "people": rows["people"].to_numpy(float).round(), "mean_walk_min": rows["mean_walk_min"].to_numpy(float).round(1),
    })
    states = plan.centres.services.pivot(index="centre_id", columns="service", values="state").reindex(rows["centre_id"])
    table = _heads(session, table)
    for service in SERVICES:
        if service in states:
            table[session.say(f"centres.service.{service}")] = [_MARKS.get(str(cell), "") for cell in states[service]]
    return table


def centres(session: Session, plan: Plan) -> None:
    """The planned centres by name, with the seven services of each."""
    if plan.centres is None or plan.choice is None:
        return
    table = centres_table(session, plan, plan.choice)
    with st.expander(session.say("plan_page.later.centres", count=f"{len(table):,}")):
        legend = " · ".join(f"{mark} {session.say(f'centres.state.{state}')}" for state, mark in _MARKS.items())
        st.caption(f"{session.say('plan_page.later.centres_note')} {legend}")
        _table(table)


def pilots(session: Session, plan: Plan) -> None:
    """The pilot villages by one of the profiles of the standards, with what speaks for and against each."""
    rules = session.scenario.planning.pilots
    profiles = list(rules.profiles)
    if not profiles or plan.pilots is None:
        return
    first = plan.rules.pilot_profile if plan.rules.pilot_profile in profiles else profiles[0]
    taken = int(plan.pilots.villages["pilot"].sum())
    with st.expander(session.say("plan_page.later.pilots", count=f"{taken:,}")):
        profile = st.segmented_control(
            session.say("plan_page.later.pilots_profile"), profiles, default=first, key="plan_pilots", required=True,
            format_func=lambda item: session.say(f"centres.profile.{item}"), label_visibility="collapsed") or first
        rule = rules.profiles[profile]
        st.caption(session.say(f"centres.profile_help.{profile}", minimum=rule.minimum, maximum=rule.maximum, clause=rule.clause))
        found = plan.pilots if profile == plan.rules.pilot_profile else choose_pilots(
            with_pins(session.study, plan), rules, profile, chosen=plan.chosen)
        rows = _of_township(session, found.villages[found.villages["pilot"].to_numpy(bool)])
        if rows.empty:
            st.info(session.say("plan_page.later.pilots_none"))
            return
        rows = rows.sort_values(["township_code", "rank_in_township", "village_code"], kind="stable", na_position="first")
        table = pd.DataFrame({
            "township_name": rows["township_name"].to_numpy(object), "village_name": rows["village_name"].to_numpy(object),
            "score": rows["score"].to_numpy(float).round(1),
            "decision": [session.say(f"centres.decision.{item}") for item in rows["decision"]],
            **{name: _words(session, rows[name], "component") for name in ("strengths", "weaknesses", "unknown")},
        })
        _table(_heads(session, table))


def phases(session: Session, plan: Plan) -> None:
    """The works by period, and those in none with the reason."""
    if plan.phases is None:
        return
    say, phasing = session.say, plan.phases
    with st.expander(say("plan_page.later.phases")):
        st.caption(say(f"centres.order_help.{phasing.order}"))
        periods = pd.DataFrame(phasing.periods)
        _table(_heads(session, _money(periods[["period", "begin", "end", "works", "cost_yuan", "subsidy_yuan", "people"]])))
        works = _of_township(session, phasing.works)
        placed = works[works["period"].notna().to_numpy()]
        _table(_heads(session, _money(placed[["priority", "period", "village_name", "township_name", "candidate_id", "people",
                                              "start_by", "structure_by", "cost_yuan"]])))
        left = works[works["period"].isna().to_numpy()]
        if len(left):
            st.markdown(f"**{say('plan_page.later.phases_unplaced')}**")
            reasons = [say(f"centres.unplaced.{row['reason']}", cost_yuan=session.figure(row["cost_yuan"])) for row in
                       left.to_dict("records")]
            _table(_heads(session, left[["village_name", "township_name"]].assign(reason=reasons)))


def download(session: Session, plan: Plan) -> None:
    """The plan as one file; it is made when the button is pressed."""
    st.download_button(
        session.say("plan_page.later.download"), data=lambda: plan_zip(plan, session.study, language=session.language),
        file_name=session.say("plan_page.later.file", county=session.county.name), mime="application/zip", key="plan_download",
        help=session.say("plan_page.later.download_help"), icon=":material/download:", on_click="ignore", width="stretch")


def _money(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].round() for name in frame.columns if name.endswith("_yuan") or name == "people"})


def _table(frame: pd.DataFrame) -> None:
    st.dataframe(frame, hide_index=True, width="stretch", row_height=30,
                 height=min(310, 39 + 30 * len(frame)))
