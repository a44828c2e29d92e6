"""Suspected gaps in the drawn roads: dead ends that nearly meet a road, pieces cut off from the rest, homes without a road. Metres.

What lies within ``travel.snap_tolerance_m`` was joined when the network was built; a gap is longer than that. It is a suspicion for
a person to look at: on the ground there may be a wall, a ditch, or the road that the map has left out. Nothing is filled in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.nearest import nearest_segments
from geo.network import RoadNetwork
from geo.road_kernels import ways_round
from geo.scenario import GapRules
from geo.shapes import flatten, starts
from geo.speeds import NO_WALKING

GAP_KINDS = ("dead_ends", "dead_end_road", "piece", "settlement")
"""Two dead ends; a dead end and another road; a piece of the network and the rest of it; a settlement and the nearest road."""

NEARLY = 1.5
"""A dead end is taken instead of the nearest point of its road where it is no further away than so many times that."""

WAYS_ROUND = (4, 16)
"""The way round is sought as far as `detour_m`, then as far as so many times that; a longer one is told as none."""


@dataclass(frozen=True)
class Ends:
    """Places on the network: `edge`, metres from its start `along_m`, `x`, `y`. A place off the road has edge -1."""

    edge: np.ndarray
    along_m: np.ndarray
    x: np.ndarray
    y: np.ndarray

    def take(self, rows: np.ndarray) -> Ends:
        """The places of some rows."""
        return Ends(self.edge[rows], self.along_m[rows], self.x[rows], self.y[rows])

    def joined(self, other: Ends) -> Ends:
        """These places, then those."""
        pairs = zip((self.edge, self.along_m, self.x, self.y), (other.edge, other.along_m, other.x, other.y), strict=True)
        return Ends(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True)
class Gaps:
    """Suspected gaps, one entry each; lengths in m.

    `detour_m` is the way round on the roads; inf where there is none, or a longer one than was sought.
    """

    kind: np.ndarray
    first: Ends
    second: Ends
    length_m: np.ndarray
    detour_m: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: np.ndarray) -> Gaps:
        """The gaps of some rows, in that order."""
        return Gaps(self.kind[rows], self.first.take(rows), self.second.take(rows), self.length_m[rows], self.detour_m[rows])

    def joined(self, other: Gaps) -> Gaps:
        """These gaps, then those."""
        return Gaps(
            np.concatenate([self.kind, other.kind]), self.first.joined(other.first), self.second.joined(other.second),
            np.concatenate([self.length_m, other.length_m]), np.concatenate([self.detour_m, other.detour_m]),
        )


def dead_end_gaps(
    network: RoadNetwork, rules: GapRules, *, water: Sequence | np.ndarray = (), closed: Sequence | np.ndarray = (),
) -> Gaps:
    """Dead ends with another road at most ``rules.longest_m`` away, the way round to which is longer than ``rules.detour_m``.

    Of each dead end the nearest place on its own part of the network and the nearest one on another part are told. Expressways are
    left out, and bridges and tunnels are met at their ends only, as everywhere.

    Parameters
    ----------
    network : RoadNetwork
    rules : GapRules
    water, closed : array of geometries
        A gap across water, and one that a closed road (`closed`) fills, are none.
    """
    degree = np.bincount(np.concatenate([network.edge_u, network.edge_v]), minlength=network.nodes)
    dead = degree == 1
    class_ok = ~np.isin(network.edge_class.astype(str), NO_WALKING)
    own = np.concatenate([np.flatnonzero(dead[network.edge_u] & class_ok), np.flatnonzero(dead[network.edge_v] & class_ok)])
    node = np.concatenate([network.edge_u[dead[network.edge_u] & class_ok], network.edge_v[dead[network.edge_v] & class_ok]])
    order = np.argsort(node, kind="stable")
    node, own = node[order].astype(np.int64), own[order]
    lines, edges = _lines(network)
    points = shapely.points(network.node_x[node], network.node_y[node])
    at, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=rules.longest_m)
    kept = edges[line] != own[at]
    at, line = at[kept], line[kept]
    along, length = _nearest_on(network, dead, points[at], lines[line], edges[line])
    kept = (length > max(network.travel.snap_tolerance_m, 0.01)) & (length <= rules.longest_m)
    at, edge, along, length = at[kept], edges[line][kept], along[kept], length[kept]
    way = _ways(network, node, at, edge, along, rules.detour_m)
    part = network.walk.component
    apart = part[network.edge_u[edge]] != part[node[at]]
    kept = np.flatnonzero(apart | (way > rules.detour_m))
    kept = kept[np.lexsort((edge[kept], length[kept], apart[kept], at[kept]))]
    same = (at[kept][1:] == at[kept][:-1]) & (apart[kept][1:] == apart[kept][:-1])
    kept = kept[np.concatenate([[True], ~same])] if len(kept) else kept
    gaps = _as_gaps(network, dead, node[at[kept]], own[at[kept]], edge[kept], along[kept], length[kept])
    gaps = gaps.take(_once(gaps))
    return with_detours(network, gaps.take(np.flatnonzero(~_filled(gaps, water, closed, network.travel.snap_tolerance_m))), rules)


def piece_gaps(
    network: RoadNetwork, rules: GapRules, wanted: np.ndarray, *, water: Sequence | np.ndarray = (),
) -> Gaps:
    """Parts of the network that end within ``rules.piece_reach_m`` of a longer part, at the place where they come nearest.

    Parameters
    ----------
    network : RoadNetwork
    rules : GapRules
    wanted : ndarray of int
        Numbers of the parts to look at (`Mode.component` on foot).
    water : array of geometries
        A gap across water is none.
    """
    lines, edges = _lines(network)
    part = network.walk.component[network.edge_u[edges]]
    rank = np.empty(len(network.walk.component_length_m), dtype=np.int64)
    rank[np.lexsort((np.arange(len(rank)), -network.walk.component_length_m))] = np.arange(len(rank))
    from_line = np.flatnonzero(np.isin(part, wanted))
    tree = shapely.STRtree(lines)
    at, other = tree.query(lines[from_line], predicate="dwithin", distance=rules.piece_reach_m)
    kept = (part[other] >= 0) & (rank[part[other]] < rank[part[from_line[at]]])
    first, second = from_line[at[kept]], other[kept]
    if not len(first):
        return _none()
    way = shapely.shortest_line(lines[first], lines[second])
    dry = ~_crosses(way, water)
    first, second, way = first[dry], second[dry], way[dry]
    order = np.lexsort((edges[second], edges[first], shapely.length(way), part[first]))
    best = order[np.concatenate([[True], part[first][order][1:] != part[first][order][:-1]])] if len(order) else order
    ends = shapely.get_coordinates(way[best]).reshape(-1, 2, 2)
    near, far = (
        Ends(edges[rows], shapely.line_locate_point(lines[rows], shapely.points(xy)), xy[:, 0], xy[:, 1])
        for rows, xy in ((first[best], ends[:, 0]), (second[best], ends[:, 1]))
    )
    length = np.hypot(*(ends[:, 0] - ends[:, 1]).T)
    return Gaps(np.full(len(best), "piece", dtype=object), near, far, length, np.full(len(best), np.inf))


def settlement_gaps(network: RoadNetwork, rules: GapRules, places: np.ndarray) -> tuple[Gaps, np.ndarray]:
    """Places further than ``rules.settlement_m`` from every road, with the nearest road; and the positions of those places.

    Parameters
    ----------
    network : RoadNetwork
    rules : GapRules
    places : ndarray of geometries
        Settlements, in the network's CRS.
    """
    near = nearest_segments(flatten(places), network.walk.segments)
    far = np.flatnonzero((near.segment >= 0) & (near.distance_m > rules.settlement_m))
    segment = near.segment[far]
    edge, vertex = network.walk.segments.edge[segment], network.walk.segments.vertex[segment]
    along = network.vertex_m[vertex] + near.share[far] * (network.vertex_m[vertex + 1] - network.vertex_m[vertex])
    nowhere = np.full(len(far), -1)
    return Gaps(
        np.full(len(far), "settlement", dtype=object),
        Ends(nowhere, np.full(len(far), np.nan), near.shape_x[far], near.shape_y[far]),
        Ends(edge, along, near.road_x[far], near.road_y[far]), near.distance_m[far], np.full(len(far), np.inf),
    ), far


def with_detours(network: RoadNetwork, gaps: Gaps, rules: GapRules) -> Gaps:
    """The gaps with the way round from one end to the other, as far as `WAYS_ROUND` says; first ends are nodes."""
    first = gaps.first
    at_u = first.along_m <= network.edge_length_m[first.edge] / 2
    node = np.where(at_u, network.edge_u[first.edge], network.edge_v[first.edge]).astype(np.int64)
    detour = np.full(len(gaps), np.inf)
    for times in WAYS_ROUND:
        rows = np.flatnonzero(np.isinf(detour))
        detour[rows] = _ways(network, node[rows], np.arange(len(rows)), gaps.second.edge[rows], gaps.second.along_m[rows],
                             times * rules.detour_m)
    return Gaps(gaps.kind, gaps.first, gaps.second, gaps.length_m, detour)


def _none() -> Gaps:
    empty = np.zeros(0)
    ends = Ends(np.zeros(0, dtype=np.int64), empty, empty, empty)
    return Gaps(np.zeros(0, dtype=object), ends, ends, empty, empty)


def _lines(network: RoadNetwork) -> tuple[np.ndarray, np.ndarray]:
    """The edges that can be joined between their nodes, as lines, and their numbers."""
    edges = np.flatnonzero(network.walk.entry | network.drive.entry)
    owner = np.repeat(np.arange(network.edges), np.diff(network.vertex_start))
    of = np.zeros(network.edges, dtype=bool)
    of[edges] = True
    kept = of[owner]
    number = np.cumsum(of) - 1
    xy = np.column_stack([network.vertex_x, network.vertex_y])[kept]
    return shapely.linestrings(xy, indices=number[owner[kept]]), edges


def _nearest_on(
    network: RoadNetwork, dead: np.ndarray, points: np.ndarray, lines: np.ndarray, edges: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Where on each line its point is nearest, in m from its start, and how far that is; a dead end nearly as near is taken."""
    along, apart = shapely.line_locate_point(lines, points), shapely.distance(points, lines)
    xy = shapely.get_coordinates(points)
    for node, place in ((network.edge_u[edges], np.zeros(len(edges))), (network.edge_v[edges], network.edge_length_m[edges])):
        gap = np.hypot(network.node_x[node] - xy[:, 0], network.node_y[node] - xy[:, 1])
        taken = dead[node] & (gap <= NEARLY * apart)
        along, apart = np.where(taken, place, along), np.where(taken, gap, apart)
    return along, apart


