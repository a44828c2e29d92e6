"""Coverage of the Comoros: its settlements against its community centres, as they stand and with thirty more. Needs shared data."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from geo.access import take, times_between
from geo.coverage import compare, coverage, ground_of, standing_venues, with_sites
from geo.snapping import snap
from layers import open_county
from tests.geo.standard import default_scenario

COUNTY = Path(__file__).resolve().parents[1] / "realdata" / "comoros.toml"
DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "realdata" / "comoros"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="shared/realdata/comoros is not here")


@pytest.fixture(scope="module")
def islands():
    county, scenario = open_county(COUNTY), default_scenario()
    ground = ground_of(county, scenario)
    # OpenStreetMap gives no floor areas: every centre counts here, whatever it is
    centres = standing_venues(county, scenario, status=("adequate", "unknown"))
    before = coverage(county, scenario, ground=ground, venues=centres)
    most = before.villages.sort_values("people_unserved", ascending=False, kind="stable").head(30)
    pins = gpd.GeoDataFrame({"site_id": "pin-" + most["village_code"].astype(str), "village_code": most["village_code"]},
                            geometry=most.geometry, crs=county.crs)
    after = coverage(county, scenario, ground=ground, venues=with_sites(centres, pins, county, scenario))
    return county, ground, centres, before, after


def test_nobody_is_lost_or_counted_twice(islands) -> None:
    _, ground, centres, before, after = islands
    assert len(centres) > 20 and len(ground.residents) > 100_000
    for found in (before, after):
        everybody = found.residents["people"].sum()
        assert everybody == pytest.approx(ground.residents.people.sum())
        assert found.county["people_served"].iloc[0] + found.unserved["people"].sum() == pytest.approx(everybody)
        assert found.villages["people"].sum() + found.county["people_without_village"].iloc[0] == pytest.approx(everybody)
        whole = found.overlap[found.overlap["level"] == "county"].set_index("limit_min")
        assert whole.loc[15.0, "unique_people"] == pytest.approx(found.county["people_15min"].iloc[0])


def test_thirty_more_venues_serve_more_and_nobody_worse(islands) -> None:
    _, _, _, before, after = islands
    gains = compare(before, after)
    assert gains["served_gain"].iloc[-1] > 1000 and (gains["served_gain"].dropna() >= -1e-6).all()
    assert (gains["people_farther"].dropna() == 0).all() and gains["people_newly_reached"].iloc[-1] > 0
    assert len(before.need) - len(after.need) >= 25


def test_walks_of_a_sample_are_those_of_single_searches(islands) -> None:
    _, ground, centres, before, _ = islands
    rows = np.random.default_rng(5).choice(len(ground.residents), 300, replace=False)
    rows = np.concatenate([rows, np.flatnonzero(before.residents["served"])[:100]])
    places = snap(centres.xy, ground.network, mode="walk")
    nearest = times_between(ground.network, take(ground.homes, rows), places, mode="walk", limit_min=120.0).min(axis=1)
    np.testing.assert_allclose(before.residents["walk_min"].to_numpy()[rows], nearest, atol=1e-9)


def test_islands_without_a_centre_are_unreachable_not_far(islands) -> None:
    _, ground, centres, before, _ = islands
    walk, reason = before.residents["walk_min"], before.residents["reason"]
    lost = reason.isin(["unreachable", "off_network", "beyond_walk_limit"])
    assert np.isinf(walk[lost]).all() and np.isfinite(walk[~lost]).all() and (reason == "unreachable").any()
    assert (walk[reason == "beyond"] > 15).all() and (walk[reason.isna()] <= 15 + 1e-6).all()
    assert before.county["worst_walk_min"].iloc[0] == np.inf
