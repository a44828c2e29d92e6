"""What fits on a piece of ground: the largest rectangle in m2 and m, a house with its yard, and how compact the shape is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geo.plots import Plots, plots_of
from geo.rectangles import EDGE_SLACK_M, search
from geo.scenario import CourtyardRule
from geo.shapes import Shapes, spread

ROUNDING_M2 = 0.005
"""Areas are stated to 0.01 m2; one that misses a minimum by less than half of that has it."""

_COLUMNS = ("rectangle_m2", "rectangle_long_m", "rectangle_short_m", "centre_x", "centre_y", "direction_rad")


def largest_rectangles(geometries: Plots | np.ndarray, *, house_m2: float = 0.0, side_m: float = 0.0) -> pd.DataFrame:
    """Largest rectangle inside each polygon, at any rotation: area in m2, sides in m, centre and direction.

    The rectangle lies inside the polygon (it may stick out by 1 mm, `geo.rectangles.EDGE_SLACK_M`), so its area is never more than
    the true largest one's. How much less it may be was measured against a brute-force search on random polygons, convex, hollow and
    with holes: 1 % or less in the median, 5 % at most in nineteen cases of twenty, 15 % at worst (``tests/geo/test_fit.py`` holds
    it to that). On rectangles, whatever their rotation, it is exact. Where several parts make a shape, the best part counts.

    Parameters
    ----------
    geometries : Plots, or array of geometries, shape (n,)
        Polygons in a metric CRS; valid ones.
    house_m2, side_m : float
        Also look for a rectangle of this area with both sides at least `side_m`.

    Returns
    -------
    DataFrame
        RangeIndex of n rows: `rectangle_m2`, `rectangle_long_m`, `rectangle_short_m`, `centre_x`, `centre_y`, `direction_rad` (of
        the long side, 0 to pi), all NaN where there is no area; `house_area_m2`: area of the largest part in which the house
        stands, NaN where it stands in none or is not asked for.

    Examples
    --------
    >>> shapes = np.array([shapely.box(0, 0, 20, 10), shapely.Point(3, 3), None])
    >>> largest_rectangles(shapes)[["rectangle_m2", "rectangle_long_m"]].round(2).values.tolist()
    [[200.0, 20.0], [nan, nan], [nan, nan]]
    """
    plots = plots_of(geometries)
    parts, owner, part_m2 = _polygon_parts(plots)
    found = np.zeros((len(parts), 7))
    house = _house(house_m2, side_m)
    spread(lambda start, stop: search(
        start, stop, parts.x, parts.y, parts.ring_start, parts.shape_start, *house, False, found), len(parts))
    out = np.full((len(plots), 7), np.nan)
    most_m2, yard_m2 = np.zeros(len(plots)), np.full(len(plots), -np.inf)
    np.maximum.at(most_m2, owner, found[:, 0])
    best = np.flatnonzero((found[:, 0] > 0) & (found[:, 0] == most_m2[owner]))[::-1]     # of equals the first is put down last
    out[owner[best], :6] = found[best, :6]
    if house_m2 > 0:
        stands = np.flatnonzero(found[:, 6] >= house_m2 - ROUNDING_M2)
        np.maximum.at(yard_m2, owner[stands], part_m2[stands])
        out[:, 6] = np.where(np.isfinite(yard_m2), yard_m2, np.nan)
    return pd.DataFrame(out, columns=[*_COLUMNS, "house_area_m2"])


def _house(house_m2: float, side_m: float) -> tuple[float, float]:
    """Area in m2 and side in m that the search looks for: those of a house, less what rounding may have taken."""
    return max(house_m2 - ROUNDING_M2, 0.0), side_m - EDGE_SLACK_M


def _polygon_parts(plots: Plots) -> tuple[Shapes, np.ndarray, np.ndarray]:
    """Single polygons of the shapes, the position of the shape each is of, and their areas in m2."""
    parts, owner = plots.flat.polygons()
    part_m2, several = plots.area_m2[owner], np.bincount(owner, minlength=len(plots)) > 1
    if several.any():
        each = shapely.get_parts(plots.shapes[several])
        while (shapely.get_type_id(each) > 3).any():
            each = shapely.get_parts(each)
        part_m2[several[owner]] = shapely.area(each[(shapely.get_type_id(each) == 3) & ~shapely.is_empty(each)])
    return parts, owner, part_m2


def outlines(rectangles: pd.DataFrame) -> np.ndarray:
    """The rectangles of `largest_rectangles` as polygons, for a map; None where there is none.

    Examples
    --------
    >>> outlines(largest_rectangles(np.array([shapely.box(0, 0, 20, 10)])))[0].bounds
    (0.0, 0.0, 20.0, 10.0)
    """
    x, y, along, across, angle = (rectangles[name].to_numpy("float64")[:, None] for name in (
        "centre_x", "centre_y", "rectangle_long_m", "rectangle_short_m", "direction_rad"))
    u, v = along / 2 * np.array([[-1, 1, 1, -1]]), across / 2 * np.array([[-1, -1, 1, 1]])
    corners = np.stack([x + u * np.cos(angle) - v * np.sin(angle), y + u * np.sin(angle) + v * np.cos(angle)], axis=2)
    out = np.full(len(rectangles), None, dtype=object)
    known = np.isfinite(corners).all(axis=(1, 2))
    out[known] = shapely.polygons(corners[known].round(9))
    return out


def yard_needed_m2(rule: CourtyardRule) -> float:
    """Connected ground in m2 that a new house with its yard asks for.

    With basis *parcel* the policy's courtyard is the whole plot, the house on it; with basis *usable* it lies beside the house.
    """
    return rule.min_area_m2 + (rule.house_m2 if rule.basis == "usable" else 0.0)


def house_stands(rectangles: pd.DataFrame, rule: CourtyardRule) -> np.ndarray:
    """Whether a house stands on each shape and the connected ground around it makes the yard (`yard_needed_m2`), as bool."""
    return rectangles["house_area_m2"].to_numpy("float64") >= yard_needed_m2(rule) - ROUNDING_M2


def house_stands_on(geometries: Plots | np.ndarray, rule: CourtyardRule) -> np.ndarray:
    """`house_stands` of polygons whose largest rectangles nobody asks for, as bool: each is searched until its house is found.

    Parameters
    ----------
    geometries : Plots, or array of geometries, shape (n,)
        Polygons in a metric CRS; valid ones.
    rule : CourtyardRule

    Examples
    --------
    >>> rule = CourtyardRule("", 200.0, "parcel", 0.05, 90.0, 6.0)
    >>> house_stands_on(np.array([shapely.box(0, 0, 20, 10), shapely.box(0, 0, 50, 5), shapely.Point(3, 3), None]), rule).tolist()
    [True, False, False, False]
    """
    plots = plots_of(geometries)
    out = np.zeros(len(plots), dtype=bool)
    if rule.house_m2 <= 0:
        return out
    parts, owner, part_m2 = _polygon_parts(plots)
    roomy = np.flatnonzero(part_m2 >= yard_needed_m2(rule) - ROUNDING_M2)
    parts, owner, found = parts.only(roomy), owner[roomy], np.zeros((len(roomy), 7))
    house = _house(rule.house_m2, rule.house_min_side_m)
    spread(lambda start, stop: search(
        start, stop, parts.x, parts.y, parts.ring_start, parts.shape_start, *house, True, found), len(parts))
    out[owner[found[:, 6] >= rule.house_m2 - ROUNDING_M2]] = True
    return out


def compactness(geometries: np.ndarray) -> np.ndarray:
    """Polsby-Popper compactness of each polygon, 0..1: 4 pi area / perimeter^2.

    A circle has 1, a square 0.785, a strip of 1 : 5 0.436. Holes count into the perimeter; NaN where there is no area. Source:
    Polsby and Popper 1991, *The Third Criterion*.

    Examples
    --------
    >>> compactness(np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 5, 1), None])).round(3).tolist()
    [0.785, 0.436, nan]
    """
    area, length = shapely.area(geometries), shapely.length(geometries)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(area > 0, 4 * np.pi * area / length**2, np.nan)
