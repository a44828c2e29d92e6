"""Travel times on the network: to the nearest facility, to roads of a class, and between places. Minutes; unreachable is inf."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from geo.kernels import nearest_from_places, nearest_source
from geo.network import RoadNetwork
from geo.shapes import spread, starts
from geo.snapping import SnapError, Snaps


@dataclass(frozen=True)
class NearestTimes:
    """For each place the minutes to its nearest facility (inf: none reachable) and that facility's position (-1: none)."""

    minutes: np.ndarray
    facility: np.ndarray


def time_to_nearest(
    network: RoadNetwork, facilities: Snaps, places: Snaps, *, mode: str, limit_min: float = np.inf,
) -> NearestTimes:
    """Minutes from every place to its nearest facility, with which one that is.

    Off-road leg of the place, shortest way on the network in the direction of travel, off-road leg of the facility. A facility on
    the place's own edge is reached along that edge. One search for all places, whatever their number.

    Parameters
    ----------
    network : RoadNetwork
    facilities, places : Snaps
        Both snapped in `mode`; the facilities of one category. None at all: everything is inf.
    mode : {"walk", "drive"}
    limit_min : float
        Times over this are given as inf (the search stops there).

    Returns
    -------
    NearestTimes
        Arrays as long as `places`.

    Raises
    ------
    SnapError
        When either was snapped for another mode.
    """
    check_mode(mode, facilities, places)
    use = np.flatnonzero(facilities.connected)
    back = network.mode(mode).back
    node_min, node_label = nearest_source(
        back.indptr, back.indices, back.minutes,
        np.concatenate([network.edge_u[facilities.edge[use]], network.edge_v[facilities.edge[use]]]).astype(np.int64),
        np.concatenate([facilities.from_u_min[use], facilities.from_v_min[use]]) + np.tile(facilities.leg_from_road_min[use], 2),
        np.tile(use, 2), float(limit_min), _ends_of(network, places, np.unique(facilities.component[use])),
    )
    by_edge = use[np.argsort(facilities.edge[use], kind="stable")]
    target_start = starts(np.bincount(facilities.edge[by_edge], minlength=network.edges))
    target = (facilities.along_m[by_edge], facilities.from_u_min[by_edge], facilities.to_u_min[by_edge],
              facilities.leg_from_road_min[by_edge], by_edge)
    return _to_places(network, places, node_min, node_label, (target_start, *target), limit_min)


def time_to_class(network: RoadNetwork, places: Snaps, *, classes: Collection[str], mode: str) -> np.ndarray:
    """Minutes from every place to the nearest road of the given classes; only the off-road leg where its own road is of them.

    Two edges meet at nodes only, so the way to a class ends at a node of it. Not the distance to the road as the crow flies: it is
    the way on the network to where one joins it.

    Raises
    ------
    SnapError
        When the places were snapped for another mode.
    """
    check_mode(mode, places)
    how = network.mode(mode)
    of_class = network.of_class(classes) & how.used
    node = np.unique(np.concatenate([network.edge_u[of_class], network.edge_v[of_class]])).astype(np.int64)
    back = how.back
    node_min, node_label = nearest_source(back.indptr, back.indices, back.minutes, node, np.zeros(len(node)), node, np.inf,
                                         _ends_of(network, places, np.unique(how.component[node])))
    none = (np.zeros(network.edges + 1, np.int64), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, np.int64))
    minutes = _to_places(network, places, node_min, node_label, none, np.inf).minutes
    on_it = places.connected & of_class[np.maximum(places.edge, 0)]
    return np.where(on_it, places.leg_to_road_min, minutes)


def _ends_of(network: RoadNetwork, places: Snaps, parts: np.ndarray) -> np.ndarray:
    """Nodes at the ends of the edges the places stand on, each once; none at all for no places or for most of the network.

    Only those in the `parts` of the network (numbers of components) that can be reached: others would be waited for in vain.
    """
    edge = places.edge[places.connected & np.isin(places.component, parts)]
    at = np.zeros(network.nodes, dtype=bool)
    at[network.edge_u[edge]] = at[network.edge_v[edge]] = True
    needed = np.flatnonzero(at)
    # where most nodes are needed the search goes through all anyway
    return needed if len(needed) < network.nodes / 4 else np.zeros(0, dtype=np.int64)


def times_between(network: RoadNetwork, origins: Snaps, destinations: Snaps, *, mode: str, limit_min: float = np.inf) -> np.ndarray:
    """Minutes from every origin to every destination, shape (origins, destinations), inf where there is no way within the limit.

    One search for each destination: meant for some hundreds of destinations, not for all parcels.

    Raises
    ------
    SnapError
        When either was snapped for another mode.
    """
    check_mode(mode, origins, destinations)
    out = np.full((len(origins), len(destinations)), np.inf)
    for column in range(len(destinations)):
        only = take(destinations, np.array([column]))
        out[:, column] = time_to_nearest(network, only, origins, mode=mode, limit_min=limit_min).minutes
    return out


def take(snaps: Snaps, rows: np.ndarray) -> Snaps:
    """The snaps of the given rows (positions or a mask), in that order."""
    arrays = {name: value[rows] for name, value in vars(snaps).items() if name != "mode"}
    return Snaps(mode=snaps.mode, **arrays)


def check_mode(mode: str, *snaps: Snaps) -> None:
    """Reject snaps made for another mode: their edges may not be usable in this one.

    Raises
    ------
    SnapError
        Naming both modes.
    """
    for one in snaps:
        if one.mode != mode:
            raise SnapError(f"places were snapped for {one.mode!r}, the times asked are for {mode!r}; snap them in that mode")


def _to_places(
    network: RoadNetwork, places: Snaps, node_min: np.ndarray, node_label: np.ndarray, target: tuple[np.ndarray, ...],
    limit_min: float,
) -> NearestTimes:
    minutes, label = np.full(len(places), np.inf), np.full(len(places), -1, dtype=np.int64)
    start, along, from_u, to_u, leg, names = target
    spread(lambda first, last: nearest_from_places(
        first, last, node_min, node_label, network.edge_u, network.edge_v, places.edge, places.along_m, places.from_u_min,
        places.to_u_min, places.to_v_min, places.leg_to_road_min, start, along, from_u, to_u, leg, names, minutes, label,
    ), len(places))
    over = minutes > limit_min
    return NearestTimes(np.where(over, np.inf, minutes), np.where(over, -1, label))
