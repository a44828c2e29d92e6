"""Where places join the network: the true nearest point on a road, the way to it off the road, and the way on to both its ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.inputs import GeoError, require_metric
from geo.nearest import nearest_segments
from geo.network import RoadNetwork
from geo.shapes import as_geometries, flatten
from geo.speeds import walk_min_per_m
from geo.terrain import sample_bilinear

AT_NODE_M = 1e-6


class SnapError(GeoError, ValueError):
    """Places and network do not fit together."""


@dataclass(frozen=True)
class Snaps:
    """Places on the network, one entry a place; times in minutes, inf where there is no way.

    `connected` is False for a place without geometry, without any road, or further from one than the limit: nothing reaches it and
    it reaches nothing, while `distance_m` still tells how far the road is (inf without any). `edge` is -1 without any road. Going
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


def snap(places: object, network: RoadNetwork, *, mode: str, limit_m: float | None = None) -> Snaps:
    """Join places to the nearest point of the nearest edge of a mode; distances in metres, times in minutes.

    Bridges, tunnels and expressways are not joined between their nodes. The leg off the road runs straight, at Tobler's speed for
    the grade between its two ends times ``travel.offroad_walk_factor``. Not valid where a river or cliff lies
    between place and road.

    Parameters
    ----------
    places : GeoDataFrame, GeoSeries, array of geometries, or ndarray of shape (n, 2)
        Points or polygons (from whose nearest point the leg starts), in the network's CRS.
    network : RoadNetwork
    mode : {"walk", "drive"}
    limit_m : float, optional
        A place further from the road than this is not connected; ``travel.offroad_limit_m`` unless given.

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
    how = network.mode(mode)
    limit = network.travel.offroad_limit_m if limit_m is None else limit_m
    shapes = flatten(as_geometries(places))
    near = nearest_segments(shapes, how.segments)
    found = near.segment >= 0
    segment = np.where(found, near.segment, 0)
    if not found.any():
        return _nowhere(mode, len(shapes))
    vertex, edge = how.segments.vertex[segment], how.segments.edge[segment]
    connected = found & (near.distance_m <= limit)

    def between(values: np.ndarray) -> np.ndarray:
        return values[vertex] + near.share * (values[vertex + 1] - values[vertex])

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
    to_road, from_road = _legs(near.distance_m, near.shape_x, near.shape_y, near.road_x, near.road_y, network)
    return Snaps(
        mode=mode, edge=np.where(found, edge, -1).astype(np.int32), connected=connected, distance_m=near.distance_m,
        x=near.road_x, y=near.road_y, along_m=np.where(found, along, np.nan),
        to_u_min=_time(behind | (at_u & connected), np.where(at_u, 0.0, back)),
        to_v_min=_time(ahead | (at_v & connected), np.where(at_v, 0.0, all_out - out)),
        from_u_min=_time(ahead | (at_u & connected), np.where(at_u, 0.0, out)),
        from_v_min=_time(behind | (at_v & connected), np.where(at_v, 0.0, all_back - back)),
        leg_to_road_min=_time(connected, to_road), leg_from_road_min=_time(connected, from_road),
        component=np.where(connected, how.component[network.edge_u[edge]], -1).astype(np.int32),
    )


def _time(there: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    return np.where(there, np.maximum(minutes, 0.0), np.inf)


def _legs(
    distance_m: np.ndarray, place_x: np.ndarray, place_y: np.ndarray, road_x: np.ndarray, road_y: np.ndarray, network: RoadNetwork,
) -> tuple[np.ndarray, np.ndarray]:
    """Minutes off the road from the place to the road, and from the road to the place."""
    grade = np.zeros(len(distance_m))
    if network.terrain is not None:
        place = sample_bilinear(network.terrain, np.nan_to_num(np.column_stack([place_x, place_y]), nan=-np.inf))
        road = sample_bilinear(network.terrain, np.nan_to_num(np.column_stack([road_x, road_y]), nan=-np.inf))
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = (road - place) / distance_m
        # over less than a step the grade between two interpolated heights is noise of the model
        grade = np.where(np.isfinite(rise) & (distance_m > 1.0), rise, 0.0)
    speed = network.travel.walk_kmh * network.travel.offroad_walk_factor
    finite = np.where(np.isfinite(distance_m), distance_m, 0.0)
    return finite * walk_min_per_m(grade, walk_kmh=speed), finite * walk_min_per_m(-grade, walk_kmh=speed)


def _nowhere(mode: str, count: int) -> Snaps:
    unknown, never = np.full(count, np.nan), np.full(count, np.inf)
    return Snaps(
        mode=mode, edge=np.full(count, -1, np.int32), connected=np.zeros(count, bool), distance_m=never, x=unknown, y=unknown,
        along_m=unknown, to_u_min=never, to_v_min=never, from_u_min=never, from_v_min=never, leg_to_road_min=never,
        leg_from_road_min=never, component=np.full(count, -1, np.int32),
    )
