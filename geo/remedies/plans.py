"""The smallest changes that would make a site pass: steps are tried on its facts until the gates themselves say that it passes.

Each round answers the deciding reason of every gate that does not pass, and the gates judge the changed facts again
(`geo.gates.judge`), since behind one reason another may stand. Scores and ranks after the steps come from `geo.score`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.evidence import NoSuchCandidate
from geo.gates import judge
from geo.inputs import CountyLike
from geo.remedies.actions import ACTIONS, NO_SCORE_AFTER, Ground, effort_of
from geo.remedies.choices import choices, paper_of
from geo.remedies.model import Obstacle, Plan, Step
from geo.results import Study
from geo.scenario import FAIL, GATES, PASS, VERDICTS, VERIFY
from geo.score import score_of, values_of
from geo.standing import RANK_STEPS

MAX_ROUNDS = 8
"""Reasons that may stand behind one another in a gate; more than any gate has."""
_ORDER = sorted(range(len(GATES)), key=lambda position: GATES[position] != "building")
"""Gates in the order in which they are answered: a building that grows takes from the yard, so it comes first."""


def plans(study: Study, county: CountyLike, candidate_ids: Collection[str] | None = None) -> tuple[Plan, ...]:
    """How each candidate would pass every gate, and where it would then stand in its village.

    Parameters
    ----------
    study : Study
    county : CountyLike
        The county of the study: the gates ask it which layers there are.
    candidate_ids : collection of str, optional
        Candidates to look at; None for all.

    Returns
    -------
    tuple of Plan
        One for each candidate in the order of the study. Passing candidates have no steps and effort 0.

    Raises
    ------
    NoSuchCandidate
        For an id that the study does not have.

    Notes
    -----
    A promise for the site as the data shows it: a paper is taken to say what is needed, land to be had next to the parcel. It does
    not say what a step costs, nor whether the people concerned agree.
    """
    rows = _rows(study, candidate_ids)
    if not len(rows):
        return ()
    ways = _ways(study, county, rows)
    return tuple(replace(first, alternative=second) for first, second in ways)


def village_plans(study: Study, county: CountyLike, village_code: str) -> tuple[Plan, ...]:
    """`plans` of all candidates of a village, the least asking first: passing ones, then by effort, then by score after the steps.

    Those that cannot be made to pass come last.
    """
    ids = study.candidates.loc[(study.candidates["village_code"] == village_code).to_numpy(), "candidate_id"]
    return tuple(sorted(plans(study, county, list(ids)), key=plan_order))


def plan_order(plan: Plan) -> tuple[float, int, int, str]:
    """Sorting key: effort, number of steps, score after the steps (higher first), id."""
    score = plan.score_after if plan.score_after == plan.score_after else -1.0
    return plan.effort, len(plan.steps), -round(score * RANK_STEPS), plan.candidate_id


def _rows(study: Study, candidate_ids: Collection[str] | None) -> np.ndarray:
    """Positions in the study of the candidates asked for."""
    if candidate_ids is None:
        return np.arange(len(study.candidates))
    wanted = list(candidate_ids)
    marked = study.candidates["candidate_id"].isin(wanted).to_numpy()
    if marked.sum() < len(set(wanted)):
        known = set(study.candidates["candidate_id"][marked])
        missing = next(one for one in wanted if one not in known)
        raise NoSuchCandidate(f"the study has no candidate {missing!r}")
    return np.flatnonzero(marked)


def _ways(study: Study, county: CountyLike, rows: np.ndarray) -> list[tuple[Plan, Plan | None]]:
    firsts, trial = _way(study, county, rows, second=False)
    again = np.flatnonzero(trial.forked)
    seconds: dict[int, Plan] = {}
    if len(again):
        others, _ = _way(study, county, rows[again], second=True)
        seconds = {int(at): plan for at, plan in zip(again, others, strict=True) if plan.possible}
    return [(plan, seconds.get(at)) for at, plan in enumerate(firsts)]


@dataclass
class _Trial:
    """What is known of the candidates while steps are tried."""

    ground: Ground
    verdicts: np.ndarray
    """Verdict codes (rows, gates), -1 where a gate does not apply."""
    reasons: np.ndarray
    steps: list[list[Step]]
    obstacles: list[list[Obstacle]]
    answered: list[set[tuple[str, str]]]
    forked: np.ndarray


def ground_of(study: Study, rows: np.ndarray) -> Ground:
    """The facts of the candidates at some positions of the study, to try changes on."""
    facts = pd.DataFrame({name: column.array.take(rows) for name, column in study.candidates.items() if name != "geometry"})
    names = dict.fromkeys([*(c.measure for c in study.scenario.criteria), "reached_share"])
    measured = facts[[name for name in names if name in facts]].copy()
    by_polygon = "polygon_collective_share" in facts and bool(study.candidates["polygon_collective_share"].notna().any())
    return Ground(facts, measured, study.scenario, by_polygon)


def after_steps(study: Study, county: CountyLike, candidate_ids: Collection[str]) -> tuple[tuple[Plan, ...], Ground]:
    """Plans of some candidates, and the facts as they are once the steps are taken.

    Raises
    ------
    NoSuchCandidate
        For an id that the study does not have.
    """
    rows = _rows(study, candidate_ids)
    found, trial = _way(study, county, rows, second=False)
    return tuple(found), trial.ground


def _way(study: Study, county: CountyLike, rows: np.ndarray, *, second: bool) -> tuple[list[Plan], _Trial]:
    """A plan for each row, taking the second choice where there is one if asked to; and all that is known of the trial."""
    ground, size = ground_of(study, rows), len(rows)
    trial = _Trial(
        ground, _codes(ground.judged), _reasons(ground.judged), [[] for _ in rows], [[] for _ in rows], [set() for _ in rows],
        np.zeros(size, dtype=bool))
    for _ in range(MAX_ROUNDS):
        stuck = np.fromiter((bool(one) for one in trial.obstacles), dtype=bool, count=size)
        open_ = np.flatnonzero(~stuck & (_worst(trial.verdicts) < VERDICTS.index(PASS)))
        if not len(open_):
            break
        for position in _ORDER:
            _answer(trial, GATES[position], position, open_, second=second)
        _judge_again(trial, open_, county)
    return _plans(study, rows, trial), trial


def _answer(trial: _Trial, gate: str, position: int, open_: np.ndarray, *, second: bool) -> None:
    """Take the step that answers the gate's deciding reason, at each candidate that the gate holds up."""
    held = open_[np.isin(trial.verdicts[open_, position], (VERDICTS.index(FAIL), VERDICTS.index(VERIFY)))]
    keys = pd.Series(list(zip(trial.verdicts[held, position], trial.reasons[held, position], strict=True)), dtype=object)
    for (code, reason), group in keys.groupby(keys, sort=True):
        at = held[group.index.to_numpy()]
        first, other = choices(gate, reason, VERDICTS[code], trial.ground, at)
        forks = ~pd.isna(other)
        trial.forked[at[forks]] = True
        chosen = np.where(forks, other, first) if second else first
        for action in dict.fromkeys(chosen):
            here = at[pd.isna(chosen)] if action is None else at[chosen == action]
            if action is None:
                for row in here:
                    trial.obstacles[row].append(Obstacle(gate, reason))
                continue
            amounts = ACTIONS[action].apply(trial.ground, here)
            paper = paper_of(gate, reason, action)
            for n, row in enumerate(here):
                amount = None if amounts is None else float(amounts[n])
                trial.steps[row].append(Step(gate, reason, action, amount, ACTIONS[action].unit, paper, VERDICTS[code]))
                trial.answered[row].add((gate, reason))


