"""Recognition: roles from names, fields, values and shapes; ties are left to the person; the county.toml it writes opens."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from layers.open import open_county
from layers.recognise import inventory, recognise, to_toml, write_county
from layers.recognise.choose import LIST

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "realdata"
CRS = 4547
LEFT, BOTTOM = 500_000, 3_800_000


def squares(count, side=100.0):
    return [shapely.box(LEFT + i * side, BOTTOM, LEFT + (i + 1) * side, BOTTOM + side) for i in range(count)]


def frame(columns, shapes):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def survey(count=6):
    """Land-survey polygons under a name that says nothing."""
    return frame({"BSM": [str(i) for i in range(count)], "DLBM": ["0702"] * count, "QSXZ": ["30"] * count,
                  "QSDWDM": ["6103231000010000000"] * count, "ZLDWDM": ["6103231000010000000"] * count, "ZLDWMC": ["甲村"] * count,
                  "TBMJ": [10_000.0] * count}, squares(count))


def villages(count=3):
    codes = [f"61032310000{i + 1}" for i in range(count)]
    return frame({"ZLDWDM": [f"{code}0000000" for code in codes], "ZLDWMC": [f"{sign}村" for sign in "甲乙丙"[:count]],
                  "DCMJ": [1.0] * count}, squares(count, 200))


def roads():
    return frame({"RN": ["G1", "S2"], "RTEG": ["二级", "三级"], "WIDTH": [9.0, 7.0]},
                 [shapely.LineString([(LEFT, BOTTOM), (LEFT + 500, BOTTOM)]),
                  shapely.LineString([(LEFT, BOTTOM), (LEFT, BOTTOM + 500)])])


def raster(path, values):
    with rasterio.open(path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype="float32",
                       crs=f"EPSG:{CRS}", transform=from_origin(LEFT, BOTTOM + 1000, 30, 30), nodata=-9999) as file:
        file.write(values.astype("float32"), 1)


@pytest.fixture
def folder(tmp_path):
    """A folder as it comes: names in pinyin, Chinese and none at all, one zip, tables, rasters, things of no use."""
    survey().to_file(tmp_path / "A01.shp", encoding="GBK")
    for name, layer in (("CJDCQ", villages()), ("STBHHX", frame({"HXMC": ["a"]}, squares(1)))):
        layer.to_file(tmp_path / "规划.gpkg", layer=name)
    roads().to_file(tmp_path / "lines_2023.geojson")
    (tmp_path / "zipped").mkdir()
    ownership = frame({"ZDDM": ["610323100001JA00001", "610323100001JA00002"], "QSXZ": ["32", "31"]}, squares(2))
    ownership.to_file(tmp_path / "zipped" / "zd.shp", encoding="UTF-8")
    with zipfile.ZipFile(tmp_path / "确权.zip", "w") as archive:
        for part in (tmp_path / "zipped").iterdir():
            archive.write(part, part.name)
    for part in (tmp_path / "zipped").iterdir():
        part.unlink()
    (tmp_path / "zipped").rmdir()
    pd.DataFrame({"行政村代码": ["610323100001", "610323100002", "610323100003"], "行政村": ["甲村", "乙村", "丙村"],
                  "人口": [900, 800, 700], "户主姓名": ["某某", "某某", "某某"]}).to_csv(
        tmp_path / "名册.csv", index=False, encoding="gb18030")
    pd.DataFrame({"名称": ["甲小学", "乙卫生室"], "类别": ["小学", "卫生室"],
                  "经度": [114.0, 114.001], "纬度": [34.33, 34.331]}).to_csv(
        tmp_path / "点.csv", index=False, encoding="utf-8-sig")
    across, down = np.meshgrid(np.arange(60), np.arange(60))
    raster(tmp_path / "n35.tif", 400 + 3.0 * across + 2.0 * down)
    raster(tmp_path / "r2.tif", np.random.default_rng(1).poisson(0.6, (60, 60)))
    (tmp_path / "图.dwg").write_bytes(b"AC1032")
    (tmp_path / "说明.docx").write_bytes(b"x")
    return tmp_path


def test_each_file_finds_its_role_by_what_is_in_it(folder):
    found = recognise(folder)
    got = {role: [option.item.source for option in options] for role, options in found.chosen.items()}
    assert got == {
        "villages": ["规划.gpkg|CJDCQ"], LIST: ["名册.csv"], "parcels": ["A01.shp"], "ownership": ["确权.zip"],
        "roads": ["lines_2023.geojson"], "facilities": ["点.csv"], "population": ["r2.tif"], "terrain": ["n35.tif"],
        "restrictions": ["规划.gpkg|STBHHX"],
    }
    assert found.ties == ()
    assert [item.source for item in found.refused] == ["图.dwg"]
    assert found.chosen["restrictions"][0].kind == "ecological_redline"
    assert (found.code, found.can_open) == ("610323", True)


def test_what_it_writes_opens_and_says_why(folder):
    path = write_county(recognise(folder), name="岐原县", language="zh")
    text = path.read_text(encoding="utf-8")
    assert "# 有字段 QSDWDM, QSXZ, DLBM, TBMJ" in text
    county = open_county(path)
    assert (county.name, county.code, len(county.parcels), len(county.villages)) == ("岐原县", "610323", 6, 3)
    assert county.villages["population"].tolist() == [900, 800, 700]
    assert set(county.ownership["owner_level"]) == {"village", "villager_group"}


def test_a_county_file_is_never_overwritten(folder):
    write_county(recognise(folder))
    with pytest.raises(FileExistsError, match=r"county\.toml"):
        write_county(recognise(folder))


def test_sources_are_written_as_seen_from_where_the_file_stands(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "c.toml"
    write_county(recognise(folder), path=elsewhere, name="岐原县")
    assert len(open_county(elsewhere).parcels) == 6


def test_two_that_are_as_likely_are_left_to_the_person(folder):
    survey().to_file(folder / "A02.shp", encoding="GBK")
    found = recognise(folder)
    assert "parcels" not in found.chosen
    assert [tie.roles for tie in found.ties] == [("parcels",)]
    assert {item.source for item in found.ties[0].items} == {"A01.shp", "A02.shp"}
    assert '# source = "A02.shp"' in to_toml(found)
    settled = recognise(folder, settled={"A02.shp": "parcels", "A01.shp": ""})
    assert [option.item.source for option in settled.chosen["parcels"]] == ["A02.shp"] and not settled.ties


def test_persons_are_not_even_sampled(folder):
    listing = next(item for item in inventory(folder) if item.source == "名册.csv")
    assert "行政村" in listing.sample and "户主姓名" not in listing.sample


def test_a_name_from_data_cannot_leave_its_comment_or_text(tmp_path):
    frame({'x"\n[layers.roads]\nsource = "evil': ["1"], "DLBM": ["0702"], "QSXZ": ["30"], "TBMJ": [1.0]}, squares(1)).to_file(
        tmp_path / "p.geojson")
    path = write_county(recognise(tmp_path))
    assert open_county(path).roads is None


def test_links_out_of_the_folder_are_not_followed(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    survey().to_file(outside / "secret.gpkg")
    (folder / "link.gpkg").symlink_to(outside / "secret.gpkg")
    assert all(item.source != "link.gpkg" for item in inventory(folder))


@pytest.mark.parametrize(("name", "expected"), [
    ("qishan", {LIST: {"villages_610323.csv"}, "parcels": {"development.shp"}, "roads": {"road.shp"},
                "restrictions": {"eco_protected.shp"}}),
    ("comoros", {"villages": {"comores-latest.osm.pbf"}, "venues": {"comores-latest.osm.pbf"},
                 "buildings": {"comores-latest.osm.pbf"}, "roads": {"roads.gpkg"},
                 "facilities": {"comores-latest.osm.pbf", "health.gpkg"},
                 "population": {"com_ppp_2020_UNadj.tif"}, "restrictions": {"water.gpkg"},
                 "terrain": {"S12E043.SRTMGL1.hgt.zip", "S13E043.SRTMGL1.hgt.zip", "S13E044.SRTMGL1.hgt.zip"}}),
    ("washington_nh", {"villages": {"washington_nh.gpkg|boundary"}, "parcels": {"washington_nh.gpkg|parcels"},
                       "buildings": {"washington_nh.gpkg|buildings"}, "roads": {"washington_nh.gpkg|roads"},
                       "settlements": {"washington_nh.gpkg|places"}, "restrictions": {"washington_nh.gpkg|lakes"}}),
    ("cn_admin", {LIST: {"villages_six_counties.csv"}}),
])
def test_real_folders(name, expected):
    if not (REAL / name).is_dir():
        pytest.skip("real data is not on this machine")
    found = recognise(REAL / name)
    assert {role: {option.item.source for option in options} for role, options in found.chosen.items()} == expected
    assert found.ties == ()
    assert found.code == ("610323" if name == "qishan" else None)


def test_what_is_refused_says_what_is_wrong_with_it_in_both_languages(tmp_path):
    (tmp_path / "坏.zip").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "坏.geojson").write_text("{ no json", encoding="utf-8")
    (tmp_path / "图.dwg").write_bytes(b"AC1032")
    refused = {item.source: item.refusal for item in inventory(tmp_path)}
    assert {source: one.code for source, one in refused.items()} == {
        "坏.zip": "archive_broken", "坏.geojson": "source_unreadable", "图.dwg": "format_dwg"}
    assert refused["坏.geojson"].params["problem"] and str(tmp_path) not in refused["坏.geojson"].text("zh")
    assert all(source in one.text(language) for source, one in refused.items() for language in ("zh", "en"))
