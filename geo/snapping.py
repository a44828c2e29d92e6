"""Where places join the network: the true nearest point on a road, the way to it off the road, and the way on to both its ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from geo.inputs import GeoError, require_metric
from geo.nearest import Nearest, nearest_segments
from geo.network import RoadNetwork
from geo.offroad import Legs, flat_min_per_m, over_ground, straight
from geo.shapes import shapes_of

AT_NODE_M = 1e-6


class SnapError(GeoError, ValueError):
    """Places and network do not fit together."""


@dataclass(frozen=True)
class Snaps:
    """Places on the network, one entry a place; times in minutes, inf where there is no way.

    `connected` is False for a place without geometry, without any road, further from one than the limit, or shut in by water and
    steep ground: nothing reaches it and it reaches nothing, while `distance_m` still tells how far the nearest road is as the crow
    flies (inf without any). `edge` is -1 without any road. Going
    from the place into the network costs `leg_to_road_min`, then `to_u_min` or `to_v_min`; coming from it `from_u_min` or
    `from_v_min`, then `leg_from_road_min`. The legs are walked in either mode.
    """

    mode: str
    edge: np.ndarray
    connected: np.ndarray
    distance_m: np.ndarray
    x: np.ndarray
    y: np.ndarray
    along_m: np.ndarray
    to_u_min: np.ndarray
    to_v_min: np.ndarray
    from_u_min: np.ndarray
    from_v_min: np.ndarray
    leg_to_road_min: np.ndarray
    leg_from_road_min: np.ndarray
    component: np.ndarray
    """Number of the part of the network it stands on (-1: not connected); see `Mode.component_length_m`."""

    def __len__(self) -> int:
        return len(self.edge)


def snap(places: object, network: RoadNetwork, *, mode: str, limit_m: float | None = None, straight_only: bool = False) -> Snaps:
    """Join places to the nearest point of the nearest edge of a mode; distances in metres, times in minutes.

    Bridges, tunnels and expressways are not joined between their nodes. The leg off the road is walked at Tobler's speed for the
    grade times ``travel.offroad_walk_factor``. Where the network has terrain it keeps out of water and off ground that is too
    steep, and then joins the road that is quickest to reach, not the nearest (`geo.offroad`). Without terrain it runs straight to
    the nearest road, on the level: not valid where a river or cliff lies between.

    Parameters
    ----------
    places : GeoDataFrame, GeoSeries, array of geometries, or ndarray of shape (n, 2)
        Points or polygons (from whose nearest point the leg starts), in the network's CRS.
    network : RoadNetwork
    mode : {"walk", "drive"}
    limit_m : float, optional
        A place further from the road than this is not connected; ``travel.offroad_limit_m`` unless given. A way round is no longer.
    straight_only : bool
        Join the nearest road as the crow flies, where nothing lies between; no way round is sought.

    Raises
    ------
    ValueError
        For an unknown mode.
    SnapError
        When the places carry another CRS than the network.
    """
    crs = getattr(places, "crs", None)
    if crs is not None:
        require_metric(crs)
        if network.crs != crs:
            raise SnapError(f"places are in {crs.name}, the network in {network.crs.name}; bring them into one CRS")
    limit = network.travel.offroad_limit_m if limit_m is None else limit_m
    near = nearest_segments(shapes_of(places), network.mode(mode).segments)
    if not (near.segment >= 0).any():
        return _nowhere(mode, len(near.segment))
    return _snapped(near, _legs(near, network, mode, limit, straight_only), network, mode)


def snap_both(places: object, network: RoadNetwork) -> tuple[Snaps, Snaps]:
    """`snap` for walking and for driving: at one go where both use the same roads, else each on a core of its own.

    Parameters
    ----------
    places : as for `snap`
        In the network's CRS.
    network : RoadNetwork

    Returns
    -------
    Snaps, Snaps
        Walking, driving.
    """
    if network.walk.segments is not network.drive.segments:
        with ThreadPoolExecutor(2) as pool:
            walk, drive = pool.map(lambda mode: snap(places, network, mode=mode), ("walk", "drive"))
        return walk, drive
    near = nearest_segments(shapes_of(places), network.walk.segments)
    if not (near.segment >= 0).any():
        return _nowhere("walk", len(near.segment)), _nowhere("drive", len(near.segment))
    legs = _legs(near, network, "walk", network.travel.offroad_limit_m, straight_only=False)
    return _snapped(near, legs, network, "walk"), _snapped(near, legs, network, "drive")


def _snapped(near: Nearest, legs: Legs, network: RoadNetwork, mode: str) -> Snaps:
    """Places whose nearest road and way off it are known, on the edges of a mode."""
    how, found = network.mode(mode), near.segment >= 0
    segment, connected = np.where(found, legs.piece, 0), legs.open
    vertex, edge = how.segments.vertex[segment], how.segments.edge[segment]

    def between(values: np.ndarray) -> np.ndarray:
        return values[vertex] + legs.share * (values[vertex + 1] - values[vertex])

    last = network.vertex_start[edge + 1] - 1
    along = between(network.vertex_m)
    if mode == "walk":
        out, back = between(network.walk_out_min), between(network.walk_back_min)
        all_out, all_back = network.walk_out_min[last], network.walk_back_min[last]
    else:
        out = back = between(network.drive_min)
        all_out = all_back = network.drive_min[last]
    at_u, at_v = along < AT_NODE_M, along > network.vertex_m[last] - AT_NODE_M
    ahead, behind = how.forward[edge] & connected, how.backward[edge] & connected
    return Snaps(
        mode=mode, edge=np.where(found, edge, -1).astype(np.int32), connected=connected, distance_m=near.distance_m,
        x=between(network.vertex_x), y=between(network.vertex_y), along_m=np.where(found, along, np.nan),
        to_u_min=_time(behind | (at_u & connected), np.where(at_u, 0.0, back)),
        to_v_min=_time(ahead | (at_v & connected), np.where(at_v, 0.0, all_out - out)),
        from_u_min=_time(ahead | (at_u & connected), np.where(at_u, 0.0, out)),
        from_v_min=_time(behind | (at_v & connected), np.where(at_v, 0.0, all_back - back)),
        leg_to_road_min=_time(connected, legs.to_road_min), leg_from_road_min=_time(connected, legs.from_road_min),
        component=np.where(connected, how.component[network.edge_u[edge]], -1).astype(np.int32),
    )


def _time(there: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    return np.where(there, np.maximum(minutes, 0.0), np.inf)


def _legs(near: Nearest, network: RoadNetwork, mode: str, limit_m: float, straight_only: bool) -> Legs:
    """The way off the road of each place: straight on the level without terrain, else straight or over the cells."""
    ground, travel = network.ground, network.travel
    if ground is None:
        minutes = np.where(np.isfinite(near.distance_m), near.distance_m, 0.0) * flat_min_per_m(travel)
        return Legs(near.segment, near.share, minutes, minutes, near.distance_m, (near.segment >= 0) & (near.distance_m <= limit_m))
    direct = straight(ground, near, travel, limit_m=limit_m)
    return direct if straight_only else over_ground(ground, network.mode(mode).segments, direct, near, travel, limit_m=limit_m)


def _nowhere(mode: str, count: int) -> Snaps:
    unknown, never = np.full(count, np.nan), np.full(count, np.inf)
    return Snaps(
        mode=mode, edge=np.full(count, -1, np.int32), connected=np.zeros(count, bool), distance_m=never, x=unknown, y=unknown,
        along_m=unknown, to_u_min=never, to_v_min=never, from_u_min=never, from_v_min=never, leg_to_road_min=never,
        leg_from_road_min=never, component=np.full(count, -1, np.int32),
    )
