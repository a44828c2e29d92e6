"""Natural villages as the centres see them: where they are, how many live there, how long they walk. Minutes, people, metres."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.access import take, times_between
from geo.assign import assign_points, village_positions
from geo.centres.places import Place
from geo.inputs import CountyLike
from geo.network import RoadNetwork
from geo.snapping import Snaps, snap


@dataclass(frozen=True)
class Homes:
    """Natural villages of listed villages.

    `frame` has `settlement_id, settlement_name, village` (position in the study's villages), `people` (NaN not counted), `x_m`,
    `y_m`, by village, then most people first; `snaps` joins each to the network (None without one).
    """

    frame: gpd.GeoDataFrame
    snaps: Snaps | None

    def of(self, village: int) -> np.ndarray:
        """Rows of one village's natural villages."""
        return np.flatnonzero(self.frame["village"].to_numpy() == village)


def homes_of(county: CountyLike, villages: gpd.GeoDataFrame, network: RoadNetwork | None) -> Homes:
    """Natural villages that are lived in and belong to a listed village, by village, people (most first) and id."""
    names = ["settlement_id", "settlement_name", "village", "people", "x_m", "y_m"]
    if county.settlements is None or county.villages is None:
        return Homes(gpd.GeoDataFrame({name: pd.Series(dtype="object") for name in names}, geometry=[], crs=county.crs), None)
    lived_in = county.settlements["population"].ne(0) & ~(county.settlements.geometry.isna() | county.settlements.geometry.is_empty)
    there = county.settlements[lived_in.to_numpy(bool)].reset_index(drop=True)
    points = there.geometry.representative_point()
    village = village_positions(there["village_code"], villages)
    missing = np.flatnonzero(village < 0)
    if len(missing):
        village[missing] = assign_points(np.column_stack([points.x, points.y])[missing], county)
    frame = gpd.GeoDataFrame({
        "settlement_id": there["settlement_id"], "settlement_name": there["settlement_name"], "village": village,
        "people": there["population"].astype("float64"), "x_m": points.x, "y_m": points.y,
    }, geometry=points.array, crs=county.crs)
    frame = frame[frame["village"] >= 0].sort_values(
        ["village", "people", "settlement_id"], ascending=[True, False, True], kind="stable", ignore_index=True)
    return Homes(frame, None if network is None else snap(frame.geometry, network, mode="walk"))


def walks_to(place: Place, homes: Homes, rows: np.ndarray, network: RoadNetwork | None, limit_min: float) -> np.ndarray:
    """Walk in min from natural villages to a place; NaN where it cannot be told."""
    if network is None or homes.snaps is None or not place.known or not len(rows):
        return np.full(len(rows), np.nan)
    target = snap(np.array([[place.x_m, place.y_m]]), network, mode="walk")
    minutes = times_between(network, take(homes.snaps, rows), target, mode="walk", limit_min=limit_min)[:, 0]
    part = homes.frame.iloc[rows]
    # a centre in the natural village itself needs no road to reach it
    at_home = (part["x_m"].to_numpy(float) == place.x_m) & (part["y_m"].to_numpy(float) == place.y_m)
    return np.where(at_home, 0.0, minutes)


def home_of(place: Place, walk: np.ndarray, rows: np.ndarray, homes: Homes) -> int:
    """Row of the natural village a place stands in or next to: by walk, else straight; -1 where none."""
    if not len(rows) or not place.known:
        return -1
    finite = np.isfinite(walk)
    if finite.any():
        return int(rows[np.argmin(np.where(finite, walk, np.inf))])
    if not np.isnan(walk).all():
        return -1   # roads are known, and no natural village reaches it
    part = homes.frame.iloc[rows]
    return int(rows[np.argmin(np.hypot(part["x_m"] - place.x_m, part["y_m"] - place.y_m))])
