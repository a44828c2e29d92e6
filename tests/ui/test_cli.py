"""The command line as a person uses it: what it prints, what it writes, how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import layers.demo
import ui.cli
from reports.replay import STUDY_FILE
from reports.run import FILES
from tests.toytown import EXPECTED_P1, EXPECTED_VERDICTS
from tests.ui.townfiles import write_town
from ui.cli import build
from ui.launch import free_port, is_free
from ui.terminal import default_language

ROOT = Path(__file__).resolve().parents[2]


def _call(*arguments: object, language: str = "en"):
    return CliRunner().invoke(build(language), [str(argument) for argument in arguments])


@pytest.fixture
def town(tmp_path) -> Path:
    return write_town(tmp_path)


def test_run_writes_everything_and_says_what_came_out(town, tmp_path):
    result = _call("run", town, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted((*FILES, STUDY_FILE))
    assert "Candidates 18: pass 6, to verify 6, fail 6" in result.stdout
    assert "For want of Terrain, not assessed: Mean slope" in result.stdout
    table = (tmp_path / "out" / "candidates.csv").read_text(encoding="utf-8-sig")
    rows = {row["candidate_id"]: row for row in csv.DictReader(io.StringIO(table))}
    for candidate, (verdict, failed, unverified) in EXPECTED_VERDICTS.items():
        assert (rows[candidate]["verdict"], rows[candidate]["failed_gates"], rows[candidate]["unverified_gates"]) == (
            verdict, failed, unverified), candidate
    for measure, expected in EXPECTED_P1.items():
        assert float(rows["N-P01"][measure]) == pytest.approx(expected, abs=0.006), measure
    assert {row["slope_deg"] for row in rows.values()} == {""}
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {one["role"] for one in record["inputs"]} >= {"parcels", "villages"}
    assert [one["id"] for one in record["not_assessed"]] == ["slope"]


def test_two_runs_are_equal_byte_for_byte(town, tmp_path):
    for name in ("one", "two"):
        assert _call("run", town, "--out", tmp_path / name, language="zh").exit_code == 0
    for name in ("candidates.csv", "villages.csv", "candidates.gpkg", "findings.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_scenario_file_is_used_and_recorded(town, tmp_path):
    (tmp_path / "rules.toml").write_text('base = "default"\n[weights]\ncourtyard = 20\n', encoding="utf-8")
    assert _call("run", town, "--out", tmp_path / "out", "--scenario", tmp_path / "rules.toml").exit_code == 0
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["scenario_file"]["file"] == "rules.toml" and record["scenario"]["id"] == "rules"
    assert {c["id"]: c["weight"] for c in record["scenario"]["criteria"]}["courtyard"] == 20


def test_everything_that_is_wrong_is_listed_at_once_without_a_traceback(tmp_path):
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    rules = 'base = "default"\n[weights]\nyard = 1\n[gates.road]\npass_distance_m = -1\n'
    county = '[county]\nname = "甲"\n[layers.parcel]\nsource = "a.shp"\n[layers.roads]\nsource = "b.shp"\n'
    (tmp_path / "bad.toml").write_text(rules, encoding="utf-8")
    (tmp_path / "county.toml").write_text(county, encoding="utf-8")
    result = _call("run", tmp_path / "county.toml", "--out", tmp_path / "taken", "--scenario", tmp_path / "bad.toml")
    assert result.exit_code == 2 and result.stdout == ""
    assert "problems: 5" in result.stderr and "Traceback" not in result.stderr
    for part in ("taken", "weights.yard", "gates.road.pass_distance_m", "parcel", "b.shp"):
        assert part in result.stderr


@pytest.mark.parametrize("text", [None, "not = [toml", "[county]\nname = 1\n"])
def test_a_county_file_that_is_missing_or_broken_ends_with_2(tmp_path, text):
    path = tmp_path / "county.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    for arguments in (("check", path), ("run", path, "--out", tmp_path / "out")):
        result = _call(*arguments)
        assert result.exit_code == 2 and "Cannot go on" in result.stderr and "Traceback" not in result.stderr


def test_check_shows_layers_and_findings_only(town, tmp_path):
    before = sorted(tmp_path.iterdir())
    result = _call("check", town)
    assert result.exit_code == 0 and sorted(tmp_path.iterdir()) == before
    assert "Parcels" in result.stdout and "town.gpkg" in result.stdout
    assert "Warning" in result.stdout and "Usable. Errors 0, warnings 1" in result.stdout


def test_demo_makes_the_county_and_says_what_comes_next(tmp_path, monkeypatch):
    asked = []

    def make(folder, *, seed=None, progress=None):
        asked.append((folder, seed))
        progress("parcels", 0.5)
        return folder / "county.toml"

    monkeypatch.setattr(layers.demo, "make_demo", make)
    result = _call("demo", tmp_path / "d", "--seed", 7)
    assert result.exit_code == 0 and asked == [(tmp_path / "d", 7)]
    assert "cunzhi app" in result.stdout and "county.toml" in result.stdout


def test_a_seed_that_leaves_no_room_is_said(tmp_path, monkeypatch):
    def make(folder, *, seed=None, progress=None):
        raise RuntimeError("no place for a case")

    monkeypatch.setattr(layers.demo, "make_demo", make)
    result = _call("demo", tmp_path / "d", "--seed", 7)
    assert result.exit_code == 2 and "no place for a case" in result.stderr and "Traceback" not in result.stderr


def test_app_without_a_county_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = _call("app")
    assert result.exit_code == 2 and "cunzhi demo" in result.stderr


def test_app_starts_on_a_free_port_and_prints_the_address(town, monkeypatch):
    started = {}

    def serve(county, **options):
        started.update(options, county=county)
        options["on_ready"](f"http://localhost:{options['port']}")
        return 0

    monkeypatch.setattr(ui.cli, "serve", serve)
    result = _call("app", town, "--headless", "--lang", "zh")
    assert result.exit_code == 0, result.stderr
    assert f"http://localhost:{started['port']}" in result.stdout and is_free(started["port"])
    assert started["headless"] is True and started["language"] == "zh" and started["county"] == town


def test_a_taken_port_is_said(town):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port) and free_port(port) > port
        result = _call("app", town, "--port", port)
    assert result.exit_code == 2 and str(port) in result.stderr


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_teaches_with_an_example(language):
    for command, example in (("run", "--scenario"), ("check", "cunzhi check"), ("demo", "cunzhi app"), ("app", "--port 8600")):
        result = _call(command, "--help", language=language)
        assert result.exit_code == 0 and example in result.stdout
    assert "[weights]" in _call("run", "--help", language=language).stdout
    assert "warm-up" not in _call("--help", language=language).stdout


def test_version_and_language_are_said_and_a_strange_one_refused(town):
    assert "Cunzhi 0." in _call("--version").stdout
    assert "可以使用" in _call("--lang", "zh", "check", town).stdout
    assert "Usable" in _call("check", town, "--lang", "en", language="zh").stdout
    assert _call("check", town, "--lang", "fr").exit_code == 2


@pytest.mark.parametrize(("environment", "language"), [
    ({}, "zh"), ({"LANG": "C.UTF-8"}, "zh"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "en_GB.UTF-8"}, "en"),
    ({"LANG": "de_DE.UTF-8"}, "en"), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
    ({"LANG": "en_US", "CUNZHI_LANG": "zh"}, "zh"),
])
def test_the_language_follows_the_system_and_chinese_where_it_names_none(monkeypatch, environment, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "CUNZHI_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language


def test_the_real_process_ends_as_promised(town, tmp_path):
    environment = {**os.environ, "CUNZHI_LANG": "zh", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "ui.cli"]
    good = subprocess.run([*command, "check", str(town)], cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False)
    assert good.returncode == 0 and good.stderr == b""
    bad = subprocess.run(
        [*command, "run", str(tmp_path / "no.toml"), "--out", str(tmp_path / "out")], cwd=ROOT, capture_output=True,
        env={**environment, "PYTHONIOENCODING": "utf-8"}, timeout=60, check=False,
    )
    said = bad.stderr.decode("utf-8")
    assert bad.returncode == 2 and "no.toml" in said and "Traceback" not in said and bad.stdout == b""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ending_the_command_ends_the_app(town, how):
    port = free_port(8700)
    command = [sys.executable, "-m", "ui.cli", "app", str(town), "--headless", "--port", str(port), "--lang", "en"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1) as process:
        line = next(line for line in process.stdout if "http://" in line)
        assert f"http://localhost:{port}" in line and not is_free(port)
        process.send_signal(how)
        assert process.wait(timeout=20) == 0
    assert is_free(port)
