"""What is on the ground: reading a county's layers into standard columns and one metric CRS. Knows nothing of the analysis."""

from __future__ import annotations

from layers.county import County, Provenance, Raster
from layers.findings import CunzhiError, Finding, InputError, SourceNotFound, UnsupportedFormat
from layers.open import check_county, open_county

__all__ = [
    "County",
    "CunzhiError",
    "Finding",
    "InputError",
    "Provenance",
    "Raster",
    "SourceNotFound",
    "UnsupportedFormat",
    "check_county",
    "open_county",
]
