"""The way in to the documents: what there is, as which files, under which names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from layers.uploads import safe_name
from reports.document.county import county_document
from reports.document.errors import DocumentError, NoFontError
from reports.document.model import Document
from reports.document.notice import notice_document
from reports.document.parts import Subject
from reports.document.pdf import pdf_bytes
from reports.document.site import SHORT_SITES, best_sites, short_document, site_document
from reports.document.word import docx_bytes
from reports.writing import files_together

__all__ = [
    "FORMATS",
    "FORMS",
    "MIME",
    "SHORT_SITES",
    "Document",
    "DocumentError",
    "NoFontError",
    "Subject",
    "best_sites",
    "county_document",
    "docx_bytes",
    "file_name",
    "notice_document",
    "pdf_bytes",
    "short_document",
    "site_document",
    "write_documents",
    "written",
]

FORMS = ("full", "short", "notice")
"""Of a site: the whole report, one page, the notice for the village's board."""
FORMATS = ("docx", "pdf")
MIME = {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf"}
_WRITERS = {"docx": docx_bytes, "pdf": pdf_bytes}


def written(document: Document, format: str) -> bytes:
    """A document as a file of one of `FORMATS`. Equal documents give equal bytes.

    Raises
    ------
    NoFontError
        For a PDF where no font with Chinese characters is found.
    """
    return _WRITERS[format](document)


def file_name(subject: Subject, form: str, *, village: str = "") -> str:
    """Name of a document's file without its ending, fit for any disk; `form` is of `FORMS` or ``county``."""
    key = "site" if form == "full" else form
    return safe_name(subject.tell(f"file.{key}", county=subject.county.name, village=village).replace("/", "_").replace("\\", "_"))


def write_documents(document: Document, folder: Path, name: str, formats: Sequence[str] = FORMATS) -> tuple[Path, ...]:
    """Write a document in some formats, whole or not at all; the files' paths.

    Raises
    ------
    NoFontError
        For a PDF where no font with Chinese characters is found.
    OutputError
        Where the folder or a file in it cannot be written, such as one that is open in Word.
    """
    names = [f"{name}.{format}" for format in formats]
    with files_together(Path(folder)) as workshop:
        for one, format in zip(names, formats, strict=True):
            (workshop / one).write_bytes(written(document, format))
    return tuple(Path(folder) / one for one in names)
