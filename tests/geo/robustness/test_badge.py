"""Badges: the share behind them, what is unknown, and a whole county at once."""

import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.results import Study
from geo.robustness.acceptability import acceptability
from geo.robustness.badge import BADGES, COLUMNS, badge_of, county_badges
from geo.robustness.contest import contest_of
from geo.robustness.thresholds import thresholds
from geo.robustness.unknown import unknown_effect
from geo.scenario import scenario_from
from geo.score import scored, values_of
from layers.words import catalogue
from tests.geo.robustness.made import drawn, made
from tests.geo.standard import default_scenario, measured, standard_mapping

RULES = default_scenario().robustness


def test_steady_contested_and_a_coin_toss() -> None:
    found = [badge_of(made([[0.9, 0.4], [0.5, other]]), RULES) for other in (0.5, 0.75, 0.79)]
    assert [badge.badge for badge in found] == ["steady", "contested", "coin_toss"]
    assert [badge.cause for badge in found] == [None, "weights", "weights"]
    assert all(badge.runner_up == "N-1" and badge.rivals == 1 for badge in found)
    assert found[1].lead == pytest.approx(2.5) and 0 < found[1].error < 0.02
    alone = badge_of(made([[0.9], [0.95]], verdicts=["pass", "verify"]), RULES)
    assert alone.badge == "only" and alone.share_first == 1 and alone.runner_up is None
    assert badge_of(made([[0.9]], verdicts=["fail"]), RULES) is None


def test_what_is_unknown_can_cost_the_badge() -> None:
    one = made([[0.9, np.nan, 0.8], [0.6, 0.6, 0.6]], [2, 3, 2])
    badge = badge_of(one, RULES)
    assert badge.share_first_weights == 1 and badge.share_first < 0.9 and badge.cause == "unknown"
    effect = unknown_effect(one)
    assert effect.can_unseat and effect.leader_low == pytest.approx(100 * (2 * 0.9 + 2 * 0.8) / 7)
    assert effect.leader_lacks == ("b",) and effect.rival_lacks == () and effect.rivals == 1
    assert effect.rival_high == pytest.approx(60)


def test_a_lead_on_half_of_the_criteria_is_not_steady() -> None:
    """Nobody knows b: on what is known the first always leads, but b alone weighs half."""
    badge = badge_of(made([[0.9, np.nan], [0.8, np.nan], [0.1, np.nan]]), RULES)
    assert badge.share_first_weights == 1 and badge.badge == "coin_toss" and badge.cause == "unknown"
    little = badge_of(made([[0.9, np.nan], [0.6, np.nan]], [20, 1]), RULES)
    assert little.badge == "steady" and little.share_first == 1


def test_the_band_by_hand_and_what_nobody_knows() -> None:
    safe = unknown_effect(made([[0.9, 0.9, np.nan], [0.2, 0.1, np.nan]], [4, 4, 1]))
    assert not safe.can_unseat and safe.leader_low == pytest.approx(80) and safe.lacked_by_all == ("c",)
    assert safe.rival_high == pytest.approx(100 * (0.8 + 0.4 + 1) / 9)
    known = unknown_effect(made([[0.9, 0.9], [0.2, 0.1]]))
    assert not known.can_unseat and known.leader_lacks == () and known.leader_low == known.leader_high == pytest.approx(90)
    alone = unknown_effect(made([[0.9, np.nan]]))
    assert not alone.can_unseat and alone.rival is None and np.isnan(alone.rival_high)
    assert unknown_effect(made([[0.9]], verdicts=["fail"])) is None


@given(st.integers(0, 400), st.floats(0, 0.5))
@settings(max_examples=40, deadline=None)
def test_setting_rivals_aside_changes_no_share(seed: int, unknown: float) -> None:
    """The badge looks only at rivals that could win; rank acceptability looks at all, with the same draws."""
    one = drawn(seed, sites=12, unknown=unknown)
    if one.leader is None or len(np.unique(np.nan_to_num(one.values, nan=-1), axis=0)) < 12:
        return
    rules = replace(RULES, draws=400)
    badge = badge_of(one, rules)
    for share, way in ((badge.share_first_weights, "left_out"), (badge.share_first, "sampled")):
        all_sites = acceptability(one, draws=400, seed=rules.seed, spread=rules.spread, unknown=way)
        assert share == pytest.approx(all_sites.first.iloc[one.leader], abs=1e-9)


