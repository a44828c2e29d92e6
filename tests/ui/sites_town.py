"""The toy town, studied once, for the tests of the Sites and Compare pages; and the pages run by themselves on it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from streamlit.testing.v1 import AppTest

from geo.results import Study
from geo.scenario import Scenario, scenario_from
from geo.study import study
from layers.county import County
from tests.toytown import toytown
from ui.opening import Opened

ROOT = Path(__file__).resolve().parents[2]


@cache
def scenario() -> Scenario:
    """The default standard."""
    return scenario_from(tomllib.loads((ROOT / "data" / "standards" / "default.toml").read_text(encoding="utf-8")))


@cache
def town(*without: str) -> tuple[County, Study]:
    """The toy town without some layers, and its study."""
    county = toytown(**dict.fromkeys(without))
    return county, study(county, scenario())


def sites_page() -> None:
    """Script of the Sites page alone."""
    from ui import state
    from ui.pages import sites

    state.follow_url()
    sites.render(state.current())


def compare_page() -> None:
    """Script of the Compare page alone."""
    from ui import state
    from ui.pages import compare

    state.follow_url()
    compare.render(state.current())


def open_page(monkeypatch, script, *, opened: tuple[County, Study] | None = None, **query: str | list[str]) -> AppTest:
    """A page drawn on the toy town (or another county), as a link with these query parameters would open it."""
    county, result = opened or town()
    monkeypatch.setattr("ui.state.open_with_progress", lambda *args, **kwargs: Opened(f"town-{id(result)}", county, result,
                                                                                      result.scenario))
    app = AppTest.from_function(script, default_timeout=30)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception and not app.error, [element.value for element in (*app.exception, *app.error)]
    return app


def html_of(app: AppTest) -> str:
    """Everything the page drew as HTML."""
    return "\n".join(element.proto.body for element in app.get("html"))


def words_of(app: AppTest) -> str:
    """Every text on the page: HTML, markdown, captions, notes."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.subheader)
    return html_of(app) + "\n".join(str(element.value) for kind in kinds for element in kind)


def compared(app: AppTest) -> list[str]:
    """The comparison list as it stands in the address."""
    value = app.query_params.get("compare", [])
    return [value] if isinstance(value, str) else list(value)
