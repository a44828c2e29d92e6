"""What a choice yields: sites by village, who walks where, cost by source, coverage, and how far it is proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.choice.formulate import Costs, Formulation
from geo.choice.instance import Instance
from geo.choice.rules import Objective, Rules

STEPS_MIN = (5.0, 10.0, 15.0, 30.0)
"""Walks in minutes at which coverage is told."""


@dataclass(frozen=True)
class Stage:
    """One objective as solved: its value, a bound no plan under the same rules can pass, and their distance.

    `objective` is None for the weighted sum of all. `gap` is the distance as share of the value: 0 where proven best. `status` is
    optimal or time_limit.
    """

    objective: Objective | None
    value: float
    bound: float
    gap: float
    status: str


@dataclass(frozen=True)
class Coverage:
    """People served by a set of open venues. ``people = served + out_of_reach``; nobody counts twice.

    `within` gives people by walk in minutes. `mean_walk_min` and `worst_walk_min` are over the served, NaN where nobody is;
    `worst_point` is the demand point that walks longest, -1 none.
    """

    people: float
    served: float
    out_of_reach: float
    within: Mapping[float, float]
    person_min: float
    mean_walk_min: float
    worst_walk_min: float
    worst_point: int


@dataclass(frozen=True)
class Choice:
    """One plan.

    Attributes
    ----------
    instance, rules
        What it was chosen from and by.
    opened : ndarray of bool
        Sites that carry a venue, existing ones included.
    built : tuple of str
        Ids of the sites newly built, bought or upgraded, in the instance's order.
    villages : DataFrame
        One row per village: `village_code`, `village_name`, `township_code`, `township_name`, `need`, `site_id` (missing: none),
        `venue` (own, shared, none; *own* also where an existing venue stays), `host_code` (village whose venue it shares),
        `cost_yuan`, `people`, `served`, `mean_walk_min`, `worst_walk_min`.
    visits : DataFrame
        Who walks where: `point`, `site` (positions), `people`, `minutes`.
    stages : tuple of Stage
        Objectives in the order they were solved.
    coverage, before : Coverage
        With the plan, and with the existing venues alone.
    cost_yuan : Mapping
        `cost`, `subsidy`, `village`, `other`; NaN where the cost of a chosen site is not known.
    permitted : int
        Sites that the rules allow at all.
    seconds : float
    hosts : tuple of (str, str)
        Villages that share another's venue, and its site.
    """

    instance: Instance
    rules: Rules
    opened: np.ndarray
    built: tuple[str, ...]
    villages: pd.DataFrame
    visits: pd.DataFrame
    stages: tuple[Stage, ...]
    coverage: Coverage
    before: Coverage
    cost_yuan: Mapping[str, float]
    permitted: int
    seconds: float
    hosts: tuple[tuple[str, str], ...] = ()

    @property
    def proven(self) -> bool:
        """Whether no other plan under the same rules can be better."""
        return all(stage.status == "optimal" for stage in self.stages)

    def value(self, kind: str) -> float:
        """Value of an objective's kind for this plan, sought or not (cover: as in the first such objective, or 15 min)."""
        limit = next((o.limit_min for o in self.rules.objectives if o.kind == "cover"), 15.0)
        return value_of(self, Objective(kind, limit_min=limit))


def choice_of(form: Formulation, opened: np.ndarray, hosts: Mapping[int, int], visits: pd.DataFrame, *,
              stages: tuple[Stage, ...] = ()) -> Choice:
    """The plan that opens these sites: `hosts` gives a guest village's site, `visits` say who walks where."""
    instance = form.instance
    built = opened & ~instance.existing
    codes, ids = instance.villages["village_code"].to_numpy(object), instance.sites["site_id"].to_numpy(object)
    return Choice(
        instance=instance, rules=form.rules, opened=opened, built=tuple(ids[built]),
        villages=village_table(instance, opened, hosts, visits, form.costs), visits=visits, stages=stages,
        coverage=coverage_of(instance, visits), before=coverage_of(instance, nearest_visits(instance, instance.existing)),
        cost_yuan={name: float(getattr(form.costs, name)[built].sum()) for name in ("cost", "subsidy", "village", "other")},
        permitted=int((form.permitted & form.counted).sum()), seconds=0.0,
        hosts=tuple((str(codes[village]), str(ids[site])) for village, site in sorted(hosts.items())),
    )


