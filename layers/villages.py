"""Administrative villages 行政村: limits, points or a bare list; a list joined to limits by code, then by name."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.fields import fold, rows_of
from layers.findings import Finding
from layers.likeness import proposals
from layers.names import plain_village_name
from layers.role import Context, OsmQuery, Role
from layers.rows import column, first_of, like, number, translated, with_ids
from layers.units import UNITS

FIELDS = {
    "village_code": (
        "CUNDM",
        "XZCDM",
        "行政村代码",
        "村代码",
        "村级代码",
        "统计用区划代码",
        "区划代码",
        "行政区划代码",
        "ZLDWDM",
        "坐落单位代码",
        "XZQDM",
        "村编码",
        "行政村编码",
        "code",
        "代码",
        "编码",
        "osm_id",
    ),
    "village_name": (
        "CUNMC",
        "XZCMC",
        "行政村名称",
        "行政村",
        "村名称",
        "村名",
        "ZLDWMC",
        "坐落单位名称",
        "XZQMC",
        "村(居)名称",
        "村(社区)",
        "村",
        "name",
        "名称",
    ),
    "township_code": ("XZDM", "XIANGDM", "乡镇代码", "镇代码", "streetCode", "街镇代码"),
    "township_name": (
        "XZMC",
        "XIANGMC",
        "乡镇名称",
        "乡镇",
        "所属乡镇",
        "镇名",
        "乡(镇)",
        "乡镇(街道)",
        "街道乡镇",
        "town",
        "镇",
        "is_in",
    ),
    "population": ("RK", "RKS", "人口", "人口数", "总人口", "总人口数", "常住人口", "户籍人口", "人数", "RKSL", "pop"),
    "households": ("HS", "户数", "总户数", "户籍户数", "常住户数", "农户数"),
    "urban_rural": ("CXFLDM", "城乡分类代码", "城乡分类", "vtype"),
    "collective_income_yuan": (
        "村集体经济收入", "村集体收入", "集体经济收入", "村级集体经济收入", "集体经济年收入", "村集体经济年收入", "集体收入",
        "村集体经济收入(元)", "村集体收入(元)", "集体经济收入(元)", "JTJJSR",
    ),
    "collective_income_wan_yuan": (
        "村集体经济收入(万元)", "村集体收入(万元)", "集体经济收入(万元)", "村级集体经济收入(万元)", "集体经济年收入(万元)",
        "村集体经济收入万元", "集体经济收入万元",
    ),
    "village_class": ("村级分类", "村类别", "村分类", "党组织分类", "村级组织分类", "党组织类别", "班子类别"),
}
"""Input column -> names it goes by."""


CLASS_WORDS = {
    "advanced": ("先进", "先进村", "一类", "一类村", "好", "强", "1"),
    "middle": ("中间", "中间村", "一般", "一般村", "二类", "二类村", "较好", "2"),
    "lagging": ("后进", "后进村", "软弱涣散", "软弱涣散村", "三类", "三类村", "差", "弱", "3"),
}
"""How townships write a village's class (`layers.schema.VILLAGE_CLASSES`)."""

