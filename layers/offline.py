"""GDAL kept off the network: what is read is what the files say, and no file can make the computer ask another one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyogrio
import rasterio

NOWHERE = "127.0.0.1:9"
"""The discard port of this computer, as a proxy: every connection that GDAL might try ends there."""

OPTIONS = {
    "GDAL_HTTP_PROXY": NOWHERE,
    "GDAL_HTTPS_PROXY": NOWHERE,
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".nothing",
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
}
"""Options of GDAL."""

RASTER_DRIVERS = ("GTiff", "HFA", "AAIGrid", "SRTMHGT", "ENVI")
"""Drivers that rasters are opened with; none of them follows references to other places."""


def vectors_offline() -> None:
    """Set the options for every vector file that is read from here on in this process."""
    pyogrio.set_gdal_config_options(OPTIONS)


@contextmanager
def rasters_offline() -> Iterator[None]:
    """The options while rasters are read."""
    with rasterio.Env(**OPTIONS):
        yield
