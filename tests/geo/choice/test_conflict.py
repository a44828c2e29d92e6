"""Rules that contradict each other: the smallest set, by name and village."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from geo.choice import ContradictionError, Objective, Quota, RuleName, Rules, choose
from geo.choice.conflict import _Rows, find_conflict
from geo.choice.formulate import formulate
from tests.geo.choice.made import county


def conflict_of(instance, rules: Rules):
    with pytest.raises(ContradictionError, match="cannot hold together") as caught:
        choose(instance, rules)
    return caught.value.conflict


def test_a_village_all_of_whose_sites_fail() -> None:
    instance = county(1, villages=4, sites=3, verify=0.0, fail=0.0)
    sites = instance.sites.copy()
    sites.loc[sites["village_code"].eq("V002"), "verdict"] = "fail"
    conflict = conflict_of(dataclasses.replace(instance, sites=sites), Rules())
    assert set(conflict.rules) == {RuleName("each_village", ("V002",)), RuleName("no_failing", ("V002",))}
    assert conflict.smallest and conflict.others == ()


def test_two_sites_fixed_by_hand_in_one_village() -> None:
    instance = county(1, villages=3, sites=3, existing=0, verify=0.0, fail=0.0)
    conflict = conflict_of(instance, Rules(fixed=("S0000", "S0002")))
    assert set(conflict.rules) == {RuleName("fixed", ("S0000",)), RuleName("fixed", ("S0002",)), RuleName("only_one", ("V000",))}


def test_a_budget_that_is_too_small_names_only_the_villages_it_takes() -> None:
    instance = county(2, villages=4, sites=2, existing=0, verify=0.0, fail=0.0)
    cost = instance.sites.groupby("village_code")["cost_yuan"].min()
    # the two dearest villages together are beyond it, any other two are not
    budget = float(cost.sort_values().iloc[-2:].sum()) - 1
    conflict = conflict_of(instance, Rules(budget_yuan=budget, objectives=(Objective("score"),)))
    dearest = [RuleName("each_village", (code,)) for code in cost.sort_values().index[-2:]]
    assert RuleName("budget") in conflict.rules
    assert set(conflict.rules) == {RuleName("budget"), *dearest}


def test_quota_against_count_and_a_second_contradiction_apart() -> None:
    instance = county(3, villages=4, sites=2, existing=0, verify=0.0, fail=0.0)
    rules = Rules(per_village="at_most", quotas=(Quota(2, 2),), count_max=1, fixed=("S0000",), cover_all_within_min=None)
    conflict = conflict_of(instance, rules)
    assert len(conflict.rules) == 2
    assert RuleName("count_max") in conflict.rules
    sites = instance.sites.copy()
    sites.loc[sites["village_code"].isin(["V001", "V003"]), "verdict"] = "fail"
    conflict = conflict_of(dataclasses.replace(instance, sites=sites), Rules())
    assert len(conflict.rules) == 2 and len(conflict.others) == 1 and not set(conflict.rules) & set(conflict.others[0])


def test_no_smaller_set_contradicts_itself() -> None:
    checked = 0
    for seed in range(12):
        instance = county(seed, villages=3, sites=2, existing=1, verify=0.3, fail=0.2)
        form = formulate(instance, Rules(budget_yuan=150_000.0, spacing_m=800.0, quotas=(Quota(1, 1),), fixed=("S0001",)))
        rows = _Rows(form)
        everything = np.append(np.ones(len(rows.names), dtype=bool), False)
        if rows.holds(everything, time_limit_s=10):
            continue
        conflict = find_conflict(form)
        assert conflict.smallest
        size, index = len(conflict.rules), {name: place for place, name in enumerate(rows.names)}
        chosen = np.zeros_like(everything)
        chosen[[index[rule] for rule in conflict.rules]] = True
        assert not rows.holds(chosen, time_limit_s=10)
        for fewer in itertools.combinations(range(len(rows.names)), size - 1):
            mask = np.zeros_like(everything)
            mask[list(fewer)] = True
            assert rows.holds(mask, time_limit_s=10)
        checked += 1
        if checked == 4:
            break
    assert checked >= 3


def test_rules_that_hold_have_no_conflict() -> None:
    assert find_conflict(formulate(county(1, verify=0.0, fail=0.0), Rules())).rules == ()
