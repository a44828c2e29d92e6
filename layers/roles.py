"""All vector roles by name: the table that the reader goes through."""

from __future__ import annotations

from layers import (
    buildings,
    facilities,
    ownership,
    parcels,
    population,
    restrictions,
    roads,
    settlements,
    townships,
    venues,
    villages,
)
from layers.role import Role

ROLE_OF: dict[str, Role] = {
    module.ROLE.name: module.ROLE
    for module in (
        villages,
        townships,
        settlements,
        parcels,
        ownership,
        buildings,
        venues,
        roads,
        facilities,
        population,
        restrictions,
    )
}

RASTER_KEYS = ("source", "crs")
"""What a raster role's table in county.toml may say."""
