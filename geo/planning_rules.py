"""Rules of what is planned beyond single sites: service centres, their services, pilots, costs, phasing. Each with its clause.

Units: walks min, areas m2, distances m, costs yuan, shares and values 0..1. `geo.scenario` reads them with the standards file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeVar

from geo.rule_reader import Reader

Rules = TypeVar("Rules")

SERVICES = ("democracy", "health", "justice", "relief", "training", "shop", "culture")
"""The seven services of policy D 3.3.1-7, in its order."""

COMPONENTS = ("venue", "site", "transport", "facilities", "population", "economy", "self_government")
"""What a village is judged by as a pilot. The last two come from the county's village list, or stay unknown."""

BUDGET_OF = ("cost", "subsidy")


@dataclass(frozen=True)
class CentreRules:
    """How many centres a village gets, and where they stand.

    A village gets one per natural village where it has at least `large_people` or `large_households`, where its people live
    `dispersed_m` or more apart (standard distance), where at least `beyond_share` of them live in natural villages further than
    `beyond_min` from its first centre, or where the village list states a collective income of `well_off_income_yuan` or more.
    Of its natural villages, those with `settlement_people` or more and further than `apart_min` from every other centre of the
    village get one.
    """

    clause: str
    large_people: float
    large_households: float
    dispersed_m: float
    well_off_income_yuan: float
    """Well off: from this income of the village collective a year on, yuan."""
    beyond_min: float
    beyond_share: float
    settlement_people: float
    apart_min: float
    site_walk_min: float
    """A natural village's centre takes the best site within this walk of it, min."""
    new_floor_area_m2: float
    """Floor area planned for a new building, m2."""
    allow_verify: bool
    """Whether a site that waits for a paper may carry a further centre."""


@dataclass(frozen=True)
class ServiceRule:
    """One service: the facilities that provide it, and what it needs where the centre houses it."""

    id: str
    clause: str
    covered_by: tuple[str, ...]
    room_m2: float
    """Floor area of its own room, m2; 0 with `shares`."""
    yard_m2: float
    """Open ground it needs beside the house, m2."""
    shares: str
    """Service in whose room it takes place as well (one house, many uses); empty for none."""
    housed: bool
    """Whether a centre can house it at all."""


@dataclass(frozen=True)
class ServiceRules:
    """The seven services, the walk within which a facility covers one, and what stands close enough to be planned together."""

    clause: str
    near_min: float
    together_clause: str
    together_min: float
    together: tuple[str, ...]
    kinds: tuple[ServiceRule, ...]


@dataclass(frozen=True)
class PilotProfile:
    """How many pilots each township has, and what counts, by component (`COMPONENTS`)."""

    id: str
    clause: str
    minimum: int
    maximum: int
    enough_score: float
    """Beyond the minimum only villages with this score or more are taken, 0..100."""
    needs_road: bool
    weights: Mapping[str, float]


@dataclass(frozen=True)
class PilotRules:
    """Values of the components that are not scores already, and the profiles."""

    venue_value: Mapping[str, float]
    full_population: float
    """From this many people on the value of *population* is 1."""
    full_income_yuan: float
    """From this collective income a year on the value of *economy* is 1."""
    class_value: Mapping[str, float]
    """Value of *self_government* by the class the township puts the village in."""
    strong: float
    weak: float
    profiles: Mapping[str, PilotProfile]


@dataclass(frozen=True)
class CostRules:
    """Cost of a venue and its subsidy by kind of site, yuan."""

    clause: str
    by_kind_yuan: Mapping[str, float]
    subsidy_clause: str
    subsidy_yuan: Mapping[str, float]


@dataclass(frozen=True)
class PhasingRules:
    """The campaign's dates within a year, as (month, day), and what a period's budget limits."""

    clause: str
    start_by: tuple[int, int]
    structure_by: tuple[int, int]
    build_days: float
    """From the start of works to the main structure, days."""
    budget_of: str
    """*cost*: all that is spent in the period; *subsidy*: what the county pays."""


