"""Coordinate systems: what a file is in, what can be guessed with certainty, and the one metric CRS of a county."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from shapely.geometry.base import BaseGeometry

from layers.cores import on_all_cores
from layers.remembered import once

Box = tuple[float, float, float, float]
"""(left, bottom, right, top)."""

LONLAT = CRS.from_epsg(4490)
"""Degrees in CGCS2000. WGS 84 is treated as the same: they differ by decimetres at most."""

CHINA = (73.5, 18.0, 135.5, 54.0)
"""Longitudes and latitudes within which CGCS2000 Gauss-Krueger is used."""

_OLD_AXES_M = (6_378_140, 6_378_245)
"""Semi-major axes of the old ellipsoids (IAG 1975, Krassowsky), by which a CRS without names is known."""

_OLD_DATUMS = ("xian", "beijing", "krassow", "iag 1975", "iag_1975", "西安", "北京")
_WEB_MERCATOR_ZONES = (13, 14, 15)
"""First digits of eastings that Web Mercator has in China too (117 to 135.5 degrees east)."""

_MAX_SCALE_ERROR = 0.003
"""Metric CRS whose lengths are off by more than this in the middle of the county are refused (0.6 % of an area)."""


def metric_crs(lon: float, lat: float) -> CRS:
    """The metric CRS for a county around (lon, lat) in degrees: CGCS2000 3-degree Gauss-Krueger in China, UTM elsewhere.

    Examples
    --------
    >>> metric_crs(107.6, 34.4).to_epsg(), metric_crs(43.4, -11.7).to_epsg(), metric_crs(-72.1, 43.2).to_epsg()
    (4545, 32738, 32618)
    """
    left, bottom, right, top = CHINA
    if left <= lon <= right and bottom <= lat <= top:
        meridian = min(max(round(lon / 3) * 3, 75), 135)
        return CRS.from_epsg(4534 + meridian // 3 - 25)
    found = query_utm_crs_info(datum_name="WGS 84", area_of_interest=AreaOfInterest(lon, lat, lon, lat))
    return CRS.from_epsg(int(found[0].code))


def is_likely_metric(crs: CRS, bounds: Box) -> bool:
    """Whether the county of a layer will most likely be in the layer's own CRS, by its place alone; asked before all are read.

    Examples
    --------
    >>> [is_likely_metric(CRS.from_epsg(code), (500_000, 3_800_000, 520_000, 3_820_000)) for code in (4545, 4513, 32738, 4490)]
    [True, False, True, False]
    """
    if not crs.is_projected:
        return False
    lon, lat = Proj(crs)((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, inverse=True)
    if CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3]:
        return same(crs, metric_crs(lon, lat))
    # which UTM zone a place has is only said here by its longitude: to ask for the zone itself takes many times longer
    return bool(np.isfinite(lon)) and crs.utm_zone == f"{int((lon + 180) // 6) + 1}{'N' if lat >= 0 else 'S'}"


_ZONE_CODES = {
    "cgcs2000": (4513, 4534, 4491, 4502), "xian1980": (2349, 2370, 2327, 2338), "beijing1954": (2401, 2422, 21413, 21453),
}
"""Datum -> EPSG code of its first Gauss-Krueger zone: 3 degrees with and without the zone in the easting, 6 degrees likewise."""


def gauss_krueger(datum: str, zone: int, *, prefixed: bool) -> CRS | None:
    """Gauss-Krueger CRS of a Chinese datum by zone number: 25-45 are 3 degrees wide, 13-23 are 6; None for another number.

    Parameters
    ----------
    datum : str
        cgcs2000, xian1980 or beijing1954.
    zone : int
    prefixed : bool
        Whether eastings carry the zone in front (eight digits).

    Examples
    --------
    >>> gauss_krueger("cgcs2000", 38, prefixed=True).to_epsg(), gauss_krueger("xian1980", 19, prefixed=False).to_epsg()
    (4526, 2344)
    >>> gauss_krueger("cgcs2000", 50, prefixed=True) is None
    True
    """
    three, three_plain, six, six_plain = _ZONE_CODES[datum]
    if 25 <= zone <= 45:
        return CRS.from_epsg((three if prefixed else three_plain) + zone - 25)
    if 13 <= zone <= 23:
        return CRS.from_epsg((six if prefixed else six_plain) + zone - 13)
    return None


def guess_crs(bounds: Box) -> CRS | None:
    """The CRS that coordinates without one must be in, or None where more than one is possible.

    Degrees are taken for CGCS2000; an easting of eight digits carries its zone (25-45: 3 degrees wide, 16-23: 6 degrees). An
    easting of six digits names no zone: the person has to say it. So it is with eastings of 13 to 16 million, which may be a
    6-degree zone in the far west or Web Mercator in the east.

    Parameters
    ----------
    bounds : tuple
        (left, bottom, right, top) of the coordinates.

    Examples
    --------
    >>> guess_crs((38_400_000, 3_880_000, 38_410_000, 3_890_000)).to_epsg()
    4526
    >>> guess_crs((400_000, 3_880_000, 410_000, 3_890_000)) is None
    True
    """
    left, bottom, right, top = bounds
    if not np.isfinite(bounds).all():
        return None
    if abs(left) <= 180 and abs(right) <= 180 and abs(bottom) <= 90 and abs(top) <= 90:
        return LONLAT
    zone = int(left // 1_000_000)
    if zone == int(right // 1_000_000) and bottom > 1_000_000 and top < 6_500_000:
        return None if zone in _WEB_MERCATOR_ZONES else gauss_krueger("cgcs2000", zone, prefixed=True)
    return None


def is_swapped(bounds: Box) -> bool:
    """Whether x and y of coordinates stand in each other's place, as Chinese tables do that call the northing X.

    True only where the sizes leave no doubt: Chinese northings (2 to 6 million) in x beside eastings with a zone or of six digits
    in y, or Chinese latitudes in x beside longitudes in y.
    """
    left, bottom, right, top = bounds
    if not np.isfinite(bounds).all():
        return False
    if 18 <= left <= right <= 54 and 73.5 <= bottom <= top <= 135.5:
        return True
    northing = 1_900_000 <= left <= right <= 6_100_000
    return northing and (13_000_000 <= bottom <= top < 46_000_000 or 100_000 <= bottom <= top < 1_000_000)


def lies_well(crs: CRS, bounds: Box) -> bool:
    """Whether coordinates lie where a projected CRS may be used: its scale in the middle of them is true within 2 %."""
    projection = Proj(crs)
    lon, lat = projection((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, inverse=True)
    if not np.isfinite([lon, lat]).all():
        return False
    factors = projection.get_factors(lon, lat)
    return all(abs(scale - 1) <= 0.02 for scale in (factors.meridional_scale, factors.parallel_scale))


def same(a: CRS, b: CRS) -> bool:
    """Whether two CRS are one, whatever order their axes are written in: coordinates are always east first here."""
    return a.equals(b, ignore_axis_order=True)


def is_old_datum(crs: CRS) -> bool:
    """Whether a CRS is on Xian 1980 or Beijing 1954, from which PROJ has no true way to CGCS2000."""
    base = crs.geodetic_crs
    if base is None or base.datum is None:
        return False
    if base.ellipsoid is not None and round(base.ellipsoid.semi_major_metre) in _OLD_AXES_M:
        return True
    names = f"{base.name} {base.datum.name} {base.ellipsoid.name if base.ellipsoid else ''}".casefold()
    return any(word in names for word in _OLD_DATUMS)


def unfit(crs: CRS, lon: float, lat: float) -> bool:
    """Whether a CRS must not be measured in around (lon, lat) in degrees: geographic, not in metres, or distorting lengths."""
    if not crs.is_projected or any(axis.unit_conversion_factor != 1 for axis in crs.axis_info):
        return True
    factors = Proj(crs).get_factors(lon, lat)
    return any(abs(scale - 1) > _MAX_SCALE_ERROR for scale in (factors.meridional_scale, factors.parallel_scale))


def describe(crs: CRS | None) -> str | None:
    """Short name of a CRS: its authority code where that is certain, else its name."""
    if crs is None:
        return None
    authority = crs.to_authority(min_confidence=90)
    return ":".join(authority) if authority else crs.name


def bounds_of(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> Box | None:
    """(left, bottom, right, top) of a layer, or None where it has no shapes."""
    shapes = np.asarray(frame.geometry.array)
    if not len(shapes):
        return None
    left, bottom, right, top = once("bounds", shapes, lambda: _ends(boxes_of(shapes)))
    return (left, bottom, right, top) if np.isfinite([left, bottom, right, top]).all() else None


def _ends(boxes: np.ndarray) -> Box:
    left, bottom, right, top = (float(ends.reduce(boxes[:, at])) for at, ends in enumerate((np.fmin, np.fmin, np.fmax, np.fmax)))
    return left, bottom, right, top


def boxes_of(shapes: np.ndarray) -> np.ndarray:
    """(left, bottom, right, top) of each shape, (n, 4); worked out once while a county is opened, see `layers.remembered`."""
    return once("boxes", shapes, lambda: on_all_cores(shapely.bounds, shapes))


def around(boxes: Sequence[Box]) -> Box | None:
    """The box around boxes; None for none."""
    if not boxes:
        return None
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def lonlat_box(bounds: Box, crs: CRS) -> Box:
    """Bounds in degrees (left, bottom, right, top) of a box given in `crs`."""
    if crs.is_geographic:
        return bounds
    return _to_lonlat(crs).transform_bounds(*bounds)


@lru_cache(maxsize=16)
def _to_lonlat(crs: CRS) -> Transformer:
    """The way to degrees; outside China PROJ takes most of a tenth of a second to find it, and every finding has a place."""
    return Transformer.from_crs(crs, LONLAT, always_xy=True)


def lonlat_of(shape: BaseGeometry, crs: CRS | None) -> tuple[float, float] | None:
    """(lon, lat) in degrees of a point within a shape, for a finding's place; None where it has none."""
    if crs is None or shape is None or shape.is_empty:
        return None
    point = shape.representative_point()
    lon, lat = _to_lonlat(crs).transform(point.x, point.y)
    return (lon, lat) if np.isfinite([lon, lat]).all() else None
