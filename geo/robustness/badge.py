"""A badge for a village's first site: steady, contested or a coin toss, with the share of draws behind it. Shares 0..1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.results import Study
from geo.robustness.contest import Contest, contest_of, contests_of
from geo.robustness.draws import half_width, weight_draws
from geo.robustness.thresholds import bounds
from geo.robustness.unknown import unknown_effect
from geo.scenario import RobustnessRules

BADGES = ("only", "steady", "contested", "coin_toss")
"""Firmest first. *only*: no other site has the leader's verdict, so no weights and nothing unknown can unseat it."""
CAUSES = ("weights", "unknown")
COLUMNS = ("village_code", "leader", "badge", "cause", "share_first", "error", "share_first_weights", "rivals", "runner_up", "lead",
           "unknown_can_unseat", "group", "group_share", "group_bound", "group_rises", "group_to")


@dataclass(frozen=True)
class Badge:
    """How firmly a leader stands, and why."""

    badge: str
    """One of `BADGES`."""
    cause: str | None
    """What keeps it from *steady*: the weights alone, or what is unknown; None where nothing does."""
    leader: str
    share_first: float
    """Share of draws in which it comes first, weights within the spread and unknown values drawn. The badge rests on this."""
    error: float
    """Monte-Carlo error of it: half of its 95 % interval."""
    share_first_weights: float
    """The same with what is unknown left out, as in the ranking: the weights' part in it."""
    rivals: int
    runner_up: str | None
    lead: float
    """Points between its score and the runner-up's; NaN without rivals."""


def badge_of(contest: Contest, rules: RobustnessRules, *, drawn: np.ndarray | None = None) -> Badge | None:
    """The badge of a contest's leader.

    In each draw every weight lies within ``1 +- spread`` of its own and every unknown value anywhere in 0..1, evenly and on its own
    (values of one village often go together, so this is on the side of caution). Rivals that cannot come first anywhere in that
    range are set aside beforehand, which changes no draw's outcome.

    Parameters
    ----------
    contest : Contest
    rules : RobustnessRules
        Spread, draws, seed, and the shares from which a leader is steady or contested.
    drawn : array of shape (draws, criteria), optional
        The draws of weights for these rules, where many villages share them.

    Returns
    -------
    Badge or None
        None where there is no leader.
    """
    lead = contest.leader
    if lead is None:
        return None
    leader, runner_up = contest.ids[lead], contest.runner_up
    if runner_up is None:
        return Badge("only", None, leader, 1.0, 0.0, 1.0, rivals=0, runner_up=None, lead=float("nan"))
    if drawn is None:
        drawn = weight_draws(contest.weights, space="spread", spread=rules.spread, draws=rules.draws, seed=rules.seed)
    weighed = _share_first(contest, rules, drawn, "left_out")
    lacking = np.isnan(contest.values[np.r_[lead, contest.rivals]]).any()
    share = _share_first(contest, rules, drawn, "sampled") if lacking else weighed
    badge = _name(share, rules)
    cause = None if badge == "steady" else "weights" if _name(weighed, rules) == badge else "unknown"
    return Badge(
        badge, cause, leader, share, float(half_width(share, len(drawn))), weighed, rivals=len(contest.rivals),
        runner_up=contest.ids[runner_up], lead=float(contest.score[lead] - np.nan_to_num(contest.score[runner_up], nan=0.0)),
    )


def _name(share: float, rules: RobustnessRules) -> str:
    return "steady" if share >= rules.steady_share else "contested" if share >= rules.contested_share else "coin_toss"


def _share_first(contest: Contest, rules: RobustnessRules, drawn: np.ndarray, unknown: str) -> float:
    """Share of draws in which the leader comes first."""
    from geo.robustness.kernels import first_share

    one, rivals = contest.leader, contest.rivals
    entered = np.flatnonzero(contest.tier == contest.tier[one])
    sampled = unknown == "sampled"
    rivals = rivals[_near(contest, rules.spread, sampled=sampled)]
    rivals = rivals[np.argsort(-np.nan_to_num(contest.score[rivals], nan=-1.0), kind="stable")]
    places = np.r_[one, rivals].astype("int64")
    blank = np.isnan(contest.values[places]).astype("float64")
    known = np.nan_to_num(contest.values[places])
    return float(first_share(known, blank, drawn, sampled, rules.seed, np.searchsorted(entered, places)))


