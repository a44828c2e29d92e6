"""Gaps between roads in words and as CSV: every kind and effect has its sentence, and the table holds what the sentence says."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from geo.road_review import GAP_COLUMNS, PART_COLUMNS
from layers.words import LANGUAGES
from reports.road_gaps import gap_text, gaps_table, parts_table
from reports.tables import csv_bytes
from tests.reports.smallstudy import small_study

NAN = np.nan
GAP = {
    **dict.fromkeys(GAP_COLUMNS, NAN), "gap_id": "G-001", "kind": "dead_end_road", "length_m": 12.346, "detour_m": np.inf,
    "road_m": 1488.0, "place": NAN, "mode": "drive", "road_class": "village", "people": 1000.0, "people_seat": 1000.0,
    "people_through": 1000.0, "people_nearer": 0.0, "village_code": "1", "village_name": "=青石村", "village_people": 1000.0,
    "computed": True, "lon": 114.00000001, "lat": 34.5,
}
CASES = {
    "gained": (GAP, ("12", "1,488", "1,000", "=青石村")),
    "through only": ({**GAP, "people_seat": 0.0}, ("1,000",)),
    "nearer": ({**GAP, "people_seat": 0.0, "people_through": 0.0, "people_nearer": 40.0, "saved_min": 7.64, "road_m": NAN,
                "detour_m": 1836.6, "village_saved_min": 8.0, "village_people": 30.0}, ("1,837", "40", "7.6", "30", "8.0")),
    "nobody": ({**GAP, "people": 0.0, "people_seat": 0.0, "people_through": 0.0}, ("1,488",)),
    "not counted": ({**GAP, "people": NAN}, ("1,488",)),
    "not joined": ({**GAP, "people": NAN, "computed": False}, ("1,488",)),
    "long way": ({**GAP, "road_m": NAN, "people": NAN}, ("12",)),
    "settlement": ({**GAP, "kind": "settlement", "place": "<云台>", "people": 50.0, "computed": False}, ("<云台>", "50", "12")),
    "unnamed": ({**GAP, "kind": "settlement", "people": NAN, "computed": False}, ("12",)),
    "piece": ({**GAP, "kind": "piece", "length_m": 2.04}, ("2.0",)),
    "dead ends": ({**GAP, "kind": "dead_ends", "mode": "walk"}, ("12",)),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_case_is_said_with_its_figures_and_no_two_alike(language: str) -> None:
    texts = {name: gap_text(gap, language) for name, (gap, _) in CASES.items()}
    for name, (_, parts) in CASES.items():
        assert all(part in texts[name] for part in parts), texts[name]
        assert "nan" not in texts[name] and "inf" not in texts[name]
    assert len(set(texts.values())) == len(texts)


def test_the_tables_hold_every_column_rounded_and_safe_for_a_spreadsheet() -> None:
    @dataclasses.dataclass(frozen=True)
    class Review:
        gaps: pd.DataFrame
        parts: pd.DataFrame

    parts = pd.DataFrame([{**dict.fromkeys(PART_COLUMNS, NAN), "part": 1, "length_m": 4000.04, "settlement_names": "=a"}])
    study = dataclasses.replace(small_study(), road_review=Review(pd.DataFrame([GAP]), parts))
    table = gaps_table(study, "en")
    assert list(table) == [*GAP_COLUMNS, "text"] and table["length_m"].tolist() == [12.35] and table["lon"].tolist() == [114.0]
    assert "'=青石村" in csv_bytes(table).decode("utf-8-sig")
    assert parts_table(study)["length_m"].tolist() == [4000.04] and "'=a" in csv_bytes(parts_table(study)).decode("utf-8-sig")
    none = small_study()
    assert gaps_table(none, "zh").empty and list(parts_table(none)) == list(PART_COLUMNS) and none.road_gaps is None
