"""What a site's sentences read: its row of the study, its criteria by points, and the site that it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from geo.phrases import Figure
from geo.results import Study


@dataclass(frozen=True)
class Rival:
    """The leader of the village, or for the leader the runner-up."""

    candidate_id: str
    verdict: str
    score: float
    points: Mapping[str, float]


@dataclass(frozen=True)
class Site:
    """One candidate of a study: its row, its criteria by points, and the site it is held against."""

    study: Study
    facts: Mapping[str, object]
    points: Mapping[str, float]
    """Points of the score by known criterion."""
    values: Mapping[str, float]
    ranked: int
    """Candidates of its village that have a rank."""
    rival: Rival | None

    @cached_property
    def lost(self) -> dict[str, float]:
        """Points that each known criterion leaves on the table."""
        weights = self.study.scenario.weights
        known = sum(weights[name] for name in self.points)
        return {name: 100 * weights[name] / known * (1 - self.values[name]) for name in self.points} if known else {}

    def number(self, name: str) -> float:
        """A fact as a number; NaN where it is missing."""
        value = self.facts.get(name)
        return float("nan") if value is None or pd.isna(value) else float(value)   # type: ignore[arg-type]

    def figure(self, name: str, unit: str) -> Figure:
        """A fact as a figure of a sentence, with its column as source."""
        return Figure(self.number(name), unit, name)


def sites_of(study: Study, rows: np.ndarray) -> list[Site]:
    """The candidates at some positions of the study, taken out of its tables at once."""
    columns = {name: column.array.take(rows).tolist() for name, column in study.candidates.items() if name != "geometry"}
    counts, rivals = _rivals(study, rows)
    against = np.unique(np.concatenate([rows, rivals[rivals >= 0]]))
    points = _known(study.contributions, against)
    values = _known(study.values, rows)
    about = {name: study.candidates[name].array.take(against).tolist() for name in ("candidate_id", "verdict", "score")}
    told = {int(row): Rival(about["candidate_id"][n], about["verdict"][n], about["score"][n], points[n])
            for n, row in enumerate(against)}
    return [
        Site(study, {name: column[n] for name, column in columns.items()}, told[int(row)].points, values[n], int(counts[n]),
              told.get(int(rivals[n])))
        for n, row in enumerate(rows)
    ]


def _known(table: pd.DataFrame, rows: np.ndarray) -> list[dict[str, float]]:
    """Rows of a table of criteria, without what is unknown."""
    names, cells = list(table.columns), table.iloc[rows].to_numpy("float64").tolist()
    return [{name: cell for name, cell in zip(names, row, strict=True) if cell == cell} for row in cells]


def _rivals(study: Study, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many candidates of the village of each row have a rank, and the position of the first of them (for it the second; -1)."""
    ranks, village = study.candidates["rank_in_village"].to_numpy("int64", na_value=0), study.standing.village
    size = len(study.standing.villages)
    counts = np.bincount(village[(ranks > 0) & (village >= 0)], minlength=size)
    at = np.full((2, size + 1), -1, dtype="int64")          # one more for candidates without a village
    for place in (1, 2):
        there = np.flatnonzero((ranks == place) & (village >= 0))
        at[place - 1, village[there]] = there
    first, second = at[0][village[rows]], at[1][village[rows]]
    return np.append(counts, 0)[village[rows]], np.where(first == rows, second, first)
