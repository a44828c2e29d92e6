"""The table of results: seconds, ratios with and without some stages, steps, and how far the answers agree.

Every run is kept as a small JSON file beside the counties, so that the table in the repository always shows the latest run of every
size, also where the sizes were run on different days.
"""

from __future__ import annotations

import datetime
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.county import FOLDER

if TYPE_CHECKING:
    from tests.bench.run import Side

TABLE = Path(__file__).with_name("RESULTS.md")
ASKED = {("analyst", 10_000): 60, ("analyst", 100_000): 150, ("libraries", 100_000): 5, ("libraries", 1_000_000): 8}
"""How many times faster ours has to be."""

_HEAD = """# Benchmark results

`make bench SIZE="10000 100000 1000000"` writes this page. Every side is a process that starts cold and ends with its table of
candidates written and 20 sites chosen from the 1,000 largest yards; the sides of a size run one after the other on one machine.
A side that takes less than 20 s is run three times, and the median run is told.
*analyst* is the geopandas, networkx, rasterstats and spopt script (`analyst.py`), *libraries* the best existing library for each
step (`libraries.py`). Ours does more than they do: owner levels, all gates with their evidence, largest rectangles (they take the
largest circle, for which there is a library), frontage that faces the road, ways off the road round water and steep ground.
*Without* takes steps off the peer alone, nothing off ours: slopes; what fits and fronts the road (*fit*, *frontage*); the walks of
each village's own people; the choice of sites. Ratios are of wall time; those of processor time stand in brackets, and count our
threads against us.
"""

WITHOUT = {"slope": ("slope",), "fit": ("fit", "frontage"), "village walks": ("village walks",), "siting": ("siting",)}
"""Steps that a ratio is also told without."""


def write_results(found: Mapping[int, Sequence[Side]]) -> str:
    """Write `TABLE` from these runs and the latest kept ones of other sizes; returns the page."""
    kept = FOLDER / "runs"
    kept.mkdir(exist_ok=True)
    for size, sides in found.items():
        record = {"date": datetime.date.today().isoformat(), "machine": machine(), "sides": [_plain(side) for side in sides]}
        (kept / f"{size}.json").write_text(json.dumps(record), encoding="utf-8")
    runs = {int(path.stem): json.loads(path.read_text(encoding="utf-8")) for path in kept.glob("*.json")}
    page = "\n".join([_HEAD, _summary(runs), _growth(runs), *(_size(size, runs[size]) for size in sorted(runs))])
    TABLE.write_text(page, encoding="utf-8")
    return page


def machine() -> str:
    """Cores, memory and Python, without a name or path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else math.nan
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _plain(side: Side) -> dict[str, object]:
    return {"name": side.name, "wall_s": side.wall_s, "cpu_s": side.cpu_s, "peak_gib": side.peak_gib, "steps": side.steps,
            "differences": [[one.column, one.share, one.median, one.largest] for one in side.differences]}


def _summary(runs: Mapping[int, Mapping]) -> str:
    lines = ["| parcels | side | wall s | processor s | GiB | ours faster | asked | "
             + " | ".join(f"without {name}" for name in WITHOUT) + " |",
             "|---:|---|" + "---:|" * (5 + len(WITHOUT))]
    for size in sorted(runs):
        ours = runs[size]["sides"][0]
        for side in runs[size]["sides"]:
            ratios = [""] * (2 + len(WITHOUT))
            if side["name"] != "ours":
                asked = ASKED.get((side["name"], size))
                ratios = [_ratio(side, ours), f"{asked}x" if asked else "",
                          *(_ratio(side, ours, less=steps) for steps in WITHOUT.values())]
            cells = [f"{size:,}", side["name"], f"{side['wall_s']:.1f}", f"{side['cpu_s']:.1f}", f"{side['peak_gib']:.2f}", *ratios]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _ratio(side: Mapping, ours: Mapping, *, less: Sequence[str] = ()) -> str:
    """How many times as long a peer takes, by wall time and by processor time; some of its steps taken off, in proportion."""
    share = 1 - sum(side["steps"][step] for step in less) / sum(side["steps"].values())
    return f"{share * side['wall_s'] / ours['wall_s']:.1f}x ({share * side['cpu_s'] / ours['cpu_s']:.1f}x)"


def _growth(runs: Mapping[int, Mapping]) -> str:
    sizes = [size for size in (100_000, 1_000_000) if size in runs]
    if len(sizes) < 2:
        return ""
    first, last = (runs[size]["sides"][0]["cpu_s"] for size in sizes)
    wall = [runs[size]["sides"][0]["wall_s"] for size in sizes]
    return (f"Growth of ours from 100,000 to 1,000,000 parcels: exponent {math.log10(wall[1] / wall[0]):.2f} by wall time, "
            f"{math.log10(last / first):.2f} by processor time (asked: at most 1.1).\n")


def _size(size: int, run: Mapping) -> str:
    lines = [f"## {size:,} parcels", "", f"{run['date']}, {run['machine']}.", ""]
    for side in run["sides"]:
        steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in side["steps"].items())
        lines.append(f"- **{side['name']}**, seconds by step: {steps}")
    for side in run["sides"]:
        if side["differences"]:
            apart = ", ".join(f"{column} {share:.2%}" for column, share, _, _ in side["differences"] if share > 0)
            count = len(side["differences"])
            lines.append(f"- Agreement with {side['name']}: {count} columns; rows beyond rounding: {apart or 'none'}")
    return "\n".join(lines) + "\n"
