"""The road network: nodes and edges with walking and driving times, ready for searches. Times in minutes, lengths in metres."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Thread

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.contraction import Contraction, contracted
from geo.inputs import GeoError, RasterLike, require_metric
from geo.nearest import SegmentIndex, index_segments
from geo.network_kernels import arcs_by_node, densified, times_along
from geo.offroad import Ground, ground_of
from geo.scenario import TravelRules
from geo.shapes import spread
from geo.speeds import NO_WALKING
from geo.topology import Topology, node_lines
from geo.topology_kernels import parts_of

SLOPE_STEP_M = 30.0
"""Heights are taken along a road at most this far apart."""

GRAIN_MIN = 2.0**-36
"""Times of arcs are whole multiples of this (a nanosecond): sums of them are exact, whatever their order."""


class NetworkError(GeoError, ValueError):
    """The roads given cannot make a network."""


@dataclass(frozen=True)
class Graph:
    """Arcs in CSR form: from node `i` to ``indices[indptr[i]:indptr[i + 1]]`` in ``minutes[...]``, all of them finite."""

    indptr: np.ndarray
    indices: np.ndarray
    minutes: np.ndarray


@dataclass(frozen=True)
class Mode:
    """One way to travel, `walk` or `drive`: which edges it may use, how, and what hangs together.

    `out` holds arcs in the direction of travel, `back` the same arcs reversed (searches towards a place). `forward` and
    `backward` say whether an edge may be used from u to v and from v to u; `entry` whether one can join it between its nodes
    (not on bridges, tunnels and expressways). `component` numbers the parts that hang together (-1: a node no such edge reaches),
    `component_length_m` is the length of each part.
    """

    name: str
    out: Graph
    back: Graph
    forward: np.ndarray
    backward: np.ndarray
    entry: np.ndarray
    component: np.ndarray
    component_length_m: np.ndarray
    segments: SegmentIndex

    @property
    def used(self) -> np.ndarray:
        """Whether each edge may be used in any direction."""
        return self.forward | self.backward

    @cached_property
    def contraction(self) -> Contraction:
        """The same arcs with most nodes taken out, for searches from many nodes; made when first asked for."""
        return contracted(self.out.indptr, self.out.indices, self.out.minutes)

    def contract_ahead(self) -> None:
        """Begin to make the `contraction` in a thread beside; who asks for it meanwhile waits for that one."""
        Thread(target=lambda: self.contraction, name="cunzhi-contraction", daemon=True).start()


@dataclass(frozen=True)
class NetworkCounts:
    """What was met while building: numbers of roads, ends, crossings and slope samples, for the findings."""

    roads: int
    closed: int
    unusable: int
    """Rows without a line of any length."""
    without_class: int
    """Rows whose class is missing: walkers use them, vehicles do not."""
    ends_joined: int
    crossings_split: int
    without_height: int
    """Pieces of road taken as level because the terrain has no height there."""


@dataclass(frozen=True)
class RoadNetwork:
    """Roads as a graph. Build it with `build_network`.

    Edge `e` runs from `edge_u[e]` to `edge_v[e]` along the vertices ``vertex_start[e]:vertex_start[e + 1]``, of which each knows
    its distance from u (`vertex_m`), the walk from u to it (`walk_out_min`) and from it to u (`walk_back_min`), and the drive
    (`drive_min`, the same both ways; NaN where there is none). `edge_road` is the row of the roads frame.
    """

    crs: CRS
    travel: TravelRules
    terrain: RasterLike | None
    ground: Ground | None
    """What one walks on off the road; None without terrain."""
    node_x: np.ndarray
    node_y: np.ndarray
    edge_u: np.ndarray
    edge_v: np.ndarray
    edge_road: np.ndarray
    edge_class: np.ndarray
    edge_length_m: np.ndarray
    vertex_start: np.ndarray
    vertex_x: np.ndarray
    vertex_y: np.ndarray
    vertex_m: np.ndarray
    walk_out_min: np.ndarray
    walk_back_min: np.ndarray
    drive_min: np.ndarray
    walk: Mode
    drive: Mode
    counts: NetworkCounts

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_x)

    @property
    def edges(self) -> int:
        """Number of edges."""
        return len(self.edge_u)

    def of_class(self, classes: Collection[str]) -> np.ndarray:
        """Whether each edge is of one of the classes."""
        names, code = self._class_codes
        wanted = np.isin(names, list(classes))
        return wanted[code]

    @cached_property
    def _class_codes(self) -> tuple[np.ndarray, np.ndarray]:
        code, names = pd.factorize(self.edge_class)
        return np.append(np.asarray(names, dtype=object), None), code

    def mode(self, name: str) -> Mode:
        """The mode `walk` or `drive`.

        Raises
        ------
        ValueError
            For any other name.
        """
        if name not in ("walk", "drive"):
            raise ValueError(f"there is no mode {name!r}; use 'walk' or 'drive'")
        return self.walk if name == "walk" else self.drive


def build_network(
    roads: gpd.GeoDataFrame, *, terrain: RasterLike | None, travel: TravelRules, water: Sequence | np.ndarray = (),
    split_crossings: bool = True,
) -> RoadNetwork:
    """A network of roads with walking and driving minutes on every edge.

    Lines meet at shared vertices, at loose ends within ``travel.snap_tolerance_m`` and, with `split_crossings`, where they cross
    and neither is a bridge. Closed roads are left out. One-way rules bind vehicles only. Walking follows Tobler's function on the
    slope sampled every 30 m (bridges and tunnels: straight between their ends), driving the class speed lessened on slopes.

    Parameters
    ----------
    roads : GeoDataFrame
        Columns `road_class`, `oneway`, `bridge`, `closed` of the standard roads layer; LineStrings in a metric CRS.
    terrain : RasterLike or None
        Heights in metres in the same CRS; None: everything is taken as level.
    travel : TravelRules
        Speeds and tolerances.
    water : array of geometries
        What is crossed on roads only (`geo.offroad.water_areas`), in the same CRS; used where there is terrain.

    Raises
    ------
    NotMetricError
        When lengths in the frame's CRS are not metres.
    NetworkError
        When no usable road is left.
    """
    require_metric(roads.crs)
    closed = roads["closed"].fillna(False).to_numpy(dtype=bool)
    parts, row = np.asarray(roads.geometry.array, dtype=object), np.arange(len(roads))
    if not (shapely.get_type_id(parts) == 1).all():
        parts, row = shapely.get_parts(parts, return_index=True)
    usable = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 0)
    parts, row = parts[usable], row[usable]
    parts = shapely.force_2d(parts) if shapely.has_z(parts).any() else parts
    counted = NetworkCounts(
        roads=len(roads), closed=int(closed.sum()), unusable=int((np.bincount(row, minlength=len(roads)) == 0).sum()),
        without_class=int(roads["road_class"].isna().sum()), ends_joined=0, crossings_split=0, without_height=0,
    )
    parts, row = parts[~closed[row]], row[~closed[row]]
    if not len(parts):
        raise NetworkError(f"no usable road among {len(roads)} rows ({counted.closed} closed, {counted.unusable} without a line)")
    left, bottom, right, top = shapely.total_bounds(parts)
    require_metric(roads.crs, at=((left + right) / 2, (bottom + top) / 2))
    bridge = roads["bridge"].fillna(False).to_numpy(dtype=bool)
    topology = node_lines(parts, bridge=bridge[row], tolerance_m=travel.snap_tolerance_m, split_crossings=split_crossings)
    ground = None if terrain is None else ground_of(terrain, np.asarray(water, dtype=object), travel)
    return _assemble(topology, roads, row[topology.edge_line], bridge, (terrain, ground), travel, counted)


def _assemble(
    topology: Topology, roads: gpd.GeoDataFrame, edge_road: np.ndarray, bridge: np.ndarray,
    surroundings: tuple[RasterLike | None, Ground | None], travel: TravelRules, counted: NetworkCounts,
) -> RoadNetwork:
    terrain, ground = surroundings
    along = _along(topology, bridge[edge_road], _speeds_kmh(roads, travel)[edge_road], terrain, travel)
    start, x, y = along.start, along.x, along.y
    names = roads["road_class"].to_numpy(dtype=object)
    drivable = np.isfinite(_speeds_kmh(roads, travel))
    walkable = ~roads["road_class"].isin(NO_WALKING).to_numpy(dtype=bool)[edge_road]
    not_back, not_forth = (~roads["oneway"].eq(way).fillna(False).to_numpy(dtype=bool) for way in ("backward", "forward"))
    ahead, astern = (drivable & not_back)[edge_road], (drivable & not_forth)[edge_road]
    entry = ~bridge[edge_road] & walkable
    by_car = ahead | astern
    walk_index = index_segments(start, x, y, usable=entry)
    same = np.array_equal(entry, entry & by_car)      # as it is where no path is drawn
    drive_index = walk_index if same else index_segments(start, x, y, usable=entry & by_car)
    last = start[1:] - 1
    length_m = along.metres[last]

    def mode(name: str, forward: np.ndarray, backward: np.ndarray, out: np.ndarray, back: np.ndarray) -> Mode:
        segments = walk_index if name == "walk" else drive_index
        return _mode(name, topology, forward, backward, out[last], back[last], entry, length_m, segments)

    return RoadNetwork(
        crs=CRS.from_user_input(roads.crs), travel=travel, terrain=terrain, ground=ground,
        node_x=topology.node_x, node_y=topology.node_y, edge_u=topology.edge_u, edge_v=topology.edge_v,
        edge_road=edge_road.astype(np.int32), edge_class=names[edge_road],
        edge_length_m=length_m, vertex_start=start, vertex_x=x, vertex_y=y, vertex_m=along.metres,
        walk_out_min=along.out_min, walk_back_min=along.back_min, drive_min=along.drive_min,
        walk=mode("walk", walkable, walkable, along.out_min, along.back_min),
        drive=mode("drive", ahead, astern, along.drive_min, along.drive_min),
        counts=NetworkCounts(
            roads=counted.roads, closed=counted.closed, unusable=counted.unusable, without_class=counted.without_class,
            ends_joined=topology.ends_joined, crossings_split=topology.crossings_split, without_height=along.without_height,
        ),
    )


def _speeds_kmh(roads: gpd.GeoDataFrame, travel: TravelRules) -> np.ndarray:
    """Driving speed in km/h by row of the roads; NaN where it is not for vehicles."""
    code, names = pd.factorize(roads["road_class"])
    return np.array([*(float(travel.drive_kmh.get(name, np.nan)) for name in names), np.nan])[code]


@dataclass(frozen=True)
class _Along:
    """The edges' polylines with metres and minutes from their starts, by vertex."""

    start: np.ndarray
    x: np.ndarray
    y: np.ndarray
    metres: np.ndarray
    out_min: np.ndarray
    back_min: np.ndarray
    drive_min: np.ndarray
    without_height: int