_CLASS_OF = {word: name for name, words in CLASS_WORDS.items() for word in (name, *words)}
_WAN_BELOW = 1000.0
"""A year's income whose unit nobody wrote is in 万元 where half of the villages have less than this: 1,000 yuan feed no village."""


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Villages, one row each: codes of 12 digits, township codes from them, limits in several parts made one."""
    codes = column(frame, "village_code")
    padded = like(codes, r"\d{19}")
    frame = frame.assign(village_code=codes.where(~padded, codes.str.slice(0, 12)))
    findings: list[Finding] = []
    made = frame["village_code"].isna()
    if made.any():
        names = column(frame, "village_name")
        findings.append(Finding("village_code_made", "info", context.layer, "village_code", rows_of(names, made), int(made.sum())))
    if context.is_osm:
        frame, doubled = _places(frame, context)
        findings += doubled
    frame, more = _one_row_each(frame, context)
    frame, ids = with_ids(frame, "village_code", context.layer, prefix="v")
    frame, stated = _stated(frame, context)
    findings += stated
    from_code = frame["village_code"].where(like(frame["village_code"], r"\d{12}")).str.slice(0, 9)
    return frame.assign(township_code=first_of(column(frame, "township_code"), from_code)), [*findings, *more, *ids]


def _stated(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """What the county says of a village besides its people: the collective's income in yuan, and its class."""
    findings: list[Finding] = []
    income = number(frame, "collective_income_yuan")
    field = context.fields.get("collective_income_yuan", "")
    unwritten = fold(field).endswith("收入") and "collective_income_yuan" not in context.units
    if unwritten and income[income > 0].median() < _WAN_BELOW:
        income = income * UNITS["wan_yuan"]
        findings.append(Finding("income_unit_inferred", "warning", context.layer, field, count=int(income.notna().sum())))
    income = income.fillna(number(frame, "collective_income_wan_yuan") * UNITS["wan_yuan"])
    said = column(frame, "village_class")
    known = translated(said, _CLASS_OF)
    strange = said.notna() & known.isna()
    if strange.any():
        examples = ", ".join(said[strange].unique()[:3])
        rows = rows_of(column(frame, "village_name"), strange)
        findings.append(Finding("village_class_unread", "warning", context.layer, context.fields.get("village_class"), rows,
                                int(strange.sum()), {"examples": examples}))
    return frame.assign(collective_income_yuan=income, village_class=known), findings


