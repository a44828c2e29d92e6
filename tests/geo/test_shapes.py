"""Flat coordinate arrays: the quick way for simple layers gives what the general one gives."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import shapely

from geo.shapes import Shapes, flatten, shapes_of


def cut(shapes: Shapes, count: int) -> list[np.ndarray]:
    """The arrays of the first shapes only."""
    rings = shapes.shape_start[count]
    vertices = shapes.ring_start[rings]
    return [shapes.x[:vertices], shapes.y[:vertices], shapes.ring_start[: rings + 1], shapes.ring_hole[:rings],
            shapes.ring_area[:rings], shapes.shape_start[: count + 1]]


@pytest.mark.parametrize("simple", [
    shapely.points(np.arange(12.0).reshape(6, 2)), shapely.box(np.arange(5), 0, np.arange(5) + 2, 3),
    shapely.buffer(shapely.points([[0, 0], [9, 9]]), 2),
])
def test_simple_layers_flatten_as_within_a_mixed_one(simple: np.ndarray) -> None:
    mixed = np.concatenate([simple, [shapely.LineString([(0, 0), (1, 1), (2, 0)]), None, shapely.Polygon()]])
    alone, among = flatten(simple), flatten(mixed)
    for field, expected in zip(fields(Shapes), cut(among, len(simple)), strict=True):
        got = getattr(alone, field.name)
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == expected.dtype


def test_holes_and_several_parts_take_the_general_way() -> None:
    ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    shapes = flatten(np.array([ring, shapely.MultiPoint([(0, 0), (1, 1)])], dtype=object))
    assert shapes.ring_hole.tolist() == [False, True, False, False] and shapes.ring_area.tolist() == [True, True, False, False]
    assert shapes.shape_start.tolist() == [0, 2, 4]
    assert len(flatten(np.array([], dtype=object))) == 0


def test_holes_and_collections_among_plain_shapes_keep_their_rings_and_their_order() -> None:
    holed = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)]])
    several = shapely.GeometryCollection([shapely.Point(1, 1), holed, shapely.Polygon(), shapely.MultiPoint([(5, 5), (6, 6)])])
    shapes = np.array([shapely.box(0, 0, 1, 1), holed, several, None, shapely.LineString([(0, 0), (3, 4)]), shapely.Polygon()])
    flat = flatten(shapes)
    assert flat.shape_start.tolist() == [0, 1, 3, 8, 8, 9, 9]
    assert np.diff(flat.ring_start).tolist() == [5, 5, 4, 1, 5, 4, 1, 1, 2]
    assert flat.ring_hole.tolist() == [False, False, True, False, False, True, False, False, False]
    assert flat.ring_area.tolist() == [True, True, True, False, True, True, False, False, False]
    np.testing.assert_array_equal(np.column_stack([flat.x, flat.y]), shapely.get_coordinates(shapes))


def test_coordinates_need_not_be_made_into_points() -> None:
    xy = np.array([[1.0, 2.0], [3.5, -4.0], [np.nan, np.nan]])
    plain, made = shapes_of(xy), flatten(shapely.points(xy[:2]))
    for name in ("x", "y", "ring_start", "ring_hole", "ring_area", "shape_start"):
        np.testing.assert_array_equal(getattr(shapes_of(xy[:2]), name), getattr(made, name))
    assert len(plain) == 3 and np.isnan(plain.x[2])
