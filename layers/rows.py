"""Mending that every layer needs: unusable shapes, ids that repeat, columns that a file does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.cores import on_all_cores
from layers.crs import boxes_of, lonlat_of
from layers.fields import rows_of
from layers.findings import Finding
from layers.schema import missing
from layers.texts import all_different, encoded

FARTHEST_M = 1e8
"""No coordinate on earth is further from the origin of a metric grid, with its zone in front or not."""

_DIMENSIONS = {"polygon": (2,), "ground": (1, 2), "line": (1,), "point": (0, 2), "site": (0, 2), "any": (0, 2)}
_NO_TYPE = -1
_SINGLE = (0, 1, 3)
"""Type of a point, a line and an area that is one piece, by dimension."""


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """A text column of a frame, or one of missing values where the file has none."""
    return frame[name] if name in frame.columns else pd.Series(missing(len(frame), "str"), index=frame.index)


def number(frame: pd.DataFrame, name: str) -> pd.Series:
    """A number column of a frame, or one of missing values where the file has none."""
    return frame[name] if name in frame.columns else pd.Series(np.nan, index=frame.index, dtype="float64")


def like(values: pd.Series, pattern: str) -> pd.Series:
    """Which texts match a pattern as a whole, as plain bool; missing ones do not."""
    return values.str.fullmatch(pattern).fillna(False).astype(bool)


def first_of(*choices: pd.Series) -> pd.Series:
    """Of several text columns, in each row the first that says something; missing where none does."""
    out = choices[0].astype("str")
    for other in choices[1:]:
        silent = out.isna()
        if silent.all():
            out = other.astype("str")
        elif silent.any() and other.notna().any():
            out = out.where(~silent, other.astype("str"))
    return out


@dataclass(frozen=True)
class Alike:
    """Rows that say the same in some columns, so that a rule is asked once for all of them and not once for each."""

    rows: np.ndarray
    """Position of the first row of each kind."""
    kind: np.ndarray
    """Which kind each row is: a position in `rows`."""

    @classmethod
    def of(cls, *columns: pd.Series) -> Alike:
        """Rows by what they say in these columns, all of one length; missing is a word of its own.

        Examples
        --------
        >>> found = Alike.of(pd.Series(["a", "b", "a", None]), pd.Series(["x", "x", "x", "x"]))
        >>> found.rows.tolist(), found.kind.tolist()
        ([0, 1, 3], [0, 1, 0, 2])
        """
        key = np.zeros(len(columns[0]), dtype="int64")
        for values in columns:
            codes, unique = encoded(values)
            if len(unique):
                # small numbers again after each column, so that many of them never overflow
                key, _ = pd.factorize(key * (len(unique) + 1) + codes + 1)
        rows = np.empty(key.max(initial=-1) + 1, dtype="int64")
        rows[key[::-1]] = np.arange(len(key))[::-1]   # of the rows of a kind the first one is written last
        return cls(rows, key)

    def spread(self, answers: pd.Series, index: pd.Index) -> pd.Series:
        """What was found for each kind, for each row."""
        return pd.Series(answers.array.take(self.kind), index=index)


def translated(values: pd.Series, rule: Mapping[str, object] | Callable[[str], object]) -> pd.Series:
    """Texts looked up in a table, or put to a rule once for each different one; missing stays missing, and so does None."""
    ask = rule.get if isinstance(rule, Mapping) else rule
    codes, unique = encoded(values)
    answers = pd.Series([ask(value) for value in unique] + [None], dtype=object)   # the last one for what is missing (-1)
    table = answers.where(answers.notna(), np.nan).astype("str").array
    return pd.Series(table.take(codes), index=values.index)


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
    ids = first_of(column(frame, name), *(column(frame, source) for source in sources))
    findings = []
    made = ids.isna()
    if made.any() and not made.all() and not prefix:
        rows = rows_of(pd.Series(range(1, len(ids) + 1)), made)
        findings.append(Finding("id_missing", "info", layer, name, rows, int(made.sum())))
    if made.any():
        numbers = pd.Series([f"{prefix}{row + 1}" for row in range(len(frame))], index=frame.index, dtype="str")
        ids = ids.where(~made, numbers)
    if unique and not all_different(ids):
        nth = ids.groupby(ids).cumcount()
        repeated = nth > 0
        findings.append(Finding("id_repeated", "warning", layer, name, rows_of(ids, repeated), int(repeated.sum())))
        ids = ids.where(~repeated, ids + "-" + (nth + 1).astype("str"))
        still = ids.duplicated()
        ids = ids.where(~still, ids + "-" + pd.Series(range(1, len(ids) + 1), index=ids.index).astype("str"))
    return frame.assign(**{name: ids}), findings


def mend(
    frame: gpd.GeoDataFrame, geometry: str, layer: str, ids: pd.Series, *, traits: np.ndarray | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
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
    traits : array of int, optional
        `traits_of` the shapes, where that is known already.

    Returns
    -------
    GeoDataFrame, list of Finding
        Rows that stay are in their order.
    """
    with np.errstate(invalid="ignore"):
        return _mended(frame, geometry, layer, ids, on_all_cores(traits_of, np.asarray(frame.geometry.array)) if traits is None
                       else traits)


