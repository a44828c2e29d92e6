"""The three sides of the benchmark find the same on a small county. Who is faster is for `make bench`: seconds are no test."""

from __future__ import annotations

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
def sides(toml: Path) -> Path:
    """The folder in which each side has written its table of candidates: `checked` on straight ways, as the peers go."""
    from tests.bench import analyst, libraries, ours

    def written(name: str) -> Path:
        folder = toml.parent / name
        folder.mkdir(exist_ok=True)
        return folder

    ours.run(toml, written("checked"), straight=True)
    libraries.run(toml, written("libraries"), CRITERIA)
    analyst.run(toml, written("analyst"), CRITERIA)
    return toml.parent


@pytest.mark.parametrize("peer", ["libraries", "analyst"])
def test_a_peer_finds_what_ours_finds(sides: Path, peer: str) -> None:
    found = differences(sides / "checked", sides / peer, peer=peer)
    assert [one for one in found if not one.agrees] == []
    assert len(found) > 20


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
