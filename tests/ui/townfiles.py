"""The toy town as files with a county.toml, so that the command line and the app have something real to open."""

from __future__ import annotations

from pathlib import Path

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


def write_town(folder: Path, *, without: tuple[str, ...] = ()) -> Path:
    """Write the layers to town.gpkg and name them in a county.toml; returns its path."""
    text = TOML
    for role in LAYERS:
        if role in without:
            continue
        frame = getattr(toytown, role)()
        pyogrio.write_dataframe(frame, folder / "town.gpkg", layer=role, driver="GPKG", append=(folder / "town.gpkg").exists())
        text += f'\n[layers.{role}]\nsource = "town.gpkg|{role}"\n'
    path = folder / "county.toml"
    path.write_text(text, encoding="utf-8")
    return path
