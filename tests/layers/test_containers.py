"""Encodings and containers: the table of data-conventions 3.3 whole, .xls, numbers for codes, GDB in zip, MapGIS."""

from __future__ import annotations

import importlib.util
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
import xlwt

from layers import InputError, check_county, open_county
from layers.formats import out_of_reach
from layers.recognise import recognise
from tests.layers import samples
from tests.layers.samples import write_county

pytestmark = pytest.mark.filterwarnings("ignore:Normalized/laundered field name", "ignore:Could not decode error message",
                                        "ignore:Value .* has been written without the")


def parcels_from(folder, source, more=""):
    return open_county(write_county(folder, f'[layers.parcels]\nsource = "{source}"\n{more}'))


def found(county, code):
    return [finding for finding in county.findings if finding.code == code]


CPG = ["GBK", "936", "CP936", "GB2312", "GB18030", "EUC-CN", "OEM", "ANSI 936", "54936", "简体中文", "", "UTF-8", None]
LDID = [0x4D, 0x7A, 0x57, 0x03, 0x00]


@pytest.mark.parametrize(("written", "cpg", "language_byte"), [
    *(("GBK", cpg, 0x00) for cpg in CPG if cpg is not None), *(("GBK", None, byte) for byte in LDID),
    ("UTF-8", "GBK", 0x4D), ("UTF-8", None, 0x57), ("UTF-8", "UTF-8", 0x00),
])
def test_chinese_names_of_a_shapefile_whatever_its_cpg_and_ldid_claim(tmp_path, written, cpg, language_byte):
    frame = samples.parcels()[["ZDDM", "QSDWMC", "geometry"]].rename(columns={"QSDWMC": "权属单"})
    pyogrio.write_dataframe(frame, tmp_path / "宗地.shp", encoding=written)
    (tmp_path / "宗地.cpg").unlink()
    if cpg is not None:
        (tmp_path / "宗地.cpg").write_text(cpg, encoding="gbk")
    raw = bytearray((tmp_path / "宗地.dbf").read_bytes())
    raw[29] = language_byte
    (tmp_path / "宗地.dbf").write_bytes(raw)
    county = parcels_from(tmp_path, "宗地.shp", 'fields = { owner_name = "权属单" }')
    assert county.parcels["owner_name"].tolist() == ["青石村农民集体"] * 4
    assert county.provenance[0].encoding_as_read == {"GBK": "GB18030", "UTF-8": "UTF-8"}[written]


def cells():
    return [["云岭县行政村名册"], ["序号", "行政村代码", "行政村名称", "人口", "经度", "纬度"],
            [1, 529901100200.0, "青石村", 812, 108.0, 30.0], [2, "529901100201", "白水村", 640.0, 108.01, 30.0]]


def write_xls(path):
    book = xlwt.Workbook(encoding="gbk")
    sheet = book.add_sheet("名册")
    for i, row in enumerate(cells()):
        for j, value in enumerate(row):
            sheet.write(i, j, value)
    book.save(str(path))


def write_xlsx(path):
    book = openpyxl.Workbook()
    for row in cells():
        book.active.append(row)
    book.save(path)


@pytest.mark.parametrize(("name", "write"), [("名册.xls", write_xls), ("名册.xlsx", write_xlsx)])
def test_both_kinds_of_excel(tmp_path, name, write):
    write(tmp_path / name)
    villages = open_county(write_county(tmp_path, f'[layers.villages]\nsource = "{name}"')).villages
    assert villages["village_code"].tolist() == ["529901100200", "529901100201"]
    assert villages["village_name"].tolist() == ["青石村", "白水村"]
    assert villages["population"].tolist() == [812, 640]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_list_in_csv(tmp_path, encoding):
    text = "行政村代码,行政村名称,经度,纬度\n529901100200,青石村,108,30\n529901100201,白水村,108.01,30\n"
    (tmp_path / "v.csv").write_bytes(text.encode(encoding))
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "v.csv"'))
    assert county.villages["village_name"].tolist() == ["青石村", "白水村"]
    assert county.provenance[0].encoding_as_read == encoding


