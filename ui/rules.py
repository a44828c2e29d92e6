"""Which rules a study runs by: a county's scenario file laid over one of the standards in ``data/standards``.

A scenario file says ``base = "default"`` and only what differs: tables are merged key by key, ``[[criteria]]`` by id (a new id
adds a criterion), and ``[weights]`` is the short form for weights alone::

    base = "default"
    [weights]
    courtyard = 20
    [gates.courtyard]
    min_area_m2 = 150

``[[judges]]`` keeps officials' pairwise judgements (`ui.judgements`); where the file states no weights, they give them.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.scenario import Problem, Scenario, ScenarioError, scenario_from
from layers.words import catalogue, say
from ui.judgements import Judge, judges_from, weights_by

STANDARDS = Path(__file__).resolve().parent.parent / "data" / "standards"
_WHOLE = ("value",)
"""Tables that are replaced, not merged: half of an old value function and half of a new one would be neither."""


@dataclass(frozen=True)
class Given:
    """What a scenario file says by itself: its mapping (only ``base`` for the default standard) and its judges."""

    mapping: Mapping[str, Any] = field(default_factory=lambda: {"base": "default"})
    judges: tuple[Judge, ...] = ()


def given_in(path: Path | None) -> Given:
    """What a scenario file says by itself, for writing it anew with other weights.

    Raises
    ------
    ScenarioError
        As `load_scenario`.
    """
    if path is None:
        return Given()
    mapping = _read(Path(path))
    judges, problems = judges_from(mapping.get("judges", []))
    if problems:
        raise ScenarioError(tuple(problems))
    return Given(mapping, judges)


def standards() -> tuple[str, ...]:
    """Names of the standards that a scenario file may be based on."""
    return tuple(sorted(path.stem for path in STANDARDS.glob("*.toml")))


def load_scenario(path: Path | None = None) -> Scenario:
    """The scenario of a file, or the default standard.

    Parameters
    ----------
    path : path, optional
        A scenario file (see the top of this module) or a complete standards file, which has an `id` and no `base`.

    Returns
    -------
    Scenario
        Named after the file where it does not name itself.

    Raises
    ------
    ScenarioError
        With every fault of the file at once; also where it is missing or not TOML.
    """
    if path is None:
        return scenario_from(_read(STANDARDS / "default.toml"))
    path = Path(path)
    mapping = _read(path)
    judges, faults = judges_from(mapping.pop("judges", []))
    try:
        scenario = _laid_out(path, mapping)
    except ScenarioError as error:
        raise ScenarioError((*error.problems, *faults)) from error
    if faults:
        raise ScenarioError(tuple(faults))
    judged = None if "weights" in mapping or "base" not in mapping else weights_by(judges, scenario)
    return scenario if judged is None else scenario.with_weights(judged)


def _laid_out(path: Path, mapping: Mapping[str, Any]) -> Scenario:
    """The scenario of a file's mapping without its judges."""
    if "base" not in mapping:
        if "id" not in mapping:
            raise ScenarioError((Problem("base", "no_base", {"choices": ", ".join(standards())}),))
        return scenario_from(mapping)
    mapping = dict(mapping)
    base = mapping.pop("base")
    if base not in standards():
        raise ScenarioError((Problem("base", "unknown_base", {"value": base, "choices": ", ".join(standards())}),))
    under = _read(STANDARDS / f"{base}.toml")
    names = under["name"]
    own = {"id": path.stem, "name": {language: f"{names[language]} · {path.stem}" for language in names}}
    return _checked(under, {**own, **mapping})


def scenario_stamp(path: Path | None) -> dict[str, object] | None:
    """Name and content hash (SHA-256) of a scenario file, for the record of a run; None for the default standard."""
    if path is None:
        return None
    return {"file": Path(path).name, "content_sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()}


def problem_text(problem: Problem, language: str) -> str:
    """A fault of a scenario file in words: where it is, what is wrong, what to do."""
    key = f"cli.problems.{problem.code}"
    if key not in catalogue(language):
        key = f"defend.problems.{problem.code}"
    if key not in catalogue(language):
        return f"{problem.where}: {problem.code}"
    values = {"value": "", "low": "", "high": "", "choices": "", "name": "", "reason": "", **problem.params, "where": problem.where}
    return say(key, language, **{name: _shown(value) for name, value in values.items()})


def _checked(under: Mapping[str, object], over: dict[str, Any]) -> Scenario:
    """The scenario of `over` laid on `under`, with the faults of both the laying and the result."""
    weights = over.pop("weights", {})
    problems: list[Problem] = []
    if not isinstance(weights, Mapping):
        problems.append(Problem("weights", "bad_table", {"value": weights}))
        weights = {}
    merged = _merge(under, over, "", problems)
    known = {row.get("id") for row in merged.get("criteria", ()) if isinstance(row, Mapping)}
    choices = ", ".join(sorted(str(name) for name in known))
    problems += [Problem(f"weights.{name}", "unknown_criterion", {"name": name, "choices": choices})
                 for name in weights if name not in known]
    if isinstance(merged.get("criteria"), list):
        merged["criteria"] = [
            {**row, "weight": weights[row["id"]]} if isinstance(row, Mapping) and row.get("id") in weights else row
            for row in merged["criteria"]
        ]
    try:
        scenario = scenario_from(merged)
    except ScenarioError as error:
        raise ScenarioError((*problems, *error.problems)) from error
    if problems:
        raise ScenarioError(tuple(problems))
    return scenario


def _merge(under: Mapping[str, object], over: Mapping[str, object], where: str, problems: list[Problem]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        at = f"{where}.{key}" if where else str(key)
        below = under.get(key)
        if at == "criteria" and isinstance(value, list) and isinstance(below, list):
            merged[key] = _merge_criteria(below, value, problems)
        elif isinstance(below, Mapping) and key not in _WHOLE:
            if isinstance(value, Mapping):
                merged[key] = _merge(below, value, at, problems)
            else:
                problems.append(Problem(at, "bad_table", {"value": value}))
        else:
            merged[key] = value
    return merged


def _merge_criteria(under: list, over: list, problems: list[Problem]) -> list:
    """Criteria by id: fields of a known one are replaced, a new one is added at the end."""
    merged = {row["id"]: row for row in under}
    for position, row in enumerate(over):
        if not isinstance(row, Mapping) or not isinstance(row.get("id"), str):
            problems.append(Problem(f"criteria[{position + 1}].id", "missing_key"))
            continue
        merged[row["id"]] = {**merged.get(row["id"], {}), **row}
    return list(merged.values())


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ScenarioError((Problem(str(path), "scenario_missing"),)) from error
    except OSError as error:
        raise ScenarioError((Problem(str(path), "scenario_unreadable", {"reason": error.strerror or str(error)}),)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError((Problem(str(path), "scenario_not_toml", {"reason": str(error)}),)) from error


def _shown(value: object) -> object:
    """A number as a person writes it; anything else as it is."""
    return ("∞" if value == float("inf") else f"{value:g}") if isinstance(value, float) else value
