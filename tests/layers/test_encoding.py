import geopandas as gpd
import pyogrio
import pytest
from shapely.geometry import Point

from layers.encoding import dbf_encoding, text_encoding


@pytest.mark.parametrize(
    ("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gbk", "gb18030"), ("gb18030", "gb18030")]
)
def test_text(encoding, found):
    assert text_encoding("行政村代码,青石村".encode(encoding)) == found


@pytest.mark.parametrize(("written", "found"), [("GBK", "GB18030"), ("UTF-8", "UTF-8")])
@pytest.mark.parametrize("language_byte", [0x00, 0x57, 0x4D, 0x03])
def test_dbf_is_judged_by_its_bytes(tmp_path, written, found, language_byte):
    frame = gpd.GeoDataFrame({"MC": ["青石村委会", "abc"]}, geometry=[Point(0, 0), Point(1, 1)], crs=4545)
    pyogrio.write_dataframe(frame, tmp_path / "a.shp", encoding=written)
    (tmp_path / "a.cpg").write_text("ISO-8859-1")
    raw = bytearray((tmp_path / "a.dbf").read_bytes())
    raw[29] = language_byte
    (tmp_path / "a.dbf").write_bytes(raw)
    assert dbf_encoding(tmp_path / "a.dbf") == found


def test_a_text_cut_in_the_middle_of_a_character_is_still_utf8(tmp_path):
    frame = gpd.GeoDataFrame({"MC": ["青石" * 42]}, geometry=[Point(0, 0)], crs=4545)
    pyogrio.write_dataframe(frame, tmp_path / "a.shp", encoding="UTF-8")
    raw = (tmp_path / "a.dbf").read_bytes()
    body = raw.index("青".encode())
    cut = bytearray(raw)
    cut[body : body + 254] = ("a" + "青石" * 60).encode()[:254]
    (tmp_path / "a.dbf").write_bytes(cut)
    assert dbf_encoding(tmp_path / "a.dbf") == "UTF-8"


def test_ascii(tmp_path):
    pyogrio.write_dataframe(gpd.GeoDataFrame({"A": ["x"]}, geometry=[Point(0, 0)], crs=4545), tmp_path / "a.shp")
    assert dbf_encoding(tmp_path / "a.dbf") == "ASCII"
