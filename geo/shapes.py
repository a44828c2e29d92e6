"""Geometries as flat coordinate arrays, the form compiled kernels read; and the loop that spreads kernels over the cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely

MIN_CHUNK = 512
"""Fewest items worth a thread of their own."""


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


def as_geometries(places: object) -> np.ndarray:
    """Places as an array of geometries, whether they come as a frame, a series, geometries or an (n, 2) array of x, y in metres."""
    if hasattr(places, "geometry"):
        return np.asarray(places.geometry.array, dtype=object)
    array = np.asarray(places)
    if array.dtype != object:
        return shapely.points(np.asarray(array, dtype=float).reshape(-1, 2))
    return array


def flatten(geometries: np.ndarray) -> Shapes:
    """Coordinates of points, lines and polygons (single or multi, mixed) as flat arrays, in metres.

    Examples
    --------
    >>> shapes = flatten(np.array([shapely.box(0, 0, 2, 1), None, shapely.Point(5, 5)]))
    >>> shapes.shape_start.tolist(), shapes.ring_start.tolist()
    ([0, 1, 1, 2], [0, 5, 6])
    """
    kind = shapely.get_type_id(geometries)
    if len(kind) and kind[0] in (0, 3) and (kind == kind[0]).all() and not shapely.is_empty(geometries).any() and (
        kind[0] == 0 or not shapely.get_num_interior_rings(geometries).any()
    ):
        return _one_ring_each(geometries, area=bool(kind[0] == 3))
    parts, owner = shapely.get_parts(geometries, return_index=True)
    polygon = shapely.get_type_id(parts) == 3
    rings, part = shapely.get_rings(parts[polygon], return_index=True)
    hole = np.zeros(len(rings), dtype=bool)
    hole[1:] = part[1:] == part[:-1]
    rings = np.concatenate([rings, parts[~polygon]])
    hole = np.concatenate([hole, np.zeros((~polygon).sum(), dtype=bool)])
    area = np.arange(len(rings)) < len(part)
    shape = np.concatenate([owner[polygon][part], owner[~polygon]]).astype(np.int64)
    order = np.argsort(shape, kind="stable")
    rings, hole, area, shape = rings[order], hole[order], area[order], shape[order]
    sizes = shapely.get_num_coordinates(rings)
    kept = sizes > 0
    rings, hole, area, shape, sizes = rings[kept], hole[kept], area[kept], shape[kept], sizes[kept]
    xy = shapely.get_coordinates(rings)
    return Shapes(
        x=np.ascontiguousarray(xy[:, 0]), y=np.ascontiguousarray(xy[:, 1]),
        ring_start=starts(sizes), ring_hole=hole, ring_area=area,
        shape_start=starts(np.bincount(shape, minlength=len(geometries))),
    )


def _one_ring_each(geometries: np.ndarray, *, area: bool) -> Shapes:
    """Points, or polygons without holes: what most layers are, and much the quicker way to their coordinates."""
    xy, owner = shapely.get_coordinates(geometries, return_index=True)
    ring, each = starts(np.bincount(owner, minlength=len(geometries))), np.arange(len(geometries) + 1)
    return Shapes(np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]), ring, np.zeros(len(geometries), dtype=bool),
                  np.full(len(geometries), area), each)


def starts(sizes: np.ndarray) -> np.ndarray:
    """Offsets of consecutive groups of the given sizes: int64, one longer than `sizes`, first 0, last the total."""
    out = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=out[1:])
    return out


def ranges(first: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The integers ``first[i], first[i] + 1, ...`` (`sizes[i]` of them) of all groups, one after the other."""
    offset = starts(sizes)
    return np.arange(offset[-1]) + np.repeat(first - offset[:-1], sizes)


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
