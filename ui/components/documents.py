"""Downloads of documents (Word, PDF): on a site, and on the whole county. Made only when asked for."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geo.planning import with_details
from geo.scenario import FAIL
from ui.components.coverage_state import Review, review_of
from ui.components.formats import is_missing
from ui.state import Session

if TYPE_CHECKING:
    from reports.document.files import Document, Subject


def site_button(session: Session, row: pd.Series) -> None:
    """A button that opens the documents on a candidate, by the weights of this moment."""
    say, site = session.say, str(row["candidate_id"])
    with st.popover(say("document.page.site"), icon=":material/description:", help=say("document.page.site_help"), width="stretch"):
        from reports.document.files import SHORT_SITES, best_sites, notice_document, short_document, site_document

        village = "" if is_missing(row["village_name"]) else str(row["village_name"])
        name = f"{village}-{site}"
        _line(session, "full", lambda subject: site_document(subject, site), name)
        _line(session, "short", lambda subject: short_document(subject, [site]), name)
        if not is_missing(row["rank_in_village"]):
            code = str(row["village_code"])
            _line(session, "shorts", lambda subject: short_document(subject, best_sites(subject, code, count=SHORT_SITES)), village,
                  label=say("document.page.shorts", count=SHORT_SITES))
        if row["verdict"] == FAIL:
            st.caption(say("document.page.no_notice"))
        else:
            _line(session, "notice", lambda subject: notice_document(subject, site), name)


def county_button(session: Session, review: Review) -> None:
    """A button that opens the county report, with the plan of the session where there is one."""
    say = session.say
    about = say("document.page.county_help")
    with st.popover(say("document.page.county"), icon=":material/description:", help=about, width="stretch"):
        shown = review_of(session) if review.unknown_counted else review

        def make(subject: Subject) -> Document:
            from reports.document.files import county_document

            plan = shown.plan
            if plan is not None and plan.choice is not None and plan.centres is None:
                plan = with_details(session.county, session.study, plan)
            return county_document(subject, shown.coverage, plan=plan)

        _line(session, "county", make, "", label=say("document.title.county"))


def _line(session: Session, form: str, make: Callable[[Subject], Document], name: str, *, label: str = "") -> None:
    """One document by name, with a button for each format."""
    from reports.document.files import FORMATS, MIME, Subject, file_name

    subject = Subject(session.study, session.county, session.language, datetime.date.today())
    st.markdown(f"**{label or session.say(f'document.page.{form}')}**")
    words = {"docx": "word", "pdf": "pdf"}
    kind = "short" if form == "shorts" else form
    for place, format in zip(st.columns(len(FORMATS)), FORMATS, strict=True):
        place.download_button(
            session.say(f"document.page.{words[format]}"), data=_maker(make, subject, format), mime=MIME[format], width="stretch",
            file_name=f"{file_name(subject, kind, village=name)}.{format}", key=f"document_{form}_{format}", on_click="ignore")


def _maker(make: Callable[[Subject], Document], subject: Subject, format: str) -> Callable[[], bytes]:
    def made() -> bytes:
        from reports.document.files import written

        return written(make(subject), format)

    return made
