"""A small picture of each layer, drawn on this machine from the layer itself; drawn once for each content."""

from __future__ import annotations

import io

import geopandas as gpd
import numpy as np
import shapely
import streamlit as st

from layers.county import Raster

WIDTH, HEIGHT = 480, 300
"""In pixels; shown at about half of it."""

MOST_SHAPES = 4_000
"""Shapes drawn, evenly taken; a picture of this size cannot show more."""

_MARGIN = 10
_GROUND, _LIMIT = (247, 248, 245), (196, 203, 199)
_FILL, _EDGE = (127, 180, 178), (11, 100, 112)


@st.cache_data(show_spinner=False, max_entries=256)
def thumbnail(mark: str, _layer: gpd.GeoDataFrame | Raster, _limits: gpd.GeoDataFrame | None) -> bytes | None:
    """A layer as PNG over the limits of the villages; None where it has nothing to draw.

    `mark` tells the content apart: two layers with the same mark share a picture.
    """
    if isinstance(_layer, Raster):
        return _picture_of_raster(_layer)
    return _picture(_layer, _limits)


def _picture(frame: gpd.GeoDataFrame, limits: gpd.GeoDataFrame | None) -> bytes | None:
    from PIL import Image, ImageDraw

    shapes = np.asarray(frame.geometry.array)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        return None
    shapes = shapes[:: -(-len(shapes) // MOST_SHAPES)]
    behind = np.zeros(0, dtype=object) if limits is None or limits is frame else np.asarray(limits.geometry.array)
    behind = behind[shapely.get_dimensions(behind) == 2][:MOST_SHAPES]
    bounds = shapely.total_bounds(np.concatenate([shapes, behind]))
    scale = min((WIDTH - 2 * _MARGIN) / max(bounds[2] - bounds[0], 1.0), (HEIGHT - 2 * _MARGIN) / max(bounds[3] - bounds[1], 1.0))
    offset = ((WIDTH - scale * (bounds[0] + bounds[2])) / 2, (HEIGHT + scale * (bounds[1] + bounds[3])) / 2)

    def pixels(shape: shapely.Geometry) -> list[tuple[float, float]]:
        xy = shapely.get_coordinates(shape)
        return list(zip(offset[0] + scale * xy[:, 0], offset[1] - scale * xy[:, 1], strict=True))

    image = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    draw = ImageDraw.Draw(image)
    for ring in shapely.get_exterior_ring(shapely.get_parts(shapely.simplify(behind, 1 / scale, preserve_topology=False))):
        if ring is not None and not ring.is_empty:
            draw.line(pixels(ring), fill=_LIMIT, width=1)
    large = np.median(shapely.area(shapes)) * scale**2 > 60
    for part in shapely.get_parts(shapely.simplify(shapes, 0.7 / scale, preserve_topology=True)):
        places = pixels(part.exterior if part.geom_type == "Polygon" else part)
        if part.geom_type == "Polygon":
            draw.polygon(places, fill=_FILL if large else _EDGE, outline=_EDGE)
        elif part.geom_type == "LineString":
            draw.line(places, fill=_EDGE, width=1)
        else:
            x, y = places[0]
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=_EDGE)
    return _png(image)


def _picture_of_raster(raster: Raster) -> bytes | None:
    from PIL import Image

    step = max(1, raster.values.shape[0] // HEIGHT, raster.values.shape[1] // WIDTH)
    values = raster.values[::step, ::step]
    known = np.isfinite(values)
    if not known.any():
        return None
    low, high = np.percentile(values[known], (2, 98))
    share = np.clip((np.where(known, values, low) - low) / max(high - low, 1e-9), 0, 1)[..., None]
    rows, columns = np.gradient(np.where(known, values, low))
    usual = max(float(np.abs(columns).mean() + np.abs(rows).mean()), 1e-9)
    light = np.clip(1 + 0.06 * (columns - rows)[..., None] / usual, 0.7, 1.2)
    colour = np.clip((np.array((196, 216, 190)) * (1 - share) + np.array((150, 112, 84)) * share) * light, 0, 255)
    colour = np.where(known[..., None], colour, np.array(_GROUND)).astype(np.uint8)
    image = Image.fromarray(colour)
    scale = min(WIDTH / image.width, HEIGHT / image.height)
    image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    whole = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    whole.paste(image, ((WIDTH - image.width) // 2, (HEIGHT - image.height) // 2))
    return _png(whole)


def _png(image: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=False)   # type: ignore[attr-defined]
    return file.getvalue()
