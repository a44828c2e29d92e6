"""Shapes for the browser: frames of a county as small GeoJSON in degrees, clipped and simplified to what a map can show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.schema import ROAD_CLASSES

MAX_SHAPES = 1000
"""Most candidates drawn as shapes on one map, the best ones; tiles have the others."""

GATHERED_CELLS_M = (100.0, 200.0, 300.0, 500.0, 800.0, 1200.0, 2000.0, 4000.0)
"""Sides of the cells by which homes are put together where there are too many to be drawn."""

ROAD_STYLES: dict[str, dict[str, object]] = {
    "expressway": {"color": "#7d5a9b", "weight": 3.2},
    "national": {"color": "#a2543a", "weight": 2.8},
    "provincial": {"color": "#b5714a", "weight": 2.4},
    "county": {"color": "#8f7a5c", "weight": 2.0},
    "township": {"color": "#8f8674", "weight": 1.3},
    "village": {"color": "#8d8a82", "weight": 1.6},
    "street": {"color": "#9a9791", "weight": 1.3},
    "track": {"color": "#a08e72", "weight": 1.2, "dashArray": "6 3"},
    "path": {"color": "#8d7d66", "weight": 1.1, "dashArray": "2 4"},
}
COUNTY_ROADS = ROAD_CLASSES[:ROAD_CLASSES.index("township") + 1]
"""Classes drawn on the map of the whole county."""


def to_json(value: object) -> str:
    """JSON that may stand inside a script: no character of it can end the script or a line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def in_degrees(geometry: gpd.GeoSeries, *, decimals: int) -> gpd.GeoSeries:
    """Geometry as longitude and latitude, rounded: 5 decimals are about 1 m, 6 about 0.1 m."""
    degrees = geometry.to_crs(4326)
    rounded = shapely.transform(degrees.to_numpy(), lambda coordinates: np.round(coordinates, decimals))
    return gpd.GeoSeries(rounded, index=geometry.index, crs=4326)


def features(
    ids: Sequence[str], geometry: gpd.GeoSeries, *, classes: Sequence[str] | None = None, decimals: int = 6,
    tips: Mapping[str, list] | None = None, radii: Sequence[float] | None = None,
) -> dict:
    """A GeoJSON FeatureCollection; rows without geometry are left out.

    Parameters
    ----------
    ids : sequence of str
        Feature ids, as long as `geometry`.
    geometry : GeoSeries
        In any CRS.
    classes, radii : sequence, optional
        Key of each feature's style; radius in pixels of each point.
    tips : mapping, optional
        Lines of each feature's tooltip by id.
    """
    rows = np.flatnonzero(~(geometry.isna() | geometry.is_empty).to_numpy())
    degrees = in_degrees(geometry.iloc[rows], decimals=decimals)
    collection = []
    for row, shape in zip(rows, shapely.to_geojson(degrees.to_numpy()), strict=True):
        properties: dict[str, object] = {}
        if classes is not None:
            properties["c"] = classes[row]
        if radii is not None:
            properties["r"] = round(float(radii[row]), 1)
        if tips is not None:
            properties["t"] = tips[ids[row]]
        collection.append({"type": "Feature", "id": ids[row], "properties": properties, "geometry": json.loads(shape)})
    return {"type": "FeatureCollection", "features": collection}


def within(frame: gpd.GeoDataFrame | None, box: tuple[float, float, float, float]) -> gpd.GeoDataFrame | None:
    """Rows of a frame that touch a box (left, bottom, right, top) in its CRS, cut off at the box; None for none."""
    if frame is None or frame.empty:
        return None
    rows = frame.iloc[np.sort(frame.sindex.query(shapely.box(*box), predicate="intersects"))]
    if rows.empty:
        return None
    lines_or_areas = ~rows.geometry.geom_type.isin(["Point", "MultiPoint"])
    cut = rows.geometry.copy()
    cut[lines_or_areas] = shapely.clip_by_rect(rows.geometry[lines_or_areas].to_numpy(), *box)
    rows = rows.set_geometry(cut)
    rows = rows[~rows.geometry.is_empty]
    return None if rows.empty else rows


