"""Gate *road*: a road that a vehicle can use reaches the site and leads on to a through road."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.gates.verdicts import Case, Judgement, decide
from geo.inputs import CountyLike
from geo.results import Evidence
from geo.scenario import FAIL, PASS, VERIFY, Scenario

GATE = "road"
REASONS: Mapping[str, str | None] = {
    "reached": None, "spur_needed": "access_plan", "dead_end": "access_plan", "through_unknown": "access_plan",
    "too_far": None, "no_road": None, "not_assessed": "road_map",
}
"""Reason code -> paper that would settle it; None where nothing is missing."""


def judge(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> Judgement:
    """Verdict on the distance in m to a road for vehicles (`road_distance_m`) and on where it leads (`road_leads_through`)."""
    rule = scenario.road
    distance = candidates["road_distance_m"].to_numpy("float64")
    through = candidates["road_leads_through"].astype("boolean")
    return decide(len(candidates), [
        Case(np.isnan(distance), VERIFY, "not_assessed"),
        Case(np.isinf(distance), FAIL, "no_road"),
        Case(distance > rule.verify_distance_m, FAIL, "too_far"),
        Case((~through).fillna(False).to_numpy(dtype=bool), VERIFY, "dead_end"),
        Case(through.isna().to_numpy(), VERIFY, "through_unknown"),
        Case(distance > rule.pass_distance_m, VERIFY, "spur_needed"),
        Case(np.ones(len(candidates), dtype=bool), PASS, "reached"),
    ])


def evidence(row: pd.Series, scenario: Scenario) -> tuple[Evidence, ...]:
    """The distance to the road and the distances that the rule allows."""
    rule = scenario.road
    reason = row[f"reason_{GATE}"]
    distance = float(row["road_distance_m"])
    shown = None if not np.isfinite(distance) else round(distance, 1)
    road_class = row.get("road_class")
    return (Evidence(
        GATE, row[f"gate_{GATE}"], reason, "roads", "road_class" if reason == "dead_end" else "road_distance_m",
        "" if shown is None else str(shown), rule.clause, REASONS[reason],
        {"distance_m": shown, "pass_m": rule.pass_distance_m, "verify_m": rule.verify_distance_m,
         "road_class": "unknown" if pd.isna(road_class) else road_class},
    ),)
