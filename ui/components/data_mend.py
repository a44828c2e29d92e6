"""The setting of county.toml that would mend a finding: chosen, shown as it would stand there, and written."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from layers.findings import Finding, InputError
from layers.mending import Change, with_value, write
from layers.mends import Mend, mends_of
from layers.words import say
from ui import state


def layer_names(path: Path) -> tuple[str, ...]:
    """Names of the layers that a county.toml has, also of one that cannot be opened; none where it is no TOML."""
    try:
        layers = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("layers", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ()
    if not isinstance(layers, dict):
        return ()
    names = []
    for role, entry in layers.items():
        several = role == "restrictions" and isinstance(entry, dict) and "source" not in entry
        names += [f"{role}.{own}" for own in entry] if several else [role]
    return tuple(names)


def known_mends() -> Callable[[Finding], tuple[Mend, ...]]:
    """What would mend a finding of the county in use."""
    layers = layer_names(state.county_path())
    return lambda finding: mends_of(finding, layers=layers)


def mend_form(options: Sequence[Mend], language: str, *, key: str) -> None:
    """Let a person choose key and value, show what would change, and write it on their word."""
    with st.container(border=True):
        first, second = st.columns([0.62, 0.38])
        number = first.selectbox(say("data_page.mend.key", language), range(len(options)), key=f"key-{key}",
                                 format_func=lambda at: options[at].label)
        mend = options[number]
        value = second.selectbox(say("data_page.mend.value", language), mend.choices, key=f"value-{key}-{number}",
                                 accept_new_options=mend.free)
        try:
            change = None if not value else with_value(state.county_path(), mend.where, str(value))
        except InputError as error:
            for finding in error.findings:
                st.text(finding.text(language))
            change = None
        if change is not None and change.before == change.after:
            st.caption(say("data_page.mend.same", language))
        elif change is not None:
            offer(change, language, key=key, note=say("data_page.mend.note", language))


def offer(change: Change, language: str, *, key: str, note: str) -> None:
    """Show what a change would write into county.toml, and write it on a person's word."""
    st.caption(say("data_page.mend.preview", language))
    st.code(change.lines, language="diff", wrap_lines=True)
    st.caption(note)
    if st.button(say("data_page.mend.apply", language), key=f"apply-{key}", type="primary"):
        _write(change, language)


def _write(change: Change, language: str) -> None:
    try:
        write(change)
    except InputError as error:
        for finding in error.findings:
            st.error(finding.text(language))
        return
    st.toast(say("data_page.findings.written", language))
    st.rerun()
