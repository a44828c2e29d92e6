"""Exact choice, measured: against spopt in one run, and every objective under every rule at the county's size. Prints tables.

    python -m tests.bench.bench_choice               spopt, and 73 villages x 20 candidates (limit 2 s a solve)
    python -m tests.bench.bench_choice --big         and 400 villages x 50 candidates (limit 30 s a solve)
    python -m tests.bench.bench_choice --spopt       the comparison alone (--table: the table alone)

Both sides of the comparison start from the same cost matrix and end with the chosen sites; spopt builds its model with PuLP and
solves it with HiGHS (or CBC, its other free solver: the faster of the two counts). The counties are made up; walks follow a smooth
field of detours, as on a street network. In the *dense* one villages are 1.5 km apart, and people can all walk to hundreds of
candidates of their neighbours; in the other they are 3 km apart.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from geo.choice import ContradictionError, Instance, NoPlanInTimeError, Objective, Quota, Rules, Times, choose
from geo.choice.warm import compile_kernels
from tests.geo.choice.classic import instance_of
from tests.geo.choice.made import county

OBJECTIVES = {
    "score": {"objectives": (Objective("score"),)},
    "walk": {"objectives": (Objective("walk"),)},
    "cover": {"objectives": (Objective("cover"),)},
    "fewest": {"objectives": (Objective("venues"),), "per_village": "free", "cover_all_within_min": 25.0},
    "worst walk": {"objectives": (Objective("worst_walk"),)},
    "cover, then walk": {"objectives": (Objective("cover"), Objective("walk"))},
    "worst, then walk": {"objectives": (Objective("worst_walk"), Objective("walk"))},
    "score, then walk": {"objectives": (Objective("score", give_up=0.02), Objective("walk"))},
    "score + walk": {"objectives": (Objective("score", weight=300.0), Objective("walk")), "combine": "weighted"},
    "cover + cost + walk": {"objectives": (Objective("cover", weight=20.0), Objective("cost", weight=0.01), Objective("walk")),
                            "combine": "weighted"},
}


def rules_of(villages: int, mean_cost_yuan: float) -> dict[str, dict]:
    """The rules by name, as tight as they are in earnest."""
    return {"none": {}, "budget": {"budget_yuan": 0.75 * villages * mean_cost_yuan},
            "quota": {"per_village": "at_most", "quotas": (Quota(3, 5),)}, "spacing": {"spacing_m": 600.0},
            "sharing": {"share_walk_min": 15.0, "count_max": int(0.85 * villages)}, "capacity": {"capacity": True}}


def dense_county(villages: int, sites: int, points: int, *, seed: int = 7, spread: float = 1.0) -> Instance:
    """A county whose catchments overlap strongly, the less the larger `spread` (1: villages 1.5 km apart).

    `points` places a village where people live, townships of about ten villages.
    """
    made = county(seed, villages=villages, sites=sites, points=points, existing=villages // 8, reach_min=60.0)
    rng, new = np.random.default_rng(seed), made.sites["kind"].ne("existing")
    xy = made.sites[["x_m", "y_m"]].to_numpy(float)
    middle = made.sites.groupby("village_code")[["x_m", "y_m"]].transform("mean").to_numpy(float)
    # villages move apart, not the sites within them
    xy = xy + (spread - 1.0) * np.where(np.isnan(middle), xy, middle)
    made = dataclasses.replace(made, sites=made.sites.assign(x_m=xy[:, 0], y_m=xy[:, 1]))
    centre = made.sites[new].groupby("village_code")[["x_m", "y_m"]].mean().loc[made.villages["village_code"]].to_numpy()
    homes = centre[made.demand_village] + rng.normal(0, 900, (len(made.demand), 2))
    minutes = np.hypot(*(homes[:, None] - xy[None]).transpose(2, 0, 1)) / 5000 * 60
    minutes = minutes * (_detour(homes)[:, None] + _detour(xy)[None]) / 2
    minutes[minutes > 60.0] = np.inf
    across = max(2, round(np.sqrt(villages / 10)))
    column = pd.qcut(centre[:, 0], across, labels=False)
    row = np.concatenate([pd.qcut(centre[column == at, 1], across, labels=False) for at in range(across)])
    code = np.empty(villages, dtype=object)
    code[np.argsort(column, kind="stable")] = [f"T{at}" for at in row]
    township = np.array([f"T{at}" for at in column], dtype=object) + "-" + code
    room = (rng.uniform(0.7, 2.2, len(made.sites)) * made.people.sum() / villages).round()
    return dataclasses.replace(made, villages=made.villages.assign(township_code=township, township_name=township),
                               sites=made.sites.assign(capacity_people=room), times=Times.from_dense(minutes))


def _detour(xy: np.ndarray) -> np.ndarray:
    return 1.25 + 0.15 * np.sin(xy[:, 0] / 700) * np.cos(xy[:, 1] / 900)


def table(villages: int, sites: int, *, limit_s: float, points: int = 10, spread: float = 1.0) -> None:
    """Every objective under every rule: seconds, and *proven* or the gap of each stage."""
    instance = dense_county(villages, sites, points, spread=spread)
    size = f"{len(instance.demand)} demand points, {len(instance.times.site)} walks"
    print(f"\n{villages} villages x {sites} candidates, {1.5 * spread:g} km apart, {size}; limit {limit_s:g} s")
    mean = float(instance.sites["cost_yuan"][~instance.existing].mean())
    for rule, extra in rules_of(villages, mean).items():
        for name, sought in OBJECTIVES.items():
            rules = Rules(allow_verify=True, **{**extra, **sought})
            start = time.perf_counter()
            try:
                stages = choose(instance, rules, time_limit_s=limit_s).stages
                told = "; ".join("proven" if stage.gap == 0 else f"gap {100 * stage.gap:.2f} %" for stage in stages)
            except NoPlanInTimeError:
                told = "no plan in time"
            except ContradictionError:
                told = "the rules contradict each other"
            print(f"  {rule:9s}{name:21s}{time.perf_counter() - start:7.2f} s   {told}", flush=True)


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


def against_spopt() -> None:
    """The two comparisons, a line for each."""
    cases = (("p-median", 300, 30, None, 10.0), ("maximal covering", 500, 20, 8.0, 5.0))
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
        print(f"{'; '.join(line)}; ratio {fastest / seconds:.1f} (asked: {asked:g})", flush=True)


def main(argv: list[str] | None = None) -> None:
    """Run what is asked for."""
    asked = argparse.ArgumentParser(description="Exact choice, measured.")
    asked.add_argument("--spopt", action="store_true", help="the comparison with spopt alone")
    asked.add_argument("--table", action="store_true", help="the table alone")
    asked.add_argument("--big", action="store_true", help="400 villages x 50 candidates too")
    given = asked.parse_args(argv)
    compile_kernels()
    if not given.table:
        against_spopt()
    if not given.spopt:
        table(73, 20, limit_s=2.0, spread=2.0)
        table(73, 20, limit_s=2.0)
        if given.big:
            table(400, 50, limit_s=30.0)


if __name__ == "__main__":
    main()
