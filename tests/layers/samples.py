"""Small counties written to disk for the reader's tests: two villages around 108 E, 30 N in CGCS2000 (EPSG:4545)."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, box

CRS = 4545
X, Y = 500_000.0, 3_320_000.0
"""A place 108 E, about 30 N."""


def parcels() -> gpd.GeoDataFrame:
    """Four parcels of 20 m x 15 m, 300 m2 each, in land-survey and cadastre fields."""
    return gpd.GeoDataFrame(
        {
            "ZDDM": [f"529901001001{letters}0000{number}" for number, letters in enumerate(("JB", "JC", "JW", "GB"), 1)],
            "QSXZ": ["32", "30", "31", "20"],
            "QSDWDM": ["5299011002000000000"] * 4,
            "QSDWMC": ["青石村农民集体"] * 4,
            "ZLDWDM": ["5299011002000000000"] * 4,
            "ZLDWMC": ["青石村"] * 4,
            "QLLX": ["7", "5", None, "3"],
            "ZDMJ": [300.0, 300.0, 390.0, 0.45],
            "MJDW": ["1", "1", "1", "2"],
            "DLBM": ["0702", "0702", "1201", "08H1"],
        },
        geometry=[box(X + 30 * i, Y, X + 30 * i + 20, Y + 15) for i in range(4)],
        crs=CRS,
    )


def villages() -> gpd.GeoDataFrame:
    """Two villages side by side, 1 km wide each."""
    return gpd.GeoDataFrame(
        {
            "行政村代码": ["529901100200", "529901100201"],
            "行政村名称": ["青石村", "白水村民委员会"],
            "乡镇名称": ["云溪镇", "云溪镇"],
            "人口": np.array([812, 640], dtype="int32"),
        },
        geometry=[box(X - 500, Y - 500, X + 500, Y + 500), box(X + 500, Y - 500, X + 1500, Y + 500)],
        crs=CRS,
    )


def roads() -> gpd.GeoDataFrame:
    """A county road and a farm track that meet."""
    return gpd.GeoDataFrame(
        {"名称": ["青白路", None], "道路等级": ["县道", "机耕路"], "路面宽度": [6.5, 3.0]},
        geometry=[LineString([(X - 400, Y - 20), (X + 1400, Y - 20)]), LineString([(X, Y - 20), (X, Y + 400)])],
        crs=CRS,
    )


def write_county(folder: Path, layers: str, *, county: str = 'name = "测试县"\ncode = "529901"') -> Path:
    """A county.toml with the layers given as TOML."""
    path = folder / "county.toml"
    path.write_text(f"[county]\n{county}\n{layers}\n", encoding="utf-8")
    return path


def listed(values: pd.Series) -> list:
    """Values of a column, None where missing."""
    return [None if pd.isna(value) else value for value in values]


def plain_table(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """A layer without its shapes."""
    return pd.DataFrame(frame.drop(columns="geometry"))
