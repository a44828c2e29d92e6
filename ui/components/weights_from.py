"""Where the weights come from: pairwise comparison, what the data suggest, and the scenario as a file to save and load."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from geo.scenario import FAIL, Scenario, ScenarioError
from geo.weighting.groups import group_weights
from geo.weighting.objective import critic_weights, entropy_weights
from ui import state
from ui.components import judging, weights
from ui.components.formats import as_markdown
from ui.components.kept import kept
from ui.rules import given_in, load_scenario, problem_text
from ui.scenario_file import scenario_text
from ui.state import Session

WAYS = ("ahp", "suggested", "file")
_TOLD = "defend_load_told"


def panel(session: Session) -> None:
    """An expander over the whole width; nothing in it is reckoned while it is closed."""
    box = st.expander(session.say("defend.weights.heading"), icon=":material/balance:", key="defend_weights", on_change="rerun")
    if not box.open:
        return
    with box:
        st.session_state.setdefault("defend_way", WAYS[0])
        way = st.segmented_control(
            session.say("defend.weights.heading"), WAYS, key="defend_way", label_visibility="collapsed",
            format_func=lambda one: session.say(f"defend.weights.{one}")) or WAYS[0]
        {"ahp": judging.show_judging, "suggested": _suggested, "file": _file}[way](session)


def _suggested(session: Session) -> None:
    """Weights by entropy and by CRITIC over the sites that are not ruled out."""
    st.caption(session.say("defend.suggested.note"))
    found = kept("suggested", (session.stamp,), lambda: suggested(session))
    if not found:
        st.info(session.say("defend.suggested.nothing"))
        return
    shares = {f"weights_{name}": group_weights(session.scenario.with_weights(one)) for name, one in found.items()}
    left, right = st.columns([0.6, 0.4], gap="large")
    left.html(judging.shares_html(session, {**shares, "weights_now": group_weights(session.study.scenario)}))
    for name, one in found.items():
        right.markdown(f"**{session.say(f'robustness.weights_by.{name}')}**")
        right.caption(session.say(f"robustness.weights_by_help.{name}"))
        right.button(session.say("defend.apply"), key=f"defend_apply_{name}", on_click=weights.apply, args=(session.scenario, one))


def suggested(session: Session) -> dict[str, dict[str, float]]:
    """Weight by criterion by either method; empty where too little is known of the sites."""
    study = session.base_study
    values = study.values[study.candidates["verdict"].ne(FAIL).to_numpy()]
    try:
        found: dict[str, pd.Series] = {"entropy": entropy_weights(values), "critic": critic_weights(values)}
    except ValueError:   # nothing is known of two sites: there is nothing to tell apart
        return {}
    return {name: {str(criterion): float(weight) for criterion, weight in one.items()} for name, one in found.items()}


def _file(session: Session) -> None:
    """Save the rules with weights and judgements as a scenario file; load one."""
    save, load = st.columns(2, gap="large")
    with save:
        st.markdown(f"**{session.say('defend.file.save')}**")
        st.caption(session.say("defend.file.save_note"))
        given, judges, now = state.given(), state.judges(), state.weights(session)
        if not sum(now.values()) > 0:
            now = {criterion.id: criterion.weight for criterion in session.scenario.criteria}
        st.download_button(
            session.say("defend.file.save_button"), data=scenario_text(given, now, judges), mime="application/toml",
            file_name=session.say("defend.file.name", county=session.county.name), key="defend_save", on_click="ignore",
            icon=":material/download:")
    with load:
        st.markdown(f"**{session.say('defend.file.load')}**")
        st.caption(session.say("defend.file.load_note"))
        st.file_uploader(session.say("defend.file.load"), type="toml", key="defend_load", label_visibility="collapsed",
                         on_change=_loaded, args=(session,))
        told = st.session_state.get(_TOLD)
        if told is not None:
            (st.success if told[0] else st.error)("  \n".join(as_markdown(line) for line in told[1]))


def _loaded(session: Session) -> None:
    uploaded = st.session_state.get("defend_load")
    if uploaded is None:
        st.session_state.pop(_TOLD, None)
        return
    st.session_state[_TOLD] = take_over(session, uploaded.name, uploaded.getvalue())


def take_over(session: Session, name: str, content: bytes) -> tuple[bool, list[str]]:
    """Work by a scenario file from now on.

    One that differs in nothing but weights and judgements is applied at once; any other has the county studied anew.

    Returns
    -------
    tuple
        Whether it could be used, and what to tell: one line per fault where not.
    """
    folder = Path(tempfile.gettempdir()) / "cunzhi-scenarios" / hashlib.sha256(content).hexdigest()[:16]
    stem = re.sub(r"[^\w-]+", "-", Path(name).stem)
    path = folder / f"{stem or 'scenario'}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        scenario, given = load_scenario(path), given_in(path)
    except ScenarioError as error:
        return False, [problem_text(problem, session.language) for problem in error.problems]
    except OSError as error:
        return False, [session.say("defend.file.not_kept", reason=error.strerror or str(error))]
    own = {criterion.id: criterion.weight for criterion in scenario.criteria}
    if _same_rules(session.scenario, scenario):
        weights.apply(session.scenario, own)
        state.set_judges(given.judges)
        return True, [session.say("defend.file.weights_loaded", name=name, judges=len(given.judges))]
    state.use_scenario(path)
    weights.apply(scenario, own)
    return True, [session.say("defend.file.rules_loaded", name=name, judges=len(given.judges))]


def _same_rules(ours: Scenario, other: Scenario) -> bool:
    """Whether two scenarios differ in nothing but weights and name."""
    if {criterion.id for criterion in ours.criteria} != {criterion.id for criterion in other.criteria}:
        return False
    weighed = ours.with_weights({criterion.id: criterion.weight for criterion in other.criteria})
    return weighed == replace(other, id=ours.id, name=ours.name, version=ours.version)
