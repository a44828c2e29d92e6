"""What a planner has on the desk of the Plan page: wishes, sites set by hand, the plan, the one before. It lives in the session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import streamlit as st

from geo.choice import Objective, Quota
from geo.planning import Plan, PlanRules

_DESK = "cz_plan_desk"

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


def desk(about: tuple) -> Desk:
    """The desk for this county and these weights; a fresh one for another county, a cleared one for other weights."""
    kept = st.session_state.get(_DESK)
    if kept is None or kept.about[0] != about[0]:
        kept = Desk(about)
    elif kept.about != about:
        kept = Desk(about, wishes=kept.wishes, fixed=kept.fixed, excluded=kept.excluded)
    st.session_state[_DESK] = kept
    return kept


def put(changed: Desk) -> Desk:
    """Keep a changed desk in the session."""
    st.session_state[_DESK] = changed
    return changed


def ask(**changes: object) -> None:
    """Change the desk and have the plan solved anew at the next run."""
    put(replace(st.session_state[_DESK], asked=True, **changes))


def fix(site_id: str, of_village: Iterable[str]) -> None:
    """Set a site by hand; other sites of its village that were set are let go."""
    kept = st.session_state[_DESK]
    others = set(of_village)
    ask(fixed=(*(item for item in kept.fixed if item not in others), site_id),
        excluded=tuple(item for item in kept.excluded if item != site_id))


def forbid(site_id: str) -> None:
    """Exclude a site by hand."""
    kept = st.session_state[_DESK]
    ask(fixed=tuple(item for item in kept.fixed if item != site_id),
        excluded=(*(item for item in kept.excluded if item != site_id), site_id))


def rules_of(wishes: Wishes, base: PlanRules, villages: gpd.GeoDataFrame, *, fixed: tuple[str, ...] = (),
             excluded: tuple[str, ...] = ()) -> PlanRules:
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
    return replace(base, choice=choice, neighbours=neighbours)


def bordering(villages: gpd.GeoDataFrame) -> tuple[tuple[str, str], ...]:
    """Pairs of villages whose limits touch, each once, of which at least one has no venue; those without limits are in none."""
    areas = villages[villages.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()].reset_index(drop=True)
    one, two = areas.sindex.query(areas.geometry, predicate="intersects")
    lacking = (areas["venue"] == "none").to_numpy()
    use = (one < two) & (lacking[one] | lacking[two])
    codes = areas["village_code"].to_numpy(object)
    order = np.lexsort((two[use], one[use]))
    return tuple((str(codes[a]), str(codes[b])) for a, b in zip(one[use][order], two[use][order], strict=True))
