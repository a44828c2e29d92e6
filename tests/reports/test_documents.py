"""Documents: what they say is what the study says, in both languages, in Word and in PDF, whatever the names are."""

from __future__ import annotations

import dataclasses
import datetime
import io
import re
from functools import cache

import docx
import pypdf
import pytest

from geo.coverage import coverage
from geo.evidence import missing_papers
from geo.planning import Plan, PlanRules, plan
from geo.results import Study
from geo.robustness.badge import village_badge
from geo.study import study
from layers.county import County
from layers.words import LANGUAGES, say
from reports.document.errors import DocumentError
from reports.document.files import (
    best_sites,
    county_document,
    docx_bytes,
    file_name,
    notice_document,
    pdf_bytes,
    short_document,
    site_document,
    write_documents,
)
from reports.document.model import Bullets, Cell, Document, Paragraph, Picture, Row, Table
from reports.document.parts import Subject, candidates_of
from reports.measure_rows import group_points, measure_rows
from reports.reasons import sentence_text
from tests import toytown
from tests.geo.standard import default_scenario
from tests.toytown import QINGSHI, YUNTAI

DAY = datetime.date(2026, 6, 20)
HOSTILE = "=cmd|'/C calc'!A0 <b>{{1}}</b> #set page(fill: red) $x^2$ *粗* _斜_ [链](http://x)"


@cache
def town() -> tuple[County, Study]:
    county = toytown.toytown()
    return county, study(county, default_scenario())


def subject(language: str = "zh") -> Subject:
    county, found = town()
    return Subject(found, county, language, DAY)


def leader() -> str:
    return best_sites(subject(), QINGSHI, count=1)[0]


@cache
def town_plan() -> Plan:
    county, found = town()
    return plan(county, found, PlanRules())


def word_text(packed: bytes) -> str:
    """All texts of a Word file in one line, tables in their place."""
    file = docx.Document(io.BytesIO(packed))
    return " ".join("".join(run.text or "" for run in one.iter(docx.oxml.ns.qn("w:t"))) for one in file.element.body.iter(
        docx.oxml.ns.qn("w:p")))


def pdf_text(packed: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(packed)).pages)


def bare(text: str) -> str:
    """A text without spaces: how lines are broken says nothing."""
    return re.sub(r"\s+", "", text)


def texts_of(document: Document) -> list[str]:
    """Every text of a document but those at the head of its pages."""
    found: list[str] = []
    for block in document.blocks:
        if isinstance(block, Table):
            found += [*block.head, *(cell.text for row in block.rows for cell in row)]
        elif isinstance(block, Bullets):
            found += block.items
        elif isinstance(block, Picture | Row):
            found += [one.caption for one in ([block] if isinstance(block, Picture) else block.pictures)]
        elif hasattr(block, "pairs"):
            found += [text for pair in block.pairs for text in pair]
        else:
            found += [value for value in vars(block).values() if isinstance(value, str) and value not in ("body", "lead", "note",
                      "title", "seal", "pass", "verify", "fail")]
    return [text for text in found if text]


@pytest.fixture(scope="module", params=LANGUAGES)
def full(request: pytest.FixtureRequest) -> tuple[str, Document]:
    return request.param, site_document(subject(request.param), leader())


def test_word_and_pdf_say_everything_that_the_document_says(full: tuple[str, Document]) -> None:
    document = full[1]
    for said in (bare(word_text(docx_bytes(document))), bare(pdf_text(pdf_bytes(document)))):
        missing = [text for text in texts_of(document) if bare(text) not in said]
        assert missing == []


def test_its_figures_are_those_of_the_study(full: tuple[str, Document]) -> None:
    language, document = full
    county, found = town()
    row = subject().row(leader())
    said = "\n".join(texts_of(document))
    assert f"{row['score']:,.1f}" in said and f"{row['courtyard_m2']:,.0f}" in said
    rows = measure_rows(found, leader())
    for one in (one for one in rows if one.state == "known"):
        assert f"{one.value:.2f}" in said and f"{one.points:,.1f}" in said
    for paper in missing_papers(found, leader()):
        assert say(f"evidence.papers.{paper}", language) in said
    badge = village_badge(found, QINGSHI).iloc[0]
    assert say(f"robustness.badge.{badge['badge']}", language) in said
    for other in candidates_of(found, QINGSHI)["candidate_id"]:
        assert other in said
    for gate in ("collective", "dispute", "courtyard", "restriction", "road"):
        assert say(f"criteria.gate.{gate}", language) in said


