"""Plans nearly as good: what each does otherwise, who gains and who loses by it, and taking one in place of the plan."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from geo.choice.alternatives import Alternative, Comparison, compare
from geo.choice.plan import Choice
from geo.near_best import adopt, sites_between, with_alternatives
from geo.planning import Plan
from reports.plan_words import way_text
from ui import plan_state
from ui.components import plan_view
from ui.components.again import run_again
from ui.components.formats import as_markdown
from ui.components.widths import column_px
from ui.plan_state import YUAN_PER_WAN, Desk
from ui.state import Session

LOSSES = (0.005, 0.01, 0.02, 0.05, 0.1)
"""Shares of the first objective's best value that may be given up, on the page."""

TIME_LIMIT_S = 10.0
MOST_VILLAGES = 12
"""Villages named with their gains and losses, those concerned most."""


def near_best(session: Session, desk: Desk) -> None:
    """The alternatives of the plan, sought when asked for; of a picked one who gains and who loses, and a button to take it."""
    say, plan = session.say, desk.plan
    with st.expander(say("plan_page.near.title"), expanded=plan.alternatives is not None):
        if plan.adopted is not None:
            st.caption(say("plan_page.near.adopted", way=way_text(plan.adopted.way, plan.adopted.about, plan, session.language)))
            return
        pick, seek = st.columns([0.5, 0.5], vertical_alignment="bottom")
        stated = plan.rules.alternatives_loss
        loss = pick.select_slider(
            say("plan_page.near.loss"), LOSSES, value=stated if stated in LOSSES else LOSSES[2], key="plan_loss",
            format_func=lambda share: f"{100 * share:g}%", help=say("plan_page.near.loss_help"))
        if seek.button(say("plan_page.near.seek"), key="plan_near", width="stretch", icon=":material/alt_route:"):
            with st.spinner(say("plan_page.near.seeking")):
                asked = replace(plan, rules=replace(plan.rules, alternatives_loss=loss))
                plan = with_alternatives(asked, village_code=session.village, time_limit_s=TIME_LIMIT_S)
            plan_state.put(replace(desk, plan=plan))
        if plan.alternatives is None:
            st.caption(say("plan_page.near.prompt"))
            return
        _alternatives(session, desk, plan)


def alternatives_rows(session: Session, plan: Plan) -> tuple[pd.DataFrame, list[Alternative]]:
    """The alternatives there are, as cells of the page's table, and themselves in the same order."""
    found = [one for one in plan.alternatives or () if one.choice is not None]
    rows = [_row(session, plan, one, one.choice) for one in found if one.choice is not None]
    names = ("way", "loss", "covered", "cost", "cost_change", "worst", "gain", "lose", "sites")
    return pd.DataFrame(rows, columns=list(names)), found


def _row(session: Session, plan: Plan, one: Alternative, choice: Choice) -> dict[str, object]:
    told, now = compare(plan.choice, choice), plan.choice.cost_yuan["cost"]
    within = next((objective.limit_min for objective in plan.rules.choice.objectives if objective.kind == "cover"), 15.0)
    near = choice.visits["minutes"].to_numpy(float) <= within + 1e-9
    return {
        "way": way_text(one.way, one.about, plan, session.language), "loss": 100 * max(one.loss, 0.0),
        "covered": float(choice.visits["people"].to_numpy(float)[near].sum()), "cost": choice.cost_yuan["cost"] / YUAN_PER_WAN,
        "cost_change": (choice.cost_yuan["cost"] - now) / YUAN_PER_WAN, "worst": told.worst_b[2],
        "gain": told.gain + told.newly_served, "lose": told.lose + told.no_longer_served,
        "sites": len(sites_between(plan.choice, choice)[0]),
    }


