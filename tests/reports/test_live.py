"""The workbook's formulas, reckoned by LibreOffice after a weight was changed in the file, against `geo.score.reweight`."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil
import subprocess
import warnings

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

from geo.results import Study
from geo.score import reweight, score_of
from layers.words import say
from reports.workbook import workbook_bytes
from tests.reports.smallstudy import county, small_study
from tests.toytown import LIUWAN, QINGSHI, YUNTAI

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SIZE = 90
NEW_WEIGHTS = {"courtyard": 1.0, "people_share": 40.0, "road_time": 0.0, "slope": 0.5, "mean_walk": 13.7}


def live_study() -> Study:
    """Ninety candidates of three villages and of none: unknown values, candidates that agree to the last bit, and one unknown."""
    plain = small_study()
    chance = np.random.default_rng(7)
    rows = np.arange(SIZE) % len(plain.candidates)
    table = plain.candidates.iloc[rows].reset_index(drop=True)
    table["candidate_id"] = [f"N-{number:03}" for number in chance.permutation(SIZE)]
    table["village_code"] = pd.array(chance.choice([QINGSHI, LIUWAN, YUNTAI, None], SIZE, p=[0.4, 0.4, 0.1, 0.1]), dtype="str")
    table["verdict"] = pd.array(chance.choice(["pass", "verify", "fail"], SIZE, p=[0.5, 0.4, 0.1]), dtype="str")
    values = pd.DataFrame(np.round(chance.random((SIZE, plain.values.shape[1])), 12), columns=plain.values.columns)
    values[chance.random(values.shape) < 0.25] = np.nan
    values.iloc[10:20] = values.iloc[10].to_numpy()   # ties, some within a village and a verdict
    values.iloc[30] = np.nan
    values["bus_stop_walk"] = np.nan
    study = dataclasses.replace(plain, candidates=gpd.GeoDataFrame(table), values=values)
    return reweight(study, {})


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The same file as LibreOffice reckons it: as reported, with other weights, with all weights 0."""
    if OFFICE is None:
        if os.environ.get("CI"):
            pytest.fail("libreoffice-calc must be there in CI")
        pytest.skip("needs LibreOffice (package libreoffice-calc)")
    folder = tmp_path_factory.mktemp("office")
    study = live_study()
    data = workbook_bytes(study, county(), "en")
    for name, weights in (("same", {}), ("other", NEW_WEIGHTS), ("none", dict.fromkeys(study.scenario.weights, 0.0))):
        _change(data, study, weights).save(folder / f"{name}.xlsx")
    made = [str(folder / f"{name}.xlsx") for name in ("same", "other", "none")]
    subprocess.run(
        [OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), *made],
        check=True, capture_output=True, timeout=180)
    return study, {name: _read(folder / "out" / f"{name}.xlsx") for name in ("same", "other", "none")}


def _change(data: bytes, study: Study, weights: dict[str, float]) -> openpyxl.Workbook:
    book = openpyxl.load_workbook(io.BytesIO(data))   # without the values that formulas have now
    sheet = book[say("report.sheets.criteria", "en")]
    for row, criterion in enumerate(study.scenario.criteria, start=4):
        if criterion.id in weights:
            sheet.cell(row, 5).value = weights[criterion.id]
    return book


def _read(path) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)   # openpyxl names parts of the file it does not read
        return openpyxl.load_workbook(path, data_only=True)


def _rows(book: openpyxl.Workbook, name: str) -> list[dict]:
    sheet = book[say(f"report.sheets.{name}", "en")]
    heads = [cell.value for cell in sheet[3]]
    return [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)]


def _number(value: object) -> float:
    return float("nan") if value in (None, "") else float(value)   # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "weights"), [("same", {}), ("other", NEW_WEIGHTS)])
