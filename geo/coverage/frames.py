"""The tables of a coverage: villages, townships, the county, venues, overlapping catchments, inequality. People and minutes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage.ground import Ground
from geo.coverage.homes import village_codes
from geo.coverage.inequality import gini
from geo.coverage.tables import neighbours, overlap, people_column, people_figures, settlement_figures, within
from geo.coverage.venues import Venues, standing_venues
from geo.coverage.walks import Walks
from geo.inputs import CountyLike
from geo.scenario import Scenario
from geo.villages import venue_standing

VENUE_STATES = ("none", "below_standard", "adequate", "unknown", "planned")
"""As `geo.results.VENUE_STATUS`, and *planned*: a site is chosen for it or the ledger has one planned, and none adequate stands."""

ABOUT_WALKS = ("people", "own_people", "served_share", "mean_", "worst_", "floating_", "settlements_beyond")


def _states(county: CountyLike, scenario: Scenario, counted: Venues, decided: np.ndarray) -> pd.DataFrame:
    """Venue of each village: as it stands, and with what is planned; `decided` are positions of villages given a site."""
    standing = venue_standing(county, scenario.venues).reset_index(drop=True)
    coming = standing_venues(county, scenario, planned=True)
    villages = np.concatenate([counted.village[counted.planned], coming.village, coming.unlocated_village, decided])
    planned = np.zeros(len(standing), bool)
    planned[villages[villages >= 0]] = True
    lost = counted.unlocated_village[counted.unlocated_village >= 0]
    return pd.DataFrame({
        "venue": standing["venue"].where(~planned | standing["venue"].eq("adequate").to_numpy(bool), "planned"),
        "venue_now": standing["venue"], "venue_lacks": standing["venue_lacks"],
        "venues_unlocated": np.bincount(lost, minlength=len(standing)),
    })


def frames_of(county: CountyLike, scenario: Scenario, ground: Ground, counted: Venues, homes: gpd.GeoDataFrame,
            settlements: gpd.GeoDataFrame, decided: np.ndarray) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables of villages, townships and the county."""
    listed = county.villages.reset_index(drop=True)
    count, limits = len(listed), scenario.coverage.limits_min
    of = np.empty(0, np.int64) if not len(homes) else ground.residents.village
    figures = people_figures(homes, of, count, limits_min=limits)
    states = _states(county, scenario, counted, decided)
    if ground.settlement_villages is None:
        unknown_figures = ("settlements", "settlements_beyond", "settlements_beyond_people", "worst_settlement_min")
        natural = pd.DataFrame({name: np.nan for name in unknown_figures}, index=range(count)).assign(
            worst_settlement=pd.Series([None] * count, dtype="str"))
    else:
        natural = settlement_figures(settlements, ground.settlement_villages, count)
    codes, names = listed["village_code"].to_numpy(object), listed["village_name"].to_numpy(object)
    venue_village = pd.Index(codes).get_indexer(homes["venue_village_code"].astype(object)) if len(homes) else of
    by = neighbours(homes, of, venue_village, codes)
    neighbour = {"neighbour_code": pd.Series(village_codes(county)[by], dtype="str"),
                 "neighbour_name": pd.Series(np.append(names, np.nan)[by], dtype="str")}
    own = [name for name in figures.columns if name.startswith("own_")]
    # an own venue that cannot be found on the map: how many it serves is unknown, not none
    figures.loc[states["venues_unlocated"].to_numpy() > 0, own] = np.nan
    first = listed[["village_code", "village_name", "township_code", "township_name", "population"]]
    villages = gpd.GeoDataFrame(pd.concat([first, states, figures, pd.DataFrame(neighbour), natural], axis=1),
                                geometry=listed.geometry.array, crs=listed.crs)
    group, towns = pd.factorize(listed["township_code"], use_na_sentinel=False)
    names_of = listed["township_name"].groupby(group).first().reindex(range(len(towns)))
    townships = _grouped(villages, group, len(towns), homes, np.append(group, -1)[of], limits)
    townships.insert(0, "township_code", pd.Series(towns, dtype="str"))
    townships.insert(1, "township_name", names_of.astype("str").to_numpy())
    whole = _grouped(villages, np.zeros(count, np.int64), 1, homes, np.zeros(len(homes), np.int64), limits)
    outside = homes["people"][of < 0].sum() if len(homes) else np.nan
    return villages, townships, whole.assign(people_without_village=outside)


