"""A problem of choice as flat arrays: what each point's walk costs, what columns cost, and every rule as a count or a row.

What people's walks add up to (person-minutes, people beyond a limit, or both weighted) never falls as a walk grows longer, so a
point always goes to its nearest open site. That is all the bound, the search and the solver need to know.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import sparse

from geo.choice.formulate import Formulation, township_quotas
from geo.choice.instance import Times
from geo.choice.program import FEASIBLE, Expression, Program
from geo.choice.terms import Held, Spent

KEPT_ABOVE = ("count_min", "count_max", "quota_min", "quota_max")
"""Rules that the choice of columns keeps by counting."""


class Arrays(NamedTuple):
    """What the compiled parts read. Pairs stand by point, cheapest first.

    `start`, `site`, `cost`: the pairs; `left_cost`: what a point costs that no site serves, `unserved` the same with what makes
    serving it worth while (inf: it must be served). `extra` of shape
    (limits, pairs), `extra_unserved` (limits, points) and `extra_limit`: further sums over walks that have an upper limit. `own`:
    cost of each column; `group`: village (-1 none) of which one column at most is taken, and of `must` ones exactly one;
    `counted`: columns that are venues built; `district` of each column (-1 none) with the least and most venues in it; `least` and
    `most` in all; `low` and `high`: bounds 0 or 1 of each column. `side_*`: all other rules as rows ``<= side_limit``.
    """

    start: np.ndarray
    site: np.ndarray
    cost: np.ndarray
    unserved: np.ndarray
    left_cost: np.ndarray
    people: np.ndarray
    left_out: float
    extra: np.ndarray
    extra_unserved: np.ndarray
    extra_limit: np.ndarray
    own: np.ndarray
    group: np.ndarray
    must: np.ndarray
    counted: np.ndarray
    district: np.ndarray
    district_least: np.ndarray
    district_most: np.ndarray
    least: int
    most: int
    low: np.ndarray
    high: np.ndarray
    side_start: np.ndarray
    side_column: np.ndarray
    side_factor: np.ndarray
    side_limit: np.ndarray
    constant: float


@dataclass(frozen=True)
class Relaxed:
    """The problem under its rules, with `spent` to be made small beside `own`, and `held` sums kept."""

    form: Formulation
    times: Times
    trimmed: bool
    """Whether walks beyond the last limit were left out, since they count as none."""
    spent: Spent
    held: tuple[Held, ...]
    arrays: Arrays
    side: sparse.csr_array
    side_row: np.ndarray
    side_scale: np.ndarray
    """Row of the programme that each of `side` comes from, and by what it was multiplied."""

    @cached_property
    def by_site(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs by column: where each begins, points, and the place of the pair."""
        order = np.argsort(self.times.site, kind="stable")
        begin = np.searchsorted(self.times.site[order], np.arange(len(self.arrays.own) + 1)).astype(np.int64)
        return begin, self.times.point[order], order

    @cached_property
    def by_column(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The rules' rows by column: where each begins, rows, factors."""
        turned = sparse.csc_array(self.side)
        return turned.indptr.astype(np.int64), turned.indices.astype(np.int64), turned.data

    @cached_property
    def mates(self) -> tuple[np.ndarray, np.ndarray]:
        """Columns by group that are no venues: where each group begins, columns."""
        a = self.arrays
        column = np.flatnonzero((a.group >= 0) & ~a.counted)
        column = column[np.argsort(a.group[column], kind="stable")]
        return np.searchsorted(a.group[column], np.arange(len(a.must) + 1)).astype(np.int64), column

    def narrowed(self, low: np.ndarray, high: np.ndarray, keep: np.ndarray) -> Relaxed:
        """The problem of those plans only that keep to other bounds of the columns and use some of the pairs."""
        times, a = self.times.only(keep), self.arrays
        arrays = a._replace(start=times.start, site=times.site, cost=a.cost[keep], extra=np.ascontiguousarray(a.extra[:, keep]),
                            low=low, high=high)
        return dataclasses.replace(self, times=times, arrays=arrays)

    @cached_property
    def step(self) -> float:
        """What a better plan saves at least: a unit (less rounding) where all costs are whole numbers, else next to nothing."""
        a = self.arrays
        whole = all(np.array_equal(part, np.rint(part)) for part in (a.cost, a.own, a.left_cost))
        return 1.0 - 1e-5 if whole else 1e-9 * max(1.0, float(a.cost.max(initial=0.0)), float(np.abs(a.own).max(initial=0.0)))

    def cost(self, values: np.ndarray) -> float:
        """What a plan costs; inf where it leaves out too many people or breaks a held sum."""
        a, picked = self.arrays, values > 0.5
        pair = first_open(self.times, picked)
        none = pair < 0
        if self.people_out(none) > a.left_out + FEASIBLE * max(1.0, a.left_out):
            return np.inf
        reached = pair[pair >= 0]
        over = a.extra[:, reached].sum(axis=1) + a.extra_unserved[:, none].sum(axis=1) - a.extra_limit
        if (over > 0).any():
            return np.inf
        return float(a.cost[reached].sum() + a.left_cost[none].sum() + a.own @ values)

    def people_out(self, points: np.ndarray) -> float:
        """People at points of a mask."""
        return float(self.arrays.people[points].sum())


def first_open(times: Times, picked: np.ndarray) -> np.ndarray:
    """Place of each point's pair with its nearest open site, -1 where none is open."""
    out = np.full(times.points, -1)
    opened = np.flatnonzero(picked[times.site])
    point, first = np.unique(times.point[opened], return_index=True)
    out[point] = opened[first]
    return out


def relax(program: Program, form: Formulation, *, spent: Spent, own: Expression, left_out: float, held: tuple[Held, ...],
          within: Times | None = None, near_only: bool = False) -> Relaxed:
    """The problem in arrays.

    Parameters
    ----------
    program : Program
        Rules over the sites and further columns; not changed.
    form : Formulation
    spent : Spent
        Sum over walks to be made small.
    own : Expression
        What is made small besides; its constant is not counted.
    left_out : float
        People who could walk to some site and cannot be served, the fewest possible; inf where nobody has to be served.
    held : tuple of Held
        Sums over walks that have an upper limit.
    within : Times, optional
        The walks that may be used, where others have been ruled out.
    near_only : bool
        Nothing is asked of walks but that everybody whom `cover_all_within_min` is about has one within it.
    """
    free = not np.isfinite(left_out)
    times = form.reach.times if within is None else within
    sums = (spent, *(h.spent for h in held))
    trimmed = free and not any(part.walk for part in sums)
    if trimmed:
        # beyond the last limit a walk counts as much as none
        times = times.only(times.minutes <= max((limit for part in sums for limit, _ in part.beyond), default=np.inf))
    if near_only:
        times = times.only(times.minutes <= (form.rules.cover_all_within_min or 0.0))
    everybody = form.instance.people
    people = np.where(np.diff(times.start) > 0 if near_only else form.reach.possible, everybody, 0.0)
    cost = spent.cost(times, everybody)
    left_cost, constant = spent.unserved(everybody), 0.0
    unserved = left_cost
    if not free:
        dearest = spent.walk * float(times.minutes.max(initial=0.0))
        unserved = np.where(form.reach.certain | (left_out <= 0), np.inf, left_cost + dearest * people)
        constant = -dearest * left_out
    side, limit, side_row, side_scale = _side_rows(program, form, implied=free, near_only=near_only)
    low, high = _bounds(program, form)
    group, must, counted = _groups(program, form)
    district, least, most = _districts(program, form)
    rules = form.rules
    held_limit = np.array([h.at_most + FEASIBLE * max(1.0, abs(h.at_most)) for h in held])
    arrays = Arrays(
        times.start, times.site, cost, unserved, left_cost, people, left_out,
        np.array([h.spent.cost(times, everybody) for h in held]).reshape(len(held), len(cost)),
        np.array([h.spent.unserved(everybody) for h in held]).reshape(len(held), len(people)), held_limit,
        own.dense(program.columns), group, must, counted, district, least, most, int(np.ceil(rules.count_min or 0)),
        program.columns if rules.count_max is None else int(rules.count_max), low, high,
        side.indptr.astype(np.int64), side.indices.astype(np.int64), side.data, limit, constant,
    )
    return Relaxed(form, times, trimmed, spent, held, arrays, side, side_row, side_scale)


def _bounds(program: Program, form: Formulation) -> tuple[np.ndarray, np.ndarray]:
    low, high = program.bounds()
    low = low.copy()
    low[np.flatnonzero(form.open)] = 1.0
    return low, high.copy()


def _groups(program: Program, form: Formulation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The village of each column where it may have one only, which villages must have one, and which columns are venues built."""
    sites = len(form.instance.sites)
    group, counted = np.full(program.columns, -1), np.zeros(program.columns, dtype=bool)
    counted[:sites] = form.counted
    if form.rules.per_village == "free":
        return group, np.zeros(1, dtype=bool), counted
    must = np.zeros(len(form.instance.villages), dtype=bool)
    group[:sites] = np.where(form.counted, form.instance.site_village, -1)
    must[form.sure[(form.sure >= 0) & (form.sure < len(must))]] = True
    # a village that may be a guest needs one of its own sites or its place at a host's
    group[form.shares.column] = form.shares.guest
    must[form.shares.guest] = True
    return group, must, counted


def _districts(program: Program, form: Formulation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Township of each venue to be built, with its quota."""
    quotas = dict(township_quotas(form.instance, form.rules))
    sites, most = len(form.instance.sites), program.columns
    district = np.full(program.columns, -1)
    names = sorted(quotas)
    codes = np.append(form.instance.villages["township_code"].astype(str).to_numpy(object), "")
    place = {name: at for at, name in enumerate(names)}
    of_site = np.array([place.get(code, -1) for code in codes], dtype=np.int64)[form.instance.site_village]
    district[:sites] = np.where(form.counted, of_site, -1)
    upper = [quotas[name].maximum for name in names]
    return (district, np.array([quotas[name].minimum for name in names], dtype=np.int64),
            np.array([most if limit is None else limit for limit in upper], dtype=np.int64))


def _side_rows(program: Program, form: Formulation, *, implied: bool,
               near_only: bool) -> tuple[sparse.csr_array, np.ndarray, np.ndarray, np.ndarray]:
    """Rows that counting does not keep, each as ``row <= limit`` and scaled to a largest factor of 1; where they come from.

    `implied` rows are among them where nothing else makes sure that everybody is served; those of `cover_all` are not where the
    walks are `near_only`, which say the same.
    """
    group = _groups(program, form)[0]
    matrix, (lower, upper) = program.matrix(), program.row_bounds()
    below, above = program.row_rules()
    names = np.array([rule.rule for rule in program.rules] + [""], dtype=object)
    entries = np.diff(matrix.indptr)
    grouped = np.ones(program.rows, dtype=bool)
    np.logical_and.at(grouped, np.repeat(np.arange(program.rows), entries), group[matrix.indices] >= 0)
    single, skipped = entries == 1, program.implied_rows & (not implied)
    kept_above = np.isin(names[above], KEPT_ABOVE) | ((names[above] == "only_one") & grouped) | skipped
    kept_below = (np.isin(names[below], KEPT_ABOVE) | (np.isin(names[below], ("fixed", "existing_kept")) & single)
                  | (np.isin(names[below], ("each_village", "upgrade")) & grouped) | skipped
                  | ((names[below] == "cover_all") & near_only))
    over, under = np.flatnonzero(np.isfinite(upper) & ~kept_above), np.flatnonzero(np.isfinite(lower) & ~kept_below)
    row, sign = np.concatenate([over, under]), np.repeat([1.0, -1.0], [len(over), len(under)])
    side = sparse.csr_array(sparse.diags_array(sign) @ matrix[row])
    limit = np.concatenate([upper[over], -lower[under]])
    if len(limit):
        largest = np.maximum.reduceat(np.append(np.abs(side.data), 0.0), side.indptr[:-1])
        sign = sign / np.where((largest > 0) & (np.diff(side.indptr) > 0), largest, 1.0)
        scale = np.abs(sign)
        side, limit = sparse.csr_array(sparse.diags_array(scale) @ side), limit * scale
    return side, limit, row, sign
