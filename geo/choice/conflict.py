"""Why no plan keeps the rules: the smallest set of them that cannot hold together, by name and village."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from geo.choice.formulate import Formulation
from geo.choice.program import NO_RULE, Answer, Clock, minimise
from geo.choice.rules import RuleName

MOST_CONFLICTS = 8
"""Further contradictions told beside the first."""


@dataclass(frozen=True)
class Conflict:
    """Rules that cannot hold together.

    Without any one of `rules` the others can hold. `smallest` says that no smaller set contradicts itself (False: time ran out
    before this was shown; it is then one from which nothing can be left out). `others` are further contradictions that share no
    rule with it or with each other.
    """

    rules: tuple[RuleName, ...]
    smallest: bool
    others: tuple[tuple[RuleName, ...], ...] = ()


class _Rows:
    """The programme with every rule apart, so that any set of them can be asked for."""

    def __init__(self, form: Formulation) -> None:
        program = form.program
        self.integer = np.concatenate(program.integer)
        self.upper = program.bounds()[1].copy()
        self.upper[:len(form.permitted)] = 1.0
        matrix, (lower, upper), (below, above) = program.matrix(), program.row_bounds(), program.row_rules()
        names = list(program.rules)
        barred = [(sites, len(names) + place) for place, (sites, _) in enumerate(form.bars)]
        names += [rule for _, rule in form.bars]
        bar_column = np.concatenate([sites for sites, _ in barred]) if barred else np.zeros(0, dtype=np.int64)
        bar_tag = np.concatenate([np.full(len(sites), tag) for sites, tag in barred]) if barred else np.zeros(0, dtype=np.int64)
        bar = sparse.csr_array((np.ones(len(bar_column)), (np.arange(len(bar_column)), bar_column)),
                               shape=(len(bar_column), program.columns))
        some_below, some_above = np.isfinite(lower), np.isfinite(upper)
        # every bound on its own, as row >= limit
        self.matrix = sparse.csr_array(sparse.vstack([matrix[some_below], -matrix[some_above], -bar]))
        self.limit = np.concatenate([lower[some_below], -upper[some_above], np.zeros(len(bar_column))])
        self.tag = np.concatenate([below[some_below], above[some_above], bar_tag])
        # the same rule named twice is one rule
        unique = {name: place for place, name in enumerate(dict.fromkeys(names))}
        same = np.array([unique[name] for name in names] + [NO_RULE])
        self.tag = same[self.tag]
        self.names = tuple(unique)

    def holds(self, rules: np.ndarray, *, time_limit_s: float) -> bool:
        """Whether the rules of a mask can hold together (True also where time ran out)."""
        use = (self.tag == NO_RULE) | rules[self.tag]
        answer = minimise(np.zeros(len(self.upper)), np.zeros(len(self.upper)), self.upper, self.integer, self.matrix[use],
                          self.limit[use], np.full(int(use.sum()), np.inf), time_limit_s=time_limit_s)
        return answer.status != "infeasible"

    def fewest_broken(self, hard: np.ndarray, soft: np.ndarray, *, time_limit_s: float) -> Answer:
        """Break as few of the soft rules as can be while the hard ones hold: a column per rule behind the programme's own."""
        use = (self.tag == NO_RULE) | hard[self.tag] | soft[self.tag]
        matrix, limit, tag = self.matrix[use], self.limit[use], self.tag[use]
        least = sparse.csr_array(matrix.minimum(0)) @ self.upper
        give = np.where((tag != NO_RULE) & soft[tag], np.maximum(limit - least, 0.0), 0.0)
        rows = np.flatnonzero(give > 0)
        slack = sparse.csr_array((give[rows], (rows, tag[rows])), shape=(len(limit), len(self.names)))
        columns, rules = len(self.upper), len(self.names)
        return minimise(
            np.concatenate([np.zeros(columns), np.ones(rules)]), np.zeros(columns + rules),
            np.concatenate([self.upper, soft.astype(float)]), np.concatenate([self.integer, np.ones(rules, dtype=bool)]),
            sparse.csr_array(sparse.hstack([matrix, slack])), limit, np.full(len(limit), np.inf), time_limit_s=time_limit_s,
        )


