"""How wide a table's column must be for its heading and its words. Headings are drawn on a canvas, which cuts what does not fit."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable

HEAD_PX = 13.2
"""Size of the letters of a table's headings and cells, px (Streamlit's small text at the app's base size)."""

PADDING_PX = 19
"""Room that a cell leaves around its text, px."""

_NARROW, _WIDE = frozenset("iljtfrI.,:;'!|()[] /-"), frozenset("mwMWOQGDHN%@×±✓✕")
_EM_NARROW, _EM_WIDE, _EM_CAPITAL, _EM_OTHER = 0.36, 0.92, 0.68, 0.58


def text_px(text: str) -> float:
    """Width of a text in a table, px; rather too wide than too narrow, since fonts differ between computers."""
    return HEAD_PX * sum(_em(letter) for letter in text)


def _em(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF" or letter in "“”‘’…":
        return 1.0
    if letter in _NARROW:
        return _EM_NARROW
    if letter in _WIDE:
        return _EM_WIDE
    return _EM_CAPITAL if letter.isupper() else _EM_OTHER


def column_px(head: str, *, least: int = 0, cells: Iterable[str] = ()) -> int:
    """Width of a column in which its heading, and each of these cells, can be read whole, px.

    Parameters
    ----------
    head : str
        The heading.
    least : int
        Narrower it does not become, px: for figures.
    cells : iterable of str
        Words that stand in the column, where they are known.
    """
    longest = max([text_px(head), *(text_px(cell) for cell in cells)])
    return max(least, math.ceil(longest + PADDING_PX))
