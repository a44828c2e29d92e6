"""From a study to its problem of choice: which sites are offered, where people live, who can walk where. Min, m, people."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.access import take
from geo.choice.build import NEED_OF_VENUE, instance_of
from geo.choice.instance import Instance, Times
from geo.coverage import Ground, Venues, standing_venues, walk_pairs
from geo.inputs import CountyLike
from geo.measures.residents import Residents, points_of
from geo.results import Study
from geo.scenario import PASS, VERIFY
from geo.snapping import Snaps, snap
from geo.what_if import Pin, pin_rows, supposed, with_rows

EMPTY_TIMES = Times(np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0))


@dataclass(frozen=True)
class Problem:
    """A county's problem of choice, and where its demand points lie.

    Attributes
    ----------
    instance : Instance
        Offered candidates first, then the adequate existing venues (ids with ``V-`` in front).
    points : GeoDataFrame
        One row a demand point, in the instance's order: `people`, `village_code`, `homes` (resident points it stands for) and a
        point in the county's CRS.
    cell_m : float
        Side of the cells in which resident points were taken together; 0 where each stands for itself.
    offered : Study
        The study with the offered candidates only, pins behind them: where to look up what is chosen.
    """

    instance: Instance
    points: gpd.GeoDataFrame
    cell_m: float
    offered: Study


def offered(study: Study, *, per_village: int, also: Collection[str] = ()) -> np.ndarray:
    """Positions of the candidates that a choice is made from, in the study's order.

    Of every village that lacks an adequate venue: the `per_village` best that pass and as many that wait for a paper, and where it
    has neither its best failing one, so that a contradiction can name the rule that leaves the village without. Where a venue
    below standard stands, only its upgrade is offered: no second one is built beside it. `also` are added whatever they are.

    Parameters
    ----------
    study : Study
    per_village : int
    also : collection of str
        Candidate ids, such as those set by hand.
    """
    need = study.villages["venue"].astype(str).map(NEED_OF_VENUE)
    lacking, below = (set(study.villages["village_code"][need == kind]) for kind in ("one", "upgrade"))
    frame = pd.DataFrame(study.candidates[["candidate_id", "village_code", "kind", "verdict", "rank_in_village", "score"]])
    frame = frame.assign(position=np.arange(len(frame)))
    wanted = frame["village_code"].isin(lacking) | (frame["village_code"].isin(below) & frame["kind"].eq("upgrade"))
    listed = frame[wanted].sort_values(
        ["village_code", "rank_in_village", "score", "candidate_id"], ascending=[True, True, False, True], na_position="last",
        kind="stable")
    place = listed.groupby(["village_code", "verdict"], sort=False).cumcount()
    usable = listed["verdict"].isin([PASS, VERIFY])
    with_usable = set(listed["village_code"][usable])
    last_hope = ~usable & ~listed["village_code"].isin(with_usable) & (place == 0)
    keep = listed["position"][(usable & (place < per_village)) | last_hope].to_numpy()
    by_hand = frame["position"][frame["candidate_id"].isin(list(also))].to_numpy()
    return np.unique(np.concatenate([keep, by_hand]).astype(np.int64))


def demand_cells(residents: Residents, homes: Snaps, *, cell_m: float, most_points: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Resident points taken together by village and square cell: the cell of each, its home that stands for it, the cell's side.

    Nobody is lost or counted twice: a cell holds the people of its points. Points joined to different parts of the network, or to
    none, are never taken together, so that nobody becomes reachable by it. The one nearest to the people's centre stands for the
    cell. Cells grow by a quarter at a time until there are `most_points` or fewer, or only villages are left to tell apart.

    Parameters
    ----------
    residents : Residents
    homes : Snaps
        The same points, snapped for walking.
    cell_m : float
        Side to begin with, metres; 0 leaves the points as they are where they are few enough.
    most_points : int

    Returns
    -------
    tuple
        Cell of each resident point (from 0), row of the home that stands for each cell, side of the cells in metres (0: none).
    """
    count = len(residents)
    if count <= most_points:
        return np.arange(count), np.arange(count), 0.0
    side, part = max(cell_m, 1.0), np.where(homes.connected, homes.component, -1)
    while True:
        grid = np.floor(residents.xy / side).astype(np.int64)
        keys = np.column_stack([residents.village, part, grid])
        _, cell = np.unique(keys, axis=0, return_inverse=True)
        cell = cell.reshape(-1)
        groups = int(cell.max()) + 1
        if groups <= most_points or len(np.unique(grid, axis=0)) == 1:
            break
        side *= 1.25
    people = np.bincount(cell, residents.people, groups)
    centre = np.column_stack([np.bincount(cell, residents.people * residents.xy[:, axis], groups) / people for axis in (0, 1)])
    away = np.hypot(*(residents.xy - centre[cell]).T)
    order = np.lexsort((np.arange(count), away, cell))
    first = order[np.append(True, cell[order][1:] != cell[order][:-1])]
    return cell, first, side


