"""Gate *restriction*: nothing forbids building on the site: no restricted area (red line, floodway ...) and no unfit land class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from geo.gates.verdicts import Case, Judgement, decide
from geo.inputs import CountyLike
from geo.overlay import polygons, share_within
from geo.results import Evidence
from geo.scenario import FAIL, PASS, VERDICTS, VERIFY, RestrictionRule, Scenario

GATE = "restriction"
NOISE_SHARE = 1e-6
"""Shares up to this come from rounding of coordinates along a common boundary."""
HAIRLINE_M = 0.1
"""A restriction drawn as a line or point without a buffer is taken for this much ground on each side, in m."""

KINDS = ("basic_farmland", "ecological_redline", "floodway", "hazard", "water", "power_line",
         "highway_control", "heritage", "other")
PAPERS = {
    "basic_farmland": "farmland_check", "ecological_redline": "redline_check", "floodway": "flood_check",
    "hazard": "hazard_assessment", "water": "flood_check", "power_line": "power_clearance", "highway_control": "road_consent",
    "heritage": "heritage_consent", "other": "planning_check",
}
REASONS: Mapping[str, str | None] = {
    "not_assessed": "planning_check", "clear": None, "kinds_without_data": None, **{f"in_{kind}": PAPERS[kind] for kind in KINDS},
    "class_farmland": "conversion_permit", "class_conditional": "conversion_permit", "class_unsuitable": "planning_check",
    "class_small": "land_class_check",
}
"""Reason code -> paper that would settle it; None where nothing is missing."""


def rule_of(kind: str, scenario: Scenario) -> RestrictionRule | None:
    """Rule for a kind of restriction; a kind that the scenario does not name follows its rule for *other*."""
    rules = {rule.kind: rule for rule in scenario.restrictions}
    return rules.get(kind, rules.get("other"))


def _rules_at_hand(county: CountyLike, scenario: Scenario) -> list[tuple[RestrictionRule, np.ndarray]]:
    """Each rule with the areas in the county that fall under it, in the scenario's order; rules without data are left out."""
    if county.restrictions is None or not len(county.restrictions):
        return []
    shapes = np.asarray(county.restrictions.geometry.array, dtype=object)
    kinds = county.restrictions["kind"].astype("object").fillna("other").to_numpy(dtype=object)
    ruled = {kind: rule_of(kind, scenario) for kind in pd.unique(kinds)}
    found = []
    for rule in scenario.restrictions:
        mine = np.isin(kinds, [kind for kind, its in ruled.items() if its is rule])
        if mine.any():
            found.append((rule, _ground(shapes[mine], rule.buffer_m)))
    return found


def _ground(shapes: np.ndarray, buffer_m: float) -> np.ndarray:
    """Restricted ground: shapes widened by the rule's buffer, lines and points by a hairline at least."""
    shapes = polygons(shapes)
    thin = ~(shapely.area(shapes) > 0)
    ground = shapes.copy()
    ground[thin] = shapely.buffer(shapes[thin], max(buffer_m, HAIRLINE_M))
    if buffer_m > 0:
        ground[~thin] = shapely.buffer(shapes[~thin], buffer_m)
    return ground


def forbidden_areas(county: CountyLike, scenario: Scenario) -> np.ndarray:
    """Ground on which building is forbidden (rules whose verdict is *fail*), as an array of geometries in the county's CRS."""
    parts = [ground for rule, ground in _rules_at_hand(county, scenario) if rule.verdict == FAIL]
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)


