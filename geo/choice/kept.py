"""A plan written down as it was chosen, and made again from that without solving: the same plan, whatever the time limit cut off.

How far a search gets in its seconds depends on the machine. What was found is a fact, and so is the proof that went with it; both
can be kept. Who makes a kept plan again need not believe it: every rule is checked, and so is the value it is said to have.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.choice.formulate import Formulation, formulate
from geo.choice.instance import Instance
from geo.choice.median import keeps
from geo.choice.plan import Choice, Stage, choice_of, nearest_visits, value_of
from geo.choice.program import FEASIBLE
from geo.choice.rules import Objective, Rules
from geo.inputs import GeoError

AGREES = 1e-6
"""Share by which the value of a plan made again may differ from the one it is said to have."""

VISITS = ("point", "site", "people", "minutes")


class KeptError(GeoError, ValueError):
    """A kept plan does not fit the problem: its sites are not there, it breaks a rule, or its value is another."""


@dataclass(frozen=True)
class Kept:
    """What makes a plan this plan.

    Attributes
    ----------
    built : tuple of str
        Sites newly built, bought or upgraded.
    closed : tuple of str
        Existing venues that the plan does not use.
    shared : tuple of (str, str)
        Village code and site of every village that shares another's venue.
    stages : tuple of Stage
    visits : tuple of (int, int, float, float) or None
        With capacities, who is sent where (`VISITS`; positions); None where everybody walks to the nearest.
    """

    built: tuple[str, ...]
    closed: tuple[str, ...]
    shared: tuple[tuple[str, str], ...]
    stages: tuple[Stage, ...]
    visits: tuple[tuple[int, int, float, float], ...] | None = None

    @property
    def plain(self) -> dict[str, Any]:
        """As texts, lists and numbers, for a file of JSON; `kept_from` reads it."""
        return {
            "built": list(self.built), "closed": list(self.closed), "shared": [list(pair) for pair in self.shared],
            "stages": [{"objective": None if one.objective is None else dataclasses.asdict(one.objective),
                        "status": one.status, **{name: _number(getattr(one, name)) for name in ("value", "bound", "gap")}}
                       for one in self.stages],
            "visits": None if self.visits is None else [list(one) for one in self.visits],
        }


def kept_from(plain: Mapping[str, Any]) -> Kept:
    """From what `Kept.plain` gave.

    Raises
    ------
    KeptError
        Where it is something else.
    """
    try:
        return Kept(
            tuple(str(site) for site in plain["built"]), tuple(str(site) for site in plain["closed"]),
            tuple((str(code), str(site)) for code, site in plain["shared"]),
            tuple(Stage(None if one["objective"] is None else Objective(**one["objective"]), float(one["value"]),
                        float(one["bound"]), float(one["gap"]), str(one["status"])) for one in plain["stages"]),
            None if plain["visits"] is None else tuple(
                (int(point), int(site), float(people), float(minutes)) for point, site, people, minutes in plain["visits"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeptError(f"this is no kept plan: {error}") from error


def keep(choice: Choice) -> Kept:
    """What makes a plan this plan."""
    instance, sent, visits = choice.instance, choice.visits, None
    ids = instance.sites["site_id"].to_numpy(object)
    if choice.rules.capacity:
        visits = tuple((int(point), int(site), float(people), float(minutes)) for point, site, people, minutes
                       in zip(*(sent[name].tolist() for name in VISITS), strict=True))
    return Kept(choice.built, tuple(ids[instance.existing & ~choice.opened]), choice.hosts, choice.stages, visits)


def restored(instance: Instance, rules: Rules, kept: Kept) -> Choice:
    """The plan that was kept, made again on the same problem; its proof is taken as it was told, its value is not.

    Raises
    ------
    KeptError
        Where its sites are not there, it breaks a rule, or its value is another than it was.
    RulesError
        As `formulate` does.
    """
    # people sent to where there is room are looked at one by one, not in a programme
    form = formulate(instance, dataclasses.replace(rules, capacity=False))
    position = {site: place for place, site in enumerate(instance.sites["site_id"])}
    strangers = sorted({*kept.built, *kept.closed, *(site for _, site in kept.shared)} - set(position))
    if strangers:
        raise KeptError(f"sites that are not offered: {', '.join(strangers)}")
    opened = instance.existing.copy()
    opened[[position[site] for site in kept.closed]] = False
    opened[[position[site] for site in kept.built]] = True
    values, hosts = _values(form, opened, kept, position)
    upper = form.program.bounds()[1]
    if not keeps(form.program, values) or (values > upper + FEASIBLE).any():
        raise KeptError("the plan breaks a rule")
    visits = nearest_visits(instance, opened) if kept.visits is None else _sent(instance, opened, kept.visits)
    choice = choice_of(dataclasses.replace(form, rules=rules), opened, hosts, visits, stages=kept.stages)
    _agree(choice)
    return choice


def _values(form: Formulation, opened: np.ndarray, kept: Kept, position: Mapping[str, int]) -> tuple[np.ndarray, dict[int, int]]:
    """The plan as values of the programme's columns, and the site of each village that shares one."""
    villages = {code: place for place, code in enumerate(form.instance.villages["village_code"])}
    values, hosts, shares = np.zeros(form.program.columns), {}, form.shares
    values[:len(opened)] = opened
    for code, site in kept.shared:
        place, at = villages.get(code, -1), position[site]
        pair = np.flatnonzero((shares.guest == place) & (shares.host == form.instance.site_village[at]))
        if len(pair) != 1:
            raise KeptError(f"village {code} cannot share {site}")
        values[shares.column[pair[0]]] = 1.0
        hosts[place] = at
    return values, hosts


