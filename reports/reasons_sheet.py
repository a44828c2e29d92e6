"""The sheet of reasons: one paragraph for the county, for each village, for its best candidates and its nearest miss."""

from __future__ import annotations

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from layers.words import say
from reports.reasons import PER_VILLAGE
from reports.sheet import Heading, Styles, put_text, write_table

HEADS = ("village_code", "village_name", "candidate_id", "verdict")


def reasons_sheet(sheet: Worksheet, reasons: pd.DataFrame, styles: Styles, language: str) -> None:
    """Write the sentences of `reports.reasons.reasons_table`, those about one site or village joined to a paragraph."""
    joiner = "" if language == "zh" else " "
    place = reasons.groupby([*HEADS], sort=False, dropna=False)["text"].agg(joiner.join).reset_index()
    codes = place["verdict"]
    place["verdict"] = [say(f"criteria.verdict.{code}", language) if code else None for code in codes]
    place = place.astype(object).where(place != "", None)
    headings = [*(Heading(say(f"report.columns.{name}", language)) for name in HEADS),
                Heading(say("report.sheets.reasons", language), width=110, wrap=True)]
    put_text(sheet, 1, 0, say("report.notes.reasons", language, per_village=PER_VILLAGE), styles.note)
    write_table(
        sheet, 2, headings, [place[name] for name in (*HEADS, "text")], styles,
        words={"unreachable": say("criteria.state.unreachable", language)}, fills={3: codes.where(codes != "", None)},
    )
