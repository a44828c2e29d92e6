"""Public facilities: kindergartens, schools, clinics, shops, stops and the like, each in one category."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.findings import Finding
from layers.role import Context, OsmQuery, Role
from layers.rows import column, first_of, translated, with_ids
from layers.schema import FACILITY_CATEGORIES

TABLE = Path(__file__).resolve().parent.parent / "data" / "facilities.toml"

OSM_KEYS = (
    "amenity",
    "shop",
    "highway",
    "leisure",
    "public_transport",
    "place",
    "social_facility",
    "social_facility:for",
    "isced:level",
    "healthcare",
)

FIELDS = {
    "facility_id": ("设施编号",),
    "object_id": ("osm_id", "id", "BSM", "OBJECTID", "uid"),
    "facility_name": ("name", "名称", "设施名称", "NAME", "MC", "POI名称"),
    "category": ("类别", "设施类别", "类型", "类别名称", "大类", "category", "type", "kind", "LB", "LX"),
    "typecode": ("typecode", "类型编码", "POI编码", "gaode_type"),
    "category_as_read": (),
    **{key: () for key in OSM_KEYS},
}
"""Input column -> names it goes by."""


@cache
def categories() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Category -> its OSM tags, AMap codes and words, from ``data/facilities.toml``.

    Raises
    ------
    ValueError
        If the file names a category that the schema does not have.
    """
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    unknown = set(table) - set(FACILITY_CATEGORIES)
    if unknown:
        raise ValueError(f"{TABLE.name}: no such facility category: {', '.join(sorted(unknown))}")
    return {name: {key: tuple(entry.get(key, ())) for key in ("osm", "amap", "words")} for name, entry in table.items()}


def category_of_words(text: str) -> str | None:
    """Category that a Chinese or English category or name says, or None.

    Examples
    --------
    >>> category_of_words("城关镇中心小学"), category_of_words("村卫生室"), category_of_words("加油站")
    ('primary_school', 'clinic', None)
    """
    word = text.casefold()
    if word in FACILITY_CATEGORIES:
        return word
    return next((name for name, entry in categories().items() if any(key in word for key in entry["words"])), None)


def category_of_typecode(text: str) -> str | None:
    """Category of AMap typecodes (``060400`` or ``141203|141204``), the longest code that covers one.

    Examples
    --------
    >>> category_of_typecode("060414"), category_of_typecode("130106"), category_of_typecode("050000|150700")
    ('shop', None, 'bus_stop')
    """
    for code in text.replace(";", "|").split("|"):
        covering = [
            (len(stem), name)
            for name, entry in categories().items()
            for amap in entry["amap"]
            if code.strip().startswith(stem := _stem(amap))
        ]
        if covering:
            return max(covering)[1]
    return None


def _stem(code: str) -> str:
    while code.endswith("00") and len(code) > 2:
        code = code[:-2]
    return code


def category_of_tags(tags: Mapping[str, str]) -> str | None:
    """Category of OSM tags; a tag pair that asks for more tags is tried first."""
    best, most = None, 0
    for name, entry in categories().items():
        for rule in entry["osm"]:
            pairs = [pair.split("=", 1) for pair in rule.split("+")]
            if len(pairs) > most and all(tags.get(key) == value for key, value in pairs):
                best, most = name, len(pairs)
    return best


def finish(frame: gpd.GeoDataFrame, context: Context) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Facilities in one of the standard categories; what fits none is left out and counted by what it was called.

    A category comes from `values` in county.toml, OSM tags, the AMap typecode, words in the category, and last words in the name. A
    school whose tags do not say its level is a middle school if its name says so.
    """
    tags = _tags(frame)
    steps = (
        (column(frame, "category"), lambda text: text if text in FACILITY_CATEGORIES else None),
        (tags, lambda text: category_of_tags(dict(pair.split("=", 1) for pair in text.split("\t")))),
        (column(frame, "typecode"), category_of_typecode),
        (column(frame, "category"), category_of_words),
    )
    found = first_of(*(translated(values, rule) for values, rule in steps))
    names = column(frame, "facility_name")
    by_name = translated(names, category_of_words)
    found = found.where(found.notna() | ~_vague(frame), by_name)
    found = found.where(~(found.eq("primary_school") & by_name.eq("middle_school")), "middle_school")
    as_read = first_of(column(frame, "category"), tags.str.replace("\t", " "), column(frame, "typecode"))
    left = found.isna()
    findings = []
    if left.any():
        counts = as_read[left].astype(object).fillna("∅").value_counts()
        words = ", ".join(f"{word} {number}" for word, number in counts.head(15).items())
        field = context.fields.get("category") or context.fields.get("typecode")
        findings.append(Finding("facility_category_unknown", "info", context.layer, field, (), int(left.sum()), {"words": words}))
    frame = frame.assign(category=found, category_as_read=as_read)[~left].reset_index(drop=True)
    frame, ids = with_ids(frame, "facility_id", context.layer, sources=("object_id",), prefix="f")
    return frame, [*findings, *ids]


def _vague(frame: pd.DataFrame) -> pd.Series:
    """Rows that no tag or typecode describes: their names may say it. A restaurant called a school stays a restaurant."""
    return column(frame, "amenity").isna() & column(frame, "shop").isna() & column(frame, "typecode").isna()


def _tags(frame: pd.DataFrame) -> pd.Series:
    """OSM tags of each row as one text ``key=value`` by tab, so that equal ones are looked up once; missing where none."""
    keys = [key for key in OSM_KEYS if key in frame.columns]
    if not keys:
        return pd.Series(np.nan, index=frame.index, dtype="str")
    texts = [
        "\t".join(f"{key}={value}" for key, value in zip(keys, row, strict=True) if isinstance(value, str)) or np.nan
        for row in frame[keys].itertuples(index=False, name=None)
    ]
    return pd.Series(texts, index=frame.index, dtype="str")


ROLE = Role(
    "facilities",
    FIELDS,
    "point",
    finish,
    kinds={"object_id": "code", "typecode": "code", "category": "text", **dict.fromkeys(OSM_KEYS, "text")},
    layer_names=("facilities", "设施", "公共设施", "POI", "points"),
    osm=OsmQuery(
        ("points", "multipolygons"),
        {
            "amenity": (),
            "shop": (),
            "highway": ("bus_stop",),
            "leisure": (),
            "public_transport": (),
            "place": ("square",),
            "healthcare": (),
        },
        ("name", "social_facility", "social_facility:for", "isced:level"),
    ),
)
