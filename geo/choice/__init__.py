"""Choosing sites together: exact plans under rules, with proof, contradictions by name, and plans nearly as good. Pure analysis.

    from geo.choice import Instance, Objective, Rules, Times, choose
    choice = choose(instance, Rules(objectives=(Objective("walk"),), budget_yuan=6_570_000), time_limit_s=30)
"""

from geo.choice.conflict import Conflict
from geo.choice.instance import Instance, InstanceError, Times
from geo.choice.plan import Choice, Coverage, Stage
from geo.choice.rules import Funding, Objective, Quota, RuleName, Rules, RulesError
from geo.choice.solve import ContradictionError, NoPlanError, NoPlanInTimeError, choose

__all__ = ["Choice", "Conflict", "ContradictionError", "Coverage", "Funding", "Instance", "InstanceError", "NoPlanError",
           "NoPlanInTimeError", "Objective", "Quota", "RuleName", "Rules", "RulesError", "Stage", "Times", "choose"]
