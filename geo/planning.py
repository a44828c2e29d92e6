"""The county's plan in one piece: sites chosen together, coverage before and after, centres, pilots, phases. Yuan, min, people."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geo.centres import Centres, centres
from geo.choice import Choice, Conflict, ContradictionError, Instance, Rules, choose
from geo.choice.alternatives import Alternative
from geo.choice.formulate import Formulation, formulate, site_costs
from geo.coverage import Coverage, Ground, Venues, compare, coverage, ground_of, standing_venues
from geo.inputs import CountyLike
from geo.phasing import Period, Phasing, periods, phase, works_of
from geo.pilots import Pilots, pilots
from geo.problem import Problem, problem_of
from geo.results import Study
from geo.what_if import Pin, with_rows

Progress = Callable[[str, float], None]
STEPS = ("ground", "offer", "choose", "coverage", "centres", "done")
"""What `plan` tells its progress by."""

WITHOUT_SITE = ("list", "stop")
"""A village for which the rules permit no site is listed with the reason; or it is a contradiction, and there is no plan."""

UNKNOWN_VENUES = ("ignored", "counted")
"""Whether venues not known to be adequate serve anybody in the plan. Nothing is built beside them either way."""

REASONS = ("no_candidate", "no_failing", "no_verify", "excluded", "leave_below_standard", "not_chosen")
"""Why a village that lacks a venue gets none: no land is known for it; all its sites fail; the others wait for a paper; are
excluded by hand; its venue below standard stays; sites are permitted, but the plan is better or cheaper without."""

PLAN_COLUMNS = (
    "village_code", "village_name", "township_code", "township_name", "venue_now", "decision", "candidate_id", "kind", "verdict",
    "score", "host_code", "cost_yuan", "subsidy_yuan", "village_yuan", "other_yuan", "people", "served_before", "served_after",
    "mean_walk_before_min", "mean_walk_after_min", "worst_walk_after_min", "reason", "lon", "lat",
)
"""Columns of `Plan.villages`."""


@dataclass(frozen=True)
class PlanRules:
    """All that a rules file says: the rules of the choice, what is offered to it, and how the works are phased.

    Attributes
    ----------
    choice : Rules
    without_site : str
        Of `WITHOUT_SITE`.
    unknown_venues : str
        Of `UNKNOWN_VENUES`.
    sites_per_village, walk_limit_min, cell_m, most_points, capacity_people_per_m2, neighbours
        As in `geo.problem.problem_of`.
    pilot_profile : str
        Key of the standards' pilot profiles.
    phases : tuple of Period
        None stated: one year, `first_year`, with all works.
    first_year : int
    order : str
        Of `geo.phasing.ORDERS`.
    pins : tuple of Pin
        Places that are no candidates, offered as if they passed (`geo.what_if`).
    alternatives_loss : float
        Share of the first objective's value that near-best plans may give up, 0..1.
    """

    choice: Rules = Rules()
    without_site: str = "list"
    unknown_venues: str = "ignored"
    sites_per_village: int = 20
    walk_limit_min: float = 60.0
    cell_m: float = 200.0
    most_points: int = 4000
    capacity_people_per_m2: float | None = None
    neighbours: tuple[tuple[str, str], ...] = ()
    pilot_profile: str = "open_venues"
    phases: tuple[Period, ...] = ()
    first_year: int = 2026
    order: str = "people"
    pins: tuple[Pin, ...] = ()
    alternatives_loss: float = 0.02

    def but(self, **changes: object) -> PlanRules:
        """The same with other rules of the choice, such as ``but(fixed=("N-P01",), budget_yuan=2e6)``."""
        return dataclasses.replace(self, choice=dataclasses.replace(self.choice, **changes))   # type: ignore[arg-type]

    @property
    def offer(self) -> dict[str, object]:
        """What the problem of choice depends on; a `Prepared` of equal values can be used again."""
        names = ("unknown_venues", "sites_per_village", "walk_limit_min", "cell_m", "most_points", "capacity_people_per_m2",
                 "neighbours", "pins")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Prepared:
    """What plans of one county under one scenario have in common; make it once with `prepare`, however often rules change."""

    ground: Ground
    problem: Problem
    standing: Venues
    before: Coverage
    offer: Mapping[str, object]
    ids: frozenset[str]


@dataclass(frozen=True)
class Adopted:
    """That a plan is not the best one but an alternative that somebody took in its place.

    `way` and `about` say how it differs (`geo.choice.alternatives.Alternative`), `loss` the share of the first objective's value
    that it gives up. `best_proven` tells whether the plan it stands beside was proven best.
    """

    way: str
    about: tuple[str, ...]
    loss: float
    best_proven: bool


@dataclass(frozen=True)
class Plan:
    """A plan, or why there is none.

    Attributes
    ----------
    rules : PlanRules
    prepared : Prepared
    choice : Choice or None
        None where the rules contradict each other; then `conflict` says which, and only `coverage_before` is there besides.
    conflict : Conflict or None
    villages : DataFrame
        `PLAN_COLUMNS`: one row per village that lacks an adequate venue, in the study's order. `decision`: own, shared, none.
        `reason` (`REASONS`) where it is none.
    coverage_before, coverage_after : Coverage
        On the same ground, of every resident point.
    gains : DataFrame
        `geo.coverage.compare` of the two.
    centres, pilots, phases
        Missing with ``details=False``.
    alternatives : tuple of Alternative or None
        Plans nearly as good (`geo.near_best.with_alternatives`); None where they were not sought.
    adopted : Adopted or None
        Where the choice is an alternative taken in place of the best plan.
    seconds : Mapping
        By step.
    """

    rules: PlanRules
    prepared: Prepared
    choice: Choice | None
    conflict: Conflict | None
    villages: pd.DataFrame
    coverage_before: Coverage
    coverage_after: Coverage | None = None
    gains: pd.DataFrame | None = None
    centres: Centres | None = None
    pilots: Pilots | None = None
    phases: Phasing | None = None
    alternatives: tuple[Alternative, ...] | None = None
    adopted: Adopted | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def chosen(self) -> dict[str, str]:
        """Candidate by village code, own or shared."""
        got = self.villages[self.villages["candidate_id"].notna()]
        return dict(zip(got["village_code"], got["candidate_id"], strict=True))

    @property
    def offered(self) -> Study:
        """The study with the candidates that the plan was chosen from, pins among them: where to look up a chosen site."""
        return self.prepared.problem.offered


def prepare(county: CountyLike, study: Study, rules: PlanRules, *, ground: Ground | None = None,
            earlier: Prepared | None = None) -> Prepared:
    """The ground, the problem of choice and the coverage as it stands.

    Parameters
    ----------
    county, study : CountyLike, Study
        Of one county.
    rules : PlanRules
        Sites fixed by hand are offered whatever they are.
    ground : Ground, optional
        Of the county, where it is at hand.
    earlier : Prepared, optional
        Of the same county and study under other rules: what these do not touch is taken from it.

    Raises
    ------
    CoverageError
        Without villages.
    InstanceError
        For neighbours that are not listed.
    """
    if ground is None and earlier is not None:
        ground = earlier.ground
    if ground is None:
        ground = ground_of(county, study.scenario, network=None if study.road_review is None else study.road_review.network)
    same = earlier is not None and earlier.offer["unknown_venues"] == rules.unknown_venues and earlier.ground is ground
    status = ("adequate", "unknown") if rules.unknown_venues == "counted" else ("adequate",)
    standing = earlier.standing if earlier is not None and same else standing_venues(county, study.scenario, status=status)
    offer = {name: value for name, value in rules.offer.items() if name != "unknown_venues"}
    problem = problem_of(county, study, ground, also=rules.choice.fixed, standing=standing, **offer)   # type: ignore[arg-type]
    before = earlier.before if earlier is not None and same else coverage(county, study.scenario, venues=standing, ground=ground)
    return Prepared(ground, problem, standing, before, rules.offer, frozenset(problem.instance.sites["site_id"]))


def plan(county: CountyLike, study: Study, rules: PlanRules, *, time_limit_s: float = 2.0, progress: Progress | None = None,
         prepared: Prepared | None = None, details: bool = True) -> Plan:
    """One site for every village that lacks a venue (or as the rules say), with what follows from it.

    Parameters
    ----------
    county, study : CountyLike, Study
    rules : PlanRules
    time_limit_s : float
        For the choice alone.
    progress : callable, optional
        Called with a step of `STEPS` and the share done, 0..1.
    prepared : Prepared, optional
        From `prepare` or an earlier `Plan.prepared` of the same county and study; used where it still fits the rules.
    details : bool
        Also centres, pilots and phases.

    Returns
    -------
    Plan
        Rules that contradict each other yield a plan without a choice and with its `conflict`.

    Raises
    ------
    RulesError
        When the rules name what is not there, need a figure that is missing, or bring a pin that lies in no village.
    NoPlanInTimeError
        When time runs out before any plan is found.
    """
    tell, clock = progress or (lambda step, share: None), _Clock()
    tell("ground", 0.0)
    if prepared is None or prepared.offer != rules.offer or not set(rules.choice.fixed) <= prepared.ids:
        tell("offer", 0.2)
        prepared = prepare(county, study, rules, earlier=prepared)
    clock.mark("prepare")
    tell("choose", 0.4)
    instance = prepared.problem.instance
    form = formulate(instance, rules.choice)
    try:
        choice = choose(without_hopeless(form, rules), rules.choice, time_limit_s=time_limit_s)
    except ContradictionError as error:
        clock.mark("choose")
        rows = _village_rows(prepared, form, None, None)
        return Plan(rules, prepared, None, error.conflict, rows, prepared.before, seconds=clock.seconds)
    clock.mark("choose")
    tell("coverage", 0.6)
    found = with_choice(county, Plan(rules, prepared, None, None, pd.DataFrame(), prepared.before), choice)
    clock.mark("coverage")
    found = dataclasses.replace(found, seconds=clock.seconds)
    if not details:
        return found
    tell("centres", 0.7)
    found = with_details(county, study, found)
    tell("done", 1.0)
    return found


def with_choice(county: CountyLike, found: Plan, choice: Choice) -> Plan:
    """The plan with this choice in place of its own, and what follows from it; without its details and alternatives."""
    prepared = found.prepared
    after = coverage(county, found.offered.scenario, study=found.offered, chosen=choice.built, venues=prepared.standing,
                     ground=prepared.ground)
    rows = _village_rows(prepared, formulate(prepared.problem.instance, found.rules.choice), choice, after)
    return Plan(found.rules, prepared, choice, None, rows, prepared.before, after, compare(prepared.before, after),
                seconds=found.seconds)


def with_pins(study: Study, found: Plan) -> Study:
    """The study that the plan is of, with the pins of the plan among its candidates."""
    offered = found.offered.candidates
    return with_rows(study, offered[offered["candidate_id"].isin([pin.site_id for pin in found.rules.pins]).to_numpy(bool)])


def with_details(county: CountyLike, study: Study, found: Plan) -> Plan:
    """A plan made with ``details=False``, with its centres, pilots and phases; one without a choice as it is."""
    if found.choice is None:
        return found
    clock = _Clock()
    study = with_pins(study, found)
    planned = centres(county, study, found.chosen, study.scenario.planning, network=found.prepared.ground.network)
    taken = pilots(study, study.scenario.planning.pilots, found.rules.pilot_profile, chosen=found.chosen)
    phased = _phased(study, found)
    clock.mark("centres")
    return dataclasses.replace(found, centres=planned, pilots=taken, phases=phased, seconds={**found.seconds, **clock.seconds})


def without_hopeless(form: Formulation, rules: PlanRules) -> Instance:
    """The problem without the needs that no permitted site can meet, where these are to be listed and not to stop the plan."""
    instance = form.instance
    if rules.without_site == "stop" or rules.choice.per_village != "each":
        return instance
    village = instance.site_village[form.permitted & form.counted]
    hopeful = np.zeros(len(instance.villages), dtype=bool)
    hopeful[village[village >= 0]] = True
    hopeful[form.shares[1]] = True
    listed = instance.villages.assign(need=np.where(hopeful, instance.need, "no"))
    return dataclasses.replace(instance, villages=listed)


def _reasons(form: Formulation) -> np.ndarray:
    """Why each village would get no site, by the sites it has."""
    instance = form.instance
    found = np.full(len(instance.villages), "no_candidate", dtype=object)
    order = ("no_failing", "no_verify", "excluded", "leave_below_standard")   # the later one is the nearer cause
    for rule in order:
        for sites, name in form.bars:
            village = instance.site_village[sites]
            here = np.unique(village[village >= 0])
            if name.rule == rule:
                found[here] = rule
    permitted = instance.site_village[form.permitted & form.counted]
    found[np.unique(permitted[permitted >= 0])] = "not_chosen"
    return found


def _village_rows(prepared: Prepared, form: Formulation, choice: Choice | None,
                  after: Coverage | None) -> pd.DataFrame:
    instance = prepared.problem.instance
    lacking = instance.need != "no"
    codes = instance.villages["village_code"].to_numpy(object)
    before = prepared.before.villages.set_index("village_code").reindex(codes)
    then = None if after is None else after.villages.set_index("village_code").reindex(codes)
    unknown = np.full(len(codes), np.nan)
    names = ["village_code", "village_name", "township_code", "township_name"]
    frame = instance.villages[names].reset_index(drop=True).assign(
        venue_now=before["venue_now"].to_numpy(object), people=before["people"].to_numpy(float),
        served_before=before["people_served"].to_numpy(float), mean_walk_before_min=before["mean_walk_min"].to_numpy(float),
        served_after=unknown if then is None else then["people_served"].to_numpy(float),
        mean_walk_after_min=unknown if then is None else then["mean_walk_min"].to_numpy(float),
        worst_walk_after_min=unknown if then is None else then["worst_walk_min"].to_numpy(float),
    )
    if choice is None:
        site, shared, host = np.full(len(codes), -1), np.zeros(len(codes), dtype=bool), [None] * len(codes)
    else:
        built = pd.Series(choice.villages["site_id"]).isin(choice.built).to_numpy(bool)
        at = pd.Index(instance.sites["site_id"]).get_indexer(choice.villages["site_id"].astype(object))
        site = np.where(built, at, -1)
        shared = built & choice.villages["venue"].eq("shared").to_numpy(bool)
        host = choice.villages["host_code"].where(shared)
    got, sites, costs = site >= 0, instance.sites, site_costs(instance, form.rules)
    own = got & ~shared

    def of_site(values: np.ndarray, where: np.ndarray) -> np.ndarray:
        return np.where(where, np.append(np.asarray(values, dtype=float), np.nan)[site], np.nan)

    facts = prepared.problem.offered.candidates.set_index("candidate_id").reindex(sites["site_id"])
    frame = frame.assign(
        decision=np.select([shared, got], ["shared", "own"], "none"),
        **{new: pd.Series(np.append(sites[old].to_numpy(object), None)[site], dtype="str")
           for new, old in (("candidate_id", "site_id"), ("kind", "kind"))},
        # of a pin what is known, not what the choice supposed
        verdict=pd.Series(np.append(facts["verdict"].to_numpy(object), None)[site], dtype="str"),
        score=of_site(facts["score"].to_numpy(float), got), host_code=pd.Series(host, dtype="str"),
        **{f"{name}_yuan": of_site(getattr(costs, name), own) for name in ("cost", "subsidy", "village", "other")},
        reason=pd.Series(np.where(got, None, _reasons(form)), dtype="str"),
        lon=of_site(facts["lon"].to_numpy(float), got), lat=of_site(facts["lat"].to_numpy(float), got),
    )
    return frame.loc[lacking, list(PLAN_COLUMNS)].reset_index(drop=True)


def _phased(study: Study, found: Plan) -> Phasing:
    """The works in their periods; people are those newly served in the village, walks those of today."""
    rules, funding, assumed = found.rules, found.rules.choice.funding, study.scenario.planning.costs
    costs = dataclasses.replace(assumed, by_kind_yuan=funding.cost_by_kind_yuan, subsidy_yuan=funding.subsidy_by_kind_yuan)
    rows = found.villages
    gained = (rows["served_after"] - rows["served_before"]).clip(lower=0.0)
    works = works_of(study, found.chosen, costs, people=dict(zip(rows["village_code"], gained, strict=True)),
                     now_min=dict(zip(rows["village_code"], rows["mean_walk_before_min"], strict=True)),
                     wanting=rows["village_code"].tolist())
    when = rules.phases
    if not when:
        whole = works["cost_yuan"].sum()
        when = periods(rules.first_year, [float(whole) if np.isfinite(whole) else np.inf])
    return phase(works, when, study.scenario.planning.phasing, order=rules.order)


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = time.perf_counter()

    def mark(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name], self.last = now - self.last, now
