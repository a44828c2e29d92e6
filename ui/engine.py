"""From a county.toml to a study: the one way in for the app and the command line. No Streamlit here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geo.choice import RulesError
from geo.inputs import GeoError
from geo.results import Study
from geo.scenario import Scenario, ScenarioError
from layers.county import County
from layers.findings import CunzhiError, InputError
from layers.words import catalogue, say
from reports.document.errors import DocumentError, NoFontError
from reports.writing import OutputError
from ui.planning import rule_fault_text
from ui.rules import load_scenario, problem_text, scenario_stamp

Progress = Callable[[str, float], None]
READING = "open."
"""Set before the steps of opening, since a layer and a step of the analysis may have the same id."""
OPENING_SHARE = 0.4
"""Share of the whole work that reading takes; the bar need only be about right."""


@dataclass(frozen=True)
class Outcome:
    """A county opened and studied, with the seconds each took and the scenario file's stamp."""

    county: County
    study: Study
    scenario: Scenario
    seconds: Mapping[str, float] = field(default_factory=dict)
    scenario_file: Mapping[str, object] | None = None


class Unusable(CunzhiError, ValueError):
    """Several things cannot be used at once, such as the county and the scenario; `errors` holds each."""

    def __init__(self, errors: list[Exception]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in errors))


EXPECTED = (CunzhiError, GeoError)
"""Errors that are a person's to mend: shown in words by `problem_texts`, never as a traceback."""


def open_and_study(
    county_path: Path, *, scenario_path: Path | None = None, progress: Progress | None = None, plan_next: bool = False,
) -> Outcome:
    """Open a county and study it.

    Parameters
    ----------
    county_path : path
        The county.toml.
    scenario_path : path, optional
        A scenario file; without one the default standard.
    progress : callable, optional
        Called with the step's id (`step_text` says it in words) and the share of the whole work done, 0..1.
    plan_next : bool
        Sites are to be chosen next: what that needs is loaded meanwhile.

    Raises
    ------
    InputError
        For a county that cannot be used, with every finding.
    ScenarioError
        For a scenario file that cannot be used, with every fault.
    Unusable
        For both at once.
    """
    from layers.open import open_county
    from ui.ahead import CHOICE_AT, load_analysis, load_choice

    tell = progress or (lambda step, share: None)
    errors: list[Exception] = []
    scenario = county = None
    try:
        scenario = load_scenario(scenario_path)
    except ScenarioError as error:
        errors.append(error)
    begin = time.perf_counter()
    load_analysis()
    try:
        county = open_county(
            Path(county_path), progress=lambda step, share: tell(f"{READING}{step}", OPENING_SHARE * share), cache=True)
    except InputError as error:
        errors.append(error)
    if errors or scenario is None or county is None:
        raise errors[0] if len(errors) == 1 else Unusable(errors)
    opened = time.perf_counter()
    from geo.study import study

    def studying(step: str, share: float) -> None:
        if plan_next and step == CHOICE_AT:
            load_choice()
        tell(step, OPENING_SHARE + (1 - OPENING_SHARE) * share)

    outcome = study(county, scenario, progress=studying)
    seconds = {"open": opened - begin, "study_total": time.perf_counter() - opened}
    return Outcome(county, outcome, scenario, seconds, scenario_stamp(scenario_path))


def problem_texts(error: Exception, language: str) -> list[str]:
    """Every problem that an expected error carries, one sentence each, in a language.

    Parameters
    ----------
    error : Exception
        One of `EXPECTED`; any other gives its own message.
    language : str
        ``zh`` or ``en``.
    """
    if isinstance(error, Unusable):
        return [text for one in error.errors for text in problem_texts(one, language)]
    if isinstance(error, InputError):
        return [finding.text(language) for finding in error.findings]
    if isinstance(error, RulesError):
        return [rule_fault_text(problem, language) for problem in error.problems]
    if isinstance(error, ScenarioError):
        return [problem_text(problem, language) for problem in error.problems]
    if isinstance(error, DocumentError | NoFontError):
        return [error.text(language)]
    if isinstance(error, OutputError):
        return [say("cli.problems.not_writable", language, path=error.path, reason=error.reason)]
    return [str(error)]


def step_text(step: str, language: str, *, task: str | None = None) -> str:
    """A step of the work in words; an unknown one as it is. `task` is what it is a step of."""
    texts = catalogue(language)
    if step.startswith(READING):
        step = step.removeprefix(READING)
        role = texts.get(f"criteria.role.{step.split('.')[0]}")
        return say("cli.steps.layer", language, layer=role) if role else texts.get(f"cli.steps.{step}", step)
    for key in (step, f"{task}.steps.{step}", f"cli.steps.{step}", f"criteria.step.{step}"):
        if key in texts:
            return texts[key]
    return step
