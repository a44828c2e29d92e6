"""What a document says, before it has a form: headings, paragraphs, tables, pictures. Written as Word and as PDF alike.

Both writers take the same `Document`, so both say the same. Texts are plain: whatever stands in them is a text and nothing else.
Characters that no document may hold are taken out where a text comes in (`reports.safe`).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from reports.safe import plain_text as clean

TONES = ("", "pass", "verify", "fail", "strong", "muted", "alarm")
"""How a text stands out: by verdict, by weight, quietly, or as what asks for action."""
SIDES = ("left", "right", "center")
STYLES = ("body", "lead", "note", "title", "seal")

@dataclass(frozen=True)
class Cell:
    """A text in a table, with how it stands out."""

    text: str
    tone: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))
        if self.tone not in TONES:
            raise ValueError(f"no tone {self.tone!r}; there are {', '.join(TONES)}")


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 or 2."""

    text: str
    level: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True)
class Paragraph:
    """A paragraph in one of `STYLES`: *lead* stands out, *note* is small, *title* and *seal* are for a notice."""

    text: str
    style: str = "body"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))
        if self.style not in STYLES:
            raise ValueError(f"no style {self.style!r}; there are {', '.join(STYLES)}")


@dataclass(frozen=True)
class Bullets:
    """A list without an order."""

    items: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(clean(item) for item in self.items))


@dataclass(frozen=True)
class Banner:
    """The one thing to see first: a word with its tone, a figure at its right, and a line below."""

    word: str
    tone: str
    figure: str = ""
    line: str = ""

    def __post_init__(self) -> None:
        for name in ("word", "figure", "line"):
            object.__setattr__(self, name, clean(getattr(self, name)))


@dataclass(frozen=True)
class Facts:
    """Names with their values, `columns` side by side."""

    pairs: tuple[tuple[str, str], ...]
    columns: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "pairs", tuple((clean(name), clean(value)) for name, value in self.pairs))


@dataclass(frozen=True)
class Table:
    """A table; a row of one cell is a heading over the whole width.

    `widths` are relative, `sides` say where each column's texts stand.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    sides: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "head", tuple(clean(text) for text in self.head))
        object.__setattr__(self, "sides", self.sides or ("left",) * len(self.head))
        if not len(self.head) == len(self.widths) == len(self.sides):
            raise ValueError(f"{len(self.head)} heads, {len(self.widths)} widths and {len(self.sides)} sides do not fit")
        if any(len(row) not in (1, len(self.head)) for row in self.rows):
            raise ValueError(f"each row needs {len(self.head)} cells, or 1 for a heading")


@dataclass(frozen=True)
class Picture:
    """A picture (PNG) with a caption, and what it shows in words for those who cannot see it. `width` is a share of the line."""

    png: bytes
    caption: str
    width: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "caption", clean(self.caption))


@dataclass(frozen=True)
class Row:
    """Pictures side by side; their widths are shares of the line."""

    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Signatures:
    """Places to sign: whose, with a line for the name, the seal and the date."""

    labels: tuple[str, ...]
    day: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(clean(label) for label in self.labels))


@dataclass(frozen=True)
class Break:
    """What follows begins a new page."""


@dataclass(frozen=True)
class Cover:
    """The first page: county, title, what it is about, and facts in rows."""

    over: str
    title: str
    subject: str
    facts: tuple[tuple[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        for name in ("over", "title", "subject"):
            object.__setattr__(self, name, clean(getattr(self, name)))
        object.__setattr__(self, "facts", tuple((clean(name), clean(value)) for name, value in self.facts))


Block = Heading | Paragraph | Bullets | Banner | Facts | Table | Picture | Row | Signatures | Break | Cover


@dataclass(frozen=True)
class Document:
    """A document in one language, dated; `running` stands at the head of its pages (empty: nothing does, nor page numbers)."""

    title: str
    language: str
    day: datetime.date
    blocks: tuple[Block, ...]
    running: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "running"):
            object.__setattr__(self, name, clean(getattr(self, name)))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures in their order."""
        found: list[Picture] = []
        for block in self.blocks:
            found += [block] if isinstance(block, Picture) else block.pictures if isinstance(block, Row) else []
        return tuple(found)
