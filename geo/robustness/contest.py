"""The sites of one village that have a rank, as arrays in the order of their ids: what every test of robustness starts from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from geo.results import Study
from geo.rule_reader import FAIL, VERDICTS
from geo.standing import RANK_STEPS


@dataclass(frozen=True)
class Contest:
    """Sites that compete, with their values and the weights in force. Arrays are in the order of `ids`, which is sorted."""

    ids: tuple[str, ...]
    tier: np.ndarray
    """1 verify, 2 pass: a site to verify never comes before one that passes, whatever the weights."""
    values: np.ndarray
    """Sites x criteria, 0..1; NaN unknown."""
    criteria: tuple[str, ...]
    groups: tuple[str, ...]
    """Group of each criterion."""
    weights: np.ndarray
    """Sum 1."""

    @cached_property
    def score(self) -> np.ndarray:
        """Score 0..100 of each site over the criteria known for it, as in the ranking."""
        from geo.score_kernels import weigh

        score, low, high = np.empty((3, len(self.ids)))
        weigh(np.ascontiguousarray(self.values.T), self.weights, score, low, high)
        return score

    @cached_property
    def leader(self) -> int | None:
        """Place of the first-ranked site; None where there is none, or nothing is known of it."""
        if not len(self.ids):
            return None
        best = np.flatnonzero(self.tier == self.tier.max())
        key = np.rint(np.nan_to_num(self.score[best], nan=-1.0) * RANK_STEPS)
        first = int(best[np.argmax(key)])
        return None if np.isnan(self.score[first]) else first

    @cached_property
    def rivals(self) -> np.ndarray:
        """Places of the other sites with the leader's verdict: only they can unseat it."""
        if self.leader is None:
            return np.empty(0, dtype="int64")
        same = np.flatnonzero(self.tier == self.tier[self.leader])
        return same[same != self.leader]

    @cached_property
    def runner_up(self) -> int | None:
        """Place of the rival with the highest score; None where there is no rival."""
        if not len(self.rivals):
            return None
        return int(self.rivals[np.argmax(np.nan_to_num(self.score[self.rivals], nan=-1.0))])


def contest(candidates: pd.DataFrame, values: pd.DataFrame, weights: Mapping[str, float], groups: Mapping[str, str]) -> Contest:
    """The contest of any set of candidates; failing ones take no part.

    Parameters
    ----------
    candidates : DataFrame
        `candidate_id`, `verdict`.
    values : DataFrame
        0..1, NaN unknown; same index, one column per criterion.
    weights : Mapping
        Weight by criterion; only their ratio counts.
    groups : Mapping
        Group by criterion.

    Raises
    ------
    ValueError
        When the weights are all zero.
    """
    share = np.array([weights[name] for name in values.columns], dtype="float64")
    if not share.sum() > 0:
        raise ValueError("weights are all zero: nothing ranks the sites")
    rows = np.flatnonzero(candidates["verdict"].isin(VERDICTS).to_numpy() & candidates["verdict"].ne(FAIL).to_numpy())
    ids = candidates["candidate_id"].to_numpy(dtype=object)[rows]
    rows = rows[np.argsort(ids, kind="stable")]
    tier = pd.Categorical(candidates["verdict"].iloc[rows], categories=list(VERDICTS)).codes
    return Contest(
        ids=tuple(candidates["candidate_id"].iloc[rows]), tier=np.asarray(tier, dtype="int8"),
        values=values.to_numpy("float64")[rows], criteria=tuple(values.columns),
        groups=tuple(groups[name] for name in values.columns), weights=share / share.sum(),
    )


def contests_of(study: Study) -> Iterator[tuple[str, Contest]]:
    """Every village with its contest under the study's weights, in the order of village codes."""
    share = np.array([criterion.weight for criterion in study.scenario.criteria])
    share = share / share.sum()
    criteria = tuple(criterion.id for criterion in study.scenario.criteria)
    groups = tuple(criterion.group for criterion in study.scenario.criteria)
    standing, values = study.standing, study.values[list(criteria)].to_numpy("float64")
    ids = study.candidates["candidate_id"].to_numpy(dtype=object)
    order = np.lexsort((standing.position, standing.village))
    ends = np.searchsorted(standing.village[order], np.arange(len(standing.villages) + 1))
    for place in np.argsort(standing.villages.to_numpy(dtype=object), kind="stable"):
        rows = order[ends[place]:ends[place + 1]]
        rows = rows[standing.tier[rows] > 0]
        yield standing.villages[place], Contest(tuple(ids[rows]), standing.tier[rows], values[rows], criteria, groups, share)


def contest_of(study: Study, village_code: str) -> Contest:
    """The contest of one village under the study's weights; without sites where the village has none that does not fail."""
    rows = np.flatnonzero(study.candidates["village_code"].eq(village_code).fillna(False).to_numpy(bool))
    return contest(
        pd.DataFrame(study.candidates[["candidate_id", "verdict"]].iloc[rows]), study.values.iloc[rows],
        {criterion.id: criterion.weight for criterion in study.scenario.criteria},
        {criterion.id: criterion.group for criterion in study.scenario.criteria},
    )
