"""Why a gate was judged as it was: verdict, sentence, source and clause of each piece of evidence, and the missing papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby

import pandas as pd

from geo.results import NOTHING, Evidence
from geo.scenario import GATES, VERDICTS
from layers.county import County
from layers.words import catalogue, say
from reports.evidence_words import without_unknown_area
from ui.components.formats import VERDICT_MARKS, is_missing, listed, number

PARAM_WORDS = {
    "level": "evidence.levels", "right": "evidence.rights", "holder": "evidence.holders", "kinds": "evidence.kinds",
    "road_class": "evidence.road_classes",
}
"""Values of evidence that are codes: which table of words names them."""

FIELD_WORDS = {
    "title_owner": "evidence.levels", "survey_owner": "evidence.levels", "owner_level": "evidence.levels",
    "use_right": "evidence.rights", "holder": "evidence.holders", "kind": "evidence.kinds", "dispute": "sites.dispute",
    "road_class": "evidence.road_classes",
}
"""The same for the standard columns that evidence quotes."""


def badge(verdict: str, language: str) -> str:
    """A verdict as a small HTML label: mark, word and colour say the same, so that it also reads without colour."""
    word = escape(say(f"criteria.verdict.{verdict}", language))
    return f'<span class="cz-badge cz-{verdict}">{VERDICT_MARKS[verdict]} {word}</span>'


def sentence(item: Evidence, language: str) -> str:
    """What the evidence says, in words: codes among its values are named, figures rounded to what a planner reads."""
    said = say(f"evidence.{item.gate}.{item.reason}", language,
               **{key: _named(PARAM_WORDS.get(key), value, language) for key, value in item.params.items()})
    return without_unknown_area(said, language)


def source(item: Evidence, language: str, fields: Mapping[tuple[str, str], str] | None = None) -> str:
    """Where it was read: layer, field and what stands there.

    Parameters
    ----------
    fields : Mapping, optional
        (role, standard column) -> the file's own name of the field, which is what the person who keeps the file knows.
    """
    layer = say(f"criteria.role.{item.layer}", language) if item.layer else say("sites.dash", language)
    if not item.field:
        return layer
    name = (fields or {}).get((item.layer, item.field), item.field)
    if item.value in ("", NOTHING):
        return f"{layer} · {name}: {say('sites.evidence.empty', language)}"
    table = FIELD_WORDS.get(item.field)
    values = tuple(item.value.split(";")) if table == "evidence.kinds" else item.value
    return f"{layer} · {name}: {_named(table, values, language)}"


def file_fields(county: County) -> dict[tuple[str, str], str]:
    """(role, standard column) -> field of the file that filled it, over all layers of a county."""
    return {(one.role, column): name for one in county.provenance for column, name in one.fields.items()}


def _named(table: str | None, value: object, language: str) -> str:
    if isinstance(value, tuple | list | frozenset | set):
        parts = sorted(value) if isinstance(value, frozenset | set) else value
        return say("evidence.join", language).join(_named(table, part, language) for part in parts)
    if is_missing(value) or value == "":
        return say("evidence.unknown", language)
    if table is not None:
        return catalogue(language).get(f"{table}.{value}", str(value))
    if isinstance(value, float):
        return number(value, decimals=0 if value.is_integer() else 1)
    return str(value)


def verdict_of(items: Iterable[Evidence]) -> str:
    """Verdict of a gate: the worst that its evidence says."""
    return min((item.verdict for item in items), key=VERDICTS.index)


def by_gate(items: Iterable[Evidence]) -> dict[str, tuple[Evidence, ...]]:
    """Evidence by gate in the order of the gates; within a gate as given, the deciding piece first."""
    ordered = sorted(items, key=lambda i: GATES.index(i.gate))
    return {gate: tuple(some) for gate, some in groupby(ordered, key=lambda i: i.gate)}


def missing_papers(items: Iterable[Evidence]) -> tuple[str, ...]:
    """Keys of the papers that would settle what is open, each once, in the order of the gates."""
    return tuple(dict.fromkeys(item.paper for some in by_gate(items).values() for item in some if item.paper))


def evidence_html(
    items: Iterable[Evidence], language: str, *, verdicts: Mapping[str, str] | None = None,
    fields: Mapping[tuple[str, str], str] | None = None,
) -> str:
    """The gates of one candidate as an HTML table: verdict, why, on which source, by which clause, which paper is missing.

    Of a gate that is passed the deciding piece and what asks for a paper stand open, the rest folds away.

    Parameters
    ----------
    items : iterable of Evidence
        As `geo.evidence.evidence` gives it.
    language : {"zh", "en"}
        Language of the words.
    verdicts : Mapping, optional
        Verdict by gate as the study holds it; without it the worst evidence decides.
    fields : Mapping, optional
        As for `source`.
    """
    rows = []
    for gate, some in by_gate(items).items():
        verdict = (verdicts or {}).get(gate) or verdict_of(some)
        folded = [item for item in some[1:] if verdict == "pass" and item.verdict == "pass" and item.paper is None]
        pieces = [_piece_html(item, language, fields) for item in some if item not in folded]
        if folded:
            more = escape(say("sites.evidence.more", language, count=len(folded)))
            inside = "".join(_piece_html(item, language, fields) for item in folded)
            pieces.append(f"<details><summary>{more}</summary>{inside}</details>")
        clauses = listed(list(dict.fromkeys(item.clause for item in some if item.clause)), language)
        rows.append(f'<tr><td class="cz-gate"><b>{escape(say(f"criteria.gate.{gate}", language))}</b>{badge(verdict, language)}'
                    f'<span class="cz-clause">{escape(clauses)}</span></td><td>{"".join(pieces)}</td></tr>')
    return f'<table class="cz-table cz-evidence"><tbody>{"".join(rows)}</tbody></table>'


def _piece_html(item: Evidence, language: str, fields: Mapping[tuple[str, str], str] | None) -> str:
    paper = ""
    if item.paper:
        name = say(f"evidence.papers.{item.paper}", language)
        paper = f'<div class="cz-paper">{escape(say("sites.evidence.paper", language, paper=name))}</div>'
    why, where = escape(sentence(item, language)), escape(source(item, language, fields))
    return f'<div class="cz-why">{why}</div><div class="cz-source">{where}</div>{paper}'


def gate_verdicts(row: pd.Series) -> dict[str, str]:
    """Verdict by gate of one candidate; gates that do not apply to it are left out."""
    return {gate: str(row[f"gate_{gate}"]) for gate in GATES if f"gate_{gate}" in row.index and not is_missing(row[f"gate_{gate}"])}


def gate_counts(rows: pd.DataFrame, column: str) -> list[tuple[str, int]]:
    """How many candidates each gate stops (`failed_gates`) or holds up (`unverified_gates`), most first."""
    counts = Counter(gate for cell in rows[column].dropna() for gate in str(cell).split(";") if gate)
    return sorted(counts.items(), key=lambda pair: (-pair[1], GATES.index(pair[0])))
