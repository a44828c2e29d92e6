"""Layers checked against each other: do they lie in one place, do they speak of the same villages?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.cores import side_by_side
from layers.county import Raster
from layers.crs import LONLAT, Box, around, bounds_of
from layers.fabric import check_fabric
from layers.findings import Finding
from layers.likeness import proposals
from layers.names import plain_village_name
from layers.rows import Alike, column, first_of, like, translated
from layers.shift_check import check_shifts

_REFERENCE = ("villages", "parcels", "townships", "buildings", "settlements")
_NAMES_SHOWN = 60
_ALIKE_SHOWN = 10


def county_box(layers: dict[str, gpd.GeoDataFrame]) -> Box | None:
    """(left, bottom, right, top) of a county in metres: of its villages and parcels, else of what else says where it lies."""
    for roles in (("villages", "parcels", "buildings", "townships"), ("settlements", "venues", "roads")):
        boxes = [box for role in roles if role in layers and (box := bounds_of(layers[role])) is not None]
        if boxes:
            return around(boxes)
    return None


def _bounds(frame: gpd.GeoDataFrame | Raster) -> Box | None:
    if isinstance(frame, Raster):
        rows, columns = frame.values.shape
        left, top = frame.transform.c, frame.transform.f
        right, bottom = left + columns * frame.transform.a, top + rows * frame.transform.e
        return left, bottom, right, top
    return bounds_of(frame)


def check(
    layers: dict[str, gpd.GeoDataFrame], county_code: str | None, declared: Mapping[str, str | None] | None = None
) -> tuple[dict[str, gpd.GeoDataFrame], list[Finding]]:
    """What the layers say of each other; where they lie is for `elsewhere`.

    Parameters
    ----------
    layers : dict
        Role -> frame in standard columns.
    county_code : str or None
        Six digits.
    declared : mapping, optional
        Role -> datum that county.toml declares.

    Returns
    -------
    dict, list of Finding
        The layers, villages with the names of their townships where another layer knows them; and what does not fit together.
    """
    named = _named_townships(layers)

    jobs: tuple[Callable[[], list[Finding]], ...] = (
        lambda: check_shifts(layers, declared),
        lambda: check_fabric(named),
        lambda: _unknown_owners(named),
        lambda: _foreign_codes(named, county_code),
    )
    return named, [finding for found in side_by_side(lambda job: job(), jobs) for finding in found]


def elsewhere(layers: Mapping[str, gpd.GeoDataFrame | Raster]) -> list[Finding]:
    """Layers, rasters among them, that lie beside the county: most often a wrong CRS or datum."""
    boxes = {role: box for role in _REFERENCE if role in layers and (box := _bounds(layers[role])) is not None}
    if not boxes:
        return []
    reference = next(iter(boxes))
    left, bottom, right, top = boxes[reference]
    findings = []
    for role, frame in layers.items():
        box = None if role == reference else _bounds(frame)
        if box is None:
            continue
        apart_x = max(box[0] - right, left - box[2], 0.0)
        apart_y = max(box[1] - top, bottom - box[3], 0.0)
        if apart_x or apart_y:
            middle = gpd.points_from_xy([(box[0] + box[2]) / 2], [(box[1] + box[3]) / 2], crs=frame.crs).to_crs(LONLAT)[0]
            params = {"km": f"{np.hypot(apart_x, apart_y) / 1000:,.1f}", "reference": reference}
            place = (middle.x, middle.y) if np.isfinite([middle.x, middle.y]).all() else None
            findings.append(Finding("layer_elsewhere", "warning", role, params=params, place=place))
    return findings


def _named_townships(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    villages, townships = layers.get("villages"), layers.get("townships")
    if villages is None or townships is None:
        return layers
    names = townships.drop_duplicates("township_code").set_index("township_code")["township_name"]
    filled = first_of(villages["township_name"], translated(villages["township_code"], dict(names)))
    return {**layers, "villages": villages.assign(township_name=filled)}


def _unknown_owners(layers: dict[str, gpd.GeoDataFrame]) -> list[Finding]:
    """Owner villages of the parcels that no village in the list is, by code or by name."""
    villages, parcels = layers.get("villages"), layers.get("parcels")
    if villages is None or parcels is None:
        return []
    codes, names = set(villages["village_code"].dropna()), set(villages["village_name"].map(plain_village_name)) - {""}
    kinds = Alike.of(column(parcels, "owner_code"), column(parcels, "owner_name"))
    few = parcels.iloc[kinds.rows]
    owners = pd.DataFrame({"code": column(few, "owner_code").str.slice(0, 12), "name": column(few, "owner_name")})
    owners["parcels"] = np.bincount(kinds.kind, minlength=len(few))
    owners = owners[owners["code"].notna() | owners["name"].notna()]
    counts = owners.groupby(["code", "name"], dropna=False, sort=False)["parcels"].sum().sort_values(ascending=False, kind="stable")
    of_village = [not (isinstance(code, str) and code[9:12] == "000") for code, _ in counts.index]
    counts = counts[np.array(of_village, dtype=bool)]
    known_code = [code in codes for code, _ in counts.index]
    known_name = [plain_village_name(name) in names for _, name in counts.index]
    by_name = counts[[name and not code for code, name in zip(known_code, known_name, strict=True)]]
    missing = counts[[not name and not code for code, name in zip(known_code, known_name, strict=True)]]
    findings = []
    for kind, found, severity in (("owners_by_name", by_name, "info"), ("owners_not_listed", missing, "warning")):
        if len(found):
            shown = [
                f"{name if isinstance(name, str) else '?'} {code if isinstance(code, str) else ''}".strip()
                for code, name in found.index
            ]
            params = {"names": ", ".join(shown[:_NAMES_SHOWN]), "parcels": int(found.sum())}
            if kind == "owners_not_listed":
                told = villages["village_name"].tolist()
                alike = proposals([name for _, name in found.index], [None] * len(found), told, [None] * len(told))
                params["alike"] = "; ".join(alike[:_ALIKE_SHOWN]) or "—"
            rows = tuple(str(code if isinstance(code, str) else name) for code, name in found.index[:20])
            findings.append(Finding(kind, severity, "parcels", "owner_name", rows, len(found), params))
    return findings


def _foreign_codes(layers: dict[str, gpd.GeoDataFrame], county_code: str | None) -> list[Finding]:
    """Villages whose codes belong to another county."""
    villages = layers.get("villages")
    if villages is None or not county_code:
        return []
    codes = villages["village_code"]
    foreign = like(codes, r"\d{12}") & ~like(codes, rf"{county_code}\d*")
    if not foreign.any():
        return []
    rows = tuple(codes[foreign].head(20))
    return [
        Finding("village_of_other_county", "warning", "villages", "village_code", rows, int(foreign.sum()), {"code": county_code})
    ]
