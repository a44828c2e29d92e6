"""The map of a plan: chosen sites with who walks where, planned centres, unserved people as dots; before and after on one base.

Base and paint as in `ui.maps`: before and after, the township and the selection only re-colour and show or hide what is drawn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

from geo.catchments import catchments
from geo.coverage import Coverage
from geo.planning import Plan
from geo.what_if import is_pin
from reports.centre_names import named
from ui import map_shapes
from ui.map_base import base_of_county
from ui.maps import Click, ground, show_map, status_palette
from ui.state import Session
from ui.theme import SELECTED_COLOUR, STATUS_COLOURS

PLANNED_FILL = "#2f8f90"
WALK_COLOUR = "#07404c"
SITE_COLOUR = "#0b6470"
UNSERVED_COLOUR = "#6e1209"
AREA_COLOURS = {"planned": "#0b6470", "standing": "#6f8f86"}
AREA_STYLES = {
    "planned": {"fillColor": AREA_COLOURS["planned"], "fillOpacity": 0.45, "color": "#07404c", "weight": 0.9},
    "standing": {"fillColor": AREA_COLOURS["standing"], "fillOpacity": 0.34, "color": "#4f6b63", "weight": 0.6},
}
AREA_TOLERANCE_M = 15.0
MOST_DOTS = 1500
"""Dots of unserved people on the map; more homes than that are put together by cells of the ground."""

MOST_LABELS = 40
"""Names of centres written on the map at a time; more would cover it, and stand in the tooltips."""

_CSS = """
.cz-site {width: 10px; height: 10px; border-radius: 50%; border: 1.6px solid #fff; background: #0b6470;
  transform: translate(-50%, -50%); box-shadow: 0 0 2px rgba(0,0,0,.5);}
