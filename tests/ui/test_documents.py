"""Documents from the app and from the command line."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from layers.words import LANGUAGES, say
from reports.replay import STUDY_FILE
from tests.ui.sites_town import open_page, sites_page
from tests.ui.townfiles import write_town
from ui.cli import build


@pytest.mark.parametrize("language", LANGUAGES)
def test_sites_page_offers_the_documents(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    app = open_page(monkeypatch, sites_page, lang=language)
    assert not app.exception
    keys = {one.proto.id.split("-")[-1] for one in app.get("download_button")}
    assert {f"document_{form}_{format}" for form in ("full", "short", "shorts", "notice") for format in ("docx", "pdf")} <= keys


@pytest.fixture(scope="module")
def county_toml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("town"))


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(build("en"), [*words])
    return result.exit_code, result.output


def test_command_writes_a_report_on_a_site(county_toml: Path, tmp_path: Path) -> None:
    code, said = run(
        "report",
        str(county_toml),
        "--site",
        "N-P01",
        "--form",
        "notice",
        "--out",
        str(tmp_path),
        "--date",
        "2026-06-20",
        "--lang",
        "zh",
    )
    assert code == 0, said
    paths = sorted(path for path in tmp_path.iterdir() if path.name != STUDY_FILE)   # from which they can be made again
    assert len(list(tmp_path.iterdir())) == 3
    assert [path.suffix for path in paths] == [".docx", ".pdf"] and all("N-P01" in path.name for path in paths)
    text = "".join(paragraph.text for paragraph in docx.Document(io.BytesIO(paths[0].read_bytes())).paragraphs)
    assert say("document.notice.seal", "zh") in text


def test_command_tells_every_problem_at_once(county_toml: Path, tmp_path: Path) -> None:
    code, said = run(
        "report",
        str(county_toml),
        "--site",
        "N-P01",
        "--county",
        "--form",
        "long",
        "--format",
        "doc",
        "--date",
        "June",
        "--out",
        str(tmp_path / "out"),
    )
    assert code == 2
    for part in ("only one", "one form only", "“doc”", "“June”"):
        assert part in said
    assert not (tmp_path / "out").exists()


def test_command_names_a_site_that_is_not_there(county_toml: Path, tmp_path: Path) -> None:
    code, said = run("report", str(county_toml), "--site", "N-nothing", "--out", str(tmp_path))
    assert code == 2 and "N-nothing" in said and not list(tmp_path.iterdir())
