"""The offline map as a file: what may run in it, what stands in it, how shapes are written. How it looks is in tests/browser."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.words import LANGUAGES
from reports import web_shapes
from reports.web_map import web_map
from reports.web_map_data import map_data, shown_sites
from tests.reports.smallstudy import county, small_study
from tests.toytown import QINGSHI

NONE = pd.DataFrame({"village_code": [], "candidate_id": [], "text": []}, dtype="str")
HOSTILE = ['</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "{{title}}\u202e{{data}}"]


class Page(HTMLParser):
    """Tags with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.inline: list[tuple[str, dict, str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] in ("script", "style") and data.strip():
            self.inline.append((*self.tags[-1], data))


def _hostile():
    study = small_study()
    candidates, villages = study.candidates.copy(), study.villages.copy()
    candidates["candidate_id"] = [f"{HOSTILE[n % 3]}{n}" for n in range(len(candidates))]
    villages["village_name"] = HOSTILE
    return dataclasses.replace(study, candidates=candidates, villages=villages)


def _data(page: bytes) -> dict:
    text = page.decode("utf-8")
    return json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_loaded_and_only_our_scripts_may_run(language):
    page = Page(web_map(small_study(), county(), language=language, reasons=NONE).decode("utf-8"))
    policy = next(attributes["content"] for tag, attributes in page.tags if attributes.get("http-equiv"))
    assert policy.startswith("default-src 'none'; img-src data:;") and "unsafe" not in policy
    for tag, attributes, text in page.inline:
        if attributes.get("type") != "application/json":
            digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
            assert f"'sha256-{digest}'" in policy, tag
    assert policy.count("sha256-") == 3
    assert {attributes.get("href") or attributes.get("src") for _, attributes in page.tags} - {None} == {"data:,"}
    assert not [text for tag, _, text in page.inline if tag == "style" and re.search(r"url\(|@import", text)]


def test_names_are_data_and_never_markup():
    page = web_map(_hostile(), county(), language="en", reasons=NONE)
    tags = [tag for tag, _ in Page(page.decode("utf-8")).tags]
    assert tags.count("script") == 3 and "img" not in tags
    names = {row["name"] for row in _data(page)["villages"]}
    assert HOSTILE[0] in names and "{{title}}{{data}}" in names   # as it reads, without the mark that turns it round


def test_the_page_is_the_same_every_time_and_in_both_languages():
    pages = {language: web_map(small_study(), county(), language=language, reasons=NONE) for language in LANGUAGES}
    assert pages["zh"] == web_map(small_study(), county(), language="zh", reasons=NONE)
    zh, en = (_data(pages[language]) for language in LANGUAGES)
    assert zh["words"].keys() == en["words"].keys() and zh["title"] != en["title"]
    assert [site["area"] for site in zh["sites"]] == [site["area"] for site in en["sites"]]


def test_sites_that_fail_are_left_out_and_the_reasons_stand_with_the_others():
    study = small_study()
    told = pd.DataFrame({"village_code": [QINGSHI, ""], "candidate_id": ["N-P1", ""], "text": ["Because.", "County."]})
    data = map_data(study, county(), "en", reasons=told)
    sites = {site["id"]: site for site in data["sites"]}
    assert set(sites) == {"N-P1", "N-P2", "R-B1", "U-V1"}
    assert sites["N-P1"]["told"] == ["Because."] and sites["N-P2"]["told"] == []
    facts = dict(sites["N-P2"]["facts"])
    assert facts["Verdict"] == "To verify: No dispute" and facts["Score"].startswith("61.2 (56.2–66.2)")
    assert dict(sites["U-V1"]["facts"])["Score"] == "unknown"
    assert data["villages"][sites["N-P1"]["village"]]["code"] == QINGSHI


def test_too_many_sites_are_cut_down_to_the_best_of_each_village_and_it_is_said():
    everything, each = shown_sites(small_study())
    assert len(everything) == 4 and each is None
    best, each = shown_sites(small_study(), 3)
    assert each == 1 and best["candidate_id"].tolist() == ["N-P1", "R-B1"]
    data = map_data(small_study(), county(), "en", reasons=NONE, most_sites=3)
    assert len(data["sites"]) == 2 and "best 1 sites of each village" in data["limit"] and "2 of 4" in data["limit"]


def test_shapes_come_back_as_they_were():
    """Steps added up again, as the page does, lie within half a unit of the degrees they were made from."""
    origin = (107.0, 34.0)
    area = shapely.Polygon([(107.1, 34.1), (107.2, 34.1), (107.2, 34.3), (107.1, 34.1)],
                           [[(107.15, 34.12), (107.17, 34.12), (107.17, 34.15), (107.15, 34.12)]])
    (parts,) = web_shapes.areas([area], origin)
    back = [np.cumsum(np.array(ring).reshape(-1, 2), axis=0) / web_shapes.UNITS + origin for ring in parts[0]]
    assert np.abs(back[0] - np.array(area.exterior.coords)[:-1]).max() <= 0.51 / web_shapes.UNITS
    assert np.abs(back[1] - np.array(area.interiors[0].coords)[:-1]).max() <= 0.51 / web_shapes.UNITS
    assert web_shapes.areas([None, shapely.Point(107, 34)], origin) == [None, None]
    assert web_shapes.points([None, shapely.Point(107.5, 34)], origin) == [None, [500000, 0]]
    line = gpd.GeoSeries([shapely.LineString([(0, 0), (50, 0.5), (100, 0)]), shapely.LineString()], crs=32648)
    drawn = web_shapes.lines(web_shapes.in_degrees(line, tolerance_m=1.0), origin)
    assert len(drawn) == 1 and len(drawn[0]) == 4   # the bend of half a metre is gone, the empty line too
