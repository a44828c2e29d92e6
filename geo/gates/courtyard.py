"""Gate *courtyard*: the yard is large enough, by what was measured and by what the papers state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.fit import yard_needed_m2
from geo.gates.restriction import forbids
from geo.gates.verdicts import Case, Judgement, decide, is_text
from geo.inputs import CountyLike
from geo.results import Evidence
from geo.scenario import FAIL, PASS, VERIFY, Scenario

GATE = "courtyard"
ROUNDING_M2 = 0.005
"""Areas are stated to 0.01 m2; a measured one that misses the minimum by less than half of that has it."""

REASONS: Mapping[str, str | None] = {
    "large_enough": None, "too_small": None, "usable_too_small": None,
    "usable_small": "yard_survey", "declared_differs": "yard_survey", "yard_unknown": "yard_survey", "only_declared": "yard_survey",
    "house_no_room": "layout_plan", "declared_note": None, "house_room": None,
}
"""Reason code -> paper that would settle it; the last two are facts beside the deciding one."""


def judge(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> Judgement:
    """Verdict on the area in m2. With basis *parcel* the whole parcel decides and one that its buildings fill asks to verify; with
    basis *usable* what is left of it decides.

    Where the measured and the declared area (less what is taken off the measured one) lie on different sides of the minimum, that
    is to verify, whichever says enough. New build on ground that is large enough but does not hold a house with its yard asks to
    verify; where a restriction takes the room, that is the other gate's to say.
    """
    rule = scenario.courtyard
    enough = rule.min_area_m2 - ROUNDING_M2
    whole = candidates["parcel_area_m2"].to_numpy("float64")
    usable = candidates["courtyard_m2"].to_numpy("float64")
    declared = candidates["declared_area_m2"].to_numpy("float64")
    free = whole - np.nan_to_num(candidates["building_area_m2"].to_numpy("float64"))
    deciding = usable if rule.basis == "usable" else np.where(np.isnan(whole), usable, whole)
    known = ~np.isnan(deciding)
    stated = declared - (whole - deciding)
    apart = ~np.isnan(whole) & ~np.isnan(stated) & ((deciding >= enough) != (stated >= enough))
    return decide(len(candidates), [
        Case(~known & ~np.isnan(declared), VERIFY, "only_declared"),
        Case(~known, VERIFY, "yard_unknown"),
        Case(apart, VERIFY, "declared_differs"),
        Case((deciding < enough) & (whole >= enough), FAIL, "usable_too_small"),
        Case(deciding < enough, FAIL, "too_small"),
        Case((rule.basis == "parcel") & (free < enough), VERIFY, "usable_small"),
        Case(_no_room(candidates, scenario), VERIFY, "house_no_room"),
        Case(known, PASS, "large_enough"),
    ])


def _no_room(candidates: pd.DataFrame, scenario: Scenario) -> np.ndarray:
    """New build where the house does not stand though no restriction takes the ground."""
    new = is_text(candidates["kind"], "new") & is_text(candidates["house_fits"], "no")
    return new & ~forbids(candidates, scenario)


def evidence(row: pd.Series, scenario: Scenario) -> tuple[Evidence, ...]:
    """The deciding reason with its areas, and a note where declared and measured area lie further apart than tolerated."""
    rule = scenario.courtyard
    reason = row[f"reason_{GATE}"]
    whole, usable, declared = (float(row[name]) for name in ("parcel_area_m2", "courtyard_m2", "declared_area_m2"))
    params = {
        "min_m2": rule.min_area_m2, "parcel_m2": _rounded(whole), "courtyard_m2": _rounded(usable),
        "declared_m2": _rounded(declared), "building_m2": _rounded(float(row["building_area_m2"])),
        "house_m2": rule.house_m2, "side_m": rule.house_min_side_m, "needed_m2": yard_needed_m2(rule),
        "rest_m2": _rounded(max(usable - rule.house_m2, 0.0)), "rectangle_m2": _rounded(float(row["rectangle_m2"])),
        "long_m": _rounded(float(row["rectangle_long_m"])), "short_m": _rounded(float(row["rectangle_short_m"])),
    }
    field = {"only_declared": "declared_area_m2", "declared_differs": "declared_area_m2", "house_no_room": "rectangle_m2"}.get(
        reason, "courtyard_m2" if rule.basis == "usable" or np.isnan(whole) else "parcel_area_m2")
    layer = "venues" if np.isnan(whole) and row["kind"] == "upgrade" else "parcels"
    value = _rounded(float(row[field]))
    facts = [Evidence(GATE, row[f"gate_{GATE}"], reason, layer, field, "" if value is None else str(value), rule.clause,
                      REASONS[reason], params)]
    if whole > 0 and abs(declared - whole) > rule.declared_tolerance * whole and reason != "declared_differs":
        facts.append(Evidence(GATE, PASS, "declared_note", "parcels", "declared_area_m2", str(_rounded(declared)), rule.clause,
                              REASONS["declared_note"], params))
    if row["kind"] == "new" and row["house_fits"] == "yes":
        facts.append(Evidence(GATE, PASS, "house_room", "parcels", "rectangle_m2", str(params["rectangle_m2"]), rule.clause, None,
                              params))
    return tuple(facts)


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 1)