def test_group_points_sum_to_the_score_and_to_a_hundred() -> None:
    _, found = town()
    groups = group_points(measure_rows(found, leader()))
    assert sum(one.points for one in groups) == pytest.approx(subject().row(leader())["score"])
    assert sum(one.points + one.left for one in groups) == pytest.approx(100.0)


def test_the_reasons_are_those_of_the_reasons_engine() -> None:
    from geo.reasons import reasons

    county, found = town()
    said = "\n".join(texts_of(site_document(subject("zh"), leader())))
    for sentence in reasons(found, county, [leader()])[leader()][:3]:
        assert sentence_text(sentence, "zh") in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_form_is_one_page_for_each_site(language: str) -> None:
    ids = [str(one) for one in candidates_of(town()[1], QINGSHI)["candidate_id"].head(4)]
    packed = pdf_bytes(short_document(subject(language), ids))
    pages = [bare(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(packed)).pages]
    assert len(pages) == len(ids)
    assert all(bare(one) in page for one, page in zip(ids, pages, strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_is_one_page_without_anything_about_persons(language: str) -> None:
    document = notice_document(subject(language), leader())
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(document)))
    assert len(reader.pages) == 1
    said = "\n".join(texts_of(document))
    for word in ("holder_person", "right_homestead", "mark_yes"):
        assert say(f"evidence.dispute.{word}", language, source="")[:8] not in said
    others = set(town()[1].candidates["candidate_id"]) - {leader()}
    assert not [one for one in others if one in said]


def test_a_site_that_fails_cannot_be_announced() -> None:
    failing = town()[1].candidates.query("verdict == 'fail'")["candidate_id"].iloc[0]
    with pytest.raises(DocumentError, match=failing):
        notice_document(subject(), failing)


def test_what_is_not_there_is_said_in_words() -> None:
    with pytest.raises(DocumentError, match="no site N-none"):
        site_document(subject(), "N-none")
    with pytest.raises(DocumentError, match="no village 000"):
        best_sites(subject(), "000", count=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_county_report_lists_every_village_that_waits_and_adds_up(language: str) -> None:
    county, found = town()
    document = county_document(subject(language), coverage(county, found.scenario))
    said = texts_of(document)
    waiting = found.villages[found.villages["venue"].isin(["none", "below_standard"])]
    tables = [block for block in document.blocks if isinstance(block, Table)]
    towns, listed, cost = tables[0], tables[1], next(one for one in tables if one.head[0] == say("document.cost.kind", language))
    assert [row[1].text for row in listed.rows] and {row[1].text for row in listed.rows} == set(waiting["village_name"])
    for at in range(1, 7):   # the county is the sum of its townships
        numbers = [int(row[at].text.replace(",", "")) for row in towns.rows]
        assert numbers[-1] == sum(numbers[:-1])
    total, costs = cost.rows[-1], found.scenario.planning.costs
    kinds = found.candidates.set_index("candidate_id")["kind"].reindex(waiting["best_candidate"].dropna())
    assert total[2].text == f"{sum(costs.by_kind_yuan[kind] for kind in kinds):,.0f}"
    assert say("document.text.no_plan", language) in said


def test_county_report_with_a_plan_holds_its_sites_its_centres_and_its_cost() -> None:
    county, found = town()
    chosen = town_plan()
    document = county_document(subject("zh"), chosen.coverage_before, plan=chosen)
    said = "\n".join(texts_of(document))
    for site in chosen.chosen.values():
        assert site in said
    assert len(chosen.centres.centres) and all(f"{cost:,.0f}" in said for cost in chosen.villages["cost_yuan"].dropna())
    assert say("document.head.centres", "zh") in said and say("document.text.cost_plan", "zh") in said
    assert bare("云台村") in bare(pdf_text(pdf_bytes(document))) or YUNTAI not in set(chosen.villages["village_code"])


def test_equal_documents_are_equal_files() -> None:
    first, second = (site_document(subject("en"), leader()) for _ in range(2))
    assert docx_bytes(first) == docx_bytes(second)
    assert pdf_bytes(first) == pdf_bytes(second)


def test_hostile_names_stay_names() -> None:
    county, found = town()
    names = found.villages["village_name"].where(found.villages["village_code"] != QINGSHI, HOSTILE)
    listed = found.candidates["village_name"].where(found.candidates["village_code"] != QINGSHI, HOSTILE)
    places = county.settlements.assign(settlement_name=HOSTILE)
    hostile = Subject(dataclasses.replace(found, villages=found.villages.assign(village_name=names),
                                          candidates=found.candidates.assign(village_name=listed)),
                      dataclasses.replace(county, settlements=places, name="a\x00\u202eb/../" + HOSTILE), "en", DAY)
    for document in (site_document(hostile, leader()), notice_document(hostile, leader()),
                     county_document(hostile, coverage(county, found.scenario))):
        packed = docx_bytes(document)
        assert bare(HOSTILE) in bare(word_text(packed))
        assert not docx.Document(io.BytesIO(packed)).element.body.xpath(".//w:hyperlink | .//w:instrText[contains(., 'cmd')]")
        read = pypdf.PdfReader(io.BytesIO(pdf_bytes(document)))
        assert bare(HOSTILE) in bare("".join(page.extract_text() for page in read.pages))
        assert not [page for page in read.pages if "/Annots" in page]
    assert "/" not in file_name(hostile, "full", village="../" + HOSTILE)


def test_fonts_are_embedded_in_pdf_and_named_for_both_scripts_in_word() -> None:
    document = notice_document(subject("zh"), leader())
    page = pypdf.PdfReader(io.BytesIO(pdf_bytes(document))).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].get_object().values()]
    assert fonts and all(
        {"/FontFile2", "/FontFile3"} & set(font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object())
        for font in fonts
    )
    styles = docx.Document(io.BytesIO(docx_bytes(document))).styles
    named = styles["Normal"].element.rPr.find(docx.oxml.ns.qn("w:rFonts"))
    assert named.get(docx.oxml.ns.qn("w:eastAsia")) == "Microsoft YaHei"


