"""A plan as it was settled, alternatives and all, kept as plain values and made again from them without solving.

What a search finds within its seconds is another thing on another day. A plan that was shown to somebody is to be the same plan
when its study is opened again, as long as data and rules are the same: what was found is kept, and checked (`geo.choice.kept`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.choice.alternatives import Alternative
from geo.choice.formulate import formulate
from geo.choice.instance import Instance
from geo.choice.kept import KeptError, keep, kept_from, restored
from geo.inputs import CountyLike
from geo.planning import Adopted, Plan, PlanRules, Prepared, prepare, with_choice, with_details, without_hopeless
from geo.results import Study


def settled_of(plan: Plan) -> dict[str, Any] | None:
    """What makes a plan this plan, as texts, lists and numbers; None for one without a choice.

    Of its rules only what may be another than the rules it is made again by: sites set and excluded by hand, and the loss its
    alternatives may give up. An alternative that was taken for the plan carries none of these sites among its rules.
    """
    if plan.choice is None:
        return None
    return {
        "choice": keep(plan.choice).plain,
        "alternatives": None if plan.alternatives is None else [
            {"way": one.way, "about": list(one.about), "loss": None if np.isnan(one.loss) else float(one.loss),
             "choice": None if one.choice is None else keep(one.choice).plain} for one in plan.alternatives],
        "adopted": None if plan.adopted is None else dataclasses.asdict(plan.adopted),
        "fixed": list(plan.rules.choice.fixed), "excluded": list(plan.rules.choice.excluded),
        "alternatives_loss": plan.rules.alternatives_loss,
    }


def plan_settled(county: CountyLike, study: Study, rules: PlanRules, settled: Mapping[str, Any], *,
                 prepared: Prepared | None = None, details: bool = True) -> Plan:
    """The plan that was settled, made again on the same county under the same rules.

    Parameters
    ----------
    county, study : CountyLike, Study
    rules : PlanRules
        As when it was chosen.
    settled : Mapping
        From `settled_of`.
    prepared : Prepared, optional
        From `geo.planning.prepare` for the same county and study; used where it fits the rules.
    details : bool
        Also centres, pilots and phases.

    Raises
    ------
    KeptError
        Where it does not fit: other sites, a rule that it breaks, another value; then the plan is to be chosen anew.
    RulesError
        For rules that cannot be used.
    """
    try:
        own = {"fixed": tuple(map(str, settled["fixed"])), "excluded": tuple(map(str, settled["excluded"]))}
        rules = dataclasses.replace(rules.but(**own), alternatives_loss=float(settled["alternatives_loss"]))
        taken = None if settled["adopted"] is None else _adopted(settled["adopted"])
        others = settled["alternatives"]
        if prepared is None or prepared.offer != rules.offer or not set(rules.choice.fixed) <= prepared.ids:
            prepared = prepare(county, study, rules)
        instance = without_hopeless(formulate(prepared.problem.instance, rules.choice), rules)
        choice = restored(instance, rules.choice, kept_from(settled["choice"]))
        found = with_choice(county, Plan(rules, prepared, None, None, pd.DataFrame(), prepared.before), choice)
        plans = None if others is None else tuple(_alternative(one, instance, rules) for one in others)
    except (KeyError, TypeError, AttributeError) as error:
        raise KeptError(f"this is no settled plan: {error}") from error
    found = dataclasses.replace(found, adopted=taken, alternatives=plans)
    return with_details(county, study, found) if details else found


def _alternative(plain: Mapping[str, Any], instance: Instance, rules: PlanRules) -> Alternative:
    choice = None if plain["choice"] is None else restored(instance, rules.choice, kept_from(plain["choice"]))
    return Alternative(str(plain["way"]), choice, np.nan if plain["loss"] is None else float(plain["loss"]),
                       tuple(map(str, plain["about"])))


def _adopted(plain: Mapping[str, Any]) -> Adopted:
    return Adopted(str(plain["way"]), tuple(map(str, plain["about"])), float(plain["loss"]), bool(plain["best_proven"]))
