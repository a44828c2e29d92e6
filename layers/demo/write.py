"""The demo county as files, in the mix of formats that a real one arrives in, and the county.toml that names them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from affine import Affine

from layers.demo.facilities import to_lonlat
from layers.demo.recipe import Recipe

PARCEL_FIELDS = (
    "BSM",
    "ZDDM",
    "DLBM",
    "DLMC",
    "QSXZ",
    "QSDWDM",
    "QSDWMC",
    "ZLDWDM",
    "ZLDWMC",
    "TBMJ",
    "ZDMJ",
    "MJDW",
    "YT",
    "QLLX",
    "QLXZ",
    "QLRLX",
    "BDCQZH",
    "QSDCJS",
    "ZT",
)
BUILDING_FIELDS = ("BSM", "ZDDM", "JZWMC", "ZZDMJ", "SCJZMJ", "ZCS", "FWJG", "GHYT", "SYZT")
RESTRICTION_LAYERS = {
    "basic_farmland": "YJJBNTTB",
    "ecological_redline": "STBHHX",
    "floodway": "HLFXKZX",
    "hazard": "地质灾害隐患范围",
    "water": "河流水面",
    "power_line": "电力线路保护区",
    "highway_control": "公路建筑控制区",
}


def write_layer(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """Write one layer of a GeoPackage, empty texts as missing; coordinates to a tenth of a millimetre are kept as they are."""
    texts = [name for name in frame.columns if name != "geometry" and not pd.api.types.is_numeric_dtype(frame[name])]
    clean = frame.assign(**{name: frame[name].astype(object).where(frame[name].ne(""), None) for name in texts})
    types = shapely.get_type_id(clean.geometry.values)
    if (types == 6).any():
        kind = "MultiPolygon"
        clean = clean.set_geometry(
            [shapely.multipolygons([g]) if t == 3 else g for g, t in zip(clean.geometry.values, types, strict=True)], crs=frame.crs
        )
    else:
        kind = "Polygon" if (types == 3).all() else "LineString" if (types == 1).all() else "Point"
    pyogrio.write_dataframe(clean, path, layer=layer, driver="GPKG", geometry_type=kind, append=path.exists(), use_arrow=True)


def write_roads(recipe: Recipe, roads: gpd.GeoDataFrame, path: Path) -> None:
    """Roads as offices send them: a zipped shapefile in GBK that does not say so."""
    facts = recipe.roads
    frame = gpd.GeoDataFrame(
        {
            "BSM": [f"{recipe.code}5{i + 1:011d}" for i in range(len(roads))],
            "路名": roads["name"],
            "道路等级": roads["road_class"].map(lambda name: facts[name]["label"]),
            "宽度": roads["road_class"].map(lambda name: facts[name]["width_m"]),
            "路面类型": roads["road_class"].map(lambda name: facts[name]["surface"]),
            "桥梁": np.where(roads["bridge"], "是", "否"),
        },
        geometry=roads.geometry,
        crs=roads.crs,
    )
    stem = path.with_suffix("")
    pyogrio.write_dataframe(frame, stem.with_suffix(".shp"), driver="ESRI Shapefile", encoding="GBK")
    stem.with_suffix(".cpg").unlink(missing_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            part = stem.with_suffix(suffix)
            archive.writestr(zipfile.ZipInfo(part.name, (2024, 6, 1, 0, 0, 0)), part.read_bytes(), zipfile.ZIP_DEFLATED)
            part.unlink()


def write_raster(values: np.ndarray, transform: Affine, recipe: Recipe, path: Path, *, nodata: float) -> None:
    """One float32 band as a compressed GeoTIFF."""
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "nodata": nodata,
    }
    options = {
        "compress": "deflate",
        "zlevel": 1,
        "predictor": 3,
        "tiled": True,
        "crs": recipe.crs.to_wkt(),
        "transform": transform,
    }
    with rasterio.open(path, "w", **profile, **options) as file:
        file.write(values.astype(np.float32), 1)


def write_points(recipe: Recipe, facilities: pd.DataFrame, venues: pd.DataFrame, villages: gpd.GeoDataFrame, folder: Path) -> None:
    """Facilities as CSV and venues as a workbook, both with longitude and latitude."""
    lon, lat = to_lonlat(recipe, facilities["x"].to_numpy(), facilities["y"].to_numpy())
    table = pd.DataFrame({"名称": facilities["name"], "类别": facilities["label"], "经度": lon, "纬度": lat})
    table.to_csv(folder / "设施.csv", index=False, encoding="utf-8-sig", float_format="%.7f")
    lon, lat = to_lonlat(recipe, venues["x"].to_numpy(), venues["y"].to_numpy())
    home = villages.iloc[venues["village"].to_numpy()]
    sheet = pd.DataFrame(
        {
            "编号": [f"CS{i + 1:03d}" for i in range(len(venues))],
            "名称": venues["name"],
            "乡镇": home["township_name"].to_numpy(),
            "行政村": home["village_name"].to_numpy(),
            "行政村代码": home["village_code"].to_numpy(),
            "建筑面积": venues["floor_area_m2"],
            "院落面积": venues["courtyard_m2"],
            "经度": lon,
            "纬度": lat,
        }
    )
    sheet.to_excel(folder / "活动场所台账.xlsx", index=False, sheet_name="活动场所", engine="xlsxwriter")


def write_toml(recipe: Recipe, folder: Path, restrictions: Mapping[str, gpd.GeoDataFrame]) -> Path:
    """county.toml: what each file is; recognition does the rest."""
    sources = {
        "villages": "行政区.gpkg|行政村",
        "townships": "行政区.gpkg|乡镇",
        "settlements": "行政区.gpkg|自然村",
        "parcels": "parcels.gpkg|宗地",
        "ownership": "国土.gpkg|集体土地所有权",
        "buildings": "国土.gpkg|自然幢",
        "venues": "活动场所台账.xlsx",
        "roads": "道路.zip",
        "facilities": "设施.csv",
        "population": "population.tif",
        "terrain": "dem.tif",
    }
    lines = ["[county]", f'name = "{recipe.name}"', f'code = "{recipe.code}"', ""]
    for role, source in sources.items():
        lines += [
            f"[layers.{role}]",
            f'source = "{source}"',
            *(['x = "经度"', 'y = "纬度"', 'crs = "EPSG:4490"'] if role in ("venues", "facilities") else []),
            "",
        ]
    for kind in restrictions:
        lines += [f"[layers.restrictions.{kind}]", f'source = "国土.gpkg|{RESTRICTION_LAYERS[kind]}"', f'kind = "{kind}"', ""]
    lines += ["[candidates]", 'buildings = "idle"', ""]
    path = folder / "county.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
