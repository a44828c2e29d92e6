"""A document as PDF, its fonts embedded, set by Typst.

Typst and not ReportLab, because the Chinese fonts that may be passed on (Noto, Source Han) have CFF outlines and stand in
collections, which ReportLab cannot embed, and because it breaks lines between Chinese characters and Latin words as it should.
The content goes to it as data (JSON), so that no name is ever read as markup; the form stands in ``data/documents/report.typ``.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, cast

from layers.words import say
from reports.document.errors import FAMILIES, NoFontError
from reports.document.model import Block, Cell, Cover, Document, Picture, Row, Table
from reports.pictures import own_font

TEMPLATE = Path(__file__).resolve().parents[2] / "data" / "documents" / "report.typ"

TEXT_CM, LETTER_CM = 16.4, 0.19
"""Width of a table's text, and of a Latin letter in it."""
FIRST_CJK = "\u2e80"
"""From here on letters that a line may break between."""


@cache
def _fonts() -> tuple[Any, tuple[str, ...]]:
    """Typst's fonts and the names of the families to use, best first.

    Raises
    ------
    NoFontError
        Where none has Chinese characters.
    """
    import typst

    own = own_font()
    fonts = typst.Fonts(include_system_fonts=True, font_paths=[] if own is None else [str(own.parent)])
    at_hand = set(fonts.families())
    found = tuple(name for name in FAMILIES if name in at_hand)
    if not found:
        raise NoFontError
    return fonts, found


def pdf_bytes(document: Document) -> bytes:
    """A document as PDF. The same document gives the same bytes on a machine.

    Raises
    ------
    NoFontError
        Where no font with Chinese characters is found.
    """
    import typst

    fonts, families = _fonts()
    folder = Path(tempfile.mkdtemp(prefix="cunzhi-"))
    try:
        content = {
            "title": document.title, "running": document.running, "fonts": families,
            "lang": document.language, "region": "cn" if document.language == "zh" else "gb",
            "day": [document.day.year, document.day.month, document.day.day],
            "dated": say("document.day", document.language, **day_parts(document.day)),
            "cover": any(isinstance(block, Cover) for block in document.blocks),
            "blocks": _blocks(document.blocks, folder),
        }
        (folder / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        shutil.copyfile(TEMPLATE, folder / TEMPLATE.name)
        moment = datetime.datetime.combine(document.day, datetime.time(), datetime.UTC)
        compiler = typst.Compiler(str(folder / TEMPLATE.name), root=str(folder), font_paths=fonts)
        return cast(bytes, compiler.compile(format="pdf", timestamp=moment))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def day_parts(day: datetime.date) -> dict[str, str]:
    """Year, month and day of a date, as texts to be filled in."""
    return {"year": str(day.year), "month": str(day.month), "day": str(day.day)}


def _blocks(blocks: tuple[Block, ...], folder: Path) -> list[dict[str, object]]:
    """Blocks as JSON has them; pictures become files beside it."""
    count = 0

    def written(picture: Picture) -> dict[str, object]:
        nonlocal count
        count += 1
        name = f"picture{count}.png"
        (folder / name).write_bytes(picture.png)
        return {"kind": "Picture", "file": name, "caption": picture.caption, "width": picture.width}

    found: list[dict[str, object]] = []
    for block in blocks:
        if isinstance(block, Picture):
            found.append(written(block))
        elif isinstance(block, Row):
            found.append({"kind": "Row", "pictures": [written(one) for one in block.pictures]})
        else:
            plain = _broken(block) if isinstance(block, Table) else block
            found.append({"kind": type(plain).__name__, **dataclasses.asdict(plain)})
    return found


def _broken(table: Table) -> Table:
    """The same table with places to break in words that are longer than their column: Latin ones would run into the next."""
    room = [max(int(TEXT_CM * width / sum(table.widths) / LETTER_CM), 4) for width in table.widths]

    def fitted(cell: Cell, letters: int) -> Cell:
        words = [word if len(word) <= letters or max(word) >= FIRST_CJK else
                 "\u200b".join(word[at:at + letters] for at in range(0, len(word), letters)) for word in cell.text.split(" ")]
        return dataclasses.replace(cell, text=" ".join(words))

    rows = tuple(tuple(map(fitted, row, room)) if len(row) == len(room) else row for row in table.rows)
    return dataclasses.replace(table, rows=rows)
