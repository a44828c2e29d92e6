"""What a sentence is made of before it has a language: a key of the words, and what is filled in, each with where it comes from.

`reports.reasons` turns it into Chinese or English. Since every figure and term carries its source, a sentence can always be traced
back to the measures, gates and evidence it rests on (`facts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from geo.results import Evidence


@dataclass(frozen=True)
class Figure:
    """A number with its unit (share 0..1, m2, m, min, people, kinds, deg, points, count), and where it comes from.

    `source` is a column of `Study.candidates` or `Study.villages`, ``contribution_<criterion>``, ``standard.<rule>`` for a figure
    of the standards, or says how it was reckoned: ``gap:<other candidate>``. `exact` figures are never called *about*.
    """

    value: float
    unit: str
    source: str
    exact: bool = False


@dataclass(frozen=True)
class Term:
    """A code that the words name: ``<table>.<code>``; a code without a word stays as it is.

    `source` is where it comes from, as for `Figure`, and `value` what stands there, where that is not the code.
    """

    table: str
    code: str
    source: str = ""
    value: str = ""


@dataclass(frozen=True)
class Listing:
    """Several parts joined: `joiner` is a key under ``reasons.join``."""

    parts: tuple[Part, ...]
    joiner: str = "list"


@dataclass(frozen=True)
class Phrase:
    """A text ``reasons.<key>`` with what is filled in; a text among the values is a name from the data."""

    key: str
    values: Mapping[str, Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """What evidence says, as part of a longer sentence; ``evidence.<gate>.<reason>`` without its full stop."""

    evidence: Evidence


Part = Figure | Term | Listing | Phrase | Said | str


@dataclass(frozen=True)
class Fact:
    """One thing that a sentence rests on: where it comes from and what stands there."""

    source: str
    value: object


def facts(part: Part) -> tuple[Fact, ...]:
    """All that a part rests on, each once, in the order in which it is said."""
    return tuple(dict.fromkeys(_facts(part)))


def _facts(part: Part) -> Iterator[Fact]:
    if isinstance(part, Figure):
        yield Fact(part.source, part.value)
    elif isinstance(part, Term):
        if part.source:
            yield Fact(part.source, part.value or part.code)
    elif isinstance(part, Said):
        item = part.evidence
        yield Fact(f"gate_{item.gate}", item.verdict)
        yield Fact(f"reason_{item.gate}", item.reason)
        for name, value in item.params.items():
            if isinstance(value, int | float):
                yield Fact(f"{item.gate}.{name}", float(value))
    elif isinstance(part, Listing):
        for inner in part.parts:
            yield from _facts(inner)
    elif isinstance(part, Phrase):
        for inner in part.values.values():
            yield from _facts(inner)
