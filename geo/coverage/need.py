"""Villages still without an adequate venue, in the order in which they need one, each with its reasons. People and minutes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

NEED_COLUMNS = (
    "rank", "village_code", "village_name", "township_code", "township_name", "venue", "venue_now", "venue_lacks", "people",
    "people_unserved", "people_unreachable", "people_beyond_walk_limit", "people_maybe", "people_by_neighbour", "neighbour_code",
    "neighbour_name", "mean_walk_min", "worst_walk_min", "settlements_beyond", "settlements_beyond_people", "reasons",
)

_NOBODY = 1e-6
"""People that a difference of sums may leave of nobody."""

STATUS_REASONS = {"none": "no_venue", "below_standard": "below_standard", "planned": "planned_not_built"}


@dataclass(frozen=True)
class Reason:
    """One reason why a village needs a venue; its sentence stands in ``data/words/*/coverage.toml`` under ``reason.<code>``."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


def need_reasons(row: Mapping[str, object], served_min: float) -> tuple[Reason, ...]:
    """Reasons of one village (a row of `Coverage.villages` or `Coverage.need`), weightiest first; walks in minutes."""
    reasons = [Reason(STATUS_REASONS[str(row["venue"])])] if row["venue"] in STATUS_REASONS else []
    if row["venue"] == "below_standard":
        reasons = [Reason("below_standard", {"lacks": row["venue_lacks"] if isinstance(row["venue_lacks"], str) else ""})]

    def number(name: str) -> float:
        return float(row[name])   # type: ignore[arg-type]

    if math.isnan(number("people")):
        return (*reasons, Reason("people_unknown"))
    if number("people_unserved") > 0:
        figures = {"people": number("people_unserved"), "all": number("people"), "limit_min": served_min}
        reasons.append(Reason("people_unserved", figures))
    too_far = number("people_beyond_walk_limit")
    if number("people_unreachable") - too_far > _NOBODY:
        reasons.append(Reason("unreachable", {"people": number("people_unreachable") - too_far}))
    if too_far > _NOBODY:
        reasons.append(Reason("beyond_walk_limit", {"people": too_far}))
    if served_min < number("mean_walk_min") < math.inf:
        reasons.append(Reason("long_walk", {"mean_min": number("mean_walk_min"), "limit_min": served_min}))
    if number("settlements_beyond") > 0:
        reasons.append(Reason("settlements_beyond", {"settlements": int(number("settlements_beyond")), "limit_min": served_min}))
    if number("people_maybe") > 0:
        reasons.append(Reason("maybe", {"people": number("people_maybe")}))
    if number("people_by_neighbour") > 0 and isinstance(row["neighbour_name"], str):
        reasons.append(Reason("neighbour_serves", {"people": number("people_by_neighbour"), "village": row["neighbour_name"]}))
    return tuple(reasons)


def need_order(villages: pd.DataFrame, has_venue: np.ndarray, *, served_min: float) -> pd.DataFrame:
    """Villages without an adequate venue, most people unserved first.

    Then more people out of reach, then the longer mean walk, then the code. Villages whose people are not known come last. A
    village whose venue's standing is unknown is not listed: it is to be looked at, not built for.

    Parameters
    ----------
    villages : DataFrame
        `Coverage.villages`.
    has_venue : ndarray of bool
        Villages to which a venue that counts belongs, standing or chosen.
    served_min : float
        Walk that counts as served, min.

    Returns
    -------
    DataFrame
        `NEED_COLUMNS`; `rank` from 1, `reasons` the codes of `need_reasons` joined by ``;``.
    """
    waiting = villages[villages["venue"].isin(list(STATUS_REASONS)).to_numpy(bool) & ~has_venue]
    listed = pd.DataFrame(waiting.drop(columns="geometry", errors="ignore")).sort_values(
        ["people_unserved", "people_unreachable", "mean_walk_min", "village_code"], ascending=[False, False, False, True],
        na_position="last", kind="stable").reset_index(drop=True)
    reasons = [";".join(reason.code for reason in need_reasons(row, served_min)) for row in listed.to_dict("records")]
    return listed.assign(rank=np.arange(1, len(listed) + 1), reasons=pd.Series(reasons, dtype="str"))[list(NEED_COLUMNS)]
