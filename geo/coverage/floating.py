"""Floating-catchment access: how much venue there is for each person within a walk, shared with all who can walk there too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.coverage.walks import Walks
from geo.inputs import GeoError
from geo.kernels import LIMIT_SLACK_MIN


class ZoneError(GeoError, ValueError):
    """Zones, people or capacities from which no floating-catchment access can be computed."""


def floating_access(walks: Walks, people: np.ndarray, capacity: np.ndarray, *, zones_min: Sequence[float],
                    zone_weights: Sequence[float]) -> np.ndarray:
    """Capacity per person (in the unit of `capacity`) of each home by the enhanced two-step floating catchment area method.

    Luo & Qi (2009), Health & Place 15, 1100-1107. First every venue is shared among all who can walk to it, those further off
    counting less: ``R_j = S_j / sum_k P_k W(t_kj)``. Then each home adds up the shares within its own reach:
    ``A_i = sum_j R_j W(t_ij)``, with `W` the weight of the zone in which the walk ends. Over all people it sums to the capacity of
    the venues that anybody reaches.

    Not valid as a count of seats somebody will find free, nor where people do not choose by distance; an area without people near
    by shows no value. Compare places by it, do not read it as a norm.

    Parameters
    ----------
    walks : Walks
        From homes to venues, at least as far as the last zone.
    people : ndarray, shape (homes,)
        Known and not negative.
    capacity : ndarray, shape (venues,)
        Capacity of each, e.g. floor area in m2 or seats; NaN unknown: that venue is left out, which makes the access a lower bound.
    zones_min : sequence of float
        End of each zone, rising minutes; a walk of exactly that long is within it.
    zone_weights : sequence of float
        Weight of each zone.

    Returns
    -------
    ndarray, shape (homes,)
        0 where no venue of known capacity is within the last zone; NaN throughout where there are venues and no capacity is known.

    Raises
    ------
    ZoneError
        When lengths differ, zones do not rise, or people are missing.

    Examples
    --------
    Two homes of 100 and 50 people at 5 and 15 minutes from one venue of 90 m2: 90 / (100 + 0.68 * 50) = 0.672.

    >>> walks = Walks(np.array([0, 1, 2]), np.array([0, 0]), np.array([5.0, 15.0]), 1)
    >>> zones = {"zones_min": (10, 20), "zone_weights": (1.0, 0.68)}
    >>> floating_access(walks, np.array([100.0, 50.0]), np.array([90.0]), **zones).round(3).tolist()
    [0.672, 0.457]
    """
    zones, weights = np.asarray(zones_min, dtype=float), np.asarray(zone_weights, dtype=float)
    people, capacity = np.asarray(people, dtype=float), np.asarray(capacity, dtype=float)
    if len(zones) != len(weights) or not len(zones) or not (np.diff(zones) > 0).all():
        raise ZoneError(f"zones must rise and each have a weight: {zones.tolist()}, {weights.tolist()}")
    if len(people) != walks.homes or len(capacity) != walks.places or not (np.isfinite(people) & (people >= 0)).all():
        raise ZoneError(f"{walks.homes} homes and {walks.places} places, but {len(people)} known numbers of people and "
                        f"{len(capacity)} capacities")
    if len(capacity) and np.isnan(capacity).all():
        return np.full(walks.homes, np.nan)
    zone = np.searchsorted(zones + LIMIT_SLACK_MIN, walks.minutes, side="left")
    weight = np.append(weights, 0.0)[zone]
    demand = np.bincount(walks.place, people[walks.home] * weight, walks.places)
    known = np.isfinite(capacity) & (demand > 0)
    share = np.where(known, np.nan_to_num(capacity) / np.where(demand > 0, demand, 1.0), 0.0)
    return np.bincount(walks.home, share[walks.place] * weight, walks.homes).astype("float64")
