"""Opening a county against reading its parcels: how many times longer, how much more memory, and how long from the cache.

    python -m tests.bench.bench_opening 1000000

The benchmark county's parcels in a GeoPackage, with its villages, so that every check on parcels has its work. Each measurement is
a process of its own; the reading is pyogrio's own with Arrow, of the same file. Wall and processor seconds are told, the best of
three: on a machine that others use too the latter are the steadier ones, and they count our threads against us.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.bench.county import CODE, CRS, FOLDER, Size, make_county

TIMES = 3
_TOML = f"""[county]
name = "Benchmark"
code = "{CODE}"
crs = "{CRS}"

[layers.villages]
source = "villages.gpkg"

[layers.parcels]
source = "parcels.gpkg"
"""


def make_files(parcels: int) -> Path:
    """The county.toml of a county of so many parcels in a GeoPackage; made where it is not there yet."""
    import geopandas as gpd

    folder = FOLDER / "opening" / str(parcels)
    if (folder / "county.toml").exists():
        return folder / "county.toml"
    made = make_county(FOLDER / str(parcels), Size(parcels)).parent
    folder.mkdir(parents=True, exist_ok=True)
    gpd.read_parquet(made / "parcels.parquet").to_file(folder / "parcels.gpkg", layer="parcels", use_arrow=True)
    gpd.read_file(made / "land.gpkg", layer="villages").to_file(folder / "villages.gpkg", layer="villages")
    (folder / "county.toml").write_text(_TOML, encoding="utf-8")
    return folder / "county.toml"


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(what: str, toml: Path) -> dict[str, float]:
    """Seconds and MiB of one way, in this process: ``reading``, ``opening`` or ``again`` (from the cache)."""
    import pyogrio

    from layers.open import open_county

    before = _resident_mib()
    wall, cpu = time.perf_counter(), time.process_time()
    if what == "reading":
        got: object = pyogrio.read_dataframe(toml.parent / "parcels.gpkg", use_arrow=True)
    else:
        got = open_county(toml, cache=what == "again")
    found = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found |= {"own_mib": _resident_mib() - before, "peak_mib": peak - before}
    del got
    for writer in threading.enumerate():
        if writer.name == "cunzhi-cache":
            writer.join()   # else the program's end would cut it short
    return found


def _in_a_process(what: str, toml: Path) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parent), "CUNZHI_CACHE": str(toml.parent / "cache")}
    command = [sys.executable, "-m", "tests.bench.bench_opening", what, str(toml)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=FOLDER.parent)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure the sizes that are asked for; or, as the child that it starts, one way."""
    if sys.argv[1] in ("reading", "opening", "again"):
        sys.stdout.write(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))) + "\n")
        return
    for parcels in map(int, sys.argv[1:]):
        toml = make_files(parcels)
        _in_a_process("again", toml)   # leaves the county in the cache
        runs = [[_in_a_process(way, toml) for way in ("reading", "opening", "again")] for _ in range(TIMES)]
        best = [{key: min(run[at][key] for run in runs) for key in runs[0][at]} for at in range(3)]
        reading, opening, again = best
        sys.stdout.write(
            f"{parcels:,} parcels: reading {reading['wall_s']:.2f} s ({reading['cpu_s']:.2f} processor), "
            f"opening {opening['wall_s']:.2f} s ({opening['cpu_s']:.2f}), {opening['wall_s'] / reading['wall_s']:.1f} times "
            f"({opening['cpu_s'] / reading['cpu_s']:.1f} processor); memory {opening['peak_mib']:,.0f} MiB at most, "
            f"{opening['peak_mib'] / reading['own_mib']:.1f} times the frame's own {reading['own_mib']:,.0f} MiB; "
            f"from the cache {again['wall_s']:.2f} s\n"
        )


if __name__ == "__main__":
    main()
