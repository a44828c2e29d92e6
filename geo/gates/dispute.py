"""Gate *dispute*: nobody else claims the land, and nobody holds a right on it that stands against a public venue."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.gates.verdicts import Case, Judgement, decide, is_text, look_up, words_of
from geo.inputs import CountyLike
from geo.results import Evidence
from geo.scenario import FAIL, PASS, VERDICTS, VERIFY, Scenario

GATE = "dispute"
_RIGHT_PAPERS = {
    "homestead": "homestead_surrender", "contract": "contract_surrender", "other": "use_right_record",
    "undetermined": "dispute_settlement", "construction": "use_right_record", "none": "use_right_record",
}
_HOLDER_PAPERS = {
    "person": "holder_consent", "enterprise": "holder_consent", "institution": "holder_consent", "state": None,
    "other": "use_right_record", "collective": "use_right_record",
}
REASONS: Mapping[str, str | None] = {
    "no_claim": None, "mark_no_sign": "no_dispute",
    "mark_yes": "dispute_settlement", "mark_undetermined": "dispute_settlement",
    "polygon_yes": "dispute_settlement", "polygon_undetermined": "dispute_settlement",
    **{f"right_{right}": paper for right, paper in _RIGHT_PAPERS.items()},
    **{f"holder_{holder}": paper for holder, paper in _HOLDER_PAPERS.items()},
    "no_source": "no_dispute", "right_unknown": "use_right_record", "holder_unknown": "title_with_holder",
    "right_says": None, "holder_says": None,
}
"""Reason code -> paper that would settle it; the last two are facts beside the deciding one."""


def judge(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> Judgement:
    """Verdict of the worst that the papers say: dispute marks, ownership polygons in dispute, use right, its holder.

    Where no paper could mark a dispute, or none names the use right, that is to verify. A use right on building land whose holder
    is not named passes only with a registered title on land of the village's own.
    """
    rule = scenario.dispute
    size = len(candidates)
    sliver = 1 - scenario.collective.pass_share
    said = []
    for name, column, table in (
        ("mark", "dispute", rule.marks), ("right", "use_right", rule.use_rights), ("holder", "holder", rule.holders),
    ):
        values = candidates[column]
        said.append((values.notna().to_numpy(), look_up(values, table), words_of(values, f"{name}_", missing="")))
    cases: list[Case] = []
    for verdict in (FAIL, VERIFY):
        cases += [Case(there & (codes == VERDICTS.index(verdict)), verdict, words) for there, codes, words in said]
        for mark in ("yes", "undetermined"):
            share = candidates[f"polygon_{'disputed' if mark == 'yes' else mark}_share"].to_numpy("float64")
            cases.append(Case((rule.marks.get(mark, VERIFY) == verdict) & (share > sliver), verdict, f"polygon_{mark}"))
    named = candidates["holder"].notna().to_numpy()
    titled = candidates["title_paper"].fillna(False).to_numpy(dtype=bool)
    own = titled & is_text(candidates["owner_unit"], "own")
    return decide(size, [
        *cases,
        Case(candidates["dispute"].isna().to_numpy(), VERIFY, "no_source"),
        Case(candidates["use_right"].isna().to_numpy(), VERIFY, "right_unknown"),
        Case(is_text(candidates["use_right"], "construction") & ~named & ~own, VERIFY, "holder_unknown"),
        Case(np.ones(size, dtype=bool), PASS, "no_claim"),
    ])


def evidence(row: pd.Series, scenario: Scenario) -> tuple[Evidence, ...]:
    """The deciding reason, then the use right and its holder as the papers name them."""
    clause = scenario.dispute.clause
    reason = row[f"reason_{GATE}"]
    layer, field = _source(reason)
    column = {"polygon_yes": "polygon_disputed_share", "polygon_undetermined": "polygon_undetermined_share"}.get(reason, field)
    value = "" if pd.isna(row[column]) else str(row[column])
    by_right = "" if pd.isna(row.get("use_right_source")) else str(row["use_right_source"])
    marked = row.get("polygon_dispute_source") if reason.startswith("polygon_") else row["dispute_source"]
    source = by_right if reason.startswith("right_") else "" if pd.isna(marked) else str(marked)
    paper = REASONS[reason] or ("holder_consent" if row[f"gate_{GATE}"] == VERIFY else None)   # where a county's rules are milder
    facts = [Evidence(GATE, row[f"gate_{GATE}"], reason, layer, field, value, clause, paper, {"source": source})]
    for name, field, table in (
        ("right", "use_right", scenario.dispute.use_rights), ("holder", "holder", scenario.dispute.holders),
    ):
        if pd.notna(row[field]) and reason != f"{name}_{row[field]}":
            facts.append(Evidence(GATE, table.get(row[field], VERIFY), f"{name}_says", "parcels", field, row[field], clause, None,
                                  {name: row[field], "source": by_right if name == "right" else ""}))
    return tuple(facts)


def _source(reason: str) -> tuple[str, str]:
    if reason.startswith("polygon_"):
        return "ownership", "dispute"
    if reason.startswith("right_"):
        return "parcels", "use_right"
    if reason.startswith("holder_"):
        return "parcels", "holder"
    return "parcels", "dispute"
