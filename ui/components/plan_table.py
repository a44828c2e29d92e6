"""The sites of a plan village by village with the reason of each, and the what-if: set a site, exclude it, take another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from geo.choice.instance import Instance
from geo.choice.plan import Choice
from geo.planning import Plan
from geo.what_if import is_pin
from reports.plan_words import reason_text
from ui import plan_state
from ui.components.formats import as_markdown, is_missing
from ui.components.widths import column_px
from ui.plan_state import Desk
from ui.state import Session

_ALL_SITES = 60
"""Sites offered for a village at most."""


def permitted(choice: Choice) -> pd.DataFrame:
    """The sites that the rules permit, by village and best score first: rows of the instance's sites."""
    sites = choice.instance.sites
    verdicts = ("pass", "verify") if choice.rules.allow_verify else ("pass",)
    here = sites["village_code"].notna() & (sites["kind"] != "existing") & sites["verdict"].isin(verdicts)
    rows = sites[(here & ~sites["site_id"].isin(choice.rules.excluded)).to_numpy(bool)]
    return rows.sort_values(["village_code", "score", "site_id"], ascending=[True, False, True], na_position="last", kind="stable")


def reasons(session: Session, plan: Plan) -> dict[str, str]:
    """Why each village of `Plan.villages` gets its site, or none, in words: by village code."""
    groups = dict(tuple(permitted(plan.choice).groupby("village_code", sort=False)))
    none = plan.choice.instance.sites.iloc[:0]
    return {row["village_code"]: _reason(session, plan, row, groups.get(row["village_code"], none))
            for row in plan.villages.to_dict("records")}


def _reason(session: Session, plan: Plan, row: dict, rows: pd.DataFrame) -> str:
    say, site = session.say, row["candidate_id"]
    if row["decision"] == "none":
        return reason_text(row["reason"], session.language)
    if row["decision"] == "shared":
        host = session.village_row(row["host_code"])
        return say("plan_page.reason.shared", village=row["host_code"] if host is None else host["village_name"])
    if is_pin(site):
        return say("plan_page.reason.pin")
    if site in plan.choice.rules.fixed:
        return say("plan_page.reason.fixed")
    if len(rows) <= 1:
        return say("plan_page.reason.only")
    mine = (rows["site_id"] == site).to_numpy(bool)
    scores, people = rows["score"].to_numpy(float), _people_near(plan, rows["site_id"].tolist()).to_numpy(float)
    by_score, by_people = (1 + int((values > values[mine][0]).sum()) for values in (scores, people))
    key = {(True, True): "first", (True, False): "score", (False, True): "people"}.get((by_score == 1, by_people == 1), "balance")
    return say(f"plan_page.reason.{key}", sites=len(rows), score_rank=by_score, people_rank=by_people)


def _people_near(plan: Plan, site_ids: list[str]) -> pd.Series:
    """People of the own village within 15 minutes of each site."""
    candidates = plan.offered.candidates
    rows = pd.Index(candidates["candidate_id"]).get_indexer(site_ids)
    people = pd.Series(candidates["people_15min"].to_numpy(float)[rows], index=site_ids)
    for site in filter(is_pin, site_ids):   # the study did not know of it; the problem of choice measured its walks
        people[site] = _people_of_pin(plan.prepared.problem.instance, site)
    return people


def _people_of_pin(instance: Instance, site: str) -> float:
    at = int(np.flatnonzero(instance.sites["site_id"].eq(site))[0])
    times = instance.times
    point = times.point[(times.site == at) & (times.minutes <= 15.0 + 1e-9)]
    return float(instance.people[point[instance.demand_village[point] == instance.site_village[at]]].sum())


