"""Weights from pairwise judgements: Saaty's analytic hierarchy process (AHP), its consistency, and which judgement to revisit.

Saaty (1980), *The Analytic Hierarchy Process*. ``a_ij`` says how many times more item i counts than item j, on the scale 1 (equal),
3, 5, 7, 9 (extremely more) and the values between; ``a_ji = 1 / a_ij``. All figures are without unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.inputs import GeoError

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Mean consistency index of random matrices with 1..15 items (Saaty 1980)."""
ENOUGH = 0.1
"""Judgements with a consistency ratio up to this are taken for consistent (Saaty)."""
SCALE = (*(1 / n for n in range(9, 1, -1)), *(float(n) for n in range(1, 10)))
"""The answers of Saaty's scale, 1/9 to 9."""
RECIPROCAL_TOLERANCE = 0.02
"""``a_ij a_ji`` this far from 1 is put down to rounding, as of 0.33 for a third."""


class JudgementError(GeoError, ValueError):
    """A pairwise matrix cannot be used; `code` and `params` say why, for the words in ``robustness.judgement_error``."""

    def __init__(self, code: str, **params: object) -> None:
        self.code, self.params = code, params
        super().__init__(f"pairwise matrix: {code} {params or ''}".rstrip())


@dataclass(frozen=True)
class Priorities:
    """Weights from one pairwise matrix, and how consistent its judgements are."""

    weights: np.ndarray
    """Sum 1, in the order of the matrix."""
    lambda_max: float
    """Principal eigenvalue; equals the number of items where judgements are wholly consistent."""
    ci: float
    """Consistency index ``(lambda_max - n) / (n - 1)``."""
    cr: float
    """Consistency ratio: the index over that of random judgements; 0 for one or two items."""
    gci: float
    """Geometric consistency index (Aguaron and Moreno-Jimenez 2003), for weights by geometric mean; 0 for one or two items."""

    @property
    def consistent(self) -> bool:
        """Whether the ratio is at most 0.1."""
        return self.cr <= ENOUGH

    def by(self, labels: Sequence[str]) -> dict[str, float]:
        """The weights under the names of the items."""
        return dict(zip(labels, self.weights.tolist(), strict=True))


