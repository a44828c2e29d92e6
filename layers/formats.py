"""Which formats can be read, which cannot and what to do then, and which fields are never read."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath

RASTERS = (".tif", ".tiff", ".hgt", ".img", ".asc", ".vrt")
TABLES = (".csv", ".txt", ".xlsx", ".xlsm", ".xls")
OSM_EXTRACTS = (".pbf", ".osm")
VECTORS = (
    ".shp",
    ".gdb",
    ".gpkg",
    ".geojson",
    ".json",
    ".fgb",
    ".kml",
    ".gml",
    ".tab",
    ".mif",
    ".sqlite",
    ".dxf",
    ".parquet",
    ".geoparquet",
    ".graphml",
)
READABLE = (*RASTERS, *TABLES, *OSM_EXTRACTS, *VECTORS, ".zip")

_REFUSED = {
    ".mdb": "format_mdb",
    ".accdb": "format_mdb",
    ".vct": "format_vct",
    ".dwg": "format_dwg",
    ".wt": "format_mapgis",
    ".wl": "format_mapgis",
    ".wp": "format_mapgis",
}

_PRIVATE = frozenset(
    name.casefold()
    for name in (
        "ZJH",
        "ZJHM",
        "ZJZL",
        "QLR",
        "QLRMC",
        "QLRXM",
        "QLRZJH",
        "SFZ",
        "SFZH",
        "SFZHM",
        "SFZJH",
        "DH",
        "DHHM",
        "LXDH",
        "LXFS",
        "SJH",
        "SJHM",
        "LXR",
        "HZXM",
        "HZMC",
        "FRXM",
        "FDDBR",
        "DLR",
        "DLRXM",
        "TXDZ",
        "权利人",
        "权利人名称",
        "权利人姓名",
        "证件号",
        "证件号码",
        "身份证",
        "身份证号",
        "身份证号码",
        "公民身份号码",
        "电话",
        "电话号码",
        "联系电话",
        "联系方式",
        "手机",
        "手机号",
        "手机号码",
        "姓名",
        "户主",
        "户主姓名",
        "联系人",
        "法定代表人",
        "代理人",
        "通讯地址",
    )
)
"""Fields that name a person or lead to one. They are never read, whatever county.toml says."""


def out_of_reach(path: str) -> str | None:
    """Code of the finding that says why a format cannot be read and what to do; None for one that can.

    Examples
    --------
    >>> out_of_reach("宗地.mdb"), out_of_reach("parcels.shp")
    ('format_mdb', None)
    """
    suffix = PurePath(path).suffix.casefold()
    if suffix in _REFUSED:
        return _REFUSED[suffix]
    return "format_unknown" if suffix and suffix not in READABLE and not path.endswith(("/", "\\")) else None


def split_source(source: str) -> tuple[str, str | None]:
    """File and layer of a source written as ``file.gpkg|layer``.

    Examples
    --------
    >>> split_source("国土.gpkg|宗地"), split_source("a.shp")
    (('国土.gpkg', '宗地'), ('a.shp', None))
    """
    file, bar, layer = source.partition("|")
    return (file.strip(), layer.strip()) if bar else (source, None)


def is_private(field: object) -> bool:
    """Whether a field names a person (holder, identity number, telephone).

    Examples
    --------
    >>> is_private("qlrmc"), is_private("QLLX")
    (True, False)
    """
    return unicodedata.normalize("NFKC", str(field)).strip().casefold() in _PRIVATE
