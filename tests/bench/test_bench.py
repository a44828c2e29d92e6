"""The three sides of the benchmark find the same on a small county. Who is faster is for `make bench`: seconds are no test."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.bench.compare import differences
from tests.bench.county import Size, make_county
from tests.bench.job import CRITERIA
from tests.bench.siting import Siting, counts, keep_siting, siting_fault

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


@pytest.mark.parametrize("peer", ["libraries", "analyst"])
def test_the_sites_chosen_are_the_best_of_the_same(sides: Path, peer: str) -> None:
    assert siting_fault(sides / "checked", sides / peer) is None
    ours, theirs = (json.loads((sides / name / "siting.json").read_text(encoding="utf-8")) for name in ("checked", peer))
    assert ours["proven"]
    assert len(ours["sites"]) == len(theirs["sites"]) == counts(PARCELS)[1]


@pytest.mark.parametrize("peer", ["libraries", "analyst"])
def test_what_a_peer_measures_another_way_bounds_ours(sides: Path, peer: str) -> None:
    """No rectangle is wider than the largest circle; ours counts only the edge that runs along the road, and faces it."""
    ours = pd.read_parquet(sides / "checked" / "compared.parquet").query("kind == 'new'").set_index("parcel_code")
    theirs = pd.read_parquet(sides / peer / "compared.parquet").set_index("ZDDM").reindex(ours.index)
    assert (ours["rectangle_short_m"] / 2 <= theirs["circle_m"] + 0.02).all()
    assert (ours["frontage_m"] <= theirs["frontage_m"] + 2.0).all()
    assert (ours["frontage_m"] > 0).sum() > 5


def test_a_worse_plan_is_told(tmp_path: Path) -> None:
    for name, people_min in (("ours", 1000.2), ("theirs", 1000.0)):
        (tmp_path / name).mkdir()
        keep_siting(tmp_path / name, Siting(people_min, ("a",), proven=True))
    assert siting_fault(tmp_path / "ours", tmp_path / "theirs") == "-0.020% people-minutes, proven"


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
