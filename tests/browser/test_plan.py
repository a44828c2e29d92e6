"""The Plan page in a real browser, offline: solve, see the plan on the map, try it out by hand, and go back."""

from __future__ import annotations

from playwright.sync_api import Frame, Page, expect

from layers.words import say
from tests.browser.test_main_job import drawn

SOLVE_MS = 60_000
SITES = """([selector, site, there]) => { const inside = document.querySelector(selector).contentWindow;
    const sites = inside && inside.cunzhi && inside.cunzhi.state.shapes.sites;
    return !!sites && (site in sites) === there; }"""
MAP = 'iframe[title="streamlit_folium.st_folium"]'


def shown(frame: Frame, group: str) -> int:
    """Shapes of a group that the map shows."""
    return frame.evaluate(
        """group => Object.values(cunzhi.state.shapes[group] || {})
            .filter((layer) => layer.getElement() && layer.getElement().style.display !== "none").length""", group)


def solved(page: Page) -> Frame:
    """The map of the solved plan of the demo county."""
    page.goto("/plan")
    page.get_by_role("button", name=say("plan_page.solve", "zh"), exact=True).click()
    expect(page.get_by_test_id("stMetricValue")).to_have_count(5, timeout=SOLVE_MS)
    frame = drawn(page, "sites")
    expect(page.get_by_role("button", name=say("plan_page.later.download", "zh"))).to_be_visible(timeout=SOLVE_MS)
    return frame


def has_site(page: Page, site: str, there: bool = True) -> None:
    """Wait until the map shows a site, or no longer does."""
    page.wait_for_function(SITES, arg=[MAP, site, there], timeout=SOLVE_MS)


def place_of(page: Page, frame: Frame, site: str) -> tuple[float, float]:
    """Where a site stands on the screen, px."""
    page.locator(MAP).scroll_into_view_if_needed()
    box = page.locator(MAP).bounding_box()
    x, y = frame.evaluate(
        "id => { const p = cunzhiMap.latLngToContainerPoint(cunzhi.state.shapes.sites[id].getLatLng()); return [p.x, p.y]; }", site)
    return box["x"] + x, box["y"] + y


def test_solve_look_and_exclude_a_site(page: Page) -> None:
    frame = solved(page)
    assert shown(frame, "sites") > 40 and shown(frame, "areas-after") > 200 and shown(frame, "newly") == 0
    assert shown(frame, "walks") == 0 and shown(frame, "areas-before") == 0
    page.get_by_text(say("plan_page.map.shown.walks", "zh"), exact=True).click()
    frame.wait_for_function("() => Object.values(cunzhi.state.shapes.walks)[0].getElement().style.display !== 'none'")
    page.get_by_text(say("plan_page.map.before", "zh"), exact=True).first.click()
    frame.wait_for_function("() => Object.values(cunzhi.state.shapes.sites)[0].getElement().style.display === 'none'")
    assert shown(frame, "newly") > 100 and shown(frame, "walks") == 0 and shown(frame, "areas-before") > 100
    page.get_by_text(say("plan_page.map.after", "zh"), exact=True).first.click()
    frame.wait_for_function("() => Object.values(cunzhi.state.shapes.sites)[0].getElement().style.display !== 'none'")

    site = frame.evaluate("() => Object.keys(cunzhi.state.shapes.sites).find((id) => id.startsWith('N-'))")
    frame.evaluate("id => cunzhi.state.shapes.sites[id].fire('click')", site)
    forbid = page.get_by_role("button", name=say("plan_page.whatif.forbid", "zh"), exact=True)
    expect(forbid).to_be_visible(timeout=SOLVE_MS)
    forbid.click()
    expect(page.get_by_text(say("plan_page.compare.title", "zh"), exact=True)).to_be_visible(timeout=SOLVE_MS)
    has_site(page, site, there=False)


def test_drop_a_pin_drag_it_and_take_both_back(page: Page) -> None:
    frame = solved(page)
    page.get_by_text(say("plan_page.trial.switch", "zh"), exact=True).click()
    frame.wait_for_function("() => cunzhi.state.trying === true")
    frame.evaluate("() => { cunzhi.state.probe = 1; }")   # gone if the map were drawn anew
    site = frame.evaluate(
        """() => { const id = Object.keys(cunzhi.state.shapes.sites).find((one) => one.startsWith("N-"));
            cunzhiMap.setView(cunzhi.state.shapes.sites[id].getLatLng(), 15, { animate: false }); return id; }""")
    x, y = place_of(page, frame, site)
    page.mouse.click(x + 60, y + 40)
    has_site(page, "W-1")
    view = frame.evaluate("() => [cunzhiMap.getZoom(), cunzhi.state.probe]")
    assert view == [15, 1], "the map was drawn anew, or moved"
    expect(page.get_by_text(say("plan_page.hand.pins", "zh"))).to_be_visible()
    expect(page.get_by_text(say("plan_page.compare.title", "zh"), exact=True)).to_be_visible(timeout=SOLVE_MS)

    x, y = place_of(page, frame, "W-1")
    page.mouse.move(x, y - 8)
    page.mouse.down()
    page.mouse.move(x - 40, y + 20, steps=6)
    page.mouse.move(x - 80, y + 60, steps=6)
    page.mouse.up()
    has_site(page, "W-1", there=False)
    undo = page.get_by_role("button", name=say("plan_page.trial.undo", "zh"))
    undo.click()
    has_site(page, "W-1")
    undo.click()
    has_site(page, "W-1", there=False)
    assert frame.evaluate("() => cunzhi.state.probe") == 1


def test_alternatives_are_told_apart(page: Page) -> None:
    solved(page)
    page.get_by_text(say("plan_page.near.title", "zh"), exact=True).click()
    page.get_by_role("button", name=say("plan_page.near.seek", "zh")).click()
    expect(page.get_by_text(say("plan_page.near.pick", "zh"), exact=True)).to_be_visible(timeout=SOLVE_MS)
