"""Is a layer in the shifted coordinates of a map service? Suspected by comparing it with other layers, never assumed.

GCJ-02 lies 25 to 693 m beside the truth and BD-09 further, which cannot be seen in the numbers. It shows where layers meet:
facilities stand at buildings and roads, limits of villages run along those of townships. If a layer fits the others clearly better
once the shift is taken back, that is said with both figures, and the person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from layers.cores import on_all_cores
from layers.crs import CHINA, LONLAT, bounds_of
from layers.datum import SHIFTED, to_datum, to_wgs84
from layers.findings import Finding
from layers.remembered import ahead, once

PAIRS = (
    ("facilities", "buildings"), ("facilities", "roads"), ("facilities", "settlements"), ("venues", "buildings"),
    ("settlements", "buildings"), ("settlements", "roads"), ("buildings", "roads"), ("venues", "roads"),
    ("townships", "villages"), ("parcels", "villages"),
)
"""Layers of which the first stands close to the second where both are right: its points, its vertices, its limits."""

SAMPLE = 2_000
"""Points of a layer that are compared."""

_GLANCE = 10
"""Every tenth of them is looked at first; where those say clearly no, the others are not asked."""
_GLANCE_CLEARLY, _GLANCE_GAIN_M = 0.75, 15.0

FEWEST = 20
CLEARLY = 0.5
"""A layer is suspected when its median distance falls to this share of what it was, or less, ..."""
GAIN_M = 30.0
"""... and by at least so many metres."""


def check_shifts(layers: Mapping[str, gpd.GeoDataFrame], declared: Mapping[str, str | None] | None = None) -> list[Finding]:
    """Layers that fit the others clearly better once a shift is taken back: one finding each, with the figures in metres.

    Parameters
    ----------
    layers : mapping
        Role -> frame in one metric CRS.
    declared : mapping, optional
        Role -> datum that county.toml declares; a layer with one was asked about already and is not suspected.

    Returns
    -------
    list of Finding
        `datum_suspected`, with `layer`, the datum, the layer it was compared with and both medians.
    """
    declared = declared or {}
    best: dict[str, tuple[float, Finding]] = {}
    here = {role for role in dict.fromkeys(role for pair in PAIRS for role in pair)
            if role in layers and len(layers[role]) and _in_china(layers[role])}
    pairs = [pair for pair in PAIRS if here.issuperset(pair)]
    points_of = {near: _points(layers[near]) for near in dict.fromkeys(near for near, _ in pairs)}
    trees = {other: _tree(np.asarray(layers[other].geometry.array)) for other in dict.fromkeys(other for _, other in pairs)}
    for near, other in pairs:
        points, tree = points_of[near], trees[other]
        if len(points) < FEWEST or not len(tree):
            continue
        crs = layers[near].crs
        some = points[::_GLANCE] if len(points) > _GLANCE * FEWEST else points
        some_m = _median_m(some, tree)
        if some_m < _GLANCE_GAIN_M:
            continue
        as_is_m = None
        for role in (near, other):
            if declared.get(role):
                continue
            for datum in SHIFTED:
                # a layer moved back is as near to the points as it is itself to the points moved forth, and these are few
                glance_m = _median_m(_moved(some, crs, datum, back=role == near), tree)
                if glance_m > _GLANCE_CLEARLY * some_m or some_m - glance_m < _GLANCE_GAIN_M:
                    continue
                as_is_m = _median_m(points, tree) if as_is_m is None else as_is_m
                shifted_m = _median_m(_moved(points, crs, datum, back=role == near), tree)
                if shifted_m > CLEARLY * as_is_m or as_is_m - shifted_m < GAIN_M:
                    continue
                if role not in best or shifted_m / as_is_m < best[role][0]:
                    params = {"datum": datum, "shown": datum.upper(), "other": other if role == near else near,
                              "as_is_m": f"{as_is_m:,.0f}", "shifted_m": f"{shifted_m:,.0f}"}
                    best[role] = (shifted_m / as_is_m, Finding("datum_suspected", "warning", role, "datum", params=params))
    return [finding for _, finding in best.values()]


def _in_china(frame: gpd.GeoDataFrame) -> bool:
    box = bounds_of(frame)
    if box is None:
        return False
    lon, lat = Transformer.from_crs(frame.crs, LONLAT, always_xy=True).transform((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    return bool(CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3])


def _points(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Coordinates that stand for a layer, (n, 2), evenly taken: the middles of small things, or the vertices of limits."""
    shapes = np.asarray(frame.geometry.array)
    shapes = shapes[~shapely.is_missing(shapes)]
    shapes = shapes[:: max(1, len(shapes) // SAMPLE)]
    if shapely.get_dimensions(shapes).max(initial=-1) == 2 and shapely.area(shapes).mean() > _LIMITS_M2:
        xy = shapely.get_coordinates(shapes)
    else:
        xy = shapely.get_coordinates(shapely.centroid(shapes))
    return xy[:: max(1, len(xy) // SAMPLE)]


_LIMITS_M2 = 20_000.0
"""Areas larger than this on the average are compared by their limits, smaller ones by their middles."""


def look_ahead(shapes: Mapping[str, np.ndarray]) -> None:
    """Begin to index what `check_shifts` will look for, beside what follows; shapes that change meanwhile are indexed anew.

    Parameters
    ----------
    shapes : mapping
        Role -> its shapes, in metres.
    """
    some = {role: layer for role, layer in shapes.items() if len(layer)}
    pairs = [pair for pair in PAIRS if some.keys() >= set(pair)]
    ahead(partial(_tree, some[other]) for other in dict.fromkeys(other for _, other in pairs))


def _tree(shapes: np.ndarray) -> shapely.STRtree:
    """The lines of a layer, the limits of its areas among them, to find the nearest one."""
    return once("lines", shapes, lambda: shapely.STRtree(_lines(shapes)))


def _lines(shapes: np.ndarray) -> np.ndarray:
    lines = shapes[~shapely.is_missing(shapes)]
    areas = shapely.get_dimensions(lines) == 2
    lines[areas] = on_all_cores(shapely.boundary, lines[areas])
    return lines


def _median_m(points: np.ndarray, tree: shapely.STRtree) -> float:
    (at, _), distance = tree.query_nearest(shapely.points(points), all_matches=False, return_distance=True)
    return float(np.median(distance)) if len(at) else float("inf")


def _moved(xy: np.ndarray, crs: CRS, datum: str, *, back: bool) -> np.ndarray:
    """Coordinates with a shift taken back, or put on, in the same CRS."""
    there = Transformer.from_crs(crs, LONLAT, always_xy=True)
    lon, lat = (to_wgs84 if back else to_datum)(*there.transform(xy[:, 0], xy[:, 1]), datum)
    return np.column_stack(there.transform(lon, lat, direction="INVERSE"))
