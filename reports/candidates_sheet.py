"""The sheets of candidates: the ranked ones with live scores and ranks, and the failing ones that come nearest to passing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from xlsxwriter.worksheet import Worksheet

from geo.results import Study
from geo.scenario import FAIL, Criterion
from layers.words import catalogue, say
from reports.live import HELPERS, MAX_LIVE, TOP, Layout, by_group, live_columns
from reports.sheet import FILLS, Formulas, Heading, Styles, put_text, write_table

Say = Callable[..., str]
MAX_FAILING = 10_000
"""Failing candidates listed at most, those with the fewest failed gates first; candidates.csv has all."""

STANDING = ("rank_in_county", "rank_in_village", "township_name", "village_name", "candidate_id", "kind", "verdict",
            "unverified_gates", "score", "score_low", "score_high")
MEASURES = ("courtyard_m2", "collective_share", "road_time_min", "road_distance_m", "people_15min", "mean_walk_min",
            "facilities_10min", "slope_deg")
PLACE = ("village_code", "lon", "lat")
FAILING = ("township_name", "village_name", "village_code", "candidate_id", "kind", "failed_gates", "unverified_gates", "score",
           *MEASURES[:4])

KIND_OF_COLUMN: Mapping[str, str] = {
    "population": "people", "households": "count", "candidates": "count", "passing": "count", "verifying": "count",
    "best_candidate": "name", "best_score": "score", "nearest_venue_min": "min", "people_covered_15min": "people",
    "score": "score", "score_low": "score", "score_high": "score", "rank_in_village": "rank", "rank_in_county": "rank",
    "courtyard_m2": "m2", "collective_share": "share", "road_time_min": "min", "road_distance_m": "m", "people_15min": "people",
    "mean_walk_min": "min", "facilities_10min": "count", "slope_deg": "deg", "lon": "degrees", "lat": "degrees",
    "known_weight": "weight", "gained": "value", "rank_key": "value",
}
"""Kind of figure (`reports.sheet.NUMBER_FORMATS`) by column; all others are texts."""

WIDTHS: Mapping[str, float] = {
    "rank_in_county": 7, "rank_in_village": 7, "verdict": 10, "unverified_gates": 26, "score": 9, "score_low": 8,
    "score_high": 8, **dict.fromkeys(MEASURES, 10.0),
}
"""Widths of the columns that are printed, so that a page holds them in letters that can be read."""


def heading(name: str, tell: Say) -> Heading:
    """The head of a column of the tables."""
    if name in HELPERS:
        return Heading(tell(f"report.helpers.{name}"), KIND_OF_COLUMN.get(name, "order"), 10)
    return Heading(tell(f"report.columns.{name}"), KIND_OF_COLUMN.get(name, "text"))


def named(codes: pd.Series, table: str, tell: Say) -> pd.Series:
    """Codes joined by ``;`` in words."""
    joiner = tell("report.list_joiner")
    texts = {code: joiner.join(tell(f"criteria.{table}.{part}") for part in code.split(";") if part)
             for code in codes.dropna().unique()}
    return codes.map(texts).astype(object)


def criterion_name(criterion: Criterion, language: str) -> str:
    """The criterion's name in words; its id for one that a county added."""
    return catalogue(language).get(f"criteria.criterion.{criterion.id}", criterion.id)


def ranked_rows(study: Study) -> np.ndarray:
    """Positions in `Study.candidates` of the candidates that have a rank, best first, as many as can be live."""
    rank = study.candidates["rank_in_county"].to_numpy("float64", na_value=np.inf)
    order = np.argsort(rank, kind="stable")
    return order[: min(int(np.isfinite(rank).sum()), MAX_LIVE)]


def layout_of(study: Study, tell: Say) -> Layout:
    """Where the columns of the sheet of candidates stand."""
    criteria = study.scenario.criteria
    groups = tuple(f"group_{group}" for group in dict.fromkeys(one.group for one in by_group(criteria)))
    names = (*STANDING, *MEASURES, *groups, *PLACE, *(f"value_{one.id}" for one in by_group(criteria)), *HELPERS)
    return Layout(names, len(ranked_rows(study)), criteria, tell("report.sheets.candidates"), tell("report.sheets.criteria"))


