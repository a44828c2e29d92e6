"""How firmly the first site of a village stands: badge, shares of draws, the weights at which the lead is lost, the unknown."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from geo.robustness.acceptability import Acceptability, acceptability
from geo.robustness.change import smallest_change
from geo.robustness.contest import Contest, contest_of
from geo.robustness.thresholds import thresholds
from geo.robustness.unknown import unknown_effect
from ui.components.formats import is_missing, listed, number
from ui.components.kept import kept, weighed_by
from ui.components.reasons_view import badge_row
from ui.state import Session

SHOWN = 6
"""Sites whose share of first places is shown."""
_MARKS = {"only": "◆", "steady": "●", "contested": "◐", "coin_toss": "○"}
"""A sign beside the word: fuller is firmer, so it reads without colour."""


def share_text(share: float, session: Session, *, decimals: int = 0) -> str:
    """A share 0..1 in percent."""
    return session.figure(share, "share", decimals=decimals)


def badge_html(session: Session, row: pd.Series, *, with_share: bool = True) -> str:
    """The badge of the site that leads its village, with the figure behind it; empty text for any other site."""
    badges = badge_row(session, row["village_code"]) if not is_missing(row["village_code"]) else None
    if badges is None or badges.empty or badges["leader"].iloc[0] != row["candidate_id"]:
        return ""
    badge = badges.iloc[0]
    share = "" if badge["badge"] == "only" or not with_share else f" {share_text(badge['share_first'], session)}"
    word = escape(session.say(f"robustness.badge.{badge['badge']}"))
    return (f'<span class="cz-badge cz-firm-{badge["badge"]}" title="{escape(badge_help(session, badge))}">'
            f'{_MARKS[badge["badge"]]} {word}{share}</span>')


def badge_help(session: Session, badge: pd.Series) -> str:
    """The badge in a sentence, with the figures behind it."""
    rules = session.study.scenario.robustness
    return session.say(
        f"robustness.badge_help.{badge['badge']}", share=share_text(badge["share_first"], session), draws=number(rules.draws),
        error=share_text(badge["error"], session, decimals=1), spread=share_text(rules.spread, session))


def show_robustness(session: Session, row: pd.Series) -> None:
    """Everything on how firm the lead in the site's village is, and this site's own part in it."""
    code = row["village_code"]
    badges = badge_row(session, code) if not is_missing(code) else pd.DataFrame()
    if badges.empty:
        st.info(session.say("defend.firm.no_contest"))
        return
    badge = badges.iloc[0]
    contest = kept("contest", (*weighed_by(session), code), lambda: contest_of(session.study, str(code)))
    left, right = st.columns([0.5, 0.5], gap="large")
    with left:
        leads = badge["leader"] == row["candidate_id"]
        if not leads:
            st.caption(session.say("defend.firm.of_leader", leader=badge["leader"]))
        leader = session.candidate_row(str(badge["leader"]))
        lines = [badge_help(session, badge)]
        if not is_missing(badge["cause"]):
            lines.append(_cause(session, badge, contest))
        lines += _change_lines(session, contest)
        lines += _unknown_lines(session, contest)
        st.html(f'<div class="cz-firm">{badge_html(session, leader)}</div>'
                + "".join(f'<div class="cz-step">{escape(line)}</div>' for line in lines))
        st.markdown(f"**{session.say('defend.firm.shares')}**", help=session.say("defend.firm.shares_help"))
        found = kept("acceptability", (*weighed_by(session), code), lambda: _accepted(session, contest))
        st.html(shares_html(session, found, str(row["candidate_id"])))
    with right:
        st.markdown(f"**{session.say('defend.firm.bounds')}**", help=session.say("defend.firm.bounds_help"))
        st.html(bounds_html(session, thresholds(contest)))


def _accepted(session: Session, contest: Contest) -> Acceptability:
    rules = session.study.scenario.robustness
    return acceptability(contest, spread=rules.spread, draws=rules.draws, seed=rules.seed, unknown="sampled")


def _criteria(session: Session, names: Sequence[str]) -> str:
    return listed([session.say(f"criteria.criterion.{name}") for name in names], session.language)


def _cause(session: Session, badge: pd.Series, contest: Contest) -> str:
    effect = unknown_effect(contest)
    lacks = dict.fromkeys((*effect.leader_lacks, *effect.rival_lacks)) if effect is not None else ()
    return session.say(f"robustness.cause.{badge['cause']}", share=share_text(badge["share_first_weights"], session),
                       criteria=_criteria(session, tuple(lacks)))


def _change_lines(session: Session, contest: Contest) -> list[str]:
    change = smallest_change(contest)
    if change is None:
        return [session.say("robustness.change.none")] if len(contest.rivals) else []
    key = "exact" if change.exact else "searched"
    text = session.say(f"robustness.change.{key}", moved=share_text(change.moved, session, decimals=1), rival=change.rival)
    gains = {name: change.weights[name] - weight for name, weight in zip(contest.criteria, contest.weights, strict=True)}
    most, least = max(gains, key=lambda name: gains[name]), min(gains, key=lambda name: gains[name])
    moved = session.say("defend.firm.moved", least=session.say(f"criteria.criterion.{least}"),
                        most=session.say(f"criteria.criterion.{most}"))
    return [f"{text} {moved}" if session.language == "en" else f"{text}{moved}"]


def _unknown_lines(session: Session, contest: Contest) -> list[str]:
    effect = unknown_effect(contest)
    if effect is None or effect.rival is None:
        return []
    if not effect.leader_lacks and not effect.rival_lacks:
        return [session.say("robustness.unknown.none")]
    everywhere = _criteria(session, effect.lacked_by_all)
    by_all = [session.say("robustness.unknown.by_all", criteria=everywhere)] if effect.lacked_by_all else []
    figures = {"low": number(effect.leader_low, decimals=1), "high": number(effect.rival_high, decimals=1)}
    if not effect.can_unseat:
        return [session.say("robustness.unknown.cannot", **figures), *by_all]
    return [session.say("robustness.unknown.can", **figures, rival=effect.rival, criteria=_criteria(session, effect.leader_lacks),
                        rival_criteria=_criteria(session, effect.rival_lacks)), *by_all]


def shares_html(session: Session, found: Acceptability, selected: str) -> str:
    """Share of draws in which each site comes first, as bars; the selected site always among them."""
    first = found.first.sort_values(ascending=False, kind="stable")
    shown = list(first.index[:SHOWN])
    if selected in first.index and selected not in shown:
        shown.append(selected)
    rows = "".join(
        f'<tr{" class=cz-me" if one == selected else ""}><td class="cz-id">{escape(str(one))}</td>'
        f'<td class="cz-wide"><span class="cz-bar"><span style="width:{100 * first[one]:.1f}%"></span></span></td>'
        f'<td class="num">{escape(share_text(first[one], session, decimals=1))}</td>'
        f'<td class="num">{number(found.mean_rank[one], decimals=1)}</td></tr>' for one in shown)
    heads = "".join(f'<th class="{css}">{escape(session.say(f"defend.firm.{key}"))}</th>'
                    for key, css in (("site", ""), ("first", ""), ("share", "num"), ("mean_rank", "num")))
    return f'<table class="cz-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def bounds_html(session: Session, table: pd.DataFrame) -> str:
    """For each group: its share now, the span of shares in which the leader keeps its lead, and who wins beyond it, in words."""
    rows = []
    for row in table.to_dict("records"):
        name, now = session.say(f"criteria.group.{row['id']}"), share_text(row["share"], session)
        said = [session.say(f"robustness.bound.{side}", name=name, share=now, bound=share_text(row[side], session),
                            rival=row[f"{side}_to"]) for side in ("below", "above") if not is_missing(row[side])]
        text = " ".join(said) or session.say("robustness.bound.never", name=name, share=now)
        low = 0.0 if is_missing(row["below"]) else row["below"]
        high = 1.0 if is_missing(row["above"]) else row["above"]
        rows.append(
            f'<tr><td class="cz-nowrap">{escape(name)}</td><td class="cz-wide"><div class="cz-scale">'
            f'<div class="cz-range" style="left:{100 * low:.1f}%;width:{100 * max(high - low, 0):.1f}%"></div>'
            f'<div class="cz-tick" style="left:calc({100 * row["share"]:.1f}% - 1px)"></div></div>'
            f'<div class="{"cz-source" if said else "cz-source cz-muted"}">{escape(text)}</div></td></tr>')
    return f'<table class="cz-table cz-bounds"><tbody>{"".join(rows)}</tbody></table>'