def find_conflict(form: Formulation, *, time_limit_s: float = 30.0) -> Conflict:
    """The smallest set of rules that cannot hold together, and further ones apart from it.

    The smallest set meets every set of rules whose breaking would heal the problem. These are collected one by one: the smallest
    set that meets those known so far either contradicts itself, and then it is the answer, or breaking as few rules as possible
    while it holds gives the next (Ignatiev, Previti, Liffiton and Marques-Silva 2015). Where time runs out, rules are left out by
    halves until nothing more can be (Junker 2004).

    Parameters
    ----------
    form : Formulation
        One of which no plan exists.
    time_limit_s : float

    Returns
    -------
    Conflict
        Without rules when, against the premise, a plan exists.
    """
    rows, clock = _Rows(form), Clock(time_limit_s)
    left = np.ones(len(rows.names) + 1, dtype=bool)
    left[-1] = False
    if rows.holds(left, time_limit_s=clock.left_s):
        return Conflict((), True)
    first, smallest = _smallest(rows, left, clock)
    others: list[tuple[RuleName, ...]] = []
    found = first
    while clock.left_s > 0.5 * time_limit_s and len(others) < MOST_CONFLICTS:
        left = left & ~found
        if rows.holds(left, time_limit_s=clock.left_s):
            break
        found, _ = _smallest(rows, left, clock)
        others.append(_named(rows, found))
    return Conflict(_named(rows, first), smallest, tuple(others))


def _named(rows: _Rows, rules: np.ndarray) -> tuple[RuleName, ...]:
    return tuple(rows.names[place] for place in np.flatnonzero(rules[:-1]))


def _smallest(rows: _Rows, among: np.ndarray, clock: Clock) -> tuple[np.ndarray, bool]:
    """A smallest contradicting set among those of a mask; the flag says whether it is known to be smallest."""
    heals: list[np.ndarray] = []
    limit = Clock(0.5 * clock.left_s)
    while limit.left_s > 0.05:
        picked = _fewest_meeting(heals, among)
        answer = rows.fewest_broken(picked, among & ~picked, time_limit_s=limit.left_s)
        if answer.status == "infeasible":
            return picked, True
        if answer.values is None:
            break
        broken = np.append(answer.values[len(rows.upper):] > 0.5, False) & among
        if not broken.any():
            break
        heals.append(broken)
    return _irreducible(rows, among, clock), False


def _fewest_meeting(heals: list[np.ndarray], among: np.ndarray) -> np.ndarray:
    """The fewest rules that are in each of the sets."""
    if not heals:
        return np.zeros_like(among)
    matrix = sparse.csr_array(np.array(heals, dtype=float))
    size = len(among)
    answer = minimise(np.ones(size), np.zeros(size), among.astype(float), np.ones(size, dtype=bool), matrix, np.ones(len(heals)),
                      np.full(len(heals), np.inf))
    return np.zeros_like(among) if answer.values is None else answer.values > 0.5


def _irreducible(rows: _Rows, among: np.ndarray, clock: Clock) -> np.ndarray:
    """Leave out rules by halves until each that is left is needed."""
    def search(base: np.ndarray, added: bool, rest: np.ndarray) -> np.ndarray:
        if added and not rows.holds(base, time_limit_s=clock.left_s):
            return np.zeros_like(base)
        places = np.flatnonzero(rest)
        if len(places) <= 1:
            return rest.copy()
        one, two = np.zeros_like(rest), np.zeros_like(rest)
        one[places[:len(places) // 2]] = True
        two[places[len(places) // 2:]] = True
        needed_two = search(base | one, True, two)
        needed_one = search(base | needed_two, bool(needed_two.any()), one)
        return needed_one | needed_two

    return search(np.zeros_like(among), False, among)
