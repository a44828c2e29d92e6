"""Coverage of the toy town by hand, before and after; nobody lost, nobody twice; more venues never serve fewer."""

import dataclasses
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from geo.coverage import (
    UNSERVED_REASONS,
    VENUE_STATES,
    Coverage,
    CoverageError,
    compare,
    coverage,
    ground_of,
    need_reasons,
    people_column,
    standing_venues,
    with_sites,
)
from geo.coverage.need import NEED_COLUMNS
from geo.inputs import NotMetricError
from geo.study import study
from layers.schema import conform
from layers.words import LANGUAGES, catalogue, say
from tests import toytown
from tests.geo.standard import default_scenario
from tests.toytown import LIUWAN, QINGSHI, WALK_M_PER_MIN, YUNTAI

NAN = float("nan")
SCENARIO = default_scenario()


def _venues(*rows: tuple) -> gpd.GeoDataFrame:
    """Rows of id, village, floor area, courtyard, planned, place (None: not known)."""
    keys = ("venue_id", "village_code", "floor_area_m2", "courtyard_m2", "planned")
    frame = pd.DataFrame([row[:5] for row in rows], columns=keys)
    shapes = [None if row[5] is None else toytown._at(Point(*row[5])) for row in rows]
    return conform(gpd.GeoDataFrame(frame, geometry=shapes, crs=toytown.TOWN_CRS), "venues")


LIUWAN_VENUE = ("V1", LIUWAN, 120, 400, False, (3000, 900))


@cache
def _town(*rows: tuple) -> object:
    return toytown.toytown(venues=_venues(*rows) if rows else toytown.venues().iloc[:0])


@cache
def _ground() -> object:
    return ground_of(_town(), SCENARIO)


def _covered(*rows: tuple) -> Coverage:
    return coverage(_town(*rows), SCENARIO, ground=_ground())


def _conserved(found: Coverage) -> None:
    """Everybody is served once or listed as unserved, in the village, the township and the county alike."""
    everybody = found.residents["people"].sum()
    served = found.residents.loc[found.residents["served"], "people"].sum()
    assert served + found.unserved["people"].sum() == pytest.approx(everybody)
    assert found.unserved["reason"].isin(UNSERVED_REASONS).all() and found.residents["reason"].notna().sum() == len(found.unserved)
    whole = found.county.iloc[0]
    assert whole["people_served"] == pytest.approx(served) and whole["people"] == pytest.approx(everybody)
    for name in ("people", "people_served", "people_unserved", "people_unreachable", *map(people_column, found.limits_min)):
        outside = whole["people_without_village"] if name == "people" else 0.0
        assert found.villages[name].sum() + outside == pytest.approx(found.townships[name].sum() + outside)
    assert found.townships["people"].sum() + whole["people_without_village"] == pytest.approx(everybody)
    assert found.venues["nearest_people"].sum() == pytest.approx(served), "each of the served has one nearest venue"
    assert (found.overlap["total_people"] >= found.overlap["unique_people"] - 1e-9).all()
    county = found.overlap[found.overlap["level"] == "county"].set_index("limit_min")["unique_people"]
    for limit in found.limits_min:
        assert county[limit] == pytest.approx(whole[people_column(limit)]), "each once is what is within reach of any"


