"""MapGIS 6.x layers (.wt, .wl, .wp) through the optional extra ``mapgis``."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from layers.crs import gauss_krueger
from layers.findings import Finding, InputError
from layers.private import is_private

SUFFIXES = (".wt", ".wl", ".wp")

_DATUMS = {6378245: "beijing1954", 6378140: "xian1980"}
"""Semi-major axis in m -> datum; every other ellipsoid in a county's file stands for CGCS2000."""

_DEGREES = {"cgcs2000": 4490, "xian1980": 4610, "beijing1954": 4214}


def is_installed() -> bool:
    """Whether the extra that reads MapGIS is there."""
    return importlib.util.find_spec("pymapgis") is not None


def read_mapgis(path: Path, *, layer: str) -> gpd.GeoDataFrame:
    """A MapGIS layer without fields that name persons, in the Chinese CRS that its header means.

    The reader calls every datum WGS 84 or nothing at all; here the header's ellipsoid and central meridian become the EPSG code, so
    that a file on an old datum is known for one.

    Parameters
    ----------
    path : Path
        A .wt (points), .wl (lines) or .wp (polygons) file.
    layer : str
        Name for the findings.

    Raises
    ------
    InputError
        If the extra is not installed, or the file is damaged.
    """
    if not is_installed():
        raise InputError([Finding("format_mapgis", "error", layer, "source", params={"path": path.name})])
    from pymapgis import MapGISError, Reader

    try:
        read = Reader(path).geodataframe
    except (MapGISError, TypeError, AttributeError, AssertionError) as error:
        params = {"path": path.name, "problem": str(error)}
        raise InputError([Finding("source_unreadable", "error", layer, "source", params=params)]) from error
    kept = [name for name in read.columns if name != read.geometry.name and not is_private(name)]
    table = pd.DataFrame({name: read[name].to_numpy() for name in kept})
    shapes = gpd.GeoSeries(read.geometry.to_numpy(), crs=read.crs)
    frame = gpd.GeoDataFrame(table, geometry=shapes)
    return frame.set_crs(_meant(frame), allow_override=True)


def _meant(frame: gpd.GeoDataFrame) -> CRS | None:
    """The EPSG code that the header's ellipsoid, projection and meridian stand for; else the CRS as it was read."""
    read = frame.crs
    if read is None:
        return None
    datum = _DATUMS.get(round(read.ellipsoid.semi_major_metre), "cgcs2000")
    if read.is_geographic:
        return CRS.from_epsg(_DEGREES[datum])
    operation = (read.source_crs if read.is_bound else read).coordinate_operation
    values = {} if operation is None else {param.name: param.value for param in operation.params}
    meridian = values.get("Longitude of natural origin")
    if meridian is None or "Transverse Mercator" not in operation.method_name or meridian % 3:
        return read
    east = float(frame.total_bounds[0])
    if east >= 1e7:
        return gauss_krueger(datum, int(east // 1e6), prefixed=True) or read
    return gauss_krueger(datum, round(meridian / 3), prefixed=False) or read