def _near(contest: Contest, spread: float, *, sampled: bool) -> np.ndarray:
    """Of the rivals, which could be first under some weights within the spread, and some unknown values where these are drawn.

    Over the same criteria the rival is ahead when ``sum w d > 0`` with d the difference of values, which is largest with the
    highest weight where d > 0 and the lowest elsewhere; over different ones its highest mean is held against the leader's lowest.
    """
    best, worst, weights = contest.values[contest.rivals], contest.values[contest.leader], contest.weights
    if sampled:
        best, worst = np.nan_to_num(best, nan=1.0), np.nan_to_num(worst, nan=0.0)
    ahead = np.nan_to_num(best - worst)
    reach = (1 + spread) * np.maximum(ahead, 0) @ weights + (1 - spread) * np.minimum(ahead, 0) @ weights
    near = reach >= -1e-9
    other = (np.isnan(best) != np.isnan(worst)).any(axis=1)
    if other.any():
        lowest = _extreme(worst[None], weights, spread, least=True)[0]
        near[other] = _extreme(best[other], weights, spread, least=False) >= lowest - 1e-9
    return near


def _extreme(values: np.ndarray, weights: np.ndarray, spread: float, *, least: bool) -> np.ndarray:
    """Lowest or highest weighted mean of each row's known values with every weight within ``1 +- spread`` of its own.

    It lies where all values beyond some point have the highest weight and the rest the lowest, so each such point is tried.
    """
    side = 1.0 if least else -1.0
    order = np.argsort(side * np.nan_to_num(values, nan=side * np.inf), axis=1, kind="stable")
    sorted_values = np.take_along_axis(values, order, axis=1)
    known = ~np.isnan(sorted_values)
    share = np.where(known, weights[order], 0.0)
    gain = share * np.where(known, sorted_values, 0.0)
    heavy, light = 1 + spread, 1 - spread
    lead_share, lead_gain = np.cumsum(share, axis=1), np.cumsum(gain, axis=1)
    whole = heavy * lead_share + light * (lead_share[:, -1:] - lead_share)
    means = np.divide(heavy * lead_gain + light * (lead_gain[:, -1:] - lead_gain), whole,
                      out=np.full_like(whole, np.inf * side), where=whole > 0)
    return means.min(axis=1) if least else means.max(axis=1)


def county_badges(study: Study) -> pd.DataFrame:
    """The badge of every village's leader under the study's weights and rules.

    Parameters
    ----------
    study : Study

    Returns
    -------
    DataFrame
        One row per village with a leader, by village code: `village_code`, `leader`, `badge`, `cause`, `share_first`, `error`,
        `share_first_weights` (0..1), `rivals`, `runner_up`, `lead` (points), `unknown_can_unseat`, and the group whose weight is
        nearest to costing it the lead: `group`, `group_share` (now), `group_bound` (where the lead is lost), `group_rises` (whether
        by rising), `group_to` (the rival then first); missing where no group's weight does.
    """
    rules, drawn, rows = study.scenario.robustness, None, []
    for code, one in contests_of(study):
        if drawn is None:
            drawn = weight_draws(one.weights, space="spread", spread=rules.spread, draws=rules.draws, seed=rules.seed)
        rows += _rows(code, one, rules, drawn)
    return _table(rows)


def village_badge(study: Study, village_code: str) -> pd.DataFrame:
    """The village's row of `county_badges`, without reckoning the others; no row where it has no leader."""
    return _table(_rows(village_code, contest_of(study, village_code), study.scenario.robustness, None))


def _rows(code: str, one: Contest, rules: RobustnessRules, drawn: np.ndarray | None) -> list[tuple]:
    badge, effect = badge_of(one, rules, drawn=drawn), unknown_effect(one)
    if badge is None or effect is None:
        return []
    return [(code, badge.leader, badge.badge, badge.cause, badge.share_first, badge.error, badge.share_first_weights, badge.rivals,
             badge.runner_up, badge.lead, effect.can_unseat, *_nearest_bound(one))]


def _table(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({name: "str" for name in ("village_code", "leader", "badge", "cause", "runner_up", "group", "group_to")}
                        | {"group_rises": "boolean"})


def _nearest_bound(one: Contest) -> tuple[str | None, float, float, bool | None, str | None]:
    """The group whose share needs to change least to cost the lead: its id, share, bound, whether upwards, and to whom."""
    found: list[tuple[float, tuple[str | None, float, float, bool | None, str | None]]] = []
    for row in bounds(one, one.groups):
        for bound, rises, rival in ((row.below, False, row.below_to), (row.above, True, row.above_to)):
            if not np.isnan(bound):
                found.append((abs(bound - row.share), (row.id, row.share, bound, rises, rival)))
    return min(found, key=lambda one: one[0])[1] if found else (None, np.nan, np.nan, None, None)
