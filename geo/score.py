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
from geo.scenario import Criterion, Scenario
from geo.shapes import spread
from geo.standing import Standing, ranks_by, standing_of
from geo.villages import with_best

SPREAD_CELLS = 100_000
"""Values that are worth a thread of their own."""


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
    values = np.empty((len(scenario.criteria), len(candidates)))

    def fill(start: int, stop: int) -> None:
        for row in range(start, stop):
            values[row] = _value_of(candidates, scenario.criteria[row])

    spread(fill, len(values), smallest=1 + SPREAD_CELLS // max(len(candidates), 1))
    return pd.DataFrame(values.T, index=candidates.index, columns=[criterion.id for criterion in scenario.criteria], copy=False)


def _value_of(candidates: pd.DataFrame, criterion: Criterion) -> np.ndarray | float:
    """Value 0..1 of one criterion for every candidate; NaN where its measure is not there."""
    if criterion.measure not in candidates.columns:
        return np.nan
    value = criterion.value(candidates[criterion.measure])
    if criterion.measure == "mean_walk_min" and "reached_share" in candidates.columns:
        return value * candidates["reached_share"].to_numpy("float64")
    return value


def score_of(values: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Score 0..100 with its band.

    With K the criteria known for a candidate: ``score = 100 sum_K(w v) / sum_K(w)``, ``low = 100 sum_K(w v) / sum(w)``,
    ``high = 100 (sum_K(w v) + sum_notK(w)) / sum(w)``. Hence low <= score <= high, with equality where all is known.

    Parameters
    ----------
    values : DataFrame
        0..1, NaN unknown; one column per criterion.
    weights : Mapping
        Weight by criterion, not negative; only their ratio counts.

    Returns
    -------
    DataFrame
        `score`, `score_low`, `score_high`; same index. Nothing known: score NaN, band 0..100.

    Raises
    ------
    KeyError
        For a criterion without a weight.

    Examples
    --------
    >>> values = pd.DataFrame({"yard": [1.0, 1.0], "road": [0.5, np.nan]})
    >>> score_of(values, {"yard": 1, "road": 1}).round(1).to_dict("list")
    {'score': [75.0, 100.0], 'score_low': [75.0, 50.0], 'score_high': [75.0, 100.0]}
    """
    from geo.score_kernels import weigh

    by_criterion = np.ascontiguousarray(values.to_numpy("float64").T)  # as the frame holds it: no copy
    score, low, high = np.empty(len(values)), np.empty(len(values)), np.empty(len(values))
    weigh(by_criterion, _normalised(values, weights), score, low, high)
    return pd.DataFrame({"score": score, "score_low": low, "score_high": high}, index=values.index, copy=False)


def contributions_of(values: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Points of the score that each criterion contributes: ``100 w v / sum_K(w)`` over the criteria K known for a candidate.

    Parameters
    ----------
    values, weights
        As for `score_of`.

    Returns
    -------
    DataFrame
        Same shape as `values`; NaN where the value is unknown. A row sums to its score.

    Raises
    ------
    KeyError
        For a criterion without a weight.
    """
    from geo.score_kernels import share_out

    points = np.empty((values.shape[1], len(values)))
    share_out(np.ascontiguousarray(values.to_numpy("float64").T), _normalised(values, weights), points)
    return pd.DataFrame(points.T, index=values.index, columns=values.columns, copy=False)


def _normalised(values: pd.DataFrame, weights: Mapping[str, float]) -> np.ndarray:
    asked = np.array([weights[name] for name in values.columns], dtype="float64")
    total = float(sum(asked))
    return asked / total if total > 0 else np.zeros(len(asked))


def ranks_of(candidates: pd.DataFrame, score: pd.Series, *, standing: Standing | None = None) -> pd.DataFrame:
    """Rank in village and in county: 1 is best.

    Sites that pass come before those to verify; failing ones have no rank. Within a verdict the higher score comes first, an
    unknown score last, and ties go by candidate id. Scores that agree to 9 decimals are a tie.

    Parameters
    ----------
    candidates : DataFrame
        `candidate_id`, `village_code`, `verdict`.
    score : Series
        0..100, same index.
    standing : Standing, optional
        That of these candidates, where it is at hand already.

    Returns
    -------
    DataFrame
        `rank_in_village` (missing where no village is known) and `rank_in_county`, Int64, same index.
    """
    in_village, in_county = ranks_by(standing or standing_of(candidates), score.to_numpy("float64"))
    return pd.DataFrame({
        "rank_in_village": pd.arrays.IntegerArray(in_village, in_village == 0),
        "rank_in_county": pd.arrays.IntegerArray(in_county, in_county == 0),
    }, index=candidates.index, copy=False)


def scored(candidates: pd.DataFrame, values: pd.DataFrame, scenario: Scenario, *, standing: Standing | None = None) -> pd.DataFrame:
    """The candidates with score, band and ranks: new columns on the same index."""
    scores = score_of(values, {criterion.id: criterion.weight for criterion in scenario.criteria})
    ranks = ranks_of(candidates, scores["score"], standing=standing)
    return candidates.assign(**{name: scores[name] for name in scores}, **{name: ranks[name] for name in ranks})


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
    candidates = scored(study.candidates, study.values, scenario, standing=study.standing)
    return replace(study, scenario=scenario, candidates=candidates, villages=with_best(study.villages, candidates))
