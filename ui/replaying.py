"""A study made again from the file it was saved as, for the command line and the app. No Streamlit here.

What stands in such a file is said in `reports.replay`, what is compared in `reports.moves`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape

from geo.choice import RulesError
from geo.planning import Plan, PlanRules
from geo.results import Study
from geo.score import reweight
from geo.what_if import Pin
from layers.uploads import safe_name
from layers.words import LANGUAGES, say
from reports.document.errors import DocumentError
from reports.moves import Moves, moves_between
from reports.plan_files import write_plan
from reports.record import layer_text
from reports.replay import SavedPlan, SavedStudy, SavedStudyError, read_saved
from reports.run import write_run
from reports.tables import csv_bytes
from reports.writing import require_writable, write_whole
from ui.choosing import NoPlan, chosen_plan
from ui.engine import EXPECTED, Outcome, open_and_study, problem_texts
from ui.planning import load_rules
from ui.reporting import Request, write_report
from ui.saving import file_sha256
from ui.terminal import out, progress_bar

CHANGED = 3
"""Exit code of a study made again with another outcome than it had."""

CHANGES = ("changes_sites.csv", "changes_villages.csv")
"""What `cunzhi replay` writes besides where the ranking moved."""

LISTED = 12
"""Villages told one by one; all stand in `CHANGES`."""


@dataclass(frozen=True)
class Replayed:
    """A study made again: what it is now, how that differs, and which files are as they were (name -> equal).

    `faults` say what could not be made again on changed data or rules: a plan, a document on a site that is gone.
    """

    saved: SavedStudy
    outcome: Outcome
    moves: Moves
    plan: Plan | None
    files: Mapping[str, bool]
    faults: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether every file that the saved study names came out the same, byte for byte."""
        return all(self.files.values())


