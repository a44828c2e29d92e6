"""Mending that every layer needs: unusable shapes, ids that repeat, columns that a file does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.fields import rows_of
from layers.findings import Finding

_DIMENSIONS = {"polygon": (2,), "line": (1,), "point": (0, 2), "site": (0, 2), "any": (0, 2)}


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """A text column of a frame, or one of missing values where the file has none."""
    return frame[name] if name in frame.columns else pd.Series(np.nan, index=frame.index, dtype="str")


def number(frame: pd.DataFrame, name: str) -> pd.Series:
    """A number column of a frame, or one of missing values where the file has none."""
    return frame[name] if name in frame.columns else pd.Series(np.nan, index=frame.index, dtype="float64")


def like(values: pd.Series, pattern: str) -> pd.Series:
    """Which texts match a pattern as a whole, as plain bool; missing ones do not."""
    return values.str.fullmatch(pattern).fillna(False).astype(bool)


def first_of(*choices: pd.Series) -> pd.Series:
    """Of several text columns, in each row the first that says something; missing where none does."""
    out = choices[0].astype(object)
    for other in choices[1:]:
        out = out.where(out.notna(), other.astype(object))
    return out.astype("str")


def translated(values: pd.Series, rule: Mapping[str, object] | Callable[[str], object]) -> pd.Series:
    """Texts looked up in a table, or put to a rule once for each different one; missing stays missing, and so does None."""
    ask = rule.get if isinstance(rule, Mapping) else rule
    table = {value: ask(value) for value in values.dropna().unique()}
    out = values.astype(object).map(table)
    return out.where(out.notna(), np.nan).astype("str")


def with_ids(
    frame: gpd.GeoDataFrame, name: str, layer: str, *, sources: tuple[str, ...] = (), prefix: str = "", unique: bool = True
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A frame whose id column is filled and unique.

    An id is taken from the first of `sources` (columns of the frame) that has one, else made from the row's number. Ids that
    repeat get ``-2``, ``-3`` behind them, in the order of the rows.

    Returns
    -------
    GeoDataFrame, list of Finding
    """
    ids = column(frame, name).astype(object)
    for source in sources:
        ids = ids.where(ids.notna(), column(frame, source).astype(object))
    findings = []
    made = ids.isna()
    if made.any():
        numbers = pd.Series([f"{prefix}{row + 1}" for row in range(len(frame))], index=frame.index, dtype=object)
        ids = ids.where(~made, numbers)
    ids = ids.astype("str")
    nth = ids.groupby(ids).cumcount()
    if unique and (nth > 0).any():
        repeated = nth > 0
        findings.append(Finding("id_repeated", "warning", layer, name, rows_of(ids, repeated), int(repeated.sum())))
        ids = ids.where(~repeated, ids + "-" + (nth + 1).astype("str"))
        still = ids.duplicated()
        ids = ids.where(~still, ids + "-" + pd.Series(range(1, len(ids) + 1), index=ids.index).astype("str"))
    return frame.assign(**{name: ids}), findings


def mend(frame: gpd.GeoDataFrame, geometry: str, layer: str, ids: pd.Series) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A frame whose shapes can be worked with: present, flat, valid and of the right kind.

    Parameters
    ----------
    frame : GeoDataFrame
        In the county's CRS.
    geometry : str
        `layers.role.Role.geometry`: ``any`` keeps rows without a shape, ``point`` makes a polygon a point within it.
    layer : str
        Name for the findings.
    ids : Series
        What the findings call each row.

    Returns
    -------
    GeoDataFrame, list of Finding
        Rows that stay are in their order.
    """
    findings: list[Finding] = []
    shapes = np.array(frame.geometry.array, dtype=object)
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if geometry == "any":
        shapes[absent] = None
        absent = np.zeros(len(shapes), dtype=bool)
    if absent.any():
        findings.append(Finding("geometry_missing", "warning", layer, None, rows_of(ids, absent), int(absent.sum())))
    solid = shapely.has_z(shapes)
    if solid.any():
        findings.append(Finding("geometry_3d", "info", layer, count=int(solid.sum())))
        shapes = shapely.force_2d(shapes)
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1) | absent | shapely.is_missing(shapes)
    if not finite.all():
        findings.append(Finding("geometry_off_map", "warning", layer, None, rows_of(ids, ~finite), int((~finite).sum())))
        absent |= ~finite
    invalid = ~shapely.is_valid(shapes) & ~absent & ~shapely.is_missing(shapes)
    if invalid.any():
        findings.append(Finding("geometry_invalid", "info", layer, None, rows_of(ids, invalid), int(invalid.sum())))
        shapes[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
    shapes = _parts_of_kind(shapes, _DIMENSIONS[geometry])
    wrong = ~absent & (shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if geometry == "any":
        wrong &= ~shapely.is_missing(shapes)
    if wrong.any():
        params = {"kind": geometry}
        findings.append(Finding("geometry_kind", "warning", layer, None, rows_of(ids, wrong), int(wrong.sum()), params))
    if geometry == "point":
        area = shapely.get_dimensions(shapes) == 2
        shapes[area] = shapely.point_on_surface(shapes[area])
    kept = ~(absent | wrong)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))[kept].reset_index(drop=True), findings


def _parts_of_kind(shapes: np.ndarray, dimensions: tuple[int, ...]) -> np.ndarray:
    """Shapes reduced to their parts of the wanted dimension; a shape without any such part becomes missing."""
    out = shapes.copy()
    types = shapely.get_type_id(shapes)
    mixed = types == 7
    for index in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapely.get_parts(shapes[index]))
        best = max(dimensions)
        keep = parts[shapely.get_dimensions(parts) == best]
        if len(keep) == 0 and len(dimensions) > 1:
            keep = parts[np.isin(shapely.get_dimensions(parts), dimensions)]
        out[index] = None if len(keep) == 0 else keep[0] if len(keep) == 1 else shapely.union_all(keep)
    wrong = ~np.isin(shapely.get_dimensions(out), dimensions) & ~shapely.is_missing(out)
    out[wrong & ~mixed] = shapely.Point()
    several = shapely.get_type_id(out) == 4
    single = several & (shapely.get_num_geometries(out) == 1)
    out[single] = shapely.get_geometry(out[single], 0)
    more = several & ~single
    if 0 in dimensions and more.any():
        out[more] = shapely.centroid(out[more])
    return out
