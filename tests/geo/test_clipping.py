"""Shapes and pieces: relation, area in common and what is left are what GEOS says, pair by pair, and slivers join nothing."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.clip_kernels import MOST_CORNERS
from geo.clipping import APART, AROUND, CROSSED, UNSURE, WITHIN, clips, less
from geo.shapes import flatten

FAR = np.array([512_345.25, 3_847_210.5])
"""Corner of a county far from the origin, metres."""


def _blobs(random: np.random.Generator, count: int, *, spikes: int, size_m: float, holes: bool) -> np.ndarray:
    """Polygons with wavy boundaries around places in a square of 100 m, either way round, some with a hole."""
    out = []
    for _ in range(count):
        corners = int(random.integers(3, spikes))
        turn = np.sort(random.uniform(0, 2 * np.pi, corners))[:: random.choice([-1, 1])]
        reach = size_m * random.uniform(0.2, 1.0, corners)
        xy = FAR + random.uniform(0, 100, 2) + np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])
        one = shapely.make_valid(shapely.Polygon(xy))
        one = max(shapely.get_parts(one), key=shapely.area)
        if holes and random.random() < 0.4:
            one = max(shapely.get_parts(one.difference(one.representative_point().buffer(size_m / 9))), key=shapely.area)
        if one.geom_type == "Polygon" and one.area > 1e-3:
            out.append(one)
    return np.array(out, dtype=object)


def _pairs(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parcels, pieces and positions, one piece to a parcel."""
    random = np.random.default_rng(seed)
    parcels = _blobs(random, 300, spikes=9, size_m=25.0, holes=False)
    pieces = _blobs(random, 300, spikes=40, size_m=50.0, holes=False)
    each = np.arange(min(len(parcels), len(pieces)))
    return parcels[each], pieces[each], each


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_every_pair_is_as_geos_says(seed: int, holes: bool) -> None:
    random = np.random.default_rng(seed)
    parcels = _blobs(random, 12, spikes=9, size_m=25.0, holes=holes and seed % 2 == 0)
    parcels[::3] = shapely.multipolygons(parcels[::3, None])           # as many layers hold their parcels
    pieces = _blobs(random, 8, spikes=60, size_m=60.0, holes=holes)
    piece, parcel = (each.ravel() for each in np.indices((len(pieces), len(parcels))))
    found = clips(flatten(parcels), pieces, parcel, piece)
    told, one, other = found.relation, parcels[parcel], pieces[piece]
    sure = told != UNSURE
    assert sure.mean() > (0.3 if holes else 0.9)
    np.testing.assert_array_equal((told == WITHIN)[sure], shapely.contains_properly(other, one)[sure])
    np.testing.assert_array_equal((told == AROUND)[sure], shapely.contains_properly(one, other)[sure])
    np.testing.assert_array_equal((told == APART)[sure], shapely.disjoint(one, other)[sure])
    crossed = told == CROSSED
    np.testing.assert_allclose(found.common_m2[crossed], shapely.area(shapely.intersection(one, other))[crossed], atol=1e-6)
    assert not found.common_m2[~crossed].any()
    rest = less(one, pieces, piece)
    assert shapely.is_valid(rest).all()
    assert shapely.area(shapely.symmetric_difference(rest, shapely.difference(one, other))).max(initial=0.0) < 1e-6


def test_area_is_conserved_between_what_is_common_and_what_is_left() -> None:
    parcels, pieces, each = _pairs(5)
    found = clips(flatten(parcels), pieces, each, each)
    crossed = found.relation == CROSSED
    assert crossed.sum() > 50
    left_m2 = shapely.area(less(parcels, pieces, each))
    np.testing.assert_allclose((left_m2 + found.common_m2)[crossed], shapely.area(parcels)[crossed], rtol=1e-9)


def test_a_strip_across_a_parcel_leaves_two_parts() -> None:
    """No sliver along a boundary joins what a strip parts, wherever the parcel lies and however it is turned."""
    for angle in np.linspace(0.01, 1.5, 40):
        parcel = shapely.affinity.rotate(shapely.box(*FAR, *(FAR + [30, 20])), angle, use_radians=True, origin=tuple(FAR))
        strip = shapely.LineString([(-50, 8), (80, 11)]).buffer(2.0)
        strip = shapely.affinity.rotate(shapely.affinity.translate(strip, *FAR), angle, use_radians=True, origin=tuple(FAR))
        [rest] = less(np.array([parcel]), np.array([strip]), np.array([0]))
        assert shapely.get_num_geometries(rest) == 2
        assert rest.area == pytest.approx(parcel.area - parcel.intersection(strip).area, abs=1e-6)


@pytest.mark.parametrize(("piece", "left_m2"), [
    (shapely.box(0, 0, 4, 4), 0.0),                       # the same
    (shapely.box(4, 0, 9, 4), 16.0),                      # beside it, with a side in common
    (shapely.box(4, 4, 9, 9), 16.0),                      # a corner in common
    (shapely.box(2, 0, 9, 4), 8.0),                       # sides along the same lines
    (shapely.Polygon([(0, 0), (4, 4), (0, 4)]), 8.0),     # through corners
    (shapely.box(1, 1, 2, 2), 15.0),                      # in it
    (shapely.box(0, 1, 2, 2), 14.0),                      # in it, at its side
    (shapely.box(-1, -1, 9, 9).difference(shapely.box(1, 1, 3, 3)), 4.0),     # around it, with a hole in it
    (shapely.box(-1, -1, 9, 9).difference(shapely.box(-0.5, -0.5, 5, 5)), 16.0),     # it lies in the hole
    (shapely.box(-1, -1, 9, 9).difference(shapely.box(2, -0.5, 5, 5)), 8.0),  # half in the hole
    (shapely.Polygon(), 16.0),
])
def test_what_touches_or_has_holes_is_right_too(piece: shapely.Polygon, left_m2: float) -> None:
    parcel = shapely.box(0, 0, 4, 4)
    for one in (parcel, shapely.reverse(parcel), shapely.MultiPolygon([parcel])):
        [rest] = less(np.array([one]), np.array([piece]), np.array([0]))
        assert rest.area == pytest.approx(left_m2, abs=1e-12)


def test_shapes_of_other_kinds_are_left_to_geos() -> None:
    """Lines that close, points, several parts, missing ones, and rings of very many corners are never decided here."""
    many = shapely.Point(0, 0).buffer(5, quad_segs=MOST_CORNERS)
    shapes = np.array([shapely.LinearRing([(0, 0), (4, 0), (4, 4)]), shapely.Point(1, 1), shapely.MultiPolygon(
        [shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]), None, shapely.Polygon(), many], dtype=object)
    each = np.arange(len(shapes))
    found = clips(flatten(shapes), np.array([shapely.box(-9, -9, 0.5, 9)]), each, np.zeros(len(each), dtype=np.int64))
    assert (found.relation == UNSURE).all() and not found.common_m2.any()


def test_where_a_ring_begins_and_which_way_it_runs_changes_nothing() -> None:
    parcels, pieces, each = _pairs(8)
    first = clips(flatten(parcels), pieces, each, each)
    again = clips(flatten(shapely.normalize(parcels)), shapely.reverse(pieces), each, each)
    np.testing.assert_array_equal(first.relation, again.relation)
    np.testing.assert_allclose(first.common_m2, again.common_m2, atol=1e-7)
