"""Who walks where, as areas on the ground: one per venue, side by side without overlap. Metres, minutes, people."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo.coverage import Coverage
from geo.coverage.tables import within

REACH_M = (100.0, 500.0)
"""Least and most that an area reaches beyond the homes that make it, m."""

CATCHMENT_COLUMNS = ("venue_id", "village_code", "planned", "people", "mean_walk_min", "worst_walk_min")


def catchments(coverage: Coverage, *, within_min: float | None = None) -> gpd.GeoDataFrame:
    """The ground of the homes that each venue serves as their nearest one; areas that touch and never overlap.

    An area is the ground nearer to a home that the venue serves than to any other home, and at most `reach_of` metres from it. It
    shows where the people live who walk there; it is not all the ground from which one could walk there in time, and where nobody
    lives there is no area. Nearest is meant on foot, so an area may lie nearer, as the crow flies, to another venue.

    Parameters
    ----------
    coverage : Coverage
    within_min : float, optional
        Walk that counts as served, min; that of the coverage unless given.

    Returns
    -------
    GeoDataFrame
        `CATCHMENT_COLUMNS` and the area in the CRS of the coverage, one row a venue that serves anybody, by venue id. People add up
        to those served.

    Examples
    --------
    Without homes or without venues there are no rows, and all columns.
    """
    homes = coverage.residents
    homes = homes[homes["people"].to_numpy(float) > 0]
    limit = coverage.served_min if within_min is None else within_min
    served = within(homes["walk_min"].to_numpy(float), limit)
    if not served.any():
        empty = pd.DataFrame({name: pd.Series(dtype="float64" if name.endswith(("_min", "people")) else "object")
                              for name in CATCHMENT_COLUMNS})
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=homes.crs))
    ground = _ground(shapely.get_coordinates(homes.geometry.to_numpy()), served)
    venue, of = np.unique(homes["venue_id"].to_numpy(object)[served].astype(str), return_inverse=True)
    people, walk = homes["people"].to_numpy(float)[served], homes["walk_min"].to_numpy(float)[served]
    total, worst = np.bincount(of, people), np.full(len(venue), -np.inf)
    np.maximum.at(worst, of, walk)
    order = np.argsort(of, kind="stable")
    shapes = [shapely.union_all(part) for part in np.split(ground[served][order], np.cumsum(np.bincount(of))[:-1])]
    known = coverage.venues.set_index("venue_id").reindex(venue)
    table = pd.DataFrame({
        "venue_id": venue, "village_code": known["village_code"].to_numpy(object), "planned": known["planned"].to_numpy(bool),
        "people": total, "mean_walk_min": np.bincount(of, people * walk) / total, "worst_walk_min": worst,
    })
    return gpd.GeoDataFrame(table, geometry=shapes, crs=homes.crs)


def reach_of(xy: np.ndarray) -> float:
    """How far an area reaches beyond its homes, m: 2.5 times the usual distance between neighbouring homes, within `REACH_M`.

    Examples
    --------
    >>> reach_of(np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0]])), reach_of(np.array([[0.0, 0.0]]))
    (250.0, 500.0)
    """
    places = np.unique(xy, axis=0)
    if len(places) < 2:
        return REACH_M[1]
    apart = cKDTree(places).query(places, k=2)[0][:, 1]
    return float(np.clip(2.5 * np.median(apart), *REACH_M))


def _ground(xy: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The ground of each wanted home: nearer to it than to any other, cut off at the reach; empty for the others."""
    places, which = np.unique(xy, axis=0, return_inverse=True)
    which = which.reshape(-1)
    used = np.zeros(len(places), dtype=bool)
    used[which[wanted]] = True
    ground = np.full(len(places), shapely.Polygon(), dtype=object)
    reach_m = reach_of(xy)
    ground[used] = shapely.buffer(shapely.points(places[used]), reach_m, quad_segs=4)
    if len(places) > 1:
        around = shapely.box(*(places.min(axis=0) - 2 * reach_m), *(places.max(axis=0) + 2 * reach_m))
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=around, ordered=True))
        ground[used] = shapely.intersection(cells[used], ground[used])
    return np.where(wanted, ground[which], shapely.Polygon())
