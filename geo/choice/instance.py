"""What is to be chosen from: villages, sites, where people live, and how long they walk to each site. Minutes, people, yuan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from geo.inputs import GeoError
from geo.scenario import VERDICTS

NEEDS = ("one", "upgrade", "no")
"""A village needs a venue; has one below standard; needs none (it has one, or it is not known)."""

SITE_KINDS = ("new", "reuse", "upgrade", "existing")
"""As in `geo.results.KINDS`; *existing* is an adequate venue that stands already and costs nothing."""

VILLAGE_COLUMNS = ("village_code", "village_name", "township_code", "township_name", "need")
SITE_COLUMNS = ("site_id", "village_code", "kind", "verdict", "score", "cost_yuan", "capacity_people", "x_m", "y_m")
DEMAND_COLUMNS = ("people", "village_code")


class InstanceError(GeoError, ValueError):
    """The problem of choice is not well posed as given; the message names every fault."""


@dataclass(frozen=True)
class Times:
    """Walks in minutes from demand points to sites, one row a demand point, only what can be reached.

    Row `i` holds ``site[start[i]:start[i + 1]]`` and ``minutes[...]``, quickest first, ties by site. A pair that is not there is
    unreachable, which no large number stands for.
    """

    start: np.ndarray
    site: np.ndarray
    minutes: np.ndarray

    @classmethod
    def from_dense(cls, minutes: np.ndarray) -> Times:
        """From an array of shape (demand, sites) in minutes with inf for unreachable.

        Raises
        ------
        InstanceError
            For a time that is missing or negative.

        Examples
        --------
        >>> times = Times.from_dense(np.array([[7.0, np.inf, 3.0], [np.inf, np.inf, np.inf]]))
        >>> times.start.tolist(), times.site.tolist(), times.minutes.tolist()
        ([0, 2, 2], [2, 0], [3.0, 7.0])
        """
        minutes = np.atleast_2d(np.asarray(minutes, dtype=float))
        if np.isnan(minutes).any() or (minutes < 0).any():
            raise InstanceError("walks are missing or negative; unreachable is inf")
        row, site = np.nonzero(np.isfinite(minutes))
        return cls.from_pairs(row, site, minutes[row, site], points=len(minutes))

    @classmethod
    def from_pairs(cls, point: np.ndarray, site: np.ndarray, minutes: np.ndarray, *, points: int) -> Times:
        """From the pairs that can be reached, in any order: demand point, site, minutes; `points` demand points in all."""
        point, site = np.asarray(point, dtype=np.int64), np.asarray(site, dtype=np.int64)
        minutes = np.asarray(minutes, dtype=float)
        if not (np.isfinite(minutes) & (minutes >= 0)).all():
            raise InstanceError("walks are missing, infinite or negative; leave out the pairs that cannot be reached")
        order = np.lexsort((site, minutes, point))
        start = np.zeros(points + 1, dtype=np.int64)
        np.cumsum(np.bincount(point, minlength=points), out=start[1:])
        return cls(start, site[order], minutes[order])

    @property
    def points(self) -> int:
        """Number of demand points."""
        return len(self.start) - 1

    @cached_property
    def point(self) -> np.ndarray:
        """Demand point of each pair."""
        return np.repeat(np.arange(self.points), np.diff(self.start))

    def only(self, keep: np.ndarray) -> Times:
        """The same points with only those pairs for which `keep` is true."""
        start = np.zeros_like(self.start)
        np.cumsum(np.bincount(self.point[keep], minlength=self.points), out=start[1:])
        return Times(start, self.site[keep], self.minutes[keep])


@dataclass(frozen=True)
class Instance:
    """One county's problem of choice. It validates on construction; rows keep the order they are given in.

    `villages` has `VILLAGE_COLUMNS` with `need` of `NEEDS`. `sites` has `SITE_COLUMNS`; a missing `cost_yuan` is filled by kind
    from the rules, a missing `score` is allowed as long as no objective reads it, a missing `capacity_people` is no limit. `demand`
    has `DEMAND_COLUMNS`; its village may be missing. `times` are the walks; `neighbours` the pairs of village codes that both
    consent to share one venue.
    """

    villages: pd.DataFrame
    sites: pd.DataFrame
    demand: pd.DataFrame
    times: Times
    neighbours: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        faults = [*self._missing_columns()]
        if not faults:
            faults = [*self._village_faults(), *self._site_faults(), *self._demand_faults()]
        if faults:
            raise InstanceError("; ".join(faults))

    def _missing_columns(self) -> Iterator[str]:
        asked = (("villages", VILLAGE_COLUMNS), ("sites", SITE_COLUMNS), ("demand", DEMAND_COLUMNS))
        for name, columns in asked:
            lacking = [column for column in columns if column not in getattr(self, name).columns]
            if lacking:
                yield f"{name} lack {', '.join(lacking)}"

    def _village_faults(self) -> Iterator[str]:
        codes = self.villages["village_code"]
        if codes.isna().any() or codes.duplicated().any():
            yield f"villages: {int(codes.isna().sum())} without a code, {int(codes.duplicated().sum())} repeated"
        odd = sorted(set(self.villages["need"].astype(str)) - set(NEEDS))
        if odd:
            yield f"villages: need is one of {', '.join(NEEDS)}, not {', '.join(odd)}"
        strangers = sorted({code for pair in self.neighbours for code in pair} - set(codes))
        if strangers:
            yield f"neighbours: no village {', '.join(strangers)}"

    def _site_faults(self) -> Iterator[str]:
        ids = self.sites["site_id"]
        if ids.isna().any() or ids.duplicated().any():
            yield f"sites: {int(ids.isna().sum())} without an id, {int(ids.duplicated().sum())} repeated"
        for column, allowed in (("kind", SITE_KINDS), ("verdict", VERDICTS)):
            odd = sorted(set(self.sites[column].astype(str)) - set(allowed))
            if odd:
                yield f"sites: {column} is one of {', '.join(allowed)}, not {', '.join(odd)}"
        for column in ("cost_yuan", "capacity_people"):
            if (self.sites[column].astype(float) < 0).any():
                yield f"sites: {column} is negative"
        if len(self.times.site) and int(self.times.site.max()) >= len(self.sites):
            yield f"walks lead to site {int(self.times.site.max())} of {len(self.sites)}"
        strange = self.sites["village_code"].notna() & (self.site_village < 0)
        if strange.any():
            yield f"sites: {int(strange.sum())} in villages that are not listed"

    def _demand_faults(self) -> Iterator[str]:
        people = self.demand["people"].to_numpy(float)
        if not (np.isfinite(people) & (people >= 0)).all():
            yield "demand: people are missing or negative; leave these points out or fill them first"
        if self.times.points != len(self.demand):
            yield f"{len(self.demand)} demand points, walks for {self.times.points}"

    @cached_property
    def site_village(self) -> np.ndarray:
        """Position of each site's village, -1 where none is known."""
        return _positions(self.sites["village_code"], self.villages["village_code"])

    @cached_property
    def demand_village(self) -> np.ndarray:
        """Position of each demand point's village, -1 where none is known."""
        return _positions(self.demand["village_code"], self.villages["village_code"])

    @cached_property
    def people(self) -> np.ndarray:
        """People of each demand point."""
        return self.demand["people"].to_numpy(float)

    @cached_property
    def existing(self) -> np.ndarray:
        """Sites that are adequate venues already."""
        return self.sites["kind"].eq("existing").to_numpy(bool)

    @cached_property
    def need(self) -> np.ndarray:
        """Need of each village as text."""
        return self.villages["need"].astype(str).to_numpy(object)

    def village_walks(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean walk of each village's people to each site that *all* of them can reach: village, site, minutes."""
        of, people = self.demand_village[self.times.point], self.people[self.times.point]
        used = (of >= 0) & (people > 0)
        frame = pd.DataFrame({"village": of[used], "site": self.times.site[used], "people": people[used],
                              "sum": (people * self.times.minutes)[used]})
        pairs = frame.groupby(["village", "site"], sort=True).sum().reset_index()
        own = self.demand_village >= 0
        total = np.bincount(self.demand_village[own], self.people[own], minlength=len(self.villages))
        all_reach = pairs["people"].to_numpy() >= total[pairs["village"].to_numpy(int)] * (1 - 1e-9)
        pairs = pairs[all_reach]
        return pairs["village"].to_numpy(int), pairs["site"].to_numpy(int), (pairs["sum"] / pairs["people"]).to_numpy(float)


def _positions(codes: pd.Series, listed: pd.Series) -> np.ndarray:
    return pd.Index(listed.astype(object)).get_indexer(codes.astype(object)) if len(listed) else np.full(len(codes), -1)
