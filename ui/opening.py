"""Opening a county for the app: once per content, shared by every browser session, with its progress shown.

The studies stand on a shelf that lives as long as the server (`st.cache_resource`). Its key is the county file, the size and time
of every file it names, and the scenario file, so an edited layer is read again and an untouched one never.
The work itself is done in a thread of its own (`ui.jobs`).
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import streamlit as st

from geo.results import Study
from geo.scenario import Scenario
from layers.config import county_content, read_config
from layers.county import County
from layers.database import change_mark, is_database
from layers.formats import split_source
from layers.words import say
from ui.components.waiting import wait_for
from ui.jobs import Job, Tell
from ui.memory import settle
from ui.rows import CandidateRows
from ui.tiles import SHELF

_LEFT = "cz_opening_left"
KEPT = 3
"""Counties kept in memory at a time; the one not used for longest goes first."""


@dataclass(frozen=True)
class Opened:
    """A county that has been opened and studied, and the stamp that tells it from every other content."""

    stamp: str
    county: County
    study: Study
    scenario: Scenario

    @cached_property
    def rows(self) -> CandidateRows:
        """Where the candidates stand in the study's frame, under whatever weights."""
        return CandidateRows(self.study.candidates)


@dataclass
class Shelf:
    """Opened counties by stamp, and the work of opening others, which sessions that ask for the same one share."""

    kept: OrderedDict[str, Opened] = field(default_factory=OrderedDict)
    jobs: dict[str, Job[Opened]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Counties are opened one after the other: two at a time would need the memory of both and be no sooner."""

    def find(self, stamp: str) -> Opened | None:
        """The county under `stamp` where it is here; it is then the one used last."""
        with self.lock:
            if stamp in self.kept:
                self.kept.move_to_end(stamp)
            return self.kept.get(stamp)

    def job(self, stamp: str, make: Callable[[Tell], Opened]) -> Job[Opened]:
        """The work of opening `stamp`: what is going on already, else begun by `make`."""
        def work(tell: Tell) -> Opened:
            opened = make(tell)
            with self.lock:
                self.kept[stamp] = opened
                while len(self.kept) > KEPT:
                    self.kept.popitem(last=False)
            return opened

        with self.lock:
            job = self.jobs.get(stamp)
            if job is None or job.cancelled:
                job = self.jobs[stamp] = Job(work, turn=self.turn).start()
            return job

    def forget(self, stamp: str, job: Job[Opened]) -> None:
        """Let go of work that has ended; whoever asks next begins anew."""
        with self.lock:
            if self.jobs.get(stamp) is job:
                del self.jobs[stamp]


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """The one shelf of this server."""
    return Shelf()


def content_stamp(county_path: Path, scenario_path: Path | None = None) -> str:
    """Sixteen hex digits that change when the county file, a file it names or the scenario file changes.

    Sizes and times of the layers' files stand for their content: hashing gigabytes at every click would be slower than the study.

    Raises
    ------
    InputError
        As `layers.config.read_config`, for a county file that cannot be used.
    """
    config = read_config(county_path)
    digest = hashlib.sha256(str(county_path.resolve()).encode())
    digest.update(county_content(county_path))
    if scenario_path is not None:
        digest.update(scenario_path.read_bytes())
    for spec in config.layers:
        for source in (*spec.sources, *filter(None, (spec.listing,))):
            if is_database(source):
                digest.update(_database_mark(source, spec.name).encode())
                continue
            file, _ = split_source(source)
            for path in _files_of(spec.folder / file):
                status = path.stat()
                digest.update(f"{path}|{status.st_size}|{status.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


@st.cache_resource(ttl="1min", show_spinner=False)
def _database_mark(source: str, layer: str) -> str:
    """What tells that a database was written to; asked for once a minute, not at every click."""
    return change_mark(source, layer)


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    if path.is_file():
        return sorted(path.parent.glob(f"{path.stem}.*"))
    return []


def open_with_progress(county_path: Path, scenario_path: Path | None, language: str) -> Opened:
    """The county of `county_path`, studied. Where that takes its time the page shows the steps and ends there, to run again
    by itself when the county is open; the session can cancel it, and is free meanwhile.

    Raises
    ------
    InputError, GeoError
        For input or rules that cannot be used; the error boundary shows them.
    """
    stamp = content_stamp(county_path, scenario_path)
    kept = shelf().find(stamp)
    if kept is not None:
        return kept
    if st.session_state.get(_LEFT) == stamp:
        _left_note(language)
        st.stop()

    def make(tell: Tell) -> Opened:
        from ui.engine import open_and_study

        settle()
        outcome = open_and_study(county_path, scenario_path=scenario_path, progress=tell)
        opened = Opened(stamp, outcome.county, outcome.study, outcome.scenario)
        settle()
        SHELF.begin(stamp, opened.study.candidates)
        return opened

    def left() -> None:
        st.session_state[_LEFT] = stamp

    job = shelf().job(stamp, make)
    place = st.empty()
    with place.container():
        st.markdown(f"### {say('app.opening.title', language)}")
        st.caption(say("app.opening.note", language))
        ended = wait_for(job, language, step_text=lambda step: _step_text(step, language), key="cz_opening", on_cancel=left)
    if not ended:
        st.stop()
    place.empty()
    shelf().forget(stamp, job)
    if job.cancelled:   # by another session, at the moment this one began to wait
        st.rerun()
    return job.result()


def _left_note(language: str) -> None:
    """What to do after opening was cancelled."""
    st.info(f"**{say('app.opening.left', language)}** {say('app.opening.left_how', language)}")
    if st.button(say("app.opening.again", language), key="cz_opening_again", type="primary", icon=":material/refresh:"):
        st.session_state.pop(_LEFT, None)
        st.rerun()


def _step_text(step: str, language: str) -> str:
    from ui.engine import step_text

    return step_text(step, language)
