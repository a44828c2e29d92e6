"""What one layer is to the reader: the names its fields go by, its shapes, how it is found in OSM, how it is finished."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
from pyproj import CRS

from layers.findings import Finding
from layers.schema import ROLES


@dataclass(frozen=True)
class OsmQuery:
    """Which things of an OSM extract belong to a role, and which of their tags are read.

    `tags` maps a key to the values wanted (empty: any value). `layers` are those of GDAL's OSM driver.
    """

    layers: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """What a role may want to know when it is finished."""

    layer: str
    """Name of the layer as county.toml writes it: ``parcels``, ``restrictions.redline``."""
    crs: CRS
    county_name: str
    county_code: str | None
    fields: Mapping[str, str] = field(default_factory=dict)
    """Input column -> field of the file that filled it."""
    kind: str | None = None
    source: str = ""
    is_osm: bool = False
    units: Mapping[str, str] = field(default_factory=dict)
    """Input column -> unit that county.toml names for it."""
    numbers: frozenset[str] = frozenset()
    """Input columns whose field holds numbers in the file, so that a code in it may have lost its leading zero."""


Finish = Callable[[gpd.GeoDataFrame, Context], tuple[gpd.GeoDataFrame, list[Finding]]]


@dataclass(frozen=True)
class Role:
    """How one role is recognised, read, checked and mended.

    `fields` maps each input column to the names it goes by in files, best first; letter case, width and the cut to ten bytes of a
    shapefile do not matter. `kinds` says what input columns hold that are not standard columns themselves. `geometry` is one of
    polygon, ground (areas and lines), line, point (polygons become a point within), site (points and polygons) or any (as site;
    may be missing).
    """

    name: str
    fields: Mapping[str, tuple[str, ...]]
    geometry: str
    finish: Finish
    kinds: Mapping[str, str] = field(default_factory=dict)
    layer_names: tuple[str, ...] = ()
    osm: OsmQuery | None = None

    def kind(self, column: str) -> str:
        """What an input column holds: code, text, number or flag."""
        for standard in ROLES[self.name]:
            if standard.name == column:
                return self.kinds.get(column, standard.kind)
        return self.kinds.get(column, "text")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every name that `fields` in county.toml may give a field to."""
        return tuple(dict.fromkeys((*(column.name for column in ROLES[self.name]), *self.fields)))
