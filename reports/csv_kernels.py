"""Lines of a CSV file, compiled: numbers as short decimal text, words from a list, commas and line ends between them.

Nothing here checks its input: `reports.csv_text` does.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MAX_UNITS = 1e15
"""Below this many units of the last decimal every number has one shortest text, its digits without trailing zeros."""
SMALLEST = 1e-4
"""Smaller numbers are written with an exponent."""
LARGEST = 1e10
"""From here on, too."""
WIDEST = 20
"""Bytes that a plain number takes at most, with the comma behind it: sign, 15 digits, zero, point."""


@njit(nogil=True, cache=True)
def are_plain(numbers, scale):
    """Whether all numbers, rounded to a unit of ``1 / scale``, have a text without an exponent; missing and infinite ones have."""
    most, least = min(LARGEST * scale, MAX_UNITS), SMALLEST * scale
    for number in numbers:
        units = np.rint(abs(number) * scale)
        if units >= most and units != np.inf or 0.0 < units < least:
            return False
    return True


@njit(nogil=True, cache=True, inline="always")   # a call would count its references to `text` up and down, a third of the time
def put_number(number, digits, scale, text, at):
    """Write a number, rounded half to even to `digits` decimals (`scale` is their power of ten), at a place; returns what follows.

    Its shortest text: no zeros at the end, no minus before zero. Nothing for a missing number; ``inf``, ``-inf``.
    """
    if np.isnan(number):
        return at
    rounded = np.rint(abs(number) * scale)
    if number < 0 and rounded > 0:
        text[at] = 45
        at += 1
    if rounded == np.inf:
        text[at], text[at + 1], text[at + 2] = 105, 110, 102
        return at + 3
    units, decimals = np.int64(rounded), digits if rounded > 0 else 0
    while decimals > 0 and units % 10 == 0:
        units //= 10
        decimals -= 1
    figures, power = 1, 10
    while power <= units:
        power *= 10
        figures += 1
    figures = max(figures, decimals + 1)
    end = at + figures + (decimals > 0)
    back = end - 1
    for figure in range(figures):
        if figure == decimals and decimals > 0:
            text[back] = 46
            back -= 1
        text[back] = 48 + units % 10
        units //= 10
        back -= 1
    return end


@njit(nogil=True, cache=True)
def put_lines(digits, numbers, words, spelt, starts, text):
    """Write lines of cells one after the other; returns how many bytes they take.

    Column `j` has the decimals ``digits[j]`` and the numbers ``numbers[j]``; with -1 decimals it has words instead: word `w` of
    ``words[j]`` is ``spelt[starts[w]:starts[w + 1]]``. `numbers` and `words` are columns x rows.
    """
    columns, rows = numbers.shape
    scales = 10.0**digits
    at = 0
    for row in range(rows):
        for j in range(columns):
            if digits[j] >= 0:
                at = put_number(numbers[j, row], digits[j], scales[j], text, at)
            else:
                word = words[j, row]
                for k in range(starts[word], starts[word + 1]):
                    text[at] = spelt[k]
                    at += 1
            text[at] = 44
            at += 1
        text[at - 1] = 10
    return at
