"""The report workbook: summary, villages, ranked candidates, criteria and weights, findings, and what the columns mean.

It holds what people read: candidates that pass or wait for a paper, in the order of their rank. Failing ones are counted in the
summary and stand in candidates.csv. Blank is unknown or not applicable, never zero; what cannot be reached says so. Texts from the
data are written as texts: nothing in a name becomes a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
from xlsxwriter import Workbook

from geo.results import Study
from geo.scenario import GROUPS, Criterion
from layers.county import County
from layers.words import catalogue, say
from reports.columns import column_sheet
from reports.reasons_sheet import reasons_sheet
from reports.record import by_severity, layer_text, reason_text
from reports.sheet import Heading, Styles, prepare, write_table
from reports.summary import summary_sheet
from reports.tables import CANDIDATE_HEAD, VILLAGE_HEAD, candidates_table, villages_table

Say = Callable[..., str]
MAX_RANKED = 20_000
"""Ranked candidates listed at most, best first: nobody reads further, and a larger sheet opens slowly. candidates.csv has all."""

KIND_OF_COLUMN = {
    "population": "people", "households": "count", "candidates": "count", "passing": "count", "verifying": "count",
    "best_score": "score", "nearest_venue_min": "min", "people_covered_15min": "people",
    "score": "score", "score_low": "score", "score_high": "score", "rank_in_village": "rank", "rank_in_county": "rank",
    "courtyard_m2": "m2", "collective_share": "share", "road_time_min": "min", "road_distance_m": "m", "people_15min": "people",
    "mean_walk_min": "min", "facilities_10min": "count", "slope_deg": "deg", "lon": "degrees", "lat": "degrees",
}
"""Kind of figure (`reports.sheet.NUMBER_FORMATS`) by column; all others are texts."""


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
    def tell(key: str, **values: object) -> str:
        return say(key, language, **values)

    catalogue(language)
    table = candidates_table(study) if candidates is None else candidates
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, options) as book:
        styles = Styles(book)
        header = tell("report.header", county=county.name, scenario=study.scenario.name.get(language, study.scenario.id))
        book.set_properties({"title": tell("report.titles.summary", county=county.name)})
        for name, fill in (
            ("summary", lambda sheet: summary_sheet(sheet, study, county, styles, language)),
            ("villages", lambda sheet: _villages(sheet, study, styles, tell)),
            ("candidates", lambda sheet: _candidates(sheet, study, table, styles, tell)),
            *((("reasons", lambda sheet: reasons_sheet(sheet, reasons, styles, language)),) if reasons is not None else ()),
            ("criteria", lambda sheet: _criteria(sheet, study, styles, language)),
            ("findings", lambda sheet: _findings(sheet, county, styles, language)),
            ("columns", lambda sheet: column_sheet(sheet, table, study.villages, styles, language)),
        ):
            sheet = book.add_worksheet(tell(f"report.sheets.{name}"))
            prepare(sheet, title=tell(f"report.titles.{name}", county=county.name), styles=styles, header=header)
            fill(sheet)
    return buffer.getvalue()


def _words(tell: Say) -> dict[str, str]:
    return {"unreachable": tell("criteria.state.unreachable")}


def _heading(name: str, tell: Say) -> Heading:
    return Heading(tell(f"report.columns.{name}"), KIND_OF_COLUMN.get(name, "text"))


def _named(codes: pd.Series, table: str, tell: Say) -> pd.Series:
    """Codes joined by ``;`` in words."""
    joiner = tell("report.list_joiner")
    texts = {code: joiner.join(tell(f"criteria.{table}.{part}") for part in code.split(";") if part)
             for code in codes.dropna().unique()}
    return codes.map(texts).astype(object)


def _villages(sheet, study: Study, styles: Styles, tell: Say) -> None:
    table = pd.DataFrame(villages_table(study, full=True).drop(columns="geometry"))
    names = [*VILLAGE_HEAD[:6], "venue_lacks", *VILLAGE_HEAD[6:8], "verifying", *VILLAGE_HEAD[8:]]
    status = table["venue"]
    table["venue"] = _named(status, "venue", tell)
    table["venue_lacks"] = _named(table["venue_lacks"], "venue_lack", tell)
    sheet.write_string(1, 0, tell("report.notes.villages", minutes=f"{study.scenario.travel.catchment_min:g}"), styles.note)
    write_table(
        sheet, 2, [_heading(name, tell) for name in names], [table[name] for name in names], styles,
        words=_words(tell), fills={names.index("venue"): status},
    )
    sheet.freeze_panes(3, 2)


def _candidates(sheet, study: Study, table: pd.DataFrame, styles: Styles, tell: Say) -> None:
    ranked = table[table["rank_in_county"].notna()].sort_values("rank_in_county", kind="stable")
    names = ["rank_in_county", "rank_in_village", "township_name", "village_name", "village_code", "candidate_id", "kind",
             "verdict", "unverified_gates", *CANDIDATE_HEAD[CANDIDATE_HEAD.index("score"):CANDIDATE_HEAD.index("rank_in_village")],
             *CANDIDATE_HEAD[CANDIDATE_HEAD.index("courtyard_m2"):]]
    columns = {name: ranked[name] for name in names}
    verdict = ranked["verdict"]
    columns |= {"kind": _named(ranked["kind"], "kind", tell), "verdict": _named(verdict, "verdict", tell),
                "unverified_gates": _named(ranked["unverified_gates"], "gate", tell)}
    headings = [_heading(name, tell) for name in names]
    note = "capped" if len(ranked) > MAX_RANKED else "candidates"
    for group in GROUPS:
        of_group = [f"contribution_{c.id}" for c in study.scenario.criteria if c.group == group]
        if of_group:
            columns[f"group_{group}"] = ranked[of_group].sum(axis=1, min_count=1)
            headings.append(Heading(tell("report.group_points", group=tell(f"criteria.group.{group}")), "score"))
    failing = int((study.candidates["verdict"] == "fail").sum())
    text = tell(f"report.notes.{note}", ranked=f"{len(ranked):,}", failing=f"{failing:,}", listed=f"{MAX_RANKED:,}")
    sheet.write_string(1, 0, text, styles.note)
    write_table(
        sheet, 2, headings, [column.iloc[:MAX_RANKED] for column in columns.values()], styles, words=_words(tell),
        fills={names.index("verdict"): verdict.iloc[:MAX_RANKED]},
    )
    sheet.freeze_panes(3, names.index("candidate_id") + 1)


def _criteria(sheet, study: Study, styles: Styles, language: str) -> None:
    def tell(key: str, **values: object) -> str:
        return say(key, language, **values)

    shares = study.scenario.weights
    rows = [
        (
            tell(f"criteria.group.{c.group}"), _name(c, language), tell(f"report.units.{c.unit}"), c.clause, c.weight, shares[c.id],
            value_text(c, language), int(study.values[c.id].notna().sum()),
            reason_text(c.id, study.not_assessed[c.id], language) if c.id in study.not_assessed else "",
            catalogue(language).get(f"criteria.criterion_help.{c.id}", ""),
        )
        for c in study.scenario.criteria
    ]
    headings = [
        Heading(tell("report.criteria.group")), Heading(tell("report.criteria.name")), Heading(tell("report.criteria.unit")),
        Heading(tell("report.criteria.clause")), Heading(tell("report.criteria.weight"), "weight", 9),
        Heading(tell("report.criteria.share"), "share", 9), Heading(tell("report.criteria.value"), width=38, wrap=True),
        Heading(tell("report.criteria.known"), "count", 11), Heading(tell("report.criteria.reason"), width=30, wrap=True),
        Heading(tell("report.criteria.help"), width=60, wrap=True),
    ]
    sheet.write_string(1, 0, tell("report.notes.criteria"), styles.note)
    bottom = write_table(
        sheet, 2, headings, [pd.Series(column, dtype=object) for column in zip(*rows, strict=True)], styles, words=_words(tell),
    )
    sheet.write_string(bottom + 1, 0, tell("report.criteria.gates"), styles.section)
    gates = gate_rules(study, language)
    write_table(
        sheet, bottom + 2, [Heading(tell(f"report.criteria.{name}")) for name in ("gate", "rule", "clause")],
        [pd.Series(column, dtype=object) for column in zip(*gates, strict=True)], styles, words=_words(tell), listing=False,
    )


def _name(criterion: Criterion, language: str) -> str:
    """The criterion's name in words; its id for one that a county added."""
    return catalogue(language).get(f"criteria.criterion.{criterion.id}", criterion.id)


