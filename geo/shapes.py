"""Geometries as flat coordinate arrays, the form compiled kernels read; and the loop that spreads kernels over the cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit

MIN_CHUNK = 512
"""Fewest items worth a thread of their own."""

AT_ONCE = 1 << 15
"""Geometries whose coordinates are read at once: those of a million would be held twice."""


@dataclass(frozen=True)
class Shapes:
    """Geometries as rings of coordinates, in metres.

    Shape `i` has the rings ``shape_start[i]:shape_start[i + 1]``; ring `r` has the vertices ``ring_start[r]:ring_start[r + 1]``.
    A point is a ring of one vertex, a line a ring that does not close; a missing or empty geometry has no ring.
    """

    x: np.ndarray
    y: np.ndarray
    ring_start: np.ndarray
    ring_hole: np.ndarray
    ring_area: np.ndarray
    """True for rings of polygons, which enclose an area; False for points and lines."""
    shape_start: np.ndarray

    def __len__(self) -> int:
        return len(self.shape_start) - 1

    def part(self, start: int, stop: int) -> Shapes:
        """The shapes start..stop, as arrays of their own that may be written to."""
        rings = slice(self.shape_start[start], self.shape_start[stop])
        first = self.ring_start[rings.start]
        vertices = slice(first, self.ring_start[rings.stop])
        return Shapes(self.x[vertices].copy(), self.y[vertices].copy(), self.ring_start[rings.start: rings.stop + 1] - first,
                      self.ring_hole[rings].copy(), self.ring_area[rings].copy(), self.shape_start[start: stop + 1] - rings.start)

    def only(self, rows: np.ndarray) -> Shapes:
        """The shapes at the positions `rows`, in their order."""
        return _chosen(self, self, rows)

    def polygons(self) -> tuple[Shapes, np.ndarray]:
        """The single polygons of the shapes, each as one of its own, and the position of the shape each is of."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.shape_start))[self.ring_area]
        rings = self
        if not self.ring_area.all():
            each = Shapes(self.x, self.y, self.ring_start, self.ring_hole, self.ring_area, np.arange(len(self.ring_hole) + 1))
            rings = each.only(np.flatnonzero(self.ring_area))
        outer = np.flatnonzero(~rings.ring_hole)
        return Shapes(rings.x, rings.y, rings.ring_start, rings.ring_hole, rings.ring_area, np.append(outer, len(rings.ring_hole))
                      ), owner[outer]

    def exchanged(self, at: np.ndarray, others: Shapes) -> Shapes:
        """These shapes, but those at the positions `at` exchanged for others, one for one.

        Examples
        --------
        >>> one = flatten(np.array([shapely.box(0, 0, 2, 1), shapely.Point(5, 5)]))
        >>> one.exchanged(np.array([0]), flatten(np.array([shapely.Point(3, 4)]))).x.tolist()
        [3.0, 5.0]
        """
        rows = np.arange(len(self))
        rows[at] = len(self) + np.arange(len(at))
        return _chosen(self, others, rows)


def _chosen(one: Shapes, other: Shapes, rows: np.ndarray) -> Shapes:
    """Shapes at positions in the list of those of the one and, behind them, of the other."""
    start = starts(np.concatenate([np.diff(one.shape_start), np.diff(other.shape_start)])[rows])
    sizes, hole, area = np.empty(start[-1], np.int64), np.empty(start[-1], bool), np.empty(start[-1], bool)
    for shapes, first in ((one, 0), (other, len(one))):
        _put_rings(rows - first, shapes.shape_start, shapes.ring_start, shapes.ring_hole, shapes.ring_area,
                   start, sizes, hole, area)
    ring_start = starts(sizes)
    x, y = np.empty(ring_start[-1]), np.empty(ring_start[-1])
    for shapes, first in ((one, 0), (other, len(one))):
        _put_vertices(rows - first, shapes.shape_start, shapes.ring_start, shapes.x, shapes.y, start, ring_start, x, y)
    return Shapes(x, y, ring_start, hole, area, start)


@njit(nogil=True, cache=True)
def _put_rings(rows, shape_start, ring_start, hole, area, start, out_size, out_hole, out_area):
    """Put sizes and kinds of the rings of shapes where they belong; a position that is none of theirs is passed over."""
    for i in range(rows.size):
        if 0 <= rows[i] < shape_start.size - 1:
            for k in range(start[i + 1] - start[i]):
                ring = shape_start[rows[i]] + k
                out_size[start[i] + k] = ring_start[ring + 1] - ring_start[ring]
                out_hole[start[i] + k], out_area[start[i] + k] = hole[ring], area[ring]


@njit(nogil=True, cache=True)
def _put_vertices(rows, shape_start, ring_start, x, y, start, out_ring, out_x, out_y):
    """Put the vertices of shapes where they belong; a position that is none of theirs is passed over."""
    for i in range(rows.size):
        if 0 <= rows[i] < shape_start.size - 1:
            first, to = ring_start[shape_start[rows[i]]], out_ring[start[i]]
            for k in range(out_ring[start[i + 1]] - to):
                out_x[to + k], out_y[to + k] = x[first + k], y[first + k]


def as_geometries(places: object) -> np.ndarray:
    """Places as an array of geometries, whether they come as a frame, a series, geometries or an (n, 2) array of x, y in metres."""
    if hasattr(places, "geometry"):
        return np.asarray(places.geometry.array, dtype=object)
    array = np.asarray(places)
    if array.dtype != object:
        return shapely.points(np.asarray(array, dtype=float).reshape(-1, 2))
    return array


