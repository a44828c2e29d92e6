"""A second opinion beside our ranking: TOPSIS and VIKOR, and criteria that tell nearly the same."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from geo.second_opinion import SecondOpinion, second_opinion
from geo.weighting.redundancy import redundant
from ui.components.formats import is_missing, listed, number
from ui.components.kept import kept, weighed_by
from ui.components.robustness_view import share_text
from ui.state import Session

ROWS = 12
"""Sites of the table, best first; the selected one always among them."""
PAIRS = 4
"""Pairs of like criteria that are told, the closest first."""


def show_opinion(session: Session, row: pd.Series) -> None:
    """Ranks by three methods over the same sites and criteria, how far they agree, and which criteria repeat each other."""
    code = row["village_code"]
    left, right = st.columns([0.55, 0.45], gap="large")
    with left:
        st.markdown(f"**{session.say('defend.opinion.ranks')}**", help=session.say("defend.opinion.ranks_help"))
        with st.spinner(session.say("defend.opinion.wait"), show_time=True):   # the first time scikit-criteria is loaded
            opinion = kept("opinion", (*weighed_by(session), code), lambda: _opinion(session, code))
        if opinion.table.empty:
            st.caption(session.say("defend.opinion.nothing"))
        else:
            st.html(opinion_html(session, opinion, str(row["candidate_id"])))
    with right:
        st.markdown(f"**{session.say('defend.opinion.redundant')}**", help=session.say("defend.opinion.redundant_help"))
        with st.spinner(session.say("defend.opinion.wait"), show_time=True):
            pairs = kept("redundant", weighed_by(session),
                         lambda: redundant(session.study.candidates, session.study.values, session.study.scenario.weights,
                                           standing=session.study.standing))
        st.html(redundant_html(session, pairs))


def _opinion(session: Session, village_code: object) -> SecondOpinion:
    candidates = session.study.candidates
    here = (candidates["village_code"] == village_code).fillna(False).to_numpy(dtype=bool)
    return second_opinion(candidates[here], session.study.values[here], session.study.scenario.weights)


def opinion_html(session: Session, opinion: SecondOpinion, selected: str) -> str:
    """The agreement in sentences, then the ranks of each method side by side."""
    lines = []
    for one in opinion.agreement.to_dict("records"):
        method, spearman = session.say(f"robustness.opinion.{one['method']}"), one["spearman"]
        if is_missing(spearman):
            continue
        first = opinion.table.loc[opinion.table[f"rank_{one['method']}"] == 1, "candidate_id"]
        key = "same_first" if one["same_first"] else "other_first"
        lines.append(session.say(f"robustness.opinion.{key}", method=method, spearman=number(spearman, decimals=2),
                                 site=listed(first.tolist(), session.language)))
    close = opinion.table.loc[opinion.table["compromise"].astype(bool), "candidate_id"].tolist()
    if len(close) > 1:
        lines.append(session.say("robustness.opinion.compromise", sites=listed(close[:ROWS], session.language)))
    compared = share_text(opinion.weight_compared, session)
    lines.append(session.say("robustness.opinion.compared", weight=compared, count=len(opinion.table)))
    return "".join(f'<div class="cz-step">{escape(line)}</div>' for line in lines) + _ranks_html(session, opinion.table, selected)


def _ranks_html(session: Session, table: pd.DataFrame, selected: str) -> str:
    shown = table[(table["rank_score"] <= ROWS) | (table["candidate_id"] == selected)]
    heads = "".join(f'<th class="{css}">{escape(session.say(f"defend.opinion.{key}"))}</th>' for key, css in (
        ("site", ""), ("ours", "num"), ("topsis", "num"), ("vikor", "num")))
    rows = "".join(
        f'<tr{" class=cz-me" if one["candidate_id"] == selected else ""}><td class="cz-id">{escape(one["candidate_id"])}</td>'
        + "".join(f'<td class="num{" cz-apart" if one[f"rank_{method}"] != one["rank_score"] else ""}">{one[f"rank_{method}"]}</td>'
                  for method in ("score", "topsis", "vikor")) + "</tr>"
        for one in shown.to_dict("records"))
    return f'<table class="cz-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def redundant_html(session: Session, pairs: pd.DataFrame) -> str:
    """Pairs of criteria that tell nearly the same, and what dropping either would change."""
    if pairs.empty:
        return f'<div class="cz-source">{escape(session.say("defend.opinion.none_redundant"))}</div>'
    texts = []
    for one in pairs.head(PAIRS).to_dict("records"):
        names = {side: session.say(f"criteria.criterion.{one[side]}") for side in ("first", "second")}
        said = session.say("robustness.redundant.pair", **names, correlation=number(one["correlation"], decimals=2),
                           sites=number(one["sites"]), weight=share_text(one["weight_first"] + one["weight_second"], session))
        dropped = [session.say("robustness.redundant.dropped", name=names[side], leaders=number(one[f"leaders_without_{side}"]),
                               villages=number(one["villages"])) for side in ("first", "second")]
        texts.append(f'<div class="cz-step">{escape(said)}<div class="cz-source">{escape(" ".join(dropped))}</div></div>')
    return "".join(texts)
