"""Courtyard: area in m2 of the parcel, of the buildings on it, and what is left to use."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geo.gates.restriction import forbidden_areas
from geo.inputs import CountyLike
from geo.overlay import overlaps, polygons, union_m2
from geo.scenario import Scenario

ROUNDING_M2 = 1e-6
"""What is left by rounding of coordinates where buildings and restrictions take the whole parcel."""


def areas(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> pd.DataFrame:
    """Areas in m2: the whole parcel, the buildings standing on it, and the usable courtyard, which is the parcel less both the
    buildings and the parts where a restriction forbids building (each square metre taken off once).

    A building to reuse that stands on no known parcel has no known yard: both its areas are missing, and so is the courtyard.
    A venue to upgrade without a parcel has the courtyard that its record declares. Not valid to prove that a house fits: a long
    strip has area too.

    Parameters
    ----------
    candidates : GeoDataFrame
        As `geo.candidates.candidates` makes them.
    county : CountyLike
    scenario : Scenario
        Restrictions whose verdict is *fail* are taken off.

    Returns
    -------
    DataFrame
        Same index: `parcel_area_m2`, `building_area_m2` (missing without a layer of buildings), `courtyard_m2`. Without a layer
        of buildings the courtyard is the parcel less the restricted parts.
    """
    shapes = np.asarray(candidates.geometry.array, dtype=object)
    yard = candidates["parcel_id"].notna().to_numpy() & (shapely.area(shapes) > 0)
    size = len(candidates)
    parcel_m2, courtyard_m2 = np.full(size, np.nan), np.full(size, np.nan)
    building_m2 = candidates["footprint_m2"].to_numpy("float64", copy=True)   # all that is known of a building without a parcel
    land = polygons(shapes[yard])
    parcel_m2[yard] = shapely.area(land)
    houses = np.empty(0, dtype=object) if county.buildings is None else np.asarray(county.buildings.geometry.array, dtype=object)
    forbidden = forbidden_areas(county, scenario)
    found = overlaps(land, np.concatenate([houses, forbidden]))
    left_m2 = found.shape_m2 - union_m2(found)
    courtyard_m2[yard] = np.where(left_m2 > ROUNDING_M2, left_m2, 0.0)
    if county.buildings is not None:
        building_m2[yard] = union_m2(found, found.area < len(houses))
    declared = candidates["venue_courtyard_m2"].to_numpy("float64")
    courtyard_m2 = np.where(yard | (candidates["kind"] != "upgrade").to_numpy(), courtyard_m2, declared)
    return pd.DataFrame(
        {"parcel_area_m2": parcel_m2, "building_area_m2": building_m2, "courtyard_m2": courtyard_m2}, index=candidates.index)

