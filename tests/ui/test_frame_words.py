"""Streamlit's own texts: what the catalogue says it says, it says; the page carries their translation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit

from layers.words import LANGUAGES
from ui.frame_words import _script, texts


@pytest.fixture(scope="module")
def bundle() -> str:
    """All scripts that Streamlit sends to the browser."""
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.js")))


def test_streamlit_says_what_the_catalogue_translates(bundle: str) -> None:
    missing = [text for text in texts("zh") for part in re.split(r"\{\w+\}| • |apply", text) if part and part not in bundle]
    assert not missing


def test_every_text_has_another_in_chinese_and_none_in_english() -> None:
    assert texts("en") == {}
    for text, instead in texts("zh").items():
        assert instead != text and not re.search(r"[A-Za-z]{4,}", re.sub(r"\{\w+\}", "", instead)), text
        assert set(re.findall(r"\{\w+\}", instead)) == set(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_cannot_be_ended_by_a_word(language: str) -> None:
    assert "</" not in _script(language) and "/*words*/" not in _script(language)