def value_of(choice: Choice, objective: Objective) -> float:
    """Value of an objective for a plan, in its unit: points, people, person-minutes, minutes, venues, yuan, sites."""
    built = choice.opened & ~choice.instance.existing
    if objective.kind == "score":
        return float(choice.instance.sites["score"].to_numpy(float)[built].sum())
    if objective.kind == "cover":
        near = choice.visits["minutes"] <= objective.limit_min
        return float(choice.visits["people"][near].sum())
    if objective.kind == "changes":
        like = choice.instance.sites["site_id"].isin(choice.rules.like).to_numpy() & ~choice.instance.existing
        return float((built != like).sum())
    return {"walk": choice.coverage.person_min, "worst_walk": choice.coverage.worst_walk_min, "venues": float(built.sum()),
            "cost": choice.cost_yuan["cost"]}[objective.kind]


def nearest_visits(instance: Instance, opened: np.ndarray) -> pd.DataFrame:
    """Everybody walks to the nearest open site: `point`, `site`, `people`, `minutes`; points that reach none are not in it."""
    times = instance.times
    there = np.flatnonzero(opened[times.site] & (instance.people > 0)[times.point])
    point, first = np.unique(times.point[there], return_index=True)
    pair = there[first]
    return pd.DataFrame({"point": point, "site": times.site[pair], "people": instance.people[point],
                         "minutes": times.minutes[pair]})


def coverage_of(instance: Instance, visits: pd.DataFrame) -> Coverage:
    """Coverage by who walks where (people, minutes).

    Examples
    --------
    >>> visits = pd.DataFrame({"point": [0], "site": [0], "people": [10.0], "minutes": [4.0]})
    >>> class Two:
    ...     people = np.array([10.0, 5.0])
    >>> coverage_of(Two, visits).out_of_reach
    5.0
    """
    people, minutes = visits["people"].to_numpy(float), visits["minutes"].to_numpy(float)
    total, served = float(instance.people.sum()), float(people.sum())
    person_min = float(people @ minutes)
    some = served > 0
    worst = int(np.argmax(minutes)) if some else -1
    return Coverage(
        people=total, served=served, out_of_reach=max(total - served, 0.0),
        within={limit: float(people[minutes <= limit].sum()) for limit in STEPS_MIN}, person_min=person_min,
        mean_walk_min=person_min / served if some else np.nan, worst_walk_min=float(minutes[worst]) if some else np.nan,
        worst_point=int(visits["point"].iloc[worst]) if some else -1,
    )


def village_table(instance: Instance, opened: np.ndarray, hosts: Mapping[int, int], visits: pd.DataFrame,
                  costs: Costs) -> pd.DataFrame:
    """One row per village: its venue, its cost, and how its people walk; `hosts` gives a guest village's site."""
    villages = instance.villages[["village_code", "village_name", "township_code", "township_name", "need"]].reset_index(drop=True)
    ids, of = instance.sites["site_id"].to_numpy(object), instance.site_village
    # a newly built site stands before an existing one in the same village
    chosen = sorted(np.flatnonzero(opened), key=lambda site: (bool(instance.existing[site]), site))
    own: dict[int, int] = {}
    for site in chosen:
        own.setdefault(int(of[site]), int(site))
    site_of = [own.get(village, hosts.get(village, -1)) for village in range(len(villages))]
    shared = [village not in own and village in hosts for village in range(len(villages))]
    codes = villages["village_code"].to_numpy(object)
    table = villages.assign(
        site_id=pd.array([ids[site] if site >= 0 else None for site in site_of], dtype="str"),
        venue=["shared" if s else ("own" if site >= 0 else "none") for s, site in zip(shared, site_of, strict=True)],
        host_code=pd.array([codes[of[site]] if s and of[site] >= 0 else None for s, site in zip(shared, site_of, strict=True)],
                           dtype="str"),
    )
    built = opened & ~instance.existing
    known = of >= 0
    table["cost_yuan"] = np.bincount(of[built & known], costs.cost[built & known], minlength=len(table))
    return table.assign(**_walks(instance, visits, len(table)))


def _walks(instance: Instance, visits: pd.DataFrame, villages: int) -> dict[str, np.ndarray]:
    own = instance.demand_village >= 0
    total = np.bincount(instance.demand_village[own], instance.people[own], minlength=villages)
    village = instance.demand_village[visits["point"].to_numpy(int)]
    known = village >= 0
    people, minutes = visits["people"].to_numpy(float)[known], visits["minutes"].to_numpy(float)[known]
    served = np.bincount(village[known], people, minlength=villages)
    spent = np.bincount(village[known], people * minutes, minlength=villages)
    worst = np.full(villages, -np.inf)
    np.maximum.at(worst, village[known], minutes)
    some = served > 0
    return {"people": total, "served": served, "mean_walk_min": np.where(some, spent / np.where(some, served, 1.0), np.nan),
            "worst_walk_min": np.where(some, worst, np.nan)}
