"""What a planner has on the desk of the Plan page: wishes, sites set by hand, the plan, the one before. It lives in the session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import streamlit as st

from geo.choice import Objective, Quota
from geo.planning import Plan, PlanRules
from geo.what_if import Pin
from ui import state
from ui.state import Session

_DESK = "cz_plan_desk"

STEPS_BACK = 10
"""Changes that can be taken back."""

AIMS: dict[str, tuple[str, ...]] = {
    "cover": ("cover", "walk", "score"), "walk": ("walk", "score"), "worst_walk": ("worst_walk", "walk"),
    "score": ("score", "cover"), "cost": ("cost", "cover", "walk"), "venues": ("venues", "walk"),
}
"""What can be sought on the page, and the objectives it means in order of rank."""

YUAN_PER_WAN = 10_000.0


@dataclass(frozen=True)
class Wishes:
    """What the controls of the page say. `budget_wan` in 10,000 yuan, minutes of walking; None is no limit, or no sharing."""

    aim: str = "cover"
    every_village: bool = True
    budget_wan: float | None = None
    within_min: float = 15.0
    allow_verify: bool = False
    share_min: float | None = None
    most_per_township: int | None = None
    below_standard: str = "may"


@dataclass(frozen=True)
class Note:
    """A sentence of the page: a key under ``plan_page.trial`` and what fills it."""

    key: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Desk:
    """The page's state for one county under one set of weights.

    `about` tells county and weights apart: a plan made for others is not shown as if it were for these. `asked` says that the plan
    is to be solved at the next run. `plan_wishes` are those `plan` was made by. `refused` is the plan without a choice that came of
    rules that contradict each other, `fault` the error where they cannot be used; `plan` is then the last that held.
    """

    about: tuple
    wishes: Wishes = Wishes()
    fixed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    plan: Plan | None = None
    plan_wishes: Wishes | None = None
    previous: Plan | None = None
    refused: Plan | None = None
    fault: Exception | None = None
    asked: bool = False
    mark: str = ""
    """Tells `plan` apart from every other plan of any session: the key for what is drawn from it."""
    pins: tuple[Pin, ...] = ()
    """Places that are no candidates, proposed by hand."""
    pins_made: int = 0
    """Pins proposed so far, so that no name is given twice."""
    note: Note | None = None
    """What the last change on the map came to."""
    turn: int = 0
    """Answers given so far: another one tells the map to put back what was tried out on it."""
    settled: Mapping[str, Any] | None = None
    """The plan of a study that was opened again (`geo.settled`), to be put on the desk in place of one sought anew."""
    past: tuple[Desk, ...] = ()
    """Desks before each change, the last one at the end; themselves without a past."""


def about_of(session: Session) -> tuple:
    """What a plan is about: county, content, standards, and the weights that its scores come from."""
    return (session.stamp, tuple(sorted(state.weights(session).items())))


def desk(about: tuple) -> Desk:
    """The desk for this county and these weights; a fresh one for another county, a cleared one for other weights."""
    kept = st.session_state.get(_DESK)
    if kept is None or kept.about[0] != about[0]:
        kept = Desk(about)
    elif kept.about != about:
        kept = Desk(about, wishes=kept.wishes, fixed=kept.fixed, excluded=kept.excluded, pins=kept.pins, pins_made=kept.pins_made)
    st.session_state[_DESK] = kept
    return kept


def standing(about: tuple) -> Desk | None:
    """The desk if a plan for this county and these weights stands on it, for pages that only look at it."""
    kept = st.session_state.get(_DESK)
    return kept if kept is not None and kept.about == about and kept.plan is not None else None


def kept() -> Desk:
    """The desk as it was last put."""
    return st.session_state[_DESK]


def put(changed: Desk) -> Desk:
    """Keep a changed desk in the session."""
    st.session_state[_DESK] = changed
    return changed


def remembered(kept: Desk) -> Desk:
    """The desk with itself as it stands added to its past, for a change that can be taken back."""
    if kept.plan is None:
        return kept
    now = replace(kept, past=(), asked=False, refused=None, fault=None, note=None)
    return replace(kept, past=(*kept.past, now)[-STEPS_BACK:])


def undo() -> None:
    """Back to the desk before the last change: plan, wishes, pins and what was set by hand."""
    now = kept()
    if now.past:
        put(replace(now.past[-1], past=now.past[:-1], pins_made=now.pins_made, turn=now.turn + 1))


def ask(**changes: object) -> None:
    """Change the desk and have the plan solved anew at the next run."""
    put(replace(remembered(st.session_state[_DESK]), **{"asked": True, "note": None, "settled": None, **changes}))


def fix(site_id: str, of_village: Iterable[str]) -> None:
    """Set a site by hand; other sites of its village that were set are let go."""
    kept = st.session_state[_DESK]
    ask(**_fixed(kept, site_id, of_village))


def _fixed(kept: Desk, site_id: str, let_go: Iterable[str]) -> dict[str, object]:
    others = {*let_go, site_id}
    return {"fixed": (*(item for item in kept.fixed if item not in others), site_id),
            "excluded": tuple(item for item in kept.excluded if item != site_id)}


def propose(lon: float, lat: float, *, let_go: Iterable[str] = (), dropped: str | None = None) -> None:
    """Set a pin by hand at a place in degrees; sites in `let_go` are no longer set, and the pin `dropped` is taken away."""
    kept = st.session_state[_DESK]
    pin = Pin(str(kept.pins_made + 1), lon, lat)
    pins = tuple(one for one in kept.pins if one.site_id != dropped)
    ask(pins=(*pins, pin), pins_made=kept.pins_made + 1, note=Note("pin", {"pin": pin.site_id}),
        **_fixed(kept, pin.site_id, let_go))


def move(site_id: str, let_go: Iterable[str], *, dropped: str | None = None, note: Note) -> None:
    """Set another candidate by hand in place of those in `let_go`; the pin `dropped` is taken away."""
    kept = st.session_state[_DESK]
    ask(pins=tuple(one for one in kept.pins if one.site_id != dropped), note=note, **_fixed(kept, site_id, let_go))


def keep_pins(site_ids: Iterable[str]) -> None:
    """Take away the other pins, with what was set or excluded of them."""
    kept, left = st.session_state[_DESK], set(site_ids)
    gone = {one.site_id for one in kept.pins} - left
    ask(pins=tuple(one for one in kept.pins if one.site_id in left), fixed=tuple(item for item in kept.fixed if item not in gone),
        excluded=tuple(item for item in kept.excluded if item not in gone))


def say_only(note: Note) -> None:
    """Put a sentence on the desk and change nothing else."""
    put(replace(kept(), note=note, turn=kept().turn + 1))


def adopt_plan(taken: Plan, added: Iterable[str], dropped: Iterable[str], mark: str) -> None:
    """Take an alternative for the plan. What it builds otherwise is set by hand, so that later changes start from it."""
    kept = remembered(st.session_state[_DESK])
    gone, new = set(dropped), tuple(added)
    fixed = (*(item for item in kept.fixed if item not in gone and item not in new), *new)
    put(replace(kept, plan=taken, previous=kept.plan, mark=mark, fixed=fixed, refused=None, fault=None, note=None,
                excluded=tuple(item for item in kept.excluded if item not in new)))


def forbid(site_id: str) -> None:
    """Exclude a site by hand."""
    kept = st.session_state[_DESK]
    ask(fixed=tuple(item for item in kept.fixed if item != site_id),
        excluded=(*(item for item in kept.excluded if item != site_id), site_id))


def rules_of(wishes: Wishes, base: PlanRules, villages: gpd.GeoDataFrame, *, fixed: tuple[str, ...] = (),
             excluded: tuple[str, ...] = (), pins: tuple[Pin, ...] = ()) -> PlanRules:
    """The rules that the controls and the sites set by hand mean, on the county's own (`base`).

    Objectives are the county's own with another time limit where they begin with the same aim. Where two villages may share and the
    county's rules name no consenting neighbours, all villages whose limits touch are taken to consent.

    Raises
    ------
    RulesError
        For wishes that are no rules.
    """
    own, fewest = base.choice, wishes.aim == "venues"
    if own.objectives[0].kind == wishes.aim and own.combine == "lexicographic":
        objectives = tuple(replace(objective, limit_min=wishes.within_min) for objective in own.objectives)
    else:
        objectives = tuple(Objective(kind, limit_min=wishes.within_min) for kind in AIMS[wishes.aim])
    choice = replace(
        own, objectives=objectives, combine="lexicographic",
        quotas=own.quotas if wishes.most_per_township is None else (Quota(maximum=int(wishes.most_per_township)),),
        per_village="each" if wishes.every_village and not fewest else "at_most",
        cover_all_within_min=wishes.within_min if fewest else own.cover_all_within_min,
        budget_yuan=own.budget_yuan if wishes.budget_wan is None else wishes.budget_wan * YUAN_PER_WAN,
        share_walk_min=own.share_walk_min if wishes.share_min is None else wishes.share_min,
        allow_verify=wishes.allow_verify, below_standard=wishes.below_standard,
        fixed=tuple(dict.fromkeys((*own.fixed, *fixed))),
        excluded=tuple(item for item in dict.fromkeys((*own.excluded, *excluded)) if item not in fixed),
    )
    neighbours = base.neighbours
    if wishes.share_min is not None and not neighbours:
        neighbours = bordering(villages)
    return replace(base, choice=choice, neighbours=neighbours, pins=(*base.pins, *pins))


def bordering(villages: gpd.GeoDataFrame) -> tuple[tuple[str, str], ...]:
    """Pairs of villages whose limits touch, each once, of which at least one has no venue; those without limits are in none."""
    areas = villages[villages.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()].reset_index(drop=True)
    one, two = areas.sindex.query(areas.geometry, predicate="intersects")
    lacking = (areas["venue"] == "none").to_numpy()
    use = (one < two) & (lacking[one] | lacking[two])
    codes = areas["village_code"].to_numpy(object)
    order = np.lexsort((two[use], one[use]))
    return tuple((str(codes[a]), str(codes[b])) for a, b in zip(one[use][order], two[use][order], strict=True))
