"""All parcels of a county as map tiles, drawn on this machine when they are looked at, and what lies under the mouse.

A picture is offered by a page and asked for by the browser under a token that nobody can guess; its tiles are kept by content, so
that the same parcels in the same colours are drawn once for everybody. Nothing is drawn before it is looked at: a page never waits.
Web Mercator serves for drawing only; nothing is measured on it.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import math
import secrets
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from ui.map_raster import MARGIN_PX, TILE_PX, bent, draw, ring_areas, shape_at, shape_bounds
from ui.tile_styles import Unweighed, palette, styles_of, unweighed

MOST_ZOOM = 19
BLOCK = 256
"""Shapes to a block: a tile looks at the blocks' bounds first. Cadastres come in the order of villages, so blocks are compact."""

KEPT_SHAPES, KEPT_PICTURES, KEPT_TILES = 3, 24, 6000
FEWEST_PICTURES, MOST_ROWS = 3, 3_000_000
"""Of a large county fewer pictures are kept: every move of a slider makes one, and a million rows of facts take 100 MB."""

_WORLD_M = 2 * math.pi * 6378137.0
_GRID_POINTS, _GRID_M = 400, 250.0
_OUTLINE = (0.24, 0.27, 0.28)
_SEEN_PX = 4.0


@dataclass(frozen=True)
class Shapes:
    """Shapes of a county in Web Mercator metres from `origin`, flat: shape -> rings -> vertices; a point is a ring of one."""

    xy: np.ndarray
    ring_start: np.ndarray
    ring_sign: np.ndarray
    """+1 or -1 each, so that the signed areas of a shape's rings add up to what it covers."""
    shape_start: np.ndarray
    bounds: np.ndarray
    blocks: np.ndarray
    """Bounds of each `BLOCK` shapes."""
    rows: np.ndarray
    """Row of the frame that each shape is of."""
    origin: tuple[float, float]


def shapes_of(geometry: gpd.GeoSeries) -> Shapes:
    """Geometry for drawing: areas with their holes, anything else as a point; rows without geometry are left out.

    The way to Web Mercator is taken exactly at the points of a grid and bent between them, which is off by less than a
    centimetre in a county and a hundred times as fast.
    """
    values = np.asarray(geometry.array, dtype=object)
    kinds = shapely.get_type_id(values)
    known = (kinds >= 0) & ~shapely.is_empty(values)
    areas, others = np.flatnonzero(known & np.isin(kinds, (3, 6))), np.flatnonzero(known & ~np.isin(kinds, (3, 6)))
    places = shapely.get_coordinates(shapely.point_on_surface(values[others]))
    xy, ring_start, shape_start, outer = _flat_areas(values[areas])
    xy = np.concatenate([xy, places])
    alone = np.arange(1, len(others) + 1)
    shape_start = np.concatenate([shape_start, shape_start[-1] + alone])
    ring_start = np.concatenate([ring_start, ring_start[-1] + alone])
    outer = np.concatenate([outer, np.ones(len(others), dtype=bool)])
    mercator = _to_mercator(xy, geometry.crs)
    origin = tuple(np.floor(mercator.mean(axis=0))) if len(mercator) else (0.0, 0.0)
    local = np.ascontiguousarray(mercator - origin, dtype=np.float32)
    bounds = shape_bounds(local, ring_start, shape_start)
    turn = np.where(ring_areas(local.astype(np.float64), ring_start) < 0, -1.0, 1.0)
    starts = np.arange(0, len(bounds), BLOCK)
    blocks = np.column_stack([
        *(np.minimum.reduceat(bounds[:, side], starts) for side in (0, 1)),
        *(np.maximum.reduceat(bounds[:, side], starts) for side in (2, 3)),
    ]) if len(bounds) else np.empty((0, 4), dtype=np.float32)
    return Shapes(
        local, ring_start, np.where(outer, turn, -turn), shape_start, bounds, blocks, np.concatenate([areas, others]),
        (float(origin[0]), float(origin[1])))


