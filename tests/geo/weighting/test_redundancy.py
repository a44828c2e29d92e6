"""Redundant criteria: the pair is found with SciPy's figure, and dropping one is a fresh ranking."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from geo.score import ranks_of, score_of
from geo.weighting.redundancy import COLUMNS, redundant

WEIGHTS = {"a": 2.0, "b": 1.0, "c": 3.0, "d": 0.0}


def made() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(4)
    a = rng.random(60)
    values = pd.DataFrame({"a": a, "b": np.clip(a**2 + rng.normal(0, 0.03, 60), 0, 1), "c": rng.random(60), "d": a})
    values.loc[:9, "b"] = np.nan
    sites = pd.DataFrame({"candidate_id": [f"N-{n:02d}" for n in range(60)], "village_code": [str(n % 6) for n in range(60)],
                          "verdict": "pass"})
    return sites, values


def test_the_pair_is_named_with_its_figure_and_what_dropping_changes() -> None:
    sites, values = made()
    table = redundant(sites, values, WEIGHTS)
    assert table[["first", "second"]].to_numpy().tolist() == [["a", "b"]]   # d weighs nothing, so it is not looked at
    row = table.iloc[0]
    assert row["correlation"] == pytest.approx(spearmanr(values["a"][10:], values["b"][10:]).statistic) and row["sites"] == 50
    assert row["weight_first"] == pytest.approx(2 / 6) and row["villages"] == 6
    before, after = (ranks_of(sites, score_of(values, weights)["score"])["rank_in_village"]
                     for weights in (WEIGHTS, WEIGHTS | {"a": 0.0}))
    assert row["leaders_without_first"] == int((before.eq(1) & after.ne(1)).sum()) > 0
    scores = [score_of(values, weights)["score"] for weights in (WEIGHTS, WEIGHTS | {"a": 0.0})]
    assert row["agreement_without_first"] == pytest.approx(spearmanr(*scores).statistic)


def test_the_order_of_rows_is_irrelevant_and_nothing_is_found_where_nothing_is() -> None:
    sites, values = made()
    order = np.random.default_rng(1).permutation(60)
    pd.testing.assert_frame_equal(redundant(sites, values, WEIGHTS), redundant(sites.iloc[order], values.iloc[order], WEIGHTS))
    assert redundant(sites, values, WEIGHTS, threshold=0.9999).columns.tolist() == list(COLUMNS)
    assert redundant(sites.iloc[:0], values.iloc[:0], WEIGHTS).empty
    assert redundant(sites.iloc[:5], values.iloc[:5], WEIGHTS).empty        # too few sites to tell


def test_a_large_county_is_told_by_a_sample() -> None:
    rng = np.random.default_rng(2)
    a = rng.random(50_000)
    values = pd.DataFrame({"a": a, "b": np.clip(a + rng.normal(0, 0.1, 50_000), 0, 1)})
    sites = pd.DataFrame({"candidate_id": [f"N-{n:06d}" for n in range(50_000)], "village_code": "1", "verdict": "pass"})
    row = redundant(sites, values, {"a": 1.0, "b": 1.0}).iloc[0]
    assert row["sites"] == 20_000 and row["correlation"] == pytest.approx(spearmanr(values["a"], values["b"]).statistic, abs=0.01)
