"""The three sides of the benchmark find the same on a small county, and ours is the fastest already there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.compare import differences
from tests.bench.county import Size, make_county
from tests.bench.job import CRITERIA

PARCELS = 300


@pytest.fixture(scope="module")
def toml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_county(tmp_path_factory.mktemp("bench"), Size.small(PARCELS))


@pytest.fixture(scope="module")
def seconds(toml: Path) -> dict[str, float]:
    """Seconds of each side in this process; what has to be compiled or imported was so by a run that is not counted."""
    from tests.bench import analyst, libraries, ours

    def timed(name: str, run: Callable[[Path, Path], object]) -> float:
        folder = toml.parent / name
        folder.mkdir(exist_ok=True)
        begin = time.process_time()
        run(toml, folder)
        return time.process_time() - begin

    timed("checked", lambda county, folder: ours.run(county, folder, straight=True))
    return {
        "ours": timed("ours", lambda county, folder: ours.run(county, folder, straight=False)),
        "libraries": timed("libraries", lambda county, folder: libraries.run(county, folder, CRITERIA)),
        "analyst": timed("analyst", lambda county, folder: analyst.run(county, folder, CRITERIA)),
    }


@pytest.mark.parametrize("peer", ["libraries", "analyst"])
def test_a_peer_finds_what_ours_finds(toml: Path, seconds: dict[str, float], peer: str) -> None:
    found = differences(toml.parent / "checked", toml.parent / peer, peer=peer)
    assert [one for one in found if not one.agrees] == []
    assert len(found) > 20


def test_ours_is_faster_than_the_analysts_script(seconds: dict[str, float]) -> None:
    assert seconds["ours"] < seconds["analyst"]


def test_the_county_is_the_one_that_was_asked_for(toml: Path) -> None:
    from layers.open import open_county

    county = open_county(toml)
    assert len(county.parcels) == PARCELS
    assert not [finding for finding in county.findings if finding.severity == "error"]
    assert {"basic_farmland", "ecological_redline", "hazard", "floodway"} == set(county.restrictions["kind"])


def test_a_county_that_is_there_is_not_made_again(toml: Path) -> None:
    before = toml.stat().st_mtime_ns
    assert make_county(toml.parent, Size.small(PARCELS)) == toml
    assert toml.stat().st_mtime_ns == before
