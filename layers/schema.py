"""Standard columns of every layer: the one table that says what a layer looks like once it has been read.

Whatever a file calls its fields, `open_county` hands on these names. Everything downstream relies on a column being there: what a
file does not say is missing (NaN / NA) in it, never 0 and never an empty string.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray

KINDS = {"code": "str", "text": "str", "number": "float64", "flag": "boolean"}


@dataclass(frozen=True)
class Column:
    """One standard column: its name, what it holds (`code`, `text`, `number`, `flag`), its unit and its meaning."""

    name: str
    kind: str
    meaning: str
    unit: str = ""


def _columns(*rows: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


ROAD_CLASSES = ("expressway", "national", "provincial", "county", "township", "village", "street", "track", "path")
"""高速, 国道, 省道, 县道, 乡道, 村道, 街巷 (service and residential streets), 机耕路, 小路 (walkers only); best road first."""

OWNER_LEVELS = ("village", "villager_group", "township", "other_collective", "collective", "state", "private", "unknown")
"""Whose land: 村, 村民小组, 乡镇, 其他农民集体, collective of unstated level, state, private (abroad), papers that do not say."""

USE_RIGHTS = ("none", "construction", "homestead", "contract", "other", "undetermined")
"""Use right that the parcel code or right type names: none (ownership only), 集体建设用地, 宅基地, 承包, other, 未确定或有争议."""

DISPUTES = ("yes", "no_sign", "undetermined")
"""`yes`: a paper marks a dispute. `undetermined`: right or owner undetermined. `no_sign`: papers at hand, none marks one.
Missing: there is no source that could mark one."""

VILLAGE_CLASSES = ("advanced", "middle", "lagging")
"""How strong a village's organisation is, as the township sorts its villages: 先进, 中间, 后进."""

RESTRICTION_KINDS = (
    "basic_farmland", "ecological_redline", "floodway", "hazard", "water", "power_line", "highway_control", "heritage", "other",
)
"""永久基本农田, 生态保护红线, 河道行洪区 / 洪涝风险控制线, 地质灾害, 水域, 电力线路, 公路建筑控制区, 历史文化保护线."""

FACILITY_CATEGORIES = (
    "kindergarten", "primary_school", "clinic", "shop", "bus_stop", "police", "elderly_care",
    "middle_school", "market", "post", "bank", "culture", "sport", "township_seat",
)
"""The first seven are those whose walk is scored (domain.md); `township_seat` is the township government."""

