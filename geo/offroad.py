"""The way off the road on real ground: over the cells of a height model, round water and ground too steep. Minutes and metres.

A place is joined to the network straight, where nothing lies between, else by the quickest way over the cells. The surface of times
is computed once for all places: one search from all roads outwards, over the ground that can matter to any of them. A way is chosen
for its time there and back together; each direction then has its own time on it, since up is slower than down (`geo.speeds`).

Not valid for what is smaller than a cell or not drawn: a footbridge, a ditch, a wall. Ways over cells run in eight directions and
are up to 8 % longer than the ground's shortest; a straight way that is open is preferred wherever it is quicker.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.inputs import RasterLike
from geo.nearest import Nearest, SegmentIndex, index_segments
from geo.offroad_kernels import add_sources, bar_moves, mark_around, spread_out, straight_legs, ways_over_cells
from geo.scenario import TravelRules
from geo.shapes import flatten, spread
from geo.terrain import Grid, slope_deg

SHORT_CELLS = 3.0
"""An open straight way shorter than this many cells is taken as it is: the terrain does not tell what a way round would be."""

WORTH = 1.1
"""And so is one that takes, there and back, less than this times as long as on the level."""

BANK_M = 10.0
"""Water within this of the road end of a way does not bar it: banks and roads are drawn no better, and roads run on dykes."""


@dataclass(frozen=True)
class Ground:
    """What one walks on off the road: heights (NaN unknown, taken as level), cells too steep, and water that cannot be crossed.

    `steep` and `barred` are shaped as the height model; `barred` holds a bit for each of the eight moves from a cell that would
    cross the edge of water. `frame` is left, top, cell width, cell height in metres.
    """

    height: np.ndarray
    frame: tuple[float, float, float, float]
    slope: Grid
    """In degrees, for whoever else wants it."""
    steep: np.ndarray
    barred: np.ndarray
    water: np.ndarray
    banks: SegmentIndex

    @property
    def cell_m(self) -> float:
        """The larger side of a cell, metres."""
        return max(self.frame[2], self.frame[3])


@dataclass(frozen=True)
class Surface:
    """Ways from the cells `within` to the network: `cells` (rows, columns, 4) holds minutes to the road, from it, metres, height.

    `root` is the number of the source each way ends at (-1: none within the limit); source `s` stands on piece `piece[s]` of the
    mode's `SegmentIndex`, at `share[s]` of it. Of the other cells nothing is said: neither array is filled there.
    """

    within: np.ndarray
    cells: np.ndarray
    root: np.ndarray
    piece: np.ndarray
    share: np.ndarray


@dataclass(frozen=True)
class Legs:
    """The way off the road of each place: the piece of road it joins, where on it (0..1), minutes each way and metres walked.

    `open` is False where there is no way within the limit.
    """

    piece: np.ndarray
    share: np.ndarray
    to_road_min: np.ndarray
    from_road_min: np.ndarray
    length_m: np.ndarray
    open: np.ndarray


def water_areas(restrictions: gpd.GeoDataFrame | None) -> np.ndarray:
    """Geometries of the restrictions of kind *water*; empty where there is none."""
    if restrictions is None:
        return np.empty(0, dtype=object)
    areas = np.asarray(restrictions.geometry[(restrictions["kind"] == "water").to_numpy(bool)].array, dtype=object)
    return areas[~(shapely.is_missing(areas) | shapely.is_empty(areas))]


def ground_of(terrain: RasterLike, water: np.ndarray, travel: TravelRules) -> Ground:
    """The ground of a county for walking off the road.

    Parameters
    ----------
    terrain : RasterLike
        Heights in metres.
    water : ndarray of geometries
        Areas (or lines) that cannot be waded, in the same CRS; they are crossed on roads only.
    travel : TravelRules
        Steeper than ``offroad_max_slope_deg`` is not walked.
    """
    height = np.ascontiguousarray(terrain.values, dtype=np.float32)
    transform = terrain.transform
    frame = (float(transform.c), float(transform.f), float(transform.a), float(-transform.e))
    shapes = flatten(water)
    banks = index_segments(shapes.ring_start, shapes.x, shapes.y, usable=np.diff(shapes.ring_start) > 1)
    barred = np.zeros(height.shape, dtype=np.uint8)
    bar_moves(banks.vertex, banks.x, banks.y, *frame, barred)
    slope = slope_deg(terrain)
    # NaN compares false: where the slope is unknown the ground is taken as passable
    return Ground(height, frame, slope, slope.values > travel.offroad_max_slope_deg, barred, water, banks)


def surface_of(ground: Ground, roads: SegmentIndex, travel: TravelRules, *, within: np.ndarray | None = None,
               marked: np.ndarray | None = None) -> Surface:
    """Times from every cell within ``travel.offroad_limit_m`` to the roads, by one search from all of them.

    `within` (bool, a value a cell) limits the search; a way that leaves it is not found. `marked` lists the numbers of its cells,
    rising, where they are known: what a few places need costs nothing for the rest of the county.
    """
    per_m = flat_min_per_m(travel)
    within = np.ones(ground.height.shape, dtype=bool) if within is None else within
    marked = np.flatnonzero(within) if marked is None else marked
    cells, root = np.empty((*ground.height.shape, 4), dtype=np.float32), np.empty(ground.height.shape, dtype=np.int32)
    piece, share = np.empty(len(marked), dtype=np.int32), np.empty(len(marked), dtype=np.float32)
    arrays: tuple = (marked, roads.vertex, roads.x, roads.y, roads.left, roads.bottom, roads.cell_m, roads.columns, roads.rows,
                     roads.cell_start, roads.cell_segment, ground.height, *ground.frame, *_banks(ground), BANK_M, per_m, cells,
                     root, piece, share)
    source = add_sources(*arrays)
    spread_out(source, within, ground.steep, ground.barred, *ground.frame[2:], per_m, travel.offroad_limit_m, cells, root)
    return Surface(within, cells, root, piece[: len(source)], share[: len(source)])


def flat_min_per_m(travel: TravelRules) -> float:
    """Minutes per metre off the road on the level."""
    return 60.0 / (1000.0 * travel.walk_kmh * travel.offroad_walk_factor)


def straight(ground: Ground, near: Nearest, travel: TravelRules, *, limit_m: float) -> Legs:
    """The straight ways from places to the nearest road; not open where water or steep ground lies between or beyond the limit.

    `near` is what `geo.nearest.nearest_segments` found. A place that itself stands in water as drawn is let out of it.
    """
    count = len(near.segment)
    minutes, clear = np.zeros((count, 2)), np.zeros(count, dtype=np.uint8)
    arrays = (near.shape_x, near.shape_y, near.road_x, near.road_y, near.distance_m, ground.height, *ground.frame, ground.steep,
              *_banks(ground), BANK_M, flat_min_per_m(travel), minutes, clear)
    spread(lambda start, stop: straight_legs(start, stop, *arrays), count)
    blocked = np.flatnonzero((clear == 0) & (near.distance_m <= limit_m))
    if len(blocked) and len(ground.water):
        points = shapely.points(near.shape_x[blocked], near.shape_y[blocked])
        clear[blocked[np.unique(shapely.STRtree(ground.water).query(points, predicate="intersects")[0])]] = 1
    return Legs(near.segment, near.share, minutes[:, 0], minutes[:, 1], near.distance_m,
                (clear == 1) & (near.distance_m <= limit_m) & (near.segment >= 0))


def over_ground(ground: Ground, roads: SegmentIndex, direct: Legs, near: Nearest, travel: TravelRules, *, limit_m: float) -> Legs:
    """The legs led over the cells where the straight way is shut, or long and so hilly that a way round may be quicker."""
    level_min = 2 * near.distance_m * flat_min_per_m(travel)
    direct_min = direct.to_road_min + direct.from_road_min
    slow = (near.distance_m > SHORT_CELLS * ground.cell_m) & (direct_min > WORTH * level_min)
    rows = np.flatnonzero((near.segment >= 0) & (near.distance_m <= limit_m) & (~direct.open | slow))
    if not len(rows):
        return direct
    # no way is shorter than its time on the level allows: what lies further than that cannot be better than the straight one
    reach_m = np.where(direct.open[rows], np.minimum(direct_min[rows] / (2 * flat_min_per_m(travel)), limit_m), limit_m)
    within = np.zeros(ground.height.shape, dtype=bool)
    marked = mark_around(near.shape_x[rows], near.shape_y[rows], reach_m + ground.cell_m, *ground.frame, within)
    surface = surface_of(ground, roads, travel, within=within, marked=marked)
    piece, share, open_ = direct.piece.copy(), direct.share.copy(), direct.open.copy()
    minutes, length_m = np.column_stack([direct.to_road_min, direct.from_road_min]), direct.length_m.copy()
    arrays = (rows, near.shape_x, near.shape_y, ground.height, within, surface.cells, surface.root, surface.piece, surface.share,
              *ground.frame, *_banks(ground), flat_min_per_m(travel), limit_m, piece, share, minutes, length_m, open_)
    spread(lambda start, stop: ways_over_cells(start, stop, *arrays), len(rows))
    return Legs(piece, share, minutes[:, 0], minutes[:, 1], length_m, open_)


def _banks(ground: Ground) -> tuple:
    index = ground.banks
    return (index.vertex, index.x, index.y, index.left, index.bottom, index.cell_m, index.columns, index.rows,
            index.cell_start, index.cell_segment)
