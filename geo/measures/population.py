"""Population access: who walks to a site within the limit, and how long the village's people walk. Minutes and people."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.access import time_to_nearest
from geo.catchment import PeopleWithin, people_within
from geo.measures.residents import Residents, village_people
from geo.network import RoadNetwork
from geo.scenario import TravelRules
from geo.snapping import Snaps, snap

COLUMNS = ("people_15min", "people_share_15min", "people_all_15min", "mean_walk_min", "worst_walk_min", "reached_share")


def population_access(network: RoadNetwork, places: Snaps, place_village: np.ndarray, residents: Residents,
                      settlements: Residents | None, *, travel: TravelRules, homes: Snaps | None = None) -> pd.DataFrame:
    """People within the catchment walk of each place, and the mean and the longest walk of its own village's people.

    People walk *to* the place: downhill to it is quicker than back. The mean is weighted by people over those who can reach it
    within ``travel.walk_limit_min``; `reached_share` says how many these are. The longest walk is taken over the village's natural
    villages where a layer gives them, else over its residents; where one of them cannot reach the place it is inf.

    Parameters
    ----------
    network : RoadNetwork
    places : Snaps
        Snapped for walking.
    place_village : ndarray of int
        Position of each place's village in the county's list, -1 none.
    residents : Residents
        Where people live.
    settlements : Residents or None
        Natural villages, for the longest walk.
    travel : TravelRules
        Catchment and limit of a walk.
    homes : Snaps, optional
        The residents' points snapped for walking, where they are at hand.

    Returns
    -------
    DataFrame
        `COLUMNS`, RangeIndex. What is about the own village is NaN for a place without a village and where no layer puts anybody
        into the village: no people there is not known to be nobody.
    """
    villages = int(max(place_village.max(initial=-1), residents.village.max(initial=-1))) + 1
    total = np.append(village_people(residents, villages), 0.0)[place_village]
    within = _within(network, places, place_village, residents, residents.people, travel, travel.catchment_min, homes)
    known = (place_village >= 0) & (total > 0)
    own = np.where(known, within.people_own[:, 0], np.nan)
    share = np.minimum(own / np.where(known, total, 1.0), 1.0)
    worst = _worst(within.own_worst_min, within.own_share_reached)
    if settlements is not None:
        each = _within(network, places, place_village, settlements, np.ones(len(settlements)), travel, 0.0)
        by_settlement = _worst(each.own_worst_min, each.own_share_reached)
        worst = np.where(np.isnan(by_settlement), worst, by_settlement)
    return pd.DataFrame({
        "people_15min": own, "people_share_15min": share, "people_all_15min": within.people_all[:, 0],
        "mean_walk_min": within.own_mean_min, "worst_walk_min": worst, "reached_share": within.own_share_reached,
    })


def _within(network: RoadNetwork, places: Snaps, place_village: np.ndarray, homes: Residents, people: np.ndarray,
            travel: TravelRules, limit_min: float, joined: Snaps | None = None) -> PeopleWithin:
    joined = snap(homes.xy, network, mode="walk") if joined is None else joined
    return people_within(
        network, places, joined, people,
        resident_village=homes.village, place_village=place_village,
        limits_min=(limit_min,), mean_limit_min=travel.walk_limit_min,
    )


def _worst(worst_min: np.ndarray, reached_share: np.ndarray) -> np.ndarray:
    """Longest walk, inf where not all can reach the place; NaN stays."""
    return np.where(reached_share < 1 - 1e-9, np.inf, worst_min)


def walk_to_venues(network: RoadNetwork, residents: Residents, *venues_xy: np.ndarray, travel: TravelRules,
                   homes: Snaps | None = None) -> list[np.ndarray]:
    """For each set of venues the walk in min of each resident point to its nearest one, inf where none is within reach.

    `homes` are the residents' points snapped for walking, where they are at hand.
    """
    homes = snap(residents.xy, network, mode="walk") if homes is None else homes
    return [
        time_to_nearest(network, snap(xy, network, mode="walk"), homes, mode="walk", limit_min=travel.walk_limit_min).minutes
        for xy in venues_xy
    ]
