"""The report workbook: summary, villages, candidates with live scores, criteria and weights, evidence, findings, method.

Scores and ranks are formulas (`reports.live`): change a weight on the sheet of criteria, and candidates and villages are ranked
anew. Blank is unknown or not applicable, never zero; what cannot be reached says so. Texts from the data are written as texts:
nothing in a name becomes a formula or a link. Equal studies give equal bytes.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from functools import partial

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from geo.results import Study
from layers.county import County
from layers.words import catalogue, say
from reports.candidates_sheet import KIND_OF_COLUMN, candidates_sheet, failing_sheet, heading, layout_of, named
from reports.columns import column_sheet
from reports.criteria_sheet import criteria_sheet, gate_rules, value_text
from reports.evidence_sheet import evidence_sheet, evidence_table
from reports.live import TOP, Layout, leader
from reports.method_sheet import method_sheet
from reports.reasons_sheet import reasons_sheet
from reports.record import by_severity, layer_text
from reports.safe import plain_text, shortened
from reports.sheet import Formulas, Heading, OwnWorksheet, Styles, prepare, put_text, write_table
from reports.summary import summary_sheet
from reports.tables import VILLAGE_HEAD, candidates_table, villages_table

__all__ = ["KIND_OF_COLUMN", "gate_rules", "value_text", "workbook_bytes"]

Say = Callable[..., str]
NO_DATE = datetime.datetime(2000, 1, 1)
"""Date of making that the file states: always the same, so that equal studies give equal files."""

MAX_TITLE = 200


def workbook_bytes(
    study: Study, county: County, language: str = "zh", *, candidates: pd.DataFrame | None = None,
    reasons: pd.DataFrame | None = None,
) -> bytes:
    """The report as an .xlsx file.

    Parameters
    ----------
    study, county : Study, County
        What is reported; the study may have been reweighted.
    language : str
        ``zh`` or ``en``: sheet names, heads and words.
    candidates : DataFrame, optional
        `reports.tables.candidates_table` of the same study, where it has been made already.
    reasons : DataFrame, optional
        `reports.reasons.reasons_table` of the same study, for a sheet of them; without it there is none.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    ValueError
        For a language that has no catalogue.
    """
    tell = partial(say, language=language)
    catalogue(language)
    table = candidates_table(study) if candidates is None else candidates
    layout, numbers = layout_of(study, tell), village_numbers(study)
    fillers: dict[str, Callable[[Worksheet, Styles], None]] = {
        "summary": lambda sheet, styles: summary_sheet(sheet, study, county, styles, language),
        "villages": lambda sheet, styles: _villages(sheet, study, layout, numbers, styles, tell),
        "candidates": lambda sheet, styles: candidates_sheet(sheet, study, table, layout, numbers, styles, language),
        "criteria": lambda sheet, styles: criteria_sheet(sheet, study, layout, styles, language),
        "evidence": lambda sheet, styles: evidence_sheet(sheet, evidence_table(study, county, language), styles, language),
        "failing": lambda sheet, styles: failing_sheet(sheet, table, styles, tell),
        "findings": lambda sheet, styles: _findings(sheet, county, styles, language),
        "method": lambda sheet, styles: method_sheet(sheet, study, county, styles, language),
        "columns": lambda sheet, styles: column_sheet(sheet, table, study.villages, styles, language),
    }
    if reasons is not None:
        fillers["reasons"] = lambda sheet, styles: reasons_sheet(sheet, reasons, styles, language)
    name = shortened(plain_text(county.name), MAX_TITLE)
    return _bound(fillers, name, study.scenario.name.get(language, study.scenario.id), tell)


ORDER = ("summary", "villages", "candidates", "criteria", "reasons", "evidence", "failing", "findings", "method", "columns")


def _bound(fillers: dict[str, Callable[[Worksheet, Styles], None]], county: str, scenario: str, tell: Say) -> bytes:
    """The sheets in their order as one file."""
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(buffer, options) as book:
        styles = Styles(book)
        book.set_properties({"title": tell("report.titles.summary", county=county), "created": NO_DATE})
        for name in (name for name in ORDER if name in fillers):
            sheet = book.add_worksheet(tell(f"report.sheets.{name}"), worksheet_class=OwnWorksheet)
            prepare(sheet, title=tell(f"report.titles.{name}", county=county), styles=styles,
                    header=tell("report.header", county=county, scenario=scenario))
            fillers[name](sheet, styles)
    return buffer.getvalue()


def village_numbers(study: Study) -> pd.Index:
    """Codes of all villages that have a row or a candidate, in a fixed order; the first has the number 1 in formulas."""
    codes = pd.concat([study.villages["village_code"], study.candidates["village_code"]]).dropna().astype("str")
    return pd.Index(codes.unique()).sort_values()


def _villages(sheet: Worksheet, study: Study, layout: Layout, numbers: pd.Index, styles: Styles, tell: Say) -> None:
    table = pd.DataFrame(villages_table(study, full=True).drop(columns="geometry"))
    names = [*VILLAGE_HEAD[:6], "venue_lacks", *VILLAGE_HEAD[6:8], "verifying", *VILLAGE_HEAD[8:]]
    status = table["venue"]
    columns: dict[str, pd.Series | Formulas] = {name: table[name] for name in names}
    columns |= {"venue": named(status, "venue", tell), "venue_lacks": named(table["venue_lacks"], "venue_lack", tell)}
    columns["village_no"] = pd.Series(numbers.get_indexer(pd.Index(table["village_code"])) + 1)
    number = xl_col_to_name(len(names))
    if layout.count == int(study.candidates["rank_in_county"].notna().sum()) > 0:
        columns["best_candidate"] = Formulas(lambda row: leader(layout, "candidate_id", f"${number}{row}"),
                                             table["best_candidate"].tolist())
        columns["best_score"] = Formulas(lambda row: leader(layout, "score", f"${number}{row}"), table["best_score"].tolist())
    put_text(sheet, TOP - 1, 0, tell("report.notes.villages", minutes=f"{study.scenario.travel.catchment_min:g}"), styles.note)
    bottom = write_table(
        sheet, TOP, [heading(name, tell) for name in columns], list(columns.values()), styles,
        words={"unreachable": tell("criteria.state.unreachable")}, fills={names.index("venue"): status},
    )
    sheet.write_formula(0, names.index("best_candidate"), layout.changed(tell("report.weights_changed")), styles.warning, "")
    sheet.set_column(len(names), len(names), 10, None, {"hidden": True})
    sheet.print_area(0, 0, bottom - 1, len(names) - 1)
    sheet.freeze_panes(TOP + 1, 2)


def _findings(sheet: Worksheet, county: County, styles: Styles, language: str) -> None:
    tell = partial(say, language=language)
    found = by_severity(county.findings)
    columns = [
        [tell(f"report.severity.{one.severity}") for one in found], [layer_text(one.layer, language) for one in found],
        [one.field or None for one in found], [one.count for one in found], [one.text(language) for one in found],
        [", ".join(one.rows) or None for one in found],
        [None if one.place is None else f"{one.place[0]:.6f}, {one.place[1]:.6f}" for one in found], [one.code for one in found],
    ]
    headings = [
        Heading(tell("report.findings.severity"), width=9), Heading(tell("report.findings.layer"), width=16),
        Heading(tell("report.findings.field"), width=16), Heading(tell("report.findings.count"), "count", 9),
        Heading(tell("report.findings.text"), width=90, wrap=True), Heading(tell("report.findings.rows"), width=34, wrap=True),
        Heading(tell("report.findings.place"), width=22), Heading(tell("report.findings.code"), width=22),
    ]
    put_text(sheet, 1, 0, tell("report.notes.findings" if found else "report.notes.no_findings", count=len(found)), styles.note)
    write_table(
        sheet, 2, headings, [pd.Series(column, dtype=object) for column in columns], styles,
        words={"unreachable": tell("criteria.state.unreachable")},
        fills={0: pd.Series([one.severity for one in found], dtype=object)},
    )
