"""The road network: nodes and edges with walking and driving times, ready for searches. Times in minutes, lengths in metres."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numba import njit
from pyproj import CRS
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geo.contraction import Contraction, contracted
from geo.inputs import GeoError, RasterLike, require_metric
from geo.nearest import SegmentIndex, index_segments
from geo.offroad import Ground, ground_of
from geo.scenario import TravelRules
from geo.shapes import ranges, starts
from geo.speeds import NO_WALKING, class_speeds_kmh, drive_grade_share, walk_min_per_m
from geo.terrain import sample_bilinear
from geo.topology import Topology, node_lines

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
        roads=len(roads), closed=int(closed.sum()), unusable=len(roads) - len(np.unique(row)),
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
    start, x, y = (topology.vertex_start, topology.vertex_x, topology.vertex_y) if terrain is None else _densified(topology)
    edge = np.repeat(np.arange(len(start) - 1), np.diff(start))
    inner = edge[1:] == edge[:-1]
    step_m = np.hypot(np.diff(x), np.diff(y))
    grade, unknown = _grades(x, y, step_m, inner, start, bridge[edge_road], terrain)
    edge_class = roads["road_class"].to_numpy(dtype=object)[edge_road]
    speed = class_speeds_kmh(edge_class, travel.drive_kmh)
    drive_step = step_m * 60 / (1000 * speed[edge[1:]] * drive_grade_share(grade, travel.drive_grade_factor))

    def summed(step: np.ndarray) -> np.ndarray:
        return _cumulated(np.where(inner, step, 0.0), start)

    vertex_m = summed(step_m)
    out_min = summed(step_m * walk_min_per_m(grade, walk_kmh=travel.walk_kmh))
    back_min = summed(step_m * walk_min_per_m(-grade, walk_kmh=travel.walk_kmh))
    drivable = np.isfinite(speed)
    drive_min = np.where(drivable[edge], summed(np.nan_to_num(drive_step)), np.nan)
    last = start[1:] - 1
    class_code, class_names = pd.factorize(edge_class)
    walkable = ~np.append(np.isin(np.asarray(class_names, dtype=object), NO_WALKING), False)[class_code]
    entry = ~bridge[edge_road] & walkable
    oneway = roads["oneway"].to_numpy(dtype=object)[edge_road]
    ends = (topology.edge_u, topology.edge_v)
    ahead, astern = drivable & (oneway != "backward"), drivable & (oneway != "forward")
    by_foot, by_car = walkable, ahead | astern
    walk_index = index_segments(start, x, y, usable=entry & by_foot)
    same = np.array_equal(entry & by_foot, entry & by_car)      # as it is where no path is drawn
    drive_index = walk_index if same else index_segments(start, x, y, usable=entry & by_car)

    def mode(name: str, forward: np.ndarray, backward: np.ndarray, out: np.ndarray, back: np.ndarray) -> Mode:
        segments = walk_index if name == "walk" else drive_index
        return _mode(name, ends, len(topology.node_x), forward, backward, out, back, entry, vertex_m[last], segments)

    return RoadNetwork(
        crs=CRS.from_user_input(roads.crs), travel=travel, terrain=terrain, ground=ground,
        node_x=topology.node_x, node_y=topology.node_y, edge_u=topology.edge_u, edge_v=topology.edge_v,
        edge_road=edge_road.astype(np.int32), edge_class=edge_class,
        edge_length_m=vertex_m[last], vertex_start=start, vertex_x=x, vertex_y=y, vertex_m=vertex_m,
        walk_out_min=out_min, walk_back_min=back_min, drive_min=drive_min,
        walk=mode("walk", walkable, walkable, out_min[last], back_min[last]),
        drive=mode("drive", ahead, astern, drive_min[last], drive_min[last]),
        counts=NetworkCounts(
            roads=counted.roads, closed=counted.closed, unusable=counted.unusable, without_class=counted.without_class,
            ends_joined=topology.ends_joined, crossings_split=topology.crossings_split, without_height=unknown,
        ),
    )


def _densified(topology: Topology) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Polylines of the edges with vertices at most `SLOPE_STEP_M` apart: their offsets, x and y."""
    x, y = topology.vertex_x, topology.vertex_y
    pieces = np.ones(len(x), dtype=np.int64)
    pieces[:-1] = np.maximum(np.ceil(np.hypot(np.diff(x), np.diff(y)) / SLOPE_STEP_M), 1)
    pieces[topology.vertex_start[1:] - 1] = 1
    of = np.repeat(np.arange(len(x)), pieces)
    share = ranges(np.zeros(len(x), dtype=np.int64), pieces) / pieces[of]
    following = np.minimum(of + 1, len(x) - 1)
    sizes = np.add.reduceat(pieces, topology.vertex_start[:-1])
    return starts(sizes), x[of] + share * (x[following] - x[of]), y[of] + share * (y[following] - y[of])


