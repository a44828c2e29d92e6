"""The largest rectangle against closed forms and a brute-force search; whether a house with its yard stands."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from shapely import affinity

from geo.fit import compactness, house_stands, house_stands_on, largest_rectangles, outlines, yard_needed_m2
from tests.geo.standard import default_scenario
from tests.toytown import ORIGIN

RULE = default_scenario().courtyard
ERROR_WORST, ERROR_95, ERROR_MEDIAN = 0.15, 0.05, 0.01
"""How much smaller than the true largest rectangle the one found may be: the bound that `largest_rectangles` states."""


def _placed(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy + np.array(ORIGIN))


def _area(shape: shapely.Geometry) -> float:
    return float(largest_rectangles(np.array([_placed(shape)]))["rectangle_m2"][0])


def brute_force(shape: shapely.Geometry, *, degrees: float = 3.75, cells: int = 64) -> float:
    """Area of a rectangle that surely fits, by trying directions and counting cells: the true largest one is at least as large.

    A block of w x h cell centres inside is taken for (w - 1) x (h - 1) cells, so that nothing beyond the centres is assumed.
    """
    best = 0.0
    shapely.prepare(shape)
    for angle in np.radians(np.arange(0.0, 90.0, degrees)):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = shapely.get_coordinates(shape) @ turn
        low, high = corners.min(axis=0), corners.max(axis=0)
        cell = (high - low).max() / cells
        at = np.stack(np.meshgrid(*(np.arange(low[axis] + cell / 2, high[axis], cell) for axis in (0, 1))), axis=-1) @ turn.T
        best = max(best, _largest_block(shapely.contains_xy(shape, at[..., 0], at[..., 1])) * cell**2)
    return best


@njit
def _largest_block(inside: np.ndarray) -> int:
    """Most (w - 1) x (h - 1) over all blocks of w x h true cells."""
    rows, columns = inside.shape
    height, best = np.zeros(columns, np.int64), 0
    for row in range(rows):
        for column in range(columns):
            height[column] = height[column] + 1 if inside[row, column] else 0
        for left in range(columns):
            lowest = height[left]
            for right in range(left, columns):
                lowest = min(lowest, height[right])
                if lowest < 2:
                    break
                best = max(best, (right - left) * (lowest - 1))
    return best


def random_shapes(count: int, seed: int) -> list[shapely.Polygon]:
    """Star-shaped polygons, convex hulls, polygons with holes, and what is left of a yard with houses on it; a fourth of each."""
    rng = np.random.default_rng(seed)
    out: list[shapely.Polygon] = []
    while len(out) < count:
        corners = rng.integers(4, 14)
        angle, radius = np.sort(rng.random(corners)) * 2 * np.pi, rng.uniform(6, 20, corners)
        star = shapely.Polygon(np.column_stack([np.cos(angle) * radius, np.sin(angle) * radius * rng.uniform(0.4, 1)]))
        if not star.is_valid:
            continue
        kind = len(out) % 4
        if kind == 1:
            star = star.convex_hull
        elif kind == 2:
            star = star.difference(shapely.Point(rng.normal(0, 4, 2)).buffer(rng.uniform(1, 4), quad_segs=3))
        elif kind == 3:
            house = affinity.rotate(shapely.box(-6, -4, 6, 4), rng.uniform(0, 90))
            star = affinity.rotate(shapely.box(-14, -10, 14, 10), rng.uniform(0, 90)).difference(
                affinity.translate(house, *rng.normal(0, 6, 2)))
        if star.is_valid and star.geom_type == "Polygon" and star.area > 20:
            out.append(star)
    return out


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0, 89.9])
@pytest.mark.parametrize(("shape", "expected"), [
    (shapely.box(0, 0, 20, 10), 200.0),
    (shapely.Polygon([(0, 0), (20, 0), (0, 20)]), 100.0),                              # half of a right-angled triangle
    (shapely.Polygon([(0, 0), (24, 0), (7, 16)]), 96.0),                               # half of any triangle, on its longest side
    (shapely.Polygon([(0, 0), (20, 0), (20, 10), (10, 10), (10, 20), (0, 20)]), 200.0),
    (shapely.box(0, 0, 20, 20) - shapely.box(8, 8, 12, 12), 160.0),                    # a strip beside the hole
    (shapely.box(0, 0, 100, 0.7), 70.0),
    (shapely.MultiPolygon([shapely.box(0, 0, 5, 5), shapely.box(10, 0, 20, 8)]), 80.0),
])
def test_closed_forms_at_any_rotation(shape: shapely.Geometry, expected: float, angle: float) -> None:
    assert _area(affinity.rotate(shape, angle)) == pytest.approx(expected, rel=2e-3)


def test_circle_holds_the_square() -> None:
    circle = shapely.Point(0, 0).buffer(10, quad_segs=32)
    assert _area(circle) == pytest.approx(200, rel=5e-3)


def test_error_bound_against_brute_force() -> None:
    shapes = random_shapes(100, seed=4)
    found = largest_rectangles(np.array([_placed(shape) for shape in shapes]))["rectangle_m2"].to_numpy()
    surely = np.array([brute_force(shape) for shape in shapes])
    short = 1 - found / surely                      # negative where ours is larger than what brute force proves
    assert short.max() <= ERROR_WORST
    assert np.quantile(short, 0.95) <= ERROR_95
    assert np.median(short) <= ERROR_MEDIAN


def test_what_is_found_lies_inside_and_measures_what_it_says() -> None:
    shapes = np.array([_placed(shape) for shape in random_shapes(400, seed=9)])
    found = largest_rectangles(shapes)
    drawn = outlines(found)
    np.testing.assert_allclose(shapely.area(drawn), found["rectangle_m2"], rtol=1e-6)
    np.testing.assert_allclose(found["rectangle_long_m"] * found["rectangle_short_m"], found["rectangle_m2"], rtol=1e-9)
    assert (found["rectangle_long_m"] >= found["rectangle_short_m"]).all()
    assert shapely.contains(shapely.buffer(shapes, 0.003), drawn).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 360), st.floats(-1e5, 1e5))
def test_shift_and_order_do_not_matter_and_rotation_little(seed: int, angle: float, shift_m: float) -> None:
    shapes = [shapely.set_precision(shape, 0.001) for shape in random_shapes(4, seed)]        # surveyed to the millimetre
    here = [_area(shape) for shape in shapes]
    moved = largest_rectangles(np.array([_placed(affinity.translate(shape, shift_m, -shift_m)) for shape in shapes[::-1]]))
    np.testing.assert_allclose(moved["rectangle_m2"][::-1], here, rtol=1e-6)
    turned = [_area(affinity.rotate(shape, angle)) for shape in shapes]
    np.testing.assert_allclose(turned, here, rtol=ERROR_WORST)


def test_nothing_to_measure() -> None:
    nothing = np.array([None, shapely.Point(1, 1), shapely.Polygon(), shapely.LineString([(0, 0), (9, 9)])], dtype=object)
    assert largest_rectangles(nothing).isna().all(axis=None) and len(largest_rectangles(nothing[:0])) == 0
    assert outlines(largest_rectangles(nothing)).tolist() == [None] * 4


@pytest.mark.parametrize(("shape", "parcel", "usable"), [
    (shapely.box(0, 0, 14.5, 14.5), True, False),         # 210 m2: house on the yard, but not 200 m2 beside it
    (shapely.box(0, 0, 20, 14.6), True, True),            # 292 m2
    (shapely.box(0, 0, 5.9, 60), False, False),           # 354 m2, too narrow
    (shapely.box(0, 0, 6, 60), True, True),
    (shapely.box(0, 0, 10, 19), False, False),            # 190 m2
    (shapely.MultiPolygon([shapely.box(0, 0, 12, 12), shapely.box(20, 0, 32, 12)]), False, False),   # 288 m2 in two parts
    (shapely.box(0, 0, 4, 40).union(shapely.box(0, 0, 40, 4)).union(shapely.box(0, 0, 9.6, 9.6)), True, True),
])
def test_house_with_its_yard(shape: shapely.Geometry, parcel: bool, usable: bool) -> None:
    """90 m2, at least 6 m wide. Basis parcel: on 200 m2 of connected ground; basis usable: 200 m2 beside the house."""
    turned = np.array([_placed(affinity.rotate(shape, 20))])
    found = largest_rectangles(turned, house_m2=RULE.house_m2, side_m=RULE.house_min_side_m)
    assert house_stands(found, RULE).tolist() == [parcel]
    beside = dataclasses.replace(RULE, basis="usable")
    assert (yard_needed_m2(RULE), yard_needed_m2(beside)) == (200.0, 290.0)
    assert house_stands(found, beside).tolist() == [usable]
    assert [house_stands_on(turned, rule).tolist() for rule in (RULE, beside)] == [[parcel], [usable]]


def test_house_alone_is_found_where_it_is_beside_the_largest_rectangle() -> None:
    """The search that stops at the house says the same of every shape as the one that goes on to the largest rectangle."""
    random = np.random.default_rng(5)
    turn = np.sort(random.uniform(0, 2 * np.pi, (300, 9)), axis=1)
    reach = random.uniform(6, 22, (300, 9))
    shapes = shapely.make_valid(shapely.polygons(np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=2)))
    shapes = np.concatenate([shapes, shapely.difference(shapes, shapely.box(-3, -3, 3, 3)), [None, shapely.Polygon()]])
    stands = house_stands(largest_rectangles(shapes, house_m2=RULE.house_m2, side_m=RULE.house_min_side_m), RULE)
    assert 50 < stands.sum() < 550 and house_stands_on(shapes, RULE).tolist() == stands.tolist()
    assert not house_stands_on(shapes, dataclasses.replace(RULE, house_m2=0.0)).any() and not len(house_stands_on(shapes[:0], RULE))


def test_compactness_of_known_shapes() -> None:
    shapes = np.array([shapely.Point(0, 0).buffer(10, quad_segs=64), shapely.box(0, 0, 7, 7), shapely.box(0, 0, 5, 1), None])
    np.testing.assert_allclose(compactness(shapes), [1.0, np.pi / 4, 20 * np.pi / 144, np.nan], rtol=1e-3)


def test_where_a_ring_begins_changes_no_rectangle() -> None:
    """Polygons cut out of the same ground by different ways begin at different corners; what fits on them is the same."""
    random = np.random.default_rng(3)
    shapes = []
    for _ in range(60):
        turn = np.sort(random.uniform(0, 2 * np.pi, 7))
        xy = np.array([512_345.25, 3_847_210.5]) + random.uniform(8, 25, (7, 1)) * np.column_stack([np.cos(turn), np.sin(turn)])
        shapes.append(xy)
    begun = [np.array([shapely.Polygon(np.roll(xy, steps, axis=0)) for xy in shapes]) for steps in (0, 2, 5)]
    first, *others = (largest_rectangles(one) for one in begun)
    for other in others:
        pd.testing.assert_frame_equal(other, first, rtol=0, atol=1e-9)
