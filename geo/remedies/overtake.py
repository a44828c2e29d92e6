"""What a site that is not the first of its village would need to become it: one measure at a time, all else as it is.

With K the criteria known for the site, weights w (sum 1) and values v, the score is ``100 G / k`` with ``G = sum_K(w v)`` and
``k = sum_K(w)``. To reach the leader's score ``100 t`` by criterion i alone its value must be ``v_i + (t k - G) / w_i``; the
measure follows from the inverse of the value function (`reach`). Amounts are then rounded up and checked by scoring the site again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.inputs import CountyLike
from geo.remedies.actions import Ground, whole_units
from geo.remedies.model import Lever, Plan
from geo.remedies.plans import after_steps, ranks_if
from geo.results import Study
from geo.scenario import PASS, Criterion
from geo.score import score_of, values_of
from geo.values import ValueFunction

HALVINGS = 60
"""Steps of the bisection for curves that are not made of straight pieces: the range shrinks below any unit."""
FAR = 1e5
"""Where such a curve is taken to have reached its end, in the measure's unit."""


@dataclass(frozen=True)
class _Change:
    """How a measure can be changed: by which action, in which direction, to which class."""

    action: str
    towards: int = 0
    best: str | None = None
    paper: str | None = None
    step: float = 1.0
    """Amounts are multiples of it."""


CHANGEABLE: Mapping[str, _Change] = {
    "courtyard_m2": _Change("more_yard", +1),
    "road_distance_m": _Change("road_link", -1, paper="access_plan"),
    "bus_stop_walk_min": _Change("bus_stop", -1, step=0.5),
    "evidence_strength": _Change("bring_title", best="title", paper="title"),
    "land_class_fit": _Change("convert_land", best="suitable", paper="conversion_permit"),
}
"""Measures that somebody can change at a site; where its people and the schools are, nobody can."""


def levers(study: Study, county: CountyLike, candidate_id: str) -> tuple[Lever, ...]:
    """Single measures by which a candidate would overtake the leader of its village, the smallest first.

    A site that does not pass yet is taken after the steps of its plan (`geo.remedies.plans`).

    Parameters
    ----------
    study : Study
    county : CountyLike
        The county of the study.
    candidate_id : str

    Returns
    -------
    tuple of Lever
        Empty for the leader itself, where no single change is enough, and where the site cannot pass.

    Raises
    ------
    NoSuchCandidate
        For an id that the study does not have.
    """
    (plan,), ground = after_steps(study, county, [candidate_id])
    if plan.rank_after in (None, 1) or not plan.possible:
        return ()
    row = int(np.flatnonzero((study.candidates["candidate_id"] == candidate_id).to_numpy())[0])
    leader = leader_of(study, row)
    if leader is None:
        return ()
    found = [_lever(study, ground, plan, row, leader, criterion) for criterion in study.scenario.criteria]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.amount is not None, one.amount or 0.0)))


def leader_of(study: Study, row: int) -> int | None:
    """Position of the first-ranked candidate of the village in which the candidate at a position lies; None where there is none."""
    standing = study.standing
    first = study.candidates["rank_in_village"].to_numpy("int64", na_value=0) == 1
    found = np.flatnonzero(first & (standing.village == standing.village[row]) & (standing.village >= 0))
    return int(found[0]) if len(found) else None


