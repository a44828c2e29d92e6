"""How the areas of a county lie against each other: slivers, overlaps, gaps between villages, parcels across village limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.cores import on_all_cores, side_by_side
from layers.crs import boxes_of, lonlat_of
from layers.fields import rows_of
from layers.findings import Finding
from layers.remembered import ahead, once
from layers.shares import shares_of

SLIVER_M2, SLIVER_WIDTH_M = 1.0, 0.5
"""Areas smaller, or narrower in the mean (twice the area by the perimeter), are slivers of digitising."""

OVERLAP_M2, OVERLAP_SHARE = 1.0, 0.01
"""Areas of one layer that share more than both, of the smaller one, overlap."""

VILLAGE_SHARE = 1e-5
"""The same share for villages, whose limits should meet exactly."""

GAP_WIDTH_M, GAP_M2 = 20.0, 100.0
"""Villages further apart leave land between them on purpose; smaller gaps are rounding."""

_STRIP = 25_000
"""Areas of a strip of land that one core looks at."""

_IDS = {"parcels": "parcel_id", "ownership": "ownership_id", "buildings": "building_id"}
_TOUCH_M = 0.01
"""Boxes that share less than this across belong to areas that touch."""
_NAMED = 10


def check_fabric(layers: dict[str, gpd.GeoDataFrame]) -> list[Finding]:
    """What the areas of the layers do that areas of land should not, with its extent and a place.

    Nothing is changed: which of two overlapping papers is right only a person can say.

    Parameters
    ----------
    layers : dict
        Role -> frame in standard columns, in metres.
    """
    jobs: list[Callable[[], list[Finding]]] = []
    for role in _IDS:
        if role in layers and len(layers[role]):
            if role != "buildings":
                jobs.append(partial(slivers, layers[role], role))
            jobs.append(partial(overlaps, layers[role], role))
    villages = layers.get("villages")
    if villages is not None:
        areas = shapely.get_dimensions(villages.geometry.array) == 2
        villages = villages if areas.all() else villages[areas]
        jobs.append(partial(village_fabric, villages))
        if len(villages) and "parcels" in layers:
            jobs.append(partial(across_limits, layers["parcels"], villages))
    return [finding for found in side_by_side(lambda job: job(), jobs) for finding in found]


def look_ahead(shapes: Mapping[str, np.ndarray]) -> None:
    """Begin on what `check_fabric` will ask of the shapes, beside what follows; shapes that change meanwhile are asked anew.

    Parameters
    ----------
    shapes : mapping
        Role -> its shapes, in metres.
    """
    areas = {role: some for role, some in shapes.items() if len(some)}
    if "villages" in areas and not (shapely.get_dimensions(areas["villages"]) == 2).all():
        del areas["villages"]   # the only ones of these layers that need not be areas
    jobs: list[Callable[[], object]] = []
    if "villages" in areas and "parcels" in areas:
        jobs.append(partial(_shares, areas["parcels"], areas["villages"]))
    for role in _IDS:
        if role in areas:
            jobs.append(partial(_overlaps, areas[role]))
            jobs += [partial(_thin, areas[role])] if role != "buildings" else []
    if "villages" in areas:
        jobs += [partial(_village_overlaps, areas["villages"]), partial(_village_gaps, areas["villages"])]
    ahead(jobs)


def _shares(parcels: np.ndarray, villages: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return once("shares", parcels, lambda: shares_of(parcels, villages), villages)


def _overlaps(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return once("overlaps", shapes, lambda: _overlapping(shapes, share=OVERLAP_SHARE))


def _village_overlaps(villages: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return once("village overlaps", villages, lambda: _overlapping(villages, share=VILLAGE_SHARE))


def _village_gaps(villages: np.ndarray) -> np.ndarray:
    return once("village gaps", villages, lambda: _gaps(villages))


def slivers(frame: gpd.GeoDataFrame, role: str) -> list[Finding]:
    """Areas that are too small or too narrow to be land somebody owns."""
    thin = _thin(np.asarray(frame.geometry.array))
    if not thin.any():
        return []
    params = {"area_m2": f"{shapely.area(frame.geometry.array[thin]).sum():,.1f}"}
    place = lonlat_of(frame.geometry.array[thin][0], frame.crs)
    return [Finding("shape_sliver", "warning", role, None, rows_of(frame[_IDS[role]], thin), int(thin.sum()), params, place)]


def _thin(shapes: np.ndarray) -> np.ndarray:
    """Mask of the areas that are slivers."""

    def thin(some: np.ndarray) -> np.ndarray:
        area = shapely.area(some)
        narrow = (area > 0) & (area < 1e6)
        narrow[narrow] = (area[narrow] < SLIVER_M2) | (2 * area[narrow] < SLIVER_WIDTH_M * shapely.length(some[narrow]))
        return narrow

    return once("thin", shapes, lambda: on_all_cores(thin, shapes))


def _overlapping(shapes: np.ndarray, *, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of areas that overlap, with the area they share (m2); the pair that shares most comes first.

    Areas that fit together edge by edge are passed over at once; only those with an edge in or across another one are cut.
    """
    nothing = np.zeros(0, dtype="int64")
    boxes = boxes_of(shapes)
    tree = shapely.STRtree(shapes)
    close = np.concatenate([each[0] for each in _close_pairs(tree, shapes, np.arange(len(shapes)), boxes)] or [nothing])
    odd = _odd_edges(shapes, np.unique(close), boxes)
    if not len(odd):
        return nothing, nothing, np.zeros(0)
    pairs = np.concatenate([np.sort(each.T, axis=1) for each in _close_pairs(tree, shapes, odd, boxes)])
    pairs = np.unique(pairs, axis=0)
    one, other = pairs[:, 0], pairs[:, 1]
    shared = on_all_cores(lambda a, b: shapely.area(shapely.intersection(a, b)), shapes[one], shapes[other])
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    keep = (shared > OVERLAP_M2) & (shared > share * smaller)
    one, other, shared = one[keep], other[keep], shared[keep]
    order = np.lexsort((boxes[one, 0], boxes[one, 1], -shared))
    return one[order], other[order], shared[order]


