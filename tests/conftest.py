"""What many tests share: the demo county, made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("CUNZHI_CACHE", "off")   # a test reads its county; the cache has tests of its own
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def demo_county() -> Path:
    """The county.toml of the demo county where `make demo` puts it; made anew only where its recipe or its code has changed."""
    from layers.demo import make_demo

    return make_demo(ROOT / ".demo")
