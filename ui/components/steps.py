"""The way from data to decision as one slim line: where the planner is, every other step by link, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from layers.words import say

WAY = ("data", "coverage", "sites", "compare", "plan", "report")
"""Pages in the order of the work."""

_STYLE = """
<style>
.st-key-cz_steps {gap: .1rem !important; border-bottom: 1px solid rgba(128,128,128,.25); padding-bottom: .3rem;
  margin-bottom: -.35rem; flex-wrap: nowrap !important; overflow: visible;}
.st-key-cz_steps [data-testid="stPageLink"] a {padding: .2rem .6rem; border-radius: 6px;}
.st-key-cz_steps [data-testid="stPageLink"] p {font-size: .9rem; white-space: nowrap;}
.st-key-cz_steps > div:nth-child(-n+5)::after {content: "›"; opacity: .45; padding: 0 .1rem;}
.st-key-cz_steps > div {display: flex; align-items: center;}
.st-key-cz_steps > div:nth-child(7) {margin-left: auto;}
.st-key-cz_steps > div:nth-child(7) a {border: 1px solid rgba(128,128,128,.4);}
@media (max-width: 1000px) {.st-key-cz_steps > div:nth-child(7) {display: none;}}
@media print {.st-key-cz_steps {display: none;}}
</style>
"""


def next_of(name: str) -> str | None:
    """The step that follows a page; None after the last one."""
    at = WAY.index(name) + 1 if name in WAY else 0
    return WAY[at] if at < len(WAY) else None


def steps(pages: Mapping[str, Any], here: str, language: str, *, compared: int = 0) -> None:
    """Draw the line.

    Parameters
    ----------
    pages : mapping
        The app's pages by name, those of `WAY`.
    here : str
        Name of the page that is shown.
    language : {"zh", "en"}
        Language of the words.
    compared : int
        Sites on the comparison list, shown with its step.
    """
    st.html(_STYLE)
    with st.container(key="cz_steps", horizontal=True, vertical_alignment="center", gap="small"):
        for number, name in enumerate(WAY, start=1):
            label = f"{number} {say(f'app.pages.{name}', language)}"
            if name == "compare" and compared:
                label += f" ({compared})"
            st.page_link(pages[name], label=f"**{label}**" if name == here else label, help=say(f"app.page_help.{name}", language))
        after = next_of(here)
        if after is not None:
            text = say("app.steps.next", language, page=say(f"app.pages.{after}", language))
            st.page_link(pages[after], label=text, icon=":material/arrow_forward:", icon_position="right")
