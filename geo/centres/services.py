"""The seven services of a centre: covered by a facility nearby, housed in the centre, or a gap. Walks min, areas m2."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.access import time_to_nearest
from geo.network import RoadNetwork
from geo.planning_rules import ServiceRule, ServiceRules
from geo.snapping import Snaps, snap

STATES = ("covered", "housed", "gap", "unknown")
REASONS = ("near_facility", "own_room", "shared_room", "no_room", "no_yard", "own_site", "area_unknown", "yard_unknown")
"""Why: a facility is near enough; a room of its own or another service's; floor area or open ground too small; needs a site of its
own; floor area or open ground of the place not known."""

SERVICE_COLUMNS = ("centre_id", "service", "state", "reason", "facility_id", "facility_name", "category", "walk_min", "room_m2",
                   "short_m2", "not_in_data", "clause")
NEAR_COLUMNS = ("centre_id", "category", "facility_id", "facility_name", "walk_min")


def nearest_facilities(network: RoadNetwork | None, places: Snaps | None, centre_ids: list[str],
                       facilities: gpd.GeoDataFrame | None, rules: ServiceRules) -> pd.DataFrame:
    """The nearest facility of each category that matters, where it is near enough to cover a service or to be planned together.

    Returns
    -------
    DataFrame
        `NEAR_COLUMNS`, at most one row for a centre and category; walk in min from the centre.
    """
    wanted = sorted({category for kind in rules.kinds for category in kind.covered_by} | set(rules.together))
    limit = max(rules.near_min, rules.together_min)
    parts = []
    if network is not None and places is not None and facilities is not None:
        there = facilities[~(facilities.geometry.isna() | facilities.geometry.is_empty)]
        for category in wanted:
            rows = there[(there["category"] == category).to_numpy(bool)]
            if not len(rows):
                continue
            targets = snap(np.asarray(rows.geometry.representative_point().array, dtype=object), network, mode="walk")
            near = time_to_nearest(network, targets, places, mode="walk", limit_min=limit)
            hit = np.flatnonzero(near.facility >= 0)
            named = rows.iloc[near.facility[hit]]
            parts.append(pd.DataFrame({
                "centre_id": np.asarray(centre_ids, dtype=object)[hit], "category": category,
                "facility_id": named["facility_id"].to_numpy(object), "facility_name": named["facility_name"].to_numpy(object),
                "walk_min": near.minutes[hit],
            }))
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="float64" if name == "walk_min" else "object") for name in NEAR_COLUMNS})
    return pd.concat(parts, ignore_index=True).sort_values(["centre_id", "category"], kind="stable", ignore_index=True)


def categories_in_data(facilities: gpd.GeoDataFrame | None) -> frozenset[str]:
    """Categories of which the data has at least one; of the others it says nothing."""
    return frozenset() if facilities is None else frozenset(facilities["category"].dropna())


def services_of(centres: pd.DataFrame, near: pd.DataFrame, rules: ServiceRules, in_data: frozenset[str]) -> pd.DataFrame:
    """The service programme of every centre: one row for a centre and service.

    A facility within the near walk covers a service. What is left is housed in the order of the policy as long as there is floor
    area, and open ground where it asks for some; the rest is a gap with the m2 that are short.

    Parameters
    ----------
    centres : DataFrame
        `centre_id`, `floor_area_m2`, `yard_m2` (NaN not known).
    near : DataFrame
        As `nearest_facilities` gives it.
    rules : ServiceRules
    in_data : set of str
        Categories the data knows: the others of a service are named in `not_in_data`, since none on the map is not none.

    Returns
    -------
    DataFrame
        `SERVICE_COLUMNS`; `room_m2` granted in the centre, `short_m2` wanting, both 0 where a facility covers the service.
    """
    within = near[near["walk_min"] <= rules.near_min + 1e-9]
    found: dict[str, dict[str, tuple]] = {}
    for row in within.itertuples(index=False):
        found.setdefault(row.centre_id, {})[row.category] = (row.walk_min, row.category, row.facility_id, row.facility_name)
    rows = []
    for centre in centres.itertuples():
        rows += _programme(centre.centre_id, centre.floor_area_m2, centre.yard_m2, found.get(centre.centre_id, {}), rules)
    frame = pd.DataFrame(rows, columns=[name for name in SERVICE_COLUMNS if name != "not_in_data"])
    absent = {kind.id: ";".join(one for one in kind.covered_by if one not in in_data) for kind in rules.kinds}
    return frame.assign(not_in_data=frame["service"].map(absent))[list(SERVICE_COLUMNS)]


def _programme(centre_id: str, floor_m2: float, yard_m2: float, near: Mapping[str, tuple], rules: ServiceRules) -> list[dict]:
    left, rows = floor_m2, []
    states: dict[str, str] = {}
    for kind in rules.kinds:
        options = sorted(near[category] for category in kind.covered_by if category in near)
        walk, category, facility, name = options[0] if options else (np.nan, None, None, None)
        if options:
            state, reason, room, short = "covered", "near_facility", 0.0, 0.0
        else:
            state, reason, room, short = _housed(kind, left, yard_m2, states)
            left -= room
        states[kind.id] = state
        rows.append({"centre_id": centre_id, "service": kind.id, "state": state, "reason": reason, "facility_id": facility,
                     "facility_name": name, "category": category, "walk_min": walk, "room_m2": room, "short_m2": short,
                     "clause": kind.clause})
    return rows


def _housed(kind: ServiceRule, left_m2: float, yard_m2: float, states: Mapping[str, str]) -> tuple[str, str, float, float]:
    """State, reason, room given and area short (m2) of a service that no facility covers."""
    if not kind.housed:
        return "gap", "own_site", 0.0, kind.room_m2
    if np.isnan(left_m2):
        return "unknown", "area_unknown", 0.0, np.nan
    if kind.shares and states.get(kind.shares) != "housed":
        return "gap", "no_room", 0.0, kind.room_m2
    if left_m2 + 1e-9 < kind.room_m2:
        return "gap", "no_room", 0.0, kind.room_m2 - left_m2
    if kind.yard_m2 > 0 and np.isnan(yard_m2):
        return "unknown", "yard_unknown", 0.0, np.nan
    if kind.yard_m2 > 0 and yard_m2 + 1e-9 < kind.yard_m2:
        return "gap", "no_yard", 0.0, kind.yard_m2 - yard_m2
    return "housed", "shared_room" if kind.shares else "own_room", kind.room_m2, 0.0
