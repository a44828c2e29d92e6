"""The layers of a map in a document: each draws itself on the sheet and says what it is in the legend."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coverage import Coverage
from geo.results import VENUE_STATUS, Study
from layers.county import County, Raster
from reports.figures import is_missing
from reports.map_sheet import Sheet, areas_of, draw, draw_lines, line_mark, mark, seen_of, swatch
from reports.pictures import INK, write
from reports.safe import plain_text, shortened
from reports.styles import SELECTED_COLOUR, STATUS_COLOURS, STATUS_HATCHED, STATUS_OPACITY, VERDICT_COLOURS

ROADS = {
    "expressway": ("#7d5a9b", 2.4, "-"), "national": ("#a2543a", 2.1, "-"), "provincial": ("#b5714a", 1.8, "-"),
    "county": ("#8f7a5c", 1.6, "-"), "township": ("#8f8674", 1.3, "-"), "village": ("#8d8a82", 1.0, "-"),
    "street": ("#9a9791", 0.8, "-"), "track": ("#a08e72", 0.8, (0, (4, 2))), "path": ("#8d7d66", 0.7, (0, (1.5, 2))),
}
"""Colour, width in points and dashes by class."""

RESTRICTIONS = {
    "basic_farmland": ("#8a8f2c", "////"), "ecological_redline": ("#b23a48", "\\\\\\\\"), "floodway": ("#2f6fb0", "///"),
    "hazard": ("#6d2f8f", "xxx"), "power_line": ("#5a5a5a", "---"), "highway_control": ("#7a5c3a", "\\\\\\"),
    "heritage": ("#8f5a2f", "..."), "other": ("#5a5a5a", "++"),
}
"""Colour and hatch by kind; water is filled."""

WATER, BUILDING, PARCEL = "#b0cede", "#7c8486", "#4d5658"
_TINTS = np.array([(233, 239, 226), (243, 241, 228), (236, 229, 214), (247, 244, 240)]) / 255

MOST_CELLS = 1300
"""Cells of the relief along a side of the map, about as many as it has pixels; of finer terrain every so many is drawn."""
MOST_DOTS, DOTS_ACROSS = 4000, 90
"""Dots for people from which on they are taken together, by cells of which so many go across the map."""


def relief(sheet: Sheet, terrain: Raster | None) -> None:
    """Soft tones by height under a light from the north-west."""
    if terrain is None:
        return
    left, bottom, right, top = sheet.box
    cell, transform = terrain.cell_size_m, terrain.transform
    rows, columns = terrain.values.shape
    first, last = (int(np.clip((x - transform.c) / cell, 0, columns)) for x in (left - 2 * cell, right + 3 * cell))
    upper, lower = (int(np.clip((transform.f - y) / cell, 0, rows)) for y in (top + 2 * cell, bottom - 3 * cell))
    thin = max(max(lower - upper, last - first) // MOST_CELLS, 1)   # a picture has no room for more
    heights = terrain.values[upper:lower:thin, first:last:thin].astype("float64")
    if min(heights.shape) < 2 or not np.isfinite(heights).any():
        return
    from matplotlib.colors import LightSource

    last, lower, size = first + thin * heights.shape[1], upper + thin * heights.shape[0], thin * cell
    low, high = np.nanpercentile(heights, (1, 99))
    level = np.clip((np.nan_to_num(heights, nan=low) - low) / max(high - low, 120.0), 0, 1)
    tint = np.stack([np.interp(level, np.linspace(0, 1, len(_TINTS)), _TINTS[:, band]) for band in range(3)], axis=-1)
    light = LightSource(azdeg=315, altdeg=50).hillshade(np.nan_to_num(heights, nan=low), vert_exag=1.4, dx=size, dy=size)
    shaded = np.clip(tint * (0.78 + 0.3 * light)[..., None], 0, 1)
    shown = np.dstack([shaded, np.isfinite(heights).astype(float)])
    edge = (transform.c + first * cell, transform.c + last * cell, transform.f - lower * cell, transform.f - upper * cell)
    sheet.axes.imshow(shown, extent=edge, interpolation="bicubic", zorder=0, aspect="equal")
    sheet.axes.set_xlim(left, right)
    sheet.axes.set_ylim(bottom, top)


def restrictions(sheet: Sheet, layer: gpd.GeoDataFrame | None, *, water_only: bool) -> None:
    """Restrictions hatched by kind, water filled; water alone where asked for."""
    seen = seen_of(layer, sheet.box)
    if seen is None:
        return
    for kind in dict.fromkeys(seen["kind"].dropna().sort_values()):
        part = seen[seen["kind"].eq(kind).fillna(False).to_numpy(bool)]
        name = sheet.tell(f"app.restriction.{kind}")
        if kind == "water":
            draw(sheet, areas_of(part, sheet.box), facecolor=WATER, edgecolor="#8fb6cc", linewidth=0.4, zorder=1)
            sheet.legend[name] = swatch(facecolor=WATER, edgecolor="#8fb6cc", linewidth=0.4)
        elif not water_only:
            colour, hatch = RESTRICTIONS.get(str(kind), RESTRICTIONS["other"])
            style = {"facecolor": "none", "edgecolor": colour, "hatch": hatch, "linewidth": 0.5}
            draw(sheet, areas_of(part, sheet.box), **style, alpha=0.55, zorder=2)
            lines = part.geometry[part.geometry.geom_type.isin(["LineString", "MultiLineString"])]
            draw_lines(sheet, lines, colour=colour, width=1.0, dash=(0, (6, 2)), zorder=2)
            sheet.legend[name] = swatch(**style)


def parcels(sheet: Sheet, layer: gpd.GeoDataFrame | None) -> None:
    """Outlines of parcels."""
    seen = seen_of(layer, sheet.box)
    if seen is not None:
        draw(sheet, areas_of(seen, sheet.box), facecolor="none", edgecolor=PARCEL, linewidth=0.35, alpha=0.7, zorder=3)
        sheet.legend[sheet.tell("criteria.role.parcels")] = swatch(facecolor="none", edgecolor=PARCEL, linewidth=0.5)


def buildings(sheet: Sheet, layer: gpd.GeoDataFrame | None) -> None:
    """Buildings, filled."""
    seen = seen_of(layer, sheet.box)
    if seen is not None:
        draw(sheet, areas_of(seen, sheet.box), facecolor=BUILDING, edgecolor="#4d5658", linewidth=0.3, zorder=5)
        sheet.legend[sheet.tell("criteria.role.buildings")] = swatch(facecolor=BUILDING, edgecolor="#4d5658", linewidth=0.3)


def candidates(sheet: Sheet, study: Study, candidate_id: str) -> None:
    """The other candidates that pass or wait for a paper; those that fail are many and say little."""
    seen = seen_of(study.candidates, sheet.box)
    if seen is None:
        return
    others = seen[~seen["candidate_id"].eq(candidate_id).fillna(False).to_numpy(bool)]
    for verdict in ("verify", "pass"):
        part = others[others["verdict"].eq(verdict).fillna(False).to_numpy(bool)]
        if len(part):
            colour = VERDICT_COLOURS[verdict]
            draw(sheet, areas_of(part, sheet.box), facecolor=colour, edgecolor=colour, linewidth=0.5, alpha=0.45, zorder=4)
            sheet.legend[sheet.tell(f"document.map.other_{verdict}")] = swatch(facecolor=colour, alpha=0.45)


def site(sheet: Sheet, shape: Any) -> None:
    """The site itself: outlined and filled, a star where it is too small to be seen."""
    site = gpd.GeoSeries([shape])
    draw(sheet, site, facecolor=SELECTED_COLOUR, edgecolor="none", alpha=0.22, zorder=6)
    draw(sheet, site, facecolor="none", edgecolor=SELECTED_COLOUR, linewidth=1.8, zorder=7)
    small = (shape.bounds[2] - shape.bounds[0]) < (sheet.box[2] - sheet.box[0]) / 60
    if small or shape.geom_type == "Point":
        sheet.axes.plot([shape.centroid.x], [shape.centroid.y], "*", color=SELECTED_COLOUR, markeredgecolor="white",
                        markeredgewidth=0.6, markersize=12, zorder=12)
        sheet.legend[sheet.tell("document.map.site")] = mark("*", SELECTED_COLOUR, size=9)
    else:
        sheet.legend[sheet.tell("document.map.site")] = swatch(facecolor="#f5c9df", edgecolor=SELECTED_COLOUR, linewidth=1.4)


def roads(sheet: Sheet, layer: gpd.GeoDataFrame | None, classes: tuple[str, ...]) -> None:
    """Roads of some classes, the best on top."""
    seen = seen_of(layer, sheet.box)
    if seen is None:
        return
    wide = sheet.box[2] - sheet.box[0] > 8000
    for name in reversed(classes):
        part = seen[seen["road_class"].eq(name).fillna(False).to_numpy(bool)]
        if part.empty:
            continue
        colour, width, dash = ROADS[name]
        width = width * (0.6 if wide else 1.0)
        if dash == "-":
            draw_lines(sheet, part.geometry, colour="white", width=width + 0.9, dash="-", zorder=7.2)
        draw_lines(sheet, part.geometry, colour=colour, width=width, dash=dash, zorder=7.4)
        sheet.legend[sheet.tell(f"criteria.road_class.{name}")] = line_mark(colour, width, dash)


def limits(sheet: Sheet, layer: gpd.GeoDataFrame | None) -> None:
    """Village limits."""
    seen = seen_of(layer, sheet.box)
    if seen is None:
        return
    areas = areas_of(seen, sheet.box)
    if len(areas):
        draw(sheet, areas, facecolor="none", edgecolor="#3d4648", linewidth=0.9, linestyle=(0, (5, 2, 1, 2)), zorder=7)
        sheet.legend[sheet.tell("document.map.village_limit")] = line_mark("#3d4648", 0.9, (0, (5, 2, 1, 2)))


def facilities(sheet: Sheet, layer: gpd.GeoDataFrame | None) -> None:
    """Public facilities with what they are."""
    seen = seen_of(layer, sheet.box)
    if seen is None:
        return
    at = shapely.get_coordinates(seen.geometry.centroid.to_numpy())
    sheet.axes.plot(at[:, 0], at[:, 1], "s", color="#24507a", markeredgecolor="white", markeredgewidth=0.5, markersize=4, zorder=10)
    for (x, y), category in zip(at, seen["category"], strict=True):
        if not is_missing(category):
            sheet.label(x, y, sheet.tell(f"app.facility.{category}"), above=False, size=5.8, colour="#24507a", zorder=13)
    sheet.legend[sheet.tell("criteria.role.facilities")] = mark("s", "#24507a", size=4)


def venues(sheet: Sheet, county: County) -> None:
    """Existing venues."""
    seen = seen_of(county.venues, sheet.box)
    if seen is not None:
        at = shapely.get_coordinates(seen.geometry.centroid.to_numpy())
        sheet.axes.plot(at[:, 0], at[:, 1], "D", color=INK, markeredgecolor="white", markeredgewidth=0.6, markersize=5, zorder=11)
        sheet.legend[sheet.tell("criteria.role.venues")] = mark("D", INK)


def settlements(sheet: Sheet, layer: gpd.GeoDataFrame | None) -> None:
    """Natural villages with their names."""
    seen = seen_of(layer, sheet.box)
    if seen is None:
        return
    at = shapely.get_coordinates(seen.geometry.centroid.to_numpy())
    sheet.axes.plot(
        at[:, 0], at[:, 1], "o", color="white", markeredgecolor="#39413f", markeredgewidth=0.8, markersize=3.2, zorder=10
    )
    for (x, y), name in zip(at, seen["settlement_name"], strict=True):
        if not is_missing(name):
            sheet.label(x, y, _short(name), above=True, size=6.4, colour="#39413f", zorder=14)
    sheet.legend[sheet.tell("criteria.role.settlements")] = mark("o", "white", edge="#39413f", size=3.6)


def _short(name: object) -> str:
    return shortened(plain_text(name), 14)


def statuses(sheet: Sheet, villages: gpd.GeoDataFrame) -> None:
    """Villages filled by their venue; those that are points as dots."""
    points = villages.geometry.geom_type.isin(["Point", "MultiPoint"]).to_numpy(bool)
    for status in (*VENUE_STATUS, "planned"):
        those = villages["venue"].eq(status).fillna(False).to_numpy(bool)
        if not those.any():
            continue
        colour, name = STATUS_COLOURS[status], sheet.tell(f"coverage.venue.{status}")
        hatch = "////" if status in STATUS_HATCHED else None
        shapes = villages.geometry[those & ~points]
        draw(
            sheet, gpd.GeoSeries(shapes), facecolor=colour, edgecolor="white", linewidth=0.3, alpha=STATUS_OPACITY[status], zorder=2
        )
        if hatch:
            draw(
                sheet,
                gpd.GeoSeries(shapes),
                facecolor="none",
                edgecolor="#a8641a",
                hatch=hatch,
                linewidth=0.0,
                alpha=0.7,
                zorder=2.1,
            )
        dots = villages.geometry[those & points]
        if len(dots):
            at = shapely.get_coordinates(dots.centroid.to_numpy())
            sheet.axes.plot(at[:, 0], at[:, 1], "o", color=colour, markeredgecolor=INK, markeredgewidth=0.3, markersize=4, zorder=3)
        if len(dots) or not (shapes.isna() | shapes.is_empty).all():
            sheet.legend[name] = swatch(facecolor=colour, edgecolor="#a8641a" if hatch else "white", hatch=hatch, linewidth=0.3)


def townships(sheet: Sheet, villages: gpd.GeoDataFrame) -> None:
    """Outlines and names of townships, put together from their villages."""
    areas = villages[
        villages.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy(bool) & villages["township_code"].notna()
    ]
    if areas.empty:
        return
    groups = pd.DataFrame({"code": areas["township_code"].to_numpy(object), "name": areas["township_name"].to_numpy(object)})
    for code in sorted(groups["code"].unique()):
        of = groups["code"].eq(code).to_numpy(bool)
        whole = shapely.union_all(shapely.make_valid(areas.geometry.to_numpy()[of]))
        draw(sheet, gpd.GeoSeries([whole]), facecolor="none", edgecolor="#3d4648", linewidth=1.1, zorder=6)
        name, place = groups["name"][of].iloc[0], shapely.point_on_surface(whole)
        if not is_missing(name):
            write(sheet.axes, place.x, place.y, _short(name), size=7.4, halo=True, ha="center", va="center", zorder=15)
    sheet.legend[sheet.tell("document.map.township_limit")] = line_mark("#3d4648", 1.1, "-")


def unserved(sheet: Sheet, coverage: Coverage) -> None:
    """People who are not served, as dots by their number."""
    homes = coverage.unserved
    if homes.empty:
        return
    at, people = shapely.get_coordinates(homes.geometry.centroid.to_numpy()), np.nan_to_num(homes["people"].to_numpy("float64"))
    if len(at) > MOST_DOTS:
        at, people = _together(at, people)
    size = 0.4 + 5.5 * np.sqrt(people / max(float(people.max()), 1.0))
    sheet.axes.scatter(at[:, 0], at[:, 1], s=size, c="#6a1fb0", linewidths=0, alpha=0.75, zorder=5)
    sheet.legend[sheet.tell("document.map.unserved", minutes=f"{coverage.served_min:g}")] = mark("o", "#6a1fb0", size=3)


def _together(at: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places and people taken together by cells, each where its people live on average, so that dots do not hide what is below."""
    low = at.min(axis=0)
    size = max(float((at.max(axis=0) - low).max()) / DOTS_ACROSS, 1e-9)
    cell = np.floor((at - low) / size).astype(np.int64) @ np.array([DOTS_ACROSS + 2, 1])
    _, place = np.unique(cell, return_inverse=True)
    share = people + 1e-9   # where nobody is counted, the middle of the places
    whole = np.bincount(place, share)
    return np.column_stack([np.bincount(place, share * one) / whole for one in at.T]), np.bincount(place, people)
