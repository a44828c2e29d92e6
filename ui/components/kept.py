"""What took a moment to reckon, kept in the session until what it follows from changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from ui.state import Session

Found = TypeVar("Found")


def weighed_by(session: Session) -> tuple[object, ...]:
    """Tells the county, the rules and the weights of this moment apart."""
    return session.stamp, tuple(criterion.weight for criterion in session.study.scenario.criteria)


def kept(name: str, key: tuple[object, ...], make: Callable[[], Found]) -> Found:
    """What `make` gave for this key, made anew only where the last one was for another."""
    place = f"cz_kept_{name}"
    last = st.session_state.get(place)
    if last is None or last[0] != key:
        last = (key, make())
        st.session_state[place] = last
    return last[1]
