"""Pictures for the user guide: every page of the demo county in both languages, as ``{page}-{language}.webp``.

Run it against a running app: ``python -m tests.browser.guide_pictures http://localhost:8501 data/guide``, then look at them.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from layers.words import LANGUAGES, say
from tests.browser.test_main_job import drawn
from ui.components.steps import WAY
from ui.components.tour import COOKIE

SIZE = {"width": 1366, "height": 900}
WIDTH_PX, QUALITY = 1200, 82
OPEN_MS = 240_000
CHOOSE = """() => { const one = cunzhi.state.shapes.candidates[cunzhi.state.chosenId];
    one.fire('click', {latlng: one.getCenter()}); }"""


def settled(page: Page) -> None:
    """Wait until nothing runs any more and maps have been drawn."""
    page.locator(".st-key-cz_steps").wait_for(timeout=OPEN_MS)
    page.wait_for_timeout(1500)
    page.wait_for_function("() => !document.querySelector('[data-test-script-state=running]')"
                           " && !document.querySelector('.st-key-cz_opening_watching')", timeout=OPEN_MS)
    page.wait_for_timeout(2500)


def choose(page: Page) -> None:
    """Click the site that the village's map opens on, and leave the mouse's place."""
    frame = drawn(page, "candidates")
    frame.evaluate(CHOOSE)
    settled(page)
    frame.evaluate("cunzhiMap.eachLayer((one) => one.closeTooltip && one.closeTooltip())")


def keep(screenshot: bytes, path: Path) -> None:
    """Write a screenshot (PNG) as WebP, scaled down to the guide's width."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    height = round(picture.height * WIDTH_PX / picture.width)
    picture.resize((WIDTH_PX, height), Image.Resampling.LANCZOS).save(path, "WEBP", quality=QUALITY, method=6)


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
            if name == "data":
                page.get_by_role("button", name=say("data_page.findings.show", language), exact=True).first.click()
                settled(page)
            if name == "sites":   # the site that is shown is then a chosen one, whose papers the last page offers
                choose(page)
            page.mouse.move(2, 890)   # no tooltip of the step just clicked
            page.wait_for_timeout(600)
            made.append(folder / f"{name}-{language}.webp")
            keep(page.screenshot(), made[-1])
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