def _alternatives(session: Session, desk: Desk, plan: Plan) -> None:
    say = session.say
    rows, found = alternatives_rows(session, plan)
    missing = [one for one in plan.alternatives if one.choice is None]
    if found:
        number = st.column_config.NumberColumn
        formats = {"loss": "%.2f%%", "cost": "%.1f", "cost_change": "%+.1f", "worst": "%.1f"}
        labels = {name: say(f"plan_page.near.column.{name}") for name in rows.columns}
        heads = {name: number(labels[name], format=formats.get(name, "localized"), width=column_px(labels[name], least=78))
                 for name in rows.columns[1:]}
        heads["way"] = st.column_config.TextColumn(labels["way"], width=275, pinned=True)
        counted = rows.assign(**{name: rows[name].round() for name in ("covered", "gain", "lose")})
        key = f"plan_ways_{desk.mark}_{plan.rules.alternatives_loss}_{session.language}"
        event = st.dataframe(counted, key=key, hide_index=True, width="stretch", row_height=30, selection_mode="single-row",
                             on_select="rerun", column_config=heads)
        picked = picked_rows(event)
        if picked:
            _picked(session, desk, plan, found[picked[0]])
        else:
            st.caption(say("plan_page.near.pick"))
    if missing:
        names = say("plan.report.comma").join(say(f"plan_page.near.ways.{one.way}") for one in missing)
        st.caption(say("plan_page.near.none", ways=names, percent=f"{100 * plan.rules.alternatives_loss:g}"))


def picked_rows(event: Mapping) -> list[int]:
    """Rows picked in the table of alternatives."""
    return list(event["selection"]["rows"])


def _picked(session: Session, desk: Desk, plan: Plan, one: Alternative) -> None:
    """Who gains and who loses, the villages concerned most, and the button."""
    say, told = session.say, compare(plan.choice, one.choice)
    with st.container(border=True):
        head, take = st.columns([0.7, 0.3], vertical_alignment="center")
        head.markdown(f"**{as_markdown(way_text(one.way, one.about, plan, session.language))}**")
        if take.button(say("plan_page.near.adopt"), key="plan_adopt", type="primary", width="stretch",
                       help=say("plan_page.near.adopt_help")):
            added, dropped = sites_between(plan.choice, one.choice)
            plan_state.adopt_plan(adopt(session.county, plan, one), added, dropped, secrets.token_hex(8))
            run_again()
        words, table = st.columns([0.42, 0.58], gap="medium")
        with words:
            plan_view.gains(session, told)
        with table:
            cells = village_rows(session, told)
            st.dataframe(cells.rename(columns={name: say(f"plan_page.near.village.{name}") for name in cells}), hide_index=True,
                         width="stretch", row_height=28, height=min(280, 39 + 28 * len(cells)))


def village_rows(session: Session, told: Comparison) -> pd.DataFrame:
    """The villages concerned most, most people first: who walks less or further, mean minutes before and after, the sites."""
    rows = told.villages
    concerned = (rows[["gain_people", "lose_people", "newly_served", "no_longer_served"]].sum(axis=1)).to_numpy(float)
    rows = rows.assign(concerned=concerned)[concerned >= 0.5]
    rows = rows.sort_values(["concerned", "village_code"], ascending=[False, True], kind="stable").head(MOST_VILLAGES)
    names = session.study.villages.set_index("village_code")["village_name"].reindex(rows["village_code"])
    return pd.DataFrame({
        "name": names.to_numpy(object), "gain": (rows["gain_people"] + rows["newly_served"]).round().to_numpy(),
        "lose": (rows["lose_people"] + rows["no_longer_served"]).round().to_numpy(),
        "before": np.round(rows["minutes_a"].to_numpy(float), 1), "after": np.round(rows["minutes_b"].to_numpy(float), 1),
        "site": [_sites(session, a, b) for a, b in zip(rows["site_a"], rows["site_b"], strict=True)],
    })


def _sites(session: Session, before: object, after: object) -> str:
    first, second = (session.say("sites.dash") if pd.isna(site) else str(site) for site in (before, after))
    return first if first == second else f"{first} → {second}"
