"""What both peers share: the county's files, the walking and driving model, and the weighted score. Written without our packages.

A peer may differ in how it computes, not in what: walking at 5 km/h bent by Tobler's function on slopes sampled every 30 m, off the
road straight and on the level at 3/5 of it, driving by class and grade; the figures of the standard are read from
``data/standards/default.toml``.
"""

from __future__ import annotations

import resource
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely

ROOT = Path(__file__).resolve().parents[2]
STANDARD = tomllib.loads((ROOT / "data" / "standards" / "default.toml").read_text(encoding="utf-8"))
TRAVEL = STANDARD["travel"]
RESTRICTIONS = ("basic_farmland", "ecological_redline", "hazard", "floodway")
KINDS = ("kindergarten", "primary_school", "clinic", "shop", "bus_stop", "police", "elderly_care")
LIMIT_MIN, CATCHMENT_MIN = float(TRAVEL["walk_limit_min"]), float(TRAVEL["catchment_min"])
THROUGH = STANDARD["gates"]["road"]["through_classes"]


class Clock:
    """Seconds of each step, in the order they were done."""

    def __init__(self) -> None:
        self.began = self.last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def done(self, step: str) -> None:
        """Book the time since the last booking under this step."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self.last
        self.last = now

    def finished(self, step: str) -> dict[str, float]:
        """All seconds, the last step booked under this name, and the most memory taken, in GiB."""
        self.done(step)
        return {**self.seconds, "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


@dataclass(frozen=True)
class Terrain:
    """Heights in m, their grid and CRS."""

    heights: np.ndarray
    transform: rasterio.Affine
    crs: object

    def at(self, xy: np.ndarray) -> np.ndarray:
        """Height in m at points, bilinear between cell centres."""
        from scipy.ndimage import map_coordinates

        column, row = ~self.transform * xy.T
        return map_coordinates(self.heights.astype("float64"), [row - 0.5, column - 0.5], order=1, mode="nearest")

    def slope_deg(self) -> np.ndarray:
        """Slope in degrees after Horn, on the same grid."""
        z = np.pad(self.heights.astype("float64"), 1, mode="edge")
        west, east = (z[:-2, k] + 2 * z[1:-1, k] + z[2:, k] for k in (slice(0, -2), slice(2, None)))
        north, south = (z[k, :-2] + 2 * z[k, 1:-1] + z[k, 2:] for k in (slice(0, -2), slice(2, None)))
        return np.degrees(np.arctan(np.hypot(east - west, south - north) / (8 * self.transform.a))).astype("float32")


def read_terrain(folder: Path) -> Terrain:
    """The county's height model."""
    with rasterio.open(folder / "dem.tif") as source:
        return Terrain(source.read(1), source.transform, source.crs)


def walk_min_per_m(grade: np.ndarray, kmh: float) -> np.ndarray:
    """Minutes per metre by Tobler's function, scaled to a speed on the flat."""
    return 60 / (1000 * kmh) * np.exp(3.5 * (np.abs(grade + 0.05) - 0.05))


@dataclass(frozen=True)
class Roads:
    """Edges between nodes, with the profile of walking and driving minutes along each."""

    frame: gpd.GeoDataFrame
    """`u`, `v`, `walk_out`, `walk_back`, `drive` (NaN where none), `length`, class and line of each edge."""
    at_m: np.ndarray
    """Distance of each vertex of the profile from its edge's start, plus `offset_m` of the edge: one rising sequence."""
    offset_m: np.ndarray
    out: np.ndarray
    back: np.ndarray
    ride: np.ndarray

    def along(self, edge: np.ndarray, metres: np.ndarray) -> pd.DataFrame:
        """Minutes from a point on an edge to its ends and back: walking `to_u`, `to_v`, `from_u`, `from_v`, driving `ride_*`."""
        where = self.offset_m[edge] + metres
        out, back, ride = (np.interp(where, self.at_m, values) for values in (self.out, self.back, self.ride))
        whole = self.frame.iloc[edge]
        return pd.DataFrame({
            "edge": edge, "u": whole["u"].to_numpy(), "v": whole["v"].to_numpy(), "along": metres,
            "to_u": back, "to_v": whole["walk_out"].to_numpy() - out, "from_u": out, "from_v": whole["walk_back"].to_numpy() - back,
            "ride_u": ride, "ride_v": whole["drive"].to_numpy() - ride,
        })


def road_table(frame: gpd.GeoDataFrame, terrain: Terrain) -> Roads:
    """Nodes and minutes of every edge. The roads are cut at every junction already, as osmnx or the road bureau deliver them."""
    lines = shapely.segmentize(frame.geometry.to_numpy(), 30.0)
    xy, edge = shapely.get_coordinates(lines, return_index=True)
    first = np.r_[True, edge[1:] != edge[:-1]]
    step = np.r_[0.0, np.hypot(*np.diff(xy, axis=0).T)]
    height = terrain.at(xy)
    with np.errstate(divide="ignore", invalid="ignore"):
        grade = np.where(first, 0.0, np.r_[0.0, np.diff(height)] / step)
    step = np.where(first, 0.0, step)
    speed = frame["road_class"].map(TRAVEL["drive_kmh"]).to_numpy("float64")
    curve = np.array(TRAVEL["drive_grade_factor"], dtype=float).T
    ride_step = step * 60 / (1000 * speed[edge] * np.interp(np.abs(grade) * 100, *curve))
    start = np.flatnonzero(first)
    last = np.r_[start[1:], len(xy)] - 1

    def cumulated(values: np.ndarray) -> np.ndarray:
        total = np.cumsum(values)
        return total - total[start][edge]

    metres = cumulated(step)
    out, back, ride = (cumulated(np.nan_to_num(part)) for part in (
        step * walk_min_per_m(grade, TRAVEL["walk_kmh"]), step * walk_min_per_m(-grade, TRAVEL["walk_kmh"]), ride_step))
    ends = np.round(np.vstack([xy[start], xy[last]]), 3)
    node = pd.factorize(pd.MultiIndex.from_arrays(ends.T))[0]
    length = metres[last]
    offset = np.r_[0.0, np.cumsum(length[:-1] + 1.0)]
    table = frame.assign(u=node[: len(start)], v=node[len(start):], length=length, walk_out=out[last], walk_back=back[last],
                         drive=np.where(np.isnan(speed), np.nan, ride[last]))
    return Roads(table, metres + offset[edge], offset, out, back, ride)


