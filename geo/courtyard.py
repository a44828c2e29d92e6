"""Courtyard: what a site's ground is taken up by, what is left of it, and what fits there; areas in m2, sides in m, shares 0..1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.fit import compactness, house_stands, house_stands_on, largest_rectangles, yard_needed_m2
from geo.inputs import CountyLike
from geo.overlay import Overlaps, overlaps, polygons, union_m2, union_rows
from geo.plots import Plots, plots_of
from geo.scenario import FAIL, VERIFY, Scenario
from geo.zones import Zones, zones

ROUNDING_M2 = 1e-6
"""What is left by rounding of coordinates where buildings and restrictions take the whole parcel."""

HALF_CM2 = 0.005
"""Areas are stated to 0.01 m2; one that misses a minimum by less than half of that has it."""

RECTANGLE = ("rectangle_m2", "rectangle_long_m", "rectangle_short_m")


@dataclass(frozen=True)
class _Site:
    """Candidates that have an area, their ground, and all that lies on it; rows of arrays are those candidates."""

    candidates: pd.DataFrame
    county: CountyLike
    scenario: Scenario
    at: np.ndarray
    """Positions among all candidates."""
    land: Plots
    yard: np.ndarray
    """True where the shape is the parcel, not the building alone."""
    ground: Zones
    found: Overlaps
    zone: np.ndarray
    """Of each overlap: position in `ground`, negative for a house."""
    rule: np.ndarray
    """Of each overlap: position of the rule, -1 for a house."""
    taken: np.ndarray
    """Of each overlap: whether it is a house, or under a rule that forbids building."""
    free: Plots
    """The ground less all that is taken."""

    def under(self, *verdicts: str, remainder: bool = False) -> np.ndarray:
        """Which overlaps fall under a rule of these verdicts (with `remainder`, one judged by what it leaves)."""
        return _rules(self.scenario, verdicts, remainder=remainder)[self.rule]

    def spread(self, values: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Numbers of these rows on all candidates, NaN elsewhere."""
        out = np.full(len(self.candidates), np.nan)
        out[self.at[rows]] = values
        return out


def _rules(scenario: Scenario, verdicts: tuple[str, ...], *, remainder: bool = False) -> np.ndarray:
    """Mark of each rule, and False behind them for what falls under none."""
    marks = [one.verdict in verdicts and (one.judge == "remainder" or not remainder) for one in scenario.restrictions]
    return np.array([*marks, False])


def areas(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario, *, plots: Plots | None = None) -> pd.DataFrame:
    """Areas in m2 of parcel, buildings and usable courtyard, what fits on it, and the share in each kind of restriction.

    The usable courtyard is the parcel less the buildings on it and the parts where a restriction forbids building (each square
    metre taken off once). A building to reuse that stands on no known parcel has no known yard: its areas are missing, and so is
    what fits. A venue to upgrade without a parcel has the courtyard that its record declares.

    Parameters
    ----------
    candidates : GeoDataFrame
        As `geo.candidates.candidates` makes them.
    county : CountyLike
    scenario : Scenario
        Restrictions whose verdict is *fail* are taken off.
    plots : Plots, optional
        The candidates' shapes, where they are at hand.

    Returns
    -------
    DataFrame
        Same index:

        - `parcel_area_m2`, `building_area_m2`, `parcel_less_buildings_m2` (both missing without a layer of buildings),
          `courtyard_m2` (without such a layer the parcel less the restricted parts), `compactness` of the parcel (Polsby-Popper);
        - `rectangle_m2`, `rectangle_long_m`, `rectangle_short_m`: the largest rectangle on the usable courtyard, 0 where none is;
        - `house_fits` (yes, no): for new build whether a house with its yard stands on the usable courtyard, for reuse whether its
          own house is clear of forbidden ground and enough yard is left; missing where the yard is not known, and for upgrades;
        - `house_fits_clear`: the same outside the ground too on which a restriction judged by the remainder asks to verify;
        - `restriction_share_<kind>` for each rule: share of the candidate in it, overlapping areas counted once; NaN without data;
        - `zone_road_class`, `zone_voltage_kv`: of the road or power line whose zone reaches the candidate; missing where none does.
    """
    site = _site(candidates, plots_of(candidates) if plots is None else plots, county, scenario)
    measured = _measured(site)
    columns = {**measured, **_fits(site, measured["courtyard_m2"]), **_shares(site), **_lines(site)}
    return pd.DataFrame(columns, index=candidates.index)


