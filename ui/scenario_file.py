"""Writing a scenario file: the rules in force with the weights and judgements of this session, as `ui.rules` reads them back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ui.judgements import Judge, judge_rows
from ui.rules import Given

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def scenario_text(given: Given, weights: Mapping[str, float], judges: Sequence[Judge]) -> str:
    """Text of a scenario file.

    Parameters
    ----------
    given : Given
        What the file in force says, so that everything else it changes stays (`ui.rules.given_in`). Where that does not name
        itself neither does what is written: it is named after its own file.
    weights : Mapping
        Weight by criterion; written as shares of 100, which is how they are shown.
    judges : sequence of Judge
    """
    total = sum(weights.values())
    points = {name: round(100 * weight / total, 6) for name, weight in weights.items()}
    mapping = {key: value for key, value in given.mapping.items() if key not in ("weights", "judges")}
    if "base" in mapping:
        mapping["weights"] = points
    else:
        mapping["criteria"] = [{**row, "weight": points[row["id"]]} for row in mapping["criteria"]]
    if judges:
        mapping["judges"] = judge_rows(judges)
    return toml_text(mapping)


def toml_text(mapping: Mapping[str, object]) -> str:
    """A mapping of texts, numbers, truth values, lists and tables as TOML; what is no table comes first, as TOML asks."""
    lines: list[str] = []
    _table(mapping, (), lines)
    return "\n".join(lines).strip("\n") + "\n"


def _table(table: Mapping[str, object], path: tuple[str, ...], lines: list[str]) -> None:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping) and not _is_tables(value)}
    lines += [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        name = ".".join(_key(part) for part in (*path, key))
        if isinstance(value, Mapping):
            lines += ["", f"[{name}]"]
            _table(value, (*path, key), lines)
        elif isinstance(value, list) and _is_tables(value):
            for row in value:
                lines += ["", f"[[{name}]]"]
                _table(row, (*path, key), lines)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _key(key: str) -> str:
    return key if key and set(key) <= _BARE else _text(key)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return {float("inf"): "inf", float("-inf"): "-inf"}.get(value, repr(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())} }}"
    return _text(value) if isinstance(value, str) else str(value)
