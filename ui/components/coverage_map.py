"""The map of the coverage review: villages by the venue they have or get, and the people without one as dots, sized by people."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage import Coverage
from ui import map_shapes
from ui.components.coverage_state import Review
from ui.map_base import base_of_county
from ui.maps import Base, Click, county_map
from ui.state import Session
from ui.theme import STATUS_COLOURS, UNSERVED_COLOUR

MOST_DOTS = 1500
"""Dots on the map; where more homes or natural villages are unserved, those near each other are put together."""

DOT_STYLES: dict[str, dict[str, object]] = {
    "beyond": {"color": "#ffffff", "weight": 0.6, "opacity": 0.8, "fillColor": UNSERVED_COLOUR, "fillOpacity": 0.85},
    "unreachable": {"color": UNSERVED_COLOUR, "weight": 1.5, "opacity": 1, "fillColor": "#ffffff", "fillOpacity": 0.95},
}
"""A walk longer than what counts as served, and none at all or one longer than any that is sought."""

_PX2_PERSON, _ALL_PX2 = 1 / 36, 5000.0
"""Square of a dot's radius, in pixels, that a person adds, and what all dots of a map may have together."""

_GROUP, _DOT = "unserved-", "s-"
"""Before the township's code in the name of a layer, before the natural village's in the id of a dot."""


def review_map(session: Session, review: Review, *, dots: bool, height: int, key: str) -> Click | None:
    """Draw the review and say which village (kind `village`) or natural village (`settlement`) was just clicked.

    Parameters
    ----------
    session : Session
        Its township is looked at, and its dots only are shown; its village is emphasised.
    review : Review
    dots : bool
        Whether the people without a venue are shown.
    height : int
        In pixels.
    key : str
        Of the component.
    """
    villages = review.coverage.villages
    towns = ["", *villages["township_code"].dropna().unique().tolist()]
    groups = {f"{_GROUP}{code}": dots and session.township in (None, code) for code in towns}
    return county_map(
        session, township=session.township, selected=session.village, height=height, key=key, groups=groups,
        venues=dict(zip(villages["village_code"], villages["venue"], strict=True)),
        base=Base(review.mark, lambda session: base_of_review(session, review)))


def base_of_review(session: Session, review: Review) -> dict:
    """What is drawn once: the county with the review's figures in the villages' tooltips, and the dots, a layer a township."""
    base, found = base_of_county(session), review.coverage
    more = dict(zip(found.villages["village_code"], _village_lines(session, review), strict=True))
    for feature in base["layers"][0]["data"]["features"]:
        feature["properties"]["t"] = [*feature["properties"]["t"], *more.get(feature["id"], [])]
    dots = unserved_dots(found)
    dots = dots.assign(radius_px=radii_px(dots["people"]))
    layers = list(base["layers"])
    for town, rows in dots.groupby("township_code", sort=True):
        named = "name" in rows
        layers.append({
            "name": f"{_GROUP}{town}", "pane": "lines", "styles": DOT_STYLES, "style": {}, "tips": named,
            **({"click": "settlement"} if named else {}),
            "data": map_shapes.features(
                rows["id"].tolist(), rows.geometry, classes=rows["kind"].tolist(), decimals=5, radii=rows["radius_px"].tolist(),
                tips=_dot_tips(session, rows) if named else None)})
    return base | {"layers": layers, "legend": {**base["legend"], "items": _legend(session, review, base["legend"]["items"], dots)}}