def test_the_toy_town_with_one_adequate_venue_by_hand() -> None:
    found = _covered(LIUWAN_VENUE)
    _conserved(found)
    villages = found.villages.set_index("village_code")
    near, far, a1, a2 = (metres / WALK_M_PER_MIN for metres in (400, 1500, 3400, 4300))   # 4.8, 18, 40.8, 51.6 min
    liuwan, qingshi, yuntai = (villages.loc[code] for code in (LIUWAN, QINGSHI, YUNTAI))
    assert villages["venue"].tolist() == ["none", "adequate", "none"]
    assert [liuwan[f"people_{limit}min"] for limit in (5, 10, 15, 30)] == [400, 400, 400, 600]
    assert [liuwan[f"own_people_{limit}min"] for limit in (5, 10, 15, 30)] == [400, 400, 400, 600]
    assert liuwan["mean_walk_min"] == pytest.approx((400 * near + 200 * far) / 600)
    assert liuwan["worst_walk_min"] == pytest.approx(far) and liuwan["worst_settlement"] == "岭上"
    assert liuwan["settlements"] == 2 and liuwan["settlements_beyond"] == 1 and liuwan["settlements_beyond_people"] == 200
    assert liuwan["people_unserved"] == 200 and liuwan["served_share"] == pytest.approx(2 / 3)
    assert qingshi["mean_walk_min"] == pytest.approx(0.6 * a1 + 0.4 * a2) and qingshi["people_30min"] == 0
    assert yuntai["mean_walk_min"] == np.inf and yuntai["worst_walk_min"] == np.inf and yuntai["people_unreachable"] == 50
    assert found.unserved.set_index("people")["reason"].to_dict() == {
        600: "beyond", 400: "beyond", 200: "beyond", 50: "off_network"}
    assert found.settlements["walk_min"].round(6).tolist() == [round(m, 6) for m in (a1, a2, near, far)] + [np.inf]
    assert found.county["people_served"].tolist() == [400] and found.county["villages_none"].tolist() == [2]
    assert found.townships.set_index("township_code")["served_share"].to_dict() == {"419901100": 0.25, "419901101": 0.0}


def test_need_is_told_in_order_with_its_reasons() -> None:
    need = _covered(LIUWAN_VENUE).need
    assert list(need.columns) == list(NEED_COLUMNS)
    assert need["village_code"].tolist() == [QINGSHI, YUNTAI] and need["rank"].tolist() == [1, 2]
    assert need["reasons"].tolist() == ["no_venue;people_unserved;long_walk;settlements_beyond",
                                        "no_venue;people_unserved;unreachable;settlements_beyond"]
    reasons = {reason.code: reason.params for reason in need_reasons(need.iloc[0].to_dict(), 15.0)}
    assert reasons["people_unserved"] == {"people": 1000, "all": 1000, "limit_min": 15}
    assert reasons["long_walk"]["mean_min"] == pytest.approx(0.6 * 40.8 + 0.4 * 51.6)


def test_a_venue_below_standard_serves_nobody_and_says_what_it_lacks() -> None:
    found = coverage(toytown.toytown(), SCENARIO)
    _conserved(found)
    assert found.villages["venue"].tolist() == ["none", "below_standard", "none"]
    assert found.villages["venue_lacks"].fillna("-").tolist() == ["-", "floor_area", "-"]
    assert found.county["people_served"].tolist() == [0] and found.need["village_code"].tolist() == [QINGSHI, LIUWAN, YUNTAI]
    assert found.unserved["reason"].tolist() == ["no_venue"] * 4 + ["off_network"]
    assert found.need["reasons"].iloc[1].startswith("below_standard;")
    assert found.inequality["gini"].isna().all(), "nobody has anything: there is no inequality to tell"


def test_a_neighbours_venue_serves_and_is_named() -> None:
    """The venue of Liuwan stands in Qingshi's street, 400 m from the lower and 500 m from the upper hamlet."""
    found = _covered(("V1", LIUWAN, 120, 400, False, (1000, 900)))
    _conserved(found)
    qingshi = found.villages.set_index("village_code").loc[QINGSHI]
    assert qingshi["people_15min"] == 1000 and qingshi["own_people_15min"] == 0 and qingshi["people_by_neighbour"] == 1000
    assert (qingshi["neighbour_code"], qingshi["neighbour_name"]) == (LIUWAN, "柳湾村")
    assert qingshi["people_5min"] == 600
    need = found.need.set_index("village_code")
    assert need.index.tolist() == [YUNTAI, QINGSHI], "served already, it needs one last"
    assert need.loc[QINGSHI, "reasons"] == "no_venue;neighbour_serves"