def judged(labels: Sequence[str], judgements: Mapping[tuple[str, str], float]) -> np.ndarray:
    """The full pairwise matrix from one answer per pair.

    Parameters
    ----------
    labels : sequence of str
        Items in order.
    judgements : Mapping
        ``(i, j) -> a_ij``: how many times more i counts than j, each pair once, either way round.

    Returns
    -------
    ndarray
        Items x items, reciprocal, 1 on the diagonal.

    Raises
    ------
    JudgementError
        For an item that is not listed, a pair judged twice or not at all, a judgement that is not a positive number.

    Examples
    --------
    >>> judged(["yard", "road"], {("yard", "road"): 4}).tolist()
    [[1.0, 4.0], [0.25, 1.0]]
    """
    place = {label: n for n, label in enumerate(labels)}
    matrix = np.full((len(labels), len(labels)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for (first, second), value in judgements.items():
        if first not in place or second not in place or first == second:
            raise JudgementError("unknown_item", first=first, second=second)
        if not np.isnan(matrix[place[first], place[second]]):
            raise JudgementError("judged_twice", first=first, second=second)
        if not 0 < value < np.inf:
            raise JudgementError("not_positive", first=first, second=second, value=value)
        matrix[place[first], place[second]], matrix[place[second], place[first]] = value, 1 / value
    for i, j in zip(*np.nonzero(np.isnan(matrix)), strict=True):
        raise JudgementError("not_judged", first=labels[i], second=labels[j])
    return matrix


def checked(matrix: np.ndarray | Sequence[Sequence[float]]) -> np.ndarray:
    """The matrix as float64, made exactly reciprocal.

    Raises
    ------
    JudgementError
        When it is not square, holds what is not a positive number, or ``a_ji`` is not ``1 / a_ij`` within rounding.
    """
    table = np.array(matrix, dtype="float64")
    if table.ndim != 2 or table.shape[0] != table.shape[1] or table.size == 0:
        raise JudgementError("not_square", shape=" x ".join(map(str, table.shape)))
    bad = np.argwhere(~(np.isfinite(table) & (table > 0)))
    if len(bad):
        raise JudgementError("not_positive", first=int(bad[0, 0]) + 1, second=int(bad[0, 1]) + 1, value=float(table[tuple(bad[0])]))
    odd = np.argwhere(np.abs(table * table.T - 1) > RECIPROCAL_TOLERANCE)
    if len(odd):
        i, j = map(int, odd[0])
        raise JudgementError("not_reciprocal", first=i + 1, second=j + 1, value=float(table[i, j]), back=float(table[j, i]))
    return np.sqrt(table / table.T)


def random_index(items: int) -> float:
    """Mean consistency index of random judgements of that many items.

    Saaty (1980) up to 15; beyond, the line fitted by Alonso and Lamata (2006): ``lambda = 2.7699 n - 4.3513``.
    """
    if items <= len(RANDOM_INDEX):
        return RANDOM_INDEX[items - 1]
    return (2.7699 * items - 4.3513 - items) / (items - 1)


def _ratio(lambda_max: np.ndarray | float, items: int) -> np.ndarray:
    index = np.maximum(np.asarray(lambda_max) - items, 0.0) / max(items - 1, 1)
    return index / random_index(items) if items > 2 else np.zeros_like(index)


def priorities(matrix: np.ndarray | Sequence[Sequence[float]], *, method: str = "eigenvector") -> Priorities:
    """Weights from pairwise judgements, and their consistency.

    Parameters
    ----------
    matrix : array of shape (items, items)
        ``a_ij`` times more; reciprocal.
    method : {"eigenvector", "geometric"}
        Saaty's principal eigenvector, or the geometric mean of each row (Crawford and Williams 1985). They agree where judgements
        are consistent, and for up to three items.

    Raises
    ------
    JudgementError
        See `checked`.
    ValueError
        For another method.

    Examples
    --------
    >>> priorities([[1, 3], [1 / 3, 1]]).weights.tolist()
    [0.75, 0.25]
    """
    if method not in ("eigenvector", "geometric"):
        raise ValueError(f"unknown method {method!r}: eigenvector or geometric")
    table = checked(matrix)
    items = len(table)
    values, vectors = np.linalg.eig(table)
    first = int(np.argmax(values.real))
    lambda_max = max(float(values[first].real), float(items))
    weights = np.abs(vectors[:, first].real) if method == "eigenvector" else np.exp(np.log(table).mean(axis=1))
    weights = weights / weights.sum()
    return Priorities(
        weights=weights, lambda_max=lambda_max, ci=(lambda_max - items) / max(items - 1, 1), cr=float(_ratio(lambda_max, items)),
        gci=_geometric_index(table),
    )


def _geometric_index(table: np.ndarray) -> float:
    """``2 / ((n-1)(n-2)) sum_{i<j} ln^2(a_ij w_j / w_i)`` with the geometric mean's weights."""
    items = len(table)
    if items < 3:
        return 0.0
    logs = np.log(table)
    weight = logs.mean(axis=1)
    error = logs - weight[:, None] + weight[None, :]
    return float(2 / ((items - 1) * (items - 2)) * (error[np.triu_indices(items, 1)] ** 2).sum())


def revisions(matrix: np.ndarray | Sequence[Sequence[float]], *, labels: Sequence[str] | None = None) -> pd.DataFrame:
    """Which judgement to revisit: for every pair the answer that would make the matrix most consistent, the others kept.

    Every answer of Saaty's scale is tried for every pair, so the best one is exact. Of answers that do equally well the one nearest
    to the answer given is proposed.

    Parameters
    ----------
    matrix : array of shape (items, items)
    labels : sequence of str, optional
        Names of the items; without them their numbers from 1.

    Returns
    -------
    DataFrame
        One row per pair, the most helpful change first: `first`, `second`, `given` (how many times more `first` counts),
        `implied` (what the weights say: ``w_first / w_second``), `proposed`, `cr` (now), `cr_after`. Empty for fewer than three
        items, whose judgements cannot contradict each other.

    Raises
    ------
    JudgementError
        See `checked`.

    Notes
    -----
    Not a command to change an answer: it shows where answers contradict each other. The judge may well keep this one and change
    another.
    """
    table = checked(matrix)
    items = len(table)
    names = list(labels) if labels is not None else [str(n + 1) for n in range(items)]
    now = priorities(table)
    columns = ["first", "second", "given", "implied", "proposed", "cr", "cr_after"]
    if items < 3:
        return pd.DataFrame(columns=columns)
    answers = np.array(SCALE)
    rows = []
    for i, j in zip(*np.triu_indices(items, 1), strict=True):
        tried = np.repeat(table[None], len(answers), axis=0)
        tried[:, i, j], tried[:, j, i] = answers, 1 / answers
        after = np.round(_ratio(np.linalg.eigvals(tried).real.max(axis=1), items), 12)
        best = np.lexsort((np.abs(np.log(answers / table[i, j])), after))[0]
        better = after[best] < now.cr - 1e-9
        rows.append((names[i], names[j], table[i, j], now.weights[i] / now.weights[j], answers[best] if better else table[i, j],
                     now.cr, after[best] if better else now.cr))
    return pd.DataFrame(rows, columns=columns).sort_values("cr_after", kind="stable", ignore_index=True)


def synthesis(criteria: np.ndarray | Sequence[Sequence[float]], alternatives: Sequence[np.ndarray | Sequence[Sequence[float]]], *,
              method: str = "eigenvector") -> np.ndarray:
    """Overall priorities (sum 1) of alternatives: their priorities under each criterion, weighted by the criteria's.

    Parameters
    ----------
    criteria : array of shape (criteria, criteria)
    alternatives : sequence of arrays of shape (alternatives, alternatives)
        One pairwise matrix per criterion.
    method : {"eigenvector", "geometric"}

    Raises
    ------
    JudgementError
        For a matrix that cannot be used, or not one matrix for each criterion.
    """
    weights = priorities(criteria, method=method).weights
    if len(alternatives) != len(weights) or len({np.shape(one) for one in alternatives}) > 1:
        raise JudgementError("not_one_each", criteria=len(weights), matrices=len(alternatives))
    return np.column_stack([priorities(one, method=method).weights for one in alternatives]) @ weights
