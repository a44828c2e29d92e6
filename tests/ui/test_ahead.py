"""What is got ready ahead of time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import ui.ahead
from geo.study import STEPS
from ui.ahead import CHOICE_AT, compile_sources, load_analysis, load_choice, load_second_opinion


def test_the_analysis_is_loaded_beside_and_without_complaint() -> None:
    assert load_analysis().result(timeout=60) is None
    assert CHOICE_AT in STEPS and load_choice().result(timeout=60) is None


def test_bytecode_is_written_for_every_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ui.ahead.PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(ui.ahead, "__file__", str(tmp_path / "ui" / "ahead.py"))
    compile_sources()
    assert len(list(tmp_path.rglob("one.*.pyc"))) == len(ui.ahead.PACKAGES)


def test_the_second_opinion_is_loaded_later_by_a_thread_that_holds_nothing_up() -> None:
    timer = load_second_opinion(after_s=0.01)
    assert timer.daemon and timer.interval == 0.01
    timer.join(60)
    assert not timer.is_alive() and "skcriteria.agg.vikor" in sys.modules
    waiting = load_second_opinion()
    assert waiting.is_alive()
    waiting.cancel()
