"""The county map in a real browser with the network cut off: it draws, explains and selects."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

IFRAME = 'iframe[title="streamlit_folium.st_folium"]'


def county_frame(page: Page):
    """The map's frame once its villages are drawn and coloured."""
    frame = page.frame_locator(IFRAME).first
    expect(frame.locator("path.leaflet-interactive").first).to_be_attached()
    handle = page.locator(IFRAME).first.element_handle().content_frame()
    handle.wait_for_function("window.cunzhiPainted >= 1")
    return frame, handle


def middle_of(handle, page: Page, code: str) -> tuple[float, float]:
    """Where on the page the middle of a village's shape lies."""
    page.locator(IFRAME).first.scroll_into_view_if_needed()
    place = handle.evaluate(
        """code => {
            const layer = cunzhi.state.shapes.villages[code];
            const point = cunzhiMap.latLngToContainerPoint(layer.getCenter());
            return [point.x, point.y];
        }""", code)
    box = page.locator(IFRAME).first.bounding_box()
    return box["x"] + place[0], box["y"] + place[1]


def central_village(handle) -> str:
    """Code of the village nearest the middle of the map."""
    return handle.evaluate(
        """() => { const middle = cunzhiMap.getCenter();
            return Object.entries(cunzhi.state.shapes.villages)
                .map(([code, layer]) => [layer.getCenter().distanceTo(middle), code]).sort((a, b) => a[0] - b[0])[0][1]; }""")


def test_county_map_draws_every_village_without_internet(page: Page) -> None:
    page.goto("/")
    frame, handle = county_frame(page)
    shown = page.get_by_test_id("stMetricDelta").first.inner_text()   # under the villages without a venue: of how many
    assert handle.evaluate("Object.keys(cunzhi.state.shapes.villages).length") == int(re.search(r"\d+", shown).group())
    image = frame.locator("img.leaflet-image-layer")
    expect(image).to_be_attached()
    handle.wait_for_function("document.querySelector('img.leaflet-image-layer').naturalWidth > 500")
    fills = handle.evaluate(
        "[...new Set([...document.querySelectorAll('path.leaflet-interactive')].map(path => path.getAttribute('fill')))]")
    assert "#c8431f" in fills and len(fills) >= 3, fills
    expect(frame.locator(".cz-legend")).to_contain_text("无场所")


def test_tooltip_names_the_village_under_the_mouse(page: Page) -> None:
    page.goto("/")
    frame, handle = county_frame(page)
    page.mouse.move(*middle_of(handle, page, central_village(handle)))
    expect(frame.locator(".cz-tip-title")).to_have_text(re.compile(r"\S+"))
    expect(frame.locator(".cz-tip")).to_contain_text("活动场所")


def test_click_on_the_map_selects_the_village_and_keeps_the_view(page: Page) -> None:
    page.goto("/")
    _, handle = county_frame(page)
    handle.evaluate("cunzhiMap.setZoom(cunzhiMap.getZoom() + 0.5, {animate: false})")
    before = handle.evaluate("[cunzhiMap.getZoom(), cunzhiMap.getCenter().lat, cunzhiMap.getCenter().lng]")
    code = central_village(handle)
    page.mouse.click(*middle_of(handle, page, code))
    expect(page).to_have_url(re.compile(rf"village={code}"))
    expect(page.get_by_text(re.compile("^已选：")).first).to_be_visible()
    after = handle.evaluate("[cunzhiMap.getZoom(), cunzhiMap.getCenter().lat, cunzhiMap.getCenter().lng]")
    assert after == before
    page.get_by_role("button", name="去选址页").click()
    expect(page).to_have_url(re.compile(rf"/sites\?.*village={code}"))


def test_view_and_layers_are_as_they_were_left_on_coming_back(page: Page) -> None:
    page.goto("/")
    frame, handle = county_frame(page)
    handle.evaluate("cunzhiMap.setZoom(cunzhiMap.getZoom() + 1, {animate: false})")
    handle.evaluate("cunzhiMap.panBy([0, -40], {animate: false})")
    before = handle.evaluate("[cunzhiMap.getZoom(), cunzhiMap.getCenter().lat, cunzhiMap.getCenter().lng]")
    frame.locator(".cz-layers summary").click()
    frame.locator(".cz-switch", has_text="道路").click()
    hidden = "!cunzhiMap.hasLayer(Object.entries(cunzhi.state.layers).find(([name]) => name.startsWith('road-'))[1])"
    assert handle.evaluate(hidden)
    page.get_by_role("link", name="数据").first.click()
    expect(page).to_have_url(re.compile("/data"))
    page.get_by_role("link", name="覆盖审查").first.click()
    frame, handle = county_frame(page)
    assert handle.evaluate("[cunzhiMap.getZoom(), cunzhiMap.getCenter().lat, cunzhiMap.getCenter().lng]") == before
    assert handle.evaluate(hidden)


def test_map_has_north_scale_legend_and_layers(page: Page) -> None:
    page.goto("/?lang=en")
    frame, _ = county_frame(page)
    for part in (".cz-north svg", ".leaflet-control-scale-line", ".cz-legend", ".cz-layers summary"):
        expect(frame.locator(part).first).to_be_visible()
    frame.locator(".cz-layers summary").click()
    expect(frame.locator(".cz-layers")).to_contain_text("Own base map (no internet)")
    assert frame.locator(".leaflet-online-pane img").count() == 0   # nothing is asked of the internet until it is chosen


def test_language_switch_and_link(page: Page) -> None:
    page.goto("/?lang=en")
    expect(page.get_by_text("Villages still without a venue")).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_text("中文").click()
    expect(page.get_by_text("仍无场所的村")).to_be_visible()
