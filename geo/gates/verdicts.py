"""How a gate states its verdicts: a list of cases of which the first that holds decides, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.scenario import VERDICTS, VERIFY

NOT_APPLICABLE = -1


@dataclass(frozen=True)
class Judgement:
    """Verdicts of one gate: `codes` int8 (position in `VERDICTS`, -1 where the gate does not apply), `reasons` the short codes."""

    codes: np.ndarray
    reasons: pd.api.extensions.ExtensionArray


class Words(NamedTuple):
    """A word for each candidate, each different one held once: `words[at]`; -1 none."""

    at: np.ndarray
    words: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """Where `holds`, the verdict is `verdict` (one for all, or an int8 code each) for `reason` (one for all, or one each)."""

    holds: np.ndarray
    verdict: str | np.ndarray
    reason: str | Words


def decide(size: int, cases: Sequence[Case]) -> Judgement:
    """The judgement of the first case that holds for each candidate; the last case must hold for all that are left.

    Examples
    --------
    >>> small, every = np.array([True, False]), np.array([True, True])
    >>> found = decide(2, [Case(small, "fail", "too_small"), Case(every, "pass", "large_enough")])
    >>> found.codes.tolist(), found.reasons.tolist()
    ([0, 2], ['too_small', 'large_enough'])
    """
    codes = np.full(size, NOT_APPLICABLE, dtype="int8")
    named: list[str] = []
    reason = np.full(size, -1, dtype="int16")
    open_ = np.ones(size, dtype=bool)
    for case in cases:
        here = open_ & np.asarray(case.holds, dtype=bool)
        codes[here] = VERDICTS.index(case.verdict) if isinstance(case.verdict, str) else case.verdict[here]
        reason[here] = len(named) if isinstance(case.reason, str) else len(named) + case.reason.at[here]
        named += [case.reason] if isinstance(case.reason, str) else case.reason.words
        open_ &= ~here
    return Judgement(codes, pd.array(named, dtype="str").take(reason, allow_fill=True))


def look_up(values: pd.Series, verdicts: Mapping[str, str]) -> np.ndarray:
    """Verdict code (int8) that a rule's table gives each value; *verify* where the value is missing or not in the table."""
    at, distinct = pd.factorize(values)
    return np.array([VERDICTS.index(verdicts.get(value, VERIFY)) for value in (*distinct, None)], dtype="int8")[at]


def words_of(values: pd.Series, prefix: str, *, missing: str) -> Words:
    """The values as words with a prefix; `missing` stands for what is missing.

    Examples
    --------
    >>> words_of(pd.Series(["state", None], dtype="str"), "level_", missing="unknown")
    Words(at=array([0, 1]), words=('level_state', 'level_unknown'))
    """
    at, distinct = pd.factorize(values)
    return Words(np.where(at < 0, len(distinct), at), tuple(f"{prefix}{value}" for value in (*distinct, missing)))


def is_text(values: pd.Series, text: str) -> np.ndarray:
    """True where the value is this text; False where missing."""
    return (values == text).fillna(False).to_numpy(dtype=bool)
