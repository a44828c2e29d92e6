"""What a folder holds: every source and layer in it that can be read, with its fields, shapes and a sample of its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window

from layers.archive import files_of, unpacked
from layers.coordinates_txt import is_coordinates, read_coordinates
from layers.encoding import dbf_encoding
from layers.findings import Finding, InputError
from layers.formats import OSM_EXTRACTS, RASTERS, READABLE, TABLES, VECTORS, is_private, out_of_reach
from layers.mapgis import SUFFIXES as MAPGIS
from layers.mapgis import read_mapgis
from layers.tables import coordinate_columns, read_table

SAMPLE_ROWS = 200
_SKIPPED_FOLDERS = {".cunzhi", "__MACOSX", "__pycache__"}
_SHAPES = {"polygon": "polygon", "linestring": "line", "point": "point"}


@dataclass(frozen=True)
class Item:
    """One layer that was found. `source` is what county.toml would say of it."""

    source: str
    path: Path
    name: str
    """Name of the layer, or of the file where it has only one."""
    kind: str
    """vector, table, osm, raster, or refused (with `problem`)."""
    shape: str = "none"
    """polygon, line, point, any or none."""
    rows: int | None = None
    fields: tuple[str, ...] = ()
    sample: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)
    """Some rows as text, without fields that name persons."""
    facts: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Of a raster: share of whole numbers, lowest, mean and highest value, roughness."""
    problem: str | None = None
    """Code of the finding that says why it cannot be used."""
    reason: Finding | None = field(default=None, compare=False)
    """That finding, where reading it said more than the code."""

    @property
    def refusal(self) -> Finding:
        """Why it cannot be used, for a person."""
        return self.reason or Finding(self.problem or "source_unreadable", "error", self.source,
                                      params={"path": self.source, "problem": ""})


def inventory(folder: Path) -> tuple[Item, ...]:
    """Every layer below a folder, by path and name.

    Parameters
    ----------
    folder : Path
        Looked through with all folders in it; hidden ones and the parts of shapefiles and .gdb folders are no files of their own.

    Returns
    -------
    tuple of Item
        Files that cannot be read are there too, as `refused` with the reason.

    Raises
    ------
    NotADirectoryError
        If it is no folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(str(folder))
    items: list[Item] = []
    for path in _files(folder):
        source = path.relative_to(folder).as_posix()
        refusal = out_of_reach(path.name)
        if refusal and refusal != "format_unknown":
            items.append(Item(source, path, path.stem, "refused", problem=refusal))
            continue
        if refusal or path.name == "county.toml":
            continue
        try:
            items += _items_of(path, source)
        except InputError as error:
            told = error.findings[0]
            reason = replace(told, layer=source, params={**told.params, "path": source})
            items.append(Item(source, path, path.stem, "refused", problem=told.code, reason=reason))
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RasterioError, OSError, ValueError) as error:
            said = " ".join(str(error).replace(str(path), path.name).split())
            reason = Finding("source_unreadable", "error", source, params={"path": source, "problem": said[:_LONGEST_PROBLEM]})
            items.append(Item(source, path, path.stem, "refused", problem=reason.code, reason=reason))
    return tuple(items)


_LONGEST_PROBLEM = 200
"""Letters of another library's message that are passed on."""


def _files(folder: Path) -> list[Path]:
    """Files worth a look: no links out of the folder, nothing hidden, one entry a shapefile or .gdb."""
    root = folder.resolve()
    suffixes = {*READABLE, ".mdb", ".accdb", ".vct", ".dwg", ".wt", ".wl", ".wp"}
    found = []
    for path in files_of(folder, tuple(suffixes)):
        inner = path.relative_to(folder).parts
        if any(part.startswith((".", "~$")) or part in _SKIPPED_FOLDERS for part in inner):
            continue
        if path.resolve().is_relative_to(root):
            found.append(path)
    return found


def _items_of(path: Path, source: str) -> list[Item]:
    suffix = path.suffix.casefold()
    if suffix != ".zip":
        return _items_in(path, source, source)
    with unpacked(path) as inside:
        files = files_of(inside, (*VECTORS, *TABLES, *OSM_EXTRACTS, *RASTERS))
        named = len([file for file in files if file.suffix.casefold() not in RASTERS]) > 1
        return [item for file in files for item in _items_in(file, f"{source}|{file.stem}" if named else source, source)]


def _items_in(path: Path, source: str, container: str) -> list[Item]:
    suffix = path.suffix.casefold()
    if suffix in RASTERS:
        return [_raster(path, container)]
    if suffix in OSM_EXTRACTS or suffix == ".graphml":
        return [Item(source, path, path.stem, "osm", "any")]
    if suffix == ".txt" and is_coordinates(path):
        return [_frame(path, source, read_coordinates(path, layer=path.stem)[0])]
    if suffix in MAPGIS:
        return [_frame(path, source, read_mapgis(path, layer=path.stem))]
    if suffix in TABLES:
        return [_table(path, source)]
    if suffix in (".parquet", ".geoparquet"):
        return [_parquet(path, source)]
    encoding = _encoding(path)
    names = [(str(name), shape) for name, shape in pyogrio.list_layers(path)]
    items = []
    for name, shape in names:
        own = source if len(names) == 1 else f"{source}|{name}"
        label = path.stem if len(names) == 1 and suffix not in (".gdb", ".gpkg", ".sqlite") else name
        items.append(_vector(path, own, label, name, shape, encoding))
    return items


