"""The columns of the comparison: who each site is, and its map, which moves and zooms with the others."""

from __future__ import annotations

from html import escape

import geopandas as gpd
import shapely
import streamlit as st

from ui import map_shapes, state
from ui.components import charts, evidence_view
from ui.components.compare_plot import LETTER_COLOURS, LETTERS, chip
from ui.components.compare_sheet import Site, rank_text
from ui.components.compare_steps import marked
from ui.components.formats import band, is_missing
from ui.maps import site_map
from ui.state import Session

MAP_HEIGHT_PX, MEETING_MAP_HEIGHT_PX = 250, 340


def show_columns(session: Session, sites: tuple[Site, ...], span_m: float) -> None:
    """Head and map of every site, one column each; in rows, so that the maps stand side by side however long the heads are."""
    with st.container(key="compare_cards"):
        heads, maps, buttons = (st.columns(max(len(sites), 2), gap="small") for _ in range(3))
        for at, site in enumerate(sites):
            heads[at].html(_head(session, site, at))
            with maps[at]:
                if not is_missing(site.row["village_code"]):
                    _map(session, site, span_m)
            with buttons[at]:
                _buttons(session, site, at)


def _head(session: Session, site: Site, at: int) -> str:
    row, language = site.row, session.language
    village = "" if is_missing(row["village_name"]) else str(row["village_name"])
    score = band(row["score"], row["score_low"], row["score_high"], language)
    turn = " cz-turn" if site.id == marked(session) else ""
    kind = session.say(f"criteria.kind.{row['kind']}")
    return (f'<div class="cz-card{turn}" style="--cz-letter:{LETTER_COLOURS[at]}">'
            f'<div>{chip(at)}<span class="cz-title">{escape(village)}</span></div>'
            f'<div><span class="cz-score">{escape(score)}</span>{evidence_view.badge(row["verdict"], language)}{site.firm}</div>'
            f'<div class="cz-source">{escape(site.id)} · {escape(kind)}</div>'
            f'<div class="cz-source">{escape(rank_text(row, language))}</div>'
            f'{charts.band_html(row["score"], row["score_low"], row["score_high"], language)}</div>')


def _map(session: Session, site: Site, span_m: float) -> None:
    middle, half = site.row["geometry"].centroid, span_m / 2
    window = shapely.box(middle.x - half, middle.y - half, middle.x + half, middle.y + half)
    box = map_shapes.bounds_of(gpd.GeoSeries([window], crs=session.study.candidates.crs))
    size = "large" if session.meeting else "small"
    site_map(session, site.id, span_m=span_m, height=MEETING_MAP_HEIGHT_PX if session.meeting else MAP_HEIGHT_PX,
             key=f"compare-map-{site.id}-{span_m:.0f}-{size}",
             sync={"group": f"compare-{span_m:.0f}-{size}", "box": box, "home": session.say("compare.map.home")})


def _buttons(session: Session, site: Site, at: int) -> None:
    turn = site.id == marked(session)
    said = session.say("compare.step.marked" if turn else "compare.step.mark", letter=LETTERS[at])
    with st.container(key=f"compare_mark_place_{at}"):
        st.button(said, key=f"compare_mark_{at}", width="stretch", shortcut=str(at + 1), on_click=state.select_candidate,
                  args=(site.id,), help=session.say("compare.step.mark_help"))
    if session.meeting:
        return
    look, remove = st.columns(2)
    if look.button(session.say("sites.compare.open"), key=f"compare_open_{site.id}", width="stretch"):
        state.select_candidate(site.id)
        state.go("sites")
    remove.button(session.say("sites.compare.remove"), key=f"compare_remove_{site.id}", width="stretch",
                  on_click=state.remove_from_comparison, args=(site.id,))
