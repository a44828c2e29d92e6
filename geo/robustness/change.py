"""The smallest change of weights that unseats the leader. Moved weight is a share 0..1 of the whole.

The change is measured by how much weight must move from some criteria to others: half the L1 distance between the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.robustness.contest import Contest

EPS = 1e-12
MOST_SEARCHED = 5
"""Rivals of which other criteria are known than of the leader: the highest-scored ones that are looked at."""
LEVELS = 24
"""Common scores tried first for such a rival."""


@dataclass(frozen=True)
class WeightChange:
    """The least shift of weight after which a rival is level with the leader; any more puts it ahead."""

    rival: str
    moved: float
    """Weight that must move, share 0..1."""
    weights: dict[str, float]
    """The weights then, sum 1."""
    exact: bool
    """False where leader and rival know different criteria: found by search, so the true one may be a little smaller."""


def smallest_change(contest: Contest) -> WeightChange | None:
    """The smallest change of all weights together that unseats the leader.

    Where leader and rival know the same criteria the rival is ahead when ``sum w (v_rival - v_leader) > 0``, a linear programme
    whose solution is at hand: weight moves to the criterion in which the rival is furthest ahead, first from where it is furthest
    behind. Otherwise both scores are means over different criteria; for each common score a linear programme gives the least
    change, and the best common score is searched for among the five highest-scored such rivals.

    Parameters
    ----------
    contest : Contest

    Returns
    -------
    WeightChange or None
        None where no weights unseat the leader, or there is none.
    """
    if contest.leader is None or not len(contest.rivals):
        return None
    known = ~np.isnan(contest.values)
    same = (known[contest.rivals] == known[contest.leader]).all(axis=1)
    found = [_direct(contest, rival) for rival in contest.rivals[same]]
    others = contest.rivals[~same]
    others = others[np.argsort(-np.nan_to_num(contest.score[others], nan=-1.0), kind="stable")][:MOST_SEARCHED]
    found += [_searched(contest, rival) for rival in others]
    possible = [change for change in found if change is not None]
    if not possible:
        return None
    rival, moved, weights = min(possible, key=lambda change: (round(change[1], 9), change[0]))
    return WeightChange(
        rival=contest.ids[rival], moved=float(moved), weights=dict(zip(contest.criteria, weights.tolist(), strict=True)),
        exact=bool((known[rival] == known[contest.leader]).all()),
    )


def _direct(contest: Contest, rival: int) -> tuple[int, float, np.ndarray] | None:
    """Rival, weight moved and the new weights; None where the leader is ahead or level in everything."""
    ahead = np.nan_to_num(contest.values[rival] - contest.values[contest.leader])
    to = int(np.argmax(ahead))
    lacking = -float(contest.weights @ ahead)
    if ahead[to] <= EPS:
        return None
    weights, moved = contest.weights.copy(), 0.0
    for source in np.argsort(ahead, kind="stable"):
        gain = ahead[to] - ahead[source]
        if lacking <= 0 or gain <= 0:
            break
        shift = min(weights[source], lacking / gain)
        weights[source] -= shift
        weights[to] += shift
        moved, lacking = moved + shift, lacking - shift * gain
    return rival, moved, weights


def _searched(contest: Contest, rival: int) -> tuple[int, float, np.ndarray] | None:
    """The same for a rival of which other criteria are known."""
    from scipy.optimize import minimize_scalar

    pair = contest.values[[contest.leader, rival]]
    if np.isnan(pair).all(axis=1).any():
        return None
    low, high = np.nanmin(pair, axis=1).max(), np.nanmax(pair, axis=1).min()
    if not low < high:
        return None
    levels = np.linspace(low, high, LEVELS)
    costs = np.array([_least(contest.weights, pair, level)[0] for level in levels])
    if not np.isfinite(costs).any():
        return None
    at = int(np.argmin(costs))
    around = (levels[max(at - 1, 0)], levels[min(at + 1, LEVELS - 1)])
    finer = minimize_scalar(lambda level: min(_least(contest.weights, pair, level)[0], 2.0), bounds=around, method="bounded",
                            options={"xatol": 1e-5})
    moved, weights = min((_least(contest.weights, pair, level) for level in (finer.x, levels[at])), key=lambda found: found[0])
    return rival, moved, weights


def _least(weights: np.ndarray, pair: np.ndarray, level: float) -> tuple[float, np.ndarray]:
    """Least weight moved so that the leader's mean is at most `level` and the rival's at least, and the new weights."""
    from scipy.optimize import linprog

    over = np.nan_to_num(pair - level)   # what is unknown has no part in a site's mean
    sides = np.array([over[0], -over[1]])
    count = len(weights)
    found = linprog(
        np.r_[np.ones(count), np.zeros(count)],
        A_ub=np.hstack([-sides, sides]), b_ub=-(sides @ weights), A_eq=np.r_[-np.ones(count), np.ones(count)][None], b_eq=[0.0],
        bounds=[*((0, weight) for weight in weights), *((0, None),) * count], method="highs",
    )
    if found.status != 0:
        return float("inf"), weights
    return float(found.fun), weights - found.x[:count] + found.x[count:]