def _judge_again(trial: _Trial, open_: np.ndarray, county: CountyLike) -> None:
    """Verdicts on the changed facts. A reason that its paper has answered and that no fact can lift counts as met."""
    judged = judge(trial.ground.judged.iloc[open_].reset_index(drop=True), county, trial.ground.scenario)
    codes, reasons = _codes(judged), _reasons(judged)
    for n, row in enumerate(open_):
        for position, gate in enumerate(GATES):
            if 0 <= codes[n, position] < VERDICTS.index(PASS) and (gate, reasons[n, position]) in trial.answered[row]:
                step = next(s for s in trial.steps[row] if (s.gate, s.reason) == (gate, reasons[n, position]))
                if step.amount is None:
                    codes[n, position] = VERDICTS.index(PASS)
                else:
                    trial.obstacles[row].append(Obstacle(gate, reasons[n, position]))
    trial.verdicts[open_], trial.reasons[open_] = codes, reasons


def _codes(judged: pd.DataFrame) -> np.ndarray:
    return np.column_stack([pd.Categorical(judged[f"gate_{gate}"], categories=list(VERDICTS)).codes for gate in GATES])


def _reasons(judged: pd.DataFrame) -> np.ndarray:
    return np.column_stack([judged[f"reason_{gate}"].to_numpy(dtype=object) for gate in GATES])


