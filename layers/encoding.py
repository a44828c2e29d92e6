"""In which encoding a text file is written, decided from its bytes and never from what its header claims."""

from __future__ import annotations

import struct
from pathlib import Path

SAMPLE_ROWS = 20_000
"""Rows of a DBF that are looked at; one row with Chinese in it is enough."""


def text_encoding(data: bytes) -> str | None:
    """Encoding of a text: ``utf-8-sig``, ``utf-8``, ``gb18030``, ``utf-16`` with its mark, or None where it is none of them.

    Examples
    --------
    >>> text_encoding("村".encode("gbk")), text_encoding("村".encode()), text_encoding(b"\\xff\\xff\\xff")
    ('gb18030', 'utf-8', None)
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))   # Excel's "Unicode text"
    for encoding in ("utf-16",) if marked else ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def dbf_encoding(path: Path) -> str | None:
    """Encoding of the texts of a DBF: ``UTF-8``, ``GB18030``, ``ASCII``, or None where they are none of these.

    Field names and the text columns are read as bytes: what decodes strictly as UTF-8 is UTF-8, else it is GB18030. The .cpg file
    and the language byte (LDID) are not asked; they are wrong too often (data-conventions 3.3).

    Parameters
    ----------
    path : Path
        The .dbf file.
    """
    with path.open("rb") as file:
        head = file.read(32)
        if len(head) < 32:
            return None
        rows, head_length, row_length = struct.unpack("<IHH", head[4:12])
        fields = file.read(max(head_length - 32, 0))
        body = file.read(row_length * min(rows, SAMPLE_ROWS))
    spans, names, start = [], [], 1
    for offset in range(0, len(fields) - 31, 32):
        entry = fields[offset : offset + 32]
        if entry[0] == 0x0D:
            break
        names.append(entry[:11].split(b"\0")[0])
        if entry[11:12] == b"C":
            spans.append((start, start + entry[16]))
        start += entry[16]
    texts = {name for name in names if not name.isascii()}
    if row_length and not body.isascii():
        for row in range(0, len(body) - row_length + 1, row_length):
            record = body[row : row + row_length]
            if not record.isascii():
                texts.update(record[a:b] for a, b in spans if not record[a:b].isascii())
    if not texts:
        return "ASCII"
    if all(_decodes(text, "utf-8") for text in texts):
        return "UTF-8"
    return "GB18030" if all(_decodes(text, "gb18030") for text in texts) else None


def _decodes(text: bytes, encoding: str) -> bool:
    """A text cut by the width of its field may have lost the tail of its last character."""
    try:
        text.rstrip(b" \0").decode(encoding)
    except UnicodeDecodeError as error:
        return error.reason in ("unexpected end of data", "incomplete multibyte sequence") and len(text) - error.start < 4
    return True
