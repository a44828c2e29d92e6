"""Walks from where people live to every venue they can reach, a sparse table in minutes. A pair not there is unreachable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from geo.access import check_mode
from geo.kernels import LIMIT_SLACK_MIN, outward, straight_along
from geo.network import RoadNetwork
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
    here = np.flatnonzero(homes.connected)
    home = here[np.lexsort((homes.along_m[here], homes.edge[here]))]
    edge = homes.edge[home].astype(np.int64)
    peopled = np.unique(edge)
    node = np.concatenate([network.edge_u[peopled], network.edge_v[peopled]]).astype(np.int64)
    order = np.lexsort((places.along_m, places.edge))
    back = network.walk.back
    arrays = (
        back.indptr, back.indices, back.minutes, network.edge_u, network.edge_v,
        starts(np.bincount(node, minlength=network.nodes)), np.tile(peopled, 2)[np.argsort(node, kind="stable")],
        starts(np.bincount(edge, minlength=network.edges)), homes.along_m[home], homes.from_u_min[home], homes.to_u_min[home],
        homes.to_v_min[home], homes.leg_to_road_min[home],
        places.edge[order], places.along_m[order], places.from_u_min[order], places.from_v_min[order], places.to_u_min[order],
        places.leg_from_road_min[order], float(limit_min),
    )
    nothing = (np.zeros(0, np.int64), np.zeros(0))
    count = np.zeros(len(places), np.int64)
    # counted first, then written: the room for the pairs is known and threads write apart from each other
    spread(lambda first, last: _pairs(first, last, *arrays, count, np.zeros(0, np.int64), *nothing), len(places), smallest=8)
    offset = starts(count)
    found, minutes = np.empty(offset[-1], np.int64), np.empty(offset[-1])
    spread(lambda first, last: _pairs(first, last, *arrays, count, offset, found, minutes), len(places), smallest=8)
    place, row = np.repeat(order, count), home[found]
    sorting = np.lexsort((place, minutes, row))
    return Walks(starts(np.bincount(row, minlength=len(homes))), place[sorting], minutes[sorting], len(places))


@njit(nogil=True, cache=True)
def _pairs(
    first, last, indptr, indices, arc_minutes, edge_u, edge_v, peopled_start, peopled_edge,
    home_start, home_along, home_from_u, home_to_u, home_to_v, home_leg,
    edge, along, from_u, from_v, to_u, leg, limit, out_count, offset, out_home, out_minutes,
):
    """Homes within the limit of each place: how many, or with `offset` written from there on; as `geo.kernels.people_around`."""
    nodes = indptr.size - 1
    bound = limit + LIMIT_SLACK_MIN
    time = np.empty(nodes)
    seen, final = np.full(nodes, -1, np.int64), np.full(nodes, -1, np.int64)
    handled = np.full(edge_u.size, -1, np.int64)
    order = np.empty(nodes, np.int64)
    keys, items = np.empty(indices.size + 4), np.empty(indices.size + 4, np.int64)
    for i in range(first, last):
        e = edge[i]
        found = 0
        if e < 0 or not np.isfinite(leg[i]):
            continue
        settled = outward(i, edge_u[e], leg[i] + from_u[i], edge_v[e], leg[i] + from_v[i], bound, indptr, indices, arc_minutes,
                          time, seen, final, order, keys, items)
        # position -1 is the place's own edge: homes on it may walk straight along it
        for position in range(-1, settled):
            low = 0 if position < 0 else peopled_start[order[position]]
            high = 1 if position < 0 else peopled_start[order[position] + 1]
            for p in range(low, high):
                at = e if position < 0 else peopled_edge[p]
                if handled[at] == i:
                    continue
                handled[at] = i
                u, v = edge_u[at], edge_v[at]
                time_u = time[u] if seen[u] == i else np.inf
                time_v = time[v] if seen[v] == i else np.inf
                for k in range(home_start[at], home_start[at + 1]):
                    way = min(home_to_u[k] + time_u, home_to_v[k] + time_v)
                    if position < 0:
                        along_it = straight_along(home_along[k], home_from_u[k], home_to_u[k], along[i], from_u[i], to_u[i])
                        way = min(way, leg[i] + along_it)
                    if home_leg[k] + way <= bound:
                        if offset.size:
                            out_home[offset[i] + found], out_minutes[offset[i] + found] = k, home_leg[k] + way
                        found += 1
        if not offset.size:
            out_count[i] = found
