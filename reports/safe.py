"""Names from the data stay names: the one place that says how a text enters a table, a page, a script or a document.

A name may hold anything: a formula, a tag, a control character, marks that turn the direction of reading, ten thousand letters.
What leaves the house shows it as it reads and never runs it.

===================  ==============================================================================================
into                 by
===================  ==============================================================================================
CSV                  `safe_text` (all of `reports.csv_text` does)
a workbook's cell    `cell_text`, written as a string; never `Worksheet.write`, which guesses
HTML, tooltip, SVG   `html_text`, for text and for attributes in quotes
a script in a page   `script_json`
Word, PDF, picture   `plain_text` (for a markup of its own, as reportlab's paragraphs have: `html_text`)
a file's name        `layers.uploads.safe_name`
===================  ==============================================================================================
"""

from __future__ import annotations

import html
import json
import re

import pyarrow as pa
import pyarrow.compute as pc

_HIDDEN = (
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f"       # control characters but tab and line ends
    "\x80-\x9f\u061c\u200e\u200f\u202a-\u202e"     # more of them; marks that turn the direction of reading
    "\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"  # isolates, byte-order mark, interlinear marks, no characters at all
    "\U000e0000-\U000e007f"                        # invisible tags
)
HIDDEN = f"[{_HIDDEN}]"
"""Characters that show nothing and do harm: a pattern for `re` and for Arrow alike."""

FORMULA = "^[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"
"""How a text begins that some spreadsheet takes for a formula, the full-width signs of Chinese keyboards included."""

NUMBER = r"^[+\-]?\d+(\.\d+)?$"
"""Plain numbers with a sign are no formulas."""

MAX_CELL = 32_767
"""Letters (of 16 bits) that a cell of a workbook can hold."""

_hidden = re.compile(f"[{_HIDDEN}\ud800-\udfff]")
_breaks = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def plain_text(text: object, *, lines: bool = False) -> str:
    """A text without hidden characters; every document can hold what remains.

    Parameters
    ----------
    text : object
        Turned into a text where it is none.
    lines : bool
        Whether line ends and tabs stay (line ends as ``\\n``); without it each becomes a space.

    Examples
    --------
    >>> plain_text("Qing\\u202eshi\\x00\\nvillage"), plain_text("a\\r\\nb", lines=True)
    ('Qingshi village', 'a\\nb')
    """
    given = str(text)
    if given.isprintable():
        return given
    whole = _hidden.sub("", _breaks.sub("\n", given))
    return whole if lines else re.sub("[\n\t]", " ", whole)


def shortened(text: str, limit: int) -> str:
    """A text of at most `limit` letters, the last an ellipsis where some had to go.

    Examples
    --------
    >>> shortened("village", 7), shortened("village", 4)
    ('village', 'vil…')
    """
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def cell_text(text: object) -> str:
    """A text for a workbook's cell, to be written as a string: no hidden characters, at most `MAX_CELL` letters."""
    whole = plain_text(text, lines=True)
    if len(whole) * 2 <= MAX_CELL or len(whole.encode("utf-16-le")) // 2 <= MAX_CELL:
        return whole
    return whole.encode("utf-16-le")[: 2 * (MAX_CELL - 1)].decode("utf-16-le", "ignore") + "…"


def html_text(text: object, *, limit: int | None = None) -> str:
    """A text for HTML or XML, between tags or in an attribute in quotes: nothing in it is markup.

    Parameters
    ----------
    text : object
        Turned into a text where it is none.
    limit : int, optional
        Letters shown at most, as in a tooltip.

    Examples
    --------
    >>> html_text('"><b>&'), html_text("{{ 1 }}")
    ('&quot;&gt;&lt;b&gt;&amp;', '&#123;&#123; 1 &#125;&#125;')
    """
    whole = plain_text(text, lines=True)
    shown = html.escape(whole if limit is None else shortened(whole, limit), quote=True)
    return shown.replace("{", "&#123;").replace("}", "&#125;").replace("`", "&#96;")   # no template fills it in afterwards


def script_json(value: object) -> str:
    """A value as JSON that can stand in a ``<script>`` of a page: nothing in it ends the script or begins a comment.

    Raises
    ------
    ValueError
        For a number that JSON does not know: not a number, infinite.

    Examples
    --------
    >>> script_json({"name": "</script>"})
    '{"name":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return re.sub(_hidden, lambda found: f"\\u{ord(found[0]):04x}" if ord(found[0]) < 0x10000 else "", text)


def safe_text(texts: pa.Array) -> pa.Array:
    """Texts that no spreadsheet takes for a formula: a leading apostrophe where one would, unless the text is a plain number.

    Hidden characters go first, so that none of them stands before a formula.

    Parameters
    ----------
    texts : pyarrow.Array
        Strings; missing ones stay missing.
    """
    hidden = pc.match_substring_regex(texts, HIDDEN)
    if pc.any(hidden).as_py():
        texts = pc.replace_substring_regex(texts, HIDDEN, "")
    risky = pc.match_substring_regex(texts, FORMULA)
    if not pc.any(risky).as_py():
        return texts
    number = pc.match_substring_regex(texts, NUMBER)
    kind = texts.type
    marked = pc.binary_join_element_wise(pa.scalar("'", kind), texts, pa.scalar("", kind))
    return pc.if_else(pc.and_(risky, pc.invert(number)), marked, texts)
