"""Pieces that several documents share: names, verdicts, the measures, the evidence, the papers, what the figures rest on."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from geo.evidence import row_evidence
from geo.results import Evidence, Study
from geo.scenario import FAIL, PASS, VERDICTS, VERIFY
from layers.county import County
from layers.findings import SEVERITIES
from layers.words import say
from reports.document.errors import DocumentError
from reports.document.gates import by_gate, gate_verdicts, missing_papers, source_text
from reports.document.model import Banner, Block, Bullets, Cell, Heading, Paragraph, Table
from reports.document.pdf import day_parts
from reports.evidence_words import evidence_text, file_fields
from reports.figures import figure, is_missing, listed, points
from reports.measure_rows import KNOWN, MeasureRow, position_of, raw_text
from reports.record import crs_name, lacking_texts, layer_text, notes, own_version

MARKS = {PASS: "✓", VERIFY: "?", FAIL: "✕"}
"""A mark beside the word of each verdict, so that it reads without colour."""


@dataclass(frozen=True)
class Subject:
    """What a document is made from: one county's study, in a language, on a day."""

    study: Study
    county: County
    language: str
    day: datetime.date

    def tell(self, key: str, **values: object) -> str:
        """A text of ``document.toml``."""
        return say(f"document.{key}", self.language, **values)

    def say(self, key: str, **values: object) -> str:
        """Any text."""
        return say(key, self.language, **values)

    def figure(self, value: object, unit: str = "", **options: object) -> str:
        """A figure in words."""
        return figure(value, unit, language=self.language, **options)   # type: ignore[arg-type]

    def points(self, value: float) -> str:
        """Points of a score."""
        return points(value, self.language)

    def listed(self, parts: Sequence[str]) -> str:
        """Names in one line."""
        return listed(parts, self.language)

    @property
    def dated(self) -> str:
        """The day in words."""
        return self.tell("day", **day_parts(self.day))

    @property
    def rule(self) -> str:
        """The standard's name and version."""
        scenario = self.study.scenario
        return self.tell("cover.rule_value", name=scenario.name.get(self.language, scenario.id), version=scenario.version)

    def row(self, candidate_id: str) -> pd.Series:
        """A candidate's row.

        Raises
        ------
        DocumentError
            Where there is no such candidate.
        """
        if not self.study.candidates["candidate_id"].eq(candidate_id).any():
            raise DocumentError("no_site", id=candidate_id)
        return self.study.candidates.iloc[position_of(self.study, candidate_id)]

    def village(self, code: str) -> pd.Series:
        """A village's row.

        Raises
        ------
        DocumentError
            Where there is no such village.
        """
        found = self.study.villages[self.study.villages["village_code"].eq(code).fillna(False).to_numpy(bool)]
        if found.empty:
            raise DocumentError("no_village", code=code)
        return found.iloc[0]

    def name(self, row: pd.Series, *, of: str = "village") -> str:
        """Name of the village or township of a row; its code where it has none."""
        for column in (f"{of}_name", f"{of}_code"):
            if not is_missing(row.get(column)):
                return str(row[column])
        return self.tell("no_name")

    def yuan(self, value: float) -> str:
        """An amount of money without its unit."""
        return self.figure(value, decimals=0)


def candidates_of(study: Study, village_code: str) -> pd.DataFrame:
    """A village's candidates as they are told: ranked ones first, then the failing ones, best score first."""
    rows = study.candidates[study.candidates["village_code"].eq(village_code).fillna(False).to_numpy(bool)]
    order = pd.DataFrame({
        "rank": rows["rank_in_village"].to_numpy("float64", na_value=float("inf")),
        "score": -rows["score"].to_numpy("float64", na_value=float("-inf")), "id": rows["candidate_id"].to_numpy(object),
    }).sort_values(["rank", "score", "id"], kind="stable").index
    return rows.iloc[order]


def ranked_of(rows: pd.DataFrame) -> int:
    """How many of some candidates have a rank."""
    return int(rows["rank_in_village"].notna().sum())


def verdict_cell(verdict: object, subject: Subject) -> Cell:
    """A verdict with its mark."""
    return Cell(f"{MARKS[str(verdict)]} {subject.say(f'criteria.verdict.{verdict}')}", str(verdict))


def banner(row: pd.Series, subject: Subject) -> Banner:
    """Verdict, score and rank of a site."""
    rows = candidates_of(subject.study, str(row["village_code"])) if not is_missing(row["village_code"]) else pd.DataFrame()
    verdict, village = str(row["verdict"]), subject.name(row)
    count = ranked_of(rows) if len(rows) else 0
    if is_missing(row["rank_in_village"]):
        line = subject.tell("banner.unranked", village=village)
    else:
        rank = int(row["rank_in_village"])
        line = subject.tell("banner.first" if rank == 1 else "banner.ranked", rank=rank, count=count, village=village)
    score = (
        subject.tell("banner.none")
        if is_missing(row["score"])
        else subject.tell("banner.figure", score=subject.points(row["score"]))
    )
    return Banner(f"{MARKS[verdict]} {subject.say(f'criteria.verdict.{verdict}')}", verdict, score, line)


def evidence_of(row: pd.Series, subject: Subject) -> tuple[Evidence, ...]:
    """Everything behind the verdicts of a candidate."""
    return row_evidence(row, subject.study.scenario)


