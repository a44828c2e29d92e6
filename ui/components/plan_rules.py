"""The controls of the Plan page: what is sought, the budget, the rules that may be loosened, and the sites set by hand."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ui import plan_state
from ui.plan_state import AIMS, Desk, Wishes
from ui.state import Session

BELOW_STANDARD = ("leave", "may", "must")


def controls(session: Session, desk: Desk) -> bool:
    """Draw the rules as a form; True in the run in which *Solve* was pressed, when the desk holds what the form says."""
    say, wishes = session.say, desk.wishes
    with st.form("plan_rules", border=False, enter_to_submit=False):
        aim = st.selectbox(say("plan_page.rules.aim"), list(AIMS), index=list(AIMS).index(wishes.aim), key="plan_aim",
                           format_func=lambda item: say(f"plan_page.aim.{item}"), help=say("plan_page.rules.aim_help"))
        every = st.segmented_control(
            say("plan_page.rules.every"), [True, False], default=wishes.every_village, key="plan_every", required=True,
            format_func=lambda item: say("plan_page.rules.each" if item else "plan_page.rules.at_most"))
        left, right = st.columns(2)
        budget = left.number_input(say("plan_page.rules.budget"), min_value=0.0, value=wishes.budget_wan, step=50.0, format="%.0f",
                                   placeholder=say("plan_page.rules.no_limit"), key="plan_budget",
                                   help=say("plan_page.rules.budget_help"))
        limits = list(session.scenario.coverage.limits_min)
        within = right.selectbox(
            say("plan_page.rules.within"), limits, key="plan_within",
            format_func=lambda item: session.figure(item, "min", decimals=0),
            index=limits.index(wishes.within_min) if wishes.within_min in limits else len(limits) // 2)
        verify = st.toggle(say("plan_page.rules.verify"), value=wishes.allow_verify, key="plan_verify",
                           help=say("plan_page.rules.verify_help"))
        with st.expander(say("plan_page.rules.more")):
            below = st.selectbox(say("plan_page.rules.below"), BELOW_STANDARD, key="plan_below",
                                 index=BELOW_STANDARD.index(wishes.below_standard),
                                 format_func=lambda item: say(f"plan_page.below.{item}"))
            share = st.number_input(say("plan_page.rules.share"), min_value=0.0, value=wishes.share_min, step=5.0, format="%.0f",
                                    placeholder=say("plan_page.rules.no_sharing"), key="plan_share",
                                    help=say("plan_page.rules.share_help"))
            most = st.number_input(say("plan_page.rules.township"), min_value=0, value=wishes.most_per_township, step=1,
                                   placeholder=say("plan_page.rules.no_limit"), key="plan_township_most",
                                   help=say("plan_page.rules.township_help"))
        pressed = st.form_submit_button(say("plan_page.solve"), type="primary", width="stretch", key="plan_solve")
    if pressed:
        said = Wishes(aim=aim, every_village=every is not False, budget_wan=budget, within_min=float(within), allow_verify=verify,
                      share_min=share, most_per_township=most, below_standard=below)
        plan_state.put(replace(desk, wishes=said))
    return pressed


def by_hand(session: Session, desk: Desk) -> None:
    """The sites set and excluded by hand; one that is taken off a list is free again."""
    for name, sites in (("fixed", desk.fixed), ("excluded", desk.excluded)):
        if not sites:
            continue
        key = f"plan_{name}"
        st.session_state[key] = list(sites)
        st.multiselect(session.say(f"plan_page.hand.{name}"), list(sites), key=key, on_change=_released, args=(name,),
                       help=session.say("plan_page.hand.help"))


def _released(name: str) -> None:
    plan_state.ask(**{name: tuple(st.session_state[f"plan_{name}"])})
