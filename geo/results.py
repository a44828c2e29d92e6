"""What a study yields: candidates with verdicts, measures and scores; villages with their status; what could not be assessed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo.scenario import Scenario
from geo.standing import Standing, standing_of

if TYPE_CHECKING:
    from geo.road_review import RoadReview

KINDS = ("new", "reuse", "upgrade")
"""New build on a parcel, reuse of an idle building with its yard, upgrade of a venue below standard."""

VENUE_STATUS = ("none", "below_standard", "adequate", "unknown")

CANDIDATE_COLUMNS = {
    "candidate_id": "unique; `N-` + parcel id, `R-` + building id, `U-` + venue id",
    "kind": "new, reuse or upgrade",
    "parcel_id": "parcel it stands on; missing where there is none",
    "building_id": "building to reuse; missing for other kinds",
    "venue_id": "venue to upgrade; missing for other kinds",
    "village_code": "village whose land it is; missing where no village could be told",
    "village_name": "", "township_code": "", "township_name": "",
    "lon": "WGS 84 longitude of a point inside, degrees", "lat": "WGS 84 latitude, degrees",
    "verdict": "pass, verify or fail: the worst of its gates",
    "failed_gates": "gate ids joined by ;", "unverified_gates": "gate ids joined by ;",
    "score": "0..100 over the criteria known for it", "score_low": "unknown criteria at their worst",
    "score_high": "unknown criteria at their best",
    "rank_in_village": "1 is best; passing sites before those to verify; failing ones have none",
    "rank_in_county": "the same county-wide",
}
"""Columns of `Study.candidates` besides `MEASURES`, `gate_<id>`, `reason_<id>`, the facts behind them, and geometry."""

MEASURES = {
    "collective_share": "share of the parcel in undisputed collective ownership of its own village, 0..1",
    "owner_level": "owner level by the strongest evidence (village, villager_group, township, collective, state, ...)",
    "evidence_strength": "what ownership rests on: title, polygon or survey",
    "parcel_area_m2": "measured area of the whole parcel, m2",
    "building_area_m2": "footprints standing on it, m2",
    "parcel_less_buildings_m2": "parcel less the footprints on it, m2",
    "courtyard_m2": "usable area: parcel less buildings and restricted parts, m2",
    "rectangle_m2": "largest rectangle on the usable area, at any rotation, m2; 0 where none is left",
    "rectangle_long_m": "its long side, m", "rectangle_short_m": "its short side, m",
    "house_fits": "yes or no: house and yard stand on the usable area (new build), or its own house and yard stay clear (reuse)",
    "compactness": "Polsby-Popper, 4 pi area / perimeter^2 of the parcel, 0..1",
    "declared_area_m2": "area of the parcel that its papers state, m2",
    "frontage_m": "length of the parcel's boundary that faces a road for vehicles, m",
    "floor_area_m2": "gross floor area of the building to reuse or upgrade, m2",
    "road_distance_m": "from the parcel's edge to the nearest road for vehicles, m",
    "road_class": "class of that road",
    "road_time_min": "drive to the nearest through road, min; inf where no road leads there",
    "road_time_expressway_min": "drive to the nearest junction of an expressway, min",
    "road_time_national_min": "drive to the nearest national road, min", "road_time_provincial_min": "min",
    "road_time_county_min": "min", "road_time_township_min": "min",
    "township_time_min": "drive to the township seat, min",
    "township_walk_min": "walk to the township seat, min; inf beyond the longest walk",
    "bus_stop_walk_min": "walk to the nearest bus stop, min",
    "people_15min": "people of the village within the catchment walk, people",
    "people_share_15min": "the same as share of the village's people, 0..1",
    "people_all_15min": "people of any village within the catchment walk, people",
    "mean_walk_min": "mean walk of the village's residents who can reach it, min; inf where nobody can",
    "worst_walk_min": "longest walk from a natural village of the village, min; inf where one cannot reach it",
    "reached_share": "share of the village's people who can reach it at all, 0..1",
    "facilities_10min": "kinds of public facility within the near walk, kinds",
    "facilities_5min": "kinds within half of it, kinds",
    "facilities_15min": "kinds within one and a half of it, kinds",
    "school_walk_min": "walk to the nearest kindergarten or primary school, min",
    "kindergarten_walk_min": "min", "primary_school_walk_min": "min", "clinic_walk_min": "min", "shop_walk_min": "min",
    "police_walk_min": "min", "elderly_care_walk_min": "min",
    "slope_deg": "mean slope over the parcel, degrees",
    "slope_cells": "area of the parcel in cells of the terrain; below 1 the slope is that of the ground around it",
    "relief_m": "difference between the highest and the lowest ground within 20 ha around it, m",
    "hazard_distance_m": "from the parcel's edge to the nearest hazard area, m",
    "land_class_fit": "suitable, conditional, farmland or unsuitable, by the land class code",
}
"""Raw measures. NaN is unknown; inf is unreachable."""

VILLAGE_COLUMNS = {
    "village_code": "", "village_name": "", "township_code": "", "township_name": "",
    "population": "people", "households": "households",
    "venue": "none, below_standard, adequate or unknown",
    "venue_lacks": "what a venue below standard lacks: floor_area, courtyard, joined by ;",
    "candidates": "how many", "passing": "how many pass every gate", "verifying": "how many wait for a paper",
    "best_candidate": "id of the first-ranked; missing where every site fails",
    "best_score": "its score",
    "nearest_venue_min": "walk of the mean resident to the nearest adequate venue, min; inf where none can be reached",
    "people_covered_15min": "people of the village within the catchment walk of any adequate venue",
    "collective_income_yuan": "income of the village collective in a year, yuan, as the county states it",
    "village_class": "advanced, middle or lagging, as the township sorts its villages",
}


NOTHING = "∅"
"""Value of evidence where the field is empty or the layer is not there."""


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence behind a verdict. Its sentence stands in ``data/words/*/evidence.toml`` under ``<gate>.<reason>``."""

    gate: str
    verdict: str
    reason: str
    layer: str
    """Role of the layer it was read from."""
    field: str
    """Standard column or field of the file."""
    value: str
    """What stands there, as text; `NOTHING` where the layer says nothing."""
    clause: str
    paper: str | None = None
    """The paper that would settle it: key of ``evidence.papers``; None where nothing is missing."""
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """The outcome for one county under one scenario. Same county, same scenario: the same study, bit for bit.

    `candidates` (GeoDataFrame, county CRS) holds `CANDIDATE_COLUMNS`, `MEASURES`, `gate_<id>` (missing where the gate does not
    apply), `reason_<id>`; `values` and `contributions` have the same index and a column per criterion: value 0..1 (NaN
    unknown) and points of the score (they sum to it). `villages` holds `VILLAGE_COLUMNS` and limits.
    """

    county_name: str
    county_code: str | None
    scenario: Scenario
    candidates: gpd.GeoDataFrame
    values: pd.DataFrame
    villages: gpd.GeoDataFrame
    not_assessed: Mapping[str, tuple[str, ...]]
    """Criterion or gate id -> roles of the layers whose lack is the reason."""
    unassigned: int
    """Candidates that lie in no village."""
    notes: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """What limits the figures: key of ``criteria.note`` -> how many candidates it concerns."""
    seconds: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Seconds per step; the one thing that differs between two equal runs."""
    road_review: RoadReview | None = dataclasses.field(default=None, compare=False, repr=False)
    """The roads as the study used them, for gaps and parts; None without a network."""

    @property
    def road_gaps(self) -> pd.DataFrame | None:
        """Suspected gaps between roads (`geo.road_review.GAP_COLUMNS`), found when first asked for; None without a network."""
        return None if self.road_review is None else self.road_review.gaps

    @property
    def road_parts(self) -> pd.DataFrame | None:
        """Parts of the network that do not hang together (`PART_COLUMNS`), reckoned when first asked for."""
        return None if self.road_review is None else self.road_review.parts

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """Points of the score by criterion, reckoned when first asked for: a change of weights need not wait for them."""
        from geo.score import contributions_of

        return contributions_of(self.values, {criterion.id: criterion.weight for criterion in self.scenario.criteria})

    @cached_property
    def standing(self) -> Standing:
        """What the ranks rest on besides the scores, kept for the next change of weights."""
        return standing_of(self.candidates)
