"""The study of a county: from layers and rules to candidates with verdicts and scores, and villages with their standing."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import pandas as pd

from geo import gates
from geo.candidates import candidate_plots
from geo.courtyard import areas
from geo.frontage import frontage
from geo.inputs import CountyLike, Progress, require_metric
from geo.land_class import fitness
from geo.measures import measure, not_assessed, notes
from geo.measures.population import walk_to_venues
from geo.measures.residents import Residents, residents_of
from geo.network import NetworkError, RoadNetwork, build_network
from geo.offroad import water_areas
from geo.ownership import ownership
from geo.results import CANDIDATE_COLUMNS, MEASURES, Study
from geo.road_review import RoadReview
from geo.scenario import Scenario
from geo.score import scored, values_of
from geo.snapping import Snaps, snap
from geo.villages import VenueWalks, venue_points, villages_of

STEPS = ("network", "candidates", "snap", "facilities", "population", "transport", "terrain", "ownership", "areas", "gates",
         "score", "villages")
"""Steps of a study, as told to `progress` in this order; their names stand in ``criteria.step``.

*candidates*, *transport*, *terrain*, *ownership* and *areas* run beside others; their seconds are those that were waited for them
at last, so that all steps sum to what passed.
"""


class _Clock:
    """Seconds per step, and the share done told to the caller as each step begins."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self.step: str | None = None
        self.began = 0.0

    def begin(self, step: str) -> None:
        self.stop()
        self.step, self.began = step, time.perf_counter()
        if self.progress is not None:
            self.progress(step, STEPS.index(step) / len(STEPS))

    def stop(self) -> None:
        if self.step is not None:
            self.seconds[self.step] = round(time.perf_counter() - self.began, 3)
        self.step = None


def study(county: CountyLike, scenario: Scenario, *, progress: Progress | None = None) -> Study:
    """Judge and score every candidate of a county, and say where every village stands.

    Units are in the column names (`geo.results`). The same county and scenario give the same study bit for bit: rows stand in the
    order of candidate ids, ties go by id.

    Parameters
    ----------
    county : CountyLike
        Layers in standard columns and one metric CRS. A role that is None leaves what depends on it unknown and named in
        `Study.not_assessed`; nothing is guessed in its place.
    scenario : Scenario
        Rules, weights, speeds.
    progress : callable, optional
        Called with a step's id (`STEPS`) and the share done, 0..1.

    Returns
    -------
    Study

    Raises
    ------
    NotMetricError
        When lengths in the county's CRS are not metres.

    Notes
    -----
    A score orders what the data shows; it does not replace a look at the site, and a verdict does not replace the papers it names.
    """
    require_metric(county.crs)
    clock = _Clock(progress)
    found, network, residents, homes = _facts(county, scenario, clock)
    clock.begin("gates")
    found = _joined(found, gates.judge(found, county, scenario))
    clock.begin("score")
    values = values_of(found, scenario)
    found = scored(found, values, scenario)
    lacking = not_assessed(values, found, county, scenario, residents)
    clock.begin("villages")
    villages = villages_of(
        county, found, residents, _venue_walks(county, scenario, network, residents, homes),
        rule=scenario.venues, catchment_min=scenario.travel.catchment_min,
    )
    if county.venues is None:
        lacking = {**lacking, "venue": ("venues",)}
    clock.stop()
    if progress is not None:
        progress(STEPS[-1], 1.0)
    return Study(
        county_name=county.name, county_code=county.code, scenario=scenario, candidates=_in_order(found), values=values,
        villages=villages, not_assessed=lacking, unassigned=int(found["village_code"].isna().sum()),
        notes=notes(found, county), seconds=clock.seconds,
        road_review=None if network is None else RoadReview(county, scenario, network, residents),
    )


def _facts(county: CountyLike, scenario: Scenario, clock: _Clock) -> tuple[
        gpd.GeoDataFrame, RoadNetwork | None, Residents | None, Snaps | None]:
    """The candidates with all that is measured of them, and the roads, the people and their ways to the roads it was measured by.

    What was found of the shapes on the way (`geo.plots`) is let go of here: at a million it takes a quarter of a GiB.
    """
    with ThreadPoolExecutor(2) as beside:     # what the land is and whose asks nothing of the network: all at once
        sites = beside.submit(candidate_plots, county, scenario)
        owned = beside.submit(lambda: ownership(sites.result()[0], county, scenario, plots=sites.result()[1]))
        land = beside.submit(lambda: areas(sites.result()[0], county, scenario, plots=sites.result()[1]))
        faced = beside.submit(lambda: frontage(sites.result()[0], county, scenario, plots=sites.result()[1]))
        clock.begin("network")
        network = _network(county, scenario)
        residents = residents_of(county)
        if network is not None and residents is not None:
            network.walk.contract_ahead()
        homes = None if network is None or residents is None else snap(residents.xy, network, mode="walk")
        clock.begin("candidates")
        found, plots = sites.result()
        measured = measure(found, county, scenario, network=network, residents=residents, homes=homes, plots=plots,
                           on_step=clock.begin)
        clock.begin("ownership")
        facts_of_owner = owned.result()
        clock.begin("areas")
        facts_of_land = land.result(), faced.result(), fitness(found, scenario).to_frame("land_class_fit")
    for facts in (facts_of_owner, *facts_of_land, measured):
        found = _joined(found, facts)
    return found, network, residents, homes


def _network(county: CountyLike, scenario: Scenario) -> RoadNetwork | None:
    """The county's road network; None without roads or without a usable one among them."""
    if county.roads is None:
        return None
    try:
        return build_network(county.roads, terrain=county.terrain, travel=scenario.travel, water=water_areas(county.restrictions))
    except NetworkError:
        return None


def _joined(candidates: gpd.GeoDataFrame, facts: pd.DataFrame) -> gpd.GeoDataFrame:
    """The candidates with further columns; a column both have is taken from `facts`."""
    return candidates.assign(**{name: facts[name] for name in facts.columns})


def _venue_walks(county: CountyLike, scenario: Scenario, network: RoadNetwork | None,
                 residents: Residents | None, homes: Snaps | None) -> VenueWalks | None:
    """Walks of the residents to the venues; None where they cannot be told."""
    if network is None or residents is None or county.venues is None or county.villages is None:
        return None
    adequate = venue_points(county, scenario.venues)
    possible = venue_points(county, scenario.venues, status=("adequate", "unknown"))
    return VenueWalks(*walk_to_venues(network, residents, adequate, possible, travel=scenario.travel, homes=homes))


def _in_order(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns in the order of `geo.results`, verdicts of the gates after them, then the other facts and the geometry."""
    first = [name for name in (*CANDIDATE_COLUMNS, *MEASURES) if name in candidates.columns]
    judged = [name for name in candidates.columns if name.startswith(("gate_", "reason_"))]
    rest = [name for name in candidates.columns if name not in {*first, *judged, "geometry"}]
    return candidates[[*first, *judged, *rest, "geometry"]]
