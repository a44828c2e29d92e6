"""Pilot villages: which villages of each township go first, by the criteria of policies B and D. Scores 0..100, values 0..1."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.inputs import GeoError
from geo.planning_rules import COMPONENTS, PilotProfile, PilotRules
from geo.results import Study
from geo.scenario import FAIL

DECISIONS = ("fixed", "by_score", "to_minimum", "excluded", "no_site", "no_road", "beyond_quota", "below_score", "nothing_known")
"""Taken by hand, by its score, to fill the township's minimum; not taken: by hand, no venue and no site, no road for vehicles,
better ones fill the quota, score too low, nothing known that counts."""

TAKEN = DECISIONS[:3]


class PilotError(GeoError, ValueError):
    """Pilots cannot be chosen as asked."""


@dataclass(frozen=True)
class Pilots:
    """Pilots by one profile.

    Attributes
    ----------
    profile : PilotProfile
    villages : DataFrame
        One row a village in the study's order: `village_code, village_name, township_code, township_name, candidate_id` (the site
        it is judged by), `population_people`, the components 0..1 (NaN unknown), `score` 0..100 (over what is known), `score_low`,
        `score_high` (unknown components at 0 and at 1), `pilot`, `rank_in_township` (among those that may be taken),
        `decision` (`DECISIONS`), `strengths`, `weaknesses`, `unknown` (component names joined by ``;``).
    townships : DataFrame
        `township_code, township_name, villages, eligible, minimum, maximum, pilots, short` (how many it lacks of its minimum).
    """

    profile: PilotProfile
    villages: pd.DataFrame
    townships: pd.DataFrame


def pilots(study: Study, rules: PilotRules, profile: str, *, chosen: Mapping[str, str] | None = None,
           facts: pd.DataFrame | None = None, fixed: Collection[str] = (), excluded: Collection[str] = ()) -> Pilots:
    """Choose pilot villages township by township: scores 0..100, quotas in villages.

    A village's score is the mean of its components weighted by the profile, over the components known for it. Each township takes
    its best up to the maximum, as long as their score is enough, and fills its minimum with the next best. Ties go to the higher
    worst case (`score_low`), then to more people, then to the smaller code.

    Components: *venue* by its status; *site*, the score of its chosen or best site; *transport* and *facilities*, the weighted mean
    of that group's criteria for this site; *population*; *economy*, the collective's income, and *self_government*, the class the
    township puts the village in (policy C 2), as far as the village list states them.

    Parameters
    ----------
    study : Study
    rules : PilotRules
        ``scenario.planning.pilots``.
    profile : str
        A key of ``rules.profiles`` (open_venues, rural_communities).
    chosen : Mapping, optional
        Village code -> candidate id as decided; other villages are judged by their best site.
    facts : DataFrame, optional
        What the county knows, by `village_code` in a column: any of `COMPONENTS` as values 0..1, which replace those from the study
        where they are not missing.
    fixed, excluded : collection of str
        Village codes set or left out by hand. More fixed ones than the maximum are kept: the quota binds the rest only.

    Raises
    ------
    PilotError
        For an unknown profile, village or site, for facts out of 0..1, for a village both fixed and excluded.

    Notes
    -----
    A village whose economy nobody stated is not taken for poor nor for average: its score is that of what is known, and the band
    says what it might be.
    """
    if profile not in rules.profiles:
        raise PilotError(f"no pilot profile {profile!r}; there are {', '.join(rules.profiles)}")
    rule = rules.profiles[profile]
    _check_codes(study, fixed, excluded, chosen or {})
    frame = _components(study, rules, chosen or {}, facts)
    frame = _scored(frame, rule, rules)
    decision = pd.Series("", index=frame.index)
    barred = _barred(frame, study, rule)
    decision = decision.mask(barred != "", barred).mask(frame["score"].isna() & (barred == ""), "nothing_known")
    decision = decision.mask(frame["village_code"].isin(list(excluded)), "excluded")
    decision = decision.mask(frame["village_code"].isin(list(fixed)), "fixed")
    frame = frame.assign(decision=decision, rank_in_township=pd.array([pd.NA] * len(frame), dtype="Int64"))
    frame = _with_quota(frame, rule)
    frame["pilot"] = frame["decision"].isin(TAKEN)
    listed = frame[["village_code", "village_name", "township_code", "township_name", "candidate_id", "population_people",
                    *COMPONENTS, "score", "score_low", "score_high", "pilot", "rank_in_township", "decision", "strengths",
                    "weaknesses", "unknown"]]
    return Pilots(rule, listed, _townships(listed, rule))


def _check_codes(study: Study, fixed: Collection[str], excluded: Collection[str], chosen: Mapping[str, str]) -> None:
    strangers = sorted({*fixed, *excluded, *chosen} - set(study.villages["village_code"]))
    if strangers:
        raise PilotError(f"no village {', '.join(map(str, strangers))} is listed")
    both = sorted(set(fixed) & set(excluded))
    if both:
        raise PilotError(f"both fixed and excluded: {', '.join(both)}")
    sites = sorted(set(chosen.values()) - set(study.candidates["candidate_id"]))
    if sites:
        raise PilotError(f"the study has no candidate {', '.join(sites)}")


def _components(study: Study, rules: PilotRules, chosen: Mapping[str, str], facts: pd.DataFrame | None) -> pd.DataFrame:
    """The components of every village, 0..1, with the site it is judged by."""
    villages = study.villages.reset_index(drop=True)
    site = villages["village_code"].map(chosen).astype("object").where(
        villages["village_code"].isin(list(chosen)), villages["best_candidate"].astype("object"))
    row = pd.Index(study.candidates["candidate_id"]).get_indexer(pd.Index(site))
    frame = pd.DataFrame(villages[["village_code", "village_name", "township_code", "township_name"]]).assign(
        candidate_id=site.astype("str"), population_people=villages["population"].astype("float64"), row=row)
    frame["venue"] = villages["venue"].astype("object").map(dict(rules.venue_value)).astype("float64")
    frame["site"] = _taken(study.candidates["score"].to_numpy(float) / 100, row)
    for group in ("transport", "facilities"):
        frame[group] = _taken(_group_value(study, group), row)
    frame["population"] = (frame["population_people"] / rules.full_population).clip(upper=1.0)
    frame["economy"] = (villages["collective_income_yuan"].astype("float64") / rules.full_income_yuan).clip(upper=1.0)
    frame["self_government"] = villages["village_class"].astype("object").map(dict(rules.class_value)).astype("float64")
    return frame if facts is None else _with_facts(frame, facts)


def _taken(values: np.ndarray, row: np.ndarray) -> np.ndarray:
    return np.where(row >= 0, values[np.maximum(row, 0)], np.nan) if len(values) else np.full(len(row), np.nan)


def _group_value(study: Study, group: str) -> np.ndarray:
    """Weighted mean value of a group's criteria for each candidate, over those known; NaN where none is or none has weight."""
    ids = [c.id for c in study.scenario.criteria if c.group == group and c.weight > 0]
    weights = np.array([study.scenario.weights[name] for name in ids])
    values = study.values[ids].to_numpy(float)
    known = ~np.isnan(values)
    total = known @ weights
    return np.divide(np.where(known, values, 0.0) @ weights, total, out=np.full(len(values), np.nan), where=total > 0)


