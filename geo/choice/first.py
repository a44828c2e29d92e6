"""A first plan that keeps every rule, made in a moment: what is needed most is opened first. No proof; people.

A venue is worth what it does for the rules that still lack something, the more the fewer others could do it, against how much it
takes of what is limited (after Chvatal 1979). With capacities people within the walk asked for are sent where there is room, and
sent on where that makes room (augmenting paths, Ford and Fulkerson 1956): so nobody is left over whom the venues could hold. In
the end a venue that can be done without is closed. The same input gives the same plan.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy import sparse

from geo.choice.formulate import Formulation
from geo.choice.median import keeps
from geo.choice.program import FEASIBLE, Program
from geo.choice.terms import site_expression

CAUTION = (0.0, 1.0, 3.0)
"""How much it counts against a venue what it takes of limits, in one try after the other."""

BY_SITE = ("score", "venues", "cost", "changes")
"""Objectives of which a plan's sites alone tell the value."""

SCARCE = 6
"""Power by which a limit counts the more, the closer an even choice among all columns comes to it."""

LEAST_PEOPLE = 1e-9
"""Share of all people below which nobody is meant."""


@njit(nogil=True, cache=True)
def _sent_on(start, site, begin, point_of, pair_of, sent, left, room, opened, source, least, dead, came, shift, queue):
    """Send people of a point to a site with room, by moving others on; how many.

    Where there is no way the points met are `dead`: none of them has one. `came` is by site the pair it was reached by, `shift` by
    point the pair whose people would be moved on.
    """
    queue[0], seen, tail = source, 0, 1
    shift[source] = -2
    goal = -1
    while seen < tail and goal < 0:
        point = queue[seen]
        seen += 1
        for pair in range(start[point], start[point + 1]):
            place = site[pair]
            if not opened[place] or came[place] >= 0:
                continue
            came[place] = pair
            if room[place] > least:
                goal = place
                break
            for k in range(begin[place], begin[place + 1]):
                other = point_of[k]
                if shift[other] == -1 and not dead[other] and sent[pair_of[k]] > least:
                    shift[other] = pair_of[k]
                    queue[tail] = other
                    tail += 1
    moved = 0.0
    if goal >= 0:
        moved, place = min(room[goal], left[source]), goal
        for send in range(2):
            place = goal
            while True:
                pair = came[place]
                if send:
                    sent[pair] += moved
                point = point_of_pair(start, pair)
                if point == source:
                    break
                if send:
                    sent[shift[point]] -= moved
                else:
                    moved = min(moved, sent[shift[point]])
                place = site[shift[point]]
        left[source] -= moved
        room[goal] -= moved
    for k in range(tail):
        point = queue[k]
        shift[point] = -1
        if goal < 0:
            dead[point] = True
        for pair in range(start[point], start[point + 1]):
            came[site[pair]] = -1
    return moved


@njit(nogil=True, cache=True)
def point_of_pair(start, pair):
    """Point whose pairs hold a place: the last that begins at or before it."""
    low, high = 0, start.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if start[middle] <= pair:
            low = middle
        else:
            high = middle
    # points without pairs begin where the next one does
    return low


@njit(nogil=True, cache=True)
def send(start, site, begin, point_of, pair_of, sent, left, room, opened, least):
    """Send as many people as there is room for to open sites; which points have no way any more.

    `sent` by pair, `left` by point and `room` by site are worked on.
    """
    points, sites = left.size, room.size
    dead, came = np.zeros(points, np.bool_), np.full(sites, -1, np.int64)
    shift, queue = np.full(points, -1, np.int64), np.empty(points, np.int64)
    for point in range(points):
        while left[point] > least and not dead[point]:
            if _sent_on(start, site, begin, point_of, pair_of, sent, left, room, opened, point, least, dead, came, shift,
                        queue) <= 0.0:
                break
    return dead


