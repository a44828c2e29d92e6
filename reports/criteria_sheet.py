"""The sheet of criteria and weights: what the reader may change, how a measure becomes a value, and the rules of the gates."""

from __future__ import annotations

from functools import partial

import pandas as pd
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from geo.results import Study
from geo.scenario import Criterion
from layers.words import catalogue, say
from reports.candidates_sheet import criterion_name
from reports.live import TOP, Layout
from reports.record import reason_text
from reports.sheet import Formulas, Heading, Styles, put_text, write_table

HEADS = ("group", "name", "unit", "clause", "weight", "weight_reported", "share", "value", "known", "reason", "help")
WEIGHT, REPORTED = HEADS.index("weight"), HEADS.index("weight_reported")
KINDS = {"weight": "weight", "weight_reported": "weight", "share": "share", "known": "count"}
WIDTHS = {"weight": 9.0, "weight_reported": 9.0, "share": 9.0, "known": 10.0, "value": 36.0, "reason": 26.0, "help": 54.0}
WRAPPED = ("value", "reason", "help")


def criteria_sheet(sheet: Worksheet, study: Study, layout: Layout, styles: Styles, language: str) -> None:
    """Write the criteria, their weights as cells to be changed, and the gates."""
    tell = partial(say, language=language)
    criteria = study.scenario.criteria
    first, last = TOP + 2, TOP + 1 + len(criteria)
    letters = xl_col_to_name(WEIGHT)
    total = f"SUM(${letters}${first}:${letters}${last})"
    shares = study.scenario.weights
    plain = pd.DataFrame([_facts(one, study, language) for one in criteria], columns=[
        "group", "name", "unit", "clause", "value", "known", "reason", "help"], dtype=object)
    weights = pd.Series([one.weight for one in criteria], dtype=object)
    columns: dict[str, pd.Series | Formulas] = {name: plain[name] for name in plain}
    columns |= {
        "weight": weights, "weight_reported": weights,
        "share": Formulas(lambda row: f"IF({total}>0,${letters}{row}/{total},0)", [shares[one.id] for one in criteria]),
    }
    headings = [Heading(tell(f"report.criteria.{name}"), KINDS.get(name, "text"), WIDTHS.get(name), name in WRAPPED)
                for name in HEADS]
    put_text(sheet, TOP - 1, 0, tell("report.notes.criteria"), styles.note)
    words = {"unreachable": tell("criteria.state.unreachable")}
    bottom = write_table(sheet, TOP, headings, [columns[name] for name in HEADS], styles, words=words)
    for position, one in enumerate(criteria):
        sheet.write_number(TOP + 1 + position, WEIGHT, one.weight, styles.entry)
    sheet.data_validation(TOP + 1, WEIGHT, bottom - 1, WEIGHT, {
        "validate": "decimal", "criteria": ">=", "value": 0, "ignore_blank": False,
        "error_title": tell("report.criteria.weight"), "error_message": tell("report.weight_rule")})
    sheet.conditional_format(TOP + 1, WEIGHT, bottom - 1, WEIGHT, {
        "type": "formula", "criteria": f"=${letters}{first}<>${xl_col_to_name(REPORTED)}{first}",
        "format": styles.book.add_format({"bg_color": "#F2B84B", "italic": True})})
    sheet.write_formula(0, HEADS.index("value"), layout.changed(tell("report.weights_changed")), styles.warning, "")
    put_text(sheet, bottom + 1, 0, tell("report.criteria.gates"), styles.section)
    gates = gate_rules(study, language)
    for row, (gate, rule, clause) in enumerate(gates, start=bottom + 2):
        put_text(sheet, row, 0, gate, styles.cell("text"))
        put_text(sheet, row, 1, clause, styles.cell("text"))
        put_text(sheet, row, 2, rule)
    sheet.freeze_panes(TOP + 1, 2)


def _facts(one: Criterion, study: Study, language: str) -> tuple:
    reason = reason_text(one.id, study.not_assessed[one.id], language) if one.id in study.not_assessed else ""
    return (say(f"criteria.group.{one.group}", language), criterion_name(one, language), say(f"report.units.{one.unit}", language),
            one.clause, value_text(one, language), int(study.values[one.id].notna().sum()), reason,
            catalogue(language).get(f"criteria.criterion_help.{one.id}", ""))


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
