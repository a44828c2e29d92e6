"""Natural villages 自然村: where the people of an administrative village live, as points."""

from __future__ import annotations

import geopandas as gpd

from layers.findings import Finding
from layers.role import Context, OsmQuery, Role
from layers.rows import column, with_ids

FIELDS = {
    "settlement_id": ("ZRCDM", "自然村代码", "自然村编码"),
    "object_id": ("BSM", "osm_id", "id", "OBJECTID"),
    "settlement_name": ("ZRCMC", "自然村名称", "自然村", "居民点名称", "name", "名称"),
    "village_code": ("XZCDM", "行政村代码", "村代码", "所属行政村代码", "ZLDWDM", "CUNDM"),
    "population": ("RK", "RKS", "人口", "人口数", "总人口", "常住人口", "户籍人口", "人数", "pop"),
    "households": ("HS", "户数", "总户数"),
}
"""Input column -> names it goes by."""


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Settlements with unique ids; village codes cut to twelve digits."""
    frame, findings = with_ids(frame, "settlement_id", context.layer, sources=("object_id",), prefix="s")
    return frame.assign(village_code=column(frame, "village_code").str.slice(0, 12)), findings


ROLE = Role(
    "settlements",
    FIELDS,
    "point",
    finish,
    kinds={"object_id": "code"},
    layer_names=("settlements", "自然村", "居民点", "ZRC", "places"),
    osm=OsmQuery(
        ("points", "multipolygons"), {"place": ("city", "town", "village", "hamlet", "isolated_dwelling")}, ("name", "population")
    ),
)
