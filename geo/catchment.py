"""People within a walk of each place: how many, how many of its own village, and how far these walk. Times in minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.access import check_mode
from geo.inputs import GeoError
from geo.network import RoadNetwork
from geo.people_kernels import least_at_ends, people_around
from geo.shapes import spread, starts
from geo.snapping import Snaps
from geo.village_walks import village_walks

TABLE_ROOM = 4_000_000
"""Most times between homes and places of a village kept at once: 32 MB a thread."""


class PeopleError(GeoError, ValueError):
    """Residents cannot be counted as given."""


@dataclass(frozen=True)
class PeopleWithin:
    """What each place draws on; one row a place, one column a limit.

    `people_all` and `people_own` (those of the place's own village) can walk to it within each of `limits_min`; 0 for a place that
    is not connected to the network. The last three are about the own village and NaN where the place has no village or the village
    no residents: the person-weighted mean and the longest walk of those who reach the place within the mean limit (inf where
    nobody does), and the share of the village who do. A mean says nothing about those left out: read it with the share.
    """

    limits_min: tuple[float, ...]
    people_all: np.ndarray
    people_own: np.ndarray
    own_mean_min: np.ndarray
    own_worst_min: np.ndarray
    own_share_reached: np.ndarray


def people_within(
    network: RoadNetwork, places: Snaps, residents: Snaps, people: np.ndarray, *, resident_village: np.ndarray,
    place_village: np.ndarray, limits_min: Sequence[float] = (15.0,), mean_limit_min: float | None = None,
) -> PeopleWithin:
    """People who can walk to each place within time limits, counted from where they live; up is slower than down.

    A resident's walk: off-road leg to the road, the shortest way on the network towards the place, off-road leg to the place. Both
    stand at their true points on their edges.

    Parameters
    ----------
    network : RoadNetwork
    places, residents : Snaps
        Snapped for walking.
    people : ndarray, shape (residents,)
        People at each resident point, known and not negative; a point with 0 people counts for nothing, the longest walk included.
    resident_village, place_village : ndarray
        Village of each: codes (missing: none) or positions (negative: none), the same kind in both.
    limits_min : sequence of float
        Limits in minutes, each at least 0.
    mean_limit_min : float, optional
        Walks longer than this do not enter the mean; ``travel.walk_limit_min`` unless given.

    Returns
    -------
    PeopleWithin

    Raises
    ------
    SnapError
        When either was snapped for driving.
    PeopleError
        For missing or negative people, limits that are none or negative, or lengths that differ.
    """
    check_mode("walk", places, residents)
    people = np.asarray(people, dtype=float)
    limits = np.asarray(limits_min, dtype=float)
    _check(people, residents, resident_village, places, place_village, limits)
    mean_limit = float(network.travel.walk_limit_min if mean_limit_min is None else mean_limit_min)
    codes = _codes(np.asarray(resident_village), np.asarray(place_village))
    home_village, village = codes[: len(residents)], codes[len(residents):]
    # a home of no village must not match a place of none
    village = np.where(village < 0, -2, village)
    villages = int(codes.max(initial=-1)) + 1
    here = np.flatnonzero(residents.connected & (people > 0))
    all_, own = _within(network, places, village, residents, here, people, home_village, limits)
    minutes, reached, worst = _own(network, places, village, residents, here, people, home_village, villages, mean_limit)
    belongs = home_village >= 0
    total = np.bincount(home_village[belongs], weights=people[belongs], minlength=villages + 1)
    of_village = np.where(village >= 0, total[np.maximum(village, -1)], 0.0)
    some = reached > 0
    nobody = np.where(of_village > 0, np.inf, np.nan)
    return PeopleWithin(
        limits_min=tuple(float(limit) for limit in limits), people_all=all_, people_own=own,
        own_mean_min=np.where(some, minutes / np.where(some, reached, 1.0), nobody),
        own_worst_min=np.where(some, worst, nobody),
        own_share_reached=np.where(of_village > 0, np.minimum(reached / np.where(of_village > 0, of_village, 1.0), 1.0), np.nan),
    )


def _codes(*villages: np.ndarray) -> np.ndarray:
    """A number from 0 on for each village, of all arrays one after the other; -1 for none."""
    if not all(np.issubdtype(village.dtype, np.integer) for village in villages):
        return pd.factorize(np.concatenate([village.astype(object) for village in villages]))[0]
    positions = np.concatenate(villages)
    codes = np.full(len(positions), -1, dtype=np.int64)
    codes[positions >= 0] = pd.factorize(positions[positions >= 0])[0]
    return codes


def _check(
    people: np.ndarray, residents: Snaps, resident_village: np.ndarray, places: Snaps, place_village: np.ndarray,
    limits: np.ndarray,
) -> None:
    if not len(people) == len(residents) == len(resident_village):
        raise PeopleError(f"{len(residents)} resident points, {len(people)} numbers of people, {len(resident_village)} villages")
    if len(places) != len(place_village):
        raise PeopleError(f"{len(places)} places, {len(place_village)} villages")
    bad = int((~(np.isfinite(people) & (people >= 0))).sum())
    if bad:
        raise PeopleError(f"people are missing or negative at {bad} resident points; leave these out or fill them first")
    if not len(limits) or not (np.isfinite(limits) & (limits >= 0)).all():
        raise PeopleError(f"limits must be one or more times of at least 0 minutes, not {limits.tolist()}")


def _within(
    network: RoadNetwork, places: Snaps, village: np.ndarray, residents: Snaps, here: np.ndarray, people: np.ndarray,
    home_village: np.ndarray, limits: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """People in all and of the own village within each limit, both of shape (places, limits)."""
    home = here[np.lexsort((residents.along_m[here], residents.edge[here]))]
    edge = residents.edge[home].astype(np.int64)
    peopled = np.unique(edge)
    node = np.concatenate([network.edge_u[peopled], network.edge_v[peopled]]).astype(np.int64)
    homes = (
        starts(np.bincount(node, minlength=network.nodes)), np.tile(peopled, 2)[np.argsort(node, kind="stable")],
        starts(np.bincount(edge, minlength=network.edges)), residents.along_m[home], residents.from_u_min[home],
        residents.to_u_min[home], residents.to_v_min[home], residents.leg_to_road_min[home], people[home], home_village[home],
    )
    # places on one edge one after the other, and near those on the next: they share their searches
    order = np.lexsort((places.along_m, places.edge))
    least = np.full(network.nodes, np.inf)
    ends = (network.edge_u, network.edge_v)
    least_at_ends(*ends, places.edge, places.from_u_min, places.from_v_min, places.leg_from_road_min, least)
    rising = np.argsort(limits, kind="stable")
    back, found = network.walk.back, np.zeros((2, len(places), len(limits)))
    graph = (back.indptr, back.indices, back.minutes, *ends)
    arrays = (*graph, *homes, *_place_arrays(places, order), village[order], limits[rising], least, found[0], found[1])
    spread(lambda start, stop: people_around(start, stop, *arrays), len(places))
    out = np.empty_like(found)
    out[:, order[:, None], rising[None, :]] = found
    return out[0], out[1]


def _own(
    network: RoadNetwork, places: Snaps, village: np.ndarray, residents: Snaps, here: np.ndarray, people: np.ndarray,
    home_village: np.ndarray, villages: int, limit: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Person-minutes, people and longest walk of the own village's residents to each place, walks over the limit left out."""
    home = here[home_village[here] >= 0]
    home = home[np.lexsort((residents.along_m[home], residents.edge[home], home_village[home]))]
    edge, of = residents.edge[home].astype(np.int64), home_village[home]
    ends = _ends(network, edge, of, villages)
    homes = (
        starts(np.bincount(of, minlength=villages)), edge, *ends[:2], residents.along_m[home], residents.from_u_min[home],
        residents.to_u_min[home], residents.to_v_min[home], residents.leg_to_road_min[home], people[home], *ends[2:],
    )
    order = np.flatnonzero(places.connected & (village >= 0))
    order = order[np.lexsort((places.along_m[order], places.edge[order], village[order]))]
    ends = _ends(network, places.edge[order].astype(np.int64), village[order], villages)
    found = np.zeros((3, len(order)))
    graph = network.walk.contraction
    where = (network.walk.component, network.node_x, network.node_y, _least_min_per_m(network))
    arrays = (
        graph.start, graph.to, graph.forth, graph.back, graph.rank, *where, *homes,
        starts(np.bincount(village[order], minlength=villages)), *ends[:2], *_place_arrays(places, order), *ends[2:], limit,
        TABLE_ROOM, found[0], found[1], found[2])
    spread(lambda start, stop: village_walks(start, stop, *arrays), villages, smallest=1)
    out = np.zeros((3, len(places)))
    out[:, order] = found
    return out[0], out[1], out[2]


def _least_min_per_m(network: RoadNetwork) -> float:
    """Least walking time of the network in minutes per metre as the crow flies between two nodes."""
    u, v = network.edge_u, network.edge_v
    straight_m = np.hypot(network.node_x[u] - network.node_x[v], network.node_y[u] - network.node_y[v])
    last = network.vertex_start[1:] - 1
    quickest = np.minimum(network.walk_out_min[last], network.walk_back_min[last])
    apart = straight_m > 0
    # a hair less, for times of arcs are rounded
    return float((quickest[apart] / straight_m[apart]).min(initial=np.inf)) * (1 - 1e-6) if apart.any() else 0.0


def _ends(network: RoadNetwork, edge: np.ndarray, village: np.ndarray, villages: int) -> tuple[np.ndarray, ...]:
    """Positions of each edge's ends u and v among the end nodes of its village, where the list of each village begins, and them."""
    pair_u, pair_v = village * network.nodes + network.edge_u[edge], village * network.nodes + network.edge_v[edge]
    ends = np.unique(np.concatenate([pair_u, pair_v]))
    first = starts(np.bincount(ends // network.nodes, minlength=villages))
    at_u, at_v = np.searchsorted(ends, pair_u), np.searchsorted(ends, pair_v)
    return at_u - first[village], at_v - first[village], first, ends % network.nodes


def _place_arrays(places: Snaps, order: np.ndarray) -> tuple[np.ndarray, ...]:
    return (places.edge[order], places.along_m[order], places.from_u_min[order], places.from_v_min[order], places.to_u_min[order],
            places.leg_from_road_min[order])
