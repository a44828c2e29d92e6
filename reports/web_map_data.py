"""What the offline map shows, as data for its page: villages, sites, roads, limits, venues and, with a plan, the planned sites.

Every text is plain: the page sets it as text, never as markup.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.planning import Plan
from geo.results import VENUE_STATUS, Study
from geo.scenario import FAIL
from layers.county import County
from layers.schema import ROAD_CLASSES
from layers.words import catalogue, say
from reports import web_shapes
from reports.figures import figure, is_missing
from reports.plan import sites_layer
from reports.safe import plain_text, shortened
from reports.styles import (
    PASS_RAMP,
    SITE_COLOUR,
    STATUS_COLOURS,
    STATUS_HATCHED,
    STATUS_OPACITY,
    VERIFY_RAMP,
    score_colour,
)

MOST_SITES = 12_000
"""Sites on the map at most; where more pass or wait, the best of each village are shown, the same number in each."""

MOST_ROAD_POINTS = 120_000
"""Points of all roads at most; beyond, township roads and better are drawn alone."""

LONGEST_NAME = 120
LONGEST_TEXT = 1200

ROAD_STYLES = {
    "expressway": ("#7d5a9b", 3.2), "national": ("#a2543a", 2.8), "provincial": ("#b5714a", 2.4), "county": ("#8f7a5c", 2.0),
    "township": ("#8f8674", 1.4), "village": ("#8d8a82", 1.2), "street": ("#9a9791", 0.9), "track": ("#a08e72", 0.8),
    "path": ("#8d7d66", 0.6),
}
_THROUGH = ROAD_CLASSES[: ROAD_CLASSES.index("township") + 1]

Origin = tuple[float, float]


def map_data(study: Study, county: County, language: str, *, reasons: pd.DataFrame, plan: Plan | None = None,
             most_sites: int = MOST_SITES) -> dict[str, Any]:
    """All that the page draws and says, ready to be written as JSON.

    Parameters
    ----------
    study, county : Study, County
    language : str
        ``zh`` or ``en``.
    reasons : DataFrame
        `reports.reasons.reasons_table` of the same study in the same language.
    plan : Plan, optional
        With its details: its sites are drawn too.
    most_sites : int
        As `MOST_SITES`.
    """
    shown, each = shown_sites(study, most_sites)
    told = _told(reasons)
    frames = [shown.geometry, *(frame.geometry for frame in (study.villages, county.roads) if frame is not None)]
    bounds = _bounds(frames)
    origin = (bounds[0][1], bounds[0][0])
    villages = _villages(study, told, origin, language)
    numbers = {row["code"]: position for position, row in enumerate(villages) if row["code"]}
    standard = study.scenario.name.get(language, study.scenario.id)
    data = {
        "language": language, "origin": origin, "units": web_shapes.UNITS, "bounds": bounds,
        "title": say("web_map.title", language, county=county.name),
        "basis": say("report.summary.basis", language, scenario=standard, version=study.scenario.version, crs=county.crs.name),
        "words": {key.removeprefix("web_map.page."): text for key, text in catalogue(language).items()
                  if key.startswith("web_map.page.")},
        "villages": villages, "sites": _sites(shown, told, numbers, origin, language),
        "limit": _limit_text(study, shown, each, language),
        "roads": _roads(county, origin), "townships": _townships(study, county, origin),
        "venues": _venues(county, origin, language),
        "planned": [] if plan is None else _planned(plan, study, told, numbers, origin, language),
        "statuses": {status: {"colour": STATUS_COLOURS[status], "opacity": STATUS_OPACITY[status],
                              "hatched": status in STATUS_HATCHED, "text": say(f"criteria.venue.{status}", language)}
                     for status in VENUE_STATUS},
        "ramps": [{"colours": ramp, "text": say(f"criteria.verdict.{verdict}", language)}
                  for verdict, ramp in (("pass", PASS_RAMP), ("verify", VERIFY_RAMP))],
        "ends": say("app.map.ramp_ends", language), "planned_colour": SITE_COLOUR,
    }
    return _plain(data)


def shown_sites(study: Study, most: int = MOST_SITES) -> tuple[gpd.GeoDataFrame, int | None]:
    """The sites on the map, best first within each village, and how many of each village at most; None where all are shown.

    Only those that pass or wait for a paper are shown.
    """
    sites = study.candidates
    ranked = sites[(sites["verdict"] != FAIL).to_numpy() & sites["rank_in_village"].notna().to_numpy()]
    each = None
    if len(ranked) > most:
        ranks = np.sort(ranked["rank_in_village"].to_numpy("int64"))
        each = max(int(ranks[most]) - 1, 1)   # the deepest rank that every village may show without going beyond the limit
        ranked = ranked[(ranked["rank_in_village"] <= each).to_numpy(bool)]
    return ranked.sort_values(["village_code", "rank_in_village", "candidate_id"], kind="stable"), each


def _limit_text(study: Study, shown: gpd.GeoDataFrame, each: int | None, language: str) -> str:
    everything = int((study.candidates["verdict"] != FAIL).sum())
    if each is None:
        return say("web_map.all_shown", language, count=f"{len(shown):,}")
    return say("web_map.best_shown", language, each=each, count=f"{len(shown):,}", all=f"{everything:,}")


def _told(reasons: pd.DataFrame) -> Mapping[tuple[str, str], list[str]]:
    """Sentences by (village code, candidate id); a village's own have no candidate."""
    table = reasons.fillna("")
    return {key: rows.tolist() for key, rows in table.groupby(["village_code", "candidate_id"], sort=False)["text"]}