def reach(function: ValueFunction, start: float, value: float, towards: int) -> float:
    """The measure nearest to `start` in a direction at which a value function reaches a value; NaN where it never does.

    In closed form where the curve is made of straight pieces, otherwise by bisection between where the value is missed and where
    it is reached. Not valid for a curve that falls before it rises towards the value.

    Parameters
    ----------
    function : ValueFunction
    start : float
        The measure as it is.
    value : float
        0..1.
    towards : int
        +1 for larger measures, -1 for smaller ones.

    Examples
    --------
    >>> yard = ValueFunction("piecewise", points=((0.0, 0.0), (200.0, 0.4), (400.0, 0.8)))
    >>> reach(yard, 200.0, 0.5, +1), reach(yard, 200.0, 0.9, +1)
    (250.0, nan)
    """
    if float(function(np.array([start]))[0]) >= value:
        return start
    if function.kind in ("linear", "piecewise"):
        return _reach_pieces(function.points, start, value, towards)
    ends = start + towards * np.concatenate([np.geomspace(0.1, FAR, 400)])
    ends = ends[ends >= 0]
    enough = np.flatnonzero(function(ends) >= value)
    if not len(enough):
        return float("nan")
    near, far = start if enough[0] == 0 else ends[enough[0] - 1], ends[enough[0]]
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        near, far = (near, middle) if float(function(np.array([middle]))[0]) >= value else (middle, far)
    return float(far)


def _reach_pieces(points: tuple[tuple[float, float], ...], start: float, value: float, towards: int) -> float:
    ahead = sorted((point for point in points if (point[0] - start) * towards > 0), key=lambda point: point[0] * towards)
    x, y = np.array(points, dtype="float64").T
    before = (start, float(np.interp(start, x, y)))
    for point in ahead:
        if point[1] >= value:
            return before[0] + (value - before[1]) / (point[1] - before[1]) * (point[0] - before[0])
        before = point
    return float("nan")


def _lever(study: Study, ground: Ground, plan: Plan, row: int, leader: int, criterion: Criterion) -> Lever | None:
    """The criterion's lever where it is changeable and enough on its own; with one unit more where the amount only ties."""
    change = CHANGEABLE.get(criterion.measure)
    if change is None or not criterion.weight > 0 or criterion.measure not in ground.measured:
        return None
    now = ground.measured[criterion.measure].iloc[0]
    if pd.isna(now):
        return None
    for needed, amount in _targets(study, ground, leader, criterion, change, now):
        score = _score_with(ground, criterion.measure, needed)
        if ranks_if(study, np.array([row]), np.array([PASS], dtype=object), np.array([score])) == [1]:
            return Lever(
                plan.candidate_id, str(study.candidates["candidate_id"].iloc[leader]), criterion.id, criterion.measure,
                change.action, now if change.best else float(now), needed, amount, criterion.unit, score, change.paper)
    return None


def _targets(study: Study, ground: Ground, leader: int, criterion: Criterion, change: _Change,
             now: float | str) -> list[tuple[float | str, float | None]]:
    """Measures that may be enough, each with the amount of change; the smaller change first."""
    if change.best:
        return [] if now == change.best else [(change.best, None)]
    wanted = _value_needed(study, ground, leader, criterion)
    start = float(now)
    target = reach(criterion.value, start, wanted, change.towards) if wanted <= 1 and np.isfinite(start) else float("nan")
    if np.isnan(target):
        return []
    least = float(whole_units(np.array(abs(target - start) / change.step))) * change.step
    amounts = [least, least + change.step]
    return [(start + change.towards * amount, amount) for amount in amounts if start + change.towards * amount >= 0] \
        or [(0.0, start)]


def _value_needed(study: Study, ground: Ground, leader: int, criterion: Criterion) -> float:
    """Value of the criterion at which the site's score equals the leader's."""
    weights = study.scenario.weights
    values = values_of(ground.measured, study.scenario).iloc[0]
    known = values.notna()
    shares = pd.Series(weights).reindex(values.index)
    gained, share = float((shares * values)[known].sum()), float(shares[known].sum())
    target = float(study.candidates["score"].iloc[leader]) / 100
    return float(values[criterion.id]) + (target * share - gained) / weights[criterion.id]


def _score_with(ground: Ground, measure: str, value: object) -> float:
    values = values_of(ground.measured.assign(**{measure: value}), ground.scenario)
    return float(score_of(values, {c.id: c.weight for c in ground.scenario.criteria})["score"].iloc[0])
