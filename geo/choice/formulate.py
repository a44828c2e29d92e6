"""From a problem of choice and its rules to a programme whose every bound is tagged with the rule it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from geo.choice.instance import Instance, Times
from geo.choice.program import Program
from geo.choice.reach import Reach, reach
from geo.choice.rules import Quota, RuleName, Rules, RulesError
from geo.scenario import Problem

WALKED = ("walk", "cover", "worst_walk")
"""Objectives about walks."""


@dataclass(frozen=True)
class Costs:
    """Yuan per site: the whole cost and who pays it; NaN where the cost is not known, 0 for what stands already."""

    cost: np.ndarray
    subsidy: np.ndarray
    village: np.ndarray
    other: np.ndarray


class Shares(NamedTuple):
    """Columns by which a village's venue also serves a neighbour: `host` and `guest` village of each `column`.

    `site` may be where they meet, for the place `pair` among the columns.
    """

    host: np.ndarray
    guest: np.ndarray
    column: np.ndarray
    pair: np.ndarray
    site: np.ndarray


@dataclass(frozen=True)
class Formulation:
    """A programme over sites (columns 0 to sites - 1), and what is known before it is solved.

    `permitted` sites may be chosen, `open` ones are certain (kept or fixed by hand). `bars` are the sites each rule forbids. `sure`
    names for each site the set (-1 none) of which one site at least is certain to be open. `flow` are, with capacities, the columns
    of people sent from a demand point to a site, as `times` has them.
    """

    instance: Instance
    rules: Rules
    program: Program
    costs: Costs
    permitted: np.ndarray
    open: np.ndarray
    bars: tuple[tuple[np.ndarray, RuleName], ...]
    sure: np.ndarray
    shares: Shares
    times: Times
    """Walks to permitted sites only, from points where somebody lives; where capacities matter to `cover_all_within_min` alone,
    those within it."""
    flow: np.ndarray | None

    @property
    def flows(self) -> np.ndarray:
        """`flow`, none where there are no capacities."""
        return np.zeros(0, dtype=np.int64) if self.flow is None else self.flow

    @property
    def walked(self) -> bool:
        """Whether an objective is about walks."""
        return _walked(self.rules)

    @cached_property
    def reach(self) -> Reach:
        """The walks that can matter."""
        least = self.rules.count_min
        may = int((self.permitted & self.counted).sum()) - least if least else None
        return reach(self.times, self.sure, self.counted, may_stay_closed=may)

    @property
    def counted(self) -> np.ndarray:
        """Sites that would be built: all but the existing."""
        return ~self.instance.existing


def site_costs(instance: Instance, rules: Rules) -> Costs:
    """Yuan of each site and who pays: subsidy first, the village's own funds next, other sources the rest."""
    kinds, funding = instance.sites["kind"].astype(str), rules.funding
    stated = instance.sites["cost_yuan"].to_numpy(float)
    by_kind = kinds.map(dict(funding.cost_by_kind_yuan)).to_numpy(float)
    cost = np.where(instance.existing, 0.0, np.where(np.isnan(stated), by_kind, stated))
    subsidy = np.minimum(kinds.map(dict(funding.subsidy_by_kind_yuan)).fillna(0.0).to_numpy(float), cost)
    own = instance.sites["village_code"].map(dict(funding.village_funds_yuan)).fillna(0.0).to_numpy(float)
    village = np.minimum(own, cost - subsidy)
    return Costs(cost, subsidy, village, cost - subsidy - village)


def formulate(instance: Instance, rules: Rules) -> Formulation:
    """The programme of a problem under its rules, without an objective.

    Raises
    ------
    RulesError
        Sites or townships that the rules name and the instance lacks; costs or scores that they need and that are missing.
    """
    costs = site_costs(instance, rules)
    bars = tuple(_bars(instance, rules))
    permitted = np.ones(len(instance.sites), dtype=bool)
    for sites, _ in bars:
        permitted[sites] = False
    _require(instance, rules, costs, permitted)
    program = Program()
    program.add_columns(len(instance.sites), integer=True)
    program.upper[0][~permitted] = 0.0
    _certain(program, instance, rules)
    shares = _shares(program, instance, rules, permitted)
    _villages(program, instance, rules, shares)
    _counts_and_quotas(program, instance, rules)
    _budgets(program, instance, rules, costs)
    _spacing(program, instance, rules)
    times = instance.times.only(permitted[instance.times.site] & (instance.people > 0)[instance.times.point])
    # without a rule or an objective about walks, capacities only say who is sent where in the end
    flow = None
    if rules.capacity and (_walked(rules) or rules.cover_all_within_min is not None):
        if not _walked(rules):
            # nothing is asked of walks but that everybody has one within the limit
            times = times.only(times.minutes <= (rules.cover_all_within_min or 0.0))
        flow = _flows(program, instance, times)
    _cover_all(program, rules, times, flow)
    opened = permitted & ((instance.existing & (rules.existing == "kept")) | instance.sites["site_id"].isin(rules.fixed).to_numpy())
    return Formulation(instance, rules, program, costs, permitted, opened, bars,
                       _sure(instance, rules, permitted, opened, shares), shares, times, flow)


