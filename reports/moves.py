"""What changed since a study was saved: its inputs, its rules, the libraries, and how the ranking moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.results import Study
from layers.county import County
from reports.replay import SavedStudy, all_versions, county_sha256, inputs_of, scenario_sha256, sites_of, villages_of

MOVES = ("gained", "lost", "up", "down", "same")
"""What became of a site's rank in its village: it has one now and had none, the other way round, better, worse, the same."""

MOVE_COLUMNS = ("village_code", "village_name", "candidate_id", "move", "rank_before", "rank_now", "score_before", "score_now",
                "verdict_before", "verdict_now")
VILLAGE_MOVE_COLUMNS = ("village_code", "village_name", "first_before", "first_now", "first_changed", "gained", "lost", "moved",
                        "venue_before", "venue_now")
_SCORE_STEP = 0.005
"""Scores are shown with two decimals: what is nearer than half of the last is the same."""


@dataclass(frozen=True)
class InputChange:
    """A source that is another than it was: `change` is content, added or gone; hashes None where there is none."""

    role: str
    source: str
    change: str
    before: str | None
    now: str | None


@dataclass(frozen=True)
class Moves:
    """What changed between a saved study and the same study made now.

    Attributes
    ----------
    inputs : tuple of InputChange
    county_changed : bool
        Whether county.toml has another content.
    scenario_changed : bool
        Whether the rules in force, weights included, are others.
    versions : Mapping
        Version (before, now) by name of what is another.
    sites : DataFrame
        `MOVE_COLUMNS`: every site whose rank, score or verdict is another; ranked both times or once.
    villages : DataFrame
        `VILLAGE_MOVE_COLUMNS`: every village where anything of this moved.
    counted : Mapping
        Sites by `MOVES`, over all that are ranked before or now.
    """

    inputs: tuple[InputChange, ...]
    county_changed: bool
    scenario_changed: bool
    versions: Mapping[str, tuple[str, str]]
    sites: pd.DataFrame
    villages: pd.DataFrame
    counted: Mapping[str, int]

    @property
    def same_ground(self) -> bool:
        """Whether data and rules are the same as they were."""
        return not (self.inputs or self.county_changed or self.scenario_changed)


def moves_between(saved: SavedStudy, county: County, study: Study) -> Moves:
    """Compare a saved study with the one made now of `county`."""
    now = all_versions()
    sites, counted = _sites(saved.sites, sites_of(study))
    return Moves(
        inputs=input_changes(saved.inputs, inputs_of(county)), county_changed=saved.county["sha256"] != county_sha256(county),
        scenario_changed=saved.scenario_sha256 != scenario_sha256(study.scenario),
        versions={name: (saved.versions.get(name, ""), now.get(name, "")) for name in (*now, *(set(saved.versions) - set(now)))
                  if saved.versions.get(name, "") != now.get(name, "")},
        sites=sites, villages=_villages(sites, saved.villages, villages_of(study)), counted=counted,
    )


def input_changes(before: tuple[Mapping[str, Any], ...], now: tuple[Mapping[str, Any], ...]) -> tuple[InputChange, ...]:
    """Sources whose content is another, that are new, or that are gone; by role and name."""
    one, other = ({(str(row["role"]), str(row["source"])): str(row["content_sha256"]) for row in rows} for rows in (before, now))
    return tuple(
        InputChange(*key, "gone" if key not in other else "added" if key not in one else "content", one.get(key), other.get(key))
        for key in dict.fromkeys((*one, *other)) if one.get(key) != other.get(key))


def _sites(before: pd.DataFrame, now: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    both = before.merge(now, on="candidate_id", how="outer", suffixes=("_before", "_now"))
    had, has = both["rank_in_village_before"], both["rank_in_village_now"]
    # a site that went to another village has left one ranking and entered the other
    elsewhere = (both["village_code_before"].notna() & both["village_code_now"].notna()
                 & both["village_code_before"].ne(both["village_code_now"])).to_numpy(bool)
    old, new = had.to_numpy("float64", na_value=np.nan), has.to_numpy("float64", na_value=np.nan)
    move = np.select([np.isnan(old) & np.isnan(new), np.isnan(old) | elsewhere, np.isnan(new), new < old, new > old],
                     ["same", "gained", "lost", "up", "down"], "same")
    table = pd.DataFrame({
        "village_code": both["village_code_now"].fillna(both["village_code_before"]),
        "village_name": both["village_name_now"].fillna(both["village_name_before"]), "candidate_id": both["candidate_id"],
        "move": move, "rank_before": had, "rank_now": has, "score_before": both["score_before"], "score_now": both["score_now"],
        "verdict_before": both["verdict_before"], "verdict_now": both["verdict_now"],
    })
    scored = ~np.isclose(table["score_before"], table["score_now"], rtol=0, atol=_SCORE_STEP, equal_nan=True)
    judged = table["verdict_before"].fillna("").ne(table["verdict_now"].fillna("")).to_numpy(bool)
    changed = table[(move != "same") | scored | judged]
    counted = {name: int((move == name).sum()) for name in MOVES}
    order = ["village_code", "rank_now", "rank_before", "candidate_id"]
    return changed.sort_values(order, kind="stable", ignore_index=True), counted


def _villages(sites: pd.DataFrame, before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    both = before.merge(now, on="village_code", how="outer", suffixes=("_before", "_now"))
    counts = pd.crosstab(sites["village_code"], sites["move"]).reindex(columns=list(MOVES), fill_value=0)
    counts = counts.reindex(both["village_code"]).fillna(0).astype(int).reset_index(drop=True)
    first_before, first_now = (both[f"best_candidate_{when}"] for when in ("before", "now"))
    table = pd.DataFrame({
        "village_code": both["village_code"], "village_name": both["village_name_now"].fillna(both["village_name_before"]),
        "first_before": first_before, "first_now": first_now,
        "first_changed": first_before.fillna("").ne(first_now.fillna("")).to_numpy(bool), "gained": counts["gained"],
        "lost": counts["lost"], "moved": counts["up"] + counts["down"], "venue_before": both["venue_before"],
        "venue_now": both["venue_now"],
    })
    other_venue = table["venue_before"].fillna("").ne(table["venue_now"].fillna(""))
    moved = (table["first_changed"] | other_venue | table[["gained", "lost", "moved"]].sum(axis=1).gt(0)).to_numpy(bool)
    return table[moved].sort_values("village_code", kind="stable", ignore_index=True)
