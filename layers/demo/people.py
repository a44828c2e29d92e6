"""Who lives in a village and how it stands: people on a 100 m grid, in the cells of their houses; income and class of its list."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from rasterio.features import rasterize

from layers.demo.recipe import Recipe

CELL_M = 100.0


def make_population(
    villages: gpd.GeoDataFrame, settlements: pd.DataFrame, buildings: gpd.GeoDataFrame
) -> tuple[np.ndarray, Affine]:
    """Residents per 100 m cell (float32, 0 where nobody lives) and the grid's transform.

    The people of a natural village are shared among its houses, or stand at its centre where there are none. A cell counts for the
    village that contains its centre, so a house whose cell belongs to a neighbour is moved to the nearest cell of its own village.
    """
    left, bottom, right, top = villages.total_bounds
    left, top = np.floor(left / CELL_M) * CELL_M, np.ceil(top / CELL_M) * CELL_M
    cols, rows = int(np.ceil((right - left) / CELL_M)), int(np.ceil((top - bottom) / CELL_M))
    transform = Affine(CELL_M, 0, left, 0, -CELL_M, top)
    shapes = [(shape, i + 1) for i, shape in enumerate(villages.geometry.values)]
    owner = rasterize(shapes, out_shape=(rows, cols), transform=transform, dtype="int32") - 1
    homes = buildings[buildings["kind"] == "homestead"]
    spots = shapely.get_coordinates(shapely.centroid(homes.geometry.values))
    where = homes["settlement"].to_numpy()
    count = np.bincount(where, minlength=len(settlements))
    bare = np.nonzero(count == 0)[0]
    spots = np.vstack([spots, settlements[["x", "y"]].to_numpy()[bare]])
    where = np.concatenate([where, bare])
    people = settlements["population"].to_numpy()[where] / np.maximum(count, 1)[where]
    home = settlements["village"].to_numpy()[where]
    cell = _own_cells(spots, home, owner, left, top)
    grid = np.bincount(cell, weights=people, minlength=rows * cols)
    return _exact(grid, owner.ravel(), villages["population"].to_numpy()).reshape(rows, cols), transform


def _own_cells(xy: np.ndarray, home: np.ndarray, owner: np.ndarray, left: float, top: float) -> np.ndarray:
    rows, cols = owner.shape
    row = np.clip(((top - xy[:, 1]) / CELL_M).astype(int), 0, rows - 1)
    col = np.clip(((xy[:, 0] - left) / CELL_M).astype(int), 0, cols - 1)
    cell = row * cols + col
    for i in np.nonzero(owner.ravel()[cell] != home)[0].tolist():
        r, c = np.nonzero(owner == home[i])
        gap = np.hypot(left + (c + 0.5) * CELL_M - xy[i, 0], top - (r + 0.5) * CELL_M - xy[i, 1])
        best = int(np.argmin(gap))
        cell[i] = r[best] * cols + c[best]
    return cell


def village_standing(recipe: Recipe, people: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """What the county's list says of each village besides its people: the collective's income (10,000 yuan), and its class.

    A few villages have not handed in the one or the other (NaN, None). The class follows the income a head, but not strictly.
    """
    share = recipe.standing
    a_head = np.exp(rng.normal(np.log(share["income_yuan_per_person"]), share["income_spread"], len(people)))
    liking = np.log(a_head) + rng.normal(0, share["income_spread"], len(people))
    rank = liking.argsort(kind="stable").argsort(kind="stable") / len(people)
    classes = np.select([rank >= 1 - share["advanced"], rank < share["lagging"]], ["先进", "后进"], "中间").astype(object)
    classes[rng.random(len(people)) < share["unstated"]] = None
    income = np.round(a_head * people / 10_000, 2)
    income[rng.random(len(people)) < share["unstated"]] = np.nan
    return {"income_wan_yuan": income, "village_class": classes}


def _exact(grid: np.ndarray, owner: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Scaled village by village so that the float32 cells of each sum to its population."""
    inside = owner >= 0
    sums = np.bincount(owner[inside], weights=grid[inside], minlength=len(population))
    factor = np.zeros(len(grid))
    factor[inside] = (population / sums)[owner[inside]]
    return (grid * factor).astype(np.float32)
