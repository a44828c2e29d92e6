"""Public facilities of the demo county: in the villages and township seats that have them, bus stops along the larger roads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from layers.demo.recipe import Recipe

STOP_ROADS = ("national", "provincial", "county", "township")


def to_lonlat(recipe: Recipe, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Degrees (CGCS2000) of points in the county's CRS, to seven places: about a centimetre."""
    lon, lat = Transformer.from_crs(recipe.crs, 4490, always_xy=True).transform(x, y)
    return np.round(lon, 7), np.round(lat, 7)


def make_facilities(
    recipe: Recipe,
    villages: gpd.GeoDataFrame,
    settlements: pd.DataFrame,
    parcels: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Facilities as `name`, `label`, `category`, `x`, `y` (m): public plots first, then yards of the main natural village."""
    main = settlements["main"].to_numpy()[parcels["settlement"]] & parcels["case"].eq("").to_numpy()
    usable = (
        main
        & parcels["intent"].isin(["public", "yard"]).to_numpy()
        & (parcels["row"] == 1).to_numpy()
        & (parcels["purpose"] != "venue")
    )
    inside = shapely.get_coordinates(shapely.point_on_surface(parcels.geometry.values))
    order = np.lexsort((rng.random(len(parcels)), parcels["purpose"] != "service"))
    queue: dict[int, list[int]] = {}
    home = parcels["village"].to_numpy()
    for i in order[usable[order]].tolist():
        queue.setdefault(int(home[i]), []).append(i)
    rows = []
    people = villages["population"].to_numpy()
    lean = np.clip(people / people.mean(), 0.4, 2.2)
    for category, facts in recipe.facilities.items():
        count = np.where(villages["seat"], facts["seats"], rng.random(len(villages)) < np.clip(facts["share"] * lean, 0, 0.98))
        if category == "bus_stop":
            count = np.zeros(len(villages), int)
        for village in np.nonzero(count)[0].tolist():
            for turn in range(int(count[village])):
                spots = queue.get(village)
                at = inside[spots.pop(0)] if spots else villages[["x", "y"]].to_numpy()[village] + rng.normal(0, 25, 2)
                rows.append((_name(recipe, villages, village, category, turn), facts["label"], category, *at))
    rows += _stops(recipe, villages, roads)
    return pd.DataFrame(rows, columns=["name", "label", "category", "x", "y"])


def _name(recipe: Recipe, villages: gpd.GeoDataFrame, village: int, category: str, turn: int) -> str:
    label = recipe.facilities[category]["label"]
    home = villages.iloc[village]
    if category == "township_seat":
        return home["township_name"] + label[2:]
    place = home["township_name"] if home["seat"] else home["village_name"]
    return f"{place}{label}" if turn == 0 else f"{place}{turn + 1}{label}"


def _stops(recipe: Recipe, villages: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> list[tuple]:
    """A stop on the nearest bus road of every village that has one within 1.2 km."""
    label = recipe.facilities["bus_stop"]["label"]
    bus = roads[roads["road_class"].isin(STOP_ROADS)].reset_index(drop=True)
    points = shapely.points(villages[["x", "y"]].to_numpy())
    village, road = bus.sindex.nearest(points, return_all=False, max_distance=1200.0)
    lines = bus.geometry.values[road]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, points[village])))
    names = villages["village_name"].to_numpy()[village]
    return [(f"{name}{label}", label, "bus_stop", x, y) for name, (x, y) in zip(names, at, strict=True)]
