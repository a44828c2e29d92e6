"""Choice against spopt in one run: same optimum, and how many times faster. Prints the ratios.

    python -m tests.bench.bench_choice

Both sides start from the same cost matrix and end with the chosen sites; spopt builds its model with PuLP and solves it with HiGHS
(or CBC, its other free solver: the faster of the two counts).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np

from geo.choice import Objective, Rules, choose
from tests.geo.choice.classic import instance_of


def random_case(size: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Straight distances between `size` demand points and `size` sites on a square of 100 x 100, and people 1 to 99."""
    rng = np.random.default_rng(seed)
    points, sites = rng.uniform(0, 100, (2, size, 2))
    return np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)), rng.integers(1, 100, size).astype(float)


def timed(work: Callable[[], float], *, times: int = 3) -> tuple[float, float]:
    """Result and the shortest of several runs, in seconds of this thread and its children."""
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return result, best


def ours(cost: np.ndarray, people: np.ndarray, objective: Objective, venues: int) -> float:
    """Optimum by `choose`; an unproven one is an error."""
    rules = Rules(objectives=(objective,), per_village="free", count_min=venues, count_max=venues)
    choice = choose(instance_of(cost, people), rules, time_limit_s=120)
    if not choice.proven:
        raise AssertionError("not proven within the time limit")
    return choice.stages[0].value


def theirs(cost: np.ndarray, people: np.ndarray, venues: int, *, radius: float | None, solver: str) -> float:
    """Optimum by spopt: p-median, or maximal covering where a radius is given."""
    import pulp
    from spopt.locate import MCLP, PMedian

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = (PMedian.from_cost_matrix(cost, people, p_facilities=venues) if radius is None
                 else MCLP.from_cost_matrix(cost, people, radius, p_facilities=venues))
        chosen = pulp.HiGHS(msg=False, threads=1) if solver == "HiGHS" else pulp.PULP_CBC_CMD(msg=False, threads=1)
        model = model.solve(chosen)
    return float(model.problem.objective.value())


def main() -> None:
    """Run the two comparisons and print a line for each."""
    cases = (("p-median", 300, 30, None, 10.0), ("maximal covering", 500, 20, 8.0, 5.0))
    small = random_case(20, seed=0)
    ours(*small, Objective("walk"), 3)  # compiled before the clock runs
    for name, size, venues, radius, asked in cases:
        cost, people = random_case(size, seed=1)
        objective = Objective("walk") if radius is None else Objective("cover", limit_min=radius)
        value, seconds = timed(lambda c=cost, w=people, o=objective, n=venues: ours(c, w, o, n))
        line = [f"{name} {size} x {size}, {venues} venues: ours {value:.3f} in {seconds:.3f} s"]
        fastest = np.inf
        for solver in ("HiGHS", "CBC"):
            peer, peer_s = timed(lambda c=cost, w=people, n=venues, r=radius, s=solver: theirs(c, w, n, radius=r, solver=s),
                                 times=1)
            if not np.isclose(peer, value, rtol=1e-6):
                raise AssertionError(f"{name}: spopt with {solver} finds {peer}, we find {value}")
            fastest = min(fastest, peer_s)
            line.append(f"spopt + {solver} {peer_s:.2f} s")
        print(f"{'; '.join(line)}; ratio {fastest / seconds:.1f} (asked: {asked:g})")


if __name__ == "__main__":
    main()
