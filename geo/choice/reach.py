"""Walks that can matter to a choice, and who is served whatever is chosen. Minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.choice.instance import Times

TIE_MIN = 1e-7
"""Walks this close count as equal: sums of minutes carry rounding."""


@dataclass(frozen=True)
class Reach:
    """Walks that can matter: further ones never do, since a nearer venue is certain.

    `certain` points are served whatever is chosen; the others may be left out. Points that no permitted site reaches have no
    pairs at all.
    """

    times: Times
    certain: np.ndarray
    possible: np.ndarray


def reach(times: Times, sure: np.ndarray, counted: np.ndarray, *, may_stay_closed: int | None) -> Reach:
    """The walks that can matter under the rules: up to the furthest site of any set of which one is certain to be open.

    Nobody walks further than that, so the cut is exact: it needs no check afterwards.

    Parameters
    ----------
    times : Times
        Walks to permitted sites.
    sure : ndarray
        For each site the set of which one is certain to be open, -1 none.
    counted : ndarray of bool
        Sites that would be built.
    may_stay_closed : int or None
        How many of the permitted ones of these may stay closed; None: all of them.
    """
    size = np.bincount(sure[sure >= 0], minlength=1)
    in_set = sure[times.site] >= 0
    key = times.point[in_set] * np.int64(len(size)) + sure[times.site[in_set]]
    # pairs of a row are sorted by minutes, so the last one of each key is the furthest
    order = np.argsort(key, kind="stable")
    sets, first, count = np.unique(key[order], return_index=True, return_counts=True)
    furthest = times.minutes[in_set][order][first + count - 1]
    whole = count == size[sets % len(size)]
    cap = np.full(times.points, np.inf)
    np.minimum.at(cap, sets[whole] // len(size), furthest[whole])
    possible = np.diff(times.start) > 0
    certain = np.isfinite(cap)
    if may_stay_closed is not None:
        # more sites reach the point than can stay closed
        certain |= np.bincount(times.point[counted[times.site]], minlength=times.points) > may_stay_closed
    return Reach(times.only(times.minutes <= cap[times.point] + TIE_MIN), certain & possible, possible)