def shapes_of(places: object) -> Shapes:
    """Places in any of the forms of `as_geometries` as flat arrays, in metres; coordinates are not made into geometries for it.

    Examples
    --------
    >>> shapes_of(np.array([[0.0, 1.0], [2.0, 3.0]])).y.tolist()
    [1.0, 3.0]
    """
    if not hasattr(places, "geometry"):
        array = np.asarray(places)
        if array.dtype != object:
            xy = np.asarray(array, dtype=float).reshape(-1, 2)
            each = np.arange(len(xy) + 1, dtype=np.int64)
            none = np.zeros(len(xy), dtype=bool)
            return Shapes(np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]), each, none, none, each)
    return flatten(as_geometries(places))


def flatten(geometries: np.ndarray) -> Shapes:
    """Coordinates of points, lines and polygons (single or multi, mixed) as flat arrays, in metres.

    Examples
    --------
    >>> shapes = flatten(np.array([shapely.box(0, 0, 2, 1), None, shapely.Point(5, 5)]))
    >>> shapes.shape_start.tolist(), shapes.ring_start.tolist()
    ([0, 1, 1, 2], [0, 5, 6])
    """
    geometries = np.asarray(geometries, dtype=object)
    kind = shapely.get_type_id(geometries)
    plain = (kind < 3) | (kind == 3) & (shapely.get_num_interior_rings(geometries) == 0)   # one ring; of no vertex if missing
    size = shapely.get_num_coordinates(geometries)
    others = np.flatnonzero(~plain)
    rings, hole, area = np.where(size > 0, 1, 0), np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
    sizes = size
    if len(others):
        sizes, hole, area, owner = _rings_of(geometries[others])
        rings[others] = np.bincount(owner, minlength=len(others))
    start = starts(rings)
    at = np.flatnonzero(plain & (size > 0))
    ring_hole, ring_area, ring_size = np.zeros(start[-1], bool), np.zeros(start[-1], bool), np.empty(start[-1], np.int64)
    ring_size[start[at]], ring_area[start[at]] = size[at], kind[at] == 3
    if len(others):
        into = ranges(start[others], rings[others])
        ring_size[into], ring_hole[into], ring_area[into] = sizes, hole, area
    vertex = starts(size)
    x, y = np.empty(vertex[-1]), np.empty(vertex[-1])
    for begin in range(0, len(geometries), AT_ONCE):
        end = min(begin + AT_ONCE, len(geometries))
        x[vertex[begin]: vertex[end]], y[vertex[begin]: vertex[end]] = shapely.get_coordinates(geometries[begin:end]).T
    return Shapes(x, y, starts(ring_size), ring_hole, ring_area, start)


def _rings_of(geometries: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vertices of each ring of polygons with holes and collections, as their coordinates run; holes, areas, and whose they are."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    some = ~shapely.is_empty(parts)
    parts, owner = parts[some], owner[some]
    polygon = shapely.get_type_id(parts) == 3
    number = np.where(polygon, shapely.get_num_interior_rings(parts) + 1, 1)
    rings = np.empty(number.sum(), dtype=object)
    area, part = np.repeat(polygon, number), np.repeat(np.arange(len(parts)), number)
    rings[area], rings[~area] = shapely.get_rings(parts[polygon]), parts[~polygon]
    hole = np.zeros(len(rings), dtype=bool)
    hole[1:] = area[1:] & (part[1:] == part[:-1])
    return shapely.get_num_coordinates(rings), hole, area, owner[part]


def starts(sizes: np.ndarray) -> np.ndarray:
    """Offsets of consecutive groups of the given sizes: int64, one longer than `sizes`, first 0, last the total."""
    out = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=out[1:])
    return out


def ranges(first: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The integers ``first[i], first[i] + 1, ...`` (`sizes[i]` of them) of all groups, one after the other."""
    return _ranges(np.asarray(first, dtype=np.int64), np.asarray(sizes, dtype=np.int64))


@njit(nogil=True, cache=True)
def _ranges(first, sizes):
    out = np.empty(sizes.sum(), np.int64)
    at = 0
    for i in range(sizes.size):
        for k in range(sizes[i]):
            out[at] = first[i] + k
            at += 1
    return out


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(kernel: Callable[[int, int], None], count: int, *, smallest: int | None = None) -> None:
    """Run ``kernel(start, stop)`` over 0..count in chunks of at least `smallest` (`MIN_CHUNK`) on all cores.

    The kernel must release the GIL and write only rows start..stop of its output, so the result does not depend on the number of
    cores. Plain threads rather than numba's own: they are safe when several sessions of the app compute at once.
    """
    workers = cores()
    size = max(MIN_CHUNK if smallest is None else smallest, -(-count // (workers * 4)))
    chunks = [(start, min(start + size, count)) for start in range(0, count, size)]
    if len(chunks) <= 1 or workers == 1:
        for chunk in chunks:
            kernel(*chunk)
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda chunk: kernel(*chunk), chunks))


def on_all_cores(function: Callable[..., np.ndarray], *arrays: np.ndarray, dtype: type = object) -> np.ndarray:
    """``function(*arrays)`` for a function of shapely that works row by row, its rows divided over the cores.

    Shapely lets go of the interpreter while GEOS works. Prepared geometries may be in one chunk only: see `geo.overlay`.

    Examples
    --------
    >>> on_all_cores(shapely.area, np.array([shapely.box(0, 0, 2, 1), None]), dtype=float).tolist()
    [2.0, nan]
    """
    out: np.ndarray = np.empty(len(arrays[0]), dtype=dtype)

    def chunk(start: int, stop: int) -> None:
        out[start:stop] = function(*(array[start:stop] for array in arrays))

    spread(chunk, len(out))
    return out
