"""Weight sliders: one per group of criteria, one field per criterion beneath; the session's weights follow at once.

A slider sets the weight of its group in points; the fields share it out among the group's criteria. Nothing is written back to a
widget that a hand may be moving: the widgets are the truth, and the weights are computed from them at every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from geo.scenario import Criterion, Scenario
from ui import state
from ui.components.measures_view import not_assessed
from ui.criterion_help import help_text
from ui.judgements import groups_of
from ui.state import Session

NAME_SHARES = {"zh": 0.36, "en": 0.46}
"""Of the width, for the names of the groups with their help: none wraps on the smallest screen."""

SLIDER_MAX = 50
"""Largest weight of a group on its slider, in points; the standard's own weights sum to 100 of them."""


def members(scenario: Scenario, group: str) -> tuple[Criterion, ...]:
    """Criteria of a group in the scenario's order."""
    return tuple(c for c in scenario.criteria if c.group == group)


def standard_points(scenario: Scenario) -> dict[str, float]:
    """The scenario's own weight of each criterion in points: they sum to 100."""
    return {name: 100 * weight for name, weight in scenario.weights.items()}


def shared_out(scenario: Scenario, group: str, points: float, parts: Mapping[str, float]) -> dict[str, float]:
    """Weight of each criterion of a group: `points` in proportion to `parts`.

    Where all parts are zero the scenario's own proportions count, and equal ones where it has none either.
    """
    inside = members(scenario, group)
    for shares in ([parts[c.id] for c in inside], [c.weight for c in inside]):
        if sum(shares) > 0:
            return {c.id: points * share / sum(shares) for c, share in zip(inside, shares, strict=True)}
    return {c.id: points / len(inside) for c in inside}


@dataclass(frozen=True)
class Said:
    """What sliders and fields say: points by group, weights by criterion, and whether these are others than the standard's."""

    totals: Mapping[str, float]
    weights: Mapping[str, float]
    changed: bool


def follow(session: Session) -> Said:
    """Keep the weights that sliders and fields say, before any of them is drawn: `state.weighed` has them from then on."""
    scenario = session.scenario
    standard = standard_points(scenario)
    chosen = state.weights(session) if state.has_weights() else standard
    totals, weights = {}, {}
    for group in groups_of(scenario):
        inside = members(scenario, group)
        own, now = (sum(points[c.id] for c in inside) for points in (standard, chosen))
        value = st.session_state.setdefault(f"sites_weight_{group}", _on_slider(now))
        exact = [points for points in (now, own) if value == _on_slider(points)]   # a slider left alone keeps the exact weight
        totals[group] = exact[0] if exact else float(value)
        parts = {c.id: st.session_state.setdefault(f"sites_weight_of_{c.id}", min(float(chosen[c.id]), 100.0)) for c in inside}
        weights |= shared_out(scenario, group, totals[group], parts)
    changed = any(abs(weights[name] - standard[name]) > 1e-9 for name in standard)
    state.set_weights(weights if changed else None)
    return Said(totals, weights, changed)


def sliders(session: Session, said: Said) -> None:
    """Draw sliders, fields and the reset button; `said` is what `follow` read from them."""
    scenario = session.scenario
    with st.container(key="sites_weights"):
        everything = sum(said.totals.values())
        for group in groups_of(scenario):
            share = f"{100 * said.totals[group] / everything:.0f} %" if everything > 0 else session.say("sites.dash")
            _slider(session, group, share)
        if not everything > 0:
            st.caption(session.say("sites.weights.all_zero"))
        st.button(session.say("sites.weights.reset"), key="sites_weights_reset", disabled=not said.changed, on_click=_reset,
                  args=(scenario,), width="stretch")
        with st.expander(session.say("sites.weights.each")):
            st.caption(session.say("sites.weights.each_note"))
            for group in groups_of(scenario):
                st.markdown(f"**{session.say(f'criteria.group.{group}')}**")
                for criterion in members(scenario, group):
                    _field(session, criterion)


def _on_slider(points: float) -> int:
    return min(round(points), SLIDER_MAX)


def _slider(session: Session, group: str, share: str) -> None:
    """The group's slider with its share of all weights."""
    names = NAME_SHARES[session.language]
    name, track, place = st.columns([names, 0.85 - names, 0.15], vertical_alignment="center", gap="small")
    label = session.say(f"criteria.group.{group}")
    name.markdown(label, help=session.say(f"criteria.group_help.{group}"))
    track.slider(label, 0, SLIDER_MAX, key=f"sites_weight_{group}", step=1, label_visibility="collapsed")
    place.html(f'<div style="text-align:right;font-variant-numeric:tabular-nums">{share}</div>')


def _field(session: Session, criterion: Criterion) -> None:
    """The criterion's part of its group."""
    about = help_text(criterion, session.language)
    if criterion.id in session.study.not_assessed:
        about = f"{not_assessed(tuple(session.study.not_assessed[criterion.id]), session.language)}\n\n{about}"
    st.number_input(session.say(f"criteria.criterion.{criterion.id}"), 0.0, 100.0, step=0.5, format="%.1f",
                    key=f"sites_weight_of_{criterion.id}", help=about)


def apply(scenario: Scenario, weights: Mapping[str, float]) -> None:
    """Set sliders and fields to these weights, exactly; call it before the page is drawn, as from a button's callback.

    Where a group would go beyond the end of its slider all weights are scaled down, which changes no ranking.

    Parameters
    ----------
    scenario : Scenario
    weights : Mapping
        Weight by criterion, some above 0; only their ratio counts.
    """
    standard, total = standard_points(scenario), sum(weights.values())
    points = {name: 100 * weights[name] / total for name in standard}
    if any(abs(points[name] - standard[name]) > 1e-9 for name in standard):
        most = max(sum(points[c.id] for c in members(scenario, group)) for group in groups_of(scenario))
        points = {name: value * min(1.0, SLIDER_MAX / most) for name, value in points.items()}
        state.set_weights(points)
    else:
        points = standard
        state.set_weights(None)
    for group in groups_of(scenario):
        st.session_state[f"sites_weight_{group}"] = _on_slider(sum(points[c.id] for c in members(scenario, group)))
    for name, value in points.items():
        st.session_state[f"sites_weight_of_{name}"] = value


def _reset(scenario: Scenario) -> None:
    apply(scenario, standard_points(scenario))
