"""Rank acceptability: in what share of all weights does each site take each rank? Shares 0..1.

Stochastic multicriteria acceptability analysis, SMAA-2: Lahdelma and Salminen (2001), *Operations Research* 49, 444-454.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.robustness.contest import Contest
from geo.robustness.draws import drawn_scores, half_width, untied, weight_draws


@dataclass(frozen=True)
class Acceptability:
    """How often each site takes each rank, over draws of weights."""

    ranks: pd.DataFrame
    """Sites (index `candidate_id`) x ranks 1, 2, ...: share of draws 0..1. A rank's column sums to 1."""
    mean_rank: pd.Series
    central_weights: pd.DataFrame
    """Sites x criteria: mean of the weights under which the site comes first; NaN where it never does."""
    error: pd.Series
    """Half of the 95 % interval of each site's share of first ranks: what more draws could still change."""
    draws: int

    @property
    def first(self) -> pd.Series:
        """Share of draws in which each site comes first, 0..1."""
        return self.ranks[1].rename("first") if 1 in self.ranks else pd.Series(dtype="float64", name="first")


def acceptability(contest: Contest, *, space: str = "spread", spread: float = 0.2, draws: int = 10_000, seed: int = 1,
                  unknown: str = "left_out", top: int = 10) -> Acceptability:
    """Rank acceptability of the sites of a contest.

    Sites to verify come after those that pass in every draw, as in the ranking.

    Parameters
    ----------
    contest : Contest
    space, spread, draws, seed
        See `geo.robustness.draws.weight_draws`.
    unknown : {"left_out", "sampled"}
        See `geo.robustness.draws.drawn_scores`.
    top : int
        How many ranks are told.

    Returns
    -------
    Acceptability
        Empty for a contest without sites.

    Raises
    ------
    ValueError
        See `geo.robustness.draws`.
    """
    drawn = weight_draws(contest.weights, space=space, spread=spread, draws=draws, seed=seed)
    count = len(contest.ids)
    shares, mean = np.zeros((count, count)), np.zeros(count)
    central = np.full((count, len(contest.criteria)), np.nan)
    ahead = 0
    for tier in (2, 1):
        rows = np.flatnonzero(contest.tier == tier)
        if not len(rows):
            continue
        values = contest.values[rows]
        scores = untied(drawn_scores(values, drawn, unknown=unknown, seed=seed), values, seed)
        order = np.argsort(-scores, axis=1)
        place = order + len(rows) * np.arange(len(rows))
        counts = np.bincount(place.ravel(), minlength=len(rows) ** 2).reshape(len(rows), len(rows)).T
        shares[np.ix_(rows, ahead + np.arange(len(rows)))] = counts / draws
        if not ahead:
            central[rows] = _centres(order[:, 0], drawn, counts[:, 0])
        ahead += len(rows)
    mean = shares @ np.arange(1, count + 1)
    index = pd.Index(contest.ids, name="candidate_id")
    told = shares[:, :min(top, count)]
    return Acceptability(
        ranks=pd.DataFrame(told, index=index, columns=range(1, told.shape[1] + 1)),
        mean_rank=pd.Series(mean, index=index, name="mean_rank"),
        central_weights=pd.DataFrame(central, index=index, columns=list(contest.criteria)),
        error=pd.Series(half_width(shares[:, 0], draws) if count else [], index=index, name="error", dtype="float64"),
        draws=draws,
    )


def _centres(first: np.ndarray, drawn: np.ndarray, times: np.ndarray) -> np.ndarray:
    sums = np.column_stack([np.bincount(first, weights=column, minlength=len(times)) for column in drawn.T])
    return np.divide(sums, times[:, None], out=np.full_like(sums, np.nan), where=times[:, None] > 0)
