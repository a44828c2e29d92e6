"""What a person does with one card of the Data page: look at its place, or lay it aside in county.toml."""

from __future__ import annotations

import streamlit as st

from layers.findings import InputError
from layers.mending import with_ignored, write
from layers.words import say
from ui import state

FOCUS = "cz_data_focus"
"""Key of the card whose place the map shows, in the session's state."""


def focus_on(key: str) -> None:
    """Show the place of a card on the map."""
    st.session_state[FOCUS] = key


def lay_aside(key: str, ignored: bool, language: str) -> None:
    """Remember in county.toml that a card is laid aside, or taken up again; a file that cannot be written is said."""
    try:
        write(with_ignored(state.county_path(), key, ignored=ignored))
    except InputError as error:
        st.toast("  \n".join(finding.text(language) for finding in error.findings), icon=":material/error:")


def show_button(key: str, language: str) -> None:
    """The button that shows a card's place; the one in use stands out."""
    st.button(say("data_page.findings.show", language), key=f"show-{key}", icon=":material/location_on:", on_click=focus_on,
              args=(key,), type="primary" if st.session_state.get(FOCUS) == key else "secondary")


def aside_button(key: str, language: str, *, ignored: bool) -> None:
    """The button that lays a card aside, or takes it up again."""
    name = "restore" if ignored else "ignore"
    st.button(say(f"data_page.findings.{name}", language), key=f"{name}-{key}", type="tertiary", on_click=lay_aside,
              args=(key, not ignored, language))
