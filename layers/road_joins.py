"""Joins between roads that a person has accepted in county.toml: read, checked, and added to the layer of roads.

``[roads] join`` is a list of joins, each ``[lon, lat, lon, lat]`` in WGS 84 degrees: the two ends of a piece of road that the data
leaves out. An end within `REACH_M` of a road is put on it; the piece gets the lesser class of the two roads it joins.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.findings import Finding
from layers.schema import ROAD_CLASSES, conform

REACH_M = 5.0
"""An end further than this from every road stays where it was drawn, and this is said."""

LONGEST_M = 2000.0
"""A join longer than this is a slip of the pen: a road of that length belongs into the data."""

Join = tuple[float, float, float, float]


def read_joins(table: dict, problems: list[Finding]) -> tuple[Join, ...]:
    """The joins that ``[roads]`` of county.toml asks for; what is wrong with it is added to `problems`.

    Parameters
    ----------
    table : dict
        The whole of county.toml.
    problems : list of Finding
    """
    roads = table.get("roads", {})
    if not isinstance(roads, dict):
        problems.append(Finding("config_not_a_table", "error", "roads"))
        return ()
    for key in roads:
        if key != "join":
            params = {"name": key, "value": None, "choices": "join", "near": "join"}
            problems.append(Finding("config_unknown_key", "error", "roads", key, params=params))
    given = roads.get("join", [])
    wrong = [str(one) for one in given if not _is_join(one)] if isinstance(given, list) else [str(given)]
    if wrong:
        problems.append(Finding("config_road_join", "error", "roads", "join", params={"examples": "; ".join(wrong[:3])}))
        return ()
    return tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in given)


def _is_join(one: object) -> bool:
    """Whether it is four numbers that are two places in degrees."""
    if not isinstance(one, list) or len(one) != 4 or any(isinstance(x, bool) or not isinstance(x, int | float) for x in one):
        return False
    return all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in (one[:2], one[2:])) and one[:2] != one[2:]


def with_joins(roads: gpd.GeoDataFrame | None, joins: tuple[Join, ...]) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """The roads with the accepted joins as further rows ``join-1``, ``join-2`` …, and what there is to say about them.

    A join with an end further than `REACH_M` from every road is added as it was drawn; one longer than `LONGEST_M` is left out.
    """
    if not joins:
        return roads, []
    if roads is None or roads.empty:
        return roads, [Finding("road_join_no_roads", "warning", "roads", "join", count=len(joins))]
    corners = np.array(joins, dtype=float)
    ends = [gpd.GeoSeries(gpd.points_from_xy(corners[:, at], corners[:, at + 1]), crs=4326).to_crs(roads.crs) for at in (0, 2)]
    placed = [_on_roads(np.asarray(side.array, dtype=object), roads) for side in ends]
    lines = shapely.linestrings(np.stack([shapely.get_coordinates(side[0]) for side in placed], axis=1))
    rows = np.column_stack([placed[0][1], placed[1][1]])
    names = np.array([f"join-{number}" for number in range(1, len(joins) + 1)], dtype=object)
    length = shapely.length(lines)
    kept, off = (length > 0) & (length <= LONGEST_M), (rows < 0).any(axis=1)
    added = gpd.GeoDataFrame({
        "road_id": names[kept], "road_class": _lesser(roads, rows[kept]), "oneway": "no", "bridge": False, "closed": False,
    }, geometry=lines[kept], crs=roads.crs)
    findings = []
    middle = gpd.GeoSeries(shapely.line_interpolate_point(lines, 0.5, normalized=True), crs=roads.crs).to_crs(4326)
    for code, severity, which in (("road_joined", "info", kept), ("road_join_off", "warning", kept & off),
                                  ("road_join_unfit", "warning", ~kept)):
        if which.any():
            params = {"metres": f"{length[which].sum():,.0f}", "reach": f"{REACH_M:.0f}", "longest": f"{LONGEST_M:,.0f}"}
            first = middle.iloc[int(np.flatnonzero(which)[0])]
            findings.append(Finding(code, severity, "roads", "join", tuple(names[which][:20]), int(which.sum()), params,
                                    (float(first.x), float(first.y))))
    if not kept.any():
        return roads, findings
    whole = pd.concat([roads, conform(added, "roads")[roads.columns]], ignore_index=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=roads.crs), findings


def _on_roads(points: np.ndarray, roads: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The points put on the nearest road within `REACH_M` (on its end, if that is as near), and its row; -1 where there is none."""
    lines = np.asarray(roads.geometry.array, dtype=object)
    at, road = shapely.STRtree(lines).query_nearest(points, max_distance=REACH_M, all_matches=True)
    row, out = np.full(len(points), -1), points.copy()
    for one in range(len(points)):
        found = road[at == one]
        if not len(found):
            continue
        on_line = shapely.line_interpolate_point(lines[found], shapely.line_locate_point(lines[found], points[one]))
        tips = np.concatenate([shapely.get_point(lines[found], 0), shapely.get_point(lines[found], -1)])
        apart = shapely.distance(tips, points[one])
        best = int(np.argmin(apart))
        nearest = int(np.argmin(shapely.distance(on_line, points[one])))
        is_tip = apart[best] <= shapely.distance(on_line[nearest], points[one]) + 0.05
        out[one], row[one] = (tips[best], found[best % len(found)]) if is_tip else (on_line[nearest], found[nearest])
    return out, row


def _lesser(roads: gpd.GeoDataFrame, rows: np.ndarray) -> list[str]:
    """The lesser class of the two roads of each join; where only one is known, that one; else village."""
    classes = roads["road_class"].astype(object).to_numpy()
    out = []
    for pair in rows:
        known = [str(classes[row]) for row in pair if row >= 0 and classes[row] in ROAD_CLASSES]
        out.append(max(known, key=ROAD_CLASSES.index) if known else "village")
    return out
