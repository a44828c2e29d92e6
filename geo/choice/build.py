"""The problem of choice of a study: its candidates and villages, where people live, and what already stands."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.choice.instance import DEMAND_COLUMNS, SITE_COLUMNS, VILLAGE_COLUMNS, Instance, Times
from geo.results import Study

NEED_OF_VENUE = {"none": "one", "below_standard": "upgrade", "adequate": "no", "unknown": "no"}
"""What a village needs by the status of its venue; one whose status is not known is looked at first, not built for."""


def instance_of(study: Study, *, people: np.ndarray, people_village: np.ndarray, times: Times, venues: gpd.GeoDataFrame,
                need: pd.Series | None = None, cost_yuan: pd.Series | None = None, capacity_people: pd.Series | None = None,
                neighbours: Sequence[tuple[str, str]] = ()) -> Instance:
    """The problem of choice of a study: the candidates in their order, the adequate existing venues behind them.

    Parameters
    ----------
    study : Study
    people, people_village : ndarray
        People at each demand point, and the position of its village in ``study.villages`` (-1 none), as `residents_of` gives them.
    times : Times
        Walks in minutes from the demand points to the candidates (in the study's order) and, behind them, to `venues`.
    venues : GeoDataFrame
        Adequate existing venues: `venue_id`, `village_code`, and geometry in the county's CRS.
    need : Series, optional
        Need by village code (`geo.choice.instance.NEEDS`); by the status of its venue unless given.
    cost_yuan, capacity_people : Series, optional
        By candidate id; missing ones are filled by kind from the rules, or are no limit.
    neighbours : sequence of pairs of village codes
        Both consent to share one venue.

    Returns
    -------
    Instance
        Candidates of no village stay in it; without a village they count for none.
    """
    villages = study.villages.assign(need=study.villages["venue"].astype(str).map(NEED_OF_VENUE))
    if need is not None:
        villages["need"] = villages["village_code"].map(need).fillna(villages["need"])
    candidates = study.candidates
    points = candidates.geometry.representative_point()
    sites = pd.DataFrame({
        "site_id": candidates["candidate_id"].astype(object), "village_code": candidates["village_code"].astype(object),
        "kind": candidates["kind"].astype(object), "verdict": candidates["verdict"].astype(object), "score": candidates["score"],
        "cost_yuan": _by_id(candidates["candidate_id"], cost_yuan),
        "capacity_people": _by_id(candidates["candidate_id"], capacity_people), "x_m": points.x, "y_m": points.y,
    })
    where = venues.geometry.representative_point()
    standing = pd.DataFrame({
        "site_id": "V-" + venues["venue_id"].astype(str), "village_code": venues["village_code"].astype(object), "kind": "existing",
        "verdict": "pass", "score": np.nan, "cost_yuan": 0.0, "capacity_people": np.nan, "x_m": where.x, "y_m": where.y,
    })
    listed = set(villages["village_code"])
    every = pd.concat([sites, standing], ignore_index=True) if len(standing) else sites.reset_index(drop=True)
    every["village_code"] = every["village_code"].where(every["village_code"].isin(listed), None)
    codes = np.append(villages["village_code"].to_numpy(object), None)
    demand = pd.DataFrame({"people": np.asarray(people, dtype=float), "village_code": codes[np.asarray(people_village)]})
    return Instance(pd.DataFrame(villages[list(VILLAGE_COLUMNS)]).reset_index(drop=True), every[list(SITE_COLUMNS)],
                    demand[list(DEMAND_COLUMNS)], times, neighbours=tuple(neighbours))


def _by_id(ids: pd.Series, values: pd.Series | None) -> pd.Series:
    return pd.Series(np.nan, index=ids.index) if values is None else ids.map(values).astype(float)
