"""Rules of a choice from the mapping of a rules file, every fault in it reported at once. Units as in `geo.choice.rules`.

A rules file (TOML) says only what differs from the defaults::

    per_village = "each"
    budget_yuan = 6570000
    quotas = [{ minimum = 3, maximum = 5 }]
    [[objectives]]
    kind = "cover"
    limit_min = 15
    [[objectives]]
    kind = "walk"
    [funding.cost_by_kind_yuan]
    new = 180000
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from geo.choice.rules import Funding, Objective, Quota, Rules, RulesError
from geo.scenario import Problem

NUMBERS = ("budget_yuan", "subsidy_limit_yuan", "other_limit_yuan", "share_walk_min", "spacing_m", "cover_all_within_min")
WHOLE = ("count_min", "count_max")
TEXTS = ("combine", "per_village", "existing", "below_standard")
SWITCHES = ("capacity", "allow_verify")
LISTS = ("fixed", "excluded", "like")


def rules_from(table: Mapping[str, Any], *, base: Rules | None = None) -> Rules:
    """Rules from a mapping as `tomllib` reads it; what it does not say is taken from `base` or the defaults.

    Raises
    ------
    RulesError
        With every fault of the mapping.

    Examples
    --------
    >>> rules_from({"objectives": [{"kind": "walk"}], "count_max": 12}).objectives[0].kind
    'walk'
    >>> rules_from({"budget": 1})
    Traceback (most recent call last):
    ...
    geo.choice.rules.RulesError: budget: unknown_key
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in NUMBERS + WHOLE + TEXTS + SWITCHES + LISTS:
            _plain(key, value, values, problems)
        elif key == "objectives":
            fields = {"kind": str, "limit_min": float, "weight": float, "give_up": float}
            values[key] = _list(key, value, Objective, fields, problems)
        elif key == "quotas":
            values[key] = _list(key, value, Quota, {"minimum": int, "maximum": int, "township_code": str}, problems)
        elif key == "funding":
            values[key] = _funding(value, problems)
        else:
            problems.append(Problem(key, "unknown_key"))
    if problems:
        raise RulesError(tuple(problems))
    return dataclasses.replace(base or Rules(), **values)


def _plain(key: str, value: Any, values: dict[str, Any], problems: list[Problem]) -> None:
    kind = float if key in NUMBERS else int if key in WHOLE else str if key in TEXTS else bool if key in SWITCHES else list
    if kind is list and isinstance(value, list) and all(isinstance(item, str) for item in value):
        values[key] = tuple(value)
    elif kind is not list and _is(value, kind):
        values[key] = kind(value)
    else:
        problems.append(Problem(key, "wrong_type", {"expected": "list" if kind is list else kind.__name__}))


def _is(value: Any, kind: type) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    return isinstance(value, (int, float)) if kind is float else isinstance(value, kind)


def _list(where: str, value: Any, build: type, fields: Mapping[str, type], problems: list[Problem]) -> tuple:
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        problems.append(Problem(where, "wrong_type", {"expected": "list of tables"}))
        return ()
    before = len(problems)
    for place, item in enumerate(value):
        for key, given in item.items():
            if key not in fields:
                problems.append(Problem(f"{where}.{place}.{key}", "unknown_key"))
            elif not _is(given, fields[key]):
                problems.append(Problem(f"{where}.{place}.{key}", "wrong_type", {"expected": fields[key].__name__}))
        if "kind" in fields and "kind" not in item:
            problems.append(Problem(f"{where}.{place}.kind", "missing"))
    return tuple(build(**item) for item in value) if len(problems) == before else ()


def _funding(value: Any, problems: list[Problem]) -> Funding:
    names = [field.name for field in dataclasses.fields(Funding)]
    if not isinstance(value, Mapping):
        problems.append(Problem("funding", "wrong_type", {"expected": "table"}))
        return Funding()
    tables: dict[str, dict[str, float]] = {}
    for name, amounts in value.items():
        if name not in names:
            problems.append(Problem(f"funding.{name}", "unknown_key"))
        elif not isinstance(amounts, Mapping) or not all(_is(yuan, float) and yuan >= 0 for yuan in amounts.values()):
            problems.append(Problem(f"funding.{name}", "wrong_type", {"expected": "table of yuan"}))
        else:
            tables[name] = {str(key): float(yuan) for key, yuan in amounts.items()}
    return Funding(**tables)
