"""The gates of one site for a document: evidence by gate, and the papers that are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

import pandas as pd

from geo.results import Evidence
from geo.scenario import GATES
from reports.evidence_words import source_texts
from reports.figures import is_missing


def by_gate(items: Iterable[Evidence]) -> dict[str, tuple[Evidence, ...]]:
    """Evidence by gate in the order of the gates; within a gate as given, the deciding piece first."""
    ordered = sorted(items, key=lambda item: GATES.index(item.gate))
    return {gate: tuple(some) for gate, some in groupby(ordered, key=lambda item: item.gate)}


def missing_papers(items: Iterable[Evidence]) -> tuple[str, ...]:
    """Keys of the papers that would settle what is open, each once, in the order of the gates."""
    return tuple(dict.fromkeys(item.paper for some in by_gate(items).values() for item in some if item.paper))


def gate_verdicts(row: pd.Series) -> dict[str, str]:
    """Verdict by gate of one candidate; gates that do not apply to it are left out."""
    return {gate: str(row[f"gate_{gate}"]) for gate in GATES if not is_missing(row.get(f"gate_{gate}"))}


def source_text(item: Evidence, language: str, fields: Mapping[tuple[str, str], str]) -> str:
    """Where it was read, in one line: layer, field, what stands there. A field is named where the file has it by that name."""
    layer, name, value = source_texts(item, language, fields)
    return f"{layer} · {name}: {value}" if (item.layer, item.field) in fields else f"{layer} · {value}" if value else layer
