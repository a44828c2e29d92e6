"""Candidates found by id and by village, against a look at every row."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.sessions import town_session
from ui.rows import CandidateRows

frames = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12).map(lambda codes: pd.DataFrame({
    "candidate_id": pd.array([f"N-{n}" for n in range(len(codes))], dtype="string"),
    "village_code": pd.array(codes, dtype="string")}))


@given(frames)
def test_every_row_is_found_as_by_looking_at_all(frame: pd.DataFrame) -> None:
    rows = CandidateRows(frame)
    for number, item in enumerate(frame["candidate_id"]):
        assert rows.row(item) == number
    assert rows.row("N-99") is None and rows.row(None) is None
    for code in ("a", "b", "c", "d", None):
        expected = [n for n, own in enumerate(frame["village_code"]) if code is not None and own is not pd.NA and own == code]
        assert rows.of_village(code).tolist() == expected


def test_two_ids_of_one_hash_are_told_apart(monkeypatch) -> None:
    monkeypatch.setattr(pd.util, "hash_array", lambda values, **_: pd.Series([7] * len(values), dtype="uint64").to_numpy())
    rows = CandidateRows(pd.DataFrame({"candidate_id": ["N-1", "N-2"], "village_code": ["a", "a"]}))
    assert (rows.row("N-1"), rows.row("N-2"), rows.row("N-3")) == (0, 1, None)


def test_a_session_finds_its_candidates_by_it() -> None:
    session = town_session()
    table = session.study.candidates
    for number, (item, village) in enumerate(zip(table["candidate_id"], table["village_code"], strict=True)):
        assert session.candidate_row(item).name == table.index[number]
        assert item in set(session.candidates_of(village)["candidate_id"])
    assert session.candidates_of("no such village").empty
