"""The coverage review on paper: why a village needs a venue in words, and the review's tables as CSV files in one zip.

Numbers are rounded once, here. Missing is empty, unreachable is ``inf`` as in every table of the house; what a column means
stands in the zip's own ``columns.csv``.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from geo.coverage import Coverage, need_reasons
from layers.words import catalogue, say
from reports.tables import csv_bytes, decimals_of

COVERAGE_FILES = ("villages.csv", "townships.csv", "county.csv", "need.csv", "settlements.csv", "overlap.csv", "inequality.csv",
                  "columns.csv")
"""What the zip of a coverage review holds."""

_DIGITS = {"floating_m2": 4, "gini": 4, "population": 1, "people": 1, "limit_min": 1}


def reason_texts(row: Mapping[str, object], served_min: float, language: str, *, without: Collection[str] = ()) -> list[str]:
    """Why a village needs a venue, one sentence each, weightiest first; `row` is of `Coverage.villages` or `Coverage.need`.

    Parameters
    ----------
    row : mapping
    served_min : float
        The walk that counts as served, minutes.
    language : str
    without : collection of str
        Codes of reasons that are said elsewhere.
    """
    texts = []
    for reason in need_reasons(row, served_min):
        if reason.code in without:
            continue
        values = {name: _value(name, value) for name, value in reason.params.items()}
        if reason.code == "below_standard":
            values["lacks"] = lacks_text(reason.params["lacks"], language)
        everybody = reason.code == "people_unserved" and values["people"] == values["all"]
        texts.append(say(f"coverage.reason.{'all_unserved' if everybody else reason.code}", language, **values))
    return texts


def lacks_text(lacks: object, language: str) -> str:
    """What a venue below standard lacks (``floor_area;courtyard``) in words; empty where nothing is said."""
    if not isinstance(lacks, str) or not lacks:
        return ""
    return say("plan.report.comma", language).join(say(f"coverage.lacks.{part}", language) for part in lacks.split(";"))


def _value(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    number = float(value)   # type: ignore[arg-type]
    return f"{number:,.1f}" if name == "mean_min" else f"{number:g}" if name == "limit_min" else f"{number:,.0f}"


def column_text(column: str, language: str) -> str:
    """Head of a column of the review in words; one without words as it is."""
    texts = catalogue(language)
    key = f"coverage.column.{column}"
    if key in texts:
        return texts[key]
    own = column.startswith("own_people_")
    limit = column.removeprefix("own_").removeprefix("people_").removesuffix("min")
    if column.endswith("min") and limit.replace(".", "", 1).isdigit():
        return say(f"coverage.column.{'own_' if own else ''}people_within", language, limit_min=limit)
    return column


def coverage_files(coverage: Coverage, language: str) -> dict[str, bytes]:
    """The files of the review by name (`COVERAGE_FILES`): UTF-8 with a byte-order mark, no cell that a spreadsheet would run.

    Parameters
    ----------
    coverage : Coverage
    language : str
        Of the reasons in need.csv and of columns.csv; names of columns and states are the same in both.
    """
    reasons = ["; ".join(reason_texts(row, coverage.served_min, language)) for row in coverage.need.to_dict("records")]
    frames = {
        "villages.csv": coverage.villages.sort_values("village_code", kind="stable", na_position="last"),
        "townships.csv": coverage.townships.sort_values("township_code", kind="stable", na_position="last"),
        "county.csv": coverage.county,
        "need.csv": coverage.need.assign(reasons=pd.Series(reasons, dtype="str")),
        "settlements.csv": coverage.settlements.sort_values("settlement_id", kind="stable", na_position="last"),
        "overlap.csv": coverage.overlap, "inequality.csv": coverage.inequality,
    }
    tables = {name: _rounded(pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))) for name, frame in frames.items()}
    heads = [(name, column, column_text(column, language)) for name, table in tables.items() for column in table.columns]
    tables["columns.csv"] = pd.DataFrame(heads, columns=["file", "column", "meaning"])
    return {name: csv_bytes(tables[name]) for name in COVERAGE_FILES}


def coverage_zip(coverage: Coverage, language: str) -> bytes:
    """`COVERAGE_FILES` as one zip, for a download; equal coverages give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in coverage_files(coverage, language).items():
            bundle.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """People to 0.1, minutes to 0.01, m2 a person and coefficients to 0.0001; minus zero becomes zero."""
    def digits(name: str) -> int:
        if name in _DIGITS:
            return _DIGITS[name]
        return 1 if "people" in name and "share" not in name else decimals_of(name)

    numbers = {name: np.round(table[name].to_numpy("float64"), digits(name)) + 0.0 for name in table.columns
               if pd.api.types.is_float_dtype(table[name].dtype)}
    return table.assign(**numbers)
