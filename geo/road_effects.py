"""What joining a gap between roads would change: who gains a way to the township seat or a through road, and how many minutes.

A join adds two arcs to the network, there and back. A shortest way uses them at most once, so the new times to a fixed aim follow
from the old ones: the search starts at the two ends with ``join + time from the other end`` and goes on only while a time becomes
shorter. This is the same as building the network anew with the join in it, at a fraction of the cost.

The join is taken as level and straight, of the lesser class of the two roads it joins; on foot where no vehicle uses one of them.
People walk straight to their nearest road; who would have to go round water or steep ground first is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.access import take, time_to_class, time_to_nearest
from geo.inputs import CountyLike
from geo.kernels import nearest_source, straight_along
from geo.measures import seats_of, townships_of
from geo.measures.residents import Residents
from geo.measures.transport import has_through_road
from geo.network import RoadNetwork
from geo.road_gaps import Ends, Gaps, along_edges
from geo.road_kernels import made_shorter
from geo.scenario import Scenario
from geo.snapping import Snaps, snap
from geo.speeds import class_speeds_kmh, walk_min_per_m

EFFECT_COLUMNS = (
    "people", "people_seat", "people_through", "people_nearer", "saved_min", "village", "village_people", "village_saved_min",
)
"""See `geo.road_review.GAP_COLUMNS`; `village` is a position in the county's list, -1 none."""

_AIMS = ("seat", "through")


@dataclass(frozen=True)
class _Aim:
    """What people travel to: time of every node, which homes it is for, their times now, and the times of the gaps' ends."""

    name: str
    node_min: np.ndarray
    rows: np.ndarray
    homes: Snaps
    now_min: np.ndarray
    first_min: np.ndarray
    second_min: np.ndarray


@dataclass(frozen=True)
class _Ways:
    """All that effects in one mode need."""

    first: Snaps
    second: Snaps
    join_min: np.ndarray
    """Inf where the gap cannot be joined in this mode."""
    aims: tuple[_Aim, ...]


def effects(gaps: Gaps, network: RoadNetwork, county: CountyLike, scenario: Scenario, residents: Residents | None) -> pd.DataFrame:
    """What each gap would change if it were joined: people and minutes, on the way by vehicle where vehicles use both roads.

    Parameters
    ----------
    gaps : Gaps
        Between two places on the network.
    network : RoadNetwork
    county : CountyLike
        Township seats among its facilities; villages.
    scenario : Scenario
        Through classes, speeds, the least saving that counts.
    residents : Residents or None
        Where people live.

    Returns
    -------
    DataFrame
        `mode` (drive or walk) and `EFFECT_COLUMNS`, RangeIndex. `people_seat` and `people_through` had no way to the seat of their
        township (to any where it is not known) and to a through road, `people_nearer` have a shorter way to the seat (to a through
        road where there is no seat); `people` is everybody concerned. NaN where no residents or neither seats nor through roads
        are known.
    """
    modes = np.where(_drivable(network, gaps.first) & _drivable(network, gaps.second), "drive", "walk")
    rows: list[dict[str, float]] = [dict.fromkeys(EFFECT_COLUMNS, np.nan) for _ in range(len(gaps))]
    for mode in ("drive", "walk"):
        wanted = np.flatnonzero(modes == mode)
        if residents is None or not len(residents) or not len(wanted):
            continue
        ways = _ways_of(gaps.take(wanted), network, county, scenario, residents, mode)
        for at, row in enumerate(wanted):
            if ways.aims:
                rows[row] = _effect(at, ways, network, residents, mode, scenario.road_gaps.least_saving_min)
    frame = pd.DataFrame(rows, columns=list(EFFECT_COLUMNS)).astype("float64")
    frame["village"] = frame["village"].fillna(-1).astype("int64")
    return frame.assign(mode=modes)


def join_class(network: RoadNetwork, gaps: Gaps, drive_kmh: dict[str, float]) -> np.ndarray:
    """Class of a road that fills each gap: the slower of the two for vehicles, a path where either is not for vehicles."""
    classes = np.column_stack([network.edge_class[gaps.first.edge], network.edge_class[gaps.second.edge]]).reshape(-1, 2)
    speed = np.nan_to_num(class_speeds_kmh(classes.ravel(), drive_kmh).reshape(-1, 2))
    slower = np.where(speed[:, 0] <= speed[:, 1], classes[:, 0], classes[:, 1]) if len(classes) else np.zeros(0, dtype=object)
    return slower


