"""Charts of a site for documents: its value curves, and what each group of criteria adds to its score. PNG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geo.results import Study
from geo.scenario import Criterion
from geo.values import curve_of
from layers.words import say
from reports.figures import figure, points
from reports.measure_rows import KNOWN, MeasureRow, group_points, raw_text
from reports.pictures import INK, LINE, QUIET, canvas, font, png_bytes, write

GROUP_COLOURS = {
    "collective": "#5b4a8a", "courtyard": "#0b6470", "transport": "#4f9bd1", "population": "#c8431f",
    "facilities": "#efa64b", "terrain": "#7f8f4e", "readiness": "#8d9499",
}
"""One colour per group of criteria."""

_ACROSS = 4
_WIDTH_CM, _CELL_CM = 17.0, 3.0


def curves_png(study: Study, rows: Sequence[MeasureRow], language: str) -> bytes:
    """The value function of every criterion (measure across, value 0..1 up), with the site's own measure marked on it.

    Parameters
    ----------
    study : Study
    rows : sequence of MeasureRow
        As `reports.measure_rows.measure_rows` gives them.
    language : {"zh", "en"}
    """
    criteria = {criterion.id: criterion for criterion in study.scenario.criteria}
    down = -(-len(rows) // _ACROSS)
    height = down * _CELL_CM
    picture = canvas(_WIDTH_CM, height)
    for place, row in enumerate(rows):
        left = (place % _ACROSS) / _ACROSS + 0.018
        bottom = 1 - (place // _ACROSS + 1) * _CELL_CM / height + 0.62 / height
        axes = picture.add_axes((left, bottom, 1 / _ACROSS - 0.036, (_CELL_CM - 1.62) / height))
        _curve(axes, criteria[row.criterion], row, language)
    return png_bytes(picture)


def _curve(axes: Any, criterion: Criterion, row: MeasureRow, language: str) -> None:
    colour = GROUP_COLOURS[row.group]
    name = say(f"criteria.criterion.{row.criterion}", language)
    long = len(name) > (17 if language == "zh" else 31)
    write(axes, 0.0, 1.34, name, size=5.6 if long else 6.4, transform=axes.transAxes, va="bottom")
    known = row.state == KNOWN
    value = say("document.curve.value", language, value=f"{row.value:.2f}") if known else ""
    write(axes, 0.0, 1.09, raw_text(row, language) if known else say("document.curve.unknown", language), size=6.2,
          colour=colour if known else QUIET, transform=axes.transAxes, va="bottom")
    write(axes, 1.0, 1.09, value, size=6.2, colour=QUIET, transform=axes.transAxes, va="bottom", ha="right")
    if criterion.value.kind == "classes":
        _classes(axes, criterion, row, colour, language)
    else:
        _line(axes, criterion, row, colour, language)
    axes.set_ylim(0, 1.06)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=2, width=0.5, colors=QUIET, pad=1.5)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("bottom", "left"))
        spine.set_color(LINE)
        spine.set_linewidth(0.6)
    for label in axes.get_xticklabels():
        label.set_fontproperties(font(5.2))
        label.set_parse_math(False)


def _line(axes: Any, criterion: Criterion, row: MeasureRow, colour: str, language: str) -> None:
    own = float(row.raw) if row.state == KNOWN else float("nan")   # type: ignore[arg-type]
    drawn = curve_of(criterion.value, include=(own,))
    axes.plot(drawn["measure"], drawn["value"], color=colour, linewidth=1.1)
    axes.fill_between(drawn["measure"].to_numpy(float), drawn["value"].to_numpy(float), color=colour, alpha=0.1, linewidth=0)
    low, high = float(drawn["measure"].min()), float(drawn["measure"].max())
    axes.set_xlim(low, high)
    ticks = [low, high] if high > low else [low]
    axes.set_xticks(ticks, [figure(tick, row.unit, language=language, decimals=None if abs(tick) < 100 else 0) for tick in ticks])
    for label, side in zip(axes.get_xticklabels(), ("left", "right"), strict=False):
        label.set_ha(side)
    if row.state == KNOWN and not np.isnan(own):
        at = min(max(own, low), high)   # what cannot be reached stands at the edge
        axes.plot([at, at], [0, row.value], color=INK, linewidth=0.6, linestyle=(0, (2, 2)))
        axes.plot([at], [row.value], "o", color=INK, markersize=3.4, clip_on=False)


def _classes(axes: Any, criterion: Criterion, row: MeasureRow, colour: str, language: str) -> None:
    drawn = curve_of(criterion.value)
    names = drawn["measure"].tolist()
    own = [row.state == KNOWN and str(name) == str(row.raw) for name in names]
    axes.bar(range(len(names)), drawn["value"], width=0.72, color=[colour if one else LINE for one in own])
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_xticks([place for place, one in enumerate(own) if one], [
        say(f"criteria.{criterion.measure}.{name}", language) for name, one in zip(names, own, strict=True) if one])


def contributions_png(rows: Sequence[MeasureRow], language: str) -> bytes:
    """Bars by group: points reached in the group's colour, points left behind in grey, all on one scale."""
    groups = group_points(rows)
    height = 0.62 * len(groups) + 0.9
    picture = canvas(_WIDTH_CM, height)
    wide = 0.48 if any(one.unknown > 0 for one in groups) else 0.62   # what is unknown takes words beside the bar
    axes = picture.add_axes((0.2, 0.55 / height, wide, 1 - 0.65 / height))
    most = max(max(one.points + one.left for one in groups), 1.0)
    for place, one in enumerate(groups):
        y = len(groups) - 1 - place
        axes.barh(y, one.points, height=0.62, color=GROUP_COLOURS[one.group])
        axes.barh(y, one.left, left=one.points, height=0.62, color="#e6e9e7")
        write(axes, -0.02 * most, y, say(f"criteria.group.{one.group}", language), size=8, ha="right", va="center")
        said = say(
            "document.chart.of", language, points=points(one.points, language), possible=points(one.points + one.left, language)
        )
        if one.unknown > 0:
            said = say("document.chart.unknown", language, said=said, share=figure(one.unknown, "share", language=language))
        write(axes, most * 1.02, y, said, size=7.5, colour=INK, ha="left", va="center", clip_on=False)
    axes.set_xlim(0, most)
    axes.set_ylim(-0.6, len(groups) - 0.4)
    axes.set_yticks([])
    axes.set_xticks(range(0, int(most) + 1, 5 if most < 60 else 10))
    axes.tick_params(axis="x", length=2, width=0.5, colors=QUIET)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(LINE)
    for label in axes.get_xticklabels():
        label.set_fontproperties(font(6.5))
    return png_bytes(picture)
