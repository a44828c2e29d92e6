"""The comparison in a real browser, offline: maps that move as one, the keys, the meeting on a projector, one A4 for each site."""

from __future__ import annotations

import re
import unicodedata
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from layers.words import LANGUAGES, say

PATIENCE_MS = 60_000
SMALLEST_PX = 20
MAPS = """() => [...document.querySelectorAll('iframe')].map(frame => frame.contentWindow)
    .filter(inside => inside && inside.cunzhi && inside.cunzhi.sync && inside.cunzhi.sync.state.map)"""
VIEWS = f"""() => ({MAPS})().map(inside => {{
    const one = inside.cunzhi.sync.state, map = one.map, zoom = map.getZoom();
    const aside = map.project(map.getCenter(), zoom).subtract(map.project(one.middle, zoom));
    const ends = [0, 100].map(x => map.containerPointToLatLng([x, map.getSize().y / 2]));
    return {{zoom: zoom, x: aside.x, y: aside.y, metres: map.distance(...ends)}}; }})"""
"""Of every map of the comparison: its zoom, how far it has been moved from its site in pixels, how many metres 100 pixels are."""

CUT_OFF = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(node => {
    const style = getComputedStyle(node);
    return node.clientWidth > 0 && node.scrollWidth > node.clientWidth + 1 && node.innerText
        && !node.closest('.cz-sheet, iframe, canvas')
        && ['hidden', 'clip', 'auto', 'scroll'].includes(style.overflowX) && style.position !== 'absolute'; })
    .map(node => node.innerText.slice(0, 60))"""
"""Texts that do not fit into their place."""

SMALL = """least => { const found = [];
    const walk = document.createTreeWalker(document.querySelector('[data-testid=stMain]'), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode, holder = node.parentElement;
        if (!node.textContent.trim() || !holder.checkVisibility() || ['STYLE', 'SCRIPT'].includes(holder.tagName)) continue;
        if (parseFloat(getComputedStyle(holder).fontSize) < least) found.push(node.textContent.trim());
    }
    return found; }"""
"""Texts that are smaller than they may be in a meeting."""


@pytest.fixture
def complaints(page: Page):
    """What the browser's console calls an error; Streamlit itself asks below a page for what it then finds at the root."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text)
            if message.type == "error" and "/_stcore/" not in message.location["url"] else None)
    yield said
    assert not said


def sites_in(page: Page) -> list[str]:
    """The comparison list as it stands in the address."""
    return parse_qs(urlsplit(page.url).query).get("compare", [])


def wait_for_maps(page: Page, count: int) -> None:
    page.wait_for_function(f"count => ({MAPS})().length === count", arg=count, timeout=PATIENCE_MS)


def open_best(page: Page) -> list[str]:
    """The three best of the first village, by the page's own shortcut."""
    page.goto("/compare")
    page.locator(".st-key-compare_best button:visible").first.click()
    wait_for_maps(page, 3)
    return sites_in(page)


