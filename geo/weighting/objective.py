"""Weights from the data alone: entropy and CRITIC. They tell where candidates differ, not what matters: a planner decides that.

scikit-criteria has both for complete tables and is the peer in the tests; these take tables with unknown values.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

LEAST = 2
"""Known values that a criterion needs to tell of a difference."""


def _table(values: pd.DataFrame) -> np.ndarray:
    table = values.to_numpy("float64")
    if np.isinf(table).any():
        raise ValueError("values must be finite or unknown: turn measures into values first")
    if not ((~np.isnan(table)).sum(axis=0) >= LEAST).any():
        raise ValueError(f"no criterion is known for {LEAST} candidates or more: there is nothing to weigh by")
    return table


def entropy_weights(values: pd.DataFrame) -> pd.Series:
    """Weights (sum 1) by entropy: a criterion counts for more the more unevenly it is distributed over the candidates.

    With shares ``p_i = x_i / sum x`` over the n candidates that know it, ``e = -sum p ln p / ln n`` and ``w = (1 - e) / sum (1 -
    e)`` (Shannon; Hwang and Yoon 1981, *Multiple Attribute Decision Making*). A criterion that is the same for all, unknown for
    all but one, or 0 for all weighs nothing; where that is so for every one, all weigh alike.

    Parameters
    ----------
    values : DataFrame
        Candidates x criteria, not negative; NaN unknown. Values 0..1 or raw measures: the weights depend on which.

    Returns
    -------
    Series
        Weight by criterion.

    Raises
    ------
    ValueError
        For negative or infinite values, or when nothing is known of two candidates.
    """
    table = _table(values)
    if (table < 0).any():
        raise ValueError("entropy needs values that are not negative")
    diverse = np.zeros(table.shape[1])
    for j, column in enumerate(table.T):
        known = column[~np.isnan(column)]
        if len(known) < LEAST or not known.sum() > 0:
            continue
        share = known / known.sum()
        there = share[share > 0]
        diverse[j] = max(1 + (there * np.log(there)).sum() / np.log(len(known)), 0.0)
    diverse[diverse < 1e-14] = 0.0  # rounding of ln: the same for all
    return pd.Series(_shares(diverse), index=values.columns, name="weight")


def critic_weights(values: pd.DataFrame, *, costs: Collection[str] = ()) -> pd.Series:
    """Weights (sum 1) by CRITIC: a criterion counts for more the more it varies and the less it repeats the others.

    Every criterion is scaled to 0..1 between its worst and its best, then ``C_j = s_j sum_k (1 - r_jk)`` with the standard
    deviation s and Pearson's r, and ``w = C / sum C``: Diakoulaki, Mavrotas and Papayannakis (1995), *Computers and Operations
    Research* 22, 763-770. Correlations are taken over the candidates that know both criteria; a criterion that is the same for
    all has weight 0 and takes no part in the others' sums.

    Parameters
    ----------
    values : DataFrame
        Candidates x criteria; NaN unknown.
    costs : collection of str
        Criteria of which less is better.

    Returns
    -------
    Series
        Weight by criterion.

    Raises
    ------
    ValueError
        For infinite values, or when nothing is known of two candidates.
    """
    table = _table(values)
    known = (~np.isnan(table)).sum(axis=0) >= LEAST
    low = np.array([np.nanmin(column) if there else np.nan for column, there in zip(table.T, known, strict=True)])
    high = np.array([np.nanmax(column) if there else np.nan for column, there in zip(table.T, known, strict=True)])
    use = known & (high > low)
    if not use.any():
        return pd.Series(_shares(np.zeros(table.shape[1])), index=values.columns, name="weight")
    scaled = (table[:, use] - low[use]) / (high - low)[use]
    cost = np.array([name in set(costs) for name in values.columns])[use]
    scaled = pd.DataFrame(np.where(cost, 1 - scaled, scaled))
    alike = scaled.corr().fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(alike, 1.0)
    contrast = np.zeros(table.shape[1])
    contrast[use] = scaled.std(ddof=0).to_numpy() * (1 - alike).sum(axis=0)
    return pd.Series(_shares(contrast), index=values.columns, name="weight")


def _shares(amounts: np.ndarray) -> np.ndarray:
    total = amounts.sum()
    return amounts / total if total > 0 else np.full(len(amounts), 1 / max(len(amounts), 1))
