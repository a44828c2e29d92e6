"""The CSV files: columns in the promised order, blank for unknown, inf for unreachable, the same bytes twice."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.safe import HIDDEN
from reports.tables import (
    CANDIDATE_HEAD,
    VILLAGE_HEAD,
    candidates_table,
    csv_bytes,
    decimals_of,
    digits_of,
    safe_text,
    villages_table,
    write_candidates,
    write_csv,
)
from tests.reports.smallstudy import small_study

ISSUE_HEAD = re.split(", ", (
    "village_code, village_name, township_name, candidate_id, parcel_id, kind, verdict, failed_gates, unverified_gates, score, "
    "score_low, score_high, rank_in_village, rank_in_county, courtyard_m2, collective_share, road_time_min, road_distance_m, "
    "people_15min, mean_walk_min, facilities_10min, slope_deg, lon, lat"
))


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_candidates_have_the_promised_columns_first_then_values_and_contributions():
    study = small_study()
    names = [name for name in candidates_table(study).columns if name != "geometry"]
    criteria = [criterion.id for criterion in study.scenario.criteria]
    assert list(CANDIDATE_HEAD) == ISSUE_HEAD
    assert names[: len(ISSUE_HEAD)] == ISSUE_HEAD
    expected = [f"value_{c}" for c in criteria] + [f"contribution_{c}" for c in criteria]
    assert names[len(ISSUE_HEAD):][: len(expected)] == expected
    assert len(names) == len(set(names))


def test_villages_have_exactly_the_promised_columns():
    assert [name for name in villages_table(small_study()).columns if name != "geometry"] == list(VILLAGE_HEAD)
    assert ", ".join(VILLAGE_HEAD) == (
        "village_code, village_name, township_name, population, households, venue, candidates, passing, best_candidate, "
        "best_score, nearest_venue_min, people_covered_15min"
    )


def test_rows_go_by_village_then_rank_then_id_and_the_homeless_last():
    assert candidates_table(small_study())["candidate_id"].tolist() == ["N-P1", "N-P2", "N-P3", "R-B1", "U-V1", "N-P9"]


def test_unknown_is_blank_unreachable_is_inf_zero_stays_zero():
    rows = {row["candidate_id"]: row for row in _rows(csv_bytes(candidates_table(small_study())))}
    assert rows["R-B1"]["courtyard_m2"] == rows["R-B1"]["road_time_min"] == rows["R-B1"]["parcel_id"] == ""
    assert rows["N-P3"]["road_time_min"] == rows["N-P3"]["mean_walk_min"] == "inf"
    assert rows["N-P3"]["people_15min"] == "0"
    assert rows["U-V1"]["score"] == "" and rows["N-P3"]["rank_in_village"] == ""
    assert rows["N-P1"]["rank_in_county"] == "1"
    assert rows["N-P3"]["failed_gates"] == "courtyard;road"
    village = {row["village_name"]: row for row in _rows(csv_bytes(villages_table(small_study())))}
    assert village["云台村"]["best_candidate"] == village["云台村"]["people_covered_15min"] == ""
    assert village["青石村"]["nearest_venue_min"] == "inf"


def test_codes_keep_their_zeros_and_numbers_their_decimals():
    rows = {row["candidate_id"]: row for row in _rows(csv_bytes(candidates_table(small_study())))}
    assert rows["N-P1"]["parcel_id"] == "0101"
    assert rows["N-P2"]["score"] == "61.24"
    assert rows["N-P2"]["courtyard_m2"] == "210.46"
    assert rows["N-P2"]["lon"] == "114.0000001"
    assert (decimals_of("people_share_15min"), decimals_of("people_15min"), decimals_of("road_distance_m")) == (4, 1, 1)


def test_a_text_that_a_spreadsheet_would_run_is_disarmed_and_quoted():
    data = csv_bytes(candidates_table(small_study())).decode("utf-8-sig")
    assert '"\'=柳湾,村"' in data
    assert '"\'=cmd|""x"""' in data


@pytest.mark.parametrize(("text", "safe"), [
    ("青石村", "青石村"), ("=1+1", "'=1+1"), ("+村", "'+村"), ("-A", "'-A"), ("@x", "'@x"), ("\tx", "'\tx"), ("-12", "-12"),
    ("", ""),
    ("0101", "0101"), ("a=b", "a=b"),
])
def test_only_texts_that_begin_like_a_formula_are_changed(text, safe):
    assert safe_text(pa.array([text], pa.large_string())).to_pylist() == [safe]


def test_the_file_opens_in_excel_and_ends_its_lines_plainly():
    data = csv_bytes(villages_table(small_study()))
    assert data.startswith(b"\xef\xbb\xbf") and b"\r" not in data and data.endswith(b"\n")


def test_equal_studies_give_equal_bytes_whatever_the_order_of_rows():
    study = small_study()
    first = csv_bytes(candidates_table(study))
    assert csv_bytes(candidates_table(small_study())) == first
    order = np.random.default_rng(1).permutation(len(study.candidates))
    from dataclasses import replace
    shuffled = replace(study, candidates=study.candidates.iloc[order], values=study.values.iloc[order])
    assert csv_bytes(candidates_table(shuffled)) == first


def test_the_study_is_left_as_it_was():
    study = small_study()
    before = study.candidates.copy()
    candidates_table(study)
    pd.testing.assert_frame_equal(pd.DataFrame(study.candidates), pd.DataFrame(before))


def test_no_candidates_leave_the_head_alone():
    frame = pd.DataFrame({"a": pd.Series(dtype="str"), "b": pd.Series(dtype="float64")})
    assert csv_bytes(frame) == b"\xef\xbb\xbfa,b\n"


@given(st.lists(st.tuples(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
                          st.floats(allow_nan=True)), min_size=1, max_size=6))
def test_what_is_written_can_be_read_back(rows):
    frame = pd.DataFrame({"name": pd.Series([text for text, _ in rows], dtype="str"), "x": [number for _, number in rows]})
    read = list(csv.reader(io.StringIO(csv_bytes(frame).decode("utf-8-sig"), newline="")))[1:]
    assert len(read) == len(rows)
    for (text, number), (name, x) in zip(rows, read, strict=True):
        shown = re.sub(HIDDEN, "", text)
        assert name in (shown, "'" + shown)
        assert x == "" if number != number else float(x) == number


def test_a_file_written_in_chunks_is_the_table_in_one_piece(tmp_path, monkeypatch):
    table = candidates_table(small_study())
    monkeypatch.setattr("reports.csv_text.CHUNK_ROWS", 2)
    write_csv(table, tmp_path / "candidates.csv", digits=digits_of(table))
    monkeypatch.undo()
    assert (tmp_path / "candidates.csv").read_bytes() == csv_bytes(table)


def test_candidates_written_chunk_by_chunk_are_the_table_written_whole(tmp_path, monkeypatch):
    study = small_study()
    table = candidates_table(study)
    write_csv(table, tmp_path / "whole.csv", digits=digits_of(table))
    monkeypatch.setattr("reports.csv_text.CHUNK_ROWS", 2)
    write_candidates(study, tmp_path / "chunks.csv")
    assert (tmp_path / "chunks.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
