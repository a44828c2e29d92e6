"""Scores 0..100: measures become values, values and weights become a score with its band, scores become ranks.

The additive model of Keeney and Raiffa (1976): the score is the weighted mean of the values. What is unknown takes no part in the
mean; it widens the band from the score it would give at its worst to the one at its best. It is never read as 0 or as the mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.results import Study
from geo.scenario import FAIL, VERDICTS, Scenario
from geo.villages import with_best

RANK_DECIMALS = 9
"""Scores that agree to this many decimals are a tie: rounding in the last bit must not decide between two villages' sites."""


def values_of(candidates: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Value 0..1 of every criterion for every candidate.

    ``value = f(measure)`` with the criterion's value function; a missing measure is NaN, an unreachable one (inf) takes the end of
    the curve. The value of the *mean walk* is multiplied by `reached_share`: the mean is taken over the people who can reach the
    site at all, and those who cannot have the value 0.

    Parameters
    ----------
    candidates : DataFrame
        The measures that the criteria name; one that is not there is unknown for all.
    scenario : Scenario
        Its criteria.

    Returns
    -------
    DataFrame
        Same index, one float64 column per criterion in the scenario's order.

    Notes
    -----
    Not valid for a measure in another unit than the value function's; the scenario states the unit beside the function.
    """
    columns = {}
    for criterion in scenario.criteria:
        if criterion.measure not in candidates.columns:
            columns[criterion.id] = np.full(len(candidates), np.nan)
            continue
        value = criterion.value(candidates[criterion.measure])
        if criterion.measure == "mean_walk_min" and "reached_share" in candidates.columns:
            value = value * candidates["reached_share"].to_numpy("float64")
        columns[criterion.id] = value
    return pd.DataFrame(columns, index=candidates.index)


def score_of(values: pd.DataFrame, weights: Mapping[str, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score 0..100 with its band, and the points that each criterion contributes to it.

    With K the criteria known for a candidate: ``score = 100 sum_K(w v) / sum_K(w)``, ``low = 100 sum_K(w v) / sum(w)``,
    ``high = 100 (sum_K(w v) + sum_notK(w)) / sum(w)``, ``contribution = 100 w v / sum_K(w)``. Hence low <= score <= high, with
    equality where all is known, and the contributions sum to the score.

    Parameters
    ----------
    values : DataFrame
        0..1, NaN unknown; one column per criterion.
    weights : Mapping
        Weight by criterion, not negative; only their ratio counts.

    Returns
    -------
    scores : DataFrame
        `score`, `score_low`, `score_high`; same index. Nothing known: score NaN, band 0..100.
    contributions : DataFrame
        Points, same shape as `values`; NaN where the value is unknown.

    Raises
    ------
    KeyError
        For a criterion without a weight.

    Examples
    --------
    >>> values = pd.DataFrame({"yard": [1.0, 1.0], "road": [0.5, np.nan]})
    >>> score_of(values, {"yard": 1, "road": 1})[0].round(1).to_dict("list")
    {'score': [75.0, 100.0], 'score_low': [75.0, 50.0], 'score_high': [75.0, 100.0]}
    """
    total = float(sum(weights[name] for name in values.columns))
    gained, known = np.zeros(len(values)), np.zeros(len(values))
    columns = {name: values[name].to_numpy("float64") for name in values.columns}
    for name, value in columns.items():  # column by column: the sum of a row never depends on where the row stands
        there = ~np.isnan(value)
        gained += weights[name] / total * np.where(there, value, 0.0)
        known += weights[name] / total * there
    known = np.minimum(known, 1.0)
    share = np.where(known > 0, known, np.nan)
    score = 100 * np.minimum(gained / share, 1.0)
    low, high = 100 * gained, 100 * np.minimum(gained + (1 - known), 1.0)
    scores = pd.DataFrame({
        "score": score,
        "score_low": np.fmin(low, score),
        "score_high": np.fmax(high, score),
    }, index=values.index)
    points = {name: 100 * weights[name] / total * value / share for name, value in columns.items()}
    return scores, pd.DataFrame(points, index=values.index)


def ranks_of(candidates: pd.DataFrame, score: pd.Series) -> pd.DataFrame:
    """Rank in village and in county: 1 is best.

    Sites that pass come before those to verify; failing ones have no rank. Within a verdict the higher score comes first, an
    unknown score last, and ties go by candidate id.

    Parameters
    ----------
    candidates : DataFrame
        `candidate_id`, `village_code`, `verdict`.
    score : Series
        0..100, same index.

    Returns
    -------
    DataFrame
        `rank_in_village` (missing where no village is known) and `rank_in_county`, Int64, same index.
    """
    count = len(candidates)
    verdict = pd.Categorical(candidates["verdict"], categories=list(VERDICTS)).codes
    position = np.arange(count)
    ids = candidates["candidate_id"]
    if not ids.is_monotonic_increasing:
        position = np.empty(count, dtype="int64")
        position[np.argsort(ids.to_numpy(dtype=object), kind="stable")] = np.arange(count)
    key = np.nan_to_num(np.round(score.to_numpy("float64"), RANK_DECIMALS), nan=-1.0)
    order = np.lexsort((position, -key, -verdict.astype("int64")))
    order = order[verdict[order] > VERDICTS.index(FAIL)]
    village = pd.factorize(candidates["village_code"])[0]
    in_county = np.zeros(count, dtype="int64")
    in_county[order] = np.arange(1, len(order) + 1)
    in_village = np.zeros(count, dtype="int64")
    in_village[order] = pd.Series(village[order]).groupby(village[order]).cumcount().to_numpy() + 1
    in_village[village < 0] = 0
    return pd.DataFrame({
        "rank_in_village": pd.array(in_village, dtype="Int64"),
        "rank_in_county": pd.array(in_county, dtype="Int64"),
    }, index=candidates.index).where(lambda ranks: ranks > 0)


def scored(candidates: pd.DataFrame, values: pd.DataFrame, scenario: Scenario) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The candidates with score, band and ranks (new columns on the same index), and the contributions in points."""
    scores, contributions = score_of(values, {criterion.id: criterion.weight for criterion in scenario.criteria})
    ranks = ranks_of(candidates, scores["score"])
    return candidates.assign(**{name: scores[name] for name in scores}, **{name: ranks[name] for name in ranks}), contributions


def reweight(study: Study, weights: Mapping[str, float]) -> Study:
    """The same study under other weights: scores, bands, contributions, ranks and best sites; nothing else is computed again.

    Parameters
    ----------
    study : Study
        Left as it is.
    weights : Mapping
        Weight by criterion, not negative; criteria not named keep theirs. Only the ratio counts.

    Returns
    -------
    Study
        What `geo.study.study` yields for the scenario with these weights.

    Raises
    ------
    ScenarioError
        For an unknown criterion, a negative or non-finite weight, or all weights zero.
    """
    scenario = study.scenario.with_weights(weights)
    candidates, contributions = scored(study.candidates, study.values, scenario)
    return replace(
        study, scenario=scenario, candidates=candidates, contributions=contributions,
        villages=with_best(study.villages, candidates),
    )
