"""Criteria that tell the same thing twice: Spearman's correlation of their values, and what dropping one would change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.score import score_of
from geo.standing import Standing, ranks_by, standing_of

THRESHOLD = 0.8
"""From this correlation on two criteria are pointed out."""
LEAST_SITES = 10
"""Candidates that must know both criteria before a correlation is told."""
SAMPLE = 20_000
"""Candidates correlated at most: evenly spaced in the order of ids, so that the figure does not depend on the order of rows."""

COLUMNS = ("first", "second", "correlation", "sites", "weight_first", "weight_second",
           "leaders_without_first", "agreement_without_first", "leaders_without_second", "agreement_without_second", "villages")


def redundant(candidates: pd.DataFrame, values: pd.DataFrame, weights: Mapping[str, float], *,
              threshold: float = THRESHOLD, standing: Standing | None = None) -> pd.DataFrame:
    """Pairs of criteria whose values rise and fall together, with what the ranking would be without either.

    Parameters
    ----------
    candidates : DataFrame
        `candidate_id`, `village_code`, `verdict`.
    values : DataFrame
        0..1, NaN unknown; same index.
    weights : Mapping
        Weight by criterion; a criterion of weight 0 is not looked at.
    threshold : float
        Smallest correlation that is listed, -1..1. A strong *negative* one is a conflict, not a repetition, and is not listed.

    standing : Standing, optional
        That of these candidates, where it is at hand already.

    Returns
    -------
    DataFrame
        The closest pair first: `first`, `second`, `correlation` (Spearman, over the candidates that know both), `sites` (how many
        these are, at most 20,000), `weight_first`, `weight_second` (shares 0..1), and for each of both dropped (its weight going to
        the others in proportion) `leaders_without_...`: villages with another first site, and `agreement_without_...`: Spearman's
        correlation of the scores of the candidates that do not fail, before and after; `villages`: how many have a first site.

    Notes
    -----
    A high correlation is a hint: in a county of one valley two walks may run together that differ elsewhere. Whether both stay, and
    share their weight, is the planner's decision.
    """
    names = [name for name in values.columns if weights[name] > 0 and values[name].nunique() > 1]
    standing = standing or standing_of(candidates)
    places = np.unique(np.linspace(0, max(len(values) - 1, 0), min(SAMPLE, len(values))).astype("int64"))
    sample = values[names].iloc[standing.row_at[places]]
    alike = sample.corr(method="spearman", min_periods=LEAST_SITES).to_numpy()
    known = sample.notna().to_numpy("float64")
    pairs = [(i, j) for i, j in zip(*np.triu_indices(len(names), 1), strict=True) if alike[i, j] >= threshold]
    pairs.sort(key=lambda pair: -round(alike[pair], 12))
    total = sum(weights[name] for name in values.columns)
    before = _ranked(values, weights, standing)
    without = {name: _changed(before, _ranked(values, {**weights, name: 0.0}, standing), standing)
               for name in dict.fromkeys(names[k] for pair in pairs for k in pair)}
    villages = int((before[1] == 1).sum())
    return pd.DataFrame([
        (names[i], names[j], alike[i, j], int(known[:, i] @ known[:, j]), weights[names[i]] / total, weights[names[j]] / total,
         *without[names[i]], *without[names[j]], villages)
        for i, j in pairs
    ], columns=list(COLUMNS))


def _ranked(values: pd.DataFrame, weights: Mapping[str, float], standing: Standing) -> tuple[np.ndarray, np.ndarray]:
    score = score_of(values, weights)["score"].to_numpy()
    return score, ranks_by(standing, score)[0]


def _changed(before: tuple[np.ndarray, np.ndarray], after: tuple[np.ndarray, np.ndarray], standing: Standing) -> tuple[int, float]:
    """Villages whose first site is another, and Spearman's correlation of the scores."""
    moved = int(((before[1] == 1) & (after[1] != 1)).sum())
    open_sites = (standing.tier > 0) & ~np.isnan(before[0]) & ~np.isnan(after[0])
    ranks = [pd.Series(scores[open_sites]).rank() for scores in (before[0], after[0])]
    if open_sites.sum() < 2 or ranks[0].nunique() < 2 or ranks[1].nunique() < 2:
        return moved, float("nan")
    return moved, float(ranks[0].corr(ranks[1]))
