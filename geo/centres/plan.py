"""Planned community service centres of a county: number, place, whom each one serves, its services. Minutes, people, m2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.access import take
from geo.centres.homes import Homes, home_of, homes_of, walks_to
from geo.centres.names import community_name
from geo.centres.places import Place, Sites, best_site_near, first_places, sites_of
from geo.centres.services import STATES, categories_in_data, nearest_facilities, services_of
from geo.centres.split import triggers
from geo.inputs import CountyLike, require_metric
from geo.network import NetworkError, RoadNetwork, build_network
from geo.offroad import water_areas
from geo.planning_rules import CentreRules, PlanningRules
from geo.results import Study
from geo.snapping import snap

CENTRE_COLUMNS = {
    "centre_id": "village code, a dash and the number", "village_code": "", "village_name": "", "township_code": "",
    "township_name": "",
    "name_base": "the name it bears, without committee: 青石村", "name_kind": "village, neighbourhood or other",
    "number": "1, 2, ... within the village", "centres_in_village": "how many the village gets",
    "settlement_id": "natural village it stands in or next to; missing where none is known", "settlement_name": "",
    "place": "chosen, existing, upgrade, best_candidate, settlement, village or none",
    "candidate_id": "site; missing where it stands in a venue or has none yet", "venue_id": "venue it grows from",
    "kind": "new, reuse, upgrade, existing; missing without a site", "verdict": "of the site",
    "needs_site": "no site is known for it yet", "shared": "the chosen site is another village's",
    "floor_area_m2": "after building, m2", "yard_m2": "open ground beside the house, m2",
    "natural_villages": "natural villages it serves", "people": "their people; the village's where there is no such layer",
    "mean_walk_min": "mean walk of these people, min", "worst_walk_min": "longest walk from one of these natural villages, min",
    "services_covered": "services", "services_housed": "services", "services_gap": "services", "services_unknown": "services",
    "together": "categories near enough to be planned as one, joined by ;",
}
"""Columns of `Centres.centres` besides geometry."""


@dataclass(frozen=True)
class Centres:
    """Planned centres.

    Attributes
    ----------
    centres : GeoDataFrame
        `CENTRE_COLUMNS` and a point (empty where no place is known), villages in the study's order, then by number.
    services : DataFrame
        `geo.centres.services.SERVICE_COLUMNS`: seven rows a centre.
    together : DataFrame
        What is near enough to be planned together (A 2.1): `centre_id, category, facility_id, facility_name, walk_min`.
    villages : DataFrame
        `village_code, village_name, centres, dispersion_m, beyond_share, beyond_people, triggers, unknown`: why one or several.
    natural_villages : GeoDataFrame
        `settlement_id, settlement_name, village_code, people, centre_id, walk_min`: where each one's people go. `centre_id` is
        missing where none of its village's centres can be reached; without roads the nearest one, `walk_min` unknown.
    not_assessed : Mapping
        What could not be told (walks, natural_villages, facilities, well_off) -> roles wanting.
    """

    centres: gpd.GeoDataFrame
    services: pd.DataFrame
    together: pd.DataFrame
    villages: pd.DataFrame
    natural_villages: gpd.GeoDataFrame
    not_assessed: Mapping[str, tuple[str, ...]]


def centres(county: CountyLike, study: Study, chosen: Mapping[str, str], rules: PlanningRules, *,
            network: RoadNetwork | None = None) -> Centres:
    """Plan the service centres of a county: one for each village, or one for each natural village by the rule of policy D 3.3.

    The first centre of a village stands on its chosen site, else in the venue it has, else on its best-ranked site, else in its
    largest natural village. Where the rule asks for more (`geo.planning_rules.CentreRules`), natural villages follow, the one with
    most people first; each takes the best site of the village near it. Names follow from `name_base`, `name_kind`, `number` and
    `centres_in_village` (words ``centres.name``).

    Parameters
    ----------
    county : CountyLike
        Its settlements, venues, facilities, roads.
    study : Study
        Of that county.
    chosen : Mapping
        Village code -> candidate id, as decided; may be empty. Two villages may share one site.
    rules : PlanningRules
        ``scenario.planning``.
    network : RoadNetwork, optional
        Built from the county's roads unless given.

    Returns
    -------
    Centres
        The same input gives the same plan, whatever the order of rows of the layers.

    Raises
    ------
    NoSuchCandidate
        For a chosen site that the study does not have.
    CentreError
        For a chosen village that is not listed.
    NotMetricError
        When lengths in the county's CRS are not metres.

    Notes
    -----
    The policy names no figures for *large* or *dispersed*: the thresholds are planning defaults. A first centre on a site two
    villages share is planned for each of them; the room programme is reckoned as if each had the house to itself.
    """
    require_metric(county.crs)
    network = _network(county, study) if network is None else network
    villages = study.villages.reset_index(drop=True)
    sites = sites_of(study, rules.centres)
    first = first_places(county, study, sites, chosen, rules.centres)
    homes = homes_of(county, villages, network)
    limit = study.scenario.travel.walk_limit_min
    walks = np.full(len(homes.frame), np.nan)
    for village, place in enumerate(first):
        walks[homes.of(village)] = walks_to(place, homes, homes.of(village), network, limit)
    judged = triggers(villages, homes.frame.assign(first_min=walks), rules.centres)
    places, served, counts = [], [], []
    for village, place in enumerate(first):
        own = homes.of(village)
        planned = _Planned(village, [place], [walks[own]])
        if judged["triggers"].iat[village]:
            planned = _split(planned, homes, sites, study, rules.centres, network)
        places.append(planned)
        counts.append(len(planned.places))
        served.append(_nearest_of(planned, own, homes))
    frame, natural = _tables(villages, places, served, homes, sites, county)
    return _with_services(frame, natural, judged.assign(centres=counts), villages, county, network, rules)


@dataclass(frozen=True)
class _Planned:
    """The centres of one village, with the walks of its natural villages to each (min)."""

    village: int
    places: list[Place]
    walks: list[np.ndarray]


def _network(county: CountyLike, study: Study) -> RoadNetwork | None:
    if county.roads is None:
        return None
    try:
        return build_network(
            county.roads, terrain=county.terrain, travel=study.scenario.travel, water=water_areas(county.restrictions))
    except NetworkError:
        return None


def _split(planned: _Planned, homes: Homes, sites: Sites, study: Study, rules: CentreRules,
           network: RoadNetwork | None) -> _Planned:
    """Further centres for the natural villages that get one, most people first."""
    places, walks, rows = list(planned.places), list(planned.walks), homes.of(planned.village)
    code, limit_min = study.villages["village_code"].iat[planned.village], study.scenario.travel.walk_limit_min
    min_floor = study.scenario.building.min_floor_area_m2
    at_home = home_of(places[0], walks[0], rows, homes)
    for order, row in enumerate(rows):
        home = homes.frame.iloc[row]
        near = np.nanmin([walk[order] for walk in walks]) if any(walk[order] == walk[order] for walk in walks) else np.nan
        if row == at_home or not home["people"] >= rules.settlement_people or near <= rules.apart_min:
            continue
        taken = {place.candidate_id for place in places if place.candidate_id is not None}
        found = None if homes.snaps is None else best_site_near(
            network, take(homes.snaps, np.array([row])), (home["x_m"], home["y_m"]), sites, code, taken,
            within_min=rules.site_walk_min)
        if found is None:
            place = Place("settlement", home["x_m"], home["y_m"], floor_area_m2=rules.new_floor_area_m2)
        else:
            place = sites.place(found, "best_candidate", rules, min_floor)
        places.append(place)
        walks.append(walks_to(place, homes, rows, network, limit_min))
    return _Planned(planned.village, places, walks)


def _nearest_of(planned: _Planned, rows: np.ndarray, homes: Homes) -> tuple[np.ndarray, np.ndarray]:
    """For each natural village the position of its centre (-1: reaches none) and the walk to it in min."""
    if not len(rows):
        return np.empty(0, dtype=int), np.empty(0)
    walk = np.array(planned.walks)
    if np.isnan(walk).all():
        part = homes.frame.iloc[rows]
        apart = np.array([np.hypot(part["x_m"] - place.x_m, part["y_m"] - place.y_m) for place in planned.places])
        known = not np.isnan(apart).all()
        return (np.argmin(np.where(np.isnan(apart), np.inf, apart), axis=0) if known else np.full(len(rows), -1),
                np.full(len(rows), np.nan))
    walk = np.where(np.isnan(walk), np.inf, walk)
    best = np.argmin(walk, axis=0)
    minutes = walk[best, np.arange(len(rows))]
    return np.where(np.isfinite(minutes), best, -1), minutes


def _tables(villages: gpd.GeoDataFrame, planned: list[_Planned], served: list[tuple[np.ndarray, np.ndarray]], homes: Homes,
            sites: Sites, county: CountyLike) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """One row per centre, and one per natural village."""
    rows, shapes, natural = [], [], []
    for one, (centre_of, minutes) in zip(planned, served, strict=True):
        village, own = villages.iloc[one.village], homes.of(one.village)
        base, kind = community_name(village["village_name"], village["township_name"])
        ids = [f"{village['village_code']}-{number:02d}" for number in range(1, len(one.places) + 1)]
        for number, place in enumerate(one.places):
            at = home_of(place, one.walks[number], own, homes)
            here = centre_of == number
            rows.append({
                **{name: village[name] for name in ("village_code", "village_name", "township_code", "township_name")},
                "centre_id": ids[number], "name_base": base, "name_kind": kind, "number": number + 1,
                "centres_in_village": len(one.places),
                "settlement_id": homes.frame["settlement_id"].iat[at] if at >= 0 else None,
                "settlement_name": homes.frame["settlement_name"].iat[at] if at >= 0 else None,
                **{name: getattr(place, name) for name in ("place", "candidate_id", "venue_id", "kind", "verdict", "floor_area_m2",
                                                           "yard_m2")},
                "needs_site": place.place in ("settlement", "village", "none"),
                "shared": place.candidate_id is not None
                and sites.frame.at[place.candidate_id, "village_code"] != village["village_code"],
                **_served(homes.frame["people"].to_numpy(float)[own][here], minutes[here], len(own), village["population"]),
            })
            shapes.append(shapely.Point(place.x_m, place.y_m) if place.known else shapely.Point())
        natural.append(pd.DataFrame({"row": own, "village_code": village["village_code"], "walk_min": minutes,
                                     "centre_id": [ids[c] if c >= 0 else None for c in centre_of]}))
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=[n for n in CENTRE_COLUMNS if not n.startswith(("services_", "together"))]),
                             geometry=shapes, crs=county.crs)
    joined = pd.concat(natural, ignore_index=True) if natural else pd.DataFrame(
        {"row": pd.Series(dtype=int), "village_code": [], "walk_min": [], "centre_id": []})
    there = homes.frame.iloc[joined["row"].to_numpy(int)].reset_index(drop=True)
    table = gpd.GeoDataFrame({
        "settlement_id": there["settlement_id"], "settlement_name": there["settlement_name"],
        "village_code": joined["village_code"], "people": there["people"],
        "centre_id": joined["centre_id"].astype("str"), "walk_min": joined["walk_min"],
    }, geometry=there.geometry.array, crs=county.crs)
    texts = ["settlement_id", "settlement_name", "candidate_id", "venue_id", "kind", "verdict"]
    return frame.astype({name: "str" for name in texts}), table


def _served(people: np.ndarray, minutes: np.ndarray, natural: int, population: float) -> dict[str, float]:
    """Natural villages, people, mean and longest walk of a centre (people, min). Without natural villages the village's people."""
    if not natural:
        return {"natural_villages": 0, "people": population, "mean_walk_min": np.nan, "worst_walk_min": np.nan}
    counted = np.isfinite(people) & np.isfinite(minutes)
    total = people[counted].sum()
    known = people[np.isfinite(people)]
    return {
        "natural_villages": len(people), "people": known.sum() if len(known) or not len(people) else np.nan,
        "mean_walk_min": float(people[counted] @ minutes[counted] / total) if total > 0 else np.nan,
        "worst_walk_min": float(minutes.max()) if len(minutes) and not np.isnan(minutes).any() else np.nan,
    }


