"""Measures of a site: what can be computed about transport, people, facilities and ground, each in its unit.

A site stands on the network at a point inside it (`shapely.point_on_surface`); only the distance to the road is taken from its
edge. From that point the way to the road is walked off the road, in either mode. On a large parcel a gate at the roadside is
therefore some minutes nearer than the measure says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.assign import assign_points, village_positions
from geo.inputs import CountyLike
from geo.measures import facilities, population, terrain, transport
from geo.measures.residents import Residents, points_of, settlement_points
from geo.network import RoadNetwork
from geo.plots import Plots, plots_of
from geo.results import MEASURES
from geo.scenario import Scenario
from geo.snapping import Snaps, snap_both

ON_NETWORK = tuple(
    name for name in MEASURES if name.startswith("road_") or name.endswith(("_walk_min", "township_time_min"))
    or name in (*population.COLUMNS, *facilities.COUNTS)
)
"""Measures that need the road network."""

GROUND = ("slope_deg", "slope_cells", "relief_m", "hazard_distance_m")
"""Measures of the ground under and around a site."""

MEASURED_ELSEWHERE = {
    "collective_share": ("ownership", "parcels"), "owner_level": ("parcels", "ownership"),
    "evidence_strength": ("parcels", "ownership"), "courtyard_m2": ("parcels",), "land_class_fit": ("parcels",),
    "floor_area_m2": ("buildings",), "frontage_m": ("roads", "parcels"),
    **dict.fromkeys(("parcel_less_buildings_m2", "rectangle_m2", "rectangle_long_m", "rectangle_short_m", "house_fits",
                     "compactness", "declared_area_m2"), ("parcels",)),
}
"""Measures that gates and papers give, and the layers that could."""


@dataclass(frozen=True)
class Site:
    """What the measures on the network read of the candidates: shapes, villages, and the point inside each, joined to it."""

    plots: Plots
    village: np.ndarray
    """Position in the county's list of villages, -1 none."""
    township: np.ndarray
    walk: Snaps
    drive: Snaps


def site_of(candidates: gpd.GeoDataFrame, plots: Plots, county: CountyLike, network: RoadNetwork) -> Site:
    """The candidates as the measures on the network need them."""
    village = np.full(len(candidates), -1)
    if county.villages is not None:
        village = village_positions(candidates["village_code"], county.villages)
    walk, drive = snap_both(plots.inside, network)
    return Site(plots, village, candidates["township_code"].to_numpy(dtype=object), walk=walk, drive=drive)


def _transport(site: Site, county: CountyLike, network: RoadNetwork, scenario: Scenario) -> pd.DataFrame:
    through = scenario.road.through_classes
    frame = transport.road_access(site.plots, network, through_classes=through)
    classes = transport.class_times_min(network, site.drive)
    frame["road_time_min"] = transport.through_time_min(network, site.drive, through_classes=through, class_times=classes)
    frame = frame.join(classes)
    seats = seats_of(county)
    if seats is not None:
        points, townships = seats.geometry.representative_point(), townships_of(seats, county)
        for name, places, limit_min in (("township_time_min", site.drive, np.inf),
                                        ("township_walk_min", site.walk, scenario.travel.walk_limit_min)):
            frame[name] = transport.seat_time_min(
                network, places, points, place_township=site.township, seat_township=townships, limit_min=limit_min)
    return frame


def seats_of(county: CountyLike) -> gpd.GeoDataFrame | None:
    """Township governments among the facilities; None where there is none."""
    if county.facilities is None:
        return None
    seats = county.facilities[(county.facilities["category"] == "township_seat").to_numpy(bool)]
    return seats if len(seats) else None


def townships_of(seats: gpd.GeoDataFrame, county: CountyLike) -> np.ndarray:
    """Township code of each seat by the village it stands in; missing where that is not known."""
    codes = np.full(len(seats), None, dtype=object)
    if county.villages is not None:
        rows, xy = points_of(seats)
        position = assign_points(xy, county)
        listed = county.villages["township_code"].to_numpy(dtype=object)
        codes[rows[position >= 0]] = listed[position[position >= 0]]
    return codes


def _facilities(site: Site, county: CountyLike, network: RoadNetwork, scenario: Scenario) -> pd.DataFrame:
    travel = scenario.travel
    return facilities.facility_walks(
        network, site.walk, county.facilities, near_min=travel.facility_near_min, limit_min=travel.walk_limit_min)


def _terrain(plots: Plots, county: CountyLike, network: RoadNetwork | None) -> pd.DataFrame:
    columns = {}
    if county.terrain is not None:
        slope = None if network is None or network.ground is None else network.ground.slope
        columns["slope_deg"] = terrain.mean_slope_deg(plots, county.terrain, slope=slope)
        columns["slope_cells"] = terrain.cells_covered(plots, county.terrain)
        columns["relief_m"] = terrain.relief_m(plots, county.terrain)
    hazards = terrain.hazard_areas(county.restrictions)
    if len(hazards):
        columns["hazard_distance_m"] = terrain.hazard_distance_m(plots, hazards)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(plots)), copy=False)


