"""Where a centre stands: on the chosen site, in the venue that is there, on the best site, or in a natural village. Metres, m2."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from geo.access import take, times_between
from geo.evidence import NoSuchCandidate
from geo.inputs import CountyLike, GeoError
from geo.network import RoadNetwork
from geo.planning_rules import CentreRules
from geo.results import Study
from geo.scenario import PASS, VERIFY
from geo.snapping import Snaps, snap
from geo.villages import venue_status, venue_villages

PLACES = ("chosen", "existing", "upgrade", "best_candidate", "settlement", "village", "none")
"""On the chosen site; in an adequate venue (or one of which that is not known); in one below standard; on the best-ranked site;
in a natural village, the village, or nowhere the data shows: the last three still need a site."""

FASTEST = 1.2
"""Tobler's fastest walk as multiple of the walk on the flat: nobody gets further than this straight."""


class CentreError(GeoError, ValueError):
    """Centres cannot be planned as asked."""


@dataclass(frozen=True)
class Place:
    """One location: `place` of `PLACES`, what stands or is to stand there, x and y in metres (NaN: none known), areas in m2."""

    place: str
    x_m: float = np.nan
    y_m: float = np.nan
    candidate_id: str | None = None
    venue_id: str | None = None
    kind: str | None = None
    verdict: str | None = None
    floor_area_m2: float = np.nan
    yard_m2: float = np.nan

    @property
    def known(self) -> bool:
        """Whether it is anywhere."""
        return bool(np.isfinite(self.x_m))


@dataclass(frozen=True)
class Sites:
    """The candidates of a study by id, with the point inside each; `by_village` lists those that may be built on, best first."""

    frame: pd.DataFrame
    by_village: Mapping[str, tuple[str, ...]]

    def place(self, candidate_id: str, place: str, rules: CentreRules, min_floor_area_m2: float) -> Place:
        """The candidate as a location; areas are those after building (m2)."""
        row = self.frame.loc[candidate_id]
        floor, yard = row["floor_area_m2"], row["courtyard_m2"]
        if row["kind"] == "new":
            floor, yard = rules.new_floor_area_m2, max(yard - rules.new_floor_area_m2, 0.0) if yard == yard else np.nan
        elif row["kind"] == "upgrade":
            floor = np.nanmax([floor, min_floor_area_m2])
        return Place(place, row["x_m"], row["y_m"], candidate_id, row["venue_id"] if isinstance(row["venue_id"], str) else None,
                     row["kind"], row["verdict"], float(floor), float(yard))


def sites_of(study: Study, rules: CentreRules) -> Sites:
    """The candidates of a study as `Sites`."""
    shapes = np.asarray(study.candidates.geometry.array, dtype=object)
    inside = shapely.point_on_surface(shapes)
    wanted = ["candidate_id", "village_code", "kind", "verdict", "venue_id", "rank_in_village", "floor_area_m2", "courtyard_m2"]
    frame = pd.DataFrame(study.candidates[wanted]).assign(x_m=shapely.get_x(inside), y_m=shapely.get_y(inside))
    allowed = (PASS, VERIFY) if rules.allow_verify else (PASS,)
    usable = frame[frame["verdict"].isin(allowed) & frame["rank_in_village"].notna() & frame["village_code"].notna()]
    usable = usable.sort_values(["village_code", "rank_in_village", "candidate_id"], kind="stable")
    by_village = {code: tuple(ids) for code, ids in usable.groupby("village_code", sort=False)["candidate_id"]}
    return Sites(frame.set_index("candidate_id"), by_village)