def unserved_dots(coverage: Coverage) -> gpd.GeoDataFrame:
    """The people without a venue within the walk that counts as served, as points.

    Natural villages beyond reach, by their own list, where all of these are counted and they are not too many; else the homes
    themselves, put together where they are many. Nobody is lost.

    Returns
    -------
    GeoDataFrame
        `id`, `people`, `township_code` (empty: in no village), `kind` (of `DOT_STYLES`) and points; for natural villages also
        `name`, `village_name`, `walk_min`, `reason`.
    """
    villages, places = coverage.villages.set_index("village_code"), coverage.settlements
    beyond = places[places["reason"].notna().to_numpy()]
    named = 0 < len(beyond) <= MOST_DOTS and bool(beyond["population"].notna().all())
    rows = beyond.rename(columns={"settlement_name": "name", "population": "people"}) if named else coverage.unserved
    rows = rows.assign(
        township_code=villages["township_code"].reindex(rows["village_code"]).fillna("").to_numpy(object),
        kind=np.where(np.isfinite(rows["walk_min"].to_numpy(float)), "beyond", "unreachable").astype(object))
    if not named:
        dots = map_shapes.gathered(rows, most=MOST_DOTS, by=("township_code", "kind"))
        return dots.assign(id=[f"dot{number}" for number in range(len(dots))])
    rows = rows.assign(village_name=villages["village_name"].reindex(rows["village_code"]).to_numpy(object),
                       id=_DOT + rows["settlement_id"].astype(str))
    columns = ["id", "people", "township_code", "kind", "name", "village_name", "walk_min", "reason", "geometry"]
    # the largest first, so that small ones lie on top
    return rows[columns].sort_values(["people", "id"], ascending=[False, True], kind="stable").reset_index(drop=True)


def radii_px(people: pd.Series) -> np.ndarray:
    """Radius of each dot in pixels: its area follows the people, `_PX2_PERSON` each or less where all would cover the map."""
    total = float(people.sum())
    each = min(_PX2_PERSON, _ALL_PX2 / total) if total > 0 else _PX2_PERSON
    return np.clip(np.sqrt(people.to_numpy(float) * each), 1.4, 6.0)


def _village_lines(session: Session, review: Review) -> list[list]:
    found = review.coverage
    minutes = f"{found.served_min:g}"
    lines = []
    for row in found.villages.drop(columns="geometry").to_dict("records"):
        mine = [[session.say("coverage_page.map.served", minutes=minutes), session.figure(row["people_served"], "people")],
                [session.say("coverage_page.map.unserved", minutes=minutes), session.figure(row["people_unserved"], "people")]]
        if row["venue"] == "planned":
            mine.insert(0, session.say("coverage_page.map.planned_here"))
        lines.append(mine)
    return lines


def _dot_tips(session: Session, rows: gpd.GeoDataFrame) -> dict[str, list]:
    limit = f"{session.scenario.travel.catchment_min:g}"
    tips = {}
    for row in rows.drop(columns="geometry").to_dict("records"):
        name = row["name"] if pd.notna(row["name"]) else session.say("coverage_page.map.nameless")
        lines: list = [str(name)]
        if pd.notna(row["village_name"]):
            lines.append([session.say("coverage_page.head.village_name"), str(row["village_name"])])
        lines.append([session.say("app.words.population"), session.figure(row["people"], "people")])
        if row["kind"] == "beyond":
            lines.append([session.say("coverage_page.map.walk"), session.figure(row["walk_min"], "min")])
        else:
            walk_limit = f"{session.scenario.travel.walk_limit_min:g}"
            lines.append(session.say(f"coverage.unserved.{row['reason']}", limit_min=limit, walk_limit_min=walk_limit))
        tips[row["id"]] = lines
    return tips


def _legend(session: Session, review: Review, items: list[dict], dots: gpd.GeoDataFrame) -> list[dict]:
    kept = [item for item in items if item.get("shape") != "line"]
    own: list[dict] = []
    if (review.coverage.villages["venue"] == "planned").any():
        own.append({"fill": STATUS_COLOURS["planned"], "text": session.say("coverage_page.map.planned")})
    minutes = f"{review.coverage.served_min:g}"
    for kind, style in DOT_STYLES.items():
        if (dots["kind"] == kind).any():
            own.append({"shape": "dot", "fill": style["fillColor"], "stroke": style["color"], "width": style["weight"],
                        "radius": 4, "text": session.say(f"coverage_page.map.{kind}", minutes=minutes)})
    return [*kept[:-1], *own, kept[-1]]


def village_of_click(review: Review, click: Click) -> str | None:
    """The village that was clicked, or that a clicked natural village belongs to."""
    if click.kind == "village":
        return click.id
    places = review.coverage.settlements
    found = places[(_DOT + places["settlement_id"].astype(str) == click.id).to_numpy(dtype=bool)]
    return None if found.empty or pd.isna(found.iloc[0]["village_code"]) else str(found.iloc[0]["village_code"])