def measure(candidates: gpd.GeoDataFrame, county: CountyLike, scenario: Scenario, *, network: RoadNetwork | None,
            residents: Residents | None, homes: Snaps | None = None, plots: Plots | None = None,
            on_step: Callable[[str], None] = lambda step: None) -> pd.DataFrame:
    """Measures of every candidate that follow from roads, people, facilities and ground; units in the names.

    Parameters
    ----------
    candidates : GeoDataFrame
        `village_code`, `township_code`, geometry in the county's CRS.
    county : CountyLike
        Layers to measure against; a role that is None leaves its measures unknown.
    scenario : Scenario
        Speeds, limits, through road classes.
    network : RoadNetwork or None
        The county's roads; None where there are none.
    residents : Residents or None
        Where people live.
    homes : Snaps, optional
        The residents' points snapped for walking, where they are at hand.
    plots : Plots, optional
        The candidates' shapes, where they are at hand.
    on_step : callable
        Told the id of each step before it begins.

    Returns
    -------
    DataFrame
        The columns of `MEASURES` that belong here and `road_leads_through`, on the candidates' index. NaN is unknown, inf is
        unreachable; all is NaN for a candidate without geometry.
    """
    plots = plots_of(candidates) if plots is None else plots
    parts = []
    with ThreadPoolExecutor(1) as beside:    # on two cores the ground and the drives are measured while people walk
        on_ground = beside.submit(_terrain, plots, county, network)
        if network is not None:
            on_step("snap")
            site = site_of(candidates, plots, county, network)
            drives = beside.submit(_transport, site, county, network, scenario)
            on_step("facilities")
            parts.append(_facilities(site, county, network, scenario))
            if residents is not None:
                on_step("population")
                parts.append(population.population_access(
                    network, site.walk, site.village, residents, settlement_points(county), travel=scenario.travel, homes=homes))
            on_step("transport")
            parts.append(drives.result())
        on_step("terrain")
        parts.append(on_ground.result())
    own = [name for name in MEASURES if name in (*ON_NETWORK, *GROUND)]
    given = {name: part[name].array for part in parts for name in part}
    columns: dict[str, object] = {  # column by column: frames put together would hold everything twice
        name: given[name] if name in given else np.full(len(plots), np.nan) for name in (*own, "road_leads_through")}
    for name, dtype in (("road_class", "str"), ("road_leads_through", "boolean")):
        columns[name] = pd.Series(columns[name]).astype(dtype).array
    frame = pd.DataFrame(columns, index=candidates.index, copy=False)
    if not plots.empty.any():
        return frame
    return frame.where(pd.Series(~plots.empty, index=frame.index), other=pd.NA).astype(frame.dtypes.to_dict())


def roles_lacking(measure_name: str, county: CountyLike, residents: Residents | None) -> tuple[str, ...]:
    """Roles whose lack leaves a measure unknown for the whole county.

    Those it does not have, if any; where it has them all, the one that does not hold what is needed (a list of facilities without a
    single clinic).
    """
    roads = ("roads",) if measure_name in ON_NETWORK else ()
    sources = _sources(measure_name, county, residents)
    return tuple(role for role in roads + sources if getattr(county, role) is None) or sources or roads


def _sources(name: str, county: CountyLike, residents: Residents | None) -> tuple[str, ...]:
    villages = ("villages",) if county.villages is None else ()
    if name in MEASURED_ELSEWHERE:
        return (*MEASURED_ELSEWHERE[name], *(villages if name == "collective_share" else ()))
    if name in population.COLUMNS:
        return (*(("population",) if residents is None else ()), *villages)
    if name == "township_time_min" or name.endswith("_walk_min") and name != "worst_walk_min" or name.startswith("facilities_"):
        return ("facilities",)
    if name in GROUND:
        return ("restrictions",) if name == "hazard_distance_m" else ("terrain",)
    return ()


def notes(candidates: pd.DataFrame, county: CountyLike) -> Mapping[str, int]:
    """What limits the figures, by key of ``criteria.note``: how many candidates each concerns; only what concerns any.

    `slope_coarse`: the parcel is smaller than a cell of the terrain, so its slope is that of the ground around it.
    `offroad_straight`: without terrain ways off the road run straight and level, across whatever lies between.
    """
    found = {}
    if county.terrain is not None:
        found["slope_coarse"] = int((candidates["slope_cells"] < 1).sum())
    if county.roads is not None and county.terrain is None:
        found["offroad_straight"] = len(candidates)
    return {name: count for name, count in found.items() if count}


def not_assessed(values: pd.DataFrame, candidates: pd.DataFrame, county: CountyLike, scenario: Scenario,
                 residents: Residents | None) -> Mapping[str, tuple[str, ...]]:
    """Criteria unknown for every candidate, and gates that no layer speaks to, each with the roles that are wanting.

    Parameters
    ----------
    values : DataFrame
        Values by criterion.
    candidates : DataFrame
        With the measures.
    county, scenario, residents
        As for `measure`.
    """
    found: dict[str, tuple[str, ...]] = {}
    for criterion in scenario.criteria:
        if values[criterion.id].isna().all():
            found[criterion.id] = roles_lacking(criterion.measure, county, residents)
    if county.roads is None:
        found["road"] = ("roads",)
    if county.restrictions is None:
        found["restriction"] = ("restrictions",)
    if county.parcels is None:
        found |= {"dispute": ("parcels",)} | ({"collective": ("parcels", "ownership")} if county.ownership is None else {})
    return found
