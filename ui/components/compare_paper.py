"""The comparison on paper: sheets that the browser prints, and the same sites as a PDF to take along."""

from __future__ import annotations

import datetime

import streamlit as st

from ui.components.compare_picture import site_svg
from ui.components.compare_sheet import Site, sheets_html
from ui.components.compare_style import paper_style
from ui.components.formats import is_missing
from ui.components.kept import weighed_by
from ui.map_base import base_of_village
from ui.maps import candidate_paint
from ui.state import Session

_DRAWN = "cz_compare_drawn"
_KEEP = 24
_PRINT_MS = 400
"""Until the pictures of the sheets are there."""


def lay_out(session: Session, sites: tuple[Site, ...], span_m: float) -> None:
    """Put the sheets on the page, unseen until it is printed."""
    maps = {site.id: _drawing(session, site, span_m) for site in sites}
    with st.container(key="compare_sheets"):
        st.html(paper_style() + sheets_html(session, sites, maps, span_m, today=datetime.date.today()))


def _drawing(session: Session, site: Site, span_m: float) -> str:
    """The map of a site, drawn once for these weights; of a site that belongs to no village, an empty sheet of ground."""
    if is_missing(site.row["village_code"]):
        return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
    key = (*weighed_by(session), session.language, site.id, span_m)
    drawn = st.session_state.setdefault(_DRAWN, {})
    if key not in drawn:
        while len(drawn) >= _KEEP:
            del drawn[next(iter(drawn))]
        code = str(site.row["village_code"])
        base = base_of_village(session, code, around=(site.id, span_m))
        drawn[key] = site_svg(base, candidate_paint(session, code, selected=site.id, badges=0))
    return drawn[key]


def print_buttons(session: Session, sites: tuple[Site, ...], print_place: st.delta_generator.DeltaGenerator,
                  pdf_place: st.delta_generator.DeltaGenerator) -> bool:
    """The buttons that print the sheets and hand over the PDF; True where printing was asked for just now."""
    asked = print_place.button(session.say("compare.print.button"), key="compare_print", icon=":material/print:", width="stretch",
                               help=session.say("compare.print.help"), disabled=not sites)
    if sites:
        from reports.document.files import MIME, Subject, file_name, short_document, written

        subject = Subject(session.study, session.county, session.language, datetime.date.today())
        ids = [site.id for site in sites]
        village = "" if is_missing(sites[0].row["village_name"]) else str(sites[0].row["village_name"])
        pdf_place.download_button(
            session.say("compare.print.pdf"), key="compare_pdf", icon=":material/picture_as_pdf:", width="stretch",
            data=lambda: written(short_document(subject, ids), "pdf"), mime=MIME["pdf"], on_click="ignore",
            file_name=f"{file_name(subject, 'short', village=village)}.pdf", help=session.say("compare.print.pdf_help"))
    return asked


def print_now() -> None:
    """Open the browser's print dialogue once the page is drawn."""
    st.html(f"<script>window.setTimeout(() => window.print(), {_PRINT_MS});</script>", unsafe_allow_javascript=True)
