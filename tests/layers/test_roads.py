import geopandas as gpd
import pytest
from shapely.geometry import LineString, MultiLineString

from layers import open_county
from layers.roads import class_of, class_of_number
from layers.schema import ROAD_CLASSES
from tests.layers import samples
from tests.layers.samples import listed, write_county


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("国道", "national"),
        ("省道", "provincial"),
        ("县道", "county"),
        ("乡道", "township"),
        ("村道", "village"),
        ("高速公路", "expressway"),
        ("机耕路", "track"),
        ("专用公路", "village"),
        ("主干路", "street"),
        ("人行小路", "path"),
        ("motorway_link", "expressway"),
        ("tertiary", "township"),
        ("footway", "path"),
        ("??", None),
    ],
)
def test_words(word, name):
    assert class_of(word) == name


def test_numbers_and_standard_names():
    assert [class_of_number(number) for number in ("G344", "G30", "S107", "X203", "Y017", "C012", "A1")] == [
        "national",
        "expressway",
        "provincial",
        "county",
        "township",
        "village",
        None,
    ]
    assert [class_of(name) for name in ROAD_CLASSES] == list(ROAD_CLASSES)


def test_roads_are_single_lines_with_a_class(tmp_path):
    x, y = samples.X, samples.Y
    parts = MultiLineString([[(x, y), (x + 100, y)], [(x + 200, y), (x + 300, y)]])
    lines = [parts, *(LineString([(x, y + 50 * i), (x + 100, y + 50 * i)]) for i in range(1, 5))]
    frame = gpd.GeoDataFrame(
        {
            "FEATID": ["1", "2", "3", "4", "5"],
            "TYPE": ["县道", None, None, None, "神秘路"],
            "GB": [None, "420201", None, None, None],
            "RN": [None, None, "G344", None, None],
            "RTEG": ["二级", None, "三级", "四级", None],
            "WIDTH": [6, 7, 8, 4, 3],
            "SDTF": ["双向", "单向", None, None, None],
            "是否桥梁": ["否", "是", None, None, None],
        },
        geometry=lines,
        crs=samples.CRS,
    )
    frame.to_file(tmp_path / "r.gpkg", layer="r")
    samples.parcels().to_file(tmp_path / "p.gpkg", layer="p")
    county = open_county(write_county(tmp_path, '[layers.parcels]\nsource = "p.gpkg"\n[layers.roads]\nsource = "r.gpkg"'))
    roads = county.roads
    assert (roads.geom_type == "LineString").all()
    assert roads["road_id"].tolist() == ["1", "1-2", "2", "3", "4", "5"]
    assert roads["road_class"].tolist() == ["county", "county", "provincial", "national", "village", "village"]
    assert listed(roads["oneway"]) == ["no", "no", "forward", None, None, None]
    assert listed(roads["bridge"]) == [False, False, True, None, None, None]
    assert roads["width_m"].tolist() == [6, 6, 7, 8, 4, 3]
    assert roads.length.sum() == pytest.approx(600)
    assert {finding.code for finding in county.findings} == {"road_parts", "road_class_unknown", "area_differs"}
