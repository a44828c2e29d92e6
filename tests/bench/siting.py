"""The last step of the job: which 20 of the 1,000 largest yards that nothing forbids shorten the way of the county's people most.

Every village's people stand at the middle of where they live and walk to the nearest chosen site; who has none within the limit of
a walk counts with the limit. That is a p-median, and the sides differ in how they fill its table and solve it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

SHORTLIST, CHOSEN = 1_000, 20
"""Sites to choose from and how many are chosen; in a county with few parcels a fifth of them, and a fiftieth of these."""

SOLVER_LIMIT_S = 200
"""Seconds after which the analyst takes the plan that the solver has found by then."""

SLACK = 1e-4
"""Relative difference of two optima that is rounding: half a second in an hour."""


@dataclass(frozen=True)
class Siting:
    """A chosen plan: people times minutes, the codes of its sites, and whether it was proven best."""

    people_min: float
    sites: tuple[str, ...]
    proven: bool


def counts(parcels: int) -> tuple[int, int]:
    """Sites to choose from, and how many are chosen."""
    shortlisted = min(SHORTLIST, parcels // 5)
    return shortlisted, max(2, shortlisted * CHOSEN // SHORTLIST)


def shortlist(courtyard_m2: np.ndarray, forbidden: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Positions of the largest yards that are not forbidden, largest first; of equals the lower code."""
    order = np.lexsort((code, -np.round(courtyard_m2, 2), forbidden))
    return order[: counts(len(order))[0]]


def centres(homes: pd.DataFrame) -> pd.DataFrame:
    """Middle of where each village's people live (`x`, `y`), and how many; of homes with `x`, `y`, `people`, `village_code`."""
    moment = homes.assign(x=homes["x"] * homes["people"], y=homes["y"] * homes["people"])
    total = moment.groupby("village_code")[["x", "y", "people"]].sum()
    return total.assign(x=total["x"] / total["people"], y=total["y"] / total["people"])


def keep_siting(folder: Path, plan: Siting) -> None:
    """Leave a plan in the folder, to be compared."""
    (folder / "siting.json").write_text(json.dumps(asdict(plan)), encoding="utf-8")


def siting_fault(ours: Path, theirs: Path) -> str | None:
    """What is wrong between two kept plans, None if nothing is: ours is proven and no worse, and where both are proven equal."""
    mine, other = (json.loads((folder / "siting.json").read_text(encoding="utf-8")) for folder in (ours, theirs))
    apart = (other["people_min"] - mine["people_min"]) / mine["people_min"]
    if not mine["proven"]:
        return "ours is not proven"
    if apart < -SLACK or (other["proven"] and apart > SLACK):
        return f"{apart:+.3%} people-minutes, {'proven' if other['proven'] else 'not proven'}"
    return None
