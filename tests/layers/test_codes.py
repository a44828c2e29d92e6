"""Every code of data-conventions 1.3 and 2, read from a file: owner level, use right and dispute, each with its source."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers import open_county
from layers.land_classes import SURVEY2, SURVEY3, restored_survey
from tests.layers.samples import CRS, X, Y, listed, write_county

STATE, COLLECTIVE = "state", "collective"

QSXZ = {
    "10": STATE, "20": STATE, "21": STATE, "22": STATE, "30": COLLECTIVE, "31": "villager_group", "32": "village",
    "33": "township", "34": "other_collective", "40": COLLECTIVE, "41": COLLECTIVE, "42": COLLECTIVE, "43": COLLECTIVE,
    "44": COLLECTIVE, "50": "unknown", "村民小组": "villager_group", "村集体经济组织": "village", "乡集体经济组织": "township",
    "其它农民集体经济组织": "other_collective", "国有土地使用权": STATE, "集体土地所有权": COLLECTIVE,
}
"""Code 21 is state by either of the two tables that differ on it, 31 and 32 as all tables but two have them."""

FIRST = {"G": STATE, "J": COLLECTIVE, "Z": "unknown"}
SECOND = {
    "A": "none", "B": "construction", "S": "construction", "X": "construction", "C": "homestead", "D": "contract", "E": "contract",
    "F": "contract", "L": "contract", "N": "contract", "H": "other", "G": "other", "Y": "other", "W": "undetermined",
}

QLLX = {
    "1": (COLLECTIVE, "none"), "2": (STATE, "none"), "3": (STATE, "construction"), "4": (STATE, "construction"),
    "5": (COLLECTIVE, "homestead"), "6": (COLLECTIVE, "homestead"), "7": (COLLECTIVE, "construction"),
    "8": (COLLECTIVE, "construction"), "9": (COLLECTIVE, "contract"), "10": (COLLECTIVE, "contract"), "11": (None, "contract"),
    "12": (None, "contract"), "13": (None, "contract"), **{str(code): (None, "other") for code in (*range(14, 24), 99)},
    "24": (STATE, "other"), "07": (COLLECTIVE, "construction"), "集体建设用地使用权": (COLLECTIVE, "construction"),
    "宅基地使用权/房屋（构筑物）所有权": (COLLECTIVE, "homestead"), "国家土地所有权": (STATE, "none"),
}
QLXZ = {
    **{str(code): (STATE, None) for code in range(100, 106)}, "106": (STATE, "contract"), "107": (STATE, "contract"),
    "200": (COLLECTIVE, None), "201": (COLLECTIVE, "contract"), "202": (COLLECTIVE, "contract"), "203": (COLLECTIVE, None),
    "204": (COLLECTIVE, None), "205": (COLLECTIVE, None), "批准拨用": (COLLECTIVE, None), "划拨": (STATE, None),
}
DISPUTE = {
    "JXXZ": {"600001": "no_sign", "600002": "undetermined", "600003": "yes", "600004": "no_sign", "600005": "no_sign",
             "600009": "no_sign", "争议界": "yes"},
    "DJLX": {"100": "no_sign", "200": "no_sign", "300": "no_sign", "400": "no_sign", "500": "no_sign", "600": "yes",
             "700": "no_sign", "800": "yes", "900": "no_sign", "异议登记": "yes"},
}


def opened(tmp_path, columns, role="parcels"):
    """A layer with these columns, one square of 20 m for each row, written and read."""
    count = len(next(iter(columns.values())))
    shapes = [shapely.box(X + 30 * i, Y, X + 30 * i + 20, Y + 20) for i in range(count)]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(tmp_path / "a.gpkg", layer="a")
    base = '[layers.parcels]\nsource = "b.gpkg"\n' if role != "parcels" else ""
    if base:
        gpd.GeoDataFrame({"BSM": ["1"]}, geometry=shapes[:1], crs=CRS).to_file(tmp_path / "b.gpkg", layer="b")
    county = open_county(write_county(tmp_path, f'{base}[layers.{role}]\nsource = "a.gpkg"'))
    return county, getattr(county, role)


def zddm(letters):
    return f"529901001001{letters}00001"


def test_nature_of_ownership(tmp_path):
    _, parcels = opened(tmp_path, {"QSXZ": list(QSXZ)})
    assert parcels["survey_owner"].tolist() == list(QSXZ.values())
    assert parcels["survey_source"].tolist() == [f"QSXZ={code}" for code in QSXZ]
    assert parcels["title_owner"].isna().all() and parcels["title_source"].isna().all()


def test_every_pair_of_letters_in_the_parcel_code(tmp_path):
    pairs = [first + second for first in FIRST for second in SECOND]
    _, parcels = opened(tmp_path, {"ZDDM": [zddm(pair) for pair in pairs]})
    assert parcels["title_owner"].tolist() == [FIRST[pair[0]] for pair in pairs]
    assert parcels["use_right"].tolist() == [SECOND[pair[1]] for pair in pairs]
    assert parcels["title_source"].tolist() == parcels["use_right_source"].tolist() == [f"ZDDM={pair}" for pair in pairs]
    undetermined = [pair[0] == "Z" or pair[1] == "W" for pair in pairs]
    assert parcels["dispute"].tolist() == ["undetermined" if open_ else "no_sign" for open_ in undetermined]
    assert listed(parcels["dispute_source"]) == [f"ZDDM={pair}" if open_ else None
                                                 for pair, open_ in zip(pairs, undetermined, strict=True)]


@pytest.mark.parametrize(("field", "table"), [("QLLX", QLLX), ("QLXZ", QLXZ)])
def test_right_type_and_right_nature(tmp_path, field, table):
    _, parcels = opened(tmp_path, {field: list(table)})
    owners, uses = zip(*table.values(), strict=True)
    assert listed(parcels["title_owner"]) == list(owners)
    assert listed(parcels["use_right"]) == list(uses)
    for said, source in ((owners, "title_source"), (uses, "use_right_source")):
        names = parcels[source].str.split("=").str[0]
        assert listed(names) == [None if one is None else field for one in said]


def test_all_papers_of_a_parcel_are_named(tmp_path):
    columns = {"ZDDM": [zddm("JB"), zddm("JB"), None], "QLLX": ["7", "3", "5"], "QLXZ": ["203", None, None]}
    _, parcels = opened(tmp_path, columns)
    assert parcels["title_source"].tolist() == ["ZDDM=JB; QLLX=7; QLXZ=203", "ZDDM=JB; QLLX=3", "QLLX=5"]
    assert parcels["use_right_source"].tolist() == ["ZDDM=JB", "ZDDM=JB", "QLLX=5"]
    assert parcels["title_conflict"].tolist() == [False, True, False]


@pytest.mark.parametrize("field", list(DISPUTE))
def test_marks_of_dispute(tmp_path, field):
    table = DISPUTE[field]
    _, parcels = opened(tmp_path, {field: list(table)})
    assert parcels["dispute"].tolist() == list(table.values())
    assert listed(parcels["dispute_source"]) == [None if mark == "no_sign" else f"{field}={code}" for code, mark in table.items()]


def test_ownership_polygons_name_their_source(tmp_path):
    columns = {"ZDDM": [zddm("JA"), zddm("JW"), None, None], "QSXZ": ["32", None, "33", None],
               "QSDWMC": ["青石村农民集体", None, None, "青石村农民集体"]}
    _, layer = opened(tmp_path, columns, role="ownership")
    assert layer["owner_level"].tolist() == ["village", "collective", "township", "village"]
    assert layer["owner_source"].tolist() == ["ZDDM=JA; QSXZ=32", "ZDDM=JW", "QSXZ=33", "QSDWMC=青石村农民集体"]
    assert listed(layer["dispute_source"]) == [None, "ZDDM=JW", None, None]


@pytest.mark.parametrize(("unit", "square_metres"), [
    ("1", 1.0), ("2", 2000 / 3), ("3", 10_000.0), ("平方米", 1.0), ("m²", 1.0), ("㎡", 1.0), ("亩", 2000 / 3), ("公顷", 10_000.0),
    ("hm2", 10_000.0), ("英亩", 4046.8564224), ("acres", 4046.8564224), ("2.0", 2000 / 3), ("斤", None),
])
def test_units_of_the_declared_area(tmp_path, unit, square_metres):
    county, parcels = opened(tmp_path, {"ZDMJ": [0.6, 3.0], "MJDW": [unit, unit]})
    if square_metres is None:
        assert parcels["declared_area_m2"].isna().all() and "area_unit_unknown" in [f.code for f in county.findings]
    else:
        assert parcels["declared_area_m2"].tolist() == pytest.approx([0.6 * square_metres, 3.0 * square_metres])
    assert parcels["area_m2"].tolist() == pytest.approx([400, 400])


@pytest.mark.parametrize(("declared", "square_metres", "said"), [
    ([0.6, 0.6, 0.61], [400, 400, 0.61 * 2000 / 3], "mu"), ([0.04, 0.04, 0.04], [400] * 3, "ha"),
    ([400, 410, 390], [400, 410, 390], None), ([0.6, 0.6, 5.0], [0.6, 0.6, 5.0], None),
])
def test_an_area_without_a_unit_is_in_the_one_that_nearly_all_shapes_agree_with(tmp_path, declared, square_metres, said):
    county, parcels = opened(tmp_path, {"ZDMJ": [float(area) for area in declared]})
    assert parcels["declared_area_m2"].tolist() == pytest.approx(square_metres)
    told = [finding.params["unit"] for finding in county.findings if finding.code == "area_unit_by_shape"]
    assert told == ([said] if said else [])
    assert ("area_differs" in [finding.code for finding in county.findings]) == (5.0 in declared)


def test_land_class_by_the_field_and_never_by_the_value(tmp_path):
    """0702 is a homestead to the land survey and a community facility to the plan."""
    for field, system in (("DLBM", "survey3"), ("地类编码", "survey3"), ("YDYHFLDM", "landuse_sea"), ("GHDLBM", "landuse_sea"),
                          ("YT", "other")):
        _, parcels = opened(tmp_path, {field: ["0702"]})
        assert (parcels["land_class"][0], parcels["land_class_system"][0]) == ("0702", system)


@pytest.mark.parametrize(("field", "read", "restored", "system"), [
    ("DLBM", [702, 101, 1201, 809], ["0702", "0101", "1201", "0809"], "survey3"),
    ("DLBM", [72, 101, 203, 87], ["072", "101", "203", "087"], "survey2"),
    ("DLBM", [702.0, None, 9.0], ["0702", None, "09"], "survey3"),
    ("DLBM", ["0101", "702", "101"], ["0101", "0702", "101"], "survey3"),
    ("GHDLBM", [704, 80302, 1001], ["0704", "080302", "1001"], "landuse_sea"),
])
def test_the_zero_that_a_number_field_swallows(tmp_path, field, read, restored, system):
    county, parcels = opened(tmp_path, {field: read})
    assert listed(parcels["land_class"]) == restored
    assert set(parcels["land_class_system"].dropna()) <= {system}
    assert sum(finding.count for finding in county.findings if finding.code == "land_class_zero") > 0


def test_codes_that_may_be_of_either_survey_are_left_to_the_person(tmp_path):
    county, parcels = opened(tmp_path, {"DLBM": [101, 102, 203]})
    assert parcels["land_class"].isna().all() and parcels["land_class_system"].isna().all()
    assert [finding.count for finding in county.findings if finding.code == "land_class_doubtful"] == [3]


def test_a_text_of_three_digits_is_the_second_surveys(tmp_path):
    county, parcels = opened(tmp_path, {"DLBM": ["202", "101"]})
    assert parcels["land_class"].tolist() == ["202", "101"] and parcels["land_class_system"].tolist() == ["survey2"] * 2
    assert not any(finding.code.startswith("land_class") for finding in county.findings)


def test_a_whole_class_table_comes_back_from_numbers():
    numbers = pd.Series(sorted(code for code in SURVEY3 if code.isdigit() and len(code) == 4), dtype="str")
    assert restored_survey(numbers.str.lstrip("0"))[0].tolist() == numbers.tolist()
    old = pd.Series(sorted(SURVEY2), dtype="str")
    assert restored_survey(old.str.lstrip("0"))[0].tolist() == old.tolist()
    for whole in (numbers, old):
        assert not restored_survey(whole)[1].any()
