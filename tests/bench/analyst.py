"""The peer: the script an analyst writes with geopandas, osmnx, networkx, rasterstats and spopt. Nothing is made slow on purpose.

    python -m tests.bench.analyst county.toml out-folder

`overlay` and `sjoin_nearest` use their spatial index as they do by default; the graph is the one osmnx makes of road edges; one
multi-source search gives the times to a category of facilities and a bounded one from each parcel the people near it; slopes are
zonal statistics; spopt chooses the sites with the solver that PuLP comes with. Left out, though ours computes them: owner levels,
the evidence of each gate, what would make a site pass. Prints the seconds of each step as JSON.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pulp
import shapely
from rasterstats import zonal_stats
from spopt.locate import PMedian

from tests.bench import model
from tests.bench.model import CATCHMENT_MIN, KINDS, LIMIT_MIN, RESTRICTIONS, Clock, Roads, Terrain
from tests.bench.siting import SOLVER_LIMIT_S, Siting, centres, counts, keep_siting, shortlist


def run(toml: Path, out: Path, criteria: tuple[str, ...]) -> dict[str, float]:
    """Seconds by step; ``candidates.csv`` and the columns compared are left in the folder."""
    clock, folder = Clock(), toml.parent
    parcels = gpd.read_parquet(folder / "parcels.parquet").set_index("BSM", drop=False).rename_axis(None)
    roads_frame = gpd.read_parquet(folder / "roads.parquet")
    buildings = gpd.read_parquet(folder / "buildings.parquet")
    people = gpd.read_parquet(folder / "people.parquet")
    facilities = gpd.read_file(folder / "facilities.gpkg")
    villages, ownership = (gpd.read_file(folder / "land.gpkg", layer=layer) for layer in ("villages", "ownership"))
    lands = {kind: gpd.read_file(folder / "land.gpkg", layer=kind) for kind in RESTRICTIONS}
    terrain = model.read_terrain(folder)
    clock.done("read")
    parcels["area"] = parcels.area
    parcels["inside"] = parcels.representative_point()
    parcels = with_villages(parcels, villages)
    parcels["collective_share"] = own_share(parcels, ownership)
    clock.done("ownership")
    for kind, land in lands.items():
        parcels[f"restriction_share_{kind}"] = share_in(parcels, land)
    clock.done("restrictions")
    parcels["courtyard_m2"], left = courtyard(parcels, buildings, lands)
    clock.done("courtyard")
    parcels = parcels.assign(**fit(parcels, left))
    clock.done("fit")
    parcels["frontage_m"] = frontage(parcels, roads_frame)
    clock.done("frontage")
    roads = model.road_table(roads_frame, terrain)
    walk, drive = graphs(roads)
    clock.done("graph")
    points = gpd.GeoDataFrame(geometry=parcels["inside"].array, crs=parcels.crs)
    drivable = roads.frame[roads.frame["drive"].notna()]
    on_foot, by_car = nearest_edge(points, roads.frame, roads), nearest_edge(points, drivable, roads)
    clock.done("snap")
    parcels["road_distance_m"] = nearest_m(parcels, drivable)
    parcels["hazard_distance_m"] = nearest_m(parcels, lands["hazard"])
    clock.done("distances")
    parcels = facility_times(parcels, facilities, on_foot, by_car, walk, drive, roads, villages)
    clock.done("facilities")
    homes = homes_of(people, villages, roads)
    parcels = people_near(parcels, homes, on_foot, walk)
    clock.done("people")
    parcels = village_walks(parcels, homes, on_foot, walk)
    clock.done("village walks")
    parcels["slope_deg"] = slopes(parcels, terrain)
    clock.done("slope")
    table = model.finished(parcels, criteria)
    clock.done("score")
    table.drop(columns=["geometry", "inside"]).to_csv(out / "candidates.csv", index=False, encoding="utf-8-sig")
    clock.done("write")
    plan = sited(parcels, table, homes, on_foot, walk, roads)
    clock.done("siting")
    keep_siting(out, plan)
    table.drop(columns=["geometry", "inside"]).to_parquet(out / "compared.parquet")
    return clock.finished("keep")


def with_villages(parcels: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The village that a point inside each parcel lies in."""
    inside = gpd.GeoDataFrame(geometry=parcels["inside"], crs=parcels.crs)
    found = inside.sjoin(villages, predicate="within").loc[parcels.index]
    return parcels.assign(village_code=found["village_code"], township_code=found["township_code"])


