"""Xian 1980 and Beijing 1954 to CGCS2000 by the county's own parameters: PROJ has none and would leave coordinates as they are.

The parameters are classified and differ from county to county; the surveying office has them. ``[county.datum]`` of county.toml
takes an offset (``dx_m``, ``dy_m``), four parameters of the plane (with ``rotation_arcsec``, ``scale_ppm``), or seven of
space (``dx_m``, ``dy_m``, ``dz_m``, ``rx_arcsec``, ``ry_arcsec``, ``rz_arcsec``, ``scale_ppm``): position vector, EPSG 9606.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS

CGCS2000 = CRS.from_epsg(4490)

OFFSET = ("dx_m", "dy_m")
PLANE = (*OFFSET, "rotation_arcsec", "scale_ppm")
SPACE = ("dx_m", "dy_m", "dz_m", "rx_arcsec", "ry_arcsec", "rz_arcsec", "scale_ppm")
KINDS = {"offset": OFFSET, "plane": PLANE, "space": SPACE}

_LARGEST = {"dx_m": 500.0, "dy_m": 500.0, "dz_m": 500.0, "scale_ppm": 200.0}
_LARGEST_ARCSEC = 60.0
"""Published shifts are below 130 m, 5 arc seconds and 30 ppm (data-conventions 3.1): more is a slip of units."""


@dataclass(frozen=True)
class DatumShift:
    """From an old datum to CGCS2000: metres (east, north, up or X, Y, Z), arc seconds, parts per million."""

    kind: str
    """offset, plane or space."""
    values: Mapping[str, float]


def read_shift(table: Mapping[str, object]) -> tuple[DatumShift | None, str | None]:
    """The shift that ``[county.datum]`` states, or the name of the key that is wrong, missing or too much.

    Examples
    --------
    >>> read_shift({"dx_m": 115.2, "dy_m": -3.1})[0].kind
    'offset'
    >>> read_shift({"dx_m": 115.2})
    (None, 'dy_m')
    """
    kind = "space" if set(table) - set(PLANE) else "plane" if set(table) - set(OFFSET) else "offset"
    wrong = sorted(set(table) - set(KINDS[kind])) or [name for name in KINDS[kind] if name not in table]
    if wrong:
        return None, wrong[0]
    values: dict[str, float] = {}
    for name, value in table.items():
        largest = _LARGEST.get(name, _LARGEST_ARCSEC)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= largest:
            return None, name
        values[name] = float(value)
    return DatumShift(kind, values), None


def to_cgcs2000(frame: gpd.GeoDataFrame, crs: CRS, shift: DatumShift) -> gpd.GeoDataFrame | None:
    """A layer on an old datum, in CGCS2000; None where parameters of the plane meet degrees, which they cannot move.

    Offset: ``E' = E + dx``, ``N' = N + dy``. Plane: ``E' = dx + m (E cos r - N sin r)``, ``N' = dy + m (E sin r + N cos r)`` with
    ``m = 1 + ppm``. Both stay in the same projection, on the new datum. Space: to X, Y, Z on the old ellipsoid at height 0, the
    seven-parameter shift, back to degrees.

    Parameters
    ----------
    frame : GeoDataFrame
        Coordinates in `crs`, east first.
    crs : CRS
        On Xian 1980 or Beijing 1954.
    shift : DatumShift
        The county's.
    """
    value = shift.values
    if shift.kind == "space":
        degrees = frame.geometry if crs.is_geographic else frame.set_crs(crs, allow_override=True).geometry.to_crs(crs.geodetic_crs)
        moved = shapely.transform(degrees.array, lambda lonlat: _through_space(lonlat, crs, value))
        return frame.set_geometry(moved).set_crs(CGCS2000, allow_override=True)
    if crs.is_geographic:
        return None
    turn = math.radians(value.get("rotation_arcsec", 0.0) / 3600)
    scale = 1 + value.get("scale_ppm", 0.0) * 1e-6
    turned = scale * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    moved = shapely.transform(frame.geometry.array, lambda xy: xy @ turned.T + (value["dx_m"], value["dy_m"]))
    return frame.set_geometry(moved).set_crs(_on_cgcs2000(crs), allow_override=True)


def _on_cgcs2000(crs: CRS) -> CRS:
    """The same projection on the new datum."""
    projection = crs.coordinate_operation
    return ProjectedCRS(conversion=projection, geodetic_crs=CGCS2000, name=f"CGCS2000 / {projection.name}")


def _through_space(lonlat: np.ndarray, crs: CRS, value: Mapping[str, float]) -> np.ndarray:
    ellipsoid = crs.geodetic_crs.ellipsoid
    new = CGCS2000.ellipsoid
    pipeline = (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart +a={ellipsoid.semi_major_metre} +rf={ellipsoid.inverse_flattening} "
        f"+step +proj=helmert +x={value['dx_m']} +y={value['dy_m']} +z={value['dz_m']} +rx={value['rx_arcsec']} "
        f"+ry={value['ry_arcsec']} +rz={value['rz_arcsec']} +s={value['scale_ppm']} +convention=position_vector "
        f"+step +inv +proj=cart +a={new.semi_major_metre} +rf={new.inverse_flattening} "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    lon, lat, _ = Transformer.from_pipeline(pipeline).transform(lonlat[:, 0], lonlat[:, 1], np.zeros(len(lonlat)))
    return np.column_stack([lon, lat])
