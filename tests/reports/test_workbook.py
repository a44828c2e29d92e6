"""The workbook, read back with openpyxl: sheets, heads, figures, colours, and no formula out of anybody's name."""

from __future__ import annotations

import io

import openpyxl
import pytest

from geo.scenario import GATES
from layers.findings import Finding
from layers.words import say
from reports.columns import meaning_of
from reports.sheet import FILLS, lines_of
from reports.tables import VILLAGE_HEAD, candidates_table
from reports.workbook import value_text, workbook_bytes
from tests.reports.smallstudy import county, scenario, small_study
from tests.ui.sites_town import town

SHEETS = {
    "zh": ["概览", "行政村", "候选排名", "指标与权重", "证据", "不符合", "数据问题", "方法", "字段说明"],
    "en": ["Summary", "Villages", "Ranked candidates", "Criteria and weights", "Evidence", "Failing", "Findings", "Method",
           "Columns"],
}
FOUND = Finding("config_missing", "warning", "parcels", "ZDDM", ("1", "2"), 2, {"path": "=x"}, (114.0, 34.5))


def _book(language: str = "zh", **changes):
    """As it looks: the values that formulas have now."""
    data = workbook_bytes(small_study(), county(**changes), language)
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)


def _table(sheet, top: int = 3) -> list[dict]:
    heads = [cell.value for cell in sheet[top]]
    return [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=top + 1)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_sheet_for_each_thing(language):
    book = _book(language)
    assert book.sheetnames == SHEETS[language]
    for sheet in book.worksheets:
        assert "双溪县" in sheet["A1"].value or sheet.title in SHEETS[language][3:9]
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
        assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape"
        assert sheet.oddHeader.right.text and sheet.oddFooter.center.text
    for sheet in (one for one in book.worksheets[1:] if one.title != SHEETS[language][7]):
        assert sheet.freeze_panes and sheet.auto_filter.ref and sheet.print_title_rows == "$3:$3"


def test_ranked_candidates_pass_or_wait_in_the_order_of_their_rank():
    rows = _table(_book()["候选排名"])
    assert [row["候选编号"] for row in rows] == ["N-P1", "R-B1", "N-P2", "U-V1"]
    assert [row["全县排名"] for row in rows] == [1, 2, 3, 4]
    assert [row["结论"] for row in rows] == ["符合", "符合", "需核实", "需核实"]
    assert rows[2]["需核实的门槛"] == "无争议"
    assert rows[1]["可用院落（平方米）"] is None and rows[3]["得分（0–100）"] is None
    assert rows[0]["院落得分（分）"] == pytest.approx(80.0) and rows[0]["交通得分（分）"] is None


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
    sheet = _book(language)[SHEETS[language][8]]
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


def test_equal_studies_give_equal_bytes(monkeypatch):
    first = workbook_bytes(small_study(), county(findings=(FOUND,)), "zh")
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert workbook_bytes(small_study(), county(findings=(FOUND,)), "zh") == first
    assert openpyxl.load_workbook(io.BytesIO(first)).properties.created.year == 2000


def test_failing_candidates_stand_apart_those_nearest_to_passing_first():
    rows = _table(_book("en")["Failing"])
    assert [row["Candidate"] for row in rows] == ["N-P9", "N-P3"]
    assert rows[1]["Failed gates"] == "; ".join(say(f"criteria.gate.{gate}", "en") for gate in ("courtyard", "road"))
    assert rows[1]["Drive to through road (min)"] == say("criteria.state.unreachable", "en")


def test_the_method_names_files_and_versions():
    cells = {str(cell.value) for row in _book("en")["Method"].iter_rows() for cell in row if cell.value is not None}
    assert {"parcels.gpkg", "ab" * 32, "EPSG:4547", "geopandas", "cunzhi"} <= cells
    assert any("Σ(weight × value)" in text for text in cells)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_evidence_names_gate_reason_place_and_paper_of_the_best_sites(language):
    place, study = town()
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes(study, place, language)), data_only=True)[SHEETS[language][4]]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    first = study.candidates[study.candidates["rank_in_village"].fillna(0) == 1]
    assert {row[1] for row in rows} >= set(first["candidate_id"])
    assert all(row[2] in (1, 2) and row[3] and row[4] and row[5] for row in rows)
    assert not {row[7] for row in rows if row[7]} & {"title_owner", "dispute", "road_distance_m"}   # words, not columns
    for _, site in first.iterrows():
        told = {row[3] for row in rows if row[1] == site["candidate_id"]}
        assert told == {say(f"criteria.gate.{gate}", language) for gate in GATES if isinstance(site[f"gate_{gate}"], str)}


def test_the_fills_of_verdicts_are_told_apart_in_grey_and_leave_black_letters_readable():
    def lightness(colour: str) -> float:
        parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for worse, better in (("fail", "verify"), ("verify", "pass"), ("none", "below_standard"), ("below_standard", "adequate")):
        assert lightness(FILLS[better]) - lightness(FILLS[worse]) > 0.1
    assert all((lightness(colour) + 0.05) / 0.05 > 7 for colour in FILLS.values())


def test_rows_are_high_enough_for_their_texts():
    assert [lines_of(text, 12) for text in (None, "", "青石村", "村" * 11, "a\nb")] == [1, 1, 1, 3, 2]
    many = Finding("config_missing", "info", "parcels", None, tuple(f"5299010010{row:02}" for row in range(20)), 20, {"path": "a"})
    sheet = _book("en", findings=(many,))["Findings"]
    assert sheet.row_dimensions[4].height > 15
