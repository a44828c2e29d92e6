"""The map of a plan: chosen sites with who walks where, planned centres, unserved people as dots; before and after on one base.

Base and paint as in `ui.maps`: before and after, the township and the selection only re-colour and show or hide what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import streamlit as st

from geo.coverage import Coverage
from geo.planning import Plan
from reports.centre_names import named
from ui import map_shapes
from ui.map_base import base_of_county
from ui.maps import Click, ground, show_map, status_palette
from ui.state import Session
from ui.theme import SELECTED_COLOUR, STATUS_COLOURS

PLANNED_FILL = "#57aca6"
WALK_COLOUR = "#07404c"
SITE_COLOUR = "#0b6470"
UNSERVED_COLOUR = "#6e1209"
MOST_DOTS = 1500
"""Dots of unserved people on the map; more homes than that are put together by cells of the ground."""

MOST_LABELS = 40
"""Names of centres written on the map at a time; more would cover it, and stand in the tooltips."""

_CELLS_M = (100.0, 200.0, 300.0, 500.0, 800.0, 1200.0, 2000.0, 4000.0)
_CSS = """
.cz-badge {transform: translate(-50%, calc(-100% - 7px)); border: none; border-radius: 3px; font-weight: 600; font-size: 11px;
  padding: 0 5px; background: rgba(255,255,255,.92);}
"""


def plan_map(session: Session, plan: Plan, *, within_min: float, after: bool, stamp: tuple, notes: Mapping[str, str],
             height: int, key: str = "plan-map") -> Click | None:
    """Draw a plan and say which village or site was just clicked.

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
        Tells the plan apart from every other: the base is kept by it.
    notes : Mapping
        Site id -> why it was chosen, in words.
    height : int
        In pixels.
    key : str
        Of the component.

    Returns
    -------
    Click or None
        Of kind `village` or `site`, once per click.
    """
    payload = _base((*stamp, within_min), session.language, session, plan, within_min, dict(notes))
    return show_map(payload, plan_paint(session, plan, after=after), height=height, key=key)


@st.cache_resource(show_spinner=False, max_entries=6)
def _base(stamp: tuple, language: str, _session: Session, _plan: Plan, within_min: float, _notes: dict) -> str:
    return map_shapes.to_json(base_of_plan(_session, _plan, within_min=within_min, notes=_notes) | ground(_session))


def base_of_plan(session: Session, plan: Plan, *, within_min: float, notes: Mapping[str, str]) -> dict:
    """What is drawn once: the county, walks to the planned sites, unserved people before and after, sites, further centres."""
    base = base_of_county(session)
    sites = built_sites(session, plan)
    layers = list(base["layers"])
    layers.append({"name": "walks", "pane": "lines", "style": {"color": WALK_COLOUR, "weight": 1.3, "opacity": 0.7, "fill": False},
                   "data": _features(walk_lines(plan, within_min), decimals=5)})
    still, newly = unserved_dots(plan.coverage_before, plan.coverage_after, within_min)
    for name, dots in (("still", still), ("newly", newly)):
        layers.append({
            "name": name, "pane": "lines", "style": {"stroke": False, "fillColor": UNSERVED_COLOUR, "fillOpacity": 0.55},
            "data": map_shapes.features([f"{name}{n}" for n in range(len(dots))], dots.geometry, decimals=5,
                                        radii=np.clip(np.sqrt(dots["people"].to_numpy(float)) / 5.5, 1.4, 4.5)),
        })
    further = further_centres(plan)
    names = named(plan.centres.centres, session.language)
    layers.append({
        "name": "further", "pane": "marks", "radius": 4, "tips": True,
        "style": {"color": SITE_COLOUR, "weight": 2, "fillColor": "#ffffff", "fillOpacity": 1},
        "data": map_shapes.features(further["centre_id"].tolist(), further.geometry, decimals=5,
                                    tips={row["centre_id"]: _centre_tip(session, row, names[at])
                                          for at, row in zip(further.index, further.to_dict("records"), strict=True)}),
    })
    layers.append({
        "name": "sites", "pane": "marks", "radius": 5, "click": "site", "tips": True,
        "style": {"color": "#ffffff", "weight": 1.6, "fillColor": SITE_COLOUR, "fillOpacity": 1},
        "data": map_shapes.features(sites["site_id"].tolist(), sites.geometry, decimals=5,
                                    tips=_site_tips(session, plan, sites, within_min, notes)),
    })
    return base | {"css": base["css"] + _CSS, "layers": layers,
                   "legend": {**base["legend"], "items": _legend(session, base["legend"]["items"], within_min)}}


def plan_paint(session: Session, plan: Plan, *, after: bool) -> dict:
    """What before and after, the township and the selection change."""
    villages, township = session.study.villages, session.township
    helped, close = set(plan.chosen), bool(township or session.village)
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
        # further centres are many: they come with the township that is looked at
        "groups": {"walks": after, "sites": after, "further": after and bool(township), "newly": not after, "still": True},
        "badges": centre_labels(session, plan) if after and close else [],
    }


def built_sites(session: Session, plan: Plan) -> gpd.GeoDataFrame:
    """The sites the plan builds: `site_id`, `village_code`, `kind`, `score` and a point, in the plan's order."""
    candidates = session.study.candidates
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
    return _gathered(homes[late]), _gathered(homes[was & ~late])


