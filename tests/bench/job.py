"""The job that all three sides of the benchmark do: which criteria are scored, by which rules."""

from __future__ import annotations

from pathlib import Path

from geo.scenario import Scenario
from ui.rules import load_scenario

CRITERIA = (
    "collective_share", "courtyard", "road_time", "road_distance", "township_time", "bus_stop_walk", "people_share", "mean_walk",
    "worst_walk", "facilities", "school_walk", "clinic_walk", "shop_walk", "slope", "hazard_distance", "land_class",
)
"""Criteria that the peers compute; the others have weight 0, so that scores can be compared. Ours computes them too."""


def bench_scenario() -> Scenario:
    """The default standard with the weights of `CRITERIA` alone."""
    scenario = load_scenario(Path(__file__).resolve().parents[2] / "data" / "standards" / "default.toml")
    return scenario.with_weights({item.id: item.weight if item.id in CRITERIA else 0.0 for item in scenario.criteria})
