"""Rows that a file holds twice: left out where they say the same, told where one shape bears two sets of papers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.crs import boxes_of, lonlat_of
from layers.fields import rows_of
from layers.findings import Finding

_OWN_IDS = ("object_id", "osm_id")
"""Numbers that a program gives every row; they say nothing of what the row is."""

_UNTOUCHED = ("villages", "population", "osm")
"""Villages are made one row each by their own role; two equal counts of people at one place may both be true."""


def without_repeats(frame: gpd.GeoDataFrame, role: str, layer: str, ids: pd.Series) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A layer without the rows that repeat another one: the same shape and the same values in every field that is read.

    Two areas of one shape that say different things both stay; which of them is right only a person can say.

    Parameters
    ----------
    frame : GeoDataFrame
        Input columns of a role, in metres.
    role, layer : str
        The role, and the layer's name for the findings.
    ids : Series
        What the findings call each row.

    Returns
    -------
    GeoDataFrame, list of Finding
        Of rows that repeat each other the first one stays.
    """
    if role in _UNTOUCHED or len(frame) < 2:
        return frame, []
    shapes = np.asarray(frame.geometry.array)
    twins = np.flatnonzero(_same_boxes(shapes) & ~shapely.is_missing(shapes))
    if not len(twins):
        return frame, []
    some = pd.DataFrame(frame.iloc[twins].drop(columns=["geometry", *(name for name in _OWN_IDS if name in frame.columns)]))
    some["geometry"] = shapely.to_wkb(shapely.normalize(shapes[twins]))
    findings = []
    again = np.zeros(len(frame), dtype=bool)
    again[twins[some.duplicated().to_numpy()]] = True
    if again.any():
        place = lonlat_of(shapes[again][0], frame.crs)
        findings.append(Finding("row_repeated", "info", layer, None, rows_of(ids, again), int(again.sum()), place=place))
    other = np.zeros(len(frame), dtype=bool)
    left = some[~some.duplicated()]
    at = frame.index.get_indexer(left.index)
    areas = shapely.get_dimensions(shapes[at]) == 2
    other[at[left["geometry"].duplicated(keep=False).to_numpy() & areas]] = True
    if other.any():
        place = lonlat_of(shapes[other][0], frame.crs)
        findings.append(Finding("shape_repeated", "warning", layer, None, rows_of(ids, other), int(other.sum()), place=place))
    return frame[~again].reset_index(drop=True) if again.any() else frame, findings


def _same_boxes(shapes: np.ndarray) -> np.ndarray:
    """Mask of the shapes whose box another shape has as well, to the last bit."""
    boxes = np.ascontiguousarray(boxes_of(shapes)).view("uint64")
    with np.errstate(over="ignore"):
        mixed = boxes @ np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], dtype="uint64")
    return pd.Series(mixed).duplicated(keep=False).to_numpy()
