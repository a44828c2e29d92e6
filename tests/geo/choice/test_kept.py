"""A plan kept and made again without solving: the same in every figure; what does not fit is refused, whatever the file says."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from geo.choice import ContradictionError, Objective, Rules, choose
from geo.choice.kept import KeptError, keep, kept_from, restored
from tests.geo.choice.made import county

WALK, COVER, SCORE = Objective("walk"), Objective("cover", give_up=0.01), Objective("score")
CASES = {
    "score": Rules(),
    "cover, walk, score": Rules((COVER, Objective("walk", give_up=0.05), SCORE)),
    "longest walk": Rules((Objective("worst_walk"), WALK)),
    "one sum": Rules((Objective("cover", weight=1.0), Objective("cost", weight=1e-4)), combine="weighted"),
    "shared": Rules((Objective("cost"), WALK), share_walk_min=40.0, allow_verify=True),
    "free": Rules((WALK,), per_village="free", count_max=2, existing="may_close"),
    "room": Rules((WALK,), capacity=True, allow_verify=True),
    "cover all": Rules((Objective("venues"),), per_village="free", cover_all_within_min=30.0),
    "budget": Rules((COVER, SCORE), per_village="at_most", budget_yuan=400_000.0),
}


def through_json(kept):
    return kept_from(json.loads(json.dumps(kept.plain, allow_nan=False)))


@pytest.mark.parametrize("name", CASES)
def test_what_was_kept_comes_back_in_every_figure(name):
    rules, plans = CASES[name], 0
    for seed in range(4):
        instance = county(seed, villages=4, sites=4, points=4, existing=2, verify=0.1, fail=0.05)
        try:
            before = choose(instance, rules)
        except ContradictionError:
            continue
        plans += 1
        after = restored(instance, rules, through_json(keep(before)))
        for field in dataclasses.fields(before):
            one, other = getattr(before, field.name), getattr(after, field.name)
            if isinstance(one, pd.DataFrame):
                pd.testing.assert_frame_equal(one, other, check_exact=True, check_dtype=False, check_index_type=False)
            elif isinstance(one, np.ndarray):
                assert np.array_equal(one, other)
            elif field.name != "seconds":
                assert repr(one) == repr(other), field.name   # NaN included
    assert plans >= 2


def test_a_plan_whose_time_ran_out_keeps_its_gap():
    before = choose(county(5, villages=4, sites=4, points=4), Rules((WALK,)))
    cut = dataclasses.replace(before.stages[0], bound=-np.inf, gap=np.inf, status="time_limit")
    after = restored(before.instance, before.rules, through_json(keep(dataclasses.replace(before, stages=(cut,)))))
    assert after.stages == (cut,) and not after.proven


def test_a_plan_that_does_not_fit_is_refused():
    instance, rules = county(3, villages=4, sites=4, points=4), Rules((WALK,))
    found = keep(choose(instance, rules))
    with pytest.raises(KeptError, match="not offered: S9999"):
        restored(instance, rules, dataclasses.replace(found, built=(*found.built[1:], "S9999")))
    with pytest.raises(KeptError, match="breaks a rule"):   # a village without a venue
        restored(instance, rules, dataclasses.replace(found, built=found.built[1:]))
    with pytest.raises(KeptError, match="breaks a rule"):   # forbidden since
        restored(instance, dataclasses.replace(rules, excluded=found.built[:1]), found)
    with pytest.raises(KeptError, match="cannot share"):
        restored(instance, rules, dataclasses.replace(found, shared=(("V000", found.built[1]),)))
    better = dataclasses.replace(found.stages[0], value=found.stages[0].value * 0.9)
    with pytest.raises(KeptError, match="walk is .*, and was"):
        restored(instance, rules, dataclasses.replace(found, stages=(better,)))


def test_people_sent_where_there_is_no_room_or_no_walk_are_refused():
    instance, rules = county(1, villages=4, sites=4, points=4), Rules((WALK,), capacity=True, allow_verify=True)
    found = keep(choose(instance, rules))
    point, site, people, minutes = found.visits[0]
    closed = next(place for place, name in enumerate(instance.sites["site_id"])
                  if name not in found.built and not instance.existing[place])
    for visit, said in (((point, closed, people, minutes), "where no venue stands"), ((point, site, people, minutes + 1), "not"),
                        ((point, site, people * 1000, minutes), "more people"), ((10**6, site, people, minutes), "no venue")):
        with pytest.raises(KeptError, match=said):
            restored(instance, rules, dataclasses.replace(found, visits=(visit, *found.visits[1:])))


@pytest.mark.parametrize("plain", [{}, {"built": 3}, {"built": [], "closed": [], "shared": [], "stages": [{}], "visits": None},
                                   {"built": [], "closed": [], "shared": ["a"], "stages": [], "visits": None}])
def test_what_is_no_kept_plan_is_told_apart(plain):
    with pytest.raises(KeptError, match="no kept plan"):
        kept_from(plain)


def test_where_there_is_nothing_to_choose_from_nothing_is_chosen():
    """No village in need and no site: an empty plan at once, not one that was not found in time."""
    whole = county(1)
    empty = dataclasses.replace(whole, villages=whole.villages.assign(need="no"), sites=whole.sites.iloc[:0],
                                times=whole.times.only(np.zeros(len(whole.times.site), dtype=bool)))
    found = choose(empty, Rules((COVER, SCORE)))
    assert found.built == () and found.proven and found.permitted == 0
    assert restored(empty, found.rules, through_json(keep(found))).built == ()
