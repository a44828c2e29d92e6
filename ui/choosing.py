"""The command `cunzhi choose`: from a county and rules to a plan in a folder, or every problem that stands in the way."""

from __future__ import annotations

import time
from pathlib import Path

from rich.markup import escape

from geo.choice import NoPlanInTimeError
from geo.near_best import with_alternatives
from geo.scenario import ScenarioError
from layers.words import say
from reports.plan import near_best_table
from reports.plan_files import write_plan
from ui.engine import EXPECTED, problem_texts
from ui.planning import Plan, PlanRules, conflict_texts, fact_texts, load_rules, place_name, plan, reason_text
from ui.replaying import save_choice
from ui.rules import load_scenario
from ui.terminal import out, progress_bar, studied

LISTED = 30
"""Villages left without a site that are told one by one; all stand in plan.csv."""


def choose_command(county: Path, folder: Path, rules_path: Path | None, scenario: Path | None, time_limit_s: float,
                   language: str) -> list[str]:
    """Choose and write; what to tell the person where that cannot be done (empty: it was done), every problem at once."""
    begin = time.perf_counter()
    rules, texts = _rules(rules_path, scenario, language)
    outcome, problems = studied(county, folder, scenario, language)
    texts += problems
    if texts or outcome is None or rules is None:
        return texts
    try:
        with progress_bar("study", language) as progress:
            found = plan(outcome.county, outcome.study, rules, time_limit_s=time_limit_s,
                         progress=lambda step, share: progress(f"plan.cli.steps.{step}", share))
            if found.choice is None:
                return ["\n    ".join([say("plan.cli.no_plan", language), *conflict_texts(found, language)])]
            progress("plan.cli.steps.alternatives", 0.8)
            found = with_alternatives(found, time_limit_s=time_limit_s)
        files = write_plan(found, outcome.study, folder, language=language, county=outcome.county)
        save_choice(outcome, found, folder, files, language=language, scenario=scenario, rules=rules_path,
                    time_limit_s=time_limit_s)
    except NoPlanInTimeError:
        return [say("plan.cli.no_time", language, seconds=f"{time_limit_s:g}")]
    except EXPECTED as error:
        return problem_texts(error, language)
    _tell(found, folder, time.perf_counter() - begin, language)
    return []


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