# ----------------------------------------------------------------------------------------------------------- making again
@contextmanager
def files_of(saved: SavedStudy) -> Iterator[tuple[Path | None, Path | None]]:
    """The scenario file and the rules file of a saved study, as files under their own names while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="cunzhi-") as folder:
        scenario = _put(Path(folder) / "scenario", saved.scenario_name, saved.scenario_text)
        rules = None if saved.plan is None else _put(Path(folder) / "rules", saved.plan.rules_name, saved.plan.rules_text)
        yield scenario, rules


def _put(folder: Path, name: str | None, content: bytes | None) -> Path | None:
    if content is None:
        return None
    folder.mkdir()
    path = folder / (safe_name(name or "") or "rules.toml")
    path.write_bytes(content)
    return path


def kept_scenario(saved: SavedStudy) -> Path | None:
    """The scenario file of a saved study, put where it stays while the app runs; None where it has none.

    Raises
    ------
    SavedStudyError
        Where it cannot be put anywhere.
    """
    if saved.scenario_text is None:
        return None
    mark = hashlib.sha256(saved.scenario_text).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / "cunzhi-scenarios" / mark
    path = folder / (safe_name(saved.scenario_name or "") or "rules.toml")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(saved.scenario_text)
    except OSError as error:
        raise SavedStudyError("unreadable", file=str(path), reason=error.strerror or str(error)) from error
    return path


def find_county(saved: SavedStudy, file: Path, given: Path | None) -> Path:
    """The county.toml of a saved study: the one given, else where it lay as seen from the file, beside it, or in this folder.

    Raises
    ------
    SavedStudyError
        Where there is none.
    """
    if given is not None:
        return given
    name = safe_name(str(saved.county["file"] or "")) or "county.toml"
    near = saved.county.get("near")
    places = [file.parent / str(near)] if near else []
    for place in (*places, file.parent / name, Path(name)):
        if place.is_file():
            return place
    raise SavedStudyError("no_county", county=str(saved.county["name"]), file=name)


def weighted(saved: SavedStudy, study: Study) -> Study:
    """A study under the weights that were set by hand when it was saved; criteria that are no more are left aside."""
    if saved.weights is None:
        return study
    own = {criterion.id: criterion.weight for criterion in study.scenario.criteria}
    return reweight(study, {name: saved.weights.get(name, weight) for name, weight in own.items()})


def desk_rules(desk: Mapping[str, Any], study: Study, base: PlanRules) -> PlanRules:
    """The rules that the controls of the Plan page meant."""
    from ui.plan_state import rules_of

    wishes, fixed, excluded, pins = desk_parts(desk)
    return rules_of(wishes, base, study.villages, fixed=fixed, excluded=excluded, pins=pins)


def desk_parts(desk: Mapping[str, Any]) -> tuple[Any, tuple[str, ...], tuple[str, ...], tuple[Pin, ...]]:
    """Wishes, fixed, excluded and pins of a saved desk.

    Raises
    ------
    SavedStudyError
        Where it is damaged.
    """
    from ui.plan_state import Wishes

    try:
        wishes = Wishes(**desk["wishes"])
        pins = tuple(Pin(str(pin["name"]), float(pin["lon"]), float(pin["lat"])) for pin in desk["pins"])
        return wishes, tuple(map(str, desk["fixed"])), tuple(map(str, desk["excluded"])), pins
    except (KeyError, TypeError, ValueError) as error:
        raise SavedStudyError("damaged", reason=str(error)) from error


def replay(file: Path, folder: Path, *, county: Path | None = None, language: str = LANGUAGES[0]) -> Replayed:
    """Make a saved study again and write its files.

    Parameters
    ----------
    file : path
        What `reports.replay.write_saved` wrote.
    folder : path
        Where the results go.
    county : path, optional
        Its county.toml, where it is not found (`find_county`).
    language : str
        Of the progress; the files are in the language they were in.

    Raises
    ------
    SavedStudyError, InputError, ScenarioError, OutputError
        For a file, data, rules or a folder that cannot be used.
    """
    require_writable(folder)
    saved = read_saved(file)
    with files_of(saved) as (scenario, rules_file):
        with progress_bar("open", language) as progress:
            outcome = open_and_study(find_county(saved, file, county), scenario_path=scenario, progress=progress)
        study = weighted(saved, outcome.study)
        seconds = dict(saved.seconds or {})
        if saved.seconds is not None:
            study = dataclasses.replace(study, seconds=dict(seconds.pop("study", {})))
        outcome = dataclasses.replace(outcome, study=study)
        written: list[Path] = []
        moves = moves_between(saved, outcome.county, study)
        if saved.seconds is not None or not saved.outputs:
            with progress_bar("write", language) as progress:
                written += write_run(study, outcome.county, folder, language=saved.language, seconds=seconds or outcome.seconds,
                                     scenario_file=outcome.scenario_file, progress=progress)
        found, faults = None, []
        if saved.plan is not None:
            try:
                found = _planned(saved.plan, outcome, rules_file, language, same_ground=moves.same_ground)
                written += write_plan(found, study, folder, language=saved.language, county=outcome.county)
            except (NoPlan, RulesError) as error:   # the ranking and what changed are told all the same
                faults += fault_texts(error, language)
        written += _documents(saved, outcome, folder, language, faults, same_ground=moves.same_ground)
    _write_changes(moves, folder)
    made = {path.name: file_sha256(path) for path in written}
    return Replayed(saved, outcome, moves, found, {name: made.get(name) == digest for name, digest in saved.outputs.items()},
                    tuple(faults))


def _planned(saved: SavedPlan, outcome: Outcome, rules_file: Path | None, language: str, *, same_ground: bool) -> Plan:
    """The plan as it was settled where data and rules are the same; else chosen anew."""
    rules = load_rules(rules_file, outcome.study.scenario)
    if saved.desk is not None:
        rules = desk_rules(saved.desk, outcome.study, rules)
    return chosen_plan(outcome, rules, language, time_limit_s=saved.time_limit_s, settled=saved.settled if same_ground else None)


def _documents(saved: SavedStudy, outcome: Outcome, folder: Path, language: str, faults: list[str], *,
               same_ground: bool) -> Iterator[Path]:
    """Every document made again, with the day it had; what cannot be is added to `faults`."""
    for one in saved.documents:
        with tempfile.TemporaryDirectory(prefix="cunzhi-") as kept:
            text = one.get("rules_text")
            rules = _put(Path(kept) / "rules", one.get("rules"), None if text is None else str(text).encode("utf-8"))
            asked = {name: one.get(name) for name in ("village", "site", "county", "form", "formats", "day")}
            request = Request(**asked, rules=rules)   # type: ignore[arg-type]
            try:
                paths, _ = write_report(outcome, request, folder, language=str(one["language"]),
                                        settled=one.get("settled") if same_ground else None)
            except (NoPlan, RulesError, DocumentError) as error:
                names = say("report.list_joiner", language).join(one.get("files", ()))
                faults += [say("replay.no_document", language, names=names, reason=text) for text in fault_texts(error, language)]
            else:
                yield from paths


def _write_changes(moves: Moves, folder: Path) -> None:
    """The lists of what moved, or none: those of an earlier time would be wrong."""
    for name, table in zip(CHANGES, (moves.sites, moves.villages), strict=True):
        if moves.sites.empty and moves.villages.empty:
            (folder / name).unlink(missing_ok=True)
        else:
            write_whole(folder / name, csv_bytes(table))


# ----------------------------------------------------------------------------------------------------------- in words
def fault_texts(error: Exception, language: str) -> list[str]:
    """Every problem of an error of `replay`, in words."""
    if isinstance(error, SavedStudyError):
        return [say(f"replay.fault.{error.code}", language, **error.params)]
    return error.texts if isinstance(error, NoPlan) else problem_texts(error, language)


def change_texts(moves: Moves, language: str) -> list[str]:
    """What is another than it was: inputs, county.toml, rules, libraries; one sentence that nothing is, where so."""
    tell = [say(f"replay.input.{one.change}", language, layer=layer_text(one.role, language), source=one.source,
                before=(one.before or "")[:12], now=(one.now or "")[:12]) for one in moves.inputs]
    if moves.county_changed:
        tell.append(say("replay.county_changed", language))
    if moves.scenario_changed:
        tell.append(say("replay.scenario_changed", language))
    if moves.versions:
        names = say("report.list_joiner", language).join(f"{name} {before or '–'} → {now or '–'}"
                                                         for name, (before, now) in moves.versions.items())
        tell.append(say("replay.versions_changed", language, names=names))
    return tell or [say("replay.nothing_changed", language)]


def move_texts(moves: Moves, language: str, *, most: int = LISTED) -> list[str]:
    """How the ranking moved: counted over the county, then village by village, the first `most` of them."""
    if moves.sites.empty and moves.villages.empty:
        return [say("replay.ranking_same", language)]
    counted = {name: f"{count:,}" for name, count in moves.counted.items()}
    firsts = int(moves.villages["first_changed"].sum())
    tell = [say("replay.ranking_moved", language, villages=f"{len(moves.villages):,}", firsts=f"{firsts:,}", **counted)]
    rows = moves.villages.sort_values("first_changed", ascending=False, kind="stable")
    none = say("replay.none", language)
    for row in rows.head(most).to_dict("records"):
        values = {name: none if not isinstance(row[name], str) else row[name] for name in ("first_before", "first_now")}
        key = "first_moved" if row["first_changed"] else "rest_moved"
        name = row["village_name"] if isinstance(row["village_name"], str) else row["village_code"]
        values |= {count: row[count] for count in ("gained", "lost", "moved")}
        tell.append(say(f"replay.{key}", language, village=name, **values))
    if len(rows) > most:
        tell.append(say("replay.more", language, count=f"{len(rows) - most:,}"))
    return tell


def plan_texts(saved: SavedPlan, found: Plan, language: str) -> list[str]:
    """Sites that the plan builds now and did not before, and the other way round."""
    now = () if found.choice is None else found.choice.built
    added, dropped = ([site for site in one if site not in set(other)] for one, other in ((now, saved.built), (saved.built, now)))
    if not added and not dropped:
        return [say("replay.plan_same", language, count=f"{len(now):,}")]
    join, none = say("report.list_joiner", language), say("replay.none", language)
    return [say("replay.plan_moved", language, added=join.join(added[:LISTED]) or none, dropped=join.join(dropped[:LISTED]) or none,
                count_added=f"{len(added):,}", count_dropped=f"{len(dropped):,}")]


def replay_command(file: Path, folder: Path, county: Path | None, language: str) -> tuple[int, list[str]]:
    """`cunzhi replay`: the exit code, and every problem that stood in the way."""
    try:
        done = replay(file, folder, county=county, language=language)
    except EXPECTED as error:
        return 2, fault_texts(error, language)
    console = out()
    lines = [*change_texts(done.moves, language), *move_texts(done.moves, language)]
    if done.saved.plan is not None and done.plan is not None:
        lines += plan_texts(done.saved.plan, done.plan, language)
    if done.files:
        other = [name for name, equal in done.files.items() if not equal]
        key = "files_equal" if not other else "files_other"
        lines.append(say(f"replay.{key}", language, count=len(done.files), other=len(other),
                         names=say("report.list_joiner", language).join(other), folder=folder))
        if other and done.saved.plan is not None and done.moves.same_ground and not done.moves.versions:
            lines.append(say("replay.timed", language, seconds=f"{done.saved.plan.time_limit_s:g}"))
    else:
        lines.append(say("replay.files_written", language, folder=folder))
    for line in (*lines, *done.faults):
        console.print(escape(line))
    return (0 if done.equal and done.moves.same_ground else CHANGED), []
