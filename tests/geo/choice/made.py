"""Instances made up from a seed, and the plain enumeration of every plan that the solver is checked against."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from geo.choice import Instance, Rules, Times


def county(seed: int, *, villages: int = 3, sites: int = 3, points: int = 3, existing: int = 1, reach_min: float = 60.0,
           verify: float = 0.2, fail: float = 0.1, whole: bool = False) -> Instance:
    """A small county: villages on a plane, their sites and people around them, walks at 5 km/h with detours, cut at `reach_min`."""
    rng = np.random.default_rng(seed)
    codes = [f"V{v:03d}" for v in range(villages)]
    side = 1500.0 * np.sqrt(villages)
    centre = rng.uniform(0, side, (villages, 2))
    of_site = np.repeat(np.arange(villages), sites)
    xy = centre[of_site] + rng.normal(0, 700, (len(of_site), 2))
    kind = rng.choice(["new", "reuse", "upgrade"], len(of_site), p=[0.6, 0.3, 0.1])
    verdict = rng.choice(["pass", "verify", "fail"], len(of_site), p=[1 - verify - fail, verify, fail])
    need = np.array(["one"] * villages, dtype=object)
    if existing:
        stands = rng.uniform(0, side, (existing, 2))
        xy = np.vstack([xy, stands])
        of_site = np.concatenate([of_site, rng.integers(0, villages, existing)])
        kind, verdict = np.append(kind, ["existing"] * existing), np.append(verdict, ["pass"] * existing)
    of_point = np.repeat(np.arange(villages), points)
    homes = centre[of_point] + rng.normal(0, 900, (len(of_point), 2))
    minutes = np.hypot(*(homes[:, None] - xy[None]).transpose(2, 0, 1)) / 5000 * 60 * rng.uniform(1.0, 1.4, (len(homes), len(xy)))
    if whole:
        minutes = np.rint(minutes)
    minutes[minutes > reach_min] = np.inf
    frame = pd.DataFrame({"village_code": codes, "village_name": codes, "need": need,
                          "township_code": [f"T{v % 2}" for v in range(villages)],
                          "township_name": [f"T{v % 2}" for v in range(villages)]})
    table = pd.DataFrame({
        "site_id": [f"S{j:04d}" for j in range(len(xy))], "village_code": [codes[v] for v in of_site], "kind": kind,
        "verdict": verdict, "score": rng.uniform(30, 95, len(xy)).round(2),
        "cost_yuan": np.where(kind == "existing", 0.0, rng.integers(8, 30, len(xy)) * 10_000.0),
        "capacity_people": rng.integers(100, 500, len(xy)).astype(float), "x_m": xy[:, 0], "y_m": xy[:, 1],
    })
    demand = pd.DataFrame({"people": rng.integers(5, 150, len(homes)).astype(float), "village_code": [codes[v] for v in of_point]})
    pairs = tuple((codes[a], codes[b]) for a, b in itertools.combinations(range(villages), 2))
    return Instance(frame, table, demand, Times.from_dense(minutes), neighbours=pairs)


def dense(instance: Instance) -> np.ndarray:
    """Walks as an array with inf; kept with the instance, since every plan asks for it."""
    if "dense" not in vars(instance):
        out = np.full((instance.times.points, len(instance.sites)), np.inf)
        out[instance.times.point, instance.times.site] = instance.times.minutes
        vars(instance)["dense"] = out
    return vars(instance)["dense"]


def column(instance: Instance, name: str) -> np.ndarray:
    """One column of the sites as objects, kept with the instance: tables are slow where every plan is tried."""
    kept = vars(instance).setdefault("columns", {})
    if name not in kept:
        kept[name] = instance.sites[name].to_numpy(object)
    return kept[name]


def plans(instance: Instance, rules: Rules) -> Iterator[np.ndarray]:
    """Every set of open sites that keeps the rules, by trying all; written from the rules' words, not from the solver's rows."""
    sites = instance.sites
    existing = sites["kind"].eq("existing").to_numpy()
    free = [j for j in range(len(sites)) if not existing[j]]
    if rules.existing == "may_close":
        free += list(np.flatnonzero(existing))
    for size in range(len(free) + 1):
        for chosen in itertools.combinations(free, size):
            opened = existing & (rules.existing == "kept")
            opened[list(chosen)] = True
            if allowed(instance, rules, opened):
                yield opened


def allowed(instance: Instance, rules: Rules, opened: np.ndarray) -> bool:
    """Whether a set of open sites keeps every rule."""
    existing = column(instance, "kind") == "existing"
    new = opened & ~existing
    verdicts = {"pass", "verify"} if rules.allow_verify else {"pass"}
    if not set(column(instance, "verdict")[new]) <= verdicts:
        return False
    ids = set(column(instance, "site_id")[opened])
    if not set(rules.fixed) <= ids or ids & set(rules.excluded):
        return False
    if not (rules.count_min or 0) <= new.sum() <= (np.inf if rules.count_max is None else rules.count_max):
        return False
    if not (_villages_hold(instance, rules, opened, new) and _all_covered(instance, rules, opened)
            and _spacing_holds(instance, rules, opened, existing)):
        return False
    limited = (rules.budget_yuan, rules.subsidy_limit_yuan, rules.other_limit_yuan) != (None, None, None)
    table = instance.sites[new] if limited or rules.quotas else None
    return table is None or (_money_holds(rules, table) and _quotas_hold(instance, rules, table))


def _villages_hold(instance: Instance, rules: Rules, opened: np.ndarray, new: np.ndarray) -> bool:
    if rules.per_village == "free":
        return True
    kind, village = column(instance, "kind"), column(instance, "village_code")
    without = []
    for code, need in zip(instance.villages["village_code"], instance.villages["need"], strict=True):
        here = kind[new & (village == code)]
        if len(here) > 1 or (need == "no" and len(here)):
            return False
        if need == "upgrade" and (set(here) - {"upgrade"} or (rules.below_standard == "leave" and len(here))
                                  or (rules.below_standard == "must" and not len(here))):
            return False
        if need == "one" and rules.per_village == "each" and not len(here):
            without.append(code)
    if not without:
        return True
    return rules.share_walk_min is not None and _hosted(instance, rules, opened, without)


def _hosted(instance: Instance, rules: Rules, opened: np.ndarray, guests: list[str]) -> bool:
    """Whether each guest village finds a host of its own: consenting, with an open site that all its people reach in time."""
    times = dense(instance)
    options = []
    for guest in guests:
        rows = instance.demand["village_code"].eq(guest).to_numpy()
        people = instance.demand["people"].to_numpy()[rows]
        hosts = set()
        for j in np.flatnonzero(opened):
            host = instance.sites["village_code"].iloc[j]
            agree = (guest, host) in instance.neighbours or (host, guest) in instance.neighbours
            mean = (people @ times[rows, j]) / people.sum() if np.isfinite(times[rows, j]).all() else np.inf
            if agree and mean <= rules.share_walk_min:
                hosts.add(host)
        options.append(sorted(hosts))
    return any(len(set(match)) == len(match) for match in itertools.product(*options))


def _money_holds(rules: Rules, table: pd.DataFrame) -> bool:
    cost = table["cost_yuan"]
    subsidy = np.minimum(table["kind"].map(dict(rules.funding.subsidy_by_kind_yuan)).fillna(0.0), cost)
    rest = cost - subsidy
    other = rest - np.minimum(table["village_code"].map(dict(rules.funding.village_funds_yuan)).fillna(0.0), rest)
    limits = ((rules.budget_yuan, cost), (rules.subsidy_limit_yuan, subsidy), (rules.other_limit_yuan, other))
    return all(limit is None or yuan.sum() <= limit + 1e-6 for limit, yuan in limits)


def _quotas_hold(instance: Instance, rules: Rules, table: pd.DataFrame) -> bool:
    township = table["village_code"].map(instance.villages.set_index("village_code")["township_code"])
    for quota in rules.quotas:
        named = [quota.township_code] if quota.township_code else sorted(set(instance.villages["township_code"]))
        for code in named:
            count = int((township == code).sum())
            if count < quota.minimum or (quota.maximum is not None and count > quota.maximum):
                return False
    return True


def _spacing_holds(instance: Instance, rules: Rules, opened: np.ndarray, existing: np.ndarray) -> bool:
    if rules.spacing_m is None:
        return True
    sites = instance.sites
    for a, b in itertools.combinations(np.flatnonzero(opened), 2):
        same = sites["village_code"].iloc[a] == sites["village_code"].iloc[b] and rules.per_village != "free"
        apart = np.hypot(sites["x_m"].iloc[a] - sites["x_m"].iloc[b], sites["y_m"].iloc[a] - sites["y_m"].iloc[b])
        if apart < rules.spacing_m and not same and not (existing[a] and existing[b]):
            return False
    return True


def permitted(instance: Instance, rules: Rules) -> np.ndarray:
    """Sites that no rule forbids outright."""
    sites = instance.sites
    verdicts = ["pass", "verify"] if rules.allow_verify else ["pass"]
    fine = sites["verdict"].isin(verdicts) & ~sites["site_id"].isin(rules.excluded)
    if rules.per_village != "free":
        need = sites["village_code"].map(instance.villages.set_index("village_code")["need"])
        new = sites["kind"].ne("existing")
        barred = need.eq("no") | (need.eq("upgrade") & (sites["kind"].ne("upgrade") | (rules.below_standard == "leave")))
        fine &= ~(new & barred)
    return fine.to_numpy()


def _all_covered(instance: Instance, rules: Rules, opened: np.ndarray) -> bool:
    if rules.cover_all_within_min is None:
        return True
    near = (dense(instance) <= rules.cover_all_within_min)[instance.people > 0]
    could = near[:, permitted(instance, rules)].any(axis=1)
    return bool((near[:, opened].any(axis=1) | ~could).all())


def worth(instance: Instance, opened: np.ndarray, kind: str, limit_min: float = 15.0) -> tuple[float, ...]:
    """Value of a plan, smaller is better; walks as (people left out, minutes)."""
    times, people = dense(instance), instance.people
    new = opened & ~instance.sites["kind"].eq("existing").to_numpy()
    nearest = times[:, opened].min(axis=1, initial=np.inf)
    served = np.isfinite(nearest) & (people > 0)
    if kind == "score":
        return (-float(instance.sites["score"].to_numpy()[new].sum()),)
    if kind == "cover":
        return (-float(people[nearest <= limit_min].sum()),)
    if kind == "venues":
        return (float(new.sum()),)
    if kind == "cost":
        return (float(instance.sites["cost_yuan"].to_numpy()[new].sum()),)
    left_out = float(people[~served].sum())
    if kind == "walk":
        return left_out, float(people[served] @ nearest[served])
    return left_out, float(nearest[served].max(initial=0.0))


def sent(instance: Instance, opened: np.ndarray) -> tuple[float, float]:
    """With capacities: the most people that can be served, and the fewest person-minutes for them (two linear programmes)."""
    times, people = dense(instance), instance.people
    pairs = [(i, j) for i in range(len(people)) for j in np.flatnonzero(opened) if np.isfinite(times[i, j])]
    if not pairs:
        return 0.0, 0.0
    i, j = np.array(pairs).T
    per_point = (i[None] == np.arange(len(people))[:, None]).astype(float)
    per_site = (j[None] == np.arange(len(opened))[:, None]).astype(float)
    a, b = np.vstack([per_point, per_site]), np.concatenate([people, instance.sites["capacity_people"].to_numpy()])
    most = -linprog(-np.ones(len(pairs)), A_ub=a, b_ub=b).fun
    least = linprog(times[i, j], A_ub=np.vstack([a, -np.ones(len(pairs))]), b_ub=np.append(b, -most + 1e-7)).fun
    return float(most), float(least)


def room(instance: Instance, opened: np.ndarray, limit_min: float) -> float:
    """With capacities: the most people that can be served within a walk (a flow, as a linear programme)."""
    times, people = dense(instance), instance.people
    i, j = np.nonzero((times <= limit_min) & opened[None, :])
    if not len(i):
        return 0.0
    per_point = (i[None] == np.arange(len(people))[:, None]).astype(float)
    per_site = (j[None] == np.arange(len(opened))[:, None]).astype(float)
    limits = np.concatenate([people, instance.sites["capacity_people"].to_numpy()])
    return float(-linprog(-np.ones(len(i)), A_ub=np.vstack([per_point, per_site]), b_ub=limits).fun)
