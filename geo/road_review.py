"""The roads of a county under review: suspected gaps with what each would change, and the parts that do not hang together.

Made when first asked for: a study carries the review and pays nothing for it until somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.inputs import CountyLike
from geo.measures.residents import Residents, points_of
from geo.measures.transport import has_through_road
from geo.network import RoadNetwork
from geo.offroad import water_areas
from geo.road_effects import EFFECT_COLUMNS, effects, join_class
from geo.road_gaps import GAP_KINDS, Gaps, dead_end_gaps, piece_gaps, settlement_gaps
from geo.scenario import Scenario
from geo.snapping import Snaps, snap

GAP_COLUMNS = {
    "gap_id": "G-001, G-002 … in the order of the rows",
    "kind": f"{', '.join(GAP_KINDS)}",
    "lon": "WGS 84 longitude of its middle, degrees", "lat": "WGS 84 latitude, degrees",
    "length_m": "from end to end, straight",
    "detour_m": "way round on the roads from end to end; inf where there is none, or only a very long one",
    "road_m": "length of the shorter of the two parts it would join; NaN where they hang together already",
    "place": "name of the settlement without a road; missing for other kinds",
    "mode": "drive where vehicles use both roads, else walk; missing where nothing is joined",
    "road_class": "class that a join would be taken for: the slower of the two",
    "possible_people": "people who may be concerned: on the shorter part, or near the gap, or in the settlement; NaN not counted",
    "people": "people for whom the join changes anything; NaN where that is not known or not computed",
    "people_seat": "people who gain a way to the seat of their township",
    "people_through": "people who gain a way to a through road",
    "people_nearer": "people whose way to the seat (to a through road where there is no seat) becomes shorter",
    "saved_min": "minutes that they save, mean",
    "village_code": "the village most concerned", "village_name": "",
    "village_people": "people of that village concerned", "village_saved_min": "minutes that they save, mean",
    "computed": "whether the join was made to see what changes",
    "lon1": "one end, degrees", "lat1": "", "lon2": "the other end, degrees", "lat2": "",
}
"""Columns of `RoadReview.gaps`."""

PART_COLUMNS = {
    "part": "1 is the longest",
    "length_m": "length of its roads", "share": "of the whole network's length, 0..1",
    "people": "people whose nearest road is on it; NaN not counted",
    "settlements": "settlements whose nearest road is on it", "settlement_names": "the first of them, joined by ;",
    "leads_through": "whether a through road belongs to it; missing where the network has none",
    "lon": "WGS 84 longitude of a place on it, degrees", "lat": "WGS 84 latitude, degrees",
}
"""Columns of `RoadReview.parts`."""

NAMES = 5
"""Settlements that a part names."""

NEAR_CELL_M = 1000.0
"""People in the cells of this size around a gap may be concerned by it."""


@dataclass(frozen=True)
class RoadReview:
    """Roads of a county as its study used them. `gaps` and `parts` are computed when first read."""

    county: CountyLike
    scenario: Scenario
    network: RoadNetwork
    residents: Residents | None

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """Suspected gaps, most people concerned first; `GAP_COLUMNS`."""
        return _gap_table(self)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """Parts of the network that hang together on foot, longest first, and whom they carry; `PART_COLUMNS`."""
        return _part_table(self)

    @cached_property
    def homes(self) -> Snaps | None:
        """Where people live, on the network on foot; None where that is not known."""
        return None if self.residents is None or not len(self.residents) else snap(
            self.residents.xy, self.network, mode="walk", straight_only=True)

    @cached_property
    def settlements(self) -> gpd.GeoDataFrame:
        """Natural villages that are lived in (else villages drawn as points): `name`, `people` (NaN not counted), geometry."""
        return _settlements(self.county)

    @cached_property
    def settlement_part(self) -> np.ndarray:
        """Part of the network each settlement's nearest road belongs to, -1 where there is none."""
        if not len(self.settlements):
            return np.zeros(0, dtype=np.int64)
        return snap(np.asarray(self.settlements.geometry.array, dtype=object), self.network, mode="walk").component.astype(np.int64)


def _settlements(county: CountyLike) -> gpd.GeoDataFrame:
    for frame, name in ((county.settlements, "settlement_name"), (county.villages, "village_name")):
        if frame is None:
            continue
        lived_in = frame[frame["population"].ne(0).to_numpy(bool)]
        if name == "village_name":
            lived_in = lived_in[lived_in.geometry.geom_type.isin(["Point", "MultiPoint"]).to_numpy(bool)]
        rows, _ = points_of(lived_in)
        there = lived_in.iloc[rows].reset_index(drop=True)
        if len(there):
            return gpd.GeoDataFrame({"name": there[name], "people": there["population"].astype("float64")},
                                    geometry=there.geometry.array, crs=county.crs)
    return gpd.GeoDataFrame({"name": pd.Series(dtype="str"), "people": pd.Series(dtype="float64")}, geometry=[], crs=county.crs)


