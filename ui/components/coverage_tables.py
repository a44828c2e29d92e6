"""The tables of the coverage review as the page shows them: which villages need a venue first, and who is served, level by level.

Numbers stay numbers, so that columns sort; unknown and unreachable are words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from geo.coverage import VENUE_STATES, people_column
from reports.coverage import lacks_text, reason_texts
from ui.components.coverage_state import Review
from ui.components.formats import is_missing
from ui.components.widths import column_px
from ui.state import Session

LEVELS = ("villages", "townships", "county")
"""What the figures are told for."""

NEEDS = ("none", "below_standard", "all")
"""Which villages the list of need shows: without a venue, with one below standard, both."""

_LEAST_PX = {"villages": 56, "people": 72, "served_share": 70, **{f"villages_{state}": 56 for state in VENUE_STATES}}
"""Room for the figures of narrow columns, px; others take `_FIGURE_PX`."""
_FIGURE_PX, _NAME_PX = 80, 88

WALKS = ("mean_walk_min", "worst_walk_min")


def venue_text(session: Session, row: pd.Series | dict) -> str:
    """Venue of a village in words, with what it lacks where it is below standard."""
    status, lacks = session.say(f"coverage.venue.{row['venue']}"), lacks_text(row["venue_lacks"], session.language)
    if row["venue"] == "below_standard" and lacks:
        return session.say("coverage_page.lacking", status=status, lacks=lacks)
    return status


def needing(review: Review, township: str | None, which: str) -> pd.DataFrame:
    """Rows of `Coverage.need` of `NEEDS`, judged by the venue as it stands: a planned one is not there yet."""
    rows = review.need(township)
    return rows if which == "all" else rows[(rows["venue_now"] == which).to_numpy(dtype=bool)]


def need_table(session: Session, review: Review, which: str) -> pd.DataFrame:
    """Villages that still need a venue, in the order of need, each with its reason: cells of the page's list, the code first."""
    rows = needing(review, session.township, which)
    served_min, join = review.coverage.served_min, session.say("coverage_page.need.join")
    without = {"no_venue"} if which == "none" else ()   # the list's heading says it
    return pd.DataFrame({
        "village_code": rows["village_code"].to_numpy(object), "order": np.arange(1, len(rows) + 1),
        "village_name": _named(rows, "village"), "township_name": _named(rows, "township"),
        "venue": [session.say(f"coverage.venue.{status}") for status in rows["venue"]],
        "people_unserved": rows["people_unserved"].to_numpy(float).round(),
        "reason": [join.join(reason_texts(row, served_min, session.language, without=without)) for row in rows.to_dict("records")],
    })


def need_columns(session: Session) -> dict:
    """Heads and widths of the list of need."""
    config = st.column_config

    def head(name: str, least: int, cells: Sequence[str] = ()) -> dict[str, str | int]:
        label = session.say(f"coverage_page.head.{name}")
        return {"label": label, "width": column_px(label, least=least, cells=cells)}

    states = [session.say(f"coverage.venue.{status}") for status in ("none", "below_standard", "planned")]
    return {
        "order": config.NumberColumn(**head("order", 46), pinned=True),
        "village_name": config.TextColumn(**head("village_name", 82), pinned=True),
        "township_name": config.TextColumn(**head("township_name", 74)),
        "venue": config.TextColumn(**head("venue", 74, states)),
        "people_unserved": config.NumberColumn(**head("people_unserved", 66), format="localized"),
        "reason": config.TextColumn(**head("reason", 680)),
    }


def figures_table(session: Session, review: Review, level: str) -> pd.DataFrame:
    """The figures of every village (of the township looked at), of every township, or of what is looked at as a whole.

    Parameters
    ----------
    session : Session
    review : Review
    level : str
        Of `LEVELS`.

    Returns
    -------
    DataFrame
        `village_code` or `township_code` where there is one, the names, the standing of venues, people by walk (as
        `geo.coverage.people_column` names them), `served_share`, those unserved, walks in minutes, natural villages
        beyond reach with their people, `total_people` and `unique_people` within the walk that counts as served, and
        `floating_m2`. Villages with most people unserved first, townships with the smallest share served first.
    """
    found = review.coverage
    if level == "villages":
        rows = review.villages(session.township).sort_values(
            ["people_unserved", "village_code"], ascending=[False, True], na_position="last", kind="stable")
        head = {"village_code": rows["village_code"].to_numpy(object), "village_name": _named(rows, "village"),
                "township_name": _named(rows, "township"),
                "venue": [venue_text(session, row) for row in rows.to_dict("records")]}
        keys = rows["village_code"]
    elif level == "townships":
        rows = found.townships.sort_values(["served_share", "township_code"], na_position="last", kind="stable")
        head = {"township_code": rows["township_code"].to_numpy(object), "township_name": _named(rows, "township")}
        keys = rows["township_code"]
    else:
        rows = review.scope(session.township).to_frame().T.infer_objects()
        head = {}
        keys = pd.Series([session.township]) if session.township else pd.Series([None], dtype=object)
    if level != "villages":
        head |= {name: rows[name].to_numpy() for name in ("villages", *_states(review))}
    people = [people_column(limit) for limit in found.limits_min]
    numbers = {name: rows[name].to_numpy(float).round() for name in ("people", *people)}
    table = pd.DataFrame({
        **head, **numbers, "served_share": rows["served_share"].to_numpy(float),
        **{name: rows[name].to_numpy(float).round() for name in ("people_unserved", "people_unreachable")},
        "people_by_neighbour": rows["people_by_neighbour"].to_numpy(float).round(),
        **({"neighbour_name": _neighbours(session, rows)} if level == "villages" else {}),
        **{name: rows[name].to_numpy(float) for name in WALKS},
        "settlements": rows["settlements"].to_numpy(float), "settlements_beyond": rows["settlements_beyond"].to_numpy(float),
        "settlements_beyond_people": rows["settlements_beyond_people"].to_numpy(float).round(),
        **_catchments(review, "county" if level == "county" and not session.township else _LEVEL_OF[level], keys),
        "floating_m2": rows["floating_m2"].to_numpy(float),
        "too_far": _too_far(rows),
    })
    return table.reset_index(drop=True)


