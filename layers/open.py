"""Opening a county: every layer of county.toml read, brought to one CRS, finished by its role and checked against the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from layers import cache as kept
from layers import crosschecks, fabric, shift_check
from layers.archive import content_hash
from layers.config import CountyConfig, SourceSpec, read_config
from layers.cores import begin, side_by_side, start
from layers.county import County, Provenance, Raster
from layers.crs import Box, around, describe, is_likely_metric, lonlat_box, metric_crs, same, unfit
from layers.fields import shown, standardise
from layers.findings import Finding, InputError
from layers.raster import is_raster, read_people
from layers.remembered import forget
from layers.repeats import without_repeats
from layers.road_joins import with_joins
from layers.role import Context
from layers.roles import ROLE_OF
from layers.rows import mend, traits_of
from layers.schema import RASTER_ROLES, conform
from layers.sniff import foreign_errors
from layers.sources import HashOf, Reading, read_source
from layers.terrain import read_terrain
from layers.villages import join_list

Progress = Callable[[str, float], None]
"""Called with the layer that is being read (``done`` at the end) and the share of the work done, 0..1."""

INDISPENSABLE = ("parcels", "villages", "buildings")
"""Without any of these there is nothing to study."""

_SHAPES_SUFFICE = ("restrictions", "buildings")
"""Layers that say enough by where they are."""

_CENTRE_FROM = ("villages", "parcels", "townships", "buildings", "settlements", "venues", "roads")
"""Layers that say where a county lies, best first."""


def open_county(path: str | Path, *, progress: Progress | None = None, cache: bool = False) -> County:
    """Read a county: standard columns, one metric CRS, provenance, and findings instead of surprises.

    Parameters
    ----------
    path : path
        county.toml; see `layers.config` for what it may say.
    progress : callable, optional
        Called with the layer's name and the share done (0..1).
    cache : bool
        Take the county as it was kept when no byte of it has changed since, and keep it when it is read; see `layers.cache`.

    Returns
    -------
    County
        A layer that could not be read is None there, with an error among the findings.

    Raises
    ------
    InputError
        If county.toml has faults (all of them are reported; `SourceNotFound` or `UnsupportedFormat` where that is all), or none of
        parcels, villages and buildings could be read.

    Examples
    --------
    >>> open_county("nowhere.toml")
    Traceback (most recent call last):
    ...
    layers.findings.SourceNotFound: There is no file nowhere.toml. Give the path of the county's county.toml.
    """
    tell = progress or (lambda step, fraction: None)
    key = kept.key_of(path) if cache else None
    known = kept.load(path, key) if cache else None
    if known is not None:
        tell("done", 1.0)
        return known
    county, findings = _open(Path(path), tell)
    if county is None:
        raise InputError([finding for finding in findings if finding.severity == "error"])
    if key is not None:
        kept.keep_later(county, path, key)
    return county


def check_county(path: str | Path, *, progress: Progress | None = None) -> tuple[County | None, tuple[Finding, ...]]:
    """The county, if it can be opened, and every finding; never raises `InputError`."""
    try:
        return _open(Path(path), progress or (lambda step, fraction: None))
    except InputError as error:
        return None, error.findings


@dataclass(frozen=True)
class _Part:
    """One layer of county.toml with its sources as read."""

    spec: SourceSpec
    readings: tuple[Reading, ...]
    listing: Reading | None = None
    traits: tuple[_Traits | None, ...] = ()
    """Of the shapes of each reading that will most likely stay in the CRS they are in: what `traits_of` finds, begun already."""


_Traits = Callable[[], np.ndarray]


def _open(path: Path, progress: Progress) -> tuple[County | None, tuple[Finding, ...]]:
    try:
        return _opened(path, progress)
    finally:
        forget()


def _opened(path: Path, progress: Progress) -> tuple[County | None, tuple[Finding, ...]]:
    config = read_config(path)
    rasters = [spec for spec in config.layers if spec.role in RASTER_ROLES or _is_people_raster(spec)]
    vectors = [spec for spec in config.layers if spec not in rasters]
    findings: list[Finding] = []
    parts = []
    hash_of = cache(lambda file: start(content_hash, file))   # of several layers in one file once, and beside their reading
    reading = side_by_side(lambda spec: _read(spec, hash_of, config.crs), vectors)
    for at, spec in enumerate(vectors):
        progress(spec.name, 0.6 * at / len(config.layers))
        part = next(reading)
        if isinstance(part, InputError):
            findings += part.findings
        else:
            parts.append(part)
    crs, crs_findings = _county_crs(config, parts)
    findings += crs_findings
    if crs is None:
        return None, (*findings, Finding("county_nothing", "error", "county.toml"))
    layers, provenance = _finish_all(config, parts, crs, findings, progress)
    box = crosschecks.county_box(layers)
    reading_rasters = side_by_side(lambda spec: _read_raster(spec, crs, box), rasters)   # beside the checks, which need none
    progress("checks", 0.85)
    roads, joined = with_joins(layers.get("roads"), config.joins)
    layers |= {} if roads is None else {"roads": roads}
    layers, checked = crosschecks.check(layers, config.code, {spec.role: spec.datum for spec in config.layers})
    for at, spec in enumerate(rasters):
        progress(spec.name, 0.94 + 0.05 * at / len(rasters))
        layer, origin, more = next(reading_rasters)
        layers |= {} if layer is None else {spec.role: layer}
        provenance += origin
        findings += more
    if not any(layers.get(role) is not None and len(layers[role]) for role in INDISPENSABLE):
        return None, (*findings, Finding("county_nothing", "error", "county.toml"))
    county = County(
        config.name,
        config.code,
        crs,
        provenance=tuple(provenance),
        findings=(*findings, *joined, *crosschecks.elsewhere(layers), *checked),
        source=config.path.resolve(),
        options=config.options,
        **layers,
    )
    progress("done", 1.0)
    return county, county.findings


def _is_people_raster(spec: SourceSpec) -> bool:
    return spec.role == "population" and bool(spec.sources) and all(is_raster(source) for source in spec.sources)


def _read(spec: SourceSpec, hash_of: HashOf, crs: CRS | None) -> _Part | InputError:
    role = ROLE_OF[spec.role]
    try:
        readings = tuple(read_source(spec, role, source, hash_of=hash_of) for source in spec.sources)
        listing = None
        if spec.listing:
            plain = replace(
                spec, layer=None, crs=None, datum=None, where={}, values={}, units={}, x=None, y=None, encoding=None, fields={}
            )
            listing = read_source(plain, role, spec.listing, hash_of=hash_of)
        return _Part(spec, readings, listing, tuple(_traits_ahead(reading, crs) for reading in readings))
    except InputError as error:
        return error


def _traits_ahead(reading: Reading, county_crs: CRS | None) -> _Traits | None:
    """`traits_of` the shapes, begun beside the reading of the other layers; None where they will have to change their CRS first."""
    crs = reading.frame.crs
    if crs is None or reading.bounds is None:
        return None
    stays = is_likely_metric(crs, reading.bounds) if county_crs is None else same(crs, county_crs)
    return begin(traits_of, np.asarray(reading.frame.geometry.array)) if stays else None


def _county_crs(config: CountyConfig, parts: list[_Part]) -> tuple[CRS | None, list[Finding]]:
    """The CRS that county.toml asks for, if it measures true there; else the one for the middle of the county."""
    order = sorted(parts, key=lambda part: (*_CENTRE_FROM, part.spec.role).index(part.spec.role))
    for part in order:
        whole = around([
            lonlat_box(reading.bounds, reading.frame.crs)
            for reading in part.readings if reading.frame.crs is not None and reading.bounds is not None
        ])
        if whole is None:
            continue
        lon, lat = (whole[0] + whole[2]) / 2, (whole[1] + whole[3]) / 2
        chosen = metric_crs(lon, lat)
        if config.crs is None:
            return chosen, []
        if unfit(config.crs, lon, lat):
            params = {"crs": config.crs.name, "better": f"{describe(chosen)} {chosen.name}"}
            return chosen, [Finding("county_crs_unfit", "warning", "county", "crs", params=params)]
        return config.crs, []
    return (config.crs if config.crs is not None and config.crs.is_projected else None), []


def _finish_all(
    config: CountyConfig, parts: list[_Part], crs: CRS, findings: list[Finding], progress: Progress
) -> tuple[dict[str, gpd.GeoDataFrame], list[Provenance]]:
    """Every vector layer finished by its role; restrictions of all kinds in one frame."""
    shaped = []
    shaping = side_by_side(lambda part: _shape_part(part, crs), parts)
    for at, part in enumerate(parts):
        progress(part.spec.name, 0.6 + 0.15 * at / len(parts))
        shaped.append(next(shaping))
    shapes = {part.spec.role: np.asarray(each[0].frame.geometry.array) for part, each in zip(parts, shaped, strict=True) if each}
    fabric.look_ahead(shapes)
    shift_check.look_ahead(shapes)
    done: dict[str, list[gpd.GeoDataFrame]] = {}
    provenance: list[Provenance] = []
    finishing = side_by_side(lambda job: _finish_part(config, *job), list(zip(parts, shaped, strict=True)))
    for at, part in enumerate(parts):
        progress(part.spec.name, 0.75 + 0.1 * at / len(parts))
        frame, more, origin = next(finishing)
        findings += more
        provenance += origin
        if frame is not None:
            done.setdefault(part.spec.role, []).append(frame)
    layers = {
        role: frames[0] if len(frames) == 1 else gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=crs)
        for role, frames in done.items()
    }
    return layers, provenance


@dataclass(frozen=True)
class _Shaped:
    """Sources of a layer with their columns understood and their shapes mended, in one frame in the county's CRS."""

    spec: SourceSpec
    readings: tuple[Reading, ...]
    frame: gpd.GeoDataFrame
    findings: list[Finding]
    fields: dict[str, str]
    rows: list[int]
    """Rows that each source left."""


