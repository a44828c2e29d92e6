"""Our study against both peers in one run: same answers, and how many times faster. Writes RESULTS.md.

    make bench                         # 10,000 parcels
    make bench SIZE="100000 1000000"
    python -m tests.bench.run 1000000 --peers none

Each side is a process of its own that starts cold and ends with its table written; they run one after the other on the same
machine. What takes seconds only is run three times, and the median counts: a machine that hesitates once would decide. Before that
ours runs once more with straight ways off the road, as the peers take them, to compare the answers. Above 100,000 parcels the
analyst's script is left out, for it would take hours. Wall and processor seconds are kept: on a machine that others use too the
latter are the steadier ones, and they count our threads against us.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.compare import Difference, differences
from tests.bench.county import FOLDER, Size, make_county
from tests.bench.results import write_results
from tests.bench.siting import siting_fault

SIDES = ("ours", "libraries", "analyst")
SHORT_S = 20.0
"""A side that takes less wall time is run three times."""
ANALYST_LIMIT = 100_000
"""Parcels up to which the analyst's script is run unless asked for."""


@dataclass(frozen=True)
class Side:
    """What one side took: wall and processor seconds of the process, seconds by step, most memory in GiB."""

    name: str
    wall_s: float
    cpu_s: float
    peak_gib: float
    steps: dict[str, float]
    differences: tuple[Difference, ...] = field(default=())


def run_side(name: str, toml: Path, folder: Path, *more: str) -> Side:
    """Run one side in a process of its own and time it from its start to its end.

    Raises
    ------
    RuntimeError
        If it fails, with what it wrote.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", f"tests.bench.{name}", str(toml), str(folder), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=FOLDER.parent)
    told, error = process.communicate()
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"{name} failed: {error[-2000:]}")
    steps = json.loads(told.splitlines()[-1])
    kept = steps.pop("keep", 0.0)   # what is written only to be compared is no part of the job
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Side(name, wall - kept, cpu - kept, steps.pop("peak_gib"), steps)


def compare_sides(size: int, *, sides: tuple[str, ...]) -> list[Side]:
    """Run the sides on the county of this many parcels, ours first; each peer with its differences from ours.

    Raises
    ------
    AssertionError
        If the answers of a peer differ by more than rounding.
    """
    folder = FOLDER / str(size)
    toml = make_county(folder, Size(size))
    done = []
    if len(sides) > 1:
        run_side("ours", toml, folder / "checked", "straight")   # also compiles what was not compiled yet
    for name in sides:
        side = run_side(name, toml, folder / name)
        if side.wall_s < SHORT_S:
            side = sorted((side, *(run_side(name, toml, folder / name) for _ in range(2))), key=lambda one: one.wall_s)[1]
        if name != "ours":
            found = tuple(differences(folder / "checked", folder / name, peer=name))
            wrong = [f"{one.column}: {one.share:.2%} of the rows, up to {one.largest:.3g}" for one in found if not one.agrees]
            wrong += [fault] if (fault := siting_fault(folder / "checked", folder / name)) else []
            if wrong:
                raise AssertionError(f"{size} parcels: {name} and ours differ in " + "; ".join(wrong))
            side = Side(side.name, side.wall_s, side.cpu_s, side.peak_gib, side.steps, found)
        tell(f"{size:>9,} parcels  {name:<10} {side.wall_s:8.1f} s wall  {side.cpu_s:8.1f} s processor  {side.peak_gib:5.2f} GiB  "
             + "  ".join(f"{step} {seconds:.2f}" for step, seconds in side.steps.items()))
        done.append(side)
    return done


def tell(text: str) -> None:
    """One line to the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run what the command line asks for and write the table of results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000])
    parser.add_argument("--peers", choices=("both", "libraries", "none"), default="both")
    asked = parser.parse_args()
    os.environ.setdefault("PYTHONPATH", str(FOLDER.parent))
    found: dict[int, list[Side]] = {}
    for size in asked.sizes:
        sides = {"both": SIDES, "libraries": SIDES[:2], "none": SIDES[:1]}[asked.peers]
        found[size] = compare_sides(size, sides=sides if size <= ANALYST_LIMIT else sides[:2])
    tell(write_results(found))


if __name__ == "__main__":
    main()