def road_land(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Roads that a yard may open onto, and how far from the centre line in m a parcel still lies on them."""
    rule = STANDARD["roads"]
    usable = frame["road_class"].isin([name for name in TRAVEL["drive_kmh"] if name != "expressway"])
    lines = frame[usable]
    width = lines["road_class"].map(rule["width_m"]).fillna(0.0).to_numpy("float64")
    return lines.geometry.to_numpy(), width / 2 + rule["frontage_gap_m"]


def joined(points: np.ndarray, edge: np.ndarray, metres: np.ndarray, roads: Roads) -> pd.DataFrame:
    """Points on their nearest edge: minutes to and from both its ends, and those of the straight, level way off the road, `leg`."""
    along = shapely.line_locate_point(roads.frame.geometry.to_numpy()[edge], points)
    leg = metres * 60 / (1000 * TRAVEL["walk_kmh"] * TRAVEL["offroad_walk_factor"])
    return roads.along(edge, along).assign(leg=np.where(metres <= TRAVEL["offroad_limit_m"], leg, np.inf))


def on_own_edge(places: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
    """Minutes on foot from each place to the nearest target on the place's own edge; inf where none stands there."""
    pairs = places[["edge", "along", "to_u", "leg"]].reset_index(drop=True).rename_axis("place").reset_index().merge(
        targets[["edge", "along", "to_u", "from_u", "leg"]], on="edge", suffixes=("", "_t"))
    back = pairs["to_u"] - pairs["to_u_t"]
    place_from_u = places["from_u"].to_numpy()[pairs["place"]]
    walk = np.where(pairs["along_t"] < pairs["along"], back, pairs["from_u"] - place_from_u) + pairs["leg"] + pairs["leg_t"]
    return walk.groupby(pairs["place"]).min().reindex(range(len(places)), fill_value=np.inf).to_numpy()


def land_class_fit(codes: pd.Series) -> pd.Series:
    """Fitness of a land class by the longest prefix that the standard lists."""
    table = {prefix: fit for fit, prefixes in STANDARD["land_classes"]["survey3"].items() for prefix in prefixes}

    def fit(code: str) -> str | None:
        return next((table[code[:size]] for size in range(len(code), 0, -1) if code[:size] in table), None)

    return codes.map({code: fit(code) for code in codes.unique()})


def scored(frame: pd.DataFrame, criteria: tuple[str, ...]) -> pd.Series:
    """Score 0..100: the weighted mean of the values that are known; value functions and weights of the standard."""
    gained, known = np.zeros(len(frame)), np.zeros(len(frame))
    for item in STANDARD["criteria"]:
        if item["id"] not in criteria:
            continue
        rule, column = item["value"], frame[item["measure"]]
        if rule["kind"] == "classes":
            value = column.map(rule["classes"]).to_numpy("float64")
        else:
            points = rule["points"] if rule["kind"] == "piecewise" else sorted([[rule["zero"], 0.0], [rule["one"], 1.0]])
            value = np.interp(column.to_numpy("float64"), *np.array(points, dtype=float).T)
            value[column.isna()] = np.nan
        if item["measure"] == "mean_walk_min":   # those who cannot reach it at all count as the worst
            value = value * frame["reached_share"].to_numpy()
        gained += item["weight"] * np.nan_to_num(value)
        known += item["weight"] * ~np.isnan(value)
    return pd.Series(100 * gained / known, index=frame.index)


def finished(frame: pd.DataFrame, criteria: tuple[str, ...]) -> pd.DataFrame:
    """School walk, kinds near, land class, restriction verdict, score and rank in the village, from the measures."""
    frame = frame.assign(
        school_walk_min=np.fmin(frame["kindergarten_walk_min"], frame["primary_school_walk_min"]),
        facilities_10min=sum((frame[f"{kind}_walk_min"] <= TRAVEL["facility_near_min"] + 1e-9).astype("float64") for kind in KINDS),
        land_class_fit=land_class_fit(frame["DLBM"]),
    )
    rules = STANDARD["gates"]["restriction"]["kinds"]
    forbidden = np.zeros(len(frame), dtype=bool)
    for kind in RESTRICTIONS:
        forbidden |= frame[f"restriction_share_{kind}"] > rules[kind]["tolerated_share"] + 1e-6
    frame = frame.assign(forbidden=forbidden, score=scored(frame, criteria))
    frame = frame.assign(rank=frame["score"].where(~frame["forbidden"]).groupby(frame["village_code"]).rank(ascending=False))
    return frame.sort_values(["village_code", "rank"])
