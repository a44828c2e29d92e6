"""Pictures for the user guide: every page of the demo county in both languages, as ``{page}-{language}.png``.

Run it against a running app: ``python -m tests.browser.guide_pictures http://localhost:8501 FOLDER``, then
``cunzhi guide --out DIR --pictures FOLDER``.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from layers.words import LANGUAGES, say
from ui.components.steps import WAY
from ui.components.tour import COOKIE

SIZE = {"width": 1366, "height": 900}
OPEN_MS = 240_000


def settled(page: Page) -> None:
    """Wait until nothing runs any more and maps have been drawn."""
    page.locator(".st-key-cz_steps").wait_for(timeout=OPEN_MS)
    page.wait_for_timeout(1500)
    page.wait_for_function("() => !document.querySelector('[data-test-script-state=running]')"
                           " && !document.querySelector('.st-key-cz_opening_watching')", timeout=OPEN_MS)
    page.wait_for_timeout(2500)


def pictures(browser: Browser, address: str, folder: Path) -> list[Path]:
    """Make every picture; returns their paths. The comparison and the plan are filled first, so that they show something."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for language in LANGUAGES:
        context = browser.new_context(viewport=SIZE)
        context.add_cookies([{"name": COOKIE, "value": "seen", "url": address}])
        page = context.new_page()
        page.goto(f"{address}/compare?lang={language}")
        settled(page)
        page.locator(".st-key-compare_best button").click(timeout=OPEN_MS)
        settled(page)
        for name in WAY:
            page.locator(".st-key-cz_steps a:visible").nth(WAY.index(name)).click()
            settled(page)
            if name == "plan":
                page.get_by_role("button", name=say("plan_page.solve", language), exact=True).click()
                page.get_by_test_id("stMetricValue").first.wait_for(timeout=OPEN_MS)
                settled(page)
            made.append(folder / f"{name}-{language}.png")
            page.screenshot(path=made[-1])
        context.close()
    return made


def main() -> None:
    """Make the pictures of the app at the address given."""
    address, folder = sys.argv[1].rstrip("/"), Path(sys.argv[2])
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        pictures(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main()