def value_text(criterion: Criterion, language: str) -> str:
    """The value function in one line: ``200 -> 0.4`` by point or class."""
    texts = catalogue(language)
    joiner = say("report.list_joiner", language)
    pairs = [(f"{x:g}", y) for x, y in criterion.value.points] + [
        (texts.get(f"criteria.{criterion.measure}.{name}", name), y) for name, y in criterion.value.classes
    ]
    return joiner.join(f"{at} → {value:g}" for at, value in pairs)


def gate_rules(study: Study, language: str) -> list[tuple[str, str, str]]:
    """Each gate with the rule it was held to and its clause."""
    s = study.scenario
    rules: dict[str, tuple[str, dict[str, object]]] = {
        "collective": (s.collective.clause, {
            "pass_share": f"{s.collective.pass_share:.0%}", "fail_share": f"{s.collective.fail_share:.0%}",
        }),
        "dispute": (s.dispute.clause, {}),
        "courtyard": (s.courtyard.clause, {"area": f"{s.courtyard.min_area_m2:g}"}),
        "restriction": (s.restriction_clause, {"count": len(s.restrictions)}),
        "road": (s.road.clause, {"near": f"{s.road.pass_distance_m:g}", "far": f"{s.road.verify_distance_m:g}"}),
        "building": (s.building.clause, {"area": f"{s.building.min_floor_area_m2:g}"}),
    }
    return [(say(f"criteria.gate.{gate}", language), say(f"report.rules.{gate}", language, **values), clause)
            for gate, (clause, values) in rules.items()]


def _findings(sheet, county: County, styles: Styles, language: str) -> None:
    def tell(key: str, **values: object) -> str:
        return say(key, language, **values)

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
    sheet.write_string(1, 0, tell("report.notes.findings" if found else "report.notes.no_findings", count=len(found)), styles.note)
    write_table(
        sheet, 2, headings, [pd.Series(column, dtype=object) for column in columns], styles, words=_words(tell),
        fills={0: pd.Series([one.severity for one in found], dtype=object)},
    )
