"""Long work in a thread: its steps, its end, its faults; who may end it; and a shelf that opens each county once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from layers.words import say
from ui.jobs import Cancelled, Job
from ui.opening import KEPT, Shelf


def held() -> tuple[threading.Event, threading.Event, Job[str]]:
    """A job that stands at its first step until it is let go: (has begun, let go, job)."""
    begun, go = threading.Event(), threading.Event()

    def work(tell) -> str:
        tell("first", 0.25)
        begun.set()
        assert go.wait(20)
        tell("second", 0.5)
        return "found"

    return begun, go, Job(work)


def test_steps_are_told_and_timed() -> None:
    begun, go, job = held()
    job.start()
    assert begun.wait(20)
    assert (job.step, job.share, job.done, job.past) == ("first", 0.25, False, [])
    go.set()
    assert job.wait(20) and job.result() == "found"
    assert [step for step, _ in job.past] == ["first"] and 0 <= job.past[0][1] <= job.seconds


def until(so: Callable[[], bool]) -> bool:
    """Whether it comes to be so within some seconds."""
    end = time.monotonic() + 20
    while not so() and time.monotonic() < end:
        time.sleep(0.01)
    return so()


def test_cancelled_work_is_said_to_end_its_step_until_it_has(monkeypatch) -> None:
    begun, go, job = held()
    job.start()
    assert begun.wait(20) and job.leave("a")
    app = AppTest.from_function(stopping_page)
    app.session_state["cz_waiting_stopping"] = (job, lambda step: f"<{step}>")
    app.run()
    assert [one.value for one in app.info] == [say("app.waiting.stopping", "en", step="<first>")]
    go.set()
    assert job.wait(20)
    app.run()
    assert not app.info and not app.exception


def stopping_page() -> None:
    from ui.components.waiting import stopping

    stopping("en")


def test_an_error_is_kept_for_whoever_asks() -> None:
    def work(tell) -> None:
        raise ValueError("no such thing")

    job = Job(work).start()
    assert job.wait(20)
    with pytest.raises(ValueError, match="no such thing"):
        job.result()


def test_work_nobody_waits_for_ends_at_its_next_step() -> None:
    begun, go, job = held()
    job.start()
    job.watched_by("a")
    job.watched_by("b")
    assert begun.wait(20)
    assert job.leave("a") is False and not job.cancelled, "the other session still waits"
    assert job.leave("b") is True
    go.set()
    assert job.wait(20)
    with pytest.raises(Cancelled):
        job.result()


def test_cancelled_work_gives_up_its_place_in_the_queue() -> None:
    turn = threading.Lock()
    with turn:
        waiting = Job(lambda tell: "late", turn=turn).start()
        assert until(lambda: waiting.queued)
        waiting.leave("a")
        assert waiting.wait(20)
    with pytest.raises(Cancelled):
        waiting.result()
    after = Job(lambda tell: "next", turn=turn).start()
    assert after.wait(20) and after.result() == "next"


def test_sessions_that_ask_for_the_same_county_share_the_work() -> None:
    shelf, calls, go = Shelf(), [], threading.Event()

    def make(tell) -> str:
        calls.append(1)
        assert go.wait(20)
        return "county"

    first, second = shelf.job("s", make), shelf.job("s", make)
    assert first is second and shelf.find("s") is None
    go.set()
    assert first.wait(20) and shelf.find("s") == "county" and calls == [1]


def test_after_a_cancelled_opening_the_next_one_begins_anew() -> None:
    shelf, go = Shelf(), threading.Event()

    def make(tell) -> str:
        assert go.wait(20)
        tell("step", 0.5)
        return "county"

    first = shelf.job("s", make)
    first.leave("a")
    second = shelf.job("s", make)
    go.set()
    assert first.wait(20) and second.wait(20)
    with pytest.raises(Cancelled):
        first.result()
    assert second is not first and second.result() == "county"


def test_the_county_not_used_for_longest_goes_first() -> None:
    shelf = Shelf()
    for name in "abc":
        assert shelf.job(name, lambda tell, name=name: name).wait(20)
    shelf.find("a")
    assert shelf.job("d", lambda tell: "d").wait(20)
    assert KEPT == 3 and list(shelf.kept) == ["c", "a", "d"]
