"""Plans nearly as good that differ in a stated way, and who gains and loses between two plans. People and minutes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.choice.formulate import Formulation
from geo.choice.instance import Instance
from geo.choice.plan import Choice, value_of
from geo.choice.program import Program
from geo.choice.rules import Objective, Rules
from geo.choice.solve import NoPlanError, NoPlanInTimeError, choose

WAYS = ("other_site", "other_village", "other_township", "cheaper", "fairer")
"""How an alternative differs: another site in a stated village, as few other sites changed as can be; venues in other villages;
another number of venues per township; the cheapest; the one with the shortest longest walk."""

SAME_MIN = 1e-6
"""Walks that differ by less than this are the same."""


@dataclass(frozen=True)
class Alternative:
    """A plan that differs in a stated way.

    `loss` is the share of the first objective's value given up (0: as good; negative: better, which needs an unproven first plan).
    `about` names what differs: the village, villages or townships by code. `choice` is None where no plan within the stated loss
    differs that way.
    """

    way: str
    choice: Choice | None
    loss: float
    about: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Who gains and who loses from plan A to plan B.

    People by what happens to them; a person whom only one of the plans serves is *newly served* or *no longer served* and counts
    in no minutes. `gained_min` and `lost_min` are person-minutes. `worst_a`, `worst_b` name the demand point with the longest walk
    in each plan (-1 none) with its village and minutes. `villages` has a row per village: `village_code`, `gain_people`,
    `lose_people`, `minutes_a`, `minutes_b` (mean of those served by both), `newly_served`, `no_longer_served`, `site_a`, `site_b`.
    """

    people: float
    gain: float
    lose: float
    same: float
    newly_served: float
    no_longer_served: float
    served_by_neither: float
    gained_min: float
    lost_min: float
    worst_a: tuple[int, str | None, float]
    worst_b: tuple[int, str | None, float]
    hardest_hit: tuple[int, str | None, float]
    """The demand point whose walk grows most, its village, and by how many minutes (-1 where nobody's does)."""
    cost_yuan: tuple[float, float]
    villages: pd.DataFrame


def near_best(choice: Choice, *, loss: float = 0.02, ways: Sequence[str] = WAYS, village_code: str | None = None,
              time_limit_s: float = 30.0) -> tuple[Alternative, ...]:
    """Alternatives within a stated loss of a plan's first objective, each the best of its way.

    Parameters
    ----------
    choice : Choice
        The plan to stand beside.
    loss : float
        Share of the first objective's value that may be given up, 0..1.
    ways : sequence of str
        Of `WAYS`.
    village_code : str, optional
        For *other_site*: the village whose site is to be another; the one whose people walk longest unless given.
    time_limit_s : float
        For all of them together.

    Returns
    -------
    tuple of Alternative
        In the order of `ways`; `choice` None where there is no such plan.

    Raises
    ------
    ValueError
        For a way there is not, or a village without a site of its own in the plan.
    """
    odd = sorted(set(ways) - set(WAYS))
    if odd:
        raise ValueError(f"an alternative differs by one of {', '.join(WAYS)}, not {', '.join(odd)}")
    if not 0 <= loss <= 1:
        raise ValueError(f"a loss is a share from 0 to 1, not {loss}")
    return tuple(_alternative(choice, way, loss, village_code, time_limit_s / max(len(ways), 1)) for way in ways)


def _alternative(choice: Choice, way: str, loss: float, village_code: str | None, time_limit_s: float) -> Alternative:
    rules = choice.rules
    if way in ("cheaper", "fairer"):
        aim = Objective("cost" if way == "cheaper" else "worst_walk")
        first = dataclasses.replace(rules.objectives[0], give_up=min(loss, 0.999999))
        if rules.combine == "weighted" and len(rules.objectives) > 1:
            return _differing(choice, way, loss, rules, None, (), time_limit_s)
        # of all plans as cheap (or as fair) the one that changes the fewest sites
        objectives = (first, *((aim,) if aim.kind != first.kind else ()), Objective("changes"))
        changed = dataclasses.replace(rules, objectives=objectives, like=choice.built)
        return _differing(choice, way, loss, changed, None, (), time_limit_s)
    extra, about = _difference(choice, way, village_code)
    if extra is None:
        return Alternative(way, None, np.nan, about)
    return _differing(choice, way, loss, _alike(choice, loss) if way == "other_site" else rules, extra, about, time_limit_s)


