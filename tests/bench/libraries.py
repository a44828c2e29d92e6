"""The stronger peer: for each step the best existing library, in the way its own documentation advises.

    python -m tests.bench.libraries county.toml out-folder

GeoParquet and Arrow for reading, Shapely's STRtree *of the parcels* queried with the few large areas and intersections only where a
boundary crosses, SciPy's Dijkstra on nodes in reverse Cuthill-McKee order with one virtual node per category, the same in tiles for
people within the catchment (exact, where pandana's sums are not), exactextract for slopes, Arrow for the CSV, HiGHS for the sites.
Does what the analyst's script does. Prints the seconds of each step as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyogrio
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_matrix, vstack
from scipy.sparse.csgraph import dijkstra, reverse_cuthill_mckee

from tests.bench import model
from tests.bench.model import CATCHMENT_MIN, KINDS, LIMIT_MIN, RESTRICTIONS, Clock, Roads, Terrain
from tests.bench.siting import Siting, centres, counts, keep_siting, shortlist

TILE_M = 1_500.0
"""Side of the tiles in which people near are counted; about as large as the catchment is far."""

AROUND_M = 2_000.0
"""Roads this far around a village and its homes are searched for the walks of its people; further ways round bring nothing."""


def run(toml: Path, out: Path, criteria: tuple[str, ...]) -> dict[str, float]:
    """Seconds by step; ``candidates.csv`` and the columns compared are left in the folder."""
    clock, folder = Clock(), toml.parent
    parcels = gpd.read_parquet(folder / "parcels.parquet")
    roads_frame = gpd.read_parquet(folder / "roads.parquet")
    buildings = gpd.read_parquet(folder / "buildings.parquet", columns=["geometry"])
    people = gpd.read_parquet(folder / "people.parquet")
    facilities = pyogrio.read_dataframe(folder / "facilities.gpkg", use_arrow=True)
    land = folder / "land.gpkg"
    villages, ownership = (pyogrio.read_dataframe(land, layer=name, use_arrow=True) for name in ("villages", "ownership"))
    lands = {kind: pyogrio.read_dataframe(land, layer=kind, use_arrow=True).geometry.to_numpy() for kind in RESTRICTIONS}
    terrain = model.read_terrain(folder)
    clock.done("read")
    shapes = parcels.geometry.to_numpy()
    area, inside, tree = shapely.area(shapes), shapely.point_on_surface(shapes), shapely.STRtree(shapes)
    village = within(inside, villages.geometry.to_numpy())
    frame = pd.DataFrame({"ZDDM": parcels["ZDDM"], "DLBM": parcels["DLBM"],
                          "village_code": villages["village_code"].to_numpy()[village],
                          "township_code": villages["township_code"].to_numpy()[village]})
    frame["collective_share"] = own_share(shapes, tree, frame["village_code"].to_numpy(), ownership) / area
    clock.done("ownership")
    for kind, areas in lands.items():
        parcel, _, part, part_m2 = pieces(shapes, tree, areas)
        frame[f"restriction_share_{kind}"] = np.bincount(parcel, part_m2, len(shapes)) / area
    clock.done("restrictions")
    frame["courtyard_m2"], left = courtyard(shapes, tree, np.concatenate([buildings.geometry.to_numpy(), *lands.values()]))
    clock.done("courtyard")
    frame = frame.assign(**fit(shapes, left))
    clock.done("fit")
    frame["frontage_m"] = frontage(shapes, tree, roads_frame)
    clock.done("frontage")
    roads = model.road_table(roads_frame, terrain)
    walk, drive, order = graphs(roads)
    clock.done("graph")
    drivable = np.flatnonzero(roads.frame["drive"].notna().to_numpy())
    every = np.arange(len(roads.frame))
    on_foot, by_car = nearest_edge(inside, every, roads), nearest_edge(inside, drivable, roads)
    clock.done("snap")
    frame["road_distance_m"] = nearest_m(shapes, roads.frame.geometry.to_numpy()[drivable])
    frame["hazard_distance_m"] = nearest_m(shapes, lands["hazard"])
    clock.done("distances")
    frame = facility_times(frame, facilities, on_foot, by_car, walk, drive, order, roads, villages, drivable)
    clock.done("facilities")
    homes = homes_of(people, villages, roads)
    node_xy = node_places(roads, len(order))
    frame = people_near(frame, homes, inside, on_foot, walk, order, node_xy)
    clock.done("people")
    frame = village_walks(frame, homes, on_foot, walk, order, node_xy)
    clock.done("village walks")
    frame["slope_deg"] = slopes(parcels, terrain)
    clock.done("slope")
    table = model.finished(frame, criteria)
    clock.done("score")
    pyarrow.csv.write_csv(pa.Table.from_pandas(table, preserve_index=False), out / "candidates.csv")
    clock.done("write")
    plan = sited(frame, table, homes, on_foot, walk, order, roads)
    clock.done("siting")
    keep_siting(out, plan)
    table.to_parquet(out / "compared.parquet")
    return clock.finished("keep")


def within(points: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Position of the area that each point lies in."""
    area, point = shapely.STRtree(points).query(areas, predicate="contains")
    found = np.zeros(len(points), dtype=int)
    found[point] = area
    return found


