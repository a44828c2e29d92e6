"""How much of many small shapes lies in few large areas, in m2 and as a share; overlapping areas count once.

The many shapes are indexed, the large areas are cut into pieces of few vertices and asked one by one. How a shape lies to a piece
and the area they have in common are told by `geo.clipping`, where it is sure, and else by GEOS; polygons are made only on demand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.clipping import AROUND, UNSURE, WITHIN, clips, less
from geo.occupancy import Occupancy
from geo.plots import Plots, plots_of
from geo.shapes import on_all_cores, spread
from geo.validity import are_valid

MAX_VERTICES = 256
"""Vertices a piece of an area may have: below this, cutting further costs more than it saves."""

MAX_CUTS = 14
"""Halvings of one area at most."""

LOST_SHARE = 1e-9
"""Two halves that fall short of the whole by more than this share were cut wrong."""


@dataclass(frozen=True)
class Overlaps:
    """Every overlap of positive size between `size` shapes and the areas, one row for each piece of an area.

    `shape` and `area` are positions (int64, ascending by shape), `whole` marks shapes that lie wholly in the piece, `part_m2` is
    the area in common.
    """

    size: int
    shape_m2: np.ndarray
    shape: np.ndarray
    area: np.ndarray
    whole: np.ndarray
    part_m2: np.ndarray
    shapes: np.ndarray
    whole_areas: np.ndarray
    """The areas as single polygons, uncut."""
    polygon: np.ndarray
    """Of each row: position of the polygon that the piece is of."""

    def rest(self, rows: np.ndarray, shapes: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The shapes (ascending positions) that rows (positions) lie on, less the areas of these rows, as polygons.

        With `shapes` what is left of them already takes their place.
        """
        pair, of_pair = np.unique(self.shape[rows] * len(self.whole_areas) + self.polygon[rows], return_inverse=True)
        at, polygon = np.divmod(pair, len(self.whole_areas))
        held_m2 = np.bincount(of_pair, weights=self.part_m2[rows], minlength=len(pair))
        inner = held_m2 >= shapely.area(self.whole_areas)[polygon] * (1.0 - LOST_SHARE)
        order = np.lexsort((polygon, inner, at))                          # holes come last: a single ring is cut sooner
        at, polygon = at[order], polygon[order]
        shape, begin, count = np.unique(at, return_index=True, return_counts=True)
        out = (self.shapes if shapes is None else shapes)[shape]
        for turn in range(count.max(initial=0)):
            now = np.flatnonzero(count > turn)
            out[now] = less(out[now], self.whole_areas, polygon[begin[now] + turn])
        return shape, out


def polygons(geometries: np.ndarray) -> np.ndarray:
    """Geometries as valid ones; what cannot be mended and what is missing becomes an empty polygon."""
    geometries = np.asarray(geometries, dtype=object)
    missing = shapely.is_missing(geometries)
    broken = ~missing & ~are_valid(geometries)
    if not (missing.any() or broken.any()):
        return geometries
    mended = geometries.copy()
    mended[missing] = shapely.Polygon()
    mended[broken] = shapely.make_valid(geometries[broken])
    return mended


