"""The error boundary: what a planner sees when something cannot be used, and where the traceback goes instead."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import streamlit as st

from layers.findings import SourceNotFound
from layers.words import say
from ui.engine import EXPECTED, problem_texts

LOG = logging.getLogger("cunzhi")


@contextmanager
def boundary(language: str) -> Iterator[None]:
    """Show an error inside as words: every problem of unusable input, or a calm note with an id for anything unexpected.

    A fragment runs by itself when something in it changes, outside the app's own boundary: it needs one of its own.
    """
    try:
        yield
    except EXPECTED as error:
        show_problems(error, language)
    except Exception as error:
        show_unexpected(error, language)


def show_problems(error: Exception, language: str) -> None:
    """List every problem that an expected error carries."""
    st.error(f"**{say('app.errors.unusable', language)}**  \n{say('app.errors.unusable_note', language)}")
    for text in problem_texts(error, language):
        with st.container(border=True):
            st.text(text)
    if isinstance(error, SourceNotFound):
        st.info(say("app.errors.no_county", language))


def show_unexpected(error: Exception, language: str) -> str:
    """Log an error with its traceback and show its id; returns the id."""
    error_id = secrets.token_hex(4)
    LOG.error("error %s", error_id, exc_info=error)
    time = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
    note = say("app.errors.unexpected_note", language, id=error_id, time=time)
    st.error(f"**{say('app.errors.unexpected', language)}**  \n{note}")
    return error_id