def gathered(homes: gpd.GeoDataFrame, *, most: int, by: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """Homes as about `most` points at the most, put together by ever larger cells at their people's middle; nobody is lost.

    Parameters
    ----------
    homes : GeoDataFrame
        `people` and points in metres; those without people are left out.
    most : int
        Points wanted at the most. Where the largest cells (`GATHERED_CELLS_M`) yield more, these stay.
    by : sequence of str
        Columns, without missing values, that keep homes apart: only equal ones are put together.

    Returns
    -------
    GeoDataFrame
        `people`, the columns of `by` and points, in the CRS of `homes`.
    """
    homes = homes[homes["people"].to_numpy(float) > 0]
    xy, people = shapely.get_coordinates(homes.geometry.to_numpy()), homes["people"].to_numpy(float)
    apart = pd.DataFrame(homes[list(by)]).reset_index(drop=True)
    for cell in GATHERED_CELLS_M:
        if len(xy) <= most:
            break
        frame = apart.assign(x=xy[:, 0] * people, y=xy[:, 1] * people, people=people, col=np.floor(xy[:, 0] / cell),
                             row=np.floor(xy[:, 1] / cell))
        sums = frame.groupby([*by, "col", "row"], sort=True)[["x", "y", "people"]].sum()
        people, xy = sums["people"].to_numpy(), sums[["x", "y"]].to_numpy() / sums[["people"]].to_numpy()
        apart = sums.index.to_frame(index=False)[list(by)]
    return gpd.GeoDataFrame(apart.assign(people=people), geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=homes.crs)


def bounds_of(geometry: gpd.GeoSeries) -> list[list[float]] | None:
    """[[south, west], [north, east]] in degrees; None where there is nothing to show. A point gets some ground around it."""
    known = geometry[~(geometry.isna() | geometry.is_empty)]
    if known.empty:
        return None
    west, south, east, north = known.to_crs(4326).total_bounds
    margin = 0.0008
    if east - west < margin or north - south < margin:
        west, east, south, north = west - margin, east + margin, south - margin, north + margin
    return [[round(float(south), 6), round(float(west), 6)], [round(float(north), 6), round(float(east), 6)]]


def merged_bounds(*boxes: list[list[float]] | None) -> list[list[float]] | None:
    """The box around several of `bounds_of`."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    return [[min(b[0][0] for b in known), min(b[0][1] for b in known)], [max(b[1][0] for b in known), max(b[1][1] for b in known)]]


def road_layers(roads: gpd.GeoDataFrame | None, *, decimals: int, tolerance_m: float) -> list[dict]:
    """Roads as layers to draw, least class first; merged by class so that a county's roads are a few shapes."""
    if roads is None or roads.empty:
        return []
    casings, strokes = [], []
    for road_class in reversed(ROAD_CLASSES):
        lines = roads.geometry[(roads["road_class"] == road_class).fillna(False).to_numpy(dtype=bool)]
        if lines.empty:
            continue
        joined = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(shapely.force_2d(lines.to_numpy()))))
        merged = gpd.GeoSeries([shapely.simplify(joined, tolerance_m)], crs=roads.crs)
        style = ROAD_STYLES[road_class]
        casing = {"color": "#ffffff", "weight": float(style["weight"]) + 1.6, "opacity": 0.75}
        data = features([road_class], merged, decimals=decimals)
        casings.append({"name": f"casing-{road_class}", "pane": "lines", "data": data, "style": casing})
        strokes.append({"name": f"road-{road_class}", "pane": "lines", "data": data, "style": {**style, "opacity": 0.95}})
    return casings + strokes


def township_limits(county_townships: gpd.GeoDataFrame | None, villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Limits of the townships with code and name: the county's own layer, else the villages of each put together."""
    if county_townships is not None and not county_townships.empty and county_townships.geometry.notna().any():
        return county_townships[["township_code", "township_name", county_townships.geometry.name]]
    areas = villages[villages.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) & villages["township_code"].notna()]
    if areas.empty:
        return None
    return areas[["township_code", "township_name", areas.geometry.name]].dissolve(by="township_code", as_index=False)


def village_places(villages: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """What stands for each village on the map: its limits or point; without either, the middle of its candidates."""
    geometry = villages.geometry
    missing = (geometry.isna() | geometry.is_empty).to_numpy()
    if not missing.any():
        return geometry
    middle = candidates.groupby("village_code")[["lon", "lat"]].median()
    codes = villages["village_code"].to_numpy()[missing]
    found = middle.reindex(codes)
    points = gpd.GeoSeries(gpd.points_from_xy(found["lon"], found["lat"]), index=villages.index[missing], crs=4326)
    points[pd.isna(found["lon"]).to_numpy()] = None
    crs = geometry.crs or candidates.crs
    filled = geometry.set_crs(crs) if geometry.crs is None else geometry.copy()
    filled[missing] = points.to_crs(crs)
    return filled
