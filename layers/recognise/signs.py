"""What speaks for a role besides its own names: words in the name of a file or layer, and the fields that only it has.

Points: a name of the role's own 40, a word of it 30, each field as given here (60 at the most), values that fit 25. From
`ENOUGH` points on a role is proposed; two proposals within `CLOSE` points of each other are a tie, which a person settles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ENOUGH = 30
CLOSE = 10
NAME_POINTS, WORD_POINTS, VALUE_POINTS, FIELD_LIMIT = 40, 30, 25, 60


@dataclass(frozen=True)
class Signs:
    """Words (folded) in names, points by input column, and the shapes the role can have (polygon, line, point, none)."""

    words: tuple[str, ...]
    columns: Mapping[str, int]
    shapes: tuple[str, ...]
    several: bool = False
    """Whether a county may have several sources of it."""


SIGNS: Mapping[str, Signs] = {
    "parcels": Signs(
        ("宗地", "zdjbxx", "syqzd", "地类图斑", "dltb", "parcel", "图斑", "不动产单元"),
        {"survey_class": 20, "plan_class": 12, "survey_area_m2": 15, "owner_nature": 12, "parcel_code": 18, "right_type": 12,
         "right_nature": 10, "title_number": 8, "use_class": 8, "declared_area_m2": 10, "owner_code": 6, "feature_code": 8},
        ("polygon",),
    ),
    "ownership": Signs(
        ("所有权", "syq", "jttd", "ownership", "ja"),
        {"parcel_code": 10, "owner_nature": 8, "owner_code": 8, "owner_name": 8},
        ("polygon",),
    ),
    "buildings": Signs(
        ("自然幢", "zrz", "房屋", "建筑", "building", "fw", "农房"),
        {"building_id": 25, "floors": 15, "structure": 15, "surveyed_area_m2": 12, "ground_area_m2": 10, "floor_area_m2": 6,
         "idle": 8},
        ("polygon",),
    ),
    "villages": Signs(
        ("行政村", "村界", "cjdcq", "村级调查区", "xzc", "village", "村名", "村庄名单", "boundary"),
        {"village_code": 15, "village_name": 12, "urban_rural": 12, "township_code": 8, "township_name": 8, "population": 4},
        ("polygon", "point", "none"),
    ),
    "townships": Signs(
        ("乡镇", "xzq", "街道", "township"),
        {"township_code": 15, "township_name": 12},
        ("polygon",),
    ),
    "settlements": Signs(
        ("自然村", "居民点", "zrc", "settlement", "聚落", "村民小组", "hamlet"),
        {"settlement_id": 25, "settlement_name": 8, "population": 8, "households": 8},
        ("point", "polygon"),
    ),
    "venues": Signs(
        ("活动场所", "服务中心", "党群", "村部", "venue", "场所"),
        {"venue_id": 15, "courtyard_m2": 20, "floor_area_m2": 15, "planned": 10},
        ("point", "polygon", "none"),
    ),
    "roads": Signs(
        ("道路", "公路", "lrdl", "road", "街巷", "highway"),
        {"grade": 15, "road_class": 12, "surface": 12, "width_m": 10, "road_number": 8, "oneway": 10, "bridge": 8},
        ("line",),
    ),
    "facilities": Signs(
        ("设施", "poi", "facilit", "学校", "卫生", "幼儿园", "health", "school", "兴趣点", "amenit"),
        {"typecode": 25, "category": 10, "amenity": 15, "shop": 12, "healthcare": 12, "isced:level": 12, "facility_id": 15},
        ("point", "polygon"),
        several=True,
    ),
    "population": Signs(("人口", "population", "worldpop", "ppp", "pop"), {"people": 15}, ("point",)),
    "terrain": Signs(("dem", "高程", "srtm", "terrain", "hgt", "elevation", "地形"), {}, (), several=True),
    "restrictions": Signs((), {}, ("polygon", "line"), several=True),
}
"""Role -> its signs. Restrictions are known by the words of their kinds (`layers.restrictions.KIND_BY_NAME`)."""

ABBREVIATIONS = {"ja", "fw", "xzq", "syq", "zrc", "xzc", "dem", "poi", "pop", "ppp"}
"""Words that count only where they stand alone in a name: ``JA_2023`` but not ``Java``."""
