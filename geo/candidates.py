"""Candidates: where a venue could stand. New build on a parcel, reuse of an idle building, upgrade of a venue below standard."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from geo.assign import assign_villages
from geo.inputs import CountyLike, GeoError
from geo.plots import Plots
from geo.scenario import Scenario
from geo.standing import are_in_order
from geo.villages import venue_status

BUILDINGS = ("idle", "all", "none")
"""Which buildings are candidates for reuse: those marked idle, every one, none."""

PARCEL_FACTS = {
    "village_code": "declared_village_code", "village_name": "declared_village_name", "owner_code": "owner_code",
    "owner_name": "owner_name", "owner_nature": "owner_nature", "parcel_code": "parcel_code", "right_type": "right_type",
    "right_nature": "right_nature", "survey_owner": "survey_owner", "title_owner": "title_owner",
    "survey_source": "survey_source", "title_source": "title_source", "use_right_source": "use_right_source",
    "title_conflict": "title_conflict", "title_paper": "title_paper", "use_right": "use_right", "holder": "holder",
    "dispute": "dispute", "dispute_source": "dispute_source", "land_class": "land_class",
    "land_class_system": "land_class_system", "declared_area_m2": "declared_area_m2",
}
"""Columns of the parcel that are kept as evidence, and what they are called among candidates."""

BUILDING_FACTS = ("building_name", "footprint_m2", "floors", "floor_area_m2", "floor_area_source", "use", "structure")
VENUE_FACTS = {"venue_name": "venue_name", "floor_area_m2": "floor_area_m2", "courtyard_m2": "venue_courtyard_m2"}

_NUMBERS = {"declared_area_m2", "footprint_m2", "floors", "floor_area_m2", "venue_courtyard_m2", "lon", "lat"}
_FLAGS = {"title_conflict", "title_paper"}
COLUMNS = (
    "candidate_id", "kind", "parcel_id", "building_id", "venue_id",
    "village_code", "village_name", "township_code", "township_name", "lon", "lat",
    *PARCEL_FACTS.values(), *BUILDING_FACTS, "venue_name", "venue_courtyard_m2",
)
ESTIMATED_FLOOR_AREA = "footprint_m2 * floors"
"""Stands in `floor_area_source` where the gross floor area was reckoned from the footprint."""


class CandidateOptionError(GeoError, ValueError):
    """The county's option about candidates has a value that does not exist."""


def candidates(county: CountyLike, scenario: Scenario) -> gpd.GeoDataFrame:
    """Every place in the county where a venue could stand, one row each, with the facts of its parcel, building or venue.

    - *new*: every parcel, unless a venue that has all it needs already stands on it.
    - *reuse*: the idle buildings (``county.options["candidates"]["buildings"]``: ``idle``, ``all`` or ``none``). The yard is the
      parcel that the building's papers name, else the one it stands on; without one it is the building alone.
    - *upgrade*: every venue that is known to be below standard, on its parcel where it stands on one.

    Not valid as a list of free land: a parcel in use is a candidate too, and its gates and scores say what speaks against it.

    Parameters
    ----------
    county : CountyLike
    scenario : Scenario
        Says what a venue needs to be adequate.

    Returns
    -------
    GeoDataFrame
        `COLUMNS` and geometry in the county's CRS on a RangeIndex, in the order of their ids: new, then reuse, then upgrade.
        `village_code` is missing where no village could be told.

    Raises
    ------
    CandidateOptionError
        For an option that is none of `BUILDINGS`.
    """
    return candidate_plots(county, scenario)[0]


def candidate_plots(county: CountyLike, scenario: Scenario) -> tuple[gpd.GeoDataFrame, Plots]:
    """The same `candidates`, and their shapes with what was found of them on the way."""
    venues = _venues(county, scenario)
    taken = _taken_parcels(county, venues)
    parts = [_new(county, taken), _reuse(county, taken, venues), _upgrade(county, venues)]
    frame = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    frame = _by_id(frame)
    plots = Plots(np.asarray(frame.pop("geometry"), dtype=object))
    frame = pd.concat([frame, _village_columns(frame, plots, county)], axis=1)
    frame["lon"], frame["lat"] = _lon_lat(plots.inside, county)
    unknown = pd.array([None], dtype="str").take(np.zeros(len(frame), dtype=np.int64))
    columns = {name: _typed(frame[name], name) if name in frame else _typed(unknown, name) for name in COLUMNS}
    return gpd.GeoDataFrame(columns, geometry=plots.shapes, crs=county.crs, index=pd.RangeIndex(len(frame))), plots