def own_share(parcels: gpd.GeoDataFrame, ownership: gpd.GeoDataFrame) -> pd.Series:
    """Share of each parcel in undisputed collective ownership of its own village."""
    pieces = gpd.overlay(parcels[["BSM", "village_code", "geometry"]], ownership, how="intersection")
    own = (pieces["QSDWDM"].str[:12] == pieces["village_code"]) & (pieces["争议"] == "否")
    held = pieces.area[own].groupby(pieces["BSM"]).sum()
    return held.reindex(parcels.index, fill_value=0.0) / parcels["area"]


def share_in(parcels: gpd.GeoDataFrame, land: gpd.GeoDataFrame) -> pd.Series:
    """Share of each parcel in some kind of land, whose areas do not overlap."""
    pieces = gpd.overlay(parcels[["BSM", "geometry"]], land[["geometry"]], how="intersection")
    return pieces.area.groupby(pieces["BSM"]).sum().reindex(parcels.index, fill_value=0.0) / parcels["area"]


def courtyard(parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, lands: dict[str, gpd.GeoDataFrame]) -> pd.Series:
    """Parcel area in m2 less the buildings on it and the land where nothing may be built."""
    left = gpd.overlay(parcels[["BSM", "geometry"]], buildings[["geometry"]], how="difference")
    for land in lands.values():
        left = gpd.overlay(left, land[["geometry"]], how="difference")
    return left.area.groupby(left["BSM"]).sum().reindex(parcels.index, fill_value=0.0), left.set_index("BSM").geometry


def fit(parcels: gpd.GeoDataFrame, left: gpd.GeoSeries) -> dict[str, pd.Series]:
    """Room for a house: largest circle on what is left, for no library has the largest rectangle; sides of the box around it."""
    corners = left.minimum_rotated_rectangle().get_coordinates().to_numpy().reshape(-1, 5, 2)
    sides = np.hypot(*np.diff(corners[:, :3], axis=1).transpose(2, 0, 1))
    found = {"circle_m": left.maximum_inscribed_circle().length, "long_m": pd.Series(sides.max(axis=1), left.index),
             "short_m": pd.Series(sides.min(axis=1), left.index)}
    found = {name: column.reindex(parcels.index, fill_value=0.0) for name, column in found.items()}
    return {**found, "compactness": 4 * np.pi * parcels.area / parcels.length**2}


