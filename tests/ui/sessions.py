"""A session on the toy town, for tests of maps and pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from geo.study import study
from tests.toytown import toytown
from ui.opening import Opened
from ui.rules import load_scenario
from ui.state import Session


@cache
def opened_town() -> Opened:
    """The toy town opened and studied by the default standard, once per test run."""
    county, scenario = toytown(), load_scenario(None)
    return Opened("toytown", county, study(county, scenario), scenario)


def town_session(language: str = "zh", **changes: object) -> Session:
    """A session on the toy town with nothing selected, or with what `changes` says."""
    opened = opened_town()
    values = {
        "language": language, "county_path": Path("county.toml"), "stamp": opened.stamp, "county": opened.county,
        "scenario": opened.scenario, "base_study": opened.study, "study": opened.study, "township": None, "village": None,
        "candidate": None, "compare": (),
    }
    return Session(**{**values, **changes})