def test_of_two_neighbours_the_one_that_serves_more_is_named() -> None:
    """Qingshi's lower 600 walk 100 m to Yuntai's venue, its upper 400 walk 200 m to Liuwan's."""
    rows = (("V1", LIUWAN, 120, 400, False, (1000, 1200)), ("V2", YUNTAI, 120, 400, False, (1000, 400)))
    found = _covered(*rows)
    _conserved(found)
    qingshi = found.villages.set_index("village_code").loc[QINGSHI]
    assert (qingshi["people_by_neighbour"], qingshi["neighbour_code"]) == (1000, YUNTAI)
    assert found.venues["nearest_people"].tolist() == [400, 600] and found.venues["people_15min"].tolist() == [1000, 1000]


def test_a_planned_venue_is_at_least_as_large_as_the_standard_asks() -> None:
    town = _town(LIUWAN_VENUE)
    found = coverage(town, SCENARIO, study=study(town, SCENARIO), chosen=["R-B16", "N-P12"], ground=_ground())
    assert found.venues["floor_area_m2"].tolist() == [120, 240, 90], "the old school keeps its 240 m2, a new one gets 90"
    pin = gpd.GeoDataFrame({"site_id": ["p"], "village_code": [QINGSHI], "floor_area_m2": [60.0]},
                           geometry=[toytown._at(Point(1000, 900))], crs=toytown.TOWN_CRS)
    small = coverage(town, SCENARIO, ground=_ground(), venues=with_sites(standing_venues(town, SCENARIO), pin, town, SCENARIO))
    assert small.venues["floor_area_m2"].tolist() == [120, 90]
    # 90 m2 for 1000 people in Qingshi's street; 120 m2 for b1 at 4.8 min and b2 at 18 min, which counts 0.68
    assert small.villages["floating_m2"].tolist()[:2] == pytest.approx(
        [90 / 1000, 120 / (400 + 0.68 * 200) * (400 + 0.68 * 200) / 600])


def test_overlapping_catchments_are_told_beside_each_person_once() -> None:
    found = _covered(("V1", QINGSHI, 120, 400, False, (1000, 900)), ("V2", QINGSHI, 120, 400, False, (1000, 500)),
                     ("V3", LIUWAN, 120, 400, False, (3000, 900)))
    _conserved(found)
    fifteen = found.overlap[found.overlap["limit_min"] == 15].set_index(["level", "code"])
    assert fifteen.loc[("county", "419901"), ["total_people", "unique_people", "twice_people"]].tolist() == [2400, 1400, 1000]
    assert fifteen.loc[("township", "419901100"), "total_people"] == 2400
    assert found.venues["people_15min"].tolist() == [1000, 1000, 400]
    assert found.venues["nearest_people"].tolist() == [400, 600, 400]


def test_before_and_after_the_chosen_candidate() -> None:
    town = _town(LIUWAN_VENUE)
    judged = study(town, SCENARIO)
    before = coverage(town, SCENARIO, ground=_ground())
    after = coverage(town, SCENARIO, study=judged, chosen=["N-P01"], ground=_ground())
    _conserved(after)
    qingshi = after.villages.set_index("village_code").loc[QINGSHI]
    assert (qingshi["venue"], qingshi["venue_now"]) == ("planned", "none")
    assert qingshi["mean_walk_min"] == pytest.approx(toytown.EXPECTED_P1["mean_walk_min"])
    assert qingshi["own_people_5min"] == 600 and qingshi["people_15min"] == 1000
    assert after.need["village_code"].tolist() == [YUNTAI]
    assert after.venues["planned"].tolist() == [False, True] and after.venues["floor_area_m2"].tolist() == [120, 90]
    gains = compare(before, after)
    assert gains["served_gain"].tolist() == [1000, 0, 0, 1000] and gains["people_farther"].tolist() == [0, 0, 0, 0]
    assert gains["people_nearer"].tolist() == [1000, 0, 0, 1000] and gains["people_newly_reached"].tolist() == [0, 0, 0, 0]
    assert gains["venue_after"].fillna("-").tolist() == ["planned", "adequate", "none", "-"]
    back = compare(after, before)
    assert back["served_gain"].tolist() == [-1000, 0, 0, -1000] and back["people_farther"].iloc[0] == 1000
    agreed = judged.villages.set_index("village_code")["nearest_venue_min"]
    assert before.villages.set_index("village_code")["mean_walk_min"].tolist() == pytest.approx(agreed.tolist())


