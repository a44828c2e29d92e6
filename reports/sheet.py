"""One sheet of the workbook: title, table with frozen head and filter, formats by kind of figure, widths that fit Chinese."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.safe import cell_text, plain_text, shortened

FONT = "Microsoft YaHei"
_FINE, _OPEN, _BAD, _GREY = "#E2F3EC", "#F6D98B", "#DE9C80", "#E9E9E9"
FILLS = {
    "pass": _FINE, "verify": _OPEN, "fail": _BAD,
    "adequate": _FINE, "below_standard": _OPEN, "none": _BAD, "unknown": _GREY,
    "error": _BAD, "warning": _OPEN, "info": _GREY,
}
"""Fill by verdict, venue status or severity: the worse the darker, so that they are told apart in grey print and by colour-blind
eyes; light enough for black letters. The word stands in the cell beside the colour."""

NUMBER_FORMATS = {
    "text": "@", "count": "#,##0", "rank": "0", "score": "0.0", "share": "0.0%", "min": "0.0", "m": "#,##0.0", "m2": "#,##0.0",
    "people": "#,##0", "deg": "0.0", "degrees": "0.000000", "weight": "0.##", "value": "0.000", "name": "General", "order": "0",
}
"""Number format by kind of figure. ``name`` is a text that a formula yields: a cell formatted as text would show the formula."""
MAX_WIDTH = 60
HEAD_HEIGHT, LINE_HEIGHT, MAX_HEIGHT = 46, 15, 400
"""In points; a row cannot be higher than 409."""
MAX_HEADER = 120
SMALL_WIDTH = 14
"""Width of the figures' columns beside a table that is not what its sheet is for."""
A4 = 9


@dataclass(frozen=True)
class Heading:
    """One column of a sheet: its head, the kind of figure (`NUMBER_FORMATS`), a fixed width or None to fit, and whether to wrap."""

    text: str
    kind: str = "text"
    width: float | None = None
    wrap: bool = False


@dataclass(frozen=True)
class Formulas:
    """A column of formulas with the values they have now, so that a viewer that reckons nothing shows them too."""

    text: Callable[[int], str]
    """Formula, without the equals sign, for a row of the sheet as the spreadsheet counts it, from 1."""
    values: Sequence[object]

    def tolist(self) -> list:
        """The values as they are now; a missing one is None or NaN."""
        return list(self.values)


class OwnWorksheet(Worksheet):
    """A sheet whose formulas use functions of 2007 only, and need not be searched for later ones: ten times faster."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


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

    @property
    def entry(self) -> Format:
        """A figure that the reader may change."""
        return self.get(num_format=NUMBER_FORMATS["weight"], bg_color="#FFF7D6", font_color="#1F4E9E", bold=True, border=1,
                        border_color="#8A7A3A", align="right", valign="top")

    @property
    def warning(self) -> Format:
        return self.get(bold=True, font_color="#9C2A10")

    def cell(self, kind: str, *, fill: str | None = None, wrap: bool = False, top: bool = False) -> Format:
        """The format of a table cell by kind of figure, with a fill by verdict where given; `top` for rows of several lines."""
        extra: dict[str, object] = {"num_format": NUMBER_FORMATS[kind], "border": 1, "border_color": "#D9D9D9"}
        if fill in FILLS:
            extra["bg_color"] = FILLS[fill]
        if wrap:
            extra["text_wrap"] = True
        if top:
            extra["valign"] = "top"
        extra |= {"align": "left", "indent": 1} if kind in ("text", "name") else {
            "align": "center" if kind in ("rank", "order") else "right"}
        return self.get(**extra)


def text_width(text: object) -> int:
    """Width of a text in columns of Latin letters: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in str(text))


def put_text(sheet: Worksheet, row: int, column: int, text: object, style: Format | None = None) -> None:
    """Write a text as a text, whatever it holds (`reports.safe`)."""
    sheet.write_string(row, column, cell_text(text), style)


def prepare(sheet: Worksheet, *, title: str, styles: Styles, header: str) -> None:
    """Title in the first row, and a page that prints on landscape A4 in full width with page numbers."""
    sheet.hide_gridlines(2)
    sheet.set_row(0, 28)
    put_text(sheet, 0, 0, title, styles.title)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
    sheet.set_header(f"&L&A&R{_in_header(header)}")
    sheet.set_footer("&C&P / &N")


