"""What a file really is, by its first bytes: a name that says otherwise, and contents that lead to other files or to the network.

GDAL opens a file by its contents and not by its name: a ``.json`` may be a virtual dataset that reads any file of the computer, or
an address on the network. So nothing is handed to it before its contents are those that its name promises.
"""

from __future__ import annotations

import csv
import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio.errors
from shapely.errors import ShapelyError

from layers import private
from layers.findings import Finding, InputError, UnsupportedFormat

HEAD_BYTES = 65_536

_SQLITE, _ZIP, _XML, _JSON = rb"SQLite format 3\0", rb"PK\x03\x04|PK\x05\x06", rb"\s*<", rb"[\s\x1e]*[{\[]"
_BEGINS = {
    ".shp": rb"\0\0\x27\x0a",
    ".gpkg": _SQLITE,
    ".sqlite": _SQLITE,
    ".fgb": rb"fgb",
    ".parquet": rb"PAR1",
    ".geoparquet": rb"PAR1",
    ".xlsx": _ZIP,
    ".xlsm": _ZIP,
    ".json": _JSON,
    ".geojson": _JSON,
    ".kml": _XML,
    ".gml": _XML,
    ".osm": _XML,
    ".graphml": _XML,
    ".pbf": rb"\0\0\0.\x0a\x09OSMHeader",
    ".tif": rb"II[*+]\0|MM\0[*+]",
    ".tiff": rb"II[*+]\0|MM\0[*+]",
    ".asc": rb"\s*[A-Za-z]",
    ".tab": rb"\s*!table",
    ".mif": rb"\s*version",
}
"""Suffix -> what a file of this name begins with (after a byte order mark)."""

_XML_NAMES = (".kml", ".gml", ".osm", ".graphml", ".tab")

_LEADS_AWAY = re.compile(
    rb"<\s*(?:\w+:)?(?:OGRVRT\w*|VRTDataset|GDAL_WMS|GDAL_WMTS|OGRWFSDataSource|WMS_\w+|WMT_MS\w*|WMS\w*|Capabilities|NetworkLink)\b"
    rb"|<!ENTITY|is_?seamless\W+true|^\s*(?:open table|create view)|/vsi\w+/",
    re.IGNORECASE | re.MULTILINE,
)
"""Virtual datasets, services, external entities and lists of other files."""

_AUX_LEADS_AWAY = re.compile(rb"/vsi\w+/|https?://|OVERVIEW_FILE|<SourceFilename", re.IGNORECASE)

_CRS_MEMBER = re.compile(rb'"crs"\s*:\s*\{(?:[^{}]|\{[^{}]*\}){0,2000}\}', re.IGNORECASE)
_LINKED = re.compile(rb'"(?:href|url|link)"|https?:|/vsi', re.IGNORECASE)


def check_contents(path: Path, *, layer: str) -> None:
    """Refuse a file whose contents are not what its name says, or lead to another file or to the network.

    Parameters
    ----------
    path : Path
        A file (a folder, such as a .gdb, is not looked at).
    layer : str
        Name for the findings.

    Raises
    ------
    InputError
        If it is empty, something else than its name says, or leads elsewhere.
    """
    if path.is_dir():
        return
    suffix = path.suffix.casefold()
    beside = path.with_name(f"{path.name}.aux.xml")
    if beside.is_file() and _AUX_LEADS_AWAY.search(beside.read_bytes()):
        raise InputError([Finding("content_leads_away", "error", layer, "source", params={"path": beside.name})])
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    params = {"path": path.name}
    if not head:
        raise InputError([Finding("content_empty", "error", layer, "source", params=params)])
    body = head.removeprefix(b"\xef\xbb\xbf")
    wanted = _BEGINS.get(suffix)
    if not _is_text_file(suffix, head) or (wanted is not None and not re.match(wanted, body, re.IGNORECASE | re.DOTALL)):
        raise UnsupportedFormat([Finding("content_not_as_named", "error", layer, "source", params={**params, "suffix": suffix})])
    if (suffix in _XML_NAMES and _LEADS_AWAY.search(_plain(head))) or (suffix in (".json", ".geojson") and _links_its_crs(path)):
        raise InputError([Finding("content_leads_away", "error", layer, "source", params=params)])


FOREIGN = (
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    EOFError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    struct.error,
    zlib.error,
    csv.Error,
    zipfile.BadZipFile,
    pa.ArrowException,
    ShapelyError,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
)
"""What the libraries that read files raise over a damaged one."""

_SHOWN = 200


@contextmanager
def foreign_errors(name: str, *, layer: str) -> Iterator[None]:
    """Errors of the libraries that read a file, told as findings where they enter.

    Raises
    ------
    InputError
        In place of the foreign error, which stays its cause.
    """
    try:
        with np.errstate(invalid="ignore"):   # corners that are no numbers; `layers.rows.mend` says so
            yield
    except InputError:
        raise
    except FOREIGN as error:
        problem = private.masked(" ".join(str(error).split())[:_SHOWN]) or type(error).__name__
        params = {"path": name, "problem": problem}
        raise InputError([Finding("source_unreadable", "error", layer, "source", params=params)]) from error


def _is_text_file(suffix: str, head: bytes) -> bool:
    """A text has no zero bytes, unless it is written in two-byte characters and begins with their mark."""
    return suffix not in (".csv", ".txt") or b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _plain(head: bytes) -> bytes:
    """Two-byte characters brought to one byte each, so that they hide nothing."""
    return head.replace(b"\0", b"") if head.startswith((b"\xff\xfe", b"\xfe\xff")) else head


def _links_its_crs(path: Path) -> bool:
    """Whether a GeoJSON names its CRS by an address, which GDAL would ask the network for."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(_LINKED.search(match[0]) for match in _CRS_MEMBER.finditer(data))
