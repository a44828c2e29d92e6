"""Persons are never loaded: no name, identity or telephone number of a file reaches the county, its findings or what is written."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.study import study
from layers.fields import resolve, shown, standardise
from layers.open import check_county, open_county
from layers.private import bodies_only, is_private, mask_codes, mask_column, masked
from layers.recognise import recognise
from layers.roles import ROLE_OF
from reports.run import write_run
from tests.geo.standard import default_scenario
from tests.layers import samples

NAME, IDENTITY, TELEPHONE = "欧阳某某", "11010519491231002X", "13912345678"
SECRETS = (NAME, "欧阳", IDENTITY, TELEPHONE)
PERSONS = {
    "权利人": NAME, "QLR": NAME, "QLRMC": NAME, "ZJH": IDENTITY, "ZJHM": IDENTITY, "身份证": IDENTITY, "电话": TELEPHONE,
    "DH": TELEPHONE,
    "LXDH": TELEPHONE, "phone": TELEPHONE, "姓名": NAME, "SUOYQR": NAME, "QSDCJS": f"与{NAME}({TELEPHONE},{IDENTITY})有宅基地纠纷",
    "BDCQZH": f"双溪(2021)第7号 {IDENTITY}", "id": IDENTITY, "BZ": f"{NAME} {TELEPHONE}", "联系电话1": TELEPHONE,
    "争议": f"与{NAME}有争议",
}
"""Fields that name persons, and fields that are read but hold what leads to one."""


def _parcels() -> gpd.GeoDataFrame:
    return samples.parcels().drop(columns=["QSDWMC"]).assign(**PERSONS)


def _write(layer: gpd.GeoDataFrame, folder: Path, name: str) -> str:
    path = folder / name
    if path.suffix in (".csv", ".xlsx"):
        table = pd.DataFrame(layer.drop(columns="geometry")).assign(wkt=layer.geometry.to_wkt())
        table.to_csv(path, index=False) if path.suffix == ".csv" else table.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        layer.to_parquet(path)
    else:
        options = {".shp": {"encoding": "GBK"}, ".gdb": {"driver": "OpenFileGDB"}}.get(path.suffix, {})
        pyogrio.write_dataframe(layer.to_crs(4326) if path.suffix == ".geojson" else layer, path, **options)
    return name


def _everything(county, findings) -> str:
    """All that the county holds, as one text."""
    frames = [getattr(county, role) for role in ROLE_OF if getattr(county, role, None) is not None]
    cells = [str(value) for frame in frames for name in frame.columns if name != "geometry" for value in frame[name].dropna()]
    said = [finding.text(language) + repr(finding) for finding in findings for language in ("zh", "en")]
    return "\n".join([*cells, *said, repr(county.provenance), repr(county.options)])


@pytest.mark.parametrize("name", ["p.gpkg", "p.shp", "p.geojson", "p.parquet", "p.csv", "p.xlsx", "p.fgb", "p.gdb", "p.gml"])
@pytest.mark.filterwarnings("ignore:.*field name:RuntimeWarning", "ignore:Column names longer:UserWarning")
def test_no_person_is_loaded(name, tmp_path):
    source = _write(_parcels(), tmp_path, name)
    crs = 4326 if "json" in name else samples.CRS
    path = samples.write_county(tmp_path, f'[layers.parcels]\nsource = "{source}"\ncrs = "EPSG:{crs}"')
    county = open_county(path)
    assert len(county.parcels) == 4
    text = _everything(county, county.findings)
    assert not [secret for secret in SECRETS if secret in text]
    kept = pickle.dumps(county)
    assert not [secret for secret in SECRETS if secret.encode() in kept]


def test_no_person_is_written(tmp_path):
    """What a study of such a county writes holds no person either, packed or not."""
    _write(_parcels(), tmp_path, "p.gpkg")
    samples.villages().to_file(tmp_path / "v.gpkg")
    path = samples.write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"\n[layers.villages]\nsource = "v.gpkg"')
    county = open_county(path)
    write_run(study(county, default_scenario()), county, tmp_path / "out", language="zh")
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert files
    for file in files:
        data = file.read_bytes()
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                data = b"".join(archive.read(member) for member in archive.namelist())
        assert not [secret for secret in SECRETS if secret.encode() in data], file.name


def test_recognition_shows_no_person(tmp_path):
    _write(_parcels(), tmp_path, "宗地.gpkg")
    told = repr(recognise(tmp_path))
    assert not [secret for secret in SECRETS if secret in told]


def test_a_table_without_a_header_shows_no_row(tmp_path):
    (tmp_path / "p.csv").write_text(f"{NAME},{IDENTITY},{TELEPHONE}\n{NAME},{IDENTITY},{TELEPHONE}\n", encoding="utf-8")
    county, findings = check_county(samples.write_county(tmp_path, '[layers.parcels]\nsource = "p.csv"'))
    assert county is None and "table_no_header" in {finding.code for finding in findings}
    assert not [secret for finding in findings for secret in SECRETS if secret in finding.text("zh")]


def test_numbers_that_cannot_be_read_are_not_shown():
    raw = pd.DataFrame({"ZDMJ": [f"{TELEPHONE} {IDENTITY}", "300"]})
    _, findings = standardise(raw, ROLE_OF["parcels"].kind, {"declared_area_m2": "ZDMJ"}, "parcels", values={}, units={})
    assert findings and not [secret for finding in findings for secret in SECRETS if secret in finding.text("en")]


@pytest.mark.parametrize("field", [
    "权利人", "权利人名称", "ZJH", "zjhm", "身份证号码", "ＤＨ", "LXDH", "phone", "contact:phone", "姓名", "村主任电话", "户主姓名",
    "法定代表人姓名", "QLR2", "电话_1", "承包方代表", "contactname",
])
def test_fields_of_persons(field):
    assert is_private(field)
    assert resolve({"owner_name": (field,)}, [field], {})[0] == {}


@pytest.mark.parametrize("field", [
    "QLRLX", "权利人类型", "QSDWMC", "ZDDM", "项目名称", "坐落", "BZ", "村名", "owner_name", "name", "电力线",
])
def test_fields_of_things(field):
    assert not is_private(field)


def test_masks():
    assert masked(f"a{TELEPHONE}b") == f"a{TELEPHONE}b" and masked(f"电话{TELEPHONE}。") == "电话***。"
    assert masked("0571-12345678 / +86 139 1234 5678") == "*** / ***"
    assert masked("419901001001JB00001 不动产权第0001234号 610323100201") == "419901001001JB00001 不动产权第0001234号 610323100201"
    codes, hit = mask_codes(pd.Series([IDENTITY, "110105194912310021", "610323211000000001", None]))
    assert hit.tolist() == [True, False, False, False] and codes.isna().tolist() == [True, False, False, True]
    texts, hit = mask_column(pd.Series([IDENTITY, "柳湾村", None], dtype="str"))
    assert hit.tolist() == [True, False, False] and texts[0] == "***" and texts[1] == "柳湾村"
    names, person = bodies_only(pd.Series(["青石村农民集体", "第三村民小组", "双溪县人民政府", NAME, None], dtype="str"))
    assert person.tolist() == [False, False, False, True, False] and names.isna().sum() == 2


def test_shown_names_no_person():
    assert shown(["QLRMC", "ZDDM", IDENTITY]) == "ZDDM, ***" and shown([f"f{n}" for n in range(99)]).endswith("f59 …")


@settings(max_examples=200, deadline=None)
@given(st.dates(min_value=pd.Timestamp("1900-01-01").date(), max_value=pd.Timestamp("2030-12-31").date()),
       st.integers(0, 999), st.integers(100000, 999999), st.text(alphabet="村,。()（） 与有纠纷:", max_size=8))
def test_every_identity_number_is_masked(born, serial, place, around):
    """Any number with a right check digit, wherever it stands."""
    body = f"{place}{born:%Y%m%d}{serial:03d}"
    weights = np.array([2**power % 11 for power in range(17, 0, -1)])       # GB 11643 by its own rule, not by a table
    rest = int((np.array(list(body), dtype=int) * weights).sum()) % 11
    number = body + "10X98765432"[rest]
    assert number not in masked(f"{around}{number}{around}")
    assert mask_codes(pd.Series([number]))[1].all()
