"""The sheet of evidence: for the best sites of each village, what decided each gate, where it stands, and the missing paper."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from xlsxwriter.worksheet import Worksheet

from geo.evidence import row_evidence
from geo.results import Evidence, Study
from geo.scenario import PASS
from layers.county import County
from layers.words import say
from reports.evidence_words import evidence_text, file_fields, paper_text, source_texts
from reports.live import TOP
from reports.sheet import Heading, Styles, put_text, write_table

PER_VILLAGE = 2
"""Sites of each village whose evidence is listed, best first."""

HEADS = ("village_name", "candidate_id", "rank_in_village", "gate", "verdict", "says", "layer", "field", "value", "clause", "paper")
WIDTHS = {"rank_in_village": 8, "gate": 12, "verdict": 9, "says": 56, "layer": 14, "field": 16, "value": 24, "clause": 12,
          "paper": 30}


def evidence_table(study: Study, county: County, language: str, *, per_village: int = PER_VILLAGE) -> pd.DataFrame:
    """What decided each gate of the best sites of each village, and everything beside it that did not pass or asks for a paper.

    Parameters
    ----------
    study, county : Study, County
    language : str
        ``zh`` or ``en``.
    per_village : int
        Sites per village, best first.

    Returns
    -------
    DataFrame
        `HEADS` as texts, and `verdict_code`; rows by village code, rank, gate.
    """
    rank = study.candidates["rank_in_village"].to_numpy("int64", na_value=0)
    best = study.candidates.iloc[np.flatnonzero((rank > 0) & (rank <= per_village))]
    best = best.sort_values(["village_code", "rank_in_village"], kind="stable")
    fields = file_fields(county)
    plain = pd.DataFrame(best.drop(columns=best.geometry.name))
    rows = [line for _, row in plain.iterrows() for line in _lines(row, study, fields, language)]
    return pd.DataFrame(rows, columns=[*HEADS, "verdict_code"], dtype=object)


def _lines(row: pd.Series, study: Study, fields: dict[tuple[str, str], str], language: str) -> Iterator[tuple]:
    told: set[str] = set()
    for item in row_evidence(row, study.scenario):
        if item.gate not in told or item.verdict != PASS or item.paper:
            told.add(item.gate)
            yield (*_place(row), *_item(item, fields, language), item.verdict)


def _place(row: pd.Series) -> tuple[object, ...]:
    return row["village_name"], row["candidate_id"], int(row["rank_in_village"])


def _item(item: Evidence, fields: dict[tuple[str, str], str], language: str) -> tuple[str, ...]:
    return (say(f"criteria.gate.{item.gate}", language), say(f"criteria.verdict.{item.verdict}", language),
            evidence_text(item, language), *source_texts(item, language, fields), item.clause, paper_text(item, language))


def evidence_sheet(sheet: Worksheet, evidence: pd.DataFrame, styles: Styles, language: str) -> None:
    """Write the rows of `evidence_table`."""
    headings = [Heading(say(f"report.evidence.{name}", language), "rank" if name == "rank_in_village" else "text", WIDTHS.get(name),
                        wrap=name in ("says", "paper", "value")) for name in HEADS]
    put_text(sheet, TOP - 1, 0, say("report.notes.evidence", language, per_village=PER_VILLAGE), styles.note)
    write_table(sheet, TOP, headings, [evidence[name] for name in HEADS], styles,
                words={"unreachable": say("criteria.state.unreachable", language)},
                fills={HEADS.index("verdict"): evidence["verdict_code"]})
    sheet.freeze_panes(TOP + 1, HEADS.index("candidate_id") + 1)
