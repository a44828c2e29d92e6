"""Where on the map a finding is: the rows it names, a point, or the whole layer; and the map of that place as data."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.county import County
from layers.findings import Finding
from layers.schema import ROLES
from ui.map_base import CSS
from ui.map_shapes import bounds_of, features, road_layers, within
from ui.state import Session
from ui.theme import SELECTED_COLOUR

MOST_AROUND = 1500
"""Shapes of the layer drawn around a place; of a whole layer as many, evenly taken."""

_SPAN_M = 250.0
"""Ground shown around a place, at least."""

_CLOSE_M = 90.0
"""And around a line that is to be looked at."""

_OTHERS = {"color": "#5c6568", "weight": 0.8, "opacity": 0.9, "fillColor": "#b9c4c0", "fillOpacity": 0.35}
_CONCERNED = {"color": SELECTED_COLOUR, "weight": 2.6, "opacity": 1, "fillColor": SELECTED_COLOUR, "fillOpacity": 0.22}
_JOIN = {"color": SELECTED_COLOUR, "weight": 4, "opacity": 1, "dashArray": "6 5", "fill": False}
_LIMITS = {"color": "#3d4648", "weight": 1.2, "opacity": 0.7, "dashArray": "5 3", "fill": False}


@dataclass(frozen=True)
class Spot:
    """A place to look at: a layer (None: the ground alone), the rows concerned by position, a point in degrees, lines about it."""

    role: str | None
    rows: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()
    point: tuple[float, float] | None = None
    tip: tuple = ()
    line: tuple[tuple[float, float], tuple[float, float]] | None = None
    """A line to draw there, in degrees: a join between roads that is not in the data."""


def spot_of(county: County, finding: Finding) -> Spot | None:
    """The place of a finding; None where there is neither a layer nor a point to show."""
    role: str | None = finding.layer.removeprefix("layers.").partition(".")[0]
    frame = getattr(county, role) if role in ROLES else None
    if frame is None or frame.empty:
        return None if finding.place is None else Spot(None, point=finding.place)
    rows, ids = _rows(frame, role, finding.rows)
    return Spot(role, rows, ids, finding.place)


def has_place(county: County, finding: Finding) -> bool:
    """Whether `spot_of` has something to show, without looking for the rows."""
    role = finding.layer.removeprefix("layers.").partition(".")[0]
    frame = getattr(county, role) if role in ROLES else None
    return finding.place is not None or (frame is not None and not frame.empty)


def _rows(frame: gpd.GeoDataFrame, role: str, wanted: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Positions of the rows that a finding names, by the code column in which most of the ids stand, with their ids."""
    best = np.zeros(0, dtype=int)
    column = None
    placed = (frame.geometry.notna() & ~frame.geometry.is_empty).to_numpy()
    for one in ROLES[role]:
        if one.kind == "code" and wanted and (one.name.endswith("_id") or one.name.endswith("_code")):
            found = np.flatnonzero(frame[one.name].isin(wanted).to_numpy(dtype=bool) & placed)
            if len(found) and (not len(best) or frame[one.name].iloc[found].nunique() > frame[column].iloc[best].nunique()):
                best, column = found, one.name
    if column is None:
        return (), ()
    best = best[:len(wanted) * 2]
    return tuple(int(at) for at in best), tuple(str(value) for value in frame[column].iloc[best])


