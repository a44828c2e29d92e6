"""The compared sites on one drawing: what share of each group's points each of them has reached, as a parallel plot."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from geo.scenario import GROUPS
from layers.words import say
from reports.measure_rows import MeasureRow, group_points
from ui.components.charts import FONT
from ui.components.formats import number

LETTERS = ("A", "B", "C", "D")
"""What the sites are called on the page, in the order of their columns: short enough to be said in a meeting."""
LETTER_COLOURS = ("#0b6470", "#c8431f", "#5b4a8a", "#8a5a00")
"""One for each letter; each site also carries its letter, so none is told by colour alone."""
_DARK_COLOURS = ("#5fb6c1", "#f08a6b", "#b3a4e0", "#e0b458")


def chip(place: int) -> str:
    """The letter of a column as HTML, on its colour."""
    return f'<span class="cz-chip" style="background:{LETTER_COLOURS[place]}">{LETTERS[place]}</span>'


def reached(rows: Sequence[MeasureRow]) -> dict[str, float | None]:
    """Share 0..1 of its possible points that each group has reached; None where nothing of it is known."""
    return {one.group: one.points / (one.points + one.left) if one.points + one.left > 0 else None for one in group_points(rows)}


@dataclass(frozen=True)
class _Frame:
    """Where things stand on the plot, in its own pixels."""

    font: float
    left: float
    right: float
    top: float
    row: float
    """Height of a group's row."""
    step: float
    """Between two sites in a row."""

    def x(self, share: float) -> float:
        return self.left + share * (self.right - self.left)

    def y(self, row: int) -> float:
        return self.top + (row + 0.5) * self.row


def parallel_svg(
    sites: Sequence[Sequence[MeasureRow]], language: str, *, font_px: float = 13, width_px: int = 620, dark: bool = False,
) -> str:
    """A line per site through the groups, best at the right, as SVG.

    Parameters
    ----------
    sites : sequence
        Rows of `measures_view.measure_rows` of one to four sites, in the order of their columns.
    font_px, width_px
        Of the drawing in its own pixels.
    dark : bool
        For a dark ground.
    """
    shares = [reached(rows) for rows in sites]
    names = {group: say(f"criteria.group.{group}", language) for group in GROUPS if any(group in one for one in shares)}
    left = max(_width(name, font_px) for name in names.values()) + 1.6 * font_px
    row = (1.7 + 0.9 * max(len(sites) - 1, 1)) * font_px
    frame = _Frame(font_px, left, width_px - 1.6 * font_px, 2.0 * font_px, row, font_px)
    parts = _grid(frame, list(names.values()), dark)
    lines, dots = [], []
    for place, one in enumerate(shares):
        shift = (place - (len(shares) - 1) / 2) * frame.step
        points = [(one.get(group), frame.y(at) + shift) for at, group in enumerate(names)]
        lines += _lines(frame, points, (_DARK_COLOURS if dark else LETTER_COLOURS)[place])
        dots += _dots(frame, points, place, dark)
    height = frame.top + row * len(names) + 0.4 * font_px
    size = f'viewBox="0 0 {width_px} {height:.0f}" width="{width_px}" height="{height:.0f}"'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'font-family="{escape(FONT)}">{"".join((*parts, *lines, *dots))}</svg>')


def _grid(frame: _Frame, names: Sequence[str], dark: bool) -> list[str]:
    ink, faint = ("#f2f4f4", "#6d7678") if dark else ("#1f2a2e", "#b9c0bd")
    thin = f'stroke="{faint}" stroke-width="1"'
    bottom = frame.top + frame.row * len(names)
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = frame.x(share)
        parts.append(f'<line x1="{x:.1f}" y1="{frame.top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}" {thin}/>')
        if share in (0, 0.5, 1):
            parts.append(_text(f"{100 * share:.0f} %", x, frame.top - 0.6 * frame.font, frame.font, ink, anchor="middle"))
    for at, name in enumerate(names):
        y = frame.y(at)
        parts.append(f'<line x1="{frame.left:.1f}" y1="{y:.1f}" x2="{frame.right:.1f}" y2="{y:.1f}" {thin}/>')
        parts.append(_text(name, frame.left - 1.1 * frame.font, y + 0.36 * frame.font, frame.font, ink, anchor="end"))
    return parts


def _lines(frame: _Frame, points: Sequence[tuple[float | None, float]], colour: str) -> list[str]:
    """From group to group, with a gap where one is unknown."""
    look = f'stroke="{colour}" stroke-width="{0.16 * frame.font:.1f}" stroke-opacity="0.75"'
    return [f'<line x1="{frame.x(a):.1f}" y1="{y1:.1f}" x2="{frame.x(b):.1f}" y2="{y2:.1f}" {look}/>'
            for (a, y1), (b, y2) in pairwise(points) if a is not None and b is not None]


def _dots(frame: _Frame, points: Sequence[tuple[float | None, float]], place: int, dark: bool) -> list[str]:
    size, letter, parts = frame.font, LETTERS[place], []
    colour = (_DARK_COLOURS if dark else LETTER_COLOURS)[place]
    for share, y in points:
        if share is None:
            parts.append(_text(f"{letter} ?", frame.left + 0.4 * size, y + 0.36 * size, 0.9 * size, colour, anchor="start"))
            continue
        x = frame.x(share)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{0.66 * size:.1f}" fill="{LETTER_COLOURS[place]}" stroke="#ffffff"/>')
        parts.append(_text(letter, x, y + 0.33 * size, 0.92 * size, "#ffffff", anchor="middle", bold=True))
    return parts


def parallel_html(
    sites: Mapping[str, Sequence[MeasureRow]], language: str, *, font_px: float = 13, width_px: int = 620, dark: bool = False,
) -> str:
    """`parallel_svg` as a picture on a page, with its figures as the text that stands for it."""
    drawn = parallel_svg(list(sites.values()), language, font_px=font_px, width_px=width_px, dark=dark)
    return picture(drawn, spoken(sites, language), css="cz-plot")


def spoken(sites: Mapping[str, Sequence[MeasureRow]], language: str) -> str:
    """The drawing in words, for those who cannot see it."""
    lines = []
    for letter, (head, rows) in zip(LETTERS, sites.items(), strict=False):
        said = [f"{say(f'criteria.group.{group}', language)} "
                + (say("criteria.state.unknown", language) if share is None else f"{number(100 * share)} %")
                for group, share in reached(rows).items()]
        lines.append(f"{letter} {head}: {say('sites.list_comma', language).join(said)}")
    return "; ".join(lines)


def picture(svg: str, spoken: str, *, css: str) -> str:
    """An SVG as a picture of the page: Streamlit lets no SVG through into its HTML, but pictures."""
    data = b64encode(svg.encode("utf-8")).decode("ascii")
    return f'<img class="{css}" alt="{escape(spoken)}" src="data:image/svg+xml;base64,{data}">'


def _text(text: str, x: float, y: float, size: float, colour: str, *, anchor: str, bold: bool = False) -> str:
    heavy = ' font-weight="700"' if bold else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" fill="{colour}" text-anchor="{anchor}"{heavy}>'
            f"{escape(text)}</text>")


def _width(text: str, size: float) -> float:
    """About how wide a text is in pixels: an ideograph is as wide as high, a Latin letter a good half."""
    return sum(size * (1.0 if ord(letter) > 0x2E80 else 0.57) for letter in text)
