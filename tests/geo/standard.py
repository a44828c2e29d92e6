"""The default standard as a scenario, for tests; and small frames of candidates that scoring reads."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from geo.scenario import Scenario, scenario_from

STANDARD = Path(__file__).resolve().parents[2] / "data" / "standards" / "default.toml"


def standard_mapping() -> dict:
    """The default standard as tomllib reads it; a fresh mapping each time."""
    return tomllib.loads(STANDARD.read_text(encoding="utf-8"))


@cache
def default_scenario() -> Scenario:
    """The default standard."""
    return scenario_from(standard_mapping())


def measured(count: int, *, seed: int = 1, unknown: float = 0.2) -> pd.DataFrame:
    """Made-up measures of `count` candidates with a share of unknown and some unreachable ones, and verdicts and villages."""
    rng = np.random.default_rng(seed)
    frame = {"candidate_id": [f"N-{n:06d}" for n in range(count)],
             "village_code": rng.choice(["101", "102", "103"], count), "verdict": rng.choice(["pass", "verify", "fail"], count)}
    for criterion in default_scenario().criteria:
        if criterion.value.kind == "classes":
            values = rng.choice([name for name, _ in criterion.value.classes], count).astype(object)
            values[rng.random(count) < unknown] = np.nan
        else:
            high = criterion.value.points[-1][0] * 1.2
            values = rng.random(count) * high
            values[rng.random(count) < unknown] = np.nan
            if criterion.unit == "min":
                values[rng.random(count) < 0.05] = np.inf
        frame[criterion.measure] = values
    frame["reached_share"] = rng.random(count)
    return pd.DataFrame(frame)
