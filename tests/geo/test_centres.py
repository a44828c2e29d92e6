"""Service centres: how many, where, whom they serve and with what, against the toy town's hand computations."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from geo.centres import CENTRE_COLUMNS, PLACES, REASONS, STATES, TRIGGERS, CentreError, centres, chinese_numeral, community_name
from geo.centres.services import NEAR_COLUMNS, SERVICE_COLUMNS, categories_in_data, services_of
from geo.centres.split import dispersion_m
from geo.evidence import NoSuchCandidate
from geo.planning_rules import SERVICES
from geo.results import Study
from geo.scenario import ScenarioError, scenario_from
from geo.study import study
from layers.schema import FACILITY_CATEGORIES
from layers.words import catalogue
from tests.geo.standard import default_scenario, standard_mapping
from tests.toytown import LIUWAN, QINGSHI, YUNTAI, settlements, toytown, villages

RULES = default_scenario().planning


@cache
def town_study() -> Study:
    return study(toytown(), default_scenario())


def with_centres(**changes: object):
    return replace(RULES, centres=replace(RULES.centres, **changes))


def rows_of(plan, code: str) -> pd.DataFrame:
    return plan.centres[plan.centres["village_code"] == code].set_index("number")


# ------------------------------------------------------------------------------------------------------------------- names
@pytest.mark.parametrize(("written", "name", "kind"), [
    ("青石村", "青石村", "village"), ("青石", "青石村", "village"), ("青石村委会", "青石村", "village"),
    ("青石村村委会", "青石村", "village"), ("青石村村民委员会", "青石村", "village"), ("青石村民委员会", "青石村", "village"),
    ("青石行政村", "青石村", "village"), ("青石村农民集体", "青石村", "village"), (" 青石村（原上庄） ", "青石村", "village"),
    ("青石村股份经济合作社", "青石村", "village"), ("双溪镇青石村", "青石村", "village"), ("青石村党支部", "青石村", "village"),
    ("青石社区居委会", "青石社区", "neighbourhood"), ("青石社区居民委员会", "青石社区", "neighbourhood"),
    ("青石居委会", "青石社区", "neighbourhood"), ("青石社区", "青石社区", "neighbourhood"), ("Mitsamiouli", "Mitsamiouli", "other"),
    ("村", "村", "village"), (None, "", "other"), (float("nan"), "", "other"),
])
def test_the_name_of_a_centre_is_that_of_the_village_without_its_committee(written: object, name: str, kind: str) -> None:
    assert community_name(written, "双溪镇") == (name, kind)


def test_chinese_numerals_run_to_99() -> None:
    assert [chinese_numeral(n) for n in (1, 2, 9, 10, 11, 19, 20, 21, 99)] == [
        "一", "二", "九", "十", "十一", "十九", "二十", "二十一", "九十九"]
    assert len({chinese_numeral(n) for n in range(1, 100)}) == 99
    for wrong in (0, 100):
        with pytest.raises(ValueError, match="from 1 to 99"):
            chinese_numeral(wrong)


# ---------------------------------------------------------------------------------------------------------- one per village
def test_in_principle_one_centre_for_each_village() -> None:
    plan = centres(toytown(), town_study(), {QINGSHI: "N-P01"}, RULES)
    assert list(plan.centres.columns) == [*CENTRE_COLUMNS, "geometry"]
    assert plan.centres["village_code"].tolist() == [QINGSHI, LIUWAN, YUNTAI]
    assert plan.centres["place"].tolist() == ["chosen", "upgrade", "settlement"]
    assert plan.centres["needs_site"].tolist() == [False, False, True]
    assert plan.centres["name_base"].tolist() == ["青石村", "柳湾村", "云台村"]
    assert plan.villages["triggers"].tolist() == ["", "", ""]
    assert plan.not_assessed == {"well_off": ("villages",)}


def test_walks_people_and_areas_of_the_chosen_site() -> None:
    one = rows_of(centres(toytown(), town_study(), {QINGSHI: "N-P01"}, RULES), QINGSHI).loc[1]
    assert one["people"] == 1000 and one["natural_villages"] == 2
    assert one["mean_walk_min"] == pytest.approx(0.6 * 0.4 + 0.4 * (0.4 + 10.8))   # EXPECTED_P1
    assert one["worst_walk_min"] == pytest.approx(0.4 + 10.8)
    assert (one["floor_area_m2"], one["yard_m2"]) == (90.0, 400.0 - 90.0)
    assert one["settlement_id"] == "a1" and not one["shared"]


def test_the_reasons_for_several_centres_are_measured() -> None:
    found = centres(toytown(), town_study(), {QINGSHI: "N-P01"}, RULES).villages.set_index("village_code")
    assert found.at[QINGSHI, "dispersion_m"] == pytest.approx(900 * math.sqrt(0.6 * 0.4))
    assert found.at[LIUWAN, "dispersion_m"] == pytest.approx(1900 * math.sqrt(2 / 9))
    assert found.at[QINGSHI, "beyond_share"] == 0 and found.at[YUNTAI, "beyond_share"] == 0
    assert found.at[QINGSHI, "unknown"] == "well_off"
    # households are listed; a single natural village has no dispersion
    assert found.at[YUNTAI, "unknown"] == "dispersed;well_off"


def test_standard_distance_needs_two_counted_places() -> None:
    assert np.isnan(dispersion_m(np.array([0.0, 5.0]), np.zeros(2), np.array([10.0, np.nan])))


# ------------------------------------------------------------------------------------------------ one per natural village
def test_a_village_with_people_too_far_off_gets_one_per_natural_village() -> None:
    # Lingshang (200 of 600 people) walks 18 + 0.4 min to the venue; no passing site is near it
    plan = centres(toytown(), town_study(), {}, with_centres(beyond_min=15.0))
    liuwan = rows_of(plan, LIUWAN)
    assert liuwan["place"].tolist() == ["upgrade", "settlement"] and liuwan["needs_site"].tolist() == [False, True]
    assert liuwan["people"].tolist() == [400, 200]
    assert liuwan["settlement_name"].tolist() == ["柳湾街", "岭上"]
    natural = plan.natural_villages.set_index("settlement_id")
    assert natural.at["b1", "walk_min"] == pytest.approx(4.8 + 0.4) and natural.at["b2", "walk_min"] == 0
    assert natural.at["b2", "centre_id"] == f"{LIUWAN}-02"
    why = plan.villages.set_index("village_code").loc[LIUWAN]
    assert why["triggers"] == "beyond" and why["beyond_people"] == 200 and why["beyond_share"] == pytest.approx(1 / 3)
    assert why["centres"] == 2


def test_a_large_village_gets_its_further_centre_on_the_best_site_near_the_natural_village() -> None:
    plan = centres(toytown(), town_study(), {QINGSHI: "N-P01"}, with_centres(large_people=1000.0, apart_min=10.0))
    qingshi = rows_of(plan, QINGSHI)
    assert qingshi["candidate_id"].tolist() == ["N-P01", "N-P03"]   # the only other passing one within 10 min of Shangqingshi
    assert qingshi["place"].tolist() == ["chosen", "best_candidate"]
    walk = plan.natural_villages.set_index("settlement_id")["walk_min"]
    assert walk["a2"] == pytest.approx(15 / 50 + (1400 - 710.5) / (5000 / 60))
    assert plan.villages.set_index("village_code").at[QINGSHI, "triggers"] == "large_people"


@pytest.mark.parametrize(("changes", "count"), [
    ({"large_households": 250.0, "apart_min": 10.0}, 2),
    ({"large_households": 251.0, "apart_min": 10.0}, 1),
    ({"large_households": 250.0, "apart_min": 11.2}, 1),                            # near enough to the first centre
    ({"large_households": 250.0, "apart_min": 10.0, "settlement_people": 401.0}, 1),  # too small for one of its own
    ({"dispersed_m": 440.0, "apart_min": 10.0}, 2),
    ({"dispersed_m": 442.0, "apart_min": 10.0}, 1),
])
def test_thresholds_decide(changes: dict, count: int) -> None:
    plan = centres(toytown(), town_study(), {QINGSHI: "N-P01"}, with_centres(**changes))
    assert len(rows_of(plan, QINGSHI)) == count


def test_well_off_by_the_income_of_the_village_list() -> None:
    county = toytown(villages=villages().assign(collective_income_yuan=[500_000.0, 499_999.0, np.nan]))
    plan = centres(county, study(county, default_scenario()), {QINGSHI: "N-P01"}, with_centres(apart_min=10.0))
    assert plan.villages["triggers"].tolist() == ["well_off", "", ""] and plan.not_assessed == {}
    assert len(rows_of(plan, QINGSHI)) == 2
    assert plan.villages["unknown"].tolist() == ["", "", "dispersed;well_off"]


@pytest.mark.parametrize("changes", [{}, {"beyond_min": 15.0}, {"large_people": 1.0, "apart_min": 0.0, "settlement_people": 0.0}])
def test_everybody_is_served_once_or_listed(changes: dict) -> None:
    plan = centres(toytown(), town_study(), {QINGSHI: "N-P01"}, with_centres(**changes))
    natural = plan.natural_villages
    assert sorted(natural["settlement_id"]) == sorted(settlements()["settlement_id"])
    unserved = natural.loc[natural["centre_id"].isna(), "people"].sum()
    assert plan.centres["people"].sum() + unserved == settlements()["population"].sum()
    by_centre = natural.groupby("centre_id")["people"].sum()
    served = plan.centres.set_index("centre_id")["people"]
    assert (by_centre == served[by_centre.index]).all()


def test_the_plan_does_not_depend_on_the_order_of_rows() -> None:
    rules = with_centres(beyond_min=15.0)
    shuffled = toytown(settlements=settlements().iloc[::-1].reset_index(drop=True))
    one, other = (centres(county, town_study(), {}, rules) for county in (toytown(), shuffled))
    assert_geodataframe_equal(one.centres, other.centres)
    assert_frame_equal(one.services, other.services)
    assert_geodataframe_equal(one.natural_villages, other.natural_villages)


def test_a_shared_site_is_said() -> None:
    plan = centres(toytown(), town_study(), {QINGSHI: "N-P12", LIUWAN: "N-P12"}, with_centres(beyond_min=90.0))
    assert rows_of(plan, QINGSHI)["shared"].tolist() == [True] and rows_of(plan, LIUWAN)["shared"].tolist() == [False]


def test_without_roads_walks_are_unknown_and_said() -> None:
    county = toytown(roads=None)
    plan = centres(county, study(county, default_scenario()), {QINGSHI: "N-P01"}, RULES)
    assert plan.not_assessed == {"walks": ("roads",), "well_off": ("villages",)}
    assert plan.centres["worst_walk_min"].isna().all() and plan.natural_villages["walk_min"].isna().all()
    assert rows_of(plan, QINGSHI)["people"].tolist() == [1000]
    assert "beyond" in plan.villages["unknown"].iloc[0]
    assert not (plan.services["state"] == "covered").any()


def test_without_natural_villages_the_list_s_people_count() -> None:
    county = toytown(settlements=None)
    plan = centres(county, study(county, default_scenario()), {QINGSHI: "N-P01"}, RULES)
    assert plan.centres["people"].tolist() == [1000, 600, 50]
    assert plan.not_assessed["natural_villages"] == ("settlements",)
    assert rows_of(plan, YUNTAI)["place"].tolist() == ["village"] and len(plan.natural_villages) == 0


def test_villages_and_sites_that_are_not_there_are_refused() -> None:
    with pytest.raises(NoSuchCandidate, match="N-X9"):
        centres(toytown(), town_study(), {QINGSHI: "N-X9"}, RULES)
    with pytest.raises(CentreError, match="not listed: 999"):
        centres(toytown(), town_study(), {"999": "N-P01"}, RULES)


# ---------------------------------------------------------------------------------------------------------------- services
def test_the_programme_of_a_new_house() -> None:
    plan = centres(toytown(), town_study(), {QINGSHI: "N-P01"}, RULES)
    found = plan.services[plan.services["centre_id"] == f"{QINGSHI}-01"].set_index("service")
    assert tuple(found.index) == SERVICES
    # 90 m2: 40 + 20 + 15 + 15; the shop is at the door; nothing is left for culture
    assert found["state"].tolist() == ["housed", "housed", "housed", "housed", "housed", "covered", "gap"]
    assert found["room_m2"].tolist() == [40, 20, 15, 15, 0, 0, 0]
    assert found.at["shop", "walk_min"] == pytest.approx(0.4) and found.at["shop", "facility_id"] == "f0"
    assert found.at["culture", "reason"] == "no_room" and found.at["culture", "short_m2"] == 20
    assert found.at["training", "reason"] == "shared_room"
    assert found.at["justice", "not_in_data"] == "police" and found.at["shop", "not_in_data"] == "market"
    assert found.at["health", "not_in_data"] == ""
    assert plan.together[plan.together["centre_id"] == f"{QINGSHI}-01"]["category"].tolist() == ["shop"]
    assert rows_of(plan, QINGSHI).loc[1, ["services_covered", "services_housed", "services_gap", "together"]].tolist() == [
        1, 5, 1, "shop"]


def test_the_venue_that_is_upgraded_has_a_clinic_near() -> None:
    plan = centres(toytown(), town_study(), {}, RULES)
    found = plan.services[plan.services["centre_id"] == f"{LIUWAN}-01"].set_index("service")
    assert found.at["health", "state"] == "covered" and found.at["health", "walk_min"] == pytest.approx(0.4 + 4.8)
    assert found.at["shop", "state"] == "housed"                    # 40 + 15 + 15 + 20 of 90 m2
    assert rows_of(plan, LIUWAN).at[1, "floor_area_m2"] == 90.0     # 70 m2, upgraded to the standard
    assert rows_of(plan, LIUWAN).at[1, "together"] == ""            # 5.2 min is more than 5


def _programme(floor: float, yard: float, rules=RULES.services) -> pd.DataFrame:
    place = pd.DataFrame({"centre_id": ["c"], "floor_area_m2": [floor], "yard_m2": [yard]})
    nothing = pd.DataFrame(columns=list(NEAR_COLUMNS)).astype({"walk_min": float})
    return services_of(place, nothing, rules, frozenset()).set_index("service")


def test_a_large_house_holds_all_seven_and_areas_add_up() -> None:
    found = _programme(130.0, 100.0)
    assert found["state"].eq("housed").all() and found["room_m2"].sum() == 130 and found["short_m2"].sum() == 0


@pytest.mark.parametrize(("floor", "yard", "service", "state", "reason", "short"), [
    (130.0, 99.0, "culture", "gap", "no_yard", 1.0),
    (130.0, np.nan, "culture", "unknown", "yard_unknown", np.nan),
    (129.0, 500.0, "culture", "gap", "no_room", 1.0),
    (np.nan, 500.0, "democracy", "unknown", "area_unknown", np.nan),
    (39.0, 500.0, "training", "gap", "no_room", 0.0),            # its room is the democracy room, which is not there
    (39.0, 500.0, "health", "housed", "own_room", 0.0),          # what still fits is housed
])
def test_states_and_reasons(floor: float, yard: float, service: str, state: str, reason: str, short: float) -> None:
    row = _programme(floor, yard).loc[service]
    assert (row["state"], row["reason"]) == (state, reason)
    assert row["short_m2"] == pytest.approx(short, nan_ok=True)


def test_what_may_not_be_housed_needs_its_own_site() -> None:
    kinds = tuple(replace(kind, housed=kind.id != "shop") for kind in RULES.services.kinds)
    row = _programme(500.0, 500.0, replace(RULES.services, kinds=kinds)).loc["shop"]
    assert (row["state"], row["reason"], row["short_m2"]) == ("gap", "own_site", 20.0)


def test_more_floor_never_houses_less() -> None:
    housed = [(_programme(floor, 200.0)["state"] == "housed").sum() for floor in range(40, 140, 5)]
    assert housed[0] == 2 and housed[-1] == 7
    assert all(len(_programme(floor, 200.0)) == 7 for floor in (0, 40))
    assert list(_programme(90.0, 0.0).reset_index().columns) == ["service", *[c for c in SERVICE_COLUMNS if c != "service"]]


# ------------------------------------------------------------------------------------------------------- rules and words
def test_the_rules_name_categories_and_clauses_that_exist() -> None:
    named = {category for kind in RULES.services.kinds for category in kind.covered_by} | set(RULES.services.together)
    assert named <= set(FACILITY_CATEGORIES)
    assert tuple(kind.id for kind in RULES.services.kinds) == SERVICES and all(kind.clause for kind in RULES.services.kinds)
    assert RULES.centres.clause == "D 3.3" and RULES.costs.subsidy_yuan["new"] == 90_000
    assert categories_in_data(None) == frozenset()


def test_faults_of_the_planning_rules_are_all_reported() -> None:
    mapping = standard_mapping()
    mapping["centres"]["larg_people"] = 5
    mapping["centres"]["allow_verify"] = "perhaps"
    mapping["services"]["shop"]["shares"] = "kitchen"
    mapping["pilots"]["profiles"]["open_venues"]["minimum"] = 9
    mapping["pilots"]["profiles"]["open_venues"]["weights"]["beauty"] = 1
    mapping["phasing"]["start_by"] = "02-30"
    del mapping["costs"]["clause"]
    with pytest.raises(ScenarioError, match="bad_day") as caught:
        scenario_from(mapping)
    assert {(p.where, p.code) for p in caught.value.problems} == {
        ("centres.larg_people", "unknown_key"), ("centres.allow_verify", "bad_choice"), ("services.shop.shares", "bad_choice"),
        ("pilots.profiles.open_venues.maximum", "bad_number"), ("pilots.profiles.open_venues.weights.beauty", "bad_choice"),
        ("phasing.start_by", "bad_day"), ("costs.clause", "missing_key"),
    }


def test_everything_the_plan_can_say_has_words() -> None:
    words = catalogue("zh")
    keys = [f"place.{name}" for name in PLACES] + [f"trigger.{name}" for name in TRIGGERS] + [f"state.{name}" for name in STATES]
    keys += [f"reason.{name}" for name in REASONS] + [f"service.{name}" for name in SERVICES]
    keys += [f"column.{name}" for name in (*CENTRE_COLUMNS, *SERVICE_COLUMNS, *NEAR_COLUMNS)]
    assert [key for key in keys if f"centres.{key}" not in words] == []
