"""Waiting for long work on a page: its step, its share, the time it has taken, and a button that ends it.

The first moments are waited for in the run itself, so that short work needs no second run. After that the page stands still and a
small part of it looks every half second: the session stays free, and the button answers at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from layers.words import say
from ui.jobs import Job

Found = TypeVar("Found")
PATIENCE_S = 1.5
"""Work that ends within so many seconds is waited for in the run that asked for it."""
_LOOK_S = 0.5
_PAST_SHOWN = 6
_ME, _STOPPING = "cz_waiting_as", "cz_waiting_stopping"
_LOOK_AFTER_S = 1.0


def me() -> str:
    """This session's name among those that wait for the same work."""
    return st.session_state.setdefault(_ME, secrets.token_hex(8))


def wait_for(
    job: Job[Found], language: str, *, step_text: Callable[[str], str], key: str, on_cancel: Callable[[], None],
) -> bool:
    """Show how far a job is until it has ended; whether it has. Where it has not, the page draws what it can without it: this part
    looks on by itself and runs the whole page again at the end.

    Parameters
    ----------
    job : Job
        The work, begun.
    language : {"zh", "en"}
        Language of the words.
    step_text : callable
        A step in words.
    key : str
        Tells this place apart from others on the page.
    on_cancel : callable
        What to do when the button is pressed, before the page runs again; the job itself is left by then.
    """
    job.watched_by(me())
    if job.done:
        return True
    place = st.empty()

    def show() -> None:
        past = "\u00a0\u00a0 ".join(say("app.waiting.past", language, step=step, seconds=f"{seconds:.1f}").replace(" ", "\u00a0")
                        for step, seconds in past_steps(job.past, step_text)[-_PAST_SHOWN:])
        now = step_text(job.step) if job.step else say("app.waiting.queued" if job.queued else "app.opening.start", language)
        bar.progress(job.share, text=say("app.waiting.now", language, step=now, seconds=f"{job.seconds:.0f}"))
        done.caption(past or say("app.waiting.free", language))

    def left() -> None:
        if job.leave(me()):
            st.session_state[_STOPPING] = (job, step_text)
        on_cancel()

    with place.container(key=f"{key}_waiting"):
        bar, done = st.empty(), st.empty()
        show()
        for _ in range(max(int(PATIENCE_S / 0.1), 1)):
            if job.seconds > PATIENCE_S or job.wait(0.1):
                break
    place.empty()
    if job.done:
        return True

    with place.container(key=f"{key}_watching"):
        @st.fragment(run_every=_LOOK_S)
        def watch() -> None:
            nonlocal bar, done
            job.watched_by(me())
            if job.done:
                st.rerun()
            bar, done = st.empty(), st.empty()
            show()
            if st.button(say("app.waiting.cancel", language), key=f"{key}_cancel", icon=":material/close:", on_click=left):
                st.rerun()

        watch()
    return False


def past_steps(past: Sequence[tuple[str, float]], step_text: Callable[[str], str]) -> list[tuple[str, float]]:
    """Steps that are done, in words, with the seconds each took; steps in a row that read alike are one."""
    told: list[tuple[str, float]] = []
    for step, seconds in tuple(past):
        text = step_text(step)
        before = told.pop()[1] if told and told[-1][0] == text else 0.0
        told.append((text, before + seconds))
    return told


def stopping(language: str) -> None:
    """Say that cancelled work still ends the step it is at, for as long as it does; call it on every page."""
    job, step_text = st.session_state.get(_STOPPING, (None, None))
    if job is None or job.done:
        st.session_state.pop(_STOPPING, None)
        return

    @st.fragment(run_every=_LOOK_AFTER_S)
    def look() -> None:
        if job.done:
            st.rerun()
        now = step_text(job.step) if job.step else say("app.opening.start", language)
        st.info(say("app.waiting.stopping", language, step=now), icon=":material/hourglass_top:")

    look()
