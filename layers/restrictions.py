"""Where nothing may be built, or only under a law's conditions: farmland, red line, floodway, hazards, corridors."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd
import shapely

from layers.fields import fold, rows_of
from layers.findings import Finding
from layers.role import Context, OsmQuery, Role
from layers.rows import column, translated, with_ids
from layers.schema import RESTRICTION_KINDS

FIELDS = {
    "restriction_id": (),
    "object_id": ("BSM", "JBNTTBBH", "YJJBNTBBH", "osm_id", "id", "OBJECTID"),
    "kind": ("kind",),
    "name": ("MC", "HXMC", "红线命名", "名称", "name", "NAME"),
    "voltage": ("voltage_kv", "电压等级", "电压", "DYDJ", "voltage", "VOLTAGE"),
}
"""Input column -> names it goes by."""

KIND_BY_NAME = {
    "basic_farmland": ("yjjbnt", "jbnt", "永久基本农田", "基本农田", "farmland"),
    "ecological_redline": ("stbhhx", "生态保护红线", "生态红线", "redline", "eco_protected"),
    "floodway": ("hlfxkzx", "洪涝风险", "行洪", "河道管理", "flood"),
    "hazard": ("地质灾害", "dzzh", "灾害", "hazard", "landslide"),
    "water": ("水域", "河流", "水体", "water", "lake"),
    "power_line": ("电力", "高压", "power"),
    "highway_control": ("建筑控制区", "公路控制", "highway"),
    "heritage": ("lswhbhx", "历史文化", "文物", "heritage"),
}
"""Words in the name of a layer or file that say which restriction it is, where county.toml does not."""


def kind_of(*names: str | None) -> str | None:
    """Kind of restriction that a layer's or file's name says, or None.

    Examples
    --------
    >>> kind_of("YJJBNTBHTB"), kind_of("lines")
    ('basic_farmland', None)
    """
    words = [fold(name) for name in names if name]
    for kind, patterns in KIND_BY_NAME.items():
        if any(pattern in word for pattern in patterns for word in words):
            return kind
    return None


_VOLTAGE = re.compile(r"(\d+(?:\.\d+)?)\s*(kv|千伏|v|伏)?")


def voltage_kv(text: str) -> float:
    """Nominal voltage of a power line in kV, from ``110kV``, ``10千伏``, ``110000`` or ``110000;35000``; the highest of several.

    A number without a unit is in volts from 1000 on, as in OSM, and in kV below.

    Examples
    --------
    >>> [voltage_kv(text) for text in ("110kV", "10千伏", "110000;35000", "380V", "220", "高压")]
    [110.0, 10.0, 110.0, 0.38, 220.0, nan]
    """
    found = [(float(number), unit) for number, unit in _VOLTAGE.findall(text.casefold())]
    kv = [number / 1000 if unit in ("v", "伏") or (not unit and number >= 1000) else number for number, unit in found]
    return max(kv, default=float("nan"))


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Restrictions with their kind: as county.toml says, as the row says, or as the layer's name says; else ``other``."""
    findings = []
    stated = column(frame, "kind")
    kinds = stated.where(stated.isin(RESTRICTION_KINDS))
    if context.kind:
        kinds = pd.Series(context.kind, index=frame.index, dtype="str")
    elif kinds.isna().any():
        guessed = kind_of(context.layer.partition(".")[2], context.source)
        if guessed is None:
            findings.append(Finding("restriction_kind_unknown", "warning", context.layer, "kind", count=int(kinds.isna().sum())))
        kinds = kinds.where(kinds.notna(), guessed or "other")
    voltage = pd.to_numeric(translated(column(frame, "voltage"), voltage_kv), errors="coerce").astype("float64")
    frame = frame.assign(kind=kinds, voltage_kv=voltage)
    blind = frame["voltage_kv"].isna() & frame["kind"].eq("power_line") & (shapely.get_dimensions(frame.geometry.array) == 1)
    if blind.any():
        field, rows = context.fields.get("voltage"), rows_of(column(frame, "object_id"), blind)
        findings.append(Finding("power_line_voltage", "warning", context.layer, field, rows, int(blind.sum())))
    frame, more = with_ids(frame, "restriction_id", context.layer, sources=("object_id",))
    short = context.layer.partition(".")[2]
    prefix = f"{short}:" if short else ""
    return frame.assign(restriction_id=prefix + frame["restriction_id"]), [*findings, *more]


ROLE = Role(
    "restrictions",
    FIELDS,
    "ground",
    finish,
    kinds={"object_id": "code", "voltage": "text"},
    layer_names=("YJJBNTTB", "YJJBNTBHTB", "STBHHX", "HLFXKZX", "LSWHBHX", "restrictions"),
    osm=OsmQuery(
        ("multipolygons",), {"natural": ("water",), "waterway": ("riverbank",), "landuse": ("reservoir", "military")}, ("name",)
    ),
)
