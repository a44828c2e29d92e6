"""Every finding that the reader can make has its words, in both languages, with the same blanks to fill."""

import re
import string
from pathlib import Path

import layers
from layers.words import catalogue

CODES = re.compile(r'(?:Finding|_finding|_unknown)\(\s*"([a-z0-9_]+)"')
SOURCE = Path(layers.__file__).parent


def test_codes_and_words_agree():
    used = set()
    for path in SOURCE.glob("*.py"):
        used |= set(CODES.findall(path.read_text(encoding="utf-8")))
    used |= {f"format_{name}" for name in ("mdb", "vct", "dwg", "mapgis", "unknown")}
    used |= {"code_lost", "flag_unread", "owners_by_name", "owners_not_listed"}
    used |= {"villages_joined_by_name", "villages_not_on_map", "villages_not_in_list"}
    for language in ("zh", "en"):
        words = {key.removeprefix("findings.") for key in catalogue(language) if key.startswith("findings.")}
        assert used == words


def test_both_languages_fill_the_same_blanks():
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, text in catalogue("en").items():
        if key.startswith("findings."):
            assert blanks(text) == blanks(catalogue("zh")[key]), key
