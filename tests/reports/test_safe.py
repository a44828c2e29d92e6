"""The rule for names: what each outlet does with formulas, tags, hidden characters and very long texts."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.safe import MAX_CELL, cell_text, html_text, plain_text, safe_text, script_json, shortened
from tests.reports.hostile import NAMES

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("name", NAMES)
def test_html_reads_as_the_name_and_holds_no_tag(name):
    seen: list[str] = []
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append(tag)
            seen.append(dict(attrs).get("title") or "")

        def handle_data(self, data):
            seen.append(data)

    reader = Reader()
    reader.feed(f'<i title="{html_text(name)}">')
    reader.feed(html_text(name))
    reader.close()
    assert tags == ["i"]
    assert seen[0] == "".join(seen[1:]) == plain_text(name, lines=True)
    assert not re.search("[{}<>`]", html_text(name))


@given(ANY)
def test_a_script_gets_the_value_back_and_cannot_be_ended(text):
    written = script_json({"name": text})
    assert "<" not in written and ">" not in written and "&" not in written
    assert json.loads(written)["name"] == re.sub("[\U000e0000-\U000e007f]", "", text)


def test_a_script_takes_no_number_that_json_does_not_know():
    with pytest.raises(ValueError, match="JSON compliant"):
        script_json(float("nan"))


@given(ANY)
def test_plain_text_can_stand_in_xml_and_is_left_alone_when_made_twice(text):
    from xml.etree import ElementTree

    once = plain_text(text, lines=True)
    assert plain_text(once, lines=True) == once
    assert ElementTree.fromstring(f"<a>{html.escape(once)}</a>").text == (once or None)
    assert "\n" not in plain_text(text) and "\t" not in plain_text(text)


def test_chinese_names_and_codes_are_left_as_they_are():
    for name in ("青石村", "双溪县·乡镇", "0101", "-12", "㙓𠮷村", "Bokh\u00e3o’s", "每亩 1,200 元（含税）"):
        assert plain_text(name) == cell_text(name) == name
        assert safe_text(pa.array([name], pa.large_string())).to_pylist() == [name]
        assert html.unescape(html_text(name)) == name


@pytest.mark.parametrize("hidden", ["\x00", "\u202e", "\u2066", "\ufeff", "\x9f", "\U000e0041", "\u200f"])
def test_hidden_characters_go_before_a_formula_is_looked_for(hidden):
    assert safe_text(pa.array([f"{hidden}=1+1", None], pa.large_string())).to_pylist() == ["'=1+1", None]
    assert plain_text(f"青{hidden}石") == "青石"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_every_sign_that_begins_a_formula_is_disarmed(sign):
    assert safe_text(pa.array([f"{sign}SUM(A1)"], pa.large_string())).to_pylist() == [f"'{sign}SUM(A1)"]


def test_a_cell_takes_no_more_than_it_can_hold():
    assert len(cell_text("村" * 40_000)) == MAX_CELL and cell_text("村" * 40_000).endswith("…")
    assert len(cell_text("𠮷" * 20_000).encode("utf-16-le")) // 2 <= MAX_CELL
    assert cell_text("村" * MAX_CELL) == "村" * MAX_CELL
    assert shortened("青石村", 2) == "青…" and shortened("青石村", 3) == "青石村"
    assert html_text("<" * 9, limit=3) == "&lt;&lt;…"
