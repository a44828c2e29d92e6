"""The coverage review: who walks how far to an adequate venue, village by village, township by township, for any set of venues."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage.frames import frames_of, inequality, overlaps, unknown, venue_frame
from geo.coverage.ground import CoverageError, Ground, ground_of
from geo.coverage.homes import homes_of, settlements_of
from geo.coverage.need import need_order
from geo.coverage.venues import Venues, chosen_sites, standing_venues, with_sites
from geo.coverage.walks import Walks
from geo.inputs import CountyLike
from geo.results import Study
from geo.scenario import Scenario
from geo.snapping import snap


@dataclass(frozen=True)
class Coverage:
    """Who is served by a set of venues. All frames on a RangeIndex; NaN is unknown, inf is unreachable.

    Attributes
    ----------
    villages : GeoDataFrame
        In the county's order: `village_code`, `village_name`, `township_code`, `township_name`, `population` (as listed), `venue`
        (`VENUE_STATES`), `venue_now` (without plans), `venue_lacks`, `venues_unlocated` (venues that count but have no place),
        the figures of `geo.coverage.tables.people_figures`, `neighbour_code`, `neighbour_name` (whose venue serves most of
        `people_by_neighbour`), and of `settlement_figures`. Own figures are NaN where the own venue has no place.
    townships : DataFrame
        `township_code`, `township_name`, `villages`, `villages_<state>` for each of `VENUE_STATES`, `villages_unlocated`, the
        people figures, `settlements`, `settlements_beyond`, `settlements_beyond_people`. Townships are those of the villages
        where people live.
    county : DataFrame
        One row with the same figures, and `people_without_village`, who are in no village's or township's row.
    residents : GeoDataFrame
        Points where people live: `people`, `village_code`, `walk_min`, `venue_id` and `venue_village_code` of the nearest venue
        (who walks where), `served`, `own_served`, `maybe`, `reason` (`geo.coverage.homes.UNSERVED_REASONS`, missing where served),
        `floating_m2`.
    unserved : GeoDataFrame
        Those of `residents` who are not served. With those served they are all.
    settlements : GeoDataFrame
        `SETTLEMENT_COLUMNS`: natural villages with their walk.
    venues : GeoDataFrame
        Venues that count: `venue_id`, `village_code`, `planned`, `floor_area_m2`, people within each limit (they overlap) and
        `nearest_people`: those served whose nearest venue it is (they do not).
    overlap : DataFrame
        `level` (county, township, village), `code`, `name`, `limit_min`, `total_people`, `unique_people`, `twice_people`: people
        of any village in the catchments of the venues that stand there, added up and each once.
    need : DataFrame
        `geo.coverage.need.NEED_COLUMNS`.
    inequality : DataFrame
        `measure` (`served_share`, `floating_m2`), `between` (townships, villages), `groups`, `gini`.
    limits_min : tuple of float
    served_min : float
        The walk that counts as served: ``travel.catchment_min``.
    unlocated : tuple of str
        Adequate venues without a place: they serve nobody here, their village's people are counted as `people_maybe`.
    capacity_unknown : int
        Venues left out of floating-catchment access for want of a floor area.
    not_assessed : tuple of str
        Roles of the layers for want of which figures are NaN: roads, population, venues.
    walks : Walks or None
        Homes to venues up to the longest limit or zone.
    """

    villages: gpd.GeoDataFrame
    townships: pd.DataFrame
    county: pd.DataFrame
    residents: gpd.GeoDataFrame
    unserved: gpd.GeoDataFrame
    settlements: gpd.GeoDataFrame
    venues: gpd.GeoDataFrame
    overlap: pd.DataFrame
    need: pd.DataFrame
    inequality: pd.DataFrame
    limits_min: tuple[float, ...]
    served_min: float
    unlocated: tuple[str, ...]
    capacity_unknown: int
    not_assessed: tuple[str, ...]
    walks: Walks | None


def coverage(county: CountyLike, scenario: Scenario, *, study: Study | None = None, chosen: Sequence[str] = (),
             decided: Collection[str] = (), venues: Venues | None = None, ground: Ground | None = None) -> Coverage:
    """Who walks how far to an adequate venue; walks in minutes, people each counted once.

    Without more it is the county as it stands. With `chosen` it is the county after these sites are built; both on the same
    `ground` are compared by `geo.coverage.compare`. People walk to any adequate venue, also a neighbour's. Figures count the venues
    *known* to be adequate; `people_maybe` are those unserved who may be served by one of which it is not known, or whose village's
    venue has no place.

    Parameters
    ----------
    county : CountyLike
        With villages.
    scenario : Scenario
        What makes a venue adequate, speeds, limits.
    study : Study, optional
        Where the chosen candidates stand; needed for `chosen` only.
    chosen : sequence of str
        Candidate ids that get a venue.
    decided : collection of str
        Codes of villages to which a plan gives a site that is not to count yet: where no adequate venue stands they are *planned*,
        and nobody walks there.
    venues : Venues, optional
        What counts instead of the county's adequate venues (`standing_venues`, `with_sites`); `chosen` comes on top.
    ground : Ground, optional
        From `ground_of`, to be built once.

    Returns
    -------
    Coverage

    Raises
    ------
    CoverageError
        Without villages, for candidates or `decided` villages that are not there, or for `chosen` without a study.
    """
    ground = ground_of(county, scenario) if ground is None else ground
    counted = standing_venues(county, scenario) if venues is None else venues
    if len(chosen):
        if study is None:
            raise CoverageError("chosen candidates are given, but not the study they come from")
        counted = with_sites(counted, chosen_sites(study, chosen), county, scenario)
    lacking = ground.lacking + (("venues",) if county.venues is None else ())
    told = not ground.lacking and (county.venues is not None or len(counted) > 0)
    places = None if ground.network is None else snap(counted.xy, ground.network, mode="walk")
    homes, walks = homes_of(county, scenario, ground, counted, places)
    settlements = settlements_of(county, scenario, ground, counted, places)
    frames = frames_of(county, scenario, ground, counted, homes, settlements, _positions(county, decided))
    if not told:
        frames = tuple(unknown(frame) for frame in frames)
        homes = homes.iloc[:0]
    villages, townships, whole = frames
    served_min = scenario.travel.catchment_min
    has_venue = np.isin(np.arange(len(villages)), np.concatenate([counted.village, counted.unlocated_village]))
    return Coverage(
        villages=villages, townships=townships, county=whole, residents=homes.drop(columns=["own_walk_min", "may_reach"]),
        unserved=homes[~homes["served"].to_numpy(bool)].drop(columns=["own_walk_min", "may_reach"]).reset_index(drop=True),
        settlements=settlements, venues=venue_frame(county, scenario, counted, homes, walks),
        overlap=overlaps(county, scenario, ground, counted, walks), need=need_order(villages, has_venue, served_min=served_min),
        inequality=inequality(villages, townships, told and bool(np.isfinite(counted.floor_area_m2).any())),
        limits_min=scenario.coverage.limits_min, served_min=served_min, unlocated=counted.unlocated,
        capacity_unknown=int(np.isnan(counted.floor_area_m2).sum()), not_assessed=lacking, walks=walks,
    )


def _positions(county: CountyLike, codes: Collection[str]) -> np.ndarray:
    """Positions of villages in the county's list."""
    wanted = sorted(codes)
    at = pd.Index(county.villages["village_code"].astype(object)).get_indexer(wanted) if wanted else np.empty(0, np.int64)
    strangers = [code for code, position in zip(wanted, at, strict=True) if position < 0]
    if strangers:
        raise CoverageError(f"no village {', '.join(strangers)} in this county")
    return at.astype(np.int64)
