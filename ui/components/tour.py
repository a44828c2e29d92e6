"""The short tour on the first start: a card in the sidebar, one stop per page, that leads along the way and can be put away.

It covers nothing and stops nobody. That it was seen stands in a cookie of the browser, so that it comes once for each planner.
"""

from __future__ import annotations

import streamlit as st

from layers.words import say
from ui import state

COOKIE = "cunzhi_tour"
STOPS = ("coverage", "sites", "compare", "plan", "report", "data")
"""Pages in the order of the tour: it begins where the app opens."""

_AT, _SEEN = "cz_tour", "cz_tour_seen"
_REMEMBER = f"<script>document.cookie = '{COOKIE}=seen; max-age=31536000; path=/; SameSite=Lax'</script>"


def card(language: str) -> None:
    """Draw the card where the tour is on, else the button that begins it; call it inside the sidebar."""
    if st.session_state.pop(_SEEN, False):
        st.html(_REMEMBER, unsafe_allow_javascript=True)
    at = _now()
    if at is None:
        st.button(say("tour.begin", language), key="cz_tour_begin", icon=":material/explore:", on_click=_begin, width="stretch",
                  type="tertiary", help=say("tour.begin_help", language))
        return
    stop = STOPS[at]
    with st.container(border=True, key="cz_tour_card"):
        st.markdown(f"**{say('tour.title', language)}** {at + 1} / {len(STOPS)}")
        st.markdown(f"**{say(f'app.pages.{stop}', language)}**  \n{say(f'tour.stop.{stop}', language)}")
        last = at + 1 == len(STOPS)
        if st.button(say("tour.done" if last else "tour.next", language), key="cz_tour_next", type="primary", width="stretch"):
            if last:
                _end()
                st.rerun()
            _to(at + 1)
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            if st.button(say("tour.back", language), key="cz_tour_back", disabled=at == 0, type="tertiary"):
                _to(at - 1)
            st.button(say("tour.end", language), key="cz_tour_end", on_click=_end, type="tertiary")


def _now() -> int | None:
    """The stop the tour is at; None where it is over, or was seen in this browser before."""
    if _AT not in st.session_state:
        st.session_state[_AT] = None if st.context.cookies.get(COOKIE) else 0
    return st.session_state[_AT]


def _begin() -> None:
    st.session_state[_AT] = 0


def _end() -> None:
    st.session_state[_AT] = None
    st.session_state[_SEEN] = True


def _to(at: int) -> None:
    st.session_state[_AT] = at
    state.go(STOPS[at])