@dataclass(frozen=True)
class PlanningRules:
    """All of them."""

    centres: CentreRules
    services: ServiceRules
    pilots: PilotRules
    costs: CostRules
    phasing: PhasingRules


def planning_from(read: Reader) -> PlanningRules:
    """The planning rules of a standards file.

    Parameters
    ----------
    read : Reader
        Over the whole file; every fault is left in its `problems` with its dotted place.
    """
    return PlanningRules(
        _section(read, "centres", _centres), _section(read, "services", _services), _section(read, "pilots", _pilots),
        _section(read, "costs", _costs), _section(read, "phasing", _phasing),
    )


def _section(read: Reader, where: str, build: Callable[[Reader], Rules]) -> Rules:
    """One table by a reader of its own, so that a key misspelt deep inside it is said as well."""
    inner = Reader(read.table(where))
    rules = build(inner)
    inner.unknown_keys()
    read.problems += [replace(problem, where=f"{where}.{problem.where}") for problem in inner.problems]
    return rules


def _centres(read: Reader) -> CentreRules:
    return CentreRules(
        read.text("clause"), read.number("large_people"), read.number("large_households"), read.number("dispersed_m"),
        read.number("well_off_income_yuan", 1),
        read.number("beyond_min"), read.number("beyond_share", 0, 1), read.number("settlement_people"), read.number("apart_min"),
        read.number("site_walk_min"), read.number("new_floor_area_m2"), read.switch("allow_verify"),
    )


def _service(read: Reader, service: str) -> ServiceRule:
    return ServiceRule(
        service, read.text("clause"), tuple(map(str, read.listed("covered_by"))), read.number("room_m2"), read.number("yard_m2"),
        read.text("shares", ("", *SERVICES)), read.switch("housed"),
    )


def _services(read: Reader) -> ServiceRules:
    return ServiceRules(
        read.text("clause"), read.number("near_min"), read.text("together_clause"), read.number("together_min"),
        tuple(map(str, read.listed("together"))),
        tuple(_section(read, service, partial(_service, service=service)) for service in SERVICES),
    )


def _profile(read: Reader, profile: str) -> PilotProfile:
    least, most = int(read.number("minimum")), int(read.number("maximum"))
    if least > most:
        read.fault("maximum", "bad_number", value=most, low=least, high=float("inf"))
    weights = read.numbers("weights")
    for name in weights:
        if name not in COMPONENTS:
            read.fault(f"weights.{name}", "bad_choice", value=name, choices=", ".join(COMPONENTS))
    if not sum(weights.values()) > 0:
        read.fault("weights", "no_weight")
    return PilotProfile(profile, read.text("clause"), least, most, read.number("enough_score", 0, 100),
                        read.switch("needs_road"), weights)


def _pilots(read: Reader) -> PilotRules:
    return PilotRules(
        read.numbers("venue_value", 1), read.number("full_population", 1), read.number("full_income_yuan", 1),
        read.numbers("class_value", 1), read.number("strong", 0, 1), read.number("weak", 0, 1),
        {name: _section(read, f"profiles.{name}", partial(_profile, profile=name))
         for name in read.table("profiles")},
    )


def _costs(read: Reader) -> CostRules:
    return CostRules(read.text("clause"), read.numbers("by_kind_yuan"), read.text("subsidy_clause"),
                     read.numbers("subsidy_yuan"))


def _day(read: Reader, where: str) -> tuple[int, int]:
    value = read.get(where)
    try:
        month, day = (int(part) for part in str(value).split("-"))
        date(2001, month, day)   # no leap year: a deadline must exist every year
    except ValueError:
        if value is not None:
            read.fault(where, "bad_day", value=value)
        return (12, 31)
    return (month, day)


def _phasing(read: Reader) -> PhasingRules:
    return PhasingRules(
        read.text("clause"), _day(read, "start_by"), _day(read, "structure_by"), read.number("build_days"),
        read.text("budget_of", BUDGET_OF),
    )
