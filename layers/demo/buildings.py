"""Houses and public buildings of the demo county, each set square to its road in its own yard."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from layers.demo.parcels import stations
from layers.demo.recipe import Recipe

USES = {"homestead": "10", "venue": "60", "school": "41", "brigade": "60", "service": "42", "workshop": "80"}
"""GHYT: 10 dwelling, 41 school, 42 medical, 60 office, 80 other."""


def outline(xy: np.ndarray, heading: np.ndarray, width_m: np.ndarray, depth_m: np.ndarray, notch: np.ndarray) -> np.ndarray:
    """Rectangles, or L shapes where `notch` is true, around points (n, 2), sides in metres, turned by `heading` (radians)."""
    u = np.array([-0.5, 0.5, 0.5, 0.0, 0.0, -0.5])
    v_plain = np.array([-0.5, -0.5, 0.5, 0.5, 0.5, 0.5])
    v_notch = np.array([-0.5, -0.5, 0.5, 0.5, 0.12, 0.12])
    along = u * width_m[:, None]
    across = np.where(notch[:, None], v_notch, v_plain) * depth_m[:, None]
    cos, sin = np.cos(heading)[:, None], np.sin(heading)[:, None]
    corners = np.stack([xy[:, :1] + along * cos - across * sin, xy[:, 1:] + along * sin + across * cos], axis=-1)
    plain = np.delete(corners, [3, 4], axis=1)
    shapes = np.empty(len(xy), dtype=object)
    shapes[~notch] = shapely.polygons(plain[~notch])
    shapes[notch] = shapely.polygons(corners[notch])
    return shapes


def make_buildings(
    recipe: Recipe,
    parcels: gpd.GeoDataFrame,
    villages: pd.DataFrame,
    venues: pd.DataFrame,
    roads: gpd.GeoDataFrame,
    rng: np.random.Generator,
) -> gpd.GeoDataFrame:
    """Buildings with the fields of the building table (自然幢), in the county's CRS.

    A parcel may ask for a building of its own: `wanted_m2` is its gross floor area and `wanted_floors` its storeys.
    """
    kind = np.where(
        parcels["DLBM"] == "0702", "homestead", np.where(parcels["intent"] == "workshop", "workshop", parcels["purpose"])
    )
    luck = rng.random(len(parcels))
    share = {"homestead": 0.95, "workshop": 0.85, "venue": 1.0, "school": 1.0, "brigade": 1.0, "service": 0.9, "": 0.0}
    wanted = parcels["wanted_m2"].to_numpy()
    bare = parcels["case"].ne("").to_numpy() & np.isnan(wanted) & ~np.isin(kind, ["homestead"])
    has = ((luck < [share[k] for k in kind]) & ~bare) | ~np.isnan(wanted)
    site, kind, wanted = parcels[has].reset_index(drop=True), kind[has], wanted[has]
    middle = shapely.centroid(site.geometry.values)
    inside = shapely.contains_properly(site.geometry.values, middle)
    middle = np.where(inside, middle, shapely.point_on_surface(site.geometry.values))
    xy = shapely.get_coordinates(middle)
    room = shapely.distance(middle, shapely.boundary(site.geometry.values))
    at, direction, _ = stations(roads, 10.0)
    nearest = cKDTree(at).query(xy)[1]
    heading = np.arctan2(direction[nearest, 1], direction[nearest, 0]) + rng.normal(0, 0.04, len(site))
    n = len(site)
    scale = rng.uniform(0.82, 1.0, n) * np.minimum(1.0, 9.5 / room)
    width, depth = 1.60 * room * scale, 1.08 * room * scale
    floors = np.where(kind == "homestead", rng.choice([1, 2, 3], n, p=[0.35, 0.5, 0.15]), rng.choice([1, 2], n, p=[0.7, 0.3]))
    notch = rng.random(n) < 0.3
    asked = ~np.isnan(wanted)
    floors = np.where(asked, site["wanted_floors"].fillna(1).to_numpy(), floors).astype(int)
    ground = np.where(asked, wanted / floors, width * depth * np.where(notch, 0.81, 1.0))
    stretch = np.where(asked, np.sqrt(ground / np.maximum(width * depth, 1e-9)), 1.0)
    notch &= ~asked
    shapes = outline(xy, heading, width * stretch, depth * stretch, notch)
    floor_area = np.where(asked, wanted, np.round(ground * floors * rng.uniform(0.97, 1.0, n), 2))
    by_village = venues.set_index("village")["floor_area_m2"]
    known = by_village.reindex(site["village"]).to_numpy()
    floor_area = np.where((kind == "venue") & ~np.isnan(known), known, floor_area)
    empty_share = {
        "school": recipe.papers["idle_buildings"] + 0.3,
        "brigade": recipe.papers["idle_buildings"] + 0.3,
        "workshop": recipe.papers["idle_buildings"],
        "homestead": 0.006,
    }
    idle = (rng.random(n) < [empty_share.get(k, 0.0) for k in kind]) | asked
    return gpd.GeoDataFrame(
        {
            "BSM": [f"{recipe.code}8{i + 1:011d}" for i in range(n)],
            "ZDDM": site["ZDDM"].to_numpy(),
            "JZWMC": _names(recipe, kind, site["village"].to_numpy(), villages),
            "ZZDMJ": np.round(shapely.area(shapes), 2),
            "SCJZMJ": floor_area,
            "ZCS": floors,
            "FWJG": rng.choice(["3", "4", "5"], n, p=[0.25, 0.45, 0.3]),
            "GHYT": [USES.get(k, "80") for k in kind],
            "SYZT": np.where(idle, recipe.texts["idle"], recipe.texts["used"]),
            "case": np.where(asked, site["case"], ""),
            "settlement": site["settlement"].to_numpy(),
            "kind": kind,
        },
        geometry=shapes,
        crs=parcels.crs,
    )


def _names(recipe: Recipe, kind: np.ndarray, village: np.ndarray, villages: pd.DataFrame) -> list[str]:
    keys = {"venue": "venue", "school": "school", "brigade": "brigade", "workshop": "workshop", "service": "service"}
    names = villages["village_name"].to_numpy()[village]
    return [recipe.text(keys[k], village=name) if k in keys else recipe.texts["house"] for k, name in zip(kind, names, strict=True)]