def ends_as_snaps(network: RoadNetwork, ends: Ends, mode: str) -> Snaps:
    """Places on edges as if snapped there: minutes to and from both ends of the edge, inf where the mode may not go."""
    how = network.mode(mode)
    edge = ends.edge
    last = network.vertex_start[edge + 1] - 1
    out_values = network.walk_out_min if mode == "walk" else network.drive_min
    back_values = network.walk_back_min if mode == "walk" else network.drive_min
    out, back = along_edges(network, out_values, ends), along_edges(network, back_values, ends)
    at_u, at_v = ends.along_m <= 0, ends.along_m >= network.edge_length_m[edge]
    ahead, behind = how.forward[edge], how.backward[edge]

    def time(there: np.ndarray, minutes: np.ndarray) -> np.ndarray:
        return np.where(there, np.maximum(minutes, 0.0), np.inf)

    zero = np.zeros(len(edge))
    return Snaps(
        mode=mode, edge=edge.astype(np.int32), connected=how.used[edge], distance_m=zero, x=ends.x, y=ends.y, along_m=ends.along_m,
        to_u_min=time(behind | at_u, np.where(at_u, 0.0, back)),
        to_v_min=time(ahead | at_v, np.where(at_v, 0.0, out_values[last] - out)),
        from_u_min=time(ahead | at_u, np.where(at_u, 0.0, out)),
        from_v_min=time(behind | at_v, np.where(at_v, 0.0, back_values[last] - back)),
        leg_to_road_min=zero, leg_from_road_min=zero, component=how.component[network.edge_u[edge]].astype(np.int32),
    )


def _drivable(network: RoadNetwork, ends: Ends) -> np.ndarray:
    return network.drive.used[ends.edge]


def _ways_of(gaps: Gaps, network: RoadNetwork, county: CountyLike, scenario: Scenario, residents: Residents, mode: str) -> _Ways:
    travel = network.travel
    first, second = (ends_as_snaps(network, ends, mode) for ends in (gaps.first, gaps.second))
    if mode == "walk":
        join_min = gaps.length_m * walk_min_per_m(0.0, walk_kmh=travel.walk_kmh)
    else:
        kmh = class_speeds_kmh(join_class(network, gaps, dict(travel.drive_kmh)), travel.drive_kmh)
        join_min = gaps.length_m * 60.0 / (1000.0 * kmh)
    homes = snap(residents.xy, network, mode=mode, straight_only=True)
    both = (first, second)
    aims = [*_seat_aims(network, county, residents, homes, both), *_through_aims(network, scenario, homes, both)]
    return _Ways(first, second, join_min, tuple(aims))


def _seat_aims(
    network: RoadNetwork, county: CountyLike, residents: Residents, homes: Snaps, ends: tuple[Snaps, Snaps],
) -> list[_Aim]:
    """The seat of the homes' own township, one aim for each township; any seat where a home's own is not known."""
    seats = seats_of(county)
    if seats is None:
        return []
    targets = snap(np.asarray(seats.geometry.representative_point().array, dtype=object), network, mode=homes.mode)
    own = np.full(len(residents), None, dtype=object)
    if county.villages is not None:
        known = residents.village >= 0
        own[known] = county.villages["township_code"].to_numpy(dtype=object)[residents.village[known]]
    code = pd.factorize(np.concatenate([townships_of(seats, county), own]))[0]
    seat_code, home_code = code[: len(seats)], code[len(seats):]
    home_code = np.where(np.isin(home_code, seat_code[seat_code >= 0]), home_code, -1)
    aims = []
    for one in np.unique(home_code):
        these = targets if one < 0 else take(targets, np.flatnonzero(seat_code == one))
        rows = np.flatnonzero(home_code == one)
        mode = homes.mode
        own_homes = take(homes, rows)
        times = [time_to_nearest(network, these, places, mode=mode).minutes for places in (own_homes, *ends)]
        aims.append(_Aim("seat", _node_times(network, these), rows, own_homes, *times))
    return aims


def _through_aims(network: RoadNetwork, scenario: Scenario, homes: Snaps, ends: tuple[Snaps, Snaps]) -> list[_Aim]:
    classes = scenario.road.through_classes
    if not has_through_road(network, classes):
        return []
    mode = network.mode(homes.mode)
    of_class = network.of_class(classes) & mode.used
    node = np.unique(np.concatenate([network.edge_u[of_class], network.edge_v[of_class]])).astype(np.int64)
    node_min = nearest_source(mode.back.indptr, mode.back.indices, mode.back.minutes, node, np.zeros(len(node)), node, np.inf,
                              np.zeros(0, dtype=np.int64))[0]
    times = [time_to_class(network, places, classes=classes, mode=homes.mode) for places in (homes, *ends)]
    return [_Aim("through", node_min, np.arange(len(homes)), homes, *times)]


