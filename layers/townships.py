"""Townships 乡镇: their limits, codes and names."""

from __future__ import annotations

import geopandas as gpd

from layers.findings import Finding
from layers.role import Context, Role
from layers.rows import column, like, with_ids

FIELDS = {
    "township_code": (
        "XZQDM",
        "XZDM",
        "XIANGDM",
        "乡镇代码",
        "镇代码",
        "行政区划代码",
        "区划代码",
        "streetCode",
        "code",
        "代码",
        "osm_id",
    ),
    "township_name": ("XZQMC", "XZMC", "XIANGMC", "乡镇名称", "乡镇", "镇名", "town", "name", "名称"),
}
"""Input column -> names it goes by."""


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Townships with codes of nine digits, one row for each part of their limits."""
    codes = column(frame, "township_code")
    longer = like(codes, r"\d{12}|\d{19}")
    return with_ids(
        frame.assign(township_code=codes.where(~longer, codes.str.slice(0, 9))),
        "township_code",
        context.layer,
        prefix="t",
        unique=False,
    )


ROLE = Role("townships", FIELDS, "polygon", finish, layer_names=("townships", "乡镇", "XZQ", "乡镇界", "行政区"))