def _walked(rules: Rules) -> bool:
    return any(objective.kind in WALKED for objective in rules.objectives)


def _require(instance: Instance, rules: Rules, costs: Costs, permitted: np.ndarray) -> None:
    """Everything the rules need and the instance lacks, in one error."""
    problems = []
    ids = set(instance.sites["site_id"])
    for where in ("fixed", "excluded"):
        strangers = sorted(set(getattr(rules, where)) - ids)
        if strangers:
            problems.append(Problem(where, "no_such_site", {"sites": ", ".join(strangers)}))
    townships = set(instance.villages["township_code"].astype(str))
    for place, quota in enumerate(rules.quotas):
        if quota.township_code is not None and quota.township_code not in townships:
            problems.append(Problem(f"quotas.{place}", "no_such_township", {"township": quota.township_code}))
    kinds = {objective.kind for objective in rules.objectives}
    counted = permitted & ~instance.existing
    limits = (rules.budget_yuan, rules.subsidy_limit_yuan, rules.other_limit_yuan)
    if ("cost" in kinds or any(limit is not None for limit in limits)) and np.isnan(costs.cost[counted]).any():
        without = sorted(set(instance.sites["kind"][counted & np.isnan(costs.cost)]))
        problems.append(Problem("funding.cost_by_kind_yuan", "cost_unknown", {"kinds": ", ".join(without)}))
    unscored = int(instance.sites["score"][counted].isna().sum())
    if "score" in kinds and unscored:
        problems.append(Problem("objectives", "score_unknown", {"sites": unscored}))
    if rules.capacity and "worst_walk" in kinds and rules.combine == "weighted":
        problems.append(Problem("combine", "worst_walk_with_capacity"))
    if problems:
        raise RulesError(tuple(problems))


def _bars(instance: Instance, rules: Rules) -> Iterator[tuple[np.ndarray, RuleName]]:
    """Sites that may not be chosen, by the rule that forbids them (one per village, so that a conflict can name it)."""
    verdict, kind = instance.sites["verdict"].astype(str).to_numpy(), instance.sites["kind"].astype(str).to_numpy()
    new, village = kind != "existing", instance.site_village
    yield from _by_village(instance, new & (verdict == "fail"), "no_failing")
    if not rules.allow_verify:
        yield from _by_village(instance, new & (verdict == "verify"), "no_verify")
    for site in np.flatnonzero(instance.sites["site_id"].isin(rules.excluded).to_numpy()):
        yield np.array([site]), RuleName("excluded", (instance.sites["site_id"].iloc[site],))
    if rules.per_village == "free":
        return
    need = np.append(instance.need, "one")[village]
    yield from _by_village(instance, new & ((need == "no") | ((need == "upgrade") & (kind != "upgrade"))), "no_duplicate")
    if rules.below_standard == "leave":
        yield from _by_village(instance, new & (need == "upgrade") & (kind == "upgrade"), "leave_below_standard")


def _by_village(instance: Instance, which: np.ndarray, rule: str) -> Iterator[tuple[np.ndarray, RuleName]]:
    codes = instance.villages["village_code"]
    for village in np.unique(instance.site_village[which]):
        subject = (str(codes.iloc[village]),) if village >= 0 else ()
        yield np.flatnonzero(which & (instance.site_village == village)), RuleName(rule, subject)


def _certain(program: Program, instance: Instance, rules: Rules) -> None:
    ids = instance.sites["site_id"]
    for site in np.flatnonzero(ids.isin(rules.fixed).to_numpy()):
        program.add_row(np.array([site]), 1.0, lower=1.0, rule=program.rule("fixed", str(ids.iloc[site])))
    if rules.existing == "kept" and instance.existing.any():
        kept = np.flatnonzero(instance.existing & ~ids.isin(rules.excluded).to_numpy())
        program.add_rows(np.arange(len(kept)), kept, 1.0, count=len(kept), lower=1.0, rule=program.rule("existing_kept"))