# ------------------------------------------------------------------------------------------------------------------- parts
def _part_people(review: RoadReview) -> np.ndarray:
    """People whose nearest road is on each part; NaN where nobody is counted."""
    count = len(review.network.walk.component_length_m)
    if review.homes is None or review.residents is None:
        return np.full(count, np.nan)
    on = review.homes.component >= 0
    return np.bincount(review.homes.component[on], review.residents.people[on], minlength=count)


def _part_table(review: RoadReview) -> pd.DataFrame:
    network, count = review.network, len(review.network.walk.component_length_m)
    length = network.walk.component_length_m
    names: list[list[str]] = [[] for _ in range(count)]
    for part, name in zip(review.settlement_part, review.settlements["name"], strict=True):
        if part >= 0:
            names[part].append("" if pd.isna(name) else str(name))
    used = np.flatnonzero(network.walk.used)
    middle = np.full(count, -1)
    by_length = used[np.argsort(network.edge_length_m[used], kind="stable")]
    middle[network.walk.component[network.edge_u[by_length]]] = by_length   # the longest edge of each part comes last
    vertex = (network.vertex_start[middle] + network.vertex_start[middle + 1]) // 2
    lon, lat = _degrees(network, network.vertex_x[vertex], network.vertex_y[vertex])
    classes = review.scenario.road.through_classes
    through = network.of_class(classes) & network.drive.used & network.walk.used
    leads = np.isin(np.arange(count), np.unique(network.walk.component[network.edge_u[through]]))
    known = has_through_road(network, classes)
    frame = pd.DataFrame({
        "length_m": length, "share": length / length.sum() if count else length, "people": _part_people(review),
        "settlements": [len(one) for one in names],
        "settlement_names": pd.Series(["; ".join(sorted(filter(None, one))[:NAMES]) or None for one in names], dtype="str"),
        "leads_through": pd.array(leads if known else [None] * count, dtype="boolean"), "lon": lon, "lat": lat,
    })
    frame = frame.sort_values(["length_m", "lon", "lat"], ascending=[False, True, True], kind="stable", ignore_index=True)
    frame.insert(0, "part", np.arange(1, count + 1))
    return frame[list(PART_COLUMNS)]


# -------------------------------------------------------------------------------------------------------------------- gaps
def _gap_table(review: RoadReview) -> pd.DataFrame:
    network, rules, county = review.network, review.scenario.road_gaps, review.county
    water = water_areas(county.restrictions)
    closed = np.asarray(county.roads.geometry.array[county.roads["closed"].fillna(False).to_numpy(bool)], dtype=object)
    gaps = dead_end_gaps(network, rules, water=water, closed=closed)
    gaps = gaps.joined(piece_gaps(network, rules, _cut_off(review, gaps), water=water))
    joins = _described(review, gaps)
    homeless, rows = settlement_gaps(network, rules, np.asarray(review.settlements.geometry.array, dtype=object))
    places = _described(review, homeless)
    places["possible_people"] = _settlement_people(review, rows)
    places["place"] = review.settlements["name"].to_numpy(object)[rows]
    enough = ~(places["possible_people"] < rules.least_people)
    table = pd.concat([joins, places[enough.to_numpy()]], ignore_index=True)
    chosen = _most_promising(table, rules.most_joined)
    table = table.join(_named(effects(gaps.take(chosen), network, county, review.scenario, review.residents), chosen, county))
    table["computed"] = table.index.isin(chosen)
    table["place"] = table["place"].astype("str")
    # nobody gains a way that can be reckoned where there is no road at all: those without one are themselves concerned
    table["people"] = table["people"].where(table["kind"] != "settlement", table["possible_people"])
    table = table.sort_values(
        ["people", "possible_people", "road_m", "length_m", "lon", "lat"], ascending=[False, False, False, True, True, True],
        kind="stable", na_position="last", ignore_index=True)
    table["gap_id"] = [f"G-{number:03d}" for number in range(1, len(table) + 1)]
    return table[list(GAP_COLUMNS)]


def _cut_off(review: RoadReview, gaps: Gaps) -> np.ndarray:
    """Parts with people or settlements on them that no gap joins to another part yet."""
    network, rules = review.network, review.scenario.road_gaps
    count = len(network.walk.component_length_m)
    people = _part_people(review)
    settled = np.bincount(review.settlement_part[review.settlement_part >= 0], minlength=count) > 0
    # where neither people nor settlements are known every part may carry some
    unknown = settled if settled.any() else np.ones(count, dtype=bool)
    wanted = np.where(np.isnan(people), unknown, people >= rules.least_people)
    sides = [network.walk.component[network.edge_u[ends.edge]] for ends in (gaps.first, gaps.second)]
    apart = sides[0] != sides[1]
    wanted[np.concatenate([side[apart] for side in sides])] = False
    return np.flatnonzero(wanted)


