"""The sheet that a map of a document is drawn on: box, scale bar, north arrow, legend, names; and shapes drawn at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from layers.words import say
from reports.figures import figure
from reports.pictures import INK, QUIET, canvas, font, write

Box = tuple[float, float, float, float]
"""left, bottom, right, top in metres of the county's CRS."""

LEGEND_CM = 1.35
_WIDE_IN = 4.5


@dataclass
class Sheet:
    """A map being drawn: its axes, what it covers, and the legend so far."""

    axes: Any
    box: Box
    language: str
    legend: dict[str, Any] = field(default_factory=dict)
    written: list[Box] = field(default_factory=list)
    """Where names stand already."""

    def label(self, x: float, y: float, text: str, *, above: bool, **style: Any) -> None:
        """A name above or below a point, left out where it would cover another or leave the map."""
        left, bottom, right, top = self.box
        high = (top - bottom) * 0.026
        wide = high * 0.95 * sum(0.55 if letter.isascii() else 1.0 for letter in text)
        low = y + 0.4 * high if above else y - 1.45 * high
        own = (x - wide / 2, low, x + wide / 2, low + high)
        inside = left < own[0] and own[2] < right and bottom < own[1] and own[3] < top
        if inside and not any(own[0] < b[2] and b[0] < own[2] and own[1] < b[3] and b[1] < own[3] for b in self.written):
            self.written.append(own)
            write(self.axes, x, low, text, halo=True, ha="center", va="bottom", clip_on=True, **style)

    def tell(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)


def new_sheet(middle: tuple[float, float], half_m: float, language: str, width_cm: float, height_cm: float) -> tuple[Any, Sheet]:
    """A picture of a size in cm and its sheet: so many metres up and down from a middle; room for the legend below."""
    picture = canvas(width_cm, height_cm)
    below = LEGEND_CM / height_cm   # for the legend
    axes = picture.add_axes((0.003, below, 0.994, 1 - below - 0.004))
    wide = half_m * width_cm * 0.994 / (height_cm * (1 - below - 0.004))
    box = (middle[0] - wide, middle[1] - half_m, middle[0] + wide, middle[1] + half_m)
    axes.set_xlim(box[0], box[2])
    axes.set_ylim(box[1], box[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(QUIET)
        spine.set_linewidth(0.6)
    return picture, Sheet(axes, box, language)


def finish(picture: Any, sheet: Sheet) -> None:
    """Scale bar, north arrow and legend: when all layers are drawn."""
    _scale(sheet)
    _north(sheet)
    wide = picture.get_figwidth() > _WIDE_IN
    found = picture.legend(
        list(sheet.legend.values()),
        list(sheet.legend),
        loc="upper left",
        ncols=int(picture.get_figwidth() / 1.3) if wide else 4,
        bbox_to_anchor=(0.0, sheet.axes.get_position().y0 - 0.004),
        frameon=False,
        prop=font(6.4 if wide else 5.0),
        handlelength=1.7 if wide else 1.2,
        handleheight=0.9,
        columnspacing=1.2 if wide else 0.7,
        labelspacing=0.35,
        borderaxespad=0.1,
    )
    for text in found.get_texts():
        text.set_parse_math(False)
        text.set_color(INK)


def _scale(sheet: Sheet) -> None:
    """A bar of a round length, about a fifth of the map's width."""
    from matplotlib.patches import Rectangle

    left, bottom, right, top = sheet.box
    wanted = (right - left) / 5
    power = 10 ** int(np.floor(np.log10(wanted)))
    length = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    height = (top - bottom) * 0.011
    x, y = left + (right - left) * 0.025, bottom + (top - bottom) * 0.04
    for part in range(4):
        sheet.axes.add_patch(Rectangle((x + part * length / 4, y), length / 4, height, facecolor=INK if part % 2 == 0 else "white",
                                       edgecolor=INK, linewidth=0.6, zorder=20))
    text = figure(length / 1000, "km", language=sheet.language, decimals=0) if length >= 1000 else figure(
        length, "m", language=sheet.language)
    write(sheet.axes, x, y + 1.8 * height, "0", size=6.5, halo=True, ha="center", va="bottom", zorder=20)
    write(sheet.axes, x + length, y + 1.8 * height, text, size=6.5, halo=True, ha="center", va="bottom", zorder=20)


def _north(sheet: Sheet) -> None:
    left, bottom, right, top = sheet.box
    unit = (top - bottom) / 40
    x, y = right - 2 * unit, top - 3.6 * unit
    for side, colour in ((-1, INK), (1, "white")):
        sheet.axes.fill([x, x + side * 0.75 * unit, x], [y + 2.4 * unit, y, y + 0.55 * unit], facecolor=colour, edgecolor=INK,
                        linewidth=0.6, zorder=20)
    write(sheet.axes, x, y - 0.15 * unit, sheet.tell("document.map.north"), size=7, halo=True, ha="center", va="top", zorder=20)


def mark(marker: str, colour: str, *, edge: str = "white", size: float = 5) -> Any:
    """A marker for the legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="none", marker=marker, color=colour, markeredgecolor=edge, markeredgewidth=0.5, markersize=size)


def swatch(**style: Any) -> Any:
    """A filled box for the legend."""
    from matplotlib.patches import Patch

    return Patch(**style)


def seen_of(frame: gpd.GeoDataFrame | None, box: Box) -> gpd.GeoDataFrame | None:
    """Rows that touch the map; None where there are none."""
    if frame is None or frame.empty:
        return None
    at = frame.sindex.query(shapely.box(*box), predicate="intersects")
    return frame.iloc[np.sort(at)] if len(at) else None


def areas_of(frame: gpd.GeoDataFrame, box: Box) -> gpd.GeoSeries:
    """Polygons of a layer, cut to a little more than the map."""
    left, bottom, right, top = box
    margin = (right - left) / 20
    shapes = frame.geometry[frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    return gpd.GeoSeries(shapely.clip_by_rect(shapes.to_numpy(), left - margin, bottom - margin, right + margin, top + margin),
                         crs=frame.crs)


def draw(sheet: Sheet, shapes: gpd.GeoSeries, **style: Any) -> None:
    """Polygons with their holes, as one picture element."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    paths = []
    for shape in shapely.get_parts(shapes[~(shapes.isna() | shapes.is_empty)].to_numpy()):
        if shape.geom_type == "Polygon":
            rings = [shape.exterior, *shape.interiors]
            paths.append(Path.make_compound_path(*(Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings)))
    if paths:
        sheet.axes.add_collection(PathCollection(paths, **style), autolim=False)


def draw_lines(sheet: Sheet, lines: gpd.GeoSeries, *, colour: str, width: float, dash: Any, zorder: float) -> None:
    """Lines as one picture element; `width` in points."""
    from matplotlib.collections import LineCollection

    parts = [np.asarray(line.coords)[:, :2] for line in shapely.get_parts(lines.to_numpy()) if not line.is_empty]
    if parts:
        sheet.axes.add_collection(
            LineCollection(parts, colors=colour, linewidths=width, linestyles=[dash], zorder=zorder), autolim=False
        )


def line_mark(colour: str, width: float, dash: Any) -> Any:
    """A line for the legend, its width in points."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, linewidth=max(width, 0.9), linestyle=dash)
