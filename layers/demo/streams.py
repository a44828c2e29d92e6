"""Running water of the demo county: streams from the flow of the terrain, with a width that grows with what they drain."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from layers.demo.lines import chains, cut_corners, soften
from layers.demo.recipe import Recipe
from layers.demo.terrain import STREAM_AREA_M2, Terrain, noise

RIVER_AREA_M2 = 4.0e8
"""Area from which a stream is the main river."""


def stream_width_m(area_m2: np.ndarray) -> np.ndarray:
    """Width in metres of a stream that drains `area_m2`: hydraulic geometry, about 3 m at 1 km2 and 60 m at 1,500 km2."""
    return 2.0 * (np.asarray(area_m2) / 1e6) ** 0.46


def make_streams(recipe: Recipe, terrain: Terrain, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Streams as lines from confluence to confluence.

    Returns
    -------
    GeoDataFrame
        `area_m2` drained at its lower end, `width_m`, `river` (part of the main river), `name`; in the county's CRS.
    """
    area = terrain.area_m2.ravel()
    wet = np.nonzero(area >= STREAM_AREA_M2)[0]
    wet = wet[terrain.receiver[wet] != wet]
    steps = np.column_stack([wet, terrain.receiver[wet]])
    level = np.exp(-terrain.slope_deg / 2.5)
    sway = [46.0 * level * noise(terrain.shape, rng, wave_cells=5.0) for _ in range(2)]
    lines, medians = [], []
    for cells, _ in chains(steps, np.zeros(len(steps), int), np.array([], int)):
        xy = soften(terrain.xy(cells), rounds=4)
        xy = xy + np.column_stack([terrain.at(part, xy) for part in sway])
        lines.append(shapely.linestrings(cut_corners(xy)))
        medians.append(np.median(area[cells]))
    areas = np.array(medians)
    river = areas >= RIVER_AREA_M2
    names = np.where(river, recipe.texts["main_river"], recipe.texts["stream"])
    data = {"area_m2": areas, "width_m": stream_width_m(areas), "river": river, "name": names}
    return gpd.GeoDataFrame(data, geometry=lines, crs=recipe.crs)