def _mended(
    frame: gpd.GeoDataFrame, geometry: str, layer: str, ids: pd.Series, traits: np.ndarray
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    findings: list[Finding] = []
    given = np.asarray(frame.geometry.array)
    shapes = given.copy()
    types = traits[:, 2].copy()
    absent, solid, valid = traits[:, 0] > 0, traits[:, 1] == 0, traits[:, 3] > 0
    if geometry == "any":
        shapes[absent], types[absent] = None, _NO_TYPE
        absent = np.zeros(len(shapes), dtype=bool)
    if absent.any():
        findings.append(Finding("geometry_missing", "warning", layer, None, rows_of(ids, absent), int(absent.sum())))
    if solid.any():
        findings.append(Finding("geometry_3d", "info", layer, count=int(solid.sum())))
        shapes = shapely.force_2d(shapes)
    boxes = boxes_of(given)
    finite = np.ones(len(given), dtype=bool)
    if len(given) and not (boxes.min() > -FARTHEST_M and boxes.max() < FARTHEST_M):   # nor where one is no number
        with np.errstate(invalid="ignore"):
            finite = (np.abs(boxes) < FARTHEST_M).all(axis=1) | absent | (types == _NO_TYPE)
    if not finite.all():
        findings.append(Finding("geometry_off_map", "warning", layer, None, rows_of(ids, ~finite), int((~finite).sum())))
        absent |= ~finite
    invalid = ~valid & ~absent & (types != _NO_TYPE)
    broken = np.zeros(len(shapes), dtype=bool)
    broken[invalid] = [bool(np.isnan(shapely.get_coordinates(shape)).any()) for shape in shapes[invalid]]
    if broken.any():
        findings.append(Finding("geometry_off_map", "warning", layer, None, rows_of(ids, broken), int(broken.sum())))
        absent, invalid = absent | broken, invalid & ~broken
    tangled = _tangled(shapes, invalid, ids, layer, findings)
    absent, invalid = absent | tangled, invalid & ~tangled
    if invalid.any():
        before = shapely.area(shapes[invalid])
        told = rows_of(ids, invalid)
        shapes[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
        params = {"area_m2": f"{np.abs(shapely.area(shapes[invalid]) - before).sum():,.1f}"}
        place = lonlat_of(shapes[invalid][0], frame.crs)
        findings.append(Finding("geometry_invalid", "info", layer, None, told, int(invalid.sum()), params, place))
        types[invalid] = shapely.get_type_id(shapes[invalid])
    single = bool(np.isin(types, [_SINGLE[dimension] for dimension in _DIMENSIONS[geometry]]).all())
    if single:
        mixed, wrong = np.zeros(len(shapes), dtype=bool), np.zeros(len(shapes), dtype=bool)   # single shapes, as most layers have
        wrong[invalid] = shapely.is_empty(shapes[invalid])   # nothing was left of them
    else:
        mixed = types == 7
        shapes = _parts_of_kind(shapes, _DIMENSIONS[geometry])
        mixed &= ~shapely.is_missing(shapes)
        wrong = ~absent & (shapely.is_missing(shapes) | shapely.is_empty(shapes))
        if geometry == "any":
            wrong &= ~shapely.is_missing(shapes)
    if mixed.any():
        findings.append(Finding("geometry_mixed", "info", layer, None, rows_of(ids, mixed), int(mixed.sum()), {"kind": geometry}))
    if wrong.any():
        params = {"kind": geometry}
        findings.append(Finding("geometry_kind", "warning", layer, None, rows_of(ids, wrong), int(wrong.sum()), params))
    if geometry == "point":
        area = shapely.get_dimensions(shapes) == 2
        shapes[area] = shapely.point_on_surface(shapes[area])
    kept = ~(absent | wrong)
    if not single or geometry == "point" or solid.any() or invalid.any():   # else they are as they were given
        frame = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    return (frame if kept.all() else frame[kept]).reset_index(drop=True), findings


def traits_of(shapes: np.ndarray) -> np.ndarray:
    """Of each shape whether it is missing or empty, whether it is flat, its type, and whether it is valid; (n, 4)."""
    types = shapely.get_type_id(shapes)
    traits = ((types == _NO_TYPE) | shapely.is_empty(shapes), ~shapely.has_z(shapes), types, shapely.is_valid(shapes))
    return np.stack(traits, axis=1, dtype="int8", casting="unsafe")


MOST_CROSSINGS = 50
"""Edges that an edge of an invalid shape crosses in the mean; beyond, it is a scribble whose repair may take hours."""

_SAMPLED, _SIMPLE = 64, 2_000


def _tangled(shapes: np.ndarray, invalid: np.ndarray, ids: pd.Series, layer: str, findings: list[Finding]) -> np.ndarray:
    """Mask of the shapes whose edges cross each other everywhere; they are no land and are left out before repair."""
    tangled = np.zeros(len(shapes), dtype=bool)
    if not invalid.any():
        return tangled
    for row in np.flatnonzero(invalid & (shapely.get_num_coordinates(shapes) > _SIMPLE)):
        points = shapely.get_coordinates(shapes[row])
        some = np.linspace(0, len(points) - 2, _SAMPLED).astype(int)
        (left, low), (right, top) = np.minimum(points[:-1], points[1:]).T, np.maximum(points[:-1], points[1:]).T
        meets = sum(
            int(((left <= right[at]) & (right >= left[at]) & (low <= top[at]) & (top >= low[at])).sum()) for at in some
        )
        tangled[row] = meets > _SAMPLED * MOST_CROSSINGS
    if tangled.any():
        findings.append(Finding("geometry_tangled", "warning", layer, None, rows_of(ids, tangled), int(tangled.sum())))
    return tangled


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
