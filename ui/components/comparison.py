"""Candidates side by side: measures with the better one marked, gates with their evidence; as HTML tables of one column each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

from shapely.geometry.base import BaseGeometry

from geo.results import Evidence
from geo.scenario import GATES, Criterion, Scenario
from layers.words import say
from ui.components.evidence_view import badge, by_gate, sentence
from ui.components.formats import is_missing, number
from ui.components.measures_view import KNOWN, MeasureRow, named_html, raw_text

MIN_SPAN_M = 300.0
"""Smallest surroundings shown around a site."""


def common_span_m(shapes: Iterable[BaseGeometry]) -> float:
    """Metres across that hold each shape with its surroundings: three times the largest, rounded up to 100 m.

    Examples
    --------
    >>> from shapely import box
    >>> common_span_m([box(0, 0, 20, 20), box(0, 0, 170, 40)])
    600.0
    """
    spans = [max(s.bounds[2] - s.bounds[0], s.bounds[3] - s.bounds[1]) for s in shapes if s is not None and not s.is_empty]
    return max(MIN_SPAN_M, math.ceil(3 * max(spans, default=0.0) / 100) * 100.0)


def better(values: Sequence[float]) -> tuple[bool, ...]:
    """Which of the values 0..1 are the best of a row; none where fewer than two are known or all known ones are equal.

    Examples
    --------
    >>> better([0.4, 0.9, float("nan")])
    (False, True, False)
    >>> better([0.5, 0.5])
    (False, False)
    """
    known = [value for value in values if not is_missing(value)]
    if len(known) < 2 or max(known) - min(known) < 1e-9:
        return (False,) * len(values)
    return tuple(not is_missing(value) and max(known) - value < 1e-9 for value in values)


def measures_side_by_side(
    candidates: Mapping[str, tuple[MeasureRow, ...]], scenario: Scenario, language: str, *, only_differences: bool = False,
) -> str:
    """Raw measures and points of several candidates as an HTML table; empty text where no row is left.

    Parameters
    ----------
    candidates : Mapping
        Column head -> rows of `measures_view.measure_rows`, all of one study.
    scenario : Scenario
        Of that study; a criterion's name opens its help.
    only_differences : bool
        Leave out rows in which all read the same.
    """
    lines = list(zip(*candidates.values(), strict=True))
    if only_differences:
        lines = [line for line in lines if len({raw_text(row, language) for row in line}) > 1]
    if not lines:
        return ""
    width, criteria = len(candidates), {criterion.id: criterion for criterion in scenario.criteria}
    body = []
    for group, some in groupby(lines, key=lambda line: line[0].group):
        members = list(some)
        body.append(f'<tr class="cz-group"><td>{escape(say(f"criteria.group.{group}", language))}</td>'
                    f'{"".join(_sum_cell([line[at] for line in members], language) for at in range(width))}</tr>')
        body += [_measure_line(line, criteria[line[0].criterion], language) for line in members]
    return _table("criterion", candidates, body, language, css="num")


def _sum_cell(rows: list[MeasureRow], language: str) -> str:
    known = [row.points for row in rows if row.state == KNOWN]
    text = say("sites.compare.points", language, value=number(sum(known), decimals=1)) if known else say("sites.dash", language)
    return f'<td class="num">{escape(text)}</td>'


def _measure_line(line: Sequence[MeasureRow], criterion: Criterion, language: str) -> str:
    cells = []
    for row, best in zip(line, better([row.value for row in line]), strict=True):
        mark = f' <span class="cz-badge cz-pass">{escape(say("sites.compare.better", language))}</span>' if best else ""
        points = say("sites.compare.points", language, value=number(row.points, decimals=1)) if row.state == KNOWN else ""
        css = " cz-better" if best else "" if row.state == KNOWN else " cz-muted"
        cells.append(f'<td class="num{css}">{mark} {escape(raw_text(row, language))}'
                     f'<br><span class="cz-clause">{escape(points)}</span></td>')
    return f'<tr><td>{named_html(criterion, language, with_clause=False)}</td>{"".join(cells)}</tr>'


def evidence_side_by_side(
    candidates: Mapping[str, tuple[Mapping[str, str], tuple[Evidence, ...]]], language: str, *, only_differences: bool = False,
) -> str:
    """Verdicts and reasons of several candidates, gate by gate, as an HTML table; empty text where no row is left.

    Parameters
    ----------
    candidates : Mapping
        Column head -> (verdict by gate, evidence).
    """
    body = []
    for gate in GATES:
        cells = [_gate_cell(verdicts.get(gate), by_gate(items).get(gate, ()), language) for verdicts, items in candidates.values()]
        if any(gate in verdicts for verdicts, _ in candidates.values()) and not (only_differences and len(set(cells)) == 1):
            body.append(f'<tr><td><b>{escape(say(f"criteria.gate.{gate}", language))}</b></td>'
                        + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return _table("gate", candidates, body, language) if body else ""


def _gate_cell(verdict: str | None, items: tuple[Evidence, ...], language: str) -> str:
    if verdict is None:
        return f'<span class="cz-muted">{escape(say("sites.compare.not_applicable", language))}</span>'
    if verdict == "pass":
        items = items[:1]   # what decided is enough where nothing is open
    lines = "".join(f'<div class="cz-why">{escape(sentence(item, language))}</div>' for item in items)
    names = [say(f"evidence.papers.{paper}", language) for paper in dict.fromkeys(item.paper for item in items if item.paper)]
    lines += "".join(f'<div class="cz-paper">{escape(say("sites.evidence.paper", language, paper=name))}</div>' for name in names)
    return badge(verdict, language) + lines


def _table(corner: str, heads: Iterable[str], body: list[str], language: str, *, css: str = "") -> str:
    columns = list(heads)
    share = 76 / len(columns)
    cells = "".join(f'<th class="{css}" style="width:{share:.1f}%">{escape(head)}</th>' for head in columns)
    first = f'<th>{escape(say(f"sites.compare.{corner}", language))}</th>'
    return (f'<table class="cz-table cz-side"><thead><tr>{first}{cells}</tr></thead>'
            f'<tbody>{"".join(body)}</tbody></table>')