def _bounds(parts: list[gpd.GeoSeries]) -> list[list[float]]:
    """[[south, west], [north, east]] in degrees around the first of the parts that has anything: sites alone may miss villages."""
    boxes = [part.to_crs(4326).total_bounds for part in parts if len(part) and not part.isna().all()]
    boxes = [box for box in boxes if np.isfinite(box).all()]
    if not boxes:
        return [[-60.0, -180.0], [60.0, 180.0]]
    low, high = np.min(boxes[:2], axis=0), np.max(boxes[:2], axis=0)
    return [[round(float(low[1]), 5), round(float(low[0]), 5)], [round(float(high[3]), 5), round(float(high[2]), 5)]]


def _villages(study: Study, told: Mapping, origin: Origin, language: str) -> list[dict]:
    frame = study.villages.sort_values(["village_code", "village_name"], kind="stable", na_position="last")
    kinds = frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    drawn = frame.geometry.copy()
    if kinds.any():
        drawn[kinds] = frame.geometry[kinds].simplify_coverage(12.0)
    shapes = web_shapes.in_degrees(drawn)
    areas, points = web_shapes.areas(shapes, origin), web_shapes.points(shapes, origin)
    rows = []
    for row, area, point in zip(_records(frame), areas, points, strict=True):
        code = "" if pd.isna(row["village_code"]) else str(row["village_code"])
        facts = [[say("app.words.venue", language), say(f"criteria.venue.{row['venue']}", language)],
                 [say("app.words.population", language), figure(row["population"], "people", language=language)],
                 [say("app.words.passing", language), figure(row["passing"], "", language=language)],
                 [say("web_map.waiting", language), figure(row["verifying"], "", language=language)]]
        rows.append({"code": code, "name": _name(row["village_name"], code), "town": _name(row["township_name"], ""),
                     "status": row["venue"], "facts": facts, "told": told.get((code, ""), []),
                     "area": area, "point": point})
    return rows


def _sites(shown: gpd.GeoDataFrame, told: Mapping, numbers: Mapping[str, int], origin: Origin, language: str) -> list[dict]:
    shapes = web_shapes.in_degrees(shown.geometry)
    areas, points = web_shapes.areas(shapes, origin), web_shapes.points(shapes, origin)
    rows = []
    columns = ["candidate_id", "village_code", "kind", "verdict", "score", "score_low", "score_high", "rank_in_village",
               "unverified_gates", "courtyard_m2", "road_distance_m"]
    for row, area, point in zip(pd.DataFrame(shown[columns]).to_dict("records"), areas, points, strict=True):
        code, site = str(row["village_code"]), str(row["candidate_id"])
        score = math.nan if pd.isna(row["score"]) else float(row["score"])
        rows.append({
            "id": site, "village": numbers.get(code), "rank": int(row["rank_in_village"]),
            "fill": score_colour(row["verdict"], score if math.isnan(score) else round(score)), "kind": row["kind"],
            "verdict": row["verdict"], "facts": _site_facts(row, language), "told": told.get((code, site), []),
            "area": area, "point": None if area is not None else point,
        })
    return rows


def _site_facts(row: Mapping[str, Any], language: str) -> list[list[str]]:
    verdict = say(f"criteria.verdict.{row['verdict']}", language)
    gates = [] if pd.isna(row["unverified_gates"]) else [gate for gate in str(row["unverified_gates"]).split(";") if gate]
    if gates:
        names = say("report.list_joiner", language).join(say(f"criteria.gate.{gate}", language) for gate in gates)
        verdict = say("web_map.verdict_for", language, verdict=verdict, gates=names)
    score = figure(row["score"], "score", language=language)
    if pd.notna(row["score"]) and row["score_high"] - row["score_low"] >= 0.05:
        score = say("app.map.band", language, score=score, low=figure(row["score_low"], "score", language=language),
                    high=figure(row["score_high"], "score", language=language))
    return [[say("app.map.kind", language), say(f"criteria.kind.{row['kind']}", language)],
            [say("app.map.verdict", language), verdict], [say("app.map.score", language), score],
            [say("app.map.rank", language), str(int(row["rank_in_village"]))],
            [say("app.map.courtyard", language), figure(row["courtyard_m2"], "m2", language=language)],
            [say("app.map.road", language), figure(row["road_distance_m"], "m", language=language)]]


