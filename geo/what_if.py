"""Sites that are no candidates: pins dropped on the map, as further rows of a study. Degrees in, metres of the county inside."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from geo.assign import assign_points
from geo.choice.rules import RulesError
from geo.inputs import CountyLike
from geo.results import MEASURES, Study
from geo.scenario import VERIFY, Problem

PREFIX = "W-"
"""In front of the name of a pin, as N-, R- and U- stand in front of other candidates' ids."""

BEYOND_M = 5000.0
"""A pin further than this from every village and candidate lies in no village: another county, or lon and lat exchanged."""

LAND = ("collective_share", "owner_level", "evidence_strength", "parcel_area_m2", "building_area_m2", "courtyard_m2", "slope_deg",
        "land_class_fit")
"""Measures that hold for every point of a parcel, so for a pin within it; walks and distances are those of the parcel's middle."""


@dataclass(frozen=True)
class Pin:
    """A place that somebody proposes, in WGS 84 degrees, by a name of its own."""

    name: str
    lon: float
    lat: float

    @property
    def site_id(self) -> str:
        """Its id among the candidates."""
        return f"{PREFIX}{self.name}"


def is_pin(site_id: object) -> bool:
    """Whether an id is that of a pin.

    Examples
    --------
    >>> is_pin("W-1"), is_pin("N-P01"), is_pin(None)
    (True, False, False)
    """
    return isinstance(site_id, str) and site_id.startswith(PREFIX)


def pin_rows(county: CountyLike, study: Study, pins: Sequence[Pin]) -> gpd.GeoDataFrame:
    """Pins as rows like those of ``study.candidates``: kind *new*, of the village each lies in; points, metres in the county's CRS.

    A pin within a parcel that is a candidate has that parcel's verdict, gates, papers and score. Elsewhere nothing is known of the
    land: the verdict is *verify* and no gate has been looked at. Walks and distances are unknown: the study measured them for
    parcels, not for this point. The walks of a plan are measured from the pin itself.

    Parameters
    ----------
    county, study : CountyLike, Study
        Of one county, with villages.
    pins : sequence of Pin

    Returns
    -------
    GeoDataFrame
        The columns of ``study.candidates``, one row a pin in their order.

    Raises
    ------
    RulesError
        Naming every pin that lies in no village, bears no name or one that is there twice, or has no degrees for its place.
    """
    frame = study.candidates
    problems = list(_faults(pins))
    if problems:
        raise RulesError(tuple(problems))
    to_metres = Transformer.from_crs(4326, county.crs, always_xy=True)
    x, y = to_metres.transform([pin.lon for pin in pins], [pin.lat for pin in pins])
    xy = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    village = np.where(_far(xy, study), -1, assign_points(np.where(np.isfinite(xy), xy, 0.0), county))
    outside = [pin.name for pin, at in zip(pins, village, strict=True) if at < 0]
    if outside:
        raise RulesError(tuple(Problem("pins", "pin_outside", {"pin": name}) for name in outside))
    points = shapely.points(xy)
    parcel = _parcel_candidates(points, study)
    rows = frame.reset_index(drop=True).reindex(parcel).reset_index(drop=True)   # nothing is known at -1
    elsewhere = [name for name in frame.columns if (name in MEASURES and name not in LAND) or name.startswith("rank_")]
    rows = rows.assign(**{name: rows[name].mask(np.ones(len(rows), dtype=bool)) for name in elsewhere})
    listed = study.villages.iloc[village]
    places = {name: listed[name].to_numpy(object) for name in ("village_code", "village_name", "township_code", "township_name")}
    verdict = np.where(parcel < 0, VERIFY, rows["verdict"].to_numpy(object))
    stated = {"candidate_id": [pin.site_id for pin in pins], "kind": "new", "verdict": verdict, "lon": [pin.lon for pin in pins],
              "lat": [pin.lat for pin in pins], **places}
    rows = rows.assign(**{name: pd.Series(values, index=rows.index).astype(frame[name].dtype) for name, values in stated.items()})
    return gpd.GeoDataFrame(rows[list(frame.columns)], geometry=points, crs=frame.crs)


