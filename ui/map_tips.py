"""What a tooltip says, as lines of data: a title, then names with values. Texts stay data until the browser writes them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from layers.words import say
from ui.theme import figure


def candidate_tip(row: Mapping, language: str) -> list:
    """Lines about a candidate: id, kind, verdict, score with its band, rank, courtyard and the way to a road.

    Parameters
    ----------
    row : mapping
        With the columns of `ui.tiles.COLUMNS`.
    language : str
        ``zh`` or ``en``.
    """
    score = figure(row["score"], language=language)
    if pd.notna(row["score"]) and pd.notna(row["score_low"]) and row["score_high"] - row["score_low"] >= 0.05:
        score, low, high = (figure(row[name], "score", language=language) for name in ("score", "score_low", "score_high"))
        score = say("app.map.band", language, score=score, low=low, high=high)
    elif pd.notna(row["score"]):
        score = figure(row["score"], "score", language=language)
    lines: list = [
        str(row["candidate_id"]),
        [say("app.map.kind", language), say(f"criteria.kind.{row['kind']}", language)],
        [say("app.map.verdict", language), say(f"criteria.verdict.{row['verdict']}", language)],
        [say("app.map.score", language), score],
    ]
    if pd.notna(row["rank_in_village"]):
        lines.append([say("app.map.rank", language), str(int(row["rank_in_village"]))])
    lines.append([say("app.map.courtyard", language), figure(row["courtyard_m2"], "m2", language=language)])
    lines.append([say("app.map.road", language), figure(row["road_distance_m"], "m", language=language)])
    return lines
