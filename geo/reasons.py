"""Why a site stands where it stands: two to five sentences, built from its row of the study, before they have a language.

The order is that of a meeting minute: the verdict and its evidence; what the site has; what it lacks and what would mend it; its
standing against the leader or the runner-up; how firm that is. No text is made here: each sentence is a key with figures and terms
that carry their source (`geo.phrases`), and `reports.reasons` says it in Chinese or English.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.evidence import NoSuchCandidate
from geo.gates import MODULES
from geo.inputs import CountyLike
from geo.phrases import Fact, Figure, Listing, Part, Phrase, Said, Term, facts
from geo.reason_sites import Rival, Site, sites_of
from geo.remedies import Lever, Plan
from geo.remedies import plans as find_plans
from geo.remedy_phrases import lever_part, obstacles_part, steps_part
from geo.results import Study
from geo.scenario import FAIL, GATES, PASS, VERIFY, Criterion

MOST_STRENGTHS, MOST_WEAKNESSES = 3, 2
LEAST_POINTS = 1.0
"""Points of the score that a weakness must cost to be worth a word."""
SAME_POINTS = 0.05
"""Scores closer than this are called equal: both print alike."""
PARTS = ("verdict", "has", "lacks", "standing", "outlook")
"""What the sentences of a site are about, in their order."""


@dataclass(frozen=True)
class Sentence:
    """One sentence: what it is about (`PARTS`, ``village`` or ``county``) and what it says."""

    part: str
    phrase: Phrase

    @property
    def rests_on(self) -> tuple[Fact, ...]:
        """The measures, gates and evidence behind it, each with its value."""
        return facts(self.phrase)


def reasons(
    study: Study, county: CountyLike, candidate_ids: Collection[str], *, plans: Mapping[str, Plan] | None = None,
    levers: Mapping[str, tuple[Lever, ...]] | None = None, outlooks: Mapping[str, Phrase] | None = None,
) -> dict[str, tuple[Sentence, ...]]:
    """Two to five sentences for each candidate.

    Parameters
    ----------
    study : Study
    county : CountyLike
        The county of the study.
    candidate_ids : collection of str
    plans : Mapping, optional
        Plan by candidate id where they are at hand already (`geo.remedies.plans`).
    levers : Mapping, optional
        By candidate id, what would make it overtake the leader (`geo.remedies.levers`): said where there are any.
    outlooks : Mapping, optional
        By candidate id, how firm its standing is, as a phrase (`outlooks_of`); said instead of the band from what is unknown.

    Returns
    -------
    dict
        Sentences by candidate id, in the order asked for.

    Raises
    ------
    NoSuchCandidate
        For an id that the study does not have.
    """
    wanted = list(dict.fromkeys(candidate_ids))
    rows = pd.Index(study.candidates["candidate_id"]).get_indexer(wanted)
    if (rows < 0).any():
        raise NoSuchCandidate(f"the study has no candidate {wanted[int(np.argmin(rows))]!r}")
    at_hand = dict(plans or {})
    missing = [name for name in wanted if name not in at_hand]
    at_hand |= {plan.candidate_id: plan for plan in find_plans(study, county, missing)} if missing else {}
    return {
        name: _site_sentences(site, at_hand[name], (levers or {}).get(name, ()), (outlooks or {}).get(name))
        for name, site in zip(wanted, sites_of(study, rows), strict=True)
    }


def _site_sentences(site: Site, plan: Plan, levers: tuple[Lever, ...], outlook: Phrase | None) -> tuple[Sentence, ...]:
    found = {
        "verdict": _verdict(site), "has": _has(site), "lacks": _lacks(site, plan),
        "standing": _standing(site), "outlook": outlook or _lever(site, levers) or _band(site),
    }
    return tuple(Sentence(part, phrase) for part, phrase in found.items() if phrase is not None)


# ------------------------------------------------------------------------------------------------------- verdict and evidence
def _gates(site: Site, verdict: str) -> list[str]:
    return [gate for gate in GATES if site.facts[f"gate_{gate}"] == verdict]


def _terms(gates: list[str], verdict: str) -> Listing:
    return Listing(tuple(Term("criteria.gate", gate, f"gate_{gate}", verdict) for gate in gates), "gates")


def _verdict(site: Site) -> Phrase:
    subject = Term("reasons.subject", str(site.facts["kind"]))
    failed, open_ = _gates(site, FAIL), _gates(site, VERIFY)
    if failed:
        values: dict[str, Part] = {"site": subject, "gates": _terms(failed, FAIL), "evidence": _evidence(site, failed)}
        if open_:
            return Phrase("verdict.fail_and_verify", {**values, "open": _terms(open_, VERIFY)})
        return Phrase("verdict.fail", values)
    if open_:
        return Phrase("verdict.verify", {"site": subject, "gates": _terms(open_, VERIFY), "evidence": _evidence(site, open_)})
    passed = _gates(site, PASS)
    shown = [phrase for gate in passed if (phrase := _passed(site, gate)) is not None]
    return Phrase("verdict.pass", {
        "site": subject, "count": Figure(len(passed), "count", "gates_passed"), "evidence": Listing(tuple(shown), "evidence"),
    })


def _evidence(site: Site, gates: list[str]) -> Listing:
    """What decided each gate."""
    row = pd.Series(site.facts)
    return Listing(tuple(Said(MODULES[gate].evidence(row, site.study.scenario)[0]) for gate in gates), "evidence")


def _passed(site: Site, gate: str) -> Phrase | None:
    """On what a gate is passed, in a few words; None where there is nothing to say."""
    scenario, reason = site.study.scenario, f"gate_{gate}"
    if gate == "collective":
        share = site.number("collective_share")
        source = Term("reasons.evidence_source", str(site.facts["evidence_strength"]), "evidence_strength")
        if np.isnan(share) or pd.isna(site.facts["evidence_strength"]):
            return Phrase("passed.collective_plain")
        return Phrase("passed.collective", {"source": source, "share": site.figure("collective_share", "share")})
    if gate == "dispute":
        return Phrase("passed.dispute", {"result": Term("criteria.verdict", PASS, reason)})
    if gate == "courtyard":
        least = Figure(scenario.courtyard.min_area_m2, "m2", "standard.courtyard.min_area_m2", exact=True)
        if np.isnan(site.number("parcel_area_m2")):
            return Phrase("passed.yard", {"yard": site.figure("courtyard_m2", "m2"), "least": least})
        return Phrase("passed.courtyard", {
            "parcel": site.figure("parcel_area_m2", "m2"), "yard": site.figure("courtyard_m2", "m2"), "least": least})
    if gate == "restriction":
        checked = sum(not np.isnan(site.number(f"restriction_share_{rule.kind}")) for rule in scenario.restrictions)
        return Phrase("passed.restriction", {"count": Figure(checked, "count", "restriction_kinds_checked")})
    if gate == "road":
        return Phrase("passed.road", {"distance": site.figure("road_distance_m", "m")})
    return Phrase("passed.building", {"floor": site.figure("floor_area_m2", "m2"), "least": Figure(
        scenario.building.min_floor_area_m2, "m2", "standard.building.min_floor_area_m2", exact=True)})


# ---------------------------------------------------------------------------------------------------------- has and lacks
def _criterion(site: Site, name: str) -> Criterion:
    return next(criterion for criterion in site.study.scenario.criteria if criterion.id == name)


def _measured(site: Site, name: str, key: str, points: Figure) -> Phrase:
    """A criterion with its measure and the points that hang on it."""
    criterion = _criterion(site, name)
    value = site.facts[criterion.measure]
    label = Term("criteria.criterion", name)
    if criterion.value.kind == "classes":
        shown: Part = Term(f"criteria.{criterion.measure}", str(value), criterion.measure)
        return Phrase(f"{key}.class", {"name": label, "value": shown, "points": points})
    if np.isinf(site.number(criterion.measure)):
        return Phrase(f"{key}.unreachable", {"name": label, "points": points})
    return Phrase(f"{key}.figure", {"name": label, "value": site.figure(criterion.measure, criterion.unit), "points": points})


def _strengths(site: Site) -> Listing | None:
    best = sorted((name for name, points in site.points.items() if points >= LEAST_POINTS), key=lambda name: -site.points[name])
    parts = [_measured(site, name, "gain", Figure(site.points[name], "points", f"contribution_{name}"))
             for name in best[:MOST_STRENGTHS]]
    return Listing(tuple(parts)) if parts else None


def _weaknesses(site: Site) -> Listing | None:
    worst = sorted((name for name, points in site.lost.items() if points >= LEAST_POINTS), key=lambda name: -site.lost[name])
    parts = [_measured(site, name, "loss", Figure(site.lost[name], "points", f"lost_{name}")) for name in worst[:MOST_WEAKNESSES]]
    return Listing(tuple(parts)) if parts else None


def _has(site: Site) -> Phrase | None:
    strengths = _strengths(site)
    if site.facts["verdict"] == FAIL:
        return None if strengths is None else Phrase("has.fail", {"strengths": strengths})
    if np.isnan(site.number("score")):
        return Phrase("has.no_score")
    score: dict[str, Part] = {"score": site.figure("score", "points")}
    return Phrase("has.plain", score) if strengths is None else Phrase("has.score", {**score, "strengths": strengths})


def _lacks(site: Site, plan: Plan) -> Phrase | None:
    verdict, weak = site.facts["verdict"], _weaknesses(site)
    if verdict == PASS:
        return None if weak is None else Phrase("lacks.weak", {"weaknesses": weak})
    if plan.possible:
        mend: dict[str, Part] = {"steps": steps_part(plan.steps), "effect": _effect(plan)}
        if verdict == FAIL:
            return Phrase("lacks.fail", mend)
        return Phrase("lacks.verify", mend) if weak is None else Phrase("lacks.verify_weak", {**mend, "weaknesses": weak})
    return Phrase("lacks.never", {"what": obstacles_part(plan.obstacles)})


def _effect(plan: Plan) -> Part:
    """Where the site would stand after the steps; nothing where that is not known."""
    if plan.rank_after is None or np.isnan(plan.score_after):
        return ""
    return Phrase("effect.first" if plan.rank_after == 1 else "effect.rank", {
        "score": Figure(plan.score_after, "points", "plan.score_after"),
        "rank": Figure(plan.rank_after, "count", "plan.rank_after")})


# ------------------------------------------------------------------------------------------------------ standing and outlook
def _standing(site: Site) -> Phrase | None:
    if site.facts["verdict"] == FAIL:
        return None
    if pd.isna(site.facts["village_code"]):
        return Phrase("standing.no_village")
    rank, other = int(site.number("rank_in_village")), site.rival
    if other is None:
        return Phrase("standing.only")
    values: dict[str, Part] = {
        "count": Figure(site.ranked, "count", "ranked_in_village"), "rank": site.figure("rank_in_village", "count"),
        "other": other.candidate_id}
    place = "first" if rank == 1 else "behind"
    if other.verdict != site.facts["verdict"]:
        return Phrase(f"standing.{place}_verdict", values)
    gap = abs(site.number("score") - other.score)
    if not gap >= SAME_POINTS:
        return Phrase(f"standing.{place}_equal", values)
    values["gap"] = Figure(gap, "points", f"gap:{other.candidate_id}")
    main = _main_difference(site, other, 1 if rank == 1 else -1)
    if main is None:
        return Phrase(f"standing.{place}_plain", values)
    name, points = main
    values |= {"name": Term("criteria.criterion", name), "points": Figure(points, "points", f"gap_{name}:{other.candidate_id}")}
    return Phrase(f"standing.{place}", values)


def _main_difference(site: Site, other: Rival, sign: int) -> tuple[str, float] | None:
    """The criterion that most explains a lead (+1) or a lag (-1), and its points; None where none does."""
    gaps = {name: sign * (points - other.points[name]) for name, points in site.points.items() if name in other.points}
    best = max(gaps, key=lambda name: gaps[name], default=None)
    return None if best is None or gaps[best] < SAME_POINTS else (best, gaps[best])


def _lever(site: Site, levers: tuple[Lever, ...]) -> Phrase | None:
    if not levers or site.facts["verdict"] == FAIL:
        return None
    parts = Listing(tuple(lever_part(one) for one in levers[:2]), "either")
    key = "outlook.lever" if site.facts["verdict"] == PASS else "outlook.lever_after"
    return Phrase(key, {"levers": parts, "leader": levers[0].leader_id})


def _band(site: Site) -> Phrase | None:
    """How far the score may move once what is unknown is known."""
    low, high = site.number("score_low"), site.number("score_high")
    unknown = [c.id for c in site.study.scenario.criteria if c.weight > 0 and c.id not in site.points]
    if site.facts["verdict"] == FAIL or not high - low >= SAME_POINTS or not unknown or np.isnan(site.number("score")):
        return None
    names = Listing(tuple(Term("criteria.criterion", name) for name in unknown[:MOST_STRENGTHS]))
    key = "outlook.band" if len(unknown) <= MOST_STRENGTHS else "outlook.band_more"
    return Phrase(key, {"names": names, "count": Figure(len(unknown), "count", "unknown_criteria"),
                        "low": site.figure("score_low", "points"), "high": site.figure("score_high", "points")})
