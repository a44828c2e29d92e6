"""The two tables that leave the house, candidates and villages, and how they are written as CSV.

Both are plain frames in a fixed order of columns and rows, rounded once, so that CSV and GeoPackage say the same. What the columns
mean is said in the workbook's sheet *columns* (`reports.workbook`).

How CSV is written is said in `reports.csv_text`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.results import MEASURES, VILLAGE_COLUMNS, Study
from geo.scenario import GATES
from geo.score import contributions_of
from geo.standing import are_in_order
from reports.csv_text import csv_bytes, write_csv, write_rows
from reports.safe import safe_text

__all__ = [
    "candidates_table", "csv_bytes", "decimals_of", "digits_of", "safe_text", "villages_table", "write_candidates", "write_csv",
]

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


def digits_of(frame: pd.DataFrame) -> dict[str, int]:
    """Decimals of every column of numbers of a table, as `write_csv` takes them."""
    return {name: decimals_of(name) for name, dtype in frame.dtypes.items() if pd.api.types.is_float_dtype(dtype)}


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
    source, order = study.candidates, _by_village(study.candidates)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        columns = _rows_of(study, _columns(study), order, each=pool.map)
    return gpd.GeoDataFrame(columns, geometry=source.geometry.array.take(order), crs=source.crs, index=pd.RangeIndex(len(source)))


def write_candidates(study: Study, path: Path) -> None:
    """Write the `candidates_table` of a study as CSV a chunk of rows at a time, without ever holding the table as a whole.

    The file is the same, byte for byte, as that which `write_csv` makes of the table.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    columns = _columns(study)
    numbers = (name for name, held in columns.items() if held is None or pd.api.types.is_float_dtype(held.dtype))
    write_rows(columns, _by_village(study.candidates), path, digits={name: decimals_of(name) for name in numbers},
               made=lambda rows: _made(study, rows))


def _columns(study: Study) -> dict[str, pd.Series | None]:
    """The table's columns in their order, as the study holds them; None for values and contributions, which `_made` has."""
    source = study.candidates
    columns: dict[str, pd.Series | None] = {name: _column(source, name) for name in CANDIDATE_HEAD}
    columns |= dict.fromkeys(f"{kind}_{name}" for kind in ("value", "contribution") for name in study.values)
    rest = ("township_code", "building_id", "venue_id", *MEASURES, *(f"gate_{g}" for g in GATES), *(f"reason_{g}" for g in GATES))
    return columns | {name: source[name] for name in rest if name in source and name not in columns}


def _made(study: Study, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Values 0..1 and contributions in points of every criterion at some rows of the study."""
    values = study.values.take(rows)
    points = contributions_of(values, {criterion.id: criterion.weight for criterion in study.scenario.criteria})
    both = {"value": values, "contribution": points}
    return {f"{kind}_{name}": frame[name].to_numpy() for kind, frame in both.items() for name in frame}


def _rows_of(study: Study, columns: Mapping[str, pd.Series | None], rows: np.ndarray, *,
             each: Callable[..., Iterable[object]] = map) -> dict[str, object]:
    """The table's columns at some rows of the study, rounded; `each` is what goes through them."""
    made = _made(study, rows)

    def column(name: str) -> object:
        held = columns[name]
        return _rounded_column(made[name] if held is None else held.array.take(rows), name)

    return dict(zip(columns, each(column, columns), strict=True))


def _by_village(source: pd.DataFrame) -> np.ndarray:
    """Positions of the candidates by village code, rank in village, candidate id; missing ones last."""
    village, _ = pd.factorize(source["village_code"], sort=True, use_na_sentinel=True)
    rank = source["rank_in_village"].to_numpy("float64", na_value=np.nan)
    last = np.nanmax(rank, initial=0.0) + 1
    place = np.where(village < 0, village.max(initial=0) + 1, village) * (last + 1) + np.where(np.isnan(rank), last, rank)
    ids = source["candidate_id"]
    if are_in_order(ids):
        return np.argsort(place, kind="stable")
    position = np.empty(len(source), dtype=np.int64)
    position[np.argsort(ids.to_numpy(dtype=object), kind="stable")] = np.arange(len(source))
    return np.lexsort((position, place))


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


def _column(source: pd.DataFrame, name: str) -> pd.Series:
    """A column, or a missing one: a head that readers rely on is always there."""
    return source[name] if name in source else pd.Series(np.nan, index=source.index)


def _rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Numbers rounded to the decimals of their column; minus zero becomes zero."""
    return frame.assign(**{name: _rounded_column(frame[name].array, name) for name in frame.columns if name != "geometry"})


def _rounded_column(values: pd.api.extensions.ExtensionArray | np.ndarray, name: str) -> object:
    if not pd.api.types.is_float_dtype(values.dtype):
        return values
    return np.round(np.asarray(values, dtype="float64"), decimals_of(name)) + 0.0
