"""Columns made ready to be written as CSV: numbers as they are held, texts that repeat as places in a list of words.

So the lines of any rows, in any order, are one pass of a compiled loop (`reports.csv_kernels`), and a text is made safe and quoted
once, however often it stands in a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.csv_kernels import WIDEST, are_plain, put_lines
from reports.safe import FORMULA, HIDDEN, safe_text

SAMPLE = 4096
"""Texts of a column looked at to tell whether they repeat."""
MOST_WORDS = 16_384
"""More different texts than these are spelt row by row."""
_TEXT = -1
_QUOTED = '[",\r\n]'


class Numbers(NamedTuple):
    """Numbers by row (float64), None where they are made for the rows as they are written, and their decimals."""

    held: np.ndarray | None
    digits: int


class Words(NamedTuple):
    """Texts that repeat: the place of each row's text among the different ones."""

    at: np.ndarray
    words: pa.Array
    """As they are written; the last is empty and stands for what is missing."""


class Texts(NamedTuple):
    """Texts by row, with what makes them fit to be written."""

    held: pa.Array
    fit: Callable[[pa.Array], pa.Array]


Cells = Numbers | Words | Texts


def cells_of(column: pd.Series | None, digits: int | None) -> Cells:
    """A column ready to be written. Whole numbers, and others with `digits`, are numbers; everything else is text."""
    if column is None:
        return Numbers(None, digits or 0)
    whole = pd.api.types.is_integer_dtype(column.dtype)
    if whole or digits is not None and pd.api.types.is_float_dtype(column.dtype):
        plain = isinstance(column.dtype, np.dtype)
        held = column.to_numpy("float64") if plain else column.to_numpy("float64", na_value=np.nan)
        return Numbers(held, 0 if whole or digits is None else digits)
    texts = _plain_array(column)
    fit = fit_for_cells if pa.types.is_large_string(texts.type) else _cast
    if len(texts) > SAMPLE and len(texts[:SAMPLE].unique()) > SAMPLE // 2:
        return Texts(texts, fit)
    encoded = texts.dictionary_encode()
    words = encoded.dictionary
    if len(words) > MOST_WORDS:
        return Texts(texts, fit)
    at = pc.fill_null(encoded.indices, len(words)).to_numpy(zero_copy_only=False)
    return Words(at.astype(np.min_scalar_type(len(words))), pa.concat_arrays([fit(words), pa.array([""], pa.large_string())]))


def lines(
    columns: Mapping[str, pd.Series | None], cells: Iterable[Cells], rows: np.ndarray, made: Mapping[str, np.ndarray],
) -> memoryview:
    """The lines of some rows, in UTF-8.

    Parameters
    ----------
    columns : Mapping
        By name; None for one that is made.
    cells : iterable
        `cells_of` each.
    rows : int array, shape (n,)
        Positions of the rows.
    made : Mapping
        The numbers at these rows, shape (n,), of the columns that are made.
    """
    digits = np.full(len(columns), _TEXT)
    numbers, words = np.empty((len(columns), len(rows))), np.empty((len(columns), len(rows)), dtype=np.int64)
    spelt: list[pa.Array] = []
    first = 0
    for j, (name, cell) in enumerate(zip(columns, cells, strict=True)):
        if isinstance(cell, Words):
            at, texts = cell.at.take(rows), cell.words
        elif isinstance(cell, Texts):
            at, texts = np.arange(len(rows)), pc.fill_null(cell.fit(cell.held.take(pa.array(rows))), "")
        else:
            numbers[j] = made[name] if cell.held is None else cell.held.take(rows)
            if are_plain(numbers[j], 10.0**cell.digits):
                digits[j] = cell.digits
                continue
            at, texts = np.arange(len(rows)), _odd_numbers(columns[name], rows, numbers[j], cell.digits)
        words[j] = at
        words[j] += first
        first += len(texts)
        spelt.append(texts)
    return _written(digits, numbers, words, pa.concat_arrays(spelt) if spelt else pa.array([""], pa.large_string()))


def _written(digits: np.ndarray, numbers: np.ndarray, words: np.ndarray, spelt: pa.Array) -> memoryview:
    _, offsets, data = spelt.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[spelt.offset :][: len(spelt) + 1]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8)
    sizes = np.diff(starts)
    room = WIDEST * numbers.size + sum(int(sizes[at].sum()) for at in words[digits == _TEXT])
    text = np.empty(room, dtype=np.uint8)
    return text[: put_lines(digits, numbers, words, letters, starts, text)].data


def _odd_numbers(column: pd.Series | None, rows: np.ndarray, numbers: np.ndarray, digits: int) -> pa.Array:
    """Numbers of which some need an exponent, as Arrow writes them."""
    if column is not None and pd.api.types.is_integer_dtype(column.dtype):
        return pc.fill_null(_cast(_plain_array(column.take(rows))), "")
    return pc.fill_null(_cast(pa.array(np.round(numbers, digits) + 0.0, from_pandas=True)), "")


def _plain_array(column: pd.Series) -> pa.Array:
    """The column as one array of Arrow's; texts as large strings."""
    values = pa.array(column, from_pandas=True)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return _cast(values) if pa.types.is_string(values.type) or pa.types.is_null(values.type) else values


def _cast(values: pa.Array) -> pa.Array:
    return pc.cast(values, pa.large_string())


def fit_for_cells(texts: pa.Array) -> pa.Array:
    """Texts made safe and quoted; most need neither, and one look tells."""
    if not pc.any(pc.match_substring_regex(texts, f'{FORMULA}|{HIDDEN}|{_QUOTED}')).as_py():
        return texts
    return quoted(safe_text(texts))


def quoted(texts: pa.Array) -> pa.Array:
    """Quotes around what holds a comma, a quote or a line break (RFC 4180)."""
    needed = pc.match_substring_regex(texts, _QUOTED)
    if not pc.any(needed).as_py():
        return texts
    return pc.if_else(needed, _wrapped('"', pc.replace_substring(texts, '"', '""'), '"'), texts)


def _wrapped(before: str, texts: pa.Array, after: str) -> pa.Array:
    parts = (pa.scalar(part, pa.large_string()) for part in (before, after, ""))
    return pc.binary_join_element_wise(next(parts), texts, *parts)
