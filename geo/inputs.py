"""What the analysis asks of its input: the shape of a county, and one metric CRS that measures true.

`geo` opens no files and imports nothing of ours, so the county is described here by what is used of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import geopandas as gpd
import numpy as np
from affine import Affine
from pyproj import CRS, Proj

Progress = Callable[[str, float], None]
"""Called with the step's id and the share done, 0..1."""

MAX_SCALE_ERROR = 0.005
"""Largest error of length that a study's CRS may have at its centre: 3-degree Gauss-Krueger and UTM stay below 0.001."""


class GeoError(Exception):
    """Root of the errors of the analysis."""


class NotMetricError(GeoError, ValueError):
    """A frame has no CRS, or one in which metres are not metres."""


class RasterLike(Protocol):
    """A north-up grid in the county's CRS: float32 values (rows, columns), NaN where unknown."""

    @property
    def values(self) -> np.ndarray: ...
    @property
    def transform(self) -> Affine: ...
    @property
    def cell_size_m(self) -> float: ...


class CountyLike(Protocol):
    """A county in standard columns and one metric CRS; a role it does not have is None."""

    @property
    def name(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def crs(self) -> CRS: ...
    @property
    def villages(self) -> gpd.GeoDataFrame | None: ...
    @property
    def townships(self) -> gpd.GeoDataFrame | None: ...
    @property
    def settlements(self) -> gpd.GeoDataFrame | None: ...
    @property
    def parcels(self) -> gpd.GeoDataFrame | None: ...
    @property
    def ownership(self) -> gpd.GeoDataFrame | None: ...
    @property
    def buildings(self) -> gpd.GeoDataFrame | None: ...
    @property
    def venues(self) -> gpd.GeoDataFrame | None: ...
    @property
    def roads(self) -> gpd.GeoDataFrame | None: ...
    @property
    def facilities(self) -> gpd.GeoDataFrame | None: ...
    @property
    def population(self) -> gpd.GeoDataFrame | None: ...
    @property
    def restrictions(self) -> gpd.GeoDataFrame | None: ...
    @property
    def terrain(self) -> RasterLike | None: ...
    @property
    def options(self) -> Mapping[str, object]: ...


def require_metric(crs: CRS | None, *, at: tuple[float, float] | None = None) -> None:
    """Reject a CRS in which lengths are not metres or are distorted.

    Parameters
    ----------
    crs : CRS or None
        What a frame says of itself.
    at : (x, y), optional
        A place in the data, metres in that CRS: the scale factor is checked there.

    Raises
    ------
    NotMetricError
        Missing, geographic, foot-based, or with a scale factor off by more than `MAX_SCALE_ERROR` (Web Mercator at 35 degrees
        north makes 1 m into 1.22 m and a yard of 140 m2 into 209 m2).

    Examples
    --------
    >>> require_metric(CRS.from_epsg(4547), at=(500000, 3850000))
    >>> require_metric(CRS.from_epsg(3857), at=(12_500_000, 4_160_000))
    Traceback (most recent call last):
    ...
    geo.inputs.NotMetricError: lengths in WGS 84 / Pseudo-Mercator are off by 22 %; use a projection for this region
    """
    if crs is None:
        raise NotMetricError("the layer has no coordinate reference system")
    crs = CRS.from_user_input(crs)
    if not crs.is_projected:
        raise NotMetricError(f"{crs.name} is not projected: its units are degrees, not metres")
    if any(axis.unit_name not in ("metre", "meter") for axis in crs.axis_info):
        raise NotMetricError(f"{crs.name} is not in metres but in {crs.axis_info[0].unit_name}")
    if at is None:
        return
    projection = Proj(crs)
    lon, lat = projection(*at, inverse=True)
    factors = projection.get_factors(lon, lat)
    worst = max(abs(factors.meridional_scale - 1), abs(factors.parallel_scale - 1))
    if not worst <= MAX_SCALE_ERROR:
        raise NotMetricError(f"lengths in {crs.name} are off by {worst:.0%}; use a projection for this region".replace("%", " %"))
