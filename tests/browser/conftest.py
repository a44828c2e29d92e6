"""The app in a real browser with the network cut off: one server per test session, a fresh page per test.

Chromium is the system's. Without it the tests are skipped with that reason, but fail where CI is true: there a map that nobody
looked at must not count as tested.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ui.components.tour import COOKIE

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60
NOWHERE = "http://127.0.0.1:9"
"""A proxy that does not exist: what the server tries to fetch from outside fails at once."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs Chromium."""
    here = Path(__file__).resolve().parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def slack() -> float:
    """By what promised times may be exceeded: not at all where CUNZHI_MEASURE says that the machine is our own, else tenfold.

    Tests that run side by side, or a machine that others use, make every figure longer; then only what has come to a stop fails.
    """
    return 1.0 if os.environ.get("CUNZHI_MEASURE") else 10.0


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to drive."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "needs Chromium: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def app_url(chromium_path: str, demo_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app on the demo county."""
    with serving(demo_county, tmp_path_factory.mktemp("app")) as url:
        yield url


@contextmanager
def serving(county: Path, folder: Path) -> Iterator[str]:
    """The app on a county while the block runs, with every way out of the machine closed to it; its log stands in the folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "CUNZHI_COUNTY": str(county), "HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "http_proxy": NOWHERE,
        "https_proxy": NOWHERE, "no_proxy": "localhost,127.0.0.1", "NO_PROXY": "localhost,127.0.0.1",
    }
    for name in ("CUNZHI_LANG", "CUNZHI_SCENARIO", "CUNZHI_TILES"):
        environment.pop(name, None)
    log = folder / "app.log"
    environment["CUNZHI_HOME"] = str(log.parent / "home")   # what is uploaded
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(server, port, log)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=15)


def _wait_for(server: subprocess.Popen, port: int, log: Path) -> None:
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with closing(http.client.HTTPConnection("localhost", port, timeout=2)) as connection:
                connection.request("GET", "/_stcore/health")
                with connection.getresponse() as answer:
                    if answer.status == 200:
                        return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the app did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[object]:
    """Chromium that finds no host but this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
                  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def opened_app(browser, app_url: str) -> str:
    """Address of the app once it has read and studied the county, which takes its time on the first visit only."""
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)
    first = browser.new_page()
    first.goto(app_url)
    first.get_by_test_id("stMetricValue").first.wait_for(timeout=240_000)
    first.close()
    return app_url


@pytest.fixture
def page(browser, opened_app: str) -> Iterator[object]:
    """A fresh page of 1366 x 768; afterwards no request may have left this machine and no script may have failed.

    `page.goto("/")` and the like are relative to the app.
    """
    context = browser.new_context(
        base_url=opened_app, viewport={"width": 1366, "height": 768}, locale="zh-CN", accept_downloads=True,
    )
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": COOKIE, "value": "seen", "url": opened_app}])   # the tour has a test of its own
    outside: list[str] = []
    broken: list[str] = []

    def watch(request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("localhost", "127.0.0.1"):
            outside.append(request.url)

    context.on("request", watch)
    context.on("weberror", lambda error: broken.append(str(error.error)))
    opened = context.new_page()
    yield opened
    context.close()
    assert not outside, f"requests left this machine: {outside}"
    assert not broken, f"scripts failed in the browser: {broken}"
