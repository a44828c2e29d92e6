"""One centre for the village, or one for each natural village: policy D's rule on large, well-off and dispersed villages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.planning_rules import CentreRules

TRIGGERS = ("large_people", "large_households", "dispersed", "beyond", "well_off")
"""Why a village gets one per natural village: see `CentreRules`."""


def dispersion_m(x_m: np.ndarray, y_m: np.ndarray, people: np.ndarray) -> float:
    """Standard distance in m of people from their common centre, ``sqrt(sum p d^2 / sum p)`` (Bachi 1963).

    NaN where fewer than two natural villages have a known number of people.

    Examples
    --------
    >>> dispersion_m(np.array([0.0, 600.0]), np.zeros(2), np.array([50.0, 50.0]))
    300.0
    """
    known = np.isfinite(people) & (people > 0)
    if known.sum() < 2:
        return float("nan")
    x, y, weight = x_m[known], y_m[known], people[known] / people[known].sum()
    return float(np.sqrt(weight @ ((x - weight @ x) ** 2 + (y - weight @ y) ** 2)))


def triggers(villages: pd.DataFrame, homes: pd.DataFrame, rules: CentreRules) -> pd.DataFrame:
    """Which of `TRIGGERS` hold for each village, and which cannot be told.

    Parameters
    ----------
    villages : DataFrame
        `population`, `households`, `collective_income_yuan`.
    homes : DataFrame
        Natural villages: `village` (position in `villages`), `people`, `x_m`, `y_m`, `first_min` (walk to the village's first
        centre, min; inf unreachable, NaN not known).
    rules : CentreRules

    Returns
    -------
    DataFrame
        On the index of `villages`: `dispersion_m`, `beyond_share` (share of the people of its natural villages, 0..1),
        `beyond_people`, `triggers` and `unknown` (codes joined by ``;``).
    """
    by_village = {position: part for position, part in homes.groupby("village")}
    rows = []
    for position, village in enumerate(villages.itertuples()):
        part = by_village.get(position, homes.iloc[:0])
        people, walk = part["people"].to_numpy(float), part["first_min"].to_numpy(float)
        spread_m = dispersion_m(part["x_m"].to_numpy(float), part["y_m"].to_numpy(float), people)
        counted = np.isfinite(people) & (people > 0) & ~np.isnan(walk)
        total = people[counted].sum()
        beyond = people[counted & (walk > rules.beyond_min)].sum() if total > 0 else np.nan
        share = beyond / total if total > 0 else np.nan
        facts = {
            "large_people": (village.population, village.population >= rules.large_people),
            "large_households": (village.households, village.households >= rules.large_households),
            "dispersed": (spread_m, spread_m >= rules.dispersed_m),
            "beyond": (share, share >= rules.beyond_share),
            "well_off": (village.collective_income_yuan, village.collective_income_yuan >= rules.well_off_income_yuan),
        }
        rows.append({
            "dispersion_m": spread_m, "beyond_share": share, "beyond_people": beyond,
            "triggers": ";".join(name for name, (_, holds) in facts.items() if holds),
            "unknown": ";".join(name for name, (value, _) in facts.items() if np.isnan(value)),
        })
    names = ["dispersion_m", "beyond_share", "beyond_people", "triggers", "unknown"]
    return pd.DataFrame(rows, columns=names, index=villages.index)
