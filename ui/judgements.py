"""Officials' pairwise judgements of the groups of criteria, as a scenario file keeps them; no Streamlit here.

::

    [[judges]]
    name = "A"
    say = 1.0
    answers = [["collective", "courtyard", 3], ["transport", "collective", 2]]

An answer reads: the first counts so many times more than the second, on Saaty's scale from 1/9 to 9. A table that is only half
filled in is kept as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from geo.scenario import GROUPS, Problem, Scenario
from geo.weighting.ahp import judged, priorities
from geo.weighting.consensus import combined
from geo.weighting.groups import group_weights, spread

SCALE_END = 9.0
"""Highest answer of Saaty's scale; the lowest is 1 divided by it."""
MOST_JUDGES = 30
KEYS = ("name", "say", "answers")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Judge:
    """One person's answers: (first, second) in the order of groups -> how many times more the first counts, 1/9 to 9."""

    name: str
    answers: Mapping[Pair, float] = field(default_factory=dict)
    say: float = 1.0
    """Share of the common answer, not negative; only the ratio to the others' counts."""

    def times(self, first: str, second: str) -> float | None:
        """How many times more the first counts than the second; None where that was not asked yet."""
        if first == second:
            return 1.0
        if (first, second) in self.answers:
            return self.answers[first, second]
        back = self.answers.get((second, first))
        return None if back is None else 1 / back

    def answered(self, first: str, second: str, times: float | None) -> Judge:
        """The same person with one more answer, or with one taken back (None). The other way round follows from it."""
        if first == second:
            return self
        pair, value = (first, second), times
        if not _before(first, second):
            pair, value = (second, first), None if times is None else 1 / times
        rest = {known: answer for known, answer in self.answers.items() if known != pair}
        return replace(self, answers=rest if value is None else {**rest, pair: float(value)})

    def open_pairs(self, groups: Sequence[str]) -> tuple[Pair, ...]:
        """Pairs of these groups that have no answer yet."""
        return tuple(pair for pair in combinations(groups, 2) if self.times(*pair) is None)

    def matrix(self, groups: Sequence[str]) -> np.ndarray:
        """The full pairwise matrix of these groups.

        Raises
        ------
        JudgementError
            Where a pair has no answer.
        """
        return judged(groups, {pair: times for pair in combinations(groups, 2) if (times := self.times(*pair)) is not None})


def _before(first: str, second: str) -> bool:
    return GROUPS.index(first) < GROUPS.index(second)


def groups_of(scenario: Scenario) -> tuple[str, ...]:
    """Groups that have a criterion, in their order."""
    return tuple(group for group in GROUPS if any(criterion.group == group for criterion in scenario.criteria))


def complete(judges: Sequence[Judge], groups: Sequence[str]) -> tuple[Judge, ...]:
    """Those who have compared every pair."""
    return tuple(judge for judge in judges if not judge.open_pairs(groups))


def common_matrix(judges: Sequence[Judge], groups: Sequence[str]) -> np.ndarray:
    """The geometric mean of the complete tables, each with its say.

    Raises
    ------
    JudgementError
        Where nobody's table is complete, or nobody has a say.
    """
    ready = complete(judges, groups)
    return combined([judge.matrix(groups) for judge in ready], importance=[judge.say for judge in ready] if ready else None)


def weights_by(judges: Sequence[Judge], scenario: Scenario) -> dict[str, float] | None:
    """Weight of every criterion by the common judgement, spread within each group as the scenario has it; None where nobody's
    table is complete or nobody has a say."""
    groups = groups_of(scenario)
    if not any(judge.say > 0 for judge in complete(judges, groups)):
        return None
    return spread(priorities(common_matrix(judges, groups)).by(groups), scenario)


def nearest_answers(scenario: Scenario, name: str, weights: Mapping[str, float]) -> Judge:
    """A judge whose answers are the whole numbers of Saaty's scale nearest to the ratios of these weights: a start to work from.

    Parameters
    ----------
    weights : Mapping
        Weight by criterion, of which some are above 0.
    """
    shares = group_weights(scenario.with_weights(weights))
    judge = Judge(name)
    for first, second in combinations(groups_of(scenario), 2):
        more, less = max(shares[first], shares[second]), min(shares[first], shares[second])
        times = SCALE_END if less <= 0 < more else 1.0 if more <= 0 else float(min(round(more / less), SCALE_END))
        judge = judge.answered(first, second, times if shares[first] >= shares[second] else 1 / times)
    return judge


def judge_rows(judges: Sequence[Judge]) -> list[dict[str, object]]:
    """As tables of a scenario file: every answer the way round in which it is 1 or more."""
    return [{"name": judge.name, "say": float(judge.say), "answers": [_row(pair, times) for pair, times in judge.answers.items()]}
            for judge in judges]


def _row(pair: Pair, times: float) -> list[object]:
    first, second = pair if times >= 1 else pair[::-1]
    value = round(times if times >= 1 else 1 / times, 9)
    return [first, second, int(value) if value == int(value) else value]


def judges_from(rows: object) -> tuple[tuple[Judge, ...], list[Problem]]:
    """The judges of a scenario file's ``[[judges]]`` tables, and every fault in them."""
    if not isinstance(rows, list) or len(rows) > MOST_JUDGES or not all(isinstance(row, Mapping) for row in rows):
        return (), [Problem("judges", "bad_judges", {"value": rows if isinstance(rows, str) else "", "high": MOST_JUDGES})]
    judges: list[Judge] = []
    problems: list[Problem] = []
    for position, row in enumerate(rows, start=1):
        at = f"judges[{position}]"
        problems += [Problem(f"{at}.{key}", "unknown_key") for key in row if key not in KEYS]
        name, share, answers = row.get("name"), row.get("say", 1.0), row.get("answers", [])
        if not isinstance(name, str) or not name.strip() or any(judge.name == name for judge in judges):
            problems.append(Problem(f"{at}.name", "bad_judge_name", {"value": name}))
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share < float("inf"):
            problems.append(Problem(f"{at}.say", "bad_number", {"value": share, "low": 0, "high": "∞"}))
            share = 1.0
        judge = Judge(str(name), {}, float(share))
        for answer in answers if isinstance(answers, list) else [answers]:
            fault = _fault(judge, answer)
            if fault is None:
                judge = judge.answered(*answer)
            else:
                problems.append(Problem(f"{at}.answers", fault, {"value": answer, "choices": ", ".join(GROUPS)}))
        judges.append(judge)
    return tuple(judges), problems


def _fault(judge: Judge, answer: object) -> str | None:
    """The problem code of an answer that cannot be used; None where it can."""
    if not isinstance(answer, list | tuple) or len(answer) != 3:
        return "answer_shape"
    first, second, times = answer
    if first not in GROUPS or second not in GROUPS or first == second:
        return "answer_group"
    if isinstance(times, bool) or not isinstance(times, int | float) or not 1 / SCALE_END - 1e-9 <= times <= SCALE_END + 1e-9:
        return "answer_scale"
    return "answer_twice" if judge.times(first, second) is not None else None
