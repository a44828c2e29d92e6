"""Roads: class, width, direction, bridges; one line a row."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.fields import rows_of
from layers.findings import Finding
from layers.role import Context, OsmQuery, Role
from layers.rows import column, first_of, translated, with_ids
from layers.schema import ROAD_CLASSES, missing

FIELDS = {
    "road_id": ("道路编号",),
    "object_id": ("FEATID", "BSM", "osm_id", "OBJECTID", "id"),
    "road_name": ("NAME", "路名", "道路名称", "名称", "LXMC", "路线名称"),
    "road_number": ("RN", "ref", "路线编号", "LXBM", "路线编码"),
    "road_class": ("TYPE", "道路等级", "行政等级", "XZDJ", "道路类型", "DLLX", "类型", "highway", "fclass", "class", "DLDJ"),
    "class_code": ("GB", "国标码", "要素代码"),
    "grade": ("RTEG", "技术等级", "JSDJ", "公路等级"),
    "width_m": ("WIDTH", "路面宽度", "宽度", "LMKD", "路宽", "KD"),
    "surface": ("MATRL", "路面类型", "路面材料", "surface", "LMLX", "铺面"),
    "oneway": ("SDTF", "oneway", "单行", "是否单行", "通行方向"),
    "junction": ("junction",),
    "bridge": ("bridge", "是否桥梁", "桥梁", "QL"),
    "tunnel": ("tunnel", "是否隧道", "隧道"),
    "osm_layer": ("layer",),
    "closed": ("closed", "是否封闭", "封闭", "断头封闭"),
    "access": ("access",),
    "class_as_read": (),
}
"""Input column -> names it goes by."""

OSM_CLASSES = {
    "motorway": "expressway",
    "trunk": "national",
    "primary": "provincial",
    "secondary": "county",
    "tertiary": "township",
    "unclassified": "village",
    "road": "village",
    "residential": "street",
    "living_street": "street",
    "service": "street",
    "busway": "street",
    "track": "track",
    "path": "path",
    "footway": "path",
    "steps": "path",
    "bridleway": "path",
    "cycleway": "path",
    "pedestrian": "path",
}
"""OSM `highway` values; those with `_link` count as what they lead to."""

NO_ROADS = {
    "construction",
    "proposed",
    "raceway",
    "platform",
    "corridor",
    "rest_area",
    "services",
    "elevator",
    "razed",
    "abandoned",
    "bus_stop",
    "planned",
    "no",
    "escape",
}
"""OSM `highway` values on which nobody travels."""

CHINESE_CLASSES = (
    ("高速", "expressway"),
    ("国道", "national"),
    ("省道", "provincial"),
    ("县道|县级", "county"),
    ("乡道|镇道|乡级|乡镇道路", "township"),
    ("连接道|匝道", "township"),
    ("机耕|田间|大车路|生产路|农村道路|林区|农道", "track"),
    ("村道|村级|乡村路|专用公路|其[他它]公路|通村", "village"),
    ("主干路|次干路|支路|快速路|街|巷|城市道路|内部道路|城镇村道路", "street"),
    ("小路|人行|步道|步行|登山|小径", "path"),
)
"""Words in a class, tried in this order."""

CODE_CLASSES = {
    "4201": "national",
    "4202": "provincial",
    "4203": "county",
    "4204": "township",
    "4205": "village",
    "4206": "township",
    "4207": "village",
    "4208": "village",
    "4305": "street",
    "4301": "street",
    "4302": "street",
    "4303": "street",
    "4304": "street",
    "4401": "track",
    "4402": "village",
    "4403": "path",
}
"""First four digits of the feature code GB of national surveying data (GB/T 13923)."""

GRADE_CLASSES = {
    "高速": "expressway",
    "一级": "provincial",
    "二级": "county",
    "三级": "township",
    "四级": "village",
    "等外": "track",
}
"""Technical grade RTEG: only a stand-in where nothing says who runs the road."""

_ADMIN_CLASS = {"G": "national", "S": "provincial", "X": "county", "Y": "township", "C": "village"}
_NUMBERED = re.compile(r"([GSXYC])(\d{2,4})[A-Z\d]*")


def class_of(text: str) -> str | None:
    """Standard class for what a file calls a road, or None.

    Examples
    --------
    >>> [class_of(word) for word in ("国道", "secondary_link", "机耕路", "村道", "county", "?")]
    ['national', 'county', 'track', 'village', 'county', None]
    """
    word = text.casefold().removesuffix("_link")
    if word in ROAD_CLASSES:
        return word
    if word in OSM_CLASSES:
        return OSM_CLASSES[word]
    return next((name for pattern, name in CHINESE_CLASSES if re.search(pattern, text)), None)


def class_of_number(number: str) -> str | None:
    """Class that a road's number says: G344 national, S107 provincial, X203 county, Y017 township, C012 village; G30 expressway."""
    match = _NUMBERED.fullmatch(number.upper())
    if match is None:
        return None
    if match[1] in "GS" and len(match[2]) == 2:
        return "expressway"
    return _ADMIN_CLASS[match[1]]


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Roads with a class each, one LineString a row; what nobody travels on is left out."""
    frame, findings = _travelled(frame, context)
    classes, as_read = _classes(frame, context, findings)
    bridge = _bridges(frame, context)
    frame = frame.assign(
        road_class=classes,
        class_as_read=as_read,
        oneway=_directions(frame, classes, context),
        bridge=bridge,
        closed=_closed(frame, context),
        road_name=first_of(column(frame, "road_name"), column(frame, "road_number")),
    )
    frame, ids = with_ids(frame, "road_id", context.layer, sources=("object_id",), prefix="r", unique=False)
    return _single_lines(frame, context, [*findings, *ids])


def _travelled(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    none = translated(column(frame, "road_class"), lambda text: text if text.casefold() in NO_ROADS else None).notna()
    if not none.any():
        return frame, []
    words = ", ".join(sorted(frame.loc[none, "road_class"].unique()))
    found = Finding(
        "road_not_travelled", "info", context.layer, context.fields.get("road_class"), (), int(none.sum()), {"words": words}
    )
    return frame[~none].reset_index(drop=True), [found]


def _classes(frame: pd.DataFrame, context: Context, findings: list[Finding]) -> tuple[pd.Series, pd.Series]:
    """Class by its word, the feature code, the road's number or, last, its technical grade; the rest count as village roads."""
    word, code, grade = (column(frame, name) for name in ("road_class", "class_code", "grade"))
    by_grade = translated(grade, lambda text: next((name for key, name in GRADE_CLASSES.items() if key in text), None))
    by_number = translated(column(frame, "road_number"), class_of_number)
    classes = first_of(translated(word, class_of), translated(code.str.slice(0, 4), CODE_CLASSES), by_number, by_grade)
    classes = classes.where(~by_grade.eq("expressway"), "expressway")
    as_read = first_of(word, code, grade)
    unknown = classes.isna()
    if unknown.any():
        ids = first_of(column(frame, "road_id"), column(frame, "object_id"))
        words = ", ".join(str(text) for text in as_read[unknown].astype(object).fillna("∅").value_counts().head(10).index)
        field = context.fields.get("road_class")
        findings.append(
            Finding(
                "road_class_unknown", "warning", context.layer, field, rows_of(ids, unknown), int(unknown.sum()), {"words": words}
            )
        )
    return classes.where(~unknown, "village"), as_read


