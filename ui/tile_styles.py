"""How parcels look on tiles: the style of each by kind, verdict and score, and the palette of all styles."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.scenario import VERDICTS
from ui.theme import score_colour

_SCORES = 102
"""Rows of the palette for a verdict: scores 0..100, and unknown."""

_KINDS = ("new", "reuse", "upgrade")
_WEIGHT = {"pass": 2.0, "verify": 1.0, "fail": 0.15}
"""Of a verdict where several parcels share a pixel: what can be built on must not drown in what cannot."""

_OPACITY = {"pass": 0.92, "verify": 0.9, "fail": 0.5}
_SAMPLE = 500


def usual_size_m(geometry: gpd.GeoSeries) -> float:
    """Median of the shapes' longer sides in Web Mercator metres, of a sample of them; 0 without shapes."""
    known = geometry[~(geometry.isna() | geometry.is_empty)]
    sample = known.iloc[::max(len(known) // _SAMPLE, 1)]
    if sample.empty:
        return 0.0
    left, bottom, right, top = shapely.bounds(sample.to_crs(3857).to_numpy()).T
    return float(np.median(np.maximum(right - left, top - bottom)))


@dataclass(frozen=True)
class Unweighed:
    """What of a county's candidates no weight changes: the first style of each one's kind and verdict, whether its score shows,
    and the size of a usual shape in Web Mercator metres."""

    first: np.ndarray
    scored: np.ndarray
    size_m: float


def unweighed(candidates: gpd.GeoDataFrame) -> Unweighed:
    """Read it from `Study.candidates`."""
    kind = pd.Categorical(candidates["kind"], categories=_KINDS).codes.astype(np.int16)
    verdict = pd.Categorical(candidates["verdict"], categories=VERDICTS).codes.astype(np.int16)
    fail = np.int16(VERDICTS.index("fail"))
    first = (np.maximum(kind, 0) * len(VERDICTS) + np.where(verdict < 0, fail, verdict)) * np.int16(_SCORES)
    return Unweighed(first, verdict != fail, usual_size_m(candidates.geometry))


def styles_of(candidates: pd.DataFrame, known: Unweighed) -> np.ndarray:
    """Row of `palette` for each candidate by kind, verdict and score; int16 (rows,)."""
    score = candidates["score"].to_numpy(dtype=float, na_value=np.nan)
    place = np.where(np.isnan(score), _SCORES - 1, np.clip(np.round(np.nan_to_num(score)), 0, 100)).astype(np.int16)
    return known.first + np.where(known.scored, place, np.int16(0))


def palette() -> np.ndarray:
    """Red, green, blue and opacity 0..1, weight and outline in pixels of each style; float32 (styles, 6)."""
    rows = []
    for kind in _KINDS:
        for verdict in VERDICTS:
            for place in range(_SCORES):
                colour = score_colour(verdict, None if place == _SCORES - 1 else float(place))
                tint = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
                rows.append([*tint, _OPACITY[verdict], _WEIGHT[verdict], 1.0 if kind == "new" else 2.2])
    return np.array(rows, dtype=np.float32)
