"""The map of a compared site as a drawing that prints sharp: what `ui.map_base` sends to the browser, drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from ui.components.charts import FONT
from ui.components.formats import number

SIDE = 600
"""Width and height of the drawing in its own units."""
_ORDER = ("areas", "limits", "shapes", "lines", "chosen", "marks", "labels")
_BARS_M = (20, 50, 100, 200, 500, 1000, 2000, 5000)
_DEGREE_M = 111_320.0


def site_svg(base: Mapping[str, Any], paint: Mapping[str, Any]) -> str:
    """A square drawing of a map's base and paint.

    Parameters
    ----------
    base : Mapping
        As `ui.map_base.base_of_village` gives it with `around`.
    paint : Mapping
        As `ui.maps.candidate_paint` gives it; its `chosen` is ringed.
    """
    (south, west), (north, east) = base["view"]
    narrow = math.cos(math.radians((south + north) / 2))
    scale = SIDE / max(north - south, (east - west) * narrow)
    middle = ((west + east) / 2, (south + north) / 2)

    def at(lon: float, lat: float) -> tuple[float, float]:
        return SIDE / 2 + (lon - middle[0]) * narrow * scale, SIDE / 2 - (lat - middle[1]) * scale

    parts = []
    for layer in sorted(base["layers"], key=lambda one: _ORDER.index(one["pane"])):
        if "marks" in layer:
            parts += [_mark(mark, *at(mark["lon"], mark["lat"])) for mark in layer["marks"]]
        else:
            parts += [_shape(feature, layer, paint, at) for feature in layer["data"]["features"]]
    chosen = next((feature for layer in base["layers"] if layer["name"] == "candidates"
                   for feature in layer["data"]["features"] if feature["id"] == paint["chosen"]), None)
    if chosen is not None:
        parts += [_path(chosen["geometry"], at, {"color": colour, "weight": weight, "fill": False})
                  for colour, weight in (("#ffffff", 6), (paint["chosenColour"], 3.2))]
    parts.append(_bar(_DEGREE_M / scale))
    hatches = "".join(_hatch(hatch) for hatch in base["hatches"])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}" '
            f'font-family="{escape(FONT)}"><defs>{hatches}</defs><rect width="{SIDE}" height="{SIDE}" fill="#f3f4ef"/>'
            f'{"".join(parts)}<rect x="0.5" y="0.5" width="{SIDE - 1}" height="{SIDE - 1}" fill="none" stroke="#7b8283"/></svg>')


def _shape(feature: Mapping[str, Any], layer: Mapping[str, Any], paint: Mapping[str, Any], at: Any) -> str:
    style = dict(layer["style"]) | layer.get("styles", {}).get(feature["properties"].get("c"), {})
    if layer["name"] == paint["name"]:
        key = paint["styles"].get(feature["id"])
        if key is None:
            return ""
        style |= paint["palette"][key]
    radius = feature["properties"].get("r") or layer.get("radius", 5)
    return _path(feature["geometry"], at, style, radius=radius)


def _path(geometry: Mapping[str, Any], at: Any, style: Mapping[str, Any], *, radius: float = 5) -> str:
    """One GeoJSON geometry in Leaflet's way of styling."""
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return "".join(_path(one, at, style, radius=radius) for one in geometry["geometries"])
    area = kind.endswith("Polygon") or kind.endswith("Point")
    filled = style.get("fill", area) is not False and area
    look = (f'stroke="{style.get("color", "#333333")}" stroke-width="{style.get("weight", 1)}" '
            f'stroke-opacity="{style.get("opacity", 1)}" stroke-linejoin="round" '
            + (f'stroke-dasharray="{style["dashArray"]}" ' if style.get("dashArray") else "")
            + (f'fill="{style.get("fillColor", "none")}" fill-opacity="{style.get("fillOpacity", 0.2)}" fill-rule="evenodd"'
               if filled else 'fill="none"'))
    if kind.endswith("Point"):
        points = [geometry["coordinates"]] if kind == "Point" else geometry["coordinates"]
        return "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" {look}/>' for x, y in (at(*point[:2]) for point in points))
    lines = "".join(_line(line, at, closed=area) for line in _lines(geometry))
    return f'<path d="{lines}" {look}/>' if lines else ""


def _lines(geometry: Mapping[str, Any]) -> Iterable[list]:
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "LineString":
        return [coordinates]
    if kind in ("MultiLineString", "Polygon"):
        return coordinates
    return [ring for polygon in coordinates for ring in polygon]


def _line(points: list, at: Any, *, closed: bool) -> str:
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in (at(*point[:2]) for point in points))
    return f"M{steps}{'Z' if closed else ''}" if steps else ""


def _mark(mark: Mapping[str, Any], x: float, y: float) -> str:
    """A facility or venue as its sign on a plate, a settlement as its name."""
    if not (0 <= x <= SIDE and 0 <= y <= SIDE):
        return ""
    text = escape(str(mark["text"]))
    if mark.get("cls") == "label":
        return (f'<text x="{x:.1f}" y="{y + 16:.1f}" font-size="15" text-anchor="middle" fill="#39413f" stroke="#ffffff" '
                f'stroke-width="3" paint-order="stroke">{text}</text>')
    colour = "#1f2a2e" if mark.get("cls") == "venue" else mark.get("colour", "#24507a")
    ground, ink = (colour, "#ffffff") if mark.get("cls") == "venue" else ("#ffffff", colour)
    wide = 8 + sum(15 if ord(letter) > 0x2E80 else 8.5 for letter in str(mark["text"]))
    return (f'<rect x="{x - wide / 2:.1f}" y="{y - 10:.1f}" width="{wide:.1f}" height="20" rx="4" fill="{ground}" stroke="{ink}" '
            f'stroke-width="1.5"/><text x="{x:.1f}" y="{y + 5:.1f}" font-size="14" font-weight="600" text-anchor="middle" '
            f'fill="{ink}">{text}</text>')


def _bar(metre_per_unit: float) -> str:
    """The scale bar, about a quarter of the drawing long, and the arrow to the north."""
    metres = max((one for one in _BARS_M if one / metre_per_unit <= 0.3 * SIDE), default=_BARS_M[0])
    long, y = metres / metre_per_unit, SIDE - 18
    arrow = SIDE - 26
    return (f'<rect x="10" y="{y - 24}" width="{long + 20:.1f}" height="34" fill="#ffffff" fill-opacity="0.85"/>'
            f'<path d="M20 {y - 6}V{y}H{20 + long:.1f}V{y - 6}" fill="none" stroke="#1f2a2e" stroke-width="2"/>'
            f'<text x="{20 + long / 2:.1f}" y="{y - 8}" font-size="15" text-anchor="middle" fill="#1f2a2e">'
            f"{number(metres)} m</text>"
            f'<path d="M{arrow} 12l9 26l-9 -6l-9 6Z" fill="#1f2a2e" stroke="#ffffff" stroke-width="1.5"/>'
            f'<text x="{arrow}" y="54" font-size="15" font-weight="600" text-anchor="middle" fill="#1f2a2e" stroke="#ffffff" '
            f'stroke-width="3" paint-order="stroke">N</text>')


def _hatch(hatch: Mapping[str, Any]) -> str:
    size = hatch.get("size", 7)
    return (f'<pattern id="{hatch["id"]}" width="{size}" height="{size}" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({hatch["angle"]})"><rect width="{hatch.get("width", 1.6)}" height="{size}" '
            f'fill="{hatch["line"]}"/></pattern>')
