"""Leaving a study as one file beside its results, from which `ui.replaying` makes them again. No Streamlit here.

What stands in such a file is said in `reports.replay`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from geo.planning import Plan
from geo.settled import settled_of
from reports.replay import STUDY_FILE, SavedPlan, SavedStudyError, merged, read_saved, saved_from, write_saved
from ui.engine import Outcome

if TYPE_CHECKING:
    from ui.reporting import Request


def save_run(outcome: Outcome, folder: Path, *, language: str, scenario: Path | None) -> Path:
    """Leave the study of `cunzhi run` beside its results; what `cunzhi choose` left there for the same data and rules is kept."""
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    outputs = {**record["outputs"], "run.json": file_sha256(folder / "run.json")}
    return _save(outcome, folder, language, scenario, outputs=outputs, seconds=record["seconds"])


def save_choice(outcome: Outcome, found: Plan, folder: Path, files: tuple[Path, ...], *, language: str, scenario: Path | None,
                rules: Path | None, time_limit_s: float) -> Path:
    """Leave the study and plan of `cunzhi choose` beside its results; what `cunzhi run` left there is kept likewise."""
    built, proven = ((), False) if found.choice is None else (found.choice.built, found.choice.proven)
    chosen = SavedPlan(tuple(built), bool(proven), time_limit_s, None if rules is None else rules.name,
                       None if rules is None else rules.read_bytes(), settled=settled_of(found))
    return _save(outcome, folder, language, scenario, plan=chosen, outputs={path.name: file_sha256(path) for path in files})


def save_report(outcome: Outcome, request: Request, folder: Path, files: tuple[Path, ...], *, language: str, scenario: Path | None,
                chosen: Plan | None) -> Path:
    """Leave what `cunzhi report` was asked for, with the plan in it, beside its documents; what else was left there is kept."""
    rules = request.rules
    asked = {
        **dataclasses.asdict(request), "language": language, "rules": None if rules is None else rules.name,
        "rules_text": None if rules is None else rules.read_text(encoding="utf-8-sig"),
        "settled": None if chosen is None else settled_of(chosen), "files": sorted(path.name for path in files),
    }
    return _save(outcome, folder, language, scenario, documents=(asked,), outputs={path.name: file_sha256(path) for path in files})


def _save(outcome: Outcome, folder: Path, language: str, scenario: Path | None, **more: Any) -> Path:
    path = folder / STUDY_FILE
    saved = saved_from(
        outcome.study, outcome.county, language=language, near=_near(outcome.county.source, folder),
        scenario_name=None if scenario is None else scenario.name,
        scenario_text=None if scenario is None else scenario.read_bytes(), **more)
    with suppress(SavedStudyError):   # none there, or not to be used any more
        earlier = read_saved(path)
        if saved.documents:   # they say their own language
            saved = dataclasses.replace(saved, language=earlier.language)
        saved = merged(saved, earlier)
    write_saved(saved, path)
    return path


def _near(source: Path | None, folder: Path) -> str | None:
    """county.toml as seen from the results, so that both found or moved together find each other again.

    None where the way there leads over another drive or through a person's own folder: whose it is, is no one else's business.
    """
    if source is None:
        return None
    try:
        way = PurePosixPath(Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix())
    except ValueError:
        return None
    return None if way.is_absolute() or Path.home().name in way.parts else str(way)


def file_sha256(path: Path) -> str:
    """Content hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
