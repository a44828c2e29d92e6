"""Villages: where each one stands. Its venue, its candidates, its best site, and who already reaches a venue on foot."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.assign import assign_points, village_positions
from geo.inputs import CountyLike, GeoError
from geo.kernels import LIMIT_SLACK_MIN
from geo.measures.residents import Residents, village_people
from geo.results import VILLAGE_COLUMNS
from geo.scenario import PASS, VERIFY, VenueRule


def venue_status(venues: pd.DataFrame, rule: VenueRule) -> pd.DataFrame:
    """Whether each venue has what the standard asks of floor area and courtyard (m2).

    Parameters
    ----------
    venues : DataFrame
        `floor_area_m2`, `courtyard_m2`; NaN unknown.
    rule : VenueRule
        The two minima; a figure equal to the minimum is enough.

    Returns
    -------
    DataFrame
        Same index. `status`: *adequate* where both figures are known and enough, *below_standard* where a known one is not enough,
        else *unknown*. `lacks`: ``floor_area``, ``courtyard``, joined by ``;``, empty where nothing known is lacking.
    """
    floor, yard = venues["floor_area_m2"].to_numpy("float64"), venues["courtyard_m2"].to_numpy("float64")
    small, narrow = floor < rule.min_floor_area_m2, yard < rule.min_courtyard_m2
    enough = (floor >= rule.min_floor_area_m2) & (yard >= rule.min_courtyard_m2)
    return pd.DataFrame({
        "status": np.select([enough, small | narrow], ["adequate", "below_standard"], "unknown"),
        "lacks": np.select([small & narrow, small, narrow], ["floor_area;courtyard", "floor_area", "courtyard"], ""),
    }, index=venues.index)


def venue_villages(county: CountyLike) -> np.ndarray:
    """Position in `county.villages` of the village each venue serves: by its declared code, else by where it stands; -1 none."""
    venues = county.venues
    if venues is None or county.villages is None:
        return np.empty(0, dtype="int64")
    declared = village_positions(venues["village_code"], county.villages)
    missing = np.flatnonzero((declared < 0) & ~(venues.geometry.is_empty | venues.geometry.isna()).to_numpy())
    if len(missing):
        points = venues.geometry.iloc[missing].representative_point()
        declared[missing] = assign_points(np.column_stack([points.x, points.y]), county)
    return declared


def _listed(county: CountyLike) -> gpd.GeoDataFrame:
    if county.villages is None:
        raise GeoError("the county has no list of villages")
    return county.villages


def venue_standing(county: CountyLike, rule: VenueRule) -> pd.DataFrame:
    """Status of the venue of each village: none, below_standard, adequate or unknown.

    A village has an adequate venue if one of its venues is; below standard if every one of them is; unknown where one of them may
    be adequate. Planned venues do not count. Without a layer of venues it is unknown for all: no list is not an empty list.

    Returns
    -------
    DataFrame
        `venue`, `venue_lacks` (what the venue nearest to the standard lacks; missing where nothing), one row per row of
        `county.villages` on the same index.
    """
    count = len(_listed(county))
    venue, lacks = np.full(count, "unknown", dtype=object), np.full(count, np.nan, dtype=object)
    if county.venues is not None:
        standing = venue_status(county.venues, rule).assign(
            village=venue_villages(county), venue_id=county.venues["venue_id"].to_numpy(dtype=object),
        )
        standing["order"] = standing["status"].map({"adequate": 0, "unknown": 1, "below_standard": 2})
        standing["lacking"] = standing["lacks"].str.count(";") + (standing["lacks"] != "")
        built = ~county.venues["planned"].fillna(False).to_numpy(bool)
        first = standing[built & (standing["village"] >= 0).to_numpy()].sort_values(
            ["village", "order", "lacking", "venue_id"], kind="stable").drop_duplicates("village")
        venue[:] = "none"
        venue[first["village"]] = first["status"]
        below = first[first["status"] == "below_standard"]
        lacks[below["village"]] = below["lacks"]
    return pd.DataFrame({"venue": venue, "venue_lacks": lacks}, index=_listed(county).index).astype("str")


def venue_points(county: CountyLike, rule: VenueRule, *, status: Collection[str] = ("adequate",)) -> np.ndarray:
    """Points (x, y), metres, float64 (k, 2), of the venues that stand and have one of the given statuses."""
    if county.venues is None:
        return np.empty((0, 2))
    good = venue_status(county.venues, rule)["status"].isin(list(status)) & ~county.venues["planned"].fillna(False).astype(bool)
    good &= ~(county.venues.geometry.is_empty | county.venues.geometry.isna())
    points = county.venues.geometry[good.to_numpy()].representative_point()
    return np.column_stack([points.x, points.y]).astype("float64")


@dataclass(frozen=True)
class VenueWalks:
    """Walk in min of each resident point to the nearest venue, inf where none is within reach.

    `adequate_min` counts the venues known to be adequate, `possible_min` also those of which that is unknown; never longer.
    """

    adequate_min: np.ndarray
    possible_min: np.ndarray


def access_to_venues(county: CountyLike, residents: Residents | None, walks: VenueWalks | None, *,
                     catchment_min: float) -> pd.DataFrame:
    """How each village's people reach an adequate venue of any village: mean walk in min, people within the catchment.

    ``nearest_venue_min`` is the mean of the residents' walks weighted by people, over those who can reach one at all; inf where
    nobody of the village can. ``people_covered_15min`` sums the people whose walk is at most `catchment_min`. Where nobody reaches
    a venue known to be adequate but somebody one that may be, the figure is unknown: not known to be adequate is not inadequate.

    Parameters
    ----------
    county : CountyLike
        With villages.
    residents : Residents or None
        Where people live; None where no layer says.
    walks : VenueWalks or None
        None where they could not be computed.
    catchment_min : float
        Longest walk that counts as covered, min.

    Returns
    -------
    DataFrame
        The two columns on the index of `county.villages`; NaN where the village has no residents or the walks are unknown.
    """
    count = len(_listed(county))
    mean, covered = np.full(count, np.nan), np.full(count, np.nan)
    if residents is not None and walks is not None:
        own = residents.village >= 0
        village, people = residents.village[own], residents.people[own]
        walk, possible = walks.adequate_min[own], walks.possible_min[own]

        def people_within(minutes: np.ndarray, limit_min: float) -> np.ndarray:
            return np.bincount(village, people * (minutes <= limit_min), count)

        far = np.finfo("float64").max
        reached, limit_min = people_within(walk, far), catchment_min + LIMIT_SLACK_MIN
        minutes = np.bincount(village, people * np.where(np.isfinite(walk), walk, 0.0), count)
        mean = np.where(reached > 0, minutes / np.where(reached > 0, reached, 1.0), np.inf)
        covered = people_within(walk, limit_min)
        peopled = np.bincount(village, people, count) > 0
        mean[~peopled | (reached == 0) & (people_within(possible, far) > 0)] = np.nan
        covered[~peopled | (covered == 0) & (people_within(possible, limit_min) > 0)] = np.nan
    return pd.DataFrame({"nearest_venue_min": mean, "people_covered_15min": covered}, index=_listed(county).index)


def with_best(villages: gpd.GeoDataFrame, candidates: pd.DataFrame) -> gpd.GeoDataFrame:
    """The villages with `best_candidate` and `best_score` (0..100): the first-ranked candidate of each; missing where none is."""
    rows = np.flatnonzero(candidates["rank_in_village"].to_numpy("int64", na_value=0) == 1)
    columns = {name: candidates[name].array.take(rows) for name in ("village_code", "candidate_id", "score")}
    first = pd.DataFrame(columns).set_index("village_code")
    found = first.reindex(pd.Index(villages["village_code"]))
    return villages.assign(best_candidate=found["candidate_id"].astype("str").to_numpy(), best_score=found["score"].to_numpy())


def _counts(candidates: pd.DataFrame, codes: pd.Series) -> pd.DataFrame:
    verdict = candidates["verdict"]
    flags = pd.DataFrame({"candidates": True, "passing": verdict == PASS, "verifying": verdict == VERIFY}, index=candidates.index)
    counts = flags.groupby(candidates["village_code"]).sum()
    return counts.reindex(pd.Index(codes)).fillna(0).astype("int64").reset_index(drop=True)


def villages_of(county: CountyLike, candidates: pd.DataFrame, residents: Residents | None, walks: VenueWalks | None, *,
                rule: VenueRule, catchment_min: float) -> gpd.GeoDataFrame:
    """One row per village of the county's list, urban communities too: `VILLAGE_COLUMNS` and its limits, point or nothing.

    `population` is what the list states; where it states nothing, the sum of the residents that live in the village; missing where
    neither is known.

    Parameters
    ----------
    county : CountyLike
        Its villages, venues.
    candidates : DataFrame
        `candidate_id`, `village_code`, `verdict`, `rank_in_village`, `score`.
    residents : Residents or None
        Where people live.
    walks : VenueWalks or None
        From each resident point to the venues.
    rule : VenueRule
        What makes a venue adequate.
    catchment_min : float
        Longest walk that counts as covered, min.

    Returns
    -------
    GeoDataFrame
        In the order of the list; an empty frame where the county has no list of villages.
    """
    if county.villages is None:
        return gpd.GeoDataFrame({name: pd.Series(dtype="object") for name in VILLAGE_COLUMNS}, geometry=[], crs=county.crs)
    listed = county.villages.reset_index(drop=True)
    known = listed["population"].to_numpy("float64")
    living = np.full(len(listed), np.nan)
    if residents is not None and residents.source not in ("villages", "buildings"):
        sums = village_people(residents, len(listed))
        living = np.where(sums > 0, sums, np.nan)
    standing = venue_standing(county, rule).reset_index(drop=True)
    access = access_to_venues(county, residents, walks, catchment_min=catchment_min).reset_index(drop=True)
    counts = _counts(candidates, listed["village_code"])
    frame = gpd.GeoDataFrame({
        **{name: listed[name] for name in ("village_code", "village_name", "township_code", "township_name")},
        "population": np.where(np.isnan(known), living, known),
        "households": listed["households"],
        **{name: standing[name] for name in standing}, **{name: counts[name] for name in counts},
        **{name: access[name] for name in access},
        "collective_income_yuan": listed["collective_income_yuan"], "village_class": listed["village_class"],
    }, geometry=listed.geometry.array, crs=listed.crs)
    best = with_best(frame, candidates)
    return best[[*VILLAGE_COLUMNS, "geometry"]]
