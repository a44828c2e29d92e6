"""The app's frame, the Coverage page and the Data page, run without a browser."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from layers.findings import Finding
from layers.words import LANGUAGES, catalogue
from tests.toytown import QINGSHI
from tests.ui.sessions import opened_town
from ui.errors import boundary
from ui.opening import content_stamp

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture
def on_toytown(monkeypatch):
    """The app on the toy town instead of a county file; caches empty."""
    st.cache_resource.clear()
    opened = opened_town()
    finding = Finding("config_missing", "warning", "roads", rows=("r1",), count=3, params={"path": "<b>x</b>"})
    opened = dataclasses.replace(opened, county=dataclasses.replace(opened.county, findings=(finding,)))
    monkeypatch.setattr("ui.state.open_with_progress", lambda *_: opened)
    monkeypatch.delenv("CUNZHI_LANG", raising=False)
    return opened


def run(**query) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def texts(app: AppTest) -> str:
    parts = (*app.markdown, *app.caption, *app.subheader, *app.text, *app.info, *app.error, *app.success)
    return "\n".join(str(part.value) for part in parts)


def test_english_is_complete_and_comes_by_link_or_switch(on_toytown):
    app = run(lang="en")
    assert not app.exception
    assert "Villages still without a venue (2)" in texts(app)
    assert not any("\u4e00" <= character <= "\u9fff" for metric in app.metric for character in metric.label)


def test_a_link_selects_the_village(on_toytown):
    app = run(village=QINGSHI)
    assert "已选：青石村（双溪镇）" in texts(app)
    app.button(key="coverage_clear").click().run()
    assert "已选" not in texts(app)
    assert "village" not in app.query_params


def test_a_link_to_a_village_that_does_not_exist_selects_none(on_toytown):
    app = run(village="000000000000")
    assert not app.exception and "已选" not in texts(app)


def test_township_filter_narrows_figures_and_table(on_toytown):
    app = run()
    app.selectbox(key="coverage_township").set_value("419901101").run()
    # of the other township's villages, one without a venue and one below standard, none is left
    assert {metric.label: metric.value for metric in app.metric}["无场所（村）"] == "1"
    assert {metric.label: metric.value for metric in app.metric}["未达标（村）"] == "0"
    assert app.query_params["township"] in ("419901101", ["419901101"])


def test_unusable_county_is_said_in_words_without_a_traceback(monkeypatch, tmp_path):
    st.cache_resource.clear()
    monkeypatch.setenv("CUNZHI_COUNTY", str(tmp_path / "nowhere" / "county.toml"))
    app = run()
    assert not app.exception
    assert "数据不能使用" in texts(app) and "nowhere" in texts(app)
    assert "Traceback" not in texts(app)


def test_unexpected_errors_get_an_id_and_go_to_the_log(monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("ui.state.open_with_progress", fail)
    app = run()
    assert not app.exception
    assert "出了意料之外的错误" in texts(app) and "secret detail" not in texts(app)
    record = next(record for record in caplog.records if record.name == "cunzhi")
    assert record.args[0] in texts(app) and "secret detail" in caplog.text


def test_boundary_lets_ordinary_work_through():
    with boundary("en"):
        value = 1
    assert value == 1


def _data_page() -> None:
    from ui import state
    from ui.pages import data

    state.follow_url()
    data.render(state.current())


@pytest.mark.parametrize("language", LANGUAGES)
def test_data_page_lists_layers_and_findings(on_toytown, monkeypatch, language):
    monkeypatch.setenv("CUNZHI_LANG", language)
    app = AppTest.from_function(_data_page, default_timeout=60).run()
    assert not app.exception
    assert any(frame.value.shape[0] >= 12 for frame in app.dataframe)


def test_words_have_equal_keys():
    first, second = (set(key for key in catalogue(language) if key.startswith("app.")) for language in LANGUAGES)
    assert first == second


def test_stamp_follows_the_files_a_county_names(tmp_path):
    layer = tmp_path / "a.geojson"
    layer.write_text("{}", encoding="utf-8")
    county = tmp_path / "county.toml"
    county.write_text('[county]\nname = "x"\n[layers.parcels]\nsource = "a.geojson"\n', encoding="utf-8")
    first = content_stamp(county)
    assert content_stamp(county) == first
    layer.write_text('{"type": "FeatureCollection"}', encoding="utf-8")
    assert content_stamp(county) != first
