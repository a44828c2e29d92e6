"""Bringing in data: files dropped on the page or a folder of this computer, recognised, settled by the person, and opened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from layers.findings import InputError
from layers.recognise import Item, Proposal, Recognition, proposals, recognise, write_county
from layers.recognise.choose import LIST
from layers.recognise.write import evidence_text
from layers.schema import RASTER_ROLES, RESTRICTION_KINDS, ROLES
from layers.uploads import OFFERED, data_home, receive
from layers.words import say
from ui import state
from ui.components.data_findings import role_name

FOLDER, REFUSED, ROUND = "cz_bring_folder", "cz_bring_refused", "cz_bring_round"
UNDECIDED = "?"
"""Stands for a role in question; never a role itself."""


def bring_in(language: str, *, expanded: bool = False) -> None:
    """Draw the part where data is handed over; once a folder is there, what was recognised in it."""
    folder = st.session_state.get(FOLDER)
    title = say("data_page.bring.title", language)
    with st.expander(title, expanded=expanded or folder is not None, icon=":material/upload_file:"):
        if folder is None:
            left, right = st.columns([0.6, 0.4], gap="large")
            with left:
                _files(language)
            with right:
                _path(language)
        else:
            _recognised(Path(folder), language)


def _files(language: str) -> None:
    st.caption(say("data_page.bring.note", language, home=str(data_home())))
    turn = st.session_state.setdefault(ROUND, 0)
    name = st.text_input(say("data_page.bring.name", language), key=f"bring-name-{turn}", max_chars=40)
    files = st.file_uploader(
        say("data_page.bring.files", language), type=[suffix[1:] for suffix in OFFERED], accept_multiple_files=True,
        key=f"bring-files-{turn}",
    )
    if not st.button(say("data_page.bring.receive", language), key="bring-receive", type="primary", disabled=not files):
        return
    bar = st.progress(0.0)

    def tell(own: str, number: int) -> None:
        text = say("data_page.bring.progress", language, name=_plain(own), number=number + 1, count=len(files))
        bar.progress(number / len(files), text=text)

    try:
        received = receive(((file.name, file) for file in files), name=name or say("data_page.bring.name_default", language),
                           progress=tell)
    except InputError as error:
        bar.empty()
        _problems(error.findings, language)
        return
    bar.progress(1.0, text=say("data_page.bring.recognising", language))
    st.session_state[FOLDER], st.session_state[REFUSED] = str(received.folder), received.refused
    st.session_state[ROUND] = turn + 1
    st.rerun()


def _path(language: str) -> None:
    text = st.text_input(say("data_page.bring.path", language), key="bring-path")
    if not st.button(say("data_page.bring.look", language), key="bring-look") or not text.strip():
        return
    path = Path(text.strip().strip('"')).expanduser()
    if path.is_dir() and not (path / "county.toml").is_file():
        st.session_state[FOLDER], st.session_state[REFUSED] = str(path), ()
    elif path.exists():
        state.open_another(str(path / "county.toml" if path.is_dir() else path))
    else:
        st.error(_plain(say("data_page.bring.no_path", language, path=str(path))))
        return
    st.rerun()


def _recognised(folder: Path, language: str) -> None:
    refused = st.session_state.get(REFUSED, ())
    if refused:
        st.warning(say("data_page.bring.refused", language))
        _problems(refused, language)
    settled = {key: role for key, role in st.session_state.get(_settled_key(folder), {}).items() if role != UNDECIDED}
    try:
        with st.spinner(say("data_page.bring.recognising", language)):
            found = _look(str(folder), tuple(sorted(settled.items())), _mark(folder))
    except OSError as error:
        st.error(_plain(f"{folder}: {error.strerror or type(error).__name__}"))
        _close_button(language)
        return
    st.caption(_plain(say("data_page.bring.received", language, count=len(found.items), folder=str(folder))))
    if found.name or found.code:
        st.caption(_plain(say("data_page.bring.county", language, name=found.name or "", code=found.code or "")))
    _table(found, settled, language)
    if found.refused:
        st.markdown(f"**{say('data_page.bring.unreadable', language)}**")
        _problems([item.refusal for item in found.refused], language)
    undecided = {item.source for tie in found.ties for item in tie.items}
    if undecided:
        st.info(say("data_page.bring.ties_left", language, count=len(undecided)))
    if not found.can_open:
        st.warning(say("data_page.bring.not_enough", language))
    with st.container(horizontal=True):
        if st.button(say("data_page.bring.open", language), key="bring-open", type="primary", disabled=not found.can_open):
            _open(found, language)
        _close_button(language)


@st.cache_data(show_spinner=False, max_entries=16)
def _look(folder: str, settled: tuple[tuple[str, str], ...], mark: tuple) -> Recognition:
    """`mark` makes a folder whose files have changed be looked through again."""
    return recognise(folder, settled=dict(settled))


def _mark(folder: Path) -> tuple:
    return tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.iterdir()))


def role_of_item(found: Recognition, item: Item) -> tuple[str, Proposal | None]:
    """What an item is taken for: a role (restrictions with their kind, `LIST`), `UNDECIDED`, or "" for none; with the proposal."""
    for role, options in found.chosen.items():
        for option in options:
            if option.item.source == item.source:
                return (f"restrictions.{option.kind or 'other'}" if role == "restrictions" else role), option
    for tie in found.ties:
        for option in tie.options:
            if option.item.source == item.source:
                return UNDECIDED, option
    return "", None


def _table(found: Recognition, settled: Mapping[str, str], language: str) -> None:
    st.markdown(f"**{say('data_page.bring.table', language)}**")
    st.caption(say("data_page.bring.table_note", language))
    choices = (*(role for role in ROLES if role != "restrictions"), *RASTER_ROLES, LIST,
               *(f"restrictions.{kind}" for kind in RESTRICTION_KINDS))
    for item in found.items:
        if item.kind == "refused":
            continue
        role, option = role_of_item(found, item)
        shares = [other.role for other in proposals(item)]
        first = [role] if role not in ("", UNDECIDED) else []
        options = list(dict.fromkeys([*([UNDECIDED] if role == UNDECIDED else []), *first, *shares, "", *choices]))
        options = [one for one in options if one != "restrictions"]
        left, middle, right = st.columns([0.34, 0.22, 0.44], vertical_alignment="center")
        rows = say("data_page.bring.rows_unknown", language) if item.rows is None else f"{item.rows:,}"
        left.text(item.source)
        shape = say(f"data_page.bring.shape_{item.shape}", language)
        left.caption(say("data_page.bring.points", language, shape=shape, rows=rows) if item.rows is not None else shape)
        middle.selectbox(
            say("data_page.bring.role", language), options, index=options.index(role), label_visibility="collapsed",
            key=f"role-{found.folder}-{item.source}-{settled.get(item.source, '')}", on_change=_settle,
            args=(found.folder, item.source, f"role-{found.folder}-{item.source}-{settled.get(item.source, '')}"),
            format_func=lambda one: _role_text(one, language),
        )
        right.text(_why(found, item, option, language))


def _why(found: Recognition, item: Item, option: Proposal | None, language: str) -> str:
    """What speaks for each of the roles in question, or for the one that was taken."""
    tied = [other for tie in found.ties for other in tie.options if other.item.source == item.source]
    if tied:
        return "\n".join(f"{_role_text(_own_role(other), language)}: {evidence_text(other, language)}" for other in tied)
    return "" if option is None else evidence_text(option, language)


def _own_role(option: Proposal) -> str:
    return f"restrictions.{option.kind}" if option.kind else option.role


def _role_text(role: str, language: str) -> str:
    if role in ("", UNDECIDED):
        return say("data_page.bring.none" if not role else "data_page.bring.undecided", language)
    if role == LIST:
        return say("data_page.bring.list", language)
    general, _, kind = role.partition(".")
    name = role_name(general, language)
    return f"{name} · {say(f'app.restriction.{kind}', language)}" if kind else name


def _settled_key(folder: Path) -> str:
    return f"cz_bring_settled_{folder}"


def _settle(folder: Path, source: str, widget: str) -> None:
    kept = dict(st.session_state.get(_settled_key(folder), {}))
    kept[source] = st.session_state[widget]
    st.session_state[_settled_key(folder)] = kept


def _open(found: Recognition, language: str) -> None:
    given = None if found.name else found.folder.name
    try:
        path = write_county(found, name=given, language=language)
    except FileExistsError:
        path = found.folder / "county.toml"
    except OSError as error:
        st.error(_plain(say("recognise.cli.unwritable", language, path=found.folder, problem=error.strerror or "")))
        return
    for key in (FOLDER, REFUSED, _settled_key(found.folder)):
        st.session_state.pop(key, None)
    state.open_another(str(path))
    st.rerun()


def _close_button(language: str) -> None:
    if st.button(say("data_page.bring.close", language), key="bring-close"):
        for key in (FOLDER, REFUSED):
            st.session_state.pop(key, None)
        st.rerun()


def _problems(findings: object, language: str) -> None:
    for finding in findings:
        with st.container(border=True):
            st.text(finding.text(language))


def _plain(text: str) -> str:
    """A text from outside in Markdown: none of its characters marks anything up."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-.!<>|~$:" else sign for sign in text)
