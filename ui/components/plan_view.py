"""What a plan brings, in figures and sentences: before and after, the proof, a contradiction by name, two plans side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from geo.choice import NoPlanInTimeError, RuleName, RulesError
from geo.choice.alternatives import Comparison, compare
from geo.choice.plan import Choice
from geo.coverage import Coverage
from geo.planning import Plan
from reports.plan_words import counting_texts, fact_texts, place_name, proof_texts
from ui.components.formats import as_markdown
from ui.errors import show_problems
from ui.plan_state import YUAN_PER_WAN
from ui.planning import rule_fault_text
from ui.state import Session

FIGURES = ("covered", "unserved", "cost", "subsidy", "without")
"""Figures of a plan, in the page's order; their units are those of `UNITS`."""

TOGETHER = 4
"""So many rules of a kind in a contradiction are told in one sentence."""

UNITS = {"covered": "people", "unserved": "people", "cost": "yuan", "subsidy": "yuan", "without": "villages"}


def people_within(coverage: Coverage, within_min: float) -> tuple[float, float]:
    """People within a walk of `within_min` minutes of a venue that counts, and the others; NaN where walks cannot be told."""
    homes = coverage.residents
    if homes.empty:
        return float("nan"), float("nan")
    people = homes["people"].to_numpy(float)
    near = homes["walk_min"].to_numpy(float) <= within_min + 1e-9
    return float(people[near].sum()), float(people[~near].sum())


def plan_figures(plan: Plan, within_min: float) -> pd.DataFrame:
    """The figures of a plan before and after: rows `FIGURES`, columns `before`, `after`; people, yuan, villages.

    *without* counts the villages that need a venue and get none, their own or shared. What the plan costs is NaN where the cost of
    a chosen site is not known.
    """
    choice = plan.choice
    covered_before, unserved_before = people_within(plan.coverage_before, within_min)
    covered, unserved = people_within(plan.coverage_after, within_min)
    needing = (plan.villages["venue_now"] == "none").to_numpy(bool)
    left = float((needing & (plan.villages["decision"] == "none").to_numpy(bool)).sum())
    return pd.DataFrame(
        {"before": [covered_before, unserved_before, 0.0, 0.0, float(needing.sum())],
         "after": [covered, unserved, choice.cost_yuan["cost"], choice.cost_yuan["subsidy"], left]}, index=list(FIGURES))


def figure_text(session: Session, name: str, value: float) -> str:
    """One of the figures without its unit, which its name carries: people, villages, or yuan in units of 10,000."""
    if pd.isna(value) or UNITS[name] != "yuan":
        return session.figure(value, decimals=0)
    return f"{value / YUAN_PER_WAN:,.1f}".removesuffix(".0")


def figures_row(session: Session, plan: Plan, within_min: float) -> None:
    """The five figures, each with what it was before."""
    table, minutes = plan_figures(plan, within_min), f"{within_min:g}"
    columns = st.columns(len(FIGURES))
    for column, name in zip(columns, FIGURES, strict=True):
        before = session.say("plan_page.figures.was", value=figure_text(session, name, table.at[name, "before"]))
        if name in ("cost", "subsidy"):
            before = session.say("plan_page.figures.built", count=len(plan.choice.built)) if name == "cost" else \
                session.say("plan_page.figures.share", value=_share(session, plan.choice))
        column.metric(
            session.say(f"plan_page.figures.{name}", minutes=minutes), figure_text(session, name, table.at[name, "after"]),
            delta=before, delta_color="off", delta_arrow="off",
            help=session.say(f"plan_page.figures_help.{name}", minutes=minutes))


def _share(session: Session, choice: Choice) -> str:
    cost = choice.cost_yuan["cost"]
    return session.figure(choice.cost_yuan["subsidy"] / cost if cost > 0 else float("nan"), "share", decimals=0)


def grouped(text: str) -> str:
    """A sentence whose whole numbers of four digits and more have thousands separators.

    Examples
    --------
    >>> grouped("198326 of 380000 people, 12.5 min")
    '198,326 of 380,000 people, 12.5 min'
    """
    return re.sub(r"(?<![\d.,])\d{4,}(?![\d.])", lambda found: f"{int(found.group()):,}", text)


