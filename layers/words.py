"""Words in two languages: one catalogue for findings, pages, reports and the command line.

The catalogues are TOML files, ``data/words/zh/*.toml`` and ``data/words/en/*.toml``, with equal keys; a key is the path of tables
to a text, with the file's name in front: ``findings.crs_missing``. It stands here because this package is the one that opens
files and the lowest one that speaks to people.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")
WORDS = Path(__file__).resolve().parent.parent / "data" / "words"


def _flatten(table: dict, prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        name = f"{prefix}.{key}"
        flat |= _flatten(value, name) if isinstance(value, dict) else {name: value}
    return flat


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every text of a language by its key.

    Raises
    ------
    ValueError
        For a language that has no catalogue.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no catalogue for language {language!r}; there are {', '.join(LANGUAGES)}")
    texts: dict[str, str] = {}
    for path in sorted((WORDS / language).glob("*.toml")):
        texts |= _flatten(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)
    return texts


def say(key: str, language: str, **values: object) -> str:
    """A text in a language, its ``{names}`` filled from `values`.

    Raises
    ------
    KeyError
        For a key without a text: a text that is missing must be noticed in a test, not shown as a hole.
    """
    template = catalogue(language)[key]
    return template.format(**values) if values else template
