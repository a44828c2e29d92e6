"""The front door: page set-up, navigation and one error boundary. Run it with ``streamlit run app.py``."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from layers.words import say
from ui import shell, state
from ui.ahead import load_second_opinion
from ui.assets import prepare_static
from ui.engine import EXPECTED
from ui.errors import boundary
from ui.frame_words import translate
from ui.guide import guide_routes
from ui.memory import give_back_memory
from ui.theme import apply_style
from ui.tile_routes import tile_routes


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
        shell.county_note(session, beside=name != "report")
        page.render(session)

    run.__name__ = name
    return run


def main() -> None:
    """Draw the app."""
    state.follow_url()
    language = state.language()
    st.set_page_config(page_title=say("app.title", language), layout="wide", initial_sidebar_state="expanded")
    apply_style(language)
    translate(language)
    with boundary(language):
        prepare_static()
        pages = {
            name: st.Page(_page(name), title=say(f"app.pages.{name}", language), url_path=name, default=name == state.PAGES[0])
            for name in state.PAGES
        }
        state.register_pages(pages)
        page = st.navigation(list(pages.values()), position="hidden")   # the line of steps leads everywhere
        shell.sidebar(language)
        shell.steps(pages, next(name for name, one in pages.items() if one.url_path == page.url_path), language)
        page.run()


if __name__ == "__main__":   # Streamlit draws a page
    main()
else:   # the server reads this file once for its own addresses beside Streamlit's: map tiles, guide
    give_back_memory()
    load_second_opinion()
    app = st.App(__file__, routes=[*tile_routes(), *guide_routes()])
