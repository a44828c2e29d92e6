"""What can be changed about a site, and what each change does to the facts that the gates and the measures read.

An action writes into a `Ground`: the facts as the gates would read them after it, and the measures as they would be scored. Both
are kept apart, since a consent lets a gate pass but does not make the villager group's land the village's. A paper is taken to say
what is needed: what is promised is the verdict *if* it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.fit import yard_needed_m2
from geo.scenario import FAIL, Scenario

NOT_ONE_UNIT = 1e-6
"""Amounts are rounded up to whole units; what exceeds one by less than this is rounding of coordinates."""


@dataclass
class Ground:
    """The facts of some candidates while steps are tried on them; its frames are its own."""

    judged: pd.DataFrame
    measured: pd.DataFrame
    scenario: Scenario
    measured_ownership: bool
    """Whether shares of ownership are measured on polygons."""

    def get(self, at: np.ndarray, column: str) -> np.ndarray:
        """Numbers of a column at some positions."""
        return self.judged[column].to_numpy("float64")[at]

    def text(self, at: np.ndarray, column: str) -> np.ndarray:
        """Texts of a column at some positions, missing as NaN."""
        return self.judged[column].to_numpy(dtype=object)[at]

    def set(self, at: np.ndarray, column: str, value: object, *, scored: bool = True) -> None:
        """Write a fact at some positions; `scored` says whether the measure of that name changes too."""
        for frame in (self.judged, self.measured) if scored else (self.judged,):
            if column in frame.columns and len(at):
                frame.iloc[at, frame.columns.get_loc(column)] = value


def whole_units(amount: np.ndarray) -> np.ndarray:
    """Amounts rounded up to whole units (m2, m)."""
    return np.ceil(np.asarray(amount, dtype="float64") - NOT_ONE_UNIT)


# ------------------------------------------------------------------------------------------------------------- ownership
def _title(ground: Ground, at: np.ndarray) -> None:
    """A certificate of collective ownership in the village's name."""
    level = ground.text(at, "owner_level")
    named = np.where(np.isin(level.astype(str), ("villager_group", "township", "other_collective")), level, "village")
    ground.set(at, "owner_level", named)
    ground.set(at, "evidence_strength", "title")
    ground.set(at, "owner_unit", "own", scored=False)
    unmeasured = at[np.isnan(ground.get(at, "collective_share"))] if ground.measured_ownership else at
    ground.set(unmeasured, "collective_share", 1.0)


def _decision(ground: Ground, at: np.ndarray) -> None:
    """The registry confirms that the land is the village's own; polygons that said otherwise are drawn anew."""
    ground.set(at, "owner_conflict", None, scored=False)
    for column, value in (("owner_level", "village"), ("evidence_strength", "title"), ("collective_share", 1.0)):
        ground.set(at, column, value)
    for column in ("owner_unit", "polygon_unit"):
        ground.set(at, column, "own", scored=False)
    if ground.measured_ownership:
        ground.set(at, "polygon_collective_share", 1.0, scored=False)


def _consent(ground: Ground, at: np.ndarray) -> None:
    """The owner consents: the gate reads it as the village's land, the score still knows whose it is."""
    for column, value in (("owner_level", "village"), ("owner_unit", "own"), ("polygon_unit", "own"), ("collective_share", 1.0)):
        ground.set(at, column, value, scored=False)


def _village(ground: Ground, at: np.ndarray) -> None:
    """The limits show that the land lies in a village; where the papers name an owner, in that one's."""
    ground.set(at, "village_code", "told", scored=False)
    named = ~pd.isna(ground.text(at, "owner_code")) | ~pd.isna(ground.text(at, "owner_name"))
    ground.set(at[named], "owner_unit", "own", scored=False)
    ground.set(at[named], "collective_share", 1.0, scored=False)


def _boundary(ground: Ground, at: np.ndarray) -> None:
    ground.set(at, "collective_share", 1.0)


def _settle(ground: Ground, at: np.ndarray) -> None:
    """The dispute is settled for the village: no mark, no contested part, no undetermined right."""
    contested = sum(np.nan_to_num(ground.get(at, f"polygon_{mark}_share")) for mark in ("disputed", "undetermined"))
    own = ground.text(at, "polygon_unit") == "own"
    share = ground.get(at, "collective_share")
    ground.set(at, "collective_share", np.where(own, np.minimum(share + contested, 1.0), share))
    for mark in ("disputed", "undetermined"):
        column = f"polygon_{mark}_share"
        ground.set(at[~np.isnan(ground.get(at, column))], column, 0.0, scored=False)
    ground.set(at, "dispute", "no_sign", scored=False)
    open_right = at[ground.text(at, "use_right") == "undetermined"]
    ground.set(open_right, "use_right", "none", scored=False)
    ground.set(open_right, "holder", "collective", scored=False)


def _give_up(ground: Ground, at: np.ndarray) -> None:
    """Whoever holds a right gives it back to the collective."""
    ground.set(at, "use_right", "none", scored=False)
    ground.set(at, "holder", "collective", scored=False)


