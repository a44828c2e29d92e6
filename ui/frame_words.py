"""Streamlit's own texts in the session's language: upload fields, table menus and states speak English by themselves.

The English catalogue holds them as Streamlit says them (`data/words/en/frame.toml`), the Chinese one what stands there instead.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import streamlit as st

from layers.words import catalogue

PREFIX = "frame."
_OWN = "en"
"""The language Streamlit speaks."""


def texts(language: str) -> dict[str, str]:
    """What Streamlit says -> what is to stand there; nothing for its own language."""
    if language == _OWN:
        return {}
    there, here = catalogue(_OWN), catalogue(language)
    return {text: here[key] for key, text in there.items() if key.startswith(PREFIX)}


def translate(language: str) -> None:
    """Have the browser put the session's words in the place of Streamlit's; call once per page."""
    st.html(f"<script>{_script(language)}</script>", unsafe_allow_javascript=True)


@cache
def _script(language: str) -> str:
    script = (Path(__file__).resolve().parent / "frame_words.js").read_text(encoding="utf-8")
    words = json.dumps(list(texts(language).items()), ensure_ascii=False).replace("<", "\\u003c")
    return script.replace("/*words*/", words)