def plain(text: str) -> str:
    """A text without its spaces; a PDF gives some ideographs as the radicals that look like them."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def button(page: Page, key: str):
    """The button of a key: one with a help text stands in the page twice."""
    return page.locator(f".st-key-{key} button:visible").first


def place_of(page: Page, at: int) -> tuple[float, float]:
    """The middle of a map on the screen."""
    frame = page.locator(".st-key-compare_cards iframe").nth(at)
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def together(views: list[dict]) -> None:
    """All maps have one zoom, one scale and one step aside."""
    assert len({view["zoom"] for view in views}) == 1
    assert max(view["metres"] for view in views) < 1.01 * min(view["metres"] for view in views)
    for axis in ("x", "y"):
        assert max(view[axis] for view in views) - min(view[axis] for view in views) <= 2


def test_maps_move_and_zoom_as_one(page: Page, complaints: list[str]) -> None:
    open_best(page)
    first = page.evaluate(VIEWS)
    together(first)
    assert all(abs(view["x"]) < 2 and abs(view["y"]) < 2 for view in first), "every map begins at its site"

    x, y = place_of(page, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=4)
    page.mouse.move(x + 60, y + 40, steps=4)
    page.wait_for_timeout(300)   # a hand that stops before it lets go, so that the map does not glide on
    page.mouse.up()
    page.wait_for_function(f"() => ({VIEWS})().every(view => view.x < -40)")
    page.wait_for_timeout(500)
    moved = page.evaluate(VIEWS)
    together(moved)
    assert moved[0]["x"] == pytest.approx(-60, abs=8) and moved[0]["y"] == pytest.approx(-40, abs=8)

    x, y = place_of(page, 1)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -240)
    page.wait_for_function(f"zoom => ({VIEWS})().every(view => view.zoom > zoom)", arg=first[0]["zoom"])
    page.wait_for_timeout(700)
    together(page.evaluate(VIEWS))

    page.locator(".st-key-compare_cards iframe").nth(2).content_frame.locator(".cz-home").click()
    page.wait_for_function(f"() => ({VIEWS})().every(view => Math.abs(view.x) < 2 && Math.abs(view.y) < 2)")
    page.wait_for_timeout(700)
    home = page.evaluate(VIEWS)
    together(home)
    assert home[0]["zoom"] == first[0]["zoom"]


def test_keys_step_through_sites_and_villages(page: Page, complaints: list[str]) -> None:
    best = open_best(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("old => !location.search.includes(old)", arg=best[2])
    fourth = sites_in(page)
    assert fourth[:2] == best[:2] and fourth[2] not in best
    expect(button(page, "compare_previous_site")).to_be_enabled(timeout=PATIENCE_MS)
    wait_for_maps(page, 3)

    page.mouse.click(*place_of(page, 1))      # the map's own frame has the keys now, and hands them on
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("old => location.search.includes(old)", arg=best[2])
    assert sites_in(page) == best

    page.keyboard.press("1")
    expect(page.locator(".cz-card").first).to_have_class(re.compile("cz-turn"), timeout=PATIENCE_MS)
    assert parse_qs(urlsplit(page.url).query)["candidate"] == best[:1]

    page.keyboard.press("PageDown")
    page.wait_for_function("old => !location.search.includes(old)", arg=best[0])
    other = sites_in(page)
    assert len(other) == 3 and not set(other) & set(best)
    expect(page.locator(".cz-card .cz-source").first).to_contain_text(other[0], timeout=PATIENCE_MS)

    link = page.url
    page.goto("about:blank")
    page.goto(link)
    wait_for_maps(page, 3)
    assert sites_in(page) == other
    for at, site in enumerate(other):
        expect(page.locator(".cz-card").nth(at)).to_contain_text(site)


@pytest.mark.parametrize(("language", "size", "count"), [("zh", (1366, 768), 4), ("en", (1920, 1080), 4), ("en", (1366, 768), 2)])
def test_meeting_is_readable_from_the_back(page: Page, complaints: list[str], language, size, count) -> None:
    best = open_best(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("old => !location.search.includes(old)", arg=best[2])
    sites = [*best, sites_in(page)[2]][:count]
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"/compare?lang={language}&meeting=1" + "".join(f"&compare={site}" for site in sites))
    wait_for_maps(page, count)
    expect(page.locator(".cz-side")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    assert page.evaluate("document.querySelector('.cz-plot').naturalWidth > 0"), "the plot is drawn"
    assert page.evaluate(SMALL, SMALLEST_PX) == []
    assert page.evaluate(CUT_OFF) == []
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    together(page.evaluate(VIEWS))
    button(page, "compare_meeting").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible(timeout=PATIENCE_MS)
    assert "meeting" not in page.url and sites_in(page) == sites


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_site_prints_on_one_page(page: Page, complaints: list[str], language: str) -> None:
    page.add_init_script("window.print = () => { window.printed = (window.printed || 0) + 1; }")
    sites = open_best(page)
    page.goto(f"/compare?lang={language}&meeting=1" + "".join(f"&compare={site}" for site in sites))
    wait_for_maps(page, 3)
    button(page, "compare_print").click()
    page.wait_for_function("() => window.printed === 1", timeout=PATIENCE_MS)
    page.emulate_media(media="print")
    sheets = page.evaluate("() => [...document.querySelectorAll('.cz-sheet')].map(one => [one.scrollHeight - one.clientHeight, "
                           "one.scrollWidth - one.clientWidth, one.querySelector('.cz-sheet-map').naturalWidth])")
    assert len(sheets) == len(sites)
    for below, beside, drawn in sheets:
        assert below <= 1 and beside <= 1 and drawn > 0
    pages = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True))).pages
    assert len(pages) == len(sites)
    for at, (sheet, site) in enumerate(zip(pages, sites, strict=True)):
        assert [round(float(side) / 72 * 25.4) for side in (sheet.mediabox.width, sheet.mediabox.height)] == [210, 297]
        text = plain(sheet.extract_text())
        for wanted in (site, say("compare.print.page", language, at=at + 1, count=len(sites)), say("compare.print.sign", language),
                       say("criteria.criterion.courtyard", language), say("criteria.gate.dispute", language)):
            assert plain(wanted) in text