def _with_services(frame: gpd.GeoDataFrame, natural: gpd.GeoDataFrame, judged: pd.DataFrame, villages: gpd.GeoDataFrame,
                   county: CountyLike, network: RoadNetwork | None, rules: PlanningRules) -> Centres:
    places = None if network is None or not len(frame) else snap(frame.geometry, network, mode="walk")
    ids = frame["centre_id"].tolist()
    near = nearest_facilities(network, places, ids, county.facilities, rules.services)
    services = services_of(frame, near, rules.services, categories_in_data(county.facilities))
    together = near[near["category"].isin(rules.services.together) & (near["walk_min"] <= rules.services.together_min + 1e-9)]
    joined = together.groupby("centre_id")["category"].agg(list).to_dict() if len(together) else {}
    states = services.groupby(["centre_id", "state"]).size().unstack(fill_value=0).reindex(ids)
    frame = frame.assign(
        **{f"services_{state}": states[state].to_numpy() if state in states else 0 for state in STATES},
        together=[";".join(joined.get(one, ())) for one in ids],
    )
    lacking = {
        "walks": () if network is not None else ("roads",),
        "natural_villages": () if len(natural) else ("settlements",),
        "facilities": () if county.facilities is not None else ("facilities",),
    }
    why = villages[["village_code", "village_name"]].join(judged)
    order = ["village_code", "village_name", "centres", "dispersion_m", "beyond_share", "beyond_people", "triggers", "unknown"]
    return Centres(
        centres=frame[[*CENTRE_COLUMNS, "geometry"]], services=services, together=together.reset_index(drop=True),
        villages=why[order], natural_villages=natural,
        not_assessed={name: roles for name, roles in lacking.items() if roles}
        | ({} if villages["collective_income_yuan"].notna().any() else {"well_off": ("villages",)}),
    )
