"""Why a village has no passing site, what comes nearest and what is most often missing; and the same for the county in short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.inputs import CountyLike
from geo.phrases import Figure, Listing, Part, Phrase, Term
from geo.reasons import Sentence
from geo.remedies import Plan, plan_order, village_plans
from geo.remedy_phrases import obstacles_part, steps_part
from geo.results import Study
from geo.scenario import FAIL, GATES, PASS, VERIFY

MOST_GATES = MOST_PAPERS = 3


def village_reasons(study: Study, county: CountyLike, village_code: str, *,
                    plans: Sequence[Plan] | None = None) -> tuple[Sentence, ...]:
    """One to four sentences on a village: how its candidates fare, which gates stop them, the nearest miss and what would mend it,
    the papers most often missing.

    Parameters
    ----------
    study : Study
    county : CountyLike
        The county of the study.
    village_code : str
        A village without candidates is said to have none.
    plans : sequence of Plan, optional
        Plans of the village's candidates where they are at hand already (`geo.remedies.village_plans`), or of those nearest to
        passing (`near_misses`): what cannot be told from those is then left unsaid.
    """
    rows = _of_village(study, village_code)
    if not len(rows):
        return (Sentence("village", Phrase("village.none")), Sentence("village", Phrase("village.none_why")))
    found = sorted(plans, key=plan_order) if plans is not None else list(village_plans(study, county, village_code))
    verdicts = rows["verdict"].value_counts()
    counts: dict[str, Part] = {
        "count": _count(len(rows), "village.candidates"),
        **{verdict: _count(int(verdicts.get(verdict, 0)), f"village.{verdict}") for verdict in (PASS, VERIFY, FAIL)},
    }
    phrases = [_fare(rows, counts, bool(verdicts.get(PASS, 0))), _stops(rows), _nearest(rows, found), _papers(found)]
    return tuple(Sentence("village", phrase) for phrase in phrases if phrase is not None)


def _of_village(study: Study, village_code: str) -> pd.DataFrame:
    """What is said of a village rests on these columns of its candidates."""
    standing = study.standing
    place = int(standing.villages.get_indexer([village_code])[0])
    at = np.flatnonzero((standing.village == place) & (place >= 0))
    names = ("candidate_id", "verdict", "score", "rank_in_village", *(f"gate_{gate}" for gate in GATES))
    return pd.DataFrame({name: study.candidates[name].array.take(at) for name in names})


def _count(number: int, source: str) -> Figure:
    return Figure(number, "count", source, exact=True)


def _fare(rows: pd.DataFrame, counts: dict[str, Part], passing: bool) -> Phrase:
    if not passing:
        return Phrase("village.none_passes", counts)
    first = int(np.flatnonzero(rows["rank_in_village"].to_numpy("int64", na_value=0) == 1)[0])
    best, score = str(rows["candidate_id"].iat[first]), float(rows["score"].iat[first])
    if np.isnan(score):
        return Phrase("village.passes", {**counts, "best": best})
    return Phrase("village.passes_score", {**counts, "best": best, "score": Figure(score, "points", "village.best_score")})


def _stops(rows: pd.DataFrame) -> Phrase | None:
    """The gates that stop or hold up most candidates."""
    lists = {key: _gate_counts(rows, verdict) for key, verdict in (("failed", FAIL), ("open", VERIFY))}
    if not any(part.parts for part in lists.values()):
        return None
    if not lists["open"].parts:
        return Phrase("village.stops_failed", {"failed": lists["failed"]})
    return Phrase("village.stops", {**lists}) if lists["failed"].parts else Phrase("village.stops_open", {"open": lists["open"]})


def _gate_counts(rows: pd.DataFrame, verdict: str) -> Listing:
    counts = {gate: int((rows[f"gate_{gate}"].to_numpy(dtype=object) == verdict).sum()) for gate in GATES}
    most = sorted((gate for gate in GATES if counts[gate]), key=lambda gate: -counts[gate])[:MOST_GATES]
    return Listing(tuple(
        Phrase("village.gate", {"gate": Term("criteria.gate", gate), "count": _count(counts[gate], f"village.{verdict}.{gate}")})
        for gate in most))


def _nearest(rows: pd.DataFrame, plans: list[Plan]) -> Phrase | None:
    """The candidate that asks least to pass; or that none can be mended, where all were looked at."""
    misses = [plan for plan in plans if plan.verdict != PASS]
    if not misses:
        return None
    nearest = misses[0]
    if not nearest.possible:
        if len(misses) < int((rows["verdict"] != PASS).sum()):
            return None
        most = Counter(one for plan in misses for one in plan.obstacles).most_common(MOST_GATES)
        return Phrase("village.hopeless", {"what": obstacles_part(tuple(one for one, _ in most))})
    values: dict[str, Part] = {"site": nearest.candidate_id, "steps": steps_part(nearest.steps)}
    if (rows["verdict"] == PASS).any():
        return Phrase("village.also", values)
    return Phrase("village.nearest", values)


def _papers(plans: list[Plan]) -> Phrase | None:
    """Papers that most of the candidates looked at wait for."""
    papers = Counter(paper for plan in plans for paper in dict.fromkeys(step.paper for step in plan.steps if step.paper))
    if not papers:
        return None
    most = sorted(papers, key=lambda paper: (-papers[paper], paper))[:MOST_PAPERS]
    looked_at = sum(plan.verdict != PASS for plan in plans)
    return Phrase("village.papers", {"of": _count(looked_at, "village.plans"), "papers": Listing(tuple(
        Phrase("village.paper", {"paper": Term("evidence.papers", paper),
                                 "count": _count(papers[paper], f"village.papers.{paper}")})
        for paper in most))})


def near_misses(study: Study, *, each: int) -> dict[str, list[str]]:
    """Candidates of each village that do not pass and come nearest to it: ids by village code, nearest first.

    By how many gates fail, then how many are to be verified, then score and id: a short list for a county of a million candidates,
    whose plans then say what each one asks.

    Parameters
    ----------
    study : Study
    each : int
        Candidates per village at most.
    """
    standing, candidates = study.standing, study.candidates
    counts = {verdict: sum((candidates[f"gate_{gate}"] == verdict).fillna(False).to_numpy("int64") for gate in GATES)
              for verdict in (FAIL, VERIFY)}
    score = np.nan_to_num(candidates["score"].to_numpy("float64"), nan=-1.0)
    rows = np.flatnonzero((counts[FAIL] + counts[VERIFY] > 0) & (standing.village >= 0))
    keys = (standing.position, -score, counts[VERIFY], counts[FAIL], standing.village)
    order = rows[np.lexsort([key[rows] for key in keys])]
    place = pd.Series(standing.village[order]).groupby(standing.village[order]).cumcount().to_numpy()
    near = order[place < each]
    ids = candidates["candidate_id"].to_numpy(dtype=object)
    return {str(standing.villages[village]): list(ids[near[standing.village[near] == village]])
            for village in np.unique(standing.village[near])}


def county_reasons(study: Study) -> tuple[Sentence, ...]:
    """One or two sentences on the county: villages with a passing site, with one to verify, with none, without candidates; and the
    gates at which the candidates of villages without a passing site most often fail.
    """
    villages = study.villages
    passing, verifying, has = villages["passing"] > 0, villages["verifying"] > 0, villages["candidates"] > 0
    counts: dict[str, Part] = {
        "count": _count(len(villages), "county.villages"), "passing": _count(int(passing.sum()), "county.passing"),
        "verifying": _count(int((verifying & ~passing).sum()), "county.verifying"),
        "failing": _count(int((has & ~passing & ~verifying).sum()), "county.failing"),
        "bare": _count(int((~has).sum()), "county.bare"),
    }
    found = [Phrase("county.villages" if passing.any() else "county.none_passes", counts)]
    without = set(villages.loc[(has & ~passing).to_numpy(bool), "village_code"])
    rows = study.candidates[study.candidates["village_code"].isin(without).to_numpy()]
    failed = _gate_counts(rows, FAIL)
    if failed.parts:
        found.append(Phrase("county.stops", {"count": _count(len(without), "county.without"), "failed": failed}))
    return tuple(Sentence("county", phrase) for phrase in found)
