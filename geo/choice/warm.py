"""Compile the kernels of the choice before any clock runs: within a limit of seconds the first plan would else be a poor one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from geo.choice.first import first_plan
from geo.choice.formulate import formulate
from geo.choice.instance import Instance, Times
from geo.choice.median import Sum
from geo.choice.program import Clock, Expression
from geo.choice.rules import Objective, Rules
from geo.choice.terms import Held, Spent


@cache
def compile_kernels() -> None:
    """Run every compiled part once on a problem of two villages, with the types it has in earnest; numba keeps it on disk."""
    villages = pd.DataFrame({"village_code": ["1", "2"], "village_name": "", "township_code": "1", "township_name": "",
                             "need": "one"})
    sites = pd.DataFrame({
        "site_id": list("abcd"), "village_code": ["1", "1", "2", "2"], "kind": "new", "verdict": "pass", "score": 1.0,
        "cost_yuan": [1.0, 2.0, 3.0, 4.0], "capacity_people": np.nan, "x_m": 0.0, "y_m": 0.0,
    })
    demand = pd.DataFrame({"people": [2.0, 3.0, 5.0], "village_code": ["1", "2", "2"]})
    minutes = np.array([[1.0, 9.0, 4.0, 3.0], [6.0, 2.0, 8.0, 1.0], [5.0, 7.0, 2.0, 9.0]])
    form = formulate(Instance(villages, sites, demand, Times.from_dense(minutes)), Rules(budget_yuan=6.0))
    none = Expression(np.zeros(0, dtype=np.int64), np.zeros(0))
    held = (Held(Spent(beyond=((5.0, 1.0),)), 100.0),)
    work = Sum(form.program, form, spent=Spent(walk=1.0), own=none, left_out=0.0, held=held)
    work.least(Clock(np.inf))
    work.search(None, 1)
    work.narrowed(100.0)
    crowded = Rules(objectives=(Objective("venues"),), per_village="free", capacity=True, cover_all_within_min=5.0)
    full = formulate(Instance(villages, sites, demand, Times.from_dense(minutes)), crowded)
    first_plan(full, full.program)