def _in_header(text: str) -> str:
    """A text for the head of a page, where ``&`` begins a command and little room is left."""
    return shortened(plain_text(text), MAX_HEADER).replace("&", "&&")


def write_table(
    sheet: Worksheet, top: int, headings: Sequence[Heading], columns: Sequence[pd.Series | Formulas], styles: Styles, *,
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
        One heading per column of values or formulas; all columns have the same length.
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
    widths = [heading.width or _fitting(heading, column) for heading, column in zip(headings, texts, strict=True)]
    if listing:
        for position, width in enumerate(widths):
            sheet.set_column(position, position, width)
        sheet.set_row(top, HEAD_HEIGHT)
        sheet.freeze_panes(top + 1, 0)
        sheet.repeat_rows(top)
        sheet.autofilter(top, 0, top + max(count, 1), len(headings) - 1)
    elif len(headings) > 1:   # of a small table the first column is wide, the others share a width
        sheet.set_row(top, LINE_HEIGHT * max(lines_of(heading.text, SMALL_WIDTH) for heading in headings[1:]) + 3)
    for position, heading in enumerate(headings):
        put_text(sheet, top, position, heading.text, styles.head)
    wrapping = [(column, width) for heading, column, width in zip(headings, texts, widths, strict=True) if heading.wrap]
    _heights(sheet, top + 1, wrapping)
    tall = any(heading.wrap for heading in headings)
    for position, (heading, column) in enumerate(zip(headings, columns, strict=True)):
        formats = _formats(heading, (fills or {}).get(position), count, styles, top=tall)
        _write_column(sheet, top + 1, position, texts[position], formats, column.text if isinstance(column, Formulas) else None)
    return top + 1 + count


def _write_column(
    sheet: Worksheet, first: int, position: int, cells: list[str | float | None], formats: list[Format],
    formula: Callable[[int], str] | None,
) -> None:
    for row, (value, style) in enumerate(zip(cells, formats, strict=True), start=first):
        if formula is not None:
            sheet.write_formula(row, position, "=" + formula(row + 1), style, "" if value is None else value)
        elif value is None:
            sheet.write_blank(row, position, None, style)
        elif isinstance(value, str):
            sheet.write_string(row, position, value, style)
        else:
            sheet.write_number(row, position, value, style)


def _cell(value: object, kind: str, unreachable: str) -> str | float | None:
    if isinstance(value, str):
        return cell_text(value)
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, int | float) and kind != "text":
        return unreachable if math.isinf(value) else value
    return cell_text(value)


def _heights(sheet: Worksheet, first: int, wrapping: list[tuple[list, float]]) -> None:
    """Rows as high as their longest text needs: not every spreadsheet finds out for itself."""
    for row, cells in enumerate(zip(*(column for column, _ in wrapping), strict=True), start=first):
        lines = max(lines_of(value, width) for value, (_, width) in zip(cells, wrapping, strict=True))
        if lines > 1:
            sheet.set_row(row, min(LINE_HEIGHT * lines + 3, MAX_HEIGHT))


def lines_of(text: object, width: float) -> int:
    """Lines that a text takes in a cell of a width; a little more than it needs where words break."""
    if text is None:
        return 1
    return sum(max(1, math.ceil(text_width(line) * 1.03 / max(width - 2, 1))) for line in str(text).split("\n"))


def _formats(heading: Heading, keys: pd.Series | None, count: int, styles: Styles, *, top: bool) -> list[Format]:
    if keys is None:
        return [styles.cell(heading.kind, wrap=heading.wrap, top=top)] * count
    fills = [key if isinstance(key, str) else None for key in keys.tolist()]
    return [styles.cell(heading.kind, fill=fill, wrap=heading.wrap, top=top) for fill in fills]


def _fitting(heading: Heading, column: list) -> float:
    """Width for the widest of the first cells, and for a head in one line or broken over about three."""
    known = [value for value in column[:2000] if value is not None]
    shown = (f"{value:,.1f}" if isinstance(value, float) else str(value)[:MAX_WIDTH] for value in known)
    widest = max(map(text_width, shown), default=0)
    head = text_width(heading.text)
    return float(min(max(widest + 3, head + 2 if head <= 14 else math.ceil(head / 2.2) + 3, 8), MAX_WIDTH))
