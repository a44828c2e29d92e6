"""The old Excel format .xls as cells, as the person sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from layers.findings import Finding, InputError


def read_xls(path: Path, *, layer: str, sheet: str | None) -> pd.DataFrame:
    """Cells of a sheet of an .xls file: numbers, texts, dates as ``2024-05-01``, None where empty.

    Parameters
    ----------
    path : Path
    layer : str
        Name for the findings.
    sheet : str or None
        Sheet by name; the first one if None.

    Raises
    ------
    InputError
        If the file is damaged or locked, or has no such sheet.
    """
    import xlrd

    try:
        with xlrd.open_workbook(path, on_demand=True, logfile=_Silence()) as book:
            if sheet is not None and sheet not in book.sheet_names():
                raise InputError([Finding("sheet_missing", "error", layer, params={"path": path.name, "sheet": sheet})])
            page = book.sheet_by_name(sheet) if sheet is not None else book.sheet_by_index(0)
            rows = [[_value(page.cell(i, j), book.datemode) for j in range(page.row_len(i))] for i in range(page.nrows)]
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, AssertionError, AttributeError, TypeError) as error:
        params = {"path": path.name, "problem": str(error)}
        raise InputError([Finding("source_unreadable", "error", layer, "source", params=params)]) from error
    return pd.DataFrame(rows, dtype=object)


class _Silence:
    """Where xlrd's remarks on a file go."""

    def write(self, text: str) -> None:
        """Take a remark and say nothing."""


def _value(cell: Any, datemode: int) -> object:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, datemode).date().isoformat()
    return None if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR) else cell.value
