"""Parcel coordinates in a text file: ``[属性描述]`` and ``[地块坐标]``, the way red lines and boundary surveys are handed in.

Each parcel is a line that ends in ``@`` (points, area, number, name, shape, map sheet, use, land class) and its points
``J1,ring,X,Y``. Writers differ in the order of X and Y, in the unit of the area and in what the zone is written in
(data-conventions 3.5): sizes decide what they can, the rest is said.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from layers.crs import gauss_krueger, metric_crs
from layers.encoding import text_encoding
from layers.fields import as_numbers
from layers.findings import Finding, InputError
from layers.units import UNITS, area_factor, clear_area_unit

FIELDS = ("点数", "宗地面积", "地块编号", "地块名称", "图形", "图幅号", "用途", "地类编码")
"""What a parcel's line holds, in its order; the area is handed on in m2."""

KEPT = ("地块编号", "地块名称", "宗地面积", "图幅号", "用途", "地类编码")

_SECTION = re.compile(r"[\[【]\s*(属性描述|地块坐标)\s*[\]】]")
_NUMBER = r"[-+]?\d{1,12}(?:\.\d{0,15})?"
_VERTEX = re.compile(rf"[^,@]{{0,20}},(?:\s*(\d{{1,6}})\s*,)?\s*({_NUMBER})\s*,\s*({_NUMBER})\s*(?:,[^@]*)?")
_SYSTEMS = (("cgcs2000", r"2000|cgcs|wgs"), ("xian1980", r"80|西安"), ("beijing1954", r"54|北京"))
_HEAD_BYTES = 65_536
_SHOWN = 20


@dataclass
class _Parcel:
    cells: list[str]
    rings: list[list[int]] = field(default_factory=list)
    """Positions of the points of each ring."""
    ring_number: str | None = None
    points: int = 0


@dataclass
class _Text:
    """A file taken apart: its head, parcels, points (first and second coordinate) and the lines that are neither."""

    head: dict[str, str] = field(default_factory=dict)
    parcels: list[_Parcel] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)