def _alike(choice: Choice, loss: float) -> Rules:
    """Rules of a plan within a loss that moves as few venues as can be; of several the one with the best score, where known.

    A weighted sum is one objective, and has no loss that could be set aside for fewer changes: its own best plan is sought.
    """
    rules = choice.rules
    if rules.combine == "weighted" and len(rules.objectives) > 1:
        return rules
    first = dataclasses.replace(rules.objectives[0], give_up=min(loss, 0.999999))
    unscored = choice.instance.sites["score"].isna().to_numpy() & ~choice.instance.existing
    last = rules.objectives[0] if first.kind == "score" or unscored.any() else Objective("score")
    return dataclasses.replace(rules, objectives=(first, Objective("changes"), last), like=choice.built)


def _differing(choice: Choice, way: str, loss: float, rules: Rules, extra: Callable[[Program, Formulation], None] | None,
               about: tuple[str, ...], time_limit_s: float) -> Alternative:
    try:
        found = choose(choice.instance, rules, time_limit_s=time_limit_s, extra=extra)
    except (NoPlanError, NoPlanInTimeError):
        return Alternative(way, None, np.nan, about)
    given_up = _loss(choice, found)
    improves = {"cheaper": lambda: found.cost_yuan["cost"] < choice.cost_yuan["cost"] - 1e-6,
                "fairer": lambda: found.coverage.worst_walk_min < choice.coverage.worst_walk_min - SAME_MIN}
    if given_up > loss + 1e-9 or (way in improves and not improves[way]()):
        return Alternative(way, None, np.nan, about)
    if way == "other_village":
        about = _changed(choice, found, "village_code")
    elif way == "other_township":
        about = _changed(choice, found, "township_code")
    return Alternative(way, found, given_up, about)


def _loss(choice: Choice, other: Choice) -> float:
    """Share of the first objective's value that the other plan gives up; a weighted sum counts whole."""
    if choice.rules.combine == "weighted" and len(choice.rules.objectives) > 1:
        mine, its = choice.stages[0].value, other.stages[0].value
        return (its - mine) / max(abs(mine), 1e-12)
    objective = choice.rules.objectives[0]
    mine = choice.stages[0].value
    return objective.sign * (value_of(other, objective) - mine) / max(abs(mine), 1e-12)


def _difference(choice: Choice, way: str, village_code: str | None) -> tuple[Callable | None, tuple[str, ...]]:
    """Rows that make a plan differ; None where it cannot under its rules."""
    instance, built = choice.instance, choice.opened & ~choice.instance.existing
    village = instance.site_village
    if way == "other_site":
        code = village_code if village_code is not None else _worst_village(choice)
        here = np.flatnonzero(built & (instance.sites["village_code"] == code).to_numpy(bool))
        if not len(here):
            if village_code is not None:
                raise ValueError(f"village {village_code} has no site of its own in this plan")
            return None, ()
        return _forbid(here), (str(code),)
    if way == "other_village":
        places = np.unique(village[built & (village >= 0)])
        return (_fewer_of(np.isin(village, places) & ~instance.existing, len(places)), ()) if len(places) else (None, ())
    codes = instance.villages["township_code"].astype(str).to_numpy(object)
    township = np.append(codes, "")[village]
    return _another_count(township, built), ()


def _forbid(sites: np.ndarray) -> Callable[[Program, Formulation], None]:
    def add(program: Program, form: Formulation) -> None:
        program.add_rows(np.arange(len(sites)), sites, 1.0, count=len(sites), upper=0.0)
    return add


def _fewer_of(sites: np.ndarray, villages: int) -> Callable[[Program, Formulation], None]:
    """At least one of the villages has no venue of its own any more."""
    def add(program: Program, form: Formulation) -> None:
        program.add_row(np.flatnonzero(sites), 1.0, upper=villages - 1)
    return add


def _another_count(township: np.ndarray, built: np.ndarray) -> Callable[[Program, Formulation], None]:
    """The number of venues is another in at least one township: more than now, or fewer."""
    def add(program: Program, form: Formulation) -> None:
        names = sorted(set(township[form.counted]) - {""})
        most = int(form.counted.sum())
        changed = program.add_columns(2 * len(names), integer=True)
        for place, name in enumerate(names):
            here = np.flatnonzero(form.counted & (township == name))
            now = int(built[here].sum())
            more, fewer = changed[2 * place], changed[2 * place + 1]
            program.add_row(np.append(here, more), np.append(np.ones(len(here)), -(now + 1.0)), lower=0.0)
            program.add_row(np.append(here, fewer), np.append(np.ones(len(here)), float(most - now + 1)), upper=float(most))
        program.add_row(changed, 1.0, lower=1.0)
    return add


