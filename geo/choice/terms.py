"""Objectives as expressions over a programme: each adds what columns and rows it needs. People, minutes, yuan, points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.choice.formulate import Formulation
from geo.choice.instance import Times
from geo.choice.program import Expression, Program
from geo.choice.rules import Objective

TIE_MIN = 1e-7
"""Walks this close count as equal: sums of minutes carry rounding."""


@dataclass(frozen=True)
class Reach:
    """Walks that can matter: further ones never do, since a nearer venue is certain.

    `certain` points are served whatever is chosen; the others may be left out. Points that no permitted site reaches have no
    pairs at all.
    """

    times: Times
    certain: np.ndarray
    possible: np.ndarray


def reach(form: Formulation) -> Reach:
    """The walks that can matter under the rules: up to the furthest site of any set of which one is certain to be open.

    Nobody walks further than that, so the cut is exact: it needs no check afterwards.
    """
    times = form.times
    size = np.bincount(form.sure[form.sure >= 0], minlength=1)
    in_set = form.sure[times.site] >= 0
    key = times.point[in_set] * np.int64(len(size)) + form.sure[times.site[in_set]]
    # pairs of a row are sorted by minutes, so the last one of each key is the furthest
    order = np.argsort(key, kind="stable")
    sets, first, count = np.unique(key[order], return_index=True, return_counts=True)
    furthest = times.minutes[in_set][order][first + count - 1]
    whole = count == size[sets % len(size)]
    cap = np.full(times.points, np.inf)
    np.minimum.at(cap, sets[whole] // len(size), furthest[whole])
    possible = np.diff(times.start) > 0
    certain = np.isfinite(cap)
    if form.rules.count_min:
        # more sites reach the point than can stay closed
        built = np.bincount(times.point[form.counted[times.site]], minlength=times.points)
        certain |= built > int((form.permitted & form.counted).sum()) - form.rules.count_min
    return Reach(times.only(times.minutes <= cap[times.point] + TIE_MIN), certain & possible, possible)


def site_expression(form: Formulation, kind: str) -> Expression:
    """Score, venues or cost: what the sites chosen add up to (points, number, yuan)."""
    sites = np.flatnonzero(form.counted & form.permitted)
    if kind == "score":
        factor = form.instance.sites["score"].to_numpy(float)[sites]
    else:
        factor = np.ones(len(sites)) if kind == "venues" else form.costs.cost[sites]
    return Expression(sites, factor)


def cover_expression(program: Program, form: Formulation, *, limit_min: float) -> Expression:
    """People within `limit_min` of an open venue (inf: people served at all)."""
    people, near = form.instance.people, form.times.minutes <= limit_min
    if form.flow is not None:
        return Expression(form.flow[near], people[form.times.point[near]])
    times = form.times.only(near)
    surely = np.zeros(times.points, dtype=bool)
    within = reach(form)
    # certain to have an open site within its trimmed walks: covered if the furthest of these is within the limit
    last = np.maximum.reduceat(np.append(within.times.minutes, 0.0), within.times.start[:-1]) if times.points else np.zeros(0)
    surely = within.certain & (last <= limit_min)
    point, weight, row, site = _merged(times, people, ~surely & (np.diff(times.start) > 0))
    column = program.add_columns(len(point))
    program.add_rows(np.concatenate([np.arange(len(point)), row]), np.concatenate([column, site]),
                     np.concatenate([np.ones(len(point)), -np.ones(len(row))]), count=len(point), upper=0.0)
    return Expression(column, weight, float(people[surely].sum()))


def _merged(times: Times, people: np.ndarray, use: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Points with the same sites as one: a point of each, their people, and the pairs (place of the point, site)."""
    lists: dict[bytes, int] = {}
    weight: list[float] = []
    first: list[int] = []
    for point in np.flatnonzero(use):
        sites = np.sort(times.site[times.start[point]:times.start[point + 1]])
        place = lists.setdefault(sites.tobytes(), len(lists))
        if place == len(weight):
            weight.append(0.0)
            first.append(int(point))
        weight[place] += people[point]
    counts = np.diff(times.start)[first] if first else np.zeros(0, dtype=np.int64)
    row = np.repeat(np.arange(len(first)), counts)
    site = np.concatenate([times.site[times.start[p]:times.start[p + 1]] for p in first]) if first else np.zeros(0, dtype=np.int64)
    return np.array(first, dtype=np.int64), np.array(weight), row, site


@dataclass(frozen=True)
class WalkRows:
    """Columns of the walk: `beyond[k]` is 1 where no venue is open within the k-th distinct walk of its point.

    `level_point` and `level_min` say whose and how long that walk is, `next_min` the next one (NaN at the last), `last` where a
    point's levels end.
    """

    beyond: np.ndarray
    level_point: np.ndarray
    level_min: np.ndarray
    next_min: np.ndarray
    first: np.ndarray


