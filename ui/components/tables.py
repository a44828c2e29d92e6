"""The ranked table of a village's candidates: which rows, in which order, and how each cell reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from layers.words import say
from ui.components.formats import VERDICT_MARKS, figure, is_missing, listed, number
from ui.components.widths import column_px
from ui.theme import VERDICT_INKS

ROW_LIMIT = 500
"""Rows shown at most: a table of more is not read, and drawing it would slow every move of a slider."""

SHOWN = (
    ("courtyard_m2", "m2"), ("road_distance_m", "m"), ("mean_walk_min", "min"), ("people_15min", "people"),
    ("facilities_10min", "kinds"),
)
"""Measures that stand in the table, with their units."""


def chosen(rows: pd.DataFrame, *, verdicts: Collection[str], kinds: Collection[str]) -> pd.DataFrame:
    """The rows of these verdicts and kinds."""
    return rows[rows["verdict"].isin(list(verdicts)) & rows["kind"].isin(list(kinds))]


def gates_text(row: pd.Series, language: str) -> str:
    """Which gates fail and which wait for a paper, in words; a dash where all are passed."""
    def names(cell: object) -> list[str]:
        return [] if is_missing(cell) or not cell else [say(f"criteria.gate.{gate}", language) for gate in str(cell).split(";")]

    parts = [f"{VERDICT_MARKS['fail']} {name}" for name in names(row["failed_gates"])]
    parts += [f"{VERDICT_MARKS['verify']} {name}" for name in names(row["unverified_gates"])]
    return listed(parts, language)


def ranking(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """The table's cells: numbers stay numbers (so that columns sort), words are in the session's language.

    Ranks are texts padded with figure spaces: they sort like numbers, and a failing candidate can show that it has none.

    Returns
    -------
    DataFrame
        One row per row of `rows`, in order, on a fresh RangeIndex; never more than `ROW_LIMIT`.
    """
    rows = rows.iloc[:ROW_LIMIT]
    width = rows["score_high"] - rows["score_low"]
    cells = {
        "rank": [say("sites.dash", language) if is_missing(rank) else f"{int(rank):\u2007>4}" for rank in rows["rank_in_village"]],
        "candidate_id": rows["candidate_id"].to_numpy(),
        "kind": [say(f"criteria.kind.{kind}", language) for kind in rows["kind"]],
        "verdict": [f"{VERDICT_MARKS[v]} {say(f'criteria.verdict.{v}', language)}" for v in rows["verdict"]],
        "score": rows["score"].to_numpy("float64"),
        "band": [say("sites.dash", language) if w < 0.05 else f"{number(low, decimals=1)}–{number(high, decimals=1)}"
                 for w, low, high in zip(width, rows["score_low"], rows["score_high"], strict=True)],
    }
    cells |= {name: rows[name].to_numpy("float64") for name, _ in SHOWN}
    cells["gates"] = [gates_text(row, language) for _, row in rows.iterrows()]
    return pd.DataFrame(cells)


def styled(table: pd.DataFrame, verdicts: Sequence[str], language: str) -> Styler:
    """The cells with their looks: units of thousands, words for unknown and unreachable, the verdict in its colour."""
    def cell(unit: str, measure: str = ""):
        return lambda value: figure(value, unit, language, measure=measure, with_unit=False)

    unknown = say("criteria.state.unknown", language)
    styler = table.style.format({name: cell(unit) for name, unit in SHOWN if name in table}, na_rep=unknown)
    styler = styler.format(lambda value: unknown if is_missing(value) else number(value, decimals=1), subset=["score"])
    inks = VERDICT_INKS["dark" if st.context.theme.type == "dark" else "light"]
    colours = [f"color: {inks[v]}; font-weight: 600" for v in verdicts[:len(table)]]
    return styler.apply(lambda _: colours, subset=["verdict"], axis=0)


def order(table: pd.DataFrame, language: str) -> list[str]:
    """Columns in their order; the band is left out where no row has one, which makes room for the gates."""
    return [name for name in table.columns if name != "band" or (table["band"] != say("sites.dash", language)).any()]


def columns(language: str, table: pd.DataFrame | None = None) -> dict:
    """Heads, widths and helps of the ranked table for `st.dataframe`; ids, kinds and verdicts of `table` are seen whole."""
    def head(key: str, least: int) -> dict[str, str | int]:
        label = say(f"sites.table.{key}", language)
        words = () if table is None or key not in ("candidate_id", "kind", "verdict") else table[key].unique()
        return {"label": label, "help": say(f"sites.table_help.{key}", language),
                "width": column_px(label, least=least, cells=words)}

    text, figures = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "rank": text(**head("rank", 50), alignment="right"), "candidate_id": text(**head("candidate_id", 90)),
        "kind": text(**head("kind", 60)), "verdict": text(**head("verdict", 60)), "score": figures(**head("score", 58)),
        "band": text(**head("band", 92), alignment="right"), **{name: figures(**head(name, 66)) for name, _ in SHOWN},
        "gates": text(**head("gates", 240)),
    }
