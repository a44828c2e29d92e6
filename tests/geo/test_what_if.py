"""Pins: a site that is no candidate answers as a real candidate at the same place does, and says what is known of its land."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pyproj import Transformer

from geo.choice import Objective, RulesError
from geo.planning import PlanRules, plan, prepare, with_pins
from geo.what_if import Pin, is_pin, nearest_site, pin_rows, with_rows
from tests.toytown import LIUWAN, ORIGIN, QINGSHI, TOWN_CRS, YUNTAI
from tests.ui.sites_town import scenario, town
from ui.planning import load_rules

BOTH = ("pass", "verify", "fail")


def at(x: float, y: float, name: str = "1") -> Pin:
    """A pin at metres from the town's origin."""
    lon, lat = Transformer.from_crs(TOWN_CRS, 4326, always_xy=True).transform(ORIGIN[0] + x, ORIGIN[1] + y)
    return Pin(name, lon, lat)


def rules(*pins: Pin, fixed: tuple[str, ...] = (), **changes: object) -> PlanRules:
    return replace(load_rules(None, scenario()).but(fixed=fixed, **changes), pins=pins)


def test_a_pin_answers_as_the_candidate_at_the_same_place():
    """P03 has its middle at (1015, 710.5); a pin there is the same place, on the same parcel, and costs the same."""
    county, study = town()
    real = plan(county, study, rules(fixed=("N-P03",)))
    pinned = plan(county, study, rules(at(1015, 710.5), fixed=("W-1",)))
    assert pinned.chosen[QINGSHI] == "W-1"
    for one, other in zip(real.choice.stages, pinned.choice.stages, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-6) and other.status == one.status == "optimal"
    figures = ["cost_yuan", "subsidy_yuan", "served_after", "mean_walk_after_min", "worst_walk_after_min", "score"]
    mine, its = (found.villages.set_index("village_code").loc[QINGSHI] for found in (pinned, real))
    assert mine[figures].astype(float).tolist() == pytest.approx(its[figures].astype(float).tolist(), rel=1e-6)
    assert mine["verdict"] == its["verdict"] == "pass" and mine["kind"] == "new"
    assert np.allclose(pinned.coverage_after.residents["walk_min"], real.coverage_after.residents["walk_min"], atol=1e-5)
    assert pinned.centres.centres["candidate_id"].eq("W-1").sum() == 1 and len(pinned.phases.works) == len(real.phases.works)


def test_the_walk_to_a_pin_is_measured_from_the_pin():
    """At (1100, 500), 100 m off the street: 2 min; the 600 of the street at y = 500 walk 2 min, the 400 at y = 1400 10.8 more."""
    county, study = town()
    found = plan(county, study, rules(at(1100, 500), fixed=("W-1",)), details=False)
    row = found.villages.set_index("village_code").loc[QINGSHI]
    assert row["mean_walk_after_min"] == pytest.approx(0.6 * 2.0 + 0.4 * 12.8, abs=1e-3)
    assert row["verdict"] == "verify" and np.isnan(row["score"])   # no parcel is known there: supposed for the choice, not said


def test_what_is_known_of_the_land_is_said():
    county, study = town()
    rows = pin_rows(county, study, [at(1015, 710.5, "a"), at(1020, 910, "b"), at(1500, 2000, "c"), at(3020, 500, "d")])
    assert rows["candidate_id"].tolist() == ["W-a", "W-b", "W-c", "W-d"] and set(rows["kind"]) == {"new"}
    assert rows["parcel_id"].astype(object).where(rows["parcel_id"].notna(), None).tolist() == ["P03", "P06", None, "P12"]
    by_parcel = study.candidates.set_index("candidate_id")
    assert rows["verdict"].tolist() == ["pass", by_parcel.at["N-P06", "verdict"], "verify", "pass"]
    assert rows["village_code"].tolist() == [QINGSHI, QINGSHI, QINGSHI, LIUWAN]
    assert rows.loc[0, "courtyard_m2"] == by_parcel.at["N-P03", "courtyard_m2"] and rows["mean_walk_min"].isna().all()
    assert (rows.dtypes == study.candidates.dtypes).all() and rows.geom_type.eq("Point").all()
    assert [is_pin(site) for site in rows["candidate_id"]] == [True] * 4