def test_a_pin_dropped_on_the_map_counts_like_a_site() -> None:
    spot = toytown._at(Point(3000, 2400))
    pin = gpd.GeoDataFrame({"site_id": ["pin"], "village_code": [None]}, geometry=[spot], crs=toytown.TOWN_CRS)
    town = _town(LIUWAN_VENUE)
    found = coverage(town, SCENARIO, ground=_ground(), venues=with_sites(standing_venues(town, SCENARIO), pin, town, SCENARIO))
    _conserved(found)
    liuwan = found.villages.set_index("village_code").loc[LIUWAN]
    assert liuwan["people_served"] == 600 and liuwan["venue"] == "adequate"
    assert found.venues["village_code"].tolist() == [LIUWAN, LIUWAN]


def test_what_is_not_known_to_be_adequate_is_neither_served_nor_hidden() -> None:
    found = _covered(("V1", LIUWAN, NAN, 400, False, (3000, 900)))
    _conserved(found)
    liuwan = found.villages.set_index("village_code").loc[LIUWAN]
    assert liuwan["venue"] == "unknown" and liuwan["people_served"] == 0 and liuwan["people_maybe"] == 400
    assert np.isnan(liuwan["mean_walk_min"]) and LIUWAN not in found.need["village_code"].tolist()


def test_who_is_served_anyway_is_not_to_verify() -> None:
    found = _covered(LIUWAN_VENUE, ("V2", LIUWAN, NAN, 400, False, (3000, 800)), ("V3", LIUWAN, NAN, 400, False, (3000, 2400)))
    _conserved(found)
    liuwan = found.villages.set_index("village_code").loc[LIUWAN]
    assert (liuwan["people_served"], liuwan["people_maybe"]) == (400, 200)


def test_an_adequate_venue_without_a_place_leaves_its_village_to_verify() -> None:
    found = _covered(("V1", LIUWAN, 120, 400, False, None))
    _conserved(found)
    liuwan = found.villages.set_index("village_code").loc[LIUWAN]
    assert liuwan["venue"] == "adequate" and found.unlocated == ("V1",) and liuwan["venues_unlocated"] == 1
    assert np.isnan(liuwan["own_people_15min"]) and liuwan["people_maybe"] == 600 and np.isnan(liuwan["mean_walk_min"])
    assert found.need["village_code"].tolist() == [QINGSHI, YUNTAI]


def test_a_planned_venue_serves_nobody_until_it_is_asked_for() -> None:
    town = _town(("V1", LIUWAN, NAN, NAN, True, (3000, 900)))
    found = coverage(town, SCENARIO, ground=_ground())
    assert found.villages["venue"].tolist() == ["none", "planned", "none"] and found.county["people_served"].tolist() == [0]
    assert "planned_not_built" in found.need.set_index("village_code").loc[LIUWAN, "reasons"]
    then = coverage(town, SCENARIO, ground=_ground(), venues=standing_venues(town, SCENARIO, planned=True))
    assert then.county["people_served"].tolist() == [400] and LIUWAN not in then.need["village_code"].tolist()