def shares(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> pd.DataFrame:
    """Share (0..1) of each candidate that lies in each kind of restriction.

    Returns
    -------
    DataFrame
        Same index, one column `restriction_share_<kind>` for each rule of the scenario; NaN for a kind of which the county has
        no data. Overlapping areas of one kind count once.
    """
    at_hand = {rule.kind: ground for rule, ground in _rules_at_hand(county, scenario)}
    shapes = np.asarray(candidates.geometry.array, dtype=object)
    return pd.DataFrame({
        f"restriction_share_{rule.kind}":
            share_within(shapes, at_hand[rule.kind]) if rule.kind in at_hand else np.full(len(candidates), np.nan)
        for rule in scenario.restrictions
    }, index=candidates.index)


def _exceeds(share: np.ndarray, rule: RestrictionRule) -> np.ndarray:
    return share > rule.tolerated_share + NOISE_SHARE


def _class_cases(candidates: pd.DataFrame, scenario: Scenario) -> dict[str, list[Case]]:
    """Cases by verdict that the land class decides. On a parcel near the survey's smallest mapped size a class is no proof.

    A class without a table says nothing; new buildings only: an existing building stands where it stands.
    """
    fit = candidates["land_class_fit"].astype("object").to_numpy(dtype=object)
    small = ~(candidates["parcel_area_m2"].to_numpy("float64") >= scenario.land_class.provable_area_m2)
    new = (candidates["kind"] == "new").to_numpy(dtype=bool)
    cases: dict[str, list[Case]] = {verdict: [] for verdict in VERDICTS}
    for fitness, verdict in scenario.land_class.verdicts.items():
        here = new & (fit == fitness)
        if verdict == FAIL:
            cases[FAIL].append(Case(here & ~small, FAIL, f"class_{fitness}"))
            cases[VERIFY].append(Case(here & small, VERIFY, "class_small"))
        elif verdict == VERIFY:
            cases[VERIFY].append(Case(here, VERIFY, f"class_{fitness}"))
    return cases


def judge(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> Judgement:
    """Verdict of the worst restriction that holds more of the candidate than is tolerated; *verify* where there is no layer.

    Then the land class: new building on farmland waits for its conversion, a road or river bed carries no venue.
    """
    size = len(candidates)
    checked = np.zeros(size, dtype=bool)
    cases: list[Case] = []
    by_class = _class_cases(candidates, scenario)
    for verdict in (FAIL, VERIFY):
        for rule in scenario.restrictions:
            share = candidates[f"restriction_share_{rule.kind}"].to_numpy("float64")
            checked |= ~np.isnan(share)
            if rule.verdict == verdict:
                cases.append(Case(_exceeds(share, rule), verdict, f"in_{rule.kind}" if rule.kind in KINDS else "in_other"))
        cases += by_class[verdict]
    cases += [Case(~checked, VERIFY, "not_assessed"), Case(np.ones(size, dtype=bool), PASS, "clear")]
    return decide(size, cases)


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
    """Every restriction that lies on the candidate, its land class, and the kinds that were looked for in vain."""
    found, clear, unknown = _class_evidence(row, scenario), [], []
    for rule in scenario.restrictions:
        share = float(row[f"restriction_share_{rule.kind}"])
        if np.isnan(share):
            unknown.append(rule.kind)
        elif _exceeds(np.array([share]), rule)[0] and rule.verdict != PASS:
            kind = rule.kind if rule.kind in KINDS else "other"
            found.append(Evidence(
                GATE, rule.verdict, f"in_{kind}", "restrictions", "kind", rule.kind, rule.clause, PAPERS[kind],
                {"percent": round(100 * share, 1), "tolerated": round(100 * rule.tolerated_share, 1)}))
        else:
            clear.append(rule.kind)
    found.sort(key=lambda item: item.verdict != FAIL)
    if not found:
        reason = "clear" if clear else "not_assessed"
        found = [Evidence(GATE, PASS if clear else VERIFY, reason, "restrictions", "kind", ";".join(clear),
                          scenario.restriction_clause, REASONS[reason], {"kinds": tuple(clear)})]
    elif clear:
        found.append(Evidence(GATE, PASS, "clear", "restrictions", "kind", ";".join(clear), scenario.restriction_clause, None,
                              {"kinds": tuple(clear)}))
    if unknown and clear:
        found.append(Evidence(GATE, PASS, "kinds_without_data", "restrictions", "kind", ";".join(unknown),
                              scenario.restriction_clause, None, {"kinds": tuple(unknown)}))
    return tuple(found)
