"""The controls of the Plan page: what is sought, the budget, the rules that may be loosened, and the sites set by hand."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ui import plan_state
from ui.plan_state import AIMS, Desk, Wishes
from ui.state import Session

BELOW_STANDARD = ("leave", "may", "must")
FEW = 5
"""Up to so many sites set by hand are listed in the open."""


def controls(session: Session, desk: Desk) -> bool:
    """Draw the rules as a form; True in the run in which *Solve* was pressed, when the desk holds what the form says."""
    say, limits = session.say, list(session.scenario.coverage.limits_min)
    _begin(desk.wishes, limits)
    with st.form("plan_rules", border=False, enter_to_submit=False):
        aim = st.selectbox(say("plan_page.rules.aim"), list(AIMS), key="plan_aim",
                           format_func=lambda item: say(f"plan_page.aim.{item}"), help=say("plan_page.rules.aim_help"))
        every = st.segmented_control(
            say("plan_page.rules.every"), [True, False], key="plan_every", required=True,
            format_func=lambda item: say("plan_page.rules.each" if item else "plan_page.rules.at_most"))
        left, right = st.columns(2)
        budget = left.number_input(say("plan_page.rules.budget"), min_value=0.0, value=None, step=50.0, format="%.0f",
                                   placeholder=say("plan_page.rules.no_limit"), key="plan_budget",
                                   help=say("plan_page.rules.budget_help"))
        within = right.selectbox(say("plan_page.rules.within"), limits, key="plan_within",
                                 format_func=lambda item: session.figure(item, "min", decimals=0))
        verify = st.toggle(say("plan_page.rules.verify"), key="plan_verify", help=say("plan_page.rules.verify_help"))
        with st.expander(say("plan_page.rules.more")):
            below = st.selectbox(say("plan_page.rules.below"), BELOW_STANDARD, key="plan_below",
                                 format_func=lambda item: say(f"plan_page.below.{item}"))
            share = st.number_input(say("plan_page.rules.share"), min_value=0.0, value=None, step=5.0, format="%.0f",
                                    placeholder=say("plan_page.rules.no_sharing"), key="plan_share",
                                    help=say("plan_page.rules.share_help"))
            most = st.number_input(say("plan_page.rules.township"), min_value=0, value=None, step=1,
                                   placeholder=say("plan_page.rules.no_limit"), key="plan_township_most",
                                   help=say("plan_page.rules.township_help"))
        pressed = st.form_submit_button(say("plan_page.solve"), type="primary", width="stretch", key="plan_solve")
    if pressed:
        said = Wishes(aim=aim, every_village=every is not False, budget_wan=budget, within_min=float(within), allow_verify=verify,
                      share_min=share, most_per_township=most, below_standard=below)
        plan_state.put(replace(plan_state.remembered(desk), wishes=said, note=None))
    return pressed


def _begin(wishes: Wishes, limits: list[float]) -> None:
    """What the controls say before anybody has touched them: the desk's wishes."""
    values = _values(wishes)
    if wishes.within_min not in limits:
        values["plan_within"] = limits[len(limits) // 2]
    for key, value in values.items():
        st.session_state.setdefault(key, value)


def show(wishes: Wishes) -> None:
    """Have the controls say these wishes at the next run, as after a change was taken back."""
    st.session_state.update(_values(wishes))


def _values(wishes: Wishes) -> dict[str, object]:
    return {"plan_aim": wishes.aim, "plan_every": wishes.every_village, "plan_budget": wishes.budget_wan,
            "plan_within": wishes.within_min, "plan_verify": wishes.allow_verify, "plan_below": wishes.below_standard,
            "plan_share": wishes.share_min, "plan_township_most": wishes.most_per_township}


def by_hand(session: Session, desk: Desk) -> None:
    """The sites set and excluded by hand and the pins; one that is taken off a list is free again, a pin gone."""
    for name, sites in (("fixed", desk.fixed), ("excluded", desk.excluded), ("pins", tuple(pin.site_id for pin in desk.pins))):
        if not sites:
            continue
        key = f"plan_{name}"
        st.session_state[key] = list(sites)
        label = session.say(f"plan_page.hand.{name}")
        # an adopted plan sets many: they are kept out of the way
        with st.expander(f"{label} ({len(sites)})") if len(sites) > FEW else st.container():
            st.multiselect(label, list(sites), key=key, on_change=_released, args=(name,), help=session.say("plan_page.hand.help"))


def _released(name: str) -> None:
    left = tuple(st.session_state[f"plan_{name}"])
    if name == "pins":
        plan_state.keep_pins(left)
    else:
        plan_state.ask(**{name: left})