def with_rows(study: Study, rows: gpd.GeoDataFrame | None) -> Study:
    """The study with further candidates behind its own, on a RangeIndex; the values behind their scores are unknown."""
    if rows is None or rows.empty:
        return study
    values = study.values.reset_index(drop=True).reindex(range(len(study.values) + len(rows)))
    return dataclasses.replace(study, candidates=pd.concat([study.candidates, rows], ignore_index=True), values=values)


def supposed(study: Study) -> Study:
    """The same with every pin taken as if it passed, and one without a score as if it had none of the points: for a choice.

    A what-if asks what would follow if a venue stood there. What speaks against the place stays in its verdict; only the choice is
    let look past it. Nothing known of the score counts at its worst, 0 of 100, so that no pin is ever preferred for want of data.
    """
    frame = study.candidates
    pins = frame["candidate_id"].map(is_pin).to_numpy(bool)
    if not pins.any():
        return study
    score = frame["score"].mask(pins & frame["score"].isna().to_numpy(), 0.0)
    return dataclasses.replace(study, candidates=frame.assign(verdict=frame["verdict"].mask(pins, "pass"), score=score))


def nearest_site(study: Study, lon: float, lat: float, *, within_m: float, verdicts: Collection[str],
                 without: Collection[str] = ()) -> str | None:
    """The candidate nearest to a place, at most `within_m` metres from its edge (0 inside it); None where there is none.

    Of several as near, such as a building on its parcel, the one with the better score; without scores the first id.

    Parameters
    ----------
    study : Study
    lon, lat : float
        WGS 84 degrees.
    within_m : float
        Metres.
    verdicts : collection of str
        Only candidates with one of these.
    without : collection of str
        Candidates not to take, such as those excluded by hand.
    """
    frame = study.candidates
    here = shapely.Point(Transformer.from_crs(4326, frame.crs, always_xy=True).transform(lon, lat))
    if not np.isfinite(here.x):
        return None
    around = frame.iloc[np.sort(frame.sindex.query(here, predicate="dwithin", distance=within_m))]
    allowed = around["verdict"].isin(list(verdicts)) & ~around["candidate_id"].isin(list(without))
    around = around[allowed.to_numpy(bool)]
    if around.empty:
        return None
    ranked = pd.DataFrame({"away_m": around.distance(here).round(3), "score": around["score"], "id": around["candidate_id"]})
    return str(ranked.sort_values(["away_m", "score", "id"], ascending=[True, False, True], na_position="last")["id"].iloc[0])


def _faults(pins: Sequence[Pin]) -> Iterator[Problem]:
    for name, times in Counter(pin.name for pin in pins).items():
        if not name.strip():
            yield Problem("pins", "pin_nameless")
        elif times > 1:
            yield Problem("pins", "pin_twice", {"pin": name})
    for pin in pins:
        if not (-180 <= pin.lon <= 180 and -90 <= pin.lat <= 90):
            yield Problem("pins", "pin_degrees", {"pin": pin.name, "lon": pin.lon, "lat": pin.lat})


def _far(xy: np.ndarray, study: Study) -> np.ndarray:
    """Pins beyond all that the county knows of: with village points instead of limits, some village is always the nearest."""
    known = [frame.total_bounds for frame in (study.villages, study.candidates) if len(frame)]
    bounds = np.array([one for one in known if np.isfinite(one).all()]).reshape(-1, 4)
    if not len(bounds):
        return np.zeros(len(xy), dtype=bool)
    low, high = bounds[:, :2].min(axis=0) - BEYOND_M, bounds[:, 2:].max(axis=0) + BEYOND_M
    return ~((xy >= low) & (xy <= high)).all(axis=1)   # also where the projection gives no number


def _parcel_candidates(points: np.ndarray, study: Study) -> np.ndarray:
    """Position of the *new* candidate on whose parcel each point lies, the smallest of several; -1 none."""
    found = np.full(len(points), -1, dtype=np.int64)
    new = np.flatnonzero(study.candidates["kind"].eq("new").to_numpy(bool))
    if not len(new):
        return found
    frame = study.candidates
    point, at = frame.sindex.query(points, predicate="intersects")
    use = np.isin(at, new)
    point, at = point[use], at[use]
    area = shapely.area(frame.geometry.to_numpy()[at])
    ids = frame["candidate_id"].to_numpy(object)[at]
    order = np.lexsort((ids.astype(str), area, point))[::-1]   # the smallest is written last
    found[point[order]] = at[order]
    return found

