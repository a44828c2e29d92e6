"""A score defended in a real browser, offline: how soon a slider re-ranks, every section, the matrix filled in by hand."""

from __future__ import annotations

import os
import re
import statistics
import tomllib

import pytest
from playwright.sync_api import Page, expect

from layers.words import LANGUAGES, say
from tests.browser.conftest import slack
from tests.browser.test_whole_way import settled

LIMIT_MS = 300.0
"""What a slider's answer may take."""
MOVES = 12
SETTLED_MS = 1000
"""The grid's own editor opens in steps that it tells nobody of."""

CLOCK = """label => {
    const grid = () => document.querySelector('[data-testid=stDataFrame] canvas')?.toDataURL();
    const points = () => document.querySelector('.cz-groups')?.innerText;
    const before = [grid(), points()], took = [null, null];
    window.tookMs = null;
    document.querySelector(`input[type=range][aria-label="${label}"]`).addEventListener('keydown', () => {
        const begin = performance.now();
        const look = () => {
            [grid(), points()].forEach((now, at) => { if (now && now !== before[at]) took[at] ??= performance.now() - begin; });
            if (took.every(one => one !== null)) { window.tookMs = took; } else { requestAnimationFrame(look); }
        };
        requestAnimationFrame(look);
    }, {once: true});
}"""
"""From a key on a slider to other figures in the ranked table as it is painted, and to other points in the reasons, in ms by the
browser's own clock."""


def open_sites(page: Page, language: str = "zh") -> None:
    page.goto(f"/sites?lang={language}")
    page.locator(".cz-reasons li").first.wait_for()
    page.wait_for_function("() => document.querySelector('[data-testid=stDataFrame] table')?.innerText")


def choose(page: Page, text: str) -> None:
    """Choose a section or a way by its name."""
    page.get_by_role("radio", name=text, exact=True).or_(page.get_by_role("button", name=text, exact=True)).first.click()


def test_slider_re_ranks_the_table_at_once(page: Page) -> None:
    open_sites(page)
    page.wait_for_timeout(3000)
    label = say("criteria.group.courtyard", "zh")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    took = []
    for move in range(MOVES):
        page.evaluate(CLOCK, label)
        page.get_by_role("slider", name=label).focus()
        page.keyboard.press("ArrowRight" if move % 2 == 0 else "ArrowLeft")
        took.append(page.wait_for_function("window.tookMs").json_value())
        page.wait_for_timeout(1500)
    table, page_ms = (statistics.median(one[at] for one in took[1:]) for at in (0, 1))
    print(f"\nslider on the demo county, median of {MOVES - 1}: table re-ranked in {table:.0f} ms, whole page in {page_ms:.0f} ms; "
          f"load {load:.1f} per processor; table {', '.join(f'{one[0]:.0f}' for one in took)}")
    assert table < LIMIT_MS * slack()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_drawn(page: Page, language: str) -> None:
    open_sites(page, language)
    for name in ("evidence", "measures", "firm", "better", "opinion"):
        choose(page, say(f"defend.section.{name}", language))
        if name == "measures":
            curves = page.get_by_test_id("stVegaLiteChart").locator("svg")
            expect(curves).to_be_visible(timeout=30_000)
            page.wait_for_function(
                "() => document.querySelectorAll('[data-testid=stVegaLiteChart] svg .mark-symbol path').length > 10")
            box = curves.bounding_box()
            place = page.get_by_test_id("stVegaLiteChart").bounding_box()
            assert 500 < box["width"] <= place["width"] + 1 and box["height"] > 300
        else:
            key = {"evidence": "criteria.gate.collective", "firm": "defend.firm.bounds", "better": "defend.better.neighbours",
                   "opinion": "defend.opinion.redundant"}[name]
            expect(page.get_by_text(say(key, language)).last).to_be_visible(timeout=30_000)
        expect(page.get_by_test_id("stException")).to_have_count(0)


def test_matrix_is_filled_in_by_hand_applied_and_saved(page: Page) -> None:
    open_sites(page)
    page.get_by_text(say("defend.weights.heading", "zh")).first.click()
    page.get_by_role("textbox", name=say("defend.ahp.name", "zh")).fill("县民政局")
    page.get_by_role("button", name=say("defend.ahp.add_begun", "zh")).click()
    expect(page.get_by_role("button", name=say("defend.apply", "zh"))).to_be_visible(timeout=30_000)
    editor = page.get_by_test_id("stDataFrame").last
    editor.scroll_into_view_if_needed()
    expect(editor.locator("table")).to_contain_text("1/", timeout=30_000)
    before = editor.locator("table").inner_text()
    page.wait_for_timeout(SETTLED_MS)
    box = editor.bounding_box()
    column, row = box["width"] / 8, box["height"] / 8
    page.mouse.click(box["x"] + 2.5 * column, box["y"] + 1.5 * row)      # collective against courtyard
    page.wait_for_timeout(SETTLED_MS)
    page.keyboard.press("Enter")
    page.wait_for_timeout(SETTLED_MS)
    page.keyboard.type("7")
    page.wait_for_timeout(SETTLED_MS)
    page.keyboard.press("Enter")
    first = f"7 {say('defend.scale.7', 'zh')}"
    expect(page.get_by_test_id("stDataFrame").last.locator("table")).to_contain_text(first, timeout=30_000)
    expect(page.get_by_test_id("stDataFrame").last.locator("table")).to_contain_text("1/7", timeout=30_000)
    assert page.get_by_test_id("stDataFrame").last.locator("table").inner_text() != before
    score = page.locator(".cz-groups").inner_text()
    page.get_by_role("button", name=say("defend.apply", "zh")).click()
    page.wait_for_function("said => document.querySelector('.cz-groups').innerText !== said", arg=score)

    choose(page, say("defend.weights.file", "zh"))
    with page.expect_download() as waiting:
        page.get_by_role("button", name=say("defend.file.save_button", "zh")).click()
    path = waiting.value.path()
    saved = tomllib.loads(path.read_text(encoding="utf-8"))
    assert saved["judges"][0]["name"] == "县民政局" and ["collective", "courtyard", 7] in saved["judges"][0]["answers"]
    weighed = page.locator(".cz-groups").inner_text()

    page.get_by_role("button", name=say("sites.weights.reset", "zh")).click()
    page.wait_for_function("said => document.querySelector('.cz-groups').innerText !== said", arg=weighed)
    settled(page)
    page.locator("input[type=file]").last.set_input_files({
        "name": "方案.toml", "mimeType": "application/toml", "buffer": path.read_bytes()})
    page.wait_for_function("said => document.querySelector('.cz-groups').innerText === said", arg=weighed)
    told = re.compile(say("defend.file.weights_loaded", "zh", name="方案.toml", judges=1).split("：")[0].replace(".", r"\.?"))
    expect(page.get_by_text(told)).to_be_visible(timeout=30_000)
