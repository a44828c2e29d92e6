"""Remedies and robustness as parts of sentences (`geo.phrases`): steps, obstacles, levers, and how firm a lead is."""

from __future__ import annotations

import pandas as pd

from geo.phrases import Figure, Listing, Part, Phrase, Term
from geo.remedies import Lever, Obstacle, Step
from geo.scenario import RobustnessRules


def step_part(step: Step) -> Phrase:
    """One step as part of a sentence, a verb phrase."""
    values: dict[str, Part] = {}
    if step.amount is not None:
        values["amount"] = Figure(step.amount, step.unit or "", f"plan.{step.action}", exact=True)
    values["paper"] = Term("evidence.papers", step.paper, f"reason_{step.gate}", step.reason) if step.paper else ""
    return Phrase(f"step.{step.action}", values)


def steps_part(steps: tuple[Step, ...]) -> Listing:
    """All steps of a plan; one that answers two gates is said once."""
    distinct = {(step.action, step.amount, step.paper): step for step in reversed(steps)}
    return Listing(tuple(step_part(step) for step in reversed(distinct.values())), "steps")


def obstacles_part(obstacles: tuple[Obstacle, ...]) -> Listing:
    """What cannot be changed, each once."""
    return Listing(tuple(dict.fromkeys(Term("reasons.obstacle", one.reason, f"reason_{one.gate}") for one in obstacles)), "list")


def lever_part(lever: Lever) -> Phrase:
    """One lever as part of a sentence, a verb phrase."""
    if lever.amount is None:
        paper: Part = Term("evidence.papers", lever.paper, lever.measure, str(lever.now)) if lever.paper else ""
        return Phrase(f"lever.{lever.action}", {"paper": paper})
    return Phrase(f"lever.{lever.action}", {
        "needed": Figure(float(lever.needed), lever.unit, f"lever.{lever.measure}"),
        "amount": Figure(lever.amount, lever.unit, f"lever.{lever.action}", exact=True),
    })


def outlooks_of(badges: pd.DataFrame, rules: RobustnessRules) -> dict[str, Phrase]:
    """How firm the lead of each village's first site is, by candidate id: for `reasons`.

    Parameters
    ----------
    badges : DataFrame
        As `geo.robustness.badge.county_badges` gives it.
    rules : RobustnessRules
        Those of the study's scenario.
    """
    found = {}
    for row in badges.to_dict("records"):
        if row["badge"] == "only":
            continue
        values: dict[str, Part] = {
            "badge": Term("robustness.badge", row["badge"], "robustness.badge"),
            "share": Figure(row["share_first"], "share", "robustness.share_first"),
            "spread": Figure(rules.spread, "share", "standard.robustness.spread", exact=True)}
        if pd.isna(row["group"]):
            found[row["leader"]] = Phrase("outlook.badge", values)
            continue
        found[row["leader"]] = Phrase(f"outlook.badge_{'above' if row['group_rises'] else 'below'}", {
            **values, "group": Term("criteria.group", row["group"]), "rival": str(row["group_to"]),
            "bound": Figure(row["group_bound"], "share", f"robustness.bound_{row['group']}"),
            "now": Figure(row["group_share"], "share", f"robustness.share_{row['group']}")})
    return found
