"""Findings: every problem met while reading, as data; and the errors that carry them when a county cannot be opened.

A finding names its kind by a code. Its sentences (what was found, what was done, what the person should do) stand in both languages
in ``data/words/*/findings.toml`` under that code, filled from `params`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from layers.words import catalogue, say

SEVERITIES = ("error", "warning", "info")
"""error: the layer or row cannot be used. warning: a person should look. info: what was mended or assumed."""


@dataclass(frozen=True)
class Finding:
    """One problem, or one thing done about it.

    `rows` are ids of the rows concerned (at most 20 kept), `count` how many there are in all. `place` is (lon, lat) where the
    problem has one place on the map.
    """

    code: str
    severity: str
    layer: str
    field: str | None = None
    rows: tuple[str, ...] = ()
    count: int | None = None
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)
    place: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity must be one of {SEVERITIES}, not {self.severity!r}")

    @property
    def key(self) -> str:
        """A name that stays the same as long as the finding does: its code, its layer, and a mark of all that it says."""
        said = json.dumps((self.field, self.rows, self.count, sorted(self.params.items())), ensure_ascii=False, default=str)
        return f"{self.code}:{self.layer}:{hashlib.sha256(said.encode()).hexdigest()[:10]}"

    def text(self, language: str = "en") -> str:
        """The finding in words: what it is, where, what was done and what to do."""
        count = "" if self.count is None else self.count
        known = {"layer": layer_name(self.layer, language), "field": self.field or "", "count": count}
        others = {key: layer_name(str(self.params[key]), language) for key in ("reference", "other") if key in self.params}
        return say(f"findings.{self.code}", language, **{**known, **self.params, **others})


def layer_name(layer: str, language: str) -> str:
    """What a layer of county.toml is called: its role in words, with its own name behind it where it has one."""
    if layer.startswith("layers."):
        return layer   # a table of county.toml, as it stands there
    role, _, name = layer.partition(".")
    words = catalogue(language).get(f"criteria.role.{role}", role)
    return f"{words} {name}" if name else words


class CunzhiError(Exception):
    """Root of every error that this project raises on purpose."""


class InputError(CunzhiError, ValueError):
    """The input cannot be used. Carries every problem found, not only the first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.text("en") for finding in self.findings))


class SourceNotFound(InputError, FileNotFoundError):
    """A file or layer that county.toml names is not there."""


class UnsupportedFormat(InputError):
    """A format that cannot be read here; the message names the way out."""
