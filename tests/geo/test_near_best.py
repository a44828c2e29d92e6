"""Alternatives as plans of the county: what is told of them is what their own coverage says, and adopting one loses nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo.choice.alternatives import compare
from geo.coverage import coverage
from geo.near_best import ADOPTED, NoAlternative, adopt, alternatives_table, sites_between, with_alternatives
from geo.planning import plan
from reports.plan_words import fact_texts, way_text
from tests.toytown import QINGSHI
from tests.ui.sites_town import scenario, town
from ui.planning import load_rules


@pytest.fixture(scope="module")
def sought():
    county, study = town()
    found = plan(county, study, replace(load_rules(None, scenario()), alternatives_loss=0.05))
    return county, study, with_alternatives(found)


def test_another_site_of_the_village_by_hand(sought):
    """Qingshi has P1 and P3: both reach all 1000 within 15 min, so nothing is given up. All of the street walk further to P3:
    600 by 2.42 min (0.4 to 2.82); the 400 at y = 1400 walk 2.62 min less (11.2 to 8.58). Liuwan's 400 walk to Qingshi today."""
    _, _, found = sought
    row = alternatives_table(found).set_index("way").loc["other_site"]
    other = found.alternatives[0]
    assert other.about == (QINGSHI,) and row["sites_added"] == "N-P03" and row["sites_dropped"] == "N-P01"
    assert row["loss"] == 0 and row["cost_change_yuan"] == 0 and row["gain_people"] == 400
    villages = compare(found.choice, other.choice).villages.set_index("village_code")
    assert villages.at[QINGSHI, "lose_people"] == 600 and villages.at[QINGSHI, "gain_people"] == 400
    before, after = villages.loc[QINGSHI, ["minutes_a", "minutes_b"]]
    assert after - before == pytest.approx((600 * 2.4252 - 400 * 2.626) / 1000, abs=0.01)


def test_an_adopted_plan_is_told_by_its_own_coverage(sought):
    county, study, found = sought
    other = found.alternatives[0]
    taken = adopt(county, found, other)
    assert taken.chosen[QINGSHI] == "N-P03" and taken.choice.built == other.choice.built and taken.adopted.way == "other_site"
    told = coverage(county, study.scenario, study=study, chosen=other.choice.built, ground=found.prepared.ground)
    assert taken.coverage_after.county.equals(told.county)
    assert not taken.choice.proven and taken.choice.stages[0].status == ADOPTED and taken.alternatives is None
    assert sites_between(found.choice, taken.choice) == (("N-P03",), ("N-P01",))
    for language in ("zh", "en"):
        texts = "\n".join(fact_texts(taken, language))
        assert "1,000" in texts and way_text("other_site", other.about, found, language) in texts
        assert "Stopped by the time limit" not in texts and "时限已到" not in texts
    assert with_alternatives(taken) is taken


def test_ways_without_a_plan_are_rows_and_cannot_be_adopted(sought):
    county, _, found = sought
    table = alternatives_table(found)
    assert table["way"].tolist() == [one.way for one in found.alternatives]
    missing = next(one for one in found.alternatives if one.choice is None)
    assert not table.set_index("way").at[missing.way, "found"] and table.set_index("way").loc[missing.way].isna().sum() > 5
    with pytest.raises(NoAlternative, match="differs this way"):
        adopt(county, found, missing)


def test_a_village_without_a_site_of_its_own_is_no_matter(sought):
    county, study, found = sought
    again = with_alternatives(found, ways=("other_site",), village_code="no such village")
    assert again.alternatives[0].about == (QINGSHI,)
    poor = plan(county, study, found.rules.but(budget_yuan=1.0))
    assert with_alternatives(poor) is poor and alternatives_table(poor).empty
