"""`cunzhi replay`: the same files byte for byte from the saved study; what it says where data, rules or place changed."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from typer.testing import CliRunner

from layers.words import LANGUAGES
from reports.plan_files import PLAN_MAP
from reports.replay import STUDY_FILE, SavedStudyError, read_saved, write_saved
from reports.run import FILES
from tests.ui.townfiles import write_town
from ui.cli import build
from ui.replaying import CHANGES, desk_parts, fault_texts, find_county, kept_scenario

RULES = 'base = "default"\n[weights]\ncourtyard = 20\n'
CHOICE = "allow_verify = true\n"
SITE = "N-P01"


def _call(*arguments: object):
    return CliRunner().invoke(build("en"), [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def studied(tmp_path_factory) -> Path:
    """A folder with the town, the files of `run` and `choose` by a scenario and a rules file of its own, and the saved study."""
    folder = tmp_path_factory.mktemp("town")
    town = write_town(folder)
    (folder / "宽松 50%.toml").write_text(RULES, encoding="utf-8")
    (folder / "rules.toml").write_text(CHOICE, encoding="utf-8")
    more = ("--out", folder / "out", "--scenario", folder / "宽松 50%.toml", "--lang", "zh")
    assert _call("run", town, *more).exit_code == 0
    done = _call("choose", town, *more, "--rules", folder / "rules.toml")
    assert done.exit_code == 0, done.stderr
    for asked in (("--site", SITE, "--form", "notice", "--lang", "en"),
                  ("--county", "--rules", folder / "rules.toml", "--format", "docx")):
        done = _call("report", town, *more, "--date", "2026-03-05", *asked)
        assert done.exit_code == 0, done.stderr
    return folder


@pytest.fixture
def town(studied, tmp_path) -> Path:
    """A copy of that folder, to be spoilt."""
    return shutil.copytree(studied, tmp_path / "copy")


def test_the_same_files_come_out_byte_for_byte(town, tmp_path):
    for name in ("宽松 50%.toml", "rules.toml"):
        (town / name).unlink()   # what they said stands in the saved study
    done = _call("replay", town / "out" / STUDY_FILE, "--out", tmp_path / "again")
    assert done.exit_code == 0, done.stdout + done.stderr
    made = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    before = {path.name: path.read_bytes() for path in (town / "out").iterdir() if path.name != STUDY_FILE}
    assert set(FILES) | {"plan.csv", "proof.json", PLAN_MAP} <= set(made)
    assert [name for name in before if made.get(name) != before[name]] == [] and set(made) == set(before)
    assert {name.rpartition(".")[2] for name in set(made) - set(FILES)} >= {"docx", "pdf"}
    assert f"All {len(made)} files came out the same, byte for byte" in done.stdout
    assert "Data, rules and versions are as they were." in done.stdout and "builds the same" in done.stdout


def test_an_edited_layer_is_named_with_its_hashes_and_the_ranking_told(town, tmp_path):
    frame = pyogrio.read_dataframe(town / "town.gpkg", layer="parcels")
    before = read_saved(town / "out" / STUDY_FILE)
    site = before.sites.iloc[0]
    gone = frame["parcel_id"] != site["candidate_id"].removeprefix("N-")
    assert (~gone).sum() == 1
    source = town / "town.gpkg"
    layers = {name: pyogrio.read_dataframe(source, layer=name) for name in pyogrio.list_layers(source)[:, 0]}
    source.unlink()
    for name, layer in layers.items():
        rows = layer[gone].reset_index(drop=True) if name == "parcels" else layer
        pyogrio.write_dataframe(gpd.GeoDataFrame(rows), source, layer=name, append=source.exists())
    done = _call("replay", town / "out" / STUDY_FILE, "--out", tmp_path / "again")
    assert done.exit_code == 3, done.stdout + done.stderr
    saved = {one["role"]: one["content_sha256"] for one in before.inputs}
    now = {one["role"]: one["content_sha256"] for one in json.loads((tmp_path / "again" / "run.json").read_text("utf-8"))["inputs"]}
    hashes = f"{saved['parcels'][:12]} before, {now['parcels'][:12]} now."
    assert f"Parcels (town.gpkg|parcels) has another content: {hashes}" in done.stdout
    assert f"first was {site['candidate_id']}" in done.stdout and "1 lost" in done.stdout
    rows = list(csv.DictReader(io.StringIO((tmp_path / "again" / CHANGES[0]).read_text(encoding="utf-8-sig"))))
    assert [row["candidate_id"] for row in rows if row["move"] == "lost"] == [site["candidate_id"]]
    assert "candidates.csv" in done.stdout.split("came out otherwise:")[1]


def test_a_plan_whose_search_would_go_another_way_today_comes_back_as_it_was(town, tmp_path, monkeypatch):
    """Nothing is sought again: how far a search gets in its seconds depends on the machine."""
    def sought(*args, **kwargs):
        raise AssertionError("a plan was sought")

    for where in ("geo.planning.choose", "geo.choice.alternatives.choose"):
        monkeypatch.setattr(where, sought)
    done = _call("replay", town / "out" / STUDY_FILE, "--out", tmp_path / "again")
    assert done.exit_code == 0, done.stdout + done.stderr
    assert "came out the same, byte for byte" in done.stdout


def test_a_kept_plan_that_breaks_a_rule_is_not_believed(town, tmp_path):
    file = town / "out" / STUDY_FILE
    saved = read_saved(file)
    choice = {**saved.plan.settled["choice"], "built": saved.plan.settled["choice"]["built"][1:]}
    plan = dataclasses.replace(saved.plan, settled={**saved.plan.settled, "choice": choice})
    write_saved(dataclasses.replace(saved, plan=plan), file)
    done = _call("replay", file, "--out", tmp_path / "again")
    assert done.exit_code == 0 and "builds the same" in done.stdout, done.stdout + done.stderr   # it was sought anew


def test_what_is_about_a_site_that_is_gone_is_said_and_the_rest_made(town, tmp_path):
    (town / "county.toml").write_text((town / "county.toml").read_text("utf-8").replace("town.gpkg|parcels", "less.gpkg|parcels"),
                                      encoding="utf-8")
    frame = pyogrio.read_dataframe(town / "town.gpkg", layer="parcels")
    frame = frame[frame["parcel_id"] != SITE.removeprefix("N-")].reset_index(drop=True)
    pyogrio.write_dataframe(gpd.GeoDataFrame(frame), town / "less.gpkg", layer="parcels")
    done = _call("replay", town / "out" / STUDY_FILE, "--out", tmp_path / "again")
    assert done.exit_code == 3 and "Traceback" not in done.stderr, done.stdout + done.stderr
    assert f"cannot be made again: There is no site {SITE}" in done.stdout, done.stdout
    assert (tmp_path / "again" / CHANGES[0]).is_file() and (tmp_path / "again" / "plan.csv").is_file()


def test_what_cannot_be_replayed_is_said_without_a_traceback(town, tmp_path):
    (town / "county.toml").rename(town / "moved.toml")
    lost = _call("replay", town / "out" / STUDY_FILE, "--out", tmp_path / "again")
    assert lost.exit_code == 2 and "--county" in lost.stderr and "Traceback" not in lost.stderr
    other = _call("replay", town / "moved.toml", "--out", tmp_path / "again")
    assert other.exit_code == 2 and "This is no saved study" in other.stderr
    none = _call("replay", town / "none.zip", "--out", tmp_path / "again")
    assert none.exit_code == 2 and "cannot be read" in none.stderr


def test_the_county_is_found_where_it_lay_beside_the_file_or_where_told(town, monkeypatch, tmp_path):
    file = town / "out" / STUDY_FILE
    saved = read_saved(file)
    assert find_county(saved, file, None).resolve() == (town / "county.toml").resolve()
    assert find_county(saved, file, Path("x.toml")) == Path("x.toml")
    assert find_county(saved, town / "moved.zip", None) == town / "county.toml"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SavedStudyError, match="no_county"):
        find_county(saved, tmp_path / "elsewhere" / STUDY_FILE, None)


def test_no_folder_of_a_person_is_written_down(studied, monkeypatch):
    from ui.saving import _near

    assert _near(studied / "county.toml", studied / "out") == "../county.toml"
    monkeypatch.setattr(Path, "home", lambda: Path("/home/person"))
    assert _near(Path("/home/person/county.toml"), studied / "out") is None
    assert _near(None, studied) is None


def test_a_scenario_file_cannot_be_put_elsewhere(studied):
    with zipfile.ZipFile(studied / "out" / STUDY_FILE) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    assert members["scenario.toml"].decode() == RULES and members["rules.toml"].decode() == CHOICE
    head = json.loads(members["study.json"]) | {"scenario_name": "../../../evil.toml"}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as bundle:
        for name, content in {**members, "study.json": json.dumps(head).encode()}.items():
            bundle.writestr(name, content)
    path = kept_scenario(read_saved(made.getvalue()))
    assert path.name == "evil.toml" and path.parent.parent.name == "cunzhi-scenarios"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_words(language):
    params = {"file": "a", "reason": "b", "format": 2, "size": "400", "county": "c", "saved": "d"}
    texts = [fault_texts(SavedStudyError(code, **params), language)[0]
             for code in ("unreadable", "no_study", "other_format", "damaged", "too_large", "no_county", "other_county")]
    assert len(set(texts)) == 7


def test_a_damaged_desk_is_told():
    with pytest.raises(SavedStudyError, match="damaged"):
        desk_parts({"wishes": {"aim": "walk", "unheard": 1}, "fixed": [], "excluded": [], "pins": []})
    with pytest.raises(SavedStudyError, match="damaged"):
        desk_parts({"wishes": {}, "fixed": [], "excluded": [], "pins": [{"name": "1"}]})
    wishes, fixed, excluded, pins = desk_parts(
        {"wishes": {"aim": "walk"}, "fixed": ["a"], "excluded": [], "pins": [{"name": "1", "lon": 1, "lat": 2}]})
    assert wishes.aim == "walk" and fixed == ("a",) and excluded == () and pins[0].lon == 1.0