def first_places(county: CountyLike, study: Study, sites: Sites, chosen: Mapping[str, str], rules: CentreRules) -> list[Place]:
    """The first centre of each village of the study, in its order.

    Raises
    ------
    NoSuchCandidate
        For a chosen site that the study does not have.
    CentreError
        For a village that is not listed.
    """
    codes = study.villages["village_code"].tolist()
    strangers = sorted(set(chosen) - set(codes))
    if strangers:
        raise CentreError(f"sites are chosen for villages that are not listed: {', '.join(map(str, strangers))}")
    unknown = sorted(set(chosen.values()) - set(sites.frame.index))
    if unknown:
        raise NoSuchCandidate(f"the study has no candidate {', '.join(unknown)}")
    venues, largest = _venue_places(county, study), _largest_settlements(county)
    min_floor = study.scenario.building.min_floor_area_m2
    found = []
    for code, best, shape in zip(codes, study.villages["best_candidate"], study.villages.geometry, strict=True):
        venue = venues.get(code)
        if code in chosen:
            found.append(sites.place(chosen[code], "chosen", rules, min_floor))
        elif venue is not None and venue.place == "existing":
            found.append(venue)
        elif venue is not None:
            found.append(replace(venue, floor_area_m2=float(np.nanmax([venue.floor_area_m2, min_floor]))))
        elif isinstance(best, str):
            found.append(sites.place(best, "best_candidate", rules, min_floor))
        elif code in largest:
            found.append(Place("settlement", *largest[code], floor_area_m2=rules.new_floor_area_m2))
        elif shape is not None and not shape.is_empty:
            point = shape.representative_point()
            found.append(Place("village", point.x, point.y, floor_area_m2=rules.new_floor_area_m2))
        else:
            found.append(Place("none", floor_area_m2=rules.new_floor_area_m2))
    return found


def _venue_places(county: CountyLike, study: Study) -> dict[str, Place]:
    """The venue of each village that has one: an adequate one before one not known, that before one below standard."""
    if county.venues is None:
        return {}
    listed = study.villages["village_code"].to_numpy(object)
    standing = venue_status(county.venues, study.scenario.venues).assign(
        venue_id=county.venues["venue_id"].to_numpy(object), village=venue_villages(county),
        floor_area_m2=county.venues["floor_area_m2"].to_numpy(float), yard_m2=county.venues["courtyard_m2"].to_numpy(float),
    )
    points = county.venues.geometry.representative_point()
    standing = standing.assign(x_m=points.x.to_numpy(), y_m=points.y.to_numpy(),
                               order=standing["status"].map({"adequate": 0, "unknown": 1, "below_standard": 2}))
    built = ~county.venues["planned"].fillna(False).to_numpy(bool) & (standing["village"] >= 0).to_numpy()
    first = standing[built].sort_values(["village", "order", "venue_id"], kind="stable").drop_duplicates("village")
    return {
        listed[row.village]: Place("upgrade" if row.status == "below_standard" else "existing", row.x_m, row.y_m,
                                   venue_id=row.venue_id, kind="existing", floor_area_m2=row.floor_area_m2, yard_m2=row.yard_m2)
        for row in first.itertuples()
    }


def _largest_settlements(county: CountyLike) -> dict[str, tuple[float, float]]:
    """Point of the natural village with most people, by village code; ties by id."""
    if county.settlements is None:
        return {}
    there = county.settlements[~(county.settlements.geometry.isna() | county.settlements.geometry.is_empty)]
    order = there.sort_values(["population", "settlement_id"], ascending=[False, True], kind="stable")
    first = order[order["village_code"].notna()].drop_duplicates("village_code")
    points = first.geometry.representative_point()
    return {code: (x, y) for code, x, y in zip(first["village_code"], points.x, points.y, strict=True)}


def best_site_near(network: RoadNetwork | None, home: Snaps, home_xy: tuple[float, float], sites: Sites, village_code: str,
                   taken: Collection[str], *, within_min: float) -> str | None:
    """The best-ranked site of the village within `within_min` walk of a place; None where there is none or no network to tell.

    Parameters
    ----------
    network : RoadNetwork or None
    home : Snaps
        The one place, snapped for walking.
    home_xy : (x, y)
        The same place, metres.
    sites : Sites
    village_code : str
    taken : collection of str
        Sites that carry a centre already.
    within_min : float
        Walk from the place to the site, min.
    """
    ids = [one for one in sites.by_village.get(village_code, ()) if one not in taken]
    if network is None or not ids:
        return None
    xy = sites.frame.loc[ids, ["x_m", "y_m"]].to_numpy(float)
    reach_m = within_min * FASTEST * network.travel.walk_kmh * 1000 / 60
    near = np.flatnonzero(np.hypot(*(xy - np.asarray(home_xy)).T) <= reach_m)
    if not len(near):
        return None
    joined = snap(xy[near], network, mode="walk")
    # best first, one search each: the first that is near enough ends it
    for row, position in enumerate(near):
        walk = times_between(network, home, take(joined, np.array([row])), mode="walk", limit_min=within_min)
        if np.isfinite(walk[0, 0]):
            return ids[position]
    return None
