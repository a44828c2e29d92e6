"""Numbers as short decimal text, many at a time: what Arrow's cast writes, several times faster for rounded numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

MAX_UNITS = 1e15
"""Below this many units of the last decimal every number has one shortest text, its digits without trailing zeros."""
SMALLEST = 1e-4
"""Smaller numbers are written with an exponent."""
LARGEST = 1e10
"""From here on, too."""
WIDEST = 24


def decimal_text(values: np.ndarray, digits: int) -> pa.Array:
    """Numbers, rounded to `digits` decimals before, in their shortest text; NaN is missing, infinite is ``inf``.

    Parameters
    ----------
    values : float64 array, shape (n,)
        No unit.
    digits : int
        Decimals they were rounded to. A column with a number that was not, or that is too large or too small, is left to Arrow.

    Returns
    -------
    pyarrow.Array
        `large_string`, shape (n,).

    Examples
    --------
    >>> decimal_text(np.array([2.5, -0.25, 3.0, np.inf, np.nan]), 2).to_pylist()
    ['2.5', '-0.25', '3', 'inf', None]
    """
    values = np.ascontiguousarray(values, dtype="float64")
    offsets, text = np.empty(len(values) + 1, dtype=np.int64), np.empty(WIDEST * len(values), dtype=np.uint8)
    if not _write(values, digits, 10.0**digits, offsets, text):
        return pc.cast(pa.array(values, from_pandas=True), pa.large_string())
    missing = np.isnan(values)
    valid = pa.array(~missing).buffers()[1] if missing.any() else None
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(text[: offsets[-1]].copy())]
    return pa.Array.from_buffers(pa.large_string(), len(values), buffers, int(missing.sum()))


@njit(nogil=True, cache=True)
def _write(values, digits, scale, offsets, text):
    """The text of all numbers, one after the other, and where each begins; False where a number cannot be written this way."""
    at = 0
    offsets[0] = 0
    figures = np.empty(20, np.uint8)
    for row in range(values.size):
        value = values[row]
        if np.isinf(value):
            if value < 0:
                text[at] = 45
                at += 1
            text[at], text[at + 1], text[at + 2] = 105, 110, 102
            at += 3
        elif not np.isnan(value):
            size = abs(value)
            if size >= LARGEST or size * scale >= MAX_UNITS or (0 < size < SMALLEST):
                return False
            units = np.int64(np.rint(size * scale))
            if units / scale != size:
                return False
            if value < 0:
                text[at] = 45
                at += 1
            decimals = digits
            while decimals > 0 and units % 10 == 0:
                units //= 10
                decimals -= 1
            count = 0
            while units > 0 or count <= decimals:
                figures[count] = 48 + units % 10
                units //= 10
                count += 1
            for k in range(count - 1, -1, -1):
                text[at] = figures[k]
                at += 1
                if k == decimals and decimals > 0:
                    text[at] = 46
                    at += 1
        offsets[row + 1] = at
    return True
