"""The frame around every page: the sidebar with the language and the county."""

from __future__ import annotations

import streamlit as st

from layers.words import LANGUAGES, say
from ui import state


def sidebar(language: str) -> None:
    """Draw the sidebar: language first, then the county in use and the way to another one."""
    with st.sidebar:
        st.session_state["cz_language"] = language
        st.segmented_control(
            say("app.language.label", language), LANGUAGES, key="cz_language", on_change=_language_chosen,
            format_func=lambda code: say(f"app.language.{code}", code), required=True,
        )
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


def county_note(session: state.Session) -> None:
    """Name the county in use at the foot of the sidebar."""
    with st.sidebar:
        st.markdown(f"**{_plain(session.county.name)}**")
        if session.study is not session.base_study:
            st.caption(session.say("app.coverage.weights_changed"))


def _plain(name: str) -> str:
    """A name as text in Markdown: none of its characters marks anything up."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]()#+-.!<>|~$:" else character for character in name)


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
