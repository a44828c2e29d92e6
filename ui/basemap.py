"""The ground under the map: the county's relief (`layers.relief`) as one image that the browser asks for once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from layers.county import County
from layers.relief import relief_of, relief_picture
from reports.writing import write_whole
from ui.assets import STATIC

MAX_SIDE_PX = 2400


@dataclass(frozen=True)
class Basemap:
    """An image in static/ and its corners as ((south, west), (north, east)) in degrees."""

    file: str
    bounds: tuple[tuple[float, float], tuple[float, float]]


def basemap(county: County) -> Basemap | None:
    """The base map of a county, drawn once and kept in ``static/`` under a name made from its content; None without terrain."""
    relief = relief_of(county, most_px=MAX_SIDE_PX)
    if relief is None:
        return None
    digest = hashlib.sha256(np.ascontiguousarray(county.terrain.values).tobytes())
    digest.update(repr((county.terrain.transform, relief.heights_m.shape, "3")).encode())
    digest.update(b"" if county.villages is None else np.asarray(county.villages.total_bounds).tobytes())
    name = f"base-{digest.hexdigest()[:16]}.webp"
    if not (STATIC / name).is_file():
        write_whole(STATIC / name, relief_picture(county, relief))
    return Basemap(name, relief.bounds)