def _worst_village(choice: Choice) -> str | None:
    """The village with a site of its own whose people walk longest."""
    built = set(choice.built)
    own = choice.villages[choice.villages["site_id"].isin(built) & choice.villages["worst_walk_min"].notna()]
    if own.empty:
        return None
    return str(own.sort_values(["worst_walk_min", "village_code"], ascending=[False, True])["village_code"].iloc[0])


def _changed(choice: Choice, other: Choice, column: str) -> tuple[str, ...]:
    """Villages or townships whose number of venues differs."""
    def counts(plan: Choice) -> pd.Series:
        built = plan.opened & ~plan.instance.existing
        codes = np.append(plan.instance.villages[column].astype(str).to_numpy(object), "")
        return pd.Series(codes[plan.instance.site_village[built]]).value_counts()

    one, two = counts(choice), counts(other)
    every = sorted((set(one.index) | set(two.index)) - {""})
    return tuple(code for code in every if one.get(code, 0) != two.get(code, 0))


def compare(plan_a: Choice, plan_b: Choice) -> Comparison:
    """Who gains and who loses when plan B takes the place of plan A, in people and minutes; everybody is in exactly one group.

    Raises
    ------
    ValueError
        When the plans are not about the same people.
    """
    instance = plan_a.instance
    if len(instance.demand) != len(plan_b.instance.demand) or not np.array_equal(instance.people, plan_b.instance.people):
        raise ValueError("the plans are not about the same people; compare plans of one instance")
    people = instance.people
    (served_a, mean_a), (served_b, mean_b) = _by_point(plan_a), _by_point(plan_b)
    both = np.minimum(served_a, served_b)
    change = np.where(both > 0, mean_b - mean_a, 0.0)
    gain, lose = both * (change < -SAME_MIN), both * (change > SAME_MIN)
    newly, gone = np.maximum(served_b - served_a, 0.0), np.maximum(served_a - served_b, 0.0)
    hit = int(np.argmax(np.where(lose > 0, change, -np.inf))) if (lose > 0).any() else -1
    return Comparison(
        people=float(people.sum()), gain=float(gain.sum()), lose=float(lose.sum()), same=float((both - gain - lose).sum()),
        newly_served=float(newly.sum()), no_longer_served=float(gone.sum()),
        served_by_neither=float((people - np.maximum(served_a, served_b)).sum()),
        gained_min=float(-(gain * change).sum()), lost_min=float((lose * change).sum()),
        worst_a=_point(instance, plan_a.coverage.worst_point, plan_a.coverage.worst_walk_min),
        worst_b=_point(instance, plan_b.coverage.worst_point, plan_b.coverage.worst_walk_min),
        hardest_hit=_point(instance, hit, float(change[hit]) if hit >= 0 else np.nan),
        cost_yuan=(plan_a.cost_yuan["cost"], plan_b.cost_yuan["cost"]),
        villages=_by_village(plan_a, plan_b, both, mean_a, mean_b, gain, lose, newly, gone),
    )


def _by_point(plan: Choice) -> tuple[np.ndarray, np.ndarray]:
    """People served at each point, and the mean minutes of their walk (0 where nobody is)."""
    points = len(plan.instance.demand)
    point, people = plan.visits["point"].to_numpy(int), plan.visits["people"].to_numpy(float)
    served = np.bincount(point, people, minlength=points)
    spent = np.bincount(point, people * plan.visits["minutes"].to_numpy(float), minlength=points)
    return served, np.where(served > 0, spent / np.where(served > 0, served, 1.0), 0.0)


def _point(instance: Instance, point: int, minutes: float) -> tuple[int, str | None, float]:
    if point < 0:
        return -1, None, np.nan
    village = instance.demand_village[point]
    return point, str(instance.villages["village_code"].iloc[village]) if village >= 0 else None, minutes


def _by_village(plan_a: Choice, plan_b: Choice, both, mean_a, mean_b, gain, lose, newly, gone) -> pd.DataFrame:
    instance = plan_a.instance
    own, count = instance.demand_village >= 0, len(instance.villages)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(instance.demand_village[own], values[own], minlength=count)

    people = total(both)
    some = people > 0
    share = np.where(some, people, 1.0)
    return pd.DataFrame({
        "village_code": instance.villages["village_code"].to_numpy(object), "gain_people": total(gain), "lose_people": total(lose),
        "minutes_a": np.where(some, total(both * mean_a) / share, np.nan),
        "minutes_b": np.where(some, total(both * mean_b) / share, np.nan),
        "newly_served": total(newly), "no_longer_served": total(gone),
        "site_a": plan_a.villages["site_id"].to_numpy(object), "site_b": plan_b.villages["site_id"].to_numpy(object),
    })