def _node_times(network: RoadNetwork, targets: Snaps) -> np.ndarray:
    """Minutes from every node to the nearest of the targets."""
    use, back = np.flatnonzero(targets.connected), network.mode(targets.mode).back
    edge = targets.edge[use]
    return nearest_source(
        back.indptr, back.indices, back.minutes,
        np.concatenate([network.edge_u[edge], network.edge_v[edge]]).astype(np.int64),
        np.concatenate([targets.from_u_min[use], targets.from_v_min[use]]) + np.tile(targets.leg_from_road_min[use], 2),
        np.tile(use, 2), np.inf, np.zeros(0, dtype=np.int64))[0]


def _effect(at: int, ways: _Ways, network: RoadNetwork, residents: Residents, mode: str, least_min: float) -> dict[str, float]:
    """The columns of one gap."""
    count = len(residents)
    gained = {name: np.zeros(count, dtype=bool) for name in _AIMS}
    saved = {name: np.zeros(count) for name in _AIMS}
    for aim in ways.aims:
        changed, then = _times_after(at, aim, ways, network, mode)
        rows, now = aim.rows[changed], aim.now_min[changed]
        gained[aim.name][rows] = np.isinf(now) & np.isfinite(then)
        here = np.isfinite(now)
        saved[aim.name][rows[here]] = now[here] - then[here]
    seat = any(aim.name == "seat" for aim in ways.aims)
    shorter = saved["seat"] if seat else saved["through"]
    nearer = shorter >= least_min
    new = gained["seat"] | gained["through"]
    people = residents.people
    village = _most_concerned(residents, new, np.where(nearer, shorter, 0.0))
    here = residents.village == village if village >= 0 else np.zeros(count, dtype=bool)
    return {
        "people": people[new | nearer].sum(), "people_seat": people[gained["seat"]].sum() if seat else np.nan,
        "people_through": people[gained["through"]].sum() if any(aim.name == "through" for aim in ways.aims) else np.nan,
        "people_nearer": people[nearer].sum(), "saved_min": _mean(shorter, people, nearer), "village": village,
        "village_people": people[here & (new | nearer)].sum() if village >= 0 else np.nan,
        "village_saved_min": _mean(shorter, people, nearer & here),
    }


def _mean(values: np.ndarray, weights: np.ndarray, rows: np.ndarray) -> float:
    return float(np.average(values[rows], weights=weights[rows])) if rows.any() else np.nan


def _most_concerned(residents: Residents, new: np.ndarray, saved_min: np.ndarray) -> int:
    """The village where most people gain a way, else where most minutes are saved in all; -1 where none."""
    known = residents.village >= 0
    for worth in (residents.people * new, residents.people * saved_min):
        by_village = np.bincount(residents.village[known], worth[known])
        if len(by_village) and by_village.max() > 0:
            return int(by_village.argmax())
    return -1


def _times_after(at: int, aim: _Aim, ways: _Ways, network: RoadNetwork, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """Which of the aim's homes may be concerned by the join, and their minutes with it in place."""
    both = ((ways.first, ways.join_min[at] + aim.second_min[at], aim.first_min[at]),
            (ways.second, ways.join_min[at] + aim.first_min[at], aim.second_min[at]))
    sides = [(side, new_min) for side, new_min, now_min in both if new_min < now_min]
    if not sides:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    edge = np.array([side.edge[at] for side, _ in sides])
    seed_node = np.concatenate([network.edge_u[edge], network.edge_v[edge]]).astype(np.int64)
    seed_min = np.array([side.from_u_min[at] + new_min for side, new_min in sides]
                        + [side.from_v_min[at] + new_min for side, new_min in sides])
    back = network.mode(mode).back
    node_min = made_shorter(aim.node_min, seed_node, seed_min, back.indptr, back.indices, back.minutes)
    touched = node_min < aim.node_min
    touched = touched[network.edge_u] | touched[network.edge_v]
    touched[edge] = True
    rows = np.flatnonzero((aim.homes.edge >= 0) & touched[aim.homes.edge])
    homes = take(aim.homes, rows)
    u, v = network.edge_u[homes.edge], network.edge_v[homes.edge]
    on_road = np.minimum(homes.to_u_min + node_min[u], homes.to_v_min + node_min[v])
    for side, new_min in sides:
        for row in np.flatnonzero(homes.edge == side.edge[at]):
            direct = straight_along(homes.along_m[row], homes.from_u_min[row], homes.to_u_min[row], side.along_m[at],
                                    side.from_u_min[at], side.to_u_min[at])
            on_road[row] = min(on_road[row], direct + new_min)
    return rows, np.minimum(aim.now_min[rows], homes.leg_to_road_min + on_road)
