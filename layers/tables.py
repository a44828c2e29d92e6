"""CSV and Excel tables as text cells: codes keep their zeros, titles above the header and rows of totals do no harm."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.archive import refuse_bomb
from layers.encoding import text_encoding
from layers.fields import as_numbers, fold, shown
from layers.findings import Finding, InputError
from layers.formats import is_private
from layers.merged_cells import fill_merged
from layers.private import masked
from layers.xls import read_xls

_HEAD_CHARACTERS = 65_536
HEADER_WITHIN = 10
"""Rows from the top among which the header is looked for."""

X_NAMES = (
    "lon",
    "lng",
    "longitude",
    "经度",
    "东经",
    "x",
    "x坐标",
    "横坐标",
    "东坐标",
    "point_x",
    "gd_lon",
    "jd",
    "wgs84_lon",
    "xzb",
)
Y_NAMES = ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "纵坐标", "北坐标", "point_y", "gd_lat", "wd", "wgs84_lat", "yzb")
PAIR_NAMES = ("location", "坐标", "经纬度", "lonlat")
"""Columns that hold ``lon,lat`` in one cell, as AMap answers."""
WKT_NAMES = ("wkt", "geometry", "geom", "the_geom")

_ONE_AT_A_TIME = Lock()
"""Python's limit of a CSV field and its filter of warnings are those of the whole program."""

_TOTALS = {"合计", "总计", "小计", "total", "全县", "全县合计"}


def read_table(
    path: Path, *, layer: str, sheet: str | None, encoding: str | None, count_known: Callable[[Sequence[str]], int]
) -> tuple[pd.DataFrame, str, list[Finding]]:
    """A CSV or Excel sheet as text cells under its header.

    Parameters
    ----------
    path : Path
        .csv, .txt, .xlsx or .xls.
    layer : str
        Name for the findings.
    sheet : str or None
        Sheet by name; the first one if None.
    encoding : str or None
        Of a CSV; decided from its bytes if None.
    count_known : callable
        How many of a row's cells are field names that the role knows: the row with most of them is the header.

    Returns
    -------
    DataFrame, str, list of Finding
        Cells as `str` (empty ones missing), the encoding, and what was left out.

    Raises
    ------
    InputError
        If it cannot be decoded, the sheet is missing, or there is no row in it.
    """
    findings: list[Finding] = []
    if path.suffix.casefold() in (".xlsx", ".xlsm"):
        refuse_bomb(path, layer=layer)
    with _ONE_AT_A_TIME:
        if path.suffix.casefold() in (".xlsx", ".xlsm", ".xls"):
            cells, more = _excel(path, layer, sheet)
            findings += more
            used = path.suffix[1:].casefold()
        else:
            cells, used = _csv(path, layer, encoding)
    cells = cells.mask(cells.apply(lambda column: column.str.strip() == "")).dropna(how="all").dropna(how="all", axis=1)
    if cells.empty:
        raise InputError([Finding("table_empty", "error", layer, params={"path": path.name})])
    head = cells.head(HEADER_WITHIN)
    scores = [count_known([str(cell) for cell in row if isinstance(cell, str)]) for row in head.to_numpy()]
    at = int(np.argmax(scores))
    names = [f"column {i + 1}" if not isinstance(cell, str) else cell.strip() for i, cell in enumerate(head.iloc[at])]
    if max(scores) == 0 and _is_data(names):
        raise InputError([Finding("table_no_header", "error", layer, params={"path": path.name})])
    if at:
        findings.append(Finding("table_title", "info", layer, None, tuple(str(row + 1) for row in range(at)), at))
    table = cells.iloc[at + 1 :].loc[:, [not is_private(name) for name in names]]
    table = table.set_axis(_unique([name for name in names if not is_private(name)]), axis=1).reset_index(drop=True)
    table, totals = _without_totals(table, layer)
    return table, used, [*findings, *totals]


def _is_data(names: list[str]) -> bool:
    """Whether what should be a header is a row of values: it has numbers, or persons' numbers, in it."""
    return any(name.replace(".", "").isdigit() or masked(name) != name for name in names)


