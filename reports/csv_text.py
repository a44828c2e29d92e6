"""Frames as CSV for spreadsheets: UTF-8 with a byte-order mark (Excel needs it for Chinese), commas, ``\\n``, quotes where needed.

Missing is empty, never 0; unreachable is ``inf``. Numbers are written in their shortest form, flags as ``true`` / ``false``. A text
that a spreadsheet would take for a formula (it begins with ``= + - @``, a tab or a line break) gets a leading apostrophe, unless it
is a plain number, and loses characters that hide (`reports.safe`); every code in the county's own systems is left as it is.
"""

from __future__ import annotations

import codecs
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from reports.csv_cells import cells_of, lines, quoted

CHUNK_ROWS = 10_000
"""Rows whose text is made at a time, so that a million candidates need no more memory than some of them.

No power of two: a row's cells of all columns would fall on one place of the processor's cache, and be a third slower to read.
"""

_NO_DIGITS: Mapping[str, int] = {}


def csv_bytes(frame: pd.DataFrame, *, digits: Mapping[str, int] = _NO_DIGITS) -> bytes:
    """A frame as CSV (see the top of this module); geometry is left out.

    Parameters
    ----------
    frame : DataFrame
        Missing values anywhere.
    digits : Mapping
        Decimals that columns of numbers are rounded to, half to even, as they are written; others are written as they are.

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


def write_rows(
    columns: Mapping[str, pd.Series | None], order: np.ndarray, path: Path, *,
    digits: Mapping[str, int], made: Callable[[np.ndarray], Mapping[str, np.ndarray]],
) -> None:
    """Write columns in an order of their rows, some of them made as they are written, as `write_csv` has the frame of them all.

    Parameters
    ----------
    columns : Mapping
        By name, all equally long; None for one that is made.
    order : int array
        Positions of the rows.
    path : Path
        The file.
    digits : Mapping
        Decimals, as for `csv_bytes`; of every column that is made.
    made : callable
        From some positions to the numbers (float64) that the other columns hold there; called on several threads at once.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    with Path(path).open("wb") as target:
        for part in _heading_and_lines(columns, order, digits, made):
            target.write(part)


def _parts(frame: pd.DataFrame, digits: Mapping[str, int]) -> Iterator[bytes | memoryview]:
    """The heading, then the lines of a frame."""
    columns = {name: frame[name] for name in frame.columns if name != "geometry"}
    return _heading_and_lines(columns, np.arange(len(frame)), digits, lambda rows: {})


def _heading_and_lines(
    columns: Mapping[str, pd.Series | None], order: np.ndarray, digits: Mapping[str, int],
    made: Callable[[np.ndarray], Mapping[str, np.ndarray]],
) -> Iterator[bytes | memoryview]:
    """The heading, then the lines of each chunk of rows, in their order; chunks are made on all cores while others are written."""
    yield codecs.BOM_UTF8 + ",".join(quoted(pa.array(list(columns), pa.large_string())).to_pylist()).encode() + b"\n"
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        cells = list(pool.map(lambda name: cells_of(columns[name], digits.get(name)), columns))
        ahead: deque[Future[memoryview]] = deque()
        for start in range(0, len(order), CHUNK_ROWS):
            if len(ahead) > workers:    # no more chunks at a time, for each is some megabytes of text
                yield ahead.popleft().result()
            rows = order[start : start + CHUNK_ROWS]
            ahead.append(pool.submit(lambda rows: lines(columns, cells, rows, made(rows)), rows))
        while ahead:
            yield ahead.popleft().result()
