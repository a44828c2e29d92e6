"""What in county.toml would mend a finding: the keys that could be set, with the values that are possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from layers.findings import Finding
from layers.private import is_private
from layers.roles import ROLE_OF
from layers.schema import RESTRICTION_KINDS, ROAD_CLASSES
from layers.units import UNITS

ENCODINGS = ("gb18030", "utf-8", "big5")
CRS_OFFERED = ("EPSG:4490", "EPSG:4326", *(f"EPSG:{code}" for code in range(4513, 4555)))
"""CGCS2000 in degrees, WGS 84, and CGCS2000 in zones of three degrees with and without the zone's number."""

MOST_VALUES = 8
"""Words of a file that are offered to be explained, for one finding."""


@dataclass(frozen=True)
class Mend:
    """One key of county.toml that a finding leaves to the person, with the values offered; `free`: any other is possible too."""

    where: tuple[str, ...]
    choices: tuple[str, ...]
    free: bool = False

    @property
    def label(self) -> str:
        """The key as county.toml names it."""
        return ".".join(self.where[1:] if self.where[0] == "layers" else self.where)


_CRS = {"crs_missing", "crs_guessed", "crs_contradicted", "layer_elsewhere", "raster_elsewhere", "geometry_off_map", "datum_old"}
_LAYER = {"layer_ambiguous", "source_ambiguous", "layer_missing"}
_FIELDS = {"field_missing", "fields_none", "power_line_voltage"}
_UNITS = {"area_differs", "area_unit_unknown"}


def mends_of(finding: Finding, *, layers: Iterable[str], fields: Iterable[str] = ()) -> tuple[Mend, ...]:
    """Keys of county.toml that would mend a finding; none where only the data itself can be mended.

    Parameters
    ----------
    finding : Finding
        From a county's findings, or from an `InputError`.
    layers : iterable of str
        Names of the layers of county.toml.
    fields : iterable of str
        Fields of the file, where they are known.
    """
    layer = finding.layer.removeprefix("layers.")
    for part in (".fields", ".values", ".units", ".where"):
        layer = layer.removesuffix(part)
    code, params = finding.code, finding.params
    if code == "county_crs_unfit":
        return (Mend(("county", "crs"), (str(params["better"]).split(" ")[0],)),)
    if layer not in set(layers):
        return ()
    way = ("layers", *layer.split(".", 1))
    if code == "datum_suspected":
        return (Mend((*way, "datum"), (str(params["datum"]), "cgcs2000")),)
    if code in _CRS:
        shifted = (Mend((*way, "datum"), ("gcj02", "bd09")),) if code == "layer_elsewhere" else ()
        return (Mend((*way, "crs"), CRS_OFFERED, free=True), *shifted)
    if code == "encoding_unknown":
        return (Mend((*way, "encoding"), ENCODINGS, free=True),)
    if code in _LAYER:
        return (Mend((*way, "layer"), tuple(name for name in str(params.get("choices", "")).split(", ") if name)),)
    if code == "restriction_kind_unknown":
        return (Mend((*way, "kind"), RESTRICTION_KINDS),)
    if code in _UNITS:
        return (Mend((*way, "units", "declared_area_m2"), tuple(name for name in UNITS if name in _AREAS)),)
    if code in _FIELDS:
        return _fields(finding, way, layer.partition(".")[0], fields)
    if code in ("road_class_unknown", "value_unmapped"):
        return _values(finding, way)
    return ()


_AREAS = ("m2", "mu", "ha", "km2", "acre")


def _fields(finding: Finding, way: tuple[str, ...], role: str, fields: Iterable[str]) -> tuple[Mend, ...]:
    named = [name for name in str(finding.params.get("available", "")).split(", ") if name]
    offered = tuple(dict.fromkeys(name for name in (*fields, *named) if not is_private(name)))
    if not offered or role not in ROLE_OF:
        return ()
    if finding.code == "power_line_voltage":
        columns: tuple[str, ...] = ("voltage_kv",)
    elif finding.field in ROLE_OF[role].columns:
        columns = (str(finding.field),)
    else:
        columns = ROLE_OF[role].columns
    return tuple(Mend((*way, "fields", column), offered) for column in columns)


def _values(finding: Finding, way: tuple[str, ...]) -> tuple[Mend, ...]:
    """One mend for each word of the file that is not known; ∅ stands for cells that say nothing."""
    params = finding.params
    roads = finding.code == "road_class_unknown"
    column = "road_class" if roads else str(params["name"])
    choices = ROAD_CLASSES if roads else tuple(str(params["choices"]).split(", "))
    words = str(params["words" if roads else "examples"]).split(", ")
    return tuple(Mend((*way, "values", column, word), choices) for word in words[:MOST_VALUES] if word and word != "∅")
