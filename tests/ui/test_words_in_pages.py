"""No text of a page stands in its code: what a page shows comes from `data/words`, in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from layers.words import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "ui").rglob("*.py")) + [ROOT / "app.py"]
SHOWS = {
    "title", "header", "subheader", "markdown", "caption", "text", "write", "info", "warning", "error", "success", "toast",
    "metric", "button", "download_button", "link_button", "page_link", "form_submit_button", "toggle", "checkbox", "radio",
    "selectbox", "multiselect", "slider", "select_slider", "number_input", "text_input", "text_area", "file_uploader", "pills",
    "segmented_control", "expander", "popover", "dialog", "spinner", "progress", "status", "tabs", "Page",
    "Column", "TextColumn", "NumberColumn", "ProgressColumn", "CheckboxColumn", "badge",
}
"""Functions of Streamlit whose first argument, or one of `WORDS`, a person reads."""
WORDS = {"label", "help", "placeholder", "text", "body", "title", "page_title", "delta", "value_text"}
LETTERS = re.compile(r"[^\W\d_]{2,}")
NOT_WORDS = re.compile(r"<[^>]*>|&\w+;|:material/\w+:|\{[^}]*\}|https?://\S+")
NAMES = {"county.toml", "_"}
"""A file's name is the same in every language."""


def said(node: ast.expr) -> list[tuple[int, str]]:
    """Literal text in an expression that is shown as it stands: not the keys handed to `say`, nor a subscript."""
    if isinstance(node, ast.Constant):
        return [(node.lineno, node.value)] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [item for part in node.values for item in said(part)]
    if isinstance(node, ast.BinOp):
        return said(node.left) + said(node.right)
    if isinstance(node, ast.IfExp):
        return said(node.body) + said(node.orelse)
    if isinstance(node, ast.List | ast.Tuple):
        return [item for part in node.elts for item in said(part)]
    return []


def literals(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, text) of every literal with letters that a page would show."""
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHOWS):
            continue
        if getattr(node.func.value, "id", None) == "LOG":   # for the maintainer, not on a page
            continue
        shown = [keyword.value for keyword in node.keywords if keyword.arg in WORDS]
        if node.func.attr != "Page":
            shown += node.args[:1]
        found += [item for value in shown for item in said(value)]
    return [(line, text) for line, text in found if text not in NAMES and LETTERS.search(NOT_WORDS.sub("", text))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_literal_text_in_pages(path: Path) -> None:
    assert literals(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("code", ["st.button('Open the plan')", "place.caption(f'in all {count} villages')",
                                  "st.toggle(say('a.b'), help='What it does')", "st.warning('没有数据' if x else say('a'))"])
def test_literal_text_is_found(code: str) -> None:
    assert literals(ast.parse(code))


@pytest.mark.parametrize("code", ["st.button(say('plan.open'), key='open', icon=':material/map:')", "st.markdown(f'**{name}**')",
                                  "st.caption(f'{a} · {b}')", "frame.text(rows['name'])"])
def test_what_is_no_text_is_let_through(code: str) -> None:
    assert literals(ast.parse(code)) == []


def used_keys(tree: ast.AST) -> list[str]:
    """Whole keys handed to a `say`."""
    return [node.args[0].value for node in ast.walk(tree)
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str) and "." in node.args[0].value
            and "say" in (getattr(node.func, "attr", None), getattr(node.func, "id", None))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_a_page_says_has_a_text(language: str) -> None:
    known = catalogue(language)
    lacking = [f"{path.relative_to(ROOT)}: {key}" for path in MODULES
               for key in used_keys(ast.parse(path.read_text(encoding="utf-8"))) if key not in known]
    assert lacking == []