def _places(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """OSM places as points: the outline of one is no village limit, and one around a point of its name repeats it."""
    outline = (shapely.get_dimensions(frame.geometry.array) == 2) & like(frame["village_code"], r"[wr]\d+").to_numpy()
    if not outline.any():
        return frame, []
    names = column(frame, "village_name").map(plain_village_name)
    points = np.flatnonzero(~outline)
    tree = shapely.STRtree(frame.geometry.array[points])
    areas, inside = tree.query(frame.geometry.array[outline], predicate="contains")
    rows = np.flatnonzero(outline)
    same = [names.iloc[rows[area]] == names.iloc[points[point]] != "" for area, point in zip(areas, inside, strict=True)]
    repeats = np.zeros(len(frame), dtype=bool)
    repeats[rows[areas[np.array(same, dtype=bool)]]] = True
    shapes = np.array(frame.geometry.array, dtype=object)
    shapes[outline] = shapely.point_on_surface(shapes[outline])
    frame = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    findings = []
    if repeats.any():
        ids = frame["village_code"]
        findings.append(
            Finding("village_repeated", "info", context.layer, "village_code", rows_of(ids, repeats), int(repeats.sum()))
        )
    return frame[~repeats].reset_index(drop=True), findings


def _one_row_each(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Rows of one village (the same code and name) made one: its limits may come in several parts, and lists repeat lines."""
    code, name = column(frame, "village_code"), column(frame, "village_name")
    key = code + "|" + translated(name, plain_village_name).astype(object).fillna("").astype("str")
    again = key.notna() & key.duplicated()
    if not again.any():
        return frame, []
    shapes = np.array(frame.geometry.array, dtype=object)
    for value in key[again].unique():
        rows = np.flatnonzero((key == value).to_numpy())
        parts = [shapes[row] for row in rows if shapes[row] is not None]
        areas = [part for part in parts if shapely.get_dimensions(part) == 2]
        shapes[rows[0]] = shapely.union_all(areas) if areas else parts[0] if parts else None
    found = Finding("village_repeated", "info", context.layer, "village_code", rows_of(code, again), int(again.sum()))
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))[~again].reset_index(drop=True), [found]


def join_list(listed: pd.DataFrame, limits: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The village list with the limits of a map: joined by code, then by name where one village of each side bears it.

    Parameters
    ----------
    listed, limits : frames
        Both finished by this role. The list says which villages there are and goes before the map in every column.

    Returns
    -------
    GeoDataFrame, list of Finding
        The rows of the list in their order, then those of the map that are in no list; leftovers on either side are findings.
    """
    code_at = {code: row for row, code in enumerate(limits["village_code"])}
    match = np.array([code_at.get(code, -1) for code in listed["village_code"]], dtype="int64")
    by_code = match >= 0
    left_rows = np.flatnonzero(match < 0)
    free = [row for row in range(len(limits)) if row not in set(match[by_code])]
    match[left_rows] = _by_name(listed.iloc[left_rows], limits.iloc[free], free)
    by_name = (match >= 0) & ~by_code
    geometry = np.full(len(listed), None, dtype=object)
    geometry[match >= 0] = limits.geometry.array[match[match >= 0]]
    joined = gpd.GeoDataFrame(listed.drop(columns="geometry", errors="ignore"), geometry=geometry, crs=limits.crs)
    for name in ("township_code", "township_name", "population", "households", "urban_rural", "collective_income_yuan",
                 "village_class"):
        if name in limits.columns:
            other = pd.Series(limits[name].array.take(np.where(match >= 0, match, -1), allow_fill=True), index=joined.index)
            joined[name] = joined[name].where(joined[name].notna(), other) if name in joined.columns else other
    rest = limits.iloc[sorted(set(range(len(limits))) - set(match[match >= 0]))]
    alone = listed[match < 0]
    alike = proposals(*_names_of(alone), *_names_of(rest))
    findings = []
    for code, mask, ids in (
        ("villages_joined_by_name", by_name, column(listed, "village_name")),
        ("villages_not_on_map", match < 0, column(listed, "village_name")),
        ("villages_not_in_list", np.ones(len(rest), dtype=bool), column(rest, "village_name")),
    ):
        if mask.any():
            severity = "info" if code == "villages_joined_by_name" else "warning"
            params = {"names": ", ".join(str(value) for value in ids[mask].head(20))}
            findings.append(Finding(code, severity, "villages", "village_name", rows_of(ids, mask), int(mask.sum()), params))
    if alike:
        params = {"names": ", ".join(alike[:20])}
        findings.append(Finding("villages_alike", "warning", "villages", "village_name", (), len(alike), params))
    whole = pd.concat([joined, rest], ignore_index=True) if len(rest) else joined
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=limits.crs), findings


def _names_of(frame: pd.DataFrame) -> tuple[list, list]:
    return column(frame, "village_name").tolist(), column(frame, "township_name").tolist()


def _by_name(listed: pd.DataFrame, limits: pd.DataFrame, rows: list[int]) -> list[int]:
    """Row of the limits for each listed village: the same plain name and township, else a name that is alone on both sides."""
    names, other = (column(frame, "village_name").map(plain_village_name) for frame in (listed, limits))
    towns, other_towns = (column(frame, "township_name").astype(object).fillna("") for frame in (listed, limits))
    both = pd.Series(list(zip(other, other_towns, strict=True)))
    in_town = {key: rows[at] for at, key in enumerate(both) if key[0] and key[1] and (both == key).sum() == 1}
    counts, other_counts = names.value_counts(), other.value_counts()
    alone = {name: rows[at] for at, name in enumerate(other) if name and other_counts[name] == 1}
    out, used = [], set()
    for name, town in zip(names, towns, strict=True):
        row = in_town.get((name, town), alone.get(name, -1) if name and counts[name] == 1 else -1)
        row = -1 if row in used else row
        used.add(row)
        out.append(row)
    return out


ROLE = Role(
    "villages",
    FIELDS,
    "any",
    finish,
    kinds={"collective_income_wan_yuan": "number"},
    layer_names=("villages", "行政村", "村界", "CJDCQ", "村级调查区", "XZC", "boundary"),
    osm=OsmQuery(("points", "multipolygons"), {"place": ("city", "town", "village", "hamlet")}, ("name", "population", "is_in")),
)