def _without_totals(table: pd.DataFrame, layer: str) -> tuple[pd.DataFrame, list[Finding]]:
    first = table.iloc[:, :2].apply(lambda column: column.str.replace(r"\s", "", regex=True).str.casefold().isin(_TOTALS))
    total = first.any(axis=1)
    if not total.any():
        return table, []
    rows = tuple(str(row + 1) for row in table.index[total][:20])
    return table[~total].reset_index(drop=True), [Finding("table_totals", "info", layer, None, rows, int(total.sum()))]


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def _csv(path: Path, layer: str, encoding: str | None) -> tuple[pd.DataFrame, str]:
    data = path.read_bytes()
    used = encoding or text_encoding(data)
    try:
        if used is None:
            raise UnicodeError
        text = data.decode(used)
    except (UnicodeError, LookupError) as error:
        raise InputError([Finding("encoding_unknown", "error", layer, params={"path": path.name})]) from error
    first = "\n".join(text[:_HEAD_CHARACTERS].split("\n", HEADER_WITHIN)[:HEADER_WITHIN])
    separator = max(",\t;|", key=first.count)
    limit = csv.field_size_limit(len(text) + 1)   # the outline of a village in WKT is longer than Python's own limit
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    finally:
        csv.field_size_limit(limit)
    width = max((len(row) for row in rows), default=0)
    return pd.DataFrame([row + [""] * (width - len(row)) for row in rows], dtype="str"), used


def _excel(path: Path, layer: str, sheet: str | None) -> tuple[pd.DataFrame, list[Finding]]:
    if path.suffix.casefold() == ".xls":
        return read_xls(path, layer=layer, sheet=sheet).apply(lambda column: column.map(_cell)).astype("str"), []
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="openpyxl")
            cells = pd.read_excel(path, sheet_name=sheet if sheet is not None else 0, header=None, dtype=object)
    except ValueError as error:
        raise InputError([Finding("sheet_missing", "error", layer, params={"path": path.name, "sheet": sheet or "1"})]) from error
    cells, filled = fill_merged(cells, path, sheet)
    findings = [Finding("table_merged", "info", layer, None, (), filled)] if filled else []
    return cells.apply(lambda column: column.map(_cell)).astype("str"), findings


def _cell(value: object) -> object:
    """A cell as the person sees it: a whole number without ``.0``; of sixteen digits and more Excel has kept only fifteen."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return np.nan
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**15:
        return f"{value:.14E}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def coordinate_columns(available: Sequence[str], *, x: str | None, y: str | None) -> tuple[str, ...]:
    """Columns that may hold a place: those county.toml names, or those that go by a known name (see `place_rows`).

    Examples
    --------
    >>> coordinate_columns(["村名", "经度", "纬度"], x=None, y=None)
    ('经度', '纬度')
    """
    known = {fold(name) for name in (x, y) if name} or {*X_NAMES, *Y_NAMES, *PAIR_NAMES, *WKT_NAMES}
    return tuple(name for name in available if fold(name) in known)


def place_rows(table: pd.DataFrame, *, layer: str, x: str | None, y: str | None) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A table with a point (or the WKT's shape) for every row whose coordinates can be read; no CRS yet.

    Parameters
    ----------
    table : DataFrame
        Text cells.
    layer : str
        Name for the findings.
    x, y : str or None
        Columns of the coordinates, if county.toml names them; else they are recognised by their names.

    Raises
    ------
    InputError
        If county.toml names a column that the table does not have.
    """
    here = {fold(name): name for name in table.columns}
    absent = [name for name in (x, y) if name is not None and fold(name) not in here]
    if absent:
        params = {"name": ", ".join(absent), "available": shown(table.columns)}
        raise InputError([Finding("field_missing", "error", layer, absent[0], params=params)])
    x_name = here.get(fold(x)) if x else next((here[name] for name in X_NAMES if name in here), None)
    y_name = here.get(fold(y)) if y else next((here[name] for name in Y_NAMES if name in here), None)
    pair = next((here[name] for name in PAIR_NAMES if name in here), None)
    wkt = next((here[name] for name in WKT_NAMES if name in here), None)
    if x_name and y_name:
        xs, ys = table[x_name], table[y_name]
    elif pair:
        parts = table[pair].str.split(r"[,，\s]+", expand=True, regex=True).reindex(columns=[0, 1])
        xs, ys, x_name = parts[0], parts[1], pair
    elif wkt:
        shapes = shapely.from_wkt(table[wkt].where(table[wkt].notna(), None).to_numpy(dtype=object), on_invalid="ignore")
        return gpd.GeoDataFrame(table, geometry=shapes), []
    else:
        return gpd.GeoDataFrame(table, geometry=np.full(len(table), None, dtype=object)), []
    (xn, bad_x), (yn, bad_y) = as_numbers(xs, source_unit=None), as_numbers(ys, source_unit=None)
    bad = bad_x | bad_y
    known = (xn.notna() & yn.notna()).to_numpy()
    points = np.full(len(table), None, dtype=object)
    points[known] = shapely.points(xn.to_numpy()[known], yn.to_numpy()[known])
    findings = []
    if bad.any():
        rows = tuple(str(row + 1) for row in table.index[bad][:20])
        examples = {"examples": ", ".join(str(value) for value in xs[bad].head(3))}
        findings.append(Finding("number_unread", "warning", layer, x_name, rows, int(bad.sum()), examples))
    return gpd.GeoDataFrame(table, geometry=points), findings