def frontage(parcels: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> pd.Series:
    """Length in m of each parcel's edge that lies within a road's land and the gap beside it."""
    lines, reach_m = model.road_land(roads)
    land = gpd.GeoDataFrame(geometry=gpd.GeoSeries(lines, crs=roads.crs).buffer(reach_m))
    edges = gpd.GeoDataFrame({"BSM": parcels["BSM"]}, geometry=parcels.exterior)
    along = gpd.overlay(edges, land, how="intersection").dissolve("BSM").length
    return along.reindex(parcels.index, fill_value=0.0)


def graphs(roads: Roads) -> tuple[nx.MultiDiGraph, nx.MultiDiGraph]:
    """Graphs for walking and driving with every arc turned round: a search from the targets gives the way to them."""
    frame = roads.frame
    lines = frame.geometry.to_numpy()
    xy = shapely.get_coordinates(np.r_[shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    nodes = pd.DataFrame({"node": np.r_[frame["u"], frame["v"]], "x": xy[:, 0], "y": xy[:, 1]}).drop_duplicates("node")
    nodes = gpd.GeoDataFrame(nodes, geometry=gpd.points_from_xy(nodes["x"], nodes["y"]), crs=frame.crs).set_index("node")

    def graph(out: str, back: str) -> nx.MultiDiGraph:
        usable = frame[frame[out].notna()]
        arcs = pd.concat([usable.assign(u=usable["v"], v=usable["u"], minutes=usable[out]), usable.assign(minutes=usable[back])])
        arcs = arcs.assign(key=0)[["u", "v", "key", "minutes", "length", "geometry"]].set_index(["u", "v", "key"])
        return ox.convert.graph_from_gdfs(nodes, arcs)

    return graph("walk_out", "walk_back"), graph("drive", "drive")


def nearest_edge(points: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, roads: Roads) -> pd.DataFrame:
    """Each point on its nearest edge."""
    found = points.sjoin_nearest(edges[["geometry"]], distance_col="metres")
    found = found[~found.index.duplicated()].loc[points.index]
    return model.joined(points.geometry.to_numpy(), found["index_right"].to_numpy(), found["metres"].to_numpy(), roads)


def nearest_m(parcels: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> pd.Series:
    """Distance in m from each parcel's edge to the nearest of the others."""
    found = parcels[["geometry"]].sjoin_nearest(others[["geometry"]], distance_col="metres")["metres"]
    return found[~found.index.duplicated()].loc[parcels.index]


def times_to(graph: nx.MultiDiGraph, sources: pd.DataFrame, columns: tuple[str, str], cutoff: float | None = None) -> pd.Series:
    """Minutes from every node to the nearest of some targets, by one search from a node that stands for them all."""
    for end, name in zip("uv", columns, strict=True):
        best = (sources[name] + sources["leg"]).groupby(sources[end]).min()
        for node, minutes in best.items():
            graph.add_edge("targets", node, minutes=minutes)
    found = nx.single_source_dijkstra_path_length(graph, "targets", cutoff=cutoff, weight="minutes")
    graph.remove_node("targets")
    return pd.Series(found)


def facility_times(parcels: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, on_foot: pd.DataFrame, by_car: pd.DataFrame,
                   walk: nx.MultiDiGraph, drive: nx.MultiDiGraph, roads: Roads, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Walk to each kind of facility, drive to the seat of the own township and to the nearest through road, in min."""
    columns = {}
    for kind in KINDS:
        here = facilities.loc[facilities["category"] == kind, ["geometry"]].reset_index(drop=True)
        places = nearest_edge(here, roads.frame, roads)
        node = times_to(walk, places, ("from_u", "from_v"), LIMIT_MIN)
        minutes = on_foot["leg"] + np.minimum(on_foot["to_u"] + on_foot["u"].map(node).fillna(np.inf),
                                                 on_foot["to_v"] + on_foot["v"].map(node).fillna(np.inf))
        minutes = np.minimum(minutes, model.on_own_edge(on_foot, places))
        columns[f"{kind}_walk_min"] = np.where(minutes > LIMIT_MIN, np.inf, minutes)
    drivable = roads.frame[roads.frame["drive"].notna()]
    seats = facilities[facilities["category"] == "township_seat"].sjoin(villages, predicate="within").reset_index(drop=True)
    places = nearest_edge(seats[["geometry"]], drivable, roads)
    township = pd.Series(np.inf, index=range(len(parcels)))
    for code in seats["township_code"]:
        mine = (parcels["township_code"] == code).to_numpy()
        node = times_to(drive, places[(seats["township_code"] == code).to_numpy()], ("ride_u", "ride_v"))
        township[mine] = drive_minutes(by_car[mine], node)
    columns["township_time_min"] = township.to_numpy()
    through = drivable[drivable["road_class"].isin(model.THROUGH)]
    ends = pd.Series(0.0, index=np.unique(through[["u", "v"]]))
    node = times_to(drive, pd.DataFrame({"u": ends.index, "v": ends.index, "zero": 0.0, "leg": 0.0}), ("zero", "zero"))
    on_it = by_car["edge"].isin(through.index)
    columns["road_time_min"] = np.where(on_it, by_car["leg"], drive_minutes(by_car, node))
    return parcels.assign(**columns)


def drive_minutes(places: pd.DataFrame, node: pd.Series) -> pd.Series:
    """Minutes from places by way of the nearer of their edge's ends."""
    return places["leg"] + np.minimum(places["ride_u"] + places["u"].map(node).fillna(np.inf),
                                         places["ride_v"] + places["v"].map(node).fillna(np.inf))


def homes_of(people: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, roads: Roads) -> pd.DataFrame:
    """Where people live: each home on its nearest edge, with its people and its village."""
    code = people.sjoin(villages, predicate="within")["village_code"].reindex(people.index)
    homes = nearest_edge(people[["geometry"]], roads.frame, roads)
    return homes.assign(x=people.geometry.x.to_numpy(), y=people.geometry.y.to_numpy(), people=people["population"].to_numpy(),
                        village_code=code.to_numpy())


def people_near(parcels: gpd.GeoDataFrame, homes: pd.DataFrame, on_foot: pd.DataFrame, walk: nx.MultiDiGraph) -> gpd.GeoDataFrame:
    """People of the own village, and of any, who walk to each parcel within the catchment time."""
    ends = pd.DataFrame({"node": np.r_[homes["u"], homes["v"]], "home": np.tile(np.arange(len(homes)), 2),
                         "minutes": np.r_[homes["to_u"], homes["to_v"]] + np.tile(homes["leg"], 2)})
    at_node = {node: (group["home"].to_numpy(), group["minutes"].to_numpy()) for node, group in ends.groupby("node")}
    count, code = homes["people"].to_numpy(), homes["village_code"].to_numpy()
    own, every = np.zeros(len(parcels)), np.zeros(len(parcels))
    for row, (place, village) in enumerate(zip(on_foot.itertuples(), parcels["village_code"], strict=True)):
        reached = walks_to(place, walk, CATCHMENT_MIN)
        found = [(at_node[node], minutes) for node, minutes in reached.items() if node in at_node]
        if found:
            home = np.unique(np.concatenate([there[extra + minutes <= CATCHMENT_MIN + 1e-9] for (there, extra), minutes in found]))
            every[row], own[row] = count[home].sum(), count[home[code[home] == village]].sum()
    total = parcels["village_code"].map(homes.groupby("village_code")["people"].sum()).to_numpy()
    return parcels.assign(people_15min=own, people_all_15min=every, people_share_15min=own / total)


def walks_to(place: tuple, walk: nx.MultiDiGraph, cutoff: float) -> dict[object, float]:
    """Minutes from every node within the cutoff to a place; the graph's arcs point away from it."""
    walk.add_edge("site", place.u, minutes=place.from_u + place.leg)
    walk.add_edge("site", place.v, minutes=place.from_v + place.leg)
    reached = nx.single_source_dijkstra_path_length(walk, "site", cutoff=cutoff, weight="minutes")
    walk.remove_node("site")
    return reached


def village_walks(parcels: gpd.GeoDataFrame, homes: pd.DataFrame, on_foot: pd.DataFrame, walk: nx.MultiDiGraph) -> gpd.GeoDataFrame:
    """Mean walk of the village's people to each parcel, the longest one, and the share who reach it at all, in min.

    The search goes 30 minutes far, then 60, then to the limit, until every home of the village is reached.
    """
    of_village = {code: group for code, group in homes.groupby("village_code")}
    rows = []
    for place, village in zip(on_foot.itertuples(), parcels["village_code"], strict=True):
        home = of_village[village]
        u, v, edge, people = (home[name].to_numpy() for name in ("u", "v", "edge", "people"))
        same = np.flatnonzero(edge == place.edge)
        before = home["along"].to_numpy()[same] < place.along
        straight = np.where(before, place.from_u - home["from_u"].to_numpy()[same], home["to_u"].to_numpy()[same] - place.to_u)
        for cutoff in (30.0, 60.0, LIMIT_MIN):
            reached = walks_to(place, walk, cutoff)
            by_u, by_v = (np.array([reached.get(node, np.inf) for node in end]) for end in (u, v))
            minutes = np.minimum(by_u + home["to_u"].to_numpy(), by_v + home["to_v"].to_numpy())
            minutes[same] = np.minimum(minutes[same], straight + place.leg)
            minutes += home["leg"].to_numpy()
            if (minutes <= cutoff).all():
                break
        there = minutes <= LIMIT_MIN + 1e-9
        share = people[there].sum() / people.sum()
        mean = (people[there] * minutes[there]).sum() / people[there].sum() if there.any() else np.inf
        rows.append((mean, minutes.max() if there.all() else np.inf, share))
    return parcels.assign(**dict(zip(("mean_walk_min", "worst_walk_min", "reached_share"), np.array(rows).T, strict=True)))


def slopes(parcels: gpd.GeoDataFrame, terrain: Terrain) -> np.ndarray:
    """Mean slope over each parcel in degrees; with all cells touched, for most parcels are smaller than a cell."""
    slope = terrain.slope_deg()
    found = zonal_stats(parcels.geometry, slope, affine=terrain.transform, stats=["mean"], all_touched=True, nodata=-1)
    return np.array([item["mean"] for item in found], dtype="float64")


def sited(parcels: gpd.GeoDataFrame, table: gpd.GeoDataFrame, homes: pd.DataFrame, on_foot: pd.DataFrame, walk: nx.MultiDiGraph,
          roads: Roads) -> Siting:
    """The plan by spopt's p-median on the full table of walks; what CBC has found when its time is over is taken."""
    whole = table.loc[parcels.index]
    code = whole["ZDDM"].to_numpy(str)
    listed = shortlist(whole["courtyard_m2"].to_numpy(), whole["forbidden"].to_numpy(), code)
    middle = centres(homes)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(middle["x"], middle["y"]), crs=parcels.crs)
    places = nearest_edge(points, roads.frame, roads)
    u, v = places["u"].to_numpy(), places["v"].to_numpy()
    minutes = np.empty((len(middle), len(listed)))
    for column, (row, site) in enumerate(zip(listed, on_foot.iloc[listed].itertuples(), strict=True)):
        reached = walks_to(site, walk, LIMIT_MIN)
        by_u, by_v = (np.array([reached.get(node, np.inf) for node in end]) for end in (u, v))
        minutes[:, column] = places["leg"] + np.minimum(by_u + places["to_u"], by_v + places["to_v"])
        if (places["edge"] == site.edge).any():
            minutes[:, column] = np.minimum(minutes[:, column], model.on_own_edge(places, on_foot.iloc[[row]]))
    minutes = np.minimum(minutes, LIMIT_MIN)
    people = middle["people"].to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)   # spopt builds its model in the manner of an older PuLP
        found = PMedian.from_cost_matrix(minutes, people, p_facilities=counts(len(parcels))[1])
        found = found.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=SOLVER_LIMIT_S), results=False)
    chosen = [row for row, use in enumerate(found.fac_vars) if use.value() and use.value() > 0.5]
    proven = found.problem.sol_status == pulp.LpSolutionOptimal
    return Siting(float(people @ minutes[:, chosen].min(axis=1)), tuple(code[listed[chosen]]), proven)


if __name__ == "__main__":
    from tests.bench.job import CRITERIA

    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]), target, CRITERIA)) + "\n")
