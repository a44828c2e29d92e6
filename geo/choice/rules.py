"""The rules of a choice: what is sought, and what must hold. Frozen values; yuan, minutes, metres, people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.scenario import Problem, ScenarioError

MAXIMISED = ("score", "cover")
OBJECTIVES = (*MAXIMISED, "walk", "worst_walk", "venues", "cost", "changes")
COMBINE = ("lexicographic", "weighted")
PER_VILLAGE = ("each", "at_most", "free")
EXISTING = ("kept", "may_close")
BELOW_STANDARD = ("leave", "may", "must")


class RulesError(ScenarioError):
    """Rules of a choice cannot be used; `problems` holds every fault in them."""


@dataclass(frozen=True)
class RuleName:
    """One rule by name, and what it is about: codes of villages or townships, or ids of sites.

    Its sentence stands in ``data/words/*/choice.toml`` under ``rule.<rule>``.
    """

    rule: str
    subject: tuple[str, ...] = ()


@dataclass(frozen=True)
class Objective:
    """One thing sought.

    *score*: sum of the scores of the chosen sites (points). *cover*: people within `limit_min` of a venue. *walk*: people times
    minutes to their venue (p-median). *worst_walk*: the longest walk in minutes of anybody who is served (p-center). *venues*:
    number of venues built (set covering, together with `Rules.cover_all_within_min`). *cost*: yuan. *changes*: sites built that are
    not of the plan `Rules.like`, and sites of it that are not built (a village that moves its venue: 2). The first two are made as
    large, the others as small as can be. Walk and worst walk serve as many people as can be served at all; then minutes count.

    `weight` is per unit of the value (weighted combination). `give_up` is the share of its best value that later objectives of a
    lexicographic combination may give up.
    """

    kind: str
    limit_min: float = 15.0
    weight: float = 1.0
    give_up: float = 0.0

    @property
    def sign(self) -> float:
        """1 for what is made small, -1 for what is made large."""
        return -1.0 if self.kind in MAXIMISED else 1.0


@dataclass(frozen=True)
class Quota:
    """Venues per township: at least `minimum`, at most `maximum`; `township_code` None means each township."""

    minimum: int = 0
    maximum: int | None = None
    township_code: str | None = None


@dataclass(frozen=True)
class Funding:
    """Who pays: cost where a site states none, the subsidy per venue by kind, and what the villages have of their own.

    Of a venue's cost the subsidy pays up to its amount, the village's own funds the next part, other sources the rest.
    """

    cost_by_kind_yuan: Mapping[str, float] = field(default_factory=dict)
    subsidy_by_kind_yuan: Mapping[str, float] = field(default_factory=dict)
    village_funds_yuan: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """Objectives and rules of one choice; it validates on construction.

    Attributes
    ----------
    objectives : tuple of Objective
    combine : {"lexicographic", "weighted"}
        In their order of rank, or as one weighted sum.
    per_village : {"each", "at_most", "free"}
        Every village that needs a venue gets exactly one (its own or a shared one); at most one; or sites compete wherever they
        stand (the textbook problems: villages and their needs play no part).
    count_min, count_max : int, optional
        Venues built in all; existing ones do not count.
    funding : Funding
    budget_yuan, subsidy_limit_yuan, other_limit_yuan : float, optional
        Limits on the whole cost, on the subsidies, and on what other sources must give.
    existing : {"kept", "may_close"}
        Adequate venues stay, or people may be sent elsewhere.
    below_standard : {"leave", "may", "must"}
        A venue below standard stays as it is, may be upgraded, or must be. No second venue is built beside it (policy A 3.4).
    fixed, excluded : tuple of str
        Site ids set or forbidden by hand.
    like : tuple of str
        Site ids of a plan to stay close to, for the objective *changes*.
    share_walk_min : float, optional
        Two consenting neighbours may share one venue where the guests' mean walk is at most this; None: no sharing.
    quotas : tuple of Quota
    spacing_m : float, optional
        Two venues of different villages are at least this far apart, straight; what stands already may stand closer.
    capacity : bool
        A venue serves at most its capacity; people are then sent where there is room.
    allow_verify : bool
        Sites that wait for a paper may be chosen.
    cover_all_within_min : float, optional
        Everybody whom a permitted site could serve within these minutes must be served within them.
    """

    objectives: tuple[Objective, ...] = (Objective("score"),)
    combine: str = "lexicographic"
    per_village: str = "each"
    count_min: int | None = None
    count_max: int | None = None
    funding: Funding = Funding()
    budget_yuan: float | None = None
    subsidy_limit_yuan: float | None = None
    other_limit_yuan: float | None = None
    existing: str = "kept"
    below_standard: str = "leave"
    fixed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    share_walk_min: float | None = None
    quotas: tuple[Quota, ...] = ()
    spacing_m: float | None = None
    capacity: bool = False
    allow_verify: bool = False
    cover_all_within_min: float | None = None

    def __post_init__(self) -> None:
        problems = [*self._word_faults(), *self._number_faults()]
        if problems:
            raise RulesError(tuple(problems))

    def _word_faults(self):
        for where, allowed in (("combine", COMBINE), ("per_village", PER_VILLAGE), ("existing", EXISTING),
                               ("below_standard", BELOW_STANDARD)):
            if getattr(self, where) not in allowed:
                yield Problem(where, "not_one_of", {"value": getattr(self, where), "allowed": ", ".join(allowed)})
        if not self.objectives:
            yield Problem("objectives", "missing")
        for place, objective in enumerate(self.objectives):
            if objective.kind not in OBJECTIVES:
                yield Problem(f"objectives.{place}.kind", "not_one_of", {"value": objective.kind, "allowed": ", ".join(OBJECTIVES)})
            if not (objective.limit_min >= 0 and objective.weight >= 0 and 0 <= objective.give_up < 1):
                yield Problem(f"objectives.{place}", "out_of_range")
        both = sorted(set(self.fixed) & set(self.excluded))
        if both:
            yield Problem("fixed", "also_excluded", {"sites": ", ".join(both)})

    def _number_faults(self):
        for where in ("count_min", "count_max", "budget_yuan", "subsidy_limit_yuan", "other_limit_yuan", "share_walk_min",
                      "spacing_m", "cover_all_within_min"):
            value = getattr(self, where)
            if value is not None and not value >= 0:
                yield Problem(where, "negative", {"value": value})
        for place, quota in enumerate(self.quotas):
            if quota.minimum < 0 or (quota.maximum is not None and quota.maximum < 0):
                yield Problem(f"quotas.{place}", "negative")