def plan_table(session: Session, plan: Plan, why: Mapping[str, str]) -> pd.DataFrame:
    """One row per village that lacks a venue or gets one: cells of the page's table, the code first; those left without on top.

    Villages whose venue below standard stays as it is are left out: they have a venue. `why` is of `reasons`.
    """
    rows = plan.villages
    rows = rows[((rows["venue_now"] == "none") | (rows["decision"] != "none")).to_numpy(bool)]
    if session.township is not None:
        rows = rows[(rows["township_code"] == session.township).fillna(False).to_numpy(bool)]
    place = rows["decision"].map({"none": 0, "shared": 1, "own": 2})
    rows = rows.assign(place=place).sort_values(["place", "township_code", "village_code"], kind="stable")
    say = session.say
    return pd.DataFrame({
        "village_code": rows["village_code"].to_numpy(object), "village": rows["village_name"].to_numpy(object),
        "township": rows["township_name"].to_numpy(object), "venue": [say(f"plan_page.venue.{item}") for item in rows["decision"]],
        "site": rows["candidate_id"].to_numpy(object), "reason": [why[code] for code in rows["village_code"]],
        "score": rows["score"].to_numpy(float), "people": rows["people"].to_numpy(float).round(),
        "served": (rows["served_after"].to_numpy(float) - rows["served_before"].to_numpy(float)).round(),
        "walk": rows["mean_walk_after_min"].to_numpy(float), "cost": rows["cost_yuan"].to_numpy(float) / plan_state.YUAN_PER_WAN,
        "kind": [say("sites.dash") if is_missing(kind) else say(f"criteria.kind.{kind}") for kind in rows["kind"]],
    })


def site_notes(plan: Plan, why: Mapping[str, str]) -> dict[str, str]:
    """Why each built site was chosen, by site id."""
    rows = plan.villages[(plan.villages["decision"] == "own").to_numpy(bool)]
    return {site: why[code] for site, code in zip(rows["candidate_id"], rows["village_code"], strict=True)}


def columns(session: Session, rows: pd.DataFrame | None = None) -> dict:
    """Heads and widths of the table; what gets a village, sites and kinds of `rows` are seen whole."""
    config = st.column_config

    def head(name: str, least: int) -> dict[str, str | int]:
        label = session.say(f"plan_page.table.{name}")
        words = () if rows is None or name not in ("venue", "site", "kind") else rows[name].dropna().unique()
        return {"label": label, "width": column_px(label, least=least, cells=words)}

    heads = {name: config.TextColumn(**head(name, least), pinned=name == "village")
             for name, least in {"village": 86, "township": 76, "venue": 60, "site": 90, "kind": 76, "reason": 310}.items()}
    for name, (least, shown) in {"score": (58, "%.1f"), "people": (66, "localized"), "served": (66, "localized"),
                                 "walk": (66, "%.1f"), "cost": (66, "%.1f")}.items():
        heads[name] = config.NumberColumn(**head(name, least), format=shown)
    return heads


def what_if(session: Session, plan: Plan, desk: Desk, why: Mapping[str, str]) -> None:
    """The selected village: its site, the others it could have, and the buttons that set or exclude one and solve anew."""
    say = session.say
    rows = plan.villages[(plan.villages["village_code"] == session.village).fillna(False).to_numpy(bool)]
    with st.container(border=True):
        if rows.empty:
            st.markdown(say("plan_page.whatif.pick"))
            return
        row = rows.iloc[0]
        title = say("plan_page.whatif.title", village=row["village_name"], venue=say(f"plan_page.venue.{row['decision']}"))
        st.markdown(f"**{as_markdown(title)}** &ensp;{as_markdown(why[row['village_code']])}")
        sites = permitted(plan.choice)
        sites = sites[(sites["village_code"] == row["village_code"]).to_numpy(bool)]
        if sites.empty:
            st.caption(say("plan_page.whatif.nothing"))
            return
        _choose_site(session, plan, sites.head(_ALL_SITES), row, desk)


def _choose_site(session: Session, plan: Plan, sites: pd.DataFrame, row: pd.Series, desk: Desk) -> None:
    say = session.say
    ids, known = sites["site_id"].tolist(), plan.offered.candidates
    scores = known.set_index("candidate_id")["score"]
    walks = _people_near(plan, ids)
    now = row["candidate_id"] if row["candidate_id"] in ids else ids[0]
    pick, fix, forbid = st.columns([0.5, 0.25, 0.25], vertical_alignment="bottom")
    site = pick.selectbox(
        say("plan_page.whatif.site"), ids, index=ids.index(now), key=f"plan_site_{row['village_code']}_{now}",
        format_func=lambda item: say("plan_page.whatif.option_pin" if is_pin(item) else "plan_page.whatif.option", site=item,
                                     score=session.figure(scores[item], "score"), people=session.figure(walks[item], "people")))
    chosen = site == row["candidate_id"]
    fix.button(say("plan_page.whatif.fix" if chosen else "plan_page.whatif.take"), key="plan_fix", width="stretch",
               disabled=site in desk.fixed, on_click=plan_state.fix, args=(site, ids))
    forbid.button(say("plan_page.whatif.forbid"), key="plan_forbid", width="stretch", on_click=plan_state.forbid, args=(site,))
