"""What a candidate measures and what each measure adds to its score: the rows that pages and documents are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.evidence import NoSuchCandidate
from geo.results import Study
from geo.scenario import GROUPS
from layers.words import say
from reports.figures import is_missing, listed, measured

KNOWN, UNKNOWN, NOT_ASSESSED = "known", "unknown", "not_assessed"


@dataclass(frozen=True)
class MeasureRow:
    """One criterion of one candidate.

    `raw` is the measure in `unit` (NaN unknown, inf unreachable), `value` 0..1, `weight` the share of all weights 0..1, `points`
    what it adds to the score (NaN when it is not known), `possible` what it could add at best. `state` tells known from unknown
    and from not assessed, where `roles` are the layers that the county lacks.
    """

    criterion: str
    group: str
    measure: str
    unit: str
    clause: str
    raw: object
    value: float
    weight: float
    points: float
    possible: float
    state: str
    roles: tuple[str, ...] = ()
    note: str = ""
    """Key of ``criteria.note`` where the figure is to be read with care."""


@dataclass(frozen=True)
class GroupPoints:
    """Points that a group adds to the score, those it leaves behind, and the share of all weights 0..1 that is not known."""

    group: str
    points: float
    left: float
    unknown: float


def position_of(study: Study, candidate_id: str) -> int:
    """Position of a candidate in the study's frames.

    Raises
    ------
    NoSuchCandidate
        When the study has no such candidate.
    """
    hits = (study.candidates["candidate_id"] == candidate_id).to_numpy(dtype=bool, na_value=False).nonzero()[0]
    if not len(hits):
        raise NoSuchCandidate(f"no candidate {candidate_id!r} in this study")
    return int(hits[0])


def measure_rows(study: Study, candidate_id: str) -> tuple[MeasureRow, ...]:
    """Every criterion of a candidate in the order of groups; `points` of the known ones sum to its score.

    Raises
    ------
    NoSuchCandidate
        When the study has no such candidate.
    """
    at = position_of(study, candidate_id)
    weights = study.scenario.weights
    row, values, points = study.candidates.iloc[at], study.values.iloc[at], study.contributions.iloc[at]
    known = sum(weights[c.id] for c in study.scenario.criteria if not is_missing(values[c.id]))
    rows = []
    for criterion in sorted(study.scenario.criteria, key=lambda c: GROUPS.index(c.group)):
        value = values[criterion.id]
        roles = tuple(study.not_assessed.get(criterion.id, ()))
        state = KNOWN if not is_missing(value) else NOT_ASSESSED if criterion.id in study.not_assessed else UNKNOWN
        weight = weights[criterion.id]
        rows.append(MeasureRow(
            criterion.id, criterion.group, criterion.measure, criterion.unit, criterion.clause, row.get(criterion.measure),
            float("nan") if state != KNOWN else float(value), weight,
            float("nan") if state != KNOWN else float(points[criterion.id]),
            100 * weight / known if state == KNOWN and known else float("nan"), state, roles,
            "slope_site" if state == KNOWN and criterion.measure == "slope_deg" and row.get("slope_cells", 1.0) < 1 else "",
        ))
    return tuple(rows)


def group_points(rows: Sequence[MeasureRow]) -> list[GroupPoints]:
    """The groups that have a criterion, in their order. `points` sum to the score, `points + left` to 100."""
    found = []
    for group in GROUPS:
        items = [row for row in rows if row.group == group]
        if items:
            known = [row for row in items if row.state == KNOWN]
            points, possible = sum(r.points for r in known), sum(r.possible for r in known)
            found.append(GroupPoints(group, points, max(possible - points, 0.0),
                                     sum(r.weight for r in items if r.state != KNOWN)))
    return found


def raw_text(row: MeasureRow, language: str) -> str:
    """The raw measure in words; where it could not be assessed, the layers that are missing."""
    if row.state == NOT_ASSESSED:
        names = [say(f"criteria.role.{role}", language) for role in row.roles]
        return say("criteria.state.not_assessed", language, roles=listed(names, language))
    return measured(row.raw, row.unit, language, measure=row.measure)