def walk_rows(program: Program, times: Times, *, must_serve: np.ndarray) -> WalkRows:
    """Columns and rows that measure how far each point walks (the radius formulation of the p-median problem).

    For a point with distinct walks D1 < D2 < ..: ``beyond_k + open sites at D_k >= beyond_(k-1)``, ``beyond_0 = 1``; its walk is
    ``D1 + sum of (D_(k+1) - D_k) beyond_k``. Its linear bound is that of the textbook formulation with far fewer entries
    (Cornuejols, Nemhauser and Wolsey 1980; Garcia, Labbe and Marin 2011). At the last walk of a point of `must_serve` nothing may
    be beyond.
    """
    point, minutes = times.point, times.minutes
    new_point = np.r_[True, point[1:] != point[:-1]] if len(point) else np.zeros(0, bool)
    new_level = new_point | np.r_[True, np.diff(minutes) > TIE_MIN] if len(point) else new_point
    level = np.cumsum(new_level) - 1
    start = np.flatnonzero(new_level)
    level_point, level_min = point[start], minutes[start]
    first = new_point[start]
    last = np.r_[first[1:], True] if len(first) else first
    upper = np.where(last & must_serve[level_point], 0.0, 1.0)
    beyond = program.add_columns(len(start), upper=upper)
    chained = np.flatnonzero(~first)
    row = np.concatenate([np.arange(len(start)), chained, level])
    column = np.concatenate([beyond, beyond[chained - 1], times.site])
    factor = np.concatenate([np.ones(len(start)), -np.ones(len(chained)), np.ones(len(level))])
    program.add_rows(row, column, factor, count=len(start), lower=np.where(first, 1.0, 0.0))
    following = np.where(last, np.nan, np.r_[level_min[1:], np.nan]) if len(start) else level_min
    return WalkRows(beyond, level_point, level_min, following, first)


def walk_expression(program: Program, form: Formulation, *, left_out: float, walks: Times | None = None) -> Expression:
    """People times minutes of those served, where exactly `left_out` people whom some site could serve are not.

    `left_out` must be the fewest possible: then nobody can be called unserved who is not.
    """
    people = form.instance.people
    if form.flow is not None:
        served = float(people[np.diff(form.times.start) > 0].sum()) - left_out
        _serve(program, Expression(form.flow, people[form.times.point]), served)
        return Expression(form.flow, people[form.times.point] * form.times.minutes)
    rows = _walk_rows_left(program, form, left_out, walks)
    weight = people[rows.level_point]
    return Expression(rows.beyond, weight * _steps(rows), float((weight * rows.level_min)[rows.first].sum()))


def _walk_rows_left(program: Program, form: Formulation, left_out: float, walks: Times | None) -> WalkRows:
    within = reach(form)
    must_serve = within.certain if left_out > 0 else np.ones(len(within.certain), dtype=bool)
    rows = walk_rows(program, within.times if walks is None else walks, must_serve=must_serve)
    if left_out > 0:
        ends = np.isnan(rows.next_min) & ~must_serve[rows.level_point]
        weight = form.instance.people[rows.level_point[ends]]
        program.limit(Expression(rows.beyond[ends], weight), at_most=left_out)
    return rows


def _serve(program: Program, served: Expression, people: float) -> None:
    program.limit(Expression(served.column, -served.factor), at_most=-people)


def _steps(rows: WalkRows) -> np.ndarray:
    """Minutes that each column adds to a walk.

    Whoever is beyond the last walk is not served: the minutes counted on the way there are taken back.
    """
    return np.where(np.isnan(rows.next_min), -rows.level_min, np.nan_to_num(rows.next_min) - rows.level_min)


def worst_walk_expression(program: Program, form: Formulation, *, left_out: float) -> Expression:
    """The longest walk in minutes of anybody served, as one column: for weighted sums; alone it is searched (`center`)."""
    rows = _walk_rows_left(program, form, left_out, None)
    longest = program.add_columns(1, upper=float(form.times.minutes.max(initial=0.0)))
    step = _steps(rows)
    points, row = np.unique(rows.level_point, return_inverse=True)
    program.add_rows(np.concatenate([np.arange(len(points)), row]),
                     np.concatenate([np.repeat(longest, len(points)), rows.beyond]),
                     np.concatenate([np.ones(len(points)), -step]), count=len(points), lower=rows.level_min[rows.first])
    return Expression(longest, np.ones(1))


def term(program: Program, form: Formulation, objective: Objective, *, left_out: float = 0.0) -> Expression:
    """The expression of an objective, in its own unit and not yet turned to be made small."""
    if objective.kind in ("score", "venues", "cost"):
        return site_expression(form, objective.kind)
    if objective.kind == "cover":
        return cover_expression(program, form, limit_min=objective.limit_min)
    if objective.kind == "walk":
        return walk_expression(program, form, left_out=left_out)
    return worst_walk_expression(program, form, left_out=left_out)
