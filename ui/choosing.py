"""The command `cunzhi choose`: from a county and rules to a plan in a folder, or every problem that stands in the way."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.markup import escape

from geo.choice import NoPlanInTimeError
from geo.choice.kept import KeptError
from geo.near_best import with_alternatives
from geo.scenario import ScenarioError
from geo.settled import plan_settled
from layers.findings import CunzhiError
from layers.words import say
from reports.plan import near_best_table
from reports.plan_files import write_plan
from ui.engine import EXPECTED, Outcome, problem_texts
from ui.planning import Plan, PlanRules, conflict_texts, fact_texts, load_rules, place_name, plan, reason_text
from ui.rules import load_scenario
from ui.saving import save_choice
from ui.terminal import out, progress_bar, studied

LISTED = 30
"""Villages left without a site that are told one by one; all stand in plan.csv."""


def choose_command(county: Path, folder: Path, rules_path: Path | None, scenario: Path | None, time_limit_s: float,
                   language: str) -> list[str]:
    """Choose and write; what to tell the person where that cannot be done (empty: it was done), every problem at once."""
    begin = time.perf_counter()
    rules, texts = _rules(rules_path, scenario, language)
    outcome, problems = studied(county, folder, scenario, language, plan_next=True)
    texts += problems
    if texts or outcome is None or rules is None:
        return texts
    try:
        found = chosen_plan(outcome, rules, language, time_limit_s=time_limit_s)
        files = write_plan(found, outcome.study, folder, language=language, county=outcome.county)
        save_choice(outcome, found, folder, files, language=language, scenario=scenario, rules=rules_path,
                    time_limit_s=time_limit_s)
    except NoPlan as error:
        return error.texts
    except EXPECTED as error:
        return problem_texts(error, language)
    _tell(found, folder, time.perf_counter() - begin, language)
    return []


class NoPlan(CunzhiError, ValueError):
    """There is no plan under these rules, or none was found in time; `texts` say why, in the language asked for."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        super().__init__("\n".join(texts))


def chosen_plan(outcome: Outcome, rules: PlanRules, language: str, *, time_limit_s: float, alternatives: bool = True,
                settled: Mapping[str, Any] | None = None) -> Plan:
    """The plan by these rules with its details, and with those nearly as good unless told otherwise, under a bar of progress.

    Parameters
    ----------
    outcome : Outcome
    rules : PlanRules
    language : str
        Of the progress and of what is wrong.
    time_limit_s : float
        For the choice, and again for the alternatives.
    alternatives : bool
    settled : Mapping, optional
        The plan as it was settled earlier on the same data (`geo.settled`): made again where it still fits, else chosen anew.

    Raises
    ------
    NoPlan
        Where the rules contradict each other, or time runs out before any plan is found.
    RulesError
        For rules that cannot be used.
    """
    with progress_bar("study", language) as progress:
        if settled is not None:
            progress("plan.cli.steps.choose", 0.4)
            with contextlib.suppress(KeptError):
                return plan_settled(outcome.county, outcome.study, rules, settled)
        try:
            found = plan(outcome.county, outcome.study, rules, time_limit_s=time_limit_s,
                         progress=lambda step, share: progress(f"plan.cli.steps.{step}", share))
        except NoPlanInTimeError as error:
            raise NoPlan([say("plan.cli.no_time", language, seconds=f"{time_limit_s:g}")]) from error
        if found.choice is None:
            raise NoPlan(["\n    ".join([say("plan.cli.no_plan", language), *conflict_texts(found, language)])])
        if not alternatives:
            return found
        progress("plan.cli.steps.alternatives", 0.8)
        return with_alternatives(found, time_limit_s=time_limit_s)


def _rules(path: Path | None, scenario: Path | None, language: str) -> tuple[PlanRules | None, list[str]]:
    """The rules, or what is wrong with their file; a scenario that cannot be used is told when the county is opened."""
    try:
        standards = load_scenario(scenario)
    except ScenarioError:
        standards = load_scenario()
    try:
        return load_rules(path, standards), []
    except ScenarioError as error:
        return None, problem_texts(error, language)


def _tell(found: Plan, folder: Path, seconds: float, language: str) -> None:
    """The figures that matter, the proof, who is left without and why, and where the files are."""
    console, rows = out(), found.villages
    count = rows["decision"].value_counts()
    sites = {name: int(count.get(name, 0)) for name in ("own", "shared", "none")}
    lines = [say("plan.cli.sites", language, all=len(rows), **sites)]
    without = rows[rows["decision"].eq("none").to_numpy()]
    more = max(len(without) - LISTED, 0)
    without = without.head(LISTED)
    lines += ["  " + say("plan.cli.without", language, village=place_name(code, found, language),
                         reason=reason_text(reason, language))
              for code, reason in zip(without["village_code"], without["reason"], strict=True)]
    if more:
        lines.append("  " + say("plan.cli.more", language, count=more))
    before, after = found.coverage_before.county.iloc[0], found.coverage_after.county.iloc[0]
    if not found.coverage_after.not_assessed:
        lines.append(say("plan.cli.people", language, limit_min=f"{found.coverage_after.served_min:g}",
                         before=f"{before['people_served']:,.0f}", after=f"{after['people_served']:,.0f}",
                         people=f"{after['people']:,.0f}", unserved=f"{after['people_unserved']:,.0f}"))
    lines += fact_texts(found, language)
    lines += [_alternative(found, row, language) for row in near_best_table(found, language).to_dict("records") if row["found"]]
    lines.append(say("plan.cli.centres", language, centres=len(found.centres.centres),
                     pilots=int(found.pilots.villages["pilot"].sum()),
                     profile=say(f"centres.profile.{found.rules.pilot_profile}", language),
                     periods=len(found.phases.periods), unplaced=len(found.phases.unplaced)))
    lines.append(say("plan.cli.done", language, seconds=f"{seconds:.1f}", folder=folder))
    for line in lines:
        console.print(escape(line))


def _alternative(found: Plan, row: dict, language: str) -> str:
    """A plan nearly as good in one line; its whole stands in alternatives.csv."""
    figures = {name: f"{row[f'{name}_people']:,.0f}" for name in ("gain", "lose")}
    return say("plan.cli.alternative", language, way=row["difference"], percent=f"{100 * row['loss']:.2f}",
               cost=f"{row['cost_yuan']:,.0f}", **figures)
