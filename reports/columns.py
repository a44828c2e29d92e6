"""The sheet that says what every column of candidates.csv and villages.csv means."""

from __future__ import annotations

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from layers.words import catalogue, say
from reports.sheet import Heading, Styles, put_text, write_table
from reports.tables import VILLAGE_HEAD, decimals_of


def meaning_of(column: str, language: str) -> str:
    """What a column of the tables holds, with its unit, in words; criteria, gates and measures by their names."""
    texts = catalogue(language)
    if f"report.meanings.{column}" in texts:
        return texts[f"report.meanings.{column}"]
    for prefix, table in (("value_", "criterion"), ("contribution_", "criterion"), ("gate_", "gate"), ("reason_", "gate")):
        if column.startswith(prefix):
            name = column.removeprefix(prefix)
            subject = texts.get(f"criteria.{table}.{name}", name)
            return say(f"report.meanings.{prefix.rstrip('_')}", language, subject=subject)
    name = texts.get(f"criteria.measure.{column}", column)
    unit = texts.get(f"report.units.{texts.get(f'criteria.measure_unit.{column}', '')}", "")
    return say("report.meanings.measure", language, name=name, unit=unit) if unit else name


def column_sheet(sheet: Worksheet, candidates: pd.DataFrame, villages: pd.DataFrame, styles: Styles, language: str) -> None:
    """Write the dictionary of columns: file, column, meaning with unit, decimals."""
    rows = [
        (file, name, meaning_of(name, language), decimals_of(name) if pd.api.types.is_float_dtype(frame[name].dtype) else None)
        for file, frame, names in (
            ("candidates.csv", candidates, [name for name in candidates.columns if name != "geometry"]),
            ("villages.csv", villages, list(VILLAGE_HEAD)),
        )
        for name in names if name in frame
    ]
    headings = [
        Heading(say("report.dictionary.file", language), width=16), Heading(say("report.dictionary.column", language), width=30),
        Heading(say("report.dictionary.meaning", language), width=90, wrap=True),
        Heading(say("report.dictionary.decimals", language), "count", 10),
    ]
    put_text(sheet, 1, 0, say("report.notes.columns", language), styles.note)
    write_table(
        sheet, 2, headings, [pd.Series(column, dtype=object) for column in zip(*rows, strict=True)], styles,
        words={"unreachable": say("criteria.state.unreachable", language)},
    )
