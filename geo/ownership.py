"""Whose land it is: owner level, share in undisputed collective ownership of its own village, and what that rests on.

Three sources speak, in order of force: registered title or cadastre, collective-ownership polygons (JA), land survey. The stronger
one decides; where any two contradict each other that is said, and the gate asks to verify.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.assign import unit_positions, village_positions
from geo.inputs import CountyLike
from geo.overlay import largest, overlaps, union_m2
from geo.plots import Plots, plots_of
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

STRENGTHS = ("title", "polygon", "survey")
"""Sources by force."""
UNITS = ("own", "other", "unlisted")
"""Whose land the papers say it is: the candidate's own village's, another's, that of a unit that is no village of the county."""


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


def ownership(candidates: pd.DataFrame, county: CountyLike, scenario: Scenario, *, plots: Plots | None = None) -> pd.DataFrame:
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
    plots : Plots, optional
        The candidates' shapes, where they are at hand.

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
    polygons = _polygons(plots_of(candidates) if plots is None else plots, village, county)
    listed = None if county.ownership is None else county.ownership["owner_level"]
    names, (title, survey, polygon) = _coded(candidates["title_owner"], candidates["survey_owner"], listed)
    polygon_level = np.append(polygon, -1)[polygons.row]
    title, survey = (np.where(_marked(names, ("unknown",))[source], -1, source) for source in (title, survey))
    decisive = np.where(polygons.row_share >= scenario.collective.fail_share, polygon_level, -1)
    level, strength = _level(names, title, decisive, survey)
    unit = _unit(_positions(candidates, county, "owner_code", "owner_name"), village, _named(candidates))
    measured = np.where(village >= 0, polygons.own_share, np.nan)
    share = _share_by_papers(names, level, unit, village) if county.ownership is None else measured
    return pd.DataFrame({
        "collective_share": share,
        "owner_level": _text(names, level), "evidence_strength": _text(STRENGTHS, strength),
        "owner_unit": _text(UNITS, unit),
        "polygon_level": _text(names, polygon_level), "polygon_unit": _text(UNITS, _polygon_unit(polygons, village, county)),
        "polygon_id": _polygon_column(polygons, county, "ownership_id"),
        "polygon_owner": _polygon_column(polygons, county, "owner_name"),
        "polygon_source": _polygon_column(polygons, county, "owner_source"),
        "polygon_dispute_source": _polygon_column(polygons, county, "dispute_source"),
        "polygon_share": polygons.row_share,
        "polygon_collective_share": polygons.collective_share,
        "polygon_disputed_share": polygons.disputed_share,
        "polygon_undetermined_share": polygons.undetermined_share,
        "owner_conflict": _text(CONTRADICTIONS, _conflict(
            candidates, polygons, _Levels(names, title, decisive, survey), scenario.collective)),
    }, index=candidates.index, copy=False)


