"""Reading a source as it is: any vector format, table or OSM extract becomes a frame with the fields that its role needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from layers import database, osm
from layers.archive import check_links, content_hash, files_of, unpacked
from layers.config import SourceSpec, is_there
from layers.coordinates_txt import is_coordinates, read_coordinates
from layers.cores import start
from layers.crs import Box, bounds_of, describe, guess_crs, is_old_datum, is_swapped, lies_well
from layers.datum import SHIFTED, to_wgs84
from layers.encoding import dbf_encoding
from layers.fields import as_codes, fold, resolve, shown
from layers.findings import Finding, InputError, SourceNotFound
from layers.formats import OSM_EXTRACTS, TABLES, VECTORS, is_private, split_source
from layers.mapgis import SUFFIXES as MAPGIS
from layers.mapgis import read_mapgis
from layers.offline import vectors_offline
from layers.old_datum import to_cgcs2000
from layers.role import Role
from layers.sniff import check_contents, foreign_errors
from layers.streamed import read_stream
from layers.tables import coordinate_columns, place_rows, read_table

WGS84 = CRS.from_epsg(4326)

_FLOAT_DIGITS = 1e15
"""Numbers from here on may lose digits in a float."""


@dataclass(frozen=True)
class Reading:
    """One source as read: its rows with the fields found, in its own CRS, and how it was read."""

    frame: gpd.GeoDataFrame
    found: Mapping[str, str]
    """Input column -> field."""
    source: str
    layer: str | None
    driver: str
    hashing: Future[str]
    """SHA-256 of its content, worked out beside what follows."""
    crs_as_read: str | None
    encoding: str | None
    rows_in: int
    is_osm: bool = False
    findings: tuple[Finding, ...] = field(default=())
    available: tuple[str, ...] = ()
    """Fields of the file, read or not."""
    bounds: Box | None = None
    """(left, bottom, right, top) of its rows in its own CRS."""


@dataclass(frozen=True)
class _Raw:
    frame: gpd.GeoDataFrame
    found: dict[str, str]
    layer: str | None
    driver: str
    encoding: str | None = None
    findings: tuple[Finding, ...] = ()
    is_osm: bool = False
    available: tuple[str, ...] = ()


HashOf = Callable[[Path], Future[str]]
"""Begins the `content_hash` of a file beside its reading."""


def read_source(spec: SourceSpec, role: Role, source: str, *, hash_of: HashOf | None = None) -> Reading:
    """Read one source of a layer: rows, needed fields, CRS.

    Parameters
    ----------
    spec : SourceSpec
        What county.toml says.
    role : Role
        Names its fields may go by.
    source : str
        One of `spec.sources` (or its list).
    hash_of : callable, optional
        Begins the hash of a file's content; one that remembers hashes a file once for all of its layers.

    Raises
    ------
    InputError
        If it cannot be read, its layer or fields are missing, or its place on earth is not known.
    """
    if source.startswith("osm:"):
        raw = osm.read_place(source.removeprefix("osm:").strip(), role, spec.name, extra=tuple(spec.where))
        raw_reading = _Raw(raw, resolve(role.fields, raw.columns, spec.fields)[0], None, "OSM (Overpass)", is_osm=True)
        return _reading(raw_reading, spec, source, start(osm.frame_hash, raw))
    if database.is_database(source):
        raw, hashing = _read_database(spec, role, source)
        return _reading(raw, spec, database.without_secret(source), hashing)
    file, bar_layer = split_source(source)
    path = spec.folder / file
    if not is_there(path):
        raise SourceNotFound(
            [Finding("source_missing", "error", f"layers.{spec.name}", "source", params={"path": file, "folder": str(spec.folder)})]
        )
    check_links(path, spec.folder, layer=f"layers.{spec.name}")
    with foreign_errors(file, layer=f"layers.{spec.name}"), unpacked(path, layer=f"layers.{spec.name}") as folder:
        found = files_of(folder, (*VECTORS, *TABLES, *OSM_EXTRACTS))
        inner = _one_file(found, spec, file, bar_layer or spec.layer)
        check_contents(inner, layer=f"layers.{spec.name}")
        begun = (hash_of or _hash_of)(inner if inner.suffix.casefold() == ".shp" and folder == path else path)
        raw = _read_file(inner, spec, role, bar_layer or spec.layer)
    return _reading(raw, spec, source, begun)


def _hash_of(path: Path) -> Future[str]:
    return start(content_hash, path)


def _read_database(spec: SourceSpec, role: Role, source: str) -> tuple[_Raw, Future[str]]:
    table = database.describe(source, spec.name)
    fields = [name for name in table.fields if not is_private(name)]
    found = _resolve(role, spec, fields)
    places = () if table.geometry else coordinate_columns(fields, x=spec.x, y=spec.y)
    frame = database.read(source, table, [name for name in fields if name in {*_wanted(found, spec, fields), *places}], spec.name)
    hashing = start(database.content_hash, frame)
    findings: list[Finding] = []
    if not isinstance(frame, gpd.GeoDataFrame):
        frame, findings = place_rows(frame, layer=spec.name, x=spec.x, y=spec.y)
    name = f"{table.schema}.{table.name}"
    return _Raw(frame, found, name, "PostGIS", "UTF-8", tuple(findings), available=tuple(fields)), hashing


def _one_file(found: list[Path], spec: SourceSpec, source: str, layer: str | None) -> Path:
    """The one file meant in a folder or zip: the only one, the one called like the layer, or the only one that is no table."""
    named = [path for path in found if layer and fold(path.stem) == fold(layer)]
    spatial = [path for path in found if path.suffix.casefold() not in TABLES]
    for choice in (found, named, spatial):
        if len(choice) == 1:
            return choice[0]
    if not found:
        raise InputError([Finding("source_empty", "error", f"layers.{spec.name}", "source", params={"path": source})])
    names = ", ".join(path.name for path in found[:20])
    raise InputError(
        [Finding("source_ambiguous", "error", f"layers.{spec.name}", "source", params={"path": source, "choices": names})]
    )


def _read_file(path: Path, spec: SourceSpec, role: Role, layer: str | None) -> _Raw:
    suffix = path.suffix.casefold()
    vectors_offline()
    if suffix == ".txt" and is_coordinates(path):
        unit = spec.units.get("declared_area_m2")
        frame, used, findings = read_coordinates(
            path, layer=spec.name, encoding=spec.encoding, area_unit=unit, any_system=spec.crs is not None
        )
        return _Raw(frame, _resolve(role, spec, list(frame.columns)), None, "TXT", used, tuple(findings))
    if suffix in MAPGIS:
        frame = read_mapgis(path, layer=f"layers.{spec.name}")
        return _Raw(frame, _resolve(role, spec, list(frame.columns)), None, "MapGIS", "GB18030")
    if suffix in TABLES:
        return _read_table(path, spec, role)
    if suffix in OSM_EXTRACTS:
        frame = osm.read_extract(path, role, spec.name, extra=tuple(spec.where))
        return _Raw(frame, _resolve(role, spec, list(frame.columns)), None, "OSM", "UTF-8", is_osm=True)
    if suffix == ".graphml":
        frame = osm.read_graphml(path, spec.name)
        return _Raw(frame, _resolve(role, spec, list(frame.columns)), None, "GraphML", "UTF-8", is_osm=True)
    if suffix in (".parquet", ".geoparquet"):
        return _read_parquet(path, spec, role)
    return _read_vector(path, spec, role, layer)


def _read_table(path: Path, spec: SourceSpec, role: Role) -> _Raw:
    def known(cells) -> int:
        extra = {fold(name) for name in (*spec.fields.values(), *spec.where, spec.x, spec.y) if name}
        return len(resolve(role.fields, cells, {})[0]) + sum(fold(cell) in extra for cell in cells)

    table, used, findings = read_table(path, layer=spec.name, sheet=spec.sheet, encoding=spec.encoding, count_known=known)
    frame, more = place_rows(table, layer=spec.name, x=spec.x, y=spec.y)
    driver = "CSV" if path.suffix.casefold() in (".csv", ".txt") else "Excel"
    return _Raw(frame, _resolve(role, spec, list(table.columns)), spec.sheet, driver, used, (*findings, *more))


def _read_parquet(path: Path, spec: SourceSpec, role: Role) -> _Raw:
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(path)
    names = [name for name in schema.names if not is_private(name)]
    if b"geo" not in (schema.metadata or {}):
        frame, findings = place_rows(pd.read_parquet(path, columns=names), layer=spec.name, x=spec.x, y=spec.y)
        return _Raw(frame, _resolve(role, spec, names), None, "Parquet", "UTF-8", tuple(findings))
    import json

    geometry = json.loads(schema.metadata[b"geo"])["primary_column"]
    names = [name for name in names if name != geometry]
    found = _resolve(role, spec, names)
    frame = gpd.read_parquet(path, columns=[*_wanted(found, spec, names), geometry])
    return _Raw(frame.rename_geometry("geometry") if geometry != "geometry" else frame, found, None, "GeoParquet", "UTF-8")


def _read_vector(path: Path, spec: SourceSpec, role: Role, layer: str | None) -> _Raw:
    encoding = spec.encoding
    findings: list[Finding] = []
    if encoding is None and path.suffix.casefold() == ".shp":
        encoding, findings = _shapefile_encoding(path, spec)
    layer = _choose_layer(path, spec, role, layer, encoding)
    info = pyogrio.read_info(path, layer=layer, encoding=None if encoding == "ASCII" else encoding)
    available = [str(name) for name in info["fields"]]
    found = _resolve(role, spec, available)
    columns, spoken = _wanted(found, spec, available), None if encoding == "ASCII" else encoding
    wanted = {"layer": layer, "encoding": spoken, "columns": columns, "datetime_as_string": True}
    try:
        frame = read_stream(path, layer=layer, encoding=spoken, columns=columns)
        if frame is None:
            frame = pyogrio.read_dataframe(path, use_arrow=True, **wanted)
    except NotImplementedError:   # curves, which Arrow does not carry; read one by one GDAL makes lines of them
        frame = pyogrio.read_dataframe(path, use_arrow=False, **wanted)
        findings.append(Finding("geometry_curved", "info", spec.name, count=len(frame)))
    if path.suffix.casefold() == ".shp":
        frame = _with_long_codes(frame, path, found, role, layer)
    if not isinstance(frame, gpd.GeoDataFrame):
        frame, more = place_rows(frame, layer=spec.name, x=spec.x, y=spec.y)
        findings += more
    return _Raw(frame, found, layer, info["driver"], encoding or info["encoding"], tuple(findings), available=tuple(available))


def _with_long_codes(
    frame: pd.DataFrame, path: Path, found: Mapping[str, str], role: Role, layer: str | None
) -> pd.DataFrame:
    """Codes of 16 to 19 digits in a number field of a DBF: written out there in full, but read as floats unless GDAL is told."""
    fields = [name for column, name in found.items() if role.kind(column) == "code" and name in frame.columns
              and pd.api.types.is_float_dtype(frame[name]) and frame[name].max() >= _FLOAT_DIGITS]
    if not fields:
        return frame
    whole = pyogrio.read_dataframe(path, layer=layer, columns=fields, read_geometry=False, ADJUST_TYPE="YES")
    return frame.assign(**{name: whole[name].to_numpy() for name in fields})


def _shapefile_encoding(path: Path, spec: SourceSpec) -> tuple[str | None, list[Finding]]:
    dbf = next((item for item in path.parent.iterdir() if item.stem == path.stem and item.suffix.casefold() == ".dbf"), None)
    if dbf is None:
        raise SourceNotFound(
            [
                Finding(
                    "shapefile_part_missing", "error", f"layers.{spec.name}", "source", params={"path": path.name, "part": ".dbf"}
                )
            ]
        )
    encoding = dbf_encoding(dbf)
    return encoding, [] if encoding else [Finding("encoding_unknown", "warning", spec.name, params={"path": dbf.name})]


def _choose_layer(path: Path, spec: SourceSpec, role: Role, layer: str | None, encoding: str | None) -> str | None:
    """The layer asked for; the only one; or the one whose name or fields are those of the role, if just one is."""
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if layer is not None and path.suffix.casefold() != ".shp":
        match = next((name for name in names if fold(name) == fold(layer)), None)
        if match is None:
            params = {"path": path.name, "name": layer, "choices": ", ".join(names)}
            raise InputError([Finding("layer_missing", "error", f"layers.{spec.name}", "layer", params=params)])
        return match
    if len(names) <= 1:
        return names[0] if names else None
    known = [fold(name) for name in role.layer_names]
    scores = {}
    for name in names:
        fields = [str(item) for item in pyogrio.read_info(path, layer=name)["fields"]]
        by_name = 100 if fold(name) in known else 50 if any(word in fold(name) for word in known) else 0
        scores[name] = by_name + len(resolve(role.fields, fields, spec.fields)[0])
    best = [name for name in names if scores[name] == max(scores.values())]
    if len(best) > 1:
        params = {"path": path.name, "choices": ", ".join(names)}
        raise InputError([Finding("layer_ambiguous", "error", f"layers.{spec.name}", "layer", params=params)])
    return best[0]


def _resolve(role: Role, spec: SourceSpec, available: list[str]) -> dict[str, str]:
    found, absent = resolve(role.fields, available, spec.fields)
    here = {fold(name) for name in available}
    absent += [name for name in spec.where if fold(name) not in here]
    if absent:
        told = shown(name for name in available if name != "geometry")
        raise InputError(
            [
                Finding("field_missing", "error", f"layers.{spec.name}", name, params={"name": name, "available": told})
                for name in absent
            ]
        )
    return found


def _wanted(found: Mapping[str, str], spec: SourceSpec, available: list[str]) -> list[str]:
    """Only what is needed is read: the fields found and those that rows are filtered by."""
    filters = {fold(name) for name in spec.where}
    needed = {*found.values(), *(name for name in available if fold(name) in filters)}
    return [name for name in available if name in needed]


def _reading(raw: _Raw, spec: SourceSpec, source: str, hashing: Future[str]) -> Reading:
    frame, rows_in = raw.frame.reset_index(drop=True), len(raw.frame)
    for name, accepted in spec.where.items():
        field_name = next(column for column in frame.columns if fold(column) == fold(name))
        codes = as_codes(frame[field_name])[0]
        keep = codes.notna() if "*" in accepted else codes.isin(list(accepted))
        frame = frame[keep.to_numpy()].reset_index(drop=True)
    frame, crs_as_read, findings, bounds = _placed(frame, spec)
    return Reading(
        frame,
        raw.found,
        source,
        raw.layer,
        raw.driver,
        hashing,
        crs_as_read,
        raw.encoding,
        rows_in,
        raw.is_osm,
        (*raw.findings, *findings),
        raw.available or tuple(str(name) for name in raw.frame.columns if name != "geometry"),
        bounds,
    )


def _placed(frame: gpd.GeoDataFrame, spec: SourceSpec) -> tuple[gpd.GeoDataFrame, str | None, list[Finding], Box | None]:
    """The frame with a CRS that can be relied on: as declared, as county.toml says, or as its numbers leave no doubt."""
    if frame.geometry.isna().all():
        return frame.set_crs(None, allow_override=True), None, [], None
    findings = []
    declared = CRS.from_user_input(spec.crs) if spec.crs else frame.crs
    bounds = bounds_of(frame) or (np.nan, np.nan, np.nan, np.nan)
    if is_swapped(bounds) and (declared is None or (bounds[3] > 90 if declared.is_geographic else not lies_well(declared, bounds))):
        frame = frame.set_geometry(shapely.transform(frame.geometry.array, lambda xy: xy[:, ::-1]))
        bounds = bounds_of(frame) or (np.nan, np.nan, np.nan, np.nan)
        findings.append(Finding("axes_swapped", "warning", spec.name, count=len(frame)))
    crs = declared or guess_crs(bounds)
    if crs is None:
        params = {"left": round(bounds[0]), "bottom": round(bounds[1])}
        raise InputError([*findings, Finding("crs_missing", "error", f"layers.{spec.name}", "crs", params=params)])
    if is_old_datum(crs):
        moved = None if spec.shift is None else to_cgcs2000(frame, crs, spec.shift)
        if moved is None:
            code = "datum_old" if spec.shift is None else "datum_old_degrees"
            raise InputError([*findings, Finding(code, "error", f"layers.{spec.name}", "crs", params={"crs": crs.name})])
        told = {"crs": crs.name, "values": ", ".join(f"{name} = {value:g}" for name, value in spec.shift.values.items())}
        findings.append(Finding("datum_old_shifted", "info", spec.name, "crs", count=len(moved), params=told))
        return moved, describe(crs), findings, bounds_of(moved)
    if declared is None:
        findings.append(Finding("crs_guessed", "info", spec.name, params={"crs": f"{describe(crs)} {crs.name}"}))
    elif crs.is_geographic and (max(abs(bounds[0]), abs(bounds[2])) > 360 or max(abs(bounds[1]), abs(bounds[3])) > 90):
        place = {"crs": crs.name, "left": round(bounds[0]), "bottom": round(bounds[1])}
        raise InputError([*findings, Finding("crs_contradicted", "error", f"layers.{spec.name}", "crs", params=place)])
    frame = frame.set_crs(crs, allow_override=True)
    if spec.datum in SHIFTED:
        frame = _unshifted(frame, spec.datum)
        bounds = bounds_of(frame) or bounds
        findings.append(Finding("datum_unshifted", "info", spec.name, count=len(frame), params={"datum": spec.datum.upper()}))
    return frame, describe(crs), findings, bounds if np.isfinite(bounds).all() else None


def _unshifted(frame: gpd.GeoDataFrame, datum: str) -> gpd.GeoDataFrame:
    degrees = frame.to_crs(WGS84) if not frame.crs.is_geographic else frame

    def back(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))

    return degrees.set_geometry(shapely.transform(degrees.geometry.array, back)).set_crs(WGS84, allow_override=True)