def is_coordinates(path: Path) -> bool:
    """Whether a text file holds parcel coordinates: one of its two section names stands in its first 64 KiB."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    spellings = (head.decode(encoding, errors="ignore") for encoding in (("utf-16",) if wide else ("utf-8", "gb18030")))
    return any(_SECTION.search(unicodedata.normalize("NFKC", text)) for text in spellings)


def read_coordinates(
    path: Path, *, layer: str, encoding: str | None = None, area_unit: str | None = None, any_system: bool = False
) -> tuple[gpd.GeoDataFrame, str, list[Finding]]:
    """Parcels of a coordinate file as polygons, east first, with the CRS that the file names, and `宗地面积` in m2.

    Parameters
    ----------
    path : Path
        The .txt file.
    layer : str
        Name for the findings.
    encoding : str or None
        Of the text; decided from its bytes if None.
    area_unit : str or None
        Unit of the areas by county.toml (a key of `layers.units.UNITS`): they are then handed on in it, as written.
    any_system : bool
        Take a file whose coordinate system is not known here, because county.toml says which it is.

    Returns
    -------
    GeoDataFrame, str, list of Finding
        Columns `KEPT` and the geometry (None where a parcel has no ring); the CRS is None where the file does not say enough. The
        encoding. What was left out or decided. An area is missing where its unit is neither written nor plain from the shape.

    Raises
    ------
    InputError
        If it cannot be decoded, has no parcel, or names a coordinate system that is not known here.
    """
    data = path.read_bytes()
    used = encoding or text_encoding(data)
    try:
        if used is None:
            raise UnicodeError
        text = unicodedata.normalize("NFKC", data.decode(used))
    except (UnicodeError, LookupError) as error:
        raise InputError([Finding("encoding_unknown", "error", layer, params={"path": path.name})]) from error
    parsed = _parse(text)
    if not parsed.parcels:
        raise InputError([Finding("txt_no_parcels", "error", layer, "source", params={"path": path.name})])
    findings = _unread(parsed, layer)
    east, north, unclear = _east_north(np.array(parsed.first), np.array(parsed.second))
    if unclear:
        findings.append(Finding("txt_axes_unclear", "warning", layer, count=unclear))
    crs, more = (None, []) if any_system else _crs(parsed.head, east, north, layer)
    shapes, others = _shapes(parsed, np.column_stack([east, north]), layer)
    cells = pd.DataFrame([parcel.cells for parcel in parsed.parcels], columns=list(FIELDS), dtype="str")
    table = cells.mask(cells.apply(lambda column: column.str.strip() == ""))
    geometry = gpd.GeoSeries(shapes, crs=crs)
    table["宗地面积"], last = _areas(table["宗地面积"], _measured_m2(geometry), parsed.head, area_unit, layer)
    return gpd.GeoDataFrame(table[list(KEPT)], geometry=geometry), used, [*findings, *more, *others, *last]


def _parse(text: str) -> _Text:
    out = _Text()
    in_parcels = False
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.replace("\ufeff", "").strip()
        if not line:
            continue
        section = _SECTION.search(line)
        if section:
            in_parcels = section[1] == "地块坐标"
        elif not in_parcels:
            key, equals, value = line.partition("=")
            if equals:
                out.head[key.strip()] = value.strip()
        elif line.rstrip(", ").endswith("@"):
            out.parcels.append(_Parcel(_cells(line)))
        elif not _take_point(line, out):
            out.unread.append(number)
    return out


def _cells(line: str) -> list[str]:
    """The eight cells before the ``@``; a name with commas in it keeps them."""
    cells = [cell.strip() for cell in re.split(r"[,\t]", line.rstrip(", ").removesuffix("@"))]
    if cells and not cells[-1]:
        cells.pop()
    extra = len(cells) - len(FIELDS)
    if extra > 0:
        cells[3 : 4 + extra] = [",".join(cells[3 : 4 + extra])]
    return cells + [""] * (len(FIELDS) - len(cells))


def _take_point(line: str, out: _Text) -> bool:
    """Add a point to the last parcel; a new ring begins with another ring number, or where the last one has closed."""
    plain = re.sub(r"[\t;]+", ",", line)
    match = _VERTEX.fullmatch(plain if "," in plain else ",".join(plain.split()))
    if match is None or not out.parcels:
        return False
    parcel = out.parcels[-1]
    ring, at = match[1] or "1", len(out.first)
    out.first.append(float(match[2]))
    out.second.append(float(match[3]))
    last = parcel.rings[-1] if parcel.rings else []
    closed = len(last) > 3 and out.first[last[0]] == out.first[last[-1]] and out.second[last[0]] == out.second[last[-1]]
    if ring != parcel.ring_number or closed:
        parcel.rings.append([])
        parcel.ring_number = ring
    parcel.rings[-1].append(at)
    parcel.points += 1
    return True


def _unread(parsed: _Text, layer: str) -> list[Finding]:
    findings = []
    if parsed.unread:
        lines = tuple(str(number) for number in parsed.unread[:_SHOWN])
        params = {"examples": ", ".join(lines[:5])}
        findings.append(Finding("txt_lines_unread", "warning", layer, None, lines, len(parsed.unread), params))
    differ = []
    for at, parcel in enumerate(parsed.parcels, start=1):
        said = re.fullmatch(r"\d{1,7}", parcel.cells[0])
        fewest = parcel.points - len(parcel.rings)   # where closing points do not count
        if said and not fewest <= int(said[0]) <= parcel.points:
            differ.append(_label(parcel, at))
    if differ:
        findings.append(Finding("txt_points_differ", "warning", layer, None, tuple(differ[:_SHOWN]), len(differ)))
    return findings


def _label(parcel: _Parcel, number: int) -> str:
    return parcel.cells[2] or str(number)


def _east_north(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Points east first, told by size: Chinese northings are 1.9 to 6.1 million, eastings have 6 or 8 digits.

    Points whose sizes say nothing follow the others of their file; where none says anything X is north, the surveyors' custom.
    Their number is returned.
    """
    def northing(v: np.ndarray) -> np.ndarray:
        return ((v >= 1.9e6) & (v <= 6.1e6)) | ((v >= 3) & (v <= 54))

    def easting(v: np.ndarray) -> np.ndarray:
        return ((v >= 1e5) & (v < 1e6)) | ((v >= 13e6) & (v < 46e6)) | ((v >= 73) & (v <= 136))

    north_first, east_first = northing(first) & easting(second), northing(second) & easting(first)
    unclear = ~(north_first ^ east_first)
    swap = np.where(unclear, north_first.sum() >= east_first.sum(), north_first)
    return np.where(swap, second, first), np.where(swap, first, second), int(unclear.sum()) if unclear.all() else 0


