"""Plans nearly as good as the best one, as plans of the county: sought, compared, and taken in its place. People, minutes, yuan."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.choice.alternatives import WAYS, Alternative, compare, near_best
from geo.choice.plan import Choice, Stage, value_of
from geo.inputs import CountyLike, GeoError
from geo.planning import Adopted, Plan, with_choice

ADOPTED = "adopted"
"""Status of the one stage of an adopted plan: nothing is proven of it but how far it is from the best."""

ALTERNATIVE_COLUMNS = (
    "way", "found", "about", "loss", "built", "cost_yuan", "cost_change_yuan", "people_15min", "worst_walk_min",
    "worst_village_code", "gain_people", "gained_person_min", "lose_people", "lost_person_min", "newly_served", "no_longer_served",
    "sites_added", "sites_dropped",
)
"""Columns of `alternatives_table`: one row a way; only the first three are known where no plan within the loss differs that way."""


class NoAlternative(GeoError, ValueError):
    """There is no such plan to adopt."""


def with_alternatives(found: Plan, *, ways: Sequence[str] = WAYS, village_code: str | None = None,
                      time_limit_s: float = 30.0) -> Plan:
    """The plan with those nearly as good beside it, within the loss its rules state; one without a choice as it is.

    Parameters
    ----------
    found : Plan
    ways : sequence of str
        Of `geo.choice.alternatives.WAYS`.
    village_code : str, optional
        Whose site is to be another, for *other_site*; unless given, or where it has no site of its own, the village whose people
        walk longest.
    time_limit_s : float
        For all of them together.
    """
    if found.choice is None or found.adopted is not None:
        return found
    own = found.villages[found.villages["decision"].eq("own").to_numpy(bool)]
    code = village_code if village_code in set(own["village_code"]) else None
    plans = near_best(found.choice, loss=found.rules.alternatives_loss, ways=ways, village_code=code, time_limit_s=time_limit_s)
    return dataclasses.replace(found, alternatives=plans)


def adopt(county: CountyLike, found: Plan, other: Alternative) -> Plan:
    """The alternative as the county's plan, with its own coverage and rows, without details.

    Of its objectives only the first is told, with the bound of the best plan: what it is short of it is known, nothing else proven.

    Raises
    ------
    NoAlternative
        For an alternative without a plan, or a plan without a choice.
    """
    if other.choice is None or found.choice is None:
        raise NoAlternative("no plan within the stated loss differs this way")
    best = found.choice.stages[0]
    value = other.choice.stages[0].value if best.objective is None else value_of(other.choice, best.objective)
    told = Stage(best.objective, value, best.bound, abs(best.bound - value) / max(abs(value), 1e-12), ADOPTED)
    taken = with_choice(county, found, dataclasses.replace(other.choice, stages=(told,), rules=found.rules.choice))
    return dataclasses.replace(taken, adopted=Adopted(other.way, other.about, other.loss, best.status == "optimal"))


def sites_between(one: Choice, other: Choice) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sites that the other plan builds and this one does not, and the other way round, in the instance's order."""
    return (tuple(site for site in other.built if site not in set(one.built)),
            tuple(site for site in one.built if site not in set(other.built)))


def alternatives_table(found: Plan) -> pd.DataFrame:
    """The alternatives of a plan against it, one row a way: `ALTERNATIVE_COLUMNS`; empty where none were sought.

    `loss` is a share of the first objective's best value. People and person-minutes gained and lost are against the plan itself;
    several codes or ids are joined by ``;``.
    """
    rows = [] if found.choice is None else [_row(found.choice, one) for one in found.alternatives or ()]
    return pd.DataFrame(rows, columns=list(ALTERNATIVE_COLUMNS)).astype(
        {name: "str" if name in ("way", "about", "worst_village_code", "sites_added", "sites_dropped") else
         "bool" if name == "found" else "float64" for name in ALTERNATIVE_COLUMNS})


def _row(plan: Choice, one: Alternative) -> dict[str, object]:
    row: dict[str, object] = {"way": one.way, "found": one.choice is not None, "about": ";".join(one.about)}
    if one.choice is None:
        return row
    told, (added, dropped) = compare(plan, one.choice), sites_between(plan, one.choice)
    cost = one.choice.cost_yuan["cost"]
    return row | {
        "loss": one.loss + 0.0, "built": len(one.choice.built), "cost_yuan": cost,
        "cost_change_yuan": cost - plan.cost_yuan["cost"],
        "people_15min": one.choice.coverage.within.get(15.0, np.nan), "worst_walk_min": told.worst_b[2],
        "worst_village_code": told.worst_b[1], "gain_people": told.gain, "gained_person_min": told.gained_min,
        "lose_people": told.lose, "lost_person_min": told.lost_min, "newly_served": told.newly_served,
        "no_longer_served": told.no_longer_served, "sites_added": ";".join(added), "sites_dropped": ";".join(dropped),
    }
