"""A study written down by hand, small enough to read: six candidates, three villages, every awkward value a report must carry.

It stands on the toy town's villages but not on the analysis, so that a report is tested against what stands here.
"""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from geo.results import CANDIDATE_COLUMNS, MEASURES, Study
from geo.scenario import GATES, Scenario, scenario_from
from layers.county import County, Provenance
from tests.toytown import LIUWAN, ORIGIN, QINGSHI, TOWN_CRS, YUNTAI, toytown, villages

STANDARD = Path(__file__).resolve().parents[2] / "data" / "standards" / "default.toml"
INF, NAN = float("inf"), float("nan")

ROWS = [
    # id, kind, parcel, village, verdict, failed, unverified, score, rank in village, in county, courtyard, road_time, people, walk
    ("N-P2", "new", "0102", QINGSHI, "verify", "", "dispute", 61.237, 2, 3, 210.456, 3.25, 640.0, 12.5),
    ("N-P1", "new", "0101", QINGSHI, "pass", "", "", 80.5, 1, 1, 400.0, 1.9, 1000.0, 4.72),
    ("N-P3", "new", "0103", QINGSHI, "fail", "courtyard;road", "collective", 30.0, None, None, 190.0, INF, 0.0, INF),
    ("R-B1", "reuse", None, LIUWAN, "pass", "", "", 70.0, 1, 2, NAN, NAN, NAN, NAN),
    ("U-V1", "upgrade", "0201", LIUWAN, "verify", "", "building", NAN, 2, 4, 300.0, 2.0, 400.0, 7.0),
    ("N-P9", "new", '=cmd|"x"', None, "fail", "collective", "", 10.0, None, None, 500.0, 2.0, NAN, NAN),
]
_NAMES = ("candidate_id", "kind", "parcel_id", "village_code", "verdict", "failed_gates", "unverified_gates", "score",
          "rank_in_village", "rank_in_county", "courtyard_m2", "road_time_min", "people_15min", "mean_walk_min")
_TEXTS = ("owner_level", "evidence_strength", "road_class", "land_class_fit")


def scenario() -> Scenario:
    return scenario_from(tomllib.loads(STANDARD.read_text(encoding="utf-8")))


def county(**changes: object) -> County:
    """The toy town with provenance, as `open_county` gives it."""
    provenance = Provenance("parcels", "parcels.gpkg", None, "GPKG", "ab" * 32, "EPSG:4547", None, 7, 6, {"parcel_id": "ZDDM"})
    return dataclasses.replace(toytown(), provenance=(provenance,), **changes)


def small_study() -> Study:
    rules = scenario()
    town = villages().set_index("village_code")
    frame = pd.DataFrame(ROWS, columns=_NAMES)
    frame["village_name"] = frame["village_code"].map(town["village_name"]).where(frame["candidate_id"] != "R-B1", "=柳湾,村")
    frame["township_code"] = frame["village_code"].map(town["township_code"])
    frame["township_name"] = frame["village_code"].map(town["township_name"])
    frame["score_low"], frame["score_high"] = frame["score"] - 5, frame["score"] + 5
    frame["lon"], frame["lat"] = 114.000000123 + np.arange(6) * 0.01, 34.5
    for name in (*CANDIDATE_COLUMNS, *MEASURES):
        if name not in frame:
            frame[name] = pd.Series(pd.NA, index=frame.index, dtype="str") if name in _TEXTS or name not in MEASURES else NAN
    for gate in GATES:
        for column in (f"gate_{gate}", f"reason_{gate}"):   # no facts stand behind a verdict here: no evidence is told
            frame[column] = pd.Series(pd.NA, index=frame.index, dtype="str")
    for name in (*_NAMES[:7], "village_name"):
        frame[name] = frame[name].astype("str")
    frame = frame.astype({"rank_in_village": "Int64", "rank_in_county": "Int64"})
    x, y = ORIGIN
    shapes = [box(x + 100 * n, y, x + 100 * n + 20, y + 20) for n in range(6)]
    values = pd.DataFrame({c.id: NAN for c in rules.criteria}, index=frame.index)
    values["courtyard"] = [0.42, 0.8, 0.38, NAN, 0.6, 0.85]
    return Study(
        "双溪县", "419901", rules, gpd.GeoDataFrame(frame, geometry=shapes, crs=TOWN_CRS), values, _villages(),
        not_assessed={"slope": ("terrain",), "people_share": ("population", "settlements"), "venue": ()}, unassigned=1,
        seconds={"candidates": 0.1},
    )


def _villages() -> gpd.GeoDataFrame:
    town = villages()
    facts = pd.DataFrame({
        "village_code": [QINGSHI, LIUWAN, YUNTAI], "venue": ["none", "below_standard", "none"],
        "venue_lacks": [None, "floor_area", None], "candidates": [3, 2, 0], "passing": [1, 1, 0], "verifying": [1, 1, 0],
        "best_candidate": ["N-P1", "R-B1", None], "best_score": [80.5, 70.0, NAN], "nearest_venue_min": [INF, 5.004, NAN],
        "people_covered_15min": [0.0, 400.0, NAN],
    })
    return town.merge(facts, on="village_code").drop(columns="urban_rural")
