"""What ranks rest on besides the scores: verdict, village and the order of ids. It stays the same when weights change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.rule_reader import VERDICTS

RANK_STEPS = 1_000_000_000
"""Steps per point of score: scores that agree to 9 decimals are a tie, for rounding in the last bit must not decide."""
POSITION_BITS = 25
"""Room for the order of ids in a sort key."""


@dataclass(frozen=True)
class Standing:
    """Verdict, village and order of ids of candidates, as arrays in the order of their rows."""

    tier: np.ndarray
    """0 fail, 1 verify, 2 pass (index in `VERDICTS`); a candidate without a verdict counts as failing."""
    village: np.ndarray
    """Place in `villages`; -1 where no village is known."""
    villages: pd.Index
    """Village codes."""
    position: np.ndarray
    """Place of each candidate's id among all ids, sorted."""
    row_at: np.ndarray
    """Row of the candidate at each place: the inverse of `position`."""
    in_order: bool
    """Whether rows stand in the order of ids already."""


def standing_of(candidates: pd.DataFrame) -> Standing:
    """The standing of candidates.

    Parameters
    ----------
    candidates : DataFrame
        `candidate_id`, `village_code`, `verdict`.

    Raises
    ------
    ValueError
        For more than 33 million candidates.
    """
    count = len(candidates)
    if count > 1 << POSITION_BITS:
        raise ValueError(f"{count} candidates are more than can be ranked at once ({1 << POSITION_BITS}); study county by county")
    at, verdicts = pd.factorize(candidates["verdict"])
    tier = np.array([*(VERDICTS.index(name) if name in VERDICTS else 0 for name in verdicts), 0])[at]   # -1, missing: the last
    position = row_at = np.arange(count)
    ids = candidates["candidate_id"]
    in_order = are_in_order(ids)
    if not in_order:
        row_at = np.argsort(ids.to_numpy(dtype=object), kind="stable")
        position = np.empty(count, dtype="int64")
        position[row_at] = np.arange(count)
    village, villages = pd.factorize(candidates["village_code"])
    return Standing(tier.astype("int8"), village.astype("int32"), pd.Index(villages), position, row_at, in_order)


def are_in_order(ids: pd.Series) -> bool:
    """Whether ids stand in their order, none missing. At a million texts ten times as fast as ``is_monotonic_increasing``."""
    return bool(ids.notna().all()) and bool((ids.array[:-1] <= ids.array[1:]).all())


def ranks_by(standing: Standing, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank in village and rank in county (int64, same length as `score`, 0..100); 0 where a candidate has none.

    Sites that pass come before those to verify; failing ones have no rank. Within a verdict the higher score comes first, an
    unknown score last, and ties go by candidate id.
    """
    from geo.score_kernels import count_off, sort_keys

    bits = max(len(score) - 1, 1).bit_length()
    room = np.empty(len(score), dtype="int64")
    keys = room[:sort_keys(np.asarray(score, dtype="float64"), standing.tier, standing.position, bits, RANK_STEPS, room)]
    keys.sort()
    in_village, in_county = np.zeros(len(score), dtype="int64"), np.zeros(len(score), dtype="int64")
    count_off(keys, bits, standing.row_at, standing.in_order, standing.village, len(standing.villages), in_village, in_county)
    return in_village, in_county
