"""Whose land it is: owner level, share in undisputed collective ownership of its own village, and what that rests on.

Three sources speak, in order of force: registered title or cadastre, collective-ownership polygons (JA), land survey. The stronger
one decides; where any two contradict each other that is said, and the gate asks to verify.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.assign import unit_positions, village_positions
from geo.inputs import CountyLike
from geo.overlay import Overlaps, overlaps, union_m2
from geo.scenario import CollectiveRule, Scenario

OWN_LEVELS = ("village", "villager_group", "other_collective", "collective")
"""Levels at which land belongs to a village's people; a villager group's land is collective land of its village."""
COLLECTIVE_LEVELS = (*OWN_LEVELS, "township")
OTHER_LEVELS = ("state", "private")

POINT_RADIUS_M = 0.5
"""A candidate known only as a point is taken for the ground this far around it, in m."""

CONTRADICTIONS = ("title_papers", "title_polygon", "title_survey", "polygon_survey", "levels")
"""Papers of the title against each other; any two sources on whether the land is collective; any two on whose collective it is."""

SPECIFIC = ("village", "villager_group", "township", "other_collective")


@dataclass(frozen=True)
class _Polygons:
    """What the collective-ownership layer says of each candidate; shares 0..1, NaN where there is no layer."""

    own_share: np.ndarray
    collective_share: np.ndarray
    disputed_share: np.ndarray
    undetermined_share: np.ndarray
    row: np.ndarray
    """Position of the ownership polygon that holds most of it, -1 none."""
    row_share: np.ndarray


def ownership(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario) -> pd.DataFrame:
    """Share (0..1) of each candidate in undisputed collective ownership of its own village, owner level, strength of evidence.

    With a layer of ownership polygons the share is measured on it. Without one it is 1 where the title or the survey names the
    candidate's own village as owner, 0 where it names another, the state or a person, and unknown where the unit is not named.
    A source that says only *collective* takes its level from the next one that says more.

    Parameters
    ----------
    candidates : GeoDataFrame
        As `geo.candidates.candidates` makes them.
    county : CountyLike
    scenario : Scenario
        Its `collective` rule says which share counts as whole and below which the polygons say no.

    Returns
    -------
    DataFrame
        Same index. `collective_share`, `owner_level`, `evidence_strength` (title, polygon, survey; missing where nothing speaks);
        the facts behind them: `owner_unit` (own, other, unlisted: the village that the parcel's papers name as owner),
        `polygon_level`, `polygon_unit`, `polygon_id`, `polygon_owner`, `polygon_source` and
        `polygon_dispute_source` (field=value behind them), `polygon_share` (of the polygon that holds most of it),
        `polygon_collective_share`, `polygon_disputed_share`, `polygon_undetermined_share`, `owner_conflict` (one of
        `CONTRADICTIONS`, missing where the sources agree).
    """
    village = _own_village(candidates, county)
    polygons = _polygons(candidates, village, county)
    title, survey = _known(candidates["title_owner"]), _known(candidates["survey_owner"])
    polygon_level = _polygon_column(polygons, county, "owner_level")
    decisive = np.where(polygons.row_share >= scenario.collective.fail_share, polygon_level, None)
    level, strength = _level(title, decisive, survey)
    unit = _unit(_positions(candidates, county, "owner_code", "owner_name"), village, _named(candidates))
    measured = np.where(village >= 0, polygons.own_share, np.nan)
    share = _share_by_papers(level, unit, village) if county.ownership is None else measured
    return pd.DataFrame({
        "collective_share": share,
        "owner_level": _text(level), "evidence_strength": _text(strength),
        "owner_unit": _text(unit),
        "polygon_level": _text(polygon_level), "polygon_unit": _text(_polygon_unit(polygons, village, county)),
        "polygon_id": _text(_polygon_column(polygons, county, "ownership_id")),
        "polygon_owner": _text(_polygon_column(polygons, county, "owner_name")),
        "polygon_source": _text(_polygon_column(polygons, county, "owner_source")),
        "polygon_dispute_source": _text(_polygon_column(polygons, county, "dispute_source")),
        "polygon_share": polygons.row_share,
        "polygon_collective_share": polygons.collective_share,
        "polygon_disputed_share": polygons.disputed_share,
        "polygon_undetermined_share": polygons.undetermined_share,
        "owner_conflict": _text(_conflict(candidates, title, polygons, decisive, survey, scenario.collective)),
    }).set_index(candidates.index)


def _text(values: np.ndarray) -> pd.array:
    return pd.array(values, dtype="str")


def _known(levels: pd.Series) -> np.ndarray:
    """Owner levels as objects, None where missing or *unknown*: papers that do not say are no evidence."""
    return levels.astype("object").where(levels.notna() & (levels != "unknown"), None).to_numpy(dtype=object)


def _own_village(candidates: pd.DataFrame, county: CountyLike) -> np.ndarray:
    if county.villages is None:
        return np.full(len(candidates), -1, dtype="int64")
    return village_positions(candidates["village_code"], county.villages)


def _positions(frame: pd.DataFrame, county: CountyLike, code: str, name: str) -> np.ndarray:
    if county.villages is None:
        return np.full(len(frame), -1, dtype="int64")
    return unit_positions(frame[code], frame[name], county.villages)


def _named(frame: pd.DataFrame) -> np.ndarray:
    return (frame["owner_code"].notna() | frame["owner_name"].notna()).to_numpy()


def _unit(owner: np.ndarray, village: np.ndarray, named: np.ndarray) -> np.ndarray:
    """Whether the owning unit is the candidate's own village, another, one that is not listed, or (None) not named."""
    return np.select(
        [(owner >= 0) & (owner == village), (owner >= 0) & (village >= 0), (owner < 0) & named],
        np.array(["own", "other", "unlisted"], dtype=object), None)


def _polygons(candidates: pd.DataFrame, village: np.ndarray, county: CountyLike) -> _Polygons:
    size = len(candidates)
    if county.ownership is None:
        unknown = np.full(size, np.nan)
        return _Polygons(unknown, unknown, unknown, unknown, np.full(size, -1, dtype="int64"), unknown)
    layer = county.ownership
    shapes = np.asarray(candidates.geometry.array, dtype=object)
    thin = ~(shapely.area(shapes) > 0)
    if thin.any():
        shapes = shapes.copy()
        shapes[thin] = shapely.buffer(shapes[thin], POINT_RADIUS_M)
    found = overlaps(shapes, np.asarray(layer.geometry.array, dtype=object))
    collective = layer["owner_level"].isin(COLLECTIVE_LEVELS).to_numpy()
    own_level = layer["owner_level"].isin(OWN_LEVELS).to_numpy()
    disputed, undetermined = ((layer["dispute"] == mark).fillna(False).to_numpy(dtype=bool) for mark in ("yes", "undetermined"))
    clear = own_level & ~disputed & ~undetermined
    owner = _positions(layer, county, "owner_code", "owner_name")
    own = clear[found.area] & (owner[found.area] >= 0) & (owner[found.area] == village[found.shape])
    row, row_m2 = _largest(found, len(layer))
    with np.errstate(invalid="ignore"):
        return _Polygons(
            own_share=union_m2(found, own) / found.shape_m2,
            collective_share=union_m2(found, collective[found.area]) / found.shape_m2,
            disputed_share=union_m2(found, disputed[found.area]) / found.shape_m2,
            undetermined_share=union_m2(found, undetermined[found.area]) / found.shape_m2,
            row=row, row_share=row_m2 / found.shape_m2,
        )


def _largest(found: Overlaps, areas: int) -> tuple[np.ndarray, np.ndarray]:
    """Position of the area that holds most of each shape (-1 none; the first listed of equals), and how much it holds in m2."""
    row, row_m2 = np.full(found.size, -1, dtype="int64"), np.zeros(found.size)
    pair, inverse = np.unique(found.shape * max(areas, 1) + found.area, return_inverse=True)
    held = np.bincount(inverse, weights=found.part_m2, minlength=len(pair))
    shape, area = pair // max(areas, 1), pair % max(areas, 1)
    order = np.lexsort((-area, held, shape))
    row[shape[order]], row_m2[shape[order]] = area[order], held[order]
    return row, row_m2


def _polygon_column(polygons: _Polygons, county: CountyLike, name: str) -> np.ndarray:
    if county.ownership is None:
        return np.full(len(polygons.row), None, dtype=object)
    column = county.ownership[name].astype("object")
    return np.append(column.where(column.notna(), None).to_numpy(dtype=object), None)[polygons.row]


def _polygon_unit(polygons: _Polygons, village: np.ndarray, county: CountyLike) -> np.ndarray:
    if county.ownership is None:
        return np.full(len(village), None, dtype=object)
    owner = np.append(_positions(county.ownership, county, "owner_code", "owner_name"), -1)[polygons.row]
    named = np.append(_named(county.ownership), False)[polygons.row]
    return _unit(owner, village, named)


def _level(title: np.ndarray, polygon: np.ndarray, survey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Owner level by the strongest source that speaks, refined by the next where it says no more than *collective*."""
    has_title, has_polygon, has_survey = (pd.notna(source) for source in (title, polygon, survey))
    level = np.where(has_title, title, np.where(has_polygon, polygon, survey))
    for source in (polygon, survey):
        finer = (level == "collective") & np.isin(source.astype(str), COLLECTIVE_LEVELS)
        level = np.where(finer, source, level)
    strength = np.select([has_title, has_polygon, has_survey], np.array(["title", "polygon", "survey"], dtype=object), None)
    return level, strength


def _share_by_papers(level: np.ndarray, unit: np.ndarray, village: np.ndarray) -> np.ndarray:
    """Share where no polygon can be measured: 1 the village's own, 0 somebody else's, NaN where the papers do not say."""
    own_level = np.isin(level.astype(str), OWN_LEVELS)
    unnamed = pd.isna(unit)
    return np.select([
        np.isin(level.astype(str), (*OTHER_LEVELS, "township")),
        village < 0,
        own_level & (unit == "own"), own_level & (unit == "other"), (level == "village") & unnamed,
    ], [0.0, np.nan, 1.0, 0.0, 1.0], np.nan)


def _says(levels: np.ndarray) -> np.ndarray:
    """+1 where a source says collective, -1 where it says state or private, 0 where it is silent."""
    text = levels.astype(str)
    return np.isin(text, COLLECTIVE_LEVELS).astype("int8") - np.isin(text, OTHER_LEVELS).astype("int8")


def _differ(*sources: np.ndarray) -> np.ndarray:
    """Where two sources each name a collective of their own and the two are not the same."""
    differ = np.zeros(len(sources[0]), dtype=bool)
    named = [np.where(np.isin(source.astype(str), SPECIFIC), source, "").astype(str) for source in sources]
    for at, one in enumerate(named):
        for other in named[at + 1:]:
            differ |= (one != "") & (other != "") & (one != other)
    return differ


def _conflict(
    candidates: pd.DataFrame, title: np.ndarray, polygons: _Polygons, polygon: np.ndarray, survey: np.ndarray, rule: CollectiveRule,
) -> np.ndarray:
    """Which two sources contradict each other on whether the land is collective, the stronger pair first; then on whose it is."""
    by_title, by_survey = _says(title), _says(survey)
    by_polygon = (polygons.collective_share >= rule.pass_share).astype("int8") - (polygons.collective_share < rule.fail_share)
    papers = candidates["title_conflict"].fillna(False).to_numpy(dtype=bool)
    return np.select(
        [papers, by_title * by_polygon < 0, by_title * by_survey < 0, by_polygon * by_survey < 0, _differ(title, polygon, survey)],
        np.array(CONTRADICTIONS, dtype=object), None)
