"""The part of a map that does not change with weights and filters: what is drawn once, as data for the map script."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.results import VENUE_STATUS
from layers.schema import RESTRICTION_KINDS
from ui.map_shapes import (
    COUNTY_ROADS,
    MAX_SHAPES,
    ROAD_STYLES,
    bounds_of,
    features,
    merged_bounds,
    road_layers,
    township_limits,
    village_places,
    within,
)
from ui.state import Session
from ui.theme import PASS_RAMP, SELECTED_COLOUR, STATUS_COLOURS, STATUS_HATCHED, VERDICT_COLOURS, VERIFY_RAMP

RESTRICTION_COLOURS = {
    "basic_farmland": ("#8a8f2c", 45), "ecological_redline": ("#b23a48", 135), "floodway": ("#2f6fb0", 45),
    "hazard": ("#6d2f8f", 90), "water": ("#2f6fb0", 0), "power_line": ("#5a5a5a", 0),
    "highway_control": ("#7a5c3a", 135), "heritage": ("#8f5a2f", 90),
    "other": ("#5a5a5a", 135),
}
"""Hatch of each kind of restriction: colour and angle in degrees."""

FACILITY_COLOUR = "#24507a"
VENUE_COLOUR = "#1f2a2e"
_LIMIT = {"color": "#3d4648", "weight": 2.4, "opacity": 0.9, "fill": False}
_NEIGHBOUR = {"color": "#7b8283", "weight": 1.0, "opacity": 0.8, "dashArray": "4 4", "fill": False}
_MARGIN_M = 300.0
_WINDOW_SHAPE = 3.0
_FIRST, _SIGHT_M = 3, 700.0
"""How many of the best a village's map opens on at least, and across how much ground further ones are taken in."""

CSS = """
.leaflet-container {font-family: 'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif; font-size: 12px;}
.cz-icon {background: none; border: none;}
.cz-tooltip {padding: 6px 9px; border-radius: 5px; font-size: 12px; line-height: 1.5; color: #1f2a2e;}
.cz-tip-title {font-weight: 600; margin-bottom: 2px;}
.cz-tip-row {display: flex; justify-content: space-between; gap: 16px;}
.cz-tip-name {color: #5c6568;} .cz-tip-value {font-variant-numeric: tabular-nums;}
.cz-mark {transform: translate(-50%,-50%); white-space: nowrap; background: #fff; border: 1.5px solid; border-radius: 4px;
  padding: 0 3px; font-size: 11px; line-height: 15px; font-weight: 600; width: max-content;}
.cz-mark.label, .cz-mark.town {background: none; border: none; font-weight: 500; color: #39413f !important;
  text-shadow: 0 0 2px #fff, 0 0 2px #fff, 0 0 3px #fff, 0 0 4px #fff;}
.cz-mark.label {transform: translate(-50%, 5px);} .cz-mark.town {font-size: 13px; font-weight: 600;}
.cz-mark.venue {background: #1f2a2e; color: #fff !important; border-color: #fff !important;}
.cz-badge {transform: translate(-50%,-50%); background: #fff; color: #1f2a2e; border: 1.5px solid #1f2a2e; border-radius: 10px;
  min-width: 11px; padding: 0 4px; text-align: center; font-size: 11px; line-height: 16px; font-weight: 700; width: max-content;
  box-shadow: 0 1px 3px rgba(0,0,0,.4);}
.cz-layers {background: rgba(255,255,255,.95); border: 1px solid #b9c0bd; border-radius: 5px; padding: 3px 9px; color: #1f2a2e;
  box-shadow: 0 1px 3px rgba(0,0,0,.2); max-height: 320px; overflow: auto;}
.cz-layers summary {cursor: pointer; font-weight: 600; line-height: 22px; width: max-content;}
.cz-layers-body {padding: 2px 0 4px 0;} .cz-layers-title {font-weight: 600; margin-top: 4px;}
.cz-switch {display: flex; gap: 6px; align-items: center; line-height: 21px; white-space: nowrap; cursor: pointer;}
.cz-switch input {margin: 0; accent-color: #0b6470;}
.cz-north {text-align: center; font-weight: 700; font-size: 11px; line-height: 11px; color: #1f2a2e; width: 30px;
  text-shadow: 0 0 2px #fff, 0 0 3px #fff; filter: drop-shadow(0 0 1px #fff);}
.cz-credit {position: absolute; right: 4px; top: 50%; writing-mode: vertical-rl; z-index: 700; font-size: 10px; color: #333;
  text-shadow: 0 0 2px #fff; pointer-events: none;}
.cz-dark.leaflet-container {background: #1d2221 !important;}
.cz-dark .leaflet-ground-pane, .cz-dark .leaflet-online-pane {filter: brightness(.4) contrast(1.15);}
.cz-dark .cz-legend svg {background: #ccd4d1; border-radius: 2px;}
.cz-dark .leaflet-limits-pane path {stroke: #dfe5e2;} .cz-dark .cz-legend, .cz-dark .cz-layers {background: rgba(32,38,37,.94);
  color: #e8ecea; border-color: #4a5351;}
.cz-dark .cz-mark.label, .cz-dark .cz-mark.town {color: #eef2f0 !important; text-shadow: 0 0 2px #000, 0 0 3px #000, 0 0 4px #000;}
.cz-dark .cz-ramp-ends {color: #aab3b0;} .cz-dark .leaflet-control-scale-line {background: rgba(32,38,37,.8); color: #e8ecea;
  border-color: #aab3b0; text-shadow: none;}
.cz-dark .leaflet-bar a {background: #2a3130; color: #e8ecea; border-color: #4a5351;}
.cz-dark .leaflet-bar a.leaflet-disabled {background: #232827; color: #77807d;}
.cz-legend {position: absolute; left: 0; right: 0; bottom: 0; z-index: 1000; background: rgba(255,255,255,.93);
  border-top: 1px solid #c9cecb; padding: 3px 10px; font-size: 12px; line-height: 1.4; color: #1f2a2e;}
.cz-legend summary {cursor: pointer; font-weight: 600; width: max-content;}
.cz-legend-row {display: flex; flex-wrap: wrap; gap: 2px 14px;}
.cz-legend-item {display: inline-flex; align-items: center; gap: 5px; white-space: nowrap;}
.cz-ramp {width: 54px; height: 9px; border: 1px solid #5c6568; border-radius: 2px;} .cz-ramp-ends {color: #5c6568;}
"""


