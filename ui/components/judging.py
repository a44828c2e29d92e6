"""Weights from pairwise comparison, filled in by hand: Saaty's matrix over the groups, its consistency, several officials' tables.

The judgements are kept in the session (`ui.state.judges`) and saved with the scenario. The editor is drawn anew after each answer,
since the answer the other way round follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd
import streamlit as st

from geo.weighting.ahp import priorities, revisions
from geo.weighting.consensus import consensus, disagreements, level
from geo.weighting.groups import group_weights
from layers.words import catalogue
from ui import state
from ui.components import weights
from ui.components.formats import as_markdown, number
from ui.components.widths import column_px
from ui.judgements import MOST_JUDGES, Judge, common_matrix, complete, groups_of, nearest_answers, weights_by
from ui.state import Session

ANSWERS = (*(float(n) for n in range(9, 0, -1)), *(1 / n for n in range(2, 10)))
"""The answers offered, from 9 times more to 9 times less."""
_TURN = "defend_matrix_turn"
REVISITED = 2
"""Judgements proposed for another look at most."""
DIFFERENCES = 3
"""Differences between officials that are told at most."""


def answer_text(times: float, session: Session) -> str:
    """An answer of the scale in words: ``3 moderately more``; its reverse as ``1/3``, others as a figure."""
    whole = times if times >= 1 else 1 / times
    figure = f"{round(whole)}" if abs(whole - round(whole)) < 1e-6 else f"{whole:.2f}"
    if times < 1 - 1e-9:
        return f"1/{figure}"
    word = catalogue(session.language).get(f"defend.scale.{figure}")
    return figure if word is None else f"{figure} {word}"


def table_of(judge: Judge, groups: Sequence[str], session: Session) -> pd.DataFrame:
    """The matrix as the editor shows it: a row and a column per group, answers in words, None where there is none yet."""
    rows = []
    for first in groups:
        times = {second: judge.times(first, second) for second in groups}
        rows.append({"name": session.say(f"criteria.group.{first}"),
                     **{second: None if value is None else answer_text(value, session) for second, value in times.items()}})
    return pd.DataFrame(rows, columns=["name", *groups], dtype=object)


def with_edits(judge: Judge, edits: Mapping[int, Mapping[str, object]], groups: Sequence[str], session: Session) -> Judge:
    """The judge after the editor's changes (row number -> column -> answer in words); the diagonal stays as it is."""
    times_of = {answer_text(times, session): times for times in ANSWERS}
    for row, cells in edits.items():
        for second, text in cells.items():
            first = groups[int(row)]
            if text is None or text in times_of:
                judge = judge.answered(first, second, None if text is None else times_of[str(text)])
    return judge


def show_judging(session: Session) -> None:
    """Choose or add a person, fill in the matrix, read the consistency, and apply the common weights."""
    groups = groups_of(session.scenario)
    judges = state.judges()
    st.caption(session.say("defend.ahp.how"))
    _people(session, judges)
    if not judges:
        return
    at = st.session_state.get("defend_judge")
    at = at if isinstance(at, int) and at < len(judges) else 0
    if len(judges) > 1:
        st.session_state.setdefault("defend_judge", 0)
        at = st.segmented_control(
            session.say("defend.ahp.whose"), range(len(judges)), key="defend_judge", label_visibility="collapsed",
            format_func=lambda place: as_markdown(judges[place].name)) or 0
    judge = judges[at]
    _editor(session, judges, at, groups)
    left, right = st.columns([0.56, 0.44], gap="large")
    with left:
        _consistency(session, judge, groups)
        _agreement(session, judges, groups)
    with right:
        _outcome(session, judges, groups)


def _people(session: Session, judges: tuple[Judge, ...]) -> None:
    """Add a person with an empty table or one that starts from the weights in force; take one out."""
    name, empty, begun, out = st.columns([0.34, 0.2, 0.26, 0.2], vertical_alignment="bottom")
    name.text_input(session.say("defend.ahp.name"), key="defend_name", max_chars=40,
                    placeholder=session.say("defend.ahp.name_example"))
    full = len(judges) >= MOST_JUDGES
    empty.button(session.say("defend.ahp.add"), key="defend_add", on_click=_add, args=(session, False), width="stretch",
                 disabled=full)
    begun.button(session.say("defend.ahp.add_begun"), key="defend_add_begun", on_click=_add, args=(session, True), width="stretch",
                 help=session.say("defend.ahp.add_begun_help"), disabled=full)
    out.button(session.say("defend.ahp.remove"), key="defend_remove", on_click=_remove, width="stretch", disabled=not judges)


def _add(session: Session, begun: bool) -> None:
    judges = state.judges()
    asked = str(st.session_state.get("defend_name") or "").strip()
    names = {judge.name for judge in judges}
    name = asked or session.say("defend.ahp.unnamed", number=len(judges) + 1)
    tries = 2
    while name in names:
        name, tries = f"{asked or name} ({tries})", tries + 1
    made = nearest_answers(session.scenario, name, state.weights(session)) if begun and sum(
        state.weights(session).values()) > 0 else Judge(name)
    state.set_judges((*judges, made))
    st.session_state["defend_name"] = ""
    st.session_state["defend_judge"] = len(judges)


