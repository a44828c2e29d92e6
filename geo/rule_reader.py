"""Reads the rules of a standards file: typed values out of a nested mapping, every fault kept with its dotted place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.inputs import GeoError

PASS, VERIFY, FAIL = "pass", "verify", "fail"
VERDICTS = (FAIL, VERIFY, PASS)
"""Worst first: the index is the code kept in arrays (0 fail, 1 verify, 2 pass)."""


@dataclass(frozen=True)
class Problem:
    """One fault of a standards or scenario file: where (dotted key), what kind, and the values that explain it."""

    where: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class ScenarioError(GeoError, ValueError):
    """A standards or scenario file cannot be used; `problems` holds every fault in it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.where}: {p.code} {dict(p.params) or ''}".rstrip() for p in problems))


class Reader:
    """Takes typed values out of a nested mapping and collects every fault with its dotted place."""

    def __init__(self, mapping: Mapping[str, object]) -> None:
        self.mapping = mapping
        self.problems: list[Problem] = []
        self.taken: set[str] = set()

    def fault(self, where: str, code: str, **params: object) -> None:
        self.problems.append(Problem(where, code, params))

    def get(self, where: str) -> object:
        node: object = self.mapping
        for key in where.split("."):
            if not isinstance(node, Mapping) or key not in node:
                self.fault(where, "missing_key")
                return None
            node = node[key]
        self.taken.add(where)
        return node

    def number(self, where: str, low: float = 0.0, high: float = float("inf")) -> float:
        value = self.get(where)
        if value is None:
            return low
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.fault(where, "bad_number", value=value, low=low, high=high)
            return low
        return float(value)

    def text(self, where: str, choices: tuple[str, ...] = ()) -> str:
        value = self.get(where)
        if value is not None and (not isinstance(value, str) or (choices and value not in choices)):
            self.fault(where, "bad_choice" if choices else "bad_text", value=value, choices=", ".join(choices))
        return str(value)

    def table(self, where: str) -> Mapping[str, object]:
        value = self.get(where)
        if value is not None and not isinstance(value, Mapping):
            self.fault(where, "bad_table", value=value)
        self.taken |= {f"{where}.{key}" for key in value} if isinstance(value, Mapping) else set()
        return value if isinstance(value, Mapping) else {}

    def listed(self, where: str) -> list:
        value = self.get(where)
        if value is not None and not isinstance(value, list):
            self.fault(where, "bad_list", value=value)
        return value if isinstance(value, list) else []

    def verdicts(self, where: str) -> Mapping[str, str]:
        return {key: self.text(f"{where}.{key}", VERDICTS) for key in self.table(where)}

    def switch(self, where: str) -> bool:
        value = self.get(where)
        if value is not None and not isinstance(value, bool):
            self.fault(where, "bad_choice", value=value, choices="true, false")
        return value is True

    def numbers(self, where: str, high: float = float("inf")) -> dict[str, float]:
        return {key: self.number(f"{where}.{key}", 0, high) for key in self.table(where)}

    def unknown_keys(self) -> None:
        """Every key that nothing asked for: most likely a slip of the pen, so it is said."""
        def walk(node: object, prefix: str) -> None:
            if prefix and prefix in self.taken:
                return
            if isinstance(node, Mapping):
                for key, value in node.items():
                    walk(value, f"{prefix}.{key}" if prefix else str(key))
            else:
                self.fault(prefix, "unknown_key")
        walk(self.mapping, "")


def each_once(problems: list[Problem]) -> tuple[Problem, ...]:
    """The faults without repetitions: one for each place and kind."""
    seen: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        seen.setdefault((problem.where, problem.code), problem)
    return tuple(seen.values())
