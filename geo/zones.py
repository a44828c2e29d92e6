"""Restricted ground: areas as drawn, power lines by voltage, control zones along the roads; each under its rule, in m."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.inputs import CountyLike
from geo.overlay import polygons
from geo.scenario import LineZones, RestrictionRule, RoadLand, Scenario

HAIRLINE_M = 0.1
"""A restriction drawn as a line or point without a buffer is taken for this much ground on each side, in m."""


@dataclass(frozen=True)
class Zones:
    """Every piece of restricted ground of a county.

    Attributes
    ----------
    shape : array of geometries
        Valid ones in the county's CRS; pieces may overlap.
    rule : int64 array
        Position of each piece's rule in ``scenario.restrictions``.
    road_class : object array
        Class of the road that a piece was drawn along; None where it is a restriction's own shape.
    voltage_kv : float64 array
        Voltage of the power line that a piece was drawn along; NaN where it is none, or not known.
    known : tuple of int
        Rules of which the county has data, if only to say that there is none near.
    """

    shape: np.ndarray
    rule: np.ndarray
    road_class: np.ndarray
    voltage_kv: np.ndarray
    known: tuple[int, ...]


def rule_of(kind: str, scenario: Scenario) -> RestrictionRule | None:
    """Rule for a kind of restriction; a kind that the scenario does not name follows its rule for *other*."""
    rules = {rule.kind: rule for rule in scenario.restrictions}
    return rules.get(kind, rules.get("other"))


def zones(county: CountyLike, scenario: Scenario) -> Zones:
    """All restricted ground: the layer of restrictions, each widened by its rule, and the control zones of the roads.

    A power line drawn as a line gets the zone of its voltage (`LineZones`), a road that of its class (`RoadLand`): half its
    width, or half the usual one of its class where the layer says none, and the zone beyond.
    """
    own, own_rule, voltage = _drawn(county, scenario)
    along, road_class = road_zones(county.roads, scenario.road_land)
    position = _position(scenario.road_land.zone_kind, scenario)
    along, road_class = (along, road_class) if position is not None else (along[:0], road_class[:0])
    known = {int(rule) for rule in own_rule} | ({position} if position is not None and county.roads is not None else set())
    return Zones(
        shape=np.concatenate([own, along]),
        rule=np.concatenate([own_rule, np.full(len(along), -1 if position is None else position, dtype=np.int64)]),
        road_class=np.concatenate([np.full(len(own), None, dtype=object), road_class]),
        voltage_kv=np.concatenate([voltage, np.full(len(along), np.nan)]),
        known=tuple(sorted(known)),
    )


def _position(kind: str, scenario: Scenario) -> int | None:
    rule = rule_of(kind, scenario)
    return None if rule is None else scenario.restrictions.index(rule)


def _drawn(county: CountyLike, scenario: Scenario) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shapes of the layer of restrictions widened by their rules, the position of each one's rule, and its voltage in kV."""
    layer = county.restrictions
    if layer is None or not len(layer):
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64), np.empty(0)
    kinds = layer["kind"].astype("object").fillna("other")
    position = {kind: _position(kind, scenario) for kind in kinds.unique()}
    rule = kinds.map({kind: -1 if at is None else at for kind, at in position.items()}).to_numpy("int64")
    shapes = polygons(np.asarray(layer.geometry.array, dtype=object))
    thin = ~(shapely.area(shapes) > 0)
    buffer_m = np.array([one.buffer_m for one in scenario.restrictions] + [0.0])[rule]
    voltage = layer["voltage_kv"].to_numpy("float64") if "voltage_kv" in layer else np.full(len(layer), np.nan)
    power = _position(scenario.line_zones.kind, scenario)
    line = thin & (rule == power) & (shapely.get_dimensions(shapes) == 1)
    reach_m = np.where(thin, np.maximum(buffer_m, HAIRLINE_M), buffer_m)
    reach_m = np.where(line, np.maximum(line_reach_m(voltage, scenario.line_zones), reach_m), reach_m)
    widened = np.flatnonzero(reach_m > 0)
    shapes = shapes.copy()
    shapes[widened] = polygons(shapely.buffer(shapes[widened], reach_m[widened], cap_style="round"))
    return shapes[rule >= 0], rule[rule >= 0], np.where(line, voltage, np.nan)[rule >= 0]


def line_reach_m(voltage_kv: np.ndarray, rule: LineZones) -> np.ndarray:
    """Metres from the middle of a power line to the edge of its protection zone, by voltage in kV.

    Examples
    --------
    >>> rule = LineZones("power_line", ((1.0, 5.0, 1.0), (35.0, 10.0, 3.0)), unknown_m=13.0)
    >>> line_reach_m(np.array([0.4, 10.0, 110.0, np.nan]), rule).tolist()
    [0.0, 6.0, 13.0, 13.0]
    """
    start = np.array([step[0] for step in rule.steps])
    reach = np.array([0.0, *(zone_m + half_m for _, zone_m, half_m in rule.steps)])
    return np.where(np.isnan(voltage_kv), rule.unknown_m, reach[np.searchsorted(start, np.nan_to_num(voltage_kv), side="right")])


def road_width_m(roads: gpd.GeoDataFrame, rule: RoadLand) -> np.ndarray:
    """Width in m of each road: as the layer says, else the usual one of its class, else 0."""
    usual = _of_class(roads, rule.width_m)
    said = roads["width_m"].to_numpy("float64") if "width_m" in roads else np.full(len(roads), np.nan)
    return np.where(said > 0, said, usual)


def _of_class(roads: pd.DataFrame, table: Mapping[str, float]) -> np.ndarray:
    """Metres that a table gives for the class of each road, 0 where it has none; by class, for there are few of them."""
    code, names = pd.factorize(roads["road_class"])
    return np.array([*(float(table.get(name, 0.0)) for name in names), 0.0])[code]


def road_zones(roads: gpd.GeoDataFrame | None, rule: RoadLand) -> tuple[np.ndarray, np.ndarray]:
    """Building control zones along roads as polygons, and the road class of each.

    Roads of one class and width are joined end to end first. A road's land may be wider than its carriageway (ditch and verge): a
    layer that gives the carriageway alone makes the zones narrower than the law's, which is why their rule asks to verify.
    """
    nothing = np.empty(0, dtype=object)
    if roads is None or not len(roads):
        return nothing, nothing
    zone = _of_class(roads, rule.zone_m)
    rows = np.flatnonzero(zone > 0)
    if not len(rows):
        return nothing, nothing
    reach = pd.Series((road_width_m(roads, rule) / 2 + zone)[rows])
    classes = roads["road_class"].astype("object").reset_index(drop=True).iloc[rows].reset_index(drop=True)
    lines = np.asarray(roads.geometry.array, dtype=object)[rows]
    single = bool((shapely.get_type_id(lines) == 1).all())
    shapes: list[np.ndarray] = []
    names: list[np.ndarray] = []
    for (name, reach_m), group in reach.groupby([classes, reach], sort=True):
        drawn = lines[group.index] if single else shapely.get_parts(lines[group.index])
        joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(drawn)))
        shapes.append(polygons(shapely.buffer(joined, reach_m, quad_segs=6)))
        names.append(np.full(len(joined), name, dtype=object))
    return np.concatenate(shapes), np.concatenate(names)
