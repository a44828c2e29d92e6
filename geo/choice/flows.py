"""With capacities: who is sent where. People, minutes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from geo.choice.formulate import Formulation, formulate
from geo.choice.instance import Instance
from geo.choice.median import keeps
from geo.choice.program import FEASIBLE, Clock, Expression, Program
from geo.choice.rules import Objective


def has_room(instance: Instance, visits: pd.DataFrame) -> bool:
    """Whether everybody can walk to the nearest open site, no venue having more visitors than it holds."""
    capacity = instance.sites["capacity_people"].to_numpy(float)
    load = np.bincount(visits["site"].to_numpy(int), visits["people"].to_numpy(float), minlength=len(capacity))
    return not bool((load > capacity + FEASIBLE * np.maximum(1.0, capacity)).any())


def room_for_all(bare: Formulation) -> None:
    """Of a problem without capacities ask what they ask of the sites together: to hold everybody who is to be served within a walk.

    Every plan with capacities keeps this row, so that what is best under it bounds what is best with them.
    """
    limit_min, instance = bare.rules.cover_all_within_min, bare.instance
    if limit_min is None:
        return
    near = bare.times.only(bare.times.minutes <= limit_min)
    reached = np.bincount(near.site, instance.people[near.point], minlength=len(instance.sites))
    holds = np.fmin(instance.sites["capacity_people"].to_numpy(float), reached)
    needed, sites = float(instance.people[np.diff(near.start) > 0].sum()), np.flatnonzero(holds > 0)
    unit = max(float(holds.max(initial=0.0)), 1.0)
    bare.program.add_row(sites, holds[sites] / unit, lower=needed / unit * (1.0 - FEASIBLE))


def sent_to(form: Formulation, program: Program, values: np.ndarray, *, time_limit_s: float) -> np.ndarray | None:
    """Values of a programme where as many people as can be are sent to the sites of a plan, with the fewest minutes.

    None where the rules cannot be kept so. `values` are those of the programme; of the flows nothing is taken.
    """
    people, opened = form.instance.people[form.times.point], values[form.times.site] > 0.5
    integer = np.concatenate(program.integer)
    free, kept = ~integer, np.where(integer, np.rint(values), 0.0)
    # nobody is sent to a site that is not in the plan: those columns are gone before the solver looks
    free[form.flows[~opened]] = False
    work, clock = program.copy(), Clock(time_limit_s)
    plan = kept.copy()
    plan[form.flows] = _filled(form, opened)
    served = float(people @ plan[form.flows])
    reached = float(form.instance.people[np.unique(form.times.point[opened])].sum())
    most, holds = served, keeps(program, plan)
    if not holds or served < reached - FEASIBLE * max(1.0, reached):
        answer = work.solve_free(-Expression(form.flows, people).dense(work.columns), kept, free, time_limit_s=clock.left_s)
        if answer.values is None:
            return plan if holds else None
        plan, most = answer.values, -answer.objective
    # a plan that serves so many is at hand: nothing need be given up for the solver's tolerance
    largest = max(float(people.max(initial=0.0)), 1e-12)
    work.add_row(form.flows, people / largest, lower=most / largest)
    minutes = Expression(form.flows, people * form.times.minutes).dense(work.columns)
    quickest = work.solve_free(minutes, kept, free, time_limit_s=clock.left_s)
    return plan if quickest.values is None else quickest.values


def _filled(form: Formulation, opened: np.ndarray) -> np.ndarray:
    """Share of each point's people sent along each pair (`opened` ones only), the shortest walks first, as far as there is room."""
    times, sent = form.times, np.zeros(len(form.times.site))
    left, room = form.instance.people.copy(), np.array(form.instance.sites["capacity_people"].fillna(np.inf), dtype=float)
    pairs = np.flatnonzero(opened)
    for pair in pairs[np.argsort(times.minutes[pairs], kind="stable")]:
        point, site = times.point[pair], times.site[pair]
        people = min(left[point], room[site])
        if people > 0:
            sent[pair] = people / form.instance.people[point]
            left[point] -= people
            room[site] -= people
    return sent


def flow_visits(form: Formulation, program: Program, plan: np.ndarray, *, time_limit_s: float) -> pd.DataFrame:
    """Who is sent where under a plan: as many people as there is room for, with the fewest minutes, losing nothing that was won.

    Where time runs out, as many as are found room for by the shortest walks first, or else as the plan sends them.

    Parameters
    ----------
    form : Formulation
    program : Program
        With what the stages settled.
    plan : ndarray
        Values of its columns.
    time_limit_s : float

    Returns
    -------
    DataFrame
        `point`, `site` (positions), `people`, `minutes`; a point may be sent to several sites, and who finds no room is not in it.
    """
    clock, sent = Clock(time_limit_s), plan
    if form.flow is None or not form.walked:
        # no objective was about walks: the flows are made for this plan alone
        opened, instance = plan[:len(form.instance.sites)] > 0.5, form.instance
        near = dataclasses.replace(instance, times=instance.times.only(opened[instance.times.site]))
        whole = formulate(near, dataclasses.replace(form.rules, objectives=(Objective("walk"),)))
        start = np.zeros(whole.program.columns)
        start[:-len(whole.flows)] = plan[:len(start) - len(whole.flows)]
        values = sent_to(whole, whole.program, start, time_limit_s=clock.left_s)
        if values is not None or form.flow is None:
            form, sent = whole, np.zeros(whole.program.columns) if values is None else values
    else:
        values = sent_to(form, program, plan, time_limit_s=clock.left_s)
        sent = plan if values is None else values
    people = form.instance.people[form.times.point] * sent[form.flows]
    used = np.flatnonzero(people > 1e-9)
    return pd.DataFrame({"point": form.times.point[used], "site": form.times.site[used], "people": people[used],
                         "minutes": form.times.minutes[used]})
