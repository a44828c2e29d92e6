"""TOPSIS and VIKOR: published cases to their printed digits, plain formulas, unknown values, and the agreement with our ranking."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr

from geo.score import score_of
from geo.second_opinion import second_opinion, topsis, vikor
from tests.geo.weighting import published

WEIGHTS = {"a": 3.0, "b": 2.0, "c": 1.0}


def test_topsis_of_hwang_and_yoon() -> None:
    got = topsis(published.FIGHTERS, published.FIGHTER_WEIGHTS, published.FIGHTER_TYPES)
    np.testing.assert_allclose(got, published.FIGHTER_TOPSIS, atol=6e-4)


def test_vikor_of_opricovic_and_tzeng() -> None:
    got = vikor(published.CLIMB, [0.5, 0.5], [-1, 1])
    for name, expected in published.CLIMB_VIKOR.items():
        np.testing.assert_allclose(getattr(got, name), expected, atol=1e-9)
    assert got.compromise.tolist() == [False, True, False]


def test_the_published_topsis_vikor_and_weighted_sum() -> None:
    case = published.example("topsis_tzeng_huang_2011")
    got = topsis(case["matrix"], case["weights"], case["types"])
    np.testing.assert_allclose(got, case["expected"], atol=case["tol"])
    assert (pd.Series(-got).rank().astype(int)).tolist() == case["rank"]
    case = published.example("vikor_papathanasiou_2018")
    got = vikor(case["matrix"], case["weights"], case["types"], v=case["v"]).q
    np.testing.assert_allclose(got, case["expected"], atol=case["tol"])
    case = published.example("wsm_kracka_2010")
    matrix = np.array(case["matrix"])
    matrix[:, np.array(case["types"]) < 0] = 1 / matrix[:, np.array(case["types"]) < 0]
    values = pd.DataFrame(matrix / matrix.sum(axis=0))
    score = score_of(values, dict(enumerate(case["weights"])))["score"] / 100
    np.testing.assert_allclose(score, case["expected"], atol=case["tol"])
    assert score.rank(ascending=False).astype(int).tolist() == case["rank"]


@given(st.integers(0, 500), st.integers(2, 15), st.integers(1, 6), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_both_agree_with_their_plain_formulas(seed: int, sites: int, criteria: int, v: float) -> None:
    rng = np.random.default_rng(seed)
    x, w = rng.random((sites, criteria)), rng.dirichlet(np.ones(criteria))
    kind = rng.choice([1, -1], criteria)
    weighted = x / np.sqrt((x**2).sum(axis=0)) * w * kind
    far, near = (np.sqrt(((weighted - end) ** 2).sum(axis=1)) for end in (weighted.max(axis=0), weighted.min(axis=0)))
    np.testing.assert_allclose(topsis(x, w, kind), near / (far + near), atol=1e-12)
    signed = x * kind
    distance = w * (signed.max(axis=0) - signed) / np.ptp(signed, axis=0)
    s, r = distance.sum(axis=1), distance.max(axis=1)
    got = vikor(x, w, kind, v=v)
    np.testing.assert_allclose([got.s, got.r], [s, r], atol=1e-12)
    if np.ptp(s) > 0 and np.ptp(r) > 0:
        np.testing.assert_allclose(got.q, v * (s - s.min()) / np.ptp(s) + (1 - v) * (r - r.min()) / np.ptp(r), atol=1e-9)
    assert got.compromise[np.argmin(got.q)]


def test_alternatives_that_are_all_alike_or_alone() -> None:
    same = np.full((3, 2), 0.4)
    assert np.isnan(topsis(same, [1, 1], [1, 1])).all()
    assert vikor(same, [1, 1], [1, 1]).q.tolist() == [0, 0, 0] and vikor(same, [1, 1], [1, 1]).compromise.all()
    assert len(topsis(np.empty((0, 2)), [1, 1], [1, 1])) == 0 and len(vikor(np.empty((0, 2)), [1, 1], [1, 1]).q) == 0
    partly = np.array([[0.4, 0.1], [0.4, 0.9]])
    assert topsis(partly, [1, 1], [1, 1]).tolist() == [0, 1] and vikor(partly, [1, 1], [1, 1]).q.tolist() == [1, 0]
    even = vikor(np.array([[1.0, 0.0], [0.0, 1.0]]), [1, 1], [1, 1])     # S and R the same for both
    assert even.q.tolist() == [0, 0] and even.compromise.all()


@pytest.mark.parametrize(("arguments", "message"), [
    (([[1.0, np.nan]], [1, 1], [1, 1]), "need every value"), (([[1.0, 2.0]], [1], [1, 1]), "name the same criteria"),
    (([[1.0, 2.0]], [1, 1], [1, 2]), "types are 1"), (([[1.0, 2.0]], [0, 0], [1, 1]), "not all zero"),
])
def test_misuse_is_refused(arguments: tuple, message: str) -> None:
    for method in (topsis, vikor):
        with pytest.raises(ValueError, match=message):
            method(*arguments)


def test_vikors_v_is_a_share() -> None:
    with pytest.raises(ValueError, match="v must lie in 0..1"):
        vikor([[1.0], [2.0]], [1], [1], v=2)


def made() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(3)
    values = pd.DataFrame(rng.random((12, 3)), columns=list("abc"))
    sites = pd.DataFrame({"candidate_id": [f"N-{n:02d}" for n in range(12)], "village_code": "1",
                          "verdict": ["pass"] * 7 + ["verify"] * 4 + ["fail"]})
    return sites, values


def test_sites_are_ranked_verdict_first_and_agreement_is_scipys() -> None:
    sites, values = made()
    got = second_opinion(sites, values, WEIGHTS)
    assert len(got.table) == 11 and got.weight_compared == pytest.approx(1) and got.criteria_left_out == got.sites_left_out == ()
    for name in ("rank_score", "rank_topsis", "rank_vikor"):
        assert sorted(got.table[name]) == list(range(1, 12))
        assert set(got.table.loc[got.table[name] <= 7, "verdict"]) == {"pass"}
    first = got.table.iloc[:7]
    row = got.agreement.set_index("method").loc["topsis"]
    assert row["spearman"] == pytest.approx(spearmanr(first["rank_score"], first["rank_topsis"]).statistic)
    assert row["kendall"] == pytest.approx(kendalltau(first["rank_score"], first["rank_topsis"]).statistic)
    ours, theirs = set(first.nsmallest(3, "rank_score").index), set(first.nsmallest(3, "rank_topsis").index)
    assert row["top_overlap"] == pytest.approx(len(ours & theirs) / 3) and row["same_first"] == (first["rank_topsis"].iloc[0] == 1)


def test_what_is_unknown_is_left_out_and_named() -> None:
    sites, values = made()
    values.loc[:8, "b"] = np.nan                # unknown for most: the criterion goes
    values.loc[2, "c"] = np.nan                 # unknown for one: the site goes
    got = second_opinion(sites, values, WEIGHTS)
    assert got.criteria_left_out == ("b",) and got.sites_left_out == ("N-02",) and got.weight_compared == pytest.approx(4 / 6)
    assert "N-02" not in set(got.table["candidate_id"])
    alone = second_opinion(sites, values[["a", "c"]].drop(index=2).reindex(values.index), {"a": 3.0, "c": 1.0})
    pd.testing.assert_frame_equal(got.table, alone.table)


def test_a_village_without_comparable_sites_and_the_order_of_rows() -> None:
    sites, values = made()
    empty = second_opinion(sites.assign(verdict="fail"), values, WEIGHTS)
    assert empty.table.empty and empty.agreement["same_first"].tolist() == [False, False] and empty.weight_compared == 0
    unknown = second_opinion(sites, values * np.nan, WEIGHTS)
    assert unknown.table.empty and len(unknown.sites_left_out) == 11
    one = second_opinion(sites.iloc[:1], values.iloc[:1], WEIGHTS)
    assert one.agreement["spearman"].isna().all() and one.agreement["same_first"].all()
    order = np.random.default_rng(5).permutation(12)
    mixed = second_opinion(sites.iloc[order], values.iloc[order], WEIGHTS)
    pd.testing.assert_frame_equal(mixed.table, second_opinion(sites, values, WEIGHTS).table)
