"""The ground: mean slope over a parcel in degrees, and the distance in m to the nearest hazard area."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.inputs import RasterLike
from geo.shapes import flatten, ranges
from geo.terrain import slope_deg, zonal_mean

STRETCH = 16
"""Most straight pieces of a hazard's boundary that are looked at together."""


def mean_slope_deg(geometries: np.ndarray, terrain: RasterLike) -> np.ndarray:
    """Mean slope over each geometry in degrees, by exact cell coverage; NaN where the terrain does not say.

    Not valid below the terrain's cell size: a 30 m model tells of the ground around a 200 m2 yard, not of the yard.
    """
    return zonal_mean(geometries, slope_deg(terrain))


def hazard_distance_m(geometries: np.ndarray, hazards: np.ndarray) -> np.ndarray:
    """Distance in m from the edge of each geometry to the nearest hazard area; 0 where they touch.

    Parameters
    ----------
    geometries : ndarray of geometries
        Candidates; missing or empty ones are unknown.
    hazards : ndarray of geometries
        Hazard areas in the same metric CRS, at least one.

    Returns
    -------
    ndarray
        float64 (len(geometries),), NaN for a missing geometry.
    """
    distance = np.full(len(geometries), np.nan)
    there = np.flatnonzero(~(shapely.is_missing(geometries) | shapely.is_empty(geometries)))
    (at, _), found = shapely.STRtree(_stretches(hazards)).query_nearest(geometries[there], return_distance=True, all_matches=False)
    distance[there[at]] = found
    # the boundary alone does not tell that a site lies well inside
    distance[np.unique(shapely.STRtree(geometries).query(hazards, predicate="intersects")[1])] = 0.0
    return distance


def _stretches(areas: np.ndarray) -> np.ndarray:
    """The areas' boundaries as short lines that share their ends, so that a distance looks at few vertices; points as they are."""
    shapes = flatten(areas)
    last = shapes.ring_start[1:] - 1
    sizes = np.maximum(np.diff(shapes.ring_start) - 1, 0)
    pieces = -(-sizes // STRETCH)
    ring = np.repeat(np.arange(len(pieces)), pieces)
    first = shapes.ring_start[:-1][ring] + ranges(np.zeros(len(pieces), dtype=np.int64), pieces) * STRETCH
    length = np.minimum(first + STRETCH, last[ring]) - first + 1
    vertex = ranges(first, length)
    xy = np.column_stack([shapes.x[vertex], shapes.y[vertex]])
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(first)), length))
    return np.concatenate([lines, areas[np.isin(shapely.get_type_id(areas), (0, 4))]])


def hazard_areas(restrictions: gpd.GeoDataFrame | None) -> np.ndarray:
    """Geometries of the restrictions of kind *hazard*; empty where there is none."""
    if restrictions is None:
        return np.empty(0, dtype=object)
    areas = np.asarray(restrictions.geometry[(restrictions["kind"] == "hazard").to_numpy(bool)].array, dtype=object)
    return areas[~(shapely.is_missing(areas) | shapely.is_empty(areas))]