def _crs(head: dict[str, str], east: np.ndarray, north: np.ndarray, layer: str) -> tuple[CRS | None, list[Finding]]:
    """The CRS by the head's system and zone; a zone in the eastings goes before the head's. None where it stays open."""
    said = head.get("坐标系", "")
    system = next((name for name, words in _SYSTEMS if re.search(words, said, re.IGNORECASE)), None)
    if said and system is None:
        raise InputError([Finding("txt_system_unknown", "error", f"layers.{layer}", "crs", params={"system": said[:60]})])
    if system is None or not len(east):
        return None, []
    if np.abs(east).max() <= 180 and np.abs(north).max() <= 90:
        return CRS.from_epsg({"cgcs2000": 4490, "xian1980": 4610, "beijing1954": 4214}[system]), []
    written = _zone(head)
    carried = np.unique(east[east >= 1e7] // 1e6).astype(int)
    if len(carried) > 1 or (len(carried) == 1 and not (east >= 1e7).all()):
        return None, []
    if len(carried) == 0:
        return (None if written is None else gauss_krueger(system, written, prefixed=False)), []
    zone = int(carried[0])
    findings = []
    if written is not None and written != zone:
        findings.append(Finding("txt_zone_differs", "warning", layer, params={"head": written, "zone": zone}))
    return gauss_krueger(system, zone, prefixed=True), findings


def _zone(head: dict[str, str]) -> int | None:
    """Zone by 带号, else by the central meridian of a 3-degree zone."""
    number = re.fullmatch(r"(\d{2})\s*带?", head.get("带号", ""))
    if number:
        return int(number[1])
    meridian = re.match(r"(\d{2,3})(?:\.0+)?\D{0,2}$", head.get("中央子午线", head.get("中央经线", "")))
    return int(meridian[1]) // 3 if meridian and int(meridian[1]) % 3 == 0 else None


def _shapes(parsed: _Text, points: np.ndarray, layer: str) -> tuple[np.ndarray, list[Finding]]:
    """A polygon for each parcel: what lies within an odd number of its rings, whatever their numbers and their turn."""
    shapes = np.full(len(parsed.parcels), None, dtype=object)
    short, mended = [], []
    for at, parcel in enumerate(parsed.parcels):
        rings = [points[ring] for ring in parcel.rings]
        usable = [ring for ring in rings if len(np.unique(ring, axis=0)) >= 3]
        if len(usable) < len(rings):
            short.append(_label(parcel, at + 1))
        parts = np.array([shapely.Polygon(ring) for ring in usable], dtype=object)
        if len(parts) > 1 and not shapely.is_valid(parts).all():
            mended.append(_label(parcel, at + 1))
            parts = shapely.make_valid(parts, method="structure", keep_collapsed=False)
        while len(parts) > 1:
            left, rest = parts[0 : len(parts) // 2 * 2], parts[len(parts) // 2 * 2 :]
            parts = np.append(shapely.symmetric_difference(left[0::2], left[1::2]), rest)
        shapes[at] = parts[0] if len(parts) else None
    findings = []
    for code, labels in (("txt_ring_short", short), ("geometry_invalid", mended)):
        if labels:
            severity = "warning" if code == "txt_ring_short" else "info"
            findings.append(Finding(code, severity, layer, None, tuple(labels[:_SHOWN]), len(labels)))
    return shapes, findings


def _measured_m2(shapes: gpd.GeoSeries) -> np.ndarray:
    """Area in m2; of degrees in the metric CRS of their place."""
    left, bottom, right, top = shapes.total_bounds
    if np.isfinite(left) and max(abs(left), abs(right)) <= 180 and max(abs(bottom), abs(top)) <= 90:
        shapes = shapes.set_crs(4490, allow_override=True).to_crs(metric_crs((left + right) / 2, (bottom + top) / 2))
    return shapely.area(np.asarray(shapes.array, dtype=object))


def _areas(
    cells: pd.Series, measured_m2: np.ndarray, head: dict[str, str], area_unit: str | None, layer: str
) -> tuple[pd.Series, list[Finding]]:
    """Declared areas in m2: by the unit in the cell, in the head or in county.toml, else by the one that the shapes make plain."""
    numbers, bad = as_numbers(cells, source_unit=None)
    bare = cells.str.fullmatch(rf"\s*{_NUMBER}\s*").fillna(False).to_numpy(dtype=bool)
    findings = []
    if bad.any():
        params = {"examples": ", ".join(cells[bad].unique()[:3])}
        findings.append(Finding("number_unread", "warning", layer, "面积", (), int(bad.sum()), params))
    if area_unit is not None:
        return numbers.where(pd.Series(bare, index=cells.index), numbers / UNITS[area_unit]), findings
    written = area_factor(head.get("面积单位", ""))
    values = numbers.to_numpy("float64", copy=True)
    open_rows = bare & (values > 0)
    if written is not None:
        values[open_rows] *= written
        return pd.Series(values, index=cells.index), findings
    units = clear_area_unit(values, measured_m2)
    names = sorted({unit for unit in units[open_rows] if unit is not None})
    if len(names) == 1:
        units = np.full(len(units), names[0], dtype=object)   # one that is a little off is then a finding of its own
    factors = np.array([np.nan if unit is None else UNITS[unit] for unit in units])
    values[bare] *= factors[bare]
    if names:
        params = {"units": ", ".join(names)}
        findings.append(Finding("txt_area_unit", "info", layer, "面积", count=int(open_rows.sum()), params=params))
    lost = open_rows & np.isnan(values)
    if lost.any():
        params = {"examples": ", ".join(cells[lost].head(3))}
        findings.append(Finding("txt_area_unclear", "warning", layer, "面积", (), int(lost.sum()), params))
    return pd.Series(values, index=cells.index), findings
