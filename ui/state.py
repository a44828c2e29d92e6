"""The session: what this planner has open and selected, and the links that lead back to it.

Pages ask `current()` at their start (a fragment asks again at its own start) and change the selection only through the functions
here, which also write it into the address, so that a page can be sent to a colleague as a link.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo.results import Study
from geo.scenario import Scenario
from geo.score import reweight
from layers.county import County
from layers.words import LANGUAGES, say
from ui.judgements import Judge
from ui.opening import open_with_progress
from ui.rows import CandidateRows
from ui.rules import Given, given_in
from ui.theme import figure

COMPARE_LIMIT = 4
"""Candidates that can be compared at a time."""

PAGES = ("coverage", "sites", "compare", "plan", "report", "data")
ROOT = Path(__file__).resolve().parent.parent
DEFAULT_COUNTY = ROOT / ".demo" / "county.toml"

_PICKED, _URL, _WEIGHTS, _STUDY, _PAGES, _COUNTY = (
    "cz_picked", "cz_url", "cz_weights", "cz_study", "cz_pages", "cz_county_path",
)
_SCENARIO, _GIVEN, _JUDGES = "cz_scenario_path", "cz_given", "cz_judges"
_URL_BEFORE, _GOING = "cz_url_before", "cz_going"
_STALE_S = 3.0
_ON = "1"
_IN_URL = ("lang", "township", "village", "candidate", "compare", "meeting")


@dataclass(frozen=True)
class Session:
    """What a page works with. `study` has the session's weights applied; `base_study` has the scenario's own."""

    language: str
    county_path: Path
    stamp: str
    """Tells county, content and scenario apart: the key for caches of things drawn from them."""
    county: County
    scenario: Scenario
    base_study: Study
    study: Study
    township: str | None
    """Township code that the pages are filtered by."""
    village: str | None
    candidate: str | None
    compare: tuple[str, ...]
    meeting: bool = False
    """Whether the comparison is shown to a meeting: large, and nothing beside it."""
    rows: CandidateRows | None = field(default=None, repr=False, compare=False)
    """Where the candidates stand, from the shelf; found anew where none is given."""
    _found: dict[str | None, gpd.GeoDataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Candidates by village that this run has asked for: the pages ask several times."""

    def __post_init__(self) -> None:
        if self.rows is None:
            object.__setattr__(self, "rows", CandidateRows(self.base_study.candidates))

    def say(self, key: str, **values: object) -> str:
        """A text in the session's language; see `layers.words.say`."""
        return say(key, self.language, **values)

    def figure(self, value: object, unit: str = "", *, decimals: int | None = None, with_unit: bool = True) -> str:
        """A figure in the session's language; see `ui.theme.figure`."""
        return figure(value, unit, language=self.language, decimals=decimals, with_unit=with_unit)

    def village_row(self, village_code: str | None) -> pd.Series | None:
        """The row of `study.villages` of a village; None where there is none."""
        return _row(self.study.villages, "village_code", village_code)

    def candidate_row(self, candidate_id: str | None) -> pd.Series | None:
        """The row of `study.candidates` of a candidate; None where there is none."""
        row = self.rows.row(candidate_id)
        return None if row is None else self.study.candidates.iloc[row]

    def candidates_of(self, village_code: str | None) -> gpd.GeoDataFrame:
        """Candidates of a village, best first: ranked ones by rank, then the failing ones by score."""
        if village_code not in self._found:
            chosen = self.study.candidates.iloc[self.rows.of_village(village_code)]
            self._found[village_code] = chosen.sort_values(
                ["rank_in_village", "score", "candidate_id"], ascending=[True, False, True], na_position="last", kind="stable",
            )
        return self._found[village_code]


def _row(frame: pd.DataFrame, column: str, value: str | None) -> pd.Series | None:
    if value is None:
        return None
    found = frame[(frame[column] == value).fillna(False).to_numpy(dtype=bool)]
    return None if found.empty else found.iloc[0]


def language() -> str:
    """The session's language, known before any county is open: chosen or linked, else CUNZHI_LANG, else Chinese."""
    chosen = _picked().get("lang") or os.environ.get("CUNZHI_LANG")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def county_path() -> Path:
    """The county file of this session: what the planner opened, else CUNZHI_COUNTY, else the demo county."""
    chosen = st.session_state.get(_COUNTY) or os.environ.get("CUNZHI_COUNTY") or DEFAULT_COUNTY
    return Path(chosen).expanduser()


def chosen_county() -> str | None:
    """The county file the planner opened in this session; None while it is the default one."""
    return st.session_state.get(_COUNTY)


def open_another(path: str | None) -> None:
    """Work on another county file from the next run on; None goes back to the default. Selections and weights start afresh."""
    st.session_state[_COUNTY] = path
    for key in (_WEIGHTS, _STUDY, _JUDGES):
        st.session_state.pop(key, None)
    _picked().update(township=None, village=None, candidate=None, compare=())
    _write_url()