def _shape_part(part: _Part, crs: CRS) -> list[_Shaped]:
    """One layer shaped, and its list behind it."""
    specs = [part.spec, *([replace(part.spec, name="villages.list")] if part.listing else [])]
    both = [part.readings, *([(part.listing,)] if part.listing else [])]
    return [_shape(spec, readings, crs, traits) for spec, readings, traits in zip(specs, both, (part.traits, ()), strict=False)]


def _shape(spec: SourceSpec, readings: tuple[Reading, ...], crs: CRS, traits: tuple[_Traits | None, ...]) -> _Shaped:
    role = ROLE_OF[spec.role]
    frames: list[gpd.GeoDataFrame] = []
    findings: list[Finding] = []
    fields: dict[str, str] = {}
    for reading, known in zip_longest(readings, traits):
        shapes = reading.frame.geometry
        stays = shapes.crs is None or same(shapes.crs, crs)
        shapes = shapes.set_crs(crs, allow_override=True) if stays else shapes.to_crs(crs)
        found = known if stays and known is not None else begin(traits_of, np.asarray(shapes.array))
        columns, more = standardise(reading.frame, role.kind, reading.found, spec.name, values=spec.values, units=spec.units)
        findings += [*reading.findings, *more]
        if not columns and spec.role not in _SHAPES_SUFFICE:
            params = {"path": reading.source, "available": shown(reading.available)}
            findings.append(Finding("fields_none", "warning", spec.name, params=params))
        frame = gpd.GeoDataFrame(columns, geometry=shapes, index=reading.frame.index, crs=crs)
        frame, more = mend(frame, role.geometry, spec.name, _labels(frame), traits=found())
        findings += more
        frame, more = without_repeats(frame, spec.role, spec.name, _labels(frame))
        findings += more
        frames.append(frame)
        fields |= {column: field for column, field in reading.found.items() if column not in fields}
    frame = frames[0] if len(frames) == 1 else gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=crs)
    return _Shaped(spec, readings, frame, findings, fields, [len(each) for each in frames])


