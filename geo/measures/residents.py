"""Where people live: the points whose walks are measured, each with its people and its village."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.assign import assign_points, village_positions
from geo.inputs import CountyLike


@dataclass(frozen=True)
class Residents:
    """Points where people live.

    `xy` is float64 (n, 2), metres; `people` float64 (n,), never missing or negative; `village` the position in the county's list of
    villages, -1 where none is known. `source` is the role they come from: population, settlements or villages.
    """

    xy: np.ndarray
    people: np.ndarray
    village: np.ndarray
    source: str

    def __len__(self) -> int:
        return len(self.people)


def points_of(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """A point inside each geometry: positions of the rows that have one, and their x, y in metres, float64 (k, 2)."""
    rows = np.flatnonzero(~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy())
    points = frame.geometry.iloc[rows].representative_point()
    return rows, np.column_stack([points.x, points.y]).astype("float64")


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

    Population points (a raster's cells, buildings) first, then natural villages with their population, then the villages' own
    points or a point inside their limits with their population. Points without people are left out.

    Returns
    -------
    Residents or None
        None where no layer says how many people live where.
    """
    if county.population is not None and county.population["people"].gt(0).any():
        rows, xy = points_of(county.population)
        people = county.population["people"].to_numpy("float64")[rows]
        here = people > 0
        village = np.full(int(here.sum()), -1) if county.villages is None else assign_points(xy[here], county)
        return Residents(xy[here], people[here], np.asarray(village), "population")
    if county.settlements is not None and county.settlements["population"].gt(0).any():
        found = settlement_points(county)
        return None if found is None else _inhabited(found)
    if county.villages is not None and county.villages["population"].gt(0).any():
        rows, xy = points_of(county.villages)
        people = np.nan_to_num(county.villages["population"].to_numpy("float64")[rows])
        return _inhabited(Residents(xy, people, rows, "villages"))
    return None


def _inhabited(residents: Residents) -> Residents | None:
    here = residents.people > 0
    if not here.any():
        return None
    return Residents(residents.xy[here], residents.people[here], residents.village[here], residents.source)


def village_people(residents: Residents, villages: int) -> np.ndarray:
    """People of each of the county's villages by summing its residents, float64 (villages,); they sum to all who have a village."""
    own = residents.village >= 0
    return np.bincount(residents.village[own], residents.people[own], villages)
