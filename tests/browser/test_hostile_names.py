"""Names that want to be scripts, on every page of the app: they are shown as names, and nothing of them runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from layers.words import say
from tests import toytown
from tests.browser.conftest import serving
from tests.browser.test_main_job import PATIENCE_MS
from tests.ui.townfiles import write_town
from ui.state import PAGES

EVIL = "<img src=x onerror=\"window.bad=1\"><script>window.bad=1</script>{{7*7}}$x$"
NAMES = {
    "villages": ("village_name", "township_name"), "settlements": ("settlement_name",), "parcels": ("owner_name", "village_name"),
    "buildings": ("building_name",), "venues": ("venue_name",), "facilities": ("facility_name",), "roads": ("road_name",),
}


@pytest.fixture(scope="module")
def hostile_url(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile")

    def spoiled(role: str):
        frame = getattr(toytown, role)()
        return frame.assign(**{name: EVIL + frame[name].fillna("").astype("str") for name in NAMES.get(role, ()) if name in frame})

    with serving(write_town(folder, layer=spoiled), folder) as url:
        yield url


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_name_is_never_markup_nor_script(browser, hostile_url: str, name: str, language: str) -> None:
    context = browser.new_context(base_url=hostile_url, viewport={"width": 1366, "height": 768})
    page: Page = context.new_page()
    page.goto(f"/{name if name != PAGES[0] else ''}?lang={language}&village={toytown.QINGSHI}&candidate=N-P01")
    if name == "plan":
        page.get_by_role("button", name=say("plan_page.solve", language), exact=True).click(timeout=2 * PATIENCE_MS)
    page.wait_for_function(   # the names are there: in the page or in the map's frame
        """mark => [document, ...[...document.querySelectorAll("iframe")].map(frame => frame.contentDocument)]
            .some(place => place && place.documentElement.innerHTML.includes(mark))""",
        arg="town.gpkg" if name == "data" else "onerror", timeout=2 * PATIENCE_MS)
    page.wait_for_timeout(1500)
    for frame in page.frames:
        assert frame.evaluate("typeof window.bad") == "undefined", f"a name ran in {frame.url}"
        assert frame.locator("img[src='x']").count() == 0
    context.close()
