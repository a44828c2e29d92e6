"""All cores at work: shapely and GDAL let go of the interpreter while they compute, so plain threads suffice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy as np
import shapely

CHUNK = 2_000
"""Shapes worth handing to another core."""
_CHUNK_VERTICES = 20_000
_MOST_CHUNKS = 64

_Job = TypeVar("_Job")
_Answer = TypeVar("_Answer")


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads for work that starts no further work, kept: starting them anew for every small layer costs more than the work."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="cunzhi-cores")


def begin(function: Callable[..., np.ndarray], *arrays: np.ndarray) -> Callable[[], np.ndarray]:
    """Begin ``function(*arrays)`` on all cores, beside what follows; what comes back waits for it and gives the answer.

    Parameters
    ----------
    function : callable
        A function of shapely that works row by row: takes arrays of one length and gives one of the same length.
    arrays : arrays
        Of one length; their rows are divided over the cores.
    """
    cuts = _cuts(arrays[0])
    if len(cuts) < 3:
        return lambda: _quietly(function, arrays)
    parts = [[array[first:end] for array in arrays] for first, end in zip(cuts[:-1], cuts[1:], strict=True)]
    begun = [_pool().submit(_quietly, function, part) for part in parts]
    return lambda: np.concatenate([each.result() for each in begun])


def _cuts(shapes: np.ndarray) -> np.ndarray:
    """Where rows are divided: by their number, or by their vertices where few rows have many."""
    count = len(shapes)
    if count >= 2 * CHUNK:
        return np.linspace(0, count, min(count // CHUNK, _MOST_CHUNKS) + 1).astype(int)
    vertices = np.cumsum(shapely.get_num_coordinates(shapes))
    chunks = min(vertices[-1] // _CHUNK_VERTICES, _MOST_CHUNKS) if count else 0
    if chunks < 2:
        return np.array([0, count])
    return np.unique([0, *np.searchsorted(vertices, vertices[-1] * np.arange(1, chunks) / chunks), count])


def _quietly(function: Callable[..., np.ndarray], arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Coordinates that are no numbers are for `layers.rows.mend` to find; numpy's own word on them is kept down."""
    with np.errstate(invalid="ignore"):
        return function(*arrays)


def on_all_cores(function: Callable[..., np.ndarray], *arrays: np.ndarray) -> np.ndarray:
    """``function(*arrays)`` for a function of shapely that works row by row, its rows divided over the cores; see `begin`.

    Examples
    --------
    >>> on_all_cores(shapely.area, np.array([shapely.box(0, 0, 2, 1), None])).tolist()
    [2.0, nan]
    """
    return begin(function, *arrays)()


def start(function: Callable[..., _Answer], *arguments: object) -> Future[_Answer]:
    """Begin work that starts no further work of this kind (a hash, the reading of a file), beside what follows."""
    return _pool().submit(function, *arguments)


def side_by_side(function: Callable[[_Job], _Answer], jobs: Iterable[_Job]) -> Iterator[_Answer]:
    """What a function answers to each job, in their order, one job a core at a time; an error is raised where its answer is due.

    The work begins at once, beside what follows, and not only when the first answer is asked for.

    Examples
    --------
    >>> list(side_by_side(len, ["a", "bcd"]))
    [1, 3]
    """
    pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="cunzhi-jobs")
    begun = [pool.submit(function, job) for job in jobs]
    pool.shutdown(wait=False)

    def answers() -> Iterator[_Answer]:
        try:
            for each in begun:
                yield each.result()
        finally:
            for each in begun:
                each.cancel()

    return answers()
