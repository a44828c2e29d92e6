"""What the Outputs page hands out arrives whole and opens: documents, workbook, tables, map, GIS files and the saved study."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyogrio
import pytest
from docx import Document
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from layers.words import LANGUAGES, say
from tests.browser.test_main_job import drawn
from tests.browser.test_whole_way import PATIENCE_MS, settled, step

UNSAFE = re.compile(r'[\\/:*?"<>|]')
"""What a file's name may not hold on Windows."""


def downloaded(page: Page, button: Locator, folder: Path) -> tuple[str, bytes]:
    """Name and content of the file that a button hands out."""
    with page.expect_download(timeout=2 * PATIENCE_MS) as waiting:
        button.click()
    assert waiting.value.failure() is None
    name = waiting.value.suggested_filename
    assert not UNSAFE.search(name)
    waiting.value.save_as(folder / name)
    return name, (folder / name).read_bytes()


def read_docx(content: bytes) -> str:
    """All text of a Word document."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def read_pdf(content: bytes) -> str:
    """All text of a PDF, whose end must be there."""
    assert content.rstrip().endswith(b"%%EOF")
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) >= 1
    return "\n".join(page.extract_text() for page in pages)


READ: dict[str, Callable[[bytes], str]] = {"docx": read_docx, "pdf": read_pdf}


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a zip, each checked against its sum."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name) for name in bundle.namelist()}


@pytest.fixture
def chosen(page: Page) -> str:
    """Id of the candidate that leads the village the app opens on."""
    page.goto("/sites")
    return drawn(page, "candidates").evaluate("cunzhi.state.chosenId")


@pytest.mark.parametrize("language", LANGUAGES)
def test_documents_arrive_whole_and_open(page: Page, chosen: str, language: str, tmp_path: Path) -> None:
    page.goto(f"/report?lang={language}&candidate={chosen}")
    settled(page)
    for popover, forms in (("site", ("full", "short", "shorts", "notice")), ("county", ("county",))):
        page.get_by_role("button", name=say(f"document.page.{popover}", language)).click()
        for form in forms:
            for kind, read in READ.items():
                button = page.locator(f".st-key-document_{form}_{kind} button")
                expect(button).to_be_enabled()
                name, content = downloaded(page, button, tmp_path)
                text = read(content)
                assert name.endswith(f".{kind}") and len(text) > 200, (form, kind)
                if form in ("full", "short"):
                    assert chosen in text, (form, kind)
        page.keyboard.press("Escape")
        settled(page)


def test_tables_map_and_data_arrive_whole_and_open(page: Page, chosen: str, tmp_path: Path) -> None:
    page.goto(f"/plan?candidate={chosen}")
    page.get_by_role("button", name=say("plan_page.solve", "zh"), exact=True).click()
    expect(page.get_by_role("button", name=say("plan_page.later.download", "zh"))).to_be_visible(timeout=2 * PATIENCE_MS)
    step(page, "report")

    def of(key: str) -> tuple[str, bytes]:
        return downloaded(page, page.locator(f".st-key-{key} button:visible").first, tmp_path)

    name, content = of("outputs_workbook")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert name.endswith(".xlsx") and len(book.sheetnames) >= 6
    for key in ("outputs_coverage", "plan_download", "study_save"):
        name, content = of(key)
        assert name.endswith(".zip") and all(unpacked(content).values()), key
    name, content = of("study_map")
    html = content.decode("utf-8")
    assert name.endswith(".html") and html.rstrip().endswith("</html>") and "<script src" not in html
    files = unpacked(of("study_gis")[1])
    package = next(one for one in files if one.endswith(".gpkg"))
    (tmp_path / "data.gpkg").write_bytes(files[package])
    layers = [str(layer) for layer, _ in pyogrio.list_layers(tmp_path / "data.gpkg")]
    assert {"candidates", "villages"} <= set(layers) and "layer_styles" in layers
    assert pyogrio.read_info(tmp_path / "data.gpkg", layer="candidates")["features"] > 1000
    assert any(one.endswith(".parquet") for one in files) and any(one.endswith(".geojson") for one in files)
