"""Where the county stands, to be read in seconds: one sentence, one bar of all villages by venue, and where most lack one."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui.components.coverage_state import Review
from ui.components.coverage_view import standing_counts
from ui.components.formats import listed, number
from ui.state import Session
from ui.theme import STATUS_COLOURS, STATUS_HATCHED

ORDER = ("adequate", "below_standard", "none", "unknown")
"""Statuses from left to right: what is done first, so that the bar fills as the work goes on."""
WORST_SHOWN = 3
_HATCH = "repeating-linear-gradient(45deg, rgba(60,30,0,.55) 0 1px, transparent 1px 5px)"

_STYLE = """
<style>
.cz-headline {font-size: 1.45rem; font-weight: 650; line-height: 1.25; margin: 0;}
.cz-headline b {color: #c8431f; color: light-dark(#b53a18, #ff8a66);}
.cz-standing {display: flex; height: .85rem; border-radius: 3px; overflow: hidden; margin: .35rem 0 .25rem 0; gap: 2px;}
.cz-standing span {display: block; min-width: 3px;}
.cz-standing-key {display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: .84rem; font-variant-numeric: tabular-nums;}
.cz-standing-key i {display: inline-block; width: .7rem; height: .7rem; border-radius: 2px; margin-right: .35rem;
  vertical-align: -.05rem;}
.cz-standing-key .cz-where {opacity: .78;}
</style>
"""


def headline(session: Session, review: Review) -> None:
    """Draw sentence, bar and key for the township the session looks at, or for the whole county."""
    counts = standing_counts(review, session.township)
    place = _place(session)
    status = "none" if counts["none"] else "unknown" if counts["unknown"] else None
    if status is None:
        text = escape(session.say("coverage_page.headline_done", place=place, villages=number(counts["villages"])))
    else:
        mark = "\u0000"   # stands for the figure, which is set apart after the names are made safe
        key = {"none": "headline", "unknown": "headline_unknown"}[status]
        text = escape(session.say(f"coverage_page.{key}", place=place, villages=number(counts["villages"]), **{status: mark}))
        text = text.replace(mark, f"<b>{number(counts[status])}</b>")
    shown = [status for status in ORDER if counts[status]]
    bar = "".join(f'<span style="flex:{counts[status]} 1 0;background:{_fill(status)}"></span>' for status in shown)
    key = "".join(f'<span><i style="background:{_fill(status)}"></i>{escape(_label(session, status, counts[status]))}</span>'
                  for status in shown)
    where = worst_townships(session, review)
    if where:
        key += f'<span class="cz-where">{escape(session.say("coverage_page.where", townships=where))}</span>'
    label = escape(listed([_label(session, status, counts[status]) for status in shown], session.language), quote=True)
    st.html(f'{_STYLE}<p class="cz-headline" role="heading" aria-level="2">{text}</p>'
            f'<div class="cz-standing" role="img" aria-label="{label}">{bar}</div><div class="cz-standing-key">{key}</div>')


def worst_townships(session: Session, review: Review) -> str:
    """Townships with most villages without a venue, most first; nothing where one township is looked at."""
    if session.township is not None:
        return ""
    rows = review.villages(None)
    rows = rows[(rows["venue_now"] == "none").to_numpy(dtype=bool) & rows["township_name"].notna().to_numpy()]
    if rows.empty:
        return ""
    most = rows.groupby("township_name").size().reset_index(name="count")
    most = most.sort_values(["count", "township_name"], ascending=[False, True]).head(WORST_SHOWN)
    return listed([session.say("coverage_page.where_one", township=name, count=number(count))
                   for name, count in zip(most["township_name"], most["count"], strict=True)], session.language)


def _place(session: Session) -> str:
    villages = session.study.villages
    names = villages.loc[(villages["township_code"] == session.township).fillna(False).to_numpy(bool), "township_name"].dropna()
    return session.county.name if session.township is None or names.empty else str(names.iloc[0])


def _label(session: Session, status: str, count: int) -> str:
    return session.say("coverage_page.bar", status=session.say(f"criteria.venue.{status}"), count=number(count))


def _fill(status: str) -> str:
    return f"{_HATCH}, {STATUS_COLOURS[status]}" if status in STATUS_HATCHED else STATUS_COLOURS[status]