def _sent(instance: Instance, opened: np.ndarray, visits: tuple[tuple[int, int, float, float], ...]) -> pd.DataFrame:
    """Who is sent where, after a look at whether they can walk there, are there, and find room."""
    table = pd.DataFrame(list(visits), columns=list(VISITS)).astype(
        {"point": "int64", "site": "int64", "people": "float64", "minutes": "float64"})
    point, site = table["point"].to_numpy(), table["site"].to_numpy()
    sites, times = len(instance.sites), instance.times
    if ((point < 0) | (point >= times.points) | (site < 0) | (site >= sites)).any() or not opened[site].all():
        raise KeptError("people are sent to where no venue stands")
    pair, sent = times.point * sites + times.site, point * sites + site
    order = np.argsort(pair, kind="stable")
    at = np.minimum(np.searchsorted(pair[order], sent), max(len(pair) - 1, 0))
    if len(sent) and not (len(pair) and (pair[order][at] == sent).all()
                          and np.allclose(times.minutes[order][at], table["minutes"], rtol=AGREES, atol=AGREES)):
        raise KeptError("people are sent on walks that there are not")
    people = table["people"].to_numpy()
    room = instance.sites["capacity_people"].fillna(np.inf).to_numpy(float)
    for where, most in ((point, instance.people), (site, room)):
        if (np.bincount(where, people, minlength=len(most)) > most + 10 * FEASIBLE * np.maximum(1.0, most)).any():
            raise KeptError("more people are sent than there are, or than find room")
    return table


def _agree(choice: Choice) -> None:
    """Make sure of the objective sought last, to which nothing was done any more, where walks are free of capacities."""
    last = choice.stages[-1] if choice.stages else None
    if last is None or last.objective is None or last.objective.kind == "changes" or choice.rules.capacity:
        return
    value = value_of(choice, last.objective)
    if not np.isclose(value, last.value, rtol=AGREES, atol=AGREES, equal_nan=True):
        raise KeptError(f"{last.objective.kind} is {value:g}, and was {last.value:g}")


def _number(value: float) -> float | str:
    """JSON has no infinite numbers."""
    return float(value) if np.isfinite(value) else repr(float(value))
