"""From a study to a choice, on the toy town."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.access import times_between
from geo.choice import Instance, InstanceError, Objective, Rules, Times, choose
from geo.choice.build import NEED_OF_VENUE, instance_of
from geo.measures.residents import residents_of
from geo.network import build_network
from geo.snapping import snap
from geo.study import study
from tests import toytown
from tests.geo.choice.made import county
from tests.geo.standard import default_scenario


def problem():
    town, scenario = toytown.toytown(), default_scenario()
    done, residents = study(town, scenario), residents_of(town)
    network = build_network(town.roads, terrain=town.terrain, travel=scenario.travel)
    homes = snap(residents.xy, network, mode="walk")
    places = snap(done.candidates.geometry.array, network, mode="walk")
    walks = times_between(network, homes, places, mode="walk", limit_min=scenario.travel.walk_limit_min)
    # one venue that stands, which nobody can reach
    beside = np.column_stack([walks, np.full(len(walks), np.inf)])
    made = instance_of(done, people=residents.people, people_village=residents.village, times=Times.from_dense(beside),
                       venues=town.venues.iloc[:1], cost_yuan=pd.Series({done.candidates["candidate_id"].iloc[0]: 120_000.0}))
    return done, made, walks


def test_a_study_becomes_a_problem_and_gets_its_plan() -> None:
    done, made, walks = problem()
    assert made.sites["site_id"].tolist()[:-1] == done.candidates["candidate_id"].tolist()
    assert made.existing.tolist() == [False] * len(done.candidates) + [True]
    assert made.villages["need"].tolist() == [NEED_OF_VENUE[status] for status in done.villages["venue"].astype(str)]
    assert made.sites["cost_yuan"].notna().sum() == 2
    plan = choose(made, Rules(objectives=(Objective("score"),), per_village="at_most", allow_verify=True))
    needing = made.villages["village_code"][made.villages["need"].eq("one")]
    best = made.sites[made.sites["verdict"].ne("fail")].groupby("village_code")["score"].max()
    assert plan.stages[0].value == pytest.approx(best.reindex(needing).dropna().sum())
    reached = np.isfinite(walks[:, plan.opened[:-1]]).any(axis=1)
    assert plan.coverage.served == pytest.approx(made.people[reached].sum())


def test_everything_wrong_with_an_instance_is_said() -> None:
    good = county(1)
    sites = good.sites.assign(kind="hut", cost_yuan=-1.0)
    with pytest.raises(InstanceError, match=r"kind is one of.*cost_yuan is negative.*people are missing"):
        Instance(good.villages, sites, good.demand.assign(people=np.nan), good.times)
    with pytest.raises(InstanceError, match="villages lack need"):
        Instance(good.villages.drop(columns="need"), good.sites, good.demand, good.times)
    with pytest.raises(InstanceError, match="unreachable is inf"):
        Times.from_dense(np.array([[np.nan]]))