def proof_lines(session: Session, plan: Plan) -> None:
    """The proof in plain words, a line for each objective, and why the figures above differ from it; behind it the facts."""
    mark = "✓" if plan.choice.proven else "≈"
    proven = proof_texts(plan, session.language)
    rows = "".join(f'<div class="cz-proof"><b>{mark}</b> {escape(grouped(text))}</div>' for text in proven)
    counting = counting_texts(plan, session.language)
    rows += "".join(f'<div class="cz-counting">{escape(grouped(text))}</div>' for text in counting)
    facts = [grouped(text) for text in fact_texts(plan, session.language) if text not in (*proven, *counting)]
    facts.append(session.say("plan_page.proof.seconds", seconds=f"{sum(plan.seconds.values()):.1f}"))
    st.html(_STYLE + rows)
    with st.expander(session.say("plan_page.proof.facts")):
        st.html("".join(f'<div class="cz-source">{escape(text)}</div>' for text in facts))


_STYLE = """<style>.cz-proof {border-left: 3px solid #0b6470; padding: 0 0 0 .55rem; margin: .2rem 0 .35rem 0;
  font-size: .86rem; line-height: 1.45;} .cz-proof b {color: #0b6470; margin-right: .2rem;}
  .cz-counting {font-size: .8rem; line-height: 1.45; opacity: .75; margin: .3rem 0 0 .75rem;}</style>"""


def contradiction(session: Session, refused: Plan) -> None:
    """Which rules cannot hold together, by name and village, and what can be done."""
    say, conflict = session.say, refused.conflict
    if conflict is None:
        return
    st.warning(f"**{say('plan_page.conflict.title')}**")
    with st.container(border=True):
        st.markdown(say("choice.contradiction.smallest" if conflict.smallest else "choice.contradiction.irreducible"))
        _listed(conflict_lines(session, refused, conflict.rules))
        if conflict.others:
            st.markdown(say("choice.contradiction.others"))
            _listed([say("plan.report.together").join(conflict_lines(session, refused, rules)) for rules in conflict.others])
        st.caption(say("plan_page.conflict.advice"))


def conflict_lines(session: Session, refused: Plan, rules: Sequence[RuleName]) -> list[str]:
    """Rules in words, those of one kind taken together with all their villages named; the rarest kind, mostly to blame, first."""
    kinds: dict[str, list[RuleName]] = {}
    for rule in rules:
        kinds.setdefault(rule.rule, []).append(rule)
    lines = []
    for rule, same in sorted(kinds.items(), key=lambda item: len(item[1])):
        if len(same) < TOGETHER:
            lines += [_rule_line(session, refused, one) for one in same]
            continue
        names = say_names(session, [place_name(one.subject[0], refused, session.language) for one in same])
        lines.append(session.say(f"choice.rule.{rule}", a=names, b=""))
    return lines


def say_names(session: Session, names: Sequence[str]) -> str:
    """Several names as one subject of a sentence."""
    return session.say("plan_page.conflict.each_of", names=session.say("sites.list_comma").join(names), count=len(names))


def _rule_line(session: Session, refused: Plan, rule: RuleName) -> str:
    names = [place_name(code, refused, session.language) for code in (*rule.subject, "", "")[:2]]
    text = session.say(f"choice.rule.{rule.rule}", a=names[0], b=names[1])
    limit = refused.rules.choice.budget_yuan
    if rule.rule == "budget" and limit is not None:
        amount = session.say("plan_page.unit.wan", value=figure_text(session, "cost", limit))
        return session.say("plan_page.conflict.amount", rule=text, amount=amount)
    return text


def _listed(texts: list[str]) -> None:
    st.markdown("\n".join(f"- {as_markdown(text)}" for text in texts))


