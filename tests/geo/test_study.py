"""The whole study on the toy town: measures and verdicts by hand, determinism, missing layers said, nothing changed in place."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from pyproj import CRS

import geo
from geo.inputs import NotMetricError
from geo.results import CANDIDATE_COLUMNS, KINDS, MEASURES, VILLAGE_COLUMNS
from geo.scenario import GATES, GROUPS, VERDICTS
from geo.score import reweight
from geo.study import STEPS, study
from layers.words import say
from tests import toytown
from tests.geo.standard import default_scenario

ROLES = ("villages", "townships", "settlements", "parcels", "ownership", "buildings", "venues", "roads", "facilities", "population",
         "restrictions", "terrain")


@pytest.fixture(scope="module")
def town() -> geo.Study:
    return study(toytown.toytown(), default_scenario())


@pytest.fixture(scope="module")
def by_id(town: geo.Study) -> pd.DataFrame:
    return town.candidates.set_index("candidate_id")


def test_measures_of_p1_by_hand(by_id: pd.DataFrame) -> None:
    for name, expected in toytown.EXPECTED_P1.items():
        assert by_id.loc["N-P01", name] == pytest.approx(expected, abs=1e-6), name


@pytest.mark.parametrize("candidate", toytown.EXPECTED_VERDICTS)
def test_verdicts_by_hand(by_id: pd.DataFrame, candidate: str) -> None:
    row = by_id.loc[candidate]
    assert (row["verdict"], row["failed_gates"], row["unverified_gates"]) == toytown.EXPECTED_VERDICTS[candidate]


def test_score_of_p1_from_its_measures_by_hand(town: geo.Study, by_id: pd.DataFrame) -> None:
    row = by_id.loc["N-P01"]
    value = {
        "collective_share": 1.0, "owner_level": 1.0, "evidence_strength": 1.0, "courtyard": 0.8, "rectangle": 1.0,
        "frontage": 1.0, "road_time": (20 - 1.9) / 19,
        "road_distance": 1.0, "township_time": 1.0, "bus_stop_walk": (30 - 18.4) / 27, "people_share": 1.0,
        "mean_walk": min((45 - 4.72) / 40, 1), "worst_walk": 1.0, "facilities": 2 / 5, "school_walk": (40 - 6.4) / 35,
        "clinic_walk": (40 - 36.4) / 35, "shop_walk": 1.0, "slope": 1.0, "hazard_distance": 1.0, "land_class": 1.0,
    }
    weights = {criterion.id: criterion.weight for criterion in town.scenario.criteria}
    expected = 100 * sum(weights[name] * value[name] for name in value) / sum(weights.values())
    assert row["score"] == pytest.approx(expected, abs=1e-6)
    assert row["score_low"] == pytest.approx(row["score"]) and row["score_high"] == pytest.approx(row["score"])


def test_columns_are_those_of_the_contract(town: geo.Study) -> None:
    columns = list(town.candidates.columns)
    assert columns[: len(CANDIDATE_COLUMNS) + len(MEASURES)] == [*CANDIDATE_COLUMNS, *MEASURES]
    assert {f"{part}_{gate}" for part in ("gate", "reason") for gate in GATES} <= set(columns)
    assert list(town.villages.columns) == [*VILLAGE_COLUMNS, "geometry"]
    assert list(town.values.columns) == [criterion.id for criterion in town.scenario.criteria]
    assert town.candidates.crs == toytown.TOWN_CRS and town.villages.crs == toytown.TOWN_CRS
    assert town.candidates["candidate_id"].is_unique and set(town.candidates["kind"]) <= set(KINDS)
    assert town.candidates["rank_in_county"].dtype == "Int64"


def test_score_is_the_sum_of_its_contributions_and_lies_in_its_band(town: geo.Study) -> None:
    frame = town.candidates
    np.testing.assert_allclose(town.contributions.sum(axis=1), frame["score"])
    assert (frame["score_low"] <= frame["score"]).all() and (frame["score"] <= frame["score_high"]).all()
    assert frame.loc[frame["verdict"] == "fail", ["rank_in_village", "rank_in_county"]].isna().all(axis=None)


def test_villages_follow_their_candidates(town: geo.Study, by_id: pd.DataFrame) -> None:
    villages = town.villages.set_index("village_code")
    assert villages["candidates"].sum() + town.unassigned == len(town.candidates)
    assert villages["venue"].tolist() == ["none", "below_standard", "none"]
    best = villages.loc[toytown.QINGSHI, "best_candidate"]
    passing = by_id[(by_id["village_code"] == toytown.QINGSHI) & (by_id["verdict"] == "pass")]
    assert best == passing["score"].idxmax() and by_id.loc[best, "rank_in_village"] == 1
    assert pd.isna(villages.loc[toytown.YUNTAI, "best_candidate"])


def test_two_runs_are_the_same_bit_for_bit(town: geo.Study) -> None:
    again = study(toytown.toytown(), default_scenario())
    for name in ("candidates", "values", "contributions", "villages"):
        assert_frame_equal(pd.DataFrame(getattr(town, name)), pd.DataFrame(getattr(again, name)), check_exact=True)
    assert again.candidates.geometry.to_wkb().equals(town.candidates.geometry.to_wkb())


def test_the_order_of_rows_is_irrelevant(town: geo.Study) -> None:
    def turned(role: str) -> gpd.GeoDataFrame:
        return getattr(toytown, role)().iloc[::-1].reset_index(drop=True)
    roles = ("parcels", "buildings", "settlements", "facilities", "ownership", "restrictions", "venues", "roads")
    mixed = study(toytown.toytown(**{role: turned(role) for role in roles}), default_scenario())
    assert_frame_equal(pd.DataFrame(mixed.candidates), pd.DataFrame(town.candidates), rtol=1e-12)
    assert_frame_equal(pd.DataFrame(mixed.villages), pd.DataFrame(town.villages), rtol=1e-12)


def test_the_county_is_not_changed() -> None:
    county = toytown.toytown()
    study(county, default_scenario())
    untouched = toytown.toytown()
    for role in ("villages", "settlements", "parcels", "ownership", "buildings", "venues", "roads", "facilities", "restrictions"):
        assert_frame_equal(pd.DataFrame(getattr(county, role)), pd.DataFrame(getattr(untouched, role)))


def test_reweighting_equals_a_new_study(town: geo.Study) -> None:
    weights = {"courtyard": 60, "bus_stop_walk": 0}
    again = study(toytown.toytown(), default_scenario().with_weights(weights))
    quick = reweight(town, weights)
    assert_frame_equal(pd.DataFrame(quick.candidates), pd.DataFrame(again.candidates))
    assert_frame_equal(pd.DataFrame(quick.villages), pd.DataFrame(again.villages))
    assert_frame_equal(quick.contributions, again.contributions)
    assert quick.scenario == again.scenario


def test_progress_is_told_and_time_taken_per_step() -> None:
    told: list[tuple[str, float]] = []
    done = study(toytown.toytown(), default_scenario(), progress=lambda step, share: told.append((step, share)))
    assert [step for step, _ in told[:-1]] == list(STEPS) == list(done.seconds)
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[0] == 0 and told[-1] == (STEPS[-1], 1.0)


@pytest.mark.parametrize(("gone", "expected"), [
    ({"terrain"}, {"slope": ("terrain",)}),
    ({"venues"}, {"venue": ("venues",)}),
    ({"restrictions"}, {"hazard_distance": ("restrictions",), "restriction": ("restrictions",)}),
    ({"facilities"}, {
        "township_time": ("facilities",), "bus_stop_walk": ("facilities",), "facilities": ("facilities",),
        "school_walk": ("facilities",), "clinic_walk": ("facilities",), "shop_walk": ("facilities",)}),
    ({"roads", "facilities", "settlements", "population", "terrain"}, {
        "road": ("roads",), "road_time": ("roads",), "road_distance": ("roads",), "frontage": ("roads",), "slope": ("terrain",),
        "township_time": ("roads", "facilities"), "bus_stop_walk": ("roads", "facilities"), "facilities": ("roads", "facilities"),
        "school_walk": ("roads", "facilities"), "clinic_walk": ("roads", "facilities"), "shop_walk": ("roads", "facilities"),
        "people_share": ("roads",), "mean_walk": ("roads",), "worst_walk": ("roads",)}),
    ({"population"}, {}),
    ({"villages"}, {"people_share": ("villages",), "mean_walk": ("villages",), "worst_walk": ("villages",)}),
])
def test_a_missing_layer_is_said_and_widens_the_band(gone: set[str], expected: dict) -> None:
    result = study(toytown.toytown(**dict.fromkeys(gone)), default_scenario())
    got = {key: roles for key, roles in result.not_assessed.items() if not (gone == {"villages"} and key not in expected)}
    assert got == expected
    for criterion in set(expected) & set(result.values.columns):
        assert result.values[criterion].isna().all() and result.contributions[criterion].isna().all()
    weight = sum(result.scenario.weights[name] for name in set(expected) & set(result.values.columns))
    assert (result.candidates["score_high"] - result.candidates["score_low"] >= 100 * weight - 1e-9).all()


@pytest.mark.parametrize("role", ROLES)
def test_any_layer_may_be_missing(role: str) -> None:
    result = study(toytown.toytown(**{role: None}), default_scenario())
    assert result.candidates["score"].notna().all() and len(result.candidates) >= 2


def test_nothing_but_villages_gives_villages_and_no_candidates() -> None:
    only = study(toytown.toytown(**dict.fromkeys(set(ROLES) - {"villages", "population"})), default_scenario())
    assert len(only.candidates) == 0 and len(only.villages) == 3
    assert only.villages["candidates"].tolist() == [0, 0, 0] and only.villages["best_candidate"].isna().all()
    assert set(only.not_assessed) >= {criterion.id for criterion in only.scenario.criteria}
    assert len(reweight(only, {"courtyard": 3}).candidates) == 0


def test_roads_that_are_all_closed_are_no_roads() -> None:
    closed = study(toytown.toytown(roads=toytown.roads().assign(closed=True)), default_scenario())
    assert closed.not_assessed["road_time"] == ("roads",) and closed.candidates["road_distance_m"].isna().all()


def test_a_county_in_degrees_is_refused() -> None:
    county = toytown.toytown()
    with pytest.raises(NotMetricError, match="not projected"):
        study(type(county)(name="x", code=None, crs=CRS.from_epsg(4490), parcels=county.parcels.to_crs(4490)), default_scenario())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_name_that_is_shown_has_words(town: geo.Study, language: str) -> None:
    keys = [f"criteria.{part}.{c.id}" for c in town.scenario.criteria for part in ("criterion", "criterion_help")]
    keys += [f"criteria.unit.{c.unit}" for c in town.scenario.criteria]
    keys += [f"criteria.{part}.{g}" for g in GROUPS for part in ("group", "group_help")]
    keys += [f"criteria.{part}.{m}" for m in MEASURES for part in ("measure", "measure_unit")]
    keys += [f"criteria.unit.{say(f'criteria.measure_unit.{m}', language)}" for m in MEASURES]
    keys += [f"criteria.{part}.{g}" for g in GATES for part in ("gate", "gate_help")]
    keys += [f"criteria.{part}.{v}" for v in VERDICTS for part in ("verdict", "verdict_help")]
    keys += [f"criteria.{part}.{k}" for k in KINDS for part in ("kind", "kind_help")]
    keys += [f"criteria.step.{s}" for s in STEPS] + [f"criteria.role.{r}" for r in ROLES]
    assert all(say(key, language) for key in keys)


def test_the_nouns_can_be_had_from_the_package() -> None:
    assert all(hasattr(geo, name) for name in geo.__all__)


SCORED = {"score", "score_low", "score_high", "rank_in_village", "rank_in_county"}
WALKED = {"people_15min", "people_share_15min", "people_all_15min", "mean_walk_min", "worst_walk_min", "reached_share"}
WAYS = {"road_time_min", "road_time_county_min", "township_time_min", "township_walk_min", "bus_stop_walk_min"}
JUDGED = {"verdict", "failed_gates", "unverified_gates"}


@pytest.mark.parametrize(("role", "fed"), [
    ("settlements", WALKED),
    ("facilities", {"township_time_min", "township_walk_min"}),
    ("terrain", {*WAYS, *WALKED, "slope_deg", "slope_cells", "relief_m"}),
    ("restrictions", {*JUDGED, "courtyard_m2", "hazard_distance_m", "house_fits", "house_fits_clear"}),
    ("ownership", {*JUDGED, "owner_level", "evidence_strength"}),
])
def test_a_layer_that_is_gone_changes_only_what_it_feeds(town: geo.Study, role: str, fed: set[str]) -> None:
    """Besides the columns named after their kind: times and counts of facilities, shares of restrictions, owner polygons."""
    stems = {
        "settlements": (), "facilities": ("facilities_", "_walk_min"), "terrain": ("_walk_min",),
        "restrictions": ("restriction", "rectangle_"), "ownership": ("polygon_", "_collective"),
    }[role]
    without = study(toytown.toytown(**{role: None}), default_scenario()).candidates
    assert list(without.columns) == list(town.candidates.columns)
    changed = {name for name in without.columns if name != "geometry" and not without[name].equals(town.candidates[name])}
    assert changed, "the layer feeds something, or it would not be there"
    assert {name for name in changed - fed - SCORED if not any(stem in name for stem in stems)} == set()
    assert without.geometry.geom_equals(town.candidates.geometry).all()
