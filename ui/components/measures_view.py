"""What a candidate measures and what each measure adds to its score: rows for pages, and one table drawn from them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby

from geo.results import Study
from geo.scenario import GROUPS
from layers.words import say
from ui.components.formats import figure, is_missing, listed, number

KNOWN, UNKNOWN, NOT_ASSESSED = "known", "unknown", "not_assessed"


@dataclass(frozen=True)
class MeasureRow:
    """One criterion of one candidate.

    `raw` is the measure in `unit` (NaN unknown, inf unreachable), `value` 0..1, `weight` the share of all weights 0..1, `points`
    what it adds to the score (NaN when it is not known), `possible` what it could add at best. `state` tells known from unknown
    and from not assessed, where `roles` are the layers that the county lacks.
    """

    criterion: str
    group: str
    measure: str
    unit: str
    clause: str
    raw: object
    value: float
    weight: float
    points: float
    possible: float
    state: str
    roles: tuple[str, ...] = ()
    note: str = ""
    """Key of ``criteria.note`` where the figure is to be read with care."""


def position_of(study: Study, candidate_id: str) -> int:
    """Position of a candidate in the study's frames.

    Raises
    ------
    KeyError
        When the study has no such candidate.
    """
    hits = (study.candidates["candidate_id"] == candidate_id).to_numpy().nonzero()[0]
    if not len(hits):
        raise KeyError(f"no candidate {candidate_id!r} in this study")
    return int(hits[0])


def measure_rows(study: Study, candidate_id: str) -> tuple[MeasureRow, ...]:
    """Every criterion of a candidate in the order of groups; `points` of the known ones sum to its score.

    Raises
    ------
    KeyError
        When the study has no such candidate.
    """
    at = position_of(study, candidate_id)
    weights = study.scenario.weights
    row, values, points = study.candidates.iloc[at], study.values.iloc[at], study.contributions.iloc[at]
    known = sum(weights[c.id] for c in study.scenario.criteria if not is_missing(values[c.id]))
    rows = []
    for criterion in sorted(study.scenario.criteria, key=lambda c: GROUPS.index(c.group)):
        value = values[criterion.id]
        roles = tuple(study.not_assessed.get(criterion.id, ()))
        state = KNOWN if not is_missing(value) else NOT_ASSESSED if criterion.id in study.not_assessed else UNKNOWN
        weight = weights[criterion.id]
        rows.append(MeasureRow(
            criterion.id, criterion.group, criterion.measure, criterion.unit, criterion.clause, row.get(criterion.measure),
            float("nan") if state != KNOWN else float(value), weight,
            float("nan") if state != KNOWN else float(points[criterion.id]),
            100 * weight / known if state == KNOWN and known else float("nan"), state, roles,
            "slope_site" if state == KNOWN and criterion.measure == "slope_deg" and row.get("slope_cells", 1.0) < 1 else "",
        ))
    return tuple(rows)


def not_assessed(roles: tuple[str, ...], language: str) -> str:
    """That something was not assessed, naming the layers whose lack is the reason."""
    names = [say(f"criteria.role.{role}", language) for role in roles]
    return say("criteria.state.not_assessed", language, roles=listed(names, language))


def raw_text(row: MeasureRow, language: str) -> str:
    """The raw measure in words; where it could not be assessed, the layers that are missing."""
    if row.state == NOT_ASSESSED:
        return not_assessed(row.roles, language)
    return figure(row.raw, row.unit, language, measure=row.measure)


def _bar(share: float) -> str:
    if is_missing(share):
        return '<span class="cz-bar cz-bar-unknown"></span>'
    return f'<span class="cz-bar"><span style="width:{100 * min(max(share, 0), 1):.0f}%"></span></span>'


def measures_html(rows: tuple[MeasureRow, ...], language: str) -> str:
    """The measures of one candidate as an HTML table: raw measure, value 0..1, weight, points; sums per group."""
    def word(key: str) -> str:
        return escape(say(key, language))

    heads = (("criterion", ""), ("raw", "num"), ("value", ""), ("weight", "num"), ("points", "num"))
    head = "".join(f'<th class="{css}">{word(f"sites.measures.{key}")}</th>' for key, css in heads)
    body = []
    for group, members in groupby(rows, key=lambda r: r.group):
        items = list(members)
        got = [r.points for r in items if r.state == KNOWN]
        total = number(sum(got), decimals=1) if got else word("sites.dash")
        weight = number(100 * sum(r.weight for r in items), decimals=1)
        body.append(f'<tr class="cz-group"><td colspan="3">{word(f"criteria.group.{group}")}</td>'
                    f'<td class="num">{weight} %</td><td class="num">{total}</td></tr>')
        body += [_measure_html(row, language) for row in items]
    return f'<table class="cz-table"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def _measure_html(row: MeasureRow, language: str) -> str:
    known = row.state == KNOWN
    name = escape(say(f"criteria.criterion.{row.criterion}", language))
    why = escape(say(f"criteria.criterion_help.{row.criterion}", language))
    points = number(row.points, decimals=1) if known else escape(say("sites.dash", language))
    note = f'<br><span class="cz-small cz-muted">{escape(say(f"criteria.note.{row.note}", language))}</span>' if row.note else ""
    return (
        f'<tr><td title="{why}">{name} <span class="cz-clause">{escape(row.clause)}</span>{note}</td>'
        f'<td class="num{"" if known else " cz-muted"}">{escape(raw_text(row, language))}</td>'
        f'<td class="cz-value">{_bar(row.value)}<span class="cz-small">{number(row.value, decimals=2) if known else ""}</span></td>'
        f'<td class="num">{number(100 * row.weight, decimals=1)} %</td><td class="num">{points}</td></tr>'
    )
