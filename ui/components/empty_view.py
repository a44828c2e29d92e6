"""What to say, and what to do next, where a village has no candidate or none that passes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ui.components.formats import as_markdown
from ui.components.reasons_view import village_text
from ui.state import Session


def no_candidates(session: Session, village_code: str) -> None:
    """A village without any candidate: why, and what to look at."""
    name = as_markdown(village_name(session, village_code))
    county = session.county
    reason = "no_layer" if county.parcels is None and county.buildings is None else "no_candidates_why"
    st.info(f"**{session.say('sites.empty.no_candidates', village=name)}** {session.say(f'sites.empty.{reason}')}")


def none_passes(session: Session, village_code: str) -> None:
    """A village whose candidates all fail or wait: why, which comes nearest, and which papers would settle it, in words."""
    name = as_markdown(village_name(session, village_code))
    text = as_markdown(village_text(session, village_code))
    st.warning(f"**{session.say('sites.empty.none_passes', village=name)}** {text}")


def village_name(session: Session, village_code: str) -> str:
    """Name of a village, else its code."""
    row = session.village_row(village_code)
    return village_code if row is None or pd.isna(row["village_name"]) else str(row["village_name"])
