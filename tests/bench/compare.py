"""Whether two sides of the benchmark found the same: shares, areas, times, people, slopes, restrictions, scores."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.model import KINDS, RESTRICTIONS

SHARES = ("collective_share", *(f"restriction_share_{kind}" for kind in RESTRICTIONS))
WALKS = tuple(f"{kind}_walk_min" for kind in KINDS)
TOLERANCES = {
    **dict.fromkeys(SHARES, 1e-6), "courtyard_m2": 1e-3, "road_distance_m": 0.02, "hazard_distance_m": 0.001,
    **dict.fromkeys(WALKS, 0.01), "road_time_min": 0.01, "township_time_min": 0.01, "mean_walk_min": 0.01, "worst_walk_min": 0.01,
    "reached_share": 1e-6, "facilities_10min": 0.0, "people_15min": 0.0, "people_all_15min": 0.0, "slope_deg": 1e-3, "score": 0.02,
}
"""Largest difference that is rounding, in the unit of the column: 0.01 min is half a second; roads meet within centimetres."""

MAY_DIFFER = 0.01
"""Share of candidates that may differ by more: those that cross a village's limit, or stand on the limit of a time or a count."""

LOOSE = {"analyst": {"slope_deg": 2.0, "score": 1.0}}
"""What a peer measures by another rule: rasterstats counts cells that are touched as whole ones."""


@dataclass(frozen=True)
class Difference:
    """How a column differs between two sides: share of rows beyond the tolerance, median and largest difference."""

    column: str
    share: float
    median: float
    largest: float

    @property
    def agrees(self) -> bool:
        """Whether no more rows differ than may."""
        return self.share <= MAY_DIFFER


def differences(ours: Path, theirs: Path, *, peer: str) -> list[Difference]:
    """Every column that both sides compute, ours against a peer's.

    Parameters
    ----------
    ours, theirs : path
        Folders in which each side left its ``compared.parquet``.
    peer : str
        ``analyst`` or ``libraries``.
    """
    left = pd.read_parquet(ours / "compared.parquet")
    left = left[left["kind"] == "new"].set_index("parcel_code")
    right = pd.read_parquet(theirs / "compared.parquet").set_index("ZDDM").reindex(left.index)
    found = []
    for column, tolerance in TOLERANCES.items():
        allowed = LOOSE.get(peer, {}).get(column, tolerance)
        mine, other = left[column].to_numpy("float64"), right[column].to_numpy("float64")
        with np.errstate(invalid="ignore"):
            apart = np.where(mine == other, 0.0, np.abs(mine - other))
        apart = np.where(np.isnan(apart), np.inf, apart)
        known = apart[np.isfinite(apart)]
        found.append(Difference(column, float((apart > allowed).mean()), float(np.median(known)), float(known.max())))
    apart = left["forbidden"].to_numpy(dtype=bool) != right["forbidden"].to_numpy(dtype=bool)
    found.append(Difference("forbidden", float(apart.mean()), float(np.median(apart)), float(apart.max())))
    return found
