"""Telling a browser's echo from a choice: a table drawn in another one's place may report the row that was chosen in that one.

A busy browser draws a new table where the old one stood and may tell the old one's selection as the new one's; it skips tables that
were replaced before it could draw them, so that what it tells may come from any that stood there a moment ago. No Streamlit here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

KEPT = 16
"""Tables remembered: more are not drawn in a moment."""


class Drawn(NamedTuple):
    """A table as it was drawn: its key, when (seconds of a steady clock), and the places of the rows chosen in it."""

    key: str
    at_s: float
    chosen: tuple[int, ...]


def noted(drawn: Sequence[Drawn], key: str, chosen: Sequence[int], now_s: float) -> tuple[Drawn, ...]:
    """What was drawn, the oldest first, with this drawing of a table; the same table drawn again keeps the time of its first."""
    last = drawn[-1] if drawn else None
    if last is not None and last.key == key:
        return (*drawn[:-1], last._replace(chosen=tuple(chosen)))
    return (*drawn[-KEPT + 1:], Drawn(key, now_s, tuple(chosen)))


def is_echo(drawn: Sequence[Drawn], key: str, rows: Sequence[int], now_s: float, moment_s: float) -> bool:
    """Whether a table that tells these rows as chosen merely repeats one that stood in its place until a moment ago.

    Examples
    --------
    >>> drawn = noted(noted(noted((), "a", [1], 0.0), "b", [5], 60.0), "c", [2], 60.2)
    >>> is_echo(drawn, "c", [5], 61.0, 3.0), is_echo(drawn, "c", [1], 61.0, 3.0), is_echo(drawn, "b", [1], 61.0, 3.0)
    (True, True, True)
    >>> is_echo(drawn, "c", [4], 61.0, 3.0), is_echo(drawn, "c", [5], 70.0, 3.0), is_echo(drawn, "a", [2], 61.0, 3.0)
    (False, False, False)
    """
    keys = [one.key for one in drawn]
    if key not in keys:
        return False
    at = len(keys) - 1 - keys[::-1].index(key)
    # a table stood there until the next one was drawn
    return any(now_s - after.at_s < moment_s and one.chosen == tuple(rows)
               for one, after in zip(drawn[:at], drawn[1:at + 1], strict=True))