def base_of_county(session: Session) -> dict:
    """Villages by status, township limits, through roads and existing venues of the county."""
    county, villages = session.county, session.study.villages
    places = village_places(villages, session.study.candidates)
    extent = _extent_m(places)
    areas = places.geom_type.isin(["Polygon", "MultiPolygon"])
    drawn = places.copy()
    if areas.any():
        drawn[areas] = places[areas].simplify_coverage(extent / 900)
    tips = {code: tip for code, tip in zip(villages["village_code"], _village_tips(session), strict=True)}
    roads = county.roads
    if roads is not None and not roads.empty:
        roads = roads[roads["road_class"].isin(COUNTY_ROADS).to_numpy()]
    layers = [{
        "name": "villages", "pane": "shapes", "click": "village", "tips": True, "radius": 6, "style": {"weight": 0.7},
        "data": features(villages["village_code"].tolist(), drawn, decimals=5, tips=tips),
    }]
    layers += road_layers(roads, decimals=5, tolerance_m=extent / 900)
    layers += _townships(session, extent / 900)
    layers += _county_venues(county.venues)
    view = bounds_of(places) or [[-60.0, -180.0], [60.0, 180.0]]
    return {
        "css": CSS, "hatches": _status_hatches(), "layers": layers, "view": view, "limits": view,
        "legend": {"title": session.say("app.map.legend"), "items": _county_legend(session, layers)},
    }


