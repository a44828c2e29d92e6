"""How small shapes lie to pieces of large areas, pair by pair: apart, within, around or crossed; the area in common, what is left.

GEOS is right about everything and takes some thirty microseconds a pair. Almost all pairs are plain: one ring whose sides cross
those of the piece properly, a few times. These are decided in `geo.clip_kernels`, in one microsecond, by signs of cross products
that rounding cannot turn; for what touches, runs along, or has holes in the way GEOS is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo import clip_kernels
from geo.clip_kernels import APART, AROUND, CROSSED, UNSURE, WITHIN
from geo.shapes import Shapes, flatten, on_all_cores, spread, starts

__all__ = ["APART", "AROUND", "CROSSED", "UNSURE", "WITHIN", "Clips", "clips", "less"]


@dataclass(frozen=True)
class Clips:
    """Pairs of a shape and a piece, how each lies to the other, and the area in m2 that they have in common.

    `shape` and `piece` are positions in `shapes` and `pieces`. `relation` is one of `APART`, `WITHIN` (the shape is in the piece),
    `AROUND` (the piece in the shape), `CROSSED`, `UNSURE`; `common_m2` is told of crossed pairs, and 0 of all others.
    """

    shapes: Shapes
    pieces: Shapes
    shape: np.ndarray
    piece: np.ndarray
    relation: np.ndarray
    common_m2: np.ndarray
    runs: tuple[np.ndarray, np.ndarray]
    """Where runs of sides of the pieces' rings begin, and their boxes."""
    size: np.ndarray
    """Corners and loops around the rest of a crossed shape."""

    def rest(self, pairs: np.ndarray) -> np.ndarray:
        """The shape less the piece, as polygons, for positions of crossed pairs."""
        corners, loops = self.size[pairs].T
        corner, loop = starts(corners), starts(loops)
        xy, end = np.empty((corner[-1], 2)), np.empty(loop[-1], np.int64)
        shape, piece, (run, box) = self.shape[pairs], self.piece[pairs], self.runs
        spread(lambda start, stop: clip_kernels.write(
            start, stop, shape, piece, self.shapes.x, self.shapes.y, self.shapes.ring_start, self.shapes.shape_start,
            self.pieces.x, self.pieces.y, self.pieces.ring_start, self.pieces.shape_start, run, box,
            corner, loop, xy, end), len(pairs))
        rings = shapely.linearrings(xy, indices=np.repeat(np.arange(len(end)), np.diff(end, prepend=0)))
        polygons = shapely.polygons(rings)
        out: np.ndarray = polygons[loop[:-1]]
        several = np.flatnonzero(loops > 1)
        if len(several):
            parts = np.flatnonzero(np.repeat(loops > 1, loops))
            out[several] = shapely.multipolygons(polygons[parts], indices=np.repeat(np.arange(len(several)), loops[several]))
        return out


def clips(shapes: Shapes, pieces: np.ndarray, shape: np.ndarray, piece: np.ndarray) -> Clips:
    """Relations of pairs of shapes and pieces.

    Parameters
    ----------
    shapes : Shapes
        Valid ones, in a metric CRS; polygons of one ring are decided here, others are unsure.
    pieces : array of polygons
        Valid ones, in the same CRS.
    shape, piece : int64 arrays, shape (number of pairs,)
        Positions in both.

    Examples
    --------
    >>> parcel, piece = np.array([shapely.box(0, 0, 4, 2)]), np.array([shapely.box(3, -1, 9, 9)])
    >>> found = clips(flatten(parcel), piece, np.array([0]), np.array([0]))
    >>> bool(found.relation[0] == CROSSED), found.common_m2.tolist()
    (True, [2.0])
    """
    flat = flatten(pieces)
    run, box = clip_kernels.turned(flat.x, flat.y, flat.ring_start, flat.ring_hole)
    relation, common_m2 = np.full(len(shape), UNSURE, np.int8), np.zeros(len(shape))
    size = np.zeros((len(shape), 2), np.int32)
    spread(lambda start, stop: clip_kernels.relate(
        start, stop, shape, piece, shapes.x, shapes.y, shapes.ring_start, shapes.shape_start, shapes.ring_area,
        flat.x, flat.y, flat.ring_start, flat.shape_start, run, box, relation, common_m2, size), len(shape))
    return Clips(shapes, flat, shape, piece, relation, common_m2, (run, box), size)


def less(shapes: np.ndarray, pieces: np.ndarray, piece: np.ndarray) -> np.ndarray:
    """Each shape less one of the pieces, as `shapely.difference`.

    Parameters
    ----------
    shapes : array of polygons, shape (n,)
        Valid ones, of one part or several.
    pieces : array of polygons
        Valid ones, in the same metric CRS.
    piece : int64 array, shape (n,)
        Of each shape: the position of its piece.

    Examples
    --------
    >>> less(np.array([shapely.box(0, 0, 4, 2)]), np.array([shapely.box(3, -1, 9, 9)]), np.array([0]))[0].bounds
    (0.0, 0.0, 3.0, 2.0)
    """
    used, piece = np.unique(piece, return_inverse=True)
    pieces, shapes = pieces[used], shapes.copy()
    alone = (shapely.get_type_id(shapes) == 6) & (shapely.get_num_geometries(shapes) == 1)
    shapes[alone] = shapely.get_geometry(shapes[alone], 0)
    found = clips(flatten(shapes), pieces, np.arange(len(shapes)), piece)
    out = shapes.copy()
    out[found.relation == WITHIN] = shapely.Polygon()
    crossed, around = np.flatnonzero(found.relation == CROSSED), found.relation == AROUND
    around &= (shapely.get_num_interior_rings(pieces) == 0)[piece]
    if len(crossed):
        out[crossed] = found.rest(crossed)
    if around.any():
        holes = shapely.get_exterior_ring(pieces[piece[around]])
        out[around] = shapely.polygons(shapely.get_exterior_ring(shapes[around]), holes=holes[:, None])
    others = np.flatnonzero((found.relation == UNSURE) | (found.relation == AROUND) & ~around)
    out[others] = on_all_cores(shapely.difference, shapes[others], pieces[piece[others]])
    return out
