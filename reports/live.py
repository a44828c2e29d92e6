"""Scores and ranks as formulas of a spreadsheet: the definitions of `geo.score`, written so that Excel and LibreOffice reckon them.

The sheet of criteria holds the weights, which the reader may change; the sheet of candidates holds each candidate's values 0..1
(blank is unknown) under a row that repeats the weights. From these follow score, band, points by group and both ranks. A formula
looks at its own row and at whole columns only, so the rows may be filtered and sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from geo.results import Study
from geo.scenario import GROUPS, VERDICTS, Criterion
from reports.sheet import Formulas

MAX_LIVE = 20_000
"""Ranked candidates with formulas at most: a rank looks at all of them, so the time grows with the square."""

TOP = 2
"""Row of the heads of every sheet, from 0; the row above holds the weights."""

HELPERS = ("known_weight", "gained", "tier", "id_order", "village_no", "rank_key", "leads_village")
"""Columns that only serve the formulas, after the values."""


def by_group(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """The criteria group by group, in the order of the groups; within a group as the scenario has them."""
    return tuple(sorted(criteria, key=lambda one: GROUPS.index(one.group)))


@dataclass(frozen=True)
class Layout:
    """Where everything stands in the sheets of candidates and of criteria."""

    names: tuple[str, ...]
    """Columns of the sheet of candidates; ``value_<criterion>`` stand side by side, `HELPERS` too."""
    count: int
    """Candidates in it."""
    criteria: tuple[Criterion, ...]
    """In the order of the sheet of criteria."""
    candidates_sheet: str
    criteria_sheet: str

    @cached_property
    def letters(self) -> dict[str, str]:
        """Letters of each column of the sheet of candidates."""
        return {name: str(xl_col_to_name(position)) for position, name in enumerate(self.names)}

    def cell(self, name: str, row: int) -> str:
        """One cell of the same row."""
        return f"${self.letters[name]}{row}"

    def span(self, name: str) -> str:
        """All candidates' cells of a column, fixed."""
        letters = self.letters[name]
        return f"${letters}${TOP + 2}:${letters}${TOP + 1 + max(self.count, 1)}"

    def span_from_afar(self, name: str) -> str:
        """The same as written on another sheet."""
        return f"{quoted(self.candidates_sheet)}!{self.span(name)}"

    def values_at(self, row: int | str, group: str | None = None) -> str:
        """The values of a row side by side, of all criteria or of one group; row ``$2`` holds the weights."""
        first, last = self.ends[group]
        return f"${first}{row}:${last}{row}"

    @cached_property
    def ends(self) -> dict[str | None, tuple[str, str]]:
        """Letters of the first and the last value of each group, and of all (None)."""
        order = by_group(self.criteria)
        groups = {group: [one for one in order if group in (None, one.group)] for group in (None, *(one.group for one in order))}
        return {group: (self.letters[f"value_{ones[0].id}"], self.letters[f"value_{ones[-1].id}"])
                for group, ones in groups.items()}

    def weight_from_afar(self, criterion: str, letters: str = "E") -> str:
        """The cell of the sheet of criteria that holds a weight."""
        position = [one.id for one in self.criteria].index(criterion)
        return f"{quoted(self.criteria_sheet)}!${letters}${TOP + 2 + position}"

    def changed(self, text: str) -> str:
        """Formula that says `text` where a weight is no longer the report's, else nothing."""
        last = TOP + 1 + len(self.criteria)
        now, then = (f"{quoted(self.criteria_sheet)}!${letters}${TOP + 2}:${letters}${last}" for letters in "EF")
        return f'=IF(SUMPRODUCT(--({now}<>{then}))>0,{spoken(text)},"")'


def quoted(sheet: str) -> str:
    """A sheet's name as formulas have it."""
    return "'" + sheet.replace("'", "''") + "'"


def spoken(text: str) -> str:
    """A text within a formula."""
    return '"' + text.replace('"', '""') + '"'


