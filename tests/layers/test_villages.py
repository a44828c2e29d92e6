import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import Point, box

from layers import open_county
from tests.layers import samples
from tests.layers.samples import write_county


def by_code(county, code):
    return [finding for finding in county.findings if finding.code == code]


def test_a_bare_list(tmp_path):
    samples.parcels().to_file(tmp_path / "p.gpkg", layer="p")
    (tmp_path / "v.csv").write_bytes("行政村代码,行政村名称\n529901100200,青石村\n529901100201,白水村\n".encode("gbk"))
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"\n[layers.villages]\nsource = "v.csv"'))
    assert county.villages.geometry.isna().all()
    assert county.villages["township_code"].tolist() == ["529901100"] * 2
    assert not by_code(county, "owners_not_listed")


def test_list_and_limits_are_joined_by_code_then_by_name(tmp_path):
    x, y = samples.X, samples.Y
    names = ["青石村", "白水村民委员会", "黑山村", "黑山村", "无名村"]
    limits = gpd.GeoDataFrame(
        {
            "ZLDWDM": ["529901100200", "529901100999", "529901101300", "529901102300", "529901100998"],
            "ZLDWMC": names,
            "乡镇名称": ["云溪镇", "云溪镇", "东镇", "西镇", "云溪镇"],
        },
        geometry=[box(x + 1000 * i, y, x + 1000 * i + 900, y + 900) for i in range(5)],
        crs=samples.CRS,
    )
    limits.to_file(tmp_path / "limits.gpkg", layer="村界")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["行政村代码", "行政村", "乡镇", "户籍人口", "户数"])
    for row in (
        [529901100200, "青石村委会", "云溪镇", 812, 230],
        [529901100201, "白水村", "云溪镇", 640, 180],
        [529901102201, "黑山村", "西镇", 300, 90],
        [529901100205, "新设村", "云溪镇", 100, 30],
    ):
        sheet.append(row)
    book.save(tmp_path / "list.xlsx")
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "limits.gpkg"\nlist = "list.xlsx"'))
    villages = county.villages.set_index("village_code")
    assert villages.geometry["529901100200"].bounds[0] == pytest.approx(x)
    assert villages.geometry["529901100201"].bounds[0] == pytest.approx(x + 1000)
    assert villages.geometry["529901102201"].bounds[0] == pytest.approx(x + 3000)  # the 黑山村 of its own township
    assert villages.geometry["529901100205"] is None
    assert villages["population"].dropna().sum() == 812 + 640 + 300 + 100
    assert by_code(county, "villages_joined_by_name")[0].count == 2
    assert by_code(county, "villages_not_on_map")[0].rows == ("新设村",)
    assert set(by_code(county, "villages_not_in_list")[0].rows) == {"黑山村", "无名村"}
    assert len(villages) == 6


def test_parts_of_a_village_become_one(tmp_path):
    twice = pd.concat(
        [
            samples.villages(),
            samples.villages()
            .iloc[:1]
            .translate(0, 5000)
            .to_frame("geometry")
            .assign(行政村代码="529901100200", 行政村名称="青石村", 乡镇名称="云溪镇", 人口=812),
        ]
    )
    gpd.GeoDataFrame(twice, crs=samples.CRS).to_file(tmp_path / "v.gpkg", layer="v")
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "v.gpkg"'))
    assert len(county.villages) == 2
    assert county.villages.area[0] == pytest.approx(2e6)
    assert county.villages["population"].sum() == 812 + 640
    assert by_code(county, "village_repeated")[0].count == 1


def test_owner_villages_that_the_list_does_not_have(tmp_path):
    frame = samples.parcels().assign(
        QSDWDM=["5299011002000000000", "5299011009000000000", "5299011009010000000", "5299011000000000000"],
        QSDWMC=["青石村农民集体", "白水村农民集体", "废村", "云溪镇"],
    )
    frame.to_file(tmp_path / "p.gpkg", layer="p")
    samples.villages().to_file(tmp_path / "v.gpkg", layer="v")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"\n[layers.villages]\nsource = "v.gpkg"'))
    assert by_code(county, "owners_by_name")[0].rows == ("529901100900",)
    missing = by_code(county, "owners_not_listed")[0]
    assert (missing.rows, missing.count) == (("529901100901",), 1)
    assert "废村" in missing.text("zh")


def test_township_names_come_from_the_township_layer(tmp_path):
    samples.villages().drop(columns="乡镇名称").to_file(tmp_path / "v.gpkg", layer="v")
    town = gpd.GeoDataFrame(
        {"XZQDM": ["529901100"], "XZQMC": ["云溪镇"]},
        geometry=[box(samples.X - 500, samples.Y - 500, samples.X + 1500, samples.Y + 500)],
        crs=samples.CRS,
    )
    town.to_file(tmp_path / "t.gpkg", layer="t")
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "v.gpkg"\n[layers.townships]\nsource = "t.gpkg"'))
    assert county.villages["township_name"].tolist() == ["云溪镇"] * 2