@njit(nogil=True, cache=True)
def _cumulated(step, start):
    """Sum of the steps from the start of each edge to each of its vertices; by edge, so that none feels the others' rounding."""
    out = np.zeros(start[-1])
    for edge in range(start.size - 1):
        for k in range(start[edge] + 1, start[edge + 1]):
            out[k] = out[k - 1] + step[k - 1]
    return out


def _grades(
    x: np.ndarray, y: np.ndarray, step_m: np.ndarray, inner: np.ndarray, start: np.ndarray, bridge: np.ndarray,
    terrain: RasterLike | None,
) -> tuple[np.ndarray, int]:
    """Grade of each step between vertices (rise over run, 0 where a height is unknown) and the number of unknown ones."""
    if terrain is None:
        return np.zeros(len(step_m)), 0
    height = sample_bilinear(terrain, np.column_stack([x, y]))
    along = _cumulated(np.where(inner, step_m, 0.0), start)
    edge = np.repeat(np.arange(len(start) - 1), np.diff(start))
    first, last = start[:-1][edge], start[1:][edge] - 1
    length = np.where(along[last] > 0, along[last], 1.0)
    straight = height[first] + (height[last] - height[first]) * along / length
    height = np.where(bridge[edge], straight, height)
    with np.errstate(divide="ignore", invalid="ignore"):
        grade = np.diff(height) / step_m
    known = np.isfinite(grade)
    return np.where(known & inner, grade, 0.0), int((inner & ~known).sum())


def _mode(
    name: str, ends: tuple[np.ndarray, np.ndarray], nodes: int, forward: np.ndarray, backward: np.ndarray,
    out_min: np.ndarray, back_min: np.ndarray, entry: np.ndarray, length_m: np.ndarray,
    segments: SegmentIndex,
) -> Mode:
    u, v = ends
    tail = np.concatenate([u[forward], v[backward]])
    head = np.concatenate([v[forward], u[backward]])
    minutes = np.concatenate([out_min[forward], back_min[backward]])
    used = forward | backward
    joined = coo_matrix((np.ones(used.sum()), (u[used], v[used])), shape=(nodes, nodes))
    _, component = connected_components(joined, directed=False)
    reached = np.zeros(nodes, dtype=bool)
    reached[u[used]] = reached[v[used]] = True
    labels = np.full(nodes, -1, dtype=np.int32)
    labels[reached] = np.unique(component[reached], return_inverse=True)[1]
    return Mode(
        name=name, out=_csr(tail, head, minutes, nodes), back=_csr(head, tail, minutes, nodes),
        forward=forward, backward=backward, entry=entry & used, component=labels,
        component_length_m=np.bincount(labels[u[used]], weights=length_m[used]),
        segments=segments,
    )


def _csr(tail: np.ndarray, head: np.ndarray, minutes: np.ndarray, nodes: int) -> Graph:
    minutes = np.round(minutes / GRAIN_MIN) * GRAIN_MIN
    indptr = starts(np.bincount(tail, minlength=nodes))
    indices, sorted_minutes = np.empty(len(head), dtype=np.int32), np.empty(len(head))
    _arcs(tail, head, minutes, indptr[:-1].copy(), indptr, indices, sorted_minutes)
    return Graph(indptr, indices, sorted_minutes)


@njit(nogil=True, cache=True)
def _arcs(tail, head, minutes, free, indptr, indices, out):
    """Write the arcs of each node, by the node they lead to and their minutes; `free` is the next free place of each node."""
    for arc in range(tail.size):
        first, at = indptr[tail[arc]], free[tail[arc]]
        free[tail[arc]] += 1
        while at > first and (indices[at - 1] > head[arc] or (indices[at - 1] == head[arc] and out[at - 1] > minutes[arc])):
            indices[at], out[at] = indices[at - 1], out[at - 1]
            at -= 1
        indices[at], out[at] = head[arc], minutes[arc]
