"""Phasing: which venue is built in which period, under the budget of each period and the campaign's dates. Yuan, people, min."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from geo.inputs import GeoError
from geo.planning_rules import CostRules, PhasingRules
from geo.results import Study

UNITS = {"year": 12, "half": 6, "quarter": 3}
"""Length of a period in months."""

ORDERS = ("people", "worst_off")
"""Most people first; or those who walk longest now first (who reaches no venue at all before everybody)."""

REASONS = ("no_site", "cost_unknown", "after_deadline", "above_every_budget", "no_budget_left", "no_place_left")
"""Why a village is in no period: no site is chosen; its cost is not known; no period lets it keep the dates; its cost is above the
whole budget of every period that does; those budgets are used up by villages before it; these periods have as many works as they
may."""

WORK_COLUMNS = ("work_id", "village_code", "village_name", "township_code", "township_name", "candidate_id", "kind", "serves",
                "people", "now_min", "cost_yuan", "subsidy_yuan", "own_yuan")


class PhasingError(GeoError, ValueError):
    """Works cannot be put in order as asked."""


@dataclass(frozen=True)
class Period:
    """One period: its name, first and last day, its budget in yuan, and how many works it may begin (None: any number)."""

    label: str
    begin: date
    end: date
    budget_yuan: float
    most_works: int | None = None

    def __post_init__(self) -> None:
        if self.end < self.begin or not self.budget_yuan >= 0 or (self.most_works is not None and self.most_works < 0):
            raise PhasingError(f"period {self.label}: ends before it begins, or has a negative budget or number of works")


@dataclass(frozen=True)
class Phasing:
    """The order of works.

    Attributes
    ----------
    works : DataFrame
        One row a work, in the order of priority: `WORK_COLUMNS` and `priority` (1 first), `period` (label; missing: none),
        `start_by`, `structure_by` (dates), `late_days` (0 where the dates can be kept), `reason` (`REASONS`; missing where it has a
        period).
    periods : DataFrame
        `period, begin, end, works, cost_yuan, subsidy_yuan, own_yuan, budget_yuan, spent_yuan` (what counts against the budget),
        `left_yuan, people, people_so_far, closed` (no work may begin in it, for it could not keep the dates).
    order, budget_of : str
    """

    works: pd.DataFrame
    periods: pd.DataFrame
    order: str
    budget_of: str

    @property
    def unplaced(self) -> pd.DataFrame:
        """The works in no period, with the reason."""
        return self.works[self.works["period"].isna()]


def periods(first_year: int, budgets_yuan: Sequence[float], *, unit: str = "year",
            most_works: int | None = None) -> tuple[Period, ...]:
    """Periods one after the other from 1 January, one for each budget in yuan.

    Raises
    ------
    PhasingError
        For a unit that is not one of `UNITS`, or a negative budget.

    Examples
    --------
    >>> [p.label for p in periods(2025, [1e6, 1e6, 1e6, 1e6, 2e6], unit="quarter")]
    ['2025Q1', '2025Q2', '2025Q3', '2025Q4', '2026Q1']
    >>> periods(2025, [])
    ()
    """
    if unit not in UNITS:
        raise PhasingError(f"no period {unit!r}; there are {', '.join(UNITS)}")
    months, mark = UNITS[unit], {"year": "", "half": "H", "quarter": "Q"}[unit]
    found = []
    for number, budget in enumerate(budgets_yuan):
        year, month = first_year + number * months // 12, number * months % 12
        after = date(year + (month + months) // 12, (month + months) % 12 + 1, 1)
        label = f"{year}{mark}{month // months + 1}" if mark else str(year)
        found.append(Period(label, date(year, month + 1, 1), after - timedelta(days=1), float(budget), most_works))
    return tuple(found)


def works_of(study: Study, chosen: Mapping[str, str], costs: CostRules, *, people: Mapping[str, float] | None = None,
             now_min: Mapping[str, float] | None = None, cost_yuan: Mapping[str, float] | None = None,
             wanting: Sequence[str] = ()) -> pd.DataFrame:
    """The works of a plan: one a chosen site; yuan, people, min.

    Parameters
    ----------
    study : Study
    chosen : Mapping
        Village code -> candidate id. Villages that share a site make one work, of the village whose land it is.
    costs : CostRules
        ``scenario.planning.costs``: cost and subsidy by kind.
    people : Mapping, optional
        Village code -> people whom its venue newly serves. Unless given, the people of the village within the catchment walk of the
        site (`people_15min`), also those who reach another venue already.
    now_min : Mapping, optional
        Village code -> walk to a venue now, min; unless given `nearest_venue_min` (inf: nobody reaches one).
    cost_yuan : Mapping, optional
        Candidate id -> cost, where it is known better than by kind.
    wanting : sequence of str
        Villages that need a venue: those without a chosen site are listed with that reason.

    Returns
    -------
    DataFrame
        `WORK_COLUMNS`, ordered by village code. `serves` joins codes by ``;``; `own_yuan` is the cost less the subsidy, which never
        exceeds the cost.

    Raises
    ------
    PhasingError
        For a village or site that the study does not have.
    """
    villages, sites = study.villages.set_index("village_code"), study.candidates.set_index("candidate_id")
    strangers = sorted({*chosen, *wanting} - set(villages.index)) + sorted(set(chosen.values()) - set(sites.index))
    if strangers:
        raise PhasingError(f"the study has no village or candidate {', '.join(map(str, strangers))}")
    guests: dict[str, list[str]] = {}
    for code in sorted(chosen):
        guests.setdefault(chosen[code], []).append(code)
    rows = []
    for site_id, served in guests.items():
        site = sites.loc[site_id]
        host = site["village_code"] if site["village_code"] in served else served[0]
        cost = (cost_yuan or {}).get(site_id, costs.by_kind_yuan.get(site["kind"], np.nan))
        if people is not None:
            gained = sum(people.get(code, np.nan) for code in served)
        else:
            gained = site["people_15min"] if len(served) == 1 else site["people_all_15min"]
        now = [(now_min or {}).get(code, villages.at[code, "nearest_venue_min"]) for code in served]
        subsidy = min(costs.subsidy_yuan.get(site["kind"], 0.0), cost) if cost == cost else np.nan
        rows.append(_work(villages, host, served, candidate_id=site_id, kind=site["kind"], people=gained,
                          now_min=np.nan if np.isnan(now).all() else np.nanmax(now), cost_yuan=cost, subsidy_yuan=subsidy,
                          own_yuan=cost - subsidy))
    for code in sorted(set(wanting) - set(chosen)):
        rows.append(_work(villages, code, [code], candidate_id=None, kind=None, people=(people or {}).get(code, np.nan),
                          now_min=(now_min or {}).get(code, villages.at[code, "nearest_venue_min"])))
    frame = pd.DataFrame(rows, columns=list(WORK_COLUMNS)).astype(
        {"candidate_id": "str", "kind": "str", **{name: "float64" for name in WORK_COLUMNS[8:]}})
    return frame.sort_values(["village_code", "work_id"], kind="stable", ignore_index=True)


def _work(villages: pd.DataFrame, host: str, served: list[str], **facts: object) -> dict[str, object]:
    village = villages.loc[host]
    return {"work_id": facts["candidate_id"] or host, "village_code": host, "village_name": village["village_name"],
            "township_code": village["township_code"], "township_name": village["township_name"],
            "serves": ";".join(served), **facts}


def phase(works: pd.DataFrame, when: Sequence[Period], rules: PhasingRules, *, order: str = "people",
          deadline_year: int | None = None, keep_dates: bool = True) -> Phasing:
    """Put works into periods (budgets in yuan): down the order of priority, each into the first period that has room for it.

    A work never waits for one that comes after it; it is passed by a cheaper one only where its own cost does not fit. This keeps
    the order a township can follow; it does not promise that no other order serves more people in the first period.

    Parameters
    ----------
    works : DataFrame
        `WORK_COLUMNS`, as `works_of` gives it.
    when : sequence of Period
        In time order.
    rules : PhasingRules
        ``scenario.planning.phasing``: the dates of a campaign and what a budget limits.
    order : {"people", "worst_off"}
        Most people first (then the longest walk now, then the cheapest); or the longest walk now first (then most people, then the
        cheapest). What is not known comes last; ties go by village code.
    deadline_year : int, optional
        Year whose dates bind all works. Unless given, those of each period's own year do.
    keep_dates : bool
        Periods in which a work can no longer keep the dates are closed; else they are used and `late_days` says by how much.

    Raises
    ------
    PhasingError
        For an unknown order, works listed twice, periods out of order, a negative cost.

    Notes
    -----
    With a date in June the second half of a year is closed to works of the same year's campaign: name `deadline_year` for a
    campaign that runs longer.
    """
    _check(works, when, order)
    ranked = _ranked(works, order)
    limited = ranked[f"{rules.budget_of}_yuan"].to_numpy(float)
    left, begun = [period.budget_yuan for period in when], [0] * len(when)
    dates = [_dates(period, rules, deadline_year) for period in when]
    open_to = [n for n, (_, _, late) in enumerate(dates) if late == 0 or not keep_dates]
    rows: list[dict[str, object]] = []
    for amount, site, cost in zip(limited, ranked["candidate_id"], ranked["cost_yuan"], strict=True):
        full = [period.most_works is not None and count >= period.most_works for period, count in zip(when, begun, strict=True)]
        reason = _hindrance(amount, site, cost, open_to, left, full, when)
        if reason is not None:
            rows.append({"period": None, "start_by": None, "structure_by": None, "late_days": np.nan, "reason": reason})
            continue
        at = next(n for n in open_to if amount <= left[n] + 1e-6 and not full[n])
        left[at] -= amount
        begun[at] += 1
        start, structure, late = dates[at]
        rows.append({"period": when[at].label, "start_by": start, "structure_by": structure, "late_days": late, "reason": None})
    placed = pd.DataFrame(rows, columns=["period", "start_by", "structure_by", "late_days", "reason"], index=ranked.index)
    placed = placed.astype({"period": "str", "reason": "str", "late_days": "float64"})
    table = pd.concat([ranked.assign(priority=np.arange(1, len(ranked) + 1)), placed], axis=1)
    closed = [n not in open_to for n in range(len(when))]
    return Phasing(table, _period_table(table, when, rules.budget_of).assign(closed=closed), order, rules.budget_of)


def _check(works: pd.DataFrame, when: Sequence[Period], order: str) -> None:
    if order not in ORDERS:
        raise PhasingError(f"no order {order!r}; there are {', '.join(ORDERS)}")
    if works["work_id"].duplicated().any():
        raise PhasingError(f"works listed twice: {', '.join(sorted(works['work_id'][works['work_id'].duplicated()]))}")
    if (works[["cost_yuan", "subsidy_yuan"]] < 0).any().any():
        raise PhasingError("costs and subsidies are not negative")
    if any(a.end >= b.begin for a, b in zip(when, when[1:], strict=False)) or len({p.label for p in when}) < len(when):
        raise PhasingError("periods follow each other in time, each with its own name")


def _ranked(works: pd.DataFrame, order: str) -> pd.DataFrame:
    keys = ["people", "now_min"] if order == "people" else ["now_min", "people"]
    ranked = works.sort_values([*keys, "cost_yuan", "village_code", "work_id"], ascending=[False, False, True, True, True],
                               na_position="last", kind="stable")
    return ranked.reset_index(drop=True)


def _dates(period: Period, rules: PhasingRules, deadline_year: int | None) -> tuple[date, date, int]:
    """Latest start and main structure of a work of this period, and by how many days they miss the campaign's dates."""
    year = period.begin.year if deadline_year is None else deadline_year
    build = timedelta(days=rules.build_days)
    latest = min(date(year, *rules.start_by), date(year, *rules.structure_by) - build)
    start = max(min(period.end, latest), period.begin)
    late = max((start - latest).days, 0)
    return start, (start + build if late or start < latest else date(year, *rules.structure_by)), late


