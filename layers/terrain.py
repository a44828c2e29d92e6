"""Terrain 数字高程: elevation in metres on a north-up grid in the county's CRS."""

from __future__ import annotations

import numpy as np
from pyproj import CRS

from layers.config import SourceSpec
from layers.county import Provenance, Raster
from layers.findings import Finding
from layers.raster import mosaic

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Elevations outside are no elevations: undeclared fill values such as -9999 or 32767."""


def read_terrain(
    spec: SourceSpec, crs: CRS, box: tuple[float, float, float, float] | None
) -> tuple[Raster, list[Provenance], list[Finding]]:
    """Elevation (m) of a county from one or several tiles.

    Parameters
    ----------
    spec : SourceSpec
        What county.toml says.
    crs : CRS
        The county's.
    box : tuple or None
        (left, bottom, right, top) of the county in metres; only this much, with a margin, is read.

    Raises
    ------
    InputError
        If a tile cannot be read, tiles do not fit together, or none of them covers the county.
    """
    raster, provenance, findings = mosaic(spec, crs, box)
    values = raster.values
    odd = (values < LOWEST_M) | (values > HIGHEST_M)
    if odd.any():
        findings.append(Finding("elevation_odd", "warning", spec.name, count=int(odd.sum())))
        values = np.where(odd, np.float32("nan"), values)
    return Raster(values, raster.transform, raster.crs), provenance, findings
