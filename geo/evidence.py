"""Evidence: for one candidate, what stands behind the verdict of each gate: layer, field, value, clause, and the missing paper.

It is built from the candidate's row when somebody asks, so that a study of a hundred thousand candidates carries no texts. A
sentence for each piece stands in ``data/words/*/evidence.toml`` under ``<gate>.<reason>``.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from geo.gates import MODULES
from geo.inputs import GeoError
from geo.results import NOTHING, Evidence, Study
from geo.scenario import GATES, Scenario


class NoSuchCandidate(GeoError, KeyError):
    """The study has no candidate of that id."""


def evidence(study: Study, candidate_id: str) -> tuple[Evidence, ...]:
    """Everything behind the verdicts of one candidate, gate by gate; the deciding piece of each gate first.

    Raises
    ------
    NoSuchCandidate
        For an id that the study does not have.
    """
    rows = study.candidates[study.candidates["candidate_id"] == candidate_id]
    if not len(rows):
        raise NoSuchCandidate(f"the study has no candidate {candidate_id!r}")
    return row_evidence(rows.iloc[0], study.scenario)


def row_evidence(row: pd.Series, scenario: Scenario) -> tuple[Evidence, ...]:
    """Everything behind the verdicts of a candidate given as its row of `Study.candidates`; gates that do not apply say nothing."""
    found = [MODULES[gate].evidence(row, scenario) for gate in GATES if pd.notna(row[f"gate_{gate}"])]
    return tuple(piece if piece.value else replace(piece, value=NOTHING) for pieces in found for piece in pieces)


def missing_papers(study: Study, candidate_id: str) -> tuple[str, ...]:
    """Papers that are missing for a candidate or would clear its way, each once: keys of ``evidence.papers``.

    Raises
    ------
    NoSuchCandidate
        For an id that the study does not have.
    """
    wanted = [piece.paper for piece in evidence(study, candidate_id) if piece.paper is not None]
    return tuple(dict.fromkeys(wanted))
