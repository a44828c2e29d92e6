"""Existing village activity venues 村级组织活动场所: where they stand and how large they are."""

from __future__ import annotations

import geopandas as gpd

from layers.findings import Finding
from layers.role import Context, OsmQuery, Role
from layers.rows import column, with_ids

FIELDS = {
    "venue_id": ("场所编号", "编号"),
    "object_id": ("BSM", "osm_id", "id", "OBJECTID", "序号"),
    "venue_name": ("场所名称", "活动场所名称", "名称", "name", "MC"),
    "village_code": ("行政村代码", "村代码", "XZCDM", "CUNDM", "ZLDWDM"),
    "floor_area_m2": ("建筑面积", "SCJZMJ", "JZMJ", "房屋建筑面积"),
    "courtyard_m2": ("院落面积", "院落占地面积", "占地面积", "YLMJ", "ZDMJ"),
    "planned": ("是否规划", "规划", "拟建"),
}
"""Input column -> names it goes by."""


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Venues with unique ids; an area of 0 in a table means that nobody filled it in."""
    frame, findings = with_ids(frame, "venue_id", context.layer, sources=("object_id",), prefix="c")
    columns = {name: frame[name].mask(frame[name] == 0) for name in ("floor_area_m2", "courtyard_m2") if name in frame.columns}
    return frame.assign(village_code=column(frame, "village_code").str.slice(0, 12), **columns), findings


ROLE = Role(
    "venues",
    FIELDS,
    "site",
    finish,
    kinds={"object_id": "code"},
    layer_names=("venues", "活动场所", "村级活动场所", "服务中心"),
    osm=OsmQuery(("points", "multipolygons"), {"amenity": ("community_centre",)}, ("name",)),
)