def _close_pairs(tree: shapely.STRtree, shapes: np.ndarray, rows: np.ndarray, boxes: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs (2, n) of one of the rows and another shape whose boxes share more than a line, by the thousand rows."""
    tree.query(shapely.Point(0, 0))   # the tree is built when it is first asked; not by several threads at once

    def close(some: np.ndarray) -> np.ndarray:
        one, other = tree.query(shapes[some])
        one = some[one]
        wide = np.minimum(boxes[one, 2:], boxes[other, 2:]) - np.maximum(boxes[one, :2], boxes[other, :2])
        return np.stack([one, other])[:, (one != other) & (wide > _TOUCH_M).all(axis=1)]

    return side_by_side(close, np.array_split(rows, len(rows) // _STRIP + 1))


def _odd_edges(shapes: np.ndarray, rows: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Rows of the areas that have an edge in or across another one, found strip by strip from west to east.

    An area that reaches into several strips is looked at in each of them, so that it meets whatever its box meets.
    """
    if not len(rows):
        return rows
    west, east = boxes[rows, 0], boxes[rows, 2]
    cuts = np.quantile(west, np.linspace(0, 1, len(rows) // _STRIP + 2)[1:-1])
    limits = [-np.inf, *cuts, np.inf]

    def odd(strip: tuple[float, float]) -> np.ndarray:
        some = rows[(east >= strip[0]) & (west <= strip[1])]
        return some[~shapely.is_empty(shapely.coverage_invalid_edges(shapes[some]))]

    return np.unique(np.concatenate(list(side_by_side(odd, zip(limits[:-1], limits[1:], strict=True)))))


def overlaps(frame: gpd.GeoDataFrame, role: str) -> list[Finding]:
    """Areas of one layer that lie on each other (m2)."""
    shapes = np.asarray(frame.geometry.array)
    flat = shapely.get_dimensions(shapes) == 2
    ids = frame[_IDS[role]][flat].reset_index(drop=True)
    areas = shapes if flat.all() else shapes[flat]
    one, other, shared = _overlaps(areas)
    if not len(one):
        return []
    names = [f"{ids[a]} / {ids[b]}" for a, b in zip(one[:_NAMED], other[:_NAMED], strict=True)]
    params = {"area_m2": f"{shared.sum():,.0f}", "pairs": ", ".join(names)}
    place = lonlat_of(shapely.intersection(areas[one[0]], areas[other[0]]), frame.crs)
    rows = tuple(dict.fromkeys(str(ids[row]) for pair in zip(one, other, strict=True) for row in pair))[:20]
    return [Finding("shapes_overlap", "warning", role, None, rows, len(one), params, place)]


def village_fabric(villages: gpd.GeoDataFrame) -> list[Finding]:
    """Villages that overlap, and land between them that is nobody's: areas in hectares, with a place."""
    if len(villages) < 2:
        return []
    shapes = np.asarray(villages.geometry.array)
    names = villages["village_name"].astype(object).where(villages["village_name"].notna(), villages["village_code"]).to_numpy()
    codes = villages["village_code"].to_numpy()
    one, other, shared = _village_overlaps(shapes)
    findings = []
    if len(one):
        told = [f"{names[a]} / {names[b]} {_ha(m2)} ha" for a, b, m2 in zip(one[:_NAMED], other[:_NAMED], shared, strict=False)]
        place = lonlat_of(shapely.intersection(shapes[one[0]], shapes[other[0]]), villages.crs)
        rows = tuple(dict.fromkeys(str(codes[row]) for pair in zip(one, other, strict=True) for row in pair))[:20]
        params = {"area_ha": _ha(shared.sum()), "pairs": ", ".join(told)}
        findings.append(Finding("villages_overlap", "warning", "villages", None, rows, len(one), params, place))
    gaps = _village_gaps(shapes)
    if len(gaps):
        area = shapely.area(gaps)
        params = {"area_ha": _ha(area.sum()), "largest_ha": _ha(area[0])}
        place = lonlat_of(gaps[0], villages.crs)
        findings.append(Finding("villages_gap", "warning", "villages", None, (), len(gaps), params, place))
    return findings


def _ha(area_m2: float) -> str:
    return f"{area_m2 / 10_000:,.2f}"


def _gaps(shapes: np.ndarray) -> np.ndarray:
    """Pieces of land enclosed by villages, or in a strip between two of them, the largest first."""
    beside = shapes[~shapely.is_empty(shapely.coverage_invalid_edges(shapes, gap_width=GAP_WIDTH_M))]
    whole = shapely.union_all(shapes) if len(beside) else shapely.coverage_union_all(shapes)
    parts = shapely.get_parts(whole)
    rings = [shapely.get_parts(shapely.polygons(shapely.get_rings(part)[1:])) for part in parts]
    gaps = list(np.concatenate(rings)) if rings else []
    if len(beside) > 1:
        local = shapely.union_all(beside)
        half = GAP_WIDTH_M / 2
        closed = shapely.buffer(shapely.buffer(local, half, join_style="mitre"), -half, join_style="mitre")
        strips = shapely.get_parts(shapely.difference(shapely.difference(closed, whole), shapely.union_all(gaps)))
        if len(strips):
            tree = shapely.STRtree(beside)
            touched = np.bincount(tree.query(strips, predicate="dwithin", distance=0.01)[0], minlength=len(strips))
            gaps += list(strips[touched > 1])
    found = np.array([gap for gap in gaps if gap.area > GAP_M2], dtype=object)
    if not len(found):
        return found
    return found[np.lexsort((shapely.bounds(found)[:, 0], -shapely.area(found)))]


def across_limits(parcels: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> list[Finding]:
    """Parcels that lie in several villages; each counts for the one that has most of it."""
    shapes = np.asarray(parcels.geometry.array)
    at, _, shared = _shares(shapes, np.asarray(villages.geometry.array))
    parts = pd.DataFrame({"parcel": at, "m2": shared})
    parts = parts[(parts["m2"] > OVERLAP_M2) & (parts["m2"] > OVERLAP_SHARE * shapely.area(shapes[at]))]
    shares = parts.groupby("parcel")["m2"].agg(["size", "sum", "max"])
    across = shares[shares["size"] > 1]
    if across.empty:
        return []
    split = (across["sum"] - across["max"]).sort_values(ascending=False, kind="stable")
    mask = np.zeros(len(parcels), dtype=bool)
    mask[across.index] = True
    params = {"area_m2": f"{split.sum():,.0f}"}
    place = lonlat_of(shapes[split.index[0]], parcels.crs)
    rows = rows_of(parcels["parcel_id"], mask)
    return [Finding("parcels_across_limits", "info", "parcels", None, rows, len(across), params, place)]
