"""Every finding that the reader can make has its words, in both languages, with the same blanks to fill."""

import re
import string
from pathlib import Path

import layers
from layers.words import catalogue

CODES = re.compile(r'(?:Finding|_finding|_unknown)\(\s*"([a-z0-9_]+)"')
SOURCE = Path(layers.__file__).parent


def test_codes_and_words_agree():
    """Every code that makes a finding has its words, and no words stand there that no code speaks of."""
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("**/*.py"))
    composed = {"code_lost", "flag_unread"}   # made of the kind of value that could not be read
    for language in ("zh", "en"):
        words = {key.removeprefix("findings.") for key in catalogue(language) if key.startswith("findings.")}
        assert set(CODES.findall(sources)) <= words
        assert {code for code in words if f'"{code}"' not in sources} <= composed


def test_both_languages_fill_the_same_blanks():
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, text in catalogue("en").items():
        if key.startswith("findings."):
            assert blanks(text) == blanks(catalogue("zh")[key]), key
