"""A saved study as a file, and what is told of a study that came out otherwise; every expectation worked out by hand."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile

import pandas as pd
import pytest

from reports import moves as compared
from reports.moves import InputChange, input_changes, moves_between
from reports.replay import (
    SITE_COLUMNS,
    SavedPlan,
    SavedStudyError,
    merged,
    read_saved,
    saved_bytes,
    saved_from,
    scenario_sha256,
    sites_of,
    write_saved,
)
from tests.reports.smallstudy import county, scenario, small_study

DESK = {"wishes": {"aim": "walk"}, "fixed": ["N-P1"], "excluded": [], "pins": [{"name": "1", "lon": 114.0, "lat": 34.5}]}


def saved(**more):
    plan = SavedPlan(("N-P1", "R-B1"), True, 30.0, "规则.toml", b"allow_verify = true\n", DESK)
    values = {"scenario_name": "own.toml", "scenario_text": b'base = "default"\n', "weights": {"courtyard": 1 / 3}, "plan": plan,
              "judges": ({"name": "A", "say": 1.0, "answers": []},), "view": {"village": "1", "compare": ["N-P1"]},
              "outputs": {"candidates.csv": "ab"}, "seconds": {"open": 1.5, "study": {"a": 0.1}}, **more}
    return saved_from(small_study(), county(), language="en", near="../county.toml", **values)


def changed(content: bytes, name: str, text: bytes | None) -> bytes:
    """The same file with a member replaced, or left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for one in old.namelist():
            if one != name or text is not None:
                new.writestr(one, text if one == name else old.read(one))
    return made.getvalue()


def test_what_is_read_is_what_was_saved_to_the_last_digit(tmp_path):
    before = saved()
    write_saved(before, tmp_path / "a.cunzhi.zip")
    assert (tmp_path / "a.cunzhi.zip").read_bytes() == saved_bytes(saved()), "equal studies give equal bytes"
    after = read_saved(tmp_path / "a.cunzhi.zip")
    for field in dataclasses.fields(before):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other, check_exact=True)
        else:
            assert one == other, field.name
    assert after.sites["candidate_id"].tolist() == ["N-P1", "N-P2", "R-B1", "U-V1"]   # nothing of what fails