def _gathered(homes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Homes as at most `MOST_DOTS` points, put together by ever larger cells (by their people's middle)."""
    homes = homes[homes["people"].to_numpy(float) > 0]
    xy, people = shapely.get_coordinates(homes.geometry.to_numpy()), homes["people"].to_numpy(float)
    for cell in _CELLS_M:
        if len(xy) <= MOST_DOTS:
            break
        frame = pd.DataFrame({"x": xy[:, 0] * people, "y": xy[:, 1] * people, "people": people})
        sums = frame.groupby([np.floor(xy[:, 0] / cell), np.floor(xy[:, 1] / cell)], sort=True).sum()
        people = sums["people"].to_numpy()
        xy = sums[["x", "y"]].to_numpy() / people[:, None]
    return gpd.GeoDataFrame({"people": people}, geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=homes.crs)


def further_centres(plan: Plan) -> gpd.GeoDataFrame:
    """Centres of natural villages beyond each village's first one, those with a place."""
    centres = plan.centres.centres
    return centres[(centres["number"] > 1).to_numpy() & ~(centres.geometry.isna() | centres.geometry.is_empty).to_numpy()]


def centre_labels(session: Session, plan: Plan) -> list[dict]:
    """Names to be written on the map: of the chosen sites of the selected township, else of all centres of the selected village."""
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


def _site_tips(session: Session, plan: Plan, sites: gpd.GeoDataFrame, within_min: float, notes: Mapping[str, str]) -> dict:
    say, figure = session.say, session.figure
    centres = plan.centres.centres.dropna(subset=["candidate_id"])
    names = dict(zip(centres["candidate_id"], named(centres, session.language), strict=True))
    homes = plan.coverage_after.residents
    near = homes[(homes["walk_min"] <= within_min + 1e-9).to_numpy()].groupby("venue_id")["people"].sum()
    tips = {}
    for row in sites.drop(columns="geometry").to_dict("records"):
        item = row["site_id"]
        lines: list = [names.get(item, item), item, [say("app.map.kind"), say(f"criteria.kind.{row['kind']}")],
                       [say("app.map.score"), figure(row["score"], "score")],
                       [say("plan_page.map.catchment"), figure(float(near.get(item, 0.0)), "people")]]
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
        {"shape": "line", "stroke": WALK_COLOUR, "width": 1.2, "text": say("plan_page.map.walks")},
        {"shape": "dot", "fill": UNSERVED_COLOUR, "stroke": "none", "radius": 3,
         "text": say("plan_page.map.unserved", minutes=f"{within_min:g}")},
    ]
    return [*kept[:-1], *own, kept[-1]]
