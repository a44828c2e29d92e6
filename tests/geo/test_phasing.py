"""Phasing: periods, costs and order by hand, and what must hold for every budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.phasing import ORDERS, REASONS, UNITS, WORK_COLUMNS, Period, PhasingError, periods, phase, works_of
from geo.results import Study
from geo.study import study
from layers.words import catalogue
from tests.geo.standard import default_scenario
from tests.toytown import LIUWAN, QINGSHI, YUNTAI, toytown

RULES = default_scenario().planning.phasing
COSTS = default_scenario().planning.costs


@cache
def town_study() -> Study:
    return study(toytown(), default_scenario())


def made(rows: list[tuple]) -> pd.DataFrame:
    """Works from (village, people, now_min, cost); half of the cost is subsidy."""
    frame = pd.DataFrame([{
        "work_id": f"N-{v}", "village_code": v, "village_name": v, "township_code": "t", "township_name": "t",
        "candidate_id": f"N-{v}", "kind": "new", "serves": v, "people": p, "now_min": w,
        "cost_yuan": c, "subsidy_yuan": c / 2, "own_yuan": c / 2,
    } for v, p, w, c in rows], columns=list(WORK_COLUMNS))
    return frame.astype({name: "float64" for name in WORK_COLUMNS[8:]})


def placed(result) -> dict[str, object]:
    return {v: (None if pd.isna(p) else p) for v, p in zip(result.works["village_code"], result.works["period"], strict=True)}


# ----------------------------------------------------------------------------------------------------------------- periods
def test_periods_follow_the_calendar() -> None:
    quarters = periods(2025, [1, 2, 3, 4, 5], unit="quarter")
    assert [(p.label, p.begin, p.end) for p in quarters[3:]] == [
        ("2025Q4", date(2025, 10, 1), date(2025, 12, 31)), ("2026Q1", date(2026, 1, 1), date(2026, 3, 31))]
    assert [p.label for p in periods(2025, [1, 1, 1], unit="half")] == ["2025H1", "2025H2", "2026H1"]
    assert [(p.label, p.end) for p in periods(2024, [1, 1])] == [("2024", date(2024, 12, 31)), ("2025", date(2025, 12, 31))]
    for unit in UNITS:
        days = sum((p.end - p.begin).days + 1 for p in periods(2025, [0.0] * (12 // UNITS[unit]), unit=unit))
        assert days == 365


def test_periods_that_cannot_be_are_refused() -> None:
    with pytest.raises(PhasingError, match="no period 'week'"):
        periods(2025, [1], unit="week")
    with pytest.raises(PhasingError, match="2025: ends before it begins, or has a negative budget"):
        periods(2025, [-1])
    with pytest.raises(PhasingError, match="follow each other"):
        phase(made([]), periods(2025, [1, 1])[::-1], RULES)


# ------------------------------------------------------------------------------------------------------------------- works
def test_works_of_the_toy_town() -> None:
    works = works_of(town_study(), {QINGSHI: "N-P01", LIUWAN: "R-B16"}, COSTS, wanting=[QINGSHI, LIUWAN, YUNTAI])
    assert list(works.columns) == list(WORK_COLUMNS)
    found = works.set_index("village_code")
    assert found.loc[QINGSHI, ["cost_yuan", "subsidy_yuan", "own_yuan"]].tolist() == [180_000, 90_000, 90_000]
    assert found.at[LIUWAN, "kind"] == "reuse" and found.at[LIUWAN, "own_yuan"] == 30_000
    assert found.at[QINGSHI, "people"] == 1000
    # B16 lies 12 m off the street at y = 310, 2.28 min from Liuwan street; Lingshang is 25 min away
    assert found.at[LIUWAN, "people"] == 400
    assert found.at[YUNTAI, "work_id"] == YUNTAI and np.isnan(found.at[YUNTAI, "cost_yuan"])
    result = phase(works, periods(2025, [1e9]), RULES)
    assert placed(result) == {QINGSHI: "2025", LIUWAN: "2025", YUNTAI: None}
    assert result.unplaced["reason"].tolist() == ["no_site"]


def test_a_subsidy_never_exceeds_the_cost_and_own_figures_come_first() -> None:
    works = works_of(town_study(), {QINGSHI: "N-P01"}, COSTS, people={QINGSHI: 7.0}, now_min={QINGSHI: 55.0},
                     cost_yuan={"N-P01": 50_000})
    row = works.iloc[0]
    assert (row["cost_yuan"], row["subsidy_yuan"], row["own_yuan"], row["people"], row["now_min"]) == (50_000, 50_000, 0, 7, 55)


def test_an_upgrade_is_not_built_or_bought() -> None:
    works = works_of(town_study(), {LIUWAN: "U-V1"}, COSTS)
    assert works[["cost_yuan", "subsidy_yuan", "own_yuan"]].iloc[0].tolist() == [60_000, 0, 60_000]


def test_villages_that_share_a_site_make_one_work() -> None:
    works = works_of(town_study(), {QINGSHI: "N-P12", LIUWAN: "N-P12"}, COSTS, people={QINGSHI: 10.0, LIUWAN: 20.0})
    assert len(works) == 1 and works["village_code"].iat[0] == LIUWAN
    assert works["serves"].iat[0] == f"{QINGSHI};{LIUWAN}" and works["people"].iat[0] == 30
    with pytest.raises(PhasingError, match="N-X"):
        works_of(town_study(), {QINGSHI: "N-X"}, COSTS)


# ------------------------------------------------------------------------------------------------------------------- order
WORKS = [("a", 100, 20, 60), ("b", 300, 10, 70), ("c", 200, np.inf, 50), ("d", 50, 40, 30)]


def test_most_people_first() -> None:
    result = phase(made(WORKS), periods(2025, [100, 100, 100]), RULES)
    # b (70) first; c (50) does not fit beside it; a (60) neither; d (30) does
    assert result.works["village_code"].tolist() == ["b", "c", "a", "d"]
    assert placed(result) == {"b": "2025", "c": "2026", "a": "2027", "d": "2025"}
    assert result.periods["spent_yuan"].tolist() == [100, 50, 60] and result.periods["people_so_far"].tolist() == [350, 550, 650]
    assert result.periods["subsidy_yuan"].tolist() == [50, 25, 30] and result.periods["left_yuan"].tolist() == [0, 50, 40]


def test_worst_off_first_with_those_who_reach_nothing_before_all() -> None:
    result = phase(made(WORKS), periods(2025, [100, 100, 100]), RULES, order="worst_off")
    assert result.works["village_code"].tolist() == ["c", "d", "a", "b"]
    assert placed(result) == {"c": "2025", "d": "2025", "a": "2026", "b": "2027"}


def test_a_budget_for_subsidies_leaves_own_funds_out() -> None:
    result = phase(made(WORKS), periods(2025, [100]), replace(RULES, budget_of="subsidy"))
    assert placed(result) == {"b": "2025", "c": "2025", "a": "2025", "d": None}
    assert result.periods["spent_yuan"].tolist() == [90] and result.periods["cost_yuan"].tolist() == [180]


def test_reasons_of_those_left_over() -> None:
    rows = [*WORKS, ("e", 10, 5, 500), ("f", 5, 5, np.nan)]
    result = phase(made(rows), periods(2025, [100]), RULES)
    assert result.unplaced.set_index("village_code")["reason"].to_dict() == {
        "c": "no_budget_left", "a": "no_budget_left", "e": "above_every_budget", "f": "cost_unknown"}
    result = phase(made(WORKS), periods(2025, [1000], most_works=3), RULES)
    assert result.unplaced["reason"].tolist() == ["no_place_left"]


# ------------------------------------------------------------------------------------------------------------------- dates
def test_a_year_s_works_start_by_20_june_and_stand_by_20_july() -> None:
    row = phase(made(WORKS[:1]), periods(2025, [100]), RULES).works.iloc[0]
    assert (row["start_by"], row["structure_by"], row["late_days"]) == (date(2025, 6, 20), date(2025, 7, 20), 0)


def test_quarters_after_the_date_are_closed_or_late() -> None:
    when = periods(2025, [60, 60, 60, 60], unit="quarter")
    result = phase(made(WORKS), when, RULES)
    assert result.periods["closed"].tolist() == [False, False, True, True]
    assert placed(result) == {"b": None, "c": "2025Q1", "a": "2025Q2", "d": None}
    late = phase(made(WORKS), when, RULES, keep_dates=False).works.set_index("village_code")
    assert late.at["d", "period"] == "2025Q3" and late.at["d", "start_by"] == date(2025, 7, 1)
    assert late.at["d", "late_days"] == 11 and late.at["d", "structure_by"] == date(2025, 7, 31)
    assert late.at["c", "start_by"] == date(2025, 3, 31)


def test_a_campaign_over_two_years_opens_the_autumn() -> None:
    when = periods(2025, [60, 60, 60, 60, 60, 60, 60], unit="quarter")
    result = phase(made(WORKS), when, RULES, deadline_year=2026)
    assert result.periods["closed"].tolist() == [False] * 6 + [True]
    gone = phase(made(WORKS), periods(2027, [1000]), RULES, deadline_year=2026)
    assert set(gone.works["reason"]) == {"after_deadline"}


def test_a_longer_building_time_brings_the_start_forward() -> None:
    row = phase(made(WORKS[:1]), periods(2025, [100]), replace(RULES, build_days=60)).works.iloc[0]
    assert (row["start_by"], row["structure_by"]) == (date(2025, 5, 21), date(2025, 7, 20))


# --------------------------------------------------------------------------------------------------------- whatever comes
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 90), st.integers(0, 12)), max_size=12),
    st.lists(st.integers(0, 30), min_size=1, max_size=4), st.sampled_from(ORDERS), st.sampled_from([None, 1, 3]),
    st.randoms(use_true_random=False),
)
def test_budgets_hold_nobody_is_lost_and_nobody_jumps_the_queue(drawn: list, budgets: list, order: str, most, random) -> None:
    rows = [(f"v{n:02d}", p, w, c) for n, (p, w, c) in enumerate(drawn)]
    when = periods(2025, budgets, most_works=most)
    result = phase(made(rows), when, RULES, order=order)
    works = result.works
    assert sorted(works["village_code"]) == [r[0] for r in rows]
    assert (works["period"].isna() == works["reason"].notna()).all()
    for period in when:
        inside = works[works["period"] == period.label]
        assert inside["cost_yuan"].sum() <= period.budget_yuan and (most is None or len(inside) <= most)
        # whoever came later or not at all found no room beside those of higher priority
        for _, work in works[works["period"].isna() | (works["period"] > period.label)].iterrows():
            before = inside[inside["priority"] < work["priority"]]
            full = most is not None and len(before) >= most
            assert full or before["cost_yuan"].sum() + work["cost_yuan"] > period.budget_yuan
    assert result.periods["cost_yuan"].sum() + result.unplaced["cost_yuan"].sum() == pytest.approx(works["cost_yuan"].sum())
    assert np.allclose(works["subsidy_yuan"] + works["own_yuan"], works["cost_yuan"])
    mixed = list(rows)
    random.shuffle(mixed)
    assert placed(phase(made(mixed), when, RULES, order=order)) == placed(result)


def test_what_cannot_be_ordered_is_refused() -> None:
    with pytest.raises(PhasingError, match="no order 'beauty'"):
        phase(made(WORKS), periods(2025, [1]), RULES, order="beauty")
    with pytest.raises(PhasingError, match="listed twice: N-a"):
        phase(made([WORKS[0], WORKS[0]]), periods(2025, [1]), RULES)
    with pytest.raises(PhasingError, match="not negative"):
        phase(made([("a", 1, 1, -5)]), periods(2025, [1]), RULES)
    with pytest.raises(PhasingError, match="P: ends before it begins"):
        Period("P", date(2025, 2, 1), date(2025, 1, 1), 0)


def test_no_works_and_no_periods() -> None:
    assert len(phase(made([]), periods(2025, [5]), RULES).works) == 0
    assert set(phase(made(WORKS), (), RULES).works["reason"]) == {"after_deadline"}


def test_everything_it_says_has_words() -> None:
    words = catalogue("zh")
    result = phase(made(WORKS), periods(2025, [100]), RULES)
    keys = [f"unplaced.{r}" for r in REASONS] + [f"order.{o}" for o in ORDERS] + [f"unit.{u}" for u in UNITS]
    keys += [f"column.{name}" for name in (*result.works.columns, *result.periods.columns)]
    assert [key for key in keys if f"centres.{key}" not in words] == []
