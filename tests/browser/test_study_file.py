"""Saving the study in the app and opening it in another session: weights and selection come back, and nothing has moved."""

from __future__ import annotations

import re
import zipfile

from playwright.sync_api import Page, expect

from reports.replay import read_saved
from tests.browser.test_whole_way import settled


def test_a_saved_study_opens_as_it_was(page: Page, browser, opened_app: str, tmp_path) -> None:
    page.goto("/sites?lang=en")
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1000)   # what a slider says reaches the server when the hand rests
    page.get_by_text("Save and export").click()   # the whole page runs, the sidebar with it
    expect(page.get_by_text("With the weights you set on the Sites page.").first).to_be_visible()
    button = page.get_by_role("button", name="Save this study")
    expect(button).to_be_enabled()
    with page.expect_download() as saving:
        button.click()
    saving.value.save_as(tmp_path / "a.cunzhi.zip")
    saved = read_saved(tmp_path / "a.cunzhi.zip")
    assert saved.weights is not None and saved.view["village"] and saved.plan is None
    assert zipfile.ZipFile(tmp_path / "a.cunzhi.zip").namelist() == ["study.json", "candidates.csv", "villages.csv"]

    context = browser.new_context(base_url=opened_app, viewport={"width": 1366, "height": 768})
    other = context.new_page()
    other.goto("/?lang=en")
    other.get_by_text("Save and export").click()
    settled(other)
    other.locator("section[data-testid=stSidebar] input[type=file]").first.set_input_files(tmp_path / "a.cunzhi.zip")
    told = other.get_by_role("dialog")
    expect(told).to_contain_text("Data, rules and versions are as they were.")
    expect(told).to_contain_text("The ranking is as it was")
    told.get_by_role("button", name="Close").last.click()
    expect(other).to_have_url(re.compile(f"village={saved.view['village']}"))
    expect(other.get_by_text("With the weights you set on the Sites page.").first).to_be_visible()
    settled(other)

    (tmp_path / "b.zip").write_bytes(b"no study")
    other.locator("section[data-testid=stSidebar] input[type=file]").first.set_input_files(tmp_path / "b.zip")
    expect(other.get_by_text("This is no saved study.").first).to_be_visible()
    context.close()