def _shares(program: Program, instance: Instance, rules: Rules, permitted: np.ndarray) -> Shares:
    """Columns by which a village's venue serves a consenting neighbour too: one guest at most, and only where one stands."""
    none = np.zeros(0, dtype=np.int64)
    if rules.share_walk_min is None or rules.per_village != "each" or not instance.neighbours:
        return Shares(none, none, none, none, none)
    position = {code: place for place, code in enumerate(instance.villages["village_code"])}
    consenting = {(position[a], position[b]) for a, b in instance.neighbours}
    consenting |= {(b, a) for a, b in consenting}
    guest, site, minutes = instance.village_walks()
    use = permitted[site] & (minutes <= rules.share_walk_min) & (instance.need[guest] == "one")
    guest, site = guest[use], site[use]
    host = instance.site_village[site]
    agreed = np.array([(int(g), int(h)) in consenting for g, h in zip(guest, host, strict=True)], dtype=bool)
    guest, site, host = guest[agreed], site[agreed], host[agreed]
    # one column a pair of villages: which of the host's sites it is follows from what stands
    pairs, pair = np.unique(np.column_stack([host, guest]), axis=0, return_inverse=True)
    pair = pair.ravel()
    column = program.add_columns(len(pairs), integer=True)
    rule = program.rule("share_one_guest")
    program.add_rows(np.concatenate([np.arange(len(pairs)), pair]), np.concatenate([column, site]),
                     np.repeat([1.0, -1.0], [len(pairs), len(site)]), count=len(pairs), upper=0.0)
    hosts, row = np.unique(pairs[:, 0], return_inverse=True)
    program.add_rows(row.ravel(), column, 1.0, count=len(hosts), upper=1.0, rule=rule)
    return Shares(pairs[:, 0], pairs[:, 1], column, pair, site)


def _villages(program: Program, instance: Instance, rules: Rules, shares: Shares) -> None:
    """One venue per village that needs one; an upgrade where it must be or may be."""
    if rules.per_village == "free":
        return
    guest, column = shares.guest, shares.column
    new = ~instance.existing
    for village, (code, need) in enumerate(zip(instance.villages["village_code"], instance.need, strict=True)):
        if need == "no":
            continue
        here = np.concatenate([np.flatnonzero(new & (instance.site_village == village)), column[guest == village]])
        least = need == "one" and rules.per_village == "each"
        must = need == "upgrade" and rules.below_standard == "must"
        lower = program.rule("upgrade" if must else "each_village", str(code)) if least or must else -1
        program.add_row(here, 1.0, lower=1.0 if least or must else -np.inf, upper=1.0, rule=lower,
                        upper_rule=program.rule("only_one", str(code)))


def _counts_and_quotas(program: Program, instance: Instance, rules: Rules) -> None:
    new = np.flatnonzero(~instance.existing)
    if rules.count_min is not None:
        program.add_row(new, 1.0, lower=rules.count_min, rule=program.rule("count_min"))
    if rules.count_max is not None:
        program.add_row(new, 1.0, upper=rules.count_max, rule=program.rule("count_max"))
    townships = instance.villages["township_code"].astype(str).to_numpy(object)
    of_site = np.append(townships, "")[instance.site_village]
    for township, quota in township_quotas(instance, rules):
        here = new[of_site[new] == township]
        if quota.minimum > 0:
            program.add_row(here, 1.0, lower=quota.minimum, rule=program.rule("quota_min", township))
        if quota.maximum is not None:
            program.add_row(here, 1.0, upper=quota.maximum, rule=program.rule("quota_max", township))


def township_quotas(instance: Instance, rules: Rules) -> Iterator[tuple[str, Quota]]:
    """Township by township; a quota for one township stands before the one for each."""
    own = {quota.township_code: quota for quota in rules.quotas}
    for township in sorted(set(instance.villages["township_code"].astype(str))):
        quota = own.get(township, own.get(None))
        if quota is not None:
            yield township, quota


def _budgets(program: Program, instance: Instance, rules: Rules, costs: Costs) -> None:
    for rule, limit, yuan in (("budget", rules.budget_yuan, costs.cost), ("subsidy_limit", rules.subsidy_limit_yuan, costs.subsidy),
                              ("other_limit", rules.other_limit_yuan, costs.other)):
        if limit is None:
            continue
        # a barred site of unknown cost cannot be chosen, and in a search for contradictions it counts as free
        known = np.nan_to_num(yuan)
        paid = np.flatnonzero(known > 0)
        unit = max(float(known.max(initial=0.0)), 1.0)
        program.add_row(paid, known[paid] / unit, upper=limit / unit, rule=program.rule(rule))


