"""The Outputs page: everything that leaves the app, in one place, each with whom it is for."""

from __future__ import annotations

import streamlit as st

from reports.coverage import coverage_zip
from reports.workbook import workbook_bytes
from ui import plan_state, state
from ui.components import documents, plan_later, study_file
from ui.components.coverage_state import review_of
from ui.components.empty_view import village_name
from ui.components.formats import as_markdown
from ui.state import Session

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def render(session: Session) -> None:
    """Draw the page for what stands in the session."""
    st.subheader(session.say("outputs.title"), anchor=False)
    st.caption(session.say("outputs.lead"))
    left, right = st.columns(2, gap="medium")
    for place, part in ((left, _county), (right, _site), (left, _plan), (right, _study)):
        with place.container(border=True):
            part(session)


def _head(session: Session, part: str, **values: str) -> None:
    st.markdown(f"**{session.say(f'outputs.{part}.title')}**")
    st.caption(as_markdown(session.say(f"outputs.{part}.note", **values)))


def _county(session: Session) -> None:
    say, name = session.say, session.county.name
    _head(session, "county")
    st.download_button(
        say("app.coverage.report"), key="outputs_workbook", mime=XLSX, on_click="ignore", width="stretch", icon=":material/table:",
        data=lambda: workbook_bytes(session.study, session.county, session.language),
        file_name=say("sites.report.file", county=name), help=say("app.coverage.report_help"))
    if session.county.villages is None or session.county.villages.empty:
        return
    with st.spinner(say("coverage_page.working")):
        review = review_of(session)
    documents.county_button(session, review)
    st.download_button(
        say("coverage_page.download"), key="outputs_coverage", mime="application/zip", on_click="ignore", width="stretch",
        data=lambda: coverage_zip(review.coverage, session.language), icon=":material/folder_zip:",
        file_name=say("coverage_page.file", county=name), help=say("coverage_page.download_help"))


def _site(session: Session) -> None:
    row = session.candidate_row(session.candidate)
    if row is None:
        _missing(session, "site", "sites")
        return
    _head(session, "site", village=village_name(session, session.village), candidate=session.candidate)
    documents.site_button(session, row)


def _plan(session: Session) -> None:
    standing = plan_state.standing(plan_state.about_of(session))
    if standing is None or standing.plan.centres is None:
        _missing(session, "plan", "plan")
        return
    _head(session, "plan")
    plan_later.download(session, standing.plan)


def _study(session: Session) -> None:
    _head(session, "study")
    study_file.panel(session, expanded=True)


def _missing(session: Session, part: str, page: str) -> None:
    """What is not there yet, and the way to it."""
    st.markdown(f"**{session.say(f'outputs.{part}.title')}**")
    st.caption(session.say(f"outputs.{part}.none"))
    if st.button(session.say(f"outputs.{part}.open"), key=f"outputs_open_{page}", icon=":material/arrow_forward:"):
        state.go(page)