def _by_id(frame: pd.DataFrame) -> pd.DataFrame:
    """Candidates in the order of their ids. Columns that need no moving are not copied, for at a million each takes megabytes."""
    if are_in_order(frame["candidate_id"]):
        return frame
    order = frame["candidate_id"].sort_values(kind="stable").index.to_numpy()
    columns = {name: column.array if column.isna().all() else column.array.take(order) for name, column in frame.items()}
    return pd.DataFrame(columns, index=frame.index, copy=False)


def _typed(values: pd.Series | pd.api.extensions.ExtensionArray, name: str) -> object:
    return values.astype("float64" if name in _NUMBERS else "boolean" if name in _FLAGS else "str")


def _venues(county: CountyLike, scenario: Scenario) -> pd.DataFrame:
    """Standing venues: position in the layer, whether adequate or below standard, a point inside, position of the parcel (-1)."""
    if county.venues is None or not len(county.venues):
        return pd.DataFrame({"row": [], "status": [], "place": [], "parcel": []})
    standing = ~county.venues["planned"].fillna(False).to_numpy(dtype=bool)
    venues = county.venues[standing]
    place = shapely.point_on_surface(np.asarray(venues.geometry.array, dtype=object))
    return pd.DataFrame({
        "row": np.flatnonzero(standing), "status": venue_status(venues, scenario.venues)["status"].to_numpy(),
        "place": place, "parcel": _parcel_at(place, county.parcels),
    })


def _parcel_at(points: np.ndarray, parcels: gpd.GeoDataFrame | None) -> np.ndarray:
    """Position of the smallest parcel that each point lies in, -1 where none."""
    positions = np.full(len(points), -1, dtype="int64")
    if parcels is None or not len(parcels) or not len(points):
        return positions
    shapes = np.asarray(parcels.geometry.array, dtype=object)
    point, parcel = shapely.STRtree(shapes).query(points, predicate="intersects")
    order = np.lexsort((-parcel, -shapely.area(shapes[parcel]), point))
    positions[point[order]] = parcel[order]
    return positions


def _taken_parcels(county: CountyLike, venues: pd.DataFrame) -> np.ndarray:
    """True for each parcel on which an adequate venue stands."""
    taken = np.zeros(0 if county.parcels is None else len(county.parcels), dtype=bool)
    adequate = venues.loc[(venues["status"] == "adequate") & (venues["parcel"] >= 0), "parcel"].to_numpy(dtype="int64")
    taken[adequate] = True
    return taken


def _parcel_columns(county: CountyLike, positions: np.ndarray) -> dict[str, object]:
    """Facts of the parcels at the positions, missing where -1."""
    names = {"parcel_id": "parcel_id", **PARCEL_FACTS}
    if county.parcels is None:
        return {}
    source = county.parcels[list(names)].reset_index(drop=True)
    if np.array_equal(positions, np.arange(len(source))):
        rows = source    # the columns themselves, which nobody writes to: at a million parcels a copy is a third of a GiB
    elif (positions >= 0).all():
        rows = source.take(positions)
    else:
        rows = source.reindex(np.where(positions < 0, len(source), positions))
    return {names[name]: rows[name].array for name in names}


def _new(county: CountyLike, taken: np.ndarray) -> pd.DataFrame:
    if county.parcels is None:
        return pd.DataFrame({"candidate_id": [], "kind": [], "geometry": []})
    at = np.flatnonzero(~taken)
    columns = _parcel_columns(county, at)
    return pd.DataFrame({
        "candidate_id": "N-" + pd.Series(columns["parcel_id"]).astype("str"), "kind": "new", **columns,
        "geometry": np.asarray(county.parcels.geometry.array, dtype=object)[at],
    })


def _reuse(county: CountyLike, taken: np.ndarray, venues: pd.DataFrame) -> pd.DataFrame:
    option = county.options.get("candidates", {})
    which = option.get("buildings", "idle") if isinstance(option, Mapping) else option
    if which not in BUILDINGS:
        raise CandidateOptionError(f"candidates.buildings must be one of {', '.join(BUILDINGS)}, not {which!r}")
    if county.buildings is None or which == "none":
        return pd.DataFrame({"candidate_id": [], "kind": [], "geometry": []})
    idle = county.buildings["idle"].fillna(False).to_numpy(dtype=bool)
    buildings = county.buildings[idle | (which == "all")]
    shapes = np.asarray(buildings.geometry.array, dtype=object)
    parcel = _parcel_of_buildings(buildings, shapes, county)
    free = ~_carry_adequate(shapes, venues)
    free[parcel >= 0] &= ~taken[parcel[parcel >= 0]]
    buildings, shapes, parcel = buildings[free], shapes[free], parcel[free]
    area, source = _floor_area(buildings)
    return pd.DataFrame({
        "candidate_id": "R-" + buildings["building_id"].astype("str").array, "kind": "reuse",
        "building_id": buildings["building_id"].array, **_parcel_columns(county, parcel),
        **{name: buildings[name].array for name in BUILDING_FACTS}, "floor_area_m2": area, "floor_area_source": source,
        "geometry": _yards(shapes, parcel, county),
    })


