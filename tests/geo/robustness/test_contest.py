"""The contest: ids in order, the ranking's leader, rivals of the same verdict only."""

import numpy as np
import pandas as pd
import pytest

from geo.robustness.contest import contest, contest_of, contests_of
from geo.study import study
from tests import toytown
from tests.geo.robustness.made import made
from tests.geo.standard import default_scenario


def test_leader_and_rivals_follow_the_ranking() -> None:
    one = made([[0.2, 0.2], [0.9, 0.9], [0.5, 0.5], [0.5, 0.5], [0.1, 0.1]], verdicts=["pass", "verify", "pass", "pass", "fail"])
    assert one.ids == ("N-0", "N-1", "N-2", "N-3") and one.score.tolist() == pytest.approx([20, 90, 50, 50])
    assert one.ids[one.leader] == "N-2" and [one.ids[n] for n in one.rivals] == ["N-0", "N-3"]   # a tie goes by id
    assert one.ids[one.runner_up] == "N-3"


def test_no_leader_where_nothing_is_known_or_everything_fails() -> None:
    assert made([[np.nan, np.nan]]).leader is None
    nothing = made([[0.5, 0.5]], verdicts=["fail"])
    assert nothing.leader is None and len(nothing.rivals) == 0 and nothing.runner_up is None
    with pytest.raises(ValueError, match="all zero"):
        made([[0.5]], [0.0])


def test_every_village_of_a_study_has_its_contest() -> None:
    town = study(toytown.toytown(), default_scenario())
    found = dict(contests_of(town))
    best = town.villages.set_index("village_code")["best_candidate"]
    assert list(found) == sorted(found)
    for code, one in found.items():
        alone = contest_of(town, code)
        assert one.ids == alone.ids and one.criteria == alone.criteria
        np.testing.assert_array_equal(one.values, alone.values)
        np.testing.assert_allclose(one.weights, alone.weights)
        if one.leader is None:
            assert pd.isna(best[code])
        else:
            assert one.ids[one.leader] == best[code]
            scores = town.candidates.set_index("candidate_id")["score"]
            np.testing.assert_allclose(one.score, scores[list(one.ids)])


def test_any_set_can_compete_whatever_its_order() -> None:
    sites = pd.DataFrame({"candidate_id": ["b", "a"], "verdict": ["pass", "pass"]})
    one = contest(sites, pd.DataFrame({"x": [0.1, 0.9]}), {"x": 2.0}, {"x": "g"})
    assert one.ids == ("a", "b") and one.values[:, 0].tolist() == [0.9, 0.1]