def _hindrance(amount: float, site: object, cost: float, open_to: list[int], left: list[float], full: list[bool],
               when: Sequence[Period]) -> str | None:
    """Why a work fits into no period; None where it does."""
    if not isinstance(site, str):
        return "no_site"
    if np.isnan(cost) or np.isnan(amount):
        return "cost_unknown"
    if not open_to:
        return "after_deadline"
    if all(amount > when[n].budget_yuan + 1e-6 for n in open_to):
        return "above_every_budget"
    fits = [n for n in open_to if amount <= left[n] + 1e-6]
    if not fits:
        return "no_budget_left"
    return "no_place_left" if all(full[n] for n in fits) else None


def _period_table(works: pd.DataFrame, when: Sequence[Period], budget_of: str) -> pd.DataFrame:
    names = ["cost_yuan", "subsidy_yuan", "own_yuan", "people"]
    sums = works.groupby("period")[names].sum().reindex([p.label for p in when]).fillna(0.0)
    count = works["period"].value_counts().reindex([p.label for p in when]).fillna(0).astype("int64")
    table = pd.DataFrame({"period": [p.label for p in when], "begin": [p.begin for p in when], "end": [p.end for p in when],
                          "works": count.to_numpy(), **{name: sums[name].to_numpy() for name in names[:3]},
                          "budget_yuan": [p.budget_yuan for p in when]})
    spent = table[f"{budget_of}_yuan"]
    return table.assign(spent_yuan=spent, left_yuan=table["budget_yuan"] - spent, people=sums["people"].to_numpy(),
                        people_so_far=sums["people"].cumsum().to_numpy())
