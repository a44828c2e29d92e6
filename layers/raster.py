"""Rasters: tiles put together and brought to the county's CRS at their own resolution; population cells as points."""

from __future__ import annotations

import math
import os
from contextlib import ExitStack
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine
from pyproj import CRS, Transformer
from rasterio.enums import MaskFlags, Resampling
from rasterio.transform import array_bounds
from rasterio.warp import calculate_default_transform, reproject
from rasterio.windows import Window

from layers.archive import check_links, content_hash, files_of, unpacked
from layers.config import SourceSpec
from layers.county import Provenance, Raster
from layers.crs import Box, describe, guess_crs, is_old_datum, same
from layers.findings import Finding, InputError
from layers.formats import RASTERS, split_source
from layers.offline import RASTER_DRIVERS, rasters_offline
from layers.sniff import check_contents, foreign_errors

MARGIN_M = 2_000.0
"""How far beyond the county terrain is kept: slopes and walks at its edge need it."""

PEOPLE_MARGIN_M = 10_000.0
"""How far beyond the county population cells are kept."""


def is_raster(source: str) -> bool:
    """Whether a source is a raster by its name; a zip is one if its name says what is in it (``S12E043.hgt.zip``)."""
    suffixes = [suffix.casefold() for suffix in Path(split_source(source)[0]).suffixes]
    return bool(suffixes) and (
        suffixes[-1] in RASTERS or (suffixes[-1] == ".zip" and any(suffix in RASTERS for suffix in suffixes))
    )


def _tiles(spec: SourceSpec, stack: ExitStack) -> tuple[list, list[Provenance]]:
    """Every raster of the sources, opened, with where it came from."""
    datasets, provenance = [], []
    for source in spec.sources:
        path = spec.folder / split_source(source)[0]
        check_links(path, spec.folder, layer=f"layers.{spec.name}")
        folder = stack.enter_context(unpacked(path, layer=f"layers.{spec.name}"))
        files = files_of(folder, RASTERS)
        if not files:
            raise InputError([Finding("source_empty", "error", f"layers.{spec.name}", "source", params={"path": source})])
        stack.enter_context(rasters_offline())
        with foreign_errors(source, layer=f"layers.{spec.name}"):
            for file in files:
                check_contents(file, layer=f"layers.{spec.name}")
            opened = [stack.enter_context(rasterio.io.DatasetReader(file, driver=list(RASTER_DRIVERS))) for file in files]
        cells = sum(dataset.width * dataset.height for dataset in opened)
        crs = describe(_crs_of(opened[0], spec))
        provenance.append(Provenance(spec.name, source, None, opened[0].driver, content_hash(path), crs, None, cells, cells))
        datasets += opened
    return datasets, provenance


def _crs_of(dataset, spec: SourceSpec) -> CRS:
    crs = (
        CRS.from_user_input(spec.crs)
        if spec.crs
        else CRS.from_wkt(dataset.crs.to_wkt())
        if dataset.crs
        else guess_crs(dataset.bounds)
    )
    if crs is None:
        params = {"left": round(dataset.bounds.left), "bottom": round(dataset.bounds.bottom)}
        raise InputError([Finding("crs_missing", "error", f"layers.{spec.name}", "crs", params=params)])
    if is_old_datum(crs):
        raise InputError([Finding("datum_old", "error", f"layers.{spec.name}", "crs", params={"crs": crs.name})])
    return crs


def _box_in(box: Box, margin_m: float, crs: CRS, target: CRS) -> Box:
    """A box of the county with a margin, in another CRS."""
    left, bottom, right, top = box
    wide = (left - margin_m, bottom - margin_m, right + margin_m, top + margin_m)
    return wide if same(crs, target) else Transformer.from_crs(crs, target, always_xy=True).transform_bounds(*wide, densify_pts=21)


