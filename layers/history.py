"""Rows that are no longer in force: parcels and ownership polygons that a cadastre keeps for its history."""

from __future__ import annotations

import re

import geopandas as gpd

from layers.fields import fold, rows_of
from layers.findings import Finding
from layers.role import Context
from layers.rows import column, first_of, translated

STATUS_NAMES = ("ZT", "宗地状态", "QSZT", "权属状态", "STATUS", "状态", "BGZT", "变更状态", "现势状态", "SFLS", "是否历史")
"""Fields that say whether a row is in force."""

_CODED = {"zt": {"2", "3"}, "宗地状态": {"2", "3"}, "qszt": {"2", "3"}, "权属状态": {"2", "3"}}
"""ZT / QSZT 状态: 0 temporary, 1 current, 2 historic, 3 ended. The digits of other fields mean something else in every county."""

_SAID = {name: {"1", "是", "true", "y", "yes"} for name in ("sfls", "是否历史")}
_WORDS = re.compile("(?<![非不])(?:历史|终止|注销|灭失|失效|作废|histor|cancel|retired|expired)", re.IGNORECASE)


def current(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The rows that are in force by their `status`, and a finding on the others."""
    if "status" not in frame.columns:
        return frame, []
    field = context.fields.get("status", "status")
    coded = {**_CODED, **_SAID}.get(fold(field), set())
    old = translated(frame["status"], lambda text: "old" if text.casefold() in coded or _WORDS.search(text) else None).notna()
    if not old.any():
        return frame, []
    ids = first_of(column(frame, "parcel_code"), column(frame, "object_id"))
    found = Finding("parcel_historic", "info", context.layer, field, rows_of(ids, old), int(old.sum()))
    return frame[~old].reset_index(drop=True), [found]