.cz-site.pin {border-radius: 50% 50% 50% 0; transform: translate(-50%, -115%) rotate(-45deg); width: 15px; height: 15px;
  background: #d4006e; border-width: 2px;}
.leaflet-interactive:focus {outline: none;}
.cz-trying, .cz-trying .leaflet-interactive {cursor: crosshair;} .cz-trying .leaflet-marker-draggable .cz-site {cursor: grab;
  width: 14px; height: 14px;}
.cz-badge {transform: translate(-50%, calc(-100% - 7px)); border: none; border-radius: 3px; font-weight: 600; font-size: 11px;
  padding: 0 5px; background: rgba(255,255,255,.92);}
"""


SHOWN = ("areas", "walks", "dots")
"""What can be shown on the map besides villages and sites: catchments, lines from homes to venues, unserved people."""


def plan_map(session: Session, plan: Plan, *, within_min: float, after: bool, stamp: tuple, notes: Mapping[str, str],
             height: int, shown: Collection[str] = SHOWN, trying: bool = False, turn: int = 0,
             key: str = "plan-map") -> Click | None:
    """Draw a plan and say which village or site was just clicked, or what was tried out on it.

    Parameters
    ----------
    session : Session
        Its township is looked at, its village emphasised.
    plan : Plan
    within_min : float
        The walk that counts as served, min.
    after : bool
        The county with the plan, or as it stands.
    stamp : tuple
        Tells the plan apart from every other: what is drawn of it is kept by it.
    notes : Mapping
        Site id -> why it was chosen, in words.
    height : int
        In pixels.
    shown : collection of str
        Of `SHOWN`.
    trying : bool
        A click on the ground is then a pin, and sites can be dragged.
    turn : int
        Another one puts back what was dragged or proposed and came to nothing.
    key : str
        Of the component.

    Returns
    -------
    Click or None
        Of kind `village` or `site`, or `pin` or `drag` while `trying`; once per click.
    """
    paint = plan_paint(session, plan, after=after, shown=shown, trying=trying) | {"turn": turn}
    layers = _layers((*stamp, within_min), session.language, session, plan, within_min, dict(notes))
    return show_map(_base(session.stamp, session.language, within_min, session), paint, layers=layers, height=height, key=key)


@st.cache_resource(show_spinner=False, max_entries=6)
def _base(stamp: str, language: str, within_min: float, _session: Session) -> str:
    """What is drawn once and outlasts every plan, so that a new one does not draw the map anew: the county."""
    base = base_of_county(_session)
    legend = {**base["legend"], "items": _legend(_session, base["legend"]["items"], within_min)}
    own = {"css": base["css"] + _CSS, "legend": legend, "kind": "plan", "place": f"plan:{stamp}"}
    return map_shapes.to_json(base | ground(_session) | own)


@st.cache_resource(show_spinner=False, max_entries=6)
def _layers(stamp: tuple, language: str, _session: Session, _plan: Plan, within_min: float, _notes: dict) -> str:
    layers = layers_of_plan(_session, _plan, within_min=within_min, notes=_notes)
    return map_shapes.to_json({"mark": repr((stamp, language)), "layers": layers})


def layers_of_plan(session: Session, plan: Plan, *, within_min: float, notes: Mapping[str, str]) -> list[dict]:
    """What is drawn once a plan: catchments and unserved people before and after, walks to the planned sites, the sites."""
    sites = built_sites(session, plan)
    layers = []
    after = catchments(plan.coverage_after, within_min=within_min)
    before = _areas_today((session.stamp, within_min, plan.rules.unknown_venues), plan.coverage_before)
    for name, areas in (("areas-before", before), ("areas-after", after)):
        layers.append({
            "name": name, "pane": "lines", "style": {"opacity": 0.9}, "styles": AREA_STYLES,
            "data": map_shapes.features(areas["venue_id"].tolist(), areas.geometry.simplify(AREA_TOLERANCE_M), decimals=5,
                                        classes=["planned" if planned else "standing" for planned in areas["planned"]]),
        })
    layers.append({"name": "walks", "pane": "lines", "style": {"color": WALK_COLOUR, "weight": 1.3, "opacity": 0.7, "fill": False},
                   "data": _features(walk_lines(plan, within_min), decimals=5)})
    still, newly = unserved_dots(plan.coverage_before, plan.coverage_after, within_min)
    for name, dots in (("still", still), ("newly", newly)):
        ids = [f"{town}|{at}" for at, town in enumerate(dots["township_code"])]   # a township's are told by how they begin
        layers.append({
            "name": name, "pane": "lines", "style": {"stroke": False, "fillColor": UNSERVED_COLOUR, "fillOpacity": 0.55},
            "data": map_shapes.features(ids, dots.geometry, decimals=5,
                                        radii=np.clip(np.sqrt(dots["people"].to_numpy(float)) / 6.5, 1.2, 4.0)),
        })
    layers.append({
        "name": "sites", "pane": "marks", "click": "site", "tips": True, "drag": True,
        "data": map_shapes.features(sites["site_id"].tolist(), sites.geometry, decimals=5,
                                    classes=["pin" if is_pin(site) else "" for site in sites["site_id"]],
                                    tips=_site_tips(session, sites, after, notes)),
    })
    return layers


@st.cache_resource(show_spinner=False, max_entries=8)
def _areas_today(about: tuple, _coverage: Coverage) -> gpd.GeoDataFrame:
    """Catchments of the county as it stands: the same for every plan."""
    return catchments(_coverage, within_min=about[1])


def plan_paint(session: Session, plan: Plan, *, after: bool, shown: Collection[str] = SHOWN, trying: bool = False) -> dict:
    """What before and after, the township, the selection and the switches change."""
    villages, township = session.study.villages, session.township
    helped, close = set(plan.chosen), bool(township or session.village)
    dots = f"{township}|" if township else True
    palette = status_palette()
    palette["planned"] = {**palette["adequate"], "fillColor": PLANNED_FILL, "fillOpacity": 0.62}
    palette["planned-faint"] = {**palette["adequate-faint"], "fillColor": PLANNED_FILL}
    styles = {}
    for code, status, town in zip(villages["village_code"], villages["venue"], villages["township_code"], strict=True):
        style = "planned" if after and code in helped else status
        styles[code] = f"{style}-faint" if township is not None and town != township else style
    places = map_shapes.village_places(villages, session.study.candidates)
    here = (villages["township_code"] == township).fillna(False).to_numpy(dtype=bool) if township else None
    return {
        "name": "villages", "styles": styles, "palette": palette, "chosen": session.village, "chosenColour": SELECTED_COLOUR,
        "focus": map_shapes.bounds_of(places[here]) if township else None, "home": map_shapes.bounds_of(places), "still": True,
        "groups": {
            "sites": after,
            "walks": after and "walks" in shown and _venues_in(session, plan.coverage_after, township),
            "areas-after": after and "areas" in shown and _venues_in(session, plan.coverage_after, township),
            "areas-before": not after and "areas" in shown and _venues_in(session, plan.coverage_before, township),
            "newly": not after and "dots" in shown and dots, "still": "dots" in shown and dots},
        # who tries out a place looks at that place: the village chosen with it must not pull the view away
        "trying": trying and after, "follow": not trying,
        "badges": centre_labels(session, plan) if after and close else [],
        # further centres are many: they come with the township that is looked at
        "spots": further_spots(session, plan) if after and township else [],
    }


def built_sites(session: Session, plan: Plan) -> gpd.GeoDataFrame:
    """The sites the plan builds: `site_id`, `village_code`, `kind`, `score` and a point, in the plan's order."""
    candidates = plan.offered.candidates
    rows = candidates.iloc[pd.Index(candidates["candidate_id"]).get_indexer(list(plan.choice.built))]
    return gpd.GeoDataFrame(
        {"site_id": rows["candidate_id"].to_numpy(object), "village_code": rows["village_code"].to_numpy(object),
         "kind": rows["kind"].to_numpy(object), "score": rows["score"].to_numpy(float)},
        geometry=rows.geometry.representative_point().to_numpy(), crs=candidates.crs)


def walk_lines(plan: Plan, within_min: float) -> gpd.GeoSeries:
    """Who walks where: for each planned site one shape of straight lines from the homes it serves within `within_min` minutes.

    The lines join home and venue; the walk itself follows the roads.
    """
    after = plan.coverage_after
    homes, venues = after.residents, after.venues.set_index("venue_id")
    homes = homes[(homes["walk_min"] <= within_min + 1e-9).to_numpy() & homes["venue_id"].isin(plan.choice.built).to_numpy()]
    ends = venues.geometry.reindex(homes["venue_id"])
    both = np.stack([shapely.get_coordinates(homes.geometry.to_numpy()), shapely.get_coordinates(ends.to_numpy())], axis=1)
    lines = pd.Series(list(shapely.linestrings(both)), index=homes["venue_id"].to_numpy(object), dtype=object)
    grouped = {site: shapely.multilinestrings(list(part)) for site, part in lines.groupby(level=0, sort=True)}
    return gpd.GeoSeries(grouped, crs=after.residents.crs) if grouped else gpd.GeoSeries([], crs=after.residents.crs)


def unserved_dots(before: Coverage, after: Coverage, within_min: float) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """People who are not served even with the plan, and those whom the plan newly serves; `people` and points, nobody lost."""
    homes = after.residents
    late = ~(homes["walk_min"].to_numpy(float) <= within_min + 1e-9)
    was = ~(before.residents["walk_min"].to_numpy(float) <= within_min + 1e-9)
    towns = after.villages.set_index("village_code")["township_code"].reindex(homes["village_code"]).fillna("").to_numpy(object)
    homes = homes.assign(township_code=towns)
    still, newly = (map_shapes.gathered(homes[which], most=MOST_DOTS, by=("township_code",)) for which in (late, was & ~late))
    return still, newly


def _venues_in(session: Session, coverage: Coverage, township: str | None) -> bool | list[str]:
    """Ids of the venues in a township; True for all."""
    if township is None:
        return True
    towns = session.study.villages.set_index("village_code")["township_code"]
    venues = coverage.venues
    here = towns.reindex(venues["village_code"]).eq(township).fillna(False).to_numpy(bool)
    return venues["venue_id"][here].astype(str).tolist()


def further_centres(plan: Plan) -> gpd.GeoDataFrame:
    """Centres of natural villages beyond each village's first one, those with a place."""
    centres = plan.centres.centres
    return centres[(centres["number"] > 1).to_numpy() & ~(centres.geometry.isna() | centres.geometry.is_empty).to_numpy()]


def further_spots(session: Session, plan: Plan) -> list[dict]:
    """The further centres of the selected township as spots with tooltips; none while the centres are not yet planned."""
    if plan.centres is None:
        return []
    rows = further_centres(plan)
    rows = rows[rows["township_code"].eq(session.township).fillna(False).to_numpy(bool)]
    points = rows.geometry.representative_point().to_crs(4326)
    return [{"lat": round(point.y, 6), "lon": round(point.x, 6), "tip": _centre_tip(session, row, name)}
            for point, row, name in zip(points, rows.to_dict("records"), named(rows, session.language), strict=True)]


def centre_labels(session: Session, plan: Plan) -> list[dict]:
    """Names to be written on the map: of the chosen sites of the selected township, else of all centres of the selected village."""
    if plan.centres is None:
        return []
    centres = plan.centres.centres
    placed = ~(centres.geometry.isna() | centres.geometry.is_empty).to_numpy()
    planned = centres["candidate_id"].isin(plan.choice.built).to_numpy()
    if session.township is None:
        planned = planned | (centres["number"] > 1).to_numpy()
    column, code = ("township_code", session.township) if session.township else ("village_code", session.village)
    rows = centres[placed & planned & (centres[column] == code).fillna(False).to_numpy(dtype=bool)].head(MOST_LABELS)
    names = named(rows, session.language)
    points = rows.geometry.representative_point().to_crs(4326)
    return [{"lat": round(point.y, 6), "lon": round(point.x, 6), "text": name} for point, name in zip(points, names, strict=True)]


def _features(shapes: gpd.GeoSeries, *, decimals: int) -> dict:
    return map_shapes.features([str(item) for item in shapes.index], shapes, decimals=decimals)


def _centre_tip(session: Session, row: dict, name: str) -> list:
    return [name, session.say(f"centres.place_help.{row['place']}"), [session.say("plan_page.map.people"),
                                                                     session.figure(row["people"], "people")]]


def _site_tips(session: Session, sites: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, notes: Mapping[str, str]) -> dict:
    say, figure = session.say, session.figure
    names = session.study.villages.set_index("village_code")["village_name"]
    reached = areas.set_index("venue_id")
    tips = {}
    for row in sites.drop(columns="geometry").to_dict("records"):
        item = row["site_id"]
        lines: list = [names.get(row["village_code"], item), item, [say("app.map.kind"), say(f"criteria.kind.{row['kind']}")],
                       [say("app.map.score"), figure(row["score"], "score")],
                       [say("plan_page.map.catchment"), figure(float(reached["people"].get(item, 0.0)), "people")]]
        if item in reached.index:
            lines += [[say(f"plan_page.map.{name}"), figure(float(reached.at[item, f"{name}_min"]), "min")]
                      for name in ("mean_walk", "worst_walk")]
        if item in notes:
            lines.append(notes[item])
        tips[item] = lines
    return tips


def _legend(session: Session, items: list[dict], within_min: float) -> list[dict]:
    say = session.say
    kept = [item for item in items if item.get("shape") != "line" and item.get("fill") != STATUS_COLOURS["unknown"]]
    own = [
        {"fill": PLANNED_FILL, "text": say("plan_page.map.planned")},
        {"shape": "dot", "fill": SITE_COLOUR, "stroke": "#ffffff", "radius": 5, "text": say("plan_page.map.site")},
        {"shape": "dot", "fill": "#ffffff", "stroke": SITE_COLOUR, "width": 2, "text": say("plan_page.map.further")},
        {"fill": AREA_COLOURS["planned"], "stroke": "#07404c", "text": say("plan_page.map.areas")},
        {"shape": "line", "stroke": WALK_COLOUR, "width": 1.2, "text": say("plan_page.map.walks")},
        {"shape": "dot", "fill": UNSERVED_COLOUR, "stroke": "none", "radius": 3,
         "text": say("plan_page.map.unserved", minutes=f"{within_min:g}")},
    ]
    return [*kept[:-1], *own, kept[-1]]
