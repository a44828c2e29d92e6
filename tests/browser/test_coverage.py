"""The Coverage page in a real browser, offline: unserved people as dots, by township; a dot selects its village."""

from __future__ import annotations

import re

from playwright.sync_api import Frame, Page, expect

from layers.words import say
from tests.browser.test_main_job import PATIENCE_MS, drawn

DOTS = """() => Object.keys(cunzhi.state.shapes).filter((name) => name.startsWith("unserved-"))
    .flatMap((name) => Object.entries(cunzhi.state.shapes[name])
        .map(([id, layer]) => [name, id, layer.getElement().style.display !== "none"]))"""


def dots(frame: Frame) -> list[tuple[str, str]]:
    """Layer and id of the dots that the map shows."""
    return [(name, item) for name, item, shown in frame.evaluate(DOTS) if shown]


def test_dots_follow_the_township_and_select_their_village(page: Page) -> None:
    page.goto("/")
    frame = drawn(page, "villages")
    every = dots(frame)
    assert len(every) > 500
    name, item = every[0]
    frame.evaluate("([name, id]) => { cunzhi.state.shapes[name][id].fire('click'); }", [name, item])
    expect(page).to_have_url(re.compile(r"village=\d{12}"), timeout=PATIENCE_MS)
    expect(page.get_by_text(re.compile(f"^{say('app.coverage.selected', 'zh').split('{')[0]}")).first).to_be_visible(
        timeout=PATIENCE_MS)

    town = name.removeprefix("unserved-")
    page.goto(f"/?township={town}")
    frame = drawn(page, "villages")
    frame.wait_for_function(f"() => ({DOTS})().some(([name, id, shown]) => !shown)", timeout=PATIENCE_MS)
    here = dots(frame)
    assert here and {layer for layer, _ in here} == {name} and len(here) == sum(layer == name for layer, _ in every)
    page.get_by_text(say("coverage_page.map.dots", "zh", minutes="15"), exact=True).first.click()
    frame.wait_for_function(f"() => ({DOTS})().every(([name, id, shown]) => !shown)", timeout=PATIENCE_MS)
