"""The ground: mean slope over a parcel in degrees, relief around it and distance to the nearest hazard area in m."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.inputs import RasterLike
from geo.nearest import index_segments, nearest_segments
from geo.plots import Plots, plots_of
from geo.shapes import flatten
from geo.terrain import height_range, slope_deg, zonal_mean

RELIEF_M2 = 200_000.0
"""Area of the window in which relief is told: 20 ha."""


def mean_slope_deg(geometries: Plots | np.ndarray, terrain: RasterLike, *, slope: RasterLike | None = None) -> np.ndarray:
    """Mean slope over each geometry in degrees, by exact cell coverage; NaN where the terrain does not say.

    Not valid below the terrain's cell size: a 30 m model tells of the ground around a 200 m2 yard, not of the yard. `slope` is
    `geo.terrain.slope_deg` of the terrain where it is known already.
    """
    return zonal_mean(plots_of(geometries).flat, slope_deg(terrain) if slope is None else slope)


def cells_covered(geometries: Plots | np.ndarray, terrain: RasterLike) -> np.ndarray:
    """Area of each geometry in cells of the terrain; below 1 its slope is that of the ground around it. NaN without geometry."""
    cell_m2 = abs(terrain.transform.a * terrain.transform.e)
    plots = plots_of(geometries)
    return np.where(plots.empty, np.nan, plots.area_m2 / cell_m2)


def relief_m(geometries: Plots | np.ndarray, terrain: RasterLike) -> np.ndarray:
    """Highest less lowest height in m of the cells within a circle of `RELIEF_M2` around the middle of each geometry's box.

    Relief in a window of about 20 ha is how the guide to evaluating land for building (双评价) tells broken ground. NaN without
    geometry and where no cell of the circle has a height.
    """
    radius, bounds = float(np.sqrt(RELIEF_M2 / np.pi)), plots_of(geometries).bounds
    return height_range(terrain, (bounds[:, :2] + bounds[:, 2:]) / 2, radius_m=radius)


def hazard_distance_m(geometries: Plots | np.ndarray, hazards: np.ndarray) -> np.ndarray:
    """Distance in m from the edge of each geometry to the nearest hazard area; 0 where they touch.

    Parameters
    ----------
    geometries : Plots, or ndarray of geometries
        Candidates; missing or empty ones are unknown.
    hazards : ndarray of geometries
        Hazard areas in the same metric CRS, at least one.

    Returns
    -------
    ndarray
        float64 (len(geometries),), NaN for a missing geometry.
    """
    plots, edges = plots_of(geometries), flatten(hazards)
    sizes = np.diff(edges.ring_start)
    index = index_segments(edges.ring_start, edges.x, edges.y, usable=sizes > 1)
    distance = nearest_segments(plots.flat, index).distance_m
    alone = edges.ring_start[:-1][sizes == 1]
    if len(alone):
        points = shapely.points(edges.x[alone], edges.y[alone])
        (at, _), found = shapely.STRtree(points).query_nearest(plots.shapes, return_distance=True, all_matches=False)
        distance[at] = np.minimum(distance[at], found)
    # the boundary alone does not tell that a site lies well inside
    distance[plots.tree.query(hazards, predicate="intersects")[1]] = 0.0
    return np.where(plots.empty, np.nan, distance)


def hazard_areas(restrictions: gpd.GeoDataFrame | None) -> np.ndarray:
    """Geometries of the restrictions of kind *hazard*; empty where there is none."""
    if restrictions is None:
        return np.empty(0, dtype=object)
    areas = np.asarray(restrictions.geometry[(restrictions["kind"] == "hazard").to_numpy(bool)].array, dtype=object)
    return areas[~(shapely.is_missing(areas) | shapely.is_empty(areas))]
