"""Reasons: what is said of the toy town's sites, against facts known by hand; every figure has its source in the study."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from geo.evidence import NoSuchCandidate
from geo.phrases import Fact, Figure, Listing, Part, Phrase, Term, facts
from geo.reasons import PARTS, Sentence, reasons
from geo.remedies import levers, village_plans
from geo.remedy_phrases import outlooks_of
from geo.results import Study
from geo.robustness.badge import county_badges
from geo.study import study
from geo.village_reasons import county_reasons, near_misses, village_reasons
from layers.county import County
from tests import toytown
from tests.geo.standard import default_scenario
from tests.toytown import EXPECTED_P1, LIUWAN, QINGSHI, YUNTAI


@cache
def town_study() -> tuple[County, Study]:
    county = toytown.toytown()
    return county, study(county, default_scenario())


def _said(candidate: str, **options: object) -> dict[str, Sentence]:
    county, found = town_study()
    return {sentence.part: sentence for sentence in reasons(found, county, [candidate], **options)[candidate]}


def _facts(sentence: Sentence) -> dict[str, object]:
    return {fact.source: fact.value for fact in sentence.rests_on}


def _figures(part: Part) -> list[Figure]:
    if isinstance(part, Figure):
        return [part]
    inner = part.parts if isinstance(part, Listing) else tuple(part.values.values()) if isinstance(part, Phrase) else ()
    return [figure for one in inner for figure in _figures(one)]


def test_a_passing_site_rests_on_what_was_computed_by_hand() -> None:
    said = _said("N-P01")
    assert list(said) == ["verdict", "has", "lacks", "standing"] and said["verdict"].phrase.key == "verdict.pass"
    verdict = _facts(said["verdict"])
    for name in ("parcel_area_m2", "courtyard_m2", "road_distance_m", "collective_share"):
        assert verdict[name] == pytest.approx(EXPECTED_P1[name])
    assert verdict["gates_passed"] == 5 and verdict["standard.courtyard.min_area_m2"] == 200
    assert verdict["evidence_strength"] == "title" and verdict["restriction_kinds_checked"] == 3
    assert _facts(said["lacks"])["facilities_10min"] == EXPECTED_P1["facilities_10min"]   # 2 of 5 kinds lose most points


def test_a_failing_site_names_its_gate_and_what_would_mend_it() -> None:
    said = _said("N-P02")
    assert list(said) == ["verdict", "has", "lacks"] and said["verdict"].phrase.key == "verdict.fail"
    facts_of = _facts(said["verdict"])
    assert facts_of["gate_courtyard"] == "fail" and facts_of["courtyard.parcel_m2"] == 190.0
    assert said["lacks"].phrase.key == "lacks.fail" and _facts(said["lacks"])["plan.more_yard"] == 10.0


def test_what_cannot_change_is_said_as_such() -> None:
    assert _said("N-P06")["lacks"].phrase.key == "lacks.never"
    assert _facts(_said("N-P06")["lacks"]) == {"reason_collective": "level_state", "reason_dispute": "holder_state"}
    assert _facts(_said("N-P08")["lacks"]) == {"reason_restriction": "in_ecological_redline"}


def test_a_site_to_verify_names_the_paper() -> None:
    said = _said("N-P04")
    assert said["verdict"].phrase.key == "verdict.verify"
    steps = said["lacks"].phrase.values["steps"]
    assert [part.values["paper"].code for part in steps.parts] == ["dispute_settlement"]


def test_standing_is_told_against_the_leader_or_the_runner_up() -> None:
    _, found = town_study()
    rows = found.candidates.set_index("candidate_id")
    first, second = _said("N-P01")["standing"].phrase, _said("N-P03")["standing"].phrase
    assert (first.key, second.key) == ("standing.first", "standing.behind")
    gap = rows.loc["N-P01", "score"] - rows.loc["N-P03", "score"]
    assert first.values["gap"].value == pytest.approx(gap) and second.values["gap"].value == pytest.approx(gap)
    points = found.contributions.set_axis(rows.index)
    difference = (points.loc["N-P01"] - points.loc["N-P03"]).max()
    assert first.values["points"].value == pytest.approx(difference) and first.values["name"].code == "courtyard"
    assert _said("N-P04")["standing"].phrase.key == "standing.behind_verdict"
    assert _said("N-P16")["standing"].phrase.key == "standing.first_equal"


def test_levers_and_outlooks_are_said_last() -> None:
    county, found = town_study()
    pulled = {"N-P03": levers(found, county, "N-P03")}
    assert _said("N-P03", levers=pulled)["outlook"].phrase.key == "outlook.lever"
    own = Phrase("has.no_score")
    assert _said("N-P03", levers=pulled, outlooks={"N-P03": own})["outlook"].phrase == own


def test_how_firm_the_lead_is_rests_on_the_badge() -> None:
    county, found = town_study()
    badges = county_badges(found).set_index("leader")
    said = outlooks_of(county_badges(found), found.scenario.robustness)
    assert set(said) == set(badges.index[badges["badge"] != "only"]) and "N-P01" in said
    told = _facts(_said("N-P01", outlooks=said)["outlook"])
    assert told["robustness.badge"] == badges.loc["N-P01", "badge"]
    assert told["robustness.share_first"] == badges.loc["N-P01", "share_first"] and told["standard.robustness.spread"] == 0.2
    if pd.notna(badges.loc["N-P01", "group"]):
        assert told[f"robustness.bound_{badges.loc['N-P01', 'group']}"] == badges.loc["N-P01", "group_bound"]


def test_unknown_measures_give_a_band() -> None:
    county = toytown.toytown(facilities=None)
    found = study(county, default_scenario())
    (*_, last) = reasons(found, county, ["N-P01"])["N-P01"]
    row = found.candidates.set_index("candidate_id").loc["N-P01"]
    assert last.part == "outlook" and last.phrase.key == "outlook.band_more"
    assert _facts(last)["score_low"] == row["score_low"] and _facts(last)["score_high"] == row["score_high"]
    assert _facts(last)["unknown_criteria"] == int(found.values.iloc[0].isna().sum())


@pytest.mark.parametrize("without", [{}, {"facilities": None}, {"roads": None}, {"villages": None}, {"buildings": None},
                                     {"population": None, "settlements": None}, {"ownership": None}, {"terrain": None}])
def test_two_to_five_sentences_whose_figures_stand_in_the_study(without: dict) -> None:
    county = toytown.toytown(**without)
    found = study(county, default_scenario())
    for n, (name, sentences) in enumerate(reasons(found, county, list(found.candidates["candidate_id"])).items()):
        assert 2 <= len(sentences) <= 5
        assert [sentence.part for sentence in sentences] == [part for part in PARTS if part in {s.part for s in sentences}]
        row = found.candidates.iloc[n]
        for figure in (one for sentence in sentences for one in _figures(sentence.phrase)):
            assert not np.isnan(figure.value), (name, figure)
            if figure.source in row.index:
                assert figure.value == row[figure.source], (name, figure)
            elif figure.source.startswith("contribution_"):
                assert figure.value == found.contributions.iloc[n][figure.source.removeprefix("contribution_")]
            elif figure.source.startswith("lost_"):
                criterion = figure.source.removeprefix("lost_")
                share = found.contributions.iloc[n][criterion] / found.values.iloc[n][criterion] \
                    if found.values.iloc[n][criterion] else np.nan
                assert np.isnan(share) or figure.value == pytest.approx(share - found.contributions.iloc[n][criterion])


def test_unknown_candidates_are_refused() -> None:
    county, found = town_study()
    with pytest.raises(NoSuchCandidate, match="N-nowhere"):
        reasons(found, county, ["N-P01", "N-nowhere"])


# -------------------------------------------------------------------------------------------------------------- village, county
def test_a_village_tells_its_counts_and_its_nearest_miss() -> None:
    county, found = town_study()
    said = village_reasons(found, county, QINGSHI)
    assert [one.phrase.key for one in said] == ["village.passes_score", "village.stops", "village.also", "village.papers"]
    assert _facts(said[0]) | {"village.best_score": 0} == {
        "village.candidates": 11, "village.pass": 2, "village.verify": 4, "village.best_score": 0, "village.fail": 5}
    assert said[2].phrase.values["site"] == "N-P02" and _facts(said[2])["plan.more_yard"] == 10.0


def test_why_a_village_has_no_passing_site() -> None:
    parcels = toytown.parcels()
    county = toytown.toytown(parcels=parcels[parcels["parcel_id"].isin(["P02", "P04", "P06", "P08"])].reset_index(drop=True))
    found = study(county, default_scenario())
    said = village_reasons(found, county, QINGSHI)
    assert [one.phrase.key for one in said] == ["village.none_passes", "village.stops", "village.nearest", "village.papers"]
    counts = _facts(said[1])
    assert (counts["village.fail.collective"], counts["village.fail.courtyard"], counts["village.verify.dispute"]) == (1, 1, 1)
    assert said[2].phrase.values["site"] == "N-P02"                         # 10 m2 of yard ask less than a settled dispute
    assert _facts(said[3]) == {"village.plans": 4, "village.papers.dispute_settlement": 1}


def test_a_village_that_nothing_can_mend_and_one_without_candidates() -> None:
    parcels = toytown.parcels()
    county = toytown.toytown(parcels=parcels[parcels["parcel_id"].isin(["P06", "P08"])].reset_index(drop=True))
    found = study(county, default_scenario())
    assert village_reasons(found, county, QINGSHI)[-1].phrase.key == "village.hopeless"
    part = [plan for plan in village_plans(found, county, QINGSHI) if plan.candidate_id == "N-P06"]
    assert "hopeless" not in village_reasons(found, county, QINGSHI, plans=part)[-1].phrase.key   # one of two proves nothing
    assert [one.phrase.key for one in village_reasons(found, county, YUNTAI)] == ["village.none", "village.none_why"]


def test_near_misses_are_those_with_the_fewest_gates_in_the_way() -> None:
    _, found = town_study()
    near = near_misses(found, each=2)
    assert near[QINGSHI] == ["N-P04", "N-P11"] and YUNTAI not in near        # to verify first, by score
    assert set(near_misses(found, each=99)[LIUWAN]) == {"N-P13", "N-P14", "U-V1"}


def test_the_county_in_short() -> None:
    _, found = town_study()
    (first,) = county_reasons(found)
    assert _facts(first) == {"county.villages": 3, "county.passing": 2, "county.verifying": 0, "county.failing": 0,
                             "county.bare": 1}


def test_same_sentences_whatever_the_row_order() -> None:
    county, found = town_study()
    turned = toytown.toytown(parcels=toytown.parcels().iloc[::-1].reset_index(drop=True))
    ids = list(found.candidates["candidate_id"])
    assert reasons(study(turned, default_scenario()), turned, ids) == reasons(found, county, ids)


def test_facts_are_each_told_once() -> None:
    twice = Phrase("x", {"a": Figure(1.0, "m2", "yard"), "b": Listing((Figure(1.0, "m2", "yard"), Term("t", "c", "s"), "name"))})
    assert facts(twice) == (Fact("yard", 1.0), Fact("s", "c"))
