"""Overlay: shares agree with shapely's own union and intersection, and overlapping areas count once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.overlay import overlaps, share_within, subdivide, union_m2, union_rows


def _blob(random: np.random.Generator, vertices: int, radius: float) -> shapely.Polygon:
    x, y = random.uniform(0, 1000, 2)
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    reach = radius * (1 + 0.3 * np.sin(5 * turn + x) + 0.02 * random.standard_normal(vertices))
    return shapely.make_valid(shapely.Polygon(np.column_stack([x + reach * np.cos(turn), y + reach * np.sin(turn)])))


def _world(seed: int, shapes: int = 150, areas: int = 8, vertices: int = 400) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    corner, size = random.uniform(0, 1000, (shapes, 2)), random.uniform(5, 60, (shapes, 2))
    parcels = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + size[:, 0], corner[:, 1] + size[:, 1])
    return parcels, np.array([_blob(random, vertices, 180.0) for _ in range(areas)], dtype=object)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_share_agrees_with_the_union_of_all_areas(seed: int) -> None:
    parcels, areas = _world(seed)
    union = shapely.union_all(areas)
    expected = shapely.area(shapely.intersection(parcels, union)) / shapely.area(parcels)
    np.testing.assert_allclose(share_within(parcels, areas), expected, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_order_of_shapes_and_areas_does_not_matter(seed: int) -> None:
    parcels, areas = _world(seed, vertices=60)
    turn = np.random.default_rng(seed).permutation(len(parcels))
    share = share_within(parcels, areas)
    np.testing.assert_allclose(share_within(parcels[turn], areas[::-1]), share[turn], atol=1e-12)


def test_marked_overlaps_alone_are_counted() -> None:
    """The shapes that some of the areas lie on, and how much of each they take: as shapely's union of just these."""
    parcels, areas = _world(7)
    found = overlaps(parcels, areas)
    rows, held_m2 = union_rows(found, found.area < 3)
    expected = shapely.area(shapely.intersection(parcels, shapely.union_all(areas[:3])))
    assert 0 < len(rows) < len(parcels) and rows.tolist() == np.flatnonzero(expected > 0).tolist()
    np.testing.assert_allclose(held_m2, expected[rows], rtol=1e-9)
    assert not len(union_rows(found, found.area < 0)[0]) and not union_m2(found, found.area < 0).any()


def test_area_is_conserved_over_a_tiling() -> None:
    """Parcels that tile a square hold together exactly what the area has inside it."""
    side = np.arange(0, 1000, 50.0)
    x, y = (grid.ravel() for grid in np.meshgrid(side, side))
    parcels = shapely.box(x, y, x + 50, y + 50)
    _, areas = _world(3, areas=5)
    held = union_m2(overlaps(parcels, areas)).sum()
    assert held == pytest.approx(shapely.union_all(areas).intersection(shapely.box(0, 0, 1000, 1000)).area, rel=1e-9)


def test_pieces_of_a_subdivided_area_are_the_area() -> None:
    ring = shapely.Point(0, 0).buffer(100, quad_segs=400).difference(shapely.Point(10, 0).buffer(40, quad_segs=400))
    pieces, source = subdivide(np.array([shapely.box(500, 500, 501, 501), ring], dtype=object), max_vertices=50)
    assert shapely.get_num_coordinates(pieces).max() <= 50
    assert shapely.area(pieces[source == 1]).sum() == pytest.approx(ring.area, rel=1e-12)
    assert (source == 0).sum() == 1


def test_splitting_an_area_changes_nothing() -> None:
    parcels, areas = _world(11)
    halves = np.concatenate([shapely.intersection(areas, shapely.box(-999, -999, 500, 2999)),
                             shapely.intersection(areas, shapely.box(500, -999, 2999, 2999))])
    np.testing.assert_allclose(share_within(parcels, halves), share_within(parcels, areas), atol=1e-9)


def test_polygons_in_collections_count_as_if_they_stood_alone() -> None:
    parcels = shapely.box([0, 20, 40], 0, [10, 30, 50], 10)
    left, right, gone = shapely.box(0, 0, 5, 10), shapely.box(20, 0, 22, 10), shapely.Polygon()
    deep = shapely.GeometryCollection([shapely.MultiPolygon([right, shapely.box(45, 0, 50, 5)]), shapely.Point(1, 1)])
    found = overlaps(parcels, np.array([shapely.box(40, 0, 41, 10), deep, gone, shapely.MultiPolygon([left])], dtype=object))
    rows = sorted(zip(found.shape.tolist(), found.area.tolist(), found.part_m2.tolist(), strict=True))
    assert rows == [(0, 3, 50.0), (1, 1, 20.0), (2, 0, 10.0), (2, 1, 25.0)]


def test_points_missing_shapes_and_no_areas() -> None:
    shapes = np.array([shapely.Point(1, 1), shapely.Point(9, 9), None, shapely.Polygon(), shapely.box(0, 0, 2, 2)], dtype=object)
    np.testing.assert_array_equal(share_within(shapes, np.array([shapely.box(0, 0, 3, 3)])), [1, 0, np.nan, np.nan, 1])
    np.testing.assert_array_equal(share_within(shapes, np.empty(0, dtype=object)), [0, 0, np.nan, np.nan, 0])
    assert len(share_within(np.empty(0, dtype=object), np.array([shapely.box(0, 0, 3, 3)]))) == 0


def test_broken_area_is_mended_and_buffer_widens_it() -> None:
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert share_within(np.array([shapely.box(0, 0, 10, 10)]), np.array([bow_tie])) == pytest.approx([0.5])
    wide = share_within(np.array([shapely.box(0, 0, 10, 10)]), np.array([shapely.box(-5, -50, 0, 50)]), buffer_m=2.5)
    assert wide == pytest.approx([0.25])
