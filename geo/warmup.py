"""Compile the kernels ahead of time, so that the planner's first click does not wait for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from geo.ahead import run_study_kernels
from geo.choice.warm import compile_kernels as compile_choice
from geo.coverage.walks import walk_pairs
from geo.road_gaps import dead_end_gaps
from geo.road_kernels import made_shorter
from geo.robustness.acceptability import acceptability
from geo.robustness.badge import badge_of
from geo.robustness.contest import contest
from geo.scenario import GapRules, RobustnessRules
from geo.score import contributions_of, score_of
from geo.standing import ranks_by, standing_of


def compile_kernels() -> None:
    """Run every compiled kernel once on a tiny county, with the types it has in earnest; numba keeps the result on disk.

    Takes some seconds the first time and a fraction of one afterwards. It goes through the public functions, so the types cannot
    drift from those in use.
    """
    network, walkers = run_study_kernels()
    village = np.array(["419901100201", "419901100201"], dtype=object)
    walk_pairs(network, walkers, walkers, limit_min=30.0)
    compile_choice()
    dead_end_gaps(network, GapRules("", 30.0, 500.0, 200.0, 200.0, 0.0, 10, 1.0))
    made_shorter(np.zeros(network.nodes), np.zeros(1, dtype=np.int64), np.zeros(1), *vars(network.walk.back).values())
    sites = pd.DataFrame({"candidate_id": ["N-1", "N-2"], "village_code": village, "verdict": ["pass", "verify"]})
    values = pd.DataFrame({"courtyard": [1.0, np.nan], "road_time": [0.5, 0.5]})
    ranks_by(standing_of(sites), score_of(values, {"courtyard": 1.0, "road_time": 1.0})["score"].to_numpy())
    contributions_of(values, {"courtyard": 1.0, "road_time": 1.0})
    one = contest(sites, values, {"courtyard": 1.0, "road_time": 1.0}, {"courtyard": "courtyard", "road_time": "transport"})
    one = replace(one, tier=np.full(2, 2, dtype="int8"))
    rules = RobustnessRules(clause="", spread=0.2, draws=100, seed=1, steady_share=0.9, contested_share=0.6)
    badge_of(one, rules)
    acceptability(one, draws=100, unknown="sampled")
