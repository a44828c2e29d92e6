"""The longest walk made as short as can be (p-center): a search over the walks there are, each step a yes or no. Minutes."""

from __future__ import annotations

import numpy as np

from geo.choice.formulate import Formulation
from geo.choice.program import Answer, Clock, Expression, Program
from geo.choice.reach import TIE_MIN


def nobody_beyond(program: Program, form: Formulation, *, minutes: float, left_out: float) -> None:
    """Everybody who is served walks at most `minutes`, and no more than `left_out` people are not served."""
    people, times = form.instance.people, form.times
    if form.flow is not None:
        upper = np.concatenate(program.upper)
        upper[form.flow[times.minutes > minutes + TIE_MIN]] = 0.0
        program.set_bounds(np.concatenate(program.lower), upper)
        return
    within = form.reach
    near = within.times.only(within.times.minutes <= minutes + TIE_MIN)
    # where even the furthest walk that can matter is short enough, there is nothing to ask
    beyond = np.diff(near.start) < np.diff(within.times.start)
    asked = np.flatnonzero(within.possible & (beyond | ~within.certain))
    place = np.full(near.points, -1)
    place[asked] = np.arange(len(asked))
    used = place[near.point] >= 0
    row, column, factor = place[near.point[used]], near.site[used], np.ones(int(used.sum()))
    if left_out > 0:
        may = asked[~within.certain[asked]]
        unserved = program.add_columns(len(may), integer=True)
        row, column = np.concatenate([row, place[may]]), np.concatenate([column, unserved])
        factor = np.concatenate([factor, np.ones(len(may))])
        program.limit(Expression(unserved, people[may]), at_most=left_out)
    program.add_rows(row, column, factor, count=len(asked), lower=1.0)


def longest_walk(form: Formulation, values: np.ndarray) -> float:
    """The longest walk in minutes of anybody served by a plan; 0 where nobody is."""
    times = form.times
    if form.flow is not None:
        used = values[form.flow] * form.instance.people[times.point] > 1e-6
        return float(times.minutes[used].max(initial=0.0))
    opened = np.flatnonzero(values[times.site] > 0.5)
    _, first = np.unique(times.point[opened], return_index=True)
    return float(times.minutes[opened[first]].max(initial=0.0))


def least_longest_walk(program: Program, form: Formulation, *, left_out: float, start: np.ndarray | None, clock: Clock) -> Answer:
    """The shortest longest walk, by halving the list of walks there are; each step asks HiGHS whether a plan keeps to it.

    `start` is a plan that leaves out no more than `left_out` people; it is needed where a plan may leave out more.

    Returns
    -------
    Answer
        Objective and bound in minutes; values of the programme's own columns.
    """
    values = start
    if values is None:
        first = program.solve(np.zeros(program.columns), time_limit_s=clock.left_s)
        if first.values is None:
            return first
        values = first.values
    best = longest_walk(form, values)
    within = form.reach
    sure = within.certain if left_out > 0 else within.possible
    starts = within.times.start[:-1][sure]
    bound = float(within.times.minutes[starts].max(initial=0.0)) if form.flow is None else 0.0
    levels = np.unique(form.times.minutes)
    while bound < best - TIE_MIN:
        open_levels = levels[(levels >= bound - TIE_MIN) & (levels < best - TIE_MIN)]
        if not len(open_levels):
            bound = best
            break
        middle = float(open_levels[len(open_levels) // 2])
        trial = program.copy()
        nobody_beyond(trial, form, minutes=middle, left_out=left_out)
        answer = trial.solve(np.zeros(trial.columns), time_limit_s=clock.left_s)
        if answer.status == "infeasible":
            above = levels[levels > middle + TIE_MIN]
            bound = float(min(above[0], best)) if len(above) else best
        elif answer.values is not None:
            values = answer.values[:program.columns]
            best = min(longest_walk(form, values), middle)
        else:
            return Answer("time_limit", values, best, bound)
    return Answer("optimal", values, best, best)