def _ways(
    network: RoadNetwork, node: np.ndarray, at: np.ndarray, edge: np.ndarray, along: np.ndarray, bound_m: float,
) -> np.ndarray:
    """Metres on the roads from node ``node[at]`` to each place; inf beyond the bound."""
    tail = np.concatenate([network.edge_u, network.edge_v])
    order = np.argsort(tail, kind="stable")
    head = np.concatenate([network.edge_v, network.edge_u])[order].astype(np.int32)
    metres = np.tile(network.edge_length_m, 2)[order]
    by_source = np.argsort(at, kind="stable")
    out = np.full(len(at), np.inf)
    ways_round(
        node, starts(np.bincount(at, minlength=len(node))), edge[by_source].astype(np.int64), along[by_source].astype(np.float64),
        network.edge_u, network.edge_v, network.edge_length_m, starts(np.bincount(tail, minlength=network.nodes)), head, metres,
        float(bound_m), out,
    )
    back = np.empty(len(at))
    back[by_source] = out
    return back


def _as_gaps(
    network: RoadNetwork, dead: np.ndarray, node: np.ndarray, own: np.ndarray, edge: np.ndarray, along: np.ndarray,
    length_m: np.ndarray,
) -> Gaps:
    x, y = (_at(network, values, edge, along) for values in (network.vertex_x, network.vertex_y))
    at_dead = (dead[network.edge_u[edge]] & (along == 0)) | (dead[network.edge_v[edge]] & (along == network.edge_length_m[edge]))
    at_node = np.where(network.edge_u[own] == node, 0.0, network.edge_length_m[own])
    first = Ends(own, at_node, network.node_x[node], network.node_y[node])
    kind = np.where(at_dead, "dead_ends", "dead_end_road").astype(object)
    return Gaps(kind, first, Ends(edge, along, x, y), length_m, np.full(len(edge), np.inf))


