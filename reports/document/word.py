"""A document as Word (.docx). Its fonts are named, East Asian ones too, so that Word shows Chinese as it should."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from docx import Document as new_docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor

from layers.words import say
from reports.document.model import (
    Banner,
    Block,
    Break,
    Bullets,
    Cell,
    Cover,
    Document,
    Facts,
    Heading,
    Paragraph,
    Picture,
    Row,
    Signatures,
    Table,
)
from reports.document.pdf import day_parts

LATIN, EAST_ASIAN = "Calibri", "Microsoft YaHei"
TONES = {"pass": "0B6470", "verify": "8F5B08", "fail": "5C6568", "strong": "1F2A2E", "muted": "5C6568", "alarm": "A8320F"}
WASHES = {"pass": "E3F1EF", "verify": "FBF0DA", "fail": "EBEDEE", "strong": "EEF2F0", "muted": "EEF2F0", "alarm": "FBE6DE"}
_SIDES = {"left": WD_ALIGN_PARAGRAPH.LEFT, "right": WD_ALIGN_PARAGRAPH.RIGHT, "center": WD_ALIGN_PARAGRAPH.CENTER}
_LINE = "C9CECB"
_ACCENT, _QUIET = "0B6470", "5C6568"
_SHORT_TABLE = 14
_WIDTH = Cm(17)
"""Of the text: A4 less its margins."""


def docx_bytes(document: Document) -> bytes:
    """A document as a Word file. The same document gives the same bytes."""
    file = new_docx()
    _set_up(file, document)
    before: Block | None = None
    for block in document.blocks:
        anew = isinstance(before, Break | Cover)
        if anew and not isinstance(block, Heading):
            file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        if not isinstance(block, Break):
            _WRITERS[type(block)](file, block)
        if anew and isinstance(block, Heading):   # not a break of its own, which may fall on a page of its own
            file.paragraphs[-1].paragraph_format.page_break_before = True
        before = block
    _about(file, document)
    stream = io.BytesIO()
    file.save(stream)
    return _timeless(stream.getvalue())


# ------------------------------------------------------------------------------------------------------------------- the page
def _set_up(file: Any, document: Document) -> None:
    small = not document.running
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = (Cm(1.6), Cm(1.3)) if small else (Cm(2.2), Cm(2))
    for name, size, colour, before, after in (
        ("Normal", 11.5 if small else 10, "1F2A2E", 0, 5), ("Heading 1", 14, _ACCENT, 14, 6), ("Heading 2", 11, "1F2A2E", 10, 4),
        ("List Bullet", 10, "1F2A2E", 0, 3), ("Caption", 8.5, _QUIET, 2, 6), ("Title", 26, _ACCENT, 6, 6),
    ):
        style = file.styles[name] if name in file.styles else file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.font.size, style.font.color.rgb = Pt(size), RGBColor.from_string(colour)
        style.font.bold = name.startswith(("Heading", "Title"))
        style.font.italic = False
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.line_spacing = 1.0 if name.startswith(("Title", "Heading")) else 1.15
        _fonts(style.element.get_or_add_rPr(), document.language)
    for border in file.styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)
    _edge(file.styles["Heading 1"].element.get_or_add_pPr(), "bottom", _ACCENT, 8)
    if not small:
        _head_and_foot(section, document)


def _head_and_foot(section: Any, document: Document) -> None:
    section.different_first_page_header_footer = any(isinstance(block, Cover) for block in document.blocks)
    section.header_distance = section.footer_distance = Cm(1.1)
    head = section.header.paragraphs[0]
    head.style = "Normal"   # the template's own style has tab stops in the way
    head.paragraph_format.tab_stops.add_tab_stop(_WIDTH, alignment=2)
    _run(head, f"{document.running}\t{say('document.day', document.language, **day_parts(document.day))}", size=8, colour=_QUIET)
    _edge(head._p.get_or_add_pPr(), "bottom", _LINE, 4)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(foot, "PAGE")
    _run(foot, " / ", size=8, colour=_QUIET)
    _field(foot, "NUMPAGES")


def _about(file: Any, document: Document) -> None:
    moment = datetime.datetime.combine(document.day, datetime.time())
    about = file.core_properties
    about.title, about.author, about.last_modified_by, about.comments = document.title, "Cunzhi", "Cunzhi", ""
    about.created = about.modified = moment
    about.language = "zh-CN" if document.language == "zh" else "en-GB"
    about.revision = 1


def _timeless(packed: bytes) -> bytes:
    """The same package with one date on all its parts, so that equal documents are equal files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name), before.read(name), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