def scenario_path() -> Path | None:
    """The scenario file of this session: what the planner loaded, else CUNZHI_SCENARIO, else None for the default standard."""
    chosen = st.session_state.get(_SCENARIO) or os.environ.get("CUNZHI_SCENARIO")
    return Path(chosen) if chosen else None


def use_scenario(path: Path | None) -> None:
    """Work by another scenario file from the next run on, with its weights and judgements; None goes back to the first."""
    st.session_state[_SCENARIO] = str(path) if path is not None else None
    for key in (_WEIGHTS, _STUDY, _JUDGES, _GIVEN):
        st.session_state.pop(key, None)


def given() -> Given:
    """What this session's scenario file says by itself; see `ui.rules.given_in`."""
    path = scenario_path()
    kept = st.session_state.get(_GIVEN)
    if kept is None or kept[0] != path:
        kept = (path, given_in(path))
        st.session_state[_GIVEN] = kept
    return kept[1]


def judges() -> tuple[Judge, ...]:
    """Officials' pairwise judgements of this session; at first those of the scenario file."""
    kept = st.session_state.get(_JUDGES)
    return given().judges if kept is None else kept


def set_judges(chosen: Iterable[Judge]) -> None:
    """Keep these judgements for the session; they are saved with the scenario, and weigh nothing until they are applied."""
    st.session_state[_JUDGES] = tuple(chosen)


def current() -> Session:
    """The session as it stands now. Opens and studies the county the first time, showing the progress.

    Raises
    ------
    InputError, GeoError
        For a county or rules that cannot be used; the app's error boundary shows them.
    """
    words = language()
    opened = open_with_progress(county_path(), scenario_path(), words)
    study = _weighted(opened.stamp, opened.study)
    picked = _picked()
    township, village, candidate, compare = (picked.get(key) for key in ("township", "village", "candidate", "compare"))
    row = opened.rows.row(candidate)
    if row is None:
        candidate = None
    elif pd.notna(code := study.candidates["village_code"].iat[row]):
        village = code
    if _row(study.villages, "village_code", village) is None:
        village = None
    if _row(study.villages, "township_code", township) is None:
        township = None
    compare = tuple(item for item in dict.fromkeys(compare or ()) if opened.rows.row(item) is not None)[:COMPARE_LIMIT]
    picked.update(lang=words, township=township, village=village, candidate=candidate, compare=compare)
    _write_url()
    return Session(
        language=words, county_path=county_path(), stamp=opened.stamp, county=opened.county, scenario=opened.scenario,
        base_study=opened.study, study=study, township=township, village=village, candidate=candidate, compare=compare,
        meeting=picked.get("meeting") == _ON, rows=opened.rows,
    )


def weighed(session: Session) -> Session:
    """The session by the weights of this moment, with what it has found so far; itself where they are those it has."""
    study = _weighted(session.stamp, session.base_study)
    return session if study is session.study else replace(session, study=study)


def _weighted(stamp: str, study: Study) -> Study:
    """The study under the session's weights, kept until they change."""
    weights = st.session_state.get(_WEIGHTS) or {}
    weights = {criterion.id: float(weights.get(criterion.id, criterion.weight)) for criterion in study.scenario.criteria}
    own = {criterion.id: float(criterion.weight) for criterion in study.scenario.criteria}
    if weights == own or not sum(weights.values()) > 0:
        return study
    key = (stamp, tuple(sorted(weights.items())))
    kept = st.session_state.get(_STUDY)
    if kept is None or kept[0] != key:
        kept = (key, reweight(study, weights))
        st.session_state[_STUDY] = kept
    return kept[1]


def weights(session: Session) -> dict[str, float]:
    """Weight of every criterion in force in this session, as set (not normalised)."""
    chosen = st.session_state.get(_WEIGHTS) or {}
    return {criterion.id: float(chosen.get(criterion.id, criterion.weight)) for criterion in session.scenario.criteria}


def has_weights() -> bool:
    """Whether this session weighs the criteria otherwise than the scenario."""
    return bool(st.session_state.get(_WEIGHTS))


def set_weights(chosen: Mapping[str, float] | None) -> None:
    """Weigh the criteria anew from the next `current()` on; None goes back to the scenario's weights.

    Criteria not named keep the scenario's weight. Weights that are all zero are taken for none chosen.
    """
    st.session_state[_WEIGHTS] = dict(chosen) if chosen else {}


def set_language(chosen: str) -> None:
    """Speak another language from the next run on."""
    _picked()["lang"] = chosen
    _write_url()


def select_township(township_code: str | None) -> None:
    """Filter the pages by a township; None shows all."""
    _picked()["township"] = township_code
    _write_url()


