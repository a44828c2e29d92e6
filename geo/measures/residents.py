"""Where people live: the points whose walks are measured, each with its people and its village."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assign import assign_points, assign_villages, village_positions
from geo.inputs import CountyLike

PEOPLE_A_BUILDING = 12.0
"""A village with more people than this for each of its buildings has not all its dwellings in the layer."""


@dataclass(frozen=True)
class Residents:
    """Points where people live.

    `xy` is float64 (n, 2), metres; `people` float64 (n,), never missing or negative; `village` the position in the county's list of
    villages, -1 where none is known. `source` is the role they come from: population, settlements, buildings (village totals
    spread over them) or villages.
    """

    xy: np.ndarray
    people: np.ndarray
    village: np.ndarray
    source: str

    def __len__(self) -> int:
        return len(self.people)


def points_of(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """A point inside each geometry: positions of the rows that have one, and their x, y in metres, float64 (k, 2)."""
    rows, inside = _inside(frame)
    return rows, _xy(inside)


def _inside(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows that have a geometry, and a point inside each: points as they are, for few layers have other homes."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    shapes = shapes[rows]
    return rows, shapes if (shapely.get_type_id(shapes) == 0).all() else shapely.point_on_surface(shapes)


def _xy(points: np.ndarray) -> np.ndarray:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def home_villages(codes: pd.Series, county: CountyLike, xy: np.ndarray) -> np.ndarray:
    """Village of each point: the one its row declares, else the one it lies in; -1 none."""
    if county.villages is None:
        return np.full(len(xy), -1)
    village = village_positions(codes, county.villages)
    missing = village < 0
    if missing.any():
        village[missing] = assign_points(xy[missing], county)
    return village


def settlement_points(county: CountyLike) -> Residents | None:
    """Every natural village as one point, for the longest walk; None where the county has none.

    One said to have no residents is left out; one whose residents are not counted stays, with 0 people.
    """
    if county.settlements is None:
        return None
    lived_in = county.settlements[county.settlements["population"].ne(0).to_numpy(bool)]
    rows, xy = points_of(lived_in)
    there = lived_in.iloc[rows]
    people = np.nan_to_num(there["population"].to_numpy("float64"))
    return Residents(xy, people, home_villages(there["village_code"], county, xy), "settlements") if len(rows) else None


def residents_of(county: CountyLike) -> Residents | None:
    """Where the county's people live, by the finest layer that says.

    Population points (a raster's cells, buildings) first, then natural villages with their population, then the villages' totals:
    spread over the village's buildings by floor area where it has enough of them, else at the village's own point or a point inside
    its limits. Points without people are left out. Nobody is lost or added: each village's points sum to its total.

    Returns
    -------
    Residents or None
        None where no layer says how many people live where.
    """
    if county.population is not None and county.population["people"].gt(0).any():
        rows, inside = _inside(county.population)
        people = county.population["people"].to_numpy("float64")[rows]
        people, inside = people[people > 0], inside[people > 0]
        village = np.full(len(people), -1) if county.villages is None else assign_villages(inside, county)
        return Residents(_xy(inside), people, village, "population")
    if county.settlements is not None and county.settlements["population"].gt(0).any():
        found = settlement_points(county)
        return None if found is None else _inhabited(found)
    if county.villages is not None and county.villages["population"].gt(0).any():
        return _inhabited(_from_totals(county))
    return None


def _from_totals(county: CountyLike) -> Residents:
    """The villages' totals, at their buildings where there are enough, else at the villages' own points."""
    rows, xy = points_of(county.villages)
    total = np.nan_to_num(county.villages["population"].to_numpy("float64"))
    homes, village, size = _dwellings(county)
    enough = np.bincount(village, minlength=len(total)) * PEOPLE_A_BUILDING >= total
    here = enough[village]
    homes, village, size = homes[here], village[here], size[here]
    if not len(homes):
        return Residents(xy, total[rows], rows, "villages")
    alone = ~np.isin(rows, village)
    return Residents(
        np.concatenate([homes, xy[alone]]), np.concatenate([spread_totals(total, village, size), total[rows[alone]]]),
        np.concatenate([village, rows[alone]]), "buildings",
    )


def _dwellings(county: CountyLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Buildings that do not stand empty: a point in each, its village (only those that have one) and its floor area in m2."""
    if county.buildings is None:
        return np.zeros((0, 2)), np.zeros(0, dtype=np.int64), np.zeros(0)
    lived_in = county.buildings[~county.buildings["idle"].fillna(False).to_numpy(bool)]
    rows, xy = points_of(lived_in)
    there = lived_in.iloc[rows]
    floors = there["floors"].astype("float64").fillna(1.0).clip(lower=1.0)
    area = there["floor_area_m2"].astype("float64").fillna(there["footprint_m2"].astype("float64") * floors)
    village = np.asarray(assign_points(xy, county)) if len(rows) else np.zeros(0, dtype=np.int64)
    return xy[village >= 0], village[village >= 0], area.to_numpy()[village >= 0]


def spread_totals(total: np.ndarray, village: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """People at each point: its village's total, shared out by weight; the points of a village sum to its total.

    Parameters
    ----------
    total : ndarray, shape (villages,)
        People of each village.
    village : ndarray of int, shape (n,)
        Village of each point, not negative.
    weight : ndarray, shape (n,)
        What a point weighs among those of its village, such as floor area; missing ones weigh as the mean of the others there, and
        where none is known or all are 0 all weigh the same.

    Examples
    --------
    >>> spread_totals(np.array([100.0, 9.0]), np.array([0, 0, 1]), np.array([30.0, 10.0, np.nan])).tolist()
    [75.0, 25.0, 9.0]
    """
    known = np.isfinite(weight) & (weight >= 0)
    count = np.bincount(village[known], minlength=len(total))
    summed = np.bincount(village[known], weight[known], minlength=len(total))
    mean = np.where(summed > 0, summed / np.where(count > 0, count, 1), 1.0)
    weight = np.where(known & (summed > 0)[village], weight, mean[village])
    return total[village] * weight / np.bincount(village, weight, minlength=len(total))[village]


def _inhabited(residents: Residents) -> Residents | None:
    here = residents.people > 0
    if not here.any():
        return None
    return Residents(residents.xy[here], residents.people[here], residents.village[here], residents.source)


def village_people(residents: Residents, villages: int) -> np.ndarray:
    """People of each of the county's villages by summing its residents, float64 (villages,); they sum to all who have a village."""
    own = residents.village >= 0
    return np.bincount(residents.village[own], residents.people[own], villages)
