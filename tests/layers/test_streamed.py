"""Reading as a stream and what is remembered while a county is opened, against pyogrio's and pandas' own answers."""

import threading
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from layers.crs import boxes_of
from layers.remembered import ahead, forget, once
from layers.rows import with_ids
from layers.schema import missing
from layers.streamed import read_stream
from layers.texts import all_different, asked, encoded, matching
from tests.layers.samples import CRS, X, Y


def _frame(rows: int) -> gpd.GeoDataFrame:
    at = np.arange(rows)
    texts = pd.array([f"{number:04d}" if number % 3 else None for number in at], dtype="str")
    shapes = shapely.box(X + at, Y, X + at + 1, Y + 1)
    shapes[::7] = None
    return gpd.GeoDataFrame({"code": texts, "area": at * 0.5, "count": at}, geometry=shapes, crs=CRS)


@pytest.mark.parametrize("rows", [0, 1, 70_000])   # none, one batch and two
@pytest.mark.parametrize("columns", [["code", "area", "count"], ["area"], []])
def test_a_stream_reads_what_pyogrio_reads(tmp_path: Path, rows: int, columns: list[str]) -> None:
    _frame(rows).to_file(tmp_path / "a.gpkg", layer="a")
    told = {"layer": "a", "encoding": None, "columns": columns}
    assert_geodataframe_equal(read_stream(tmp_path / "a.gpkg", **told),
                              pyogrio.read_dataframe(tmp_path / "a.gpkg", use_arrow=True, **told), check_index_type=False)


def test_dates_and_tables_are_left_to_pyogrio(tmp_path: Path) -> None:
    dated = _frame(3).assign(day=pd.to_datetime(["2024-01-02"] * 3))
    dated.to_file(tmp_path / "a.gpkg", layer="a")
    assert read_stream(tmp_path / "a.gpkg", layer="a", encoding=None, columns=["day"]) is None
    assert read_stream(tmp_path / "a.gpkg", layer="a", encoding=None, columns=["code"]) is not None
    pyogrio.write_dataframe(pd.DataFrame({"code": ["1"]}), tmp_path / "t.gpkg", layer="t")
    assert read_stream(tmp_path / "t.gpkg", layer="t", encoding=None, columns=["code"]) is None


def test_an_answer_is_remembered_for_the_same_rows_only() -> None:
    shapes, asked_for = np.arange(6.0).reshape(3, 2), []

    def answer() -> int:
        asked_for.append(1)
        return len(asked_for)

    assert once("a", shapes, answer) == once("a", shapes[:], answer) == once("a", shapes.view(), answer) == 1
    assert once("b", shapes, answer) == 2
    assert once("a", shapes[1:], answer) == 3
    assert once("a", shapes.copy(), answer) == 4
    forget()
    assert once("a", shapes, answer) == 5


def test_an_answer_about_two_arrays_is_for_both_of_them() -> None:
    one, other = np.arange(3), np.arange(4)
    assert once("sum", one, lambda: 1, other) == once("sum", one, lambda: 2, other) == 1
    assert once("sum", one, lambda: 3, other.copy()) == 3 and once("sum", one, lambda: 4) == 4
    forget()


def test_who_asks_meanwhile_waits_for_the_answer_begun_ahead() -> None:
    shapes, begun, go_on, times = np.arange(3), threading.Event(), threading.Event(), []

    def answer() -> str:
        begun.set()
        go_on.wait(10)
        times.append(1)
        return "found"

    ahead([lambda: once("slow", shapes, answer)])
    assert begun.wait(10)
    threading.Timer(0.05, go_on.set).start()
    assert once("slow", shapes, answer) == "found" and len(times) == 1
    forget()


def test_work_ahead_that_fails_fails_where_it_is_asked_for() -> None:
    shapes = np.arange(3)

    def fail() -> None:
        raise ValueError("no such thing")

    ahead([lambda: once("bad", shapes, fail)])
    with pytest.raises(ValueError, match="no such thing"):
        once("bad", shapes, fail)
    assert once("bad", shapes, lambda: 1) == 1
    forget()


def test_what_is_remembered_goes_with_its_array() -> None:
    from layers import remembered

    forget()
    shapes = np.arange(3)
    once("a", shapes, lambda: 1)
    del shapes
    assert remembered._known == {}


def test_boxes_are_those_of_shapely() -> None:
    shapes = np.asarray(_frame(10).geometry.array)
    for _ in range(2):
        np.testing.assert_array_equal(boxes_of(shapes), shapely.bounds(shapes))
    np.testing.assert_array_equal(boxes_of(shapes[2:5]), shapely.bounds(shapes)[2:5])


@pytest.mark.parametrize("dtype", ["str", "object", "float64", "boolean"])
def test_values_are_encoded_as_pandas_does(dtype: str) -> None:
    cells = [1, None, 0, 1, 1, None, 0] if dtype in ("float64", "boolean") else ["乙", None, "甲", "乙", "丙", None, "甲"]
    values = pd.Series(cells, dtype=dtype)
    for _ in range(2):
        codes, different = encoded(values)
        expected, unique = pd.factorize(values)
        assert codes.tolist() == expected.tolist() and list(different) == list(unique)


def test_a_column_that_is_changed_is_asked_anew() -> None:
    values = pd.Series(["a1", "b", None] * 2_000, dtype="str")
    assert matching(values, "[0-9]").sum() == 2_000
    values[1] = "b2"
    assert matching(values, "[0-9]").sum() == 2_001
    assert encoded(values)[1] == ["a1", "b2", "b"]
    assert asked(values.iloc[::-1], lambda texts: texts.is_null()).sum() == 0   # what is missing is asked nothing


@pytest.mark.parametrize("texts", [
    ["a", "b", "ab", ""], ["a", "b", "a"], ["", ""], ["a", None], [None, None], [], ["x" * 8, "x" * 9, "x" * 16, "x" * 17],
    ["甲村", "乙村", "甲村"], ["y" * 70, "y" * 71], ["y" * 70, "y" * 70], [f"{at:019d}" for at in range(500)] + [f"{7:019d}"],
])
def test_texts_are_all_different_as_pandas_says(texts: list[str | None]) -> None:
    values = pd.Series(texts, dtype="str")
    assert all_different(values) == values.is_unique
    assert all_different(values[1:]) == values[1:].is_unique   # a piece of a longer array


@pytest.mark.parametrize("dtype", ["str", "float64", "boolean"])
def test_missing_values_have_the_type_asked_for(dtype: str) -> None:
    values = pd.Series(missing(3, dtype))
    assert values.dtype == pd.Series([None], dtype=dtype).dtype and values.isna().all() and len(values) == 3


def test_ids_that_repeat_are_numbered_once_more() -> None:
    frame, findings = with_ids(gpd.GeoDataFrame({"a": ["x", "y", "x"]}, geometry=[None] * 3), "a", "parcels")
    assert frame["a"].tolist() == ["x", "y", "x-2"]
    assert [finding.code for finding in findings] == ["id_repeated"]