def _at(network: RoadNetwork, values: np.ndarray, edge: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Values known at the vertices, at places along edges."""
    out = np.empty(len(edge))
    for row, (e, metres) in enumerate(zip(edge, along, strict=True)):
        part = slice(network.vertex_start[e], network.vertex_start[e + 1])
        out[row] = np.interp(metres, network.vertex_m[part], values[part])
    return out


def along_edges(network: RoadNetwork, values: np.ndarray, ends: Ends) -> np.ndarray:
    """Values known at the vertices of the network (times, heights), at the ends of gaps."""
    return _at(network, values, ends.edge, ends.along_m)


def _once(gaps: Gaps) -> np.ndarray:
    """Rows of the gaps without those between two dead ends that were found from both."""
    xy = np.column_stack([gaps.first.x, gaps.first.y, gaps.second.x, gaps.second.y]).round(2)
    turned = (xy[:, 0] > xy[:, 2]) | ((xy[:, 0] == xy[:, 2]) & (xy[:, 1] > xy[:, 3]))
    xy[turned] = xy[turned][:, [2, 3, 0, 1]]
    return np.flatnonzero(~pd.DataFrame(xy).duplicated().to_numpy())


def _filled(gaps: Gaps, water: Sequence | np.ndarray, closed: Sequence | np.ndarray, tolerance_m: float) -> np.ndarray:
    """Whether a gap lies across water, or has a closed road in it."""
    ends = [shapely.points(side.x, side.y) for side in (gaps.first, gaps.second)]
    out = _crosses(shapely.linestrings(np.stack([shapely.get_coordinates(side) for side in ends], axis=1)), water)
    if len(closed):
        tree = shapely.STRtree(np.asarray(closed, dtype=object))
        met = [set(zip(*tree.query(side, predicate="dwithin", distance=tolerance_m + 0.5).tolist(), strict=True)) for side in ends]
        out[[gap for gap, _ in met[0] & met[1]]] = True
    return out


def _crosses(lines: np.ndarray, areas: Sequence | np.ndarray) -> np.ndarray:
    out = np.zeros(len(lines), dtype=bool)
    if len(areas) and len(lines):
        out[np.unique(shapely.STRtree(np.asarray(areas, dtype=object)).query(lines, predicate="intersects")[0])] = True
    return out