def _encoding(path: Path) -> str | None:
    if path.suffix.casefold() != ".shp":
        return None
    dbf = next((item for item in path.parent.iterdir() if item.stem == path.stem and item.suffix.casefold() == ".dbf"), None)
    found = dbf_encoding(dbf) if dbf is not None else None
    return None if found == "ASCII" else found


def _vector(path: Path, source: str, label: str, layer: str, shape: str | None, encoding: str | None) -> Item:
    info = pyogrio.read_info(path, layer=layer, encoding=encoding)
    fields = tuple(str(name) for name in info["fields"])
    kept = [name for name in fields if not is_private(name)]
    sample = pyogrio.read_dataframe(path, layer=layer, encoding=encoding, columns=kept, max_features=SAMPLE_ROWS,
                                    read_geometry=shape is not None, datetime_as_string=True)
    seen = shape
    if shape is not None and "geometry" in sample:
        types = sample.geometry.dropna().geom_type
        seen = str(types.mode().iloc[0]) if len(types) else shape
        sample = pd.DataFrame(sample.drop(columns="geometry"))
    plain = (seen or "").casefold().removeprefix("multi").removesuffix(" z")
    found = "none" if seen is None else next((word for start, word in _SHAPES.items() if plain.startswith(start)), "any")
    if found == "none" and coordinate_columns(kept, x=None, y=None):
        found = "point"
    rows = int(info["features"])
    return Item(source, path, label, "vector", found, rows if rows >= 0 else None, fields, _as_text(sample))


def _frame(path: Path, source: str, frame: gpd.GeoDataFrame) -> Item:
    """An item of a format that can only be read whole."""
    types = frame.geometry.dropna().geom_type
    plain = str(types.mode().iloc[0]).casefold().removeprefix("multi") if len(types) else ""
    shape = next((word for start, word in _SHAPES.items() if plain.startswith(start)), "any")
    sample = pd.DataFrame(frame.drop(columns="geometry"))
    return Item(source, path, path.stem, "vector", shape, len(frame), tuple(map(str, sample.columns)),
                _as_text(sample.head(SAMPLE_ROWS)))


def _table(path: Path, source: str) -> Item:
    table, _, _ = read_table(path, layer=path.stem, sheet=None, encoding=None,
                             count_known=lambda cells: sum(bool(str(cell).strip()) for cell in cells))
    shape = "point" if coordinate_columns(list(table.columns), x=None, y=None) else "none"
    kept = [name for name in table.columns if not is_private(name)]
    return Item(source, path, path.stem, "table", shape, len(table), tuple(map(str, table.columns)),
                _as_text(table[kept].iloc[:: max(1, len(table) // SAMPLE_ROWS)]))


def _parquet(path: Path, source: str) -> Item:
    import json

    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    described = (file.schema_arrow.metadata or {}).get(b"geo")
    geometry = json.loads(described)["primary_column"] if described else None
    types = json.loads(described)["columns"][geometry].get("geometry_types", []) if described else []
    plain = types[0].casefold().removeprefix("multi") if types else ""
    shape = next((word for start, word in _SHAPES.items() if plain.startswith(start)), "any") if described else "none"
    fields = tuple(name for name in file.schema_arrow.names if name != geometry)
    kept = [name for name in fields if not is_private(name)]
    batch = next(file.iter_batches(batch_size=SAMPLE_ROWS, columns=kept), None)
    sample = batch.to_pandas() if batch is not None else pd.DataFrame(columns=kept)
    return Item(source, path, path.stem, "vector", shape, file.metadata.num_rows, fields, _as_text(sample))


def _as_text(sample: pd.DataFrame) -> pd.DataFrame:
    return sample.astype(object).where(sample.notna(), None).map(lambda value: None if value is None else str(value))


def _raster(path: Path, source: str) -> Item:
    """A raster with what it looks like where it has most to show: heights are smooth, people are counts from 0 on."""
    with rasterio.open(path) as data:
        values = data.read(1, window=_telling_window(data), masked=True).astype("float64").filled(np.nan)
    values[values < _NO_HEIGHT] = np.nan
    known = values[np.isfinite(values)]
    facts = {"cells": float(known.size)}
    if known.size:
        steps = np.abs(np.diff(values, axis=1))
        roughness = float(np.nanmean(steps)) / (float(known.std()) or 1.0) if np.isfinite(steps).any() else 1.0
        facts |= {"lowest": float(known.min()), "mean": float(known.mean()), "highest": float(known.max()), "roughness": roughness}
    return Item(source, path, path.name.split(".")[0], "raster", "none", None, facts=facts)


_NO_HEIGHT = -9000.0
"""Values below are holes, whatever the file declares."""

_WINDOW_CELLS = 512


def _telling_window(data: rasterio.DatasetReader) -> Window:
    """The part of a raster with most values other than nothing and zero: a county is not always in the middle."""
    side = min(_WINDOW_CELLS, data.width, data.height)
    rows, columns = -(-data.height // side), -(-data.width // side)
    coarse = data.read(1, out_shape=(min(rows * 8, data.height), min(columns * 8, data.width)), masked=True)
    telling = ~np.ma.getmaskarray(coarse) & (coarse.filled(0) > _NO_HEIGHT) & (coarse.filled(0) != 0)
    best, at = -1, (0, 0)
    for row, part in enumerate(np.array_split(telling, rows, axis=0)):
        for column, block in enumerate(np.array_split(part, columns, axis=1)):
            if block.sum() > best:
                best, at = int(block.sum()), (row, column)
    return Window(min(at[1] * side, data.width - side), min(at[0] * side, data.height - side), side, side)
