"""The first sheet: where the county stands, township by township, and what the figures rest on."""

from __future__ import annotations

from functools import partial

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from geo.results import KINDS, VENUE_STATUS, Study
from geo.scenario import GATES, VERDICTS
from layers.county import County
from layers.words import say
from reports.record import crs_name, gate_counts, not_assessed, notes
from reports.sheet import SMALL_WIDTH, Heading, Styles, put_text, write_table


def summary_sheet(sheet: Worksheet, study: Study, county: County, styles: Styles, language: str) -> None:
    """Write coverage, candidates by verdict, gates, townships, what was not assessed, and how to read the figures."""
    tell = partial(say, language=language)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 9, SMALL_WIDTH)
    name = study.scenario.name.get(language, study.scenario.id)
    basis = tell("report.summary.basis", scenario=name, version=study.scenario.version, crs=crs_name(county))
    put_text(sheet, 1, 0, basis, styles.note)
    row = _block(sheet, 3, "coverage", _coverage(study, tell), styles, tell)
    row = _block(sheet, row, "sites", _sites(study, tell), styles, tell)
    row = _block(sheet, row, "candidates", _candidates(study, tell), styles, tell)
    row = _block(sheet, row, "gates", _gates(study, tell), styles, tell)
    row = _block(sheet, row, "townships", _townships(study, tell), styles, tell)
    missing = [*not_assessed(study), *notes(study)]
    if missing:
        row = _heading(sheet, row, "not_assessed", styles, tell)
        for one in missing:
            put_text(sheet, row, 0, one["text"][language])
            row += 1
        row += 1
    row = _heading(sheet, row, "reading", styles, tell)
    for key in ("blank", "unreachable", "verdicts", "band", "failing", "limits"):
        put_text(sheet, row, 0, tell(f"report.reading.{key}"))
        row += 1


def _heading(sheet: Worksheet, row: int, name: str, styles: Styles, tell) -> int:
    put_text(sheet, row, 0, tell(f"report.summary.{name}"), styles.section)
    return row + 1


def _block(sheet: Worksheet, row: int, name: str, columns: dict[str, list], styles: Styles, tell) -> int:
    """A small table under its heading; the first column names, the others count."""
    row = _heading(sheet, row, name, styles, tell)
    headings = [Heading(text, "text" if position == 0 else "count") for position, text in enumerate(columns)]
    series = [pd.Series(values, dtype=object) for values in columns.values()]
    return write_table(
        sheet, row, headings, series, styles, words={"unreachable": tell("criteria.state.unreachable")}, listing=False,
    ) + 1


def _coverage(study: Study, tell) -> dict[str, list]:
    """Villages by venue status, with their people; people within the catchment walk of an adequate venue where known."""
    villages = study.villages
    names: list[str] = []
    count: list[int | None] = []
    people: list[float | None] = []
    for status in VENUE_STATUS:
        those = villages["venue"] == status
        names.append(tell(f"criteria.venue.{status}"))
        count.append(int(those.sum()))
        people.append(_total(villages.loc[those, "population"]))
    names.append(tell("report.summary.all"))
    count.append(len(villages))
    people.append(_total(villages["population"]))
    names.append(tell("report.summary.covered", minutes=f"{study.scenario.travel.catchment_min:g}"))
    count.append(None)
    people.append(_total(villages["people_covered_15min"]))
    return {tell("report.summary.status"): names, tell("report.summary.villages"): count, tell("report.summary.people"): people}


def _total(values: pd.Series) -> float | None:
    """Sum of what is known; None where there are villages and nothing is known of any."""
    return float(values.sum()) if values.empty or values.notna().any() else None


def _sites(study: Study, tell) -> dict[str, list]:
    """Villages without a venue, by whether a site passes, waits for a paper, or none is left."""
    without = study.villages[study.villages["venue"] == "none"]
    passing = without["passing"] > 0
    waiting = ~passing & (without["verifying"] > 0)
    rows = {"passing": passing, "waiting": waiting, "hopeless": ~passing & ~waiting}
    return {
        tell("report.summary.without"): [tell(f"report.summary.{name}") for name in rows],
        tell("report.summary.villages"): [int(those.sum()) for those in rows.values()],
        tell("report.summary.people"): [_total(without.loc[those, "population"]) for those in rows.values()],
    }


def _candidates(study: Study, tell) -> dict[str, list]:
    """Candidates by kind and verdict."""
    candidates = study.candidates
    kinds = [*(tell(f"criteria.kind.{kind}") for kind in KINDS), tell("report.summary.all")]
    columns: dict[str, list] = {tell("report.summary.kind"): kinds}
    for verdict in reversed(VERDICTS):
        those = candidates["kind"][candidates["verdict"] == verdict]
        columns[tell(f"criteria.verdict.{verdict}")] = [*(int((those == kind).sum()) for kind in KINDS), len(those)]
    columns[tell("report.summary.all")] = [*(int((candidates["kind"] == kind).sum()) for kind in KINDS), len(candidates)]
    return columns


def _gates(study: Study, tell) -> dict[str, list]:
    """Candidates that fail each gate, and that wait for a paper."""
    counted = [gate_counts(study, gate) for gate in GATES]
    return {
        tell("report.summary.gate"): [tell(f"criteria.gate.{gate}") for gate in GATES],
        tell("criteria.verdict.fail"): [one["fail"] for one in counted],
        tell("criteria.verdict.verify"): [one["verify"] for one in counted],
    }


def _townships(study: Study, tell) -> dict[str, list]:
    """Villages by status in each township, and how many without a venue have a site that passes."""
    villages = study.villages
    township = villages["township_name"].astype(object).where(villages["township_name"].notna(), tell("report.summary.no_township"))
    order = villages.groupby(township)["village_code"].min().sort_values(kind="stable", na_position="last").index
    columns: dict[str, list] = {tell("report.columns.township_name"): list(order)}
    columns[tell("report.summary.villages")] = township.value_counts().reindex(order).astype(int).tolist()
    for status in VENUE_STATUS:
        columns[tell(f"criteria.venue.{status}")] = _counted(township, villages["venue"] == status, order)
    ready = (villages["venue"] == "none") & (villages["passing"] > 0)
    columns[tell("report.summary.ready")] = _counted(township, ready, order)
    return columns


def _counted(township: pd.Series, those: pd.Series, order: pd.Index) -> list[int]:
    return township[those].value_counts().reindex(order, fill_value=0).astype(int).tolist()