def _spacing(program: Program, instance: Instance, rules: Rules) -> None:
    """No two venues of different villages closer than the rule says; per site and village, which is tighter than per pair."""
    if rules.spacing_m is None or len(instance.sites) < 2:
        return
    from scipy.spatial import cKDTree

    xy = instance.sites[["x_m", "y_m"]].to_numpy(float)
    placed = np.flatnonzero(np.isfinite(xy).all(axis=1))
    pairs = placed[cKDTree(xy[placed]).query_pairs(np.nextafter(rules.spacing_m, 0.0), output_type="ndarray").reshape(-1, 2)]
    village = instance.site_village
    both_stand = instance.existing[pairs].all(axis=1)
    same = (village[pairs[:, 0]] == village[pairs[:, 1]]) & (village[pairs[:, 0]] >= 0) & (rules.per_village != "free")
    a, b = pairs[~(both_stand | same)].T
    codes = np.append(instance.villages["village_code"].astype(str).to_numpy(object), "")
    tags: dict[tuple[str, str], int] = {}
    tag = np.array([_tag(program, tags, codes[village[i]], codes[village[j]]) for i, j in zip(a, b, strict=True)], dtype=np.int64)
    grouped = rules.per_village != "free"
    key = np.column_stack([a, np.where((village[b] >= 0) & ~instance.existing[b] & grouped, village[b], -2 - b)])
    rows, row = np.unique(key, axis=0, return_inverse=True)
    row = row.ravel()
    row_tag = np.zeros(len(rows), dtype=np.int64)
    row_tag[row] = tag
    program.add_rows(np.concatenate([row, np.arange(len(rows))]), np.concatenate([b, rows[:, 0]]), 1.0, count=len(rows), upper=1.0,
                     rule=row_tag)


def _tag(program: Program, tags: dict[tuple[str, str], int], one: str, other: str) -> int:
    pair = (min(one, other), max(one, other))
    if pair not in tags:
        tags[pair] = program.rule("spacing", *pair)
    return tags[pair]


def _flows(program: Program, instance: Instance, times: Times) -> np.ndarray:
    """Columns of the share of a point's people sent to each site: no more than all, only to open sites, within their capacity."""
    flow = program.add_columns(len(times.site))
    pair = np.arange(len(flow))
    program.add_rows(times.point, flow, 1.0, count=times.points, upper=1.0)
    program.add_rows(np.tile(pair, 2), np.concatenate([flow, times.site]), np.repeat([1.0, -1.0], len(pair)), count=len(pair),
                     upper=0.0)
    capacity = instance.sites["capacity_people"].to_numpy(float)
    limited = np.flatnonzero(np.isfinite(capacity))
    at = np.full(len(capacity), -1)
    at[limited] = np.arange(len(limited))
    used = at[times.site] >= 0
    rule = program.rule("capacity")
    program.add_rows(np.concatenate([at[times.site[used]], np.arange(len(limited))]), np.concatenate([flow[used], limited]),
                     np.concatenate([instance.people[times.point[used]], -capacity[limited]]), count=len(limited), upper=0.0,
                     rule=rule)
    return flow


def _cover_all(program: Program, rules: Rules, times: Times, flow: np.ndarray | None) -> None:
    """Everybody whom a permitted site can serve within the limit is served within it."""
    if rules.cover_all_within_min is None:
        return
    near = times.minutes <= rules.cover_all_within_min
    points, row = np.unique(times.point[near], return_inverse=True)
    program.add_rows(row, times.site[near] if flow is None else flow[near], 1.0, count=len(points), lower=1.0,
                     rule=program.rule("cover_all"))


def _sure(instance: Instance, rules: Rules, permitted: np.ndarray, opened: np.ndarray, shares: Shares) -> np.ndarray:
    """For each site the set of which one is certain to be open: itself, or its village's where each village gets its own."""
    sure = np.full(len(instance.sites), -1)
    if rules.per_village == "each":
        may_be_guest = np.isin(np.arange(len(instance.villages)), shares.guest)
        certain = ((instance.need == "one") & ~may_be_guest) | ((instance.need == "upgrade") & (rules.below_standard == "must"))
        own = permitted & ~instance.existing & (instance.site_village >= 0)
        sure = np.where(own & np.append(certain, False)[instance.site_village], instance.site_village, -1)
    alone = np.flatnonzero(opened)
    # where a site of the village is fixed by hand, the others are not the ones that must hold one
    settled = instance.site_village[alone][~instance.existing[alone]]
    sure[np.isin(instance.site_village, settled[settled >= 0]) & ~instance.existing] = -1
    sure[alone] = len(instance.villages) + alone
    return sure
