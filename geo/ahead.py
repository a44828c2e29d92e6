"""The kernels of a study, run once on a tiny county: that compiles them, or reads from disk what was compiled before."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine

from geo.access import time_to_class, time_to_nearest
from geo.catchment import people_within
from geo.fit import largest_rectangles
from geo.frontage import faced_m
from geo.network import RoadNetwork, build_network
from geo.overlay import overlaps
from geo.plots import Plots
from geo.scenario import TravelRules
from geo.snapping import Snaps, snap
from geo.terrain import Grid, height_range, slope_deg, zonal_mean

ORIGIN = (500_000.0, 3_850_000.0)
"""Where the tiny county lies, metres."""


def run_study_kernels() -> tuple[RoadNetwork, Snaps]:
    """Run the kernels that every study needs, with the types they have in earnest; the tiny county's network, and places on it.

    They go through the public functions, so the types cannot drift from those in use. Begun beside the reading of a county's files
    it spares the study about a second.
    """
    x, y = ORIGIN
    lines = [shapely.LineString([(x, y), (x + 300, y)]), shapely.LineString([(x + 100, y - 100), (x + 100, y + 100)]),
             shapely.LineString([(x + 250, y - 100), (x + 250, y - 50)])]
    roads = gpd.GeoDataFrame(   # a path makes the roads for vehicles others than those for walkers
        {"road_class": ["village", "village", "path"], "oneway": "no", "bridge": False, "closed": False}, geometry=lines, crs=4547)
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
    village = np.zeros(2, dtype=np.int64)
    people_within(network, walkers, walkers, np.ones(2), resident_village=village, place_village=village)
    found = overlaps(areas, np.array([shapely.box(x + 30, y, x + 50, y + 30)], dtype=object))
    found.rest(np.arange(len(found.shape)))
    zonal_mean(areas, slope_deg(terrain))
    plots = Plots(areas)
    height_range(terrain, plots.inside, radius_m=100.0)
    largest_rectangles(plots.exchanged(np.array([0]), areas[:1]), house_m2=90.0, side_m=6.0)
    faced_m(areas, roads, np.array([True, True, False]), np.array([12.0, 12.0, 12.0]))
    return network, walkers
