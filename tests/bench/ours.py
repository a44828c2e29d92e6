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
    from geo.results import Study


def run(toml: Path, folder: Path, *, straight: bool) -> dict[str, float]:
    """Seconds by step of one whole run; leaves ``candidates.csv`` and ``compared.parquet`` (the columns compared) in the folder."""
    from contextlib import nullcontext
    from unittest.mock import patch

    from geo.study import study
    from layers.open import open_county
    from reports.tables import write_candidates
    from tests.bench.job import bench_scenario
    from ui.memory import give_back_memory

    give_back_memory()
    steps = {"import": time.perf_counter() - BEGAN}
    begin = time.perf_counter()
    county = open_county(toml)
    steps["open"] = time.perf_counter() - begin
    with patch("geo.network.ground_of", return_value=None) if straight else nullcontext():
        outcome = study(county, bench_scenario())
    steps |= outcome.seconds
    begin = time.perf_counter()
    write_candidates(outcome, folder / "candidates.csv")
    steps["write"] = time.perf_counter() - begin
    steps["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    begin = time.perf_counter()
    _keep(outcome, folder)
    steps["keep"] = time.perf_counter() - begin
    return steps


def _keep(outcome: Study, folder: Path) -> None:
    """Leave the columns compared in the folder; forbidden is what lies in restricted ground beyond what is tolerated."""
    from tests.bench.compare import TOLERANCES
    from tests.bench.model import RESTRICTIONS, STANDARD

    rules = STANDARD["gates"]["restriction"]["kinds"]
    table = outcome.candidates[["kind", "parcel_code", *TOLERANCES]]
    forbidden = [table[f"restriction_share_{kind}"] > rules[kind]["tolerated_share"] + 1e-6 for kind in RESTRICTIONS]
    table.assign(forbidden=sum(forbidden) > 0).to_parquet(folder / "compared.parquet")


if __name__ == "__main__":
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]), out, straight="straight" in sys.argv[3:])) + "\n")