def _site(candidates: pd.DataFrame, plots: Plots, county: CountyLike, scenario: Scenario) -> _Site:
    at = np.flatnonzero(plots.area_m2 > 0)
    land = plots.mended().only(at)
    houses = np.empty(0, dtype=object) if county.buildings is None else np.asarray(county.buildings.geometry.array, dtype=object)
    ground = zones(county, scenario)
    found = overlaps(land, np.concatenate([polygons(houses), ground.shape]), checked=True)
    zone = found.area - len(houses)
    rule = np.append(ground.rule, -1)[np.where(zone >= 0, zone, -1)]
    yard = candidates["parcel_id"].notna().to_numpy()[at]
    taken = (rule < 0) | _rules(scenario, (FAIL,))[rule]
    return _Site(candidates, county, scenario, at, land, yard, ground, found, zone, rule, taken, left(land, found, taken))


def _measured(site: _Site) -> dict[str, np.ndarray]:
    candidates, found, yard = site.candidates, site.found, site.yard
    building_m2 = candidates["footprint_m2"].to_numpy("float64", copy=True)   # all that is known of a building without a parcel
    less_m2 = np.full(len(candidates), np.nan)
    left_m2, cut = found.shape_m2.copy(), np.unique(found.shape[site.taken])
    left_m2[cut] = shapely.area(site.free.shapes[cut])
    courtyard_m2 = site.spread(np.where(left_m2 > ROUNDING_M2, left_m2, 0.0)[yard], yard)
    if site.county.buildings is not None:
        house_m2 = union_m2(found, site.rule < 0)[yard]
        building_m2[site.at[yard]] = house_m2
        less_m2 = site.spread(found.shape_m2[yard] - house_m2, yard)
    parcel_m2 = site.spread(found.shape_m2[yard], yard)
    declared = candidates["venue_courtyard_m2"].to_numpy("float64")
    without = np.isnan(parcel_m2) & (candidates["kind"] == "upgrade").to_numpy()
    return {"parcel_area_m2": parcel_m2, "building_area_m2": building_m2, "parcel_less_buildings_m2": less_m2,
            "courtyard_m2": np.where(without, declared, courtyard_m2),
            "compactness": site.spread(compactness(site.land.shapes[yard]), yard)}


def _fits(site: _Site, courtyard_m2: np.ndarray) -> dict[str, object]:
    """Rectangles, and whether house and yard stand on what is left: of forbidding restrictions, and of those that ask to verify."""
    kind = site.candidates["kind"].to_numpy(dtype=object)[site.at]
    new, reuse = (kind == "new") & site.yard, (kind == "reuse") & site.yard
    rule = site.scenario.courtyard
    rectangles = largest_rectangles(site.free.only(np.flatnonzero(site.yard)), house_m2=rule.house_m2, side_m=rule.house_min_side_m)
    stands = np.zeros(len(site.at), dtype=bool)
    stands[site.yard] = house_stands(rectangles, rule)
    clear = stands.copy()
    asking = site.under(VERIFY, remainder=True)
    again = np.unique(site.found.shape[asking & (new & stands)[site.found.shape]])
    if len(again):
        clear[again] = False
        again = again[_at_most_m2(site.found, site.taken | asking)[again] >= yard_needed_m2(rule) - HALF_CM2]
        clear[again] = house_stands_on(left(site.free, site.found, asking & ~site.taken, only=again), rule)
    if reuse.any():
        forbidden = _rules(site.scenario, (FAIL,))
        kept = _keeps_yard(site, reuse, courtyard_m2)
        stands[reuse] = kept & _house_clear(site, reuse, forbidden)
        clear[reuse] = kept & _house_clear(site, reuse, forbidden | _rules(site.scenario, (VERIFY,), remainder=True))
    columns: dict[str, object] = {
        name: site.spread(rectangles[name].fillna(0.0).to_numpy(), site.yard) for name in RECTANGLE}
    for name, holds in (("house_fits", stands), ("house_fits_clear", clear)):
        words = np.full(len(site.candidates), None, dtype=object)
        words[site.at] = np.where(new | reuse, np.where(holds, "yes", "no"), None)
        columns[name] = pd.array(words, dtype="str")
    return columns