@pytest.mark.parametrize(("missing", "said"), [
    ({"roads": None}, ("roads",)), ({"settlements": None, "villages": toytown.villages().assign(population=NAN)}, ("population",)),
    ({"venues": None}, ("venues",)),
])
def test_a_missing_layer_leaves_coverage_unknown_not_zero(missing: dict, said: tuple) -> None:
    found = coverage(toytown.toytown(**missing), SCENARIO)
    assert found.not_assessed == said
    about = ["people_15min", "people_served", "mean_walk_min", "settlements_beyond"]
    assert found.villages[about].isna().all(axis=None) and found.county[about].isna().all(axis=None)
    assert len(found.unserved) == 0 and set(found.villages["venue"]) <= set(VENUE_STATES)
    assert (found.need["reasons"].str.endswith("people_unknown")).all()


def test_without_a_list_of_venues_a_plan_still_says_whom_it_serves() -> None:
    town = toytown.toytown(venues=None)
    found = coverage(town, SCENARIO, study=study(town, SCENARIO), chosen=["N-P01"])
    qingshi, liuwan, _ = (row for _, row in found.villages.iterrows())
    assert qingshi["people_served"] == 1000 and liuwan["people_served"] == 0 and liuwan["people_maybe"] == 600


def test_a_closed_off_hamlet_is_unreachable_and_one_too_far_is_not() -> None:
    """A hamlet on the track that is joined to nothing; and a limit of 45 minutes, which the upper hamlet's 51.6 passes."""
    hamlets = toytown.settlements()
    hamlets = gpd.GeoDataFrame(hamlets, geometry=[*hamlets.geometry[:4], toytown._at(Point(2000, 1200))], crs=toytown.TOWN_CRS)
    scenario = dataclasses.replace(SCENARIO, travel=dataclasses.replace(SCENARIO.travel, walk_limit_min=45.0))
    found = coverage(toytown.toytown(settlements=hamlets, venues=_venues(LIUWAN_VENUE)), scenario)
    assert found.residents["reason"].fillna("-").tolist() == ["beyond", "beyond_walk_limit", "-", "beyond", "unreachable"]
    assert np.isinf(found.residents["walk_min"].iloc[[1, 4]]).all()
    whole = found.county.iloc[0]
    assert (whole["people_unreachable"], whole["people_beyond_walk_limit"]) == (450, 400)


def test_people_of_no_village_count_for_the_county_only() -> None:
    people = conform(gpd.GeoDataFrame({"people": [30.0, 70.0]}, crs=toytown.TOWN_CRS, geometry=[
        toytown._at(Point(3000, 800)), toytown._at(Point(3000, 3500))]), "population")
    found = coverage(toytown.toytown(population=people, venues=_venues(LIUWAN_VENUE)), SCENARIO)
    _conserved(found)
    assert found.county[["people", "people_without_village"]].to_numpy().tolist() == [[100, 70]]
    assert found.villages["people"].fillna(-1).tolist() == [-1, 30, -1], "no people there is not known to be nobody"


def test_limits_come_from_the_standard() -> None:
    rules = dataclasses.replace(SCENARIO.coverage, limits_min=(4.8, 20.0))
    found = coverage(_town(LIUWAN_VENUE), dataclasses.replace(SCENARIO, coverage=rules), ground=_ground())
    liuwan = found.villages.set_index("village_code").loc[LIUWAN]
    assert (liuwan["people_4.8min"], liuwan["people_20min"]) == (400, 600), "a walk of exactly the limit is within it"
    assert "people_15min" not in found.villages


PLACES = st.lists(st.tuples(st.integers(0, 4000), st.integers(-100, 2500)), min_size=1, max_size=4)


@settings(max_examples=15, deadline=None)
@given(PLACES, st.tuples(st.integers(0, 4000), st.integers(-100, 2500)))
def test_one_more_venue_never_serves_fewer(places: list, more: tuple) -> None:
    rows = [(f"V{n}", LIUWAN if n % 2 else QINGSHI, 120, 400, False, place) for n, place in enumerate([*places, more])]
    few = coverage(toytown.toytown(venues=_venues(*rows[:-1])), SCENARIO, ground=_ground())
    many = coverage(toytown.toytown(venues=_venues(*rows)), SCENARIO, ground=_ground())
    _conserved(few)
    _conserved(many)
    for name in [name for name in few.villages.columns if name.startswith(("people_1", "people_3", "people_5", "own_people"))]:
        assert (many.villages[name] >= few.villages[name] - 1e-9).all(), name
    assert (many.residents["walk_min"] <= few.residents["walk_min"] + 1e-9).all()
    assert (compare(few, many)["people_farther"] == 0).all()