def test_documents_are_written_whole_or_not_at_all(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document("t", "zh", DAY, (Paragraph("一"),))
    paths = write_documents(document, tmp_path, "报告", ("docx", "pdf"))
    assert [path.name for path in paths] == ["报告.docx", "报告.pdf"] and all(path.stat().st_size > 1000 for path in paths)
    before = paths[0].read_bytes()
    from reports.document import files

    def broken(_: Document) -> bytes:
        raise RuntimeError("in the middle")

    monkeypatch.setitem(files._WRITERS, "pdf", broken)
    with pytest.raises(RuntimeError, match="in the middle"):
        write_documents(dataclasses.replace(document, title="u"), tmp_path, "报告", ("docx", "pdf"))
    assert paths[0].read_bytes() == before and len(list(tmp_path.iterdir())) == 2


def test_without_any_chinese_font_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from reports.document import pdf
    from reports.document.errors import NoFontError

    pdf._fonts.cache_clear()
    monkeypatch.setattr(pdf, "own_font", lambda: None)
    monkeypatch.setattr(pdf, "FAMILIES", ("No Such Family",))
    with pytest.raises(NoFontError, match="pylopdf-fonts-zh-cn"):
        pdf.pdf_bytes(Document("t", "zh", DAY, ()))
    pdf._fonts.cache_clear()


def test_a_table_must_fit_its_head() -> None:
    with pytest.raises(ValueError, match="each row needs 2 cells"):
        Table(("a", "b"), ((Cell("1"), Cell("2"), Cell("3")),), (1, 1))
    with pytest.raises(ValueError, match="no tone"):
        Cell("a", "loud")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_of_any_village_is_neither_none_waiting_nor_no_cost(language: str) -> None:
    county, found = town()
    unknown = dataclasses.replace(found, villages=found.villages.assign(venue="unknown"))
    said = texts_of(county_document(Subject(unknown, county, language, DAY), None))
    assert say("document.text.nothing_known", language) in said and say("document.text.cost_unknown", language) in said
    assert say("document.text.nothing_waiting", language) not in said


def test_of_files_only_the_names_are_told() -> None:
    from layers.county import Provenance

    county, found = town()
    source = "postgresql://clerk:secret@host/land|public.parcels"
    told = dataclasses.replace(county, provenance=(Provenance("parcels", source, None, "x", "ab" * 32, None, None, 1, 1),))
    said = "\n".join(texts_of(site_document(Subject(found, told, "en", DAY), leader())))
    assert "land|public.parcels" in said and "secret" not in said