class _Draft:
    """A plan in the making: columns picked, what they use of the rows over sites, and with capacities who is sent where."""

    def __init__(self, form: Formulation, program: Program, caution: float, begin: np.ndarray | None = None) -> None:
        self.form = form
        low, high = program.bounds()
        flows = np.zeros(program.columns, dtype=bool)
        flows[form.flows] = True
        matrix, (lower, upper) = program.matrix(), program.row_bounds()
        about_sites = np.bincount(np.repeat(np.arange(program.rows), np.diff(matrix.indptr)), flows[matrix.indices],
                                  minlength=program.rows) == 0
        self.rows = sparse.csr_array(matrix[np.flatnonzero(about_sites)])
        self.rows.sum_duplicates()
        self.row = np.repeat(np.arange(self.rows.shape[0]), np.diff(self.rows.indptr))
        self.by_column = sparse.csc_array(self.rows)
        self.lower, self.upper = lower[about_sites], upper[about_sites]
        self.locked = (low > 0.5) | flows
        self.barred = (high < 0.5) | flows
        self.picked = ((low > 0.5) | (False if begin is None else begin > 0.5)) & ~self.barred
        self.used = self.rows @ self.picked.astype(float)
        self.dear = self._dearness() ** caution
        self.appeal = self._appeal()
        # how many columns could do what a row asks for, some of them only once others are there
        self.others = np.bincount(self.row, (self.rows.data > 0) & ~self.barred[self.rows.indices], minlength=len(self.lower))

    def _dearness(self) -> np.ndarray:
        """What a column takes of the limits that are scarce, against what the columns take in the mean; at least a twentieth."""
        free, taken = ~self.barred[self.rows.indices], np.maximum(self.rows.data, 0.0)
        lacking = (self.lower - self.used > FEASIBLE)[self.row] & (taken > 0) & free
        others = np.bincount(self.row[lacking], minlength=len(self.lower))
        even = np.bincount(self.rows.indices[lacking], 1.0 / others[self.row[lacking]], minlength=len(self.picked))
        # of what is asked for itself nothing is taken by doing it
        limit = np.where(np.isfinite(self.upper) & (self.upper > 0) & (self.lower <= 0), self.upper, np.inf)
        use = np.bincount(self.row, taken * np.minimum(even, 1.0)[self.rows.indices], minlength=len(limit)) / limit
        scarce = np.minimum(use, 2.0) ** SCARCE / limit if lacking.any() else 1.0 / limit
        dear = np.bincount(self.rows.indices, taken * scarce[self.row], minlength=len(self.picked))
        some = dear[~self.barred & (dear > 0)]
        return np.maximum(dear / some.mean(), 0.05) if len(some) else np.ones(len(dear))

    def _appeal(self) -> np.ndarray:
        """What else speaks for a column: people round a site, the closer the more (1 to 2), and others that it makes possible."""
        times, sites = self.form.times, len(self.form.counted)
        near = np.bincount(times.site, self.form.instance.people[times.point] / (times.minutes + 5.0), minlength=sites)
        out = np.ones(len(self.picked))
        out[:sites] += near / max(float(near.max(initial=0.0)), 1e-12)
        helps = (self.rows.data < 0) & np.isfinite(self.upper)[self.row]
        return out * (1.0 + np.bincount(self.rows.indices, helps, minlength=len(out)))

    def _may(self) -> np.ndarray:
        """Columns that can be picked without breaking a limit."""
        data, over = self.rows.data, np.zeros(self.rows.shape[1], dtype=bool)
        breaks = (data > 0) & (self.used[self.row] + data > self.upper[self.row] + FEASIBLE)
        over[self.rows.indices[breaks]] = True
        return ~(over | self.picked | self.barred)

    def _change(self, column: int, *, pick: bool) -> None:
        entries = slice(self.by_column.indptr[column], self.by_column.indptr[column + 1])
        self.picked[column] = pick
        self.used[self.by_column.indices[entries]] += self.by_column.data[entries] * (1.0 if pick else -1.0)

    def keep_rules(self) -> bool:
        """Pick columns until the rows over sites hold; whether they do."""
        for _ in range(len(self.picked)):
            short = self.used < self.lower - FEASIBLE
            if not short.any():
                return True
            counts = short[self.row] & self._may()[self.rows.indices] & (self.rows.data > 0)
            row, column = self.row[counts], self.rows.indices[counts]
            if (np.bincount(row, minlength=len(short))[short] == 0).any():
                return False
            worth = np.bincount(column, 1.0 / self.others[row] ** 2, minlength=len(self.picked))
            self._change(int(np.argmax(worth * self.appeal / self.dear)), pick=True)
        return False

    def _spare(self, column: int) -> bool:
        """Whether the rows over sites hold without a column that is picked."""
        entries = slice(self.by_column.indptr[column], self.by_column.indptr[column + 1])
        row = self.by_column.indices[entries]
        used = self.used[row] - self.by_column.data[entries]
        return bool(((used >= self.lower[row] - FEASIBLE) & (used <= self.upper[row] + FEASIBLE)).all())

    def _venues(self) -> np.ndarray:
        """Columns picked that are venues to be built and need not be."""
        return np.flatnonzero(self.picked[:len(self.form.counted)] & self.form.counted & ~self.locked[:len(self.form.counted)])

    def close_spare(self) -> None:
        """Do without venues that no rule needs, the dearest first."""
        venues = self._venues()
        for column in venues[np.argsort(-self.dear[venues], kind="stable")]:
            if self._spare(column):
                self._change(column, pick=False)

    def serve_all(self, limit_min: float) -> bool:
        """With capacities: open venues until all whom a permitted site reaches within a walk are sent there; whether all are."""
        form = self.form
        self.near = np.flatnonzero(form.times.minutes <= limit_min)
        times = form.times.only(form.times.minutes <= limit_min)
        order = np.argsort(times.site, kind="stable")
        begin = np.searchsorted(times.site[order], np.arange(len(form.counted) + 1)).astype(np.int64)
        self.walks = (times.start, times.site, begin, times.point[order], order)
        self.point = times.point
        self.sent = np.zeros(len(times.site))
        self.left = np.where(np.diff(times.start) > 0, form.instance.people, 0.0)
        self.room = form.instance.sites["capacity_people"].fillna(np.inf).to_numpy(float, copy=True)
        self.least = LEAST_PEOPLE * max(float(self.left.sum()), 1.0)
        reached = np.minimum(self.room, np.bincount(times.site, self.left[times.point], minlength=len(self.room)))
        for _ in range(len(self.room) + 1):
            dead = self._send()
            if self.left.max(initial=0.0) <= self.least:
                self._close_idle()
                return True
            column = self._next(times.site, dead, reached)
            if column < 0:
                return False
            self._change(column, pick=True)
        return False

    def _send(self) -> np.ndarray:
        return send(*self.walks, self.sent, self.left, self.room, self.picked[:len(self.room)], self.least)

    def _next(self, site: np.ndarray, dead: np.ndarray, reached: np.ndarray) -> int:
        """The site that takes most of those who are left over, or of those who could make room for them; -1 none."""
        sites = len(self.room)
        may = self._may()[:sites]
        for people in (self.left, np.where(dead, self.form.instance.people, 0.0)):
            gain = np.minimum(np.bincount(site, people[self.point], minlength=sites), self.room)
            # of several that take as many the one that reaches most
            merit = np.where(may & (gain > self.least), (gain + 1e-3 * reached) / self.dear[:sites], 0.0)
            if merit.max(initial=0.0) > 0:
                return int(np.argmax(merit))
        return -1

    def _close_idle(self) -> None:
        """Do without venues whose people find room elsewhere, those with the fewest first."""
        load = np.bincount(self.walks[1], self.sent, minlength=len(self.room))
        venues = self._venues()
        for column in venues[np.argsort(load[venues], kind="stable")]:
            if not self._spare(column):
                continue
            kept = self.sent.copy(), self.left.copy(), self.room.copy()
            here = np.flatnonzero((self.walks[1] == column) & (self.sent > 0))
            np.add.at(self.left, self.point[here], self.sent[here])
            self.room[column] += float(self.sent[here].sum())
            self.sent[here] = 0.0
            self._change(column, pick=False)
            self._send()
            if self.left.max(initial=0.0) > self.least:
                self._change(column, pick=True)
                self.sent, self.left, self.room = kept