def evidence_table(row: pd.Series, subject: Subject, *, short: bool = False) -> Table:
    """Gate, verdict, evidence, source and clause; in short form only the deciding piece of each gate, without where it was read."""
    fields, verdicts = file_fields(subject.county), gate_verdicts(row)
    rows = []
    for gate, items in by_gate(evidence_of(row, subject)).items():
        verdict = verdicts.get(gate) or min((item.verdict for item in items), key=VERDICTS.index)
        for place, item in enumerate(items[:1] if short else items):
            paper = "" if item.paper is None else " " + subject.say("sites.evidence.paper", paper=subject.say(
                f"evidence.papers.{item.paper}"))
            why = evidence_text(item, subject.language) + (paper if not short else "")
            head = (Cell(subject.say(f"criteria.gate.{gate}"), "strong"), verdict_cell(verdict, subject)) if place == 0 else (
                Cell(""), Cell(""))
            rows.append((*head, Cell(why), Cell(source_text(item, subject.language, fields), "muted"), Cell(item.clause, "muted")))
    if short:
        return Table(tuple(subject.tell(f"table.{name}") for name in ("gate", "verdict", "why", "clause")),
                     tuple((gate, verdict, why, clause) for gate, verdict, why, _, clause in rows), (1.5, 1.15, 6.7, 1.15))
    names = ("gate", "verdict", "why", "source", "clause")
    return Table(tuple(subject.tell(f"table.{name}") for name in names), tuple(rows), (1.5, 1.15, 4.4, 2.5, 0.95))


def papers_blocks(row: pd.Series, subject: Subject) -> list[Block]:
    """Papers that are missing, with the gates that they settle."""
    items = evidence_of(row, subject)
    found = missing_papers(items)
    if not found:
        return [Paragraph(subject.tell("text.no_papers"))]
    rows = []
    for number, paper in enumerate(found, start=1):
        gates = dict.fromkeys(item.gate for item in items if item.paper == paper)
        clauses = dict.fromkeys(item.clause for item in items if item.paper == paper and item.clause)
        rows.append((Cell(str(number)), Cell(subject.say(f"evidence.papers.{paper}")),
                     Cell(subject.listed([subject.say(f"criteria.gate.{gate}") for gate in gates])),
                     Cell(subject.listed(list(clauses)), "muted")))
    heads = tuple(subject.tell(f"table.{name}") for name in ("number", "paper", "for_gate", "clause"))
    return [Table(heads, tuple(rows), (0.6, 5, 2.2, 1.2))]


def measures_table(rows: Sequence[MeasureRow], subject: Subject) -> Table:
    """Every criterion by group: what was measured, its value, weight and points; the groups' sums."""
    lines: list[tuple[Cell, ...]] = []
    for group, members in groupby(rows, key=lambda row: row.group):
        items = list(members)
        known = [item.points for item in items if item.state == KNOWN]
        dash = subject.say("sites.dash")
        lines.append((
            Cell(subject.say(f"criteria.group.{group}"), "strong"), Cell(""), Cell(""),
            Cell(subject.figure(sum(item.weight for item in items), "share"), "strong"),
            Cell(subject.points(sum(known)) if known else dash, "strong"), Cell(""),
        ))
        for item in items:
            told = item.state == KNOWN
            lines.append(
                (
                    Cell(subject.say(f"criteria.criterion.{item.criterion}")),
                    Cell(raw_text(item, subject.language), "" if told else "muted"),
                    Cell(f"{item.value:.2f}" if told else dash),
                    Cell(subject.figure(item.weight, "share")),
                    Cell(subject.points(item.points) if told else dash),
                    Cell(item.clause, "muted"),
                )
            )
    names = ("criterion", "measured", "value", "weight", "points", "clause")
    return Table(tuple(subject.tell(f"table.{name}") for name in names), tuple(lines), (3.4, 2.6, 1.1, 1, 0.9, 1),
                 ("left", "right", "right", "right", "right", "left"))


def basis_blocks(subject: Subject) -> list[Block]:
    """What the figures rest on: layers with their content hashes, the standard, the findings, what was not assessed."""
    study, county, tell = subject.study, subject.county, subject.tell
    blocks: list[Block] = [Heading(tell("head.basis")), Paragraph(tell("text.basis", version=own_version()))]
    blocks.append(
        Paragraph(
            subject.say(
                "report.summary.basis",
                scenario=study.scenario.name.get(subject.language, study.scenario.id),
                version=study.scenario.version,
                crs=crs_name(county),
            ),
            "note",
        )
    )
    if county.provenance:
        rows = tuple(
            (
                Cell(layer_text(one.role, subject.language)),
                Cell(re.split(r"[\\/]", one.source)[-1]),
                Cell(f"{one.rows_out:,}"),
                Cell(one.content_sha256[:16], "muted"),
            )
            for one in county.provenance
        )
        blocks.append(Table(tuple(tell(f"table.{name}") for name in ("layer", "file", "rows", "hash")), rows, (1.8, 3.6, 1, 2),
                            ("left", "left", "right", "left")))
    counted = {severity: sum(one.severity == severity for one in county.findings) for severity in SEVERITIES}
    blocks.append(Paragraph(tell("text.findings", **counted), "note"))
    limits = [str(one["text"][subject.language]) for one in notes(study)]   # type: ignore[index]
    lacking = lacking_texts(study, subject.language)
    if lacking or limits:
        blocks.append(Paragraph(tell("text.not_assessed"), "note"))
        blocks.append(Bullets(tuple([*lacking, *limits])))
    return blocks
