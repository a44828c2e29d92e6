"""Whether what is unknown can overturn the leader: its lowest score against the rivals' highest. Scores 0..100."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.robustness.contest import Contest


@dataclass(frozen=True)
class UnknownEffect:
    """What the unknown can do to the lead, the weights kept."""

    can_unseat: bool
    """Whether some values of what is unknown put a rival ahead."""
    leader_low: float
    leader_high: float
    rival: str | None
    """The rival that could come furthest ahead; None without rivals."""
    rival_high: float
    """Its highest score; NaN without rivals."""
    rivals: int
    """How many rivals could come ahead."""
    leader_lacks: tuple[str, ...]
    """Criteria of some weight unknown for the leader."""
    rival_lacks: tuple[str, ...]
    """The same for that rival."""
    lacked_by_all: tuple[str, ...]
    """Of these, criteria unknown for the leader and every rival: the county has no such data."""


def unknown_effect(contest: Contest) -> UnknownEffect | None:
    """Whether the unknown can overturn the leader.

    The leader's score with all it lacks at its worst (0), ``100 sum_K(w v)``, is held against each rival's with all it lacks at its
    best (1). A rival that could only draw level does not count.

    Parameters
    ----------
    contest : Contest

    Returns
    -------
    UnknownEffect or None
        None where there is no leader.
    """
    if contest.leader is None:
        return None
    blank = np.isnan(contest.values)
    low = 100 * np.where(blank, 0.0, contest.values) @ contest.weights
    high = 100 * np.where(blank, 1.0, contest.values) @ contest.weights

    def lacks(row: np.ndarray) -> tuple[str, ...]:
        return tuple(name for name, is_blank, weight in zip(contest.criteria, row, contest.weights, strict=True)
                     if is_blank and weight > 0)

    lead = contest.leader
    ahead = high[contest.rivals] > low[lead] + 1e-9
    furthest = int(contest.rivals[np.argmax(high[contest.rivals])]) if len(contest.rivals) else None
    open_to_doubt = bool(ahead.any()) and (bool(blank[lead].any()) or bool(blank[contest.rivals][ahead].any()))
    return UnknownEffect(
        can_unseat=open_to_doubt,
        leader_low=float(low[lead]), leader_high=float(high[lead]),
        rival=contest.ids[furthest] if furthest is not None else None,
        rival_high=float(high[furthest]) if furthest is not None else float("nan"), rivals=int(ahead.sum()),
        leader_lacks=lacks(blank[lead]), rival_lacks=lacks(blank[furthest]) if furthest is not None else (),
        lacked_by_all=lacks(blank[np.r_[lead, contest.rivals]].all(axis=0)),
    )
