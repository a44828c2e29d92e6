"""The relief under every map: soft tones and water from the county's own layers, as one picture in Web Mercator.

Web Mercator serves for drawing only; nothing is measured on it.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np

from layers.county import County

_TINTS = ((0.0, (233, 239, 226)), (0.35, (243, 241, 228)), (0.7, (236, 229, 214)), (1.0, (247, 244, 240)))
_WATER = (176, 206, 222)


@dataclass(frozen=True)
class Relief:
    """Terrain heights in m on a Web Mercator grid: float32 (rows, columns), NaN unknown; edges and cell in Mercator metres."""

    heights_m: np.ndarray
    left: float
    top: float
    cell: float

    @property
    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Corners as ((south, west), (north, east)) in degrees."""
        rows, columns = self.heights_m.shape
        return _degrees(self.left, self.top - rows * self.cell), _degrees(self.left + columns * self.cell, self.top)


def relief_of(county: County, *, most_px: int) -> Relief | None:
    """The county's terrain for drawing, at most `most_px` pixels along its longer side; None without terrain."""
    if county.terrain is None:
        return None
    return Relief(*_to_mercator(county, most_px))


def relief_picture(county: County, relief: Relief, *, quality: int = 82) -> bytes:
    """The picture as WebP, transparent where nothing is known and faint outside the villages; equal counties give equal bytes."""
    return _draw(relief.heights_m, relief.cell, county, relief.left, relief.top, quality)


def _to_mercator(county: County, most_px: int) -> tuple[np.ndarray, float, float, float]:
    """Terrain heights in m on a Web Mercator grid, with its left and top edge and cell size in Mercator metres."""
    from affine import Affine
    from rasterio.crs import CRS
    from rasterio.warp import Resampling, reproject, transform_bounds

    terrain = county.terrain
    rows, columns = terrain.values.shape
    transform = terrain.transform
    edges = (transform.c, transform.f + rows * transform.e, transform.c + columns * transform.a, transform.f)
    source = CRS.from_wkt(terrain.crs.to_wkt())
    left, bottom, right, top = transform_bounds(source, CRS.from_epsg(3857), *edges)
    cell = max((right - left) / columns, max(right - left, top - bottom) / most_px)
    height, width = math.ceil((top - bottom) / cell), math.ceil((right - left) / cell)
    values = np.full((height, width), np.nan, dtype=np.float32)
    reproject(
        terrain.values, values, src_transform=transform, src_crs=source, src_nodata=np.nan, dst_nodata=np.nan,
        dst_transform=Affine(cell, 0, left, 0, -cell, top), dst_crs=CRS.from_epsg(3857), resampling=Resampling.bilinear,
    )
    return values, left, top, cell


def _degrees(x: float, y: float) -> tuple[float, float]:
    """(latitude, longitude) in degrees of a point in Web Mercator."""
    radius = 6378137.0
    return math.degrees(2 * math.atan(math.exp(y / radius)) - math.pi / 2), math.degrees(x / radius)


def _shade(values: np.ndarray, cell: float) -> np.ndarray:
    """Light on the relief, 0..1, from north-west with a softer light from west and north."""
    filled = np.where(np.isnan(values), np.nanmean(values) if np.isfinite(values).any() else 0.0, values)
    down, across = np.gradient(filled.astype(np.float32), cell)
    slope = np.arctan(1.6 * np.hypot(across, down))
    aspect = np.arctan2(down, -across)
    light = np.zeros_like(filled)
    for azimuth, weight in ((315, 0.6), (270, 0.2), (0, 0.2)):
        toward = math.radians(90 - azimuth)
        height = math.radians(50)
        light += weight * (math.sin(height) * np.cos(slope) + math.cos(height) * np.sin(slope) * np.cos(toward - aspect))
    return np.clip(light, 0, 1)


def _draw(values: np.ndarray, cell: float, county: County, left: float, top: float, quality: int) -> bytes:
    from PIL import Image

    known = np.isfinite(values)
    low, high = (np.nanpercentile(values, (1, 99)) if known.any() else (0.0, 1.0))
    level = np.clip((np.where(known, values, low) - low) / max(high - low, 1.0), 0, 1)
    stops = np.array([stop for stop, _ in _TINTS])
    colour = np.stack([np.interp(level, stops, [tint[band] for _, tint in _TINTS]) for band in range(3)], axis=-1)
    flat = math.sin(math.radians(50))
    colour *= np.clip(0.55 + 0.45 * _shade(values, cell) / flat, 0.5, 1.12)[..., None]
    water = _mask(county.restrictions, values.shape, left, top, cell, kind="water")
    colour = np.where(water[..., None], np.array(_WATER), colour)
    inside = _mask(county.villages, values.shape, left, top, cell)
    alpha = np.where(known, np.where(inside | ~inside.any(), 255, 120), 0)
    pixels = np.dstack([np.clip(colour, 0, 255), alpha]).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", quality=quality, method=3)
    return stream.getvalue()


def _mask(frame, shape: tuple[int, int], left: float, top: float, cell: float, *, kind: str | None = None) -> np.ndarray:
    """Cells inside the polygons of a layer, bool (rows, columns); no cell where there is no such layer."""
    from affine import Affine
    from rasterio.features import rasterize

    nothing = np.zeros(shape, dtype=bool)
    if frame is None or frame.empty:
        return nothing
    chosen = frame if kind is None else frame[(frame["kind"] == kind).fillna(False).to_numpy(dtype=bool)]
    shapes = chosen.geometry[chosen.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    if shapes.empty:
        return nothing
    drawn = shapes.to_crs(3857).simplify(cell / 2)
    drawn = drawn[~drawn.is_empty]
    grid = Affine(cell, 0, left, 0, -cell, top)
    return rasterize(((area, 1) for area in drawn), out_shape=shape, transform=grid).astype(bool)
