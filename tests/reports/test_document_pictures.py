"""Documents as they are printed: Word files opened by LibreOffice, PDFs drawn by poppler, and looked at by a machine.

Both programs are the system's. Without them the tests are skipped with that reason, but fail where CI is true.
"""

from __future__ import annotations

import dataclasses
import io
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from layers.words import LANGUAGES
from reports.charts import contributions_png, curves_png
from reports.document.files import best_sites, notice_document, short_document, write_documents
from reports.maps import county_png, site_png, surroundings_half_m
from reports.measure_rows import measure_rows
from reports.pictures import DPI, width_cm
from reports.styles import SELECTED_COLOUR, STATUS_COLOURS, VERDICT_COLOURS
from tests.reports.test_documents import leader, subject, town
from tests.toytown import QINGSHI

PAGE_DPI = 60


@pytest.fixture(scope="module")
def office() -> str:
    found = shutil.which("soffice")
    if found is None or shutil.which("pdftoppm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("libreoffice-writer and poppler-utils are missing; .ci/run installs them")
        pytest.skip("needs libreoffice-writer and poppler-utils")
    return found


def pages(pdf: Path) -> list[np.ndarray]:
    """Every page as grey values, 0 black to 255 white."""
    subprocess.run(["pdftoppm", "-r", str(PAGE_DPI), "-gray", str(pdf), str(pdf.with_suffix(""))], check=True, timeout=60)
    return [np.asarray(Image.open(path)) for path in sorted(pdf.parent.glob(f"{pdf.stem}-*.pgm"))]


def colours(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).reshape(-1, 3).astype(int)


def share_of(png: bytes, colour: str, *, near: int = 14) -> float:
    """Share of a picture's pixels close to a colour."""
    wanted = [int(colour[at:at + 2], 16) for at in (1, 3, 5)]
    return float((np.abs(colours(png) - wanted).max(axis=1) <= near).mean())


def test_printed_pages_hold_what_they_should(office: str, tmp_path: Path) -> None:
    """Each site has its page, the notice has one; none is empty, and nothing is printed beyond the margins."""
    two = best_sites(subject("zh"), QINGSHI, count=2)
    write_documents(short_document(subject("zh"), two), tmp_path / "own", "short", ("docx", "pdf"))
    write_documents(notice_document(subject("en"), leader()), tmp_path / "own", "notice", ("docx", "pdf"))
    word = tmp_path / "word"
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf", "--outdir", str(word),
         str(tmp_path / "own" / "short.docx"), str(tmp_path / "own" / "notice.docx")], check=True, timeout=300, capture_output=True)
    for folder in (tmp_path / "own", word):
        for name, count in (("short", len(two)), ("notice", 1)):
            drawn = pages(folder / f"{name}.pdf")
            assert len(drawn) == count, (folder.name, name)
            for page in drawn:
                ink = page < 200
                assert 0.02 < ink.mean() < 0.6
                edge = int(PAGE_DPI * 0.25)   # a printer's own margin, about 6 mm
                assert not ink[:, :edge].any() and not ink[:, -edge:].any() and not ink[-edge:].any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_maps_show_the_site_and_charts_are_drawn(language: str) -> None:
    county, found = town()
    close = site_png(found, county, leader(), language)
    assert abs(width_cm(close) - 17.0) < 0.1
    assert share_of(close, SELECTED_COLOUR) > 0.0004
    around = site_png(found, county, leader(), language, half_m=surroundings_half_m(found, leader()))
    assert share_of(around, SELECTED_COLOUR) > 0 and close != around
    whole = county_png(found, county, language)
    faded = np.array([int(STATUS_COLOURS["none"][at:at + 2], 16) for at in (1, 3, 5)]) * 0.8 + 0.2 * 250   # over the light relief
    assert (np.abs(colours(whole) - faded).max(axis=1) < 40).mean() > 0.05
    rows = measure_rows(found, leader())
    for png in (curves_png(found, rows, language), contributions_png(rows, language)):
        assert (colours(png).min(axis=1) < 200).mean() > 0.01
    assert DPI >= 150


def test_equal_maps_are_equal_pictures() -> None:
    county, found = town()
    assert site_png(found, county, leader(), "zh") == site_png(found, county, leader(), "zh")


def test_a_site_map_for_everybody_shows_no_judgement_of_other_land() -> None:
    county, found = town()
    plain, full = (site_png(found, county, leader(), "zh", plain=one, half_m=500.0) for one in (True, False))
    assert plain != full
    for colour in (VERDICT_COLOURS["verify"], VERDICT_COLOURS["pass"]):
        assert share_of(plain, colour, near=4) == 0.0


def test_maps_are_drawn_without_terrain_and_without_layers() -> None:
    county, found = town()
    bare = dataclasses.replace(
        county, terrain=None, roads=None, facilities=None, buildings=None, settlements=None, restrictions=None
    )
    assert share_of(site_png(found, bare, leader(), "en"), SELECTED_COLOUR) > 0
    assert len(county_png(found, bare, "en")) > 1000
