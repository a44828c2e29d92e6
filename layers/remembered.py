"""What is known of an array while a county is opened, so that the next check need not find it out again."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

_Answer = TypeVar("_Answer")

_known: dict[tuple[object, ...], tuple[tuple[weakref.ref[Any], ...], Future[Any]]] = {}
_asking = threading.Lock()
_ahead: list[ThreadPoolExecutor] = []


def once(question: str, array: Any, answer: Callable[[], _Answer], *others: Any) -> _Answer:
    """The answer to a question about an array, worked out once while the array lives or until `forget`.

    Who asks while another thread works it out waits for that one.

    Parameters
    ----------
    question : str
        Name of what is asked.
    array : array of numpy or Arrow
        Not to be changed from here on. Another view of the same rows of numpy is the same array.
    answer : callable
        Works it out.
    *others : arrays
        What else the question is about.

    Examples
    --------
    >>> shapes = np.arange(3)
    >>> once("sum", shapes, lambda: int(shapes.sum())), once("sum", shapes[:], lambda: 0), once("sum", shapes[1:], lambda: 3)
    (3, 3, 3)
    >>> forget()
    """
    owners, extents = zip(*map(_owner, (array, *others)), strict=True)
    key = (question, *map(id, owners), *extents)
    with _asking:
        known = _known.get(key)
        if known is not None and all(ref() is owner for ref, owner in zip(known[0], owners, strict=True)):
            found = known[1]
        else:
            known, found = None, Future()
            _known[key] = (tuple(weakref.ref(owner, lambda _: _known.pop(key, None)) for owner in owners), found)
    if known is None:
        try:
            found.set_result(answer())
        except BaseException as error:
            _known.pop(key, None)
            found.set_exception(error)
            raise
    return found.result()


def ahead(jobs: Iterable[Callable[[], object]]) -> None:
    """Begin work whose answers `once` will be asked for, in this order, beside what follows; `forget` calls off what is not begun.

    Work that fails does so again where it is asked for.
    """
    pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="cunzhi-ahead")
    for job in jobs:
        pool.submit(job)
    with _asking:
        _ahead.append(pool)


def _owner(array: Any) -> tuple[Any, tuple[object, ...]]:
    """What holds an array's memory, and which part of it the array is."""
    if not isinstance(array, np.ndarray):
        return array, ()
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return owner, (array.__array_interface__["data"][0], array.shape, array.strides)


def forget() -> None:
    """Let go of everything known, and call off what was to be found out; the arrays themselves stay."""
    with _asking:
        pools = list(_ahead)
        _ahead.clear()
    for pool in pools:
        pool.shutdown(wait=False, cancel_futures=True)
    _known.clear()
