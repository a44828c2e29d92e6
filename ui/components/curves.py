"""Value curves as small multiples, one per criterion, with the site's dot on each: what the measure is worth, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from geo.scenario import Scenario
from geo.values import ValueFunction, curve_of
from layers.words import catalogue, say
from ui.components.charts import FONT
from ui.components.measures_view import KNOWN, NOT_ASSESSED, MeasureRow, raw_text
from ui.theme import GROUP_COLOURS, SELECTED_COLOUR

COLUMNS = 5
WIDTH_PX, HEIGHT_PX, GAP_PX = 138, 78, 62
LONG_NAME = 11
"""Class names are cut to so many characters beside a bar; the whole name is in the tooltip."""


def dot_of(row: MeasureRow, scenario: Scenario) -> tuple[object, float] | None:
    """Where the site's dot stands: (measure, value 0..1); None where the measure is not known.

    An unreachable measure stands at the end of the drawn curve at which it is valued.
    """
    if row.state != KNOWN:
        return None
    function = _function(row, scenario)
    if function.kind == "classes":
        return str(row.raw), row.value
    raw = float(row.raw)  # type: ignore[arg-type]
    if math.isinf(raw):
        drawn = curve_of(function)["measure"]
        raw = float(drawn.max() if raw > 0 else drawn.min())
    return raw, row.value


def curves_spec(rows: tuple[MeasureRow, ...], scenario: Scenario, language: str) -> dict[str, Any]:
    """All criteria in the order of their groups, `COLUMNS` in a row, as a Vega-Lite specification.

    It is written out plainly: twenty charts built and checked through Altair take over a second, too long at a slider.

    Parameters
    ----------
    rows : tuple of MeasureRow
        As `measures_view.measure_rows` gives them for one candidate.
    scenario : Scenario
        Whose value functions are drawn.
    language : {"zh", "en"}
    """
    parts = [_part(row, _function(row, scenario), dot_of(row, scenario), language) for row in rows]
    lines = [{"hconcat": parts[at:at + COLUMNS], "bounds": "flush", "spacing": GAP_PX} for at in range(0, len(parts), COLUMNS)]
    return {
        # rows of a column: a wrapping concat is given no height in a page of Streamlit
        "vconcat": lines, "spacing": 16, "padding": {"top": 14, "left": 5, "right": 5, "bottom": 5},
        "config": {
            "font": FONT, "background": "transparent", "view": {"strokeOpacity": 0.25},
            "axis": {"labelFontSize": 10, "titleFontSize": 10, "titleFontWeight": "normal", "grid": False},
            "title": {"fontSize": 11.5, "subtitleFontSize": 10.5, "anchor": "start", "offset": 8, "frame": "group",
                      "limit": WIDTH_PX + GAP_PX - 30,
                      "color": "gray", "subtitleColor": "gray"},
        },
    }


def _function(row: MeasureRow, scenario: Scenario) -> ValueFunction:
    return next(criterion.value for criterion in scenario.criteria if criterion.id == row.criterion)


def _part(row: MeasureRow, function: ValueFunction, dot: tuple[object, float] | None, language: str) -> dict[str, Any]:
    """One small chart: the curve or the classes, and the site's dot."""
    name = say(f"criteria.criterion.{row.criterion}", language)
    text = say("defend.curves.not_assessed", language) if row.state == NOT_ASSESSED else raw_text(row, language)
    layers = _classes(row, function, dot, language) if function.kind == "classes" else _curve(row, function, dot, language)
    return {"layer": layers, "width": WIDTH_PX, "height": HEIGHT_PX, "title": {"text": name, "subtitle": text}}


def _tips(language: str, *, kind: str) -> list[dict[str, Any]]:
    measure = {"field": "measure", "type": kind, "title": say("defend.curves.measure", language)}
    if kind == "quantitative":
        measure["format"] = ",.1f"
    return [measure, {"field": "value", "type": "quantitative", "title": say("defend.curves.value", language), "format": ".2f"}]


def _dot(values: list[dict[str, Any]], encoding: Mapping[str, Any]) -> dict[str, Any]:
    mark = {"type": "point", "filled": True, "size": 85, "color": SELECTED_COLOUR, "opacity": 1, "stroke": "white",
            "strokeWidth": 1}
    return {"data": {"values": values}, "mark": mark, "encoding": dict(encoding)}


def _curve(row: MeasureRow, function: ValueFunction, dot: tuple[object, float] | None, language: str) -> list[dict[str, Any]]:
    times = 100 if row.unit == "share" else 1
    line = curve_of(function, include=() if dot is None else (float(dot[0]),))  # type: ignore[arg-type]
    values = [{"measure": x * times, "value": y, "at": at}
              for at, (x, y) in enumerate(zip(line["measure"].tolist(), line["value"].tolist(), strict=True))]
    unit = say("defend.curves.percent", language) if row.unit == "share" else _unit(row.unit, language)
    x = {"field": "measure", "type": "quantitative", "title": unit or None, "scale": {"nice": False, "zero": False},
         "axis": {"tickCount": 3, "format": "~s"}}
    y = {"field": "value", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.5, 1]}}
    layers: list[dict[str, Any]] = [{
        "data": {"values": values}, "mark": {"type": "line", "color": GROUP_COLOURS[row.group], "strokeWidth": 2, "opacity": 0.85},
        "encoding": {"x": x, "y": y, "order": {"field": "at"}}}]
    if dot is not None:
        layers.append(_dot([{"measure": float(dot[0]) * times, "value": dot[1]}],  # type: ignore[arg-type]
                           {"x": x, "y": y, "tooltip": _tips(language, kind="quantitative")}))
    return layers


def _classes(row: MeasureRow, function: ValueFunction, dot: tuple[object, float] | None, language: str) -> list[dict[str, Any]]:
    texts = catalogue(language)
    values = []
    for code, value in function.classes:
        name = texts.get(f"criteria.{row.measure}.{code}", code)
        short = name if len(name) <= LONG_NAME else f"{name[:LONG_NAME - 1]}…"
        values.append({"code": code, "measure": name, "short": short, "value": value})
    y = {"field": "code", "type": "nominal", "sort": [code for code, _ in function.classes], "title": None,
         "axis": {"labels": False, "ticks": False, "domain": False}}
    x = {"field": "value", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.5, 1]}}
    tips = _tips(language, kind="nominal")
    layers: list[dict[str, Any]] = [
        {"data": {"values": values}, "mark": {"type": "bar", "color": GROUP_COLOURS[row.group], "opacity": 0.35},
         "encoding": {"x": x, "y": y, "tooltip": tips}},
        {"data": {"values": values}, "mark": {"type": "text", "align": "left", "dx": 3, "fontSize": 9, "color": "gray"},
         "encoding": {"x": {"value": 0}, "y": y, "text": {"field": "short"}}},
    ]
    here = [one for one in values if dot is not None and one["code"] == dot[0]]
    return [*layers, _dot(here, {"x": x, "y": y, "tooltip": tips})] if here else layers


def _unit(unit: str, language: str) -> str:
    text = catalogue(language).get(f"app.units.{unit}")
    return "" if text is None else text.replace("{value}", "").strip()
