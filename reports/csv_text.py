"""Frames as CSV for spreadsheets: UTF-8 with a byte-order mark (Excel needs it for Chinese), commas, ``\\n``, quotes where needed.

Missing is empty, never 0; unreachable is ``inf``. Numbers are written in their shortest form, flags as ``true`` / ``false``. A text
that a spreadsheet would take for a formula (it begins with ``= + - @``, a tab or a line break) gets a leading apostrophe, unless it
is a plain number, and loses characters that hide (`reports.safe`); every code in the county's own systems is left as it is.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.decimals import decimal_text
from reports.safe import safe_text

CHUNK_ROWS = 16_384
"""Rows whose text is made at a time, so that a million candidates need no more memory than some of them."""

_NO_DIGITS: Mapping[str, int] = {}


def csv_bytes(frame: pd.DataFrame, *, digits: Mapping[str, int] = _NO_DIGITS) -> bytes:
    """A frame as CSV (see the top of this module); geometry is left out.

    Parameters
    ----------
    frame : DataFrame
        Already rounded; missing values anywhere.
    digits : Mapping
        Decimals that columns were rounded to: these are written faster, and just the same.

    Returns
    -------
    bytes
        UTF-8 with byte-order mark, one line per row.

    Examples
    --------
    >>> frame = pd.DataFrame({"name": ["Qing,shi", "=1+1", None], "walk_min": [2.5, float("inf"), float("nan")]})
    >>> csv_bytes(frame).decode("utf-8-sig")
    'name,walk_min\\n"Qing,shi",2.5\\n\\'=1+1,inf\\n,\\n'
    """
    return b"".join(_parts(frame, digits))


def write_csv(frame: pd.DataFrame, path: Path, *, digits: Mapping[str, int] = _NO_DIGITS) -> None:
    """Write a frame to a file as `csv_bytes` has it, a chunk of rows at a time.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    with Path(path).open("wb") as target:
        for part in _parts(frame, digits):
            target.write(part)


def write_chunks(
    chunk: Callable[[int, int], pd.DataFrame], rows: int, path: Path, *, digits: Callable[[pd.DataFrame], Mapping[str, int]],
) -> None:
    """Write a frame that is made as it is written, as `write_csv` has it.

    Parameters
    ----------
    chunk : callable
        The rows from one position to another; asked for on several threads at once. Each time the same columns.
    rows : int
        How many there are in all.
    path : Path
        The file.
    digits : callable
        Decimals of a chunk's columns of numbers.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    with Path(path).open("wb") as target:
        for part in _heading_and_lines(chunk, rows, digits):
            target.write(part)


def _parts(frame: pd.DataFrame, digits: Mapping[str, int]) -> Iterator[bytes | memoryview]:
    """The heading, then the lines of a frame."""
    plain = pd.DataFrame(frame[[name for name in frame.columns if name != "geometry"]])
    return _heading_and_lines(lambda start, stop: plain.iloc[start:stop], len(frame), lambda piece: digits)


def _heading_and_lines(
    chunk: Callable[[int, int], pd.DataFrame], rows: int, digits: Callable[[pd.DataFrame], Mapping[str, int]],
) -> Iterator[bytes | memoryview]:
    """The heading, then the lines of each chunk of rows, in their order; chunks are made on all cores."""
    names = pa.array(list(chunk(0, 0).columns), pa.large_string())
    yield codecs.BOM_UTF8 + ",".join(_quoted(names).to_pylist()).encode() + b"\n"

    def lines(start: int) -> memoryview:
        piece = chunk(start, min(start + CHUNK_ROWS, rows))
        return _lines(piece, digits(piece))

    starts = range(0, rows, CHUNK_ROWS)
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        for first in range(0, len(starts), workers):   # no more chunks at a time than workers, for each is some megabytes of text
            yield from pool.map(lines, starts[first : first + workers])


def _lines(frame: pd.DataFrame, digits: Mapping[str, int]) -> memoryview:
    cells = [_as_text(frame[name], digits.get(name)) for name in frame.columns]
    cells[-1] = _wrapped("", cells[-1], "\n")
    lines = pc.binary_join_element_wise(*cells, pa.scalar(",", pa.large_string()))
    return memoryview(lines.buffers()[2])[: _length(lines)]


def _length(texts: pa.Array) -> int:
    """Bytes of all texts of an array that begins at its buffer's start."""
    return int(pc.sum(pc.binary_length(texts)).as_py() or 0)


def _as_text(column: pd.Series, digits: int | None) -> pa.Array:
    if digits is not None and pd.api.types.is_float_dtype(column.dtype):
        return pc.fill_null(decimal_text(column.to_numpy("float64"), digits), "")
    values = pa.array(column, from_pandas=True)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return _text_cells(values)
    return pc.fill_null(pc.cast(values, pa.large_string()), "")


def _text_cells(values: pa.Array) -> pa.Array:
    """Texts made safe and quoted; each different one once, where they repeat."""
    words = values.dictionary_encode()
    if len(words.dictionary) > len(values) // 2:
        return pc.fill_null(_quoted(safe_text(pc.cast(values, pa.large_string()))), "")
    table = _quoted(safe_text(pc.cast(words.dictionary, pa.large_string())))
    return pc.fill_null(table.take(words.indices), "")


def _quoted(texts: pa.Array) -> pa.Array:
    """Quotes around what holds a comma, a quote or a line break (RFC 4180)."""
    needed = pc.match_substring_regex(texts, '[",\r\n]')
    if not pc.any(needed).as_py():
        return texts
    return pc.if_else(needed, _wrapped('"', pc.replace_substring(texts, '"', '""'), '"'), texts)


def _wrapped(before: str, texts: pa.Array, after: str) -> pa.Array:
    parts = (pa.scalar(part, pa.large_string()) for part in (before, after, ""))
    return pc.binary_join_element_wise(next(parts), texts, *parts)
