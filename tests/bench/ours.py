"""Our side of the benchmark, as a process of its own: open the county, study it, write the table of candidates.

    python -m tests.bench.ours county.toml out-folder [straight]

Everything the study does is done, what the peers leave out as well (owner levels and their evidence, every gate, what would make a
site pass): ours is the larger job. Ways off the
road go over the ground, round water and steep slopes; with *straight* they run straight on the level as the peers' do: a run of its
own, by which the answers are compared and which is not timed. Prints the seconds of each step as JSON.
"""

from __future__ import annotations

import time

BEGAN = time.perf_counter()

import json  # noqa: E402  (the clock runs before anything of ours is imported)
import resource  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy as np
    from pandas import DataFrame

    from geo.choice import Instance
    from geo.coverage import Walks
    from geo.results import Study
    from tests.bench.siting import Siting


def run(toml: Path, folder: Path, *, straight: bool) -> dict[str, float]:
    """Seconds by step of one whole run; leaves ``candidates.csv`` and ``compared.parquet`` (the columns compared) in the folder."""
    from contextlib import nullcontext

    from layers.open import open_county
    from ui.ahead import CHOICE_AT, load_analysis, load_choice
    from ui.memory import give_back_memory

    give_back_memory()
    steps = {"import": time.perf_counter() - BEGAN}
    begin = time.perf_counter()
    load_analysis()     # beside the reading, and what chooses beside the study, as `ui.engine.open_and_study` does
    county = open_county(toml)
    steps["open"] = time.perf_counter() - begin
    begin = time.perf_counter()
    from geo.study import study
    from reports.tables import write_candidates
    from tests.bench.job import bench_scenario
    from tests.bench.siting import keep_siting

    steps["import"] += time.perf_counter() - begin
    with _off_road_straight() if straight else nullcontext():
        outcome = study(county, bench_scenario(), progress=lambda step, share: load_choice() if step == CHOICE_AT else None)
    steps |= outcome.seconds
    begin = time.perf_counter()
    write_candidates(outcome, folder / "candidates.csv")
    steps["write"] = time.perf_counter() - begin
    begin = time.perf_counter()
    plan = _siting(outcome)
    steps["siting"] = time.perf_counter() - begin
    steps["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    begin = time.perf_counter()
    _keep(outcome, folder)
    keep_siting(folder, plan)
    steps["keep"] = time.perf_counter() - begin
    return steps


def _off_road_straight() -> AbstractContextManager[object]:
    """While this lasts, ways off the road go straight and on the level."""
    from unittest.mock import patch

    return patch("geo.network.ground_of", return_value=None)


def _siting(outcome: Study) -> Siting:
    """The sites chosen among the largest yards, from the study's own network and residents."""
    import numpy as np
    import pandas as pd

    from geo.choice import Objective, Rules, choose
    from geo.coverage import walk_pairs
    from geo.measures.residents import points_of
    from geo.snapping import snap
    from tests.bench.siting import Siting, centres, counts, shortlist

    review, new = outcome.road_review, outcome.candidates[outcome.candidates["kind"] == "new"]
    code = new["parcel_code"].to_numpy(str)
    listed = shortlist(new["courtyard_m2"].to_numpy(), _forbidden(new), code)
    residents, network = review.residents, review.network
    homes = pd.DataFrame({"x": residents.xy[:, 0], "y": residents.xy[:, 1], "people": residents.people,
                          "village_code": residents.village})
    middle = centres(homes[homes["village_code"] >= 0])
    _, places = points_of(new.iloc[listed])
    limit = outcome.scenario.travel.walk_limit_min
    walks = walk_pairs(network, snap(middle[["x", "y"]].to_numpy(), network, mode="walk"), snap(places, network, mode="walk"),
                       limit_min=limit)
    chosen = counts(len(new))[1]
    rules = Rules(objectives=(Objective("walk"),), per_village="free", count_min=chosen, count_max=chosen)
    found = choose(_problem(walks, middle["people"].to_numpy(), len(listed), limit), rules, time_limit_s=60.0)
    built = np.flatnonzero(found.opened[:-1])
    return Siting(float(found.visits["people"] @ found.visits["minutes"]), tuple(code[listed[built]]), found.proven)


def _problem(walks: Walks, people: np.ndarray, sites: int, limit_min: float) -> Instance:
    """The table of walks; behind the sites a place that stands already, which everybody reaches in the limit: staying at home."""
    import numpy as np
    import pandas as pd

    from geo.choice import Instance, Times
    from geo.choice.instance import VILLAGE_COLUMNS

    points = np.arange(len(people))
    times = Times.from_pairs(np.r_[walks.home, points], np.r_[walks.place, np.full(len(points), sites)],
                             np.r_[walks.minutes, np.full(len(points), limit_min)], points=len(points))
    table = pd.DataFrame({
        "site_id": [str(site) for site in range(sites + 1)], "village_code": None, "kind": ["new"] * sites + ["existing"],
        "verdict": "pass", "score": 0.0, "cost_yuan": 0.0, "capacity_people": np.nan, "x_m": 0.0, "y_m": 0.0,
    })
    return Instance(pd.DataFrame(columns=VILLAGE_COLUMNS, dtype=object), table,
                    pd.DataFrame({"people": people, "village_code": None}), times)


def _forbidden(candidates: DataFrame) -> np.ndarray:
    """Whether candidates lie in restricted ground beyond what is tolerated."""
    from tests.bench.model import RESTRICTIONS, STANDARD

    rules = STANDARD["gates"]["restriction"]["kinds"]
    beyond = [candidates[f"restriction_share_{kind}"] > rules[kind]["tolerated_share"] + 1e-6 for kind in RESTRICTIONS]
    return sum(beyond).to_numpy() > 0


def _keep(outcome: Study, folder: Path) -> None:
    """Leave the columns compared in the folder."""
    from tests.bench.compare import TOLERANCES

    table = outcome.candidates[["kind", "parcel_code", "rectangle_short_m", "frontage_m", *TOLERANCES]]
    table.assign(forbidden=_forbidden(table)).to_parquet(folder / "compared.parquet")


if __name__ == "__main__":
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]), out, straight="straight" in sys.argv[3:])) + "\n")
    from ui.memory import leave

    leave(0)     # as `cunzhi` does
