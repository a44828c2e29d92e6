"""Where the people are: cells of a raster (see `layers.raster`), buildings or places, as points that carry people."""

from __future__ import annotations

import geopandas as gpd

from layers.findings import Finding
from layers.role import Context, Role
from layers.rows import number

FIELDS = {"people": ("population", "人口", "人口数", "总人口", "常住人口", "人数", "RK", "RKS", "pop")}
"""Input column -> names it goes by."""


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Points with people; rows without any are left out."""
    inhabited = number(frame, "people") > 0
    findings = []
    if not inhabited.all():
        findings.append(Finding("population_empty", "info", context.layer, "people", count=int((~inhabited).sum())))
    return frame[inhabited].reset_index(drop=True), findings


ROLE = Role("population", FIELDS, "point", finish, layer_names=("population", "人口"))
