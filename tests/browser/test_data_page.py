"""The Data page in a real browser, offline: from a finding to its place, and files dropped on the page."""

from __future__ import annotations

import io
import zipfile

from playwright.sync_api import Page, expect

from layers.words import say
from tests.browser.test_main_job import PATIENCE_MS, drawn
from tests.browser.test_whole_way import settled


def test_a_finding_leads_to_its_place(page: Page) -> None:
    page.goto("/data")
    expect(page.locator(".cz-finding").first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name=say("data_page.findings.show", "zh")).first.click()
    frame = drawn(page, "concerned")
    assert frame.evaluate("""() => cunzhiMap.getBounds().contains(Object.values(cunzhi.state.shapes.concerned)[0].getBounds())""")
    assert page.locator(".stImage img, [data-testid=stImage] img").count() >= 10


def test_a_suspected_gap_is_drawn_where_it_is(page: Page) -> None:
    page.goto("/data")
    page.locator("summary").filter(has_text=say("data_page.findings.gaps", "zh")).click(timeout=PATIENCE_MS)
    page.locator("[class*='st-key-show-gap']").first.get_by_role("button").click()
    frame = drawn(page, "join")
    assert frame.evaluate("""() => cunzhiMap.getBounds().contains(Object.values(cunzhi.state.shapes.join)[0].getBounds())""")


def test_files_are_dropped_refused_or_recognised(page: Page) -> None:
    hostile = io.BytesIO()
    with zipfile.ZipFile(hostile, "w") as archive:
        archive.writestr("../../evil.csv", "x")
    villages = b"\xef\xbb\xbf" + "行政村代码,行政村名称,人口,经度,纬度\n419901101201,甲村,100,110.1,30.1\n".encode()
    page.goto("/data")
    page.get_by_text(say("data_page.bring.title", "zh")).first.click()
    settled(page)
    page.locator("input[type=file]").set_input_files([
        {"name": "恶意.zip", "mimeType": "application/zip", "buffer": hostile.getvalue()},
        {"name": "行政村.csv", "mimeType": "text/csv", "buffer": villages},
    ])
    page.get_by_role("button", name=say("data_page.bring.receive", "zh")).click()
    expect(page.get_by_text("evil.csv").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(say("data_page.bring.table", "zh"))).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("行政村.csv").first).to_be_visible()
    expect(page.get_by_role("button", name=say("data_page.bring.open", "zh"))).to_be_enabled()
    page.get_by_role("button", name=say("data_page.bring.close", "zh")).click()
    expect(page.locator("input[type=file]")).to_be_attached(timeout=PATIENCE_MS)
