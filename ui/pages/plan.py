"""The Plan page: rules on the left, one button, and the plan they lead to, with its proof, its map, its reasons and what-ifs.

Everything stands in one fragment: a change of a site, of before and after, or of the township runs it again without the rest.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from geo.choice.kept import KeptError
from geo.planning import Plan, plan, with_details
from geo.settled import plan_settled
from ui import plan_state, state
from ui.components import plan_later, plan_near, plan_rules, plan_table, plan_trial, plan_view
from ui.components.again import run_again
from ui.components.style import apply_style
from ui.components.waiting import me, wait_for
from ui.engine import EXPECTED
from ui.errors import boundary
from ui.jobs import Job, Tell
from ui.maps import fresh_click
from ui.plan_map import SHOWN, plan_map
from ui.plan_state import Desk, Wishes, rules_of
from ui.planning import load_rules
from ui.state import Session

MAP_HEIGHT_PX = 470
TIME_LIMIT_S = 10.0
_TURN = "cz_plan_turn"
_JOB = "cz_plan_job"
_MAP = "plan-map"


def render(session: Session) -> None:
    """Draw the page for what is open in the session."""
    apply_style()
    _body(session.language)


@st.fragment
def _body(language: str) -> None:
    with boundary(language):   # a fragment that runs by itself is outside the app's own boundary
        session = state.current()
        desk = plan_state.desk(plan_state.about_of(session))
        if desk.plan is not None and _heed_map(session, desk):
            session, desk = state.current(), plan_state.kept()
        heading = st.container()
        left, right = st.columns([0.27, 0.73], gap="medium")
        with left:
            pressed = plan_rules.controls(session, desk)
            with st.container():   # of its own, since its lists come and go
                plan_rules.by_hand(session, desk)
            beneath = st.container()
        with right:
            # every part has its place in every run: a map whose place moved would be drawn anew and lose its view
            progress, answer, map_place = st.empty(), st.container(), st.container()
            desk = plan_state.desk(desk.about)   # the form has written into it
            if pressed or desk.asked or _JOB in st.session_state:
                with progress:
                    desk = _solve(session, replace(desk, asked=pressed or desk.asked))
            with answer:
                _answer(session, desk)
        if desk.plan is None:
            with heading:
                st.subheader(session.say("plan_page.title"), anchor=False)
            return
        with beneath:
            plan_view.proof_lines(session, desk.plan)
        why = _why(desk.mark, language, session, desk.plan)
        with heading:
            _heading(session, desk)
        with map_place:
            _map(session, desk, why)
        _below(session, desk, why)
        waiting = st.container()
        if desk.plan.centres is None:
            # the answer is on the screen by now; centres, pilots and phases take longer and come with a second run
            with waiting:
                _add_details(session)
            run_again()
        for part in (plan_later.centres, plan_later.pilots, plan_later.phases):
            part(session, desk.plan)


@st.cache_resource(show_spinner=False, max_entries=8)
def _why(mark: str, language: str, _session: Session, _plan: Plan) -> dict[str, str]:
    return plan_table.reasons(_session, _plan)


def _heading(session: Session, desk: Desk) -> None:
    title, back, town, download = st.columns([0.42, 0.14, 0.22, 0.22], vertical_alignment="center")
    title.subheader(session.say("plan_page.title"), anchor=False)
    with back:
        plan_trial.undo(session, desk)
    with town:
        _township(session)
    if desk.plan.centres is not None:
        with download:
            plan_later.download(session, desk.plan)


def _solve(session: Session, desk: Desk) -> Desk:
    """Solve by the desk's wishes, in a thread of its own: the desk with the plan, the contradiction or the fault in its place once
    it has ended, until then as it was."""
    say = session.say
    if desk.asked:
        _begin(session, desk)
    job, about = st.session_state[_JOB]
    if about != desk.about:   # another county or other weights since: nobody waits for this plan
        del st.session_state[_JOB]
        job.leave(me())
        return plan_state.kept()
    if not wait_for(job, session.language, step_text=lambda step: say(f"plan_page.step.{step}"), key="plan_solving",
                    on_cancel=lambda: st.session_state.pop(_JOB, None)):
        return plan_state.kept()
    del st.session_state[_JOB]
    now = plan_state.kept()
    kept = replace(now, refused=None, fault=None, turn=now.turn + 1)
    try:
        found, wishes = job.result()
        if found.choice is None:
            kept = replace(kept, refused=found)
        else:
            kept = replace(kept, plan=found, plan_wishes=wishes, previous=now.plan, mark=secrets.token_hex(8))
    except EXPECTED as error:
        kept = replace(kept, fault=error)
    return plan_state.put(kept)


def _begin(session: Session, desk: Desk) -> None:
    """Begin to solve by the desk's wishes of this moment; what was being solved before is given up."""
    last, base = desk.refused or desk.plan, load_rules(None, session.scenario)

    def work(tell: Tell) -> tuple[Plan, Wishes]:
        rules = rules_of(desk.wishes, base, session.study.villages, fixed=desk.fixed, excluded=desk.excluded, pins=desk.pins)
        if desk.settled is not None:
            with suppress(KeptError):   # it no longer fits: sought anew
                return plan_settled(session.county, session.study, rules, desk.settled, details=False), desk.wishes
        return plan(session.county, session.study, rules, time_limit_s=TIME_LIMIT_S,
                    prepared=None if last is None else last.prepared, details=False, progress=tell), desk.wishes

    before = st.session_state.get(_JOB)
    if before is not None:
        before[0].leave(me())
    plan_state.put(replace(desk, asked=False, settled=None))
    st.session_state[_JOB] = (Job(work).start(), desk.about)


