"""The offline map opened from a file with the network cut off: it draws, finds, explains and switches, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from layers.words import LANGUAGES, say
from reports.reasons import reasons_table
from reports.web_map import web_map
from tests.ui.townfiles import write_town
from ui.engine import open_and_study

HOSTILE = "<img src=x onerror=\"window.bad=1\">村"
LIMIT_BYTES = 10_000_000


@pytest.fixture(scope="module")
def maps(tmp_path_factory) -> dict[str, Path]:
    """The toy town's map in both languages; one of its villages has a name that would be markup."""
    folder = tmp_path_factory.mktemp("town")
    town = open_and_study(write_town(folder))
    town.study.villages.loc[town.study.villages.index[0], "village_name"] = HOSTILE
    paths = {}
    for language in LANGUAGES:
        paths[language] = folder / f"地图 {language}.html"
        told = reasons_table(town.study, town.county, language)
        paths[language].write_bytes(web_map(town.study, town.county, language=language, reasons=told))
    return paths


@pytest.fixture
def file_page(browser) -> Iterator[Page]:
    """A page without any network; afterwards nothing may have been asked for, refused or logged."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    page, faults, asked = context.new_page(), [], []
    # the one warning there is comes of this test's own reading of pixels
    page.on("console", lambda message: faults.append(message.text) if "getImageData" not in message.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert faults == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def _open(page: Page, path: Path) -> None:
    page.goto(path.as_uri())
    page.wait_for_function("window.cunzhiMap !== undefined")


def _drawn(page: Page) -> int:
    """Pixels of the sites' canvas that anything is drawn on."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.leaflet-sites-pane canvas')].reduce((sum, canvas) => {
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) sum++; return sum; }, 0)""")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_click_on_a_village_and_on_a_site_opens_its_reasons(maps, file_page, language):
    _open(file_page, maps[language])
    assert _drawn(file_page) > 5000
    box = file_page.locator("#map").bounding_box()
    x, y = file_page.evaluate(
        """() => { const { map, data } = cunzhiMap; const [dx, dy] = data.villages[1].point;
            const point = map.latLngToContainerPoint([data.origin[1] + dy / data.units + 0.001, data.origin[0] + dx / data.units]);
            return [point.x, point.y]; }""")
    file_page.mouse.click(box["x"] + x, box["y"] + y)
    popup = file_page.locator(".leaflet-popup-content")
    expect(popup.locator("h3")).to_contain_text("村")
    expect(popup).to_contain_text(say("app.words.venue", language))
    popup.locator("button").first.click()   # the best site of the village
    expect(popup).to_contain_text(say("app.map.verdict", language))
    assert popup.locator("p").count() >= 1
    assert file_page.evaluate("cunzhiMap.map.getZoom()") >= 16
    expect(file_page.locator(".leaflet-control-scale-line")).to_be_visible()
    expect(file_page.locator(".north")).to_contain_text(say("web_map.page.north_mark", language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_legend_and_layer_switch(maps, file_page, language):
    _open(file_page, maps[language])
    panel = file_page.locator("#panel")
    for verdict in ("pass", "verify"):
        expect(panel).to_contain_text(say(f"criteria.verdict.{verdict}", language))
    before = _drawn(file_page)
    file_page.get_by_label(say("web_map.page.layer_villages", language)).uncheck()
    file_page.wait_for_timeout(200)
    assert _drawn(file_page) < before / 2
    file_page.get_by_label(say("web_map.page.layer_villages", language)).check()
    file_page.locator("#search").fill("onerror")
    expect(file_page.locator("#found button")).to_have_count(1)
    file_page.keyboard.press("Enter")
    expect(file_page.locator(".leaflet-popup-content h3")).to_contain_text(HOSTILE)
    assert file_page.evaluate("window.bad") is None
    file_page.locator("#search").fill("nobody is called this")
    expect(panel).to_contain_text(say("web_map.page.nothing", language))
    assert file_page.evaluate(
        """[...document.querySelectorAll('#panel *')].filter(one => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
            .map(one => one.textContent)""") == []


def test_the_demo_countys_map_is_small_enough_and_opens(demo, file_page, tmp_path):
    nothing = pd.DataFrame({"village_code": [], "candidate_id": [], "text": []}, dtype="str")
    page = web_map(demo.study, demo.county, language="zh", reasons=nothing)
    assert len(page) < LIMIT_BYTES / 2   # the reasons take 2 MB more
    (tmp_path / "map.html").write_bytes(page)
    _open(file_page, tmp_path / "map.html")
    assert file_page.evaluate("cunzhiMap.data.villages.length") == len(demo.study.villages)
    file_page.wait_for_function("document.querySelector('.leaflet-relief-pane img').naturalWidth > 500")