def test_only_rules_and_results_leave_with_it():
    with zipfile.ZipFile(io.BytesIO(saved_bytes(saved()))) as bundle:
        assert bundle.namelist() == ["study.json", "scenario.toml", "rules.toml", "candidates.csv", "villages.csv"]
        assert bundle.read("rules.toml") == b"allow_verify = true\n"
        assert {one.date_time for one in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert bundle.read("candidates.csv").decode().splitlines()[0] == ",".join(SITE_COLUMNS)
    with zipfile.ZipFile(io.BytesIO(saved_bytes(saved(scenario_text=None, plan=None)))) as bundle:
        assert bundle.namelist() == ["study.json", "candidates.csv", "villages.csv"]


def test_what_is_no_saved_study_is_told_apart(tmp_path):
    whole = saved_bytes(saved())
    with pytest.raises(SavedStudyError, match="unreadable"):
        read_saved(tmp_path / "none.zip")
    for content in (b"", b"PK", b"not a zip at all", changed(whole, "study.json", None), changed(whole, "study.json", b"[]")):
        with pytest.raises(SavedStudyError, match="no_study"):
            read_saved(content)
    head = json.loads(zipfile.ZipFile(io.BytesIO(whole)).read("study.json"))
    with pytest.raises(SavedStudyError, match="other_format.*9"):
        read_saved(changed(whole, "study.json", json.dumps(head | {"format": 9}).encode()))
    for name, text in (("study.json", json.dumps({"format": 1}).encode()), ("candidates.csv", None),
                       ("villages.csv", b"a,b\n1,2\n"),
                       ("study.json", json.dumps(head | {"county": "x"}).encode()), ("study.json", b"{"),
                       ("study.json", json.dumps(head | {"plan": {"built": 3}}).encode())):
        with pytest.raises(SavedStudyError, match="damaged"):
            read_saved(changed(whole, name, text))


def test_a_file_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr("reports.replay.MOST_BYTES", 100)
    with pytest.raises(SavedStudyError, match="too_large"):
        read_saved(saved_bytes(saved()))


def test_run_and_plan_of_the_same_data_share_one_file():
    run = saved(plan=None, outputs={"candidates.csv": "ab"})
    chosen = saved(seconds=None, outputs={"plan.csv": "cd"})
    both = merged(chosen, run)
    assert both.outputs == {"candidates.csv": "ab", "plan.csv": "cd"} and both.seconds == run.seconds and both.plan == chosen.plan
    asked = {"village": "1", "site": None, "county": False, "form": "full", "formats": "pdf", "language": "en", "day": "2026-01-01"}
    first, again = (dataclasses.replace(run, documents=(asked | {"day": day},)) for day in ("2026-01-01", "2026-01-02"))
    other = dataclasses.replace(first, documents=(asked | {"site": "N-P1"},))
    assert [one["day"] for one in merged(again, first).documents] == ["2026-01-02"]
    assert len(merged(other, again).documents) == 2
    other = dataclasses.replace(run, inputs=())
    assert merged(chosen, other) == chosen


def test_the_digest_of_the_rules_knows_shares_not_points():
    rules = scenario()
    own = {one.id: one.weight for one in rules.criteria}
    doubled = rules.with_weights({name: 2 * weight for name, weight in own.items()})
    assert scenario_sha256(doubled) == scenario_sha256(rules)
    assert scenario_sha256(rules.with_weights(own | {"courtyard": 50})) != scenario_sha256(rules)


def test_inputs_that_changed_came_or_went():
    def row(role, source, digest):
        return {"role": role, "source": source, "content_sha256": digest}

    before = (row("parcels", "a.gpkg", "1"), row("roads", "b.shp", "2"), row("venues", "c.csv", "3"))
    now = (row("parcels", "a.gpkg", "9"), row("roads", "b.shp", "2"), row("terrain", "d.tif", "4"))
    assert input_changes(before, now) == (
        InputChange("parcels", "a.gpkg", "content", "1", "9"), InputChange("venues", "c.csv", "gone", "3", None),
        InputChange("terrain", "d.tif", "added", None, "4"))


def test_nothing_moved_where_nothing_changed():
    found = moves_between(saved(), county(), small_study())
    assert found.same_ground and not found.versions and found.sites.empty and found.villages.empty
    assert found.counted == {"gained": 0, "lost": 0, "up": 0, "down": 0, "same": 4}


def test_moves_of_sites_by_hand():
    """Before: A N-P1 N-P2, B R-B1 U-V1. Now N-P2 leads A, N-P1 is second, R-B1 fails, U-V1 leads B, N-P3 is new in A."""
    study = small_study()
    rows = study.candidates.set_index("candidate_id")
    rows.loc["N-P2", ["rank_in_village", "score"]] = [1, 90.0]
    rows.loc["N-P1", "rank_in_village"] = 2
    rows.loc["N-P3", ["verdict", "rank_in_village"]] = ["verify", 3]
    rows.loc["R-B1", ["verdict", "rank_in_village"]] = ["fail", pd.NA]
    rows.loc["U-V1", "rank_in_village"] = 1
    villages = study.villages.copy()
    villages["best_candidate"] = ["N-P2", "U-V1", None]
    now = dataclasses.replace(study, candidates=rows.reset_index()[study.candidates.columns], villages=villages)
    found = moves_between(saved(), county(), now)
    assert dict(zip(found.sites["candidate_id"], found.sites["move"], strict=True)) == {
        "N-P1": "down", "N-P2": "up", "N-P3": "gained", "R-B1": "lost", "U-V1": "up"}
    assert found.counted == {"gained": 1, "lost": 1, "up": 2, "down": 1, "same": 0}
    by_village = found.villages.set_index("first_now")
    assert by_village.loc["N-P2", ["first_before", "first_changed", "gained", "lost", "moved"]].tolist() == ["N-P1", True, 1, 0, 2]
    assert by_village.loc["U-V1", ["first_before", "first_changed", "gained", "lost", "moved"]].tolist() == ["R-B1", True, 0, 1, 1]
    assert len(found.villages) == 2   # the third village stayed without a site


def test_a_site_given_to_another_village_enters_its_ranking():
    study = small_study()
    rows = study.candidates.copy()
    codes = rows["village_code"].tolist()
    rows.loc[rows["candidate_id"] == "N-P2", "village_code"] = codes[3]
    found = moves_between(saved(), county(), dataclasses.replace(study, candidates=rows))
    assert dict(zip(found.sites["candidate_id"], found.sites["move"], strict=True)) == {"N-P2": "gained"}


def test_what_changed_is_the_ground_the_rules_or_the_program(monkeypatch):
    other = small_study()
    other = dataclasses.replace(other, scenario=other.scenario.with_weights({one.id: 1.0 for one in other.scenario.criteria}))
    before = dataclasses.replace(saved(), versions={"cunzhi": "0.0.1"})
    monkeypatch.setattr(compared, "all_versions", lambda: {"cunzhi": "0.1.0", "geos": "3"})
    found = moves_between(before, dataclasses.replace(county(), provenance=()), other)
    assert found.scenario_changed and not found.same_ground and found.inputs[0].change == "gone"
    assert found.versions == {"cunzhi": ("0.0.1", "0.1.0"), "geos": ("", "3")}
    assert sites_of(other).equals(saved().sites)
