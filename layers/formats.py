"""Which formats can be read, which cannot and what to do then."""

from __future__ import annotations

import re
from pathlib import PurePath

from layers import mapgis
from layers.private import is_private as is_private

RASTERS = (".tif", ".tiff", ".hgt", ".img", ".asc")
TABLES = (".csv", ".txt", ".xlsx", ".xlsm", ".xls")
OSM_EXTRACTS = (".pbf", ".osm")
VECTORS = (
    ".shp",
    ".gdb",
    ".gpkg",
    ".geojson",
    ".json",
    ".fgb",
    ".kml",
    ".gml",
    ".tab",
    ".mif",
    ".sqlite",
    ".dxf",
    ".parquet",
    ".geoparquet",
    ".graphml",
    *mapgis.SUFFIXES,
)
READABLE = (*RASTERS, *TABLES, *OSM_EXTRACTS, *VECTORS, ".zip")

_REFUSED = {
    ".vrt": "format_virtual",
    ".xml": "format_virtual",
    ".wms": "format_virtual",
    ".mdb": "format_mdb",
    ".accdb": "format_mdb",
    ".vct": "format_vct",
    ".dwg": "format_dwg",
}

_VIRTUAL = re.compile(r"[/\\]+vsi\w+[/\\]|\w{2,}:|.*[a-z]{3,}://|[<{]", re.IGNORECASE)
"""Addresses on the network, GDAL's virtual paths and what it takes for a connection: never a file of the county's own."""


def out_of_reach(path: str) -> str | None:
    """Code of the finding that says why a format cannot be read and what to do; None for one that can.

    Examples
    --------
    >>> out_of_reach("宗地.mdb"), out_of_reach("parcels.shp")
    ('format_mdb', None)
    """
    if _VIRTUAL.match(path.strip()):
        return "source_virtual"
    suffix = PurePath(path).suffix.casefold()
    if suffix in mapgis.SUFFIXES and not mapgis.is_installed():
        return "format_mapgis"
    if suffix in _REFUSED:
        return _REFUSED[suffix]
    return "format_unknown" if suffix and suffix not in READABLE and not path.endswith(("/", "\\")) else None


def split_source(source: str) -> tuple[str, str | None]:
    """File and layer of a source written as ``file.gpkg|layer``.

    Examples
    --------
    >>> split_source("国土.gpkg|宗地"), split_source("a.shp")
    (('国土.gpkg', '宗地'), ('a.shp', None))
    """
    file, bar, layer = source.partition("|")
    return (file.strip(), layer.strip()) if bar else (source, None)