def base_of_village(session: Session, village_code: str, *, around: tuple[str, float] | None = None) -> dict:
    """A village's candidates, settlements, roads, facilities, venues and restrictions.

    With `around` (candidate id, metres) only the square of that width around the candidate.
    """
    county = session.county
    # The scenario's own ranking, not the session's: the base must stay the same when a weight moves.
    candidates = replace(session, study=session.base_study).candidates_of(village_code).head(MAX_SHAPES)
    row = session.village_row(village_code)
    limit = gpd.GeoSeries([None if row is None else row.geometry], crs=session.study.candidates.crs)
    chosen = None if around is None else session.candidate_row(around[0])
    if chosen is not None:
        middle, half = chosen.geometry.centroid, around[1] / 2
        window = shapely.box(middle.x - half, middle.y - half, middle.x + half, middle.y + half)
        view = bounds_of(gpd.GeoSeries([window], crs=limit.crs))
        box = _seen(window.bounds, margin_m=half / 2)
    else:
        view = bounds_of(worth_seeing(candidates).geometry) or bounds_of(limit)
        box = _box(limit, candidates.geometry)
    # Failing sites first and the best last, so that the best lie on top; sites with a building above the parcel they stand on.
    ordered = candidates.iloc[::-1].sort_values("kind", key=lambda kind: kind.ne("new"), kind="stable")
    seen = within(ordered, box) if chosen is not None else ordered
    layers = _restrictions(county.restrictions, box)
    layers += _limits(session, village_code, box)
    layers += road_layers(within(county.roads, box), decimals=6, tolerance_m=1.0)
    if seen is not None:
        layers.append({
            "name": "candidates", "pane": "shapes", "click": "candidate", "tips": True, "radius": 5,
            "style": {"weight": 0.7, "color": "#4d5658", "fillColor": "#cfd3d4"},
            "data": features(seen["candidate_id"].tolist(), seen.geometry, decimals=6),
        })
    layers += _settlements(within(county.settlements, box))
    layers += _facilities(session, within(county.facilities, box))
    layers += _venues(session, within(county.venues, box))
    home = view or [[-60.0, -180.0], [60.0, 180.0]]
    reach = merged_bounds(home, bounds_of(limit))
    return {
        "css": CSS, "hatches": _restriction_hatches(), "layers": layers, "view": home, "limits": reach,
        "legend": {"title": session.say("app.map.legend"), "items": _village_legend(session, layers, candidates)},
    }