ROLES: dict[str, tuple[Column, ...]] = {
    "villages": _columns(
        ("village_code", "code", "12-digit administrative village code; unique"),
        ("village_name", "text", "name as listed"),
        ("township_code", "code", "9-digit township code"),
        ("township_name", "text", "township"),
        ("population", "number", "residents", "people"),
        ("households", "number", "households", "households"),
        ("urban_rural", "code", "城乡分类代码 (111..220)"),
        ("collective_income_yuan", "number", "income of the village collective in a year 村集体经济收入", "yuan"),
        ("village_class", "code", "VILLAGE_CLASSES"),
    ),  # geometry: polygon (limits), point (a settlement taken for the village) or missing (a bare list)
    "townships": _columns(
        ("township_code", "code", "9-digit township code"),
        ("township_name", "text", "township"),
    ),
    "settlements": _columns(
        ("settlement_id", "code", "unique"),
        ("settlement_name", "text", "natural village 自然村"),
        ("village_code", "code", "administrative village it belongs to"),
        ("population", "number", "residents", "people"),
        ("households", "number", "households", "households"),
    ),
    "parcels": _columns(
        ("parcel_id", "code", "unique: ZDDM where given, else BSM or the file's own id, else made from the row number"),
        ("village_code", "code", "village where it lies, as the file declares it (ZLDWDM)"),
        ("village_name", "text", "the same by name (ZLDWMC)"),
        ("owner_code", "code", "owning unit (QSDWDM)"),
        ("owner_name", "text", "owning unit (QSDWMC); an organisation, never a person"),
        ("owner_nature", "code", "QSXZ as read"),
        ("parcel_code", "code", "ZDDM, 19 characters"),
        ("right_type", "code", "QLLX as a code"),
        ("right_nature", "code", "QLXZ as a code"),
        ("survey_owner", "code", "owner level by the land survey (OWNER_LEVELS), from QSXZ"),
        ("title_owner", "code", "owner level by registered papers (OWNER_LEVELS), from ZDDM, QLLX, QLXZ"),
        ("survey_source", "text", "field=value that `survey_owner` comes from"),
        ("title_source", "text", "field=value of each paper that `title_owner` comes from"),
        ("use_right_source", "text", "field=value that `use_right` comes from"),
        ("title_conflict", "flag", "the registered papers contradict each other"),
        ("use_right", "code", "USE_RIGHTS, from the feature code or QLLX"),
        ("holder", "code", "kind of right holder: collective, person, enterprise, institution, state, other"),
        ("title_paper", "flag", "a title is registered for it (不动产权证书)"),
        ("dispute", "code", "DISPUTES"),
        ("dispute_source", "text", "field=value that says so"),
        ("land_class", "code", "land class code as read (DLBM, YT or YDYHFLDM)"),
        ("land_class_system", "code", "survey3 (三调), survey2 (二调), landuse_sea (用地用海), other"),
        ("declared_area_m2", "number", "area the papers state", "m2"),
        ("area_m2", "number", "area measured on the geometry", "m2"),
    ),
    "ownership": _columns(
        ("ownership_id", "code", "unique"),
        ("parcel_code", "code", "ZDDM of the JA polygon"),
        ("owner_level", "code", "OWNER_LEVELS"),
        ("owner_source", "text", "field=value that `owner_level` comes from"),
        ("owner_code", "code", "owning unit; its first 12 digits name the village"),
        ("owner_name", "text", "owning unit"),
        ("dispute", "code", "DISPUTES"),
        ("dispute_source", "text", "field=value that says so"),
    ),
    "buildings": _columns(
        ("building_id", "code", "unique"),
        ("building_name", "text", "name (JZWMC)"),
        ("parcel_code", "code", "ZDDM of the parcel it stands on"),
        ("footprint_m2", "number", "footprint measured on the geometry", "m2"),
        ("floors", "number", "storeys (ZCS)", "floors"),
        ("floor_area_m2", "number", "gross floor area 建筑面积", "m2"),
        ("floor_area_source", "text", "field the floor area came from"),
        ("use", "code", "use code or tag as read"),
        ("idle", "flag", "stands empty and may be reused"),
        ("structure", "code", "structure code FWJG"),
    ),
    "venues": _columns(
        ("venue_id", "code", "unique"),
        ("venue_name", "text", "name"),
        ("village_code", "code", "village it serves, as declared"),
        ("floor_area_m2", "number", "gross floor area 建筑面积", "m2"),
        ("courtyard_m2", "number", "courtyard area 院落面积", "m2"),
        ("planned", "flag", "planned, not yet built"),
    ),
    "roads": _columns(
        ("road_id", "code", "unique"),
        ("road_name", "text", "name or number"),
        ("road_class", "code", "ROAD_CLASSES"),
        ("class_as_read", "text", "what the file called it"),
        ("width_m", "number", "carriageway width", "m"),
        ("surface", "text", "surface as read"),
        ("oneway", "code", "no, forward, backward; for vehicles"),
        ("bridge", "flag", "bridge or tunnel: does not meet what it crosses"),
        ("closed", "flag", "closed to all"),
    ),  # geometry: LineString, one line a row
    "facilities": _columns(
        ("facility_id", "code", "unique"),
        ("facility_name", "text", "name"),
        ("category", "code", "FACILITY_CATEGORIES"),
        ("category_as_read", "text", "what the file called it"),
    ),
    "population": _columns(
        ("people", "number", "residents at the point: a raster cell's centre, or a building", "people"),
    ),
    "restrictions": _columns(
        ("restriction_id", "code", "unique"),
        ("kind", "code", "RESTRICTION_KINDS"),
        ("name", "text", "name"),
        ("voltage_kv", "number", "nominal voltage of a power line", "kV"),
    ),  # geometry: polygons, and lines that the rule of their kind widens
}
"""Every vector role. `terrain` is the one role that is a raster (`County.terrain`); a population raster becomes points."""

RASTER_ROLES = ("terrain",)


def missing(count: int, dtype: str) -> ExtensionArray | np.ndarray:
    """An array of missing values only."""
    if dtype == "float64":
        return np.full(count, np.nan)
    if dtype == "str":
        return pd.array(pa.nulls(count, pa.large_string()), dtype="str")
    return pd.array([pd.NA], dtype=dtype).take(np.zeros(count, dtype="int64"))


def conform(frame: gpd.GeoDataFrame, role: str) -> gpd.GeoDataFrame:
    """A layer with exactly the standard columns of its role, in their order, then its geometry.

    Parameters
    ----------
    frame : GeoDataFrame
        Any columns; standard ones it lacks are added as missing, others are dropped.
    role : str
        A key of `ROLES`.

    Returns
    -------
    GeoDataFrame
        Same rows in the same order on a fresh RangeIndex; codes and texts are `str` (missing is NaN), numbers float64, flags
        three-valued `boolean`.

    Raises
    ------
    KeyError
        For a role that does not exist.

    Examples
    --------
    >>> empty = conform(gpd.GeoDataFrame(geometry=[], crs=4547), "settlements")
    >>> list(empty.columns)
    ['settlement_id', 'settlement_name', 'village_code', 'population', 'households', 'geometry']
    """
    data = {}
    shapes = frame.geometry.reset_index(drop=True).rename("geometry")   # the very same array: what is known of it stays known
    for column in ROLES[role]:
        dtype = KINDS[column.kind]
        known = column.name in frame.columns
        data[column.name] = frame[column.name].astype(dtype).array if known else missing(len(frame), dtype)
    return gpd.GeoDataFrame(data, geometry=shapes, index=shapes.index)
