"""A mixed-integer programme in arrays, its rows tagged with the rules they come from, and its solution by HiGHS."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from geo.choice.rules import RuleName

NO_RULE = -1
"""Tag of a bound that is no rule but part of the formulation; it cannot be given up."""

FEASIBLE = 1e-7
"""How far the solver lets a row or a whole number be off."""

PLAIN = (("mip_heuristic_effort", 0.0), ("mip_heuristic_run_rins", False), ("mip_heuristic_run_rens", False),
         ("mip_heuristic_run_root_reduced_cost", False), ("mip_heuristic_run_feasibility_jump", False),
         ("mip_allow_restart", False))
"""Settings of the solver for where a very good plan is known already."""


@dataclass(frozen=True)
class Expression:
    """A linear expression over columns of a programme, and a constant."""

    column: np.ndarray
    factor: np.ndarray
    constant: float = 0.0

    def at(self, values: np.ndarray) -> float:
        """Its value at a point."""
        return float(self.factor @ values[self.column] + self.constant)

    def dense(self, columns: int) -> np.ndarray:
        """Its factors as one array over all columns."""
        return np.bincount(self.column, self.factor, minlength=columns).astype(float)


@dataclass(frozen=True)
class Answer:
    """What the solver says: *optimal*, *time_limit* or *infeasible*; `values` None where nothing was found in time."""

    status: str
    values: np.ndarray | None
    objective: float
    bound: float
    row_price: np.ndarray | None = None
    """What one unit more of each row costs; of programmes without whole numbers only."""


class Program:
    """Columns with bounds, rows with two bounds, each bound tagged with its rule. Always minimised.

    The one mutable thing of this package: built up here, copied for each stage, never handed out.
    """

    def __init__(self) -> None:
        self.lower: list[np.ndarray] = []
        self.upper: list[np.ndarray] = []
        self.integer: list[np.ndarray] = []
        self.triplets: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.row_lower: list[np.ndarray] = []
        self.row_upper: list[np.ndarray] = []
        self.row_lower_rule: list[np.ndarray] = []
        self.row_upper_rule: list[np.ndarray] = []
        self.implied: list[np.ndarray] = []
        self.rules: list[RuleName] = []
        self.columns = 0
        self.rows = 0

    def copy(self) -> Program:
        """The same programme, to which more can be added without changing this one."""
        twin = Program()
        for name, value in vars(self).items():
            setattr(twin, name, list(value) if isinstance(value, list) else value)
        return twin

    def rule(self, name: str, *subject: str) -> int:
        """A tag for a rule."""
        self.rules.append(RuleName(name, subject))
        return len(self.rules) - 1

    def add_columns(self, count: int, *, upper: float | np.ndarray = 1.0, integer: bool = False) -> np.ndarray:
        """New columns from 0 up to `upper`; their positions."""
        self.lower.append(np.zeros(count))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=float), count).copy())
        self.integer.append(np.full(count, integer))
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def add_rows(self, row: np.ndarray, column: np.ndarray, factor: float | np.ndarray, *, count: int,
                 lower: float | np.ndarray = -np.inf, upper: float | np.ndarray = np.inf, rule: int | np.ndarray = NO_RULE,
                 upper_rule: int | np.ndarray | None = None, implied: bool = False) -> None:
        """New rows; `row` counts from 0 within them. `rule` tags the lower bound and, unless `upper_rule` is given, the upper.

        `implied` rows say about the sites alone what the walks to be served say too.
        """
        row, column = np.asarray(row, dtype=np.int64), np.asarray(column, dtype=np.int64)
        self.triplets.append((row + self.rows, column, np.broadcast_to(np.asarray(factor, dtype=float), len(row))))
        for store, value in ((self.row_lower, lower), (self.row_upper, upper)):
            store.append(np.broadcast_to(np.asarray(value, dtype=float), count).copy())
        for store, tag in ((self.row_lower_rule, rule), (self.row_upper_rule, rule if upper_rule is None else upper_rule)):
            store.append(np.broadcast_to(np.asarray(tag, dtype=np.int64), count).copy())
        self.implied.append(np.full(count, implied))
        self.rows += count

    def add_row(self, column: np.ndarray, factor: float | np.ndarray, *, lower: float = -np.inf, upper: float = np.inf,
                rule: int = NO_RULE, upper_rule: int | None = None) -> None:
        """One new row."""
        column = np.asarray(column)
        self.add_rows(np.zeros(len(column)), column, factor, count=1, lower=lower, upper=upper, rule=rule, upper_rule=upper_rule)

    def limit(self, expression: Expression, *, at_most: float) -> None:
        """Keep an expression at or below a value; scaled so that the solver's tolerance is relative.

        There is room for that tolerance: a value that the solver itself found may be off by it, and must stay within reach.
        """
        largest = max(float(np.abs(expression.factor).max(initial=0.0)), 1e-12)
        used = expression.dense(self.columns)
        column = np.flatnonzero(used)
        room = (at_most - expression.constant) / largest
        self.add_row(column, used[column] / largest, upper=room + FEASIBLE * max(1.0, abs(room)))

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper bound of every column."""
        return np.concatenate(self.lower), np.concatenate(self.upper)

    def set_bounds(self, lower: np.ndarray, upper: np.ndarray) -> None:
        """Other bounds for all columns there are."""
        self.lower, self.upper = [np.asarray(lower, dtype=float)], [np.asarray(upper, dtype=float)]

    def matrix(self) -> sparse.csr_array:
        """The rows as a sparse matrix."""
        if not self.triplets:
            return sparse.csr_array((0, self.columns))
        row, column, factor = (np.concatenate(part) for part in zip(*self.triplets, strict=True))
        return sparse.csr_array((factor, (row, column)), shape=(self.rows, self.columns))

    def row_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper bound of every row."""
        return _joined(self.row_lower, float), _joined(self.row_upper, float)

    def row_rules(self) -> tuple[np.ndarray, np.ndarray]:
        """Tags of the lower and the upper bound of every row."""
        return _joined(self.row_lower_rule, np.int64), _joined(self.row_upper_rule, np.int64)

    @property
    def implied_rows(self) -> np.ndarray:
        """Rows that follow from which walks are to be served."""
        return _joined(self.implied, bool)

    def solve(self, cost: np.ndarray, *, constant: float = 0.0, time_limit_s: float = np.inf, start: np.ndarray | None = None,
              relaxed: bool = False, plain: bool = False) -> Answer:
        """Minimise ``cost @ columns + constant``; `start` is a known solution, `relaxed` drops integrality.

        `plain` spends no time on guessing plans, for where a very good one is known.
        """
        lower, upper = self.bounds()
        row_lower, row_upper = self.row_bounds()
        integer = np.concatenate(self.integer) & (not relaxed)
        return minimise(cost, lower, upper, integer, self.matrix(), row_lower, row_upper, constant=constant,
                        time_limit_s=time_limit_s, start=start, plain=plain)


    def solve_free(self, cost: np.ndarray, values: np.ndarray, free: np.ndarray, *, time_limit_s: float) -> Answer:
        """Minimise over some `free` columns, whole numbers or not, while all others keep their `values`.

        Only what is left of the rows is handed to the solver: of a plan that is settled, a small part.
        """
        lower, upper = self.bounds()
        (row_lower, row_upper), matrix = self.row_bounds(), sparse.csc_array(self.matrix())
        kept = np.where(free, 0.0, values)
        used = matrix @ kept
        part = sparse.csr_array(matrix[:, np.flatnonzero(free)])
        # a row of one column that its own bounds keep says nothing
        entries, column = np.diff(part.indptr), np.flatnonzero(free)
        most = np.where(part.data > 0, part.data * upper[column][part.indices], part.data * lower[column][part.indices])
        alone = np.bincount(np.repeat(np.arange(self.rows), entries), most, minlength=self.rows)
        idle = (entries == 1) & ~np.isfinite(row_lower) & (alone + used <= row_upper)
        rows = np.flatnonzero((entries > 0) & ~idle)
        answer = minimise(cost[column], lower[column], upper[column], np.zeros(len(column), dtype=bool), part[rows],
                          row_lower[rows] - used[rows], row_upper[rows] - used[rows], constant=float(cost @ kept),
                          time_limit_s=time_limit_s)
        if answer.values is None:
            return answer
        kept[column] = answer.values
        return Answer(answer.status, kept, answer.objective, answer.bound)


def minimise(cost: np.ndarray, lower: np.ndarray, upper: np.ndarray, integer: np.ndarray, matrix: sparse.csr_array,
             row_lower: np.ndarray, row_upper: np.ndarray, *, constant: float = 0.0, time_limit_s: float = np.inf,
             start: np.ndarray | None = None, plain: bool = False) -> Answer:
    """One programme in arrays, minimised by HiGHS with one thread and a fixed seed: the same input, the same answer."""
    if not len(cost):   # the solver has no answer to a programme without columns: nothing is chosen, and every row adds up to 0
        if ((row_lower > FEASIBLE) | (row_upper < -FEASIBLE)).any():
            return Answer("infeasible", None, np.inf, np.inf)
        return Answer("optimal", np.zeros(0), float(constant), float(constant), np.zeros(len(row_lower)))
    solver = _solver(time_limit_s)
    for name, value in PLAIN if plain else ():
        solver.setOptionValue(name, value)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(row_lower)
    model.col_cost_, model.col_lower_, model.col_upper_ = np.asarray(cost, dtype=float), lower, upper
    model.row_lower_, model.row_upper_, model.offset_ = row_lower, row_upper, float(constant)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    matrix = matrix.tocsr()
    matrix.sum_duplicates()
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(whole)] for whole in integer] if integer.any() else []
    solver.passModel(model)
    if start is not None:
        solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), np.asarray(start, dtype=float))
    solver.run()
    return _answer(solver, bool(integer.any()))


def _solver(time_limit_s: float) -> highspy.Highs:
    solver = highspy.Highs()
    options: Sequence[tuple[str, bool | int | float]] = (
        ("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 1e-9), ("mip_abs_gap", 1e-7),
        ("mip_feasibility_tolerance", FEASIBLE), ("time_limit", float(max(time_limit_s, 0.01))),
    )
    for name, value in options:
        solver.setOptionValue(name, value)
    return solver


def _answer(solver: highspy.Highs, whole: bool) -> Answer:
    status, info = solver.getModelStatus(), solver.getInfo()
    done = highspy.HighsModelStatus
    if status in (done.kInfeasible, done.kUnboundedOrInfeasible):
        return Answer("infeasible", None, np.inf, np.inf)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else None
    objective = float(info.objective_function_value) if found else np.inf
    if status in (done.kOptimal, done.kModelEmpty):
        bound = float(info.mip_dual_bound) if whole else objective
        price = None if whole else np.array(solver.getSolution().row_dual)
        return Answer("optimal", values, objective, min(bound, objective), price)
    return Answer("time_limit", values, objective, min(float(info.mip_dual_bound), objective) if whole else -np.inf)


def _joined(parts: list[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


class Clock:
    """Seconds left of a time limit."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.began = time.perf_counter()

    @property
    def spent_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.began

    @property
    def left_s(self) -> float:
        """Seconds left, at least a hundredth."""
        return max(self.limit_s - self.spent_s, 0.01)
