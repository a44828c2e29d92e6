"""Several officials' pairwise judgements as one, how far they agree, and who differs on what.

Aggregation of individual judgements by the geometric mean, the only one that keeps matrices reciprocal (Aczel and Saaty 1983); the
consensus figure of Goepel (2013), *Implementing the AHP as a standard method for MCDM in corporate enterprises*, in its later form
(D_gamma,max = n), from Shannon's alpha and beta entropy of the priorities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from geo.weighting.ahp import JudgementError, checked, priorities

SCALE_MAX = 9.0
LEVELS = ((0.5, "very_low"), (0.625, "low"), (0.75, "moderate"), (0.875, "high"), (float("inf"), "very_high"))
"""Goepel's words for a consensus below each bound."""


def combined(matrices: Sequence[np.ndarray], *, importance: Sequence[float] | None = None) -> np.ndarray:
    """One pairwise matrix from several: ``prod_k a_ij^(k) ^ (c_k / sum c)``.

    Parameters
    ----------
    matrices : sequence of arrays of shape (items, items)
    importance : sequence of float, optional
        Say of each judge; equal without it.

    Raises
    ------
    JudgementError
        For a matrix that cannot be used, matrices of different size, none at all, or importances that do not fit.
    """
    if not len(matrices):
        raise JudgementError("no_judges")
    tables = [checked(matrix) for matrix in matrices]
    if len({table.shape for table in tables}) > 1:
        raise JudgementError("different_sizes", sizes=", ".join(str(len(table)) for table in tables))
    say = np.ones(len(tables)) if importance is None else np.asarray(importance, dtype="float64")
    if len(say) != len(tables) or not (np.isfinite(say) & (say >= 0)).all() or not say.sum() > 0:
        raise JudgementError("bad_importance", judges=len(tables))
    logs = np.tensordot(say / say.sum(), np.log(np.array(tables)), axes=1)
    return np.exp((logs - logs.T) / 2)


def consensus(weights: np.ndarray | Sequence[Sequence[float]], *, scale_max: float = SCALE_MAX) -> float:
    """Consensus 0..1 of judges' weights: 1 where all agree, 0 where each puts all he can on what the others neglect.

    ``S* = (1 / D_beta - D_alpha,min / n) / (1 - D_alpha,min / n)`` with ``D_beta = exp(H_gamma - H_alpha)``: H_gamma is the
    entropy of the mean weights, H_alpha the mean of the judges' entropies, and D_alpha,min that of a judge who holds one item
    `scale_max` times as important as each of the others. Clipped at 0, which weights set directly, beyond the scale, could pass.

    Parameters
    ----------
    weights : array of shape (judges, items)
        Each row sums to 1.
    scale_max : float
        Highest answer of the scale.

    Raises
    ------
    ValueError
        For fewer than two items, or weights that are negative or sum to nothing.
    """
    table = np.atleast_2d(np.asarray(weights, dtype="float64"))
    items = table.shape[1]
    if items < 2 or not (table >= 0).all() or not (table.sum(axis=1) > 0).all():
        raise ValueError("consensus needs weights of two items or more, not negative and not all zero")
    table = table / table.sum(axis=1, keepdims=True)
    beta = np.exp(_entropy(table.mean(axis=0)) - np.mean([_entropy(row) for row in table]))
    extreme = np.r_[scale_max, np.ones(items - 1)] / (scale_max + items - 1)
    floor = np.exp(_entropy(extreme)) / items
    return float(np.clip((1 / beta - floor) / (1 - floor), 0.0, 1.0))


def _entropy(shares: np.ndarray) -> float:
    there = shares[shares > 0]
    return float(-(there * np.log(there)).sum())


def level(figure: float) -> str:
    """Goepel's word for a consensus figure: very_low, low, moderate, high or very_high."""
    return next(word for bound, word in LEVELS if figure < bound)


def similarity(judges: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Consensus 0..1 of every two judges, as a square table under their names."""
    weights = {name: priorities(matrix).weights for name, matrix in judges.items()}
    return pd.DataFrame({a: {b: consensus(np.array([weights[a], weights[b]])) for b in weights} for a in weights})


def disagreements(judges: Mapping[str, np.ndarray], *, labels: Sequence[str]) -> pd.DataFrame:
    """Who differs from the others on which pair, the widest difference first.

    Parameters
    ----------
    judges : Mapping
        Pairwise matrix by judge; two judges or more.
    labels : sequence of str
        Names of the items.

    Returns
    -------
    DataFrame
        One row per judge and pair: `judge`, `first`, `second`, `judged` (how many times more `first` counts, 1/9..9),
        `others` (geometric mean of the other judges), `factor` (how many times apart the two are, 1 or more). Ties stand in the
        order of judges and pairs.

    Raises
    ------
    JudgementError
        For a matrix that cannot be used, of another size than `labels`, or fewer than two judges.
    """
    if len(judges) < 2:
        raise JudgementError("no_judges")
    tables = {name: checked(matrix) for name, matrix in judges.items()}
    if any(len(table) != len(labels) for table in tables.values()):
        raise JudgementError("different_sizes", sizes=", ".join(str(len(table)) for table in tables.values()))
    rows = []
    for name, table in tables.items():
        others = combined([other for judge, other in tables.items() if judge != name])
        for i, j in zip(*np.triu_indices(len(labels), 1), strict=True):
            factor = float(np.round(np.exp(abs(np.log(table[i, j] / others[i, j]))), 12))
            rows.append((name, labels[i], labels[j], table[i, j], others[i, j], factor))
    frame = pd.DataFrame(rows, columns=["judge", "first", "second", "judged", "others", "factor"])
    return frame.sort_values("factor", ascending=False, kind="stable", ignore_index=True)
