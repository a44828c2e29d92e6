"""The whole way in a real browser, offline, in both languages: first page, village, site, slider, compare, plan, outputs, reopen.

Screenshots go to $CUNZHI_SHOTS or pytest's own folder, never into the repository. On every page: no error in the console, no failed
request, no text cut off on a laptop or on a projector, and the address alone leads back to it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from layers.words import LANGUAGES, say
from tests.browser.test_main_job import drawn
from ui.components.steps import WAY
from ui.components.tour import COOKIE

PATIENCE_MS = 60_000
PROJECTOR = {"width": 1920, "height": 1080}
"""The other screen that every page is looked at on."""
PROBES = re.compile(r"^/\w+/_stcore/(health|host-config)$")
"""Streamlit's browser part asks below the page's own address first whether the server is there, and takes the 404 for a no."""

CUT_OFF = """() => {
    const cut = new Set();
    const read = 'button *, a *, label *, h1, h2, h3, summary, [data-testid^=stMetric] *, .cz-headline, .cz-standing-key span';
    for (const node of document.querySelectorAll(read)) {
        const text = (node.innerText || '').trim(), box = node.getBoundingClientRect();
        if (!text || node.offsetParent === null || box.width < 3 || node.closest('[data-testid=stDataFrame]')) continue;
        const clips = getComputedStyle(node).overflowX !== 'visible';
        if ((clips && node.scrollWidth > node.clientWidth + 1) || (box.right > innerWidth + 1 && box.left < innerWidth)) {
            cut.add(text.slice(0, 60));
        }
    }
    return [...cut];
}"""
"""Texts of controls, headings and figures that do not fit where they stand."""


class Watch:
    """What went wrong in a page: console errors and failed requests."""

    def __init__(self, page: Page, folder: Path, language: str) -> None:
        self.page, self.folder, self.language, self.wrong, self.shots = page, folder, language, [], 0
        page.on("console", self._console)
        page.on("response", lambda answer: self._answered(answer.status, answer.url))
        page.on("requestfailed", lambda request: self._failed(request))

    def _console(self, message) -> None:
        if message.type == "error" and not PROBES.match(urlsplit(message.location.get("url", "")).path):
            self.wrong.append(f"console: {message.text} {message.location}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and not PROBES.match(urlsplit(url).path):
            self.wrong.append(f"{status}: {url}")

    def _failed(self, request) -> None:
        if request.failure != "net::ERR_ABORTED":   # a page that is left gives up what it was loading
            self.wrong.append(f"failed: {request.url} {request.failure}")

    def seen(self, name: str) -> None:
        """The page stands: keep a picture and look for texts cut off."""
        settled(self.page)
        self.shots += 1
        self.page.screenshot(path=self.folder / f"{self.language}_{self.shots:02d}_{name}.png")
        laptop = self.page.viewport_size
        for size in (laptop, PROJECTOR):
            if size != laptop:
                self.page.set_viewport_size(size)
                self.page.wait_for_timeout(600)
            assert self.page.evaluate(CUT_OFF) == [], f"cut off on {name} at {size}"
        self.page.set_viewport_size(laptop)
        self.page.wait_for_timeout(300)
        expect(self.page.get_by_test_id("stException")).to_have_count(0)


def settled(page: Page) -> None:
    """Wait until the server has answered all.

    Before a file is put into an uploader, too: what Streamlit answers to it at the moment a run starts, it throws away with the
    run before, and the file never leaves the browser (a person who picks it again succeeds).
    """
    page.wait_for_timeout(1200)
    page.wait_for_function("() => !document.querySelector('[data-test-script-state=running]')", timeout=PATIENCE_MS)
    page.wait_for_timeout(1000)


def step(page: Page, name: str) -> None:
    """Go to a page by the line of steps."""
    page.locator(".st-key-cz_steps a:visible").nth(WAY.index(name)).click()
    expect(page).to_have_url(re.compile("/(\\?|$)" if name == "coverage" else f"/{name}(\\?|$)"), timeout=PATIENCE_MS)
    settled(page)


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where the pictures go."""
    folder = Path(os.environ.get("CUNZHI_SHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_way(page: Page, shots: Path, language: str, tmp_path: Path) -> None:
    def tell(key: str, **values: object) -> str:
        return say(key, language, **values)

    watch = Watch(page, shots, language)
    page.goto(f"/?lang={language}")
    drawn(page, "villages")
    headline = page.locator(".cz-headline")
    expect(headline).to_contain_text(re.compile(r"\d+.*\d+"))
    assert headline.bounding_box()["y"] < 200, "where the county stands is on the first screen"
    watch.seen("first_page")

    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    page.mouse.click(table["x"] + 16, table["y"] + 54)   # the first village of the list, drawn on a canvas
    expect(page).to_have_url(re.compile(r"village=\d{12}"), timeout=PATIENCE_MS)
    page.get_by_role("button", name=tell("app.coverage.open_sites")).click()
    expect(page).to_have_url(re.compile(r"/sites\?.*village=\d{12}"), timeout=PATIENCE_MS)
    frame = drawn(page, "candidates")
    watch.seen("village")

    other = frame.evaluate("() => Object.keys(cunzhi.state.shapes.candidates)[1]")
    frame.evaluate("id => { const one = cunzhi.state.shapes.candidates[id]; one.fire('click', {latlng: one.getCenter()}); }", other)
    expect(page.locator(".cz-title").first).to_contain_text(other, timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile(f"candidate={other}"), timeout=PATIENCE_MS)
    page.get_by_role("slider", name=tell("criteria.group.courtyard")).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider", name=tell("criteria.group.courtyard"))).not_to_have_value("18", timeout=PATIENCE_MS)
    watch.seen("candidate")

    step(page, "compare")
    page.locator(".st-key-compare_best button").click()
    expect(page).to_have_url(re.compile("compare="), timeout=PATIENCE_MS)
    watch.seen("compare")

    step(page, "plan")
    page.get_by_role("button", name=tell("plan_page.solve"), exact=True).click()
    expect(page.get_by_test_id("stMetricValue")).to_have_count(5, timeout=2 * PATIENCE_MS)
    expect(page.get_by_role("button", name=tell("plan_page.later.download"))).to_be_visible(timeout=2 * PATIENCE_MS)
    watch.seen("plan")

    step(page, "report")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=tell("app.coverage.report")).click()
    assert waiting.value.path().stat().st_size > 20_000
    with page.expect_download() as waiting:
        page.get_by_role("button", name=tell("replay.app.save"), exact=True).click()
    waiting.value.save_as(tmp_path / "a.cunzhi.zip")
    watch.seen("outputs")
    step(page, "data")
    watch.seen("data")

    expect(page).to_have_url(re.compile("candidate="), timeout=PATIENCE_MS)
    link = page.url
    (chosen,) = parse_qs(urlsplit(link).query)["candidate"]
    page.goto("about:blank")
    page.goto(link)
    settled(page)
    step(page, "sites")
    expect(page.locator(".cz-title").first).to_contain_text(chosen, timeout=PATIENCE_MS)
    step(page, "report")
    page.locator("[data-testid=stMain] input[type=file]").set_input_files(tmp_path / "a.cunzhi.zip")
    told = page.get_by_role("dialog")
    expect(told).to_be_visible(timeout=2 * PATIENCE_MS)
    watch.seen("reopened")
    told.get_by_role("button", name=tell("replay.app.close")).last.click()
    expect(page.get_by_text(tell("app.coverage.weights_changed")).first).to_be_visible(timeout=PATIENCE_MS)
    assert watch.wrong == []


def test_the_tour_comes_once_and_leads_along(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/")
    card = page.locator(".st-key-cz_tour_card")
    expect(card).to_contain_text(say("tour.stop.coverage", "zh"), timeout=PATIENCE_MS)
    page.locator(".st-key-cz_tour_next button").click()
    expect(page).to_have_url(re.compile("/sites"), timeout=PATIENCE_MS)
    expect(card).to_contain_text(say("tour.stop.sites", "zh"), timeout=PATIENCE_MS)
    page.locator(".st-key-cz_tour_end button").click()
    expect(card).to_have_count(0, timeout=PATIENCE_MS)
    settled(page)
    assert {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}.get(COOKIE) == "seen"
    page.goto("/")
    expect(page.locator(".st-key-cz_tour_begin button:visible")).to_be_visible(timeout=PATIENCE_MS)
    expect(card).to_have_count(0)


def test_the_keyboard_reaches_the_steps_and_shows_where_it_is(page: Page) -> None:
    page.goto("/plan")
    page.locator(".st-key-cz_steps a:visible").first.wait_for()
    settled(page)
    page.locator(".st-key-cz_steps a:visible").first.focus()
    page.keyboard.press("Tab")
    style = page.evaluate("() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]; }")
    assert style == ["solid", "2px"]
    page.keyboard.press("Enter")
    expect(page.locator(".cz-headline")).to_be_visible(timeout=PATIENCE_MS)


def test_the_guide_opens_beside_the_app(page: Page) -> None:
    for language in LANGUAGES:
        answer = page.goto(f"/guide/{language}")
        assert answer.status == 200 and "text/html" in answer.headers["content-type"]
        expect(page.locator("h1")).to_have_text(say("guide.title", language))
        assert page.locator("dl").count() > 20