LONG = "5299011002000012345"
"""19 digits, which a floating-point number cannot hold."""


def long_codes(kind, folder):
    frame = samples.parcels().assign(QSDWDM=LONG)
    if kind == "csv":
        table = samples.plain_table(frame).assign(经度=108.0, 纬度=30.0)
        table.to_csv(folder / "a.csv", index=False)
        return "a.csv"
    if kind == "xlsx":
        samples.plain_table(frame).assign(经度=108.0, 纬度=30.0).to_excel(folder / "a.xlsx", index=False)
        return "a.xlsx"
    pyogrio.write_dataframe(frame.assign(QSDWDM="1" * 19), folder / "a.shp", encoding="GBK")
    raw = bytearray((folder / "a.dbf").read_bytes())
    at = raw.index(b"QSDWDM")
    raw[at + 11 : at + 12], raw[at + 17] = b"N", 0          # a number field of the same width, digits in full
    body, length, start = int.from_bytes(raw[8:10], "little"), int.from_bytes(raw[10:12], "little"), 1
    for entry in range(32, at, 32):
        start += raw[entry + 16]
    width = raw[at + 16]
    for row in range(4):
        begin = body + row * length + start
        raw[begin : begin + width] = LONG.rjust(width).encode()
    (folder / "a.dbf").write_bytes(raw)
    return "a.shp"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "dbf number"])
def test_codes_of_nineteen_digits_never_go_through_a_float(tmp_path, kind):
    source = long_codes(kind, tmp_path)
    role = "parcels" if kind == "dbf number" else "ownership"
    from layers.config import SourceSpec, read_config
    from layers.roles import ROLE_OF
    from layers.sources import read_source

    spec: SourceSpec = read_config(write_county(tmp_path, f'[layers.{role}]\nsource = "{source}"')).layers[0]
    reading = read_source(spec, ROLE_OF[role], source)
    from layers.fields import as_codes

    codes, lost = as_codes(reading.frame[reading.found["owner_code"]])
    assert codes.tolist() == [LONG] * 4 and not lost.any()


def test_a_code_that_excel_has_rounded_is_lost_and_said(tmp_path):
    table = samples.plain_table(samples.villages()).assign(ZLDWDM=5.29901100200001e18, 经度=[108, 108.01], 纬度=30.0)
    table.drop(columns="行政村代码").to_excel(tmp_path / "v.xlsx", index=False)
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "v.xlsx"\nfields = { village_code = "ZLDWDM" }'))
    assert [finding.count for finding in found(county, "code_lost")] == [2]


def test_a_gdb_deep_in_a_zip_with_chinese_folders_in_gbk(tmp_path):
    pyogrio.write_dataframe(samples.parcels(), tmp_path / "a.gdb", layer="宗地", driver="OpenFileGDB")
    pyogrio.write_dataframe(samples.villages(), tmp_path / "a.gdb", layer="村界", driver="OpenFileGDB", append=True)
    with zipfile.ZipFile(tmp_path / "成果.zip", "w") as archive:
        for item in (tmp_path / "a.gdb").rglob("*"):
            archive.write(item, f"QQQQ/WWWW.gdb/{item.name}")
    raw = (tmp_path / "成果.zip").read_bytes()
    (tmp_path / "成果.zip").write_bytes(raw.replace(b"QQQQ/WWWW", "成果/三调".encode("gbk")))
    county = open_county(write_county(tmp_path, "\n".join(
        f'[layers.{role}]\nsource = "成果.zip"\nlayer = "{name}"' for role, name in (("parcels", "宗地"), ("villages", "村界")))))
    assert county.parcels["owner_name"].tolist() == ["青石村农民集体"] * 4 and len(county.villages) == 2


@pytest.mark.parametrize(("name", "way_out"), [
    ("宗地.mdb", "gdb"), ("宗地.vct", "gdb"), ("宗地.dwg", "DXF"),
])
def test_what_cannot_be_read_names_the_way_out(tmp_path, name, way_out):
    (tmp_path / name).write_bytes(b"\x00\x01Standard Jet DB")
    with pytest.raises(InputError, match=way_out):
        parcels_from(tmp_path, name)


