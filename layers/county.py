"""County: the layers of one county in standard columns and one metric CRS, with where they came from and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
from affine import Affine
from pyproj import CRS

from layers.findings import Finding


@dataclass(frozen=True)
class Raster:
    """One band on a north-up grid in the county's metric CRS.

    `values` is float32, shape (rows, columns), NaN where the file has no value; `transform` maps (column, row) to (x, y) metres.
    """

    values: np.ndarray
    transform: Affine
    crs: CRS

    @property
    def cell_size_m(self) -> float:
        """Edge of a cell in metres."""
        return float(abs(self.transform.a))


@dataclass(frozen=True)
class Provenance:
    """Where a layer came from: file as named in county.toml, its content hash, and how it was read."""

    role: str
    source: str
    layer: str | None
    driver: str
    content_sha256: str
    crs_as_read: str | None
    encoding_as_read: str | None
    rows_in: int
    rows_out: int
    fields: Mapping[str, str] = field(default_factory=dict)
    """Standard column -> field of the file that filled it."""


@dataclass(frozen=True)
class County:
    """The layers of one county. A role the county does not have is None; what is there has the columns of `layers.schema`.

    Nothing in it is ever changed in place.
    """

    name: str
    code: str | None
    crs: CRS
    villages: gpd.GeoDataFrame | None = None
    townships: gpd.GeoDataFrame | None = None
    settlements: gpd.GeoDataFrame | None = None
    parcels: gpd.GeoDataFrame | None = None
    ownership: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    venues: gpd.GeoDataFrame | None = None
    roads: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    population: gpd.GeoDataFrame | None = None
    restrictions: gpd.GeoDataFrame | None = None
    terrain: Raster | None = None
    provenance: tuple[Provenance, ...] = ()
    findings: tuple[Finding, ...] = ()
    source: Path | None = None
    """The county.toml it was opened from."""
    options: Mapping[str, object] = field(default_factory=dict)
    """What county.toml says about candidates and the like, as read: see `layers.config`."""
