"""Plans for the app and the command line: the rules file, the plan itself, and its words. No Streamlit here.

A rules file says only what differs from ``data/standards/plan/rules.toml``: tables are merged key by key, lists are replaced::

    budget_yuan = 6570000
    allow_verify = true
    [phasing]
    budgets_yuan = [3000000, 3570000]
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo.choice import Rules, RulesError
from geo.choice.reading import rules_from
from geo.phasing import ORDERS, UNITS, Period, PhasingError, periods
from geo.planning import REASONS, STEPS, UNKNOWN_VENUES, WITHOUT_SITE, Plan, PlanRules, Prepared, plan, prepare
from geo.scenario import Problem, Scenario
from geo.what_if import Pin
from layers.words import catalogue, say
from reports.plan_words import conflict_texts, fact_texts, place_name, reason_text, stage_text

__all__ = ["REASONS", "STEPS", "Plan", "PlanRules", "Prepared", "conflict_texts", "default_rules_file", "fact_texts", "load_rules",
           "place_name", "plan", "prepare", "reason_text", "rule_fault_text", "stage_text"]

DEFAULT = Path(__file__).resolve().parent.parent / "data" / "standards" / "plan" / "rules.toml"

_NUMBERS = ("walk_limit_min", "cell_m", "capacity_people_per_m2")
_WHOLE = ("sites_per_village", "most_points")
_OWN = (*_NUMBERS, *_WHOLE, "without_site", "unknown_venues", "neighbours", "pilot_profile", "phasing", "pins", "alternatives_loss")
_PIN = {"name", "lon", "lat"}
_PHASING = ("first_year", "unit", "budgets_yuan", "order", "most_works")


def default_rules_file() -> str:
    """The text of the default rules file, every key with its comment: to be copied and changed."""
    return DEFAULT.read_text(encoding="utf-8")


def load_rules(path: Path | None, scenario: Scenario) -> PlanRules:
    """The rules of a plan from a file laid over the defaults, or the defaults; costs and subsidies from the scenario.

    Parameters
    ----------
    path : path or None
    scenario : Scenario
        Its ``[costs]`` and pilot profiles.

    Raises
    ------
    RulesError
        With every fault of the file at once; also where it is missing or not TOML. `rule_fault_text` says them in words.
    """
    under = _read(DEFAULT)
    over = {} if path is None else _read(Path(path))
    problems: list[Problem] = []
    table = {**under, **over}
    for name in ("funding", "phasing"):
        if name in over and not isinstance(over[name], Mapping):
            problems.append(Problem(name, "wrong_type", {"expected": "table"}))
            over = {key: value for key, value in over.items() if key != name}
        table[name] = {**under.get(name, {}), **over.get(name, {})}
    own = {key: table.pop(key) for key in _OWN if key in table}
    values = _own_values(own, scenario, problems)
    costs = scenario.planning.costs
    assumed = {"cost_by_kind_yuan": dict(costs.by_kind_yuan), "subsidy_by_kind_yuan": dict(costs.subsidy_yuan)}
    stated = table.pop("funding")
    table["funding"] = {**assumed, **{
        name: {**assumed.get(name, {}), **amounts} if isinstance(amounts, Mapping) else amounts
        for name, amounts in stated.items()}}
    choice = _choice_rules(table, problems)
    if choice.capacity and values.get("capacity_people_per_m2") is None:
        problems.append(Problem("capacity_people_per_m2", "missing"))
    if problems:
        raise RulesError(tuple(problems))
    return dataclasses.replace(PlanRules(choice), **values)


def _choice_rules(table: Mapping[str, Any], problems: list[Problem]) -> Rules:
    """The rules of the choice; what is faulty is left out and the rest read again, so that one fault hides no other."""
    left = dict(table)
    while True:
        try:
            return rules_from(left)
        except RulesError as error:
            problems += error.problems
            faulty = {problem.where.split(".")[0] for problem in error.problems} & set(left)
            if not faulty:
                return Rules()
            left = {key: value for key, value in left.items() if key not in faulty}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RulesError((Problem(str(path), "rules_unreadable", {"reason": error.strerror or str(error)}),)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError((Problem(str(path), "rules_not_toml", {"reason": str(error)}),)) from error


def _is_number(value: object, kind: type | tuple[type, ...] = (int, float)) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _own_values(table: Mapping[str, Any], scenario: Scenario, problems: list[Problem]) -> dict[str, Any]:
    """The values that are not rules of the choice, with their faults."""
    values: dict[str, Any] = {}
    for name in (*_NUMBERS, *_WHOLE):
        value = table.get(name)
        if value is None:
            continue
        if not _is_number(value, int if name in _WHOLE else (int, float)):
            problems.append(Problem(name, "wrong_type", {"expected": "int" if name in _WHOLE else "float"}))
        elif not value > 0:
            problems.append(Problem(name, "not_positive", {"value": value}))
        else:
            values[name] = value
    _word(table, "without_site", WITHOUT_SITE, values, problems)
    _word(table, "unknown_venues", UNKNOWN_VENUES, values, problems)
    _word(table, "pilot_profile", tuple(scenario.planning.pilots.profiles), values, problems)
    pairs = table.get("neighbours", [])
    if isinstance(pairs, list) and all(isinstance(p, list) and len(p) == 2 and all(isinstance(c, str) for c in p) for p in pairs):
        values["neighbours"] = tuple((first, second) for first, second in pairs)
    else:
        problems.append(Problem("neighbours", "wrong_type", {"expected": "[[\"...\", \"...\"]]"}))
    loss = table.get("alternatives_loss", PlanRules.alternatives_loss)
    if not (_is_number(loss) and 0 <= loss <= 1):
        problems.append(Problem("alternatives_loss", "not_a_share", {"value": loss}))
    else:
        values["alternatives_loss"] = float(loss)
    values["pins"] = _pins(table.get("pins", []), problems)
    return values | _phases(table.get("phasing", {}), problems)


def _pins(table: object, problems: list[Problem]) -> tuple[Pin, ...]:
    """Places that are no candidates; where they lie is looked at with the county at hand."""
    if isinstance(table, list) and all(
            isinstance(one, Mapping) and set(one) == _PIN and isinstance(one["name"], str) and _is_number(one["lon"])
            and _is_number(one["lat"]) for one in table):
        return tuple(Pin(one["name"], float(one["lon"]), float(one["lat"])) for one in table)
    problems.append(Problem("pins", "wrong_type", {"expected": '{ name = "...", lon = 110.0, lat = 34.0 }'}))
    return ()


def _word(table: Mapping[str, Any], name: str, allowed: tuple[str, ...], values: dict[str, Any], problems: list[Problem], *,
          where: str = "") -> None:
    if table.get(name) in allowed:
        values[name] = table[name]
    elif name in table:
        problems.append(Problem(f"{where}{name}", "not_one_of", {"value": table[name], "allowed": ", ".join(allowed)}))


def _phases(table: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    before = len(problems)
    values: dict[str, Any] = {}
    problems += [Problem(f"phasing.{key}", "unknown_key") for key in table if key not in _PHASING]
    _word(table, "order", ORDERS, values, problems, where="phasing.")
    _word(table, "unit", tuple(UNITS), values, problems, where="phasing.")
    year, most, budgets = table.get("first_year", 2026), table.get("most_works"), table.get("budgets_yuan", [])
    if not (_is_number(year, int) and 1950 <= year <= 2200):
        problems.append(Problem("phasing.first_year", "wrong_type", {"expected": "int"}))
    if most is not None and not (_is_number(most, int) and most >= 0):
        problems.append(Problem("phasing.most_works", "wrong_type", {"expected": "int"}))
    if not (isinstance(budgets, list) and all(_is_number(yuan) and yuan >= 0 for yuan in budgets)):
        problems.append(Problem("phasing.budgets_yuan", "wrong_type", {"expected": "list of yuan"}))
    if len(problems) > before:
        return {}
    unit = values.pop("unit", "year")
    when: tuple[Period, ...] = ()
    try:
        when = periods(year, [float(yuan) for yuan in budgets], unit=unit, most_works=most)
    except (PhasingError, ValueError) as error:
        problems.append(Problem("phasing", "bad_phasing", {"reason": str(error)}))
    return {**values, "first_year": year, "phases": when}


def rule_fault_text(problem: Problem, language: str) -> str:
    """A fault of a rules file in words: where it is and what is wrong."""
    texts = catalogue(language)
    for key in (f"plan.cli.fault.{problem.code}", f"choice.fault.{problem.code}"):
        if key in texts:
            return say(key, language, **{"where": problem.where, **problem.params})
    return f"{problem.where}: {problem.code}"