def _worst(codes: np.ndarray) -> np.ndarray:
    return np.where(codes < 0, VERDICTS.index(PASS), codes).min(axis=1)


def _plans(study: Study, rows: np.ndarray, trial: _Trial) -> list[Plan]:
    before = study.candidates.iloc[rows]
    stuck = np.fromiter((bool(one) for one in trial.obstacles), dtype=bool, count=len(rows))
    passes = ~stuck & (_worst(trial.verdicts) == VERDICTS.index(PASS))
    changed = np.fromiter((bool(one) for one in trial.steps), dtype=bool, count=len(rows)) & passes
    scores = before["score"].to_numpy("float64", copy=True)
    scores[changed] = scores_of(trial.ground, changed)
    unsure = np.fromiter((any(step.action in NO_SCORE_AFTER for step in steps) for steps in trial.steps), bool, len(rows)) & passes
    scores[unsure] = np.nan
    verdicts = np.where(passes, PASS, before["verdict"].to_numpy(dtype=object))
    ranks = [None if doubt else rank for doubt, rank in zip(unsure, ranks_if(study, rows, verdicts, scores), strict=True)]
    told = [None if pd.isna(rank) else int(rank) for rank in before["rank_in_village"]]
    columns = zip(before["candidate_id"], before["verdict"], before["score"], told, trial.steps, trial.obstacles, verdicts, scores,
                  ranks, strict=True)
    return [
        Plan(name, verdict, float(score), rank, _in_order(steps) if after == PASS else (), tuple(obstacles), after,
             float(score_after), rank_after, _effort(steps) if after == PASS else float("inf"))
        for name, verdict, score, rank, steps, obstacles, after, score_after, rank_after in columns
    ]


def _in_order(steps: list[Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda step: GATES.index(step.gate)))


def _effort(steps: list[Step]) -> float:
    """What all steps ask; one that answers two gates counts once."""
    distinct = dict.fromkeys((step.action, np.nan if step.amount is None else step.amount, step.paper) for step in steps)
    return sum(effort_of(action, amount) for action, amount, _ in distinct)


def scores_of(ground: Ground, which: np.ndarray) -> np.ndarray:
    """Scores 0..100 of some candidates by their changed measures (boolean mask over the ground's rows)."""
    values = values_of(ground.measured[which], ground.scenario)
    weights = {criterion.id: criterion.weight for criterion in ground.scenario.criteria}
    return score_of(values, weights)["score"].to_numpy("float64")


def ranks_if(study: Study, rows: np.ndarray, verdicts: np.ndarray, scores: np.ndarray) -> list[int | None]:
    """Rank in its village that each candidate (position in the study) would have with this verdict and score, others as they are.

    The order of `geo.standing.ranks_by`: verdict, score, id. None where it fails or has no village.
    """
    standing = study.standing
    keys, mine = _score_keys(study.candidates["score"].to_numpy("float64")), _score_keys(scores)
    members = _members(standing.village, standing.village[rows])
    ranks: list[int | None] = []
    for n, row in enumerate(rows):
        tier, village = VERDICTS.index(verdicts[n]), standing.village[row]
        if village < 0 or tier == VERDICTS.index(FAIL):
            ranks.append(None)
            continue
        others = members[village][members[village] != row]
        same = standing.tier[others] == tier
        tied = same & (keys[others] == mine[n]) & (standing.position[others] < standing.position[row])
        ranks.append(1 + int(((standing.tier[others] > tier) | same & (keys[others] > mine[n]) | tied).sum()))
    return ranks


def _members(village: np.ndarray, wanted: np.ndarray) -> dict[int, np.ndarray]:
    """Positions of the candidates of each wanted village."""
    at = np.flatnonzero(np.isin(village, np.unique(wanted)))
    order = at[np.argsort(village[at], kind="stable")]
    codes, first = np.unique(village[order], return_index=True)
    return dict(zip(codes.tolist(), np.split(order, first[1:]), strict=True))


def _score_keys(scores: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(scores), -1.0, np.rint(scores * RANK_STEPS))
