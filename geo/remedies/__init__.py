"""Remedies: the smallest changes that would make a site pass, and what would make it overtake the leader of its village."""

from geo.remedies.actions import ACTIONS
from geo.remedies.model import Lever, Obstacle, Plan, Step
from geo.remedies.overtake import CHANGEABLE, levers
from geo.remedies.plans import plan_order, plans, village_plans

__all__ = ["ACTIONS", "CHANGEABLE", "Lever", "Obstacle", "Plan", "Step", "levers", "plan_order", "plans", "village_plans"]
