"""Numbers as text, against Arrow's own cast and against Python's."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.decimals import decimal_text


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.just(np.nan), st.floats(-1e10, 1e10)), max_size=30), st.integers(0, 7))
def test_every_number_is_written_as_arrow_writes_it(numbers: list[float], digits: int) -> None:
    values = np.round(np.array(numbers, dtype=float), digits) + 0.0
    assert decimal_text(values, digits).to_pylist() == pc.cast(pa.array(values, from_pandas=True), pa.large_string()).to_pylist()


@settings(max_examples=100, deadline=None)
@given(st.integers(-10**9, 10**9), st.integers(0, 4))
def test_a_written_number_reads_back_as_itself(units: int, digits: int) -> None:
    value = units / 10**digits
    (text,) = decimal_text(np.array([value]), digits).to_pylist()
    assert float(text) == value
    assert len(text) <= len(repr(value))


@pytest.mark.parametrize(("value", "digits", "text"), [
    (0.0, 2, "0"), (1.0, 4, "1"), (-0.5, 1, "-0.5"), (100.0, 0, "100"), (0.0001, 4, "0.0001"), (np.inf, 2, "inf"),
    (-np.inf, 2, "-inf"), (113.0520001, 7, "113.0520001"),
    (0.1 + 0.2, 2, "0.30000000000000004"),   # the last was not rounded: Arrow's text
])
def test_written(value: float, digits: int, text: str) -> None:
    assert decimal_text(np.array([value]), digits).to_pylist() == [text]


def test_missing_stays_missing_and_nothing_stays_nothing() -> None:
    assert decimal_text(np.array([np.nan, 1.5, np.nan]), 1).to_pylist() == [None, "1.5", None]
    assert decimal_text(np.array([]), 1).to_pylist() == []