def test_the_order_of_rows_does_not_matter():
    county, study = town()
    turned = replace(study, candidates=study.candidates.iloc[::-1].reset_index(drop=True),
                     values=study.values.iloc[::-1].reset_index(drop=True))
    pins = [at(1015, 710.5, "a"), at(1500, 2000, "b")]
    one, other = pin_rows(county, study, pins), pin_rows(county, turned, pins)
    assert one.equals(other)


def test_a_pin_takes_part_without_being_set():
    """Not set by hand, it is chosen where it is better: 5 m off the street and nearer to the 400, all 1000 walk less than to P1.

    By score it is not: nothing is known of it, and that counts as no points.
    """
    county, study = town()
    found = plan(county, study, rules(at(1005, 520), objectives=(Objective("walk"),)), details=False)
    by_score = plan(county, study, rules(at(1005, 520), objectives=(Objective("score"),)), details=False)
    assert by_score.chosen[QINGSHI] == "N-P01"
    assert found.chosen[QINGSHI] == "W-1"
    assert with_pins(study, found).candidates["candidate_id"].tolist() == [*study.candidates["candidate_id"], "W-1"]
    assert with_rows(study, None) is study
    back = plan(county, study, rules(), prepared=found.prepared, details=False)
    assert back.chosen[QINGSHI] == "N-P01" and back.villages.equals(plan(county, study, rules(), details=False).villages)


def test_a_second_venue_is_refused_by_its_rule_and_village():
    county, study = town()
    found = plan(county, study, rules(at(3300, 900), fixed=("W-1",)))
    assert found.choice is None
    assert ("no_duplicate", LIUWAN) in {(rule.rule, *rule.subject) for rule in found.conflict.rules}


def test_a_pin_that_no_road_reaches_serves_nobody():
    county, study = town()
    found = plan(county, study, rules(at(5500, 1500), fixed=("W-1",)), details=False)
    row = found.villages.set_index("village_code").loc[YUNTAI]
    assert row["candidate_id"] == "W-1" and row["served_after"] == 0 and np.isinf(row["mean_walk_after_min"])


@pytest.mark.parametrize(("pins", "code"), [
    ((Pin("x", 100.0, 30.0),), "pin_outside"), ((at(500, 500), at(600, 600)), "pin_twice"), ((at(500, 500, " "),), "pin_nameless"),
    ((Pin("x", 34.7, 114.0),), "pin_degrees"),
])
def test_pins_that_are_no_sites_are_told(pins, code):
    county, study = town()
    with pytest.raises(RulesError, match=code):
        plan(county, study, rules(*pins))


def test_without_pins_nothing_is_different():
    county, study = town()
    one, other = prepare(county, study, rules()), prepare(county, study, rules(at(1015, 710.5)))
    sites = other.problem.instance.sites
    assert sites[sites["site_id"] != "W-1"].reset_index(drop=True).equals(one.problem.instance.sites)
    assert one.offer != other.offer
    again = prepare(county, study, rules(at(1015, 710.5)), earlier=one)
    assert again.before is one.before and again.problem.instance.sites.equals(sites)


def test_the_nearest_site_is_measured_from_its_edge():
    """P03 reaches from x = 1010 to 1020 and y = 700 to 721."""
    _, study = town()

    def near(x: float, y: float, within_m: float, **options):
        pin = at(x, y)
        return nearest_site(study, pin.lon, pin.lat, within_m=within_m, **{"verdicts": ("pass",), **options})

    assert near(1015, 710, 1) == "N-P03" and near(1040, 710, 21) == "N-P03" and near(1040, 710, 19) is None
    assert near(1040, 710, 500, without=("N-P03",)) == "N-P01"
    assert near(1015, 605, 5) is None and near(1015, 605, 5, verdicts=BOTH) == "N-P02"   # P02 fails its courtyard
