"""Weight sliders: one per group of criteria, one field per criterion beneath; the session's weights follow at once.

The criteria's weights are the truth; a group's slider shows their sum, and moving it scales them in proportion.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from geo.scenario import GROUPS, Criterion, Scenario
from ui import state
from ui.components.again import run_again
from ui.components.measures_view import not_assessed
from ui.state import Session

SLIDER_MAX = 50
"""Largest weight of a group on its slider, in the points in which the standard's weights are given (they sum to 100)."""


def groups_of(scenario: Scenario) -> tuple[str, ...]:
    """Groups that have a criterion, in their order."""
    return tuple(group for group in GROUPS if any(c.group == group for c in scenario.criteria))


def members(scenario: Scenario, group: str) -> tuple[Criterion, ...]:
    """Criteria of a group in the scenario's order."""
    return tuple(c for c in scenario.criteria if c.group == group)


def group_total(scenario: Scenario, weights: Mapping[str, float], group: str) -> float:
    """Weight of a group: the sum of its criteria's weights."""
    return sum(weights[c.id] for c in members(scenario, group))


def with_group_total(scenario: Scenario, weights: Mapping[str, float], group: str, total: float) -> dict[str, float]:
    """The weights with those of one group scaled so that they sum to `total`.

    Proportions within the group are kept; where all its weights are zero the scenario's own proportions come back, and equal ones
    where the scenario has none either.
    """
    inside = members(scenario, group)
    parts = [weights[c.id] for c in inside]
    if not sum(parts) > 0:
        parts = [c.weight for c in inside]
    if not sum(parts) > 0:
        parts = [1.0] * len(inside)
    return {**weights, **{c.id: total * part / sum(parts) for c, part in zip(inside, parts, strict=True)}}


def sliders(session: Session) -> None:
    """Draw sliders, fields and the reset button; a move is kept in the session and the fragment around them runs again."""
    scenario, weights = session.scenario, state.weights(session)
    everything = sum(weights.values())
    with st.container(key="sites_weights"):
        for group in groups_of(scenario):
            _slider(session, group, everything)
        if not everything > 0:
            st.caption(session.say("sites.weights.all_zero"))
        changed = any(abs(weights[c.id] - c.weight) > 1e-9 for c in scenario.criteria)
        st.button(session.say("sites.weights.reset"), key="sites_weights_reset", disabled=not changed, on_click=state.set_weights,
                  args=(None,), width="stretch")
        with st.expander(session.say("sites.weights.each")):
            st.caption(session.say("sites.weights.each_note"))
            for group in groups_of(scenario):
                st.markdown(f"**{session.say(f'criteria.group.{group}')}**")
                for criterion in members(scenario, group):
                    _field(session, criterion)


def _slider(session: Session, group: str, everything: float) -> None:
    total = group_total(session.scenario, state.weights(session), group)
    key = f"sites_weight_{group}"
    wanted = min(round(total), SLIDER_MAX)
    _show(key, wanted)
    name, track, share = st.columns([0.36, 0.48, 0.16], vertical_alignment="center", gap="small")
    label = session.say(f"criteria.group.{group}")
    name.markdown(label, help=session.say(f"criteria.group_help.{group}"))
    value = track.slider(label, 0, SLIDER_MAX, key=key, step=1, label_visibility="collapsed",
                         on_change=_group_moved, args=(session, group))
    text = f"{100 * total / everything:.0f} %" if everything > 0 else session.say("sites.dash")
    share.html(f'<div style="text-align:right;font-variant-numeric:tabular-nums">{text}</div>')
    if value != wanted:   # the run that should have seen this move was cut short by the next one
        _group_moved(session, group)
        run_again()


def _show(key: str, value: float) -> None:
    """Put a widget to a value only where the weights say something new: else it would jerk back under a moving hand."""
    if key not in st.session_state or st.session_state.get(f"{key}_shown") != value:
        st.session_state[key] = st.session_state[f"{key}_shown"] = value


def _group_moved(session: Session, group: str) -> None:
    total = st.session_state[f"sites_weight_{group}"]
    st.session_state[f"sites_weight_{group}_shown"] = total
    state.set_weights(with_group_total(session.scenario, state.weights(session), group, float(total)))


def _field(session: Session, criterion: Criterion) -> None:
    key = f"sites_weight_of_{criterion.id}"
    _show(key, round(state.weights(session)[criterion.id], 1))
    help_text = session.say(f"criteria.criterion_help.{criterion.id}")
    if criterion.id in session.study.not_assessed:
        help_text = f"{not_assessed(tuple(session.study.not_assessed[criterion.id]), session.language)} {help_text}"
    st.number_input(session.say(f"criteria.criterion.{criterion.id}"), 0.0, 100.0, step=0.5, format="%.1f", key=key,
                    help=help_text, on_change=_criterion_moved, args=(session, criterion.id))


def _criterion_moved(session: Session, criterion_id: str) -> None:
    weight = st.session_state[f"sites_weight_of_{criterion_id}"]
    st.session_state[f"sites_weight_of_{criterion_id}_shown"] = weight
    state.set_weights({**state.weights(session), criterion_id: float(weight)})