def _parcel_of_buildings(buildings: gpd.GeoDataFrame, shapes: np.ndarray, county: CountyLike) -> np.ndarray:
    """Position of each building's parcel: by the parcel code in its papers, else by where it stands; -1 none."""
    if county.parcels is None or not len(county.parcels):
        return np.full(len(buildings), -1, dtype="int64")
    codes = county.parcels["parcel_code"]
    once = np.flatnonzero((~codes.duplicated(keep=False) & codes.notna()).to_numpy())
    found = pd.Index(codes.iloc[once].astype("object")).get_indexer(pd.Index(buildings["parcel_code"].astype("object")))
    found = np.where(buildings["parcel_code"].isna().to_numpy(), -1, found)
    parcel = np.where(found >= 0, once[found] if len(once) else -1, -1)
    rest = np.flatnonzero(parcel < 0)
    parcel[rest] = _parcel_at(shapely.point_on_surface(shapes[rest]), county.parcels)
    return parcel


def _carry_adequate(shapes: np.ndarray, venues: pd.DataFrame) -> np.ndarray:
    carry = np.zeros(len(shapes), dtype=bool)
    places = np.asarray(venues.loc[venues["status"] == "adequate", "place"], dtype=object)
    if len(places):
        carry[shapely.STRtree(shapes).query(places, predicate="intersects")[1]] = True
    return carry


def _floor_area(buildings: gpd.GeoDataFrame) -> tuple[np.ndarray, pd.Series]:
    """Gross floor area in m2 and where it comes from: as given, else footprint times floors, else unknown."""
    given = buildings["floor_area_m2"].to_numpy("float64")
    reckoned = buildings["footprint_m2"].to_numpy("float64") * buildings["floors"].to_numpy("float64")
    estimate = np.isnan(given) & ~np.isnan(reckoned)
    source = buildings["floor_area_source"].astype("object").mask(estimate, ESTIMATED_FLOOR_AREA)
    return np.where(estimate, reckoned, given), source.array


def _yards(shapes: np.ndarray, parcel: np.ndarray, county: CountyLike) -> np.ndarray:
    """The parcel's shape where there is one, else the shape itself."""
    yards = shapes.copy()
    on = parcel >= 0
    if on.any():
        yards[on] = np.asarray(county.parcels.geometry.array, dtype=object)[parcel[on]]
    return yards


def _upgrade(county: CountyLike, venues: pd.DataFrame) -> pd.DataFrame:
    below = venues[venues["status"] == "below_standard"]
    if not len(below):
        return pd.DataFrame({"candidate_id": [], "kind": [], "geometry": []})
    rows = county.venues.iloc[below["row"].to_numpy(dtype="int64")]
    parcel = below["parcel"].to_numpy(dtype="int64")
    columns = {"declared_village_code": rows["village_code"].array, **_parcel_columns(county, parcel)}
    columns["declared_village_code"] = pd.Series(columns["declared_village_code"]).where(
        parcel >= 0, rows["village_code"].reset_index(drop=True)).array
    return pd.DataFrame({
        "candidate_id": "U-" + rows["venue_id"].astype("str").array, "kind": "upgrade", "venue_id": rows["venue_id"].array,
        **columns, **{new: rows[old].array for old, new in VENUE_FACTS.items()},
        "geometry": _yards(np.asarray(rows.geometry.array, dtype=object), parcel, county),
    })


def _village_columns(frame: pd.DataFrame, plots: Plots, county: CountyLike) -> pd.DataFrame:
    names = ["village_code", "village_name", "township_code", "township_name"]
    if county.villages is None:
        return pd.DataFrame(index=frame.index, columns=names)
    papers = {new: frame[old] for new, old in (
        ("declared_code", "declared_village_code"), ("declared_name", "declared_village_name"),
        ("owner_code", "owner_code"), ("owner_name", "owner_name")) if old in frame}
    position = assign_villages(plots, county, **papers)
    villages = county.villages[names].reset_index(drop=True)
    return villages.reindex(np.where(position < 0, len(villages), position)).reset_index(drop=True)


def _lon_lat(xy: np.ndarray, county: CountyLike) -> tuple[np.ndarray, np.ndarray]:
    """WGS 84 longitude and latitude, degrees, of points x, y in metres; NaN for missing ones."""
    x, y = xy.T
    known = ~np.isnan(x)
    lon, lat = np.full(len(xy), np.nan), np.full(len(xy), np.nan)
    if known.any():
        to_degrees = Transformer.from_crs(county.crs, 4326, always_xy=True)
        lon[known], lat[known] = to_degrees.transform(x[known], y[known])
    return lon, lat