def _text(words: Sequence[str], at: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """The word at each position, missing for -1."""
    return pd.array(words, dtype="str").take(at, allow_fill=True)


def _coded(*columns: pd.Series | None) -> tuple[list[str], list[np.ndarray]]:
    """The words of columns that share them, each word once, and the position in that list of each column's values, -1 missing.

    A column that is None has no values.
    """
    words: list[str] = []
    codes = []
    for column in columns:
        at, distinct = pd.factorize(pd.Series([], dtype="str") if column is None else column)
        words += [word for word in distinct if word not in words]
        codes.append(np.array([*(words.index(word) for word in distinct), -1], dtype="int16")[at])
    return words, codes


def _marked(words: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """Which words are among the wanted; False behind them, for what is missing."""
    return np.array([*(word in wanted for word in words), False])


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
    """Whether the owning unit is the candidate's own village, another, one that is not listed (of `UNITS`), or (-1) not named."""
    return np.select([(owner >= 0) & (owner == village), (owner >= 0) & (village >= 0), (owner < 0) & named], [0, 1, 2], -1)


def _polygons(plots: Plots, village: np.ndarray, county: CountyLike) -> _Polygons:
    size = len(plots)
    if county.ownership is None:
        unknown = np.full(size, np.nan)
        return _Polygons(unknown, unknown, unknown, unknown, np.full(size, -1, dtype="int64"), unknown)
    layer = county.ownership
    thin = np.flatnonzero(~(plots.area_m2 > 0))
    around = plots.exchanged(thin, shapely.buffer(plots.shapes[thin], POINT_RADIUS_M))
    found = overlaps(around, np.asarray(layer.geometry.array, dtype=object))
    collective = layer["owner_level"].isin(COLLECTIVE_LEVELS).to_numpy()
    own_level = layer["owner_level"].isin(OWN_LEVELS).to_numpy()
    disputed, undetermined = ((layer["dispute"] == mark).fillna(False).to_numpy(dtype=bool) for mark in ("yes", "undetermined"))
    clear = own_level & ~disputed & ~undetermined
    owner = _positions(layer, county, "owner_code", "owner_name")
    own = clear[found.area] & (owner[found.area] >= 0) & (owner[found.area] == village[found.shape])
    row, row_m2 = largest(found)
    with np.errstate(invalid="ignore"):
        return _Polygons(
            own_share=union_m2(found, own) / found.shape_m2,
            collective_share=union_m2(found, collective[found.area]) / found.shape_m2,
            disputed_share=union_m2(found, disputed[found.area]) / found.shape_m2,
            undetermined_share=union_m2(found, undetermined[found.area]) / found.shape_m2,
            row=row, row_share=row_m2 / found.shape_m2,
        )


def _polygon_column(polygons: _Polygons, county: CountyLike, name: str) -> pd.api.extensions.ExtensionArray:
    words = [] if county.ownership is None else county.ownership[name].astype("object")
    return pd.array(words, dtype="str").take(polygons.row, allow_fill=True)


def _polygon_unit(polygons: _Polygons, village: np.ndarray, county: CountyLike) -> np.ndarray:
    if county.ownership is None:
        return np.full(len(village), -1)
    owner = np.append(_positions(county.ownership, county, "owner_code", "owner_name"), -1)[polygons.row]
    named = np.append(_named(county.ownership), False)[polygons.row]
    return _unit(owner, village, named)


def _level(names: list[str], title: np.ndarray, polygon: np.ndarray, survey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Owner level by the strongest source that speaks, refined by the next where it says no more than *collective*.

    And which source that is, of `STRENGTHS`; -1 where none speaks.
    """
    level = np.where(title >= 0, title, np.where(polygon >= 0, polygon, survey))
    vague, finer = _marked(names, ("collective",)), _marked(names, COLLECTIVE_LEVELS)
    for source in (polygon, survey):
        level = np.where(vague[level] & finer[source], source, level)
    return level, np.select([title >= 0, polygon >= 0, survey >= 0], [0, 1, 2], -1)


def _share_by_papers(names: list[str], level: np.ndarray, unit: np.ndarray, village: np.ndarray) -> np.ndarray:
    """Share where no polygon can be measured: 1 the village's own, 0 somebody else's, NaN where the papers do not say."""
    own_level = _marked(names, OWN_LEVELS)[level]
    return np.select([
        _marked(names, (*OTHER_LEVELS, "township"))[level],
        village < 0,
        own_level & (unit == UNITS.index("own")), own_level & (unit == UNITS.index("other")),
        _marked(names, ("village",))[level] & (unit < 0),
    ], [0.0, np.nan, 1.0, 0.0, 1.0], np.nan)


@dataclass(frozen=True)
class _Levels:
    """Owner levels by the three sources, as positions in `names`; -1 where a source is silent."""

    names: list[str]
    title: np.ndarray
    polygon: np.ndarray
    survey: np.ndarray

    def says(self, source: np.ndarray) -> np.ndarray:
        """+1 where a source says collective, -1 where it says state or private, 0 where it is silent."""
        says = _marked(self.names, COLLECTIVE_LEVELS).astype("int8") - _marked(self.names, OTHER_LEVELS).astype("int8")
        return says[source]

    def differ(self) -> np.ndarray:
        """Where two sources each name a collective of their own and the two are not the same."""
        specific = _marked(self.names, SPECIFIC)
        sources = (self.title, self.polygon, self.survey)
        differ = np.zeros(len(self.title), dtype=bool)
        for at, one in enumerate(sources):
            for other in sources[at + 1:]:
                differ |= specific[one] & specific[other] & (one != other)
        return differ


def _conflict(candidates: pd.DataFrame, polygons: _Polygons, levels: _Levels, rule: CollectiveRule) -> np.ndarray:
    """Which two sources contradict each other on whether the land is collective, the stronger pair first; then on whose it is.

    Positions in `CONTRADICTIONS`, -1 where none do.
    """
    by_title, by_survey = levels.says(levels.title), levels.says(levels.survey)
    by_polygon = (polygons.collective_share >= rule.pass_share).astype("int8") - (polygons.collective_share < rule.fail_share)
    papers = candidates["title_conflict"].fillna(False).to_numpy(dtype=bool)
    return np.select(
        [papers, by_title * by_polygon < 0, by_title * by_survey < 0, by_polygon * by_survey < 0, levels.differ()],
        list(range(len(CONTRADICTIONS))), -1)
