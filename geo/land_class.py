"""Can a venue stand on land of this class? Read from the code, in the table of the code's own system."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.scenario import Scenario

FITNESS = ("unsuitable", "farmland", "conditional", "suitable")
"""Worst first."""


def fitness(candidates: pd.DataFrame, scenario: Scenario) -> pd.Series:
    """Fitness of each candidate's land class: suitable, conditional, farmland or unsuitable.

    The longest prefix of the code that the scenario lists decides. Where the papers list several classes, the least fit one
    counts. Not valid for the small parcel alone: the land survey does not map areas below 200 to 600 m2 on their own.

    Parameters
    ----------
    candidates : DataFrame
        Columns `land_class`, `land_class_system`.
    scenario : Scenario

    Returns
    -------
    Series of str
        Name `land_class_fit`, same index; missing where the class is, or where no table knows it.
    """
    by_system, systems = pd.factorize(candidates["land_class_system"])
    by_class, classes = pd.factorize(candidates["land_class"])
    pairs, at = np.unique(by_system * (len(classes) + 1) + np.where(by_class < 0, len(classes), by_class), return_inverse=True)
    system, class_ = [*systems, None], [*classes, None]
    fits = [_fit(system[pair // len(class_)], class_[pair % len(class_)], scenario.land_classes) for pair in pairs]
    return pd.Series(pd.array(fits, dtype="str").take(at), index=candidates.index, name="land_class_fit")


def _fit(system: object, code: object, tables: Mapping[str, Mapping[str, tuple[str, ...]]]) -> str | None:
    if not isinstance(system, str) or not isinstance(code, str) or system not in tables:
        return None
    found = [_longest(part.strip(), tables[system]) for part in code.replace("，", ",").split(",") if part.strip()]
    known = [fit for fit in found if fit is not None]
    return min(known, key=FITNESS.index) if known else None


def _longest(code: str, table: Mapping[str, tuple[str, ...]]) -> str | None:
    matches = [(len(prefix), fit) for fit, prefixes in table.items() for prefix in prefixes if code.startswith(prefix)]
    return max(matches)[1] if matches else None
