"""A second opinion on a village's ranking: TOPSIS and VIKOR on the same values and weights, and how far they agree with ours.

Both are scikit-criteria's, which keeps them to the published definitions; what stands here is what a planner needs around them:
unknown values, verdicts, and the agreement. Values are 0..1 (more is better), closeness and Q are 0..1 without unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.rule_reader import FAIL
from geo.score import ranks_of, score_of

METHODS = ("score", "topsis", "vikor")
MOST_UNKNOWN = 0.5
"""A criterion unknown for more than this share of the sites is left out for all; otherwise the sites that lack it are."""
TOP = 3
"""Sites at the head of a ranking whose overlap is told."""


@dataclass(frozen=True)
class Vikor:
    """VIKOR's figures per alternative (Opricovic and Tzeng 2004); in all three less is better."""

    q: np.ndarray
    """Compromise of both, 0..1."""
    s: np.ndarray
    """Group utility: weighted sum of the distances from the best, 0..1."""
    r: np.ndarray
    """Individual regret: the largest of these distances, 0..1."""
    compromise: np.ndarray
    """Whether the alternative belongs to the compromise set: those that cannot be told from the best by enough."""


@dataclass(frozen=True)
class SecondOpinion:
    """What TOPSIS and VIKOR say of a village's sites, and how far they agree with our ranking."""

    table: pd.DataFrame
    """Per site compared, by our rank: `candidate_id`, `verdict`, `score`, `topsis` (closeness, more is better), `vikor` (Q, less is
    better), `rank_score`, `rank_topsis`, `rank_vikor`, `compromise` (in VIKOR's compromise set)."""
    agreement: pd.DataFrame
    """Per method against our score, over the sites with the leader's verdict: `method`, `spearman`, `kendall` (-1..1; NaN for fewer
    than two sites), `top_overlap` (share of our first sites among its first ones, 0..1), `same_first`."""
    criteria_left_out: tuple[str, ...]
    """Criteria unknown for too many sites, or of weight 0."""
    sites_left_out: tuple[str, ...]
    """Sites for which one of the compared criteria is unknown."""
    weight_compared: float
    """Share of the whole weight that the compared criteria have, 0..1."""