def _remove() -> None:
    judges, at = state.judges(), st.session_state.get("defend_judge") or 0
    state.set_judges(judge for place, judge in enumerate(judges) if place != at)
    st.session_state["defend_judge"] = 0


def _editor(session: Session, judges: tuple[Judge, ...], at: int, groups: tuple[str, ...]) -> None:
    turn = st.session_state.get(_TURN, 0)
    key = f"defend_matrix_{at}_{turn}"
    table = table_of(judges[at], groups, session)
    offered = [answer_text(times, session) for times in ANSWERS]
    own = sorted({cell for group in groups for cell in table[group] if cell is not None} - set(offered))
    names, rows = {group: session.say(f"criteria.group.{group}") for group in groups}, session.say("defend.ahp.row")
    columns = {"name": st.column_config.TextColumn(
        rows, disabled=True, width=column_px(rows, least=110, cells=names.values()), pinned=True)}
    columns |= {group: st.column_config.SelectboxColumn(name, options=[*offered, *own], width=column_px(name, least=112))
                for group, name in names.items()}
    st.data_editor(table, key=key, column_config=columns, hide_index=True, num_rows="fixed", width="stretch",
                   placeholder=session.say("sites.dash"), on_change=_edited, args=(session, key, at, groups))


def _edited(session: Session, key: str, at: int, groups: tuple[str, ...]) -> None:
    judges = list(state.judges())
    judges[at] = with_edits(judges[at], st.session_state[key]["edited_rows"], groups, session)
    state.set_judges(judges)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _consistency(session: Session, judge: Judge, groups: tuple[str, ...]) -> None:
    waiting = judge.open_pairs(groups)
    if waiting:
        first, second = (session.say(f"criteria.group.{group}") for group in waiting[0])
        st.info(session.say("defend.ahp.open", count=len(waiting), first=first, second=second))
        return
    found = priorities(judge.matrix(groups))
    text = session.say(f"robustness.consistency.{'good' if found.consistent else 'poor'}", cr=number(found.cr, decimals=2))
    if found.consistent:
        st.success(text, icon=":material/check:")
        return
    lines = [text]
    for one in revisions(judge.matrix(groups), labels=groups).head(REVISITED).to_dict("records"):
        if one["cr_after"] < one["cr"]:
            lines.append(session.say(
                "robustness.consistency.revisit", first=session.say(f"criteria.group.{one['first']}"),
                second=session.say(f"criteria.group.{one['second']}"), given=answer_text(one["given"], session),
                proposed=answer_text(one["proposed"], session), after=number(one["cr_after"], decimals=2)))
    st.warning("  \n".join(as_markdown(line) for line in lines), icon=":material/rule:")


def _agreement(session: Session, judges: tuple[Judge, ...], groups: tuple[str, ...]) -> None:
    """How far the officials agree, and who differs most on what."""
    ready = complete(judges, groups)
    if len(judges) > 1 and len(ready) < len(judges):
        st.caption(session.say("defend.ahp.ready", ready=len(ready), all=len(judges)))
    if len(ready) < 2:
        return
    matrices = {judge.name: judge.matrix(groups) for judge in ready}
    figure = consensus([priorities(matrix).weights for matrix in matrices.values()])
    st.markdown(f"**{session.say(f'robustness.consensus.{level(figure)}')}** · "
                + session.say("defend.ahp.consensus", figure=session.figure(figure, "share", decimals=0)))
    told = disagreements(matrices, labels=groups)
    for one in told[told["factor"] > 1.01].head(DIFFERENCES).to_dict("records"):
        st.markdown("- " + as_markdown(session.say(
            "robustness.consensus.differs", judge=one["judge"], first=session.say(f"criteria.group.{one['first']}"),
            second=session.say(f"criteria.group.{one['second']}"), judged=answer_text(one["judged"], session),
            others=answer_text(one["others"], session))))


def _outcome(session: Session, judges: tuple[Judge, ...], groups: tuple[str, ...]) -> None:
    """The common weights beside those in force, and the button that applies them."""
    found = weights_by(judges, session.scenario)
    if found is None:
        return
    shares = priorities(common_matrix(judges, groups)).by(groups)
    st.html(shares_html(session, {"weights_ahp": shares, "weights_now": group_weights(session.study.scenario)}))
    st.button(session.say("defend.apply"), key="defend_apply_ahp", type="primary", width="stretch", on_click=weights.apply,
              args=(session.scenario, found))


def shares_html(session: Session, columns: Mapping[str, Mapping[str, float]]) -> str:
    """Shares of the groups side by side, in percent; columns by their key of ``defend``."""
    heads = "".join(f'<th class="num">{escape(session.say(f"defend.{key}"))}</th>' for key in columns)
    rows = "".join(
        f'<tr><td>{escape(session.say(f"criteria.group.{group}"))}</td>'
        + "".join(f'<td class="num">{escape(session.figure(one[group], "share", decimals=1))}</td>' for one in columns.values())
        + "</tr>" for group in groups_of(session.scenario))
    return f'<table class="cz-table"><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