def _holder(ground: Ground, at: np.ndarray) -> None:
    ground.set(at, "holder", "collective", scored=False)


def _no_dispute(ground: Ground, at: np.ndarray) -> None:
    ground.set(at, "dispute", "no_sign", scored=False)


# ------------------------------------------------------------------------------------------------------- yard and building
def lacking_m2(ground: Ground, at: np.ndarray) -> np.ndarray:
    """Yard that is wanting, m2, by the area that the rule looks at; for new build as much as a house with its yard asks for."""
    rule = ground.scenario.courtyard
    parcel, usable = ground.get(at, "parcel_area_m2"), ground.get(at, "courtyard_m2")
    free = parcel - np.nan_to_num(ground.get(at, "building_area_m2"))
    deciding = usable if rule.basis == "usable" else np.where(np.isnan(parcel), usable, free)
    lacking = rule.min_area_m2 - deciding
    new = ground.text(at, "kind") == "new"
    return whole_units(np.where(new, np.fmax(yard_needed_m2(rule) - usable, lacking), lacking))


def room_for_house(ground: Ground, at: np.ndarray) -> np.ndarray:
    """Where the house itself has room and only its yard is too small: its rectangle is there, on ground that nothing divides."""
    rule = ground.scenario.courtyard
    rectangle = (ground.get(at, "rectangle_m2") >= rule.house_m2) & (ground.get(at, "rectangle_short_m") >= rule.house_min_side_m)
    undivided = ground.get(at, "parcel_area_m2") - ground.get(at, "courtyard_m2") < 1.0
    return rectangle & undivided


def _more_yard(ground: Ground, at: np.ndarray) -> np.ndarray:
    """Land of the same owner is added to the parcel, and the papers state the new area."""
    amount = lacking_m2(ground, at)
    for column in ("house_fits", "house_fits_clear"):
        ground.set(at[room_for_house(ground, at)], column, "yes", scored=False)
    for column in ("parcel_area_m2", "courtyard_m2"):
        ground.set(at, column, ground.get(at, column) + amount)
    known = at[~np.isnan(ground.get(at, "parcel_area_m2"))]
    stated = known[~np.isnan(ground.get(known, "declared_area_m2"))]
    ground.set(stated, "declared_area_m2", ground.get(stated, "parcel_area_m2"))
    return amount


def clearable_m2(ground: Ground, at: np.ndarray) -> np.ndarray:
    """Footprints in m2 that may go: not those of a building to reuse, and none where a venue to upgrade stands."""
    built = np.nan_to_num(ground.get(at, "building_area_m2"))
    kind = ground.text(at, "kind")
    return np.where(kind == "upgrade", 0.0, built - np.where(kind == "reuse", np.nan_to_num(ground.get(at, "footprint_m2")), 0.0))


def _clear(ground: Ground, at: np.ndarray) -> np.ndarray:
    amount = lacking_m2(ground, at)
    ground.set(at, "building_area_m2", ground.get(at, "building_area_m2") - amount)
    ground.set(at, "courtyard_m2", ground.get(at, "courtyard_m2") + amount)
    return amount


def _survey_yard(ground: Ground, at: np.ndarray) -> None:
    """A survey finds the larger of what was measured and stated; where nothing is known, a yard just as asked for."""
    least = ground.scenario.courtyard.min_area_m2
    parcel, declared = ground.get(at, "parcel_area_m2"), ground.get(at, "declared_area_m2")
    yard = ground.get(at, "courtyard_m2")
    said, built = np.fmax(parcel, declared), np.nan_to_num(ground.get(at, "building_area_m2"))
    found = np.where(np.isnan(said), least + built, said)
    roomy = room_for_house(ground, at) & (found >= yard_needed_m2(ground.scenario.courtyard))
    for column in ("house_fits", "house_fits_clear"):
        ground.set(at[roomy], column, "yes", scored=False)
    ground.set(at, "parcel_area_m2", found, scored=False)
    ground.set(at, "declared_area_m2", found, scored=False)
    left = np.where(np.isnan(yard), found - built, yard + found - parcel)
    ground.set(at, "courtyard_m2", left, scored=False)
    surveyed = at[~np.isnan(said)]
    ground.set(surveyed, "courtyard_m2", left[~np.isnan(said)])


def _layout(ground: Ground, at: np.ndarray) -> None:
    """A layout plan shows that a house with its yard stands there."""
    for column in ("house_fits", "house_fits_clear"):
        ground.set(at, column, "yes", scored=False)


def _leave_out(ground: Ground, at: np.ndarray) -> np.ndarray:
    """The parcel gives up the part where building is forbidden; what is left carries the yard."""
    whole, yard = ground.get(at, "parcel_area_m2"), ground.get(at, "courtyard_m2")
    rest = np.minimum(yard + np.nan_to_num(ground.get(at, "building_area_m2")), whole)
    for rule in ground.scenario.restrictions:
        column = f"restriction_share_{rule.kind}"
        share = ground.get(at, column)
        left = np.where(np.isnan(share), np.nan, 0.0) if rule.verdict == FAIL else np.minimum(share * whole / rest, 1.0)
        ground.set(at, column, left, scored=False)
    ground.set(at, "parcel_area_m2", rest)
    stated = at[~np.isnan(ground.get(at, "declared_area_m2"))]
    ground.set(stated, "declared_area_m2", ground.get(stated, "parcel_area_m2"), scored=False)
    return whole_units(whole - rest)


