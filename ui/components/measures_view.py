"""What a candidate measures and what each measure adds to its score, as one table on a page (`reports.measure_rows`)."""

from __future__ import annotations

from html import escape
from itertools import groupby

from geo.scenario import Criterion, Scenario
from layers.words import say
from reports.measure_rows import KNOWN, NOT_ASSESSED, UNKNOWN, MeasureRow, measure_rows, raw_text
from ui.components.formats import is_missing, listed, number
from ui.criterion_help import parts_of

__all__ = ["KNOWN", "NOT_ASSESSED", "UNKNOWN", "MeasureRow", "measure_rows", "measures_html", "named_html", "not_assessed",
           "raw_text"]


def not_assessed(roles: tuple[str, ...], language: str) -> str:
    """That something was not assessed, naming the layers whose lack is the reason."""
    names = [say(f"criteria.role.{role}", language) for role in roles]
    return say("criteria.state.not_assessed", language, roles=listed(names, language))


def _bar(share: float) -> str:
    if is_missing(share):
        return '<span class="cz-bar cz-bar-unknown"></span>'
    return f'<span class="cz-bar"><span style="width:{100 * min(max(share, 0), 1):.0f}%"></span></span>'


def measures_html(rows: tuple[MeasureRow, ...], scenario: Scenario, language: str) -> str:
    """The measures of one candidate as an HTML table: raw measure, value 0..1, weight, points; sums per group. Each criterion's
    name opens its help."""
    criteria = {criterion.id: criterion for criterion in scenario.criteria}

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
        body += [_measure_html(row, criteria[row.criterion], language) for row in items]
    return f'<table class="cz-table"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def named_html(criterion: Criterion, language: str, *, with_clause: bool = True) -> str:
    """A criterion's name, which opens its help; with its clause beside it."""
    name = escape(say(f"criteria.criterion.{criterion.id}", language))
    clause = f' <span class="cz-clause">{escape(criterion.clause)}</span>' if with_clause else ""
    about = "".join(f"<p><b>{escape(say(f'guide.label.{part}', language))}</b> {escape(text)}</p>"
                    for part, text in parts_of(criterion, language).items())
    return f'<details class="cz-help"><summary>{name}{clause}</summary>{about}</details>'


def _measure_html(row: MeasureRow, criterion: Criterion, language: str) -> str:
    known = row.state == KNOWN
    points = number(row.points, decimals=1) if known else escape(say("sites.dash", language))
    note = f'<br><span class="cz-small cz-muted">{escape(say(f"criteria.note.{row.note}", language))}</span>' if row.note else ""
    return (
        f"<tr><td>{named_html(criterion, language)}{note}</td>"
        f'<td class="num{"" if known else " cz-muted"}">{escape(raw_text(row, language))}</td>'
        f'<td class="cz-value">{_bar(row.value)}<span class="cz-small">{number(row.value, decimals=2) if known else ""}</span></td>'
        f'<td class="num">{number(100 * row.weight, decimals=1)} %</td><td class="num">{points}</td></tr>'
    )
