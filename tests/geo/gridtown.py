"""A grid world whose travel times are known in closed form: level streets every `step_m` metres, all of one class.

Between any two points on streets the shortest way is the city-block distance, save that two points on the same pair of parallel
streets, both between the same cross streets, must go round one of the two; `way_m` says it all.
"""

from __future__ import annotations

from types import MappingProxyType

import geopandas as gpd
import numpy as np
from shapely import LineString

from geo.scenario import TravelRules

CRS_METRES = 4547
ORIGIN = np.array([500_000.0, 3_850_000.0])
WALK_M_PER_MIN = 5000 / 60


def rules(**changes: object) -> TravelRules:
    """Travel rules with round speeds: 5 km/h on foot, 0.6 of it off the road, 30 km/h on a street."""
    values: dict[str, object] = {
        "walk_kmh": 5.0, "offroad_walk_factor": 0.6, "offroad_limit_m": 1000.0, "offroad_max_slope_deg": 35.0,
        "walk_limit_min": 120.0, "catchment_min": 15.0,
        "facility_near_min": 10.0, "snap_tolerance_m": 2.0,
        "drive_kmh": MappingProxyType({"street": 30.0, "county": 60.0, "expressway": 90.0}),
        "drive_grade_factor": ((0.0, 1.0), (10.0, 0.5)),
    }
    return TravelRules(**(values | changes))


def roads(lines: list[LineString], **columns: object) -> gpd.GeoDataFrame:
    """Lines in metres from `ORIGIN` as a roads layer; `columns` override class, one-way rule, bridge and closed."""
    values: dict[str, object] = {"road_class": "street", "oneway": "no", "bridge": False, "closed": False}
    frame = gpd.GeoDataFrame(values | columns, geometry=[], index=range(len(lines)), crs=CRS_METRES) if not lines else \
        gpd.GeoDataFrame({k: v if isinstance(v, list) else [v] * len(lines) for k, v in (values | columns).items()},
                         geometry=list(lines), crs=CRS_METRES)
    frame.geometry = frame.geometry.translate(*ORIGIN)
    return frame


def streets(columns: int, rows: int, *, step_m: float = 100.0) -> gpd.GeoDataFrame:
    """Whole streets that cross without sharing a vertex: `columns` + 1 running north, `rows` + 1 running east."""
    north = [LineString([(c * step_m, 0), (c * step_m, rows * step_m)]) for c in range(columns + 1)]
    east = [LineString([(0, r * step_m), (columns * step_m, r * step_m)]) for r in range(rows + 1)]
    return roads(north + east)


def at(*xy: tuple[float, float]) -> np.ndarray:
    """Points in metres from `ORIGIN`, shape (n, 2)."""
    return ORIGIN + np.array(xy, dtype=float).reshape(-1, 2)


def way_m(a: tuple[float, float], b: tuple[float, float], *, step_m: float = 100.0) -> float:
    """Shortest way along the streets between two points that lie on them, in metres."""
    (ax, ay), (bx, by) = a, b
    for (p, q), (s, t) in (((ax, ay), (bx, by)), ((ay, ax), (by, bx))):
        along_p, along_s = p % step_m != 0, s % step_m != 0
        if along_p and along_s and q != t and p // step_m == s // step_m:
            low = p // step_m * step_m
            return abs(q - t) + min(p - low + s - low, 2 * (low + step_m) - p - s)
    return abs(ax - bx) + abs(ay - by)
