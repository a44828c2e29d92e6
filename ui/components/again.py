"""Running a fragment once more, wherever the present run came from."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException


def run_again() -> NoReturn:
    """Run the fragment again, or the page where it is the page that runs. Does not return."""
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:   # the whole page is running, not the fragment by itself
        st.rerun()