def select_village(village_code: str | None) -> None:
    """Select a village; a candidate of another one is let go."""
    picked = _picked()
    if picked.get("village") != village_code:
        picked.update(village=village_code, candidate=None)
    _write_url()


def select_candidate(candidate_id: str | None) -> None:
    """Select a candidate; its village is selected with it at the next `current()`."""
    _picked()["candidate"] = candidate_id
    _write_url()


def set_comparison(candidate_ids: Iterable[str]) -> None:
    """Compare these candidates, the first `COMPARE_LIMIT` of them."""
    _picked()["compare"] = tuple(dict.fromkeys(candidate_ids))[:COMPARE_LIMIT]
    _write_url()


def add_to_comparison(candidate_id: str) -> bool:
    """Put a candidate on the comparison list; False where the list is full."""
    listed = tuple(_picked().get("compare") or ())
    if candidate_id in listed:
        return True
    if len(listed) >= COMPARE_LIMIT:
        return False
    set_comparison((*listed, candidate_id))
    return True


def remove_from_comparison(candidate_id: str) -> None:
    """Take a candidate off the comparison list."""
    set_comparison(item for item in (_picked().get("compare") or ()) if item != candidate_id)


def set_meeting(on: bool) -> None:
    """Show the comparison to a meeting, or to its maker again."""
    _picked()["meeting"] = _ON if on else None
    _write_url()


def compared() -> tuple[str, ...]:
    """The comparison list as it stands, known before any county is open."""
    return tuple(_picked().get("compare") or ())


def in_meeting() -> bool:
    """Whether the comparison is shown to a meeting; known before any county is open."""
    return _picked().get("meeting") == _ON


def register_pages(pages: Mapping[str, Any]) -> None:
    """Remember the app's `st.Page` objects by name, so that pages can lead to each other."""
    st.session_state[_PAGES] = dict(pages)


def go(page: str) -> None:
    """Leave for another page: one of `PAGES`. Does not return.

    A browser busy with something else may at that moment ask for the page it still shows; `follow` then leads on.
    """
    st.session_state[_GOING] = (page, time.monotonic())
    pages = st.session_state.get(_PAGES) or {}
    if page in pages:
        st.switch_page(pages[page])
    st.rerun()


def follow(here: str) -> None:
    """Go on to the page that `go` named, if the session is asked for another one within `_STALE_S` seconds of it."""
    wanted, since = st.session_state.get(_GOING, (None, 0.0))
    if wanted is None:
        return
    if wanted == here or time.monotonic() - since > _STALE_S:
        del st.session_state[_GOING]
    elif wanted in (pages := st.session_state.get(_PAGES) or {}):
        st.switch_page(pages[wanted])


def _picked() -> dict[str, Any]:
    return st.session_state.setdefault(_PICKED, {})


def follow_url() -> None:
    """Take over what the address says where it differs from what was last written: a link or the browser's back button.

    For the beginning of a whole page only: a fragment runs because of a widget, and the address that comes with it, which may be
    that of any moment before, is no wish of the user's. A whole page may be asked for with the address of a moment ago as well; for
    `_STALE_S` seconds after a change, what stood there before it does not count, however many changes there were (quick keys).
    """
    url = {key: tuple(st.query_params.get_all(key)) for key in _IN_URL}
    written = st.session_state.get(_URL, {})
    passed = [before for before, changed_at in st.session_state.get(_URL_BEFORE, []) if time.monotonic() - changed_at < _STALE_S]
    picked = _picked()
    for key, value in url.items():
        if not value or value == written.get(key) or any(value == before.get(key) for before in passed):
            continue
        wished = value if key == "compare" else value[-1]
        if key == "village" and wished != picked.get("village") and not url["candidate"]:
            picked["candidate"] = None
        picked[key] = wished


def _write_url() -> None:
    """Bring the address in line with the selection; going to another page empties it."""
    picked = _picked()
    for key in _IN_URL:
        value = picked.get(key)
        value = None if key == "lang" and value == (os.environ.get("CUNZHI_LANG") or LANGUAGES[0]) else value
        values = tuple(value) if isinstance(value, tuple) else (value,) if value else ()
        if tuple(st.query_params.get_all(key)) != values:
            if values:
                st.query_params[key] = list(values) if key == "compare" else values[0]
            elif key in st.query_params:
                del st.query_params[key]
    now = {key: tuple(st.query_params.get_all(key)) for key in _IN_URL}
    if now != (written := st.session_state.get(_URL, {})):
        before = [one for one in st.session_state.get(_URL_BEFORE, []) if time.monotonic() - one[1] < _STALE_S]
        st.session_state[_URL_BEFORE] = [*before, (written, time.monotonic())]
        st.session_state[_URL] = now