def _flat_areas(areas: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vertices (n, 2), where each ring begins, where each shape's rings begin, and which rings are outer ones."""
    if not len(areas):
        return np.empty((0, 2)), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=bool)
    kind, xy, offsets = shapely.to_ragged_array(areas, include_z=False)
    rings, parts = (np.asarray(item, dtype=np.int64) for item in offsets[:2])
    outer = np.zeros(len(rings) - 1, dtype=bool)
    outer[parts[:-1]] = True
    shapes = parts if kind == shapely.GeometryType.POLYGON else parts[np.asarray(offsets[2], dtype=np.int64)]
    return np.asarray(xy, dtype=float), rings, shapes, outer


def _to_mercator(xy: np.ndarray, crs: object) -> np.ndarray:
    """Coordinates in Web Mercator metres; through a grid where they are many."""
    way = Transformer.from_crs(crs, 3857, always_xy=True)
    if len(xy) < 20_000:
        return np.column_stack(way.transform(xy[:, 0], xy[:, 1])) if len(xy) else xy
    (left, bottom), (right, top) = xy.min(axis=0), xy.max(axis=0)
    step = max(_GRID_M, (right - left) / _GRID_POINTS, (top - bottom) / _GRID_POINTS)
    x = left + step * np.arange(int((right - left) / step) + 2)
    y = bottom + step * np.arange(int((top - bottom) / step) + 2)
    grid = np.stack(way.transform(*np.meshgrid(x, y)), axis=-1)
    return bent(np.ascontiguousarray(xy, dtype=float), float(left), float(bottom), float(step), grid)


