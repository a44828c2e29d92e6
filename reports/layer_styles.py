"""How QGIS draws the layers that leave the house: the table `layer_styles` of a GeoPackage, in the colours of the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.results import VENUE_STATUS
from layers.words import say
from reports.qml import Label, Rule, Symbol, categories_qml, graduated_qml, rules_qml, single_qml
from reports.styles import (
    FAIL_FILL,
    SITE_COLOUR,
    STATUS_COLOURS,
    STATUS_HATCHED,
    STATUS_OPACITY,
    UNSERVED_COLOUR,
    VERDICT_COLOURS,
    score_bands,
    score_colour,
)

TABLE = "layer_styles"
"""Name of the table in which QGIS looks for the styles of a database's layers."""

RANKS_SHOWN = 5
"""First-ranked sites of a village that carry their rank and score as a label."""

_GEOMETRY = "geom"
_CHANGED = pd.Timestamp("1970-01-01T00:00:00Z")
_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class LayerStyle:
    """A style of a layer, by the name that QGIS lists it under."""

    name: str
    qml: str
    default: bool = True


def styles_of(layer: str, frame: gpd.GeoDataFrame, language: str) -> tuple[LayerStyle, ...]:
    """Styles of a layer of candidates.gpkg or plan.gpkg, the default one first; none for a layer that has no style here."""
    kind = _symbol_kind(frame)
    if layer == "candidates":
        return (LayerStyle(say("web_map.style.verdict", language), _verdicts(kind, language)),
                LayerStyle(say("web_map.style.score", language), _scores(kind, language), default=False))
    makers = {"villages": _villages, "sites": _sites, "centres": _centres, "catchments_before": _catchments,
              "catchments_after": _catchments, "walks": _walks, "unserved_before": _unserved, "unserved_after": _unserved}
    if layer not in makers:
        return ()
    return (LayerStyle(say(f"web_map.style.{layer}", language), makers[layer](kind, language)),)


def style_table(layers: Mapping[str, gpd.GeoDataFrame], language: str) -> pd.DataFrame:
    """The rows of `layer_styles`: the columns that QGIS makes and reads, one row per style, its own default marked.

    Returns
    -------
    DataFrame
        `f_table_catalog`, `f_table_schema` (empty: a GeoPackage has neither), `f_table_name`, `f_geometry_column`, `styleName`,
        `styleQML`, `styleSLD` (empty), `useAsDefault`, `description`, `owner`, `ui`, `update_time` (fixed, so that equal studies
        give equal files).
    """
    rows = [(name, style) for name, frame in layers.items() for style in styles_of(name, frame, language)]
    count = len(rows)
    return pd.DataFrame({
        "f_table_catalog": [""] * count, "f_table_schema": [""] * count, "f_table_name": [name for name, _ in rows],
        "f_geometry_column": [_GEOMETRY] * count, "styleName": [style.name for _, style in rows],
        "styleQML": [style.qml for _, style in rows], "styleSLD": [""] * count,
        "useAsDefault": np.array([style.default for _, style in rows], dtype=bool),
        "description": [style.name for _, style in rows],
        "owner": [""] * count, "ui": [""] * count, "update_time": pd.Series([_CHANGED] * count, dtype="datetime64[ms, UTC]"),
    })


def _symbol_kind(frame: gpd.GeoDataFrame) -> str:
    """fill, line or marker: what most shapes of the layer are."""
    types = frame.geometry.dropna().geom_type
    if types.empty or types.isin(_AREAS).mean() >= 0.5:
        return "fill"
    return "line" if types.str.contains("Line").mean() >= 0.5 else "marker"


def _verdicts(kind: str, language: str) -> str:
    """Verdict by hue, score by lightness within it; failing ones grey and at the bottom."""
    fail = Rule(say("criteria.verdict.fail", language), "\"verdict\" = 'fail'",
                Symbol(kind, FAIL_FILL, "#8d9499", width=0.1, opacity=0.6))
    rules = [fail]
    for verdict in ("verify", "pass"):
        word = say(f"criteria.verdict.{verdict}", language)
        unknown = Symbol(kind, score_colour(verdict, None), VERDICT_COLOURS[verdict], width=0.15)
        rules.append(Rule(f"{word} –", f"\"verdict\" = '{verdict}' AND \"score\" IS NULL", unknown))
        for low, high, middle in score_bands():
            end = "<=" if high == 100 else "<"
            within = f"\"score\" >= {low:g} AND \"score\" {end} {high:g}"
            rules.append(Rule(f"{word} {low:g}–{high:g}", f"\"verdict\" = '{verdict}' AND {within}",
                              Symbol(kind, score_colour(verdict, middle), VERDICT_COLOURS[verdict], width=0.15)))
    return rules_qml(rules, _ranks())


def _ranks() -> Label:
    return Label(f'CASE WHEN "rank_in_village" <= {RANKS_SHOWN} '
                 "THEN to_string(\"rank_in_village\") || coalesce(' · ' || format_number(\"score\", 1), '') END",
                 scale=25000, bold=True)


def _scores(kind: str, language: str) -> str:
    """Score alone, by ten points."""
    edges = [0, *range(50, 101, 10)]
    bands = [(float(low), float(high), f"{low}–{high}", Symbol(kind, score_colour("pass", (low + high) / 2), "#4d5658", width=0.1))
             for low, high in pairwise(edges)]
    return graduated_qml("score", bands, _ranks())


def _villages(kind: str, language: str) -> str:
    def symbol(status: str) -> Symbol:
        hatch = "b_diagonal" if status in STATUS_HATCHED else None
        return Symbol(kind, STATUS_COLOURS[status], "#59605f", opacity=STATUS_OPACITY[status], hatch=hatch)

    categories = [(status, say(f"criteria.venue.{status}", language), symbol(status)) for status in VENUE_STATUS]
    return categories_qml("venue", categories, Label('"village_name"', scale=150000, placement=4 if kind == "fill" else 0))


def _sites(kind: str, language: str) -> str:
    symbol = Symbol(kind, SITE_COLOUR, "#ffffff", width=0.4, size=3.4)
    rules = [Rule(say(f"criteria.kind.{name}", language), f"\"kind\" = '{name}'", replace(symbol, fill=fill))
             for name, fill in (("new", SITE_COLOUR), ("reuse", "#5b4a8a"), ("upgrade", "#b9770e"))]
    rules.append(Rule(say("web_map.style.other", language), "ELSE", symbol))
    return rules_qml(rules, Label('"village_name"', bold=True, scale=150000))


def _centres(kind: str, language: str) -> str:
    return single_qml(Symbol(kind, "#ffffff", SITE_COLOUR, width=0.6, size=3.0),
                      Label('"centre_name"', size=7.5, scale=50000, placement=0))


def _catchments(kind: str, language: str) -> str:
    return single_qml(Symbol(kind, STATUS_COLOURS["planned"], SITE_COLOUR, opacity=0.45))


def _walks(kind: str, language: str) -> str:
    rules = [Rule(say(f"web_map.style.{name}", language), condition, Symbol(kind, colour, colour, width=width, dash=dash))
             for name, condition, colour, width, dash in (
                 ("walk_far", '"served" IS NOT TRUE', UNSERVED_COLOUR, 0.15, "dot"),
                 ("walk_near", '"served"', "#0b6470", 0.25, "solid"))]
    return rules_qml(rules)


def _unserved(kind: str, language: str) -> str:
    return single_qml(Symbol(kind, UNSERVED_COLOUR, "#ffffff", width=0.1, size=1.8))
