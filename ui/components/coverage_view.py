"""What the coverage review says in figures and sentences: where it stands, what is next, who counts twice, how unequal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from geo.coverage import UNSERVED_REASONS
from reports.coverage import reason_texts
from ui.components.coverage_state import Review
from ui.components.coverage_tables import overlap_of, venue_text
from ui.components.formats import as_markdown, is_missing, listed
from ui.state import Session

NAMES_SHOWN = 6
"""Villages or natural villages named in a sentence; of more, how many they are."""


def standing_counts(review: Review, township: str | None) -> dict[str, int]:
    """Villages by the venue they have today, and those planned to get one: keys *villages*, the statuses, *planned*, and what those
    below standard lack: *floor_area*, *courtyard*."""
    rows = review.villages(township)
    now, lacks = rows["venue_now"], rows["venue_lacks"].fillna("")
    counts = {status: int((now == status).sum()) for status in ("none", "below_standard", "adequate", "unknown")}
    below = (now == "below_standard").to_numpy(dtype=bool)
    return {"villages": len(rows), **counts, "planned": int((rows["venue"] == "planned").sum()),
            **{part: int(lacks[below].str.contains(part, regex=False).sum()) for part in ("floor_area", "courtyard")}}


def figures_row(session: Session, review: Review) -> None:
    """Six figures: villages by venue, people by walk."""
    say, found, scope = session.say, review.coverage, review.scope(session.township)
    counts = standing_counts(review, session.township)
    minutes, limit = f"{found.served_min:g}", f"{session.scenario.travel.walk_limit_min:g}"
    cells = [("none", counts["none"], _none_note(session, counts)),
             ("below", counts["below_standard"], _below_note(session, counts)),
             ("unknown", counts["unknown"], say("coverage_page.figure.unknown_note")),
             ("served", scope["people_served"], say("coverage_page.figure.served_note",
                                                    share=session.figure(scope["served_share"], "share"))),
             ("unserved", scope["people_unserved"], _beyond_note(session, scope)),
             ("unreachable", scope["people_unreachable"], _unreachable_note(session, review, scope))]
    unknown = is_missing(scope["people_served"])
    for column, (name, value, note) in zip(st.columns([1, 1, 1, 1.2, 1.2, 1.2]), cells, strict=True):
        blank = unknown and name in ("served", "unserved", "unreachable")
        column.metric(
            say(f"coverage_page.figure.{name}", minutes=minutes),
            say("sites.dash") if blank else session.figure(float(value), decimals=0),
            delta=say("coverage_page.figure.not_assessed") if blank else note, delta_color="off", delta_arrow="off",
            help=say(f"coverage_page.figure_help.{name}", minutes=minutes, limit=limit))


def _none_note(session: Session, counts: dict[str, int]) -> str:
    key = "none_planned_note" if counts["planned"] else "none_note"
    return session.say(f"coverage_page.figure.{key}", **{name: f"{value:,}" for name, value in counts.items()})


def _below_note(session: Session, counts: dict[str, int]) -> str:
    if not counts["below_standard"]:
        return session.say("coverage_page.figure.below_none")
    return session.say("coverage_page.figure.below_note", floor_area=counts["floor_area"], courtyard=counts["courtyard"])


def _beyond_note(session: Session, scope: pd.Series) -> str:
    if is_missing(scope["settlements_beyond"]):
        return session.say("coverage_page.figure.beyond_unknown")
    return session.say("coverage_page.figure.beyond_note", count=session.figure(scope["settlements_beyond"], decimals=0))


def _unreachable_note(session: Session, review: Review, scope: pd.Series) -> str:
    far, lost = float(scope["people_beyond_walk_limit"]), float(scope["people_unreachable"])
    if not lost > 0:
        return session.say("coverage_page.figure.all_reach")
    if far >= lost - 1e-6:
        return session.say("coverage_page.figure.too_far_all")
    if far > 0:
        return session.say("coverage_page.figure.too_far_some", people=session.figure(far, decimals=0))
    homeless = not len(review.coverage.venues)
    return session.say("coverage_page.figure.no_venue" if homeless else "coverage_page.figure.no_way")


def warnings(session: Session, review: Review) -> None:
    """What the figures lack: layers, places of venues, floor areas; and that they are the most there may be, where that is so."""
    say, found = session.say, review.coverage
    for role in found.not_assessed:
        st.warning(say(f"coverage.missing.{role}"))
    if review.unknown_counted:
        st.info(say("coverage_page.unknown_counted"))
    if found.unlocated:
        st.caption(say("coverage.fact.unlocated", venues=len(found.unlocated)))


def next_steps(session: Session, review: Review) -> list[str]:
    """What is to be done next where the session looks: the village that needs a venue most, sites there are, venues to look at."""
    say = session.say
    counts, need = standing_counts(review, session.township), review.need(session.township)
    waiting = need[(need["venue"] != "planned").to_numpy(dtype=bool)]
    texts = []
    if len(waiting):
        first = waiting.iloc[0]
        place = _name(first) if is_missing(first["township_name"]) else say(
            "coverage_page.next.place", village=_name(first), township=first["township_name"])
        texts.append(say("coverage_page.next.first", place=place, reasons=_reasons(session, review, first, most=2)))
        texts.append(_sites_text(session, waiting))
    if counts["planned"] and review.plan is not None and review.plan.coverage_after is not None:
        after = review.plan.coverage_after.county.iloc[0]
        texts.append(say("coverage_page.next.plan", villages=f"{len(review.plan.chosen):,}",
                         people=session.figure(after["people_served"], decimals=0),
                         share=session.figure(after["served_share"], "share")))
    if counts["unknown"]:
        rows = review.villages(session.township)
        unknown = rows[(rows["venue_now"] == "unknown").to_numpy(dtype=bool)]
        names = _names(session, unknown["village_name"].tolist())
        texts.append(say("coverage_page.next.unknown", count=f"{len(unknown):,}", villages=names))
    return texts or [say("coverage_page.next.nothing")]


def _sites_text(session: Session, waiting: pd.DataFrame) -> str:
    rows = session.study.villages.set_index("village_code").reindex(waiting["village_code"])
    passing, verifying = (rows[name].fillna(0).to_numpy(float) > 0 for name in ("passing", "verifying"))
    return session.say("coverage_page.next.sites", villages=f"{len(waiting):,}", passing=f"{int(passing.sum()):,}",
                       verifying=f"{int((~passing & verifying).sum()):,}", none=f"{int((~passing & ~verifying).sum()):,}")


def _name(row: pd.Series) -> str:
    return str(row["village_code"] if is_missing(row["village_name"]) else row["village_name"])


def _names(session: Session, names: Sequence[object]) -> str:
    """The first few of several names, and how many they are in all."""
    known = [str(name) for name in names if not is_missing(name)]
    text = listed(known[:NAMES_SHOWN], session.language)
    return text if len(known) <= NAMES_SHOWN else session.say("coverage_page.and_more", names=text, count=f"{len(known):,}")


def _reasons(session: Session, review: Review, row: pd.Series, *, most: int | None = None) -> str:
    texts = reason_texts(row.to_dict(), review.coverage.served_min, session.language)
    return session.say("coverage_page.need.join").join(texts[:most])


def village_texts(session: Session, review: Review, village_code: str) -> list[str]:
    """What there is to say of a village: venue, people and walks; why it needs a venue; its natural villages beyond reach."""
    say, row = session.say, review.village_row(village_code)
    if row is None:
        return []
    limit, minutes = f"{session.scenario.travel.walk_limit_min:g}", f"{review.coverage.served_min:g}"
    over = say("coverage_page.over_full", minutes=limit)
    far = float(row["people_beyond_walk_limit"]) >= float(row["people_unreachable"]) - 1e-6 > 0
    walks = [over if far and np.isinf(float(row[name])) else session.figure(row[name], "min")
             for name in ("mean_walk_min", "worst_walk_min")]
    texts = [say("coverage_page.village.facts", venue=venue_text(session, row), people=session.figure(row["people"], "people"),
                 served=session.figure(row["people_served"], "people"), share=session.figure(row["served_share"], "share"),
                 minutes=minutes, mean=walks[0], worst=walks[1])]
    if row["venue"] != "adequate" or float(row["people_unserved"]) > 0:
        texts.append(_reasons(session, review, row))
    return [text for text in (*texts, _natural(session, review, village_code)) if text]


def _natural(session: Session, review: Review, village_code: str) -> str:
    """Natural villages of a village beyond reach, those that walk longest first."""
    places = review.coverage.settlements
    mine = (places["village_code"] == village_code).fillna(False).to_numpy(dtype=bool) & places["reason"].notna().to_numpy()
    rows = places[mine].sort_values(["walk_min", "settlement_id"], ascending=[False, True], kind="stable")
    if rows.empty:
        return ""
    parts = []
    for row in rows.head(NAMES_SHOWN).to_dict("records"):
        walk = session.figure(row["walk_min"], "min") if np.isfinite(row["walk_min"]) else session.say(
            "coverage_page.over_full" if row["reason"] == "beyond_walk_limit" else "coverage.value.unreachable",
            minutes=f"{session.scenario.travel.walk_limit_min:g}")
        name = session.say("coverage_page.map.nameless") if is_missing(row["settlement_name"]) else row["settlement_name"]
        parts.append(session.say("coverage_page.village.place", name=name, walk=walk,
                                 people=session.figure(row["population"], "people")))
    names = listed(parts, session.language)
    if len(rows) > NAMES_SHOWN:
        names = session.say("coverage_page.and_more", names=names, count=len(rows))
    return session.say("coverage_page.village.beyond", minutes=f"{review.coverage.served_min:g}", places=names)


def overlap_view(session: Session, review: Review) -> None:
    """Catchments added up beside each person once, with the sentence that explains the difference."""
    say, found = session.say, review.coverage
    rows = overlap_of(review, "township" if session.township else "county", session.township)
    st.markdown(f"**{say('coverage_page.overlap.title')}**", help=say("coverage_page.overlap.help"))
    if rows.empty:
        st.caption(say("coverage_page.figure.not_assessed"))
        return
    st.dataframe(pd.DataFrame({
        say("coverage_page.overlap.limit"): [session.figure(value, "min", decimals=0) for value in rows["limit_min"]],
        **{say(f"coverage_page.overlap.{name}"): [session.figure(value, decimals=0) for value in rows[name]]
           for name in ("total_people", "unique_people", "twice_people")},
    }), hide_index=True, width="stretch", row_height=30)
    at = rows[np.isclose(rows["limit_min"].to_numpy(float), max(found.limits_min))].iloc[0]
    if at["total_people"] > 0:
        st.caption(say("coverage_page.overlap.sentence", minutes=f"{at['limit_min']:g}", **{
            name: session.figure(at[name], decimals=0) for name in ("total_people", "unique_people", "twice_people")}))


def reasons_view(session: Session, review: Review) -> None:
    """Why people are unserved, and how many may be served after all once a venue is looked at."""
    say, found = session.say, review.coverage
    homes = found.unserved
    if session.township is not None:
        codes = review.villages(session.township)["village_code"]
        homes = homes[homes["village_code"].isin(codes).to_numpy(dtype=bool)]
    st.markdown(f"**{say('coverage_page.reasons.title')}**")
    sums = homes.groupby("reason")["people"].sum()
    limits = {"limit_min": f"{found.served_min:g}", "walk_limit_min": f"{session.scenario.travel.walk_limit_min:g}"}
    rows = [(say(f"coverage.unserved.{reason}", **limits), session.figure(float(sums[reason]), decimals=0))
            for reason in UNSERVED_REASONS if reason in sums.index]
    if not rows:
        st.caption(say("coverage_page.figure.not_assessed" if found.not_assessed else "coverage_page.reasons.nobody"))
        return
    st.dataframe(pd.DataFrame(rows, columns=[say("coverage_page.reasons.reason"), say("coverage_page.reasons.people")]),
                 hide_index=True, width="stretch", row_height=30)
    maybe = float(review.scope(session.township)["people_maybe"])
    if maybe >= 0.5:
        st.caption(say("coverage.fact.maybe", people=session.figure(maybe, decimals=0)))


def inequality_view(session: Session, review: Review) -> None:
    """How unequal townships and villages are, with what the figure does not say; where floating-catchment access lacks areas."""
    say, found = session.say, review.coverage
    st.markdown(f"**{say('coverage_page.gini.title')}**")
    rows = found.inequality
    st.dataframe(pd.DataFrame({
        say("coverage_page.gini.measure"): [say(f"coverage.measure.{name}") for name in rows["measure"]],
        say("coverage_page.gini.between"): [say("coverage_page.gini.groups", between=say(f"coverage.between.{name}"), count=count)
                                            for name, count in zip(rows["between"], rows["groups"], strict=True)],
        say("coverage_page.gini.gini"): [session.figure(value, decimals=3) for value in rows["gini"]],
    }), hide_index=True, width="stretch", row_height=30)
    st.caption(say("coverage.caveat.gini"))


def floating_text(session: Session, review: Review) -> str:
    """What venue area a person means, and the villages whose venues are left out for want of a floor area."""
    say, venues = session.say, review.coverage.venues
    without = venues[venues["floor_area_m2"].isna().to_numpy()]
    if without.empty:
        return say("coverage.caveat.floating")
    names = review.coverage.villages.set_index("village_code")["village_name"].reindex(without["village_code"].dropna().unique())
    return say("coverage_page.floating_without", caveat=say("coverage.caveat.floating"),
               fact=say("coverage.fact.capacity_unknown", venues=f"{len(without):,}"), villages=_names(session, names.tolist()))


def paragraph(texts: Sequence[str], session: Session) -> str:
    """Sentences one after the other, their names as plain text."""
    return as_markdown((" " if session.language == "en" else "").join(texts))