_LEVEL_OF = {"villages": "village", "townships": "township", "county": "township"}


def _named(rows: pd.DataFrame, place: str) -> np.ndarray:
    """Names of villages or townships, the code where there is none."""
    return rows[f"{place}_name"].fillna(rows[f"{place}_code"]).to_numpy(object)


def _states(review: Review) -> list[str]:
    """Columns of villages by venue status; planned only where there is one."""
    found = review.coverage.county.iloc[0]
    names = ["villages_none", "villages_below_standard", "villages_planned", "villages_adequate", "villages_unknown"]
    return [name for name in names if name != "villages_planned" or found[name] > 0]


def _neighbours(session: Session, rows: pd.DataFrame) -> list[str]:
    return [session.say("sites.dash") if is_missing(name) else str(name) for name in rows["neighbour_name"]]


def _too_far(rows: pd.DataFrame) -> np.ndarray:
    """Whether all who reach no venue have a way to one, only longer than any walk that is sought."""
    lost, far = rows["people_unreachable"].to_numpy(float), rows["people_beyond_walk_limit"].to_numpy(float)
    return (lost > 0) & (lost - far < 1e-6)


def _catchments(review: Review, level: str, codes: pd.Series) -> dict[str, np.ndarray]:
    """People in the catchments of the venues of each place, added up and each once, within the walk that counts as served."""
    rows = overlap_of(review, level, None)
    rows = rows[np.isclose(rows["limit_min"].to_numpy(float), review.coverage.served_min)]
    names = ("total_people", "unique_people")
    if level == "county":
        return {name: rows[name].to_numpy(float).round() if len(rows) else np.array([np.nan]) for name in names}
    table = rows[rows["code"].notna()].set_index("code")[list(names)].reindex(codes)
    return {name: table[name].to_numpy(float).round() for name in names}


def overlap_of(review: Review, level: str, code: str | None) -> pd.DataFrame:
    """Rows of `Coverage.overlap` of a level, of one place if its code is given."""
    rows = review.coverage.overlap
    rows = rows[(rows["level"] == level).to_numpy(dtype=bool)]
    return rows if code is None else rows[(rows["code"] == code).fillna(False).to_numpy(dtype=bool)]


def cell_text(session: Session, name: str, value: object, *, too_far: bool = False) -> str:
    """A figure of the review in words, without its unit: unknown and unreachable are said, never a number.

    `too_far` says that a walk of inf is one for which there is a way, only longer than any walk that is sought.
    """
    if name in WALKS:
        if too_far and np.isinf(float(value)):   # type: ignore[arg-type]
            return session.say("coverage_page.over", minutes=f"{session.scenario.travel.walk_limit_min:g}")
        return session.figure(value, "min", with_unit=False)
    if name == "served_share":
        return session.figure(value, "share")
    return session.figure(value, decimals=3 if name == "floating_m2" else 0)


def styled(session: Session, table: pd.DataFrame) -> Styler:
    """The cells of `figures_table` with their looks; they sort by the numbers behind them."""
    shown = table.drop(columns="too_far")
    numbers = [name for name in shown.columns if pd.api.types.is_numeric_dtype(shown[name].dtype)]
    styler = shown.style.format({name: partial(cell_text, session, name) for name in numbers})
    rows = table.index[table["too_far"].to_numpy(dtype=bool)]
    if len(rows):
        far = {name: partial(cell_text, session, name, too_far=True) for name in WALKS}
        styler = styler.format(far, subset=(rows, list(WALKS)))
    return styler


def figure_columns(session: Session, names: Sequence[str]) -> dict:
    """Heads, helps and widths of the table of figures."""
    config, say = st.column_config, session.say
    minutes = f"{session.scenario.travel.catchment_min:g}"
    heads = {}
    for name in names:
        if name in ("village_name", "township_name", "venue", "neighbour_name"):
            label = say(f"coverage_page.head.{name}")
            width = column_px(label, least=120 if name == "venue" else _NAME_PX)
            heads[name] = config.TextColumn(label, width=width, pinned=name == names[0])
            continue
        key, about = name, minutes
        if name.startswith("people_") and name.endswith("min"):
            key, about = "within", name.removeprefix("people_").removesuffix("min")
        label = say(f"coverage_page.head.{key}", minutes=about)
        heads[name] = config.NumberColumn(label, width=column_px(label, least=_LEAST_PX.get(name, _FIGURE_PX)),
                                          help=say(f"coverage_page.help.{key}", minutes=about))
    return heads


def county_rows(session: Session, table: pd.DataFrame) -> pd.DataFrame:
    """The one row of the level *county* turned upright, a figure a line: `figure`, `value`, both in words."""
    row, heads = table.iloc[0], figure_columns(session, [name for name in table.columns if name != "too_far"])
    return pd.DataFrame({
        "figure": [head["label"] for head in heads.values()],
        "value": [cell_text(session, name, row[name], too_far=bool(row["too_far"])) for name in heads],
    })
