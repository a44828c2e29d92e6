"""Opening a county for the app: once per content, shared by every browser session, with its progress shown.

The studies stand on a shelf that lives as long as the server (`st.cache_resource`). Its key is the county file, the size and time
of every file it names, and the scenario file, so an edited layer is read again and an untouched one never.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from geo.results import Study
from geo.scenario import Scenario
from layers.config import read_config
from layers.county import County
from layers.database import change_mark, is_database
from layers.formats import split_source
from layers.mending import county_content
from layers.words import say

KEPT = 3
"""Counties kept in memory at a time; the one not used for longest goes first."""


@dataclass(frozen=True)
class Opened:
    """A county that has been opened and studied, and the stamp that tells it from every other content."""

    stamp: str
    county: County
    study: Study
    scenario: Scenario


@dataclass
class Shelf:
    """Opened counties by stamp, guarded so that two sessions asking for the same one read it once."""

    kept: OrderedDict[str, Opened] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, stamp: str, make: Callable[[], Opened]) -> Opened:
        """The county under `stamp`, made first where it is not there yet."""
        with self.lock:
            if stamp not in self.kept:
                self.kept[stamp] = make()
                while len(self.kept) > KEPT:
                    self.kept.popitem(last=False)
            self.kept.move_to_end(stamp)
            return self.kept[stamp]


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


@st.cache_data(ttl="1min", show_spinner=False)
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
    """The county of `county_path`, studied; the first time with a bar that names each step on the page.

    Raises
    ------
    InputError, GeoError
        For input or rules that cannot be used; the error boundary shows them.
    """
    stamp = content_stamp(county_path, scenario_path)
    kept = shelf().kept.get(stamp)
    if kept is not None:
        return kept
    place = st.empty()
    with place.container():
        st.markdown(f"### {say('app.opening.title', language)}")
        st.caption(say("app.opening.note", language))
        bar = st.progress(0.0, text=say("app.opening.start", language))

    def make() -> Opened:
        from ui.engine import open_and_study, step_text

        def progress(step: str, fraction: float) -> None:
            bar.progress(min(max(float(fraction), 0.0), 1.0), text=step_text(step, language))

        outcome = open_and_study(county_path, scenario_path=scenario_path, progress=progress)
        return Opened(stamp, outcome.county, outcome.study, outcome.scenario)

    try:
        return shelf().fetch(stamp, make)
    finally:
        place.empty()