def test_scores_bands_points_and_ranks_follow_the_weights(books, name, weights):
    study, book = books[0], books[1][name]
    after = reweight(study, weights)
    expected = after.candidates.set_index("candidate_id")
    points = after.contributions.set_index(after.candidates["candidate_id"])
    rows = _rows(book, "candidates")
    assert len(rows) == int(expected["rank_in_county"].notna().sum()) > 60
    for row in rows:
        own = expected.loc[row["Candidate"]]
        for head, column in (("Score (0–100)", "score"), ("Score, low", "score_low"), ("Score, high", "score_high")):
            assert _number(row[head]) == pytest.approx(own[column], abs=1e-9, nan_ok=True)
        assert row["Rank in county"] == own["rank_in_county"]
        assert (row["Rank in village"] or None) == (None if pd.isna(own["rank_in_village"]) else own["rank_in_village"])
        for group in ("courtyard", "population", "terrain"):
            of_group = [one.id for one in study.scenario.criteria if one.group == group]
            told = _number(row[say("report.group_points", "en", group=say(f"criteria.group.{group}", "en"))])
            assert told == pytest.approx(points.loc[row["Candidate"], of_group].sum(min_count=1), abs=1e-9, nan_ok=True)
    if weights:
        before = study.candidates.set_index("candidate_id")["rank_in_county"]
        assert (before.dropna() != expected["rank_in_county"].dropna()).sum() > 20


@pytest.mark.parametrize(("name", "weights"), [("same", {}), ("other", NEW_WEIGHTS)])
def test_villages_name_their_best_site_anew(books, name, weights):
    study, book = books[0], books[1][name]
    expected = reweight(study, weights).villages.set_index("village_code")
    for row in _rows(book, "villages"):
        own = expected.loc[row["Village code"]]
        assert (row["Best candidate"] or None) == (None if pd.isna(own["best_candidate"]) else own["best_candidate"])
        assert _number(row["Best score (0–100)"]) == pytest.approx(own["best_score"], abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(("name", "said"), [("same", None), ("other", say("report.weights_changed", "en"))])
def test_a_changed_weight_is_said_on_every_sheet_that_it_changes(books, name, said):
    for sheet in ("candidates", "villages", "criteria"):
        first = [cell.value for cell in books[1][name][say(f"report.sheets.{sheet}", "en")][1]]
        assert (said in first) if said else say("report.weights_changed", "en") not in first


def test_shares_follow_and_no_weight_at_all_breaks_nothing(books):
    study, made = books
    other = {row["Criterion"]: row for row in _rows(made["other"], "criteria") if row["Weight as reported"] is not None}
    shares = reweight(study, NEW_WEIGHTS).scenario.weights
    assert sum(row["Share of weight"] for row in other.values()) == pytest.approx(1)
    assert other[say("criteria.criterion.courtyard", "en")]["Share of weight"] == pytest.approx(shares["courtyard"])
    for row in _rows(made["none"], "candidates"):
        assert not row["Score (0–100)"] and row["Score, low"] == 0 and row["Score, high"] == 100
    for book in made.values():
        errors = [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.data_type == "e"]
        assert errors == []


def test_the_file_shows_the_same_figures_where_nothing_is_reckoned():
    """The values stored beside the formulas, by the definition in `geo.score.score_of`."""
    study = live_study()
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(study, county(), "en")), data_only=True)
    scores = score_of(study.values, study.scenario.weights).set_index(study.candidates["candidate_id"])
    rows = _rows(book, "candidates")
    assert [row["Rank in county"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        assert _number(row["Score (0–100)"]) == pytest.approx(scores.loc[row["Candidate"], "score"], abs=1e-9, nan_ok=True)


def test_more_candidates_than_can_be_live_keep_their_ranks_as_figures(monkeypatch):
    monkeypatch.setattr("reports.candidates_sheet.MAX_LIVE", 20)
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(live_study(), county(), "en")))
    rows = _rows(book, "candidates")
    assert [row["Rank in county"] for row in rows] == list(range(1, 21))
    assert all(str(row["Score (0–100)"]).startswith("=") for row in rows)
    assert not any(str(row["Best candidate"]).startswith("=") for row in _rows(book, "villages"))
