"""Pilots: scores by hand on small studies, quotas against what must hold whatever the input."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo.pilots import DECISIONS, TAKEN, PilotError, pilots
from geo.planning_rules import COMPONENTS, PilotProfile, PilotRules
from geo.results import Study
from geo.study import study
from layers.words import catalogue
from tests.geo.standard import default_scenario
from tests.toytown import LIUWAN, QINGSHI, YUNTAI, toytown, villages

RULES = default_scenario().planning.pilots
CRITERIA = default_scenario().criteria


def made(rows: list[dict]) -> Study:
    """A study of villages given by code, township, venue, people, and the values of their one site."""
    villages = gpd.GeoDataFrame({
        "village_code": [r["code"] for r in rows], "village_name": [r["code"] for r in rows],
        "township_code": [r.get("township", "t1") for r in rows], "township_name": [r.get("township", "t1") for r in rows],
        "population": [float(r.get("people", 1000)) for r in rows], "venue": [r.get("venue", "adequate") for r in rows],
        "collective_income_yuan": [r.get("income", np.nan) for r in rows], "village_class": [r.get("class") for r in rows],
        "best_candidate": [np.nan if r.get("no_best") else f"N-{r['code']}" for r in rows],
    }, geometry=[None] * len(rows), crs=4547)
    candidates = gpd.GeoDataFrame({
        "candidate_id": [f"N-{r['code']}" for r in rows], "score": [float(r.get("site", 50)) for r in rows],
        "verdict": [r.get("verdict", "pass") for r in rows], "road_time_min": [r.get("road", 3.0) for r in rows],
    }, geometry=[None] * len(rows), crs=4547)
    values = pd.DataFrame({c.id: [r.get(c.group, 0.5) for r in rows] for c in CRITERIA}, dtype="float64")
    return Study("county", None, default_scenario(), candidates, values, villages, {}, 0)


def profile(minimum: int = 1, maximum: int = 2, enough: float = 60.0, **weights: float) -> PilotRules:
    one = PilotProfile("p", "B 3.3", minimum, maximum, enough, True, weights or {"site": 1.0})
    return replace(RULES, profiles={"p": one})


def decisions(result) -> dict[str, str]:
    return result.villages.set_index("village_code")["decision"].to_dict()


# ------------------------------------------------------------------------------------------------------------ the policies
def test_the_two_profiles_hold_the_quotas_of_the_policies() -> None:
    quotas = {name: (p.minimum, p.maximum, p.clause) for name, p in RULES.profiles.items()}
    assert quotas == {"open_venues": (3, 5, "B 3.3"), "rural_communities": (1, 2, "D 2, D 3.1")}
    assert {name for p in RULES.profiles.values() for name in p.weights} <= set(COMPONENTS)


def test_toy_town_by_hand() -> None:
    found = study(toytown(), default_scenario())
    result = pilots(found, RULES, "open_venues", chosen={QINGSHI: "N-P01"})
    row = result.villages.set_index("village_code")
    weights = default_scenario().weights
    # P01: road 1.9 min, 10 m, township 3.4 min, bus stop 18.4 min through the value functions of the standard
    values = {"road_time": (20 - 1.9) / 19, "road_distance": 1.0, "township_time": 1.0, "bus_stop_walk": (30 - 18.4) / 27,
              "frontage": 1.0}   # its side of 20 m faces the road
    transport = sum(weights[k] * v for k, v in values.items()) / sum(weights[k] for k in values)
    assert row.at[QINGSHI, "transport"] == pytest.approx(transport)
    site = float(found.candidates.set_index("candidate_id").at["N-P01", "score"]) / 100
    assert row.at[QINGSHI, "score"] == pytest.approx(100 * (3 * 0 + 2 * site + 4 * transport + 1 * 0.5) / 10)
    assert row.at[LIUWAN, "venue"] == 0.5
    assert row.at[YUNTAI, "decision"] == "no_site"
    # two villages in the one township that has any that may be taken: one short of three, and three short in the other
    assert result.townships[["eligible", "pilots", "short"]].to_numpy().tolist() == [[2, 2, 1], [0, 0, 3]]


# --------------------------------------------------------------------------------------------------------------- the score
def test_unknown_widens_the_band_and_is_named() -> None:
    rules = profile(economy=3.0, venue=1.0)
    row = pilots(made([{"code": "a", "venue": "below_standard"}]), rules, "p").villages.iloc[0]
    assert (row["score"], row["score_low"], row["score_high"]) == (50.0, 12.5, 87.5)
    assert row["unknown"] == "economy"


def test_facts_of_the_county_replace_what_is_unknown() -> None:
    facts = pd.DataFrame({"village_code": ["b"], "economy": [0.8], "venue": [np.nan]})
    row = pilots(made([{"code": "a"}, {"code": "b"}]), profile(economy=3.0, venue=1.0), "p", facts=facts).villages.iloc[1]
    assert row["score"] == pytest.approx(100 * (3 * 0.8 + 1) / 4) and row["unknown"] == ""
    assert row["strengths"] == "venue;economy"


def test_the_value_of_population_is_capped() -> None:
    rows = [{"code": "a", "people": 500}, {"code": "b", "people": 9000}, {"code": "c", "people": np.nan}]
    values = pilots(made(rows), profile(population=1.0), "p").villages
    assert values["population"].tolist()[:2] == [0.25, 1.0]
    assert values["decision"].tolist() == ["below_score", "by_score", "nothing_known"]


# --------------------------------------------------------------------------------------------------------------- the quota
def test_the_best_are_taken_up_to_the_maximum_and_the_minimum_is_filled() -> None:
    rows = [{"code": c, "site": s} for c, s in (("a", 90), ("b", 80), ("c", 70), ("d", 40))]
    assert decisions(pilots(made(rows), profile(1, 2), "p")) == {
        "a": "by_score", "b": "by_score", "c": "beyond_quota", "d": "beyond_quota"}
    assert decisions(pilots(made(rows), profile(1, 5), "p")) == {
        "a": "by_score", "b": "by_score", "c": "by_score", "d": "below_score"}
    assert decisions(pilots(made(rows), profile(4, 5), "p"))["d"] == "to_minimum"


def test_ties_go_to_the_safer_then_larger_then_first() -> None:
    rules = profile(1, 1, site=1.0, venue=1.0)
    rows = [{"code": "a", "site": 100, "venue": "unknown"}, {"code": "b", "site": 100}]
    assert decisions(pilots(made(rows), rules, "p")) == {"a": "beyond_quota", "b": "by_score"}
    rows = [{"code": "b", "people": 900}, {"code": "a", "people": 800}]
    assert decisions(pilots(made(rows), profile(1, 1), "p"))["b"] == "to_minimum"
    assert decisions(pilots(made([{"code": "b"}, {"code": "a"}]), profile(1, 1), "p"))["a"] == "to_minimum"


def test_no_site_and_no_road_bar_a_village() -> None:
    rows = [
        {"code": "a", "venue": "none", "no_best": True}, {"code": "b", "venue": "none", "verdict": "fail"},
        {"code": "c", "venue": "adequate", "verdict": "fail"}, {"code": "d", "road": np.inf}, {"code": "e", "road": np.nan},
    ]
    assert decisions(pilots(made(rows), profile(5, 5), "p")) == {
        "a": "no_site", "b": "no_site", "c": "to_minimum", "d": "no_road", "e": "to_minimum"}


def test_hands_on() -> None:
    rows = [{"code": c, "site": s} for c, s in (("a", 90), ("b", 80), ("c", 10))]
    result = pilots(made(rows), profile(1, 2), "p", fixed=["c"], excluded=["a"])
    assert decisions(result) == {"a": "excluded", "b": "by_score", "c": "fixed"}
    assert result.townships["pilots"].tolist() == [2]


@pytest.mark.parametrize(("options", "message"), [
    ({"fixed": ["zz"]}, "no village zz"), ({"fixed": ["a"], "excluded": ["a"]}, "both fixed and excluded: a"),
    ({"chosen": {"a": "N-zz"}}, "no candidate N-zz"),
    ({"facts": pd.DataFrame({"village_code": ["a"], "beauty": [1.0]})}, "facts hold beauty"),
    ({"facts": pd.DataFrame({"village_code": ["a"], "economy": [80.0]})}, "from 0 to 1"),
    ({"facts": pd.DataFrame({"village_code": ["a", "a"], "economy": [0.1, 0.2]})}, "stands twice"),
])
def test_what_cannot_be_is_refused(options: dict, message: str) -> None:
    with pytest.raises(PilotError, match=message):
        pilots(made([{"code": "a"}]), profile(), "p", **options)
    with pytest.raises(PilotError, match="no pilot profile 'q'"):
        pilots(made([{"code": "a"}]), profile(), "q")


VILLAGES = st.lists(st.tuples(st.sampled_from(["t1", "t2", "t3"]), st.integers(0, 100), st.sampled_from(["pass", "fail"]),
                              st.sampled_from(["none", "adequate"])), min_size=1, max_size=14)


@settings(max_examples=40, deadline=None)
@given(VILLAGES, st.integers(0, 3), st.integers(0, 3), st.randoms(use_true_random=False))
def test_quotas_hold_and_the_order_of_rows_does_not_matter(drawn: list, least: int, more: int, random) -> None:
    rows = [{"code": f"v{n:02d}", "township": t, "site": s, "verdict": v, "venue": e} for n, (t, s, v, e) in enumerate(drawn)]
    rules = profile(least, least + more)
    result = pilots(made(rows), rules, "p")
    table = result.townships
    assert (table["pilots"] <= least + more).all()
    assert (table["pilots"] >= np.minimum(least, table["eligible"])).all()
    assert (table["short"] == np.maximum(least - table["pilots"], 0)).all()
    for _, part in result.villages.groupby("township_code"):
        taken, passed_over = part[part["pilot"]], part[part["decision"].isin(["beyond_quota", "below_score"])]
        if len(taken) and len(passed_over):
            assert taken["score"].min() >= passed_over["score"].max()
    mixed = list(rows)
    random.shuffle(mixed)
    again = pilots(made(mixed), rules, "p").villages.sort_values("village_code", ignore_index=True)
    assert_frame_equal(again, result.villages)


def test_every_decision_and_component_has_words() -> None:
    words = catalogue("zh")
    assert set(TAKEN) < set(DECISIONS)
    keys = [f"decision.{d}" for d in DECISIONS] + [f"component.{c}" for c in COMPONENTS] + [f"profile.{p}" for p in RULES.profiles]
    result = pilots(made([{"code": "a"}]), profile(), "p")
    named = set(result.villages.columns) | set(result.townships.columns)
    keys += [f"column.{name}" for name in named - set(COMPONENTS)]
    assert [key for key in keys if f"centres.{key}" not in words] == []


# --------------------------------------------------------------------------------------------- economy and self-government
def test_income_and_class_of_the_village_list_by_hand() -> None:
    found = study(toytown(villages=villages().assign(collective_income_yuan=[50_000.0, 300_000.0, np.nan],
                                                     village_class=["lagging", "advanced", None])), default_scenario())
    rows = pilots(found, RULES, "rural_communities").villages
    assert rows["economy"].tolist() == pytest.approx([0.25, 1.0, np.nan], nan_ok=True)       # of 200,000 yuan
    assert rows["self_government"].tolist() == pytest.approx([0.0, 1.0, np.nan], nan_ok=True)
    assert "economy" in rows["strengths"].iat[1] and "self_government" in rows["weaknesses"].iat[0]
    assert "economy" in rows["unknown"].iat[2] and "self_government" in rows["unknown"].iat[2]


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_income_never_lowers_a_pilot(income: float, more: float) -> None:
    rule = profile(economy=3.0, site=1.0)
    rows = [{"code": "a", "income": income}, {"code": "b", "income": income + more}]
    low, high = pilots(made(rows), rule, "p").villages["score"]
    assert high >= low
