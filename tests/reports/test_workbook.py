"""The workbook, read back with openpyxl: sheets, heads, figures, colours, and no formula out of anybody's name."""

from __future__ import annotations

import io

import openpyxl
import pytest

from layers.findings import Finding
from layers.words import say
from reports import workbook_bytes
from reports.columns import meaning_of
from reports.tables import VILLAGE_HEAD, candidates_table
from reports.workbook import value_text
from tests.reports.smallstudy import county, scenario, small_study

SHEETS = {
    "zh": ["概览", "行政村", "候选排名", "指标与权重", "数据问题", "字段说明"],
    "en": ["Summary", "Villages", "Ranked candidates", "Criteria and weights", "Findings", "Columns"],
}
FOUND = Finding("config_missing", "warning", "parcels", "ZDDM", ("1", "2"), 2, {"path": "=x"}, (114.0, 34.5))


def _book(language: str = "zh", **changes):
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(small_study(), county(**changes), language)))


def _table(sheet, top: int = 3) -> list[dict]:
    heads = [cell.value for cell in sheet[top]]
    return [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=top + 1)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_sheet_for_each_thing(language):
    book = _book(language)
    assert book.sheetnames == SHEETS[language]
    for sheet in book.worksheets:
        assert "双溪县" in sheet["A1"].value or sheet.title in SHEETS[language][3:]
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
        assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape"
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes and sheet.auto_filter.ref


def test_ranked_candidates_pass_or_wait_in_the_order_of_their_rank():
    rows = _table(_book()["候选排名"])
    assert [row["候选编号"] for row in rows] == ["N-P1", "R-B1", "N-P2", "U-V1"]
    assert [row["全县排名"] for row in rows] == [1, 2, 3, 4]
    assert [row["结论"] for row in rows] == ["符合", "符合", "需核实", "需核实"]
    assert rows[2]["需核实的门槛"] == "无争议"
    assert rows[1]["可用院落（平方米）"] is None and rows[3]["得分（0–100）"] is None
    assert rows[0]["院落得分（分）"] == 80.0 and rows[0]["交通得分（分）"] is None


def test_villages_show_status_in_words_and_unreachable_as_such():
    sheet = _book("en")["Villages"]
    rows = {row["Village"]: row for row in _table(sheet)}
    assert rows["青石村"]["Existing venue"] == say("criteria.venue.none", "en")
    assert rows["青石村"]["Mean walk to an adequate venue (min)"] == say("criteria.state.unreachable", "en")
    assert rows["云台村"]["Best score (0–100)"] is None
    assert rows["柳湾村"]["What it lacks"] == say("criteria.venue_lack.floor_area", "en")
    fills = {row[5].value: row[5].fill.start_color.rgb for row in sheet.iter_rows(min_row=4)}
    assert len(set(fills.values())) == 2


def test_the_summary_counts_what_the_study_holds():
    cells = [[cell.value for cell in row] for row in _book("en")["Summary"].iter_rows()]
    by_name = {row[0]: row[1:] for row in cells if row[0]}
    status = say("criteria.venue.none", "en")
    assert by_name[status][:2] == [2, 1050]
    assert by_name["All"] is not None
    kinds = {kind: by_name[say(f"criteria.kind.{kind}", "en")][:4] for kind in ("new", "reuse", "upgrade")}
    assert kinds == {"new": [1, 1, 2, 4], "reuse": [1, 0, 0, 1], "upgrade": [0, 1, 0, 1]}
    assert by_name[say("criteria.gate.road", "en")][:2] == [1, 0]
    assert by_name[say("criteria.gate.collective", "en")][:2] == [1, 1]
    assert any("terrain" in str(row[0]).lower() for row in cells if row[0] and "not assessed" in str(row[0]))
    assert by_name["With a site that passes every gate"][:2] == [1, 1000]
    assert by_name["With no usable site"][:2] == [1, 50]


def test_nothing_in_a_name_becomes_a_formula_or_a_link():
    for sheet in _book(findings=(FOUND,)).worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
    assert "=柳湾,村" in {cell.value for row in _book()["候选排名"].iter_rows() for cell in row}


def test_criteria_state_weight_clause_value_function_and_why_not_assessed():
    rules = scenario()
    rows = {row["指标"]: row for row in _table(_book()["指标与权重"])[: len(rules.criteria)]}
    assert len(rows) == len(rules.criteria)
    yard = rows[say("criteria.criterion.courtyard", "zh")]
    assert yard["权重"] == 15 and yard["政策条款"] == "A 2.2 ④" and yard["已知候选数"] == 5
    assert yard["取值函数（度量 → 值）"] == "0 → 0、200 → 0.4、400 → 0.8、800 → 1"
    assert sum(row["权重占比"] for row in rows.values()) == pytest.approx(1)
    assert "高程" in rows[say("criteria.criterion.slope", "zh")]["未评价原因"]
    owner = next(c for c in rules.criteria if c.id == "owner_level")
    assert value_text(owner, "en").count("→") == 7


def test_findings_stand_by_severity_with_their_text():
    note = Finding("config_missing", "info", "parcels", params={"path": "a"})
    rows = _table(_book("en", findings=(note, FOUND))["Findings"])
    assert [row["Severity"] for row in rows] == ["Warning", "Note"]
    assert rows[0]["Count"] == 2 and rows[0]["Rows concerned"] == "1, 2" and rows[0]["Code"] == "config_missing"
    assert rows[0]["What was found, what was done, what to do"] == FOUND.text("en")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_column_of_the_csv_files_is_explained(language):
    sheet = _book(language)[SHEETS[language][5]]
    explained = [(row[0].value, row[1].value) for row in sheet.iter_rows(min_row=4)]
    table = candidates_table(small_study())
    assert explained == [("candidates.csv", name) for name in table.columns if name != "geometry"] + [
        ("villages.csv", name) for name in VILLAGE_HEAD]
    assert all(meaning_of(name, language) != name for _, name in explained if name not in ("households",))


def test_columns_are_wide_enough_for_chinese():
    sheet = _book()["行政村"]
    assert sheet.column_dimensions["A"].width >= 12 + 1   # a 12-digit code
    assert sheet.column_dimensions["B"].width >= 2 * 3 + 1   # three Chinese characters


def test_a_language_without_words_is_refused():
    with pytest.raises(ValueError, match="no catalogue for language 'fr'"):
        workbook_bytes(small_study(), county(), "fr")