def _directions(frame: pd.DataFrame, classes: pd.Series, context: Context) -> pd.Series:
    table = {
        "yes": "forward",
        "true": "forward",
        "1": "forward",
        "forward": "forward",
        "单向": "forward",
        "单行": "forward",
        "是": "forward",
        "-1": "backward",
        "reverse": "backward",
        "backward": "backward",
        "no": "no",
        "false": "no",
        "0": "no",
        "双向": "no",
        "否": "no",
    }
    out = translated(column(frame, "oneway"), lambda text: table.get(text.casefold()))
    if context.is_osm:
        implied = column(frame, "junction").isin(["roundabout", "circular"]) | classes.eq("expressway")
        out = first_of(out, pd.Series(np.where(implied, "forward", "no"), index=frame.index))
    return out


def _bridges(frame: pd.DataFrame, context: Context) -> pd.Series:
    said = pd.concat([column(frame, name) for name in ("bridge", "tunnel")], axis=1)
    no = {"no", "0", "否", "false", "无"}
    yes = said.apply(lambda values: translated(values, lambda text: None if text.casefold() in no else text).notna()).any(axis=1)
    if context.is_osm:
        # what runs above or below the ground meets nothing on it, tagged as a bridge or not
        yes |= pd.to_numeric(column(frame, "osm_layer"), errors="coerce").fillna(0).ne(0)
    known = pd.Series(context.is_osm, index=frame.index) | said.notna().any(axis=1)
    return yes.astype("boolean").where(known)


def _closed(frame: pd.DataFrame, context: Context) -> pd.Series:
    stated = (
        frame["closed"]
        if "closed" in frame.columns
        else pd.Series(missing(len(frame), "boolean"), index=frame.index)
    )
    barred = column(frame, "access").eq("no")
    stated = stated.mask(barred, True)
    return stated.fillna(False) if context.is_osm else stated


def _single_lines(frame: gpd.GeoDataFrame, context: Context, findings: list[Finding]) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Every part a row of its own; the parts of a road, and rows that share an id, are told apart by ``-2``, ``-3``."""
    several = shapely.get_num_geometries(frame.geometry.array) > 1
    if several.any():
        rows = rows_of(frame["road_id"], several)
        findings.append(Finding("road_parts", "info", context.layer, None, rows, int(several.sum())))
    if (shapely.get_type_id(frame.geometry.array) == 5).any():
        frame = frame.explode(index_parts=False, ignore_index=True)
    ids = frame["road_id"]
    if ids.is_unique:
        return frame, findings
    nth = ids.groupby(ids).cumcount()
    return frame.assign(road_id=ids.where(nth == 0, ids + "-" + (nth + 1).astype("str"))), findings


ROLE = Role(
    "roads",
    FIELDS,
    "line",
    finish,
    kinds={
        "object_id": "code",
        "road_number": "code",
        "road_class": "text",
        "class_code": "code",
        "grade": "text",
        "oneway": "text",
        "junction": "text",
        "bridge": "text",
        "tunnel": "text",
        "osm_layer": "text",
        "access": "text",
    },
    layer_names=("roads", "道路", "公路", "LRDL", "road", "lines"),
    osm=OsmQuery(
        ("lines",),
        {"highway": ()},
        ("name", "ref", "oneway", "bridge", "tunnel", "layer", "surface", "width", "access", "junction"),
    ),
)
