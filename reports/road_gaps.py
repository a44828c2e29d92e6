"""Suspected gaps between roads, and the parts of the network, in words and as tables for CSV."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.results import Study
from geo.road_review import GAP_COLUMNS, PART_COLUMNS
from layers.words import say
from reports.tables import decimals_of

_DECIMALS = {
    **dict.fromkeys(("lon", "lat", "lon1", "lat1", "lon2", "lat2"), 7), "people": 1, "possible_people": 1, "village_people": 1,
    "people_nearer": 1, "people_seat": 1, "people_through": 1, "length_m": 2, "detour_m": 0, "road_m": 1,
}


def gap_text(gap: Mapping[str, object], language: str) -> str:
    """One suspected gap in a sentence: what it is, the way round now, and what a join would change.

    Parameters
    ----------
    gap : Mapping
        A row of `geo.road_review.RoadReview.gaps`. Names from the data stand in the text as they are: escape it for HTML.
    language : str
        ``zh`` or ``en``.
    """
    kind = str(gap["kind"])
    place = gap["place"] if pd.notna(gap["place"]) else say("roads.kind.unnamed", language)   # type: ignore[call-overload]
    parts = [say(f"roads.kind.{kind}", language, length=_metres(_number(gap, "length_m")), place=place)]
    if kind == "settlement":
        people = _number(gap, "people")
        parts.append(say("roads.effect.homeless_unknown", language) if math.isnan(people) else
                     say("roads.effect.homeless", language, people=_people(people)))
    else:
        parts += [_way(gap, language), *_effects(gap, language)]
    return say("roads.text.separator", language).join(parts) + say("roads.text.end", language)


def gaps_table(study: Study, language: str) -> pd.DataFrame:
    """road_gaps.csv: `GAP_COLUMNS` and the sentence of `gap_text`; no rows where there are no roads. Rounded."""
    gaps = study.road_gaps
    if gaps is None:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in (*GAP_COLUMNS, "text")})
    texts = [gap_text(row, language) for row in gaps.to_dict("records")]
    return _rounded(gaps).assign(text=pd.Series(texts, index=gaps.index, dtype="str"))


def parts_table(study: Study) -> pd.DataFrame:
    """road_parts.csv: `PART_COLUMNS`, longest part first; no rows where there are no roads. Rounded."""
    parts = study.road_parts
    return pd.DataFrame({name: pd.Series(dtype="str") for name in PART_COLUMNS}) if parts is None else _rounded(parts)


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    rounded = {name: np.round(frame[name].to_numpy("float64"), _DECIMALS.get(name, decimals_of(name))) + 0.0
               for name, dtype in frame.dtypes.items() if pd.api.types.is_float_dtype(dtype)}
    return frame.assign(**rounded)


def _way(gap: Mapping[str, object], language: str) -> str:
    """How the two ends hang together now."""
    detour, road = _number(gap, "detour_m"), _number(gap, "road_m")
    if not math.isnan(road):
        return say("roads.way.none", language, road=_metres(road))
    return say("roads.way.long", language) if math.isinf(detour) else say("roads.way.round", language, detour=_metres(detour))


def _effects(gap: Mapping[str, object], language: str) -> list[str]:
    """What a join would change, in clauses."""
    if not gap["computed"]:
        return [say("roads.effect.not_joined", language)]
    if math.isnan(_number(gap, "people")):
        return [say("roads.effect.unknown_people", language)]
    mode = say(f"roads.mode.{gap['mode']}", language)
    gained = {name: people for name in ("seat", "through") if (people := _number(gap, f"people_{name}")) > 0}
    if len(gained) == 2 and gained["seat"] == gained["through"]:
        gained = {"seat_and_through": gained["seat"]}
    told = [say(f"roads.effect.{name}", language, people=_people(people), mode=mode) for name, people in gained.items()]
    if _number(gap, "people_nearer") > 0:
        told.append(say("roads.effect.nearer", language, people=_people(_number(gap, "people_nearer")), mode=mode,
                        minutes=f"{_number(gap, 'saved_min'):,.1f}"))
    if not told:
        return [say("roads.effect.none", language)]
    if pd.notna(gap["village_name"]):   # type: ignore[call-overload]
        minutes = _number(gap, "village_saved_min")
        key = "village" if math.isnan(minutes) else "village_minutes"
        told.append(say(f"roads.effect.{key}", language, village=gap["village_name"], minutes=f"{minutes:,.1f}",
                        people=_people(_number(gap, "village_people"))))
    return told


def _number(gap: Mapping[str, object], name: str) -> float:
    value = gap[name]
    return math.nan if value is None or value is pd.NA else float(value)   # type: ignore[arg-type]


def _metres(metres: float) -> str:
    return f"{metres:,.1f}" if metres < 10 else f"{metres:,.0f}"


def _people(people: float) -> str:
    return f"{people:,.0f}" if people >= 1 else "<1"
