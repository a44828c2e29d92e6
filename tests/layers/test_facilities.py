import pytest

from layers.facilities import categories, category_of_tags, category_of_typecode, category_of_words
from layers.schema import FACILITY_CATEGORIES


def test_every_category_has_a_way_to_be_found():
    assert set(categories()) == set(FACILITY_CATEGORIES)
    assert all(entry["osm"] and entry["words"] for entry in categories().values())


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("云溪镇中心幼儿园", "kindergarten"),
        ("青石完全小学", "primary_school"),
        ("青石村卫生室", "clinic"),
        ("农家店", "shop"),
        ("青石招呼站", "bus_stop"),
        ("云溪派出所", "police"),
        ("幸福院", "elderly_care"),
        ("云溪初级中学", "middle_school"),
        ("集贸市场", "market"),
        ("邮政所", "post"),
        ("农村信用社", "bank"),
        ("文化礼堂", "culture"),
        ("篮球场", "sport"),
        ("云溪镇人民政府", "township_seat"),
        ("加油站", None),
    ],
)
def test_words(name, category):
    assert category_of_words(name) == category


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("141204", "kindergarten"),
        ("141203", "primary_school"),
        ("060411", "shop"),
        ("150702", "bus_stop"),
        ("130105", "township_seat"),
        ("130106", None),
        ("141202|141203", "middle_school"),
    ],
)
def test_typecodes(code, category):
    assert category_of_typecode(code) == category


def test_more_tags_go_before_fewer():
    assert category_of_tags({"amenity": "school"}) == "primary_school"
    assert category_of_tags({"amenity": "school", "isced:level": "2"}) == "middle_school"
    assert category_of_tags({"amenity": "social_facility"}) is None
