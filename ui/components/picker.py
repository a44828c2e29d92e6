"""Which village is looked at: a searchable list with those without a venue first, a township filter, one step back and on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from ui import state
from ui.state import Session

STATUS_ORDER = ("none", "below_standard", "unknown", "adequate")
"""Villages without a venue are the planner's work, so they come first."""


def ordered_villages(villages: pd.DataFrame, township_code: str | None) -> pd.DataFrame:
    """Villages to choose from: by venue status (none first), then by township and village code.

    Parameters
    ----------
    villages : DataFrame
        `Study.villages`.
    township_code : str or None
        Only villages of this township.
    """
    if township_code is not None:
        villages = villages[(villages["township_code"] == township_code).fillna(False).to_numpy(dtype=bool)]
    place = villages["venue"].map({status: at for at, status in enumerate(STATUS_ORDER)}).fillna(len(STATUS_ORDER))
    keys = villages.assign(place=place)[["place", "township_code", "village_code"]]
    return villages.loc[keys.sort_values(["place", "township_code", "village_code"], kind="stable").index]


def village_option(row: Mapping[str, object], session: Session) -> str:
    """A village in the list: name, township and what venue it has."""
    township = row["township_name"] if pd.notna(row["township_name"]) else session.say("sites.dash")
    return session.say("sites.picker.option", village=row["village_name"], township=township,
                       status=session.say(f"criteria.venue.{row['venue']}"))


def township_filter(session: Session) -> None:
    """The township list; choosing one lets the village go when it lies elsewhere."""
    towns = session.study.villages[["township_code", "township_name"]].dropna().drop_duplicates().sort_values("township_code")
    names = dict(zip(towns["township_code"], towns["township_name"], strict=True))
    st.session_state["sites_township"] = session.township or ""
    st.selectbox(
        session.say("sites.picker.township"), ["", *names], key="sites_township", on_change=_township_chosen, args=(session,),
        format_func=lambda code: session.say("sites.picker.all_townships") if code == "" else names[code],
    )


def village_picker(session: Session) -> str | None:
    """Draw the filter, the list and the two steps; return the code of the village in view, None where there are no villages."""
    if session.study.villages.empty:
        return None
    villages = ordered_villages(session.study.villages, session.township)
    codes = villages["village_code"].tolist()
    if session.village is not None and session.village not in codes:
        codes.insert(0, session.village)
    village = session.village or codes[0]
    if session.village is None:
        state.select_village(village)
    named = session.study.villages[["village_code", "village_name", "township_name", "venue"]]
    labels = {row["village_code"]: village_option(row, session) for row in named.to_dict("records")}
    at = codes.index(village)
    filter_place, list_place, back, on = st.columns([0.22, 0.50, 0.14, 0.14], vertical_alignment="bottom")
    with filter_place:
        township_filter(session)
    with list_place:
        st.session_state["sites_village"] = village
        st.selectbox(session.say("sites.picker.village"), codes, key="sites_village", format_func=labels.__getitem__,
                     on_change=_village_chosen)
    before, after = codes[max(at - 1, 0)], codes[min(at + 1, len(codes) - 1)]
    back.button(session.say("sites.picker.previous"), key="sites_previous", icon=":material/chevron_left:", disabled=at == 0,
                on_click=state.select_village, args=(before,), width="stretch")
    on.button(session.say("sites.picker.next"), key="sites_next", icon=":material/chevron_right:", icon_position="right",
              disabled=at == len(codes) - 1, on_click=state.select_village, args=(after,), width="stretch")
    return village


def _township_chosen(session: Session) -> None:
    code = st.session_state["sites_township"] or None
    state.select_township(code)
    row = session.village_row(session.village)
    if code is not None and (row is None or row["township_code"] != code):
        state.select_village(None)


def _village_chosen() -> None:
    state.select_village(st.session_state["sites_village"])