def fault(session: Session, error: Exception) -> None:
    """Why the rules cannot be used, or that no plan was found in time, in words."""
    if isinstance(error, RulesError):
        st.error(f"**{session.say('plan_page.fault.rules')}**")
        _listed([rule_fault_text(problem, session.language) for problem in error.problems])
    elif isinstance(error, NoPlanInTimeError):
        st.error(session.say("plan_page.fault.no_time"))
    else:
        show_problems(error, session.language)


def side_by_side(session: Session, old: Plan, new: Plan, within_min: float) -> None:
    """The plan before the last change beside the present one: figures, who gains and who loses, and where sites differ."""
    say = session.say
    first, second = plan_figures(old, within_min), plan_figures(new, within_min)
    rows = {say(f"plan_page.figures.{name}", minutes=f"{within_min:g}"): [
        figure_text(session, name, first.at[name, "before"]), figure_text(session, name, first.at[name, "after"]),
        figure_text(session, name, second.at[name, "after"])] for name in FIGURES}
    rows[say("plan_page.compare.mean_walk")] = [
        session.figure(value, "min") for value in (old.choice.before.mean_walk_min, old.choice.coverage.mean_walk_min,
                                                   new.choice.coverage.mean_walk_min)]
    heads = [say(f"plan_page.compare.{name}") for name in ("today", "old", "new")]
    left, right = st.columns([0.5, 0.5], gap="medium")
    left.dataframe(pd.DataFrame.from_dict(rows, orient="index", columns=heads), width="stretch", row_height=30)
    with right:
        try:
            gains(session, compare(old.choice, new.choice))
        except ValueError:   # another set of homes: the county's data has changed in between
            st.caption(say("plan_page.compare.other_people"))
        changes = changed_sites(old.choice, new.choice)
        for row in changes.head(8).to_dict("records"):
            st.text(say("plan_page.compare.change", village=row["village_name"], old=row["old"] or say("sites.dash"),
                        new=row["new"] or say("sites.dash")))
        if len(changes) > 8:
            st.caption(say("plan_page.compare.more", count=len(changes) - 8))


def changed_sites(old: Choice, new: Choice) -> pd.DataFrame:
    """Villages whose site differs between two plans: `village_code`, `village_name`, `old`, `new` (empty text: none)."""
    first, second = (choice.villages.set_index("village_code")["site_id"] for choice in (old, new))
    both = pd.DataFrame({"old": first, "new": second}).astype(object)
    both = both.where(both.notna(), "")
    names = new.villages.set_index("village_code")["village_name"]
    return both[both["old"] != both["new"]].assign(village_name=names).reset_index()[["village_code", "village_name", "old", "new"]]


def gains(session: Session, result: Comparison) -> None:
    """Who gains and who loses between two plans, in people and minutes, the worst-off named."""
    say = session.say

    def whole(**values: float) -> dict[str, str]:
        return {name: f"{value:,.0f}" for name, value in values.items()}

    sentences = [
        say("choice.compare.people", **whole(gain=result.gain, lose=result.lose, same=result.same, gained_min=result.gained_min,
                                             lost_min=result.lost_min)),
        say("choice.compare.served", **whole(newly_served=result.newly_served, no_longer_served=result.no_longer_served,
                                             served_by_neither=result.served_by_neither)),
    ]
    if result.worst_a[0] >= 0 and result.worst_b[0] >= 0:
        sentences.append(say("choice.compare.worst", worst_a_min=f"{result.worst_a[2]:.0f}", worst_b_min=f"{result.worst_b[2]:.0f}",
                             village_a=_village(session, result.worst_a[1]), village_b=_village(session, result.worst_b[1])))
    if result.hardest_hit[0] >= 0 and np.isfinite(result.hardest_hit[2]):
        sentences.append(say("choice.compare.hardest_hit", village=_village(session, result.hardest_hit[1]),
                             minutes=f"{result.hardest_hit[2]:.1f}"))
    for sentence in sentences:
        st.text(sentence)


def _village(session: Session, code: str | None) -> str:
    row = session.village_row(code)
    return session.say("sites.dash") if row is None or pd.isna(row["village_name"]) else str(row["village_name"])
