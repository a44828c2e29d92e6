"""Gate *building*: an existing building, to reuse or to upgrade, has the floor area that a venue needs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.gates.verdicts import Case, Judgement, decide, is_text
from geo.inputs import CountyLike
from geo.results import Evidence
from geo.scenario import FAIL, PASS, VERIFY, Scenario

GATE = "building"
ROUNDING_M2 = 0.005
REASONS: Mapping[str, str | None] = {
    "large_enough": None, "large_enough_estimated": None, "too_small": None, "too_small_estimated": None,
    "extension_needed": "extension_plan", "floor_area_unknown": "floor_area_survey",
}
"""Reason code -> paper that would settle it; None where nothing is missing."""


def judge(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> Judgement:
    """Verdict on the gross floor area in m2 of a building to reuse or upgrade; the gate does not apply to new build.

    A venue to upgrade that is too small can be extended, which is to verify; a building to reuse that is too small fails.
    """
    floor = candidates["floor_area_m2"].to_numpy("float64")
    small = floor < scenario.building.min_floor_area_m2 - ROUNDING_M2
    applies = (candidates["kind"] != "new").to_numpy()
    estimated = _estimated(candidates["floor_area_source"])
    return decide(len(candidates), [
        Case(applies & np.isnan(floor), VERIFY, "floor_area_unknown"),
        Case(applies & small & is_text(candidates["kind"], "upgrade"), VERIFY, "extension_needed"),
        Case(applies & small & estimated, FAIL, "too_small_estimated"),
        Case(applies & small, FAIL, "too_small"),
        Case(applies & estimated, PASS, "large_enough_estimated"),
        Case(applies, PASS, "large_enough"),
    ])


def _estimated(source: pd.Series) -> np.ndarray:
    """True where the floor area was reckoned from a footprint."""
    return source.astype("str").str.contains("footprint", regex=False).fillna(False).to_numpy(dtype=bool)


def evidence(row: pd.Series, scenario: Scenario) -> tuple[Evidence, ...]:
    """The floor area, where it comes from, and the smallest that is allowed; nothing for new build."""
    reason = row[f"reason_{GATE}"]
    if pd.isna(reason):
        return ()
    floor, footprint, floors = (float(row[name]) for name in ("floor_area_m2", "footprint_m2", "floors"))
    source = row["floor_area_source"]
    return (Evidence(
        GATE, row[f"gate_{GATE}"], reason, "venues" if row["kind"] == "upgrade" else "buildings",
        "floor_area_m2" if pd.isna(source) else str(source), "" if np.isnan(floor) else str(round(floor, 1)),
        scenario.building.clause, REASONS[reason],
        {"floor_m2": None if np.isnan(floor) else round(floor, 1), "min_m2": scenario.building.min_floor_area_m2,
         "footprint_m2": None if np.isnan(footprint) else round(footprint, 1), "floors": None if np.isnan(floors) else int(floors)},
    ),)