def _described(review: RoadReview, gaps: Gaps) -> pd.DataFrame:
    """Kind, place, lengths, and the people who may be concerned, of each gap."""
    network = review.network
    first, second = _degrees(network, gaps.first.x, gaps.first.y), _degrees(network, gaps.second.x, gaps.second.y)
    lon, lat = _degrees(network, (gaps.first.x + gaps.second.x) / 2, (gaps.first.y + gaps.second.y) / 2)
    on_roads = gaps.kind != "settlement"
    parts = np.column_stack([network.walk.component[network.edge_u[s.edge]] for s in (gaps.first, gaps.second)]).reshape(-1, 2)
    length = network.walk.component_length_m
    lesser = np.where(length[parts[:, 0]] <= length[parts[:, 1]], parts[:, 0], parts[:, 1])
    apart = on_roads & (parts[:, 0] != parts[:, 1])
    people = _part_people(review)[lesser] if len(gaps) else np.zeros(0)
    classes = join_class(network, gaps, dict(network.travel.drive_kmh))
    return pd.DataFrame({
        "kind": gaps.kind.astype(str), "lon": lon, "lat": lat, "length_m": gaps.length_m, "detour_m": gaps.detour_m,
        "road_m": np.where(apart, length[lesser], np.nan),
        "place": pd.Series(np.full(len(gaps), None, dtype=object), dtype=object),
        "road_class": pd.Series(np.where(on_roads, classes, None), dtype="str"),
        "possible_people": np.where(apart, people, _people_near(review, gaps)),
        "lon1": first[0], "lat1": first[1], "lon2": second[0], "lat2": second[1],
    })


def _most_promising(table: pd.DataFrame, most: int) -> np.ndarray:
    """Rows of the gaps that are worth joining to see what changes: most people behind them, then most road, then the shortest."""
    roads = table[(table["kind"] != "settlement").to_numpy()]
    best = roads.sort_values(["possible_people", "road_m", "length_m", "lon", "lat"], ascending=[False, False, True, True, True],
                             kind="stable", na_position="last").index[:most]
    return np.sort(best.to_numpy())


def _named(found: pd.DataFrame, rows: np.ndarray, county: CountyLike) -> pd.DataFrame:
    """Effects by the rows they are of, the village by its code and name."""
    village = found["village"].to_numpy()
    columns: dict[str, object] = {name: found[name].to_numpy() for name in EFFECT_COLUMNS if name != "village"}
    columns["mode"] = found["mode"].to_numpy(object)
    for name in ("village_code", "village_name"):
        listed = np.array([None], dtype=object) if county.villages is None else np.append(
            county.villages[name].astype(object).to_numpy(), None)
        columns[name] = listed[np.where(village >= 0, village, -1)]
    frame = pd.DataFrame(columns, index=rows)
    return frame.astype({name: "str" for name in ("mode", "village_code", "village_name")})


def _settlement_people(review: RoadReview, rows: np.ndarray) -> np.ndarray:
    """People of settlements: as counted, else those who live as near to it as a road should be."""
    people = review.settlements["people"].to_numpy("float64")[rows].copy()
    unknown = np.flatnonzero(np.isnan(people))
    residents = review.residents
    if len(unknown) and residents is not None and residents.source == "population":
        around = np.asarray(review.settlements.geometry.array, dtype=object)[rows[unknown]]
        at, home = shapely.STRtree(shapely.points(residents.xy)).query(
            around, predicate="dwithin", distance=review.scenario.road_gaps.settlement_m)
        people[unknown] = np.bincount(at, residents.people[home], minlength=len(unknown))
    return people


def _people_near(review: RoadReview, gaps: Gaps) -> np.ndarray:
    """People in the cells of `NEAR_CELL_M` around each gap; NaN where nobody is counted."""
    if review.residents is None or not len(review.residents):
        return np.full(len(gaps), np.nan)
    xy = review.residents.xy
    origin = xy.min(axis=0) - 2 * NEAR_CELL_M
    cell = ((xy - origin) // NEAR_CELL_M).astype(np.int64)
    counted = np.zeros(tuple(cell.max(axis=0) + 3))
    np.add.at(counted, (cell[:, 0], cell[:, 1]), review.residents.people)
    around = sum(np.roll(counted, (dx, dy), axis=(0, 1)) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
    middle = (np.column_stack([gaps.first.x + gaps.second.x, gaps.first.y + gaps.second.y]) / 2 - origin) // NEAR_CELL_M
    inside = (middle >= 0).all(axis=1) & (middle < counted.shape).all(axis=1)
    at = np.where(inside[:, None], middle, 0).astype(np.int64)
    return np.where(inside, np.asarray(around)[at[:, 0], at[:, 1]], 0.0)


def _degrees(network: RoadNetwork, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """WGS 84 longitude and latitude of places in the network's CRS."""
    points = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=network.crs).to_crs(4326)
    return points.x.to_numpy(), points.y.to_numpy()
