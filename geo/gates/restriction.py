"""Gate *restriction*: nothing forbids building on the site: no restricted area (red line, floodway ...) and no unfit land class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.gates.verdicts import Case, Judgement, decide, is_text
from geo.inputs import CountyLike
from geo.results import Evidence
from geo.scenario import FAIL, PASS, VERDICTS, VERIFY, RestrictionRule, Scenario

GATE = "restriction"
NOISE_SHARE = 1e-6
"""Shares up to this come from rounding of coordinates along a common boundary."""
KINDS = ("basic_farmland", "ecological_redline", "floodway", "hazard", "water", "power_line",
         "highway_control", "heritage", "other")
PAPERS = {
    "basic_farmland": "farmland_check", "ecological_redline": "redline_check", "floodway": "flood_check",
    "hazard": "hazard_assessment", "water": "flood_check", "power_line": "power_clearance", "highway_control": "road_consent",
    "heritage": "heritage_consent", "other": "planning_check",
}
REASONS: Mapping[str, str | None] = {
    "not_assessed": "planning_check", "clear": None, "kinds_without_data": None, **{f"in_{kind}": PAPERS[kind] for kind in KINDS},
    **{f"beside_{kind}": "boundary_survey" for kind in KINDS},
    "class_farmland": "conversion_permit", "class_conditional": "conversion_permit", "class_unsuitable": "planning_check",
    "class_small": "land_class_check",
}
"""Reason code -> paper that would settle it; None where nothing is missing."""


def _exceeds(candidates: pd.DataFrame, rule: RestrictionRule) -> np.ndarray:
    """Where more of the candidate lies in it than is tolerated, by share or by area."""
    share = candidates[f"restriction_share_{rule.kind}"].to_numpy("float64")
    area_m2 = candidates["parcel_area_m2"].to_numpy("float64")
    return (share > rule.tolerated_share + NOISE_SHARE) | ((share - NOISE_SHARE) * area_m2 > rule.tolerated_m2)


def _spares(candidates: pd.DataFrame, rule: RestrictionRule) -> np.ndarray:
    """Where the rule is judged by the remainder, and what it leaves still carries house and yard."""
    if rule.judge != "remainder":
        return np.zeros(len(candidates), dtype=bool)
    return is_text(candidates["house_fits" if rule.verdict == FAIL else "house_fits_clear"], "yes")


def forbids(candidates: pd.DataFrame, scenario: Scenario) -> np.ndarray:
    """Where a restriction that forbids building takes more than is tolerated, whatever it leaves."""
    taken = np.zeros(len(candidates), dtype=bool)
    for rule in scenario.restrictions:
        if rule.verdict == FAIL:
            taken |= _exceeds(candidates, rule)
    return taken


def _kind(rule: RestrictionRule) -> str:
    return rule.kind if rule.kind in KINDS else "other"


def _class_cases(candidates: pd.DataFrame, scenario: Scenario) -> dict[str, list[Case]]:
    """Cases by verdict that the land class decides. On a parcel near the survey's smallest mapped size a class is no proof.

    A class without a table says nothing; new buildings only: an existing building stands where it stands.
    """
    fit = candidates["land_class_fit"]
    small = ~(candidates["parcel_area_m2"].to_numpy("float64") >= scenario.land_class.provable_area_m2)
    new = (candidates["kind"] == "new").to_numpy(dtype=bool)
    cases: dict[str, list[Case]] = {verdict: [] for verdict in VERDICTS}
    for fitness, verdict in scenario.land_class.verdicts.items():
        here = new & is_text(fit, fitness)
        if verdict == FAIL:
            cases[FAIL].append(Case(here & ~small, FAIL, f"class_{fitness}"))
            cases[VERIFY].append(Case(here & small, VERIFY, "class_small"))
        elif verdict == VERIFY:
            cases[VERIFY].append(Case(here, VERIFY, f"class_{fitness}"))
    return cases


def judge(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> Judgement:
    """Verdict of the worst restriction that holds more of the candidate than is tolerated; *verify* where there is no layer.

    A rule judged by the remainder gives its milder verdict where a house with its yard stands on what is left. Then the land class:
    new building on farmland waits for its conversion, a road or river bed carries no venue. Control zones along roads are known
    without a layer of restrictions, but alone they prove nothing.
    """
    size = len(candidates)
    checked = np.full(size, county.restrictions is not None and len(county.restrictions) > 0)
    cases: dict[str, list[Case]] = {verdict: [] for verdict in VERDICTS}
    by_class = _class_cases(candidates, scenario)
    for rule in scenario.restrictions:
        exceeds, spares = _exceeds(candidates, rule), _spares(candidates, rule)
        cases[rule.verdict].append(Case(exceeds & ~spares, rule.verdict, f"in_{_kind(rule)}"))
        cases[rule.remainder_verdict].append(Case(exceeds & spares, rule.remainder_verdict, f"beside_{_kind(rule)}"))
    last = [Case(~checked, VERIFY, "not_assessed"), *cases[PASS], Case(np.ones(size, dtype=bool), PASS, "clear")]
    return decide(size, [*cases[FAIL], *by_class[FAIL], *cases[VERIFY], *by_class[VERIFY], *last])


def _class_evidence(row: pd.Series, scenario: Scenario) -> list[Evidence]:
    rule, frame = scenario.land_class, row.to_frame().T
    for verdict, cases in _class_cases(frame, scenario).items():
        for case in cases:
            if case.holds[0]:
                reason = str(case.reason)
                return [Evidence(
                    GATE, verdict, reason, "parcels", "land_class", str(row["land_class"]), rule.clause, REASONS[reason],
                    {"land_class": str(row["land_class"]), "provable_m2": round(rule.provable_area_m2)})]
    return []


def evidence(row: pd.Series, scenario: Scenario) -> tuple[Evidence, ...]:
    """The deciding reason, every other restriction that lies on the candidate, its land class, the kinds looked for in vain."""
    frame = row.to_frame().T
    found, clear, unknown = _class_evidence(row, scenario), [], []
    for rule in scenario.restrictions:
        if pd.isna(row[f"restriction_share_{rule.kind}"]):
            unknown.append(rule.kind)
        elif _exceeds(frame, rule)[0]:
            found.append(_touched(row, rule, bool(_spares(frame, rule)[0]), scenario))
        else:
            clear.append(rule.kind)
    if row[f"reason_{GATE}"] == "not_assessed":
        found.append(_kinds(VERIFY, "not_assessed", unknown, scenario))
    elif clear:
        found.append(_kinds(PASS, "clear", clear, scenario))
    if unknown and row[f"reason_{GATE}"] != "not_assessed":
        found.append(_kinds(PASS, "kinds_without_data", unknown, scenario))
    found.sort(key=lambda piece: (piece.reason != row[f"reason_{GATE}"], VERDICTS.index(piece.verdict)))
    return tuple(found)


def _kinds(verdict: str, reason: str, kinds: list[str], scenario: Scenario) -> Evidence:
    return Evidence(GATE, verdict, reason, "restrictions", "kind", ";".join(kinds), scenario.restriction_clause, REASONS[reason],
                    {"kinds": tuple(kinds)})


def _touched(row: pd.Series, rule: RestrictionRule, spared: bool, scenario: Scenario) -> Evidence:
    """A restriction on the candidate: how much it takes, and of a zone drawn along a line which road or power line it is."""
    kind = _kind(rule)
    share, area_m2 = float(row[f"restriction_share_{rule.kind}"]), float(row["parcel_area_m2"])
    left_m2 = float(row["courtyard_m2"])
    reason = f"beside_{kind}" if spared else f"in_{kind}"
    verdict = rule.remainder_verdict if spared else rule.verdict
    layer, field, value = "restrictions", "kind", rule.kind
    if rule.kind == scenario.road_land.zone_kind and pd.notna(row["zone_road_class"]):
        layer, field, value = "roads", "road_class", str(row["zone_road_class"])
    elif rule.kind == scenario.line_zones.kind and pd.notna(row["zone_voltage_kv"]):
        field, value = "voltage_kv", f"{row['zone_voltage_kv']:g}"
    return Evidence(
        GATE, verdict, reason, layer, field, value, rule.clause, None if verdict == PASS else REASONS[reason],
        {"percent": round(100 * share, 1), "tolerated": round(100 * rule.tolerated_share, 1),
         "taken_m2": None if np.isnan(area_m2) else round(share * area_m2, 1), "tolerated_m2": rule.tolerated_m2,
         "left_m2": None if np.isnan(left_m2) else round(left_m2, 1)})
