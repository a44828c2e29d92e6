"""Slope against planes known in closed form, zonal means against intersection of every polygon with every cell."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from geo.terrain import Grid, sample_bilinear, slope_deg, zonal_mean

LEFT, TOP, CELL = 500_000.0, 3_850_000.0, 30.0


def grid(values: np.ndarray) -> Grid:
    return Grid(values.astype("float32"), Affine(CELL, 0, LEFT, 0, -CELL, TOP))


def brute_force_mean(polygon: shapely.Geometry, raster: Grid) -> float:
    rows, columns = raster.values.shape
    total = weight = 0.0
    for r in range(rows):
        for c in range(columns):
            cell = shapely.box(LEFT + c * CELL, TOP - (r + 1) * CELL, LEFT + (c + 1) * CELL, TOP - r * CELL)
            area = shapely.intersection(polygon, cell).area
            if area > 0 and not np.isnan(raster.values[r, c]):
                total, weight = total + area * float(raster.values[r, c]), weight + area
    return total / weight if weight >= 0.5 * polygon.area else np.nan


def random_polygon(rng: np.random.Generator) -> shapely.Geometry:
    centre = np.array([LEFT, TOP]) + rng.uniform(-20, 380, 2) * (1, -1)
    radius = 10 ** rng.uniform(-0.5, 2.2)
    angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 12)))
    reach = radius * rng.uniform(0.3, 1, (len(angle), 1))
    shell = shapely.Polygon(centre + np.column_stack([np.cos(angle), np.sin(angle)]) * reach)
    kind = rng.integers(3)
    if kind == 0:
        return shell if rng.random() < 0.5 else shapely.reverse(shell)
    inner = shapely.Point(centre).buffer(radius * 0.2)
    return shapely.make_valid(shell).difference(inner) if kind == 1 else shapely.union(shapely.make_valid(shell),
                                                                                     shapely.box(*(centre + 50), *(centre + 95)))


@pytest.mark.parametrize("seed", range(4))
def test_zonal_means_agree_with_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0, 40, (12, 12))
    values[rng.random((12, 12)) < 0.1] = np.nan
    raster = grid(values)
    polygons = np.array([random_polygon(rng) for _ in range(60)], dtype=object)
    polygons = polygons[shapely.is_valid(polygons) & (shapely.area(polygons) > 0)]
    assert len(polygons) > 40
    expected = [brute_force_mean(polygon, raster) for polygon in polygons]
    assert np.isnan(expected).any()
    np.testing.assert_allclose(zonal_mean(polygons, raster), expected, rtol=1e-6, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(corner=st.tuples(st.floats(0, 300), st.floats(0, 300)), size=st.floats(0.01, 250), cut=st.floats(0.1, 0.9))
def test_a_cut_changes_nothing(corner: tuple[float, float], size: float, cut: float) -> None:
    """Total over a polygon is that of its two parts, weighted by area."""
    values = np.random.default_rng(1).uniform(0, 10, (20, 20))
    x, y = LEFT + corner[0], TOP - corner[1]
    whole, one, two = shapely.box(x, y - size, x + size, y), shapely.box(x, y - size, x + cut * size, y), shapely.box(
        x + cut * size, y - size, x + size, y)
    mean = zonal_mean(np.array([whole, one, two], dtype=object), grid(values))
    assert mean[0] == pytest.approx(mean[1] * cut + mean[2] * (1 - cut), rel=1e-5)


def test_small_degenerate_outside_and_missing_shapes() -> None:
    raster = grid(np.arange(9.0).reshape(3, 3))
    shapes = np.array([
        shapely.box(LEFT + 31, TOP - 35, LEFT + 31.1, TOP - 34.9),           # a speck in row 1, column 1
        shapely.Point(LEFT + 75, TOP - 15), shapely.LineString([(LEFT + 5, TOP - 70), (LEFT + 80, TOP - 70)]),
        shapely.box(LEFT - 500, TOP, LEFT - 400, TOP + 50), None, shapely.Polygon(),
        shapely.box(LEFT - 90, TOP - 90, LEFT + 180, TOP),                   # two thirds of it outside
        shapely.box(LEFT, TOP - 90, LEFT + 90, TOP),
    ], dtype=object)
    assert zonal_mean(shapes, raster) == pytest.approx([4, 2, 6, np.nan, np.nan, np.nan, np.nan, 4.0], nan_ok=True)
    assert zonal_mean(shapes[6:7], raster, min_known_share=0.3)[0] == pytest.approx(4.0)


@pytest.mark.parametrize(("east", "north"), [(0.0, 0.0), (0.1, 0.0), (0.0, -0.2), (0.3, 0.4)])
def test_slope_of_a_plane_also_at_its_rim(east: float, north: float) -> None:
    column, row = np.meshgrid(np.arange(8), np.arange(6))
    plane = 100 + column * CELL * east - row * CELL * north
    slope = slope_deg(grid(plane)).values
    np.testing.assert_allclose(slope, np.degrees(np.arctan(np.hypot(east, north))), atol=2e-3)


def test_slope_after_horn_by_hand_and_beside_missing_heights() -> None:
    z = np.array([[50, 45, 50], [30, 30, 30], [8, 10, 10]], dtype=float)
    dx = ((50 + 2 * 30 + 10) - (50 + 2 * 30 + 8)) / (8 * CELL)
    dy = ((8 + 2 * 10 + 10) - (50 + 2 * 45 + 50)) / (8 * CELL)
    assert slope_deg(grid(z)).values[1, 1] == pytest.approx(np.degrees(np.arctan(np.hypot(dx, dy))), rel=1e-5)
    z[0, 0] = np.nan                                  # taken from the opposite corner: 2 * 30 - 10 = 50, as it was
    slope = slope_deg(grid(z)).values
    assert slope[1, 1] == pytest.approx(np.degrees(np.arctan(np.hypot(dx, dy))), rel=1e-5)
    assert np.isnan(slope[0, 0]) and np.isfinite(slope).sum() == 8


def test_bilinear_agrees_with_scipy_and_is_missing_where_it_must() -> None:
    rng = np.random.default_rng(5)
    values = rng.uniform(0, 100, (9, 7))
    inner = rng.uniform((0.5, 0.5), (6.5, 8.5), (200, 2))
    xy = np.column_stack([LEFT + inner[:, 0] * CELL, TOP - inner[:, 1] * CELL])
    expected = map_coordinates(values.astype("float32").astype(float), [inner[:, 1] - 0.5, inner[:, 0] - 0.5], order=1)
    np.testing.assert_allclose(sample_bilinear(grid(values), xy), expected, atol=1e-6)
    values[0, 0] = np.nan
    probe = np.array([[LEFT + 20, TOP - 20], [LEFT + 45, TOP - 45], [LEFT - 1, TOP - 20], [LEFT + 209, TOP - 269]])
    got = sample_bilinear(grid(values), probe)
    assert np.isnan(got[[0, 2]]).all()
    assert got[1] == pytest.approx(values[1, 1], rel=1e-6)        # a cell's centre is that cell's value alone
    assert got[3] == pytest.approx(values[8, 6], rel=1e-6)        # the outer half cell has the rim's value