def worth_seeing(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The candidates that a village's map opens on: the `_FIRST` best, and those after them that leave parcels large enough to see.

    Parameters
    ----------
    candidates : GeoDataFrame
        Of one village in metres, best first. Where none passes or is to be verified, all of them.
    """
    ranked = candidates[candidates["verdict"].ne("fail").to_numpy(dtype=bool)
                        & ~(candidates.geometry.isna() | candidates.geometry.is_empty).to_numpy()]
    if ranked.empty:
        return candidates
    bounds = ranked.geometry.bounds.to_numpy()
    low, high = np.minimum.accumulate(bounds[:, :2]), np.maximum.accumulate(bounds[:, 2:])
    wide = (high - low).max(axis=1)
    many = max(_FIRST, int(np.searchsorted(wide, _SIGHT_M, side="right")))
    return ranked.iloc[:many]


def _extent_m(geometry: gpd.GeoSeries) -> float:
    left, bottom, right, top = geometry.total_bounds
    span = max(right - left, top - bottom)
    return float(span) if np.isfinite(span) and span > 0 else 1000.0


def _box(*parts: gpd.GeoSeries) -> tuple[float, float, float, float]:
    bounds = np.array([part.total_bounds for part in parts if not part.isna().all() and len(part)])
    if not len(bounds):
        return (0.0, 0.0, 0.0, 0.0)
    return _seen((*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)), margin_m=_MARGIN_M)


def _seen(bounds: tuple[float, float, float, float], *, margin_m: float) -> tuple[float, float, float, float]:
    """What a map window fitted to `bounds` may show: it is up to `_WINDOW_SHAPE` times as wide as high, or about square."""
    left, bottom, right, top = bounds
    wide = max(0.0, _WINDOW_SHAPE * (top - bottom) - (right - left)) / 2 + margin_m
    high = max(0.0, (right - left) - (top - bottom)) / 2 + margin_m
    return (left - wide, bottom - high, right + wide, top + high)


def _village_tips(session: Session) -> list[list]:
    say, villages = session.say, session.study.villages
    tips = []
    for row in villages.drop(columns=villages.geometry.name).to_dict("records"):
        name = row["village_name"] if pd.notna(row["village_name"]) else row["village_code"]
        lines: list = [str(name)]
        if pd.notna(row["township_name"]):
            lines.append([say("app.words.township"), str(row["township_name"])])
        lines.append([say("app.words.venue"), say(f"criteria.venue.{row['venue']}")])
        lines.append([say("app.words.population"), session.figure(row["population"], "people")])
        lines.append([say("app.words.passing"), session.figure(row["passing"])])
        tips.append(lines)
    return tips


def _townships(session: Session, tolerance_m: float) -> list[dict]:
    limits = township_limits(session.county.townships, session.study.villages)
    if limits is None:
        return []
    edges = gpd.GeoSeries([shapely.simplify(limits.geometry.boundary.union_all(), tolerance_m)], crs=limits.crs)
    inside = limits.geometry.representative_point().to_crs(4326)
    marks = [
        {"lat": round(point.y, 5), "lon": round(point.x, 5), "text": str(name), "cls": "town"}
        for point, name in zip(inside, limits["township_name"], strict=True) if pd.notna(name)
    ]
    return [
        {"name": "townships", "pane": "lines", "style": {"color": "#ffffff", "weight": 3.4, "opacity": 0.8, "fill": False},
         "data": features(["edges"], edges, decimals=5)},
        {"name": "township-edges", "pane": "lines", "style": {"color": "#2d3436", "weight": 1.5, "opacity": 0.9, "fill": False},
         "data": features(["edges"], edges, decimals=5)},
        {"name": "township-names", "pane": "labels", "marks": marks},
    ]


def _standing(venues: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    if venues is None or venues.empty:
        return None
    return venues[~venues["planned"].fillna(False).to_numpy(dtype=bool) & venues.geometry.notna().to_numpy()]


def _county_venues(venues: gpd.GeoDataFrame | None) -> list[dict]:
    standing = _standing(venues)
    if standing is None or standing.empty:
        return []
    return [{
        "name": "venues", "pane": "lines", "radius": 2.2,
        "style": {"color": "#ffffff", "weight": 0.6, "fillColor": VENUE_COLOUR, "fillOpacity": 1, "opacity": 0.9},
        "data": features(standing["venue_id"].tolist(), standing.geometry.representative_point(), decimals=5),
    }]


def _restrictions(restrictions: gpd.GeoDataFrame | None, box: tuple[float, float, float, float]) -> list[dict]:
    near = within(restrictions, box)
    if near is None:
        return []
    layers = []
    for kind in RESTRICTION_KINDS:
        shapes = near.geometry[(near["kind"] == kind).fillna(False).to_numpy(dtype=bool)]
        if shapes.empty:
            continue
        joined = gpd.GeoSeries([shapely.simplify(shapes.union_all(), 2.0)], crs=near.crs)
        colour, _ = RESTRICTION_COLOURS[kind]
        layers.append({
            "name": f"restriction-{kind}", "pane": "areas", "data": features([kind], joined, decimals=6),
            "style": {
                "fillColor": f"url(#cz-restriction-{kind})", "fillOpacity": 0.55, "color": colour, "weight": 0.8, "opacity": 0.6,
            },
        })
    return layers


def _limits(session: Session, village_code: str, box: tuple[float, float, float, float]) -> list[dict]:
    villages = session.study.villages
    areas = villages[villages.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()]
    if areas.empty:
        return []
    near = areas.iloc[np.sort(areas.sindex.query(shapely.box(*box), predicate="intersects"))]
    own = (near["village_code"] == village_code).to_numpy(dtype=bool)
    layers = []
    for name, rows, style in (("neighbours", near[~own], _NEIGHBOUR), ("limit", near[own], _LIMIT)):
        if not rows.empty:
            data = features(rows["village_code"].tolist(), rows.geometry.simplify(3.0), decimals=6)
            layers.append({"name": name, "pane": "limits", "style": style, "data": data})
    return layers


def _settlements(settlements: gpd.GeoDataFrame | None) -> list[dict]:
    if settlements is None:
        return []
    points = settlements.geometry.representative_point()
    people = settlements["population"].fillna(0).to_numpy()
    degrees = points.to_crs(4326)
    marks = [
        {"lat": round(point.y, 6), "lon": round(point.x, 6), "text": str(name), "cls": "label"}
        for point, name in zip(degrees, settlements["settlement_name"], strict=True) if pd.notna(name)
    ]
    return [
        {"name": "settlements", "pane": "lines",
         "style": {"color": "#5b3a1e", "weight": 1.4, "fillColor": "#fff8ec", "fillOpacity": 0.9},
         "data": features(settlements["settlement_id"].tolist(), points, radii=3.0 + np.sqrt(people) / 8)},
        {"name": "settlement-names", "pane": "labels", "marks": marks},
    ]


def _facilities(session: Session, facilities: gpd.GeoDataFrame | None) -> list[dict]:
    if facilities is None:
        return []
    known = facilities[facilities["category"].notna().to_numpy()]
    points = known.geometry.representative_point().to_crs(4326)
    marks = []
    for point, category, name in zip(points, known["category"], known["facility_name"], strict=True):
        tip = [session.say(f"app.facility.{category}")]
        if pd.notna(name):
            tip = [str(name), *tip]
        marks.append({"lat": round(point.y, 6), "lon": round(point.x, 6), "text": session.say(f"app.facility_mark.{category}"),
                      "colour": FACILITY_COLOUR, "tip": tip})
    return [{"name": "facilities", "pane": "marks", "marks": marks}] if marks else []


def _venues(session: Session, venues: gpd.GeoDataFrame | None) -> list[dict]:
    standing = _standing(venues)
    if standing is None or standing.empty:
        return []
    points = standing.geometry.representative_point().to_crs(4326)
    marks = []
    for point, row in zip(points, standing.drop(columns=standing.geometry.name).to_dict("records"), strict=True):
        name = row["venue_name"] if pd.notna(row["venue_name"]) else session.say("app.words.existing_venue")
        tip = [str(name), [session.say("app.words.floor_area"), session.figure(row["floor_area_m2"], "m2")],
               [session.say("app.words.courtyard"), session.figure(row["courtyard_m2"], "m2")]]
        marks.append({"lat": round(point.y, 6), "lon": round(point.x, 6), "text": session.say("app.facility_mark.venue"),
                      "cls": "venue", "tip": tip})
    return [{"name": "venues", "pane": "marks", "marks": marks}]


def _status_hatches() -> list[dict]:
    return [
        {"id": f"cz-status-{status}", "angle": 45, "fill": STATUS_COLOURS[status], "line": "#a45a0a", "width": 1.5, "size": 6}
        for status in sorted(STATUS_HATCHED)
    ]


def _restriction_hatches() -> list[dict]:
    return [
        {"id": f"cz-restriction-{kind}", "angle": angle, "line": colour, "width": 1.0, "size": 8}
        for kind, (colour, angle) in RESTRICTION_COLOURS.items()
    ]


def _county_legend(session: Session, layers: list[dict]) -> list[dict]:
    names = {layer["name"] for layer in layers}
    items = [
        {"fill": f"url(#cz-status-{status})" if status in STATUS_HATCHED else STATUS_COLOURS[status],
         "text": session.say(f"criteria.venue.{status}")}
        for status in VENUE_STATUS
    ]
    if "venues" in names:
        text = session.say("app.words.existing_venue")
        items.append({"shape": "dot", "fill": VENUE_COLOUR, "stroke": "#ffffff", "radius": 3.5, "text": text})
    if "townships" in names:
        items.append({"shape": "line", "stroke": "#2d3436", "text": session.say("app.map.township_limit")})
    if any(name.startswith("road-") for name in names):
        items.append({"shape": "line", "stroke": ROAD_STYLES["provincial"]["color"], "text": session.say("app.map.through_road")})
    items.append({"fill": "none", "stroke": SELECTED_COLOUR, "width": 2.4, "text": session.say("app.map.selected")})
    return items


def _village_legend(session: Session, layers: list[dict], candidates: pd.DataFrame) -> list[dict]:
    say, names = session.say, {layer["name"] for layer in layers}
    ends = say("app.map.ramp_ends")
    items: list[dict] = [
        {"ramp": PASS_RAMP, "text": say("criteria.verdict.pass"), "ends": ends},
        {"ramp": VERIFY_RAMP, "text": say("criteria.verdict.verify"), "ends": ends},
        {"fill": "#cfd3d4", "stroke": VERDICT_COLOURS["fail"], "text": say("criteria.verdict.fail")},
    ]
    kinds = set(candidates["kind"])
    if kinds & {"reuse", "upgrade"}:
        items.append({"fill": "none", "stroke": "#1f2a2e", "width": 2, "text": say("app.map.building")})
    items.append({"fill": "none", "stroke": SELECTED_COLOUR, "width": 2.4, "text": say("app.map.selected")})
    if "limit" in names:
        items.append({"shape": "line", "stroke": _LIMIT["color"], "width": 2.4, "text": say("app.map.village_limit")})
    if "settlements" in names:
        items.append({"shape": "dot", "fill": "#fff8ec", "stroke": "#5b3a1e", "text": say("app.map.settlement")})
    items += [
        {"fill": f"url(#cz-restriction-{kind})", "stroke": RESTRICTION_COLOURS[kind][0], "text": say(f"app.restriction.{kind}")}
        for kind in RESTRICTION_KINDS if f"restriction-{kind}" in names
    ]
    return items