def candidates_sheet(
    sheet: Worksheet, study: Study, table: pd.DataFrame, layout: Layout, villages: pd.Index, styles: Styles, language: str,
) -> None:
    """Write the ranked candidates: standing and measures (printed), points by group, values 0..1 and what the formulas need.

    Parameters
    ----------
    sheet : Worksheet
        With a title already.
    study : Study
    table : DataFrame
        `reports.tables.candidates_table` of it.
    layout : Layout
        `layout_of` it.
    villages : Index
        Village codes in the order of their numbers.
    """
    tell = partial(say, language=language)
    rows = ranked_rows(study)
    listed = table.iloc[pd.Index(table["candidate_id"]).get_indexer(pd.Index(study.candidates["candidate_id"].iloc[rows]))]
    verdict = listed["verdict"]
    live = live_columns(study, rows, layout, villages)
    all_ranked = int(study.candidates["rank_in_county"].notna().sum())
    if all_ranked > len(rows):   # ranks among some only would be wrong
        live |= {name: pd.Series(live[name].tolist(), dtype=object) for name in ("rank_in_county", "rank_in_village")}
    columns: dict[str, pd.Series | Formulas] = {
        name: listed[name] for name in (*STANDING, *MEASURES, *PLACE) if name in listed
    }
    columns |= {"kind": named(listed["kind"], "kind", tell), "verdict": named(verdict, "verdict", tell),
                "unverified_gates": named(listed["unverified_gates"], "gate", tell), **live}
    note = "capped" if all_ranked > len(rows) else "candidates"
    failing = int((study.candidates["verdict"] == FAIL).sum())
    put_text(sheet, TOP - 1, 0, tell(f"report.notes.{note}", ranked=f"{all_ranked:,}", failing=f"{failing:,}",
                                     listed=f"{len(rows):,}"), styles.note)
    headings = [_heading(name, layout, language, tell) for name in layout.names]
    bottom = write_table(
        sheet, TOP, headings, [columns[name] for name in layout.names], styles,
        words={"unreachable": tell("criteria.state.unreachable")}, fills={layout.names.index("verdict"): verdict},
    )
    sheet.set_row(TOP, 64)
    _weights_row(sheet, layout, styles, tell)
    _marks(sheet, layout, bottom, styles)
    sheet.freeze_panes(TOP + 1, layout.names.index("candidate_id") + 1)
    sheet.print_area(0, 0, bottom - 1, layout.names.index(MEASURES[-1]))
    sheet.repeat_columns(0, layout.names.index("candidate_id"))
    _fold(sheet, layout)


def _heading(name: str, layout: Layout, language: str, tell: Say) -> Heading:
    if name.startswith("group_"):
        return Heading(tell("report.group_points", group=tell(f"criteria.group.{name.removeprefix('group_')}")), "score", 10)
    if name.startswith("value_"):
        criterion = next(one for one in layout.criteria if one.id == name.removeprefix("value_"))
        return Heading(tell("report.value_of", name=criterion_name(criterion, language)), "value", 11)
    return replace(heading(name, tell), width=WIDTHS.get(name), wrap=name == "unverified_gates")


def _weights_row(sheet: Worksheet, layout: Layout, styles: Styles, tell: Say) -> None:
    """Above the values the weights that the reader may change on the sheet of criteria; their sum after them."""
    label = layout.names.index(f"value_{by_group(layout.criteria)[0].id}") - 1
    put_text(sheet, TOP - 1, label, tell("report.weights_row"), styles.note)
    style = styles.get(num_format="0.##", bold=True, align="right", font_color="#1F4E9E")
    for one in layout.criteria:
        position = layout.names.index(f"value_{one.id}")
        sheet.write_formula(TOP - 1, position, "=" + layout.weight_from_afar(one.id), style, one.weight)
    total = sum(one.weight for one in layout.criteria)
    sheet.write_formula(TOP - 1, layout.names.index("known_weight"), f"=SUM({layout.values_at(TOP)})", style, total)
    warned = layout.names.index("unverified_gates")
    sheet.write_formula(0, warned, layout.changed(tell("report.weights_changed")), styles.warning, "")


def _marks(sheet: Worksheet, layout: Layout, bottom: int, styles: Styles) -> None:
    """The first of each village stands out, and a bar shows each score: both follow the formulas."""
    score = layout.names.index("score")
    first = styles.book.add_format({"bold": True, "bg_color": FILLS["pass"]})
    sheet.conditional_format(TOP + 1, 0, max(bottom - 1, TOP + 1), layout.names.index("candidate_id"), {
        "type": "formula", "criteria": f"=${layout.letters['rank_in_village']}{TOP + 2}=1", "format": first})
    sheet.conditional_format(TOP + 1, score, max(bottom - 1, TOP + 1), score, {
        "type": "data_bar", "bar_color": "#9CC9CE", "min_type": "num", "min_value": 0, "max_type": "num",
        "max_value": 100})


def _fold(sheet: Worksheet, layout: Layout) -> None:
    """The columns that only serve the formulas can be opened with a click."""
    sheet.set_column(layout.names.index(HELPERS[0]), layout.names.index(HELPERS[-1]), 10, None, {"level": 1, "hidden": True})
    sheet.set_column(len(layout.names), len(layout.names), 8, None, {"collapsed": True})


def failing_sheet(sheet: Worksheet, table: pd.DataFrame, styles: Styles, tell: Say) -> None:
    """Write the failing candidates, those nearest to passing first: fewest failed gates, then the better score."""
    failing = table[table["verdict"] == FAIL]
    gates = failing["failed_gates"].fillna("").astype("str").str.count(";")
    order = pd.DataFrame({"gates": gates, "score": -failing["score"].astype("float64"), "id": failing["candidate_id"]})
    listed = failing.loc[order.sort_values(["gates", "score", "id"], kind="stable").index[:MAX_FAILING]]
    columns = {name: listed[name] for name in FAILING}
    columns |= {"kind": named(listed["kind"], "kind", tell), "failed_gates": named(listed["failed_gates"], "gate", tell),
                "unverified_gates": named(listed["unverified_gates"], "gate", tell)}
    put_text(sheet, TOP - 1, 0, tell("report.notes.failing", listed=f"{len(listed):,}", failing=f"{len(failing):,}"), styles.note)
    write_table(sheet, TOP, [heading(name, tell) for name in FAILING], list(columns.values()), styles,
                words={"unreachable": tell("criteria.state.unreachable")})
    sheet.freeze_panes(TOP + 1, FAILING.index("candidate_id") + 1)
