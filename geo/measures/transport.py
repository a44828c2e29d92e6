"""Transport: how near a road for vehicles comes, whether it leads anywhere, and the drive from the site. Metres and minutes."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.access import take, time_to_class, time_to_nearest
from geo.nearest import nearest_segments
from geo.network import RoadNetwork
from geo.plots import Plots, plots_of
from geo.snapping import Snaps, snap

TIMED_CLASSES = ("expressway", "national", "provincial", "county", "township")
"""Road classes to each of which the drive is told, as ``road_time_<class>_min``."""


def has_through_road(network: RoadNetwork, classes: Collection[str]) -> bool:
    """Whether the network has any road for vehicles of the classes that count as through roads."""
    return bool(_of_class(network, classes).any())


def _of_class(network: RoadNetwork, classes: Collection[str]) -> np.ndarray:
    return network.drive.used & network.of_class(classes)


def road_access(geometries: Plots | np.ndarray, network: RoadNetwork, *, through_classes: Collection[str]) -> pd.DataFrame:
    """The nearest road for vehicles: its distance in m from the edge of each shape, its class, and whether it leads through.

    Bridges, tunnels and expressways are passed over: they cannot be entered from beside. A road *leads through* when some road of
    the through classes hangs together with it. Not valid as an access right: a road that touches a plot may be private.

    Parameters
    ----------
    geometries : Plots, or ndarray of geometries
        Candidates, in the network's CRS.
    network : RoadNetwork
    through_classes : collection of str
        Road classes that lead out of the village.

    Returns
    -------
    DataFrame
        `road_distance_m` (0 where a road runs through the shape; inf without any road for vehicles), `road_class` (missing without
        one), `road_leads_through` (boolean; missing where the network has no through road at all), RangeIndex.
    """
    roads = network.drive.segments
    near = nearest_segments(plots_of(geometries).flat, roads)
    found = near.segment >= 0
    edge = np.where(found, roads.edge[near.segment], 0) if found.any() else np.zeros(len(found), dtype=np.int64)
    through = _of_class(network, through_classes)
    component = network.drive.component[network.edge_u]
    leads = np.isin(component, np.unique(component[through]))
    code, names = pd.factorize(network.edge_class)       # edges are fewer than places, and classes are few
    return pd.DataFrame({
        "road_distance_m": near.distance_m,
        "road_class": pd.array(names, dtype="str").take(np.where(found, code[edge], -1), allow_fill=True),
        "road_leads_through": pd.arrays.BooleanArray(found & leads[edge], ~found | ~through.any()),
    }, copy=False)


def through_time_min(network: RoadNetwork, places: Snaps, *, through_classes: Collection[str],
                     class_times: pd.DataFrame | None = None) -> np.ndarray:
    """Drive in min to the nearest through road: on foot to the nearest road for vehicles, then along the network.

    NaN for all where the network has no through road: a map that draws none does not show that none is there. Where all through
    classes are among those of `class_times` (`class_times_min`) it is the least of these, and no search is made.
    """
    if class_times is not None and set(through_classes) <= set(TIMED_CLASSES):
        columns = [class_times[f"road_time_{name}_min"].to_numpy() for name in through_classes]
        return np.fmin.reduce(columns) if columns else np.full(len(places), np.nan)
    if not has_through_road(network, through_classes):
        return np.full(len(places), np.nan)
    return time_to_class(network, places, classes=through_classes, mode="drive")


def class_times_min(network: RoadNetwork, places: Snaps) -> pd.DataFrame:
    """Drive in min to the nearest road of each of `TIMED_CLASSES`, as `through_time_min`; one column a class, RangeIndex.

    NaN for a class that the network has nowhere. An expressway is joined at its junctions, other roads anywhere.
    """
    return pd.DataFrame({f"road_time_{name}_min": through_time_min(network, places, through_classes=(name,))
                         for name in TIMED_CLASSES})


def seat_time_min(
    network: RoadNetwork, places: Snaps, seats: gpd.GeoSeries, *, place_township: np.ndarray, seat_township: np.ndarray,
    limit_min: float = np.inf,
) -> np.ndarray:
    """Minutes to the seat of the place's own township, in the mode it was snapped for; to the nearest where its own is not known.

    Parameters
    ----------
    network : RoadNetwork
    places : Snaps
        Snapped for driving or walking.
    seats : GeoSeries
        Points of the township governments.
    place_township, seat_township : ndarray of object
        Township code of each; missing where unknown.
    limit_min : float
        Longer ways count as out of reach.

    Returns
    -------
    ndarray
        float64, inf where no seat can be reached.
    """
    mode = places.mode
    targets = snap(np.asarray(seats.array, dtype=object), network, mode=mode)
    both = pd.factorize(np.concatenate([seat_township, place_township]))[0]
    seat_code, place_code = both[: len(seat_township)], both[len(seat_township):]
    place_code = np.where(np.isin(place_code, seat_code), place_code, -1)
    minutes = np.full(len(places), np.inf)
    for code in np.unique(place_code):
        rows = np.flatnonzero(place_code == code)
        seat = take(targets, np.flatnonzero(seat_code == code)) if code >= 0 else targets
        minutes[rows] = time_to_nearest(network, seat, take(places, rows), mode=mode, limit_min=limit_min).minutes
    return minutes
