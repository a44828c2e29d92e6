"""Next and previous in the comparison: another site in the marked column, or another village's best in all of them."""

from __future__ import annotations

import streamlit as st

from ui import state
from ui.components.picker import ordered_villages
from ui.state import Session

BEST = 3
"""How many of a village's best are compared where nothing says otherwise."""

_WANTED = "cz_compare_wanted"


def marked(session: Session) -> str | None:
    """The column that the keys change: that of the selected site, else the last, so that the first stays as the yardstick."""
    if not session.compare:
        return None
    return session.candidate if session.candidate in session.compare else session.compare[-1]


def neighbour_site(session: Session, step: int) -> str | None:
    """The site `step` places on in the ranking of the marked column's village that no other column shows; None at the end."""
    here = marked(session)
    row = session.candidate_row(here)
    if row is None:
        return None
    others = set(session.compare) - {here}
    line = [one for one in session.candidates_of(row["village_code"])["candidate_id"] if one not in others]
    at = line.index(here) + step if here in line else -1
    return line[at] if 0 <= at < len(line) else None


def show_site(session: Session, candidate_id: str) -> None:
    """Put a site into the marked column."""
    here = marked(session)
    state.set_comparison(candidate_id if one == here else one for one in session.compare)
    state.select_candidate(candidate_id)


def neighbour_village(session: Session, step: int) -> str | None:
    """The village before or after that of the marked column, of those with at least two sites; None at the end.

    The order is that of the list on the Sites page: villages without a venue first.
    """
    counts = session.study.candidates["village_code"].value_counts()
    codes = [code for code in ordered_villages(session.study.villages, session.township)["village_code"] if counts.get(code, 0) > 1]
    row = session.candidate_row(marked(session))
    here = session.village if row is None else row["village_code"]
    if here not in codes:
        return codes[0] if codes else None
    at = codes.index(here) + step
    return codes[at] if 0 <= at < len(codes) else None


def best_of(session: Session, village_code: str, count: int) -> list[str]:
    """The first `count` sites of a village by its ranking."""
    return session.candidates_of(village_code)["candidate_id"].head(count).tolist()


def show_village(session: Session, village_code: str) -> None:
    """Compare a village's best, as many as are compared now; a village that has fewer does not make it fewer for the next one."""
    row = session.candidate_row(marked(session))
    everything = row is not None and set(session.compare) >= set(session.candidates_of(row["village_code"])["candidate_id"])
    wanted = max(len(session.compare), st.session_state.get(_WANTED, 0) if everything else 0, 2) if session.compare else BEST
    st.session_state[_WANTED] = wanted
    best = best_of(session, village_code, wanted)
    state.set_comparison(best)
    state.select_candidate(best[-1])
