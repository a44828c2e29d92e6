"""To which administrative village something belongs: by limits, by the nearest village point, or by what the papers say."""

from __future__ import annotations

import re
import unicodedata

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.inputs import CountyLike
from geo.overlay import largest, overlaps
from geo.plots import Plots, plots_of

_GROUP = re.compile(r"(?:第?[一二三四五六七八九十百\d]+)?(?:村民)?小?组$")
_BODY = re.compile(
    r"(?:股份)?(?:经济)?(?:联合社|合作社)$|(?:农民)?集体(?:经济组织)?$|(?:社区)?(?:居民委员会|居委会|村民委员会|村委会)$"
)
_KIND = re.compile(r"(?:行政村|社区|村)$")


def plain_name(name: object) -> str:
    """A village's or owner's name without what only says what kind of body it is; empty where missing.

    Examples
    --------
    >>> [plain_name(n) for n in ("清水村", "清水村村民委员会", "清水村农民集体", "清水村第三村民小组", None)]
    ['清水', '清水', '清水', '清水', '']
    """
    if not isinstance(name, str):
        return ""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()
    text = _BODY.sub("", text) or text
    if "村" in text[:-1]:
        text = _GROUP.sub("", text) or text
    bare = _KIND.sub("", text)
    return bare if len(bare) > 1 else text


def village_positions(codes: pd.Series, villages: gpd.GeoDataFrame) -> np.ndarray:
    """Position of each village code in `villages`, -1 where there is none. A longer unit code counts by its first 12 characters.

    Returns
    -------
    int64 array, shape (n,)
    """
    at, distinct = pd.factorize(codes)       # units are few, what belongs to them is many
    listed = pd.Index(villages["village_code"].astype("str"))
    units = pd.Series(distinct, dtype="str")
    found = listed.get_indexer(pd.Index(units))
    found = np.where(found < 0, listed.get_indexer(pd.Index(units.str[:12])), found)
    return np.append(found, -1).astype("int64")[at]


def named_positions(names: pd.Series, codes: pd.Series | None, villages: gpd.GeoDataFrame) -> np.ndarray:
    """Position of each village name in `villages`, -1 where none or several bear it.

    A name that two townships share is told apart by the township in the first nine characters of the code, where one is given.

    Returns
    -------
    int64 array, shape (n,)
    """
    plain = {name: plain_name(name) for name in names.dropna().unique()}
    wanted = names.astype("object").map(plain).astype("object").fillna("").astype("str")
    listed = villages["village_name"].map(plain_name).astype("str")
    positions = _unique_positions(wanted, listed)
    if codes is not None:
        within = _unique_positions(codes.astype("str").str[:9] + wanted, villages["township_code"].astype("str") + listed)
        positions = np.where(positions < 0, within, positions)
    return np.where((wanted == "").to_numpy(), -1, positions).astype("int64")


def _unique_positions(wanted: pd.Series, listed: pd.Series) -> np.ndarray:
    at = np.flatnonzero(~listed.duplicated(keep=False).to_numpy())
    found = pd.Index(listed.iloc[at]).get_indexer(pd.Index(wanted))
    return np.where(found >= 0, at[found] if len(at) else -1, -1)


def unit_positions(codes: pd.Series | None, names: pd.Series | None, villages: gpd.GeoDataFrame) -> np.ndarray:
    """Position of the village that a unit's code, or else its name, stands for; -1 where neither tells.

    Returns
    -------
    int64 array, shape (n,)
    """
    size = len(codes) if codes is not None else len(names) if names is not None else 0
    positions = village_positions(codes, villages) if codes is not None else np.full(size, -1, dtype="int64")
    if names is None:
        return positions
    rest = np.flatnonzero((positions < 0) & names.notna().to_numpy())
    positions[rest] = named_positions(names.iloc[rest], None if codes is None else codes.iloc[rest], villages)
    return positions


def assign_villages(
    geometries: Plots | np.ndarray,
    county: CountyLike,
    *,
    declared_code: pd.Series | None = None,
    declared_name: pd.Series | None = None,
    owner_code: pd.Series | None = None,
    owner_name: pd.Series | None = None,
) -> np.ndarray:
    """Village of each shape, as a position in ``county.villages``; -1 where nothing tells.

    In this order: the village whose limits hold the largest part of it; the location unit its papers declare; the nearest
    village point, where villages are points; the owning unit its papers name. Without limits the declared unit is all there is,
    and a parcel that another village owns inside this one (an enclave) then counts to its owner.

    Parameters
    ----------
    geometries : Plots, or array of geometries, shape (n,)
        In the county's CRS; parcels, buildings or points.
    county : CountyLike
    declared_code, declared_name, owner_code, owner_name : Series, optional
        Aligned with `geometries` by position.

    Returns
    -------
    int64 array, shape (n,)
    """
    plots, villages = plots_of(geometries), county.villages
    if villages is None or not len(villages) or not len(plots):
        return np.full(len(plots), -1, dtype="int64")
    positions = _by_limits(plots, villages)
    positions = _fill(positions, unit_positions(declared_code, declared_name, villages))
    positions = _fill(positions, _nearest(plots.shapes, villages, positions < 0))
    return _fill(positions, unit_positions(owner_code, owner_name, villages))


def assign_points(points_xy: np.ndarray, county: CountyLike) -> np.ndarray:
    """Village of each point, as a position in ``county.villages``: by limits, else by the nearest village point; -1 for none.

    Parameters
    ----------
    points_xy : float array, shape (n, 2)
        x, y in metres, the county's CRS.

    Returns
    -------
    int64 array, shape (n,)
    """
    return assign_villages(shapely.points(np.asarray(points_xy, dtype=float).reshape(-1, 2)), county)


def _fill(positions: np.ndarray, other: np.ndarray) -> np.ndarray:
    return positions if not len(other) else np.where(positions < 0, other, positions)


def _by_limits(plots: Plots, villages: gpd.GeoDataFrame) -> np.ndarray:
    """Village with the largest part of each shape; a shape without area goes to the first village it meets."""
    positions = np.full(len(plots), -1, dtype="int64")
    limits = np.asarray(villages.geometry.array, dtype=object)
    areal = np.flatnonzero(np.isin(shapely.get_type_id(limits), (3, 6)))
    if not len(areal):
        return positions
    flat = plots.area_m2 > 0
    thin = np.flatnonzero(~flat)
    area, shape = shapely.STRtree(plots.shapes[thin]).query(limits[areal], predicate="intersects")
    order = np.lexsort((-area,))
    positions[thin[shape[order]]] = areal[area[order]]
    if flat.any():
        most, _ = largest(overlaps(plots, limits[areal]))
        held = flat & (most >= 0)
        positions[held] = areal[most[held]]
    return positions


def _nearest(geometries: np.ndarray, villages: gpd.GeoDataFrame, wanted: np.ndarray) -> np.ndarray:
    """Nearest village point of the wanted shapes (from a point inside them); the first listed where two are equally near."""
    positions = np.full(len(geometries), -1, dtype="int64")
    places = np.asarray(villages.geometry.array, dtype=object)
    dots = np.flatnonzero((shapely.get_type_id(places) == 0) & ~shapely.is_empty(places))
    rows = np.flatnonzero(wanted & ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries))
    if len(dots) and len(rows):
        shape, dot = shapely.STRtree(places[dots]).query_nearest(shapely.point_on_surface(geometries[rows]), all_matches=True)
        order = np.lexsort((-dot, shape))
        positions[rows[shape[order]]] = dots[dot[order]]
    return positions
