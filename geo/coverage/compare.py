"""Two coverages side by side: who gains and who loses when venues are built or taken away. People and minutes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.coverage.ground import CoverageError
from geo.coverage.review import Coverage


def compare(before: Coverage, after: Coverage) -> pd.DataFrame:
    """Two coverages of the same county side by side, village by village, the county last; people and minutes.

    Parameters
    ----------
    before, after : Coverage
        On the same `Ground`.

    Returns
    -------
    DataFrame
        `village_code` (missing in the county's row), `village_name`, `township_name`, `venue_before`, `venue_after`, `people`,
        `served_before`, `served_after`, `served_gain`, `mean_walk_before_min`, `mean_walk_after_min`, `people_nearer`,
        `people_farther` (whose walk got shorter or longer; one who could reach none and now can is nearer),
        `people_newly_reached`. A mean may grow when people who reached nothing now reach something far: read it with the last.

    Raises
    ------
    CoverageError
        When the two are not about the same homes.
    """
    old, new = before.residents, after.residents
    if len(old) != len(new) or not old["people"].equals(new["people"]) or len(before.villages) != len(after.villages):
        raise CoverageError("the two coverages are not about the same homes; build them on the same ground")
    village = pd.Index(before.villages["village_code"].astype(object)).get_indexer(old["village_code"].astype(object))
    first, second, people = old["walk_min"].to_numpy(), new["walk_min"].to_numpy(), old["people"].to_numpy()
    known = before.villages["people"].notna().to_numpy() & after.villages["people"].notna().to_numpy()

    def summed(which: np.ndarray) -> np.ndarray:
        by_village = np.bincount(village[village >= 0], (people * which)[village >= 0], len(known))
        return np.append(np.where(known, by_village, np.nan), (people * which).sum() if len(old) else np.nan)

    def both(coverage: Coverage, name: str) -> np.ndarray:
        return np.append(coverage.villages[name].to_numpy("float64"), coverage.county[name].to_numpy("float64"))

    def words(frame: pd.DataFrame, name: str) -> pd.Series:
        return pd.Series(np.append(frame[name].to_numpy(object), np.nan), dtype="str")

    served = both(before, "people_served"), both(after, "people_served")
    return pd.DataFrame({
        **{name: words(before.villages, name) for name in ("village_code", "village_name", "township_name")},
        "venue_before": words(before.villages, "venue"), "venue_after": words(after.villages, "venue"),
        "people": both(after, "people"),
        "served_before": served[0], "served_after": served[1], "served_gain": served[1] - served[0],
        "mean_walk_before_min": both(before, "mean_walk_min"), "mean_walk_after_min": both(after, "mean_walk_min"),
        "people_nearer": summed(second < first - 1e-9), "people_farther": summed(second > first + 1e-9),
        "people_newly_reached": summed(np.isinf(first) & np.isfinite(second)),
    })
