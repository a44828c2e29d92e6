"""The hills of the demo county: folded ridges, carved by rivers into a dendritic net of valleys with flat floors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine
from scipy import ndimage

from layers.demo import flow
from layers.demo.recipe import Recipe

CELL_M = 60.0
"""Cell of the working grid; the DEM is written at half of it."""
STREAM_AREA_M2 = 1.2e6
"""Area from which running water counts as a stream."""

STAGES = ((40, 0.02, True, False), (14, 0.02, True, False), (14, 0.03, False, True), (10, 0.05, True, True), (3, 0.1, False, False))
"""Rounds of carving, creep number, whether the result is bent, whether the grid is halved after."""


@dataclass(frozen=True)
class Terrain:
    """The working grid of the demo county: arrays of shape (rows, cols), 60 m cells, north up.

    `z` metres; `slope_deg` degrees; `area_m2` drained m2; `above_m` metres above the stream it drains to; `stream_area_m2` that
    stream's area there; `order` and `receiver` are flat; `dem` is the 30 m elevation (2 rows, 2 cols) in metres.
    """

    z: np.ndarray
    slope_deg: np.ndarray
    area_m2: np.ndarray
    above_m: np.ndarray
    stream_area_m2: np.ndarray
    order: np.ndarray
    receiver: np.ndarray
    dem: np.ndarray
    left: float
    top: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.z.shape

    @property
    def transform(self) -> Affine:
        """(column, row) of the working grid to metres."""
        return Affine(CELL_M, 0, self.left, 0, -CELL_M, self.top)

    def xy(self, cells: np.ndarray) -> np.ndarray:
        """Centres (n, 2) in metres of flat cell numbers."""
        rows, cols = np.divmod(np.asarray(cells), self.shape[1])
        return np.column_stack([self.left + (cols + 0.5) * CELL_M, self.top - (rows + 0.5) * CELL_M])

    def cells(self, xy: np.ndarray) -> np.ndarray:
        """Flat cell numbers of points (n, 2) in metres, held inside the grid."""
        cols = np.clip(((xy[:, 0] - self.left) / CELL_M).astype(int), 0, self.shape[1] - 1)
        rows = np.clip(((self.top - xy[:, 1]) / CELL_M).astype(int), 0, self.shape[0] - 1)
        return rows * self.shape[1] + cols

    def at(self, array: np.ndarray, xy: np.ndarray) -> np.ndarray:
        """Values of a grid of this shape at points (n, 2) in metres, bilinear."""
        rows = (self.top - xy[:, 1]) / CELL_M - 0.5
        cols = (xy[:, 0] - self.left) / CELL_M - 0.5
        return ndimage.map_coordinates(array, [rows, cols], order=1, mode="nearest")


def noise(
    shape: tuple[int, int], rng: np.random.Generator, *, wave_cells: float, stretch: float = 1.0, angle_deg: float = 0.0
) -> np.ndarray:
    """Smooth noise, mean 0 and spread 1: features about `wave_cells` long, stretched along `angle_deg` (from east)."""
    rows, cols = shape
    ky = np.fft.fftfreq(rows)[:, None]
    kx = np.fft.rfftfreq(cols)[None, :]
    angle = np.deg2rad(angle_deg)
    along = kx * np.cos(angle) - ky * np.sin(angle)
    across = kx * np.sin(angle) + ky * np.cos(angle)
    k = np.hypot(along * stretch, across) * wave_cells
    white = np.fft.rfft2(rng.standard_normal(shape))
    field = np.fft.irfft2(white * np.exp(-2.0 * k**2), s=shape)
    return (field - field.mean()) / field.std()


def make_terrain(recipe: Recipe, rng: np.random.Generator) -> Terrain:
    """The county's terrain in metres, from coarse to fine: each finer grid inherits the valleys and adds its own gullies."""
    rows, cols = recipe.rows, recipe.cols
    shape = (rows // 4, cols // 4)
    fold = recipe.fold_angle_deg
    ridges = 1.0 - np.abs(noise(shape, rng, wave_cells=34, stretch=3.5, angle_deg=fold))
    uplift = 0.55 + 0.45 * np.clip(ridges, -0.8, 1.0) + 0.16 * noise(shape, rng, wave_cells=60)
    uplift = np.clip(uplift, 0.24, 1.05)
    rock = np.exp(0.4 * noise(shape, rng, wave_cells=12, stretch=4, angle_deg=fold) + 0.35 * noise(shape, rng, wave_cells=4))
    row_share, col_share = np.mgrid[0 : shape[0], 0 : shape[1]]
    z = 9.0 * noise(shape, rng, wave_cells=22) + 6.0 * noise(shape, rng, wave_cells=9) + 4.0 * noise(shape, rng, wave_cells=4)
    z += 0.25 * (shape[0] - row_share) + 0.06 * np.abs(col_share - 0.62 * shape[1])
    outlet = (shape[0] - 1, int(0.62 * shape[1]))
    z[outlet] = z.min() - 1.0
    cell_m = CELL_M * 4
    for rounds, spread, bend, finer in STAGES:
        n_rows, n_cols = z.shape
        flat_outlet = outlet[0] * n_cols + outlet[1]
        z = flow.carve(
            z.ravel(), uplift.ravel() * 9.0, rock.ravel() * 0.22, n_rows, n_cols, flat_outlet, cell_m, rounds, spread
        ).reshape(z.shape)
        if bend:
            z = _bend(z, rng)
        if finer:
            z, uplift, rock = (ndimage.zoom(a, 2, order=1, grid_mode=True, mode="nearest") for a in (z, uplift, rock))
            z += 3.0 * noise(z.shape, rng, wave_cells=5)
            outlet = (z.shape[0] - 1, outlet[1] * 2)
            cell_m /= 2
        z[outlet] = z.min() - 1.0
    return _finish(z, outlet, recipe, rng)


def _bend(z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same surface seen through slightly uneven glass: a grid routes water straight, rivers wind."""
    rows, cols = np.mgrid[0 : z.shape[0], 0 : z.shape[1]].astype(float)
    edge = np.minimum(np.minimum(rows, rows[-1, 0] - rows), np.minimum(cols, cols[0, -1] - cols))
    calm = np.clip(edge / 12, 0, 1)
    for wave, reach in ((12, 2.4), (5, 0.9)):
        rows += calm * reach * noise(z.shape, rng, wave_cells=wave)
        cols += calm * reach * noise(z.shape, rng, wave_cells=wave)
    return ndimage.map_coordinates(z, [rows, cols], order=1, mode="nearest")


def _finish(z: np.ndarray, outlet: tuple[int, int], recipe: Recipe, rng: np.random.Generator) -> Terrain:
    """Scale the relief, lay valley floors, and derive what the rest of the county is built on."""
    low, high = z.min(), np.quantile(z, 0.998)
    z = recipe.lowest_m + (z - low) * (recipe.relief_m / (high - low))
    rows, cols = z.shape
    flat_outlet = outlet[0] * cols + outlet[1]
    order, receiver, filled = flow.route(z.ravel(), rows, cols, flat_outlet)
    area = flow.gather(order, receiver, CELL_M**2)
    above, size = flow.above_stream(order, receiver, filled, area, STREAM_AREA_M2)
    floor = np.clip(2.2 * (size / 1e6) ** 0.42, 4, 34)
    lowered = filled - np.where(above > 0, floor * above / (above + floor) * np.exp(-above / 110), 0.0)
    z = ndimage.gaussian_filter(lowered.reshape(rows, cols), 0.8)
    down, right = np.gradient(z, CELL_M)
    flat = np.exp(-np.hypot(down, right) * 40)
    z = z + flat * (2.6 * noise(z.shape, rng, wave_cells=7) + 1.2 * noise(z.shape, rng, wave_cells=2.5))
    z.ravel()[flat_outlet] = z.min() - 1.0
    order, receiver, filled = flow.route(z.ravel(), rows, cols, flat_outlet)
    area = flow.gather(order, receiver, CELL_M**2)
    above, size = flow.above_stream(order, receiver, filled, area, STREAM_AREA_M2)
    z = filled.reshape(rows, cols)
    down, right = np.gradient(z, CELL_M)
    slope = np.degrees(np.arctan(np.hypot(down, right)))
    dem = ndimage.zoom(z, 2, order=1, grid_mode=True, mode="nearest")
    rough = noise(dem.shape, rng, wave_cells=4) * np.clip(
        ndimage.zoom(slope, 2, order=1, grid_mode=True, mode="nearest") / 10, 0.05, 2.5
    )
    dem = (ndimage.gaussian_filter(dem, 1.0) + 0.8 * rough).astype(np.float32)
    shaped = {"area_m2": area, "above_m": above, "stream_area_m2": size}
    return Terrain(
        z=z,
        slope_deg=slope,
        order=order,
        receiver=receiver,
        dem=dem,
        left=recipe.left,
        top=recipe.top,
        **{name: values.reshape(rows, cols) for name, values in shaped.items()},
    )