def _along(
    topology: Topology, bridge: np.ndarray, speed_kmh: np.ndarray, terrain: RasterLike | None, travel: TravelRules,
) -> _Along:
    start, x, y = topology.vertex_start, topology.vertex_x, topology.vertex_y
    values, frame = np.zeros((0, 0), dtype=np.float32), (0.0, 0.0, 1.0, 1.0)
    if terrain is not None:
        start, x, y = densified(start, x, y, SLOPE_STEP_M)
        values, transform = np.ascontiguousarray(terrain.values, dtype=np.float32), terrain.transform
        frame = (float(transform.c), float(transform.f), float(transform.a), float(-transform.e))
    percent, share = np.ascontiguousarray(np.array(travel.drive_grade_factor, dtype=float).T)
    metres, out_min, back_min, drive_min = (np.empty(len(x)) for _ in range(4))
    unknown = np.zeros(len(start) - 1, dtype=np.int32)
    arrays = (start, x, y, bridge, values, *frame, 1000.0 * travel.walk_kmh, speed_kmh, percent, share,
              metres, out_min, back_min, drive_min, unknown)
    spread(lambda first, last: times_along(first, last, *arrays), len(start) - 1)
    return _Along(start, x, y, metres, out_min, back_min, drive_min, int(unknown.sum()))


