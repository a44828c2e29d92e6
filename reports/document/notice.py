"""The public notice (公示) on the site of a venue: one page, for the village's notice board.

It holds nothing about persons: no holders of rights, no disputes, no verdicts on others' land; of evidence only the papers that are
to come. What a notice must say beyond the study (from when to when, whom to turn to) is left to be filled in by hand.
"""

from __future__ import annotations

import pandas as pd

from geo.reasons import reasons
from geo.scenario import FAIL, GATES
from reports.document.errors import DocumentError
from reports.document.gates import missing_papers
from reports.document.model import Block, Cell, Document, Paragraph, Picture, Table
from reports.document.parts import Subject, candidates_of, evidence_of, ranked_of
from reports.document.site import place_text
from reports.figures import is_missing
from reports.maps import site_png
from reports.reasons import sentence_text

NOTICE_DAYS = 7
"""Days that a notice hangs at least, as is usual for village affairs; a county with another rule changes the form by hand."""
PUBLIC = ("has",)
"""What of a site's reasons is for everybody: what it has. Verdicts quote papers, comparisons name others' land."""


def notice_document(subject: Subject, candidate_id: str) -> Document:
    """The notice on one site.

    Raises
    ------
    DocumentError
        Where there is no such site, or it fails a gate.
    """
    row, tell = subject.row(candidate_id), subject.tell
    if row["verdict"] == FAIL:
        gates = [subject.say(f"criteria.gate.{gate}") for gate in GATES if row.get(f"gate_{gate}") == FAIL]
        raise DocumentError("fails", id=candidate_id, gates=subject.listed(gates))
    village, kind = subject.name(row), subject.say(f"criteria.kind.{row['kind']}")
    township = "" if is_missing(row["township_name"]) and is_missing(row["township_code"]) else subject.name(row, of="township")
    title = tell("notice.title", village=village)
    facts = [
        ("township", f"{township} {village}".strip()),
        ("site", tell("notice.site_value", id=candidate_id, place=place_text(row, subject))),
        ("kind", kind),
        ("area", tell("notice.area_value", courtyard=subject.figure(row["courtyard_m2"], "m2"))),
        ("verdict", _verdict(row, subject)),
    ]
    if not is_missing(row["score"]) and not is_missing(row["rank_in_village"]):
        count = 1 if is_missing(row["village_code"]) else ranked_of(candidates_of(subject.study, str(row["village_code"])))
        facts.append(
            ("score", tell("notice.score_value", score=subject.points(row["score"]), rank=int(row["rank_in_village"]), count=count))
        )
    if not is_missing(row["people_share_15min"]):
        facts.append(("reach", tell("notice.reach_value", share=subject.figure(row["people_share_15min"], "share"),
                                    minutes=f"{subject.study.scenario.travel.catchment_min:g}")))
    costs = subject.study.scenario.planning.costs
    facts.append(("cost", tell("fact.cost_value", cost=subject.yuan(costs.by_kind_yuan[str(row["kind"])]),
                               subsidy=subject.yuan(costs.subsidy_yuan[str(row["kind"])]))))
    found = reasons(subject.study, subject.county, [candidate_id])[candidate_id]
    said = [sentence_text(one, subject.language) for one in found if one.part in PUBLIC]
    if said:
        facts.append(("reasons", " ".join(said)))
    rows = tuple((Cell(tell(f"notice.{name}"), "strong"), Cell(value)) for name, value in facts)
    picture = site_png(subject.study, subject.county, candidate_id, subject.language, plain=True, height_cm=10.5, half_m=170.0)
    blocks: tuple[Block, ...] = (
        Paragraph(title, "title"), Paragraph(tell("notice.opening", village=village, kind=kind.lower())),
        Table((tell("notice.item"), tell("notice.content")), rows, (1, 4.6)), Picture(picture, tell("picture.notice"), 0.86),
        Paragraph(tell("notice.period", days=NOTICE_DAYS)), Paragraph(tell("notice.objections")),
        Paragraph(tell("notice.seal"), "seal"), Paragraph(tell("notice.day"), "seal"),
    )
    return Document(title, subject.language, subject.day, blocks)


def _verdict(row: pd.Series, subject: Subject) -> str:
    if row["verdict"] != "verify":
        return subject.tell("notice.verdict_pass")
    papers = missing_papers(evidence_of(row, subject))
    return subject.tell("notice.verdict_verify", papers=subject.listed([subject.say(f"evidence.papers.{one}") for one in papers]))