def _with_facts(frame: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    if "village_code" not in facts.columns or facts["village_code"].duplicated().any():
        raise PilotError("facts need a column village_code in which no village stands twice")
    known = facts.set_index("village_code")
    strangers = sorted(set(known.columns) - set(COMPONENTS))
    if strangers:
        raise PilotError(f"facts hold {', '.join(map(str, strangers))}; a component is one of {', '.join(COMPONENTS)}")
    values = known.astype("float64")
    if ((values < 0) | (values > 1)).any().any():
        raise PilotError("facts are values from 0 to 1")
    given = values.reindex(frame["village_code"]).reset_index(drop=True)
    return frame.assign(**{name: given[name].fillna(frame[name]) for name in given.columns})


def _scored(frame: pd.DataFrame, rule: PilotProfile, rules: PilotRules) -> pd.DataFrame:
    """Score over the known components and its band, 0..100; what is strong, weak and unknown among those that count."""
    names = [name for name in COMPONENTS if rule.weights.get(name, 0) > 0]
    weights = np.array([rule.weights[name] for name in names])
    values = frame[names].to_numpy(float)
    known = ~np.isnan(values)
    points, total = np.where(known, values, 0.0) @ weights, known @ weights
    score = np.divide(points, total, out=np.full(len(frame), np.nan), where=total > 0)

    def named(mask: np.ndarray) -> list[str]:
        return [";".join(name for name, holds in zip(names, row, strict=True) if holds) for row in mask]

    return frame.assign(
        score=100 * score, score_low=100 * points / weights.sum(), score_high=100 * (points + ~known @ weights) / weights.sum(),
        strengths=named(known & (np.nan_to_num(values, nan=0.0) >= rules.strong)),
        weaknesses=named(known & (np.nan_to_num(values, nan=1.0) < rules.weak)), unknown=named(~known),
    )


def _barred(frame: pd.DataFrame, study: Study, rule: PilotProfile) -> pd.Series:
    """Why a village cannot be a pilot: `no_site` without a venue and without a site that may pass, `no_road`; else empty."""
    venue = study.villages["venue"].reset_index(drop=True)
    row = frame["row"].to_numpy()
    failing = _taken((study.candidates["verdict"] == FAIL).to_numpy(float), row)
    no_site = venue.eq("none").to_numpy(bool) & ((row < 0) | (failing == 1))
    # measured, not the verdict of the gate: a village with a venue may have no candidate that passes for other reasons
    road = _taken(study.candidates["road_time_min"].to_numpy(float), row)
    no_road = rule.needs_road & np.isinf(road)
    return pd.Series(np.select([no_site, no_road], ["no_site", "no_road"], ""), index=frame.index)


def _with_quota(frame: pd.DataFrame, rule: PilotProfile) -> pd.DataFrame:
    """Decisions of those that nothing bars, township by township; villages of no known township share one quota."""
    order = frame.assign(exact=frame["score"].round(9), low=frame["score_low"].round(9),
                         people=frame["population_people"].fillna(-1))
    order = order[order["decision"] == ""].sort_values(
        ["exact", "low", "people", "village_code"], ascending=[False, False, False, True], kind="stable")
    place = order.groupby("township_code", dropna=False).cumcount() + 1
    already = frame[frame["decision"] == "fixed"].groupby("township_code", dropna=False).size()
    taken = already.reindex(pd.Index(order["township_code"])).fillna(0).to_numpy(float) + place
    decision = np.select(
        [taken <= rule.minimum, (taken <= rule.maximum) & (order["score"] >= rule.enough_score - 1e-9), taken <= rule.maximum],
        ["to_minimum", "by_score", "below_score"], "beyond_quota")
    decision = np.where((decision == "to_minimum") & (order["score"] >= rule.enough_score - 1e-9), "by_score", decision)
    found = frame.copy()
    if len(order):
        found.loc[order.index, "decision"] = decision
        found.loc[order.index, "rank_in_township"] = place.astype("Int64")
    return found


def _townships(villages: pd.DataFrame, rule: PilotProfile) -> pd.DataFrame:
    may = villages["decision"].isin([*TAKEN, "beyond_quota", "below_score"])
    table = villages.assign(eligible=may).groupby("township_code", dropna=False, sort=True).agg(
        township_name=("township_name", "first"), villages=("village_code", "size"), eligible=("eligible", "sum"),
        pilots=("pilot", "sum")).reset_index()
    table = table.assign(minimum=rule.minimum, maximum=rule.maximum, short=(rule.minimum - table["pilots"]).clip(lower=0))
    return table[["township_code", "township_name", "villages", "eligible", "minimum", "maximum", "pilots", "short"]]
