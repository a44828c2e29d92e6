"""All files of a plan, written whole or not at all, or as one zip for a download."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from geo.planning import Plan
from geo.results import Study
from layers.county import County
from reports.geopackage import write_layers
from reports.plan import centres_table, coverage_table, near_best_table, plan_layers, plan_table, proof_json
from reports.tables import csv_bytes
from reports.web_map import web_map
from reports.writing import files_together

PLAN_FILES = ("plan.csv", "coverage_before.csv", "coverage_after.csv", "centers.csv", "plan.gpkg", "proof.json")
"""What every plan writes."""

NEAR_BEST = "alternatives.csv"
"""What a plan writes besides where plans nearly as good were sought."""

PLAN_MAP = "plan_map.html"
"""What a plan writes besides where the county is at hand: the offline map with the planned sites."""


def write_plan(plan: Plan, study: Study, folder: Path, *, language: str = "zh", county: County | None = None) -> tuple[Path, ...]:
    """Write `PLAN_FILES`, `NEAR_BEST` where it is known and `PLAN_MAP` with a county, into a folder; equal plans give equal files.

    They are made beside it first and put in place together.

    Parameters
    ----------
    plan, study : Plan, Study
        A plan with its details, and the study it is of.
    folder : path
        Made where missing; files of an earlier plan in it are replaced.
    language : str
        Of the centres' names; proof.json carries both.
    county : County, optional
        What the map is drawn from.

    Raises
    ------
    OutputError
        Where the folder or a file in it cannot be written.
    NoPlanToWrite
        For a plan without a choice or without its details.
    """
    folder = Path(folder)
    with files_together(folder) as workshop:
        names = _make(plan, study, workshop, language, county)
    if NEAR_BEST not in names:
        (folder / NEAR_BEST).unlink(missing_ok=True)   # of an earlier plan, and wrong beside this one
    return tuple(folder / name for name in names)


def plan_zip(plan: Plan, study: Study, *, language: str = "zh", county: County | None = None) -> bytes:
    """The same files as one zip, for a download; equal plans give equal bytes.

    Raises
    ------
    NoPlanToWrite
        For a plan without a choice or without its details.
    """
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="cunzhi-") as workshop, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in _make(plan, study, Path(workshop), language, county):
            bundle.writestr(zipfile.ZipInfo(name), (Path(workshop) / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _make(plan: Plan, study: Study, folder: Path, language: str, county: County | None) -> tuple[str, ...]:
    """Write the files and say which."""
    if plan.coverage_after is None:
        plan_table(plan, language)   # says what is missing
    makers: dict[str, Callable[[], bytes]] = {
        "plan.csv": lambda: csv_bytes(plan_table(plan, language)),
        "coverage_before.csv": lambda: csv_bytes(coverage_table(plan.coverage_before)),
        "coverage_after.csv": lambda: csv_bytes(coverage_table(plan.coverage_after)),   # type: ignore[arg-type]
        "centers.csv": lambda: csv_bytes(centres_table(plan, language)),
        "proof.json": lambda: proof_json(plan, study).encode("utf-8"),
    }
    if plan.alternatives is not None:
        makers[NEAR_BEST] = lambda: csv_bytes(near_best_table(plan, language))
    if county is not None:
        makers[PLAN_MAP] = lambda: web_map(study, county, language=language, plan=plan)
    for name, make in makers.items():
        (folder / name).write_bytes(make())
    write_layers(folder / "plan.gpkg", plan_layers(plan, study, language), language=language)
    return (*PLAN_FILES, *(name for name in makers if name not in PLAN_FILES))