def subdivide(
    areas: np.ndarray, *, max_vertices: int = MAX_VERTICES, near: Occupancy | None = None, checked: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Polygons cut in halves until none has more than `max_vertices` vertices, with the position of the area each came from.

    The pieces of an area do not overlap and together are the area. What has no area (points, lines) is left out, and so are, with
    `near`, pieces with nothing near them. `checked` says that the areas come from `polygons`.

    Examples
    --------
    >>> circle = shapely.Point(0, 0).buffer(100, quad_segs=64)
    >>> pieces, source = subdivide(np.array([circle]), max_vertices=40)
    >>> len(pieces) > 4, round(float(shapely.area(pieces).sum() / circle.area), 9)
    (True, 1.0)
    """
    pieces, part, _, source = _subdivided(areas, max_vertices, near, checked)
    return pieces, source[part]


def _subdivided(
    areas: np.ndarray, max_vertices: int, near: Occupancy | None, checked: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pieces, and of each the polygon it is of; the polygons, and of each the position of its area."""
    wanted = np.arange(len(areas)) if near is None else np.flatnonzero(near.any_in(shapely.bounds(areas)))
    areas = np.asarray(areas, dtype=object)[wanted]
    whole, source = _polygon_parts(areas if checked else polygons(areas), wanted)
    pieces, part, lost = _cut(whole, max_vertices, near, exact=False)
    cut = np.flatnonzero(shapely.get_num_coordinates(whole)[part] > max_vertices)
    lost[part[cut[~are_valid(pieces[cut])]]] = True
    if lost.any():
        again, back, _ = _cut(whole[lost], max_vertices, near, exact=True)
        keep = ~lost[part]
        pieces, part = np.concatenate([pieces[keep], again]), np.concatenate([part[keep], np.flatnonzero(lost)[back]])
    return pieces, part, whole, source


def _cut(
    whole: np.ndarray, max_vertices: int, near: Occupancy | None, *, exact: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Single polygons cut in halves, the position of the polygon each piece came from, and which polygons lost area by a cut."""
    pieces, source, lost = whole, np.arange(len(whole)), np.zeros(len(whole), dtype=bool)
    done: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(MAX_CUTS):
        boxes = shapely.bounds(pieces)
        if near is not None:
            some = near.any_in(boxes)
            pieces, source, boxes = pieces[some], source[some], boxes[some]
        large = shapely.get_num_coordinates(pieces) > max_vertices
        done.append((pieces[~large], source[~large]))
        pieces, source = pieces[large], source[large]
        if not len(pieces):
            break
        left, bottom, right, top = boxes[large].T
        wide = right - left > top - bottom
        x, y = np.where(wide, (left + right) / 2, right), np.where(wide, top, (bottom + top) / 2)
        first = _clip(pieces, np.column_stack([left, bottom, x, y]), exact)
        second = _clip(pieces, np.column_stack([np.where(wide, x, left), np.where(wide, bottom, y), right, top]), exact)
        before_m2 = shapely.area(pieces)
        lost[source[np.abs(shapely.area(first) + shapely.area(second) - before_m2) > LOST_SHARE * before_m2]] = True
        pieces, source = _polygon_parts(np.concatenate([first, second]), np.concatenate([source, source]))
    done.append((pieces, source))
    return np.concatenate([p for p, _ in done]), np.concatenate([s for _, s in done]), lost


def _clip(pieces: np.ndarray, boxes: np.ndarray, exact: bool) -> np.ndarray:
    """Part of each polygon inside its box. Clipping by a rectangle is ten times faster than intersection, but may fail on polygons
    that touch themselves; the caller weighs the pieces and asks again for the exact ones."""
    if exact:
        return shapely.intersection(pieces, shapely.box(*boxes.T))
    # the public function takes one rectangle for all; the one of GEOS beneath it takes one each
    return on_all_cores(shapely.lib.clip_by_rect, pieces, *boxes.T)


def _polygon_parts(geometries: np.ndarray, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Single polygons of any geometries (collections opened), with the source of each."""
    single = shapely.get_type_id(geometries) == 3
    others = np.flatnonzero(~single)
    if len(others):                                           # only these: parts are copies, and outlines may be long
        parts, index = shapely.get_parts(geometries[others], return_index=True)
        while (shapely.get_type_id(parts) > 3).any():
            parts, inner = shapely.get_parts(parts, return_index=True)
            index = index[inner]
        areal = shapely.get_type_id(parts) == 3
        at = np.concatenate([np.flatnonzero(single), others[index[areal]]])
        order = np.argsort(at, kind="stable")
        geometries, source = np.concatenate([geometries[single], parts[areal]])[order], source[at[order]]
    some = ~shapely.is_empty(geometries)
    return geometries[some], source[some]


def overlaps(shapes: Plots | np.ndarray, areas: np.ndarray, *, checked: bool = False) -> Overlaps:
    """Every overlap of the shapes with the areas.

    Parameters
    ----------
    shapes : Plots, or array of geometries, shape (n,)
        Polygons in a metric CRS; others have no area and so no overlap.
    areas : array of geometries, shape (m,)
        Polygons in the same CRS; they may overlap one another.
    checked : bool
        Both have been through `polygons` already; testing them once more would cost as much as the rest.
    """
    plots = plots_of(shapes) if checked else plots_of(shapes).mended()
    shapes, shape_m2 = plots.shapes, np.nan_to_num(plots.area_m2)
    pieces, polygon, whole_areas, source = _subdivided(areas, MAX_VERTICES, plots.occupancy, checked)
    piece, shape = plots.tree.query(pieces)
    told = clips(plots.flat, pieces, shape, piece)
    part_m2, whole, around = told.common_m2.copy(), told.relation == WITHIN, told.relation == AROUND
    part_m2[around] = shapely.area(pieces[piece[around]])
    unsure = np.flatnonzero(told.relation == UNSURE)
    if len(unsure):
        shapely.prepare(pieces[np.unique(piece[unsure])])
        whole[unsure], crossing = _relations(pieces, shapes, piece[unsure], shape[unsure])
        crossing = unsure[crossing]
        part_m2[crossing] = _common_m2(pieces[piece[crossing]], shapes[shape[crossing]])
    part_m2[whole] = shape_m2[shape[whole]]
    kept = np.flatnonzero(part_m2 > 0)
    kept = kept[np.lexsort((piece[kept], polygon[piece[kept]], shape[kept]))]     # polygons stand as their areas do
    of_row = polygon[piece[kept]]
    return Overlaps(len(shapes), shape_m2, shape[kept], source[of_row], whole[kept], part_m2[kept], shapes, whole_areas, of_row)


def _common_m2(pieces: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Areas in m2 of the intersections of pieces with shapes, pair by pair; a piece that lies in its shape has all of its own."""
    inner, outer = shapely.bounds(pieces), shapely.bounds(shapes)
    inside = (inner[:, :2] > outer[:, :2]).all(axis=1) & (inner[:, 2:] < outer[:, 2:]).all(axis=1)
    maybe = np.flatnonzero(inside)
    inside[maybe] = on_all_cores(shapely.contains_properly, shapes[maybe], pieces[maybe], dtype=bool)
    out = pieces.copy()
    out[~inside] = on_all_cores(shapely.intersection, pieces[~inside], shapes[~inside])
    return shapely.area(out)


def _relations(pieces: np.ndarray, shapes: np.ndarray, piece: np.ndarray, shape: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which shapes lie properly in their piece (mask of the pairs), and which cross its boundary (their positions).

    All pairs of one prepared piece (`piece` ascends) are asked in one thread.
    """
    whole, crossing = np.zeros(len(piece), dtype=bool), np.zeros(len(piece), dtype=bool)
    first = np.searchsorted(piece, np.arange(len(pieces) + 1))

    def chunk(start: int, stop: int) -> None:
        rows = np.arange(first[start], first[stop])
        whole[rows] = shapely.contains_properly(pieces[piece[rows]], shapes[shape[rows]])
        rest = rows[~whole[rows]]
        crossing[rest] = shapely.intersects(pieces[piece[rest]], shapes[shape[rest]])

    spread(chunk, len(pieces), smallest=64)
    return whole, np.flatnonzero(crossing)


def union_m2(found: Overlaps, keep: np.ndarray | None = None) -> np.ndarray:
    """Area in m2 of each shape that lies in any of the areas; where areas overlap it counts once.

    Parameters
    ----------
    found : Overlaps
    keep : bool array over the rows of `found`, optional
        Overlaps to count; all by default.

    Returns
    -------
    float64 array, shape (number of shapes,)
    """
    rows, held_m2 = union_rows(found, np.ones(len(found.shape), dtype=bool) if keep is None else keep)
    total = np.zeros(found.size)
    total[rows] = held_m2
    return total


def union_rows(found: Overlaps, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shapes (ascending positions) that any of the marked overlaps lies on, and the area in m2 of each that they take."""
    shape, area, part_m2 = found.shape[keep], found.area[keep], found.part_m2[keep]
    begins = np.ones(len(shape), dtype=bool)
    begins[1:] = shape[1:] != shape[:-1]
    rows, at = shape[begins], np.cumsum(begins) - 1
    total = np.bincount(at, weights=part_m2, minlength=len(rows))
    whole, several = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    whole[at[found.whole[keep]]] = True
    several[at[1:][~begins[1:] & (area[1:] != area[:-1])]] = True
    joined = several[at] & ~whole[at]
    if joined.any():
        cut, rest = found.rest(np.flatnonzero(keep)[joined])
        total[several & ~whole] = found.shape_m2[cut] - shapely.area(rest)
    total[whole] = found.shape_m2[rows[whole]]
    return rows, np.minimum(total, found.shape_m2[rows])


def largest(found: Overlaps) -> tuple[np.ndarray, np.ndarray]:
    """Position of the area that holds most of each shape (-1 none; the first listed of equals), and how much it holds in m2."""
    row, row_m2 = np.full(found.size, -1, dtype="int64"), np.zeros(found.size)
    begins = np.ones(len(found.shape), dtype=bool)        # of each pair of shape and area, which comes in pieces
    begins[1:] = (found.shape[1:] != found.shape[:-1]) | (found.area[1:] != found.area[:-1])
    shape, area = found.shape[begins], found.area[begins]
    held_m2 = np.bincount(np.cumsum(begins) - 1, weights=found.part_m2, minlength=len(shape))
    np.maximum.at(row_m2, shape, held_m2)
    most = np.flatnonzero(held_m2 == row_m2[shape])[::-1]     # areas ascend: the first of equals is put down last
    row[shape[most]] = area[most]
    return row, row_m2


def share_within(shapes: np.ndarray, areas: np.ndarray, *, buffer_m: float = 0.0) -> np.ndarray:
    """Share (0..1) of each shape that lies in any of the areas; overlapping areas do not count twice.

    Parameters
    ----------
    shapes : array of geometries, shape (n,)
        In a metric CRS. A point or line has share 1 where it meets an area, else 0.
    areas : array of geometries, shape (m,)
        In the same CRS.
    buffer_m : float
        The areas are widened by this much first, in m.

    Returns
    -------
    float64 array, shape (n,)
        NaN where a shape is missing or empty.

    Examples
    --------
    >>> parcels = np.array([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10), None])
    >>> farmland = np.array([shapely.box(-5, -5, 5, 15), shapely.box(0, 0, 5, 5)])
    >>> share_within(parcels, farmland).tolist()
    [0.5, 0.0, nan]
    """
    shapes = np.asarray(shapes, dtype=object)
    areas = polygons(areas)
    areas = areas[~shapely.is_empty(areas)]
    if buffer_m > 0:
        areas = shapely.buffer(areas, buffer_m)
    shape_m2 = shapely.area(shapes)
    share = np.full(len(shapes), np.nan)
    flat = shape_m2 > 0
    if flat.any():
        found = overlaps(shapes[flat], areas)
        share[flat] = union_m2(found) / found.shape_m2
    thin = np.flatnonzero(~flat & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    if len(thin):
        share[thin] = 0.0
        _, met = shapely.STRtree(shapes[thin]).query(areas, predicate="intersects")
        share[thin[met]] = 1.0
    return share