def test_the_order_of_rows_changes_nothing() -> None:
    rows = (("V1", QINGSHI, 120, 400, False, (1000, 900)), ("V2", LIUWAN, 130, 400, False, (3000, 200)))
    one, other = _covered(*rows), _covered(*rows[::-1])
    pd.testing.assert_frame_equal(pd.DataFrame(one.villages), pd.DataFrame(other.villages))
    pd.testing.assert_frame_equal(one.need, other.need)


def test_wrong_use_is_refused_with_its_reason() -> None:
    town = _town(LIUWAN_VENUE)
    venues = standing_venues(town, SCENARIO)
    shape = toytown._at(box(0, 0, 9, 9))
    pin = gpd.GeoDataFrame({"site_id": ["V1"], "village_code": [LIUWAN]}, geometry=[shape], crs=toytown.TOWN_CRS)
    with pytest.raises(CoverageError, match="no list of villages"):
        coverage(toytown.toytown(villages=None), SCENARIO)
    with pytest.raises(CoverageError, match="not the study they come from"):
        coverage(town, SCENARIO, chosen=["N-P01"], ground=_ground())
    with pytest.raises(CoverageError, match="no candidate N-X1, N-X2 in this study"):
        coverage(town, SCENARIO, study=study(town, SCENARIO), chosen=["N-X1", "N-P01", "N-X2"], ground=_ground())
    with pytest.raises(CoverageError, match="there twice: V1"):
        with_sites(venues, pin, town, SCENARIO)
    with pytest.raises(CoverageError, match="sites lack site_id"):
        with_sites(venues, pin.drop(columns="site_id"), town, SCENARIO)
    with pytest.raises(CoverageError, match="sites are in WGS 84"):
        with_sites(venues, pin.to_crs(4326), town, SCENARIO)
    with pytest.raises(CoverageError, match="1 sites without a place"):
        with_sites(venues, pin.assign(site_id="p").set_geometry(gpd.GeoSeries([None], crs=toytown.TOWN_CRS)), town, SCENARIO)
    with pytest.raises(CoverageError, match="not about the same homes"):
        compare(_covered(LIUWAN_VENUE), coverage(toytown.toytown(settlements=toytown.settlements().iloc[:3]), SCENARIO))
    with pytest.raises(NotMetricError, match="not projected"):
        coverage(dataclasses.replace(town, crs=gpd.GeoSeries([], crs=4326).crs), SCENARIO)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_and_column_has_its_words(language: str) -> None:
    found = _covered(LIUWAN_VENUE)
    texts = catalogue(language)
    codes = [f"coverage.venue.{state}" for state in VENUE_STATES] + [f"coverage.unserved.{reason}" for reason in UNSERVED_REASONS]
    frames = (found.villages, found.townships, found.county, found.residents, found.settlements, found.venues, found.overlap,
              found.need, found.inequality, compare(found, found))
    dynamic = {people_column(limit, own=own) for limit in found.limits_min for own in (True, False)} | {"geometry"}
    codes += [f"coverage.column.{name}" for frame in frames for name in frame.columns if name not in dynamic]
    assert [code for code in codes if code not in texts] == []
    row = {**found.need.iloc[0].to_dict(), "people_maybe": 5.0, "people_by_neighbour": 7.0, "neighbour_name": "柳湾村",
           "people_unreachable": 3.0, "venue": "below_standard", "venue_lacks": "floor_area"}
    for reason in need_reasons(row, 15.0):
        assert "{" not in say(f"coverage.reason.{reason.code}", language, **reason.params)
