"""All files of a run, written whole or not at all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from geo.results import Study
from layers.county import County
from reports.geopackage import write_geopackage
from reports.gis_files import geojson_sites, write_geojson, write_geoparquet
from reports.reasons import reasons_table
from reports.record import findings_json, run_json
from reports.road_gaps import gaps_table, parts_table
from reports.tables import candidates_table, csv_bytes, digits_of, villages_table, write_csv
from reports.web_map import web_map
from reports.workbook import workbook_bytes
from reports.writing import OutputError, files_together, require_writable

__all__ = ["FILES", "OutputError", "require_writable", "write_run"]

FILES = ("candidates.csv", "candidates.gpkg", "candidates.parquet", "candidates.geojson", "villages.csv", "villages.geojson",
         "map.html", "reasons.csv", "road_gaps.csv", "road_parts.csv", "report.xlsx", "findings.json", "run.json")
"""What a run writes."""


def write_run(
    study: Study, county: County, folder: Path, *, language: str = "zh", seconds: Mapping[str, float] | None = None,
    scenario_file: Mapping[str, object] | None = None, progress: Callable[[str, float], None] | None = None,
) -> tuple[Path, ...]:
    """Write `FILES` into a folder. They are made beside it first and put in place together, so that no half result is left behind.

    Parameters
    ----------
    study, county : Study, County
        What is written.
    folder : path
        Made where missing; files of an earlier run in it are replaced.
    language : str
        Language of the workbook, the map and reasons.csv; findings.json and run.json carry both.
    seconds : Mapping, optional
        Seconds by step so far besides the study's own, for run.json; with a `write` of its own where an earlier run is repeated.
    scenario_file : Mapping, optional
        Name and content hash of the scenario file.
    progress : callable, optional
        Called with the file's name and the share done, 0..1.

    Returns
    -------
    tuple of path
        The files, in the order of `FILES`.

    Raises
    ------
    OutputError
        Where the folder or a file in it cannot be written, such as a workbook that is open in a spreadsheet.
    """
    folder = Path(folder)
    begin = time.perf_counter()
    tell = progress or (lambda name, share: None)
    table, told = candidates_table(study), reasons_table(study, county, language)
    makers: dict[str, Callable[[Path], object]] = {
        "candidates.csv": lambda path: write_csv(table, path, digits=digits_of(table)),
        "candidates.gpkg": lambda path: write_geopackage(study, path, candidates=table, language=language),
        "candidates.parquet": lambda path: write_geoparquet(table, path),
        "candidates.geojson": lambda path: write_geojson(geojson_sites(table), path),
        "villages.csv": lambda path: path.write_bytes(csv_bytes(villages_table(study))),
        "villages.geojson": lambda path: write_geojson(villages_table(study, full=True), path),
        "map.html": lambda path: path.write_bytes(web_map(study, county, language=language, reasons=told)),
        "reasons.csv": lambda path: path.write_bytes(csv_bytes(told)),
        "road_gaps.csv": lambda path: path.write_bytes(csv_bytes(gaps_table(study, language))),
        "road_parts.csv": lambda path: path.write_bytes(csv_bytes(parts_table(study))),
        "report.xlsx": lambda path: path.write_bytes(workbook_bytes(study, county, language, candidates=table, reasons=told)),
        "findings.json": lambda path: path.write_text(findings_json(county.findings), encoding="utf-8", newline="\n"),
    }
    with files_together(folder, last=("run.json",)) as workshop:
        hashes = {}
        for position, (name, make) in enumerate(makers.items()):
            tell(name, position / len(FILES))
            make(workshop / name)
            with (workshop / name).open("rb") as made:
                hashes[name] = hashlib.file_digest(made, "sha256").hexdigest()
        spent = {"write": time.perf_counter() - begin, **(seconds or {})}
        record = run_json(study, county, seconds=spent, scenario_file=scenario_file, outputs=hashes)
        (workshop / "run.json").write_text(record, encoding="utf-8", newline="\n")
    tell("run.json", 1.0)
    return tuple(folder / name for name in FILES)