@dataclass
class Picture:
    """A county's candidates in the colours of one study. `make` yields shapes and styles when it is first looked at."""

    make: Callable[[], tuple[Shapes, np.ndarray]]
    rows: pd.DataFrame
    """What a click and a tooltip need to know of each candidate."""
    size_m: float
    """Of a usual shape, in Web Mercator metres."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: tuple[Shapes, np.ndarray] | None = None
    less: tuple[str, np.ndarray] | None = None
    """The village that was left out last, and the styles without it: a map asks for a screen full of tiles."""

    @property
    def clear_zoom(self) -> int:
        """The zoom from which a usual shape is some pixels wide, so that one can be told from the next."""
        if not self.size_m > 0:
            return MOST_ZOOM - 4
        return int(min(max(math.ceil(math.log2(_SEEN_PX * _WORLD_M / TILE_PX / self.size_m)), 0), MOST_ZOOM))

    def parts(self) -> tuple[Shapes, np.ndarray]:
        """Shapes and the style of each, made once."""
        with self.lock:
            if self.made is None:
                self.made = self.make()
            return self.made

    def tile(self, z: int, x: int, y: int, *, without: str | None = None) -> bytes:
        """A tile as PNG; `without` leaves out the candidates of a village, which are drawn otherwise."""
        shapes, style = self.parts()
        if without is not None:
            style = self._styles_without(without)
        scale = TILE_PX * 2 ** z / _WORLD_M
        left = x * TILE_PX / scale - _WORLD_M / 2 - MARGIN_PX / scale - shapes.origin[0]
        top = _WORLD_M / 2 - y * TILE_PX / scale + MARGIN_PX / scale - shapes.origin[1]
        sums = draw(shapes.xy, shapes.ring_start, shapes.ring_sign, shapes.shape_start, shapes.bounds, shapes.blocks, BLOCK,
                    style, _PALETTE, left, top, scale)
        return _png(sums[:, MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX], apart=self.size_m * scale)

    def _styles_without(self, village_code: str) -> np.ndarray:
        kept = self.less
        if kept is None or kept[0] != village_code:
            shapes, style = self.parts()
            own = (self.rows["village_code"] == village_code).fillna(False).to_numpy(dtype=bool)[shapes.rows]
            self.less = kept = (village_code, np.where(own, np.int16(-1), style))
        return kept[1]

    def at(self, lon: float, lat: float, *, near_px: float, zoom: float) -> int | None:
        """Row of the candidate at a place in degrees; None where there is none."""
        shapes, _ = self.parts()
        x = math.radians(lon) * 6378137.0 - shapes.origin[0]
        y = 6378137.0 * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) - shapes.origin[1]
        near = near_px * _WORLD_M / TILE_PX / 2 ** zoom
        found = shape_at(shapes.xy, shapes.ring_start, shapes.shape_start, shapes.bounds, shapes.blocks, BLOCK, x, y, near)
        return None if found < 0 else int(shapes.rows[found])

    def outline(self, row: int) -> dict | None:
        """Rings of a candidate as GeoJSON lines in degrees, a point as itself; None where it has no place."""
        shapes, _ = self.parts()
        found = np.flatnonzero(shapes.rows == row)
        if not len(found):
            return None
        first, last = shapes.shape_start[found[0]:found[0] + 2]
        rings = []
        for ring in range(first, last):
            part = shapes.xy[shapes.ring_start[ring]:shapes.ring_start[ring + 1]].astype(float) + shapes.origin
            lat = np.degrees(2 * np.arctan(np.exp(part[:, 1] / 6378137.0)) - np.pi / 2)
            rings.append(np.round(np.column_stack([np.degrees(part[:, 0] / 6378137.0), lat]), 7).tolist())
        if len(rings[0]) == 1:
            return {"type": "Point", "coordinates": rings[0][0]}
        return {"type": "MultiLineString", "coordinates": rings}


_PALETTE = palette()


def _png(sums: np.ndarray, *, apart: float) -> bytes:
    """Sums over the pixels as a PNG; where shapes are smaller than a pixel (`apart` < 1) a lone one still leaves a trace."""
    from PIL import Image

    cover = np.clip(sums[5], 0, 1)
    if apart < 3:
        cover = 1 - (1 - cover) ** 2
    weight = np.maximum(sums[4], 1e-6)
    alpha = sums[3] / weight * cover
    colour = sums[:3] / weight
    line = sums[6]
    colour = colour * (1 - line) + np.array(_OUTLINE, dtype=np.float32)[:, None, None] * line
    alpha = np.maximum(alpha, line)
    pixels = np.dstack([*np.clip(colour, 0, 1), alpha])
    stream = io.BytesIO()
    Image.fromarray((pixels * 255 + 0.5).astype(np.uint8), "RGBA").save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def compile_drawing() -> None:
    """Run the compiled parts of drawing once on two parcels, so that the first map does not wait; numba keeps the result."""
    shapes = shapes_of(gpd.GeoSeries([shapely.box(0, 0, 9, 9), shapely.Point(20, 20)], crs=3857))
    bent(np.zeros((1, 2)), 0.0, 0.0, 1.0, np.zeros((2, 2, 2)))
    picture = Picture(lambda: (shapes, np.zeros(2, dtype=np.int16)), pd.DataFrame({"village_code": ["1", "2"]}), 9.0)
    picture.tile(19, 2 ** 18, 2 ** 18 - 1)
    picture.at(0.0, 0.0, near_px=1.0, zoom=19.0)


COLUMNS = ("candidate_id", "kind", "verdict", "score", "score_low", "score_high", "rank_in_village", "courtyard_m2",
           "road_distance_m", "village_code")
"""Of each candidate what a tooltip says."""


@dataclass
class TileShelf:
    """Pictures on offer and tiles that were drawn, guarded for several users; what is used least goes first."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    lock: threading.Lock = field(default_factory=threading.Lock)
    shapes: OrderedDict[str, Shapes] = field(default_factory=OrderedDict)
    unweighed: OrderedDict[str, Unweighed] = field(default_factory=OrderedDict)
    pictures: OrderedDict[str, Picture] = field(default_factory=OrderedDict)
    tiles: OrderedDict[tuple, bytes] = field(default_factory=OrderedDict)
    last: OrderedDict[str, tuple[weakref.ref, str]] = field(default_factory=OrderedDict)
    """What was offered last of each county: a page that is drawn again offers the very same frame."""

    def offer(self, stamp: str, candidates: gpd.GeoDataFrame) -> str:
        """Put a study's candidates on offer and return their token; the same content has the same one while the server runs.

        Parameters
        ----------
        stamp : str
            Tells county, content and scenario apart.
        candidates : GeoDataFrame
            `Study.candidates`, under the weights of the session.
        """
        with self.lock:
            before, token = self.last.get(stamp, (None, ""))
            if before is not None and before() is candidates and token in self.pictures:
                self.pictures.move_to_end(token)
                return token
        known = self._unweighed(stamp, candidates)
        style = styles_of(candidates, known)
        token = hmac.new(self.secret, stamp.encode() + style.tobytes(), hashlib.sha256).hexdigest()[:24]
        with self.lock:
            if token not in self.pictures:
                geometry = candidates.geometry   # not the frame, which a picture of weights long gone would keep alive

                def make() -> tuple[Shapes, np.ndarray]:
                    shapes = self._shapes(stamp, geometry)
                    return shapes, style[shapes.rows]

                self.pictures[token] = Picture(make, pd.DataFrame(candidates[list(COLUMNS)]), known.size_m)
            self.pictures.move_to_end(token)
            rows = sum(len(picture.rows) for picture in self.pictures.values())
            while len(self.pictures) > KEPT_PICTURES or (rows > MOST_ROWS and len(self.pictures) > FEWEST_PICTURES):
                rows -= len(self.pictures.popitem(last=False)[1].rows)
            self.last[stamp] = (weakref.ref(candidates), token)
            _cut(self.last, KEPT_SHAPES)
        return token

    def begin(self, stamp: str, candidates: gpd.GeoDataFrame) -> threading.Thread:
        """Offer a county and bring its shapes into the form for drawing, in a thread of its own: the first tile does not wait.

        The thread, begun.
        """
        def work() -> None:
            picture = self.picture(self.offer(stamp, candidates))
            if picture is not None:
                picture.parts()

        thread = threading.Thread(target=work, name="cunzhi-tiles", daemon=True)
        thread.start()
        return thread

    def _unweighed(self, stamp: str, candidates: gpd.GeoDataFrame) -> Unweighed:
        with self.lock:
            kept = self.unweighed.get(stamp)
        if kept is None:
            kept = unweighed(candidates)
            with self.lock:
                self.unweighed[stamp] = kept
                _cut(self.unweighed, KEPT_SHAPES)
        return kept

    def _shapes(self, stamp: str, geometry: gpd.GeoSeries) -> Shapes:
        with self.lock:
            kept = self.shapes.get(stamp)
        if kept is None:
            kept = shapes_of(geometry)
            with self.lock:
                self.shapes[stamp] = kept
                _cut(self.shapes, KEPT_SHAPES)
        return kept

    def clear_zoom(self, token: str) -> int:
        """The zoom from which the parcels of a picture can be told apart."""
        picture = self.picture(token)
        return MOST_ZOOM if picture is None else picture.clear_zoom

    def picture(self, token: str) -> Picture | None:
        """The picture of a token; None for one that was never on offer or is gone."""
        with self.lock:
            return self.pictures.get(token)

    def tile(self, token: str, z: int, x: int, y: int, *, without: str | None = None) -> bytes | None:
        """A tile as PNG, drawn where it is not kept; None for an unknown token or a place that is no tile."""
        picture = self.picture(token)
        if picture is None or not (0 <= z <= MOST_ZOOM and 0 <= x < 2 ** z and 0 <= y < 2 ** z):
            return None
        key = (token, z, x, y, without)
        with self.lock:
            if key in self.tiles:
                self.tiles.move_to_end(key)
                return self.tiles[key]
        drawn = picture.tile(z, x, y, without=without)
        with self.lock:
            self.tiles[key] = drawn
            _cut(self.tiles, KEPT_TILES)
        return drawn


def _cut(kept: OrderedDict, most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


SHELF = TileShelf()
"""The one shelf of this server: pages offer on it, the server's routes (`ui.tile_routes`) take from it."""


