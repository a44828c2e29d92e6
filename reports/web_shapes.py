"""Shapes small enough for a page: longitude and latitude in whole millionths of a degree, each point as the step from the last.

A ring or line is a flat list [x, y, dx, dy, ...]; an area is a list of parts, each a list of rings, the outer one first; a ring's
closing point is left out. ``x`` and ``y`` count from the origin of the page. A millionth of a degree is about 0.1 m.
"""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely

UNITS = 1e6
"""Units in a degree."""


def in_degrees(geometry: gpd.GeoSeries, *, tolerance_m: float = 0.0) -> np.ndarray:
    """Shapes in degrees (WGS 84), simplified in the county's CRS before; object array, None where there is nothing to draw."""
    simple = geometry.simplify(tolerance_m) if tolerance_m > 0 else geometry
    shapes = shapely.force_2d(simple.to_crs(4326).to_numpy())
    shapes[shapely.is_empty(shapes)] = None
    return shapes


def stepped(coordinates: np.ndarray, origin: tuple[float, float]) -> list[int]:
    """Points (n, 2) in degrees as steps in units from an origin (lon, lat).

    Examples
    --------
    >>> stepped(np.array([[107.0, 34.0], [107.00001, 34.0], [107.00001, 34.00002]]), (107.0, 34.0))
    [0, 0, 10, 0, 0, 20]
    """
    units = np.rint((coordinates - np.asarray(origin)) * UNITS).astype(np.int64)
    return np.diff(units, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()


def areas(shapes: Iterable[shapely.Geometry | None], origin: tuple[float, float]) -> list[list | None]:
    """Areas as lists of parts of rings; None for what is no area."""
    return [_parts(shape, origin) for shape in shapes]


def _parts(shape: shapely.Geometry | None, origin: tuple[float, float]) -> list | None:
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    return [[stepped(shapely.get_coordinates(ring)[:-1], origin) for ring in (part.exterior, *part.interiors)]
            for part in shapely.get_parts(shape)]


def lines(shapes: Iterable[shapely.Geometry | None], origin: tuple[float, float]) -> list[list[int]]:
    """All lines of the shapes, the edges of areas among them, in one list; shorter than two points there is none."""
    found: list[list[int]] = []
    for shape in shapes:
        if shape is None:
            continue
        edges = shapely.boundary(shape) if shape.geom_type in ("Polygon", "MultiPolygon") else shape
        found += [stepped(shapely.get_coordinates(part), origin) for part in shapely.get_parts(edges)
                  if part.geom_type in ("LineString", "LinearRing") and not part.is_empty]
    return found


def points(shapes: Iterable[shapely.Geometry | None], origin: tuple[float, float]) -> list[list[int] | None]:
    """A point within each shape; None where there is none."""
    return [None if shape is None else stepped(shapely.get_coordinates(shapely.point_on_surface(shape)), origin)
            for shape in shapes]
