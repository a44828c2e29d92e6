import pytest

from layers.names import plain_village_name


@pytest.mark.parametrize(
    "name",
    [
        "青石村",
        "青石",
        "青石村委会",
        "青石村民委员会",
        "青石 村",
        "青石社区居委会",
        "青石社区居民委员会",
        "青石村农民集体",
        "青石村(原名白水村)",
        "青石村股份经济合作社",
    ],
)
def test_spellings_of_one_village(name):
    assert plain_village_name(name) == "青石"


def test_what_is_left_is_never_empty():
    assert plain_village_name("村") == "村"
    assert plain_village_name("王村") == "王村"
    assert plain_village_name(float("nan")) == ""
    assert plain_village_name("青石东村") != plain_village_name("青石西村")