def _mode(
    name: str, topology: Topology, forward: np.ndarray, backward: np.ndarray, out_min: np.ndarray, back_min: np.ndarray,
    entry: np.ndarray, length_m: np.ndarray, segments: SegmentIndex,
) -> Mode:
    u, v, nodes = topology.edge_u, topology.edge_v, len(topology.node_x)
    used = forward | backward
    labels, length = _components(u[used], v[used], nodes, length_m[used])
    return Mode(
        name=name, out=Graph(*arcs_by_node(u, v, forward, backward, out_min, back_min, nodes, GRAIN_MIN)),
        back=Graph(*arcs_by_node(v, u, forward, backward, out_min, back_min, nodes, GRAIN_MIN)),
        forward=forward, backward=backward, entry=entry & used, component=labels, component_length_m=length, segments=segments,
    )


def _components(u: np.ndarray, v: np.ndarray, nodes: int, length_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which nodes hang together, numbered by their first nodes, -1 for those on no edge; and the length of each part."""
    part = parts_of(nodes, u, v)
    reached = np.zeros(nodes, dtype=bool)
    reached[u] = reached[v] = True
    there = np.zeros(nodes, dtype=bool)
    there[part[reached]] = True
    labels = np.where(reached, (np.cumsum(there) - 1)[part], -1).astype(np.int32)
    return labels, np.bincount(labels[u], weights=length_m)
