"""All files of a run, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from geo.results import Study
from layers.county import County
from layers.findings import CunzhiError
from reports.geopackage import write_geopackage
from reports.reasons import reasons_table
from reports.record import findings_json, run_json
from reports.tables import candidates_table, csv_bytes, digits_of, villages_table, write_csv
from reports.workbook import workbook_bytes

FILES = ("candidates.csv", "candidates.gpkg", "villages.csv", "reasons.csv", "report.xlsx", "findings.json", "run.json")
"""What a run writes."""


class OutputError(CunzhiError, OSError):
    """The folder for the results cannot be written to; `path` and `reason` say which and why."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot write to {path}: {reason}")


def require_writable(folder: Path) -> None:
    """Make the folder where it is missing and make sure that files can be written there, before hours are spent on them.

    Raises
    ------
    OutputError
        Where that is not so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error


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
        Language of the workbook and of reasons.csv; findings.json and run.json carry both.
    seconds : Mapping, optional
        Seconds by step so far besides the study's own, for run.json.
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
    require_writable(folder)
    begin = time.perf_counter()
    tell = progress or (lambda name, share: None)
    table, told = candidates_table(study), reasons_table(study, county, language)
    makers: dict[str, Callable[[Path], object]] = {
        "candidates.csv": lambda path: write_csv(table, path, digits=digits_of(table)),
        "candidates.gpkg": lambda path: write_geopackage(study, path, candidates=table),
        "villages.csv": lambda path: path.write_bytes(csv_bytes(villages_table(study))),
        "reasons.csv": lambda path: path.write_bytes(csv_bytes(told)),
        "report.xlsx": lambda path: path.write_bytes(workbook_bytes(study, county, language, candidates=table, reasons=told)),
        "findings.json": lambda path: path.write_text(findings_json(county.findings), encoding="utf-8", newline="\n"),
    }
    workshop = Path(tempfile.mkdtemp(prefix=".cunzhi-", dir=folder))
    try:
        hashes = {}
        for position, (name, make) in enumerate(makers.items()):
            tell(name, position / len(FILES))
            make(workshop / name)
            with (workshop / name).open("rb") as made:
                hashes[name] = hashlib.file_digest(made, "sha256").hexdigest()
        spent = {**(seconds or {}), "write": time.perf_counter() - begin}
        record = run_json(study, county, seconds=spent, scenario_file=scenario_file, outputs=hashes)
        (workshop / "run.json").write_text(record, encoding="utf-8", newline="\n")
        for name in sorted(FILES, key=lambda name: name != "report.xlsx"):  # first the one that a spreadsheet may hold open
            os.replace(workshop / name, folder / name)
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    tell("run.json", 1.0)
    return tuple(folder / name for name in FILES)