def _finish_part(
    config: CountyConfig, part: _Part, shaped: list[_Shaped]
) -> tuple[gpd.GeoDataFrame | None, list[Finding], list[Provenance]]:
    """One layer in standard columns, None where nothing is left of it; what was found, and where it came from."""
    findings: list[Finding] = []
    provenance: list[Provenance] = []
    frames = []
    try:
        for each in shaped:
            frame, more = _finish(config, each)
            findings += more
            provenance += _origin(each, len(frame))
            frames.append(frame)
    except InputError as error:
        return None, [*findings, *error.findings], provenance
    frame = frames[0]
    if part.listing is not None:
        frame, more = join_list(frames[1], frame) if part.readings else (frames[1], [])
        findings += more
    if len(frame):
        return conform(frame, part.spec.role), findings, provenance
    return None, [*findings, Finding("layer_empty", "error", part.spec.name)], provenance


def _finish(config: CountyConfig, shaped: _Shaped) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    spec, readings = shaped.spec, shaped.readings
    if shaped.frame.empty:
        return shaped.frame, shaped.findings
    sources = " ".join(f"{reading.source} {reading.layer or ''}" for reading in readings)
    any_osm = any(reading.is_osm for reading in readings)
    in_numbers = frozenset(
        column for reading in readings for column, field in reading.found.items()
        if field in reading.frame.columns and pd.api.types.is_numeric_dtype(reading.frame[field])
    )
    context = Context(
        spec.name, shaped.frame.crs, config.name, config.code, shaped.fields, spec.kind, sources, any_osm, spec.units, in_numbers
    )
    finished, more = ROLE_OF[spec.role].finish(shaped.frame, context)
    return finished, [*shaped.findings, *more]