def _grouped(villages: gpd.GeoDataFrame, group: np.ndarray, count: int, homes: gpd.GeoDataFrame, of: np.ndarray,
             limits_min: tuple[float, ...]) -> pd.DataFrame:
    states = {f"villages_{state}": np.bincount(group, villages["venue"] == state, count).astype("int64") for state in VENUE_STATES}
    lost = np.bincount(group, villages["venues_unlocated"] > 0, count).astype("int64")
    natural = {name: villages[name].groupby(group).sum(min_count=1).reindex(range(count))
               for name in ("settlements", "settlements_beyond")}
    # a sum with an unknown is unknown: bincount carries a NaN through
    natural["settlements_beyond_people"] = pd.Series(np.bincount(group, villages["settlements_beyond_people"], count))
    return pd.concat([
        pd.DataFrame({"villages": np.bincount(group, minlength=count), **states, "villages_unlocated": lost}),
        people_figures(homes, of, count, limits_min=limits_min), pd.DataFrame(natural),
    ], axis=1)


def unknown(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every figure about walks missing: what cannot be told is not none."""
    about = [name for name in frame.columns if name.startswith(ABOUT_WALKS)]
    blank = {name: pd.Series([np.nan] * len(frame), dtype="str" if name == "worst_settlement" else "float64") for name in about}
    return frame.assign(**blank)


def venue_frame(county: CountyLike, scenario: Scenario, counted: Venues, homes: gpd.GeoDataFrame,
                 walks: Walks | None) -> gpd.GeoDataFrame:
    limits = scenario.coverage.limits_min
    data = {"venue_id": pd.Series(counted.venue_id, dtype="str"),
            "village_code": pd.Series(village_codes(county)[counted.village], dtype="str"),
            "planned": counted.planned, "floor_area_m2": counted.floor_area_m2}
    if walks is None or not len(homes):
        data |= {name: np.full(len(counted), np.nan) for name in (*map(people_column, limits), "nearest_people")}
    else:
        people = homes["people"].to_numpy()
        for limit in limits:
            use = within(walks.minutes, limit)
            data[people_column(limit)] = np.bincount(walks.place[use], people[walks.home[use]], len(counted)).astype("float64")
        at = pd.Index(counted.venue_id).get_indexer(homes["venue_id"].astype(object))
        served = homes["served"].to_numpy(bool)
        data["nearest_people"] = np.bincount(at[served], people[served], len(counted)).astype("float64")
    return gpd.GeoDataFrame(data, geometry=gpd.points_from_xy(counted.xy[:, 0], counted.xy[:, 1]), crs=county.crs)


def overlaps(county: CountyLike, scenario: Scenario, ground: Ground, counted: Venues, walks: Walks | None) -> pd.DataFrame:
    """Total and non-overlapping catchments: county first, then the townships and the villages in which venues stand."""
    columns = ["level", "code", "name", "limit_min", "total_people", "unique_people", "twice_people"]
    if walks is None:
        return pd.DataFrame(columns=columns)
    people, limits = ground.residents.people, scenario.coverage.limits_min
    town, codes = pd.factorize(county.villages["township_code"], use_na_sentinel=False)
    names = county.villages["township_name"].groupby(town).first().reindex(range(len(codes))).astype(object).to_numpy()
    whole = overlap(walks, people, np.zeros(len(counted), np.int64), 1, limits_min=limits)
    parts = overlap(walks, people, np.append(town, -1)[counted.village], len(codes), limits_min=limits)
    own = overlap(walks, people, counted.village, len(town), limits_min=limits)
    found = pd.concat([
        whole.assign(level="county", code=county.code, name=county.name),
        parts.assign(level="township", code=np.asarray(codes, dtype=object)[parts["group"]], name=names[parts["group"]]),
        own.assign(level="village", code=village_codes(county)[own["group"]],
                   name=county.villages["village_name"].to_numpy(object)[own["group"]]),
    ], ignore_index=True)
    return found[columns]


def inequality(villages: pd.DataFrame, townships: pd.DataFrame, with_floating: bool) -> pd.DataFrame:
    rows = []
    for measure in ("served_share", "floating_m2") if with_floating else ("served_share",):
        for between, frame in (("townships", townships), ("villages", villages)):
            used = frame[frame[measure].notna() & (frame["people"] > 0)]
            rows.append({"measure": measure, "between": between, "groups": len(used),
                         "gini": gini(used[measure].to_numpy(), used["people"].to_numpy())})
    return pd.DataFrame(rows)
