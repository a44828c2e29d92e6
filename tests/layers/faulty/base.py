"""The toy town with one thing wrong: villages, parcels and roads as files, any of which a builder replaces."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from shapely.affinity import translate
from shapely.geometry import box

from tests import toytown

CRS = 4547
ROLES = ("villages", "parcels", "roads")
SHORT = {"class_as_read": "class_read", "land_class_system": "class_sys", "title_conflict": "conflict", "declared_area_m2": "ZDMJ"}
"""Names that a shapefile has room for."""

BUILDERS: dict[str, Callable[[Town], None]] = {}


def fault(build: Callable[[Town], None]) -> Callable[[Town], None]:
    """Register a builder under its own name."""
    assert build.__name__ not in BUILDERS
    BUILDERS[build.__name__] = build
    return build


@cache
def frame_of(role: str) -> gpd.GeoDataFrame:
    return getattr(toytown, role)()


def frame(role: str) -> gpd.GeoDataFrame:
    """A layer of the town, free to be changed."""
    return frame_of(role).dropna(axis=1, how="all").copy()


def at(shape):
    """A shape in metres of the town, in its CRS."""
    return translate(shape, *toytown.ORIGIN)


def square(x: float, y: float, side: float = 20.0):
    return at(box(x, y, x + side, y + side))


def with_row(role: str, geometry, **values: object) -> gpd.GeoDataFrame:
    """A layer with one row more: the first row's values with others in their place."""
    layer = frame(role)
    row = layer.iloc[[0]].assign(**{f"{role[:-1]}_id": "X99", **values} if role != "villages" else values)
    row = row.set_geometry(gpd.GeoSeries([geometry], index=row.index, crs=layer.crs))
    return gpd.GeoDataFrame(pd.concat([layer, row], ignore_index=True), crs=layer.crs)


class Town:
    """A folder with the town's files and what its county.toml says."""

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder, self.base = folder, base
        self.sources = {role: f'source = "{(base / f"{role}.gpkg").as_posix()}"' for role in ROLES}
        self.head = '[county]\nname = "双溪县"\ncode = "419901"\ncrs = "EPSG:4547"\n'
        self.text: str | bytes | None = None

    def file(self, name: str, content: str | bytes = b"") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def source(self, role: str, name: str, extra: str = "") -> None:
        """Take a role from a file of this folder."""
        self.sources[role] = f'source = "{name}"\n{extra}'

    def put(self, role: str, layer: pd.DataFrame, name: str = "", extra: str = "", **options: object) -> Path:
        """Write a layer and take the role from it."""
        name = name or f"{role}_x.gpkg"
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        suffix = path.suffix
        if suffix == ".csv":
            layer.to_csv(path, index=False)
        elif suffix == ".xlsx":
            layer.to_excel(path, index=False)
        elif suffix == ".parquet":
            layer.to_parquet(path)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")   # a shapefile cuts names; that is none of the faults
                pyogrio.write_dataframe(layer.rename(columns=SHORT) if suffix == ".shp" else layer, path, **options)
        self.source(role, name, extra)
        return path

    def close(self) -> Path:
        """Write county.toml; its path."""
        body = "\n".join(f"[layers.{role}]\n{text}\n" for role, text in self.sources.items())
        text = f"{self.head}\n{body}" if self.text is None else self.text
        path = self.folder / "county.toml"
        if text != b"absent":
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path


def write_base(folder: Path) -> Path:
    """The files that no fault touches, once for all cases."""
    for role in ROLES:
        pyogrio.write_dataframe(frame(role), folder / f"{role}.gpkg")
    return folder
