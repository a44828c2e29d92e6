"""Which change answers which reason of which gate, and the paper that goes with it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.gates import MODULES
from geo.gates.restriction import KINDS
from geo.ownership import CONTRADICTIONS
from geo.remedies.actions import Ground, clearable_m2, lacking_m2, room_for_house
from geo.scenario import FAIL

_CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("collective", "no_village"): ("bring_limits",),
    **{("collective", f"conflict_{pair}"): ("bring_decision",) for pair in CONTRADICTIONS},
    **{("collective", reason): ("bring_title",) for reason in (
        "no_evidence", "level_unknown", "level_collective", "owner_not_listed", "owner_unit_unknown", "survey_only")},
    **{("collective", reason): ("owner_consent",) for reason in (
        "level_villager_group", "level_township", "level_other_collective", "enclave")},
    ("collective", "polygon_disputed"): ("settle_dispute",), ("collective", "partial_share"): ("bring_boundary",),
    **{("dispute", reason): ("settle_dispute",) for reason in (
        "mark_yes", "mark_undetermined", "polygon_yes", "polygon_undetermined", "right_undetermined")},
    ("dispute", "right_homestead"): ("give_up_homestead",), ("dispute", "right_contract"): ("give_up_contract",),
    ("dispute", "holder_person"): ("give_up_right",),
    **{("dispute", f"holder_{holder}"): ("holder_consent",) for holder in ("enterprise", "institution")},
    **{("dispute", reason): ("bring_record",) for reason in ("right_other", "right_unknown", "holder_other")},
    ("dispute", "no_source"): ("bring_no_dispute",), ("dispute", "holder_unknown"): ("bring_holder",),
    ("courtyard", "too_small"): ("more_yard",), ("courtyard", "usable_too_small"): ("clear_building", "more_yard"),
    ("courtyard", "usable_small"): ("clear_building", "more_yard"),
    **{("courtyard", reason): ("survey_yard",) for reason in ("declared_differs", "only_declared", "yard_unknown")},
    ("restriction", "class_farmland"): ("convert_land",), ("restriction", "class_conditional"): ("convert_land",),
    ("restriction", "class_small"): ("check_class",), ("restriction", "not_assessed"): ("planning_consent",),
    ("courtyard", "house_no_room"): ("more_yard", "bring_layout"),
    **{("restriction", f"{where}_{kind}"): ("leave_out", "planning_consent") for kind in KINDS for where in ("in", "beside")},
    ("road", "spur_needed"): ("road_link",), ("road", "too_far"): ("road_link",), ("road", "no_road"): ("road_new",),
    ("road", "dead_end"): ("road_through",), ("road", "through_unknown"): ("road_paper",),
    ("road", "not_assessed"): ("road_paper",),
    ("building", "too_small"): ("extend_building",), ("building", "too_small_estimated"): ("extend_building",),
    ("building", "extension_needed"): ("extend_building",), ("building", "floor_area_unknown"): ("survey_floor",),
}
"""What answers each deciding reason, the least asking first."""

_PAPERS: Mapping[str, str | None] = {
    "more_yard": None, "clear_building": None, "leave_out": "boundary_survey", "give_up_right": "holder_consent",
    "extend_building": "extension_plan", "road_link": "access_plan", "road_new": "access_plan",
}
"""Papers of actions that bring another one than the reason asks for."""
_MILD = {"collective": "collective_title", "dispute": "holder_consent"}
"""Papers that gates ask for where a county's rules are milder than the reason, which by the standard nothing mends."""
_ONLY_TO_VERIFY = {"owner_consent", "holder_consent", "planning_consent"}
"""A consent answers a rule that asks to verify, not one that says no."""


def choices(gate: str, reason: str, verdict: str, ground: Ground, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What answers a reason at some candidates: id of the first action that can be taken, and of the second; None for none.

    A reason that a county's own rules made is answered by the paper that its gate names, and by nothing where there is none.

    Returns
    -------
    first, second : ndarray of object
        As long as `at`.
    """
    found = np.full((2, len(at)), None, dtype=object)
    for action in _CHOICES.get((gate, reason), ()):
        takes = np.full(len(at), not (action in _ONLY_TO_VERIFY and verdict == FAIL)) & _can(action, reason, ground, at)
        empty = pd.isna(found)
        found[0, takes & empty[0]] = action
        found[1, takes & ~empty[0] & empty[1]] = action
    if (gate, reason) not in _CHOICES and verdict != FAIL and paper_of(gate, reason, "bring_paper") is not None:
        found[0] = "bring_paper"
    return found[0], found[1]


def _can(action: str, reason: str, ground: Ground, at: np.ndarray) -> np.ndarray:
    if action == "clear_building":
        return clearable_m2(ground, at) >= lacking_m2(ground, at)
    if action == "leave_out":
        return (ground.text(at, "house_fits") == "yes") & _forbidden(reason.partition("_")[2], ground, at)
    if action == "more_yard":
        wanted = lacking_m2(ground, at) > 0
        return wanted & (room_for_house(ground, at) if reason == "house_no_room" else True)
    return np.ones(len(at), dtype=bool)


def _forbidden(kind: str, ground: Ground, at: np.ndarray) -> np.ndarray:
    """Where a restriction of this kind, one that forbids building, takes part of the site."""
    shares = [np.nan_to_num(ground.get(at, f"restriction_share_{rule.kind}")) for rule in ground.scenario.restrictions
              if rule.verdict == FAIL and (rule.kind if rule.kind in KINDS else "other") == kind]
    return np.any(np.array(shares) > 0, axis=0) if shares else np.zeros(len(at), dtype=bool)


def paper_of(gate: str, reason: str, action: str) -> str | None:
    """The paper that goes with an action: key of ``evidence.papers``; None where none does."""
    if action in _PAPERS:
        return _PAPERS[action]
    return MODULES[gate].REASONS.get(reason) or (_MILD.get(gate) if action == "bring_paper" else None)
