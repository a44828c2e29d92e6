"""What a run leaves besides its tables: the findings, and a record from which anybody can tell how the figures came about."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import platform
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from geo.results import KINDS, VENUE_STATUS, Study
from geo.scenario import GATES, VERDICTS
from layers.county import County
from layers.findings import SEVERITIES, Finding
from layers.schema import ROLES
from layers.words import LANGUAGES, catalogue, say

LIBRARIES = ("geopandas", "shapely", "pyogrio", "pyarrow", "pyproj", "rasterio", "numpy", "pandas", "scipy", "numba", "XlsxWriter")


def own_version() -> str:
    """Version of Cunzhi: of the installed package, else of the pyproject.toml beside it."""
    try:
        return importlib.metadata.version("cunzhi")
    except importlib.metadata.PackageNotFoundError:
        project = Path(__file__).resolve().parent.parent / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def findings_json(findings: tuple[Finding, ...]) -> str:
    """The findings as JSON: a list of code, severity, layer, field, rows, count, place (lon, lat) and text in both languages.

    The most severe come first; within a severity the order of reading is kept.
    """
    rows = [
        {
            "code": one.code, "severity": one.severity, "layer": one.layer, "field": one.field, "rows": list(one.rows),
            "count": one.count, "place": None if one.place is None else {"lon": one.place[0], "lat": one.place[1]},
            "text": {language: one.text(language) for language in LANGUAGES},
        }
        for one in by_severity(findings)
    ]
    return _json(rows)


def by_severity(findings: tuple[Finding, ...]) -> list[Finding]:
    """Errors, then warnings, then notes; the order of reading within each."""
    return sorted(findings, key=lambda one: SEVERITIES.index(one.severity))


def run_json(
    study: Study, county: County, *, seconds: Mapping[str, float], scenario_file: Mapping[str, object] | None = None,
    outputs: Mapping[str, str] | None = None,
) -> str:
    """The record of a run as JSON.

    Parameters
    ----------
    study, county : Study, County
        What was studied.
    seconds : Mapping
        Seconds by step besides those of the study: opening, writing.
    scenario_file : Mapping, optional
        Name and content hash of the scenario file; None for the default standard.
    outputs : Mapping, optional
        Content hash (SHA-256) of each file written.

    Returns
    -------
    str
        JSON with keys county, scenario, scenario_file, inputs, versions, seconds, counts, not_assessed, notes, outputs. Only
        `seconds` differs between two runs on the same input.
    """
    record = {
        "county": {"name": county.name, "code": county.code, "crs": crs_name(county), "source": source_name(county)},
        "scenario": dataclasses.asdict(study.scenario),
        "scenario_file": scenario_file,
        "inputs": [dataclasses.asdict(one) for one in county.provenance],
        "versions": versions(),
        "seconds": {**{k: round(v, 3) for k, v in seconds.items()}, "study": {k: round(v, 3) for k, v in study.seconds.items()}},
        "counts": counts(study, county),
        "not_assessed": not_assessed(study), "notes": notes(study),
        "outputs": outputs or {},
    }
    return _json(record)


def versions() -> dict[str, str]:
    """Versions of Cunzhi, Python, the libraries that figures depend on, and the native ones beneath them."""
    return {
        "cunzhi": own_version(), "python": platform.python_version(), "platform": platform.platform(terse=True),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
        "gdal": pyogrio.__gdal_version_string__, "geos": shapely.geos_version_string, "proj": pyproj.proj_version_str,
    }


def counts(study: Study, county: County) -> dict[str, object]:
    """How many: rows by layer, findings by severity, candidates by kind and verdict, gates failed, villages by venue status."""
    candidates, villages = study.candidates, study.villages
    table = pd.crosstab(candidates["kind"], candidates["verdict"]).reindex(index=list(KINDS), columns=list(VERDICTS), fill_value=0)
    return {
        "layers": {role: len(frame) for role in ROLES if (frame := getattr(county, role)) is not None},
        "findings": {severity: sum(one.severity == severity for one in county.findings) for severity in SEVERITIES},
        "candidates": {"all": len(candidates), **{v: int(table[v].sum()) for v in reversed(VERDICTS)}},
        "candidates_by_kind": {kind: {v: int(table.loc[kind, v]) for v in reversed(VERDICTS)} for kind in KINDS},
        "candidates_without_village": int(study.unassigned),
        "gates": {gate: gate_counts(study, gate) for gate in GATES},
        "known": {name: int(study.values[name].notna().sum()) for name in study.values},
        "villages": {"all": len(villages), **{s: int((villages["venue"] == s).sum()) for s in VENUE_STATUS}},
        "villages_with_passing_site": int((villages["passing"] > 0).sum()),
    }


def gate_counts(study: Study, gate: str) -> dict[str, int]:
    """Candidates that fail a gate and that need a paper for it."""
    return {
        verdict: int((study.candidates[column].fillna("").astype("str").str.split(";").map(lambda ids: gate in ids)).sum())
        for verdict, column in (("fail", "failed_gates"), ("verify", "unverified_gates"))
    }


def not_assessed(study: Study) -> list[dict[str, object]]:
    """Criteria, gates and statuses that could not be assessed, with the layers whose lack is the reason, in words too."""
    weights = study.scenario.weights
    return [
        {
            "id": name, "kind": "criterion" if name in weights else "gate" if name in GATES else "status",
            "weight_share": round(weights[name], 6) if name in weights else None, "missing_layers": list(roles),
            "text": {language: reason_text(name, roles, language) for language in LANGUAGES},
        }
        for name, roles in study.not_assessed.items()
    ]


def notes(study: Study) -> list[dict[str, object]]:
    """What limits the figures, with how many candidates it concerns, in words too."""
    return [{"id": name, "candidates": count,
             "text": {language: say(f"criteria.note.{name}", language, count=f"{count:,}") for language in LANGUAGES}}
            for name, count in study.notes.items()]


def reason_text(name: str, roles: tuple[str, ...], language: str) -> str:
    """Why a criterion, gate or status was not assessed, in a sentence."""
    layers = _listed([layer_text(role, language) for role in roles], language)
    return say("report.not_assessed_for" if roles else "report.not_assessed_plain", language,
               subject=_subject(name, language), layers=layers)


def lacking_texts(study: Study, language: str) -> list[str]:
    """What was not assessed, one sentence for each set of layers that would settle it."""
    by_roles: dict[tuple[str, ...], list[str]] = {}
    for name, roles in study.not_assessed.items():
        by_roles.setdefault(tuple(sorted(roles)), []).append(_subject(name, language))
    return [
        say("report.lacking_for" if roles else "report.lacking_plain", language, subjects=_listed(names, language),
            layers=_listed([layer_text(role, language) for role in roles], language))
        for roles, names in by_roles.items()
    ]


def _subject(name: str, language: str) -> str:
    texts = catalogue(language)
    keys = (f"criteria.criterion.{name}", f"criteria.gate.{name}", f"report.status.{name}")
    return next((texts[key] for key in keys if key in texts), name)


def _listed(names: list[str], language: str) -> str:
    return say("report.list_joiner", language).join(names)


def layer_text(layer: str, language: str) -> str:
    """A layer in words: ``restrictions.redline`` is the role's name and the part's own; anything unknown stays as it is."""
    role, _, part = layer.removeprefix("layers.").partition(".")
    name = catalogue(language).get(f"criteria.role.{role}")
    return layer if name is None else f"{name} · {part}" if part else name


def crs_name(county: County) -> str:
    """The county's CRS as ``EPSG:4545`` where it has such a code, else by name."""
    authority = county.crs.to_authority(min_confidence=100)
    return ":".join(authority) if authority else county.crs.name


def source_name(county: County) -> str | None:
    """File name of the county.toml; its folder is no one else's business."""
    return None if county.source is None else county.source.name


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n"
