"""Public facilities: the walk to each kind in minutes, and how many kinds are near."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.access import time_to_nearest
from geo.kernels import LIMIT_SLACK_MIN
from geo.network import RoadNetwork
from geo.snapping import Snaps, snap

KINDS = ("kindergarten", "primary_school", "clinic", "shop", "bus_stop", "police", "elderly_care")
"""Kinds that are counted, each with its column ``<kind>_walk_min``."""

COUNTS = ("facilities_10min", "facilities_5min", "facilities_15min")
"""Numbers of kinds within the near walk, half of it, and one and a half."""

SCHOOLS = ("kindergarten", "primary_school")


def kinds_known(facilities: gpd.GeoDataFrame | None) -> tuple[str, ...]:
    """Kinds of which the data has at least one. The others are *no data*, not none: a map of facilities is never complete."""
    if facilities is None:
        return ()
    there = set(facilities["category"].dropna())
    return tuple(kind for kind in KINDS if kind in there)


def facility_walks(network: RoadNetwork, places: Snaps, facilities: gpd.GeoDataFrame | None, *, near_min: float,
                   limit_min: float) -> pd.DataFrame:
    """Walk in min to the nearest facility of each kind, and the number of kinds within `near_min`, half of it, half as much again.

    Parameters
    ----------
    network : RoadNetwork
    places : Snaps
        Snapped for walking.
    facilities : GeoDataFrame or None
        `category` and points; a polygon counts at a point inside it.
    near_min : float
        Walk that counts as near, min.
    limit_min : float
        Longer walks count as out of reach, min.

    Returns
    -------
    DataFrame
        ``<kind>_walk_min`` and `school_walk_min` (inf out of reach), `facilities_10min`, `facilities_5min` and
        `facilities_15min` (kinds), RangeIndex. A kind that the data has nowhere is NaN and not counted; where it has none of them
        the counts are NaN.
    """
    count = len(places)
    walks = {kind: np.full(count, np.nan) for kind in KINDS}
    known = kinds_known(facilities)
    for kind in known:
        points = facilities.geometry[(facilities["category"] == kind).to_numpy(bool)].representative_point()
        targets = snap(np.asarray(points.array, dtype=object), network, mode="walk")
        walks[kind] = time_to_nearest(network, targets, places, mode="walk", limit_min=limit_min).minutes
    columns = {f"{kind}_walk_min": minutes for kind, minutes in walks.items()}
    columns["school_walk_min"] = np.fmin(walks[SCHOOLS[0]], walks[SCHOOLS[1]])
    for name, within in zip(COUNTS, (near_min, near_min / 2, near_min * 1.5), strict=True):
        near = [walks[kind] <= within + LIMIT_SLACK_MIN for kind in known]
        columns[name] = np.sum(near, axis=0).astype("float64") if known else np.full(count, np.nan)
    return pd.DataFrame(columns)
