"""What many tests share: the demo county, made once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ui.engine import Outcome

os.environ.setdefault("CUNZHI_CACHE", "off")   # a test reads its county; the cache has tests of its own
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def demo_county() -> Path:
    """The county.toml of the demo county where `make demo` puts it; made anew only where its recipe or its code has changed."""
    from layers.demo import make_demo

    return make_demo(ROOT / ".demo")


@pytest.fixture(scope="session")
def demo(demo_county: Path) -> Outcome:
    """The demo county opened and studied by the default standard, once for all who only read it."""
    from ui.engine import open_and_study

    return open_and_study(demo_county)
