"""The front door: page set-up, navigation and one error boundary. Run it with ``streamlit run app.py``."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from layers.words import say
from ui import shell, state
from ui.assets import prepare_static
from ui.engine import EXPECTED
from ui.errors import boundary
from ui.theme import apply_style


def _page(name: str) -> Callable[[], None]:
    def run() -> None:
        from importlib import import_module

        state.follow(name)
        page = import_module(f"ui.pages.{name}")
        try:
            session = state.current()
        except EXPECTED as error:
            if name != "data":
                raise
            page.render_closed(error, state.language())
            return
        shell.county_note(session)
        page.render(session)

    run.__name__ = name
    return run


def main() -> None:
    """Draw the app."""
    language = state.language()
    st.set_page_config(page_title=say("app.title", language), layout="wide", initial_sidebar_state="expanded")
    apply_style()
    with boundary(language):
        prepare_static()
        pages = {
            name: st.Page(_page(name), title=say(f"app.pages.{name}", language), url_path=name, default=name == state.PAGES[0])
            for name in state.PAGES
        }
        state.register_pages(pages)
        page = st.navigation(list(pages.values()))
        shell.sidebar(language)
        page.run()


main()
