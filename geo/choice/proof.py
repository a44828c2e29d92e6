"""The proof in plain facts: what no other plan does, how far that is certain, and what was left out. Words stand in choice.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from geo.choice.plan import Choice, Stage
from geo.choice.rules import MAXIMISED, RuleName


@dataclass(frozen=True)
class Fact:
    """One sentence: a key of ``data/words/*/choice.toml`` and the values that fill it."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


def proof(choice: Choice) -> tuple[Fact, ...]:
    """Facts of a plan in the order to be told: what is proven of each objective, then who is served, then what it costs.

    "No other choice of 12 covers more people" where proven; "... more than 0.3 % more people" where time ran out; "by how much is
    not known" where no bound was had.
    """
    built = len(choice.built)
    facts = [_about(stage, built, earlier=place > 0) for place, stage in enumerate(choice.stages)]
    coverage = choice.coverage
    facts.append(Fact("choice.fact.permitted", {"sites": choice.permitted, "built": built}))
    facts.append(Fact("choice.fact.served", {"served": round(coverage.served), "people": round(coverage.people)}))
    if coverage.out_of_reach > 0:
        facts.append(Fact("choice.fact.out_of_reach", {"people": round(coverage.out_of_reach)}))
    if coverage.worst_point >= 0:
        facts.append(Fact("choice.fact.walk", {"mean_min": round(coverage.mean_walk_min, 1),
                                               "worst_min": round(coverage.worst_walk_min, 1)}))
    cost = choice.cost_yuan
    if np.isfinite(cost["cost"]):
        facts.append(Fact("choice.fact.cost", {name: round(yuan) for name, yuan in cost.items()}))
    else:
        facts.append(Fact("choice.fact.cost_unknown"))
    return tuple(facts)


def _about(stage: Stage, built: int, *, earlier: bool) -> Fact:
    kind = "weighted" if stage.objective is None else stage.objective.kind
    values: dict[str, object] = {"built": built, "value": _rounded(kind, stage.value)}
    if kind == "cover":
        values["limit_min"] = f"{stage.objective.limit_min:g}"
    if stage.status == "optimal":
        return Fact(f"choice.proof.{'then_' if earlier else ''}{kind}", values)
    if not np.isfinite(stage.bound):
        return Fact("choice.proof.no_bound", {"objective": kind})
    sense = "more" if kind in MAXIMISED else "less"
    return Fact(f"choice.proof.{kind}_gap_{sense}" if kind != "weighted" else "choice.proof.weighted_gap",
                {**values, "percent": _percent(stage.gap)})


def _rounded(kind: str, value: float) -> str:
    value += 0.0   # nothing at all is 0, not -0
    return f"{value:.1f}" if kind in ("score", "worst_walk", "weighted") else f"{value:.0f}"


def _percent(gap: float) -> str:
    """A share as percent, rounded up so that the claim stays true."""
    percent = 100 * gap
    digits = 1 if percent >= 0.1 else 3
    return f"{np.ceil(percent * 10**digits) / 10**digits:g}"


def rule_fact(rule: RuleName) -> Fact:
    """A rule by name, for a contradiction: villages, townships or sites it is about stand in `a` and `b`."""
    names = (*rule.subject, "", "")
    return Fact(f"choice.rule.{rule.rule}", {"a": names[0], "b": names[1]})
