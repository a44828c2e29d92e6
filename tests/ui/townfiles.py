"""The toy town as files with a county.toml, so that the command line and the app have something real to open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pyogrio

from tests import toytown

LAYERS = ("villages", "settlements", "parcels", "ownership", "buildings", "venues", "roads", "facilities", "restrictions")
TOML = """[county]
name = "双溪县"
code = "419901"
crs = "EPSG:4547"

[candidates]
buildings = "idle"
"""


def write_town(
    folder: Path, *, without: tuple[str, ...] = (), crs: str = "EPSG:4547", working_crs: str = "EPSG:4547",
    layer: Callable[[str], gpd.GeoDataFrame] | None = None,
) -> Path:
    """Write the layers to town.gpkg in `crs` and name them in a county.toml that computes in `working_crs`; returns its path.

    `layer` gives the layer of a role in place of the toy town's own.
    """
    folder.mkdir(exist_ok=True)
    text = TOML.replace("EPSG:4547", working_crs)
    for role in LAYERS:
        if role in without:
            continue
        frame = (layer(role) if layer else getattr(toytown, role)()).to_crs(crs)
        pyogrio.write_dataframe(frame, folder / "town.gpkg", layer=role, driver="GPKG", append=(folder / "town.gpkg").exists())
        text += f'\n[layers.{role}]\nsource = "town.gpkg|{role}"\n'
    path = folder / "county.toml"
    path.write_text(text, encoding="utf-8")
    return path
