"""Merged cells of an Excel sheet: a township written once beside all its villages belongs to every one of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd


def fill_merged(cells: pd.DataFrame, path: Path, sheet: str | None) -> tuple[pd.DataFrame, int]:
    """Cells with the text of every cell merged over several rows of one column written in each of them, and how many were filled.

    Numbers are not written again: a number of people over two rows is that of both together.

    Parameters
    ----------
    cells : DataFrame
        All rows and columns of the sheet, as objects; empty cells are missing.
    path : Path
        .xlsx or .xlsm.
    sheet : str or None
        Sheet by name; the first one if None.
    """
    if not _has_merged(path):
        return cells, 0
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)
    try:
        page = book[sheet] if sheet is not None else book.worksheets[0]
        areas = sorted((area.min_row, area.max_row, area.min_col, area.max_col) for area in page.merged_cells.ranges)
    finally:
        book.close()
    cells, filled = cells.copy(), 0
    for top, bottom, left, right in areas:
        rows = slice(top, min(bottom, len(cells)))
        if left != right or top >= bottom or left > cells.shape[1] or rows.start >= rows.stop:
            continue
        value = cells.iat[top - 1, left - 1]
        if isinstance(value, str) and value.strip() and not value.strip().replace(".", "").isdigit():
            cells.iloc[rows, left - 1] = np.array([value] * (rows.stop - rows.start), dtype=object)
            filled += rows.stop - rows.start
    return cells, filled


def _has_merged(path: Path) -> bool:
    """Whether any sheet has merged cells, seen without reading the book as a whole."""
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(b"<mergeCell " in archive.read(name) for name in sheets)
