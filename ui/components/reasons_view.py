"""Reasons in words, what would make a site pass or win, and why a village has no passing site."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from geo.evidence import evidence
from geo.reasons import Sentence, reasons
from geo.remedies import Lever, Plan, levers, plans, village_plans
from geo.remedy_phrases import outlooks_of
from geo.robustness.badge import village_badge
from geo.scenario import PASS
from geo.village_reasons import village_reasons
from layers.words import catalogue
from reports.reasons import lever_text, plan_text, rests_on_text, sentence_text, sentences_text
from ui.components import charts, evidence_view, measures_view
from ui.components.formats import is_missing, number
from ui.components.kept import kept, weighed_by
from ui.state import Session

NEIGHBOURS = 5
"""Other sites of the village that are told with what would make them pass, the least asking first."""


def badge_row(session: Session, village_code: object) -> pd.DataFrame:
    """The village's row of `geo.robustness.badge.county_badges`; no row where nothing is ranked there."""
    return kept("badge", (*weighed_by(session), village_code), lambda: village_badge(session.study, str(village_code)))


def site_sentences(session: Session, row: pd.Series) -> tuple[Sentence, ...]:
    """Two to five sentences on a candidate, with how firm its lead is or what would give it the lead."""
    candidate = str(row["candidate_id"])

    def make() -> tuple[Sentence, ...]:
        outlooks = outlooks_of(badge_row(session, row["village_code"]), session.study.scenario.robustness)
        found = () if candidate in outlooks else _levers(session, candidate)
        return reasons(session.study, session.county, [candidate], outlooks=outlooks, levers={candidate: found})[candidate]

    return kept("reasons", (*weighed_by(session), candidate), make)


def show_reasons(session: Session, row: pd.Series) -> None:
    """The sentences, large and calm, with what each rests on; beside them what the score is made of and the papers to bring."""
    sentences = site_sentences(session, row)
    language, candidate = session.language, str(row["candidate_id"])
    left, right = st.columns([0.6, 0.4], gap="large")
    with left:
        st.html(f'<div data-site="{escape(candidate, quote=True)}">{sentences_html(session, sentences)}</div>')
        with st.expander(session.say("defend.reasons.copy"), icon=":material/content_copy:"):
            st.code(sentences_text(sentences, language), language=None, wrap_lines=True)
    with right:
        st.markdown(f"**{session.say('sites.detail.chart')}**")
        rows = measures_view.measure_rows(session.study, candidate)
        st.html(charts.groups_html(rows, language))
        st.html(charts.band_html(row["score"], row["score_low"], row["score_high"], language))
        st.markdown(f"**{session.say('sites.evidence.papers')}**")
        papers = evidence_view.missing_papers(evidence(session.study, candidate))
        st.html("".join(f'<div class="cz-paper">{escape(session.say(f"evidence.papers.{paper}"))}</div>' for paper in papers)
                or f'<div class="cz-source">{escape(session.say("sites.evidence.no_papers"))}</div>')


def sentences_html(session: Session, sentences: Sequence[Sentence], *, open_facts: bool = False) -> str:
    """The sentences as an HTML list, each under what it is about; with the measures that each rests on, folded."""
    rows = []
    for sentence in sentences:
        facts = "" if open_facts else (
            f'<details class="cz-facts-of"><summary>{escape(session.say("defend.reasons.rests_on"))}</summary>'
            f'{escape(rests_on_text(sentence))}</details>')
        about = catalogue(session.language).get(f"defend.part.{sentence.part}", "")
        rows.append(f'<li><span class="cz-part">{escape(about)}</span><div>{escape(sentence_text(sentence, session.language))}'
                    f'{facts}</div></li>')
    return f'<ul class="cz-reasons">{"".join(rows)}</ul>'


def _levers(session: Session, candidate: str) -> tuple[Lever, ...]:
    return kept("levers", (*weighed_by(session), candidate), lambda: levers(session.study, session.county, candidate))


def show_better(session: Session, row: pd.Series) -> None:
    """What would make the site pass, what would make it win, and which neighbours could pass with little."""
    candidate = str(row["candidate_id"])
    left, right = st.columns(2, gap="large")
    with left:
        plan = kept("plan", (*weighed_by(session), candidate), lambda: plans(session.study, session.county, [candidate])[0])
        if row["verdict"] != PASS:
            st.markdown(f"**{session.say('defend.better.pass')}**")
            st.html(plan_html(session, plan))
        st.markdown(f"**{session.say('defend.better.win')}**")
        st.html(_win_html(session, row, plan))
    with right:
        st.markdown(f"**{session.say('defend.better.neighbours')}**")
        st.html(_neighbours_html(session, row))


def plan_html(session: Session, plan: Plan) -> str:
    """The steps of a plan and what they would give, as HTML."""
    texts = []
    if plan.possible:
        texts.append(session.say("defend.better.steps", steps=plan_text(plan, session.language)))
        if plan.rank_after is not None and not is_missing(plan.score_after):
            texts.append(session.say("defend.better.after", score=number(plan.score_after, decimals=1), rank=plan.rank_after))
        other = plan.alternative
        if other is not None and other.possible:
            texts.append(session.say("defend.better.or", steps=plan_text(other, session.language)))
    else:
        texts.append(session.say("defend.better.never", what=plan_text(plan, session.language)))
    return "".join(f'<div class="cz-step">{escape(text)}</div>' for text in texts)


def _win_html(session: Session, row: pd.Series, plan: Plan) -> str:
    leads = row["verdict"] == PASS and row["rank_in_village"] == 1
    if leads or not plan.possible:
        key = "leads" if leads else "cannot"
        return f'<div class="cz-step">{escape(session.say(f"defend.better.{key}"))}</div>'
    found = _levers(session, str(row["candidate_id"]))
    if not found:
        key = "first_after" if plan.rank_after == 1 else "no_lever"
        return f'<div class="cz-step">{escape(session.say(f"defend.better.{key}"))}</div>'
    return "".join(_lever_html(session, one) for one in found)


def _lever_html(session: Session, lever: Lever) -> str:
    change = session.say("defend.better.lever", lever=lever_text(lever, session.language), other=lever.leader_id)
    after = session.say("defend.better.lever_after", score=number(lever.score_after, decimals=1))
    return f'<div class="cz-step">{escape(change)}<div class="cz-source">{escape(after)}</div></div>'


def _neighbours_html(session: Session, row: pd.Series) -> str:
    """Sites of the same village that do not pass yet and ask least."""
    code = row["village_code"]
    if is_missing(code):
        return f'<div class="cz-source">{escape(session.say("defend.better.no_neighbours"))}</div>'
    found = kept("plans", (*weighed_by(session), code), lambda: village_plans(session.study, session.county, str(code)))
    others = [plan for plan in found if plan.candidate_id != row["candidate_id"]]
    near = [plan for plan in others if plan.verdict != PASS and plan.possible][:NEIGHBOURS]
    if not near:
        return f'<div class="cz-source">{escape(session.say("defend.better.no_neighbours"))}</div>'
    return "".join(f'<div class="cz-step"><b>{escape(plan.candidate_id)}</b> {plan_html(session, plan)}</div>' for plan in near)


def village_text(session: Session, village_code: str) -> str:
    """Why a village has no passing site, in words; empty where it has one. The same under all weights."""
    sentences = kept("village", (session.stamp, village_code),
                     lambda: village_reasons(session.base_study, session.county, village_code))
    return sentences_text(sentences, session.language)