# --------------------------------------------------------------------------------------------------------------------- pieces
def _fonts(properties: Any, language: str) -> None:
    """Fonts for Latin and for East Asian characters, and the language of the text."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", EAST_ASIAN)):
        fonts.set(qn(f"w:{name}"), value)
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), "en-GB")
    spoken.set(qn("w:eastAsia"), "zh-CN")
    properties.append(spoken)


def _run(paragraph: Any, text: str, *, size: float | None = None, colour: str | None = None, bold: bool = False) -> Any:
    run = paragraph.add_run(text)
    run.bold = bold or None
    if size is not None:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = RGBColor.from_string(colour)
    return run


def _field(paragraph: Any, code: str) -> None:
    for kind in ("begin", "", "separate", "shown", "end"):
        run = _run(paragraph, "1" if kind == "shown" else "", size=8, colour=_QUIET)
        if kind == "shown":
            continue
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = code
        run._r.append(part)


def _edge(properties: Any, side: str, colour: str, eighths: int) -> None:
    """A line at one side of a paragraph."""
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.append(borders)
    edge = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "3"), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)
    order = ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "pBdr", "shd", "tabs", "spacing", "ind", "jc", "outlineLvl")
    found = {child.tag: child for child in properties}
    for name in order:   # Word wants them in this order
        child = found.get(qn(f"w:{name}"))
        if child is not None:
            properties.remove(child)
            properties.append(child)


def _grid(file: Any, rows: int, widths: Sequence[float], *, edges: Mapping[str, str | None]) -> Any:
    """A table over the whole width; `edges` gives each of top, left, bottom, right, insideH, insideV its colour or None."""
    table = file.add_table(rows=rows, cols=len(widths))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        edge = OxmlElement(f"w:{side}")
        colour = edges.get(side)
        for name, value in (("val", "single" if colour else "nil"), ("sz", "4"), ("space", "0"), ("color", colour or "auto")):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    table._tbl.tblPr.append(borders)
    total = sum(widths)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Emu(int(_WIDTH * width / total))
        for cell in column.cells:
            cell.width = Emu(int(_WIDTH * width / total))
    return table


def _fill(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _write(
    cell: Any, said: Cell | str, *, side: str = "left", size: float = 8.5, bold: bool = False, colour: str | None = None
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = _SIDES[side]
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(1.5)
    paragraph.paragraph_format.line_spacing = 1.0
    if isinstance(said, str):
        _run(paragraph, said, size=size, bold=bold, colour=colour)
    else:
        _run(paragraph, said.text, size=size, bold=said.tone not in ("", "muted"), colour=TONES.get(said.tone))


def _after(file: Any, points: float = 4) -> None:
    """A little room after a table, which has none of its own."""
    gap = file.add_paragraph()
    gap.paragraph_format.space_after = gap.paragraph_format.space_before = Pt(0)
    gap.paragraph_format.line_spacing = Pt(points)


# --------------------------------------------------------------------------------------------------------------------- blocks
def _heading(file: Any, block: Heading) -> None:
    file.add_paragraph(block.text, style=f"Heading {block.level}").paragraph_format.keep_with_next = True


def _paragraph(file: Any, block: Paragraph) -> None:
    paragraph = file.add_paragraph()
    if block.style == "title":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(paragraph, block.text, size=19, bold=True, colour=TONES["alarm"])
    elif block.style == "note":
        _run(paragraph, block.text, size=8.5, colour=_QUIET)
    else:
        if block.style == "seal":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _run(paragraph, block.text, size=10.5 if block.style == "lead" else None)


def _bullets(file: Any, block: Bullets) -> None:
    for item in block.items:
        file.add_paragraph(item, style="List Bullet")


def _banner(file: Any, block: Banner) -> None:
    table = _grid(file, 1, (0.66, 0.34), edges={"left": TONES[block.tone]})
    left, right = table.rows[0].cells
    for cell in (left, right):
        _fill(cell, WASHES[block.tone])
    _write(left, block.word, size=14, bold=True, colour=TONES[block.tone])
    _write(right, block.figure, size=14, bold=True, colour=TONES[block.tone], side="right")
    if block.line:
        below = table.add_row().cells
        merged = below[0].merge(below[1])
        _fill(merged, WASHES[block.tone])
        _write(merged, block.line, size=9)
    _after(file)


def _facts(file: Any, block: Facts) -> None:
    rows = -(-len(block.pairs) // block.columns)
    table = _grid(
        file, rows, (1,) * block.columns, edges=dict.fromkeys(("top", "left", "bottom", "right", "insideH", "insideV"), _LINE)
    )
    for place, (name, value) in enumerate(block.pairs):
        cell = table.cell(place // block.columns, place % block.columns)
        _write(cell, name, size=7.5, colour=_QUIET)
        more = cell.add_paragraph()
        more.paragraph_format.space_after = Pt(1.5)
        _run(more, value, size=9)
    _after(file)


def _table(file: Any, block: Table) -> None:
    table = _grid(file, 1 + len(block.rows), block.widths, edges={"top": "1F2A2E", "bottom": _LINE, "insideH": _LINE})
    for cell, text, side in zip(table.rows[0].cells, block.head, block.sides, strict=True):
        _fill(cell, "EEF2F0")
        _write(cell, text, side=side, bold=True)
    _mark(table.rows[0], "w:tblHeader")
    for line, row in zip(list(table.rows)[1:], block.rows, strict=True):
        _mark(line, "w:cantSplit")
        cells = line.cells
        if len(row) == 1 and len(cells) > 1:
            merged = cells[0].merge(cells[-1])
            _fill(merged, "EEF2F0")
            _write(merged, row[0])
            continue
        for cell, said, side in zip(cells, row, block.sides, strict=True):
            _write(cell, said, side=side)
    if len(block.rows) <= _SHORT_TABLE:   # stays on one page
        for paragraph in (cell.paragraphs[0] for line in list(table.rows)[:-1] for cell in line.cells):
            paragraph.paragraph_format.keep_with_next = True
    _after(file)


def _mark(row: Any, tag: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(tag))


def _show(paragraph: Any, picture: Picture, width: int) -> None:
    shape = paragraph.add_run().add_picture(io.BytesIO(picture.png), width=Emu(width))
    shape._inline.docPr.set("descr", picture.caption)   # what it shows, for a screen reader
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_after = Pt(0)


def _picture(file: Any, block: Picture) -> None:
    paragraph = file.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _show(paragraph, block, int(_WIDTH * block.width))
    caption = file.add_paragraph(block.caption, style="Caption")
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _row(file: Any, block: Row) -> None:
    total = sum(one.width for one in block.pictures)
    table = _grid(file, 1, [one.width for one in block.pictures], edges={})
    for cell, one in zip(table.rows[0].cells, block.pictures, strict=True):
        _show(cell.paragraphs[0], one, int(_WIDTH * one.width / total) - Cm(0.35))
        caption = cell.add_paragraph(one.caption, style="Caption")
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _after(file)


def _signatures(file: Any, block: Signatures) -> None:
    edges = dict.fromkeys(("top", "left", "bottom", "right", "insideH", "insideV"), _LINE)
    table = _grid(file, 3, (1,) * len(block.labels), edges=edges)
    table.rows[1].height = Cm(2)
    for column, label in enumerate(block.labels):
        _write(table.cell(0, column), label, size=9, bold=True)
        _write(table.cell(2, column), block.day, size=9, side="right", colour=_QUIET)
    for row in table.rows:
        _mark(row, "w:cantSplit")
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    _after(file)


def _cover(file: Any, block: Cover) -> None:
    over = file.add_paragraph()
    over.paragraph_format.space_before = Pt(150)
    _run(over, block.over, size=14, colour=_QUIET)
    file.add_paragraph(block.title, style="Title")
    subject = file.add_paragraph()
    subject.paragraph_format.space_after = Pt(60)
    _run(subject, block.subject, size=15)
    table = _grid(file, len(block.facts), (1, 4), edges={"insideH": _LINE, "bottom": _LINE})
    for row, (name, value) in zip(table.rows, block.facts, strict=True):
        _write(row.cells[0], name, size=10, colour=_QUIET)
        _write(row.cells[1], value, size=10)


_WRITERS: dict[type[Block], Callable[[Any, Any], None]] = {
    Heading: _heading, Paragraph: _paragraph, Bullets: _bullets, Banner: _banner, Facts: _facts, Table: _table, Picture: _picture,
    Row: _row, Signatures: _signatures, Cover: _cover,
}
