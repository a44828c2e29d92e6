"""Assignment to villages: by limits, by the nearest point, by what the papers say."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assign import assign_points, assign_villages, named_positions, plain_name, village_positions
from layers.schema import conform
from tests.toytown import TOWN_CRS, toytown

CODES = ["610323100201", "610323100202", "610323101201", "610323101202"]
NAMES = ["清水村", "石桥村", "北坡村民委员会", "清水村"]


def _county(shapes: list) -> object:
    frame = gpd.GeoDataFrame({
        "village_code": CODES, "village_name": NAMES, "township_code": [code[:9] for code in CODES],
        "township_name": ["甲镇", "甲镇", "乙镇", "乙镇"]}, geometry=shapes, crs=TOWN_CRS)
    return toytown(villages=conform(frame, "villages"))


LIMITS = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(0, 10, 10, 20), shapely.box(10, 10, 20, 20)]
DOTS = [shapely.Point(5, 5), shapely.Point(15, 5), shapely.Point(5, 15), shapely.Point(15, 15)]


def test_largest_part_decides_and_outside_is_nobody() -> None:
    shapes = shapely.box([1, 7, 9, 30], [1, 4, 9.5, 30], [2, 14, 10.2, 31], [2, 5, 12, 31])
    assert assign_villages(shapes, _county(LIMITS)).tolist() == [0, 1, 2, -1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000))
def test_limits_agree_with_every_intersection_computed(seed: int) -> None:
    random = np.random.default_rng(seed)
    corner, size = random.uniform(-2, 20, (40, 2)), random.uniform(0.5, 6, (40, 2))
    shapes = shapely.box(corner[:, 0], corner[:, 1], *(corner + size).T)
    held = shapely.area(shapely.intersection(shapes[:, None], np.array(LIMITS)[None, :]))
    found = assign_villages(shapes, _county(LIMITS))
    assert np.array_equal(found >= 0, held.max(axis=1) > 0)
    inside = found >= 0
    np.testing.assert_allclose(held[inside, found[inside]], held[inside].max(axis=1), rtol=1e-9)


def test_points_go_to_the_village_around_them_else_to_the_nearest_village_point() -> None:
    xy = np.array([[1.0, 1.0], [11.0, 19.0], [99.0, 99.0]])
    assert assign_points(xy, _county(LIMITS)).tolist() == [0, 3, -1]
    assert assign_points(xy, _county(DOTS)).tolist() == [0, 3, 3]
    mixed = [*LIMITS[:3], DOTS[3]]
    assert assign_points(xy, _county(mixed)).tolist() == [0, 3, 3]


def test_nearest_point_agrees_with_all_distances() -> None:
    random = np.random.default_rng(5)
    xy = random.uniform(-10, 30, (200, 2))
    distance = np.hypot(*(xy[:, None, :] - np.array([(p.x, p.y) for p in DOTS])).transpose(2, 0, 1))
    assert np.array_equal(assign_points(xy, _county(DOTS)), distance.argmin(axis=1))


def test_bare_list_goes_by_declared_code_then_name_then_owner() -> None:
    shapes = np.array([shapely.box(0, 0, 1, 1)] * 6)
    found = assign_villages(
        shapes, _county([None] * 4),
        declared_code=pd.Series([CODES[2] + "0000000", None, None, CODES[3][:9] + "999", None, None], dtype="str"),
        declared_name=pd.Series([None, "石桥村委会", "清水村", "清水", None, None], dtype="str"),
        owner_code=pd.Series([CODES[0], None, CODES[1], None, CODES[1] + "0000000", "610323999999"], dtype="str"),
        owner_name=pd.Series([None, None, None, None, None, "外村"], dtype="str"),
    )
    # row 2: two townships have a 清水村, so the owner's code decides; row 3: the declared code names the township
    assert found.tolist() == [2, 1, 1, 3, 1, -1]


def test_declared_code_beats_the_nearest_point_but_not_the_limits() -> None:
    declared = pd.Series([CODES[3]], dtype="str")
    shape = np.array([shapely.box(1, 1, 2, 2)])
    assert assign_villages(shape, _county(DOTS), declared_code=declared).tolist() == [3]
    assert assign_villages(shape, _county(LIMITS), declared_code=declared).tolist() == [0]


def test_names_and_codes() -> None:
    villages = _county(LIMITS).villages
    assert village_positions(pd.Series([CODES[1] + "0000000", "x", None], dtype="str"), villages).tolist() == [1, -1, -1]
    names = pd.Series(["北坡村", "清水村", "石桥村第二村民小组", "", None], dtype="object")
    assert named_positions(names, None, villages).tolist() == [2, -1, 1, -1, -1]


@pytest.mark.parametrize(("name", "plain"), [
    ("清水村村民委员会", "清水"), ("清水 村委会", "清水"), ("清水村农民集体", "清水"), ("清水社区居委会", "清水"),
    ("村", "村"), (None, ""), (float("nan"), ""), ("清水村三组", "清水"), ("第三组", "第三组"),
])
def test_plain_name(name: object, plain: str) -> None:
    assert plain_name(name) == plain


def test_county_without_villages() -> None:
    assert assign_points(np.array([[0.0, 0.0]]), toytown(villages=None)).tolist() == [-1]
