"""One sheet of the workbook: title, table with frozen head and filter, formats by kind of figure, widths that fit Chinese."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FONT = "Microsoft YaHei"
FILLS = {
    "pass": "#CFE8E1", "verify": "#FFF0C2", "fail": "#F7CDBB",
    "adequate": "#CFE8E1", "below_standard": "#FFF0C2", "none": "#F7CDBB", "unknown": "#E4E4E4",
    "error": "#F7CDBB", "warning": "#FFF0C2", "info": "#E4E4E4",
}
"""Fill by verdict, venue status or severity; light enough for black print, apart for colour-blind eyes by lightness."""

NUMBER_FORMATS = {
    "text": "@", "count": "#,##0", "rank": "0", "score": "0.0", "share": "0.0%", "min": "0.0", "m": "#,##0.0", "m2": "#,##0.0",
    "people": "#,##0", "deg": "0.0", "degrees": "0.000000", "weight": "0.##", "value": "0.000",
}
MAX_WIDTH = 60
A4 = 9


@dataclass(frozen=True)
class Heading:
    """One column of a sheet: its head, the kind of figure (`NUMBER_FORMATS`), a fixed width or None to fit, and whether to wrap."""

    text: str
    kind: str = "text"
    width: float | None = None
    wrap: bool = False


@dataclass
class Styles:
    """The formats of one workbook, made once and shared: a workbook keeps every format it is given."""

    book: Workbook
    made: dict[tuple, Format] = field(default_factory=dict)

    def get(self, **properties: object) -> Format:
        """A format with these XlsxWriter properties on top of the house font."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({"font_name": FONT, "font_size": 10, "valign": "vcenter", **properties})
        return self.made[key]

    @property
    def title(self) -> Format:
        return self.get(bold=True, font_size=16)

    @property
    def note(self) -> Format:
        return self.get(font_color="#5A5A5A")

    @property
    def section(self) -> Format:
        return self.get(bold=True, font_size=12, bottom=1, bottom_color="#2F5D62")

    @property
    def head(self) -> Format:
        return self.get(
            bold=True, bg_color="#2F5D62", font_color="#FFFFFF", text_wrap=True, border=1, border_color="#B7B7B7", align="center",
        )

    def cell(self, kind: str, *, fill: str | None = None, wrap: bool = False) -> Format:
        """The format of a table cell by kind of figure, with a fill by verdict where given."""
        extra: dict[str, object] = {"num_format": NUMBER_FORMATS[kind], "border": 1, "border_color": "#D9D9D9"}
        if fill in FILLS:
            extra["bg_color"] = FILLS[fill]
        if wrap:
            extra |= {"text_wrap": True, "valign": "top"}
        if kind != "text":
            extra["align"] = "right"
        return self.get(**extra)


def text_width(text: object) -> int:
    """Width of a text in columns of Latin letters: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in str(text))


def prepare(sheet: Worksheet, *, title: str, styles: Styles, header: str) -> None:
    """Title in the first row, and a page that prints on landscape A4 in full width with page numbers."""
    sheet.hide_gridlines(2)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, title, styles.title)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_header("&R" + header.replace("&", "&&"))
    sheet.set_footer("&C&P / &N")


def write_table(
    sheet: Worksheet, top: int, headings: Sequence[Heading], columns: Sequence[pd.Series], styles: Styles, *,
    words: Mapping[str, str], fills: Mapping[int, pd.Series] | None = None, listing: bool = True,
) -> int:
    """Write a table and return the row below it.

    Parameters
    ----------
    sheet : Worksheet
        With a title already.
    top : int
        Row of the head, from 0.
    headings, columns : sequences
        One heading per column of values; all columns have the same length.
    styles : Styles
        Formats of the workbook.
    words : Mapping
        ``unreachable``: what stands for an infinite number. A missing value leaves the cell blank.
    fills : Mapping, optional
        Column position -> keys of `FILLS`, one per row.
    listing : bool
        Whether the table is what the sheet is for: head frozen and repeated in print, filter, column widths.
    """
    texts = [[_cell(value, heading.kind, words["unreachable"]) for value in column.tolist()]
             for heading, column in zip(headings, columns, strict=True)]
    count = len(texts[0]) if texts else 0
    if listing:
        for position, (heading, column) in enumerate(zip(headings, texts, strict=True)):
            sheet.set_column(position, position, heading.width or _fitting(heading, column))
        sheet.set_row(top, 46)
        sheet.freeze_panes(top + 1, 0)
        sheet.repeat_rows(top)
        sheet.autofilter(top, 0, top + max(count, 1), len(headings) - 1)
    for position, heading in enumerate(headings):
        sheet.write_string(top, position, heading.text, styles.head)
    formats = [_formats(heading, (fills or {}).get(position), count, styles) for position, heading in enumerate(headings)]
    for row in range(count):
        for position, column in enumerate(texts):
            value, style = column[row], formats[position][row]
            if value is None:
                sheet.write_blank(top + 1 + row, position, None, style)
            elif isinstance(value, str):
                sheet.write_string(top + 1 + row, position, value, style)
            else:
                sheet.write_number(top + 1 + row, position, value, style)
    return top + 1 + count


def _cell(value: object, kind: str, unreachable: str) -> str | float | None:
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, int | float) and kind != "text":
        return unreachable if math.isinf(value) else value
    return str(value)


def _formats(heading: Heading, keys: pd.Series | None, count: int, styles: Styles) -> list[Format]:
    if keys is None:
        return [styles.cell(heading.kind, wrap=heading.wrap)] * count
    return [styles.cell(heading.kind, fill=key if isinstance(key, str) else None, wrap=heading.wrap) for key in keys.tolist()]


def _fitting(heading: Heading, column: list) -> float:
    """Width for the widest of the first cells, and for a head broken over about three lines."""
    cells = (f"{value:,.1f}" if isinstance(value, float) else value for value in column[:2000] if value is not None)
    widest = max(map(text_width, cells), default=0)
    return float(min(max(widest + 2, math.ceil(text_width(heading.text) / 2.4) + 2, 8), MAX_WIDTH))
