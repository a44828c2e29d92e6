"""Compile the kernels ahead of time, so that the planner's first click does not wait for it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine

from geo.access import time_to_class, time_to_nearest
from geo.catchment import people_within
from geo.choice.warm import compile_kernels as compile_choice
from geo.coverage.walks import walk_pairs
from geo.fit import largest_rectangles
from geo.frontage import faced_m
from geo.network import build_network
from geo.overlay import overlaps
from geo.road_gaps import dead_end_gaps
from geo.road_kernels import made_shorter
from geo.robustness.acceptability import acceptability
from geo.robustness.badge import badge_of
from geo.robustness.contest import contest
from geo.scenario import GapRules, RobustnessRules, TravelRules
from geo.score import contributions_of, score_of
from geo.snapping import snap
from geo.standing import ranks_by, standing_of
from geo.terrain import Grid, height_range, slope_deg, zonal_mean


def compile_kernels() -> None:
    """Run every compiled kernel once on a tiny county, with the types it has in earnest; numba keeps the result on disk.

    Takes some seconds the first time and a fraction of one afterwards. It goes through the public functions, so the types cannot
    drift from those in use.
    """
    x, y = 500_000.0, 3_850_000.0
    lines = [shapely.LineString([(x, y), (x + 300, y)]), shapely.LineString([(x + 100, y - 100), (x + 100, y + 100)])]
    roads = gpd.GeoDataFrame(
        {"road_class": "village", "oneway": "no", "bridge": False, "closed": False}, geometry=lines, crs=4547, index=range(2),
    )
    travel = TravelRules(
        walk_kmh=5.0, offroad_walk_factor=0.6, offroad_limit_m=1000.0, offroad_max_slope_deg=35.0, walk_limit_min=60.0,
        catchment_min=15.0, facility_near_min=10.0, snap_tolerance_m=2.0,
        drive_kmh={"village": 20.0}, drive_grade_factor=((0.0, 1.0),),
    )
    terrain = Grid(np.zeros((20, 20), dtype=np.float32), Affine(30, 0, x - 100, 0, -30, y + 300))
    # the second area has a pond between itself and the road, so that the ways over the ground are sought, too
    pond = np.array([shapely.box(x + 190, y - 30, x + 230, y - 15)], dtype=object)
    network = build_network(roads, terrain=terrain, travel=travel, water=pond)
    areas = np.array([shapely.box(x + 20, y + 5, x + 40, y + 25), shapely.box(x + 200, y - 60, x + 220, y - 40)], dtype=object)
    for mode in ("walk", "drive"):
        places = snap(areas, network, mode=mode)
        time_to_nearest(network, places, places, mode=mode)
        time_to_class(network, places, classes=("village",), mode=mode)
    walkers = snap(areas, network, mode="walk")
    village = np.array(["419901100201", "419901100201"], dtype=object)
    people_within(network, walkers, walkers, np.ones(2), resident_village=village, place_village=village)
    walk_pairs(network, walkers, walkers, limit_min=30.0)
    compile_choice()
    dead_end_gaps(network, GapRules("", 30.0, 500.0, 200.0, 200.0, 0.0, 10, 1.0))
    made_shorter(np.zeros(network.nodes), np.zeros(1, dtype=np.int64), np.zeros(1), *vars(network.walk.back).values())
    overlaps(areas, areas)
    zonal_mean(areas, slope_deg(terrain))
    largest_rectangles(areas, house_m2=90.0, side_m=6.0)
    faced_m(areas, roads, np.array([True, True]), np.array([12.0, 12.0]))
    height_range(terrain, np.array([[x, y]]), radius_m=100.0)
    sites = pd.DataFrame({"candidate_id": ["N-1", "N-2"], "village_code": village, "verdict": ["pass", "verify"]})
    values = pd.DataFrame({"courtyard": [1.0, np.nan], "road_time": [0.5, 0.5]})
    ranks_by(standing_of(sites), score_of(values, {"courtyard": 1.0, "road_time": 1.0})["score"].to_numpy())
    contributions_of(values, {"courtyard": 1.0, "road_time": 1.0})
    one = contest(sites, values, {"courtyard": 1.0, "road_time": 1.0}, {"courtyard": "courtyard", "road_time": "transport"})
    one = replace(one, tier=np.full(2, 2, dtype="int8"))
    rules = RobustnessRules(clause="", spread=0.2, draws=100, seed=1, steady_share=0.9, contested_share=0.6)
    badge_of(one, rules)
    acceptability(one, draws=100, unknown="sampled")
