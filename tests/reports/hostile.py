"""Names that want to be something else."""

from __future__ import annotations

import dataclasses

import pandas as pd

from geo.results import Study
from layers.county import County
from layers.findings import Finding
from tests.reports.smallstudy import county, small_study

NAMES = (
    '=HYPERLINK("http://example.invalid","x")', "+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\x00\x01=1+1\x1b", "\u202egnp.egaliv", "村" * 10_000,
    "{{7*7}}${7*7}",
    "&P&D\r\n</t><f>1+1</f>", "'; DROP TABLE villages; --", "_x003D_1+1", "\uff1d1+1", "]]><!--",
)
"""Formulas, markup, hidden characters, templates, page commands, ten thousand letters."""


def hostile_study() -> Study:
    """The small study with such names for everything that has one."""
    study = small_study()
    table, villages = study.candidates.copy(), study.villages.copy()
    ids = pd.Series([f"{number}{name}" if number % 2 else f"{name}{number}" for number, name in enumerate(NAMES[:len(table)])])
    villages["best_candidate"] = villages["best_candidate"].map(dict(zip(table["candidate_id"], ids, strict=True)))
    table["candidate_id"] = ids.to_numpy()
    for shift, column in enumerate(("parcel_id", "village_name", "township_name"), start=3):
        table[column] = [NAMES[(row + 3 * shift) % len(NAMES)] for row in range(len(table))]
    villages["village_name"], villages["township_name"] = list(NAMES[:3]), list(NAMES[5:8])
    return dataclasses.replace(study, county_name=NAMES[8], candidates=table, villages=villages)


def hostile_county() -> County:
    """Its county, with findings and files of such names."""
    found = tuple(
        Finding("config_missing", "warning", "restrictions." + name[:50], name, (name, name), 2, {"path": name}) for name in NAMES)
    plain = county()
    files = tuple(dataclasses.replace(plain.provenance[0], source=name, layer=name, crs_as_read=name) for name in NAMES)
    return dataclasses.replace(plain, name=NAMES[8] + NAMES[10], findings=found, provenance=files)
