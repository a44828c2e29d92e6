"""Gate *collective*: the land is owned by the village collective it lies in, and the papers that say so agree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.gates.verdicts import Case, Judgement, decide, is_text, look_up, words_of
from geo.inputs import CountyLike
from geo.ownership import CONTRADICTIONS, OWN_LEVELS
from geo.results import Evidence
from geo.scenario import FAIL, PASS, VERDICTS, VERIFY, Scenario

GATE = "collective"
LEVELS = ("village", "villager_group", "township", "other_collective", "collective", "state", "private", "unknown")
LEVEL_PAPERS = {
    "villager_group": "group_consent", "township": "township_consent", "other_collective": "owner_consent",
    "unknown": "collective_title", "collective": "collective_title", "village": "collective_title",
}
REASONS: Mapping[str, str | None] = {
    "by_title": None, "by_polygon": None,
    "no_village": "village_limits",
    **{f"conflict_{pair}": "ownership_decision" for pair in CONTRADICTIONS},
    "no_evidence": "collective_title",
    **{f"level_{level}": LEVEL_PAPERS.get(level) for level in LEVELS},
    "outside_polygons": None, "polygon_disputed": "dispute_settlement", "enclave": "owner_consent",
    "owner_not_listed": "collective_title", "partial_share": "boundary_survey", "owner_unit_unknown": "collective_title",
    "survey_only": "collective_title",
    "title_says": None, "polygon_says": None, "survey_says": None, "title_not_registered": "title",
}
"""Reason code -> paper that would settle it; the last four are facts beside the deciding one."""


def judge(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> Judgement:
    """Verdict on ownership: contradiction asks to verify before anything else, then whose land it is at all, the unit, the share.

    Polygons that cover less than `fail_share` of the candidate say no on their own; against a title or a survey that says
    collective they are a contradiction. A survey alone never passes: it is drawn too coarsely to prove a small parcel.
    """
    rule = scenario.collective
    size = len(candidates)
    share = candidates["collective_share"].to_numpy("float64")
    contested = _contested_share(candidates)
    level = look_up(candidates["owner_level"], rule.levels)
    named = words_of(candidates["owner_level"], "level_", missing="unknown")
    own = candidates["owner_level"].isin(OWN_LEVELS).to_numpy()
    strength = candidates["evidence_strength"]
    conflict = candidates["owner_conflict"]
    layer = county.ownership is not None
    measured_own = layer & (share >= rule.pass_share)
    other = is_text(candidates["owner_unit"], "other") | (is_text(candidates["polygon_unit"], "other") & ~measured_own)
    outside = layer & (candidates["polygon_collective_share"].to_numpy("float64") < rule.fail_share)
    return decide(size, [
        Case(conflict.notna().to_numpy(), VERIFY, words_of(conflict, "conflict_", missing="")),
        Case(strength.isna().to_numpy() & outside, FAIL, "outside_polygons"),
        Case(strength.isna().to_numpy(), VERIFY, "no_evidence"),
        Case(level == VERDICTS.index(FAIL), FAIL, named),
        Case(candidates["village_code"].isna().to_numpy(), VERIFY, "no_village"),
        Case(contested > 1 - rule.pass_share, VERIFY, "polygon_disputed"),
        Case(own & other, VERIFY, "enclave"),
        Case(own & is_text(candidates["owner_unit"], "unlisted") & ~measured_own, VERIFY, "owner_not_listed"),
        Case(level == VERDICTS.index(VERIFY), VERIFY, named),
        Case(own & np.isnan(share), VERIFY, "owner_unit_unknown"),
        Case(own & (share < rule.pass_share), VERIFY, "partial_share"),
        Case(is_text(strength, "survey"), VERIFY, "survey_only"),
        Case(is_text(strength, "title"), PASS, "by_title"),
        Case(np.ones(size, dtype=bool), PASS, "by_polygon"),
    ])


def _contested_share(candidates: pd.DataFrame) -> np.ndarray:
    """Share of each candidate in ownership polygons that are disputed or undetermined, 0 where there is no layer."""
    both = candidates["polygon_disputed_share"].to_numpy("float64") + candidates["polygon_undetermined_share"].to_numpy("float64")
    return np.nan_to_num(both)


def evidence(row: pd.Series, scenario: Scenario) -> tuple[Evidence, ...]:
    """The deciding reason, then what each source says: title, ownership polygon, land survey."""
    clause = scenario.collective.clause
    reason = row[f"reason_{GATE}"]
    layer, field, value = _source(row, reason)
    share = row["collective_share"]
    params = {
        "percent": None if pd.isna(share) else round(100 * float(share), 1),
        "owner": _text(row["owner_name"]) or _text(row["owner_code"]), "village": _text(row["village_name"]),
    }
    paper = REASONS[reason] or ("collective_title" if row[f"gate_{GATE}"] == VERIFY else None)   # where a county's rules are milder
    facts = [Evidence(GATE, row[f"gate_{GATE}"], reason, layer, field, value, clause, paper, params)]
    if pd.notna(row["title_owner"]):
        facts.append(_fact("title_says", "parcels", "title_owner", row["title_owner"], clause, code=_text(row["parcel_code"]),
                           right_type=_text(row["right_type"]), right_nature=_text(row["right_nature"]),
                           source=_text(row.get("title_source"))))
    if pd.notna(row["polygon_id"]):
        facts.append(_fact("polygon_says", "ownership", "owner_level", row["polygon_level"], clause,
                           polygon=row["polygon_id"], percent=round(100 * float(row["polygon_share"]), 1),
                           source=_text(row.get("polygon_source"))))
    if pd.notna(row["survey_owner"]):
        facts.append(_fact("survey_says", "parcels", "survey_owner", row["survey_owner"], clause, code=_text(row["owner_nature"]),
                           source=_text(row.get("survey_source"))))
    if pd.notna(row["title_paper"]) and not row["title_paper"]:
        facts.append(Evidence(GATE, PASS, "title_not_registered", "parcels", "title_paper", "", clause, "title"))
    return tuple(facts)


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def _fact(reason: str, layer: str, field: str, value: object, clause: str, **params: object) -> Evidence:
    says = _text(value)
    verdict = FAIL if says in ("state", "private") else VERIFY if says in ("", "unknown") else PASS
    return Evidence(GATE, verdict, reason, layer, field, says, clause, None, {"level": says or "unknown", **params})


def _source(row: pd.Series, reason: str) -> tuple[str, str, str]:
    """Layer, column and value behind the deciding reason."""
    if reason == "no_village":
        return "villages", "village_code", ""
    if reason in ("by_polygon", "outside_polygons", "partial_share", "polygon_disputed"):
        return "ownership", "owner_level", _text(row["polygon_level"])
    if reason in ("enclave", "owner_not_listed", "owner_unit_unknown"):
        return "parcels", "owner_code", _text(row["owner_code"]) or _text(row["owner_name"])
    if reason == "survey_only" or row["evidence_strength"] == "survey":
        return "parcels", "survey_owner", _text(row["survey_owner"])
    if row["evidence_strength"] == "polygon":
        return "ownership", "owner_level", _text(row["polygon_level"])
    return "parcels", "title_owner", _text(row["title_owner"])
