"""Villages: status of the venue by hand, access to adequate venues on the network, and what a missing layer leaves unknown."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geo.measures.population import walk_to_venues
from geo.measures.residents import residents_of
from geo.network import build_network
from geo.results import VENUE_STATUS, VILLAGE_COLUMNS
from geo.villages import VenueWalks, venue_points, venue_standing, venue_status, villages_of
from layers.schema import conform
from tests import toytown
from tests.geo.standard import default_scenario

RULE = default_scenario().venues
NAN = float("nan")
AREA = st.one_of(st.just(NAN), st.floats(0, 1000))


def _venues(*rows: tuple) -> gpd.GeoDataFrame:
    keys = ("venue_id", "village_code", "floor_area_m2", "courtyard_m2", "planned")
    frame = pd.DataFrame([row[:5] for row in rows], columns=keys)
    shapes = [None if row[5] is None else toytown._at(Point(*row[5])) for row in rows]
    return conform(gpd.GeoDataFrame(frame, geometry=shapes, crs=toytown.TOWN_CRS), "venues")


def _sites(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["candidate_id", "village_code", "verdict", "rank_in_village", "score"])
    return frame.astype({"rank_in_village": "Int64"})


SITES = _sites(
    ("N-1", toytown.QINGSHI, "pass", 1, 80.0), ("N-2", toytown.QINGSHI, "verify", 2, 90.0),
    ("N-3", toytown.LIUWAN, "fail", None, 99.0), ("N-4", toytown.LIUWAN, "verify", 1, 40.0),
    ("N-5", toytown.YUNTAI, "fail", None, 10.0), ("N-6", None, "pass", None, 50.0),
)


def _villages(county, sites: pd.DataFrame = SITES) -> pd.DataFrame:
    travel, residents = default_scenario().travel, residents_of(county)
    walks = None
    if county.roads is not None and residents is not None and county.venues is not None:
        network = build_network(county.roads, terrain=None, travel=travel)
        sets = (venue_points(county, RULE, status=status) for status in (("adequate",), ("adequate", "unknown")))
        walks = VenueWalks(*walk_to_venues(network, residents, *sets, travel=travel))
    return villages_of(county, sites, residents, walks, rule=RULE, catchment_min=travel.catchment_min)


@pytest.mark.parametrize(("floor", "yard", "status", "lacks"), [
    (90, 200, "adequate", ""), (89.9, 200, "below_standard", "floor_area"), (90, 199, "below_standard", "courtyard"),
    (50, 100, "below_standard", "floor_area;courtyard"), (NAN, 300, "unknown", ""), (300, NAN, "unknown", ""),
    (NAN, NAN, "unknown", ""), (NAN, 100, "below_standard", "courtyard"), (70, NAN, "below_standard", "floor_area"),
])
def test_status_of_a_venue(floor: float, yard: float, status: str, lacks: str) -> None:
    got = venue_status(pd.DataFrame({"floor_area_m2": [floor], "courtyard_m2": [yard]}), RULE)
    assert got.iloc[0].tolist() == [status, lacks]


@given(AREA, AREA, st.floats(0, 500))
def test_more_area_never_makes_a_venue_worse(floor: float, yard: float, more: float) -> None:
    order = ["below_standard", "unknown", "adequate"]
    frame = pd.DataFrame({"floor_area_m2": [floor, floor + more], "courtyard_m2": [yard, yard + more]})
    before, after = venue_status(frame, RULE)["status"]
    assert order.index(before) <= order.index(after)


def test_the_toy_town_by_hand() -> None:
    villages = _villages(toytown.toytown()).set_index("village_code")
    assert list(villages.reset_index().columns) == [*VILLAGE_COLUMNS, "geometry"]
    assert villages["venue"].tolist() == ["none", "below_standard", "none"]
    assert villages["venue_lacks"].fillna("-").tolist() == ["-", "floor_area", "-"]
    assert villages["population"].tolist() == [1000, 600, 50] and villages["households"].tolist() == [250, 160, 14]
    assert villages["candidates"].tolist() == [2, 2, 1]
    assert villages["passing"].tolist() == [1, 0, 0] and villages["verifying"].tolist() == [1, 1, 0]
    assert villages["best_candidate"].fillna("-").tolist() == ["N-1", "N-4", "-"]
    assert villages["best_score"].fillna(-1).tolist() == [80, 40, -1]
    assert villages["nearest_venue_min"].tolist() == [np.inf] * 3, "the only venue is below standard"
    assert villages["people_covered_15min"].tolist() == [0, 0, 0]
    assert villages.geometry.iloc[0].equals(toytown.villages().geometry.iloc[0])


def test_access_to_an_adequate_venue_by_hand() -> None:
    venue = _venues(("V1", toytown.LIUWAN, 120, 400, False, (3000, 900)))
    villages = _villages(toytown.toytown(venues=venue)).set_index("village_code")
    near, far = 400 / toytown.WALK_M_PER_MIN, 1500 / toytown.WALK_M_PER_MIN
    liuwan, qingshi = villages.loc[toytown.LIUWAN], villages.loc[toytown.QINGSHI]
    assert liuwan["venue"] == "adequate"
    assert liuwan["nearest_venue_min"] == pytest.approx((400 * near + 200 * far) / 600)
    assert liuwan["people_covered_15min"] == 400
    a1, a2 = 3400 / toytown.WALK_M_PER_MIN, 4300 / toytown.WALK_M_PER_MIN
    assert qingshi["nearest_venue_min"] == pytest.approx(0.6 * a1 + 0.4 * a2)
    assert villages.loc[toytown.YUNTAI, "nearest_venue_min"] == np.inf


def test_a_venue_that_may_be_adequate_leaves_access_unknown_not_out_of_reach() -> None:
    venue = _venues(("V1", toytown.LIUWAN, NAN, 400, False, (3000, 900)))
    villages = _villages(toytown.toytown(venues=venue)).set_index("village_code")
    assert villages["nearest_venue_min"].isna().tolist() == [True, True, False]
    assert villages.loc[toytown.YUNTAI, "nearest_venue_min"] == np.inf, "nothing reaches Yuntai, whatever the venue is"
    assert np.isnan(villages.loc[toytown.LIUWAN, "people_covered_15min"])
    assert villages.loc[toytown.QINGSHI, "people_covered_15min"] == 0, "it is too far from Qingshi, whatever it is"


def test_several_venues_the_place_of_one_without_code_and_planned_ones() -> None:
    venues = _venues(
        ("V1", toytown.QINGSHI, 50, 100, False, (1000, 400)), ("V2", None, 80, 300, False, (1000, 800)),
        ("V3", toytown.LIUWAN, 70, 300, False, (3000, 400)), ("V4", toytown.LIUWAN, NAN, 300, False, (3000, 500)),
        ("V5", toytown.YUNTAI, 200, 500, True, (5000, 500)), ("V6", "999999999999", 200, 500, False, None),
    )
    standing = venue_standing(toytown.toytown(venues=venues), RULE)
    assert standing["venue"].tolist() == ["below_standard", "unknown", "none"]
    assert standing["venue_lacks"].fillna("-").tolist() == ["floor_area", "-", "-"], "the one nearest to the standard is told"
    assert set(standing["venue"]) <= set(VENUE_STATUS)
    assert len(venue_points(toytown.toytown(venues=venues), RULE)) == 0


def test_no_layer_of_venues_is_not_an_empty_one() -> None:
    without = _villages(toytown.toytown(venues=None))
    assert without["venue"].tolist() == ["unknown"] * 3
    assert without[["nearest_venue_min", "people_covered_15min"]].isna().all(axis=None)
    empty = _villages(toytown.toytown(venues=toytown.venues().iloc[:0]))
    assert empty["venue"].tolist() == ["none"] * 3
    assert empty["nearest_venue_min"].tolist() == [np.inf] * 3 and empty["people_covered_15min"].tolist() == [0.0] * 3


def test_population_from_the_list_else_from_the_residents() -> None:
    bare = toytown.villages().assign(population=[NAN, 650.0, NAN])
    assert _villages(toytown.toytown(villages=bare))["population"].tolist() == [1000, 650, 50]
    nobody = _villages(toytown.toytown(villages=bare.assign(population=NAN), settlements=None))
    assert nobody["population"].isna().all() and nobody["nearest_venue_min"].isna().all()


def test_a_bare_list_keeps_all_its_rows_and_no_list_gives_an_empty_frame() -> None:
    listed = conform(toytown.villages().assign(urban_rural=["111", "220", "220"]).set_geometry(
        gpd.GeoSeries([None] * 3, crs=toytown.TOWN_CRS)), "villages")
    villages = _villages(toytown.toytown(villages=listed))
    assert len(villages) == 3 and villages.geometry.isna().all()
    none = villages_of(toytown.toytown(villages=None), SITES, None, None, rule=RULE, catchment_min=15)
    assert len(none) == 0 and list(none.columns) == [*VILLAGE_COLUMNS, "geometry"]