def first_plan(form: Formulation, program: Program, *, near: np.ndarray | None = None) -> np.ndarray | None:
    """Values of a programme's columns that keep all its rows; None where they are not found so, which proves nothing.

    Parameters
    ----------
    form : Formulation
    program : Program
        The rules, and what was asked beyond them.
    near : ndarray, optional
        Values of a plan that keeps the rules over sites, of which one more plan is made; of several the best by the first of the
        objectives where that is about the sites, else the first found.
    """
    objective = form.rules.objectives[0]
    own = site_expression(form, objective.kind) if objective.kind in BY_SITE else None
    best, least = None, np.inf
    for caution, begin in (*([] if near is None else [(0.0, near)]), *((caution, None) for caution in CAUTION)):
        if best is not None and begin is None and caution > 0:
            break
        values = _made(form, program, caution, begin)
        if values is None:
            continue
        value = 0.0 if own is None else objective.sign * own.at(values)
        if value < least:
            best, least = values, value
    return best


def _made(form: Formulation, program: Program, caution: float, begin: np.ndarray | None) -> np.ndarray | None:
    limit_min = form.rules.cover_all_within_min
    draft = _Draft(form, program, caution, begin)
    if not draft.keep_rules():
        return None
    values = np.zeros(program.columns)
    if form.flow is not None and limit_min is not None:
        if not draft.serve_all(limit_min):
            return None
        people = form.instance.people[draft.point]
        values[form.flow[draft.near]] = draft.sent / np.where(people > 0, people, 1.0)
    elif form.rules.objectives[0].kind in ("venues", "cost"):
        draft.close_spare()
    values[draft.picked] = 1.0
    return values if keeps(program, values) else None