def _extend(ground: Ground, at: np.ndarray) -> np.ndarray:
    """The building grows at ground level, at the cost of the yard."""
    floor = ground.get(at, "floor_area_m2")
    amount = whole_units(ground.scenario.building.min_floor_area_m2 - floor)
    ground.set(at, "floor_area_m2", floor + amount)
    ground.set(at, "building_area_m2", ground.get(at, "building_area_m2") + amount)
    ground.set(at, "courtyard_m2", ground.get(at, "courtyard_m2") - amount)
    return amount


def _survey_floor(ground: Ground, at: np.ndarray) -> None:
    ground.set(at, "floor_area_m2", ground.scenario.building.min_floor_area_m2, scored=False)


# ----------------------------------------------------------------------------------------------------- road and restrictions
def _link(ground: Ground, at: np.ndarray) -> np.ndarray:
    """A road towards the site from the nearest one, until the rest is within what the rule allows."""
    distance = ground.get(at, "road_distance_m")
    amount = whole_units(distance - ground.scenario.road.pass_distance_m)
    ground.set(at, "road_distance_m", distance - amount)
    return amount


def _road(ground: Ground, at: np.ndarray) -> None:
    """A road of unknown length, or a paper that shows there is one: within the rule's distance and leading through."""
    distance = ground.get(at, "road_distance_m")
    near = np.fmin(distance, ground.scenario.road.pass_distance_m)
    ground.set(at, "road_distance_m", near, scored=False)
    ground.set(at, "road_leads_through", True, scored=False)


def _through(ground: Ground, at: np.ndarray) -> None:
    ground.set(at, "road_leads_through", True, scored=False)


def _convert(ground: Ground, at: np.ndarray) -> None:
    ground.set(at, "land_class_fit", "suitable")


def _planning(ground: Ground, at: np.ndarray) -> None:
    """The authority confirms that nothing stands against building: the areas that ask to verify no longer count."""
    for rule in ground.scenario.restrictions:
        column = f"restriction_share_{rule.kind}"
        share = ground.get(at, column)
        mine = (rule.verdict != FAIL) | np.isnan(share)
        ground.set(at[mine], column, 0.0, scored=False)


def _nothing(ground: Ground, at: np.ndarray) -> None:
    """The paper answers the gate itself; no fact that a file holds would change."""


@dataclass(frozen=True)
class Action:
    """A kind of change: what it does, in what unit it is measured, how much it asks."""

    apply: Callable[[Ground, np.ndarray], np.ndarray | None]
    unit: str | None = None
    base: float = 1.0
    """Effort of the step itself: a paper is 1."""
    scale: float = 100.0
    """Units that ask as much again."""


NO_SCORE_AFTER = ("leave_out", "extend_building")
"""Changes that may take from measures which are not known without studying the site anew: frontage, the largest rectangle."""

ACTIONS: Mapping[str, Action] = {
    "bring_title": Action(_title), "bring_decision": Action(_decision, base=2.0), "bring_limits": Action(_village),
    "bring_boundary": Action(_boundary), "owner_consent": Action(_consent, base=1.5),
    "settle_dispute": Action(_settle, base=3.0), "give_up_homestead": Action(_give_up, base=4.0),
    "give_up_contract": Action(_give_up, base=3.0), "give_up_right": Action(_give_up, base=4.0),
    "holder_consent": Action(_holder, base=1.5), "bring_record": Action(_give_up), "bring_holder": Action(_holder),
    "bring_no_dispute": Action(_no_dispute),
    "more_yard": Action(_more_yard, "m2", 1.5), "clear_building": Action(_clear, "m2", 2.0),
    "survey_yard": Action(_survey_yard), "bring_layout": Action(_layout, base=1.5),
    "leave_out": Action(_leave_out, "m2", 1.5, 1000.0),
    "extend_building": Action(_extend, "m2", 3.0), "survey_floor": Action(_survey_floor),
    "road_link": Action(_link, "m", 3.0), "road_new": Action(_road, base=20.0), "road_paper": Action(_road),
    "road_through": Action(_through, base=3.0), "convert_land": Action(_convert, base=3.0),
    "check_class": Action(_convert), "planning_consent": Action(_planning), "bring_paper": Action(_nothing),
}
"""Every kind of change by its id."""


def effort_of(action: str, amount: float) -> float:
    """How much a step asks, for ordering plans only: a paper is 1, 100 m2 of yard or 100 m of road add 1."""
    rule = ACTIONS[action]
    return rule.base if np.isnan(amount) else rule.base + amount / rule.scale
