"""The two tables that leave the house, candidates and villages, and how they are written as CSV.

Both are plain frames in a fixed order of columns and rows, rounded once, so that CSV and GeoPackage say the same. What the columns
mean is said in the workbook's sheet *columns* (`reports.workbook`).

CSV: UTF-8 with a byte-order mark (Excel needs it for Chinese), commas, ``\\n``, quotes where needed. Missing is empty, never 0;
unreachable is ``inf``. Numbers are rounded to `DECIMALS` and written in their shortest form, flags as ``true`` / ``false``. A text
that a spreadsheet would take for a formula (it begins with ``= + - @``, a tab or a line break) gets a leading apostrophe, unless it
is a plain number; every code in the county's own systems is therefore left as it is.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.results import MEASURES, VILLAGE_COLUMNS, Study
from geo.scenario import GATES

CANDIDATE_HEAD = (
    "village_code", "village_name", "township_name", "candidate_id", "parcel_id", "kind", "verdict", "failed_gates",
    "unverified_gates", "score", "score_low", "score_high", "rank_in_village", "rank_in_county", "courtyard_m2", "collective_share",
    "road_time_min", "road_distance_m", "people_15min", "mean_walk_min", "facilities_10min", "slope_deg", "lon", "lat",
)
"""First columns of candidates.csv, in their order; values, contributions, other measures and gates follow."""

VILLAGE_HEAD = (
    "village_code", "village_name", "township_name", "population", "households", "venue", "candidates", "passing", "best_candidate",
    "best_score", "nearest_venue_min", "people_covered_15min",
)
"""Columns of villages.csv, in their order."""

DECIMALS = {
    "score": 2, "score_low": 2, "score_high": 2, "best_score": 2, "lon": 7, "lat": 7,
    "population": 1, "households": 1, "people_covered_15min": 1, "nearest_venue_min": 2,
}
"""Decimals by column, before those by unit and the default."""

_BY_ENDING = (("_m2", 2), ("_min", 2), ("_m", 1), ("_deg", 2), ("_15min", 1), ("_10min", 0), ("_5min", 0), ("share", 4))
DEFAULT_DECIMALS = 4


def decimals_of(column: str) -> int:
    """Decimals that a column of numbers is rounded to: areas m2 and times min 2, distances m 1, people 1, shares and values 4."""
    if column in DECIMALS:
        return DECIMALS[column]
    if column.startswith("people_") and not column.startswith("people_share"):
        return 1
    if "share" in column or column.startswith(("value_", "contribution_")):
        return DEFAULT_DECIMALS
    if column.startswith("facilities_"):
        return 0
    return next((digits for ending, digits in _BY_ENDING if column.endswith(ending)), DEFAULT_DECIMALS)


def candidates_table(study: Study) -> gpd.GeoDataFrame:
    """Every candidate with its verdict, score, measures, values 0..1 and contributions in points.

    Parameters
    ----------
    study : Study
        As `geo.study.study` or `geo.score.reweight` yield it.

    Returns
    -------
    GeoDataFrame
        `CANDIDATE_HEAD`, then ``value_<criterion>``, ``contribution_<criterion>``, the other measures, ``gate_<id>`` and
        ``reason_<id>``, then geometry in the county's CRS. Rows by village code, rank in village, candidate id; a candidate without
        a village or rank comes last. Numbers are rounded to `decimals_of` their column.
    """
    source = study.candidates
    columns = {name: _column(source, name) for name in CANDIDATE_HEAD}
    columns |= {f"value_{name}": study.values[name] for name in study.values}
    columns |= {f"contribution_{name}": study.contributions[name] for name in study.contributions}
    rest = ("township_code", "building_id", "venue_id", *MEASURES, *(f"gate_{g}" for g in GATES), *(f"reason_{g}" for g in GATES))
    columns |= {name: source[name] for name in rest if name in source and name not in columns}
    table = _rounded(gpd.GeoDataFrame(columns, geometry=source.geometry, crs=source.crs, index=source.index))
    return table.sort_values(
        ["village_code", "rank_in_village", "candidate_id"], kind="stable", na_position="last", ignore_index=True,
    )


def villages_table(study: Study, *, full: bool = False) -> gpd.GeoDataFrame:
    """Every village with its status, best candidate and coverage.

    Parameters
    ----------
    study : Study
        The study.
    full : bool
        Also what villages.csv does not hold: `township_code`, `venue_lacks`, `verifying`.

    Returns
    -------
    GeoDataFrame
        `VILLAGE_HEAD`, then the others if asked for, then geometry; rows by village code, then name. Rounded.
    """
    source = study.villages
    rest = tuple(name for name in VILLAGE_COLUMNS if name not in VILLAGE_HEAD) if full else ()
    columns = {name: _column(source, name) for name in (*VILLAGE_HEAD, *rest)}
    table = _rounded(gpd.GeoDataFrame(columns, geometry=source.geometry, crs=source.crs, index=source.index))
    return table.sort_values(["village_code", "village_name"], kind="stable", na_position="last", ignore_index=True)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as CSV (see the top of this module); geometry is left out.

    Parameters
    ----------
    frame : DataFrame
        Already rounded; missing values anywhere.

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
    names = [name for name in frame.columns if name != "geometry"]
    cells = [_as_text(frame[name]) for name in names]
    head = ",".join(_quoted(pa.array(names, pa.large_string())).to_pylist())
    lines = pc.binary_join_element_wise(*cells, pa.scalar(",", pa.large_string())).to_pylist() if len(frame) else []
    return ("\n".join([head, *lines]) + "\n").encode("utf-8-sig")


def safe_text(texts: pa.Array) -> pa.Array:
    """Texts that no spreadsheet takes for a formula: a leading apostrophe where one would, unless the text is a plain number."""
    risky = pc.match_substring_regex(texts, r"^[=+\-@\t\r\n]")
    number = pc.match_substring_regex(texts, r"^[+\-]?\d+(\.\d+)?$")
    return pc.if_else(pc.and_(risky, pc.invert(number)), _wrapped("'", texts, ""), texts)


def _column(source: pd.DataFrame, name: str) -> pd.Series:
    """A column, or a missing one: a head that readers rely on is always there."""
    return source[name] if name in source else pd.Series(np.nan, index=source.index)


def _rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Numbers rounded to the decimals of their column; minus zero becomes zero."""
    rounded = {
        name: np.round(frame[name].to_numpy("float64"), decimals_of(name)) + 0.0
        for name in frame.columns if name != "geometry" and pd.api.types.is_float_dtype(frame[name].dtype)
    }
    return frame.assign(**rounded)


def _as_text(column: pd.Series) -> pa.Array:
    values = pa.array(column, from_pandas=True)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    is_text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    texts = pc.cast(values, pa.large_string())
    if is_text:
        texts = _quoted(safe_text(texts))
    return pc.fill_null(texts, "")


def _quoted(texts: pa.Array) -> pa.Array:
    """Quotes around what holds a comma, a quote or a line break (RFC 4180)."""
    needed = pc.match_substring_regex(texts, '[",\r\n]')
    return pc.if_else(needed, _wrapped('"', pc.replace_substring(texts, '"', '""'), '"'), texts)


def _wrapped(before: str, texts: pa.Array, after: str) -> pa.Array:
    parts = (pa.scalar(part, pa.large_string()) for part in (before, after, ""))
    return pc.binary_join_element_wise(next(parts), texts, *parts)
