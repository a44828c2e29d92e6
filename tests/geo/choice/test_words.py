"""Facts, rules and faults have their words in both languages, and the words are true of the plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import geo.choice
from geo.choice import Objective, RuleName, Rules, RulesError, choose
from geo.choice.alternatives import WAYS
from geo.choice.proof import _percent, proof, rule_fact
from geo.choice.reading import rules_from
from geo.choice.rules import OBJECTIVES
from layers.words import LANGUAGES, catalogue, say
from tests.geo.choice.made import county

SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(geo.choice.__file__).parent.glob("*.py")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_way_objective_and_fault_has_words(language: str) -> None:
    texts = catalogue(language)
    rules = set(re.findall(r'\.rule\(\s*"(\w+)"', SOURCES)) | set(re.findall(r'RuleName\("(\w+)"', SOURCES))
    rules |= set(re.findall(r', "(no_\w+|leave_\w+|quota_\w+)"\)', SOURCES)) | {"upgrade", "each_village", "budget"}
    assert len(rules) >= 15
    faults = set(re.findall(r'Problem\([^()]*?, "(\w+)"', SOURCES))
    missing = [key for key in (*(f"choice.rule.{rule}" for rule in rules), *(f"choice.fault.{fault}" for fault in faults),
                               *(f"choice.way.{way}" for way in WAYS), *(f"choice.objective.{kind}" for kind in OBJECTIVES))
               if key not in texts]
    assert missing == []
    assert all(f"choice.proof.{then}{kind}" in texts for kind in OBJECTIVES for then in ("", "then_"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_proof_can_be_said(language: str) -> None:
    instance = county(5, villages=5, sites=3, points=3, reach_min=15.0)
    for kinds in (("cover", "walk"), ("worst_walk", "cost"), ("venues",)):
        objectives = tuple(map(Objective, kinds))
        choice = choose(instance, Rules(objectives=objectives, allow_verify=True, per_village="at_most", count_min=2))
        said = [say(fact.key, language, **fact.values) for fact in proof(choice)]
        assert len(said) == len(objectives) + (5 if choice.coverage.out_of_reach > 0 else 4)
        assert all("{" not in text for text in said)
    fact = rule_fact(RuleName("spacing", ("甲村", "乙村")))
    assert {"甲村", "乙村"} <= set(re.findall("[甲乙]村", say(fact.key, language, **fact.values)))


def test_a_share_is_rounded_so_that_the_claim_stays_true() -> None:
    assert [_percent(gap) for gap in (0.00301, 0.003, 0.0000123, 0.12)] == ["0.4", "0.3", "0.002", "12"]


def test_rules_from_a_file_say_every_fault_at_once() -> None:
    rules = rules_from({"count_max": 12, "objectives": [{"kind": "cover", "limit_min": 10}],
                        "quotas": [{"minimum": 3, "maximum": 5}], "funding": {"cost_by_kind_yuan": {"new": 180000}},
                        "fixed": ["N-1"]})
    assert rules.objectives == (Objective("cover", limit_min=10),) and rules.fixed == ("N-1",)
    assert rules.funding.cost_by_kind_yuan == {"new": 180000.0}
    with pytest.raises(RulesError, match=r"budget: unknown_key; count_max: wrong_type.*objectives\.0\.kind: missing"):
        rules_from({"budget": 1, "count_max": 1.5, "objectives": [{"limit_min": 3}]})