def test_layers_in_another_place_and_codes_of_another_county(tmp_path):
    samples.villages().to_file(tmp_path / "v.gpkg", layer="v")
    stops = gpd.GeoDataFrame({"类别": ["公交站"]}, geometry=[Point(samples.X + 51_500, samples.Y)], crs=samples.CRS)
    stops.to_file(tmp_path / "f.gpkg", layer="f")
    layers = '[layers.villages]\nsource = "v.gpkg"\n[layers.facilities]\nsource = "f.gpkg"'
    county = open_county(write_county(tmp_path, layers, county='name = "t"\ncode = "610323"'))
    assert by_code(county, "layer_elsewhere")[0].params["km"] == "50.0"
    assert by_code(county, "village_of_other_county")[0].count == 2


def test_progress_rises_to_one(tmp_path):
    samples.villages().to_file(tmp_path / "v.gpkg", layer="v")
    seen = []
    open_county(
        write_county(tmp_path, '[layers.villages]\nsource = "v.gpkg"'),
        progress=lambda step, fraction: seen.append((step, fraction)),
    )
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions) and seen[-1] == ("done", 1.0) and seen[0][0] == "villages"


def test_what_only_the_map_says_is_kept_beside_a_bare_list(tmp_path):
    x, y = samples.X, samples.Y
    limits = gpd.GeoDataFrame(
        {"ZLDWDM": ["529901100200", "529901100201"], "ZLDWMC": ["青石村", "白水村"], "乡镇名称": ["云溪镇", "云溪镇"],
         "人口": [900, 800]},
        geometry=[box(x, y, x + 900, y + 900), box(x + 1000, y, x + 1900, y + 900)], crs=samples.CRS,
    )
    limits.to_file(tmp_path / "limits.gpkg", layer="村界")
    (tmp_path / "v.csv").write_text("行政村代码,行政村名称\n529901100200,青石村\n529901100201,白水村\n", encoding="utf-8")
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "limits.gpkg|村界"\nlist = "v.csv"'))
    assert county.villages["township_name"].tolist() == ["云溪镇"] * 2
    assert county.villages["population"].tolist() == [900, 800]


@pytest.mark.parametrize(("head", "cells", "units", "yuan", "told"), [
    ("村集体经济收入(万元)", ["12.5", "60"], "", [125_000.0, 600_000.0], 0),
    ("村集体经济收入(元)", ["125000", "600"], "", [125_000.0, 600.0], 0),
    ("村集体经济收入", ["12.5", "60"], "", [125_000.0, 600_000.0], 1),               # said: read as 10,000 yuan
    ("村集体经济收入", ["125000", "60000"], "", [125_000.0, 60_000.0], 0),
    ("村集体经济收入", ["12.5万元", "60000元"], "", [125_000.0, 60_000.0], 0),
    ("村集体经济收入", ["12.5", "60"], 'units = {collective_income_yuan = "yuan"}', [12.5, 60.0], 0),
])
def test_the_income_of_the_collective_in_yuan(tmp_path, head, cells, units, yuan, told):
    text = f"行政村代码,行政村名称,{head}\n529901100200,青石村,{cells[0]}\n529901100201,白水村,{cells[1]}\n"
    (tmp_path / "v.csv").write_text(text, encoding="utf-8")
    samples.parcels().to_file(tmp_path / "p.gpkg", layer="p")
    county = open_county(write_county(
        tmp_path, f'[layers.parcels]\nsource = "p.gpkg"\n[layers.villages]\nsource = "v.csv"\n{units}'))
    assert county.villages["collective_income_yuan"].tolist() == yuan
    assert len(by_code(county, "income_unit_inferred")) == told


def test_the_class_of_a_village_and_a_word_that_is_none(tmp_path):
    rows = "529901100200,青石村,先进村\n529901100201,白水村,后进\n529901100202,黑山村,甲\n"
    (tmp_path / "v.csv").write_text(f"行政村代码,行政村名称,村级分类\n{rows}", encoding="utf-8")
    samples.parcels().to_file(tmp_path / "p.gpkg", layer="p")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"\n[layers.villages]\nsource = "v.csv"'))
    assert county.villages["village_class"].tolist()[:2] == ["advanced", "lagging"] and pd.isna(county.villages["village_class"][2])
    assert by_code(county, "village_class_unread")[0].params["examples"] == "甲"
