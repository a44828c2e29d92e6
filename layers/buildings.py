"""Buildings 自然幢: footprint, storeys, floor area and where it came from, whether it stands idle."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.findings import Finding
from layers.role import Context, OsmQuery, Role
from layers.rows import column, number, with_ids

FIELDS = {
    "building_id": ("ZRZH", "自然幢号"),
    "object_id": ("BSM", "osm_id", "id", "OBJECTID"),
    "building_name": ("JZWMC", "建筑物名称", "XMMC", "name", "名称"),
    "parcel_code": ("ZDDM", "宗地代码"),
    "surveyed_area_m2": ("SCJZMJ", "实测建筑面积"),
    "forecast_area_m2": ("YCJZMJ", "预测建筑面积"),
    "planned_area_m2": ("GHJZMJ", "规划建筑面积"),
    "floor_area_m2": ("JZMJ", "建筑面积"),
    "ground_area_m2": ("ZZDMJ", "幢占地面积", "占地面积"),
    "floors": ("ZCS", "总层数", "层数", "building:levels", "floors"),
    "use": ("GHYT", "规划用途", "FWYT1", "房屋用途", "building", "用途"),
    "idle": ("SYZT", "使用状态", "是否闲置", "闲置", "XZZT", "disused", "abandoned"),
    "structure": ("FWJG", "房屋结构", "结构"),
    "status": ("JZWZT", "建筑物状态"),
    "footprint_m2": (),
    "floor_area_source": (),
}
"""Input column -> names it goes by. The areas are tried in the order surveyed, forecast, planned, plain."""

_AREAS = ("surveyed_area_m2", "forecast_area_m2", "planned_area_m2", "floor_area_m2")


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Buildings with measured footprint and floor area (m2).

    The floor area is the first that is stated: surveyed, forecast, planned, plain; else ground area x storeys; else footprint x
    storeys. Without storeys it stays missing. `floor_area_source` names the fields.
    """
    frame, findings = with_ids(frame, "building_id", context.layer, sources=("object_id",), prefix="b")
    gone = column(frame, "status").isin(["1", "历史"])
    if gone.any():
        rows = tuple(frame.loc[gone, "building_id"].head(20))
        findings.append(Finding("building_historic", "info", context.layer, context.fields.get("status"), rows, int(gone.sum())))
        frame = frame[~gone].reset_index(drop=True)
    footprint_m2 = frame.geometry.area
    floors = number(frame, "floors").mask(lambda values: values <= 0)
    floor_area_m2 = pd.Series(np.nan, index=frame.index)
    source = pd.Series(np.nan, index=frame.index, dtype=object)
    stated = [(name, number(frame, name)) for name in _AREAS]
    named = {name: context.fields.get(name, name) for name in (*_AREAS, "ground_area_m2", "floors")}
    options = [(named[name], area) for name, area in stated]
    options.append((f"{named['ground_area_m2']} x {named['floors']}", number(frame, "ground_area_m2") * floors))
    options.append((f"footprint x {named['floors']}", footprint_m2 * floors))
    for field, area in options:
        use = floor_area_m2.isna() & (area > 0)
        floor_area_m2[use], source[use] = area[use], field
    return frame.assign(
        footprint_m2=footprint_m2, floors=floors, floor_area_m2=floor_area_m2, floor_area_source=source.astype("str")
    ), findings


ROLE = Role(
    "buildings",
    FIELDS,
    "polygon",
    finish,
    kinds={
        "object_id": "code",
        "surveyed_area_m2": "number",
        "forecast_area_m2": "number",
        "planned_area_m2": "number",
        "ground_area_m2": "number",
        "status": "code",
    },
    layer_names=("buildings", "自然幢", "ZRZ", "房屋", "建筑物"),
    osm=OsmQuery(("multipolygons",), {"building": ()}, ("name", "building:levels", "disused", "abandoned")),
)
