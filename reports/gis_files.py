"""The study for other GIS tools: GeoParquet with everything, GeoJSON (RFC 7946) with what a web map needs."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geo.scenario import FAIL
from reports.tables import CANDIDATE_HEAD, digits_of

MOST_FEATURES = 50_000
"""Sites in a GeoJSON at most: the best of the county, since browsers and text editors choke on more."""

UNREACHABLE = "unreachable"
"""Column of the GeoJSON that names the columns whose place cannot be reached: JSON has no infinite number."""


def write_geoparquet(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table with its shapes as GeoParquet 1.1, in the county's CRS; unreachable is infinite. Equal frames give equal files.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")


def write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table with its shapes as GeoJSON after RFC 7946: WGS 84, outer rings counterclockwise, 7 decimals (1 cm).

    Missing and unreachable numbers are null; the column `UNREACHABLE` lists, joined by ``;``, which of them cannot be reached.

    Raises
    ------
    OSError
        Where the file cannot be written.
    """
    degrees = frame.to_crs(4326)
    far = {name: np.isinf(degrees[name].to_numpy("float64", na_value=np.nan)) for name in digits_of(degrees)}
    told = pd.Series("", index=degrees.index, dtype=object)
    for name, rows in far.items():
        if rows.any():
            told[rows] = told[rows].map(lambda before, name=name: f"{before};{name}" if before else name)
    numbers = {name: degrees[name].mask(rows) for name, rows in far.items() if rows.any()}
    table = degrees.assign(**numbers, **{UNREACHABLE: told.astype("str").where(told.ne(""), None)})
    try:
        pyogrio.write_dataframe(
            table, path, driver="GeoJSON", layer=path.stem,
            layer_options={"RFC7946": "YES", "WRITE_NAME": "NO", "SIGNIFICANT_FIGURES": "15"})
    except pyogrio.errors.DataSourceError as error:
        raise OSError(str(error)) from error


def geojson_sites(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The sites of `candidates_table` that go into the GeoJSON: those that do not fail, the best `MOST_FEATURES`, main columns."""
    rows = candidates[(candidates["verdict"] != FAIL).to_numpy()]
    if len(rows) > MOST_FEATURES:
        rows = rows[(rows["rank_in_county"] <= MOST_FEATURES).fillna(False).to_numpy(bool)]
    return rows[[*CANDIDATE_HEAD, rows.geometry.name]]
