"""Figures of coverage by group: people by walk, whose venue serves them, natural villages beyond reach. People and minutes."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage.walks import Walks
from geo.kernels import LIMIT_SLACK_MIN


def people_column(limit_min: float, *, own: bool = False) -> str:
    """Column with the people within a walk of `limit_min` minutes: of any adequate venue, or of one of their own village.

    Examples
    --------
    >>> people_column(15.0), people_column(7.5, own=True)
    ('people_15min', 'own_people_7.5min')
    """
    return f"{'own_' if own else ''}people_{limit_min:g}min"


def within(minutes: np.ndarray, limit_min: float) -> np.ndarray:
    """Whether walks are within a limit, both in minutes; a walk of exactly the limit is."""
    return minutes <= limit_min + LIMIT_SLACK_MIN


def people_figures(homes: pd.DataFrame, group: np.ndarray, count: int, *, limits_min: Sequence[float]) -> pd.DataFrame:
    """Figures of each group of homes: people served, by walk, by whom, mean and longest walk in min; one row a group.

    Parameters
    ----------
    homes : DataFrame
        `people`, `walk_min` (inf: none reached), `own_walk_min` (inf beyond the longest limit), `served`, `own_served`, `maybe`
        (not served, may be by a venue not known to be adequate), `may_reach` (the same at any distance), `reason`,
        `floating_m2`.
    group : ndarray of int
        Group of each home, negative: none.
    count : int
        Number of groups.
    limits_min : sequence of float

    Returns
    -------
    DataFrame
        RangeIndex; NaN throughout for a group without people. `mean_walk_min` is over those who reach a venue: inf where nobody
        does, NaN where nobody is known to but somebody may; `worst_walk_min` is inf as soon as one cannot reach any. People whose
        walk is inf are `people_unreachable`; `people_beyond_walk_limit` says for how many of them there is a way, but one longer
        than any walk that is sought.
    """
    inside = group >= 0
    homes, group = homes[inside], group[inside]
    people, walk = homes["people"].to_numpy(), homes["walk_min"].to_numpy()

    def summed(weight: np.ndarray) -> np.ndarray:
        return np.bincount(group, people * weight, count).astype("float64")

    total, reached = summed(np.ones(len(people))), summed(np.isfinite(walk))
    served, maybe = summed(homes["served"].to_numpy(bool)), summed(homes["maybe"].to_numpy(bool))
    some = reached > 0
    mean = np.where(some, summed(np.where(np.isfinite(walk), walk, 0.0)) / np.where(some, reached, 1.0), np.inf)
    mean[~some & (summed(homes["may_reach"].to_numpy(bool)) > 0)] = np.nan
    worst = np.full(count, -np.inf)
    np.maximum.at(worst, group, walk)
    own = homes["own_walk_min"].to_numpy()
    figures = {
        "people": total,
        **{people_column(limit): summed(within(walk, limit)) for limit in limits_min},
        **{people_column(limit, own=True): summed(within(own, limit)) for limit in limits_min},
        "people_served": served, "served_share": served / np.where(total > 0, total, 1.0), "people_unserved": total - served,
        "people_by_neighbour": summed((homes["served"] & ~homes["own_served"]).to_numpy(bool)),
        "people_unreachable": summed(~np.isfinite(walk)),
        "people_beyond_walk_limit": summed(homes["reason"].eq("beyond_walk_limit").fillna(False).to_numpy(bool)),
        "people_maybe": maybe,
        "mean_walk_min": mean, "worst_walk_min": worst,
        "floating_m2": summed(homes["floating_m2"].to_numpy()) / np.where(total > 0, total, 1.0),
    }
    frame = pd.DataFrame(figures)
    frame["people_unserved"] = np.where(np.abs(frame["people_unserved"]) < 1e-6, 0.0, frame["people_unserved"])
    return frame.mask(pd.Series(total <= 0), np.nan)


def neighbours(homes: pd.DataFrame, village: np.ndarray, venue_village: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """For each village the one whose venue serves most of those its own does not: position, -1 none; ties to the smaller code."""
    chosen = np.full(len(codes), -1, dtype=np.int64)
    used = (village >= 0) & (homes["served"] & ~homes["own_served"]).to_numpy(bool) & (venue_village >= 0)
    if used.any():
        pairs = pd.DataFrame({"village": village[used], "by": venue_village[used], "people": homes["people"].to_numpy()[used]})
        sums = pairs.groupby(["village", "by"], sort=True)["people"].sum().reset_index()
        sums["code"] = codes[sums["by"].to_numpy()].astype(str)
        first = sums.sort_values(["village", "people", "code"], ascending=[True, False, True]).drop_duplicates("village")
        chosen[first["village"].to_numpy()] = first["by"].to_numpy()
    return chosen


def settlement_figures(settlements: gpd.GeoDataFrame, village: np.ndarray, count: int) -> pd.DataFrame:
    """Natural villages of each village: how many, how many beyond reach with their people, and the one that walks longest (min).

    People beyond reach are NaN where one of those natural villages is not counted: a sum with an unknown is unknown.
    """
    inside = village >= 0
    frame = pd.DataFrame({
        "village": village[inside], "beyond": (~settlements["served"]).to_numpy(bool)[inside],
        "people": settlements["population"].to_numpy("float64")[inside], "walk": settlements["walk_min"].to_numpy()[inside],
        "name": settlements["settlement_name"].to_numpy(object)[inside],
        "id": settlements["settlement_id"].to_numpy(object)[inside],
    })
    frame["lost"] = np.where(frame["beyond"], frame["people"], 0.0)
    grouped = frame.groupby("village")
    figures = pd.DataFrame({
        "settlements": grouped.size(), "settlements_beyond": grouped["beyond"].sum(),
        "settlements_beyond_people": grouped["lost"].sum(min_count=1).where(~frame["lost"].isna().groupby(frame["village"]).any()),
    }).reindex(range(count))
    figures[["settlements", "settlements_beyond", "settlements_beyond_people"]] = figures[
        ["settlements", "settlements_beyond", "settlements_beyond_people"]].where(figures["settlements"].notna(), 0)
    longest = frame.dropna(subset=["walk"]).sort_values(["village", "walk", "id"], ascending=[True, False, True])
    longest = longest.drop_duplicates("village").set_index("village")
    return figures.assign(worst_settlement=longest["name"].reindex(range(count)).astype("str"),
                          worst_settlement_min=longest["walk"].reindex(range(count))).reset_index(drop=True)


def overlap(walks: Walks, people: np.ndarray, venue_group: np.ndarray, count: int, *, limits_min: Sequence[float]) -> pd.DataFrame:
    """Catchments of each group of venues: people added up over venues, and each person once.

    Returns
    -------
    DataFrame
        `group`, `limit_min`, `total_people` (a person within reach of three venues counts three times), `unique_people`,
        `twice_people` (their difference).
    """
    pair_group = venue_group[walks.place] if walks.places else np.empty(0, np.int64)
    rows = []
    for limit in limits_min:
        use = within(walks.minutes, limit) & (pair_group >= 0)
        group, home = pair_group[use], walks.home[use]
        total = np.bincount(group, people[home], count).astype("float64")
        once = np.unique(group.astype(np.int64) * walks.homes + home)
        unique = np.bincount(once // max(walks.homes, 1), people[once % max(walks.homes, 1)], count).astype("float64")
        rows.append(pd.DataFrame({"group": np.arange(count), "limit_min": limit, "total_people": total, "unique_people": unique,
                                  "twice_people": total - unique}))
    return pd.concat(rows, ignore_index=True)