def live_columns(study: Study, rows: np.ndarray, layout: Layout, villages: pd.Index) -> dict[str, pd.Series | Formulas]:
    """Scores, band, points by group, ranks and what they need, as columns of the sheet of candidates.

    Parameters
    ----------
    study : Study
        Its scores and ranks are the values that the formulas have now.
    rows : int array, shape (n,)
        Positions in `Study.candidates`, in the order of the sheet; all candidates that have a rank.
    layout : Layout
        Where they stand.
    villages : Index
        Village codes by number, from 1.
    """
    table = study.candidates.iloc[rows]
    values = study.values.iloc[rows]
    asked = {one.id: one.weight for one in study.scenario.criteria}
    weights = np.array([asked[name] for name in values.columns], dtype="float64")
    known, gained = values.notna().to_numpy() @ weights, np.nan_to_num(values.to_numpy("float64")) @ weights
    tier = pd.Categorical(table["verdict"], categories=list(VERDICTS)).codes.astype("int64")
    score = table["score"].to_numpy("float64")
    village = villages.get_indexer(pd.Index(table["village_code"])) + 1
    in_village = table["rank_in_village"].astype("Int64")
    order = np.empty(len(rows), dtype="int64")
    order[np.argsort(table["candidate_id"].to_numpy(dtype=object), kind="stable")] = np.arange(1, len(rows) + 1)
    at, total = layout.cell, f"${layout.letters['known_weight']}$2"
    all_weights = layout.values_at("$2")

    def formula(write: Callable[[int], str], values: Iterable[object]) -> Formulas:
        return Formulas(write, pd.Series(values).tolist())

    columns: dict[str, pd.Series | Formulas] = {
        **{f"value_{name}": values[name] for name in values.columns},
        "tier": pd.Series(tier), "id_order": pd.Series(order), "village_no": pd.Series(village),
        "known_weight": formula(lambda r: f"SUMPRODUCT({all_weights}*ISNUMBER({layout.values_at(r)}))", known),
        "gained": formula(lambda r: f"SUMPRODUCT({all_weights},{layout.values_at(r)})", gained),
        "score": formula(
            lambda r: f'IF({at("known_weight", r)}>0,MIN(100,100*{at("gained", r)}/{at("known_weight", r)}),"")', score),
        "score_low": formula(
            lambda r: f"IF({total}>0,MIN(100*{at('gained', r)}/{total},{at('score', r)}),0)", table["score_low"]),
        "score_high": formula(
            lambda r: f"IF({total}>0,MIN(100,MAX(100*({at('gained', r)}+{total}-{at('known_weight', r)})/{total},"
                      f"{at('score', r)})),100)", table["score_high"]),
        "rank_key": formula(
            lambda r: f"{at('tier', r)}*1000+IF(ISNUMBER({at('score', r)}),ROUND({at('score', r)},9),-1)",
            tier * 1000 + np.where(np.isnan(score), -1.0, np.round(score, 9))),
        "rank_in_county": formula(
            lambda r: f"RANK({at('rank_key', r)},{layout.span('rank_key')},0)"
                      f"+COUNTIFS({layout.span('rank_key')},{at('rank_key', r)},"
                      f'{layout.span("id_order")},"<"&{at("id_order", r)})', table["rank_in_county"]),
        "rank_in_village": formula(
            lambda r: f"IF({at('village_no', r)}>0,COUNTIFS({layout.span('village_no')},{at('village_no', r)},"
                      f'{layout.span("rank_in_county")},"<="&{at("rank_in_county", r)}),"")', in_village),
        "leads_village": formula(
            lambda r: f"IF({at('rank_in_village', r)}=1,{at('village_no', r)},0)",
            np.where(in_village.fillna(0).to_numpy() == 1, village, 0)),
    }
    for group in dict.fromkeys(one.group for one in by_group(layout.criteria)):
        ids = [one.id for one in layout.criteria if one.group == group]
        points = study.contributions.iloc[rows][ids].sum(axis=1, min_count=1)
        columns[f"group_{group}"] = _points(layout, group, points)
    return columns


def _points(layout: Layout, group: str, points: pd.Series) -> Formulas:
    """Points of the score that a group of criteria contributes; blank where nothing of it is known."""
    def write(row: int) -> str:
        known, values = layout.cell("known_weight", row), layout.values_at(row, group)
        return f'IF({known}*COUNT({values})>0,100*SUMPRODUCT({layout.values_at("$2", group)},{values})/{known},"")'

    return Formulas(write, points.tolist())


def leader(layout: Layout, name: str, number: str) -> str:
    """Formula for another sheet: a column's cell of the candidate that comes first in the village whose number stands in a cell."""
    return f'IFERROR(INDEX({layout.span_from_afar(name)},MATCH({number},{layout.span_from_afar("leads_village")},0)),"")'
