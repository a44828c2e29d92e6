"""Pages run without a browser: nothing looks again by itself there, so long work is waited for in the run that asked for it."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.components.waiting.PATIENCE_S", 120.0)
