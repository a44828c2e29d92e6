"""The venues that count: those standing that are adequate, and sites chosen to become one. Areas in m2."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np

from geo.assign import assign_points, village_positions
from geo.coverage.ground import CoverageError
from geo.inputs import CountyLike
from geo.measures.residents import points_of
from geo.results import Study
from geo.scenario import Scenario
from geo.villages import venue_status, venue_villages


@dataclass(frozen=True)
class Venues:
    """Venues that people can walk to, one entry each, and what is known of them.

    Attributes
    ----------
    venue_id : ndarray of object
    xy : ndarray, shape (n, 2)
        Metres in the county's CRS.
    village : ndarray of int
        Position in the county's list of the village each belongs to, -1 none.
    floor_area_m2 : ndarray
        Capacity for floating-catchment access; NaN unknown.
    planned : ndarray of bool
        Chosen or planned, not yet standing.
    unlocated : tuple of str
        Venues that count but have no place on the map: nobody can be said to walk there.
    unlocated_village : ndarray of int
        Villages of those, -1 none.
    """

    venue_id: np.ndarray
    xy: np.ndarray
    village: np.ndarray
    floor_area_m2: np.ndarray
    planned: np.ndarray
    unlocated: tuple[str, ...] = ()
    unlocated_village: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.venue_id)


def standing_venues(county: CountyLike, scenario: Scenario, *, status: Collection[str] = ("adequate",),
                    planned: bool = False) -> Venues:
    """The venues of the county's layer whose status by the standard is one of `status`; floor areas in m2.

    Planned ones are left out: nobody can walk to a plan. With `planned` only these are taken, whatever their status, to look at the
    county as it will be.
    """
    empty = Venues(np.empty(0, object), np.empty((0, 2)), np.empty(0, np.int64), np.empty(0), np.empty(0, bool))
    if county.venues is None:
        return empty
    intended = county.venues["planned"].fillna(False).to_numpy(bool)
    fits = venue_status(county.venues, scenario.venues)["status"].isin(list(status)).to_numpy(bool)
    use = intended if planned else fits & ~intended
    village = venue_villages(county)[use]
    frame = county.venues[use].reset_index(drop=True)
    rows, xy = points_of(frame)
    away = np.setdiff1d(np.arange(len(frame)), rows)
    area = frame["floor_area_m2"].to_numpy("float64")[rows]
    return Venues(
        frame["venue_id"].to_numpy(object)[rows], xy, village[rows], _at_least(area, scenario) if planned else area,
        np.full(len(rows), planned), tuple(frame["venue_id"].iloc[away].astype(str)), village[away],
    )


def _at_least(area_m2: np.ndarray, scenario: Scenario) -> np.ndarray:
    """Floor areas of what is to be built: at least what the standard asks, that where nothing is said."""
    return np.fmax(area_m2, scenario.venues.min_floor_area_m2)


def chosen_sites(study: Study, candidate_ids: Sequence[str]) -> gpd.GeoDataFrame:
    """The chosen candidates as sites: `site_id`, `village_code`, `floor_area_m2` (NaN: not known) and geometry, in that order.

    Raises
    ------
    CoverageError
        Naming every id that is no candidate of the study.
    """
    ids = list(candidate_ids)
    at = study.candidates.set_index("candidate_id").index.get_indexer(ids) if ids else np.empty(0, np.int64)
    strangers = [name for name, position in zip(ids, at, strict=True) if position < 0]
    if strangers:
        raise CoverageError(f"no candidate {', '.join(map(str, strangers))} in this study")
    sites = study.candidates.iloc[at].rename(columns={"candidate_id": "site_id"})
    if "floor_area_m2" not in sites.columns:
        sites = sites.assign(floor_area_m2=np.nan)
    return sites[["site_id", "village_code", "floor_area_m2", "geometry"]].reset_index(drop=True)


def with_sites(venues: Venues, sites: gpd.GeoDataFrame, county: CountyLike, scenario: Scenario) -> Venues:
    """The venues and, behind them, the sites as planned ones, taken to be built at least as large as the standard asks (m2).

    Parameters
    ----------
    venues : Venues
    sites : GeoDataFrame
        `site_id`, `village_code` (missing: where it lies), optionally `floor_area_m2`; points or polygons in the county's CRS. Pins
        dropped on the map go in here as well as chosen candidates.
    county : CountyLike
    scenario : Scenario

    Raises
    ------
    CoverageError
        For a missing column, another CRS than the county's, a site without a place, or an id that is there twice.
    """
    lacking = [name for name in ("site_id", "village_code") if name not in sites.columns]
    if lacking:
        raise CoverageError(f"sites lack {', '.join(lacking)}")
    if sites.crs != county.crs:
        name = getattr(sites.crs, "name", None)
        raise CoverageError(f"sites are in {name}, the county in {county.crs.name}; bring them into one CRS")
    rows, xy = points_of(sites)
    ids = np.concatenate([venues.venue_id, sites["site_id"].to_numpy(object)])
    twice = sorted({str(name) for name in ids if (ids == name).sum() > 1}) if len(set(ids)) < len(ids) else []
    if len(rows) < len(sites) or twice:
        raise CoverageError(f"{len(sites) - len(rows)} sites without a place; there twice: {', '.join(twice) or 'none'}")
    village = village_positions(sites["village_code"], county.villages)
    nowhere = village < 0
    if nowhere.any():
        village[nowhere] = assign_points(xy[nowhere], county)
    area = sites["floor_area_m2"].to_numpy("float64") if "floor_area_m2" in sites.columns else np.full(len(sites), np.nan)
    return Venues(
        ids, np.concatenate([venues.xy, xy]), np.concatenate([venues.village, village]),
        np.concatenate([venues.floor_area_m2, _at_least(area, scenario)]),
        np.concatenate([venues.planned, np.ones(len(sites), bool)]), venues.unlocated, venues.unlocated_village,
    )
