"""Maps of the county, of a village and of one site, drawn offline; what changes with a slider is re-coloured in place.

A map has two parts. The *base* (relief, roads, limits, shapes) is drawn once and keeps its view; what the weights, filters and the
selection change (colours, tooltips, rank badges, emphasis) is a small *paint* sent beside it, which the browser applies without
drawing the map anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import folium
import geopandas as gpd
import pandas as pd
import streamlit as st
from branca.element import MacroElement
from folium.template import Template

from ui import map_shapes
from ui.assets import OfflineMap, prepare_static
from ui.map_base import base_of_county, base_of_village
from ui.map_ground import ground
from ui.map_tips import candidate_tip
from ui.state import Session
from ui.theme import SELECTED_COLOUR, STATUS_COLOURS, STATUS_HATCHED, STATUS_OPACITY, score_colour
from ui.tile_routes import address
from ui.tiles import COLUMNS, SHELF

__all__ = ["BADGES", "Base", "Click", "candidate_paint", "county_map", "fresh_click", "ground", "not_on_map", "parcel_tiles",
           "show_map", "site_map", "status_palette", "village_map"]

BADGES = 5
"""Ranks shown as numbers on the map of a village."""

_SEEN = "cz_map_clicks"


@dataclass(frozen=True)
class Click:
    """What was clicked on a map: `kind` is village or candidate, `id` its code or id.

    On a map that is tried out `kind` may be *pin*, a click on the ground, or *drag*, the site `id` let go at another place; both
    with the place in degrees.
    """

    kind: str
    id: str
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Base:
    """What a map draws once: `make` yields it, `mark` tells it apart from every other base of the same county."""

    mark: tuple
    make: Callable[[Session], dict]


class _Call(MacroElement):
    """A call of the map script with data, at its parent's place."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        cunzhi.{{ this.function }}({{ this.target }}, {{ this.payload }});
        {% endmacro %}
    """)

    def __init__(self, function: str, payload: str) -> None:
        super().__init__()
        self._name = function
        self.function, self.payload = function, payload

    @property
    def target(self) -> str:
        """Script name of the map it stands on; streamlit-folium gives the map another one late, so it is asked for at drawing."""
        element = self._parent
        while not isinstance(element, folium.Map):
            element = element._parent
        return element.get_name()


def county_map(
    session: Session, *, township: str | None = None, selected: str | None = None, venues: Mapping[str, str] | None = None,
    base: Base | None = None, groups: Mapping[str, bool] | None = None, height: int = 560, key: str = "county-map",
) -> Click | None:
    """Draw the villages of the county by the venue they have, and say which one was just clicked.

    Parameters
    ----------
    session : Session
        From `ui.state.current`.
    township : str, optional
        Code of the township to look at; the others are shown faint.
    selected : str, optional
        Village to emphasise.
    venues : mapping, optional
        Venue status by village code instead of the study's, of `ui.theme.STATUS_COLOURS`.
    base : Base, optional
        What is drawn once, instead of villages, limits, roads and venues alone.
    groups : mapping, optional
        Layers of `base` to show or hide.
    height : int
        In pixels.
    key : str
        Of the component; the view is kept as long as it stays the same.

    Returns
    -------
    Click or None
        Of kind `village`, or what a layer of `base` says, once per click.
    """
    villages, known = session.study.villages, venues or {}
    styles = {}
    for code, status, town in zip(villages["village_code"], villages["venue"], villages["township_code"], strict=True):
        style = known.get(code, status)
        styles[code] = f"{style}-faint" if township is not None and town != township else style
    places = map_shapes.village_places(villages, session.study.candidates)
    here = (villages["township_code"] == township).fillna(False).to_numpy(dtype=bool) if township else None
    paint = {
        "name": "villages", "styles": styles, "palette": status_palette(), "chosen": selected, "chosenColour": SELECTED_COLOUR,
        "focus": map_shapes.bounds_of(places[here]) if township else None, "home": map_shapes.bounds_of(places), "still": True,
        "groups": dict(groups or {}), "parcels": parcel_tiles(session, shown=False),
    }
    payload = _county_base((session.stamp, *(base.mark if base else ())), session.language, session, base)
    return show_map(payload, paint, height=height, key=key)


def village_map(
    session: Session, village_code: str, *, shown: Collection[str] | None = None, selected: str | None = None,
    badges: int = BADGES, height: int = 560, key: str = "village-map", legend: bool = True, span_m: float | None = None,
    sync: Mapping[str, object] | None = None,
) -> Click | None:
    """Draw a village with its candidates coloured by verdict and score, and say which one was just clicked.

    Parameters
    ----------
    session : Session
        From `ui.state.current`; colours, ranks and tooltips follow its weights.
    village_code : str
        Village to draw.
    shown : collection of str, optional
        Ids of the candidates that a filter lets through; all by default.
    selected : str, optional
        Candidate to emphasise; the view follows when it changes and is out of sight.
    badges : int
        How many of the first-ranked carry their rank on the map.
    height : int
        In pixels.
    key : str
        Of the component; the view is kept as long as key and village stay the same.
    legend : bool
        Whether the map carries its legend.
    span_m : float, optional
        Show only this many metres around `selected` instead of the village: maps with the same span have the same scale.
    sync : mapping, optional
        Maps of one `group` on a page move and zoom as one, each about its own `box` ([[south, west], [north, east]]); `home` is the
        word for the way back.

    Returns
    -------
    Click or None
        Of kind `candidate`, once per click.
    """
    around = (selected, float(span_m)) if span_m is not None and selected is not None else None
    payload = _village_base(session.stamp, session.language, village_code, around, legend, session)
    paint = candidate_paint(session, village_code, shown=shown, selected=selected, badges=badges)
    if around is None:
        # the village's own are shapes, which filters can hide; where they are too many, the tiles have those that are no shapes
        own = village_code if len(session.candidates_of(village_code)) <= map_shapes.MAX_SHAPES else None
        paint["parcels"] = parcel_tiles(session, shown=True, without=own)
    if sync is not None:
        paint["sync"] = dict(sync)
    return show_map(payload, paint, height=height, key=key)


def site_map(
    session: Session, candidate_id: str, *, span_m: float = 600, height: int = 260, key: str | None = None, legend: bool = False,
    sync: Mapping[str, object] | None = None,
) -> Click | None:
    """Draw the surroundings of one candidate, `span_m` metres across; several of these side by side have the same scale.

    Raises
    ------
    KeyError
        For a candidate that does not exist.
    """
    row = session.candidate_row(candidate_id)
    if row is None:
        raise KeyError(candidate_id)
    return village_map(
        session, row["village_code"], selected=candidate_id, badges=0, height=height, key=key or f"site-map-{candidate_id}",
        legend=legend, span_m=span_m, sync=sync,
    )


def status_palette() -> dict[str, dict[str, object]]:
    """Leaflet styles of a village by venue status, in full and faint."""
    palette = {}
    for status, colour in STATUS_COLOURS.items():
        fill = f"url(#cz-status-{status})" if status in STATUS_HATCHED else colour
        palette[status] = {
            "fillColor": fill, "fillOpacity": STATUS_OPACITY[status], "color": "#59605f", "weight": 0.7, "opacity": 0.9,
        }
        palette[f"{status}-faint"] = {"fillColor": colour, "fillOpacity": 0.12, "color": "#8c9291", "weight": 0.4, "opacity": 0.6}
    return palette


def candidate_paint(
    session: Session, village_code: str, *, shown: Collection[str] | None = None, selected: str | None = None, badges: int = BADGES,
) -> dict:
    """What the weights, filters and selection change on the map of a village, as data for the map script."""
    candidates = session.candidates_of(village_code)
    if shown is not None:
        candidates = candidates[candidates["candidate_id"].isin(list(shown)).to_numpy()]
    candidates = candidates.head(map_shapes.MAX_SHAPES)
    styles, palette, tips = {}, {}, {}
    columns = ("candidate_id", "kind", "verdict", "score")
    for item, kind, verdict, score in zip(*(candidates[column] for column in columns), strict=True):
        fill = score_colour(verdict, None if pd.isna(score) else round(float(score)))
        styles[item] = f"{kind}{fill}"
        palette[styles[item]] = _candidate_style(kind, verdict, fill)
    for row in pd.DataFrame(candidates[list(COLUMNS)]).to_dict("records"):
        tips[row["candidate_id"]] = candidate_tip(row, session.language)
    ranked = candidates[candidates["rank_in_village"].notna()].head(badges)
    marks = [
        {"lat": round(float(lat), 6), "lon": round(float(lon), 6), "text": str(int(rank))}
        for lat, lon, rank in zip(ranked["lat"], ranked["lon"], ranked["rank_in_village"], strict=True)
    ]
    drawn = selected is None or (candidates["candidate_id"] == selected).any()
    chosen = None if drawn else session.candidate_row(selected)
    return {
        "chosenShape": None if chosen is None else _outline(session, chosen),
        "name": "candidates", "styles": styles, "palette": palette, "tips": tips, "badges": marks[::-1],
        "chosen": selected, "chosenColour": SELECTED_COLOUR, "still": True,
    }


def _candidate_style(kind: str, verdict: str, fill: str) -> dict[str, object]:
    faint = verdict == "fail"
    style: dict[str, object] = {
        "fillColor": fill, "fillOpacity": 0.55 if faint else 0.9, "color": "#4d5658", "weight": 0.7,
        "opacity": 0.5 if faint else 0.95, "dashArray": None,
    }
    if kind == "reuse":
        style |= {"color": "#1f2a2e", "weight": 2.2, "dashArray": "5 3", "opacity": 1}
    elif kind == "upgrade":
        style |= {"color": "#1f2a2e", "weight": 2.2, "opacity": 1}
    return style


def _outline(session: Session, row: pd.Series) -> dict:
    """The shape of one candidate as GeoJSON in degrees: it may be selected without being drawn."""
    place = gpd.GeoSeries([row.geometry], crs=session.study.candidates.crs)
    return map_shapes.features([row["candidate_id"]], place)


def parcel_tiles(session: Session, *, shown: bool, without: str | None = None) -> dict:
    """Where the browser finds all candidates of the county as tiles, and what lies at a place of them.

    Parameters
    ----------
    session : Session
        Tiles have the colours of its weights.
    shown : bool
        Whether they are on the map until the user says otherwise.
    without : str, optional
        Village whose candidates are drawn otherwise.
    """
    token = SHELF.offer(session.stamp, session.study.candidates)
    end = f"?without={quote(without)}" if without is not None else ""
    return {
        "url": f"{address(token)}/{{z}}/{{x}}/{{y}}.png{end}", "at": f"{address(token)}/at", "lang": session.language,
        "shown": shown, "clear": SHELF.clear_zoom(token),
    }


@st.cache_resource(show_spinner=False, max_entries=8)
def _county_base(stamp: tuple, language: str, _session: Session, _base: Base | None) -> str:
    drawn = base_of_county(_session) if _base is None else _base.make(_session)
    kept = {"kind": "county", "place": f"county:{_session.stamp}", "above": True, "parcels": {"shown": False}}
    return map_shapes.to_json(drawn | ground(_session) | kept)


@st.cache_resource(show_spinner=False, max_entries=64)
def _village_base(
    stamp: str, language: str, village_code: str, around: tuple[str, float] | None, legend: bool, _session: Session,
) -> str:
    base = base_of_village(_session, village_code, around=around)
    if not legend:
        base = {key: value for key, value in base.items() if key != "legend"}
    kept: dict = {"kind": "site"} if around is not None else {
        "kind": "village", "place": f"village:{stamp}:{village_code}", "parcels": {"shown": True}}
    return map_shapes.to_json(base | ground(_session) | kept)


def show_map(payload: str, paint: dict, *, height: int, key: str, layers: str | None = None) -> Click | None:
    """Draw a map from its base (JSON) and its paint, and say what was just clicked; `height` in pixels.

    `layers` (JSON with `mark` and `layers`) come on top of the base and are drawn anew whenever their mark is another one.
    """
    from streamlit_folium import st_folium

    prepare_static()
    figure = OfflineMap(zoom_control=True, zoom_snap=0.25, zoom_delta=0.5, wheel_px_per_zoom_level=120)
    figure.add_child(_Call("base", payload))
    group = folium.FeatureGroup(name="paint")
    if layers is not None:
        group.add_child(_Call("put", layers))
    group.add_child(_Call("paint", map_shapes.to_json({**paint, "dark": st.context.theme.type == "dark"})))
    value = st_folium(
        figure, key=key, height=height, use_container_width=True, returned_objects=[], feature_group_to_add=group,
    )
    return fresh_click(value)


def fresh_click(value: object) -> Click | None:
    """The click a map component reports, the first time it is seen; a component repeats its last value at every run."""
    if not isinstance(value, dict) or not value.get("nonce"):
        return None
    seen = st.session_state.setdefault(_SEEN, [])
    if value["nonce"] in seen:
        return None
    st.session_state[_SEEN] = [*seen[-40:], value["nonce"]]
    lon, lat = (float(value[name]) if isinstance(value.get(name), int | float) else None for name in ("lon", "lat"))
    return Click(str(value["kind"]), str(value["id"]), lon, lat)


def not_on_map(villages: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> int:
    """How many villages have neither limits, nor a point, nor a candidate, and so no place on the map."""
    return int(map_shapes.village_places(villages, candidates).isna().sum())
