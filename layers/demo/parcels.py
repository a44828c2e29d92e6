"""Parcels of the demo county on the ground: yards in rows along roads and lanes, larger plots for public use, fields around."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from layers.demo.cells import bands, largest_part, take_away, voronoi_cells
from layers.demo.places import spread_out
from layers.demo.recipe import Recipe
from layers.demo.terrain import Terrain

INTENTS = ("yard", "public", "idle", "workshop", "field", "ghost")
CLEAR_M = {"public": 20.0, "idle": 15.5, "workshop": 16.5}
"""A plot for other than a house keeps other seeds this far away, so that it grows large enough."""


def stations(roads: gpd.GeoDataFrame, gap_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points every `gap_m` along all roads (n, 2), the direction there (n, 2) and the row of the road."""
    xy, line = shapely.get_coordinates(roads.geometry.values, return_index=True)
    step = np.diff(xy, axis=0)
    length = np.where(line[1:] == line[:-1], np.hypot(*step.T), 0.0)
    along = np.concatenate([[0.0], np.cumsum(length)])
    place = np.arange(gap_m / 2, along[-1], gap_m)
    segment = np.searchsorted(along, place, side="right") - 1
    direction = step[segment] / length[segment][:, None]
    return xy[segment] + direction * (place - along[segment])[:, None], direction, line[segment]