def base_of_spot(session: Session, spot: Spot, chosen: int | None) -> tuple[dict, int | None]:
    """The map of a spot as data for the map script, and how many shapes of the layer stand for it where not all are drawn.

    `chosen` is one of the positions in `spot.rows` to look at closely; None shows them all.
    """
    county = session.county
    frame = getattr(county, spot.role) if spot.role else None
    focus = _focus(county, frame, spot, chosen)
    layers: list[dict] = []
    drawn: int | None = None
    box = None if focus is None else _around(focus, _SPAN_M if spot.line is None else _CLOSE_M)
    if box is not None:
        layers += _limits(county, box)
        if spot.role != "roads":
            layers += road_layers(within(county.roads, box), decimals=6, tolerance_m=1.0)
    if frame is not None:
        around = frame if box is None else within(frame, box)
        if around is not None:
            around = around[around.geometry.notna().to_numpy()]
            some = around.iloc[:: max(1, -(-len(around) // MOST_AROUND))]
            drawn = len(some) if len(some) < len(around) else None
            layers.append({"name": "others", "pane": "shapes", "tips": True, "radius": 3.5, "style": _OTHERS,
                           "data": _features(session, some, spot.role, "o")})
        rows = [chosen] if chosen is not None else list(spot.rows)
        if rows:
            layers.append({"name": "concerned", "pane": "lines", "tips": True, "radius": 8, "style": _CONCERNED,
                           "data": _features(session, frame.iloc[rows], spot.role, "c")})
    if spot.line is not None:
        join = gpd.GeoSeries([shapely.LineString(spot.line)], crs=4326).to_crs(county.crs)
        layers.append({"name": "join", "pane": "lines", "style": _JOIN, "data": features(["join"], join, decimals=7)})
    if spot.point is not None and chosen is None:
        lon, lat = spot.point
        layers.append({"name": "place", "pane": "marks", "marks": [{
            "lat": round(lat, 6), "lon": round(lon, 6), "text": "!", "colour": SELECTED_COLOUR,
            "tip": [session.say("data_page.map.here"), *spot.tip]}]})
    view = _view(session, box, frame)
    return {"css": CSS, "hatches": [], "layers": layers, "view": view, "limits": view,
            "legend": {"title": session.say("app.map.legend"), "items": _legend(session, layers)}}, drawn


def _focus(county: County, frame: gpd.GeoDataFrame | None, spot: Spot, chosen: int | None) -> tuple[float, ...] | None:
    """Box in metres of what to look at; None for the whole layer."""
    if chosen is not None or spot.rows:
        return tuple(frame.geometry.iloc[[chosen] if chosen is not None else list(spot.rows)].total_bounds)
    if spot.point is None:
        return None
    shape = shapely.Point(spot.point) if spot.line is None else shapely.LineString(spot.line)
    at = gpd.GeoSeries([shape], crs=4326).to_crs(county.crs)
    return tuple(at.total_bounds)


def _around(bounds: tuple[float, ...], least_m: float) -> tuple[float, float, float, float]:
    left, bottom, right, top = bounds
    margin = max(least_m, 0.35 * max(right - left, top - bottom))
    return (left - margin, bottom - margin, right + margin, top + margin)


def _limits(county: County, box: tuple[float, float, float, float]) -> list[dict]:
    areas = within(county.villages, box)
    if areas is None:
        return []
    lines = areas.geometry[areas.geometry.geom_type.isin(["Polygon", "MultiPolygon"])].boundary
    if lines.empty:
        return []
    joined = gpd.GeoSeries([shapely.simplify(lines.union_all(), 2.0)], crs=areas.crs)
    return [{"name": "limits", "pane": "limits", "style": _LIMITS, "data": features(["limits"], joined, decimals=6)}]


def _features(session: Session, frame: gpd.GeoDataFrame, role: str | None, prefix: str) -> dict:
    """Shapes with their id and what is known of them as a tooltip; features of a map carry ids of their own."""
    names = [column for column in ROLES[str(role)]][:7]
    ids = [f"{prefix}{number}" for number in range(len(frame))]
    tips: dict[str, list] = {}
    for key, row in zip(ids, frame[[column.name for column in names]].itertuples(index=False, name=None), strict=True):
        first, *others = zip(names, row, strict=True)
        lines: list = ["" if pd.isna(first[1]) else str(first[1])]
        for column, value in others:
            if pd.notna(value):
                text = f"{value:,.0f}" if isinstance(value, float) else str(value)
                lines.append([column.name, text[:60]])
        tips[key] = lines
    return features(ids, frame.geometry, decimals=6, tips=tips)


def _view(session: Session, box: tuple[float, float, float, float] | None, frame: gpd.GeoDataFrame | None) -> list:
    if box is not None:
        shown = bounds_of(gpd.GeoSeries([shapely.box(*box)], crs=session.county.crs))
    else:
        shown = None if frame is None else bounds_of(frame.geometry)
    return shown or [[-60.0, -180.0], [60.0, 180.0]]


def _legend(session: Session, layers: list[dict]) -> list[dict]:
    names = {layer["name"] for layer in layers}
    items = []
    if "concerned" in names:
        items.append({"fill": "#f6d3e4", "stroke": SELECTED_COLOUR, "width": 2, "text": session.say("data_page.map.concerned")})
    if "join" in names:
        items.append({"shape": "line", "stroke": SELECTED_COLOUR, "dash": "6 5", "text": session.say("data_page.map.join")})
    if "others" in names:
        items.append({"fill": "#dfe5e2", "stroke": "#5c6568", "text": session.say("data_page.map.others")})
    if "limits" in names:
        items.append({"shape": "line", "stroke": "#3d4648", "dash": "5 3", "text": session.say("data_page.map.limits")})
    return items
