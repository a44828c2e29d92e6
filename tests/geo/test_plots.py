"""What is found once of many shapes: against asking shapely about each, and several threads asking at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely

from geo.overlay import overlaps
from geo.plots import Plots, plots_of
from geo.shapes import AT_ONCE, Shapes, flatten

BOX = shapely.box(0, 0, 4, 2)
POND = shapely.Point(0, 0).buffer(3).difference(shapely.box(0, 0, 1, 1))
TWO = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.Point(9, 9).buffer(2).difference(shapely.Point(9, 9).buffer(1))])
MIXED = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(5, 5), (6, 6)]), shapely.MultiPolygon([POND])])
BOW_TIE = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 2)])
LINE = shapely.LineString([(0, 0), (1, 1), (3, 4)])
KINDS = np.array([None, shapely.Polygon(), shapely.Point(1, 2), LINE, BOX, POND, TWO, MIXED], dtype=object)


def _same(one: Shapes, other: Shapes) -> None:
    for name in vars(other):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("seed", range(5))
def test_choosing_exchanging_and_cutting_out_is_flattening_the_shapes_chosen(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes = KINDS[rng.integers(0, len(KINDS), 30)]
    rows = rng.permutation(30)[: rng.integers(0, 31)]
    flat, others = flatten(shapes), KINDS[rng.integers(0, len(KINDS), len(rows))]
    _same(flat.only(rows), flatten(shapes[rows]))
    changed = shapes.copy()
    changed[rows] = others
    _same(flat.exchanged(rows, flatten(others)), flatten(changed))
    start, stop = sorted(rng.integers(0, 31, 2))
    _same(flat.part(start, stop), flatten(shapes[start:stop]))


def test_single_polygons_are_those_shapely_takes_a_shape_apart_into() -> None:
    parts, owner = flatten(KINDS).polygons()
    apart, whose = shapely.get_parts(KINDS, return_index=True)
    apart, inner = shapely.get_parts(apart, return_index=True)
    real = (shapely.get_type_id(apart) == 3) & ~shapely.is_empty(apart)
    assert owner.tolist() == whose[inner][real].tolist() == [4, 5, 6, 6, 7, 7]
    _same(parts, flatten(apart[real]))


def test_coordinates_read_in_blocks_are_all_of_them() -> None:
    shapes = shapely.points(np.arange(2 * AT_ONCE + 5.0), 7.0)
    np.testing.assert_array_equal(flatten(shapes).x, np.arange(2 * AT_ONCE + 5.0))


def test_parts_are_what_shapely_says_of_each_shape() -> None:
    plots = Plots(KINDS)
    np.testing.assert_array_equal(plots.area_m2, shapely.area(KINDS))
    np.testing.assert_array_equal(plots.bounds, shapely.bounds(KINDS))
    assert plots.empty.tolist() == (shapely.is_missing(KINDS) | shapely.is_empty(KINDS)).tolist()
    inside = shapely.points(plots.inside)
    assert shapely.intersects(inside, KINDS)[~plots.empty].all() and np.isnan(plots.inside[plots.empty]).all()
    assert plots.tree.query(shapely.Point(-2, -2)).tolist() == [5, 7]
    assert plots.occupancy.any_in(np.array([[0.0, 0, 1, 1]])).tolist() == [True]
    assert plots_of(plots) is plots and len(plots_of(KINDS[4:6])) == 2


def test_valid_plots_stay_themselves_and_broken_ones_are_mended() -> None:
    fine = Plots(KINDS)
    assert fine.mended() is fine and fine.exchanged(np.zeros(0, np.int64), np.zeros(0, dtype=object)) is fine
    broken = Plots(np.array([BOX, BOW_TIE, None], dtype=object))
    mended = broken.mended()
    assert mended is broken.mended() and shapely.equals_exact(mended.shapes[1], shapely.make_valid(BOW_TIE))
    assert mended.shapes[0] is BOX and mended.shapes[2] is None and broken.shapes[1] is BOW_TIE
    _same(mended.flat, flatten(mended.shapes))
    area = np.array([shapely.box(-1, -1, 9, 9)])
    assert overlaps(broken, area).part_m2.tolist() == [8.0, pytest.approx(shapely.make_valid(BOW_TIE).area)]


def test_what_several_threads_ask_for_at_once_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr("geo.plots.flatten", lambda shapes: made.append(1) or flatten(shapes))
    plots = Plots(np.repeat(KINDS, 5000))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: plots.flat, range(8)))
    assert len(made) == 1 and all(one is found[0] for one in found)