@pytest.fixture
def pymapgis():
    return pytest.importorskip("pymapgis", reason="the extra cunzhi[mapgis] is not installed")


@pytest.mark.filterwarnings("ignore:You will likely lose important projection information",
                            "ignore:Geometry is in a geographic CRS", "ignore:tmerc with non-standard")
@pytest.mark.parametrize(("written", "read"), [(4545, 4545), (4490, 4490), (4524, 4524)])
def test_mapgis_there_and_back(tmp_path, pymapgis, written, read):
    frame = samples.parcels().assign(QLRMC="secret")
    pymapgis.write(frame.to_crs(written), tmp_path / "宗地.wp")
    county = parcels_from(tmp_path, "宗地.wp")
    assert county.provenance[0].crs_as_read == f"EPSG:{read}"
    assert county.parcels["parcel_code"].tolist() == frame["ZDDM"].tolist()
    assert county.parcels["owner_name"].tolist() == ["青石村农民集体"] * 4
    assert county.parcels["area_m2"].to_numpy() == pytest.approx(np.full(4, 300.0), rel=2e-3)
    assert shapely.distance(county.parcels.to_crs(4545).geometry[0].centroid, frame.geometry[0].centroid) < 0.05
    assert "secret" not in county.parcels.to_csv()
    assert [item.source for item in recognise(tmp_path).items] == ["宗地.wp"]
    assert [option.item.source for option in recognise(tmp_path).chosen["parcels"]] == ["宗地.wp"]


@pytest.mark.filterwarnings("ignore:You will likely lose important projection information")
@pytest.mark.parametrize("old", [2379, 2431])
def test_mapgis_on_an_old_datum_is_known_for_it(tmp_path, pymapgis, old):
    pymapgis.write(samples.parcels().set_crs(old, allow_override=True), tmp_path / "a.wp")
    county, findings = check_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.wp"'))
    assert county is None and findings[0].code == "datum_old"


def test_a_damaged_mapgis_file_is_refused(tmp_path, pymapgis):
    for content in (b"WMAP\x02\x00\x00\x00", b"WMAP`D22" + bytes(40), b"no layer", b"WMAP`D22" + b"\xff" * 500):
        (tmp_path / "a.wp").write_bytes(content)
        county, findings = check_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.wp"'))
        assert county is None and findings[0].severity == "error" and findings[0].text("zh")


def test_without_the_extra_the_message_names_it(tmp_path, monkeypatch):
    true = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "pymapgis" else true(name, *more))
    assert out_of_reach("a.wp") == "format_mapgis"
    (tmp_path / "a.wp").write_bytes(b"WMAP")
    with pytest.raises(InputError, match=r"pip install 'cunzhi\[mapgis\]'"):
        parcels_from(tmp_path, "a.wp")


def test_a_text_that_is_no_coordinate_file_is_a_table(tmp_path):
    (tmp_path / "v.txt").write_bytes("行政村代码\t行政村名称\t经度\t纬度\n529901100200\t青石村\t108\t30\n".encode("gbk"))
    assert open_county(write_county(tmp_path, '[layers.villages]\nsource = "v.txt"')).villages["village_name"][0] == "青石村"


def test_geojson_numbers_keep_their_digits(tmp_path):
    shape = gpd.GeoSeries([samples.parcels().geometry[0]], crs=4545).to_crs(4490)
    text = f'{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"QSDWDM":{LONG},"DLBM":702}},"geometry":'
    (tmp_path / "a.geojson").write_text(text + shapely.to_geojson(shape[0]) + "}]}", encoding="utf-8")
    county = parcels_from(tmp_path, "a.geojson")
    assert county.parcels["owner_code"].tolist() == [LONG]
    assert county.parcels["land_class"].tolist() == ["0702"] and len(found(county, "land_class_zero")) == 1
