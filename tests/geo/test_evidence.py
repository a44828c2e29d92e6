"""Evidence: every gate speaks, names its source and clause, and every reason has words in both languages."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from geo.evidence import NoSuchCandidate, evidence, missing_papers, row_evidence
from geo.gates import MODULES, judge
from geo.results import Study
from geo.scenario import GATES, VERDICTS
from layers.schema import DISPUTES, OWNER_LEVELS, RESTRICTION_KINDS, ROLES
from layers.words import LANGUAGES, catalogue
from tests import toytown
from tests.geo.test_gates import SCENARIO, measured
from ui.components.evidence_view import sentence


def _study(**layers: object) -> Study:
    county = toytown.toytown(**layers)
    found = measured(county)
    found = found.join(judge(found, county, SCENARIO))
    return Study("双溪县", "419901", SCENARIO, found, pd.DataFrame(), county.villages, {}, 0)


@pytest.fixture(scope="module")
def town() -> Study:
    return _study()


def test_the_deciding_piece_of_each_gate_stands_first_and_carries_its_verdict(town: Study) -> None:
    for row in town.candidates.to_dict("records"):
        pieces = evidence(town, row["candidate_id"])
        for gate in GATES:
            mine = [piece for piece in pieces if piece.gate == gate]
            if pd.isna(row[f"gate_{gate}"]):
                assert mine == []
            else:
                assert (mine[0].verdict, mine[0].reason) == (row[f"gate_{gate}"], row[f"reason_{gate}"])
                assert mine[0].clause and mine[0].layer in ROLES


def test_every_piece_reads_well_in_both_languages() -> None:
    """Also where layers are missing: no hole, no code and no NaN shows in a sentence."""
    for layers in ({}, {"parcels": None}, {"ownership": None, "restrictions": None}, {"buildings": None}, {"villages": None}):
        study = _study(**layers)
        for candidate in study.candidates["candidate_id"]:
            for piece in evidence(study, candidate):
                for language in LANGUAGES:
                    text = sentence(piece, language)
                    assert not re.search(r"nan|None|[{}()]{2}|_|\bTrue\b", text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_paper_and_code_has_words(language: str) -> None:
    words = catalogue(language)
    wanted = {f"evidence.{gate}.{reason}" for gate in GATES for reason in MODULES[gate].REASONS}
    wanted |= {f"evidence.papers.{paper}" for gate in GATES for paper in MODULES[gate].REASONS.values() if paper}
    wanted |= {f"evidence.levels.{level}" for level in OWNER_LEVELS} | {f"evidence.kinds.{kind}" for kind in RESTRICTION_KINDS}
    wanted |= {f"evidence.collective.level_{level}" for level in OWNER_LEVELS}
    wanted |= {f"evidence.dispute.mark_{mark}" for mark in DISPUTES}
    assert sorted(wanted - set(words)) == []


def test_papers_named_by_words_are_used() -> None:
    used = {paper for gate in GATES for paper in MODULES[gate].REASONS.values() if paper}
    named = {key.rsplit(".", 1)[1] for key in catalogue("zh") if key.startswith("evidence.papers.")}
    assert named == used


def test_a_missing_paper_is_named(town: Study) -> None:
    assert missing_papers(town, "N-P01") == ()
    assert missing_papers(town, "N-P11") == ("no_dispute",)
    assert missing_papers(town, "N-P07") == ("ownership_decision",)
    assert "yard_survey" in missing_papers(town, "N-P13")
    assert "planning_check" in missing_papers(_study(restrictions=None), "N-P01")


def test_sources_are_told_one_by_one(town: Study) -> None:
    said = {piece.reason: (piece.layer, piece.value) for piece in evidence(town, "N-P01") if piece.gate == "collective"}
    assert said == {"by_title": ("parcels", "village"), "title_says": ("parcels", "village"),
                    "polygon_says": ("ownership", "village"), "survey_says": ("parcels", "collective")}


def test_restrictions_that_were_looked_for_are_listed(town: Study) -> None:
    pieces = [piece for piece in evidence(town, "N-P08") if piece.gate == "restriction"]
    assert [piece.reason for piece in pieces] == ["in_ecological_redline", "clear", "kinds_without_data"]
    assert pieces[0].params == {"percent": 100.0, "tolerated": 1.0, "taken_m2": 400.0, "tolerated_m2": 10.0, "left_m2": 0.0}
    assert sentence(pieces[0], "zh") == "占用生态保护红线 100%，约 400 m²（容许 1%、10 m²）。"
    assert sentence(pieces[1], "en") == "Checked and clear of: geological hazard, highway control zone."


def test_declared_area_far_from_the_measured_one_is_noted() -> None:
    study = _study(parcels=toytown.parcels().assign(declared_area_m2=500.0))
    noted = [piece for piece in evidence(study, "N-P01") if piece.reason == "declared_note"]
    assert len(noted) == 1 and (noted[0].value, noted[0].verdict) == ("500.0", "pass")
    near = _study(parcels=toytown.parcels().assign(declared_area_m2=410.0))
    assert not [piece for piece in evidence(near, "N-P01") if piece.reason == "declared_note"]


def test_a_parcel_without_a_title_is_told_what_comes_after_building() -> None:
    study = _study(parcels=toytown.parcels().assign(title_paper=False))
    row = study.candidates.set_index("candidate_id", drop=False).loc["N-P01"]
    pieces = row_evidence(row, SCENARIO)
    assert row["gate_collective"] == "pass"
    assert [piece.paper for piece in pieces if piece.reason == "title_not_registered"] == ["title"]
    assert all(piece.verdict in VERDICTS for piece in pieces)


def test_unknown_candidate_is_said(town: Study) -> None:
    with pytest.raises(NoSuchCandidate, match="no candidate 'N-nowhere'"):
        evidence(town, "N-nowhere")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_paper_is_named_with_its_field_and_value(language: str) -> None:
    """Owner level, use right and dispute say from which field they come, and the sentence shows it."""
    parcels = toytown.parcels().assign(survey_source="QSXZ=30", title_source="ZDDM=JB; QLLX=7", use_right_source="ZDDM=JC")
    study = _study(parcels=parcels, ownership=toytown.ownership().assign(owner_source="QSXZ=32"))
    pieces = [piece for name in study.candidates["candidate_id"] for piece in evidence(study, name)]
    shown = {piece.reason: sentence(piece, language) for piece in pieces}
    expected = {"title_says": "ZDDM=JB; QLLX=7", "survey_says": "QSXZ=30", "right_says": "ZDDM=JC", "polygon_says": "QSXZ=32",
                "mark_undetermined": "ZDDM=JW"}
    for reason, source in expected.items():
        assert source in shown[reason]
