"""Objectives as expressions over a programme: each adds what columns and rows it needs. People, minutes, yuan, points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.choice.formulate import Formulation
from geo.choice.instance import Times
from geo.choice.program import Expression, Program
from geo.choice.reach import TIE_MIN
from geo.choice.rules import Objective


@dataclass(frozen=True)
class Spent:
    """What people's walks add up to: `walk` per person-minute, and for each of `beyond` a weight per person beyond its minutes.

    Whoever is not served walks no minutes and is beyond every limit. Such a sum never falls as a walk grows longer.
    """

    walk: float = 0.0
    beyond: tuple[tuple[float, float], ...] = ()

    def cost(self, times: Times, people: np.ndarray) -> np.ndarray:
        """Of each pair, for all people of its point."""
        out = self.walk * times.minutes
        for limit_min, weight in self.beyond:
            out = out + weight * (times.minutes > limit_min)
        return people[times.point] * out

    def unserved(self, people: np.ndarray) -> np.ndarray:
        """Of each point where nobody is served."""
        return people * float(sum(weight for _, weight in self.beyond))


@dataclass(frozen=True)
class Held:
    """A sum over walks that stays at or below a value."""

    spent: Spent
    at_most: float


def site_expression(form: Formulation, kind: str) -> Expression:
    """Score, venues, cost or changes: what the sites chosen add up to (points, number, yuan, number)."""
    sites = np.flatnonzero(form.counted & form.permitted)
    if kind == "changes":
        ids = form.instance.sites["site_id"]
        like = ids.isin(form.rules.like).to_numpy() & form.counted
        return Expression(sites, np.where(like[sites], -1.0, 1.0), float(like.sum()))
    if kind == "score":
        factor = form.instance.sites["score"].to_numpy(float)[sites]
    else:
        factor = np.ones(len(sites)) if kind == "venues" else form.costs.cost[sites]
    return Expression(sites, factor)


def cover_expression(form: Formulation, *, limit_min: float) -> Expression:
    """People sent, with capacities, within `limit_min` to an open venue (inf: people served at all)."""
    near = form.times.minutes <= limit_min
    return Expression(form.flows[near], form.instance.people[form.times.point[near]])


@dataclass(frozen=True)
class WalkRows:
    """Columns of the walk: `beyond[k]` is 1 where no venue is open within the k-th distinct walk of its point.

    `times` are the pairs, of which `pair` gives the first of each level, `point` its point; `first` and `last` are where a point's
    levels begin and end.
    """

    times: Times
    beyond: np.ndarray
    pair: np.ndarray
    point: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def expression(self, spent: Spent, people: np.ndarray) -> Expression:
        """A sum over walks: what the first walk costs, and what each further level adds."""
        cost, left = spent.cost(self.times, people)[self.pair], spent.unserved(people)
        following = np.where(self.last, left[self.point], np.append(cost[1:], 0.0)) if len(cost) else cost
        none = np.diff(self.times.start) == 0
        return Expression(self.beyond, following - cost, float(cost[self.first].sum() + left[none].sum()))


def walk_rows(program: Program, times: Times, sums: Sequence[Spent], *, must_serve: np.ndarray) -> WalkRows:
    """Columns and rows that measure how far each point walks (the radius formulation of the p-median problem).

    For a point with distinct walks D1 < D2 < ..: ``beyond_k + open sites at D_k >= beyond_(k-1)``, ``beyond_0 = 1``; its walk is
    ``D1 + sum of (D_(k+1) - D_k) beyond_k``. Its linear bound is that of the textbook formulation with far fewer entries
    (Cornuejols, Nemhauser and Wolsey 1980; Garcia, Labbe and Marin 2011). At the last walk of a point of `must_serve` nothing may
    be beyond. Walks that all of `sums` count the same are one level: people beyond a limit have two.
    """
    point, minutes = times.point, times.minutes
    limits = np.unique([limit for spent in sums for limit, _ in spent.beyond])
    bracket = np.searchsorted(limits, minutes, side="left")
    new_point = np.r_[True, point[1:] != point[:-1]] if len(point) else np.zeros(0, bool)
    new_level = new_point | np.r_[True, np.diff(bracket) != 0] if len(point) else new_point
    if any(spent.walk for spent in sums) and len(point):
        new_level |= np.r_[True, np.diff(minutes) > TIE_MIN]
    level = np.cumsum(new_level) - 1
    start = np.flatnonzero(new_level)
    first = new_point[start]
    last = np.r_[first[1:], True] if len(first) else first
    upper = np.where(last & must_serve[point[start]], 0.0, 1.0)
    beyond = program.add_columns(len(start), upper=upper)
    chained = np.flatnonzero(~first)
    row = np.concatenate([np.arange(len(start)), chained, level])
    column = np.concatenate([beyond, beyond[chained - 1], times.site])
    factor = np.concatenate([np.ones(len(start)), -np.ones(len(chained)), np.ones(len(level))])
    program.add_rows(row, column, factor, count=len(start), lower=np.where(first, 1.0, 0.0))
    return WalkRows(times, beyond, start, point[start], first, last)


def rows_of_walks(program: Program, form: Formulation, sums: Sequence[Spent], *, left_out: float,
                  within: Times | None = None) -> WalkRows:
    """Columns that measure the walks of a problem without capacities, where exactly `left_out` people are not served.

    `left_out` must be the fewest possible, so that nobody can be called unserved who is not; inf: nobody has to be served. `within`
    are the walks that may be used, where others have been ruled out.
    """
    here = form.reach
    must_serve = here.possible if left_out <= 0 else here.certain & np.isfinite(left_out)
    rows = walk_rows(program, here.times if within is None else within, sums, must_serve=must_serve)
    if 0 < left_out < np.inf:
        ends = rows.last & ~must_serve[rows.point]
        program.limit(Expression(rows.beyond[ends], form.instance.people[rows.point[ends]]), at_most=left_out)
    return rows


def flow_walk(program: Program, form: Formulation, *, left_out: float) -> Expression:
    """With capacities: people times minutes of those sent, where exactly `left_out` people whom some site could serve are not."""
    people = form.instance.people
    served = float(people[np.diff(form.times.start) > 0].sum()) - left_out
    program.limit(Expression(form.flows, -people[form.times.point]), at_most=-served)
    return Expression(form.flows, people[form.times.point] * form.times.minutes)


def longest_column(program: Program, form: Formulation, rows: WalkRows) -> Expression:
    """The longest walk in minutes of anybody served, as one column: for weighted sums; alone it is searched (`center`)."""
    longest = program.add_columns(1, upper=float(form.times.minutes.max(initial=0.0)))
    ones = np.ones(rows.times.points)
    each = rows.expression(Spent(walk=1.0), ones)
    minutes = rows.times.minutes[rows.pair]
    points, row = np.unique(rows.point, return_inverse=True)
    program.add_rows(np.concatenate([np.arange(len(points)), row]),
                     np.concatenate([np.repeat(longest, len(points)), rows.beyond]),
                     np.concatenate([np.ones(len(points)), -each.factor]), count=len(points), lower=minutes[rows.first])
    return Expression(longest, np.ones(1))


def spent_of(objectives: Sequence[Objective], *, weighted: bool) -> Spent:
    """What the walks among some objectives add up to, to be made small: people beyond a limit stand for people within it."""
    def weight(objective: Objective) -> float:
        return objective.weight if weighted else 1.0

    return Spent(walk=float(sum(weight(o) for o in objectives if o.kind == "walk")),
                 beyond=tuple((o.limit_min, weight(o)) for o in objectives if o.kind == "cover" and weight(o) > 0))
