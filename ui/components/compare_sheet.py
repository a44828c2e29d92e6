"""One A4 page for each compared site: drawn with the page, seen only when it is printed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from itertools import groupby

import pandas as pd

from geo.reasons import Sentence
from geo.results import Evidence
from geo.scenario import GATES
from layers.words import say
from reports.measure_rows import KNOWN, MeasureRow, raw_text
from ui.components import evidence_view
from ui.components.compare_plot import chip, picture
from ui.components.comparison import better
from ui.components.formats import band, is_missing, listed, number
from ui.components.reasons_view import sentences_html
from ui.state import Session


@dataclass(frozen=True)
class Site:
    """One column of the comparison: what the page and the paper say of a candidate."""

    id: str
    head: str
    """Village and id."""
    row: pd.Series
    measures: tuple[MeasureRow, ...]
    evidence: tuple[Evidence, ...]
    sentences: tuple[Sentence, ...]
    firm: str
    """Badge of how firmly it leads its village, as HTML; empty where it does not lead."""


def sheets_html(
    session: Session, sites: tuple[Site, ...], maps: Mapping[str, str], span_m: float, *, today: datetime.date,
) -> str:
    """All sheets in the order of the columns; `maps` are drawings (SVG) by candidate, each about `span_m` metres across."""
    return "".join(_sheet(session, sites, at, maps[site.id], span_m, today) for at, site in enumerate(sites))


def rank_text(row: pd.Series, language: str) -> str:
    """Rank in the village and in the county, or that there is none."""
    if is_missing(row["rank_in_county"]):
        return say("sites.detail.unranked", language)
    village = say("sites.dash", language) if is_missing(row["rank_in_village"]) else number(row["rank_in_village"])
    return say("sites.detail.rank", language, county=number(row["rank_in_county"]), village=village)


def _sheet(session: Session, sites: tuple[Site, ...], at: int, svg: str, span_m: float, today: datetime.date) -> str:
    site, tell = sites[at], session.say
    row, language = site.row, session.language
    facts = [tell(f"criteria.kind.{row['kind']}"), rank_text(row, language),
             tell("sites.detail.area", value=session.figure(row["parcel_area_m2"], "m2"))]
    score = band(row["score"], row["score_low"], row["score_high"], language)
    caption = tell("compare.print.map", span=session.figure(span_m, "m"))
    papers = [tell(f"evidence.papers.{paper}") for paper in evidence_view.missing_papers(site.evidence)]
    needed = tell("compare.print.papers", papers=listed(papers, language)) if papers else tell("sites.evidence.no_papers")
    others = [other.head for other in sites if other is not site]
    versus = tell("compare.print.versus", others=listed(others, language), better=tell("sites.compare.better")) if others else tell(
        "compare.print.alone")
    return (
        '<section class="cz-sheet">'
        f'<div class="cz-sheet-head"><span>{escape(tell("compare.print.head", county=session.county.name))}</span>'
        f'<span>{escape(tell("compare.print.page", at=at + 1, count=len(sites)))} · '
        f'{escape(tell("compare.print.date", date=today))}</span></div>'
        f'<div>{chip(at)}<span class="cz-title">{escape(site.head)}</span>{evidence_view.badge(str(row["verdict"]), language)} '
        f'{site.firm} <span class="cz-score">&ensp;{escape(tell("sites.score.label"))} {escape(score)}</span></div>'
        f'<div>{escape(" · ".join(facts))}</div>'
        f'<div class="cz-sheet-top"><div>{picture(svg, caption, css="cz-sheet-map")}'
        f'<div class="cz-note">{escape(caption)}</div></div>'
        f'<div><h3>{escape(tell("compare.part.reasons"))}</h3>{sentences_html(session, site.sentences, open_facts=True)}'
        f'<div class="cz-paper">{escape(needed)}</div></div></div>'
        f'<h3>{escape(tell("compare.print.measures"))}</h3><div class="cz-sheet-two">{_measures(sites, at, language)}</div>'
        f'<h3>{escape(tell("compare.print.gates"))}</h3><div class="cz-sheet-gates">{_gates(site, language)}</div>'
        f'<div class="cz-sheet-foot"><div>{escape(tell("compare.print.sign"))}</div>'
        f'<div class="cz-note">{escape(versus)}</div></div></section>'
    )


def _measures(sites: tuple[Site, ...], at: int, language: str) -> str:
    """Measures by group with their points; the best of the compared ones are marked as on the screen."""
    lines = list(zip(*(site.measures for site in sites), strict=True))
    blocks = []
    for group, some in groupby(lines, key=lambda line: line[0].group):
        members = list(some)
        known = [line[at].points for line in members if line[at].state == KNOWN]
        total = number(sum(known), decimals=1) if known else say("sites.dash", language)
        rows = [f'<div class="cz-sheet-row cz-sum"><span>{escape(say(f"criteria.group.{group}", language))}</span><span></span>'
                f'<span>{escape(total)}</span></div>']
        for line in members:
            row = line[at]
            best = better([one.value for one in line])[at]
            mark = f' <b>[{escape(say("sites.compare.better", language))}]</b>' if best else ""
            points = number(row.points, decimals=1) if row.state == KNOWN else say("sites.dash", language)
            rows.append(f'<div class="cz-sheet-row"><span>{escape(say(f"criteria.criterion.{row.criterion}", language))}</span>'
                        f'<span>{escape(raw_text(row, language))}{mark}</span><span>{escape(points)}</span></div>')
        blocks.append(f'<div>{"".join(rows)}</div>')
    return "".join(blocks)


def _gates(site: Site, language: str) -> str:
    """Every gate with its verdict and the piece of evidence that decides."""
    verdicts, pieces = evidence_view.gate_verdicts(site.row), evidence_view.by_gate(site.evidence)
    cells = []
    for gate in GATES:
        if gate in verdicts:
            why = "".join(f"<span>{escape(evidence_view.sentence(item, language))}</span>" for item in pieces.get(gate, ())[:1])
            cells.append(f'<div><b>{escape(say(f"criteria.gate.{gate}", language))}</b></div>'
                         f'<div>{evidence_view.badge(verdicts[gate], language)} {why}</div>')
    return "".join(cells)
