"""The frame around every page: the line of steps, and the sidebar with the language, the county, the tour and the guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from layers.words import LANGUAGES, say
from ui import state
from ui.components import study_file, tour
from ui.components.formats import as_markdown
from ui.components.steps import steps as draw_steps
from ui.components.waiting import stopping
from ui.guide import guide_link


def sidebar(language: str) -> None:
    """Draw the sidebar: language first, then the county in use and the way to another one."""
    with st.sidebar:
        st.markdown(f"### {say('app.title', language)}")
        st.caption(say("app.frame.tagline", language))
        st.session_state["cz_language"] = language
        st.segmented_control(
            say("app.language.label", language), LANGUAGES, key="cz_language", on_change=_language_chosen,
            format_func=lambda code: say(f"app.language.{code}", code), required=True,
        )
        stopping(language)
        with st.expander(say("app.county.open", language)):
            st.text_input(
                say("app.county.path", language), key="cz_county_text", help=say("app.county.path_help", language),
                placeholder="county.toml",
            )
            st.button(say("app.county.button", language), key="cz_county_open", on_click=_county_chosen, width="stretch")
            if state.chosen_county() is not None:
                st.button(say("app.county.back", language), key="cz_county_back", on_click=state.open_another, args=(None,),
                          width="stretch")
            st.caption(say("app.county.from", language, path=_short(str(state.county_path()))))


def steps(pages: Mapping[str, Any], here: str, language: str) -> None:
    """Draw the line of steps above a page; a meeting sees the sites alone."""
    if not (here == "compare" and state.in_meeting()):
        draw_steps(pages, here, language, compared=len(state.compared()))


def county_note(session: state.Session, *, beside: bool = True) -> None:
    """Name the county in use in the sidebar, with what can be saved of it (where `beside`), the tour and the guide."""
    with st.sidebar:
        st.markdown(f"**{as_markdown(session.county.name)}**")
        if session.study is not session.base_study:
            st.caption(session.say("app.coverage.weights_changed"))
        if beside:
            study_file.panel(session)
        tour.card(session.language)
        guide_link(session.language)


def _short(path: str) -> str:
    return path if len(path) <= 48 else "…" + path[-47:]


def _language_chosen() -> None:
    chosen = st.session_state.get("cz_language")
    if chosen in LANGUAGES:
        state.set_language(chosen)


def _county_chosen() -> None:
    path = (st.session_state.get("cz_county_text") or "").strip().strip('"')
    if path:
        state.open_another(path)
