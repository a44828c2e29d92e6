"""Homes and natural villages, each with its walk to the venues that count, and why it is unserved. Minutes; unreachable is inf."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.access import time_to_nearest
from geo.coverage.floating import floating_access
from geo.coverage.ground import Ground
from geo.coverage.tables import within
from geo.coverage.venues import Venues, standing_venues
from geo.coverage.walks import Walks, walk_pairs
from geo.inputs import CountyLike
from geo.scenario import Scenario
from geo.snapping import Snaps, snap

UNSERVED_REASONS = ("beyond", "beyond_walk_limit", "unreachable", "off_network", "no_venue")
"""Why somebody is unserved: the walk is longer than the catchment; longer than any walk that is sought; there is no way at all; the
home is too far from any road or path; the county has no venue that counts. The last four have a walk of inf."""

HOME_COLUMNS = {
    "people": "float64", "village_code": "str", "walk_min": "float64", "venue_id": "str", "venue_village_code": "str",
    "served": "bool", "own_served": "bool", "maybe": "bool", "reason": "str", "floating_m2": "float64",
    "own_walk_min": "float64", "may_reach": "bool",
}

SETTLEMENT_COLUMNS = ("settlement_id", "settlement_name", "village_code", "population", "walk_min", "venue_id", "served", "reason")


def village_codes(county: CountyLike) -> np.ndarray:
    """Village codes with a missing one behind them, so that position -1 reads as missing."""
    return np.append(county.villages["village_code"].to_numpy(object), np.nan)


def _ids(counted: Venues) -> np.ndarray:
    return np.append(counted.venue_id, np.nan).astype(object)


def _reasons(snaps: Snaps, places: Snaps, minutes: np.ndarray, served: np.ndarray) -> pd.Series:
    """Why each home is unserved (`UNSERVED_REASONS`), missing where it is served."""
    reachable = np.isin(snaps.component, np.unique(places.component[places.connected])) & snaps.connected
    reason = np.select(
        [served, np.isfinite(minutes), ~snaps.connected, np.full(len(snaps), len(places) == 0), reachable],
        ["", "beyond", "off_network", "no_venue", "beyond_walk_limit"], "unreachable",
    )
    return pd.Series(np.where(reason == "", None, reason), dtype="str")


def homes_of(county: CountyLike, scenario: Scenario, ground: Ground, counted: Venues,
             places: Snaps | None) -> tuple[gpd.GeoDataFrame, Walks | None]:
    """One row a resident point, with its walk and what is about it; no rows where no walk can be told."""
    if ground.network is None or ground.homes is None or places is None or ground.residents is None:
        empty = {name: pd.Series(dtype=kind) for name, kind in HOME_COLUMNS.items()}
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=county.crs)), None
    network, residents, rules, limit = ground.network, ground.residents, scenario.coverage, scenario.travel.catchment_min
    longest = max(*rules.limits_min, *rules.zones_min, limit)
    walks = walk_pairs(network, ground.homes, places, limit_min=min(longest, scenario.travel.walk_limit_min))
    near = time_to_nearest(network, places, ground.homes, mode="walk", limit_min=scenario.travel.walk_limit_min)
    own, _ = walks.nearest((counted.village[walks.place] == residents.village[walks.home]) & (residents.village[walks.home] >= 0))
    served = within(near.minutes, limit)
    maybe, may_reach = _maybe(county, scenario, ground, counted)
    frame = gpd.GeoDataFrame({
        "people": residents.people, "village_code": pd.Series(village_codes(county)[residents.village], dtype="str"),
        "walk_min": near.minutes,
        "venue_id": pd.Series(_ids(counted)[near.facility], dtype="str"),
        "venue_village_code": pd.Series(village_codes(county)[np.append(counted.village, -1)[near.facility]], dtype="str"),
        "served": served, "own_served": within(own, limit), "maybe": maybe & ~served,
        "reason": _reasons(ground.homes, places, near.minutes, served),
        "floating_m2": floating_access(walks, residents.people, counted.floor_area_m2, zones_min=rules.zones_min,
                                       zone_weights=rules.zone_weights),
        "own_walk_min": own, "may_reach": may_reach,
    }, geometry=gpd.points_from_xy(residents.xy[:, 0], residents.xy[:, 1]), crs=county.crs)
    return frame, walks


def _maybe(county: CountyLike, scenario: Scenario, ground: Ground, counted: Venues) -> tuple[np.ndarray, np.ndarray]:
    """Homes that may be served, and that may reach a venue at all, by one not known to be adequate or without a place."""
    if county.venues is None or ground.network is None or ground.homes is None:
        return np.ones(len(ground.residents.people), bool), np.ones(len(ground.residents.people), bool)
    unsure = standing_venues(county, scenario, status=("unknown",))
    walk = time_to_nearest(ground.network, snap(unsure.xy, ground.network, mode="walk"), ground.homes, mode="walk",
                           limit_min=scenario.travel.walk_limit_min).minutes
    lost = np.concatenate([counted.unlocated_village, unsure.unlocated_village])
    of_lost = np.isin(ground.residents.village, lost[lost >= 0])
    return within(walk, scenario.travel.catchment_min) | of_lost, np.isfinite(walk) | of_lost


def settlements_of(county: CountyLike, scenario: Scenario, ground: Ground, counted: Venues,
                   places: Snaps | None) -> gpd.GeoDataFrame:
    """Natural villages with their walk (NaN where no network tells it)."""
    if ground.settlements is None:
        return gpd.GeoDataFrame({name: pd.Series(dtype="object") for name in SETTLEMENT_COLUMNS},
                                geometry=gpd.GeoSeries([], crs=county.crs))
    there = ground.settlements
    code = pd.Series(village_codes(county)[ground.settlement_villages], dtype="str")
    data = {"settlement_id": there["settlement_id"], "settlement_name": there["settlement_name"], "village_code": code,
            "population": there["population"]}
    if ground.network is None or ground.settlement_homes is None or places is None or (county.venues is None and not len(counted)):
        data |= {"walk_min": np.nan, "venue_id": pd.Series([None] * len(there), dtype="str"), "served": False,
                 "reason": pd.Series([None] * len(there), dtype="str")}
    else:
        near = time_to_nearest(ground.network, places, ground.settlement_homes, mode="walk",
                               limit_min=scenario.travel.walk_limit_min)
        served = within(near.minutes, scenario.travel.catchment_min)
        data |= {"walk_min": near.minutes, "venue_id": pd.Series(_ids(counted)[near.facility], dtype="str"), "served": served,
                 "reason": _reasons(ground.settlement_homes, places, near.minutes, served)}
    return gpd.GeoDataFrame(data, geometry=there.geometry.array, crs=county.crs)
