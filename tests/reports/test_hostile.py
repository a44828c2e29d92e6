"""Hostile names in every file that leaves: nothing becomes a formula, a link or markup, and what is said stays readable."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import zipfile
from html.parser import HTMLParser

import openpyxl
import pyogrio
import pytest

from geo.planning import plan
from reports.run import write_run
from reports.safe import plain_text
from reports.tables import candidates_table
from reports.workbook import workbook_bytes
from tests.reports.hostile import NAMES, hostile_county, hostile_study
from tests.reports.smallstudy import county, small_study

RUNS = re.compile("^[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]")
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")
OWN = re.compile(r"=(IF|IFERROR|SUM|SUMPRODUCT|RANK|\$\w+\$?\d+\*1000|'[^']*'!\$[A-Z]+\$\d+$)")


def _cells(data: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]


def _is_harmless(cell: str) -> bool:
    return not RUNS.match(cell) or bool(NUMBER.match(cell))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    write_run(hostile_study(), hostile_county(), folder, language="zh")
    return folder


def test_no_cell_of_a_csv_file_is_run(folder):
    for path in folder.glob("*.csv"):
        cells = _cells(path.read_bytes())
        assert [cell for cell in cells if not _is_harmless(cell)] == [], path.name
        assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e]", "".join(cells)), path.name
    assert "'" + NAMES[0] in _cells((folder / "villages.csv").read_bytes())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_holds_its_own_formulas_only_and_no_link(language):
    data = workbook_bytes(hostile_study(), hostile_county(), language)
    book = openpyxl.load_workbook(io.BytesIO(data))
    texts = set()
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                if cell.data_type == "f":
                    assert OWN.match(cell.value), cell.value
                    assert not any(name in cell.value for name in NAMES)
                elif isinstance(cell.value, str):
                    texts.add(cell.value)
                    assert cell.data_type in ("s", "inlineStr")
    assert {NAMES[0], NAMES[1], NAMES[2]} <= texts          # the villages' names, as they read
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for name in packed.namelist():
            text = packed.read(name).decode("utf-8")
            assert not re.search("<script|<img|onerror=\"|[\x00-\x08\x0e-\x1f\u202e]", text), name
            assert "hyperlink" not in text and "ddeLink" not in text and "externalLink" not in text, name


def test_the_header_of_a_page_obeys_no_command_of_a_name():
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(hostile_study(), hostile_county(), "en")))
    for sheet in book.worksheets:
        head = sheet.oddHeader
        assert head.center.text is None and len(head.right.text or "") < 255


def test_the_geopackage_keeps_names_as_data(folder):
    table = candidates_table(hostile_study())
    read = pyogrio.read_dataframe(folder / "candidates.gpkg", layer="candidates")
    for name in ("village_name", "township_name"):
        assert [text.split("\x00")[0] for text in table[name]] == [text or "" for text in read[name].fillna("")]


def test_the_map_has_no_tag_and_no_attribute_out_of_a_name(folder, tmp_path):
    def outline(html: str) -> list[tuple[str, tuple[str, ...]]]:
        class Reader(HTMLParser):
            def handle_starttag(self, tag, attrs):
                self.tags.append((tag, tuple(name for name, _ in attrs)))

        reader = Reader()
        reader.tags = []
        reader.feed(html)
        return sorted(set(reader.tags))

    write_run(small_study(), county(), tmp_path, language="zh")
    hostile, tame = ((place / "map.html").read_text(encoding="utf-8") for place in (folder, tmp_path))
    assert outline(hostile) == outline(tame)
    assert hostile.count("</script") == tame.count("</script")


def test_findings_and_record_are_json_that_holds_the_names(folder):
    found = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    assert {one["field"] for one in found} == set(NAMES)
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert {one["source"] for one in record["inputs"]} == set(NAMES)


def test_a_plan_s_files_are_as_careful(tmp_path):
    from reports.plan_files import write_plan
    from tests.ui.sites_town import scenario, town
    from ui.planning import load_rules

    place, study = town()
    names = [NAMES[number % 6] for number in range(len(study.villages))]
    villages = study.villages.assign(village_name=names, township_name=names[::-1])
    by_code = dict(zip(villages["village_code"], names, strict=True))
    table = study.candidates.assign(village_name=study.candidates["village_code"].map(by_code))
    bad_county = dataclasses.replace(place, villages=place.villages.assign(
        village_name=place.villages["village_code"].map(by_code)))
    bad = dataclasses.replace(study, villages=villages, candidates=table)
    paths = write_plan(plan(bad_county, bad, load_rules(None, scenario())), bad, tmp_path)
    said = ""
    for path in paths:
        if path.suffix == ".csv":
            cells = _cells(path.read_bytes())
            assert [cell for cell in cells if not _is_harmless(cell)] == [], path.name
            said += "".join(cells)
    assert any(plain_text(name) in said for name in NAMES[:6])