def _at_most_m2(found: Overlaps, taken: np.ndarray) -> np.ndarray:
    """Area in m2 that the marked overlaps may leave of each shape at most: all but the largest of them; told without a union."""
    largest_m2 = np.zeros(found.size)
    np.maximum.at(largest_m2, found.shape[taken], found.part_m2[taken])
    return found.shape_m2 - largest_m2 + ROUNDING_M2


def left(land: Plots, found: Overlaps, taken: np.ndarray, *, only: np.ndarray | None = None) -> Plots:
    """Shapes less the overlaps that are marked `taken`; of the shapes at the positions `only`, if given.

    Parameters
    ----------
    land : Plots
        Those that `found` was made from, or what is left of them already; valid ones.
    found : Overlaps
    taken : bool array over the rows of `found`
    only : int array, optional
        Ascending.
    """
    if only is not None:
        taken = taken & np.isin(found.shape, only)
    whole = np.zeros(len(land), dtype=bool)
    whole[found.shape[taken & found.whole]] = True
    cut, rest = found.rest(np.flatnonzero(taken & ~whole[found.shape]), land.shapes)
    at, shapes = np.flatnonzero(whole), np.full(int(whole.sum()), shapely.Polygon(), dtype=object)
    at, shapes = np.concatenate([at, cut]), np.concatenate([shapes, rest])
    return land.exchanged(at, shapes) if only is None else land.only(only).exchanged(np.searchsorted(only, at), shapes)


def _keeps_yard(site: _Site, rows: np.ndarray, courtyard_m2: np.ndarray) -> np.ndarray:
    """Whether standing houses (rows of `site`) keep yard enough: the parcel less forbidden ground (basis *usable*: and houses)."""
    rule = site.scenario.courtyard
    yard_m2 = courtyard_m2[site.at]
    if rule.basis != "usable":
        yard_m2 = site.found.shape_m2 - union_m2(site.found, site.under(FAIL) & rows[site.found.shape])
    return yard_m2[rows] >= rule.min_area_m2 - HALF_CM2


def _house_clear(site: _Site, rows: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """Whether the building of each of the candidates (rows of `site`) lies outside the ground under the marked rules."""
    buildings = site.county.buildings
    position = pd.Index(buildings["building_id"].astype("object")).get_indexer(
        site.candidates["building_id"].astype("object").iloc[site.at[rows]])
    met = overlaps(np.asarray(buildings.geometry.array, dtype=object)[position], site.ground.shape[marked[site.ground.rule]])
    clear = np.ones(len(position), dtype=bool)
    clear[met.shape[met.part_m2 > ROUNDING_M2]] = False
    return clear


def _shares(site: _Site) -> dict[str, np.ndarray]:
    """Share of each candidate in each kind; of a candidate without area 1 where it meets one."""
    shapes = np.asarray(site.candidates.geometry.array, dtype=object)
    without = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    without[site.at] = False
    thin = np.flatnonzero(without)
    columns = {}
    for position, one in enumerate(site.scenario.restrictions):
        share = np.full(len(shapes), np.nan)
        if position in site.ground.known:
            rows, held_m2 = union_rows(site.found, site.rule == position)
            share[site.at] = share[thin] = 0.0
            share[site.at[rows]] = held_m2 / site.found.shape_m2[rows]
            mine = site.ground.shape[site.ground.rule == position]
            if len(thin) and len(mine):
                share[thin[shapely.STRtree(shapes[thin]).query(mine, predicate="intersects")[1]]] = 1.0
        columns[f"restriction_share_{one.kind}"] = share
    return columns


def _lines(site: _Site) -> dict[str, object]:
    """Class of the road with the widest zone, and the highest voltage, among the zones along lines that reach each candidate."""
    classes = np.full(len(site.candidates), None, dtype=object)
    kv = np.full(len(site.candidates), np.nan)
    drawn = np.flatnonzero(site.zone >= 0)
    names = site.ground.road_class[site.zone[drawn]]
    for name in sorted(pd.unique(names[pd.notna(names)]), key=lambda one: (site.scenario.road_land.zone_m.get(one, 0.0), one)):
        classes[site.at[site.found.shape[drawn[names == name]]]] = name
    voltage = site.ground.voltage_kv[site.zone[drawn]]
    rising = np.argsort(voltage, kind="stable")[: int((~np.isnan(voltage)).sum())]
    kv[site.at[site.found.shape[drawn[rising]]]] = voltage[rising]
    return {"zone_road_class": pd.array(classes, dtype="str"), "zone_voltage_kv": kv}