def _yard_seeds(roads: gpd.GeoDataFrame, width_m: np.ndarray, settlements: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Seeds of yards: two rows on both sides of every road within a natural village's reach."""
    at, direction, road = stations(roads, 11.8)
    tree = cKDTree(settlements[["x", "y"]].to_numpy())
    away, home = tree.query(at)
    reach = np.maximum(44.0, 12 + 2.2 * np.sqrt(settlements["population"].to_numpy())) + 16.0 * settlements["main"].to_numpy()
    near = away < reach[home] * rng.uniform(0.8, 1.15, len(at))
    at, direction, road, home = at[near], direction[near], road[near], home[near]
    normal = np.column_stack([-direction[:, 1], direction[:, 0]])
    parts = []
    for row, offset, share in ((1, 8.0, 0.97), (2, 21.5, 0.85)):
        for side in (-1.0, 1.0):
            lateral = side * (width_m[road] / 2 + offset + rng.uniform(-1.3, 1.3, len(at)))
            xy = at + normal * lateral[:, None] + direction * rng.uniform(-2.2, 2.2, len(at))[:, None]
            keep = rng.random(len(at)) < share
            parts.append(pd.DataFrame({"x": xy[keep, 0], "y": xy[keep, 1], "settlement": home[keep], "row": row}))
    seeds = pd.concat(parts, ignore_index=True)
    every, _, which = stations(roads, 5.0)
    gap, nearest = cKDTree(every).query(seeds[["x", "y"]].to_numpy())
    seeds = seeds[gap > width_m[which[nearest]] / 2 + 5.6].reset_index(drop=True)
    xy = seeds[["x", "y"]].to_numpy()
    kept = spread_out(xy, -seeds["row"].to_numpy() + rng.random(len(seeds)) * 0.9, np.full(len(seeds), 9.8))
    return seeds.iloc[np.sort(kept)].reset_index(drop=True)


def _give_intent(seeds: pd.DataFrame, settlements: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Choose which first-row plots are for other than houses, and clear room around them."""
    intent = np.full(len(seeds), "yard", dtype=object)
    first = seeds["row"].to_numpy() == 1
    groups = seeds.groupby("settlement", sort=True).indices
    xy = seeds[["x", "y"]].to_numpy()
    for home, members in groups.items():
        main = bool(settlements["main"].iloc[home])
        plots = rng.permutation(members[first[members]])
        wish = ["public"] * (3 if main else 0) + ["idle"] * (2 if main else int(rng.random() < 0.8) + int(rng.random() < 0.45))
        wish += ["workshop"] * (1 if main else int(rng.random() < 0.2))
        taken: list[int] = []
        for kind in wish:
            free = [p for p in plots.tolist() if all(np.hypot(*(xy[p] - xy[q])) > 30 for q in taken)]
            if free and len(taken) < 0.3 * len(plots):
                intent[free[0]] = kind
                taken.append(free[0])
    special = np.nonzero(intent != "yard")[0]
    tree = cKDTree(xy)
    drop = np.zeros(len(seeds), bool)
    for i in special.tolist():
        drop[tree.query_ball_point(xy[i], CLEAR_M[intent[i]] * rng.uniform(0.8, 1.1))] = True
    drop[special] = False
    return seeds.assign(intent=intent)[~drop].reset_index(drop=True)


def _field_seeds(terrain: Terrain, settlements: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Seeds of fields: staggered rows that follow the contours around every natural village, with a rim of ghosts."""
    down, right = np.gradient(terrain.z, 60.0)
    xy = settlements[["x", "y"]].to_numpy()
    heading = np.arctan2(-terrain.at(down, xy), terrain.at(right, xy)) + np.pi / 2
    reach = np.maximum(66.0, 34 + 2.75 * np.sqrt(settlements["population"].to_numpy())) + 16.0 * settlements["main"].to_numpy()
    parts = []
    for i in range(len(settlements)):
        long, deep = rng.uniform(38, 58), rng.uniform(19, 27)
        outer = reach[i] * 1.25 + 38
        across, down_slope = np.meshgrid(np.arange(-outer, outer, long), np.arange(-outer, outer, deep))
        across = across + (np.arange(across.shape[0]) % 2)[:, None] * long / 2
        u = (across + rng.uniform(-0.28, 0.28, across.shape) * long).ravel()
        v = (down_slope + rng.uniform(-0.22, 0.22, across.shape) * deep).ravel()
        r = np.hypot(u, v)
        v = v + u**2 * rng.uniform(-1, 1) / 420 + 6 * np.sin(u / rng.uniform(35, 60) + rng.uniform(0, 6))
        cos, sin = np.cos(heading[i]), np.sin(heading[i])
        rim = reach[i] * (
            1 + 0.22 * np.sin(2 * np.arctan2(v, u) + rng.uniform(0, 6)) + 0.12 * np.sin(3 * np.arctan2(v, u) + rng.uniform(0, 6))
        )
        inside = r < outer
        table = np.column_stack([xy[i, 0] + u * cos - v * sin, xy[i, 1] + u * sin + v * cos, np.full(len(u), i), r > rim])
        parts.append(table[inside])
    frame = pd.DataFrame(np.vstack(parts), columns=["x", "y", "settlement", "ghost"])
    return frame.astype({"settlement": int, "ghost": bool})


def make_parcels(
    recipe: Recipe,
    terrain: Terrain,
    villages: gpd.GeoDataFrame,
    settlements: pd.DataFrame,
    roads: gpd.GeoDataFrame,
    water: np.ndarray,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Parcels as shapes with what they are meant for; no two overlap, none lies in a road or in water, each is one piece.

    Returns
    -------
    GeoDataFrame
        `settlement` and `village` (rows), `intent` (yard, public, idle, workshop, field), `row` (1 or 2 of a yard), `x`, `y` of its
        seed (m).
    """
    width_m = roads["road_class"].map(lambda name: recipe.roads[name]["width_m"]).to_numpy()
    yards = _give_intent(_yard_seeds(roads, width_m, settlements, rng), settlements, rng)
    fields = _field_seeds(terrain, settlements, rng)
    xy = fields[["x", "y"]].to_numpy()
    apart = cKDTree(yards[["x", "y"]].to_numpy()).query(xy)[0]
    nearest = cKDTree(settlements[["x", "y"]].to_numpy()).query(xy)[1]
    off_road = cKDTree(stations(roads, 6.0)[0]).query(xy)[0]
    fields = fields[(apart > 11.5) & (nearest == fields["settlement"]) & (off_road > 7.5)].reset_index(drop=True)
    steep = terrain.at(terrain.slope_deg, fields[["x", "y"]].to_numpy()) > 24
    fields["intent"] = np.where(fields["ghost"] | steep, "ghost", "field")
    seeds = pd.concat([yards, fields.drop(columns="ghost").assign(row=0)], ignore_index=True)
    xy = seeds[["x", "y"]].to_numpy()
    corner = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]) * 60000.0 + xy.mean(axis=0)
    wanted = np.r_[(seeds["intent"] != "ghost").to_numpy(), np.zeros(4, bool)]
    shapes = voronoi_cells(np.vstack([xy, corner]), wanted, rng)
    parcels = seeds[seeds["intent"] != "ghost"].reset_index(drop=True)
    parcels["village"] = settlements["village"].to_numpy()[parcels["settlement"]]
    parcels["cell"] = shapes
    bound = parcels["intent"].map({"field": 9000.0, "public": 2600.0}).fillna(1500.0).to_numpy()
    sane = shapely.area(shapes) < bound
    parcels = parcels[sane].reset_index(drop=True)
    cut = take_away(parcels["cell"].to_numpy(), np.concatenate([bands(roads.geometry.values, width_m / 2 + 0.6), water]))
    cut = _within(cut, villages.geometry.values, parcels["village"].to_numpy())
    parcels = gpd.GeoDataFrame(parcels.drop(columns="cell"), geometry=cut, crs=recipe.crs)
    good = (parcels.area > np.where(parcels["intent"] == "field", 160.0, 80.0)).to_numpy()
    thick = 4 * np.pi * parcels.area.to_numpy() / np.maximum(parcels.length.to_numpy(), 1e-9) ** 2
    return parcels[good & (thick > 0.18)].reset_index(drop=True)


def _within(shapes: np.ndarray, limits: np.ndarray, village: np.ndarray) -> np.ndarray:
    """Shapes cut at the limits of their own village."""
    crossing = np.unique(shapely.STRtree(shapes).query(shapely.boundary(limits), predicate="intersects")[1])
    out = shapes.copy()
    out[crossing] = largest_part(shapely.intersection(shapes[crossing], limits[village[crossing]]))
    return out