def _prepared(matrix: np.ndarray, weights: Sequence[float], types: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table, share, kind = np.asarray(matrix, dtype="float64"), np.asarray(weights, dtype="float64"), np.asarray(types)
    if table.ndim != 2 or table.shape[1] != len(share) or len(kind) != len(share) or not np.isin(kind, (1, -1)).all():
        raise ValueError("matrix, weights and types must name the same criteria; types are 1 (more is better) or -1")
    if not np.isfinite(table).all():
        raise ValueError("TOPSIS and VIKOR need every value: leave out what is unknown first")
    if not (np.isfinite(share) & (share >= 0)).all() or not share.sum() > 0:
        raise ValueError("weights must be finite, not negative and not all zero")
    return table, share / share.sum(), kind


def topsis(matrix: np.ndarray, weights: Sequence[float], types: Sequence[int]) -> np.ndarray:
    """Closeness 0..1 to the ideal by TOPSIS: vector normalisation, Euclidean distances (Hwang and Yoon 1981).

    ``C = D- / (D+ + D-)`` with the distances from the best and from the worst of each weighted criterion.

    Parameters
    ----------
    matrix : array of shape (alternatives, criteria)
        Every value known.
    weights : sequence
        Only their ratio counts.
    types : sequence
        1 where more is better, -1 where less is.

    Returns
    -------
    ndarray
        One per alternative; NaN where all are alike, since none is nearer than another.

    Raises
    ------
    ValueError
        For an unknown value, weights or types that do not fit.
    """
    from skcriteria.agg.topsis import topsis as closeness

    table, share, kind = _prepared(matrix, weights, types)
    if not len(table):
        return np.empty(0)
    length = np.sqrt((table**2).sum(axis=0))
    scaled = table / np.where(length > 0, length, 1.0)
    if not ((scaled.max(axis=0) > scaled.min(axis=0)) & (share > 0)).any():
        return np.full(len(table), np.nan)
    return np.asarray(closeness(scaled, kind, share)[3])


def vikor(matrix: np.ndarray, weights: Sequence[float], types: Sequence[int], *, v: float = 0.5) -> Vikor:
    """VIKOR's compromise ranking: Opricovic and Tzeng (2004), *European Journal of Operational Research* 156, 445-455.

    ``S = sum w (f* - f) / (f* - f-)``, ``R = max`` of the same, ``Q = v S' + (1 - v) R'`` with both scaled to 0..1.

    Parameters
    ----------
    matrix, weights, types
        As for `topsis`.
    v : float
        Weight of the majority against the single worst criterion, 0..1.

    Raises
    ------
    ValueError
        For an unknown value, weights or types that do not fit, or v outside 0..1.
    """
    from skcriteria import mkdm
    from skcriteria.agg.vikor import VIKOR

    table, share, kind = _prepared(matrix, weights, types)
    if not 0 <= v <= 1:
        raise ValueError("v must lie in 0..1")
    telling = (table.max(axis=0) > table.min(axis=0)) & (share > 0) if len(table) else np.zeros(len(share), bool)
    if not telling.any():
        same = np.zeros(len(table))
        return Vikor(same, same, same, np.ones(len(table), dtype=bool))
    best, worst = np.where(kind > 0, table.max(axis=0), table.min(axis=0)), np.where(kind > 0, table.min(axis=0), table.max(axis=0))
    far = share[telling] * ((best - table) / np.where(telling, best - worst, 1.0))[:, telling]
    s, r = far.sum(axis=1), far.max(axis=1)
    if np.ptp(s) == 0 or np.ptp(r) == 0:   # scikit-criteria warns where one of both tells nothing: it then counts for 0
        scaled = [(figure - figure.min()) / (np.ptp(figure) or 1.0) for figure in (s, r)]
        q = v * scaled[0] + (1 - v) * scaled[1]
        return Vikor(q, s, r, q - q.min() < 1 / (len(table) - 1))
    extra = VIKOR(v=v).evaluate(mkdm(table[:, telling], kind[telling], weights=share[telling])).e_
    compromise = np.zeros(len(table), dtype=bool)
    compromise[extra["compromise_set"]] = True
    return Vikor(np.asarray(extra["q_k"]), np.asarray(extra["s_k"]), np.asarray(extra["r_k"]), compromise)


def second_opinion(candidates: pd.DataFrame, values: pd.DataFrame, weights: Mapping[str, float]) -> SecondOpinion:
    """What TOPSIS and VIKOR make of one village's sites, beside our own ranking.

    All three rank the *same* sites by the *same* criteria, so that what differs is the method and not the data. Neither method
    has a place for an unknown value, and none is made up: a criterion unknown for more than half of the sites is left out for
    all, then a site for which one of the rest is unknown is left out; both are named. Verdicts come first, as in our ranks.

    Parameters
    ----------
    candidates : DataFrame
        Sites of one village: `candidate_id`, `village_code`, `verdict`. Failing ones take no part.
    values : DataFrame
        0..1, NaN unknown; same index, one column per criterion.
    weights : Mapping
        Weight by criterion; only their ratio counts.

    Returns
    -------
    SecondOpinion
        With an empty table where no site can be compared.

    Examples
    --------
    >>> sites = pd.DataFrame({"candidate_id": ["a", "b"], "village_code": "1", "verdict": "pass"})
    >>> opinion = second_opinion(sites, pd.DataFrame({"yard": [1.0, 0.4], "road": [0.5, 0.6]}), {"yard": 1, "road": 1})
    >>> opinion.table["rank_topsis"].tolist(), opinion.agreement["same_first"].tolist()
    ([1, 2], [True, True])
    """
    order = candidates[candidates["verdict"].ne(FAIL)].sort_values("candidate_id", kind="stable")
    known = values.loc[order.index]
    weighed = [name for name in values.columns if weights[name] > 0]
    few = [name for name in weighed if known[name].isna().mean() > MOST_UNKNOWN] if len(known) else weighed
    compared = [name for name in weighed if name not in few]
    whole = known[compared].notna().all(axis=1) if compared else pd.Series(False, index=known.index)
    left_out = order.loc[~whole, "candidate_id"]
    total = sum(weights[name] for name in values.columns)
    share = sum(weights[name] for name in compared) / total if total > 0 else 0.0
    table = _ranked(order[whole], known.loc[whole, compared], weights)
    return SecondOpinion(
        table, _agreement(table), tuple(name for name in values.columns if name not in compared), tuple(left_out), share,
    )


def _ranked(sites: pd.DataFrame, values: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    used = {name: weights[name] for name in values.columns}
    table = sites[["candidate_id", "verdict"]].copy()
    if not len(table):
        names = ["score", "topsis", "vikor", "rank_score", "rank_topsis", "rank_vikor", "compromise"]
        return table.reindex(columns=[*table.columns, *names])
    matrix, kind = values.to_numpy("float64"), [1] * values.shape[1]
    compromise = vikor(matrix, list(used.values()), kind)
    table = table.assign(
        score=score_of(values, used)["score"], topsis=topsis(matrix, list(used.values()), kind), vikor=compromise.q,
    )
    for method, worth in (("score", table["score"]), ("topsis", 100 * table["topsis"]), ("vikor", 100 * (1 - table["vikor"]))):
        table[f"rank_{method}"] = ranks_of(sites.assign(village_code="1"), worth)["rank_in_village"].astype("int64")
    return table.assign(compromise=compromise.compromise).sort_values("rank_score", ignore_index=True)


def _agreement(table: pd.DataFrame) -> pd.DataFrame:
    from scipy.stats import kendalltau, spearmanr

    rows = []
    contenders = table[table["verdict"].eq(table["verdict"].iloc[0])] if len(table) else table
    for method in METHODS[1:]:
        ours, theirs = contenders["rank_score"].to_numpy(), contenders[f"rank_{method}"].to_numpy()
        several = len(contenders) > 1
        top = min(TOP, len(contenders))
        overlap = len(set(np.argsort(ours)[:top]) & set(np.argsort(theirs)[:top])) / top if top else np.nan
        rows.append((method, float(spearmanr(ours, theirs).statistic) if several else np.nan,
                     float(kendalltau(ours, theirs).statistic) if several else np.nan, overlap,
                     bool(top and np.argmin(ours) == np.argmin(theirs))))
    return pd.DataFrame(rows, columns=["method", "spearman", "kendall", "top_overlap", "same_first"])
