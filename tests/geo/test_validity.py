"""The quick test of validity says what GEOS says, on shapes that are simple, nearly so, and not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.shapes import flatten
from geo.validity import _plainly_simple, are_valid

CORNERS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=8)
"""On so small a grid sides often touch, cross, run back on themselves and repeat corners."""


@settings(max_examples=300, deadline=None)
@given(CORNERS, st.sampled_from([(0.0, 0.0, 1.0), (500_000.25, 3_850_000.75, 0.1), (-3e6, 4e7, 1e-3)]))
def test_it_agrees_with_geos(corners: list[tuple[int, int]], frame: tuple[float, float, float]) -> None:
    x, y, unit = frame
    ring = [(x + unit * a, y + unit * b) for a, b in corners]
    shape = np.array([shapely.Polygon(ring)])
    assert are_valid(shape)[0] == shapely.is_valid(shape)[0]


def test_what_is_called_plainly_simple_is_valid_and_most_parcels_are() -> None:
    rng = np.random.default_rng(5)
    angles = np.sort(rng.uniform(0, 2 * np.pi, (500, 9)), axis=1)
    radius = rng.uniform(5, 40, (500, 9))
    stars = shapely.polygons(np.stack([500_000 + radius * np.cos(angles), 3_850_000 + radius * np.sin(angles)], axis=2))
    shuffled = shapely.polygons(rng.uniform(0, 50, (500, 6, 2)))
    for shapes, least in ((stars, 0.95), (shuffled, 0.0)):
        flat, simple = flatten(shapes), np.zeros(len(shapes), dtype=bool)
        _plainly_simple(0, len(shapes), flat.x, flat.y, flat.ring_start, flat.ring_area, flat.shape_start, simple)
        valid = shapely.is_valid(shapes)
        assert not (simple & ~valid).any()
        assert simple.sum() >= least * valid.sum()


@pytest.mark.parametrize(("shape", "valid"), [
    (None, False), (shapely.Point(1, 1), True), (shapely.Polygon(), True),
    (shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)]]), True),
    (shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (9, 1), (2, 2)]]), False),
    (shapely.Polygon([(0, 0), (4, 0), (2, 0), (2, 3)]), False), (shapely.Polygon([(0, 0), (1, 1), (2, 2)]), False),
    (shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]), False),
])
def test_other_shapes_are_left_to_geos(shape: shapely.Geometry | None, valid: bool) -> None:
    assert are_valid(np.array([shape], dtype=object)).tolist() == [valid]
