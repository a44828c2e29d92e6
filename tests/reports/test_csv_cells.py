"""Numbers and texts in the lines of a CSV file, against Arrow's own cast, Python's ``csv`` and each other."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import csv_cells
from reports.csv_text import csv_bytes


def texts(values: object, digits: int | None = None) -> list[str]:
    """What is written of one column."""
    told = {} if digits is None else {"x": digits}
    return csv_bytes(pd.DataFrame({"x": values}), digits=told).decode("utf-8-sig").splitlines()[1:]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.just(np.nan), st.just(np.inf), st.floats(-1e10, 1e10), st.floats(-100, 100), st.floats(-1e-3, 1e-3)),
                max_size=30), st.integers(0, 7))
def test_every_number_is_written_as_arrow_writes_it_rounded(numbers: list[float], digits: int) -> None:
    values = np.array(numbers, dtype=float)
    rounded = pc.cast(pa.array(np.round(values, digits) + 0.0, from_pandas=True), pa.large_string())
    assert texts(values, digits) == pc.fill_null(rounded, "").to_pylist()


@settings(max_examples=100, deadline=None)
@given(st.integers(-10**9, 10**9), st.integers(0, 4))
def test_a_written_number_reads_back_as_itself(units: int, digits: int) -> None:
    value = units / 10**digits
    (text,) = texts([value], digits)
    assert float(text) == value
    assert len(text) <= len(repr(value))


@pytest.mark.parametrize(("value", "digits", "text"), [
    (0.0, 2, "0"), (-0.0, 2, "0"), (-0.001, 2, "0"), (1.0, 4, "1"), (-0.5, 1, "-0.5"), (100.0, 0, "100"), (0.0001, 4, "0.0001"),
    (np.inf, 2, "inf"), (-np.inf, 2, "-inf"), (np.nan, 2, ""), (113.0520001, 7, "113.0520001"), (0.1 + 0.2, 2, "0.3"),
    (2.5, 0, "2"), (0.99999, 4, "1"), (9999999999.99, 2, "9999999999.99"), (9999999999.999, 2, "1e+10"), (0.00001, 7, "0.00001"),
    (1e-7, 7, "1e-7"),
])
def test_written(value: float, digits: int, text: str) -> None:
    assert texts([value], digits) == [text]


def test_numbers_without_decimals_are_written_in_full_and_are_no_formulas() -> None:
    assert texts([0.1 + 0.2, -np.inf, -1e-7]) == ["0.30000000000000004", "-inf", "-1e-7"]
    assert texts(pd.array([12345678901, None, -3], dtype="Int64")) == ["12345678901", "", "-3"]
    assert texts([2**63 - 1]) == ["9223372036854775807"]
    assert texts(pd.array([True, None, False], dtype="boolean")) == ["true", "", "false"]


def test_one_odd_number_among_many_columns_leaves_the_others_as_they_are() -> None:
    frame = pd.DataFrame({"name": ["b", "b", None], "far": [1e-7, 2.0, np.nan], "near": [0.25, 1.0, 2.0]})
    assert csv_bytes(frame, digits={"far": 7, "near": 1}).decode("utf-8-sig") == "name,far,near\nb,1e-7,0.2\nb,2,1\n,,2\n"


def test_texts_that_repeat_are_written_as_those_that_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    words = np.array(["青石村", "a,b", 'say "x"', "=1+1", "-12.5", "+x", "two\nlines", "", None], dtype=object)
    frame = pd.DataFrame({"many": pd.Series(rng.choice(words, 5000), dtype="str"), "few": [f"N-{n:05d}" for n in range(5000)],
                          "kind": pd.Categorical(rng.choice(["new", "=2"], 5000))})
    repeated = csv_bytes(frame)
    monkeypatch.setattr(csv_cells, "MOST_WORDS", 0)
    assert csv_bytes(frame) == repeated
    monkeypatch.setattr(csv_cells, "SAMPLE", 10)
    assert csv_bytes(frame) == repeated
    told = {None: "", "=1+1": "'=1+1", "+x": "'+x", "=2": "'=2"}
    target = io.StringIO()
    plain = csv.writer(target, lineterminator="\n")
    plain.writerow(frame.columns)
    plain.writerows([told.get(cell, cell) for cell in row] for row in frame.astype(object).replace({np.nan: None}).to_numpy())
    assert repeated.decode("utf-8-sig") == target.getvalue()
