"""What is got ready ahead of time."""

from __future__ import annotations

from pathlib import Path

import pytest

import ui.ahead
from ui.ahead import compile_sources, load_analysis


def test_the_analysis_is_loaded_beside_and_without_complaint() -> None:
    assert load_analysis().result(timeout=60) is None


def test_bytecode_is_written_for_every_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ui.ahead.PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(ui.ahead, "__file__", str(tmp_path / "ui" / "ahead.py"))
    compile_sources()
    assert len(list(tmp_path.rglob("one.*.pyc"))) == len(ui.ahead.PACKAGES)
