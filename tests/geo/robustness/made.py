"""Small contests for the tests of robustness."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.robustness.contest import Contest, contest


def made(values: list | np.ndarray, weights: list[float] | None = None, *, verdicts: list[str] | None = None,
         groups: list[str] | None = None) -> Contest:
    """A contest of sites N-0, N-1, ... over criteria a, b, ...; every site passes and weights are equal unless said."""
    table = np.atleast_2d(np.asarray(values, dtype="float64"))
    names = list("abcdefghij")[:table.shape[1]]
    sites = pd.DataFrame({"candidate_id": [f"N-{n}" for n in range(len(table))], "verdict": verdicts or ["pass"] * len(table)})
    return contest(sites, pd.DataFrame(table, columns=names), dict(zip(names, weights or [1.0] * len(names), strict=True)),
                   dict(zip(names, groups or names, strict=True)))


def drawn(seed: int, *, sites: int = 6, criteria: int = 4, unknown: float = 0.0) -> Contest:
    """A random contest with a share of unknown values."""
    rng = np.random.default_rng(seed)
    values = rng.random((sites, criteria))
    values[rng.random(values.shape) < unknown] = np.nan
    return made(values, rng.uniform(0.5, 3, criteria).tolist())


def scores_under(one: Contest, weights: np.ndarray) -> np.ndarray:
    """Plain weighted means over what is known, site by site."""
    means = []
    for row in one.values:
        known = ~np.isnan(row)
        means.append((row[known] @ weights[known]) / weights[known].sum() if weights[known].sum() > 0 else -1.0)
    return np.array(means)