def _add_details(session: Session) -> None:
    """Put centres, pilots and phases into the desk's plan, once a plan."""
    desk = plan_state.kept()
    with st.spinner(session.say("plan_page.step.centres")):
        full = with_details(session.county, session.study, desk.plan)
    plan_state.put(replace(desk, plan=full))


def _answer(session: Session, desk: Desk) -> None:
    """The figures of the plan, or why there is none, or what there is to do."""
    if desk.refused is not None:
        plan_view.contradiction(session, desk.refused)
    if desk.fault is not None:
        plan_view.fault(session, desk.fault)
    if desk.plan is None:
        if desk.refused is None and desk.fault is None:
            _prompt(session)
        return
    if desk.refused is not None or desk.fault is not None:
        st.caption(session.say("plan_page.conflict.last_plan"))
    plan_view.figures_row(session, desk.plan, desk.plan_wishes.within_min)


def _prompt(session: Session) -> None:
    villages = session.study.villages
    needing = villages[(villages["venue"] == "none").to_numpy()]
    st.info(session.say("plan_page.prompt", villages=f"{len(needing):,}", sites=f"{int(needing['passing'].fillna(0).sum()):,}",
                        waiting=f"{int(needing['verifying'].fillna(0).sum()):,}"))


def _township(session: Session) -> None:
    villages = session.study.villages
    names = villages.dropna(subset=["township_code"]).drop_duplicates("township_code").sort_values("township_code")
    names = dict(zip(names["township_code"], names["township_name"].fillna(names["township_code"]), strict=True))
    if not names:
        return
    st.session_state["plan_township"] = session.township or ""
    st.selectbox(
        session.say("app.coverage.township"), ["", *names], key="plan_township", label_visibility="collapsed",
        format_func=lambda code: names.get(code) or session.say("app.coverage.all_townships"),
        on_change=lambda: state.select_township(st.session_state["plan_township"] or None))


def _map(session: Session, desk: Desk, why: dict[str, str]) -> None:
    when, show, trial = st.columns([0.27, 0.43, 0.30], vertical_alignment="center")
    after = when.segmented_control(
        session.say("plan_page.map.when"), [False, True], default=True, key="plan_after", required=True,
        label_visibility="collapsed",
        format_func=lambda item: session.say("plan_page.map.after" if item else "plan_page.map.before"))
    shown = show.pills(
        session.say("plan_page.map.show"), SHOWN, selection_mode="multi", default=["areas", "dots"], key="plan_shown",
        label_visibility="collapsed", format_func=lambda item: session.say(f"plan_page.map.shown.{item}"))
    with trial:
        trying = plan_trial.switch(session)
    with st.container():
        plan_trial.told(session, desk, trying=trying)
    plan_map(
        session, desk.plan, within_min=desk.plan_wishes.within_min, after=after is not False, stamp=(desk.mark,),
        notes=plan_table.site_notes(desk.plan, why), height=MAP_HEIGHT_PX, shown=shown, trying=trying, turn=desk.turn, key=_MAP)


def _heed_map(session: Session, desk: Desk) -> bool:
    """Do what was just clicked on the map, before anything is drawn anew; whether there was anything."""
    click = fresh_click(st.session_state.get(_MAP))
    if click is None:
        return False
    if plan_trial.act(session, desk, click):
        return True
    village = click.id
    if click.kind == "site":
        of_site = dict(zip(desk.plan.villages["candidate_id"], desk.plan.villages["village_code"], strict=True))
        village = of_site.get(click.id)
    if village is None or village == session.village:
        return False
    state.select_village(village)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    return True


def _below(session: Session, desk: Desk, why: dict[str, str]) -> None:
    """The table with its what-if, the plan before beside this one, and plans nearly as good."""
    _table(session, desk, why)
    plan_table.what_if(session, desk.plan, desk, why)
    near, beside = st.container(), st.container()   # each of its own, since what stands in them comes and goes
    with near:
        plan_near.near_best(session, desk)
    if desk.previous is not None:
        with beside, st.expander(session.say("plan_page.compare.title"), expanded=True):
            plan_view.side_by_side(session, desk.previous, desk.plan, desk.plan_wishes.within_min)


def _table(session: Session, desk: Desk, why: dict[str, str]) -> None:
    rows = plan_table.plan_table(session, desk.plan, why)
    st.markdown(f"**{session.say('plan_page.table.title', count=f'{len(rows):,}')}**", help=session.say("plan_page.table.help"))
    if rows.empty:
        st.info(session.say("plan_page.table.empty"))
        return
    codes = rows["village_code"].tolist()
    # The table keeps its own selection; one made on the map gives it a fresh key with that row chosen.
    key = f"plan_rows_{desk.mark}_{session.township}_{session.language}_{st.session_state.get(_TURN, 0)}"
    chosen = [codes.index(session.village)] if session.village in codes else []
    st.dataframe(
        rows.drop(columns="village_code"), key=key, height=min(310, 39 + 30 * len(rows)), width="stretch", hide_index=True,
        row_height=30, placeholder="", selection_mode="single-row", on_select=lambda: _row_chosen(key, codes),
        selection_default={"selection": {"rows": chosen}}, column_config=plan_table.columns(session, rows))


def _row_chosen(key: str, codes: list[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:   # an empty selection is no wish: a table drawn anew may report one of itself
        state.select_village(codes[rows[0]])
