"""Changes of county.toml: exactly the line asked for, comments in their place, shown first, undone to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.config import county_content, read_config
from layers.findings import Finding, InputError
from layers.mending import ignored_findings, undo, undoable, with_ignored, with_value, write
from layers.mends import mends_of

TOML = """# the county
[county]
name = "双溪县"

[layers.roads]
source = "roads.geojson"   # from the bureau

# facilities come from a map
[layers.facilities]
source = "roads.geojson"
datum = "gcj02"

[layers.restrictions.redline]
source = "roads.geojson"
"""


@pytest.fixture
def county(tmp_path: Path) -> Path:
    (tmp_path / "roads.geojson").write_text("{}", encoding="utf-8")
    path = tmp_path / "county.toml"
    path.write_bytes(TOML.encode())
    return path


def test_a_value_stands_in_its_own_table_and_nothing_else_moves(county):
    change = with_value(county, ("layers", "roads", "datum"), "bd09")
    assert county.read_bytes() == TOML.encode()   # shown, not written
    assert "+datum = \"bd09\"" in change.lines and change.lines.count("\n+") + change.lines.startswith("+") == 1
    write(change)
    lines = county.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in TOML.splitlines()] == ['datum = "bd09"']
    assert lines.index('datum = "bd09"') == lines.index('source = "roads.geojson"   # from the bureau') + 1
    assert {spec.name: spec.datum for spec in read_config(county).layers} == {
        "roads": "bd09", "facilities": "gcj02", "restrictions.redline": None}


def test_a_value_that_is_there_is_exchanged_in_its_place(county):
    write(with_value(county, ("layers", "facilities", "datum"), "cgcs2000"))
    assert county.read_text(encoding="utf-8") == TOML.replace('"gcj02"', '"cgcs2000"')


def test_words_of_a_file_are_explained_one_after_the_other(county):
    write(with_value(county, ("layers", "roads", "values", "road_class", '农 "道"'), "village"))
    write(with_value(county, ("layers", "roads", "values", "road_class", "甲]"), "path"))
    spec = next(spec for spec in read_config(county).layers if spec.name == "roads")
    assert spec.values == {"road_class": {'农 "道"': "village", "甲]": "path"}}


def test_a_layer_chosen_anew_is_the_only_one_named(county):
    county.write_text(TOML.replace('"roads.geojson"   #', '"roads.geojson|gone"   #'), encoding="utf-8")
    write(with_value(county, ("layers", "roads", "layer"), "道路"))
    spec = next(spec for spec in read_config(county).layers if spec.name == "roads")
    assert spec.sources == ("roads.geojson",) and spec.layer == "道路"
    assert "# from the bureau" in county.read_text(encoding="utf-8")


def test_bytes_of_windows_files_stay(county):
    county.write_bytes(b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").encode())
    write(with_value(county, ("layers", "facilities", "datum"), "bd09"))
    assert county.read_bytes() == b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").replace("gcj02", "bd09").encode()


def test_what_would_not_be_right_is_refused_before_it_is_written(county):
    with pytest.raises(InputError, match="datum"):
        with_value(county, ("layers", "roads", "datum"), "moon")
    with pytest.raises(InputError, match="coordinate system"):
        with_value(county, ("layers", "roads", "crs"), "EPSG:0")
    assert county.read_bytes() == TOML.encode()


def test_a_file_that_another_hand_changed_is_not_overwritten(county):
    change = with_value(county, ("layers", "roads", "datum"), "bd09")
    county.write_text(TOML + "\n# mine\n", encoding="utf-8")
    with pytest.raises(InputError, match="changed by another hand"):
        write(change)
    assert county.read_text(encoding="utf-8").endswith("# mine\n")


def test_undo_goes_back_step_by_step_and_never_over_another_hand(county):
    assert undoable(county) is None and not undo(county)
    write(with_value(county, ("layers", "roads", "datum"), "bd09"))
    write(with_value(county, ("layers", "roads", "datum"), "gcj02"))
    assert undo(county) and 'datum = "bd09"' in county.read_text(encoding="utf-8")
    assert undo(county) and county.read_bytes() == TOML.encode()
    write(with_value(county, ("layers", "roads", "datum"), "bd09"))
    county.write_text(TOML, encoding="utf-8")
    assert undoable(county) is None and not undo(county)


def test_laying_a_finding_aside_is_remembered_and_does_not_change_the_county(county):
    finding = Finding("id_repeated", "warning", "parcels", "BSM", ("1", "2"), 2)
    before, options = county_content(county), read_config(county).options
    write(with_ignored(county, finding.key))
    write(with_ignored(county, "other:roads:1"))
    assert ignored_findings(county) == {finding.key, "other:roads:1"}
    assert county_content(county) == before and read_config(county).options == options
    write(with_ignored(county, finding.key, ignored=False))
    assert ignored_findings(county) == {"other:roads:1"}


def test_the_key_of_a_finding_follows_what_it_says():
    finding = Finding("id_repeated", "warning", "parcels", "BSM", ("1", "2"), 2)
    assert finding.key == Finding("id_repeated", "warning", "parcels", "BSM", ("1", "2"), 2).key
    others = [Finding("id_repeated", "warning", "parcels", "BSM", ("1", "3"), 2), Finding("id_repeated", "warning", "roads", "BSM"),
              Finding("id_repeated", "warning", "parcels", "BSM", ("1", "2"), 3),
              Finding("id_repeated", "warning", "parcels", "BSM", ("1", "2"), 2, {"path": "a"})]
    assert len({finding.key, *(one.key for one in others)}) == 5


def test_every_mend_that_is_offered_can_be_written(county):
    layers = ("roads", "facilities", "restrictions.redline")
    findings = [
        Finding("datum_suspected", "warning", "facilities", params={"datum": "bd09"}),
        Finding("crs_missing", "error", "layers.roads", "crs"),
        Finding("encoding_unknown", "warning", "roads"),
        Finding("layer_ambiguous", "error", "layers.roads", params={"choices": "甲, 乙"}),
        Finding("restriction_kind_unknown", "warning", "restrictions.redline"),
        Finding("road_class_unknown", "warning", "roads", params={"words": "机耕, ∅"}),
        Finding("fields_none", "warning", "roads", params={"available": "LX, 权利人, KD"}),
        Finding("county_crs_unfit", "warning", "county", params={"better": "EPSG:4547 CGCS2000"}),
    ]
    for finding in findings:
        offered = mends_of(finding, layers=layers)
        assert offered, finding.code
        for mend in offered:
            for value in mend.choices[:2]:
                after = with_value(county, mend.where, value).after
                assert value in after and "∅" not in after and "权利人" not in after
    assert mends_of(Finding("geometry_invalid", "info", "roads"), layers=layers) == ()
    assert mends_of(Finding("crs_missing", "error", "layers.parcels"), layers=layers) == ()