def pieces(shapes: np.ndarray, tree: shapely.STRtree, areas: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Overlaps of parcels with large areas: parcel, area, common part, its m2; only where a boundary crosses it is intersected."""
    shapely.prepare(areas)
    area, parcel = tree.query(areas, predicate="intersects")
    whole = shapely.contains_properly(areas[area], shapes[parcel])
    part = shapes[parcel].copy()
    part[~whole] = shapely.intersection(areas[area[~whole]], part[~whole])
    return parcel, area, part, shapely.area(part)


def own_share(shapes: np.ndarray, tree: shapely.STRtree, village_code: np.ndarray, ownership: gpd.GeoDataFrame) -> np.ndarray:
    """Area in m2 of each parcel in undisputed collective ownership of its own village."""
    parcel, area, _, part_m2 = pieces(shapes, tree, ownership.geometry.to_numpy())
    owner, clear = ownership["QSDWDM"].str[:12].to_numpy(), (ownership["争议"] == "否").to_numpy()
    own = (owner[area] == village_code[parcel]) & clear[area]
    return np.bincount(parcel[own], part_m2[own], len(shapes))


def courtyard(shapes: np.ndarray, tree: shapely.STRtree, taken: np.ndarray) -> np.ndarray:
    """Parcel area in m2 less what buildings and forbidden land take; where these overlap it counts once."""
    parcel, _, part, part_m2 = pieces(shapes, tree, taken)
    count = np.bincount(parcel, minlength=len(shapes))
    lost = np.bincount(parcel, part_m2, len(shapes))
    several = np.flatnonzero(count[parcel] > 1)
    several = several[np.argsort(parcel[several], kind="stable")]
    if len(several):
        cuts = np.flatnonzero(np.diff(parcel[several])) + 1
        union = np.array([shapely.union_all(part[rows]) for rows in np.split(several, cuts)])
        part[several] = np.repeat(union, np.diff(np.r_[0, cuts, len(several)]))
        lost[np.unique(parcel[several])] = shapely.area(union)
    left, (first, at) = shapes.copy(), np.unique(parcel, return_index=True)
    left[first] = shapely.difference(shapes[first], part[at])
    return shapely.area(shapes) - lost, left


def fit(shapes: np.ndarray, left: np.ndarray) -> dict[str, np.ndarray]:
    """Room for a house: largest circle on what is left, for no library has the largest rectangle; sides of the box around it."""
    box = shapely.oriented_envelope(left)
    corners = shapely.get_coordinates(shapely.get_exterior_ring(np.where(shapely.area(box) > 0, box, shapely.box(0, 0, 1, 1))))
    sides = np.hypot(*np.diff(corners.reshape(-1, 5, 2)[:, :3], axis=1).transpose(2, 0, 1))
    there, circle = shapely.area(left) > 0, np.zeros(len(left))
    circle[there] = shapely.length(shapely.maximum_inscribed_circle(left[there]))
    return {"circle_m": circle, "long_m": sides.max(axis=1) * there, "short_m": sides.min(axis=1) * there,
            "compactness": 4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2}


def frontage(shapes: np.ndarray, tree: shapely.STRtree, roads: gpd.GeoDataFrame) -> np.ndarray:
    """Length in m of each parcel's edge that lies within a road's land and the gap beside it."""
    lines, reach_m = model.road_land(roads)
    road, parcel = tree.query(lines, predicate="dwithin", distance=reach_m)
    near, row = np.unique(road, return_inverse=True)
    land = shapely.buffer(lines[near], reach_m[near])
    piece = shapely.intersection(shapely.get_exterior_ring(shapes[parcel]), land[row])
    order = np.argsort(parcel, kind="stable")
    cuts = np.flatnonzero(np.diff(parcel[order])) + 1
    along = np.zeros(len(shapes))
    single = np.bincount(parcel, minlength=len(shapes))[parcel] == 1
    along[parcel[single]] = shapely.length(piece[single])
    for rows in np.split(order, cuts):
        if len(rows) > 1:
            along[parcel[rows[0]]] = shapely.length(shapely.union_all(piece[rows]))
    return along


def graphs(roads: Roads) -> tuple[csr_matrix, csr_matrix, np.ndarray]:
    """Walking and driving graphs with every arc turned round, nodes in reverse Cuthill-McKee order, and the place of each node."""
    frame = roads.frame
    size = int(frame[["u", "v"]].to_numpy().max()) + 1
    u, v = frame["u"].to_numpy(), frame["v"].to_numpy()
    plain = csr_matrix((np.ones(2 * len(u)), (np.r_[u, v], np.r_[v, u])), shape=(size, size))
    order = np.empty(size, dtype=np.int64)
    order[reverse_cuthill_mckee(plain, symmetric_mode=True)] = np.arange(size)

    def graph(out: np.ndarray, back: np.ndarray) -> csr_matrix:
        usable = ~np.isnan(out)
        tail, head = np.r_[v[usable], u[usable]], np.r_[u[usable], v[usable]]
        return csr_matrix((np.r_[out[usable], back[usable]], (order[tail], order[head])), shape=(size, size))

    ride = frame["drive"].to_numpy()
    return graph(frame["walk_out"].to_numpy(), frame["walk_back"].to_numpy()), graph(ride, ride), order


def nearest_edge(points: np.ndarray, usable: np.ndarray, roads: Roads) -> pd.DataFrame:
    """Each point on its nearest usable edge."""
    lines = roads.frame.geometry.to_numpy()[usable]
    (_, line), metres = shapely.STRtree(lines).query_nearest(points, return_distance=True, all_matches=False)
    return model.joined(points, usable[line], metres, roads)


def nearest_m(shapes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distance in m from each parcel's edge to the nearest of the others."""
    return shapely.STRtree(others).query_nearest(shapes, return_distance=True, all_matches=False)[1]


def times_to(graph: csr_matrix, order: np.ndarray, groups: list[tuple[np.ndarray, np.ndarray]],
             limit: float = np.inf) -> np.ndarray:
    """Minutes from every node (in the order of the file) to the nearest target of each group of (nodes, minutes from them)."""
    size = graph.shape[0]
    tail = np.concatenate([np.full(len(node), size + row) for row, (node, _) in enumerate(groups)])
    head = order[np.concatenate([node for node, _ in groups])]
    extra = pd.DataFrame({"tail": tail, "head": head, "minutes": np.concatenate([minutes for _, minutes in groups])})
    extra = extra[np.isfinite(extra["minutes"])].groupby(["tail", "head"], as_index=False).min()
    arcs, total = graph.tocoo(), size + len(groups)
    ends = np.r_[arcs.row, extra["tail"]], np.r_[arcs.col, extra["head"]]
    whole = csr_matrix((np.r_[arcs.data, np.maximum(extra["minutes"], 1e-12)], ends), shape=(total, total))
    return dijkstra(whole, indices=np.arange(size, total), limit=limit)[:, :size][:, order]


def ends(places: pd.DataFrame, names: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and minutes from them to the places, by either end of the edge."""
    leg = places["leg"].to_numpy()
    return np.r_[places["u"], places["v"]], np.r_[places[names[0]] + leg, places[names[1]] + leg]


def facility_times(frame: pd.DataFrame, facilities: gpd.GeoDataFrame, on_foot: pd.DataFrame, by_car: pd.DataFrame, walk: csr_matrix,
                   drive: csr_matrix, order: np.ndarray, roads: Roads, villages: gpd.GeoDataFrame,
                   drivable: np.ndarray) -> pd.DataFrame:
    """Walk to each kind of facility, drive to the seat of the own township and to the nearest through road, in min."""
    points, category = facilities.geometry.to_numpy(), facilities["category"].to_numpy()
    every = np.arange(len(roads.frame))
    places = [nearest_edge(points[category == kind], every, roads) for kind in KINDS]
    node = times_to(walk, order, [ends(there, ("from_u", "from_v")) for there in places], LIMIT_MIN)
    u, v, leg = on_foot["u"].to_numpy(), on_foot["v"].to_numpy(), on_foot["leg"].to_numpy()
    columns = {}
    for row, kind in enumerate(KINDS):
        minutes = leg + np.minimum(on_foot["to_u"].to_numpy() + node[row, u], on_foot["to_v"].to_numpy() + node[row, v])
        minutes = np.minimum(minutes, model.on_own_edge(on_foot, places[row]))
        columns[f"{kind}_walk_min"] = np.where(minutes > LIMIT_MIN, np.inf, minutes)
    seats = points[category == "township_seat"]
    codes = villages["township_code"].to_numpy()[within(seats, villages.geometry.to_numpy())]
    there = nearest_edge(seats, drivable, roads)
    through = roads.frame.iloc[drivable]
    through = through[through["road_class"].isin(model.THROUGH)]
    junctions = np.unique(through[["u", "v"]])
    townships = pd.unique(codes)
    node = times_to(drive, order, [*(ends(there[codes == code], ("ride_u", "ride_v")) for code in townships),
                                   (junctions, np.zeros(len(junctions)))])
    mine = pd.Index(townships).get_indexer(frame["township_code"])
    u, v, leg = by_car["u"].to_numpy(), by_car["v"].to_numpy(), by_car["leg"].to_numpy()

    def minutes_by(row: np.ndarray | int) -> np.ndarray:
        return leg + np.minimum(by_car["ride_u"].to_numpy() + node[row, u], by_car["ride_v"].to_numpy() + node[row, v])

    columns["township_time_min"] = minutes_by(mine)
    columns["road_time_min"] = np.where(np.isin(by_car["edge"], through.index), leg, minutes_by(len(townships)))
    return frame.assign(**columns)


def homes_of(people: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, roads: Roads) -> pd.DataFrame:
    """Where people live: each home on its nearest edge, with its place, its people and its village."""
    points = people.geometry.to_numpy()
    x, y = shapely.get_coordinates(points).T
    return nearest_edge(points, np.arange(len(roads.frame)), roads).assign(
        x=x, y=y, people=people["population"].to_numpy(),
        village_code=villages["village_code"].to_numpy()[within(points, villages.geometry.to_numpy())])


def people_near(frame: pd.DataFrame, homes_there: pd.DataFrame, inside: np.ndarray, on_foot: pd.DataFrame, walk: csr_matrix,
                order: np.ndarray, node_xy: np.ndarray) -> pd.DataFrame:
    """People of the own village, and of any, who walk to each parcel within the catchment time; exact, tile by tile."""
    there, count = homes_there, homes_there["people"].to_numpy()
    codes, home = np.unique(there["village_code"], return_inverse=True)
    site = pd.Index(codes).get_indexer(frame["village_code"])
    home_xy, site_xy = there[["x", "y"]].to_numpy(), shapely.get_coordinates(inside)
    reach = 1000 * CATCHMENT_MIN / 60 * 5.96 + 200   # Tobler's fastest, and the length of an edge
    own, every = np.zeros(len(frame)), np.zeros(len(frame))
    tile = np.floor(site_xy / TILE_M).astype(np.int64)
    _, number = np.unique(tile[:, 0] * 1_000_000 + tile[:, 1], return_inverse=True)
    by_tile = np.argsort(number, kind="stable")
    for rows in np.split(by_tile, np.flatnonzero(np.diff(number[by_tile])) + 1):
        low, high = site_xy[rows].min(axis=0) - reach, site_xy[rows].max(axis=0) + reach
        nodes = np.flatnonzero(((node_xy >= low) & (node_xy <= high)).all(axis=1))
        homes = np.flatnonzero(((home_xy >= low) & (home_xy <= high)).all(axis=1))
        local = np.full(len(order), -1)
        local[nodes] = np.arange(len(nodes))
        homes = homes[(local[there["u"].to_numpy()[homes]] >= 0) & (local[there["v"].to_numpy()[homes]] >= 0)]
        at = there.iloc[homes]
        site_u, site_v = local[on_foot["u"].to_numpy()[rows]], local[on_foot["v"].to_numpy()[rows]]
        sources, where = np.unique(np.r_[site_u, site_v], return_inverse=True)
        graph = walk[order[nodes]][:, order[nodes]]
        minutes = dijkstra(graph, indices=sources, limit=CATCHMENT_MIN)
        by_u, by_v = (minutes[:, local[at[end]]] + at[f"to_{end}"].to_numpy() for end in "uv")
        to_homes = np.minimum(by_u, by_v)
        to_homes += at["leg"].to_numpy()
        for block in np.array_split(np.arange(len(rows)), len(rows) * len(homes) // 20_000_000 + 1):
            of = on_foot.iloc[rows[block]]
            from_u, from_v = ((of[end] + of["leg"]).to_numpy()[:, None] for end in ("from_u", "from_v"))
            total = np.minimum(to_homes[where[block]] + from_u, to_homes[where[len(rows) + block]] + from_v)
            near = total <= CATCHMENT_MIN + 1e-9
            every[rows[block]] = near @ count[homes]
            own[rows[block]] = (near & (home[homes] == site[rows[block]][:, None])) @ count[homes]
    total = np.bincount(home, count, len(codes))
    return frame.assign(people_15min=own, people_all_15min=every, people_share_15min=own / total[site])


def village_walks(frame: pd.DataFrame, homes: pd.DataFrame, on_foot: pd.DataFrame, walk: csr_matrix, order: np.ndarray,
                  node_xy: np.ndarray) -> pd.DataFrame:
    """Mean walk of the village's people to each parcel, the longest one, and the share who reach it at all, in min.

    Village by village, on the roads within `AROUND_M` of it, searched from its homes or from its parcels, whichever are fewer.
    """
    out = np.full((len(frame), 3), np.nan)
    of_village = homes.groupby("village_code").indices
    forward = walk.T.tocsr()
    for code, rows in frame.groupby("village_code").indices.items():
        home, place = homes.iloc[of_village[code]], on_foot.iloc[rows]
        ends = np.unique(np.r_[home["u"], home["v"], place["u"], place["v"]])
        low, high = node_xy[ends].min(axis=0) - AROUND_M, node_xy[ends].max(axis=0) + AROUND_M
        nodes = np.flatnonzero(((node_xy >= low) & (node_xy <= high)).all(axis=1))
        local = np.full(len(order), -1)
        local[nodes] = np.arange(len(nodes))
        (home_ends, home_at), (place_ends, place_at) = (
            np.unique(local[np.r_[one["u"], one["v"]]], return_inverse=True) for one in (home, place))
        fewer_homes = len(home_ends) < len(place_ends)
        graph = (forward if fewer_homes else walk)[order[nodes]][:, order[nodes]]
        minutes = dijkstra(graph, indices=home_ends if fewer_homes else place_ends, limit=LIMIT_MIN)
        minutes = minutes[:, place_ends].T if fewer_homes else minutes[:, home_ends]
        to_u, to_v = home_at[: len(home)], home_at[len(home):]
        by_end = np.minimum(minutes[:, to_u] + home["to_u"].to_numpy(), minutes[:, to_v] + home["to_v"].to_numpy())
        total = np.minimum(by_end[place_at[: len(place)]] + place["from_u"].to_numpy()[:, None],
                           by_end[place_at[len(place):]] + place["from_v"].to_numpy()[:, None])
        same, other = np.nonzero(place["edge"].to_numpy()[:, None] == home["edge"].to_numpy())
        at, mine = place.iloc[same], home.iloc[other]
        straight = np.where(mine["along"].to_numpy() < at["along"].to_numpy(), at["from_u"].to_numpy() - mine["from_u"].to_numpy(),
                            mine["to_u"].to_numpy() - at["to_u"].to_numpy())
        total[same, other] = np.minimum(total[same, other], straight)
        total += home["leg"].to_numpy() + place["leg"].to_numpy()[:, None]
        people, near = home["people"].to_numpy(), total <= LIMIT_MIN + 1e-9
        reached = near @ people
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(reached > 0, np.where(near, total, 0.0) @ people / reached, np.inf)
        out[rows] = np.column_stack([mean, np.where(near.all(axis=1), total.max(axis=1), np.inf), reached / people.sum()])
    return frame.assign(mean_walk_min=out[:, 0], worst_walk_min=out[:, 1], reached_share=out[:, 2])


def node_places(roads: Roads, size: int) -> np.ndarray:
    """x and y of every node, in m."""
    lines = roads.frame.geometry.to_numpy()
    xy = np.empty((size, 2))
    xy[roads.frame["u"]] = shapely.get_coordinates(shapely.get_point(lines, 0))
    xy[roads.frame["v"]] = shapely.get_coordinates(shapely.get_point(lines, -1))
    return xy


def slopes(parcels: gpd.GeoDataFrame, terrain: Terrain) -> np.ndarray:
    """Mean slope over each parcel in degrees, by exact cell coverage."""
    slope, step = terrain.slope_deg(), terrain.transform
    raster = NumPyRasterSource(slope, xmin=step.c, ymin=step.f + step.e * slope.shape[0], xmax=step.c + step.a * slope.shape[1],
                               ymax=step.f, srs_wkt=parcels.crs.to_wkt())
    return exact_extract(raster, parcels[["geometry"]], "mean", output="pandas")["mean"].to_numpy()


def sited(frame: pd.DataFrame, table: pd.DataFrame, homes: pd.DataFrame, on_foot: pd.DataFrame, walk: csr_matrix, order: np.ndarray,
          roads: Roads) -> Siting:
    """The plan by HiGHS, proven: searches from the villages, for they are fewer, and a column for every walk within the limit."""
    whole = table.loc[frame.index]
    code = whole["ZDDM"].to_numpy(str)
    listed = shortlist(whole["courtyard_m2"].to_numpy(), whole["forbidden"].to_numpy(), code)
    middle = centres(homes)
    places = nearest_edge(shapely.points(middle[["x", "y"]].to_numpy()), np.arange(len(roads.frame)), roads)
    sites = on_foot.iloc[listed].reset_index(drop=True)
    forward = walk.T.tocsr()
    u, v = order[sites["u"].to_numpy()], order[sites["v"].to_numpy()]
    from_u, from_v = sites["from_u"].to_numpy() + sites["leg"].to_numpy(), sites["from_v"].to_numpy() + sites["leg"].to_numpy()
    minutes = np.empty((len(middle), len(listed)))
    for rows in np.array_split(np.arange(len(middle)), max(len(middle) // 40, 1)):
        here = places.iloc[rows]
        nodes = np.r_[order[here["u"].to_numpy()], order[here["v"].to_numpy()]]
        found = dijkstra(forward, indices=nodes, limit=LIMIT_MIN)
        to_u, to_v, leg = (here[name].to_numpy()[:, None] for name in ("to_u", "to_v", "leg"))
        away = np.minimum(found[: len(rows)] + to_u, found[len(rows):] + to_v) + leg
        minutes[rows] = np.minimum(away[:, u] + from_u, away[:, v] + from_v)
    same, other = np.nonzero(places["edge"].to_numpy()[:, None] == sites["edge"].to_numpy())
    for row, column in zip(same, other, strict=True):
        straight = model.on_own_edge(places.iloc[[row]], sites.iloc[[column]])[0]
        minutes[row, column] = min(minutes[row, column], straight)
    minutes, people = np.minimum(minutes, LIMIT_MIN), middle["people"].to_numpy()
    use = best_sites(minutes, people, counts(len(frame))[1])
    return Siting(float(people @ minutes[:, use].min(axis=1)), tuple(code[listed[use]]), proven=True)


def best_sites(minutes: np.ndarray, people: np.ndarray, count: int) -> np.ndarray:
    """Positions of the sites of the best p-median; who has none nearer than the limit stays at home, one column for each village.

    Raises
    ------
    RuntimeError
        When HiGHS does not prove a best plan.
    """
    villages, sites = minutes.shape
    row, column = np.nonzero(minutes < LIMIT_MIN)
    pair = np.arange(len(row))
    size = sites + len(row) + villages
    cost = np.r_[np.zeros(sites), minutes[row, column] * people[row], LIMIT_MIN * people]
    everybody = coo_array((np.ones(len(row) + villages), (np.r_[row, np.arange(villages)], sites + np.arange(len(row) + villages))),
                          shape=(villages, size))
    number = coo_array((np.ones(sites), (np.zeros(sites, int), np.arange(sites))), shape=(1, size))
    opened = coo_array((np.r_[np.ones(len(row)), -np.ones(len(row))], (np.r_[pair, pair], np.r_[sites + pair, column])),
                       shape=(len(row), size))
    found = milp(cost, integrality=np.arange(size) < sites, bounds=Bounds(0, 1), constraints=[
        LinearConstraint(vstack([everybody, number]), np.r_[np.ones(villages), count], np.r_[np.ones(villages), count]),
        LinearConstraint(opened, ub=0)])
    if found.status != 0:
        raise RuntimeError(f"HiGHS: {found.message}")
    return np.flatnonzero(found.x[:sites] > 0.5)


if __name__ == "__main__":
    from tests.bench.job import CRITERIA

    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]), target, CRITERIA)) + "\n")
