"""The cases that the demo county contains on purpose, judged by the real study: each must get the verdict its table promises."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo.results import Study
from ui.engine import open_and_study

CASES = pd.read_csv(
    Path(__file__).resolve().parents[1] / "data" / "demo" / "cases.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig",
)


@pytest.fixture(scope="module")
def demo(demo_county: Path) -> Study:
    return open_and_study(demo_county).study


@pytest.mark.parametrize("case", CASES.to_dict("records"), ids=lambda case: case["case"])
def test_case_gets_the_verdict_its_table_promises(demo: Study, case: dict[str, str]) -> None:
    found = demo.candidates
    village = demo.villages.set_index("village_code").loc[case["village_code"]]
    if case["expected"] == "no_passing_site":
        assert village["candidates"] > 0
        assert village["passing"] == 0
    elif case["expected"] == "below_standard":
        assert village["venue"] == "below_standard"
        assert ((found["village_code"] == case["village_code"]) & (found["kind"] == "upgrade")).any()
    else:
        kind, key = ("reuse", "building_id") if case["building_id"] else ("new", "parcel_id")
        row = found[(found["kind"] == kind) & (found[key] == case[key])]
        assert len(row) == 1
        assert row["verdict"].item() == case["expected"]
        if case["gates"]:
            open_gates = {*row["failed_gates"].item().split(";"), *row["unverified_gates"].item().split(";")}
            assert set(case["gates"].split(";")) <= open_gates


def test_county_is_the_one_of_policy_a(demo: Study) -> None:
    assert len(demo.villages) == 312
    assert demo.villages["township_code"].nunique() == 16
    assert demo.villages["venue"].value_counts().to_dict()["none"] == 73
    assert demo.villages["venue"].value_counts().to_dict()["below_standard"] > 0
    assert 55_000 < (demo.candidates["kind"] == "new").sum() < 65_000
    assert not demo.not_assessed
    assert set(demo.candidates["verdict"]) == {"pass", "verify", "fail"}
