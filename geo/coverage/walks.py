"""Walks from where people live to every venue they can reach, a sparse table in minutes. A pair not there is unreachable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from geo.access import check_mode
from geo.kernels import LIMIT_SLACK_MIN, around, edges_at, ends_min, straight_along
from geo.network import Graph, RoadNetwork
from geo.shapes import spread, starts
from geo.snapping import Snaps


@dataclass(frozen=True)
class Walks:
    """Walks in minutes from homes to places, one row a home, only pairs within the limit they were sought to.

    Row `i` holds ``place[start[i]:start[i + 1]]`` and ``minutes[...]``, quickest first, ties by place.
    """

    start: np.ndarray
    place: np.ndarray
    minutes: np.ndarray
    places: int
    """Number of places, reached or not."""

    @property
    def homes(self) -> int:
        """Number of homes."""
        return len(self.start) - 1

    @cached_property
    def home(self) -> np.ndarray:
        """Home of each pair."""
        return np.repeat(np.arange(self.homes), np.diff(self.start))

    def nearest(self, keep: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Minutes from each home to its nearest place (inf: none) and that place (-1: none); over the pairs `keep` if given."""
        home, place, minutes = self.home, self.place, self.minutes
        if keep is not None:
            home, place, minutes = home[keep], place[keep], minutes[keep]
        first = np.flatnonzero(np.append(True, home[1:] != home[:-1])[: len(home)])
        walk, which = np.full(self.homes, np.inf), np.full(self.homes, -1, dtype=np.int64)
        walk[home[first]], which[home[first]] = minutes[first], place[first]
        return walk, which


def walk_pairs(network: RoadNetwork, homes: Snaps, places: Snaps, *, limit_min: float) -> Walks:
    """Walks in minutes from every home to every place within `limit_min`: one bounded search a place, whatever the homes.

    The same walk as `geo.access.times_between` gives (off-road leg, shortest way towards the place, off-road leg), but only what is
    within reach is kept: made for thousands of homes and places.

    Parameters
    ----------
    network : RoadNetwork
    homes, places : Snaps
        Snapped for walking. One that is not connected has no walks.
    limit_min : float
        Longest walk kept, finite.

    Returns
    -------
    Walks

    Raises
    ------
    SnapError
        When either was snapped for driving.
    """
    check_mode("walk", homes, places)
    here, there = _by_edge(homes), _by_edge(places)
    home_side = (homes.along_m, homes.from_u_min, homes.to_u_min, homes.to_v_min, homes.leg_to_road_min)
    place_side = (places.along_m, places.to_u_min, places.from_u_min, places.from_v_min, places.leg_from_road_min)
    # the fewer the searches the better: from the places against the walkers, or from the homes with them
    if len(there) <= len(here):
        place, home, minutes = _found(network, network.walk.back, places, there, place_side, homes, here, home_side, limit_min)
    else:
        home, place, minutes = _found(network, network.walk.out, homes, here, home_side, places, there, place_side, limit_min)
    sorting = np.lexsort((place, minutes, home))
    return Walks(starts(np.bincount(home, minlength=len(homes))), place[sorting], minutes[sorting], len(places))


def _by_edge(snaps: Snaps) -> np.ndarray:
    """Positions of those connected, by edge and along it."""
    rows = np.flatnonzero(snaps.connected)
    return rows[np.lexsort((snaps.along_m[rows], snaps.edge[rows]))]


def _found(
    network: RoadNetwork, graph: Graph, sources: Snaps, source: np.ndarray, source_side: tuple[np.ndarray, ...], targets: Snaps,
    target: np.ndarray, target_side: tuple[np.ndarray, ...], limit_min: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source, target and minutes of all pairs within the limit, by one search along a graph's arcs from each source.

    A side holds where its places stand on their edges, the minutes from u to them (of sources: on from them to u) the wrong way and
    the right way, those of v, and the leg off the road.
    """
    edge = targets.edge[target].astype(np.int64)
    peopled = np.unique(edge)
    node = np.concatenate([network.edge_u[peopled], network.edge_v[peopled]]).astype(np.int64)
    arrays = (
        graph.indptr, graph.indices, graph.minutes, network.edge_u, network.edge_v,
        starts(np.bincount(node, minlength=network.nodes)), np.tile(peopled, 2)[np.argsort(node, kind="stable")],
        starts(np.bincount(edge, minlength=network.edges)), *(values[target] for values in target_side),
        sources.edge[source], *(values[source] for values in source_side), float(limit_min),
    )
    parts: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    spread(lambda first, last: parts.update({first: _pairs(first, last, *arrays)}), len(source), smallest=8)
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    found, reached, minutes = (np.concatenate([parts[first][k] for first in sorted(parts)]) for k in range(3))
    return source[found], target[reached], minutes


@njit(nogil=True, cache=True)
def _pairs(
    first, last, indptr, indices, arc_minutes, edge_u, edge_v, peopled_start, peopled_edge,
    target_start, target_along, target_other, target_u, target_v, target_leg,
    edge, along, other, away_u, away_v, leg, limit,
):
    """Targets within the limit of the sources `first` to `last`: source, target and minutes of each pair."""
    nodes = indptr.size - 1
    bound = limit + LIMIT_SLACK_MIN
    time = np.empty(nodes)
    seen, handled = np.full(nodes, -1, np.int64), np.full(edge_u.size, -1, np.int64)
    edges = np.empty(edge_u.size + 1, np.int64)
    met, where, after, before = np.empty(nodes, np.int64), np.full(nodes, -1, np.int32), np.empty(nodes, np.int32), np.empty(
        nodes, np.int32)
    per_min = _buckets_a_minute(arc_minutes, bound)
    head = np.full(int(bound * per_min) + 2, -1, np.int32)
    out_source, out_target, out_minutes, found = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024), 0
    for i in range(first, last):
        e = edge[i]
        reached = around(i, edge_u[e], leg[i] + away_u[i], edge_v[e], leg[i] + away_v[i], bound, per_min, indptr, indices,
                         arc_minutes, time, seen, met, head, where, after, before)
        # first the source's own edge: to targets on it there is a straight way along it
        edges[0], handled[e] = e, i
        for p in range(1 + edges_at(i, met[:reached], peopled_start, peopled_edge, handled, edges[1:])):
            at = edges[p]
            time_u, time_v = ends_min(i, at, edge_u, edge_v, time, seen)
            for k in range(target_start[at], target_start[at + 1]):
                way = min(target_u[k] + time_u, target_v[k] + time_v)
                if p == 0:
                    way = min(way, leg[i] + straight_along(
                        along[i], other[i], away_u[i], target_along[k], target_u[k], target_other[k]))
                if target_leg[k] + way > bound:
                    continue
                if found == out_source.size:
                    out_source, out_target, out_minutes = _longer(out_source), _longer(out_target), _longer(out_minutes)
                out_source[found], out_target[found], out_minutes[found] = i, k, target_leg[k] + way
                found += 1
    return out_source[:found], out_target[:found], out_minutes[:found]


@njit(nogil=True, cache=True)
def _buckets_a_minute(minutes, bound):
    """As many as make a bucket as wide as the mean arc, and no more than ten thousand in all."""
    total = 0.0
    for arc in range(minutes.size):
        total += minutes[arc]
    return min(minutes.size / total if total > 0.0 else 1.0, 10_000.0 / max(bound, 1.0))


@njit(nogil=True, cache=True)
def _longer(array):
    out = np.empty(2 * array.size, array.dtype)
    out[: array.size] = array
    return out