def problem_of(county: CountyLike, study: Study, ground: Ground, *, sites_per_village: int = 20, cell_m: float = 200.0,
               most_points: int = 4000, walk_limit_min: float = 60.0, also: Collection[str] = (),
               neighbours: Sequence[tuple[str, str]] = (), capacity_people_per_m2: float | None = None,
               standing: Venues | None = None, pins: Sequence[Pin] = ()) -> Problem:
    """The problem of choice of a county: villages that lack a venue, their sites, the people, the walks between.

    Parameters
    ----------
    county, study : CountyLike, Study
    ground : Ground
        Of the same county, from `geo.coverage.ground_of`; without roads or residents there are no demand points, and sites can be
        chosen by score and cost alone.
    sites_per_village : int
        Sites offered per village and verdict (`offered`).
    cell_m, most_points
        As in `demand_cells`.
    walk_limit_min : float
        Longest walk sought, minutes; who has no venue within it counts as out of reach.
    also : collection of str
        Candidates offered in any case.
    neighbours : sequence of pairs of village codes
        Both consent to share a venue.
    capacity_people_per_m2 : float, optional
        People a venue serves per m2 of floor area; without it no venue has a capacity.
    standing : Venues, optional
        The venues that count as adequate already; those known to be unless given.
    pins : sequence of Pin
        Places that are no candidates, offered as if they passed (`geo.what_if.supposed`).

    Raises
    ------
    InstanceError
        When `neighbours` name villages that are not listed.
    RulesError
        For pins that cannot be sites.
    """
    keep = offered(study, per_village=sites_per_village, also=also)
    smaller = dataclasses.replace(study, candidates=study.candidates.iloc[keep], values=study.values.iloc[keep])
    if pins:
        smaller = with_rows(smaller, pin_rows(county, study, pins))
    standing = standing_venues(county, study.scenario) if standing is None else standing
    codes = np.append(study.villages["village_code"].to_numpy(object), None)
    venues = gpd.GeoDataFrame({"venue_id": standing.venue_id, "village_code": codes[standing.village]},
                              geometry=gpd.points_from_xy(*standing.xy.T), crs=county.crs)
    residents, homes, network = ground.residents, ground.homes, ground.network
    if residents is None or homes is None or network is None:
        people, xy, side = np.zeros(0), np.empty((0, 2)), 0.0
        village = cell = np.zeros(0, np.int64)
        times = EMPTY_TIMES
    else:
        cell, first, side = demand_cells(residents, homes, cell_m=cell_m, most_points=most_points)
        people = np.bincount(cell, residents.people, len(first)).astype("float64")
        village, xy = residents.village[first], residents.xy[first]
        rows, sites = points_of(smaller.candidates)
        walks = walk_pairs(network, take(homes, first), snap(np.concatenate([sites, standing.xy]), network, mode="walk"),
                           limit_min=min(walk_limit_min, study.scenario.travel.walk_limit_min))
        behind = len(smaller.candidates) + np.arange(len(standing))
        times = Times.from_pairs(walks.home, np.concatenate([rows, behind])[walks.place], walks.minutes, points=len(first))
    capacity = None if capacity_people_per_m2 is None else _capacity(smaller, capacity_people_per_m2)
    instance = instance_of(supposed(smaller), people=people, people_village=village, times=times, venues=venues,
                           capacity_people=capacity, neighbours=neighbours)
    points = gpd.GeoDataFrame(instance.demand.assign(homes=np.bincount(cell, minlength=len(people)).astype("int64")),
                              geometry=gpd.points_from_xy(*xy.T), crs=county.crs)
    return Problem(instance, points, side, smaller)


def _capacity(study: Study, people_per_m2: float) -> pd.Series:
    """People each candidate's venue serves, by id: at least by the floor area that the standards ask for."""
    floor = study.candidates["floor_area_m2"].to_numpy(float)
    new = study.candidates["kind"].eq("new").to_numpy(bool)
    standing = np.fmax(floor, study.scenario.venues.min_floor_area_m2)
    area = np.where(new, study.scenario.planning.centres.new_floor_area_m2, standing)
    return pd.Series(area * people_per_m2, index=study.candidates["candidate_id"].to_numpy(object))