def _planned(
    plan: Plan, study: Study, told: Mapping, numbers: Mapping[str, int], origin: Origin, language: str,
) -> list[dict]:
    """One mark for each planned site; one that several villages share names them all."""
    frame = sites_layer(plan, study, language)
    points = web_shapes.points(web_shapes.in_degrees(frame.geometry), origin)
    by_site = {site: sentences for (_, site), sentences in told.items()}
    found: dict[str, dict] = {}
    texts = catalogue(language)
    for row, point in zip(_records(frame), points, strict=True):
        if point is None:
            continue
        name = _name(row["village_name"], str(row["village_code"]))
        if row["candidate_id"] in found:
            found[row["candidate_id"]]["names"].append(name)
            continue
        facts = [[say(f"app.map.{column}", language), texts[f"criteria.{column}.{row[column]}"]]
                 for column in ("kind", "verdict") if f"criteria.{column}.{row[column]}" in texts]
        served = say("web_map.before_after", language, before=figure(row["served_before"], "", language=language, decimals=0),
                     after=figure(row["served_after"], "people", language=language))
        facts += [[say("app.map.score", language), figure(row["score"], "score", language=language)],
                 [say("web_map.cost", language), _yuan(row["cost_yuan"], language)],
                 [say("web_map.served", language), served]]
        site = str(row["candidate_id"])
        found[site] = {"id": site, "names": [name], "village": numbers.get(str(row["village_code"])), "facts": facts,
                       "told": by_site.get(site, []), "point": point}
    return list(found.values())


def _roads(county: County, origin: Origin) -> list[dict]:
    if county.roads is None or county.roads.empty:
        return []
    roads = county.roads
    shapes = web_shapes.in_degrees(roads.geometry, tolerance_m=4.0)
    drawn = shapely.get_num_coordinates(shapes)
    classes = ROAD_CLASSES if drawn.sum() <= MOST_ROAD_POINTS else _THROUGH
    layers = []
    for name in reversed(classes):
        these = shapes[(roads["road_class"] == name).fillna(False).to_numpy(bool) & (drawn > 1)]
        if len(these):
            merged = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(these)))
            colour, width = ROAD_STYLES[name]
            layers.append({"colour": colour, "width": width, "lines": web_shapes.lines([merged], origin)})
    return layers


def _townships(study: Study, county: County, origin: Origin) -> dict:
    limits = county.townships
    if limits is None or limits.empty or limits.geometry.isna().all():
        villages = study.villages
        areas = villages[villages.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) & villages["township_code"].notna()]
        if areas.empty:
            return {"lines": [], "names": []}
        limits = areas[["township_code", "township_name", "geometry"]].dissolve(by="township_code", as_index=False)
    known = limits[limits.geometry.notna()]
    edges = gpd.GeoSeries([known.geometry.boundary.union_all()], crs=known.crs)
    points = web_shapes.points(web_shapes.in_degrees(known.geometry), origin)
    names = [{"name": _name(name, ""), "point": point}
             for name, point in zip(known["township_name"], points, strict=True) if pd.notna(name)]
    return {"lines": web_shapes.lines(web_shapes.in_degrees(edges, tolerance_m=12.0), origin), "names": names}


def _venues(county: County, origin: Origin, language: str) -> list[dict]:
    if county.venues is None or county.venues.empty:
        return []
    venues = county.venues[~county.venues["planned"].fillna(False).to_numpy(dtype=bool) & county.venues.geometry.notna().to_numpy()]
    points = web_shapes.points(web_shapes.in_degrees(venues.geometry), origin)
    return [{"name": _name(row["venue_name"], say("app.words.existing_venue", language)), "point": point,
             "facts": [[say("app.words.floor_area", language), figure(row["floor_area_m2"], "m2", language=language)],
                       [say("app.words.courtyard", language), figure(row["courtyard_m2"], "m2", language=language)]]}
            for row, point in zip(_records(venues), points, strict=True) if point is not None]


def _records(frame: gpd.GeoDataFrame) -> list[dict]:
    """Rows without their shapes."""
    return pd.DataFrame(frame.drop(columns=frame.geometry.name)).to_dict("records")


def _name(name: object, otherwise: str) -> str:
    return otherwise if name is None or pd.isna(name) else shortened(plain_text(name), LONGEST_NAME)


def _yuan(value: object, language: str) -> str:
    return figure(value, "", language=language) if is_missing(value) else say("web_map.yuan", language, value=f"{value:,.0f}")


def _plain(value: Any) -> Any:
    """The same with every text freed of hidden characters and cut where it is far too long."""
    if isinstance(value, str):
        return shortened(plain_text(value), LONGEST_TEXT)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return value if value and isinstance(value[0], int) else [_plain(one) for one in value]
    return value
