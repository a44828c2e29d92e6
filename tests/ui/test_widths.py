"""Columns of tables are wide enough for their headings, in both languages: a canvas cuts what does not fit and no test sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.words import LANGUAGES, say
from tests.ui.sessions import town_session
from ui.components import plan_table, tables
from ui.components.coverage_tables import figure_columns, need_columns
from ui.components.waiting import past_steps
from ui.components.widths import PADDING_PX, column_px, text_px

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FIGURES = ("villages", "villages_none", "villages_below_standard", "villages_planned", "villages_adequate", "villages_unknown",
           "people", "people_5min", "people_15min", "served_share", "people_unserved", "people_unreachable", "people_by_neighbour",
           "neighbour_name", "mean_walk_min", "worst_walk_min", "settlements", "settlements_beyond", "settlements_beyond_people",
           "total_people", "unique_people", "floating_m2", "venue", "village_name")


def _heads(language: str) -> dict:
    session = town_session(language)
    made = (tables.columns(language), need_columns(session), figure_columns(session, FIGURES), plan_table.columns(session))
    return {(number, name): column for number, columns in enumerate(made) for name, column in columns.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_fits_its_column(language: str) -> None:
    for (_, name), column in _heads(language).items():
        assert column["width"] >= text_px(column["label"]) + PADDING_PX, (name, column["label"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reckoned_widths_hold_for_the_font_of_the_browser(language: str) -> None:
    image_font = pytest.importorskip("PIL.ImageFont", reason="Pillow measures letters")
    if not FONT.exists():
        pytest.skip("needs fonts-noto-cjk, the font that the app is drawn in here")
    font = image_font.truetype(str(FONT), 200)
    for (_, name), column in _heads(language).items():
        drawn = font.getlength(column["label"]) * 13.125 / 200
        assert drawn + 16 <= column["width"], (name, column["label"], drawn)


def test_words_of_a_column_are_seen_whole() -> None:
    kinds = [say(f"criteria.kind.{kind}", "en") for kind in ("new", "reuse", "upgrade")]
    assert column_px("Kind", cells=kinds) >= max(text_px(kind) for kind in kinds) + PADDING_PX > column_px("Kind")
    assert column_px("", least=70) == 70
    assert text_px("人口") == 2 * text_px("人") > text_px("ii")


def test_steps_in_a_row_that_read_alike_are_told_once_with_their_seconds_added_up() -> None:
    past = [("a.1", 1.0), ("a.2", 0.5), ("b", 2.0), ("a.3", 0.25)]
    assert past_steps(past, lambda step: step[0]) == [("a", 1.5), ("b", 2.0), ("a", 0.25)]
    assert past_steps([], str) == []
