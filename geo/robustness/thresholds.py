"""The weight at which the leader loses its lead, for each criterion and each group; exact. Weights are shares 0..1 of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.robustness.contest import Contest

LEVELS = ("group", "criterion")
EPS = 1e-12


class Bound(NamedTuple):
    """Between which shares the leader keeps its lead; see `thresholds`."""

    id: str
    share: float
    below: float
    below_to: str | None
    above: float
    above_to: str | None


COLUMNS = Bound._fields


def thresholds(contest: Contest, *, by: str = "group") -> pd.DataFrame:
    """Between which shares of one criterion or group the leader keeps its lead, all other weights scaled in proportion.

    With the share t of the one, the score of a site is ``(t A + (1 - t) B) / (t a + (1 - t) b)``: A and B its weighted values
    inside and outside, a and b the weights known there. Leader and rival are level where a quadratic in t is 0, so the shares are
    exact, unknown values included (they are left out, as in the ranking).

    Parameters
    ----------
    contest : Contest
    by : {"group", "criterion"}

    Returns
    -------
    DataFrame
        One row per group or criterion in the scenario's order: `id`, `share` (now), `below` (it loses its lead when the share falls
        below this) and to whom (`below_to`), `above` (when it rises above) and `above_to`. NaN and missing where it never does.

    Raises
    ------
    ValueError
        For another level.
    """
    if by not in LEVELS:
        raise ValueError(f"thresholds are by {' or '.join(LEVELS)}, not {by!r}")
    labels = contest.groups if by == "group" else contest.criteria
    return pd.DataFrame(bounds(contest, labels), columns=list(COLUMNS)).astype({"below_to": "str", "above_to": "str"})


def bounds(contest: Contest, labels: Sequence[str]) -> list[Bound]:
    """The rows of `thresholds` for criteria that bear these labels; none where there is no leader."""
    found = []
    for label in dict.fromkeys(labels if contest.leader is not None else ()):
        inside = np.array([name == label for name in labels])
        found.append(Bound(label, float(contest.weights[inside].sum()), *_one(contest, inside)))
    return found


def _one(contest: Contest, inside: np.ndarray) -> tuple[float, str | None, float, str | None]:
    """Shares at which the lead is lost downwards and upwards, and to whom."""
    now = float(contest.weights[inside].sum())
    if not len(contest.rivals) or now >= 1:
        return np.nan, None, np.nan, None
    quadratic = _level(contest, inside, now)
    below, above = _crossing(quadratic, now, 0.0), _crossing(quadratic, now, 1.0)
    fallen, risen = int(np.argmax(below)), int(np.argmin(above))
    return (
        *((float(below[fallen]), contest.ids[contest.rivals[fallen]]) if np.isfinite(below[fallen]) else (np.nan, None)),
        *((float(above[risen]), contest.ids[contest.rivals[risen]]) if np.isfinite(above[risen]) else (np.nan, None)),
    )


def _level(contest: Contest, inside: np.ndarray, now: float) -> np.ndarray:
    """Coefficients (t^2, t, 1) per rival of a quadratic that is positive where the rival is ahead of the leader."""
    known = ~np.isnan(contest.values)
    values = np.where(known, contest.values, 0.0)
    within = contest.weights * inside / now if now > 0 else inside / inside.sum()
    without = contest.weights * ~inside / (1 - now)
    gain, share = values @ without, known @ without
    gain_rise, share_rise = values @ within - gain, known @ within - share
    one, rivals = contest.leader, contest.rivals
    mixed = gain[rivals] * share_rise[one] + gain_rise[rivals] * share[one]
    mixed_back = gain[one] * share_rise[rivals] + gain_rise[one] * share[rivals]
    return np.column_stack([
        gain_rise[rivals] * share_rise[one] - gain_rise[one] * share_rise[rivals],
        mixed - mixed_back,
        gain[rivals] * share[one] - gain[one] * share[rivals],
    ])


def _crossing(quadratic: np.ndarray, now: float, end: float) -> np.ndarray:
    """First share on the way from `now` to `end` beyond which the quadratic is positive; infinitely far where there is none."""
    never = -np.inf if end < now else np.inf
    a, b, c = quadratic.T
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(b * b - 4 * a * c)
        stable = -0.5 * (b + np.where(b >= 0, root, -root))
        roots = np.column_stack([np.where(np.abs(a) > EPS, stable / a, np.nan),
                                 np.where(np.abs(a) > EPS, c / stable, -c / b)])
    low, high = min(now, end), max(now, end)
    roots = np.clip(np.where(np.isfinite(roots), roots, end), low, high)
    stops = np.column_stack([np.full(len(a), now), np.sort(roots, axis=1)[:, ::1 if end >= now else -1], np.full(len(a), end)])
    middle = (stops[:, :-1] + stops[:, 1:]) / 2
    ahead = (a[:, None] * middle**2 + b[:, None] * middle + c[:, None] > EPS) & (np.abs(np.diff(stops, axis=1)) > EPS)
    first = np.argmax(ahead, axis=1)
    return np.where(ahead.any(axis=1), stops[np.arange(len(a)), first], never)