def mosaic(spec: SourceSpec, crs: CRS, box: Box | None) -> tuple[Raster, list[Provenance], list[Finding]]:
    """One raster of a county in its CRS, from one or several tiles, at their own resolution.

    Cells are interpolated bilinearly where the grid has to be turned; a tile that already lies in the county's CRS is only cut out.

    Parameters
    ----------
    spec : SourceSpec
        What county.toml says.
    crs : CRS
        The county's.
    box : tuple or None
        (left, bottom, right, top) of the county in metres; everything is read if None.

    Raises
    ------
    InputError
        If a tile cannot be read, tiles differ in CRS or cell size, or none of them covers the county.
    """
    with ExitStack() as stack:
        datasets, provenance = _tiles(spec, stack)
        source_crs = _crs_of(datasets[0], spec)
        tilted = any(item.transform.b or item.transform.d or item.transform.a < 0 or item.transform.e > 0 for item in datasets)
        if tilted or any(
            not same(_crs_of(item, spec), source_crs) or not np.allclose(item.res, datasets[0].res, rtol=1e-6)
            for item in datasets[1:]
        ):
            raise InputError([Finding("raster_mixed", "error", f"layers.{spec.name}", "source")])
        wanted = _box_in(box, MARGIN_M, crs, source_crs) if box else None
        datasets = [item for item in datasets if wanted is None or _meet(wanted, item.bounds)]
        if not datasets:
            raise InputError([Finding("raster_elsewhere", "error", f"layers.{spec.name}", "source")])
        values, transform = _merged(datasets, wanted)
    if not same(source_crs, crs):
        values, transform = _warped(values, transform, source_crs, crs)
    findings = []
    empty = float(np.isnan(values).mean())
    if empty > 0.5:
        findings.append(Finding("raster_holes", "warning", spec.name, params={"percent": round(100 * empty)}))
    return Raster(values, transform, crs), provenance, findings


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _merged(datasets: list, wanted: Box | None) -> tuple[np.ndarray, Affine]:
    """Tiles of one cell size laid side by side, each at its nearest whole cell; where tiles overlap the first one counts.

    Only the wanted part of each tile is read. rasterio's own `merge` is not used: it reads whole tiles before it cuts them.
    """
    grid = datasets[0].transform
    left, top, right, bottom = (
        min(item.bounds.left for item in datasets),
        max(item.bounds.top for item in datasets),
        max(item.bounds.right for item in datasets),
        min(item.bounds.bottom for item in datasets),
    )
    if wanted is not None:
        left, bottom, right, top = max(left, wanted[0]), max(bottom, wanted[1]), min(right, wanted[2]), min(top, wanted[3])
    first_column, first_row = math.floor((left - grid.c) / grid.a + 1e-6), math.floor((top - grid.f) / grid.e + 1e-6)
    columns = math.ceil((right - grid.c) / grid.a - 1e-6) - first_column
    rows = math.ceil((bottom - grid.f) / grid.e - 1e-6) - first_row
    values = np.full((rows, columns), np.nan, dtype="float32")
    for dataset in datasets:
        column = round((dataset.transform.c - grid.c) / grid.a) - first_column
        row = round((dataset.transform.f - grid.f) / grid.e) - first_row
        c0, c1 = max(column, 0), min(column + dataset.width, columns)
        r0, r1 = max(row, 0), min(row + dataset.height, rows)
        if c0 >= c1 or r0 >= r1:
            continue
        tile = _cells(dataset, Window(c0 - column, r0 - row, c1 - c0, r1 - r0))
        if len(datasets) == 1:
            values[r0:r1, c0:c1] = tile
        else:
            part = values[r0:r1, c0:c1]
            np.copyto(part, tile, where=np.isnan(part))
    return values, Affine(grid.a, 0.0, grid.c + first_column * grid.a, 0.0, grid.e, grid.f + first_row * grid.e)


def _cells(dataset, window: Window) -> np.ndarray:
    """The values of a window as float32, NaN where the file has none."""
    if MaskFlags.all_valid in dataset.mask_flag_enums[0]:
        return dataset.read(1, window=window).astype("float32", copy=False)
    return dataset.read(1, window=window, masked=True).astype("float32").filled(np.nan)


def _warped(values: np.ndarray, transform: Affine, crs: CRS, target: CRS) -> tuple[np.ndarray, Affine]:
    height, width = values.shape
    bounds = array_bounds(height, width, transform)
    source, destination = rasterio.crs.CRS.from_wkt(crs.to_wkt()), rasterio.crs.CRS.from_wkt(target.to_wkt())
    new_transform, new_width, new_height = calculate_default_transform(source, destination, width, height, *bounds)
    out = np.full((new_height, new_width), np.nan, dtype="float32")
    reproject(
        values,
        out,
        src_transform=transform,
        src_crs=source,
        src_nodata=np.nan,
        dst_transform=new_transform,
        dst_crs=destination,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
        num_threads=os.cpu_count() or 1,
    )
    return out, new_transform


def read_people(spec: SourceSpec, crs: CRS, box: Box | None) -> tuple[gpd.GeoDataFrame, list[Provenance], list[Finding]]:
    """People of a population raster as points at the centres of its cells, in the county's CRS.

    Cells without data and those of 0 or less carry nobody. No cell is resampled, so people are conserved exactly; cells further
    than 10 km from the county are left out, and a finding says how many people that concerns.

    Parameters
    ----------
    spec, crs, box
        As for `mosaic`.

    Raises
    ------
    InputError
        If a tile cannot be read or none covers the county.
    """
    points, people, outside = [], [], 0.0
    with ExitStack() as stack:
        datasets, provenance = _tiles(spec, stack)
        for dataset in datasets:
            source_crs = _crs_of(dataset, spec)
            band = dataset.read(1, masked=True)
            values = band.astype("float64").filled(np.nan)
            rows, columns = np.nonzero(values > 0)
            grid = dataset.transform
            xs = grid.c + grid.a * (columns + 0.5) + grid.b * (rows + 0.5)
            ys = grid.f + grid.d * (columns + 0.5) + grid.e * (rows + 0.5)
            counts = values[rows, columns]
            if box is not None:
                left, bottom, right, top = _box_in(box, PEOPLE_MARGIN_M, crs, source_crs)
                near = (xs >= left) & (xs <= right) & (ys >= bottom) & (ys <= top)
                outside += float(counts[~near].sum())
                xs, ys, counts = xs[near], ys[near], counts[near]
            to_county = Transformer.from_crs(source_crs, crs, always_xy=True)
            points.append(np.column_stack(to_county.transform(xs, ys)))
            people.append(counts)
    total = np.concatenate(people)
    if len(total) == 0:
        raise InputError([Finding("raster_elsewhere", "error", f"layers.{spec.name}", "source")])
    findings = [Finding("people_in_cells", "info", spec.name, count=len(total), params={"people": f"{total.sum():,.0f}"})]
    if outside > 0:
        findings.append(Finding("people_outside", "info", spec.name, params={"people": f"{outside:,.0f}"}))
    frame = gpd.GeoDataFrame({"people": total}, geometry=shapely.points(np.concatenate(points)), crs=crs)
    return frame, provenance, findings
