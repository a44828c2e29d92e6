"""A plan in sentences: what is proven, what it costs, which rules contradict each other, why a village gets no site."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.choice.formulate import formulate
from geo.choice.plan import Stage, value_of
from geo.choice.proof import Fact, proof, rule_fact
from geo.choice.rules import RuleName
from geo.planning import Plan
from geo.what_if import is_pin
from layers.words import say

PROOF = "choice.proof."
"""Facts whose key begins so are about an objective; the others about what follows."""

FEW = 4
"""Up to so many villages each get a line of their own among the rules that cannot hold together."""


def fact_texts(plan: Plan, language: str) -> list[str]:
    """The proof and the facts of a plan, one sentence each, weightiest first; none for a plan without a choice.

    The proof is about the problem as it was put; how people were taken together for it is said last.
    """
    if plan.choice is None:
        return []
    if plan.villages.empty:
        unknown = int(plan.coverage_before.villages["venue_now"].eq("unknown").sum())
        return [say("plan.report.fact.need_unknown" if unknown else "plan.report.fact.no_need", language, unknown=f"{unknown:,}")]
    if not plan.choice.permitted:
        return [say("plan.report.fact.nothing", language)]
    texts = proof_texts(plan, language)
    texts += _given_up(plan, language)
    texts += [_fact_text(fact, plan, language) for fact in proof(plan.choice) if not fact.key.startswith(PROOF)]
    supposed = [site for site in plan.choice.built if is_pin(site)]
    if supposed:
        named = say("plan.report.comma", language).join(place_name(site, plan, language) for site in supposed)
        texts.append(say("plan.report.fact.pins", language, count=len(supposed), sites=named))
    if plan.adopted is None and any(objective.kind in ("walk", "worst_walk") for objective in plan.rules.choice.objectives):
        texts.insert(0, say("plan.report.fact.serve_first", language, limit_min=f"{plan.rules.walk_limit_min:g}"))
    texts += _cells(plan, language)
    unserved = plan.villages["decision"].eq("none") & plan.villages["reason"].ne("not_chosen")
    if unserved.any():
        texts.append(say("plan.report.fact.without", language, villages=int(unserved.sum())))
    return texts


def counting_texts(plan: Plan, language: str) -> list[str]:
    """Why the people a plan covers differ from those proven: what it gives up of them, and how homes are counted together."""
    return [] if plan.choice is None else [*_given_up(plan, language, only="cover"), *_cells(plan, language)]


def _cells(plan: Plan, language: str) -> list[str]:
    """How homes were taken together for the choice, with what both ways of counting say of the people within the walk."""
    problem, choice = plan.prepared.problem, plan.choice
    if choice is None or problem.cell_m <= 0:
        return []
    about = {"points": f"{len(problem.points):,}", "cell_m": f"{problem.cell_m:.0f}"}
    cover = next((objective for objective in plan.rules.choice.objectives if objective.kind == "cover"), None)
    homes = plan.coverage_after.residents
    if cover is None or homes.empty:
        return [say("plan.report.fact.cells", language, **about)]
    near = homes["walk_min"].to_numpy(float) <= cover.limit_min + 1e-9
    return [say("plan.report.fact.cells_cover", language, limit_min=f"{cover.limit_min:g}", has=f"{value_of(choice, cover):,.0f}",
                homes=f"{homes['people'].to_numpy(float)[near].sum():,.0f}", **about)]


def proof_texts(plan: Plan, language: str) -> list[str]:
    """What is proven of each objective, one sentence each; of an alternative taken by hand how far it is from the best."""
    if plan.choice is None:
        return []
    if plan.adopted is None:
        return [_fact_text(fact, plan, language) for fact in proof(plan.choice) if fact.key.startswith(PROOF)]
    stage, taken = plan.choice.stages[0], plan.adopted
    best, value = stage_figure(stage, stage.bound), stage_figure(stage, stage.value)
    percent = 100 * max(taken.loss if taken.best_proven else stage.gap, 0.0)
    key = "plan.report.fact.adopted" if taken.best_proven else "plan.report.fact.adopted_bound"
    return [say(key, language, best=best, value=value, objective=say(f"choice.objective.{_kind(stage)}", language),
                percent=f"{percent:.2f}".rstrip("0").rstrip("."),
                way=way_text(taken.way, taken.about, plan, language))]


def way_text(way: str, about: Sequence[str], plan: Plan, language: str) -> str:
    """How an alternative differs (`geo.choice.alternatives.WAYS`), with the places it is about by name."""
    names = [place_name(code, plan, language, code_too=False) for code in about]
    told = say("plan.report.comma", language).join(names[:FEW])
    if len(names) > FEW:
        told = say("plan.report.and_more", language, names=told, count=len(names))
    if not names:
        told = say("plan.report.nowhere", language)
    return say(f"choice.way.{way}", language, about=told)


def _given_up(plan: Plan, language: str, *, only: str | None = None) -> list[str]:
    """What the plan itself has of each objective (or of one kind `only`) that may give something up for those after it."""
    choice = plan.choice
    if choice is None or plan.adopted is not None or plan.rules.choice.combine != "lexicographic":
        return []
    return [
        say("plan.report.fact.given_up", language, percent=f"{100 * objective.give_up:g}",
            has=stage_text(dataclasses.replace(stage, value=value_of(choice, objective)), language))
        for stage, objective in zip(choice.stages[:-1], plan.rules.choice.objectives, strict=False)
        if objective.give_up > 0 and only in (None, objective.kind)]


def _fact_text(fact: Fact, plan: Plan, language: str) -> str:
    values = {name: _grouped(value) for name, value in fact.values.items()}
    if fact.key in ("choice.fact.served", "choice.fact.out_of_reach"):
        key = fact.key.replace("choice", "plan.report", 1)
        return say(key, language, limit_min=f"{plan.rules.walk_limit_min:g}", **values)
    return say(fact.key, language, **values)


def _grouped(value: object) -> object:
    """A number, or the text of one, with thousands separators; anything else as it is."""
    if isinstance(value, str):
        whole, point, rest = value.partition(".")
        return f"{int(whole):,}{point}{rest}" if whole.isdecimal() and (rest.isdecimal() or not point) else value
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else value


def stage_text(stage: Stage, language: str) -> str:
    """One objective with its value, such as for a heading."""
    return say("plan.report.stage", language, objective=say(f"choice.objective.{_kind(stage)}", language),
               value=stage_figure(stage, stage.value))


def stage_figure(stage: Stage, value: float) -> str:
    """A value or bound of an objective, with as many decimals as it is told with."""
    return f"{value:,.1f}" if _kind(stage) in ("score", "worst_walk", "weighted") else f"{value:,.0f}"


def _kind(stage: Stage) -> str:
    return "weighted" if stage.objective is None else stage.objective.kind


def conflict_texts(plan: Plan, language: str) -> list[str]:
    """Why there is no plan: a heading, the rules that cannot hold together by name and village, and further contradictions."""
    conflict = plan.conflict
    if conflict is None:
        return []
    texts = [say(f"choice.contradiction.{'smallest' if conflict.smallest else 'irreducible'}", language)]
    villages = [rule.subject[0] for rule in conflict.rules if rule.rule == "each_village"]
    if len(villages) > FEW:
        named = say("plan.report.comma", language).join(place_name(code, plan, language) for code in villages)
        texts.append(say("plan.report.each_of", language, count=len(villages), villages=named))
    texts += [_rule_text(rule, plan, language) for rule in conflict.rules if rule.rule != "each_village" or len(villages) <= FEW]
    if any(rule.rule == "budget" for rule in conflict.rules):
        least = least_cost_yuan(plan)
        texts.append(say("plan.report.least_cost", language, least=f"{least:,.0f}", budget=f"{plan.rules.choice.budget_yuan:,.0f}"))
    if conflict.others:
        texts.append(say("choice.contradiction.others", language))
        texts += [say("plan.report.together", language).join(_rule_text(rule, plan, language) for rule in rules)
                  for rules in conflict.others]
    return texts


def least_cost_yuan(plan: Plan) -> float:
    """What the cheapest permitted site of every village that lacks a venue costs in all, yuan: each its own, none shared."""
    form = formulate(plan.prepared.problem.instance, plan.rules.choice)
    usable = form.permitted & form.counted & (form.instance.need[form.instance.site_village] == "one")
    costs = pd.Series(form.costs.cost[usable]).groupby(form.instance.site_village[usable]).min()
    return float(costs.sum())


def _rule_text(rule: RuleName, plan: Plan, language: str) -> str:
    fact = rule_fact(rule)
    return say(fact.key, language, **{name: place_name(str(code), plan, language) for name, code in fact.values.items()})


def place_name(code: str, plan: Plan, language: str, *, code_too: bool = True) -> str:
    """A village, township or site by the name people know it by, with its code; a code that is none of these as it is."""
    instance = plan.prepared.problem.instance
    villages, sites = instance.villages, instance.sites
    for column, name in (("village_code", "village_name"), ("township_code", "township_name")):
        row = np.flatnonzero(villages[column].eq(code).to_numpy(bool))
        if len(row) and isinstance(villages[name].iat[row[0]], str):
            found = villages[name].iat[row[0]]
            return say("plan.report.named", language, name=found, code=code) if code_too else str(found)
    row = np.flatnonzero(sites["site_id"].eq(code).to_numpy(bool))
    if len(row):
        at = instance.site_village[row[0]]
        village = villages["village_name"].iat[at] if at >= 0 else None
        if isinstance(village, str):
            return say("plan.report.site", language, site=code, village=village)
    return code


def reason_text(reason: str, language: str) -> str:
    """Why a village gets no site (`geo.planning.REASONS`)."""
    return say(f"plan.report.reason.{reason}", language)