def county(villages: int, sites: int, *, unknown: float) -> Study:
    scenario = default_scenario()
    count = villages * sites
    frame = measured(count, unknown=unknown)
    frame["village_code"] = pd.Series([f"{n:03d}" for n in np.random.default_rng(1).integers(0, villages, count)], dtype="str")
    values = values_of(frame, scenario)
    candidates = gpd.GeoDataFrame(scored(frame, values, scenario), geometry=[None] * count, crs=4547)
    return Study("county", None, scenario, candidates, values, gpd.GeoDataFrame(geometry=[], crs=4547), {}, 0)


def test_the_county_table_says_what_each_village_says() -> None:
    study = county(6, 15, unknown=0.1)
    table = county_badges(study)
    assert table.columns.tolist() == list(COLUMNS)
    assert table["village_code"].tolist() == sorted(set(study.candidates["village_code"]))
    first = study.candidates[study.candidates["rank_in_village"].eq(1).fillna(False)].set_index("village_code")["candidate_id"]
    for row in table.itertuples():
        one = contest_of(study, row.village_code)
        badge = badge_of(one, RULES)
        assert row.leader == badge.leader == first[row.village_code]
        assert (row.badge, row.share_first, row.rivals) == (badge.badge, badge.share_first, badge.rivals)
        assert row.unknown_can_unseat == unknown_effect(one).can_unseat
        bounds = thresholds(one).set_index("id")
        if pd.notna(row.group):
            assert row.group_bound == bounds.loc[row.group, "above" if row.group_rises else "below"]
            nearest = np.nanmin(np.abs(bounds[["below", "above"]].sub(bounds["share"], axis=0).to_numpy()))
            assert abs(row.group_bound - row.group_share) == pytest.approx(nearest)


def test_the_order_of_rows_is_irrelevant() -> None:
    study = county(4, 12, unknown=0.2)
    order = np.random.default_rng(2).permutation(len(study.candidates))
    mixed = replace(study, candidates=study.candidates.iloc[order], values=study.values.iloc[order])
    pd.testing.assert_frame_equal(county_badges(mixed), county_badges(study), check_exact=True)


def test_no_candidates_no_badges() -> None:
    study = county(1, 5, unknown=0.0)
    empty = replace(study, candidates=study.candidates.iloc[:0], values=study.values.iloc[:0])
    assert county_badges(empty).empty and county_badges(empty).columns.tolist() == list(COLUMNS)


def test_a_whole_county_is_quick() -> None:
    study = county(312, 200, unknown=0.05)
    county_badges(county(1, 5, unknown=0.5))     # the kernels are compiled
    began = time.process_time()
    table = county_badges(study)
    seconds = time.process_time() - began
    assert len(table) == 312 and set(table["badge"]) <= set(BADGES)
    assert seconds < 2, f"took {seconds:.2f} s"


@pytest.mark.parametrize(("change", "where"), [
    ({"draws": 50}, "robustness.draws"), ({"draws": 1000.5}, "robustness.draws"), ({"spread": 2}, "robustness.spread"),
    ({"steady_share": 0.5}, "robustness.contested_share"), ({"sprad": 1}, "robustness.sprad"),
])
def test_rules_that_cannot_be_are_named(change: dict, where: str) -> None:
    mapping = standard_mapping()
    mapping["robustness"] |= change
    with pytest.raises(ValueError, match=where):
        scenario_from(mapping)


def test_every_badge_cause_and_kind_has_words() -> None:
    from geo.robustness.badge import CAUSES
    from geo.values import KINDS
    from geo.weighting.consensus import LEVELS

    for language in ("zh", "en"):
        words = catalogue(language)
        for table, names in (("badge", BADGES), ("badge_help", BADGES), ("cause", CAUSES), ("curve", KINDS), ("curve_help", KINDS),
                             ("consensus", [word for _, word in LEVELS])):
            assert all(words[f"robustness.{table}.{name}"] for name in names)
