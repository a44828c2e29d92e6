"""Points inside shapes: against GEOS, to the same bits, on stars of few and many corners, on whole metres, on rings that cross."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.interior import points_inside
from geo.shapes import flatten


def _stars(rng: np.random.Generator, count: int, corners: int) -> np.ndarray:
    turn, reach = np.sort(rng.uniform(0, 2 * np.pi, (count, corners)), axis=1), rng.uniform(5, 30, (count, corners))
    return shapely.polygons(np.stack([500_000 + reach * np.cos(turn), 3_850_000 + reach * np.sin(turn)], axis=2))


@pytest.mark.parametrize("corners", [3, 4, 7, 90])
def test_points_are_those_of_geos_to_the_same_bits(corners: int) -> None:
    rng = np.random.default_rng(corners)
    stars = _stars(rng, 400, corners)
    crossed = shapely.polygons(rng.uniform(0, 20, (400, corners, 2)).round())
    shapes = np.concatenate([stars, shapely.transform(stars, np.round), crossed, shapely.box(0, 0, [0.0, 3.0], 2)])
    expected = shapely.get_coordinates(shapely.point_on_surface(shapes))
    np.testing.assert_array_equal(points_inside(shapes, flatten(shapes)), expected)


def test_stars_hold_their_points() -> None:
    stars = _stars(np.random.default_rng(1), 500, 9)
    assert shapely.contains_xy(stars, points_inside(stars, flatten(stars))).all()


def test_holes_lines_and_nothing_are_left_to_geos() -> None:
    ring = shapely.Point(0, 0).buffer(9).difference(shapely.Point(0, 0).buffer(8))
    shapes = np.array([ring, shapely.LineString([(0, 0), (4, 0)]), shapely.Point(1, 2), shapely.Polygon(), None], dtype=object)
    found = points_inside(shapes, flatten(shapes))
    np.testing.assert_array_equal(found[:3], shapely.get_coordinates(shapely.point_on_surface(shapes[:3])))
    assert np.isnan(found[3:]).all() and points_inside(shapes[:0], flatten(shapes[:0])).shape == (0, 2)
