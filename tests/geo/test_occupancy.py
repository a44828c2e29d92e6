"""Which boxes may meet a shape: against asking every pair."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.occupancy import Occupancy
from geo.overlay import overlaps, subdivide


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.floats(0.1, 2000))
def test_a_box_that_meets_a_shape_is_never_passed_over(seed: int, count: int, spread_m: float) -> None:
    rng = np.random.default_rng(seed)
    corner, asked = rng.uniform(0, spread_m, (2, count, 2))
    shapes = shapely.box(*corner.T, *(corner + rng.uniform(0, 5, (count, 2))).T)
    boxes = np.column_stack([asked, asked + rng.uniform(0, spread_m / 4, (count, 2))])
    met = shapely.intersects(shapely.box(*boxes.T)[:, None], shapes[None]).any(axis=1)
    assert (Occupancy(shapely.bounds(shapes)).any_in(boxes) | ~met).all()


def test_far_from_everything_there_is_nothing() -> None:
    ground = Occupancy(shapely.bounds(np.array([shapely.box(0, 0, 10, 10), shapely.box(1000, 1000, 1010, 1010)])))
    assert ground.any_in(np.array([[400, 400, 600, 600], [-50, -50, -1, -1], [np.nan] * 4])).tolist() == [False, False, False]


def test_without_shapes_there_is_nothing_anywhere() -> None:
    nothing = Occupancy(shapely.bounds(np.array([None, shapely.Polygon()], dtype=object)))
    assert nothing.any_in(np.array([[0, 0, 1, 1]])).tolist() == [False]
    assert len(overlaps(np.array([shapely.Polygon()]), np.array([shapely.box(0, 0, 1, 1)])).shape) == 0


def test_pieces_that_are_left_out_are_those_with_nothing_near() -> None:
    lake = shapely.Point(0, 0).buffer(1000, quad_segs=500)
    parcel = shapely.box(990, -10, 1010, 10)
    every, _ = subdivide(np.array([lake]))
    some, source = subdivide(np.array([lake, shapely.box(5000, 0, 5001, 1)]), near=Occupancy(shapely.bounds(np.array([parcel]))))
    assert 0 < len(some) < len(every)
    assert set(source) == {0}
    held_m2 = shapely.area(shapely.intersection(some, parcel)).sum()
    assert held_m2 == pytest.approx(shapely.area(shapely.intersection(lake, parcel)), rel=1e-12)
