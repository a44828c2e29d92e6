"""Every format, written here and read back through county.toml."""

import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import Point, Polygon

from layers import InputError, check_county, open_county
from tests.layers import samples
from tests.layers.samples import write_county

pytestmark = pytest.mark.filterwarnings("ignore:Normalized/laundered field name", "ignore:Could not decode error message")


def found(county, code: str):
    return [finding for finding in county.findings if finding.code == code]


def gbk_shapefile(frame: gpd.GeoDataFrame, path, *, language_byte: int = 0x57) -> None:
    """A shapefile as ArcGIS writes it on a Chinese computer: GBK, no .cpg, LDID 0x57."""
    pyogrio.write_dataframe(frame, path, encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[29] = language_byte
    path.with_suffix(".dbf").write_bytes(raw)


def write(kind: str, folder) -> str:
    frame = samples.parcels()
    if kind == "gbk.shp":
        gbk_shapefile(frame, folder / "宗地.shp")
        return "宗地.shp"
    if kind == "folder":
        (folder / "cadastre").mkdir()
        gbk_shapefile(frame, folder / "cadastre" / "宗地.shp")
        return "cadastre"
    if kind == "gbk.zip":
        gbk_shapefile(frame, folder / "宗地.shp")
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            for part in sorted(folder.glob("宗地.*")):
                archive.write(part, f"QQQQ{part.suffix}")
                part.unlink()
        raw = (folder / "a.zip").read_bytes()  # names in GBK and no word of it, as Windows packs them
        (folder / "a.zip").write_bytes(raw.replace(b"QQQQ.", "宗地.".encode("gbk")))
        return "a.zip"
    if kind == "geojson":
        frame.to_crs(4490).to_file(folder / "a.geojson", driver="GeoJSON", engine="pyogrio")
        return "a.geojson"
    if kind == "parquet":
        frame.to_parquet(folder / "a.parquet")
        return "a.parquet"
    suffix, driver = {"gpkg": (".gpkg", "GPKG"), "gdb": (".gdb", "OpenFileGDB"), "gdb.zip": (".gdb", "OpenFileGDB")}[kind]
    path = folder / f"a{suffix}"
    pyogrio.write_dataframe(samples.villages(), path, layer="村界", driver=driver)
    pyogrio.write_dataframe(frame, path, layer="宗地", driver=driver, append=True)
    if kind == "gdb.zip":
        with zipfile.ZipFile(folder / "b.zip", "w") as archive:
            for item in path.rglob("*"):
                archive.write(item, item.relative_to(folder))
        return "b.zip"
    return path.name if kind == "gdb" else f"{path.name}|宗地"


@pytest.mark.parametrize("kind", ["gbk.shp", "folder", "gbk.zip", "gpkg", "gdb", "gdb.zip", "geojson", "parquet"])
def test_parcels_are_the_same_from_every_format(tmp_path, kind):
    county = open_county(write_county(tmp_path, f'[layers.parcels]\nsource = "{write(kind, tmp_path)}"'))
    parcels = county.parcels
    assert county.crs.to_epsg() == 4545
    assert parcels["parcel_id"].tolist() == samples.parcels()["ZDDM"].tolist()
    assert parcels["owner_name"].tolist() == ["青石村农民集体"] * 4
    assert parcels["survey_owner"].tolist() == ["village", "collective", "villager_group", "state"]
    assert parcels["title_owner"].tolist() == ["collective", "collective", "collective", "state"]
    assert parcels["use_right"].tolist() == ["construction", "homestead", "undetermined", "construction"]
    assert parcels["dispute"].tolist() == ["no_sign", "no_sign", "undetermined", "no_sign"]
    assert parcels["declared_area_m2"].tolist() == pytest.approx([300, 300, 390, 300])
    assert parcels["area_m2"].to_numpy() == pytest.approx(np.full(4, 300.0), rel=1e-4)
    assert parcels["village_code"].tolist() == ["529901100200"] * 4
    assert parcels["land_class_system"].tolist() == ["survey3"] * 4
    assert parcels["title_paper"].isna().all()
    assert [finding.count for finding in found(county, "area_differs")] == [1]
    source = county.provenance[0]
    assert (source.rows_in, source.rows_out, len(source.content_sha256)) == (4, 4, 64)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_with_coordinates(tmp_path, encoding):
    text = "设施名称,类别,经度,纬度\n青石小学,小学,108.001,30.001\n青石卫生室,医疗,108.002,30.002\n"
    text += "坏行,小学,x,30\n加油站,加油站,108,30\n"
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    parcels = write("gpkg", tmp_path)
    county = open_county(write_county(tmp_path, f'[layers.parcels]\nsource = "{parcels}"\n[layers.facilities]\nsource = "a.csv"'))
    assert county.facilities["category"].tolist() == ["primary_school", "clinic"]
    assert county.provenance[1].encoding_as_read == encoding
    expected = gpd.GeoSeries([Point(108.001, 30.001)], crs=4490).to_crs(4545)[0]
    assert county.facilities.geometry[0].distance(expected) < 1e-6
    assert [finding.count for finding in found(county, "number_unread")] == [1]
    assert [finding.count for finding in found(county, "facility_category_unknown")] == [1]


def test_excel_with_title_rows_totals_and_swapped_axes(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["云岭县村级活动场所台账"])
    sheet.append(["序号", "场所名称", "行政村代码", "建筑面积", "院落面积", "X坐标", "Y坐标"])
    sheet.append([1, "青石村活动室", 529901100200, "92.5", 210, 3_320_010.0, 36_500_020.0])
    sheet.append([2, "白水村活动室", 529901100201, None, 0, 3_320_020.0, 36_500_900.0])
    sheet.append(["合计", None, None, 92.5, 210])
    book.save(tmp_path / "a.xlsx")
    parcels = write("gpkg", tmp_path)
    county = open_county(write_county(tmp_path, f'[layers.parcels]\nsource = "{parcels}"\n[layers.venues]\nsource = "a.xlsx"'))
    assert county.venues["village_code"].tolist() == ["529901100200", "529901100201"]
    assert county.venues["courtyard_m2"].fillna(-1).tolist() == [210, -1]
    assert (county.venues.geometry[0].x, county.venues.geometry[0].y) == pytest.approx((500_020, 3_320_010), abs=0.01)
    assert found(county, "axes_swapped") and found(county, "crs_guessed") and found(county, "table_totals")


def test_shifted_coordinates_come_back(tmp_path):
    from layers.datum import wgs84_to_gcj02

    lon, lat = wgs84_to_gcj02(np.array([108.001]), np.array([30.001]))
    (tmp_path / "poi.csv").write_text(f'name,typecode,location\n青石店,060200,"{lon[0]},{lat[0]}"\n', encoding="utf-8")
    parcels = write("gpkg", tmp_path)
    layers = f'[layers.parcels]\nsource = "{parcels}"\n[layers.facilities]\nsource = "poi.csv"\ndatum = "gcj02"'
    county = open_county(write_county(tmp_path, layers))
    true = gpd.GeoSeries([Point(108.001, 30.001)], crs=4490).to_crs(4545)[0]
    assert county.facilities.geometry[0].distance(true) < 0.001
    assert county.facilities["category"].tolist() == ["shop"]
    assert found(county, "datum_unshifted")


def test_old_datum_and_missing_crs_are_refused(tmp_path):
    samples.parcels().set_crs(2362, allow_override=True).to_file(tmp_path / "old.gpkg", layer="a")
    pyogrio.write_dataframe(samples.parcels(), tmp_path / "bare.shp", encoding="UTF-8")
    (tmp_path / "bare.prj").unlink()
    for source, code in (("old.gpkg", "datum_old"), ("bare.shp", "crs_missing")):
        county, findings = check_county(write_county(tmp_path, f'[layers.parcels]\nsource = "{source}"'))
        assert county is None
        assert {finding.code for finding in findings} == {code, "county_nothing"}
    with pytest.raises(InputError, match="tens of metres"):
        open_county(write_county(tmp_path, '[layers.parcels]\nsource = "old.gpkg"'))


def test_a_zone_in_the_coordinates_is_enough(tmp_path):
    pyogrio.write_dataframe(samples.parcels().to_crs(4524), tmp_path / "zoned.shp", encoding="UTF-8")
    (tmp_path / "zoned.prj").unlink()
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "zoned.shp"'))
    assert county.parcels.geometry.iloc[0].centroid.x == pytest.approx(samples.X + 10, abs=0.01)
    assert found(county, "crs_guessed")


def test_holder_names_are_never_loaded(tmp_path):
    samples.parcels().assign(QLRMC="secret", ZJH="secret", 电话="secret").to_file(tmp_path / "a.gpkg", layer="a")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.gpkg"'))
    assert not county.parcels.astype("object").isin(["secret"]).any().any()
    table = samples.plain_table(samples.parcels()).assign(QLRMC="secret", lon=108.0, lat=30.0)
    table.to_csv(tmp_path / "a.csv", index=False)
    _, findings = check_county(
        write_county(tmp_path, '[layers.settlements]\nsource = "a.csv"\n[layers.parcels]\nsource = "a.gpkg"')
    )
    assert not any("secret" in finding.text("zh") for finding in findings)


def test_shapes_are_mended_and_said(tmp_path):
    frame = samples.parcels()
    x, y = samples.X, samples.Y
    bowtie = Polygon([(x, y), (x + 10, y + 10), (x + 10, y), (x, y + 10)])
    shapes = [bowtie, None, Point(x, y), frame.geometry[3]]
    mixed = frame.set_geometry(gpd.GeoSeries(shapes, crs=samples.CRS)).assign(ZDDM=[frame["ZDDM"][0]] * 4)
    mixed.to_file(tmp_path / "a.geojson", driver="GeoJSON", engine="pyogrio")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.geojson"\ncrs = "EPSG:4545"'))
    assert len(county.parcels) == 2
    assert county.parcels.geometry.is_valid.all()
    assert county.parcels["area_m2"].iloc[0] == pytest.approx(50)
    assert county.parcels["parcel_id"].is_unique
    for code in ("geometry_invalid", "geometry_missing", "geometry_kind", "id_repeated"):
        assert [finding.count for finding in found(county, code)] == [1]


def test_where_values_and_units(tmp_path):
    samples.parcels().to_file(tmp_path / "a.gpkg", layer="a")
    county = open_county(
        write_county(
            tmp_path,
            '[layers.parcels]\nsource = "a.gpkg"\nwhere = { qllx = "*", DLBM = ["0702", "08H1"] }\n'
            'units = { declared_area_m2 = "ha" }\n'
            'fields = { title_owner = "QSXZ" }\nvalues = { title_owner = { 32 = "village", 20 = "state" } }',
        )
    )
    assert county.parcels["title_owner"].tolist() == ["village", "collective", "state"]  # 30 is not mapped: the papers' codes speak
    assert county.provenance[0].rows_in == 4 and county.provenance[0].rows_out == 3
    assert found(county, "value_unmapped")[0].count == 1


def test_a_field_that_is_not_there_is_named(tmp_path):
    samples.parcels().to_file(tmp_path / "a.gpkg", layer="a")
    with pytest.raises(InputError, match="no field 'QSXX'.*QSXZ"):
        open_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.gpkg"\nfields = { owner_nature = "QSXX" }'))


def test_ambiguous_and_missing_layers(tmp_path):
    for name in ("甲", "乙"):
        samples.parcels().to_file(tmp_path / "a.gpkg", layer=name)
    with pytest.raises(InputError, match="several layers"):
        open_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.gpkg"'))
    with pytest.raises(InputError, match="no layer '丙'"):
        open_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.gpkg|丙"'))


def test_a_broken_file_costs_its_layer_only(tmp_path):
    samples.parcels().to_file(tmp_path / "a.gpkg", layer="a")
    (tmp_path / "b.gpkg").write_bytes(b"no geopackage")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "a.gpkg"\n[layers.roads]\nsource = "b.gpkg"'))
    assert county.roads is None
    assert [finding.severity for finding in found(county, "content_not_as_named")] == ["error"]


def test_codes_ruined_by_a_spreadsheet(tmp_path):
    pd.DataFrame(
        {"村代码": ["5.29901E+11", "529901100201"], "村名": ["青石村", "白水村"], "经度": ["108", "108.01"], "纬度": ["30", "30"]}
    ).to_csv(tmp_path / "v.csv", index=False)
    county = open_county(write_county(tmp_path, '[layers.villages]\nsource = "v.csv"'))
    assert county.villages["village_code"].tolist() == ["v1", "529901100201"]
    assert found(county, "code_lost")[0].rows == ("1",)
