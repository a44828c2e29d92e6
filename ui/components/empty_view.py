"""What to say, and what to do next, where a village has no candidate or none that passes."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from geo.evidence import evidence
from ui.components.evidence_view import gate_counts, missing_papers
from ui.components.formats import as_markdown, listed
from ui.state import Session

LOOKED_AT = 40
"""Candidates to verify whose evidence is looked through for missing papers: the best ones, which a person would settle first."""


def no_candidates(session: Session, village_code: str) -> None:
    """A village without any candidate: why, and what to look at."""
    name = as_markdown(village_name(session, village_code))
    county = session.county
    reason = "no_layer" if county.parcels is None and county.buildings is None else "no_candidates_why"
    st.info(f"**{session.say('sites.empty.no_candidates', village=name)}** {session.say(f'sites.empty.{reason}')}")


def none_passes(session: Session, village_code: str, rows: pd.DataFrame) -> None:
    """A village whose candidates all fail or wait: which gates stop them most often, and which papers would settle it.

    Parameters
    ----------
    rows : DataFrame
        All candidates of the village, best first.
    """
    name = as_markdown(village_name(session, village_code))
    parts = [f"**{session.say('sites.empty.none_passes', village=name)}**"]
    for column, key in (("failed_gates", "most_failed"), ("unverified_gates", "most_unverified")):
        counts = gate_counts(rows, column)[:3]
        if counts:
            gates = [session.say("sites.empty.gate_count", gate=session.say(f"criteria.gate.{gate}"), count=count)
                     for gate, count in counts]
            parts.append(session.say(f"sites.empty.{key}", gates=listed(gates, session.language)))
    waiting = rows.loc[rows["verdict"] == "verify", "candidate_id"].tolist()[:LOOKED_AT]
    papers = Counter(paper for candidate in waiting for paper in missing_papers(evidence(session.study, candidate)))
    if papers:
        names = [session.say(f"evidence.papers.{paper}") for paper, _ in papers.most_common(4)]
        parts.append(session.say("sites.empty.papers", papers=listed(names, session.language)))
    if not waiting:
        parts.append(session.say("sites.empty.all_fail"))
    st.warning(" ".join(parts))


def village_name(session: Session, village_code: str) -> str:
    """Name of a village, else its code."""
    row = session.village_row(village_code)
    return village_code if row is None or pd.isna(row["village_name"]) else str(row["village_name"])