def _origin(shaped: _Shaped, rows_finished: int) -> list[Provenance]:
    """Where each source of a layer came from; the hash of its content is done by now, or soon."""
    origins = []
    for reading, rows in zip(shaped.readings, shaped.rows, strict=True):
        with foreign_errors(reading.source, layer=f"layers.{shaped.spec.name}"):
            digest = reading.hashing.result()
        origins.append(
            Provenance(
                shaped.spec.name,
                reading.source,
                reading.layer,
                reading.driver,
                digest,
                reading.crs_as_read,
                reading.encoding,
                reading.rows_in,
                rows_finished if len(shaped.readings) == 1 else rows,
                dict(reading.found),
            )
        )
    return origins


def _labels(frame: gpd.GeoDataFrame) -> pd.Series:
    """What a finding calls a row: the file's own id or code where it has one, else the row's number."""
    numbers = pd.Series(np.arange(1, len(frame) + 1), index=frame.index)
    for name in ("parcel_code", "object_id", "village_code", "osm_id"):
        if name in frame.columns:
            return frame[name] if frame[name].notna().all() else frame[name].astype(object).fillna(numbers)
    return numbers


def _read_raster(
    spec: SourceSpec, crs: CRS, box: Box | None
) -> tuple[gpd.GeoDataFrame | Raster | None, list[Provenance], Sequence[Finding]]:
    """A raster layer; None for one that cannot be read, with the error among the findings."""
    try:
        if spec.role == "population":
            people, origin, more = read_people(spec, crs, box)
            origin = [replace(item, rows_out=len(people)) if len(origin) == 1 else item for item in origin]
            return conform(people, "population"), origin, more
        return read_terrain(spec, crs, box)
    except InputError as error:
        return None, [], error.findings
