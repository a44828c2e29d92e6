"""Charts of scores: what each group of criteria adds, and where the score lies in its band."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import altair as alt
import pandas as pd

from geo.scenario import GROUPS
from layers.words import say
from reports.measure_rows import MeasureRow
from reports.measure_rows import group_points as points_of
from ui.components.formats import is_missing, number
from ui.theme import GROUP_COLOURS

FONT = "system-ui, 'Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC', sans-serif"
"""Fonts of the system only: offices have no internet."""


def group_points(rows: tuple[MeasureRow, ...], language: str) -> pd.DataFrame:
    """Points that each group adds to the score, and what it leaves behind of its possible points.

    Returns
    -------
    DataFrame
        Columns `group` (id), `name`, `points`, `left` (points not reached), `unknown` (share of all weights 0..1 that could not be
        scored); one row per group that has a criterion. `points` sum to the score, `points + left` to 100.
    """
    table = [(one.group, say(f"criteria.group.{one.group}", language), one.points, one.left, one.unknown)
             for one in points_of(rows)]
    return pd.DataFrame(table, columns=["group", "name", "points", "left", "unknown"])


def groups_html(rows: tuple[MeasureRow, ...], language: str) -> str:
    """Horizontal bars, one per group, as HTML: points reached in the group's colour, points left behind in light grey.

    All bars are on one scale. HTML, since it is drawn anew at every move of a slider.
    """
    table = group_points(rows, language)
    most = max(float((table["points"] + table["left"]).max()), 1.0)
    lines = []
    for row in table.to_dict("records"):
        whole, width = row["points"] + row["left"], 100 / most
        unknown = say("sites.chart.unknown", language)
        tip = f"{unknown} {row['unknown']:.0%}" if row["unknown"] > 0 else ""
        bar = (f'<span class="cz-left" style="width:{width * whole:.1f}%"></span>'
               f'<span style="width:{width * row["points"]:.1f}%;background:{GROUP_COLOURS[row["group"]]}"></span>')
        figures = f"<b>{number(row['points'], decimals=1)}</b> / {number(whole, decimals=1)}"
        lines.append(f'<div title="{escape(tip)}"><span>{escape(row["name"])}</span><span class="cz-group-bar">{bar}</span>'
                     f'<span class="num">{figures}</span></div>')
    return f'<div class="cz-groups">{"".join(lines)}</div>'


def stacked_chart(candidates: Mapping[str, tuple[MeasureRow, ...]], language: str, *, legend_columns: int = 7,
                  labels: Mapping[str, str] | None = None) -> alt.Chart:
    """One bar per candidate, the points of its groups side by side in it; the bar's length is the score.

    `labels` are short names to stand at the bars; the whole ones are told where the mouse rests.
    """
    parts = [group_points(rows, language).assign(candidate=label) for label, rows in candidates.items()]
    table = pd.concat(parts, ignore_index=True)
    names = {group: say(f"criteria.group.{group}", language) for group in GROUPS}
    table["place"] = table["group"].map({group: place for place, group in enumerate(GROUPS)})
    colour = alt.Color(
        "name:N", title=None, sort=list(names.values()), legend=alt.Legend(orient="bottom", columns=legend_columns, labelLimit=200),
        scale=alt.Scale(domain=list(names.values()), range=[GROUP_COLOURS[group] for group in names]),
    )
    table["label"] = table["candidate"].map(lambda candidate: (labels or {}).get(candidate, candidate))
    order = list(dict.fromkeys(table["label"]))
    bars = alt.Chart(table).mark_bar(size=26, stroke="white", strokeWidth=1).encode(
        x=alt.X("points:Q", stack="zero", scale=alt.Scale(domain=[0, 100]), title=say("sites.chart.axis", language)),
        y=alt.Y("label:N", sort=order, title=None,
                axis=alt.Axis(labelLimit=260, labelOverlap=False, ticks=False, domain=False)),
        color=colour, order=alt.Order("place:Q"),
        tooltip=[alt.Tooltip("candidate:N", title=say("sites.chart.candidate", language)),
                 alt.Tooltip("name:N", title=say("sites.chart.group", language)),
                 alt.Tooltip("points:Q", title=say("sites.chart.points", language), format=".1f")],
    )
    return _plain(bars, height=44 * len(candidates) + 108 + 22 * -(-7 // legend_columns))   # axis and legend


def _plain(chart: alt.Chart | alt.LayerChart, *, height: int) -> alt.Chart | alt.LayerChart:
    return (chart.properties(height=height)
            .configure(font=FONT, background="transparent")
            .configure_view(strokeWidth=0)
            .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal"))


def band_html(score: float, low: float, high: float, language: str) -> str:
    """The score on a line from 0 to 100 with the band that the unknown criteria leave open, as HTML."""
    if is_missing(score):
        return f'<div class="cz-muted">{escape(say("sites.score.none", language))}</div>'
    inner = (f'<div class="cz-range" style="left:{low:.1f}%;width:{max(high - low, 0):.1f}%"></div>'
             f'<div class="cz-tick" style="left:calc({score:.1f}% - 1px)"></div>')
    if high - low >= 0.05:
        said = say("criteria.state.band", language, low=number(low, decimals=1), high=number(high, decimals=1))
    else:
        said = say("sites.score.certain", language)
    return (f'<div class="cz-scale">{inner}</div><div class="cz-ends"><span>0</span><span>50</span><span>100</span></div>'
            f'<div class="cz-source">{escape(said)}</div>')
