"""The Plan page in a real browser, offline: solve, see the plan on the map, exclude a site, see the plan change."""

from __future__ import annotations

from playwright.sync_api import Frame, Page, expect

from layers.words import say
from tests.browser.test_main_job import drawn

SOLVE_MS = 60_000


def shown(frame: Frame, group: str) -> int:
    """Shapes of a group that the map shows."""
    return frame.evaluate(
        """group => Object.values(cunzhi.state.shapes[group] || {})
            .filter((layer) => layer.getElement() && layer.getElement().style.display !== "none").length""", group)


def test_solve_look_and_exclude_a_site(page: Page) -> None:
    page.goto("/plan")
    page.get_by_role("button", name=say("plan_page.solve", "zh"), exact=True).click()
    expect(page.get_by_test_id("stMetricValue")).to_have_count(5, timeout=SOLVE_MS)
    frame = drawn(page, "sites")
    assert shown(frame, "sites") > 40 and shown(frame, "walks") > 30 and shown(frame, "newly") == 0
    page.get_by_text(say("plan_page.map.before", "zh"), exact=True).first.click()
    frame.wait_for_function("() => Object.values(cunzhi.state.shapes.sites)[0].getElement().style.display === 'none'")
    assert shown(frame, "newly") > 100 and shown(frame, "walks") == 0
    page.get_by_text(say("plan_page.map.after", "zh"), exact=True).first.click()
    frame.wait_for_function("() => Object.values(cunzhi.state.shapes.sites)[0].getElement().style.display !== 'none'")

    site = frame.evaluate("() => Object.keys(cunzhi.state.shapes.sites).find((id) => id.startsWith('N-'))")
    frame.evaluate("id => cunzhi.state.shapes.sites[id].fire('click')", site)
    forbid = page.get_by_role("button", name=say("plan_page.whatif.forbid", "zh"), exact=True)
    expect(forbid).to_be_visible(timeout=SOLVE_MS)
    forbid.click()
    expect(page.get_by_text(say("plan_page.compare.title", "zh"), exact=True)).to_be_visible(timeout=SOLVE_MS)
    page.wait_for_function(
        """([selector, site]) => { const inside = document.querySelector(selector).contentWindow;
            const sites = inside && inside.cunzhi && inside.cunzhi.state.shapes.sites;
            return !!sites && !(site in sites); }""",
        arg=['iframe[title="streamlit_folium.st_folium"]', site], timeout=SOLVE_MS)
