"""The three real counties: what was opened against independent raw reads of the same files."""

import csv
import re
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio

from layers import open_county

HERE = Path(__file__).resolve().parents[1] / "realdata"
DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "realdata"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not in this checkout (shared/realdata)")


def raw_fields(path, layer=None, **options) -> dict[str, np.ndarray]:
    meta, _, _, values = pyogrio.raw.read(path, layer=layer, **options)
    return dict(zip(meta["fields"], values, strict=True))


@pytest.fixture(scope="module")
def qishan():
    return open_county(HERE / "qishan.toml")


def test_qishan_parcels_and_owners(qishan):
    raw = raw_fields(DATA / "qishan" / "development.shp", encoding="GB18030")
    assert qishan.crs.to_epsg() == 4545
    assert len(qishan.parcels) == len(raw["QSXZ"]) == 1096
    first = np.array([value[0] for value in raw["QSXZ"]])
    assert (qishan.parcels["survey_owner"] == "state").sum() == (first <= "2").sum() == 754
    assert (qishan.parcels["survey_owner"] == "collective").sum() == (first >= "3").sum() == 342
    assert qishan.parcels["declared_area_m2"].sum() == pytest.approx(raw["TBMJ"].sum())
    assert qishan.parcels["area_m2"].sum() == pytest.approx(raw["TBMJ"].sum(), rel=0.005)
    assert qishan.parcels["dispute"].isna().all()


def test_qishan_owner_villages_that_are_not_listed(qishan):
    with (DATA / "qishan" / "villages_610323.csv").open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    assert qishan.villages["village_code"].tolist() == [row["code"] for row in listed]
    codes, stems = (
        {row["code"] for row in listed},
        {re.sub("村民委员会|社区居民委员会|社区居委会|居委会|村委会|村$|社区$", "", row["name"]) for row in listed},
    )
    raw = raw_fields(DATA / "qishan" / "development.shp", encoding="GB18030")
    owners = {(code[:12], name) for code, name in zip(raw["QSDWDM"], raw["QSDWMC"], strict=True) if code[9:12] != "000"}
    expected = {(code, name) for code, name in owners if code not in codes and re.sub("(村委会|村)$", "", name) not in stems}
    finding = next(item for item in qishan.findings if item.code == "owners_not_listed")
    assert finding.count == len(expected) > 20
    assert all(name in finding.text("zh") for _, name in expected)


def test_qishan_roads_and_red_line(qishan):
    raw = raw_fields(DATA / "qishan" / "road.shp", encoding="GB18030")
    assert len(qishan.roads) == len(raw["TYPE"]) == 1195
    classes = qishan.roads["road_class"].value_counts()
    assert classes["county"] == (raw["TYPE"] == "县道").sum()
    assert classes["provincial"] == (raw["TYPE"] == "省道").sum()
    assert classes["national"] + classes["expressway"] == (raw["TYPE"] == "国道").sum()
    assert qishan.roads.length.sum() == pytest.approx(raw["SHAPE_Leng"].sum(), rel=0.02)
    assert len(qishan.restrictions) == 159 and qishan.restrictions.geometry.is_valid.all()
    assert qishan.facilities is None and qishan.population is None and qishan.terrain is None


@pytest.fixture(scope="module")
def comoros():
    return open_county(HERE / "comoros.toml")


def osm(layer: str, key: str) -> np.ndarray:
    """Values of a tag in the extract, found in the driver's own column or in its text of other tags."""
    fields = raw_fields(DATA / "comoros" / "comores-latest.osm.pbf", layer, read_geometry=False)
    if key in fields:
        return np.array([value if isinstance(value, str) else "" for value in fields[key]])
    texts = [text if isinstance(text, str) else "" for text in fields["other_tags"]]
    return np.array([match[1] if (match := re.search(rf'"{key}"=>"([^"]*)"', text)) else "" for text in texts])


def test_comoros_counts(comoros):
    assert comoros.crs.to_epsg() == 32738
    places = np.concatenate([osm("points", "place"), osm("multipolygons", "place")])
    doubled = next(item.count for item in comoros.findings if item.code == "village_repeated")
    assert len(comoros.villages) == np.isin(places, ["city", "town", "village", "hamlet"]).sum() - doubled == 165
    assert len(comoros.buildings) == (osm("multipolygons", "building") != "").sum() == 81122
    halls = (osm("points", "amenity") == "community_centre").sum() + (osm("multipolygons", "amenity") == "community_centre").sum()
    assert len(comoros.venues) == halls == 25
    highways = osm("lines", "highway")
    assert len(comoros.roads) == (highways != "").sum() == 4378
    assert (comoros.roads["road_class"] == "track").sum() == (highways == "track").sum()
    categories = comoros.facilities["category"].value_counts()
    assert (
        categories["police"] == (osm("points", "amenity") == "police").sum() + (osm("multipolygons", "amenity") == "police").sum()
    )
    assert comoros.options["candidates"] == {"buildings": "all"}


def test_comoros_people_and_heights(comoros):
    with rasterio.open(DATA / "comoros" / "com_ppp_2020_UNadj.tif") as file:
        people = file.read(1).astype("float64")
    assert comoros.population["people"].sum() == pytest.approx(people[people > 0].sum(), rel=1e-9)
    assert len(comoros.population) == (people > 0).sum()
    assert np.nanmax(comoros.terrain.values) == pytest.approx(2361, abs=15)  # Karthala, the highest point, 2361 m
    assert len(comoros.restrictions) == 121                       # lakes as areas, streams as lines
    assert set(comoros.restrictions.geom_type.str.removeprefix("Multi")) == {"Polygon", "LineString"}


def test_washington():
    county = open_county(HERE / "washington_nh.toml")
    raw = raw_fields(DATA / "washington_nh" / "washington_nh.gpkg", "parcels")
    assert county.crs.to_epsg() == 32618
    assert county.parcels["title_owner"].value_counts().to_dict() == {"private": 1923 + 29, "village": 52, "state": 12}
    assert county.parcels["parcel_id"].tolist() == raw["id"].tolist()
    assert county.parcels["declared_area_m2"].sum() == pytest.approx(raw["acres"].sum() * 4046.8564224)
    assert county.villages.area.sum() == pytest.approx(123e6, rel=0.03)  # the town's own figure: 47.5 square miles
    assert county.roads["road_class"].value_counts().to_dict() == {
        "street": 115,
        "village": 85,
        "track": 24,
        "provincial": 21,
        "county": 1,
    }
    assert county.roads["width_m"].max() == pytest.approx(24 * 0.3048)
    assert (len(county.buildings), len(county.restrictions)) == (1565, 155)
